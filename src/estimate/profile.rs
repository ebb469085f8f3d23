//! What depends on a model alone, made once and kept: cache rows, states, widths, layouts.

use std::sync::{Arc, PoisonError, RwLock};

use crate::model::Model;
use crate::quant::{Level, TensorTable};
use crate::units::Bytes;

use super::cache::{self, CacheRow};
use super::compute::GraphShape;
use super::layout::{Layout, Source};
use super::plan::Unsupported;

/// What depends on the model alone.
#[derive(Debug)]
pub struct Profile {
    /// Cache rows of the blocks.
    pub rows: Vec<Option<CacheRow>>,
    /// Recurrent state of the blocks for one sequence.
    pub state: Vec<Bytes>,
    /// Widest value row of all blocks, elements.
    pub widest_v: u64,
    /// Widths that size the graph buffers.
    pub graph: GraphShape,
    layouts: RwLock<Vec<(LayoutKey, LayoutResult)>>,
    /// Files that are there, by the level that they stand for: their layouts follow their tensors.
    files: Vec<(Level, Arc<TensorTable>)>,
}

/// A layout, or why there is none.
pub type LayoutResult = Result<Arc<Layout>, Unsupported>;

/// What a layout depends on beside the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LayoutKey {
    /// Quantization.
    pub level: Level,
    /// Made with an importance matrix.
    pub imatrix: bool,
    /// MTP layers are loaded.
    pub mtp: bool,
}

impl Profile {
    /// What `model` says whatever the quantization.
    pub fn new(model: &Model) -> Self {
        let rows: Vec<Option<CacheRow>> = (0..model.n_layer).map(|layer| cache::row(model, layer)).collect();
        Self {
            widest_v: rows.iter().flatten().map(|row| row.v).max().unwrap_or(0),
            rows,
            state: (0..model.n_layer).map(|layer| cache::state(model, layer)).collect(),
            graph: GraphShape::new(model),
            layouts: RwLock::default(),
            files: Vec::new(),
        }
    }

    /// The same with files of the model.
    pub fn with_files(model: &Model, files: Vec<(Level, Arc<TensorTable>)>) -> Self {
        Self { files, ..Self::new(model) }
    }

    /// The layout that was made for `key`.
    pub fn find(&self, key: LayoutKey) -> Option<LayoutResult> {
        let layouts = self.layouts.read().unwrap_or_else(PoisonError::into_inner);
        layouts.iter().find(|(k, _)| *k == key).map(|(_, layout)| layout.clone())
    }

    /// The layout for `key`, made if it is not there yet.
    pub fn layout(&self, model: &Model, key: LayoutKey) -> LayoutResult {
        self.find(key).unwrap_or_else(|| self.keep(model, None, key))
    }

    fn file(&self, level: Level) -> Option<&TensorTable> {
        self.files.iter().find(|(of, _)| *of == level).map(|(_, table)| &**table)
    }

    /// Makes and keeps one layout, unless another thread was faster.
    pub fn add(&self, model: &Model, source: &Source, key: LayoutKey) -> LayoutResult {
        self.keep(model, Some(source), key)
    }

    fn keep(&self, model: &Model, source: Option<&Source>, key: LayoutKey) -> LayoutResult {
        let made = match (self.file(key.level), source) {
            (Some(table), _) => Ok(Layout::of_file(model, table, key.level, key.mtp)),
            (None, Some(source)) => Layout::new(model, source, key.level, key.imatrix, key.mtp),
            (None, None) => Layout::new(model, &Source::new(model, key.mtp), key.level, key.imatrix, key.mtp),
        };
        let made = made.map(Arc::new);
        let mut layouts = self.layouts.write().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, layout)) = layouts.iter().find(|(k, _)| *k == key) {
            return layout.clone();
        }
        layouts.push((key, made.clone()));
        made
    }
}
