//! Answers that are kept: texts by address with the tag that says whether they changed, heads by content.

use std::fs;
use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use crate::files::input;

/// Largest kept file that is read, bytes.
const MOST_OF_ONE: u64 = 64 << 20;
/// What all kept files may take, bytes; the oldest go first.
const MOST_OF_ALL: u64 = 512 << 20;
/// Most files that are looked at when room is made.
const MOST_FILES: usize = 20_000;

/// A folder of answers; without one nothing is kept.
#[derive(Debug)]
pub(super) struct Cache(Option<PathBuf>);

/// A text that is kept.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct KeptText {
    /// Its address; names of files are hashes, which may collide.
    url: String,
    /// The tag by which the hub tells whether it changed.
    pub etag: String,
    #[serde(with = "text")]
    pub body: Vec<u8>,
}

impl Cache {
    pub(super) fn new(folder: Option<PathBuf>) -> Self {
        Self(folder)
    }

    /// A text by its address.
    pub(super) fn text(&self, url: &str) -> Option<KeptText> {
        let bytes = read(&self.path("text", url)?)?;
        let kept: KeptText = serde_json::from_slice(&bytes).ok()?;
        (kept.url == url).then_some(kept)
    }

    /// Keeps a text. Where that fails it is asked for again the next time.
    pub(super) fn keep_text(&self, url: &str, etag: &str, body: &[u8]) {
        let Some(path) = self.path("text", url) else { return };
        let kept = KeptText { url: url.to_owned(), etag: etag.to_owned(), body: body.to_owned() };
        if let Ok(bytes) = serde_json::to_vec(&kept) {
            self.write(&path, &bytes);
        }
    }

    /// The beginning of a file by the digest of the whole of it.
    pub(super) fn head(&self, digest: &str) -> Option<Vec<u8>> {
        read(&self.path("head", digest)?)
    }

    /// Keeps the beginning of a file.
    pub(super) fn keep_head(&self, digest: &str, bytes: &[u8]) {
        if let Some(path) = self.path("head", digest) {
            self.write(&path, bytes);
        }
    }

    fn path(&self, kind: &str, key: &str) -> Option<PathBuf> {
        let mut hasher = DefaultHasher::new();
        hasher.write(key.as_bytes());
        self.0.as_ref().map(|folder| folder.join(format!("{kind}-{:016x}", hasher.finish())))
    }

    fn write(&self, path: &Path, bytes: &[u8]) {
        let Some(folder) = &self.0 else { return };
        let beside = path.with_extension("new");
        let written = fs::create_dir_all(folder)
            .and_then(|()| fs::write(&beside, bytes))
            .and_then(|()| fs::rename(&beside, path));
        if written.is_ok() {
            make_room(folder);
        }
    }
}

fn read(path: &Path) -> Option<Vec<u8>> {
    input::read_small(path, MOST_OF_ONE, "kept answer").ok()
}

/// Removes the oldest files until the rest is small enough.
fn make_room(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let mut files: Vec<(SystemTime, u64, PathBuf)> = entries
        .take(MOST_FILES)
        .flatten()
        .filter_map(|entry| {
            let found = entry.metadata().ok().filter(fs::Metadata::is_file)?;
            Some((found.modified().ok()?, found.len(), entry.path()))
        })
        .collect();
    files.sort();
    let mut sum: u64 = files.iter().map(|(_, length, _)| length).sum();
    for (_, length, path) in files {
        if sum <= MOST_OF_ALL {
            return;
        }
        if fs::remove_file(&path).is_ok() {
            sum -= length;
        }
    }
}

/// Bytes that are text; others are not kept.
mod text {
    use serde::de::Deserialize as _;
    use serde::ser::Error as _;
    use serde::{Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(std::str::from_utf8(bytes).map_err(S::Error::custom)?)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        String::deserialize(deserializer).map(String::into_bytes)
    }
}
