//! A placement and the memory that it takes: which block on which device, which experts in main memory.
//!
//! Terms are llama.cpp's: `-ngl n` puts the output layer and the last n − 1 blocks on the GPUs,
//! `--n-cpu-moe n` keeps the routed experts of the first n blocks in main memory, and `-sm layer` with
//! `-ts` cuts what is on the GPUs into runs of blocks, the output layer last.

use smallvec::SmallVec;

use crate::units::{Bytes, GIB};

use super::compute::Lent;
use super::load::Load;
use super::plan::{Memory, Parts};

/// A way to place the blocks.
///
/// Items are the blocks and, one past the last, the output layer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Split {
    /// First block on a device; the number of blocks where only the output layer is; `None`: nothing is.
    pub first: Option<usize>,
    /// Routed experts of the blocks before this one stay in main memory.
    pub cpu_moe: usize,
    /// The devices that take part, in order: each holds the items from the end of the one before.
    pub runs: SmallVec<[Run; 4]>,
}

/// What one device holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// Its index in the rig.
    pub device: usize,
    /// One past its last item.
    pub end: usize,
}

/// What sizes the graph buffers of a placement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Graph {
    /// The processor alone.
    Processor,
    /// So many devices; the largest weights that the first computes with although they lie in main memory.
    Plain(Lent, usize),
    /// So many devices that hold everything: batches are pipelined.
    Pipeline(usize),
}

impl Split {
    /// The processor alone.
    pub fn host_only(load: &Load<'_>) -> Self {
        Self { first: None, cpu_moe: load.blocks(), runs: SmallVec::new() }
    }

    /// Device of block `block`, or of the output layer for one past the last; `None`: the host.
    pub fn device_of(&self, block: usize) -> Option<usize> {
        if block < self.first? {
            return None;
        }
        self.runs.iter().find(|run| block < run.end).map(|run| run.device)
    }

    /// Whether anything but the input embedding is in main memory.
    pub fn uses_host(&self) -> bool {
        self.first != Some(0) || self.cpu_moe > 0
    }

    /// The runs with the first item of each, none where nothing is on a device.
    pub fn spans(&self) -> impl Iterator<Item = (Run, usize)> {
        let mut start = self.first.unwrap_or_default();
        let runs = if self.first.is_some() { self.runs.as_slice() } else { &[] };
        runs.iter().map(move |run| {
            let from = start;
            start = run.end.max(start);
            (*run, from)
        })
    }
}

impl Load<'_> {
    /// What sizes the graph buffers with blocks from `first` on and experts of blocks from `cpu_moe` on on
    /// `devices` devices.
    pub fn graph(&self, first: usize, cpu_moe: usize, devices: usize) -> Graph {
        if first == 0 && cpu_moe == 0 {
            return if devices > 1 { Graph::Pipeline(devices) } else { Graph::Plain(Lent::default(), 1) };
        }
        let sums = &self.layout.sums;
        let whole = Lent { blocks: first > 0, ..sums.largest(first) };
        let experts = sums.largest(first.max(cpu_moe)).experts();
        Graph::Plain(whole.max(experts), devices)
    }

    fn graph_of(&self, split: &Split) -> Graph {
        split.first.map_or(Graph::Processor, |first| self.graph(first, split.cpu_moe, split.runs.len()))
    }

    /// Memory on the device at `place` of the line-up that holds the items from `from` to before `run.end`.
    pub fn on_device(&self, run: Run, from: usize, place: usize, cpu_moe: usize, graph: Graph) -> Parts {
        self.held(run, from, cpu_moe) + self.fixed(run.device, place, graph)
    }

    /// Weights and caches of the items from `from` to before `run.end`.
    #[inline]
    pub fn held(&self, run: Run, from: usize, cpu_moe: usize) -> Parts {
        let (blocks, sums, context) = (self.blocks(), &self.layout.sums, self.context);
        let (start, end) = (from.min(blocks), run.end.min(blocks));
        let (weights, more) = (sums.before(start), sums.before(end));
        let (cache, more_cache) = (context.before(start), context.before(end));
        let experts_from = cpu_moe.clamp(start, end);
        let mut on_device = more.dense_device - weights.dense_device;
        on_device += more.experts_device - sums.before(experts_from).experts_device;
        if run.end > blocks {
            on_device += self.layout.output_device.0;
        }
        Parts {
            weights: Bytes(on_device),
            kv: Bytes(more_cache.kv_device - cache.kv_device),
            recurrent: Bytes(more_cache.state - cache.state),
            ..Parts::default()
        }
    }

    /// What `device` at `place` of the line-up holds whatever its items: graph buffer, context, on the first
    /// device what is loaded beside the model.
    pub fn fixed(&self, device: usize, place: usize, graph: Graph) -> Parts {
        let own = Parts {
            compute: self.graph_buffer(place, graph),
            overhead: Bytes(self.rates.devices[device].context),
            ..Parts::default()
        };
        if place == 0 { own + self.context.beside.device } else { own }
    }

    /// Graph buffer of the device at `place` of the line-up.
    pub fn graph_buffer(&self, place: usize, graph: Graph) -> Bytes {
        match graph {
            Graph::Processor => Bytes::ZERO,
            Graph::Plain(lent, count) => self.context.buffers.several(place, count, lent),
            Graph::Pipeline(count) => self.context.buffers.pipeline(place, count),
        }
    }

    /// Memory in main memory with blocks from `first` on on devices.
    pub fn on_host(&self, first: usize, cpu_moe: usize, graph: Graph) -> Parts {
        let (layout, context) = (self.layout, self.context);
        let before = layout.sums.before(first);
        let experts = layout.sums.before(first.max(cpu_moe)).experts_host;
        let cache = context.before(first);
        let mut weights = layout.input + Bytes(before.dense_host + experts);
        if graph == Graph::Processor {
            weights += layout.output_host;
        }
        let own = Parts {
            weights,
            kv: Bytes(cache.kv_host),
            recurrent: Bytes(cache.state),
            compute: match graph {
                Graph::Processor => context.buffers.processor(),
                Graph::Plain(lent, _) => context.buffers.host(lent),
                Graph::Pipeline(_) => context.buffers.host_pipeline(),
            },
            overhead: context.output_buffer,
        };
        let beside = context.beside;
        // Without a device all of it is here.
        if graph == Graph::Processor { own + beside.device + beside.host } else { own + beside.host }
    }

    /// Memory in main memory of `split`.
    pub fn host_of(&self, split: &Split) -> Parts {
        let first = split.first.unwrap_or(self.blocks());
        self.on_host(first, split.cpu_moe, self.graph_of(split))
    }

    /// Each device that takes part in `split`, with its memory.
    pub fn devices_of<'a>(&'a self, split: &'a Split) -> impl Iterator<Item = (usize, Parts)> + 'a {
        let graph = self.graph_of(split);
        split.spans().enumerate().map(move |(place, (run, from))| {
            (run.device, self.on_device(run, from, place, split.cpu_moe, graph))
        })
    }

    /// Memory of a split, for every device of the rig.
    pub fn memory(&self, split: &Split) -> Memory {
        let mut devices = vec![Parts::default(); self.rates.devices.len()];
        for (device, parts) in self.devices_of(split) {
            devices[device] = parts;
        }
        Memory { devices, host: self.host_of(split) }
    }

    /// Runs of the items from `first` on over devices by llama.cpp's default: each its share of the whole.
    pub fn proportional(&self, first: usize, cpu_moe: usize, shares: &[(usize, f64)]) -> Split {
        let items = self.blocks() + 1 - first;
        // llama.cpp takes the first device whose cumulated share exceeds item ÷ items, in single precision.
        let total: f32 = shares.iter().map(|(_, share)| *share as f32).sum();
        let mut runs: SmallVec<[Run; 4]> = SmallVec::with_capacity(shares.len());
        let (mut sum, mut end) = (0.0_f32, 0);
        for &(device, share) in shares {
            sum += share as f32;
            while end < items && (total <= 0.0 || end as f32 / (items as f32) < sum / total) {
                end += 1;
            }
            runs.push(Run { device, end: first + end });
        }
        if let Some(last) = runs.last_mut() {
            last.end = first + items;
        }
        Split { first: Some(first), cpu_moe, runs }
    }

    /// Blocks whose experts `--n-cpu-moe moe` keeps in main memory; 0 where none of them has any.
    pub fn blocks_without_experts(&self, moe: u32) -> usize {
        let moe = (moe as usize).min(self.blocks());
        if self.layout.sums.before(moe).with_experts > 0 { moe } else { 0 }
    }

    /// First block on a device for `-ngl layers`; `None` for 0.
    pub fn first_block(&self, layers: u32) -> Option<usize> {
        let all = self.layout.file_blocks as usize + 1;
        let layers = (layers as usize).min(all);
        // Blocks that the file counts but that are not loaded (MTP) stand last and take a place each.
        (layers > 0).then(|| (all - layers).min(self.blocks()))
    }

    /// `-ngl` of a split.
    pub fn gpu_layers(&self, split: &Split) -> u32 {
        split.first.map_or(0, |first| self.layout.file_blocks + 1 - first as u32)
    }
}

/// What counts as room to spare: 1 GiB or 5 % of the device, whichever is smaller.
pub fn spare(capacity: Bytes) -> Bytes {
    Bytes(GIB).min(capacity.scaled(0.05))
}
