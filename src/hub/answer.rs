//! What the hub's interface answers with.

use serde::Deserialize;
use serde_json::Value;

use super::client::malformed;
use super::name::{Repository, escaped};
use super::{Cancel, Hub, HubError};

/// Largest list that is read, bytes.
const MOST_LIST: u64 = 16 << 20;
/// Largest configuration that is read, bytes.
const MOST_CONFIG: u64 = 2 << 20;
/// Most files of a repository.
const MOST_FILES: usize = 20_000;
/// Results of a search.
const RESULTS: usize = 20;

/// A repository that a search found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// `owner/name`.
    pub id: String,
    /// Downloads in the last 30 days.
    pub downloads: u64,
    /// Likes.
    pub likes: u64,
    /// It holds GGUF files.
    pub gguf: bool,
}

/// A file of a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteFile {
    /// Its path.
    pub name: String,
    /// Bytes, where they are stated.
    pub size: Option<u64>,
    /// SHA-256 of its content, where it is stated.
    pub digest: Option<String>,
}

/// A repository's files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// `owner/name`, as the hub writes it.
    pub id: String,
    /// Commit.
    pub commit: Option<String>,
    /// Terms must be accepted before files can be read.
    pub gated: bool,
    /// Licence, where it is stated.
    pub license: Option<String>,
    /// The files, sorted by name.
    pub files: Vec<RemoteFile>,
}

#[derive(Deserialize)]
struct RawModel {
    #[serde(alias = "modelId")]
    id: Option<String>,
    #[serde(default)]
    downloads: Option<u64>,
    #[serde(default)]
    likes: Option<u64>,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    sha: Option<String>,
    #[serde(default)]
    gated: Option<Value>,
    #[serde(default)]
    siblings: Vec<RawFile>,
}

#[derive(Deserialize)]
struct RawFile {
    rfilename: String,
    #[serde(default)]
    size: Option<u64>,
    #[serde(default)]
    lfs: Option<RawLfs>,
}

#[derive(Deserialize)]
struct RawLfs {
    #[serde(default)]
    sha256: Option<String>,
    #[serde(default)]
    size: Option<u64>,
}

impl Hub {
    /// Repositories whose names match `words`, most downloaded first.
    ///
    /// # Errors
    /// The hub cannot be reached or gives no list.
    pub fn search(&self, words: &str, cancel: &Cancel) -> Result<Vec<Found>, HubError> {
        let words = escaped(words.trim()).replace('/', "%2F");
        let path = format!("/api/models?search={words}&sort=downloads&direction=-1&limit={RESULTS}");
        let text = self.text(&path, "the search", MOST_LIST, cancel)?;
        let found: Vec<RawModel> = self.json(&text)?;
        let found = found.into_iter().take(RESULTS).filter_map(|raw| {
            let gguf = raw.tags.iter().any(|tag| tag == "gguf");
            let (downloads, likes) = (raw.downloads.unwrap_or(0), raw.likes.unwrap_or(0));
            // An id that is none would become part of an address.
            let id = raw.id.filter(|id| Repository::parse(id).is_ok())?;
            Some(Found { id, downloads, likes, gguf })
        });
        Ok(found.collect())
    }

    /// The files of a repository with their sizes.
    ///
    /// # Errors
    /// It is not there, or the hub cannot be reached or gives no list.
    pub fn files(&self, repository: &Repository, cancel: &Cancel) -> Result<Listing, HubError> {
        let Repository { id, revision, .. } = repository;
        let path = format!("/api/models/{id}/revision/{}?blobs=true", escaped(revision).replace('/', "%2F"));
        let text = self.text(&path, id, MOST_LIST, cancel)?;
        let raw: RawModel = self.json(&text)?;
        if raw.siblings.len() > MOST_FILES {
            let reason =
                format!("it lists {} files, more than any repository of a model has", raw.siblings.len());
            return Err(malformed(&self.base, &reason));
        }
        let gated = raw.gated.as_ref().is_some_and(|gated| *gated != Value::Bool(false) && !gated.is_null());
        let license = raw.tags.iter().find_map(|tag| tag.strip_prefix("license:")).map(str::to_owned);
        let mut files: Vec<RemoteFile> = raw
            .siblings
            .into_iter()
            .map(|file| {
                let (digest, size) = file.lfs.map_or((None, None), |lfs| (lfs.sha256, lfs.size));
                RemoteFile { name: file.rfilename, size: size.or(file.size), digest }
            })
            .collect();
        files.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(Listing { id: raw.id.unwrap_or_else(|| id.clone()), commit: raw.sha, gated, license, files })
    }

    /// The configuration of a repository.
    ///
    /// # Errors
    /// It has none, or the hub cannot be reached.
    pub fn config(&self, repository: &Repository, cancel: &Cancel) -> Result<Value, HubError> {
        let path = file_path(repository, "config.json");
        let text = self.text(&path, &repository.id, MOST_CONFIG, cancel)?;
        crate::files::config::parse(&text)
            .map_err(|fault| HubError::File { file: "config.json".to_owned(), fault })
    }

    fn json<T: serde::de::DeserializeOwned>(&self, text: &[u8]) -> Result<T, HubError> {
        serde_json::from_slice(text).map_err(|error| malformed(&self.base, &error.to_string()))
    }
}

/// Path of a file's address.
pub(super) fn file_path(repository: &Repository, file: &str) -> String {
    format!(
        "/{}/resolve/{}/{}",
        repository.id,
        escaped(&repository.revision).replace('/', "%2F"),
        escaped(file)
    )
}
