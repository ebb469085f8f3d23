//! What one decode step does where a device and main memory share a model.

use crate::model::Model;
use crate::model::inventory;
use crate::quant::Level;

use super::cache;
use super::compute::is_routed_expert;
use super::layout::{Layout, Source};
use super::plan::Unsupported;
use super::scenario::CacheType;
use super::work::{self, Work};

/// What the processor does beside a device.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct HostWork {
    /// Experts that are read, bytes.
    pub experts: f64,
    /// Other weights that are read, bytes.
    pub dense: f64,
    /// Multiplications with both, floating-point operations.
    pub flops: f64,
    /// Cache and state that are read, bytes.
    pub cache: f64,
    /// Blocks whose experts are in main memory.
    pub expert_blocks: f64,
    /// Blocks that are in main memory as a whole.
    pub blocks: f64,
    /// All weights in main memory, bytes.
    pub held: f64,
}

/// A decode step of one request, divided.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Divided {
    /// On the device.
    pub device: Work,
    /// In main memory.
    pub host: HostWork,
}

impl Divided {
    /// A step after `depth` tokens of `model` at `level`: blocks before `first` are in main memory, and experts
    /// of those before `cpu_moe`. The output is on the device.
    ///
    /// # Errors
    /// Where llama.cpp cannot have the model so.
    pub fn new(
        model: &Model,
        level: Level,
        cache_types: (CacheType, CacheType),
        depth: f64,
        first: usize,
        cpu_moe: usize,
    ) -> Result<Self, Unsupported> {
        let layout = Layout::new(model, &Source::new(model, false), level, true, false)?;
        let share = super::load::experts_read(model, 1.0);
        let (all, before) = (layout.sums.all(), layout.sums.before(first));
        let experts = layout.sums.before(first.max(cpu_moe));
        let flops = work::flops_of_byte(layout.bits_per_weight);
        let weights = (all.dense_host - before.dense_host) as f64
            + (all.experts_host - experts.experts_host) as f64 * share
            + layout.output_read.0 as f64;
        let mut device = Work {
            weights,
            flops: weights * flops,
            total: layout.file.tensor_bytes.0 as f64,
            ..Work::default()
        };
        let (dense, read) = (before.dense_host as f64, experts.experts_host as f64 * share);
        let mut host = HostWork {
            experts: read,
            dense,
            flops: (dense + read) * flops,
            cache: 0.0,
            expert_blocks: experts.with_experts as f64,
            blocks: first.min(layout.sums.blocks()) as f64,
            held: dense + experts.experts_host as f64,
        };
        for tensor in inventory::inventory(model).tensors.iter().filter(|tensor| !tensor.mtp) {
            let Some(block) = tensor.block.map(|block| block as usize) else { continue };
            if block >= first && !(is_routed_expert(tensor.suffix) && block < cpu_moe) {
                device.operations += work::operations(tensor.suffix, tensor.dims);
            }
        }
        for layer in 0..model.n_layer {
            let mut read = 2.0 * cache::state(model, layer).0 as f64;
            let mut attention = 0.0;
            if let Some(row) = cache::row(model, layer) {
                let loops = f64::from(model.num_loops);
                read += row.read(depth as u64, cache_types.0, cache_types.1) * loops;
                attention = work::attention_flops(model, &row, depth) * loops;
            }
            if layer as usize >= first {
                device.cache += read;
                device.attention += attention;
            } else {
                host.cache += read;
            }
        }
        Ok(Self { device, host })
    }

    /// The same where the file is `factor` times as large as its format makes it.
    pub fn scaled(mut self, factor: f64) -> Self {
        self.device = self.device.scaled(factor);
        self.host.experts *= factor;
        self.host.dense *= factor;
        self.host.held *= factor;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Catalog;

    fn divided(id: &str, first: usize, cpu_moe: usize) -> Divided {
        let catalog = Catalog::embedded();
        let model = catalog.get(catalog.find(id).unwrap());
        let level = "Q4_K_M".parse().unwrap();
        Divided::new(model, level, (CacheType::F16, CacheType::F16), 1000.0, first, cpu_moe).unwrap()
    }

    #[test]
    fn nothing_in_main_memory_is_the_whole_step() {
        let catalog = Catalog::embedded();
        for id in ["Qwen/Qwen3-30B-A3B", "meta-llama/Llama-3.1-8B-Instruct", "Qwen/Qwen3.5-35B-A3B"] {
            let model = catalog.get(catalog.find(id).unwrap());
            let level = "Q4_K_M".parse().unwrap();
            let whole = Work::new(model, level, (CacheType::F16, CacheType::F16), 1000.0, 1.0).unwrap();
            let divided = divided(id, 0, 0);
            assert_eq!(divided.host, HostWork::default(), "{id}");
            assert_eq!(divided.device, whole, "{id}");
        }
    }

    #[test]
    fn parts_are_the_whole() {
        let whole = divided("Qwen/Qwen3-30B-A3B", 0, 0).device;
        let half = divided("Qwen/Qwen3-30B-A3B", 24, 36);
        let HostWork { experts, dense, cache, flops, expert_blocks, blocks, .. } = half.host;
        assert_eq!((expert_blocks, blocks), (36.0, 24.0));
        assert!((half.device.weights + experts + dense - whole.weights).abs() < 1.0);
        assert!((half.device.flops + flops - whole.flops).abs() < 1.0);
        assert!((half.device.cache + cache - whole.cache).abs() < 1.0);
        assert!(half.host.held > experts + dense && half.device.operations < whole.operations);
    }
}
