//! One of a person's own models: its record, its files, and what is known of them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::files::kept::Kept;
use crate::files::{self, FileError, LocalModel};
use crate::hub::{HubError, RemoteModel};
use crate::language::tr;
use crate::model::{Catalog, Model, ModelId};
use crate::quant::{FileType, Level, TensorTable};
use crate::units::Bytes;

/// What the ids of models of the hub begin with: a repository may be one of the catalog's, whose record is not this
/// one.
const HUB: &str = "hf.co/";
/// Longest name, letters.
const LONGEST_NAME: usize = 120;

/// A model that a person has opened.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What is kept of it.
    pub kept: Kept,
    /// Its files, smallest first.
    pub files: Vec<ModelFile>,
    /// The record of the catalog that it is, where it was recognized.
    pub known: Option<ModelId>,
    /// What was inferred, and what cannot be known.
    pub notes: Vec<String>,
    /// Why its files are not known now: they are gone, or were not read since the start.
    pub missing: Option<String>,
}

/// A file of a model, with what is in it.
#[derive(Clone, Debug)]
pub struct ModelFile {
    /// The level that it stands for.
    pub level: Level,
    /// Its name; of several parts the first.
    pub name: String,
    /// Its tensors.
    pub table: Arc<TensorTable>,
}

impl ModelFile {
    /// Bytes of all its parts.
    pub fn bytes(&self) -> Bytes {
        self.table.file_bytes
    }
}

impl Entry {
    /// A kept model whose files were not looked at yet.
    pub fn unread(kept: Kept) -> Self {
        let is_somewhere = kept.path.is_some() || kept.repository.is_some();
        let missing = is_somewhere.then(|| tr!("its files were not read yet").to_owned());
        Self { kept, files: Vec::new(), known: None, notes: Vec::new(), missing }
    }

    /// The model at `path`, which is read.
    ///
    /// # Errors
    /// As [`files::open()`].
    pub fn open(path: &Path) -> Result<Self, FileError> {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        Ok(Self::local(&files::open(&path)?, path))
    }

    fn local(file: &LocalModel, path: PathBuf) -> Self {
        let mut record = file.model.clone();
        if file.table.is_some()
            && let Some(name) = file.files.first().and_then(|first| first.file_stem())
        {
            record.display_name = cut(without_part(&name.to_string_lossy()));
        }
        if record.display_name.trim().is_empty() {
            record.display_name = cut(&path.file_stem().unwrap_or_default().to_string_lossy());
        }
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let own = |table: &Arc<TensorTable>| ModelFile { level: file.level, name, table: Arc::clone(table) };
        Self {
            files: file.table.as_ref().map(own).into_iter().collect(),
            known: file.known,
            notes: file.notes.clone(),
            kept: Kept { record, path: Some(path), level: Some(file.level), repository: None },
            missing: None,
        }
    }

    /// A model of the hub.
    pub fn remote(remote: &RemoteModel) -> Self {
        let mut record = remote.model.clone();
        let repository = record.id.clone();
        record.id = format!("{HUB}{repository}");
        record.display_name = cut(repository.rsplit('/').next().unwrap_or(&repository));
        let file = |(level, name, table): &(Level, String, Arc<TensorTable>)| ModelFile {
            level: *level,
            name: name.clone(),
            table: Arc::clone(table),
        };
        let files: Vec<ModelFile> = remote.rungs.iter().map(file).collect();
        let mut notes = remote.notes.clone();
        notes.extend(remote.problems.iter().map(HubError::to_string));
        Self {
            kept: Kept {
                record,
                path: None,
                level: remote.checkpoint.or_else(|| usual(&files)),
                repository: Some(repository),
            },
            files,
            known: remote.known,
            notes,
            missing: None,
        }
    }

    /// Its record.
    pub const fn record(&self) -> &Model {
        &self.kept.record
    }

    /// Its id.
    pub fn id(&self) -> &str {
        &self.kept.record.id
    }

    /// Where it is: a path, or a repository.
    pub fn place(&self) -> String {
        match (&self.kept.path, &self.kept.repository) {
            (Some(path), _) => path.display().to_string(),
            (None, Some(repository)) => format!("{HUB}{repository}"),
            (None, None) => tr!("a record without files").to_owned(),
        }
    }

    /// Its files by level; of several at one level the first.
    pub fn tables(&self) -> Vec<(Level, Arc<TensorTable>)> {
        let mut tables: Vec<(Level, Arc<TensorTable>)> = Vec::new();
        for file in &self.files {
            if !tables.iter().any(|(known, _)| *known == file.level) {
                tables.push((file.level, Arc::clone(&file.table)));
            }
        }
        tables
    }

    /// Its file at a level.
    pub fn file(&self, level: Level) -> Option<&ModelFile> {
        self.files.iter().find(|file| file.level == level)
    }

    /// What is known once `read` is known too: a name that a person gave stays, and files of a repository that were
    /// read one after the other are all its own.
    pub fn joined(&self, read: Self) -> Self {
        let mut joined = read;
        joined.kept.record.display_name.clone_from(&self.kept.record.display_name);
        if joined.kept.repository.is_some() {
            for file in &self.files {
                if !joined.files.iter().any(|known| known.name == file.name) {
                    joined.files.push(file.clone());
                }
            }
            joined.files.sort_by(|a, b| (a.bytes(), &a.name).cmp(&(b.bytes(), &b.name)));
        }
        joined
    }

    /// What was read again of its files: its record stays what a person made of it.
    pub fn refreshed(&self, read: Self) -> Self {
        Self { kept: Kept { level: read.kept.level, ..self.kept.clone() }, ..read }
    }

    /// The catalog's name of what it was recognized as.
    pub fn known_name(&self) -> Option<&'static str> {
        let catalog = Catalog::embedded();
        self.known.map(|id| catalog.bases()[catalog.base_of(id)].name.as_str())
    }
}

/// Of the files of a repository the one that most people take.
fn usual(files: &[ModelFile]) -> Option<Level> {
    let wanted = Level::Gguf(FileType::Q4KM);
    let nearest = |file: &&ModelFile| {
        let off = file.level.nominal_bits() - wanted.nominal_bits();
        (off.abs() * 1000.0) as u64
    };
    files
        .iter()
        .find(|file| file.level == wanted)
        .or_else(|| files.iter().min_by_key(nearest))
        .map(|file| file.level)
}

/// A name without the number of its part.
fn without_part(stem: &str) -> &str {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let parts = stem.rsplit_once("-of-").filter(|(_, all)| is_number(all));
    let name = parts.and_then(|(front, _)| front.rsplit_once('-')).filter(|(_, number)| is_number(number));
    name.map_or(stem, |(name, _)| name)
}

fn cut(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_the_number_of_their_part() {
        assert_eq!(without_part("Qwen3-235B-Q4_K_M-00001-of-00003"), "Qwen3-235B-Q4_K_M");
        assert_eq!(without_part("Model-of-mine"), "Model-of-mine");
        assert_eq!(without_part("my-model-of-mine"), "my-model-of-mine");
        assert_eq!(cut("a\nb"), "ab");
    }
}
