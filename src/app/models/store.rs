//! Own models on disk: records a line in `models.jsonl`, catalogs by others in `catalogs.json`, the hub's token in a
//! file of its own that only this person can read.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::added::{Added, MOST_BYTES, reason};
use super::entry::Entry;
use super::message::{Loaded, Message};
use crate::app::beside::Beside;
use crate::app::files;
use crate::files::kept::{Kept, Library};
use crate::language::{of_json, of_system, tr};

const MODELS: &str = "models.jsonl";
const CATALOGS: &str = "catalogs.json";
const TOKEN: &str = "hub_token";
/// Longest token, bytes.
const LONGEST_TOKEN: u64 = 4096;

/// All that is kept.
#[derive(Clone, Debug)]
pub(super) struct Keep {
    pub own: Vec<Kept>,
    pub added: Vec<Arc<Added>>,
    pub token: Option<String>,
}

/// Reads what is kept in `folder`. What is damaged is kept aside, never written over.
pub(super) fn load(folder: &Path) -> (Loaded, Option<String>) {
    let mut loaded = Loaded::default();
    let path = folder.join(MODELS);
    match Library::load(&path) {
        Ok((library, refused)) => {
            if !refused.is_empty() {
                // What is not taken over would be gone with the next writing.
                let kept = files::keep_aside(&path, |to| fs::copy(&path, to).map(|_| ()));
                loaded.fault = kept.err().map(|error| aside(&path, &error));
            }
            loaded.own = library.models().iter().cloned().map(Entry::unread).collect();
            loaded.refused = refused;
        }
        Err(error) => {
            let kept = files::keep_aside(&path, |to| fs::rename(&path, to));
            loaded.fault = Some(kept.map_or_else(
                |error| aside(&path, &error),
                |to| tr!("{error}; kept as {to}", error, to = to.display()),
            ));
        }
    }
    let path = folder.join(CATALOGS);
    match read_added(&path) {
        Ok(added) => loaded.added = added,
        Err(reason) => {
            let kept = files::keep_aside(&path, |to| fs::rename(&path, to));
            let fault = kept.map_or_else(
                |error| aside(&path, &error),
                |to| tr!("{path}: {reason}; kept as {to}", path = path.display(), reason, to = to.display()),
            );
            loaded.fault.get_or_insert(fault);
        }
    }
    let token = files::read(&folder.join(TOKEN), LONGEST_TOKEN).ok();
    (loaded, token.map(|token| token.trim().to_owned()).filter(|token| is_token(token)))
}

fn aside(path: &Path, error: &io::Error) -> String {
    tr!(
        "{path} is damaged and could not be kept aside: {error}",
        path = path.display(),
        error = of_system(error)
    )
}

fn read_added(path: &Path) -> Result<Vec<Added>, String> {
    let text = match files::read(path, MOST_BYTES) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(of_system(&error)),
    };
    let added: Vec<Added> = serde_json::from_str(&text).map_err(|error| of_json(&error))?;
    // They were checked when they were brought; the file may have been changed since.
    let sound = added.into_iter().map(|mut added| {
        let mut place = 0;
        added.records.retain(|record| {
            place += 1;
            let Err(why) = crate::files::kept::verify(record) else { return true };
            let id = Some(crate::files::error::short(&record.id));
            added.reasons.push(reason(&crate::files::kept::Refused { line: place, id, reason: why }));
            false
        });
        added
    });
    Ok(sound.collect())
}

/// Whether a text can be a token: anything else would be no header.
pub(super) fn is_token(text: &str) -> bool {
    !text.is_empty() && text.len() as u64 <= LONGEST_TOKEN && text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn write(folder: &Path, keep: &Keep) -> Result<(), String> {
    let models = folder.join(MODELS);
    if keep.own.is_empty() {
        remove(&models)?;
    } else {
        Library::of(keep.own.clone()).save(&models).map_err(|error| error.to_string())?;
    }
    let catalogs = folder.join(CATALOGS);
    if keep.added.is_empty() {
        remove(&catalogs)?;
    } else {
        let added: Vec<&Added> = keep.added.iter().map(AsRef::as_ref).collect();
        let text = serde_json::to_string(&added).map_err(|error| error.to_string())?;
        files::write(&catalogs, &text)
            .map_err(|error| format!("{}: {}", catalogs.display(), of_system(&error)))?;
    }
    let token = folder.join(TOKEN);
    match &keep.token {
        None => remove(&token),
        Some(text) => {
            write_private(&token, text).map_err(|error| format!("{}: {}", token.display(), of_system(&error)))
        }
    }
}

fn remove(path: &Path) -> Result<(), String> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(format!("{}: {}", path.display(), of_system(&error)))
        }
        _ => Ok(()),
    }
}

/// Writes a file that only this person can read.
fn write_private(path: &Path, text: &str) -> io::Result<()> {
    use std::io::Write as _;

    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}

/// Writes the newest of several versions, one at a time.
#[derive(Clone, Debug, Default)]
pub(super) struct Keeper {
    newest: Arc<AtomicU64>,
    written: Arc<Mutex<u64>>,
}

impl Keeper {
    /// Writes `keep` beside the window, unless a newer version is already.
    pub fn save(&self, beside: &Beside<Message>, folder: &Path, keep: Keep) {
        let version = self.newest.fetch_add(1, Ordering::SeqCst) + 1;
        let (keeper, folder) = (self.clone(), folder.to_owned());
        let started = beside.spawn("keep models", move |report| {
            let mut written = keeper.written.lock().unwrap_or_else(PoisonError::into_inner);
            if keeper.newest.load(Ordering::SeqCst) > version {
                return;
            }
            let error = write(&folder, &keep).err();
            *written = version;
            report.send(Message::Saved(error));
        });
        if !started {
            *self.written.lock().unwrap_or_else(PoisonError::into_inner) = version;
        }
    }

    /// Waits a while until what was asked to be written is: the program ends after this.
    pub fn finish(&self) {
        for _ in 0..200 {
            let newest = self.newest.load(Ordering::SeqCst);
            if *self.written.lock().unwrap_or_else(PoisonError::into_inner) >= newest {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}
