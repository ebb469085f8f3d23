//! Small files of the kernel: short, one value each, and missing more often than not.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// No file of one value is longer.
const LONGEST: u64 = 64 << 10;
/// No list that the kernel writes of all threads or modules is longer, as far as it is read.
pub(super) const LONG: u64 = 1 << 20;
/// No folder that is listed here has more entries.
const MOST_ENTRIES: usize = 4096;

/// The text of a file without surrounding space; `None` if it cannot be read.
pub(super) fn text(path: &Path) -> Option<String> {
    text_of(path, LONGEST)
}

/// The same of the first bytes of a file, at most `most`.
pub(super) fn text_of(path: &Path, most: u64) -> Option<String> {
    let bytes = bytes(path, most)?;
    let text = String::from_utf8_lossy(&bytes);
    Some(text.trim_matches(|c: char| c.is_whitespace() || c == '\0').to_owned())
}

/// The first bytes of a file, at most `most`.
pub(super) fn bytes(path: &Path, most: u64) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(most).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// A decimal number.
pub(super) fn number(path: &Path) -> Option<u64> {
    text(path)?.parse().ok()
}

/// A hexadecimal number, with or without "0x".
pub(super) fn hex(path: &Path) -> Option<u32> {
    let text = text(path)?;
    u32::from_str_radix(text.strip_prefix("0x").unwrap_or(&text), 16).ok()
}

/// What a folder holds, by name; nothing if it cannot be read.
pub(super) fn entries(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).take(MOST_ENTRIES).collect();
    paths.sort();
    paths
}

/// The last part of a path.
pub(super) fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
