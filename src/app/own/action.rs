//! What a person can do with own measurements.

use std::path::PathBuf;

use crate::model::ModelId;

use super::Program;

/// A change of own measurements that drawing code asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum OwnAction {
    /// Open or close the place where they are listed.
    Show(bool),
    /// Read pasted text.
    ImportText(String),
    /// Read files.
    ImportFiles(Vec<PathBuf>),
    /// The system showed no file dialog.
    NoDialog,
    /// What the import gave has been read.
    CloseImport,
    /// This row, and those written alike, are about this model.
    Choose(u64, ModelId),
    /// Offer models that match these words for a row.
    Find(u64, String),
    /// Remove a row.
    Remove(u64),
    /// Remove all.
    RemoveAll,
    /// Measure with this program.
    UseProgram(Program),
    /// llama-bench is here.
    BenchAt(PathBuf),
    /// Measure this file.
    File(PathBuf),
    /// Without the GPU.
    OnProcessor(bool),
    /// This of the models that Ollama has.
    OllamaModel(usize),
    /// Ask Ollama again which it has.
    AskOllama,
    /// Run what is shown.
    Measure,
    /// End it.
    Cancel,
    /// How it ended has been read.
    CloseOutcome,
    /// Measure the memory's bandwidth.
    MeasureMemory,
    /// End that.
    CancelMemory,
    /// Forget what was measured of it.
    ForgetMemory,
}
