//! What depends on a model alone, made once and kept: cache rows, states, widths, layouts.

use std::sync::{Arc, PoisonError, RwLock};

use crate::model::Model;
use crate::quant::Level;
use crate::units::Bytes;

use super::cache::{self, CacheRow, Cells};
use super::compute::{self, GraphShape};
use super::layout::{Layout, Source};
use super::outcome::backend;
use super::place::{BlockCache, Load};
use super::plan::Unsupported;
use super::rig::Rig;
use super::scenario::{BackendChoice, Scenario};
use super::speed::TokenCost;

/// What depends on the model alone.
#[derive(Debug)]
pub struct Profile {
    rows: Vec<Option<CacheRow>>,
    state: Vec<Bytes>,
    graph: GraphShape,
    layouts: RwLock<Vec<(LayoutKey, LayoutResult)>>,
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
        Self {
            rows: (0..model.n_layer).map(|layer| cache::row(model, layer)).collect(),
            state: (0..model.n_layer).map(|layer| cache::state(model, layer)).collect(),
            graph: GraphShape::new(model),
            layouts: RwLock::default(),
        }
    }

    /// The layout that was made for `key`.
    pub fn find(&self, key: LayoutKey) -> Option<LayoutResult> {
        let layouts = self.layouts.read().unwrap_or_else(PoisonError::into_inner);
        layouts.iter().find(|(k, _)| *k == key).map(|(_, layout)| layout.clone())
    }

    /// Makes and keeps one layout, unless another thread was faster.
    pub fn add(&self, model: &Model, source: &Source, key: LayoutKey) -> LayoutResult {
        let made = Layout::new(model, source, key.level, key.imatrix, key.mtp).map(Arc::new);
        let mut layouts = self.layouts.write().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, layout)) = layouts.iter().find(|(k, _)| *k == key) {
            return layout.clone();
        }
        layouts.push((key, made.clone()));
        made
    }

    /// What a token of this model costs.
    pub fn cost<'a>(&'a self, model: &'a Model, level: Level, streamed: f64) -> TokenCost<'a> {
        TokenCost { model, level, rows: &self.rows, state: &self.state, streamed }
    }

    /// Everything that decides memory with a cache for `context` tokens.
    pub fn load<'a>(
        &self,
        model: &Model,
        layout: &'a Layout,
        scenario: &Scenario,
        rig: &Rig,
        context: u32,
    ) -> Load<'a> {
        let backend = backend(scenario, rig);
        let cells = Cells::new(scenario, context);
        let cuda = backend == BackendChoice::Cuda;
        let slots = u64::from(scenario.parallel.max(1));
        let blocks = layout.blocks.len();
        // Without flash attention the values are stored transposed, as wide as the widest layer's.
        let widest_v = self.rows.iter().flatten().map(|row| row.v).max().unwrap_or(0);
        let loops = u64::from(model.num_loops);
        let mut kv: Vec<BlockCache> = Vec::with_capacity(blocks);
        let mut last: Option<(CacheRow, BlockCache)> = None;
        for row in &self.rows {
            let Some(mut row) = *row else {
                kv.push(BlockCache::default());
                continue;
            };
            if !scenario.flash_attention && row.v > 0 {
                row.v = widest_v;
            }
            let cache = match last {
                Some((same, cache)) if same == row => cache,
                _ => {
                    let bytes = |cuda| row.bytes(&cells, scenario.cache_k, scenario.cache_v, cuda) * loops;
                    BlockCache { device: bytes(cuda), host: bytes(false) }
                }
            };
            last = Some((row, cache));
            kv.push(cache);
        }
        // MTP layers speculate in a small context of their own, which is not modelled here.
        kv.resize(blocks, BlockCache::default());
        let mut state: Vec<Bytes> = self.state.iter().map(|state| *state * slots).collect();
        state.resize(blocks, Bytes::ZERO);
        Load {
            layout,
            kv,
            state,
            buffers: self.graph.buffers(scenario, &cells),
            output_buffer: compute::output_buffer(model, scenario),
            backend,
        }
    }
}
