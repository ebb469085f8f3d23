//! From text and files to rows that are matched.

use std::path::{Path, PathBuf};

use crate::app::files;
use crate::estimate::Estimator;
use crate::estimate::measured::Measurement;
use crate::estimate::measured::read::{self, Fault, Reading};
use crate::estimate::measured::who::{self, Found};
use crate::language::{of_system, tr};
use crate::model::{Catalog, ModelId};

use super::kept::{Kept, Matched};
use super::store;

/// Files that are read at once.
const FILES_MAX: usize = 64;
/// Faults that are shown.
const FAULTS_SHOWN: usize = 50;

/// What an import gave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Import {
    /// What was read: a file, or pasted text, and its format.
    pub sources: Vec<String>,
    /// Rows that were read.
    pub read: usize,
    /// Of these, rows that were not there before.
    pub added: usize,
    /// What could not be read: "bench.json, line 5: …".
    pub faults: Vec<String>,
    /// Faults beyond those listed.
    pub more_faults: usize,
    /// Nothing was chosen: the system showed no file dialog.
    pub no_dialog: bool,
}

/// Rows with the models that they are about.
pub type Rows = Vec<(Measurement, Matched)>;

/// What was kept.
#[derive(Debug)]
pub struct LoadedRows {
    pub rows: Vec<Kept>,
    pub llama_bench: Option<PathBuf>,
    pub notice: Option<String>,
}

/// Reads what is kept in `folder`.
pub fn load(folder: &Path) -> LoadedRows {
    let loaded = store::load_speeds(folder);
    let rows = matched(loaded.value.rows);
    LoadedRows {
        rows: rows.into_iter().map(|(row, matched)| Kept { id: 0, row, matched }).collect(),
        llama_bench: loaded.value.llama_bench,
        notice: loaded.notice,
    }
}

/// Reads pasted text.
pub fn of_text(text: &str) -> (Import, Rows) {
    let mut import = Import::default();
    let rows = match read::read(text) {
        Ok(reading) => import.take(tr!("Pasted text"), "", reading),
        Err(error) => {
            import.fault(tr!("Pasted text: {error}", error));
            Vec::new()
        }
    };
    (import, matched(rows))
}

/// Reads files, each for itself.
pub fn of_files(paths: &[PathBuf]) -> (Import, Rows) {
    let mut import = Import::default();
    let mut rows = Vec::new();
    for path in paths.iter().take(FILES_MAX) {
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
        let bytes = files::read_bytes(path, read::TEXT_MAX as u64).map_err(|error| of_system(&error));
        match bytes.and_then(|bytes| read::read_bytes(&bytes).map_err(|error| error.to_string())) {
            Ok(reading) => rows.extend(import.take(&name, &format!("{name}, "), reading)),
            Err(reason) => import.fault(format!("{name}: {reason}")),
        }
    }
    if paths.len() > FILES_MAX {
        import.fault(tr!("only the first {most} files were read", most = FILES_MAX));
    }
    (import, matched(rows))
}

impl Import {
    fn take(&mut self, name: &str, before: &str, reading: Reading) -> Vec<Measurement> {
        self.sources.push(format!("{name} ({})", reading.format.name()));
        self.read += reading.measurements.len();
        self.more_faults += reading.more_faults;
        for Fault { line, reason } in reading.faults {
            self.fault(tr!("{before}line {line}: {reason}", before, line, reason));
        }
        reading.measurements
    }

    fn fault(&mut self, text: String) {
        if self.faults.len() < FAULTS_SHOWN {
            self.faults.push(text);
        } else {
            self.more_faults += 1;
        }
    }
}

/// Models that come into question for `row` by `words`, or by what is written without any.
pub fn candidates(row: &Measurement, words: &str) -> Vec<ModelId> {
    let catalog = Catalog::embedded();
    if words.trim().is_empty() {
        return match who::find(catalog, Estimator::embedded(), row) {
            Found::Sure(id) => vec![id],
            Found::Among(ids) => ids,
        };
    }
    let hits = catalog.search(words);
    hits.iter().take(who::CANDIDATES).map(|hit| catalog.bases()[hit.base].id).collect()
}

/// Finds the model of each row.
pub fn matched(mut rows: Vec<Measurement>) -> Rows {
    let catalog = Catalog::embedded();
    who::match_all(catalog, Estimator::embedded(), &mut rows);
    // Rows of one text are mostly about few models.
    let mut known: Vec<(Measurement, Matched)> = Vec::new();
    rows.into_iter()
        .map(|mut row| {
            let sure = row.model.as_deref().and_then(|name| catalog.find(name).ok());
            let matched = if let Some(id) = sure {
                Matched::Sure(id)
            } else {
                // A model that the catalog has no longer must be chosen anew.
                row.model = None;
                let alike = known.iter().find(|(other, _)| {
                    (&other.written, other.params, other.file_size)
                        == (&row.written, row.params, row.file_size)
                });
                if let Some((_, matched)) = alike {
                    matched.clone()
                } else {
                    let matched = Matched::Among(candidates(&row, ""));
                    known.push((row.clone(), matched.clone()));
                    matched
                }
            };
            (row, matched)
        })
        .collect()
}
