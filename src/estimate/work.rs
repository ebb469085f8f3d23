//! What one decode step does, whatever it runs on: operations, bytes that are read, multiplications.

use crate::model::Model;
use crate::model::inventory;
use crate::model::record::Mixer;
use crate::quant::Level;
use crate::quant::mix::MixTensor;
use crate::quant::outside;

use super::cache::{self, CacheRow};
use super::compute::{WeightKind, is_routed_expert};
use super::layout::{Layout, Source};
use super::plan::Unsupported;
use super::scenario::CacheType;

/// Bits of a byte, and the two operations of a multiplication.
const FLOPS_OF_BIT: f64 = 16.0;

/// A decode step of all requests together.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Work {
    /// Operations of the graph: matrices, and vectors as half of one.
    pub operations: f64,
    /// Weights that are read, bytes.
    pub weights: f64,
    /// Multiplications with them, floating-point operations.
    pub flops: f64,
    /// Cache and state that are read, bytes.
    pub cache: f64,
    /// Multiplications of attention, floating-point operations.
    pub attention: f64,
    /// All weights, bytes: what a file holds.
    pub total: f64,
}

/// Operations that a tensor of this shape stands for.
pub fn operations(suffix: &str, dims: [u64; 3]) -> f64 {
    if dims[1] > 1 || is_routed_expert(suffix) { 1.0 } else { 0.5 }
}

/// The same by what a tensor of a block is.
pub fn operations_of(kind: WeightKind, dims: [u64; 3]) -> f64 {
    if dims[1] > 1 || kind.is_routed() { 1.0 } else { 0.5 }
}

/// Flops of a weight byte where a parameter has so many bits.
pub fn flops_of_byte(bits_per_weight: f64) -> f64 {
    if bits_per_weight > 0.0 { FLOPS_OF_BIT / bits_per_weight } else { 0.0 }
}

/// Floating-point operations of attention in one layer for one token after `seen` others.
pub fn attention_flops(model: &Model, row: &CacheRow, depth: f64) -> f64 {
    let seen = row.window.map_or(depth, |window| depth.min(f64::from(window)));
    let heads = f64::from(model.n_head.max());
    // Latent attention compares with the whole latent key, and sums it up again.
    let widths = if row.v == 0 && model.attention.mla.is_some() {
        row.k as f64 + (row.k as f64 - 64.0).max(0.0)
    } else {
        f64::from(model.head_dim_k) + f64::from(model.head_dim_v)
    };
    2.0 * heads * widths * seen
}

/// The same in all layers.
pub fn attention_of(model: &Model, depth: f64) -> f64 {
    let rows = (0..model.n_layer).filter_map(|layer| cache::row(model, layer));
    rows.map(|row| attention_flops(model, &row, depth)).sum::<f64>() * f64::from(model.num_loops)
}

/// Whether some layers are recurrent.
pub fn is_recurrent(model: &Model) -> bool {
    (0..model.n_layer)
        .any(|layer| !matches!(model.mixer(layer), Mixer::Attention | Mixer::Window | Mixer::Compressed))
}

impl Work {
    /// A step of `requests` requests, each after `depth` tokens, of `model` at `level`.
    ///
    /// # Errors
    /// Where the model cannot be had so.
    pub fn new(
        model: &Model,
        level: Level,
        cache: (CacheType, CacheType),
        depth: f64,
        requests: f64,
    ) -> Result<Self, Unsupported> {
        if !matches!(level, Level::Gguf(_) | Level::Native) || !model.llama_cpp {
            return Ok(Self::of_checkpoint(model, level, cache, depth, requests));
        }
        let share = super::load::experts_read(model, requests);
        let layout = Layout::new(model, &Source::new(model, false), level, true, false)?;
        let all = layout.sums.all();
        let weights = all.dense_host as f64 + all.experts_host as f64 * share + layout.output_read.0 as f64;
        let work = Self {
            operations: layout.operations,
            weights,
            flops: weights * flops_of_byte(layout.bits_per_weight) * requests,
            total: layout.file.tensor_bytes.0 as f64,
            ..Self::default()
        };
        Ok(work.with_caches(model, cache, depth, requests))
    }

    /// The same of a checkpoint, in a format outside GGUF.
    pub fn of_checkpoint(
        model: &Model,
        level: Level,
        cache: (CacheType, CacheType),
        depth: f64,
        requests: f64,
    ) -> Self {
        Checkpoint::new(model, level).work(model, cache, depth, requests)
    }

    fn with_caches(
        mut self,
        model: &Model,
        cache: (CacheType, CacheType),
        depth: f64,
        requests: f64,
    ) -> Self {
        for layer in 0..model.n_layer {
            if let Some(row) = cache::row(model, layer) {
                self.cache +=
                    row.read(depth as u64, cache.0, cache.1) * f64::from(model.num_loops) * requests;
                self.attention += attention_flops(model, &row, depth) * f64::from(model.num_loops) * requests;
            }
            self.cache += 2.0 * cache::state(model, layer).0 as f64 * requests;
        }
        self
    }

    /// The same where the file is `factor` times as large as its format makes it.
    pub fn scaled(mut self, factor: f64) -> Self {
        self.weights *= factor;
        self
    }
}

/// What a step of a checkpoint reads of its weights, in a format outside GGUF.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Checkpoint {
    /// Operations of the graph.
    pub operations: f64,
    /// Weights that every token reads, bytes.
    dense: f64,
    /// Routed experts, bytes.
    experts: f64,
    /// All weights, bytes.
    total: f64,
    /// Bits of a parameter on average.
    bits: f64,
}

impl Checkpoint {
    /// `model` at `level`.
    pub fn new(model: &Model, level: Level) -> Self {
        let mut all = Self::default();
        let (mut embedding, mut has_output, mut parameters) = (0.0, false, 0.0);
        for tensor in inventory::inventory(model).tensors.iter().filter(|tensor| !tensor.mtp) {
            let squeezed = MixTensor {
                block: tensor.block,
                suffix: tensor.suffix,
                dims: tensor.dims,
                n_dims: tensor.n_dims,
            };
            let bits = outside::weight_bits(level, &squeezed)
                .unwrap_or_else(|| outside::published_bits(&model.native_dtype, &squeezed));
            let bytes = outside::tensor_bytes(bits, &squeezed).0 as f64;
            all.total += bytes;
            parameters += tensor.elements() as f64;
            match tensor.block {
                Some(_) => {
                    all.operations += operations(tensor.suffix, tensor.dims);
                    if is_routed_expert(tensor.suffix) {
                        all.experts += bytes;
                    } else {
                        all.dense += bytes;
                    }
                }
                None if tensor.suffix == "token_embd.weight" => embedding = bytes,
                None if tensor.suffix == "output.weight" => {
                    has_output = true;
                    all.dense += bytes;
                }
                None => {}
            }
        }
        if !has_output {
            all.dense += embedding;
        }
        all.bits = if parameters > 0.0 { all.total * 8.0 / parameters } else { 0.0 };
        all
    }

    /// Weights that `requests` read together, bytes.
    pub fn weights(&self, model: &Model, requests: f64) -> f64 {
        self.dense + self.experts * super::load::experts_read(model, requests)
    }

    /// A step of `requests` requests, each after `depth` tokens.
    pub fn work(&self, model: &Model, cache: (CacheType, CacheType), depth: f64, requests: f64) -> Work {
        let weights = self.weights(model, requests);
        let work = Work {
            operations: self.operations,
            weights,
            flops: weights * flops_of_byte(self.bits) * requests,
            total: self.total,
            ..Work::default()
        };
        work.with_caches(model, cache, depth, requests)
    }
}
