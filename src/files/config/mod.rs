//! A `config.json` of the hub as a model's record.
//!
//! The file says the dimensions; what its `model_type` means besides is in `assets/architectures.json`. The
//! parameters are then counted as the catalog counts them, and held against the files that lie beside it.

pub mod checkpoint;
mod describe;
mod json;
pub mod kinds;
mod layers;
mod parts;
mod quantized;

pub use checkpoint::Checkpoint;
pub use describe::describe;
pub use json::Fields;
pub use quantized::{Quantized, quantized};

use std::path::Path;

use serde_json::Value;

use super::error::{Fault, FileError, place_of};
use super::input;
use crate::language::{mark, of_json, tr};

/// Largest configuration that is read, bytes; the longest have some hundred thousand.
const MOST_BYTES: u64 = 2 << 20;

/// Reads a configuration's JSON.
///
/// # Errors
/// The file cannot be read, is larger than any configuration, or is no JSON object.
pub fn read(path: &Path) -> Result<Value, FileError> {
    let bytes = input::read_small(path, MOST_BYTES, mark!("configuration"))?;
    parse(&bytes).map_err(|fault| fault.of(path))
}

/// A configuration's JSON from its text.
///
/// # Errors
/// It is no JSON object.
pub fn parse(bytes: &[u8]) -> Result<Value, Fault> {
    if bytes.starts_with(b"version https://git-lfs") {
        return Err(Fault::invalid("", tr!("is a Git LFS pointer: the file itself was not downloaded")));
    }
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let value: Value = match serde_json::from_slice(text) {
        // Python writes these, which JSON does not have.
        Err(_) if contains(text, b"Infinity") || contains(text, b"NaN") => {
            serde_json::from_slice(&without_python_numbers(text))
        }
        read => read,
    }
    .map_err(|error| Fault::invalid(place_of(&error), tr!("is no JSON: {why}", why = of_json(&error))))?;
    if value.is_object() {
        Ok(value)
    } else {
        Err(Fault::invalid("", tr!("is JSON, but no object, so no configuration")))
    }
}

fn contains(text: &[u8], word: &[u8]) -> bool {
    text.windows(word.len()).any(|window| window == word)
}

/// The text with `NaN`, `Infinity` and `-Infinity` outside strings as `null`.
fn without_python_numbers(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut in_string = false;
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let word =
            [b"-Infinity".as_slice(), b"Infinity", b"NaN"].into_iter().find(|word| rest.starts_with(word));
        match (in_string, word) {
            (false, Some(word)) => {
                out.extend(b"null");
                at += word.len();
                continue;
            }
            (true, _) if rest[0] == b'\\' => {
                out.extend(&rest[..rest.len().min(2)]);
                at += 2;
                continue;
            }
            _ => {}
        }
        in_string ^= rest[0] == b'"';
        out.push(rest[0]);
        at += 1;
    }
    out
}
