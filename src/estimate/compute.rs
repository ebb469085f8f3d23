//! Graph buffers and device contexts, llama.cpp's rules fitted to measured plans.

use crate::model::Model;
use crate::model::record::Ffn;
use crate::units::{Bytes, MIB};

use super::cache::Cells;
use super::rig::Device;
use super::rules;
use super::scenario::{BackendChoice, CacheType, OutputRows, Scenario};

/// Widths of a model that size its graph buffers; the same for all scenarios.
#[derive(Clone, Copy, Debug)]
pub struct GraphShape {
    embd: u64,
    vocab: u64,
    /// Rows of the residual stream beside the logits.
    rows: u64,
    /// Feed-forward elements of a token: the experts used, or the dense width.
    ffn: u64,
    heads: u64,
    /// All query heads together.
    query: u64,
    /// Widest key and value row of a layer.
    k: u64,
    v: u64,
    mla: bool,
    /// Width of the per-layer embeddings of all layers (Gemma 3n and 4 E).
    per_layer_embd: u64,
    window: Option<u32>,
}

impl GraphShape {
    /// The widths of `model`.
    pub fn new(model: &Model) -> Self {
        let rows = rules::memory()
            .logits_rows
            .groups
            .iter()
            .find(|group| group.architectures.contains(&model.arch))
            .map_or(1, |group| group.rows);
        let has_window =
            (0..model.n_layer).any(|l| super::cache::row(model, l).is_some_and(|r| r.window.is_some()));
        let has_ffn = |kinds: &[Ffn]| (0..model.n_layer).any(|layer| kinds.contains(&model.ffn(layer)));
        let experts = model
            .moe
            .as_ref()
            .filter(|_| has_ffn(&[Ffn::Moe, Ffn::DenseAndMoe]))
            .map_or(0, |moe| u64::from(moe.n_expert_used) * u64::from(moe.n_ff_expert));
        let dense = model.n_ff.as_ref().map_or(0, |n| u64::from(n.max()));
        let heads = u64::from(model.n_head.max());
        let (mut k, mut v, mut head) = (0, 0, u64::from(model.head_dim_k));
        for shape in [&model.attention.full, &model.attention.swa] {
            let kv = u64::from(shape.n_head_kv.unwrap_or(model.n_head_kv));
            k = k.max(kv * u64::from(shape.head_dim_k.unwrap_or(model.head_dim_k)));
            v = v.max(kv * u64::from(shape.head_dim_v.unwrap_or(model.head_dim_v)));
            head = head.max(u64::from(shape.head_dim_k.unwrap_or(0)));
        }
        Self {
            embd: u64::from(model.n_embd),
            vocab: u64::from(model.n_vocab),
            rows,
            ffn: if experts > 0 { experts } else { dense },
            heads,
            query: heads * head,
            k,
            v,
            mla: model.attention.mla.is_some(),
            per_layer_embd: u64::from(model.extra.ple_dim.unwrap_or(0)) * u64::from(model.n_layer),
            window: model.attention.sliding_window.filter(|_| has_window),
        }
    }

    /// Buffers for `scenario` on one device, or the processor alone.
    pub fn buffers(&self, scenario: &Scenario, cells: &Cells) -> Buffers {
        let ubatch = u64::from(scenario.physical_batch()).min(cells.full).max(1);
        let outputs = match scenario.output_rows {
            OutputRows::Server => u64::from(scenario.parallel.max(1)),
            OutputRows::Bench => u64::from(scenario.batch),
        }
        .min(ubatch);
        let floats = 4 * ubatch;
        let mask_width = if scenario.flash_attention { 2 } else { 4 };
        let window_cells = self.window.map_or(0, |window| cells.window(window));
        let mask = mask_width * ubatch * (cells.full + window_cells);

        let logits = 4 * outputs * (self.vocab + self.rows * self.embd);
        let ffn = mask + floats * (3 * self.embd + 3 * self.ffn);
        let scores = if scenario.flash_attention { 0 } else { floats * self.heads * cells.full };
        let attention = if self.mla {
            mask + floats * (3 * self.embd + 2 * self.heads * 576 + self.heads * 192) + scores
        } else if scenario.flash_attention {
            mask + floats * (2 * self.embd + 2 * self.query) + self.converted(scenario, cells)
        } else {
            mask + scores + floats * (2 * self.embd + self.query + self.k)
        };
        let unfused_values = match (scenario.flash_attention, self.mla) {
            (true, _) => 0,
            (false, true) => 8 * ubatch * 512,
            (false, false) => 8 * ubatch * self.v,
        };
        Buffers {
            mask: Bytes(mask),
            stage: Bytes(ffn.max(attention)),
            logits: Bytes(logits),
            residual: Bytes(floats * self.embd),
            host_inputs: Bytes(2 * floats * self.embd + floats * self.per_layer_embd + unfused_values),
        }
    }

    /// One layer's keys and values as f16, which flash attention makes of a quantized cache.
    fn converted(&self, scenario: &Scenario, cells: &Cells) -> u64 {
        let is_16_bit = |t: CacheType| matches!(t, CacheType::F16 | CacheType::Bf16 | CacheType::F32);
        if is_16_bit(scenario.cache_k) && is_16_bit(scenario.cache_v) {
            0
        } else {
            2 * cells.full * cells.streams * (self.k + self.v)
        }
    }
}

/// Parts of the graph buffers.
#[derive(Clone, Copy, Debug)]
pub struct Buffers {
    mask: Bytes,
    /// Largest of feed-forward and attention.
    stage: Bytes,
    logits: Bytes,
    /// One row of the residual stream for each token of a batch.
    residual: Bytes,
    host_inputs: Bytes,
}

impl Buffers {
    /// One device that holds all layers; `borrowed` is the largest tensor that it computes with although
    /// it lies in main memory.
    pub fn single(&self, borrowed: Bytes) -> Bytes {
        if borrowed == Bytes::ZERO {
            self.stage.max(self.logits)
        } else {
            self.logits.max(borrowed + self.stage)
        }
    }

    /// Device `index` of `count` with pipeline parallelism: four copies of inputs and masks.
    pub fn pipeline(&self, index: usize, count: usize) -> Bytes {
        let inner = self.stage - self.mask;
        if index + 1 == count {
            self.logits.max(inner) + self.mask * 4 + self.residual * 8
        } else {
            inner + self.mask * 4 + self.residual * 4
        }
    }

    /// The host's buffer beside one device.
    pub fn host(&self) -> Bytes {
        self.host_inputs + self.mask
    }

    /// The host's buffer beside several devices with pipeline parallelism.
    pub fn host_pipeline(&self) -> Bytes {
        (self.mask + self.residual) * 4 + self.residual
    }

    /// The processor alone: the same graph in one buffer.
    pub fn processor(&self) -> Bytes {
        self.stage.max(self.logits) + self.residual
    }
}

/// Memory that a process takes on a device before any buffer.
pub fn device_context(device: &Device, backend: BackendChoice) -> Bytes {
    let contexts = &rules::memory().device_context;
    let rule = match backend {
        BackendChoice::Cuda => &contexts.cuda,
        BackendChoice::Rocm => &contexts.rocm,
        _ => &contexts.other,
    };
    let mib = device
        .compute_units
        .map_or(rule.unknown_mib, |units| rule.fixed_mib + rule.per_compute_unit_mib * f64::from(units));
    Bytes((mib * MIB as f64) as u64)
}

/// Output buffer on the host: one row of logits for each sequence.
pub fn output_buffer(model: &Model, scenario: &Scenario) -> Bytes {
    Bytes(4 * u64::from(model.n_vocab) * u64::from(scenario.parallel.max(1)))
}
