//! GGUF files: llama.cpp's format of a model, in one file or in parts.
//!
//! Only the head is read, never a tensor's data. Every count and length is held against what is left of the
//! file before anything is allocated for it, so that a hostile file costs no more than an honest one.

mod header;
mod metadata;
mod split;

use std::path::{Path, PathBuf};

pub use header::Header;
use metadata::Cost;
pub use metadata::{Metadata, Value};
pub use split::{Joined, parts};

use super::error::FileError;
use super::input;
use crate::quant::{FileType, StoredTensor, TensorTable};
use crate::units::Bytes;

/// What a GGUF file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A language model.
    Model,
    /// Vision or audio tower with its projector (`mmproj`).
    Projector,
    /// Low-rank changes to a model.
    Adapter,
    /// Statistics for quantizing.
    ImportanceMatrix,
    /// A tokenizer without weights.
    Vocabulary,
}

/// A model's file, or all its parts.
#[derive(Clone, Debug, PartialEq)]
pub struct Gguf {
    /// Metadata of the first part.
    pub metadata: Metadata,
    /// Tensors of all parts.
    pub table: TensorTable,
    /// The files, the first part first.
    pub parts: Vec<PathBuf>,
    /// Version of the format.
    pub version: u32,
    /// Numbers have their highest byte first: made for such a machine.
    pub big_endian: bool,
}

impl Gguf {
    /// Reads the heads of the file at `path` and, where it is one part of several, of all parts.
    ///
    /// # Errors
    /// The first file that cannot be read or contradicts itself, and where.
    pub fn open(path: &Path) -> Result<Self, FileError> {
        let mut cost = Cost::default();
        let own = head(path, &mut cost)?;
        let mut joined = match split::first(path, &own.metadata).map_err(|fault| fault.of(path))? {
            Some(first) => Joined::new(head(&first, &mut cost)?, first),
            None => Joined::new(own, path.to_owned()),
        }
        .map_err(|fault| fault.of(path))?;
        for part in joined.missing().map_err(|fault| fault.of(path))? {
            let other = head(&part, &mut cost)?;
            joined.add(other, part.clone()).map_err(|fault| fault.of(&part))?;
        }
        joined.finish().map_err(|fault| fault.of(path))
    }

    /// A file from its head, or several whose heads were joined.
    pub fn of(header: Header, parts: Vec<PathBuf>) -> Self {
        let Header { version, big_endian, metadata, tensors, file_bytes, .. } = header;
        let table = table(&metadata, tensors, Bytes(file_bytes));
        Self { metadata, table, parts, version, big_endian }
    }

    /// What the file is for.
    pub fn purpose(&self) -> Purpose {
        let text = |key| self.metadata.text(key).ok().flatten();
        match (text("general.type"), text("general.architecture")) {
            (Some("adapter"), _) => Purpose::Adapter,
            (Some("imatrix"), _) => Purpose::ImportanceMatrix,
            (Some("mmproj"), _) | (_, Some("clip")) => Purpose::Projector,
            (Some("vocab"), _) => Purpose::Vocabulary,
            _ if self.table.tensors.is_empty() => Purpose::Vocabulary,
            _ => Purpose::Model,
        }
    }
}

fn head(path: &Path, cost: &mut Cost) -> Result<Header, FileError> {
    let (file, length) = input::open(path)?;
    Header::read_part(file, length, cost).map_err(|fault| fault.of(path))
}

fn table(metadata: &Metadata, tensors: Vec<StoredTensor>, file_bytes: Bytes) -> TensorTable {
    let stated = match metadata.get("general.file_type") {
        Some(Value::Whole(id)) => FileType::from_id(*id),
        _ => None,
    };
    let imatrix = metadata.get("quantize.imatrix.file").is_some()
        || metadata.get("quantize.imatrix.entries_count").is_some();
    TensorTable { tensors, file_bytes, stated, imatrix }
}
