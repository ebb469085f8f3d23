//! What pasted text means.

use std::path::PathBuf;

use crate::hub::Repository;

/// Longest text that is looked at, bytes: some hundred paths.
const LONGEST: usize = 1 << 16;

/// What a text that was pasted is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pasted {
    /// Files or folders of this computer.
    Paths(Vec<PathBuf>),
    /// A repository of the hub.
    Hub(String),
    /// Something else.
    Other,
}

impl Pasted {
    /// What `text` is. Nothing is looked up: a path is told by how it begins.
    pub fn of(text: &str) -> Self {
        let text = text.trim();
        if text.is_empty() || text.len() > LONGEST {
            return Self::Other;
        }
        let paths: Option<Vec<PathBuf>> = text.lines().map(path).collect();
        if let Some(paths) = paths.filter(|paths| !paths.is_empty()) {
            return Self::Paths(paths);
        }
        if !text.contains(char::is_whitespace) && Repository::parse(text).is_ok() {
            return Self::Hub(text.to_owned());
        }
        Self::Other
    }
}

/// A line as a path, where it is one that says where it begins: `/models/a.gguf`, `C:\models`, `~/a.gguf`, quoted as
/// shells and file managers copy it, or as an address (`file:///models/a.gguf`).
fn path(line: &str) -> Option<PathBuf> {
    let line = line.trim();
    let line = [('"', '"'), ('\'', '\'')]
        .into_iter()
        .find_map(|(open, close)| line.strip_prefix(open)?.strip_suffix(close))
        .unwrap_or(line);
    if let Some(address) = line.strip_prefix("file://") {
        let path = address.strip_prefix("localhost").unwrap_or(address);
        let path = unescaped(path)?;
        // `file:///C:/models` has a slash before the drive.
        let drive = path.strip_prefix('/').filter(|rest| is_drive(rest));
        return Some(PathBuf::from(drive.unwrap_or(&path)));
    }
    if let Some(rest) = line.strip_prefix("~/") {
        return std::env::home_dir().map(|home| home.join(rest));
    }
    let begins = line.starts_with('/') || line.starts_with("\\\\") || is_drive(line);
    (begins && line.len() > 1).then(|| PathBuf::from(line))
}

fn is_drive(path: &str) -> bool {
    matches!(path.as_bytes(), [letter, b':', b'\\' | b'/', ..] if letter.is_ascii_alphabetic())
}

/// The text with `%20` and the like taken back.
fn unescaped(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next()?, rest.next()?];
            let digits = std::str::from_utf8(&digits).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_repositories_and_other_texts_are_told_apart() {
        let paths = |paths: &[&str]| Pasted::Paths(paths.iter().map(PathBuf::from).collect());
        for (text, is) in [
            (" /models/a b.gguf\n", paths(&["/models/a b.gguf"])),
            ("file:///models/a%20b.gguf\r\nfile:///c.gguf\r\n", paths(&["/models/a b.gguf", "/c.gguf"])),
            ("file:///C:/models/a.gguf", paths(&["C:/models/a.gguf"])),
            ("\"C:\\models\\a.gguf\"", paths(&["C:\\models\\a.gguf"])),
            ("'/models/it.gguf'", paths(&["/models/it.gguf"])),
            ("Qwen/Qwen3-4B-GGUF", Pasted::Hub("Qwen/Qwen3-4B-GGUF".to_owned())),
            (
                "https://huggingface.co/Qwen/Qwen3-4B",
                Pasted::Hub("https://huggingface.co/Qwen/Qwen3-4B".to_owned()),
            ),
            ("o/n:Q4_K_M", Pasted::Hub("o/n:Q4_K_M".to_owned())),
            ("/models/a.gguf\nand more", Pasted::Other),
            ("some words", Pasted::Other),
            ("| model | size |\n| --- | --- |", Pasted::Other),
            ("file:///%zz", Pasted::Other),
            ("", Pasted::Other),
            ("/", Pasted::Other),
        ] {
            assert_eq!(Pasted::of(text), is, "{text:?}");
        }
        assert_eq!(Pasted::of(&"/x\n".repeat(LONGEST)), Pasted::Other);
    }
}
