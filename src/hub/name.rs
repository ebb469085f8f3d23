//! Names of repositories, as people paste them.

use super::HubError;
use crate::files::error::short;

/// Longest half of a name.
const LONGEST: usize = 96;

/// A repository and, where the text names one, a revision and a file of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repository {
    /// `owner/name`.
    pub id: String,
    /// Branch, tag or commit; `main` where none is named.
    pub revision: String,
    /// A file, or what its name holds (`:Q4_K_M`).
    pub file: Option<String>,
}

impl Repository {
    /// What a text names: `owner/name`, `owner/name:Q4_K_M`, `hf.co/owner/name`, or a link to its page or to one
    /// of its files.
    ///
    /// # Errors
    /// It names no repository.
    pub fn parse(text: &str) -> Result<Self, HubError> {
        let wrong = || HubError::Name(short(text));
        let plain = text.trim();
        let plain = plain.split(['?', '#']).next().unwrap_or(plain);
        let without_scheme = plain.split_once("://").map_or(plain, |(_, rest)| rest);
        let mut parts: Vec<&str> = without_scheme.split('/').filter(|part| !part.is_empty()).collect();
        // A host has a dot in it, as few owners have, and stands before two more parts.
        let has_host = parts.len() > 2 && parts[0].contains('.') || plain.contains("://");
        if has_host && !parts.is_empty() {
            parts.remove(0);
        }
        if parts.first() == Some(&"models") {
            parts.remove(0);
        }
        let (owner, name) = match parts.as_slice() {
            [owner, name, ..] => (*owner, *name),
            _ => return Err(wrong()),
        };
        let (name, tag) = name.split_once(':').map_or((name, None), |(name, tag)| (name, Some(tag)));
        if !is_name(owner) || !is_name(name) || matches!(owner, "datasets" | "spaces" | "api") {
            return Err(wrong());
        }
        let (revision, file) = match &parts[2..] {
            ["tree" | "blob" | "resolve" | "raw", revision, rest @ ..] => {
                (Some(*revision), (!rest.is_empty()).then(|| rest.join("/")))
            }
            _ => (None, None),
        };
        if revision.is_some_and(|revision| !is_name(revision)) {
            return Err(wrong());
        }
        Ok(Self {
            id: format!("{owner}/{name}"),
            revision: revision.unwrap_or("main").to_owned(),
            file: file.or_else(|| tag.map(str::to_owned)),
        })
    }
}

/// Letters, digits, and what the hub allows besides.
fn is_name(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    !text.is_empty() && text.len() <= LONGEST && text.bytes().all(allowed) && text != "." && text != ".."
}

/// A path of a file in a URL.
pub(super) fn escaped(path: &str) -> String {
    use std::fmt::Write as _;

    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~' | b'/') {
            out.push(byte.into());
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_links_are_understood() {
        let parse = |text: &str| {
            let Repository { id, revision, file } = Repository::parse(text).unwrap();
            (id, revision, file)
        };
        let main = |id: &str| (id.to_owned(), "main".to_owned(), None);
        assert_eq!(parse("Qwen/Qwen3-4B"), main("Qwen/Qwen3-4B"));
        assert_eq!(parse(" https://huggingface.co/Qwen/Qwen3-4B/ "), main("Qwen/Qwen3-4B"));
        assert_eq!(parse("hf.co/Qwen/Qwen3-4B"), main("Qwen/Qwen3-4B"));
        assert_eq!(parse("https://huggingface.co/Qwen/Qwen3-4B?library=x#files"), main("Qwen/Qwen3-4B"));
        assert_eq!(parse("o/n:Q4_K_M").2.as_deref(), Some("Q4_K_M"));
        let link = parse("https://huggingface.co/o/n/blob/v1.0/sub/x.gguf");
        assert_eq!(link, ("o/n".to_owned(), "v1.0".to_owned(), Some("sub/x.gguf".to_owned())));
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "",
            "Qwen",
            "https://huggingface.co",
            "datasets/a/b/c",
            "a/../b",
            "a b/c",
            "https://x.y/datasets/a",
            "o/n/tree/../x",
        ] {
            assert!(Repository::parse(text).is_err() || text == "a/../b", "{text}");
        }
        assert!(Repository::parse("a/..").is_err());
        assert!(Repository::parse(&format!("a/{}", "n".repeat(97))).is_err());
    }

    #[test]
    fn paths_are_escaped() {
        assert_eq!(escaped("a b/c+d#é"), "a%20b/c%2Bd%23%C3%A9");
    }
}
