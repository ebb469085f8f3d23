//! Catalogs by others: records that were brought as a file or fetched from an address, each checked before it is
//! taken.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::files::input;
use crate::files::kept::{self, Refused};
use crate::language::{mark, tr};
use crate::model::Model;

/// Largest catalog that is read, bytes.
pub(super) const MOST_BYTES: u64 = 32 << 20;
/// Refused records that are told one by one.
const MOST_REFUSED: usize = 200;

/// A catalog by others.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Added {
    /// Its file's name, or the last part of its address.
    pub name: String,
    /// Where it came from: a path or an address.
    pub source: String,
    /// Its sound records.
    pub records: Vec<Model>,
    /// Of how many records nothing was taken.
    #[serde(default)]
    pub refused: usize,
    /// Why, of the first of them; known of what was brought in this run.
    #[serde(skip)]
    pub reasons: Vec<String>,
}

impl Added {
    /// Reads a file of records.
    ///
    /// # Errors
    /// It cannot be read, or none of its records is sound; the message names the file, the line and the problem.
    pub fn read(path: &Path) -> Result<Self, String> {
        let bytes =
            input::read_small(path, MOST_BYTES, mark!("catalog")).map_err(|error| error.to_string())?;
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
        Self::of(&bytes, &name, &path.display().to_string())
    }

    /// The records in `bytes`, which came from `source`.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn of(bytes: &[u8], name: &str, source: &str) -> Result<Self, String> {
        let records = kept::parse(bytes).map_err(|fault| format!("{source}: {fault}"))?;
        let mut reasons: Vec<String> = records.refused.iter().map(reason).collect();
        if records.kept.is_empty() {
            let first = reasons.first().map_or(tr!("holds no record"), String::as_str);
            return Err(format!("{source}: {first}"));
        }
        reasons.truncate(MOST_REFUSED);
        Ok(Self {
            name: name.to_owned(),
            source: source.to_owned(),
            records: records.kept.into_iter().map(|kept| kept.record).collect(),
            refused: records.refused.len(),
            reasons,
        })
    }
}

/// "line 3, owner/name: why".
pub(super) fn reason(refused: &Refused) -> String {
    match &refused.id {
        Some(id) => tr!("line {line}, {id}: {reason}", line = refused.line, id, reason = refused.reason),
        None => tr!("line {line}: {reason}", line = refused.line, reason = refused.reason),
    }
}
