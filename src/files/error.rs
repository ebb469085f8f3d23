//! What is wrong with a file: where, and what.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::language::{of_system, tr};

/// Characters of a name out of a file that a message repeats.
const SHOWN: usize = 60;

/// What sort of thing is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// It is not there, may not be read, or is no regular file.
    Unreadable,
    /// It ends before what it announces: an unfinished download, or not all of it was given.
    Truncated,
    /// It contradicts itself or its format.
    Invalid,
    /// It is sound, but no model that anything can be said of.
    Unsupported,
}

/// A problem and its place within a file.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub struct Fault {
    /// What sort.
    pub kind: FaultKind,
    /// Where: a metadata key, a tensor, a byte offset; empty where it is the whole file.
    pub place: String,
    /// What is wrong, and what to do where that is known.
    pub problem: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.place.is_empty() {
            f.write_str(&self.problem)
        } else {
            write!(f, "{}: {}", self.place, self.problem)
        }
    }
}

impl Fault {
    /// A fault of this kind.
    pub fn new(kind: FaultKind, place: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { kind, place: place.into(), problem: problem.into() }
    }

    /// The content contradicts itself or its format.
    pub fn invalid(place: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::new(FaultKind::Invalid, place, problem)
    }

    /// It is sound, but nothing can be said of it.
    pub fn unsupported(problem: impl Into<String>) -> Self {
        Self::new(FaultKind::Unsupported, "", problem)
    }

    /// It cannot be read.
    pub fn unreadable(problem: impl Into<String>) -> Self {
        Self::new(FaultKind::Unreadable, "", problem)
    }

    /// The same fault of the file at `path`.
    pub fn of(self, path: &Path) -> FileError {
        FileError { path: path.to_owned(), fault: self }
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        let kind = match error.kind() {
            io::ErrorKind::UnexpectedEof => FaultKind::Truncated,
            _ => FaultKind::Unreadable,
        };
        Self::new(kind, "", of_system(&error))
    }
}

/// A fault with the file that it is of.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{}: {fault}", shown(&.path.to_string_lossy(), 300))]
pub struct FileError {
    /// The file or folder.
    pub path: PathBuf,
    /// What is wrong with it.
    pub fault: Fault,
}

/// The place of an entry of a file's metadata.
pub fn entry(key: &str) -> String {
    tr!("metadata \"{key}\"", key = short(key))
}

/// The place of a tensor.
pub fn tensor(name: &str) -> String {
    tr!("tensor \"{name}\"", name = short(name))
}

/// The place of a byte.
pub fn byte(at: impl fmt::Display) -> String {
    tr!("byte {at}", at)
}

/// The place where JSON is wrong.
pub fn place_of(error: &serde_json::Error) -> String {
    tr!("line {line}, column {column}", line = error.line(), column = error.column())
}

/// Text out of a file, fit for a message: no control characters, cut after 60.
pub fn short(text: &str) -> String {
    shown(text, SHOWN)
}

fn shown(text: &str, most: usize) -> String {
    let mut short: String = text.chars().take(most).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(most).is_some() {
        short.push('…');
    }
    short
}
