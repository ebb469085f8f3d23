//! Models that are on this computer already, by the program that put them there.
//!
//! Only names, sizes and heads are looked at; every walk is bounded in depth and in entries, and no link to a
//! folder is followed, so none can lead in a circle.

mod duplicates;
pub mod ollama;
mod places;
mod walk;

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Serialize;

pub use duplicates::duplicates;
pub use places::{Environment, Place, candidates, places};

use super::error::FileError;
use crate::language::mark;
use crate::units::Bytes;

/// A program that keeps models.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Program {
    /// Ollama.
    Ollama,
    /// LM Studio.
    LmStudio,
    /// The cache of Hugging Face's libraries.
    HuggingFace,
    /// llama.cpp's cache.
    LlamaCpp,
    /// Jan.
    Jan,
    /// `GPT4All`.
    Gpt4All,
    /// A folder that a person added.
    Folder,
}

impl Program {
    /// Its name on the screen.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Ollama => "Ollama",
            Self::LmStudio => "LM Studio",
            Self::HuggingFace => mark!("Hugging Face cache"),
            Self::LlamaCpp => mark!("llama.cpp cache"),
            Self::Jan => "Jan",
            Self::Gpt4All => "GPT4All",
            Self::Folder => mark!("folder"),
        }
    }
}

/// A model on this computer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installed {
    /// Who put it there.
    pub program: Program,
    /// What that program calls it.
    pub name: String,
    /// What to open: a file, the first of its parts, or a folder.
    pub path: PathBuf,
    /// Every file that belongs to it with its size, a projector included.
    pub files: Vec<(PathBuf, Bytes)>,
    /// Vision projector beside it.
    pub projector: Option<PathBuf>,
    /// A digest of the content, where the program states one.
    pub digest: Option<String>,
}

impl Installed {
    /// Bytes of all its files.
    pub fn bytes(&self) -> Bytes {
        self.files.iter().map(|(_, bytes)| *bytes).sum()
    }
}

/// All that was found.
#[derive(Clone, Debug, Default)]
pub struct Scan {
    /// Models by program and name.
    pub models: Vec<Installed>,
    /// What could not be read, which hides nothing else.
    pub problems: Vec<FileError>,
}

/// Looks through all of `places`.
pub fn scan(places: &[Place]) -> Scan {
    let mut scan = Scan::default();
    for place in places {
        scan_place(place, &mut scan);
    }
    scan.tidy();
    scan
}

/// Looks through one place.
pub fn scan_place(place: &Place, scan: &mut Scan) {
    match place.program {
        Program::Ollama => ollama::scan(&place.folder, scan),
        program => walk::scan(program, &place.folder, scan),
    }
}

impl Scan {
    fn tidy(&mut self) {
        self.models.sort_by(order);
        // Two settings may name one folder.
        self.models.dedup_by(|a, b| is_same(a, b));
    }
}

/// By program and name.
pub fn order(a: &Installed, b: &Installed) -> std::cmp::Ordering {
    (a.program, &a.name, &a.path).cmp(&(b.program, &b.name, &b.path))
}

/// Whether both are one model, found twice.
pub fn is_same(a: &Installed, b: &Installed) -> bool {
    a.program == b.program && a.path == b.path && a.name == b.name
}

/// What models take on the disk: together, and by program. A file that several share counts once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DiskUse {
    /// All of them.
    pub total: Bytes,
    /// By program; a file that two programs share counts for the first.
    pub by_program: BTreeMap<Program, Bytes>,
}

/// Adds up what `models` take.
pub fn disk_use(models: &[Installed]) -> DiskUse {
    let mut seen = std::collections::BTreeSet::new();
    let mut sums = DiskUse::default();
    for model in models {
        for (path, bytes) in &model.files {
            if seen.insert(duplicates::on_disk(path)) {
                sums.total += *bytes;
                *sums.by_program.entry(model.program).or_default() += *bytes;
            }
        }
    }
    sums
}
