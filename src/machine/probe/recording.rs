//! A machine that was recorded in a file.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use thiserror::Error;

use super::super::Machine;
use super::recorded;

/// Largest file that is read, bytes; a recording has a few thousand.
const MAX_BYTES: u64 = 1 << 20;

/// Why a recording cannot be used.
#[derive(Debug, Error)]
pub enum RecordingError {
    /// The file cannot be read.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// It is too large for a recording.
    #[error("larger than {MAX_BYTES} bytes, so no recorded machine")]
    TooLarge,
    /// It is not a JSON object.
    #[error("no recorded machine: it holds no JSON object")]
    NoObject,
    /// It is JSON, but not a recording.
    #[error("no recorded machine: {0}")]
    Content(#[from] serde_json::Error),
}

/// The machine that the file at `path` describes: what the parts of the probe found there, as JSON.
///
/// # Errors
/// The file cannot be read, or is no recording.
pub fn read(path: &Path) -> Result<Machine, RecordingError> {
    let mut text = Vec::new();
    File::open(path)?.take(MAX_BYTES + 1).read_to_end(&mut text)?;
    if text.len() as u64 > MAX_BYTES {
        return Err(RecordingError::TooLarge);
    }
    // A list would pass for a recording too: serde takes it for the fields in their order.
    if text.trim_ascii_start().first() != Some(&b'{') {
        return Err(RecordingError::NoObject);
    }
    Ok(recorded(&serde_json::from_slice(&text)?))
}
