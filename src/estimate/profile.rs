//! What depends on a model alone, made once and kept: cache rows, states, widths, layouts.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

use crate::model::{Catalog, Model};
use crate::quant::{FileType, Level, TensorTable};
use crate::units::Bytes;

use super::cache::{self, CacheRow};
use super::compute::GraphShape;
use super::layout::{self, Layout, Source};
use super::plan::Unsupported;
use super::tariff::CostsKept;
use super::work::is_recurrent;

/// What depends on the model alone.
#[derive(Debug)]
pub struct Profile {
    /// Cache rows of the blocks.
    pub rows: Vec<Option<CacheRow>>,
    /// Recurrent state of the blocks for one sequence.
    pub state: Vec<Bytes>,
    /// Widest value row of all blocks, elements.
    pub widest_v: u64,
    /// The base of its fine-tunes in the catalog; empty: it is not of the catalog.
    pub family: &'static str,
    /// Some layers are recurrent.
    pub is_recurrent: bool,
    /// Widths that size the graph buffers.
    pub graph: GraphShape,
    /// Costs on rigs that were asked for.
    pub costs: CostsKept,
    /// Layouts of files made without and with an importance matrix, of each without and with MTP layers loaded.
    layouts: [OnceLock<Box<Levels>>; 4],
    /// The model's tensors without and with MTP layers, while they are among those asked for last.
    sources: [Mutex<Weak<Source>>; 2],
    /// Files that are there, by the level that they stand for: their layouts follow their tensors.
    files: Vec<(Level, Arc<TensorTable>)>,
}

/// Layouts by level: the file types, then the published format. Of most models a third of them is asked for, so
/// that places are small.
type Levels = [OnceLock<Box<LayoutResult>>; FileType::ALL.len() + 1];

/// Models whose tensors are kept: who asks for one level of a model asks for the next one too, and those of all
/// models would take more memory than all that is worked out from them.
const RECENT_SOURCES: usize = 4;
static RECENT: Mutex<VecDeque<Arc<Source>>> = Mutex::new(VecDeque::new());

/// A layout, or why there is none.
pub type LayoutResult = Result<Layout, Unsupported>;

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

/// The base of a model's fine-tunes. A file that was recognized has the model's id among its aliases.
pub fn family(model: &Model) -> &'static str {
    let catalog = Catalog::embedded();
    let mut names = std::iter::once(&model.id).chain(&model.aliases);
    let known = names.find_map(|name| catalog.exact(name));
    known.map_or("", |id| &catalog.get(catalog.bases()[catalog.base_of(id)].id).id)
}

impl Profile {
    /// What `model` says whatever the quantization.
    pub fn new(model: &Model) -> Self {
        let rows: Vec<Option<CacheRow>> = (0..model.n_layer).map(|layer| cache::row(model, layer)).collect();
        Self {
            widest_v: rows.iter().flatten().map(|row| row.v).max().unwrap_or(0),
            rows,
            state: (0..model.n_layer).map(|layer| cache::state(model, layer)).collect(),
            family: family(model),
            is_recurrent: is_recurrent(model),
            graph: GraphShape::new(model),
            costs: CostsKept::default(),
            layouts: Default::default(),
            sources: Default::default(),
            files: Vec::new(),
        }
    }

    /// The same with files of the model.
    pub fn with_files(model: &Model, files: Vec<(Level, Arc<TensorTable>)>) -> Self {
        Self { files, ..Self::new(model) }
    }

    fn file(&self, level: Level) -> Option<&TensorTable> {
        self.files.iter().find(|(of, _)| *of == level).map(|(_, table)| &**table)
    }

    /// The layout for `key`, made if it is not there yet.
    ///
    /// # Errors
    /// As for [`Layout::new`].
    pub fn layout(&self, model: &Model, key: LayoutKey) -> Result<&Layout, Unsupported> {
        self.layout_from(model, key, |make| make(&self.source(model, key.mtp)))
    }

    fn source(&self, model: &Model, mtp: bool) -> Arc<Source> {
        let mut known = self.sources[usize::from(mtp)].lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(source) = known.upgrade() {
            return source;
        }
        let source = Arc::new(Source::new(model, mtp));
        *known = Arc::downgrade(&source);
        let mut recent = RECENT.lock().unwrap_or_else(PoisonError::into_inner);
        recent.truncate(RECENT_SOURCES - 1);
        recent.push_front(Arc::clone(&source));
        source
    }

    /// The same from what `with_source` gives, where it is not there yet.
    ///
    /// # Errors
    /// As for [`Layout::new`].
    pub fn layout_from(
        &self,
        model: &Model,
        key: LayoutKey,
        with_source: impl FnOnce(&dyn Fn(&Source) -> LayoutResult) -> LayoutResult,
    ) -> Result<&Layout, Unsupported> {
        let level = match key.level {
            Level::Gguf(file_type) => file_type as usize,
            Level::Native => FileType::ALL.len(),
            other => return Err(layout::unreadable(model, other)),
        };
        let levels = self.layouts[usize::from(key.imatrix) + 2 * usize::from(key.mtp)]
            .get_or_init(|| Box::new([const { OnceLock::new() }; FileType::ALL.len() + 1]));
        let made = levels[level].get_or_init(|| {
            Box::new(match self.file(key.level) {
                Some(table) => Ok(Layout::of_file(model, table, key.level, key.mtp)),
                None => with_source(&|source| Layout::new(model, source, key.level, key.imatrix, key.mtp)),
            })
        });
        (**made).as_ref().map_err(Clone::clone)
    }
}
