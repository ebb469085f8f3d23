//! Memory that grows with the context, and state that does not (llama.cpp's rules).

use crate::model::Model;
use crate::model::record::{Mixer, Recurrent};
use crate::units::Bytes;

use super::rules;
use super::scenario::{CacheType, Scenario};

/// llama.cpp rounds the number of cells to this.
pub const CELL_STEP: u64 = 256;

/// Cells of the caches that a scenario asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cells {
    /// Independent caches: one, or one a slot.
    pub streams: u64,
    /// Cells of a full-attention layer in each.
    pub full: u64,
    /// Sequences that share a stream.
    sequences_per_stream: u64,
    /// Physical batch.
    ubatch: u64,
    swa_full: bool,
}

impl Cells {
    /// Cells for `scenario`, with `context` tokens in place of its own.
    pub fn new(scenario: &Scenario, context: u32) -> Self {
        let slots = u64::from(scenario.parallel.max(1));
        let context = pad(u64::from(context.max(1)));
        let (streams, full, sequences_per_stream) =
            if scenario.unified_kv { (1, context, slots) } else { (slots, pad(context / slots), 1) };
        Self {
            streams,
            full,
            sequences_per_stream,
            ubatch: u64::from(scenario.physical_batch()),
            swa_full: scenario.swa_full,
        }
    }

    /// Cells of a layer that sees `window` tokens.
    pub fn window(&self, window: u32) -> u64 {
        if self.swa_full {
            return self.full;
        }
        let wanted = u64::from(window) * self.sequences_per_stream + self.ubatch;
        pad(self.full.min(wanted))
    }
}

fn pad(cells: u64) -> u64 {
    cells.max(1).div_ceil(CELL_STEP) * CELL_STEP
}

/// Shape of one layer's cache, elements of a token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheRow {
    /// Key elements.
    pub k: u64,
    /// Value elements.
    pub v: u64,
    /// Window in tokens; `None`: the whole context.
    pub window: Option<u32>,
    /// Further keys kept for 1 of this many tokens (indexers, compressed caches); 0: none.
    pub sparse_every: u64,
    /// Elements of such a key.
    pub sparse: u64,
}

/// Shape of block `layer`'s cache; `None` where it keeps none.
pub fn row(model: &Model, layer: u32) -> Option<CacheRow> {
    let mixer = model.mixer(layer);
    if !mixer.has_cache()
        || layer >= model.layers_with_own_cache()
        || rules::memory().no_cache.has(&model.arch)
    {
        return None;
    }
    let attention = &model.attention;
    if mixer == Mixer::Compressed {
        return Some(compressed_row(model, layer));
    }
    let window =
        (mixer == Mixer::Window).then(|| attention.sliding_window.or(attention.chunk_size)).flatten();
    let (k, v) = if let Some(mla) = attention.mla.as_ref().filter(|_| mixer == Mixer::Attention) {
        (u64::from(mla.kv_lora_rank + mla.qk_rope_head_dim), 0)
    } else {
        let shape = if mixer == Mixer::Window { &attention.swa } else { &attention.full };
        let heads = u64::from(shape.n_head_kv.unwrap_or(model.n_head_kv));
        (
            heads * u64::from(shape.head_dim_k.unwrap_or(model.head_dim_k)),
            heads * u64::from(shape.head_dim_v.unwrap_or(model.head_dim_v)),
        )
    };
    let indexer = attention.indexer.as_ref().filter(|indexer| {
        mixer == Mixer::Attention
            && indexer
                .layers
                .as_ref()
                .is_none_or(|owners| owners.as_bytes().get(layer as usize) == Some(&b'1'))
    });
    Some(CacheRow {
        k,
        v,
        window,
        sparse_every: u64::from(indexer.is_some()),
        sparse: indexer.map_or(0, |i| u64::from(i.head_dim) * u64::from(i.n_head_kv.unwrap_or(1))),
    })
}

/// DeepSeek-V4: a window of raw keys, compressed keys of all tokens, and an indexer's keys.
fn compressed_row(model: &Model, layer: u32) -> CacheRow {
    let attention = &model.attention;
    let ratio = attention.compress_ratios.as_ref().and_then(|r| r.get(layer as usize)).copied().unwrap_or(0);
    let key = u64::from(model.n_head_kv) * u64::from(model.head_dim_k);
    let indexer = if ratio == 4 {
        attention.indexer.as_ref().map_or(0, |indexer| u64::from(indexer.head_dim))
    } else {
        0
    };
    CacheRow {
        k: key,
        v: 0,
        window: attention.sliding_window.or(Some(128)),
        sparse_every: u64::from(ratio),
        sparse: if ratio == 0 { 0 } else { key + indexer },
    }
}

impl CacheRow {
    /// Bytes allocated for this layer.
    pub fn bytes(&self, cells: &Cells, k: CacheType, v: CacheType, cuda: bool) -> Bytes {
        let count = self.window.map_or(cells.full, |window| cells.window(window)) * cells.streams;
        let mut total = tensor(self.k, count, k, cuda) + tensor(self.v, count, v, cuda);
        if self.sparse_every > 0 {
            total += tensor(self.sparse, cells.full.div_ceil(self.sparse_every) * cells.streams, k, cuda);
        }
        total
    }

    /// Bytes that one token reads at `depth` tokens of context.
    pub fn read(&self, depth: u64, k: CacheType, v: CacheType) -> f64 {
        let seen = self.window.map_or(depth, |window| depth.min(u64::from(window))) as f64;
        let mut bytes = seen * (self.k as f64 * k.bytes_per_value() + self.v as f64 * v.bytes_per_value());
        if self.sparse_every > 0 {
            bytes += depth as f64 / self.sparse_every as f64 * self.sparse as f64 * k.bytes_per_value();
        }
        bytes
    }
}

/// Bytes of `rows` rows of `width` values. On CUDA a quantized tensor whose row is no multiple of 512
/// values gets one partial row of padding, and 128-byte alignment.
fn tensor(width: u64, rows: u64, format: CacheType, cuda: bool) -> Bytes {
    let Some(ggml) = format.ggml() else { return Bytes(width * rows) };
    let bytes = Bytes((width * rows).div_ceil(ggml.block()).saturating_mul(ggml.block_bytes()));
    let partial = width % 512;
    if cuda && ggml.block() > 1 && partial != 0 && bytes != Bytes::ZERO {
        let padding = (512 - partial).div_ceil(ggml.block()) * ggml.block_bytes();
        return (bytes + Bytes(padding)).padded_to(128);
    }
    bytes
}

/// Bytes of block `layer`'s recurrent state for one sequence: F32, whatever the context.
pub fn state(model: &Model, layer: u32) -> Bytes {
    let mixer = model.mixer(layer);
    let Some(recurrent) = model.recurrent.as_ref().filter(|_| mixer.has_state()) else {
        return Bytes::ZERO;
    };
    Bytes(4 * state_elements(model, mixer, recurrent))
}

fn state_elements(model: &Model, mixer: Mixer, recurrent: &Recurrent) -> u64 {
    let get = |value: Option<u32>| u64::from(value.unwrap_or(0));
    let taps = get(recurrent.d_conv).saturating_sub(1);
    let n_embd = u64::from(model.n_embd);
    match mixer {
        Mixer::Mamba1 => {
            let inner = get(recurrent.d_inner);
            taps * inner + get(recurrent.d_state) * inner
        }
        Mixer::Mamba2 | Mixer::AttentionMamba2 => {
            let (inner, state) = (get(recurrent.d_inner), get(recurrent.d_state));
            taps * (inner + 2 * u64::from(recurrent.n_group.unwrap_or(1)) * state) + state * inner
        }
        Mixer::GatedDeltaNet => {
            let keys = get(recurrent.n_head_k) * get(recurrent.head_dim_k);
            let inner = get(recurrent.n_head_v) * get(recurrent.head_dim_v);
            taps * (inner + 2 * keys) + get(recurrent.head_dim_k) * inner
        }
        Mixer::Kda => {
            let (heads, width) = (get(recurrent.n_head), get(recurrent.head_dim));
            3 * taps * heads * width + heads * width * width
        }
        Mixer::ShortConv => taps * n_embd,
        Mixer::Lightning => get(recurrent.n_head) * get(recurrent.head_dim) * get(recurrent.head_dim),
        Mixer::Rwkv7 => 2 * n_embd + n_embd * get(recurrent.head_dim),
        Mixer::Attention | Mixer::Window | Mixer::Compressed | Mixer::None => 0,
    }
}
