//! What the hub's interface answers with.

use serde::Deserialize;
use serde_json::Value;

use super::client::malformed;
use super::heads::is_model;
use super::name::{Repository, escaped};
use super::{Cancel, Hub, HubError};
use crate::language::{of_json, tr};
use crate::quant::Level;
use crate::units::Bytes;

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

/// A GGUF model among a repository's files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedModel {
    /// Its file, or the first of its parts.
    pub file: String,
    /// Files that it consists of.
    pub parts: usize,
    /// Bytes of all of them, where they are stated.
    pub bytes: Option<Bytes>,
    /// The quantization that its name tells.
    pub level: Option<Level>,
}

impl Listing {
    /// The GGUF models, smallest first; their heads were not read.
    pub fn models(&self) -> Vec<ListedModel> {
        let mut models: Vec<ListedModel> = Vec::new();
        for file in self.files.iter().filter(|file| is_model(&file.name)) {
            let stem = without_part(&file.name);
            let parts = || self.files.iter().filter(|other| without_part(&other.name) == stem);
            let bytes = parts().map(|part| part.size).try_fold(0, |sum: u64, size| sum.checked_add(size?));
            models.push(ListedModel {
                file: file.name.clone(),
                parts: parts().count(),
                bytes: bytes.map(Bytes),
                level: level_of_name(&file.name),
            });
        }
        models.sort_by(|a, b| (a.bytes, &a.file).cmp(&(b.bytes, &b.file)));
        models
    }

    /// Whether it holds a configuration, and so perhaps a checkpoint.
    pub fn has_config(&self) -> bool {
        self.files.iter().any(|file| file.name == "config.json")
    }

    /// The file of this name, else all whose names hold it; without a name all.
    pub(super) fn named(&self, name: Option<&str>) -> Vec<RemoteFile> {
        let Some(name) = name else { return self.files.clone() };
        let part = name.to_ascii_lowercase();
        let whole = without_part(name);
        // With its parts.
        let exact = |file: &&RemoteFile| file.name == name || without_part(&file.name) == whole;
        let holds = |file: &&RemoteFile| file.name.to_ascii_lowercase().contains(&part);
        let found: Vec<RemoteFile> = self.files.iter().filter(exact).cloned().collect();
        if found.is_empty() { self.files.iter().filter(holds).cloned().collect() } else { found }
    }
}

/// A file's name without the number of its part: the same for all parts of one model.
fn without_part(name: &str) -> &str {
    name.rsplit_once("-of-").and_then(|(front, _)| front.rsplit_once('-')).map_or(name, |(stem, _)| stem)
}

/// The quantization in a file's name, between its separators: `x-UD-Q4_K_XL.gguf`, `x.Q4_K_M-00001-of-00002.gguf`.
fn level_of_name(name: &str) -> Option<Level> {
    let name = without_part(name.strip_suffix(".gguf").unwrap_or(name));
    let starts = name.char_indices().filter(|(_, c)| matches!(c, '-' | '.' | '/')).map(|(at, _)| at + 1);
    let mut levels = starts.filter_map(|at| {
        let rest = &name[at..];
        let end = rest.find(['-', '.', '/']).unwrap_or(rest.len());
        rest[..end].parse::<Level>().ok()
    });
    levels.next_back()
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
            let reason = tr!(
                "it lists {files} files, more than any repository of a model has",
                files = raw.siblings.len()
            );
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
        serde_json::from_slice(text).map_err(|error| malformed(&self.base, &of_json(&error)))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listing_tells_models_with_their_parts_and_levels() {
        let file = |name: &str, size| RemoteFile { name: name.to_owned(), size: Some(size), digest: None };
        let files = vec![
            file("Big-Q8_0-00001-of-00002.gguf", 40),
            file("Big-Q8_0-00002-of-00002.gguf", 30),
            file("README.md", 1),
            file("mmproj-F16.gguf", 5),
            file("sub/Big-UD-IQ2_XXS.gguf", 20),
            file("Big.Q4_K_M.gguf", 50),
        ];
        let listing = Listing { id: "o/n".to_owned(), commit: None, gated: false, license: None, files };
        let models = listing.models();
        let told: Vec<_> = models
            .iter()
            .map(|m| (m.file.as_str(), m.parts, m.bytes.unwrap().0, m.level.unwrap().to_string()))
            .collect();
        assert_eq!(
            told,
            [
                ("sub/Big-UD-IQ2_XXS.gguf", 1, 20, "IQ2_XXS".to_owned()),
                ("Big.Q4_K_M.gguf", 1, 50, "Q4_K_M".to_owned()),
                ("Big-Q8_0-00001-of-00002.gguf", 2, 70, "Q8_0".to_owned()),
            ]
        );
        assert_eq!(listing.named(Some("Big-Q8_0-00001-of-00002.gguf")).len(), 2);
        assert_eq!(listing.named(Some("q4_k_m")).len(), 1);
        assert_eq!(listing.named(None).len(), 6);
        assert_eq!(level_of_name("model.gguf"), None);
    }
}
