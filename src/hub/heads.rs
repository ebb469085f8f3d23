//! Heads of GGUF files, by ranges: as much as is needed, several files at once.

use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::answer::{RemoteFile, file_path};
use super::name::Repository;
use super::{Cancel, Hub, HubError};
use crate::files::FaultKind;
use crate::files::gguf::{Gguf, Header, Joined};
use crate::files::open::is_first_part;
use crate::language::tr;
use crate::units::Bytes;

/// Bytes of the first request; most heads with their vocabulary have 4 to 16 million.
const FIRST: u64 = 2 << 20;
/// Each further request is so many times as large as all before.
const GROWTH: u64 = 2;
/// More than this no head is given.
const MOST: u64 = 96 << 20;
/// Most parts of one model.
const MOST_PARTS: u32 = 1000;

/// What is told while heads are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Files whose head was read.
    pub done: usize,
    /// Files in all.
    pub of: usize,
    /// Bytes that were fetched.
    pub bytes: u64,
}

/// One quantization of a repository.
#[derive(Clone, Debug)]
pub struct Rung {
    /// Its file, or the first of its parts.
    pub file: String,
    /// Bytes of all its parts.
    pub bytes: Bytes,
    /// What its head says.
    pub gguf: Gguf,
}

impl Hub {
    /// Head of the first file of a model and, where it has parts, of all.
    pub(super) fn gguf(
        &self,
        repository: &Repository,
        file: &RemoteFile,
        listed: &[RemoteFile],
        fetched: &(dyn Fn(u64) + Sync),
        cancel: &Cancel,
    ) -> Result<Gguf, HubError> {
        let wrong = |fault| HubError::File { file: file.name.clone(), fault };
        let first = self.head(repository, file, fetched, cancel)?;
        let path = PathBuf::from(&file.name);
        let mut joined = Joined::new(first, path).map_err(wrong)?;
        for part in joined.missing().map_err(wrong)?.into_iter().take(MOST_PARTS as usize) {
            let name = part.to_string_lossy().replace('\\', "/");
            let listed = listed.iter().find(|file| file.name == name);
            let remote =
                listed.cloned().ok_or_else(|| HubError::NotFound(format!("{}/{name}", repository.id)))?;
            let head = self.head(repository, &remote, fetched, cancel)?;
            joined.add(head, part).map_err(|fault| HubError::File { file: name, fault })?;
        }
        joined.finish().map_err(wrong)
    }

    /// The head of one file: more and more of it is asked for until it is all there.
    fn head(
        &self,
        repository: &Repository,
        file: &RemoteFile,
        fetched: &(dyn Fn(u64) + Sync),
        cancel: &Cancel,
    ) -> Result<Header, HubError> {
        let path = file_path(repository, &file.name);
        let wrong = |fault| HubError::File { file: file.name.clone(), fault };
        if let (Some(digest), Some(size)) = (&file.digest, file.size)
            && let Some(kept) = self.cache.head(digest)
            && let Ok(header) = Header::read(Cursor::new(kept), size)
        {
            return Ok(header);
        }
        let mut bytes: Vec<u8> = Vec::new();
        let mut total = None;
        loop {
            let have = bytes.len() as u64;
            let until = if have == 0 { FIRST } else { (have * GROWTH).min(MOST) };
            let part = self.range(&path, &repository.id, have, until, cancel)?;
            if total.is_some_and(|total| total != part.total) {
                return Err(super::client::malformed(
                    &self.base,
                    tr!("the file has changed while it was read"),
                ));
            }
            total = Some(part.total);
            fetched(part.bytes.len() as u64);
            bytes.extend(part.bytes);
            let is_all = bytes.len() as u64 >= part.total;
            match Header::read(Cursor::new(&bytes), part.total) {
                Ok(header) => {
                    if let Some(digest) = &file.digest {
                        self.cache.keep_head(digest, &bytes);
                    }
                    return Ok(header);
                }
                // Only what is not there yet can come with the next part.
                Err(fault)
                    if fault.kind == FaultKind::Truncated && !is_all && (bytes.len() as u64) < MOST => {}
                Err(fault) => return Err(wrong(fault)),
            }
        }
    }

    /// Every quantization among `listed`, several at once. A file that cannot be read hides no other.
    pub(super) fn rungs(
        &self,
        repository: &Repository,
        listed: &[RemoteFile],
        progress: &(dyn Fn(Progress) + Sync),
        cancel: &Cancel,
    ) -> Result<(Vec<Rung>, Vec<HubError>), HubError> {
        let models: Vec<&RemoteFile> = listed.iter().filter(|file| is_model(&file.name)).collect();
        let state = Mutex::new(Progress { done: 0, of: models.len(), bytes: 0 });
        let tell = |change: &dyn Fn(&mut Progress)| {
            let now = {
                let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
                change(&mut state);
                *state
            };
            progress(now);
        };
        tell(&|_| ());
        let next = AtomicUsize::new(0);
        let read = Mutex::new(Vec::with_capacity(models.len()));
        let work = || {
            while let Some(file) = models.get(next.fetch_add(1, Ordering::Relaxed)) {
                if cancel.is_cancelled() {
                    return;
                }
                let fetched = |bytes: u64| tell(&|progress| progress.bytes += bytes);
                let gguf = self.gguf(repository, file, listed, &fetched, cancel);
                read.lock().unwrap_or_else(PoisonError::into_inner).push((file.name.clone(), gguf));
                tell(&|progress| progress.done += 1);
            }
        };
        std::thread::scope(|scope| {
            for number in 1..self.limits.at_once.clamp(1, models.len().max(1)) {
                let named = std::thread::Builder::new().name(format!("hub-{number}"));
                // Where no thread can be started the others do its work.
                if named.spawn_scoped(scope, work).is_err() {
                    break;
                }
            }
            work();
        });
        cancel.check()?;
        let mut read = read.into_inner().unwrap_or_else(PoisonError::into_inner);
        read.sort_by(|a, b| a.0.cmp(&b.0));
        let (mut rungs, mut problems) = (Vec::new(), Vec::new());
        for (file, gguf) in read {
            match gguf {
                Ok(gguf) => rungs.push(Rung { file, bytes: gguf.table.file_bytes, gguf }),
                Err(error) => problems.push(error),
            }
        }
        Ok((rungs, problems))
    }
}

/// Whether a file is a model, or the first part of one.
pub(super) fn is_model(name: &str) -> bool {
    let path = Path::new(name);
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
    let is_gguf = path.extension().is_some_and(|end| end.eq_ignore_ascii_case("gguf"));
    is_gguf && !stem.contains("mmproj") && !stem.contains("imatrix") && is_first_part(&stem)
}
