//! Where the blocks go: which on which device, which experts in main memory.
//!
//! Terms are llama.cpp's: `-ngl n` puts the output layer and the last n − 1 blocks on the GPUs,
//! `--n-cpu-moe n` keeps the routed experts of the first n blocks in main memory, and `-sm layer` with
//! `-ts` cuts what is on the GPUs into runs of blocks, the output layer last.

use crate::units::{Bytes, GIB};

use super::compute::{self, Buffers};
use super::layout::Layout;
use super::plan::{Memory, Parts};
use super::rig::{Device, Rig};
use super::scenario::{BackendChoice, Scenario};

/// Everything that decides memory: bytes of each block and of the buffers.
#[derive(Debug)]
pub struct Load<'a> {
    /// Weights.
    pub layout: &'a Layout,
    /// Cache of each block.
    pub kv: Vec<BlockCache>,
    /// Recurrent state of each block, all slots.
    pub state: Vec<Bytes>,
    /// Graph buffers.
    pub buffers: Buffers,
    /// Output buffer on the host.
    pub output_buffer: Bytes,
    /// Backend of the devices.
    pub backend: BackendChoice,
}

/// Cache of one block.
#[derive(Clone, Copy, Debug, Default)]
pub struct BlockCache {
    /// On a device, with CUDA's padding.
    pub device: Bytes,
    /// In main memory.
    pub host: Bytes,
}

/// A way to place the blocks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// First block on a device; the number of blocks where only the output layer is; `None`: nothing is.
    pub first: Option<usize>,
    /// Routed experts of the blocks before this one stay in main memory.
    pub cpu_moe: usize,
    /// For each device, one past its last item; items are the blocks from `first` on, then the output.
    pub cuts: Vec<usize>,
}

impl Split {
    /// The processor alone.
    pub fn host_only(load: &Load<'_>) -> Self {
        Self { first: None, cpu_moe: load.blocks(), cuts: Vec::new() }
    }

    /// Device of block `block`, or of the output layer for one past the last; `None`: the host.
    pub fn device_of(&self, block: usize) -> Option<usize> {
        let item = block.checked_sub(self.first?)?;
        self.cuts.iter().position(|&end| item < end)
    }

    /// Whether anything but the input embedding is in main memory.
    pub fn uses_host(&self) -> bool {
        self.first != Some(0) || self.cpu_moe > 0
    }
}

impl Load<'_> {
    /// Blocks that are loaded.
    pub fn blocks(&self) -> usize {
        self.layout.blocks.len()
    }

    /// Memory of a split.
    pub fn memory(&self, split: &Split, devices: &[Device]) -> Memory {
        let blocks = &self.layout.blocks;
        let mut memory = Memory { devices: vec![Parts::default(); devices.len()], host: Parts::default() };
        let mut borrowed = Bytes::ZERO;
        memory.host.weights = self.layout.input;
        for (index, block) in blocks.iter().enumerate() {
            let experts_on_host = index < split.cpu_moe;
            if let Some(device) = split.device_of(index) {
                let parts = &mut memory.devices[device];
                parts.weights += block.dense_device;
                parts.kv += self.kv[index].device;
                parts.recurrent += self.state[index];
                if experts_on_host {
                    memory.host.weights += block.experts_host;
                    borrowed = borrowed.max(block.largest_expert);
                } else {
                    parts.weights += block.experts_device;
                }
            } else {
                memory.host.weights += block.host(true);
                memory.host.kv += self.kv[index].host;
                memory.host.recurrent += self.state[index];
                borrowed = borrowed.max(block.largest_dense).max(block.largest_expert);
            }
        }
        match split.device_of(blocks.len()) {
            Some(device) => memory.devices[device].weights += self.layout.output_device,
            None => memory.host.weights += self.layout.output_host,
        }
        self.add_buffers(split, devices, borrowed, &mut memory);
        memory
    }

    fn add_buffers(&self, split: &Split, devices: &[Device], borrowed: Bytes, memory: &mut Memory) {
        memory.host.overhead += self.output_buffer;
        if split.first.is_none() {
            memory.host.compute = self.buffers.processor();
            return;
        }
        let pipeline = devices.len() > 1 && !split.uses_host();
        for (index, device) in devices.iter().enumerate() {
            let parts = &mut memory.devices[index];
            parts.compute = if pipeline {
                self.buffers.pipeline(index, devices.len())
            } else {
                self.buffers.single(borrowed)
            };
            parts.overhead = compute::device_context(device, self.backend);
        }
        memory.host.compute = if pipeline { self.buffers.host_pipeline() } else { self.buffers.host() };
    }

    /// Items of `first` and on (blocks, then the output) by llama.cpp's default: shares of free memory.
    pub fn proportional(&self, first: usize, cpu_moe: usize, shares: &[f64]) -> Split {
        let items = self.blocks() + 1 - first;
        // llama.cpp takes the first device whose cumulated share exceeds item ÷ items, in single precision.
        let total: f32 = shares.iter().map(|share| *share as f32).sum();
        let mut cuts = Vec::with_capacity(shares.len());
        let (mut sum, mut end) = (0.0_f32, 0);
        for share in shares {
            sum += *share as f32;
            while end < items && (total <= 0.0 || end as f32 / (items as f32) < sum / total) {
                end += 1;
            }
            cuts.push(end);
        }
        if let Some(last) = cuts.last_mut() {
            *last = items;
        }
        Split { first: Some(first), cpu_moe, cuts }
    }

    /// Fills the devices in order, each as far as it goes with `reserve` left; `None` where the rest does
    /// not fit on the last.
    fn filled(&self, first: usize, cpu_moe: usize, devices: &[Device], reserve: bool) -> Option<Split> {
        let items = self.blocks() + 1 - first;
        if devices.len() == 1 {
            let split = Split { first: Some(first), cpu_moe, cuts: vec![items] };
            return fits(&self.memory(&split, devices), devices, reserve).then_some(split);
        }
        let mut cuts = vec![items; devices.len()];
        let mut start = 0;
        for index in 0..devices.len() - 1 {
            // Everything up to the cut on this device, the rest on the next: memory grows with the cut.
            let mut low = start;
            let mut high = items;
            while low < high {
                let middle = low + (high - low).div_ceil(2);
                cuts[index] = middle;
                let split = Split { first: Some(first), cpu_moe, cuts: cuts.clone() };
                let need = self.memory(&split, devices).devices[index].total();
                if need <= room(&devices[index], reserve) { low = middle } else { high = middle - 1 }
            }
            cuts[index] = low;
            start = low;
        }
        let split = Split { first: Some(first), cpu_moe, cuts };
        fits(&self.memory(&split, devices), devices, reserve).then_some(split)
    }

    /// The best way onto the devices that memory allows: everything; else experts in main memory, as few
    /// blocks' as possible; else the last blocks, as many as fit. `None`: nothing fits on a device.
    ///
    /// Partial placements leave 1 GiB or 5 % of each device free, as llama.cpp's own fit leaves 1 GiB.
    pub fn onto_devices(&self, rig: &Rig, scenario: &Scenario) -> Option<Split> {
        let devices = &rig.devices;
        if devices.is_empty() || self.backend == BackendChoice::Cpu {
            return None;
        }
        let shares = shares(rig, scenario);
        let asked = &scenario.placement;
        let has_experts = self.layout.blocks.iter().any(|b| b.experts_host > Bytes::ZERO);
        let place = |first: usize, moe: usize, reserve: bool| {
            if asked.tensor_split.is_none() {
                return self.filled(first, moe, devices, reserve);
            }
            let split = self.proportional(first, moe, &shares);
            fits(&self.memory(&split, devices), devices, reserve).then_some(split)
        };
        let free_choice = asked.gpu_layers.is_none() && asked.cpu_moe_layers.is_none();
        if free_choice {
            let default = self.proportional(0, 0, &shares);
            if fits(&self.memory(&default, devices), devices, false) {
                return Some(default);
            }
            if let Some(split) = place(0, 0, false) {
                return Some(split);
            }
            if devices.iter().any(|d| d.unified) {
                // One pool: what does not fit beside the processor does not fit with its help either.
                return None;
            }
        }
        let first = match asked.gpu_layers.map(|n| self.first_block(n)) {
            Some(None) => return None,
            Some(first) => first,
            None => None,
        };
        match (first, asked.cpu_moe_layers.map(|moe| self.blocks_without_experts(moe))) {
            (Some(first), Some(moe)) => place(first, moe, true),
            (Some(first), None) if has_experts => {
                place(first, 0, first > 0).or_else(|| least(self.blocks(), |moe| place(first, moe, true)))
            }
            (Some(first), None) => place(first, 0, true),
            (None, Some(moe)) => {
                place(0, moe, moe > 0).or_else(|| least(self.blocks(), |first| place(first, moe, true)))
            }
            (None, None) => {
                let experts_out =
                    has_experts.then(|| least(self.blocks(), |moe| place(0, moe, true))).flatten();
                experts_out.or_else(|| {
                    let moe = if has_experts { self.blocks() } else { 0 };
                    least(self.blocks(), |first| place(first, moe, true))
                })
            }
        }
    }

    /// A placement that is given is taken as it is, whether it fits or not; `None`: it is not complete.
    pub fn as_asked(&self, rig: &Rig, scenario: &Scenario) -> Option<Split> {
        let asked = &scenario.placement;
        let layers = asked.gpu_layers?;
        if rig.devices.is_empty() || self.backend == BackendChoice::Cpu {
            return Some(Split::host_only(self));
        }
        let Some(first) = self.first_block(layers) else { return Some(Split::host_only(self)) };
        let moe = self.blocks_without_experts(asked.cpu_moe_layers.unwrap_or(0));
        Some(self.proportional(first, moe, &shares(rig, scenario)))
    }

    /// Blocks whose experts `--n-cpu-moe moe` keeps in main memory; 0 where none of them has any.
    fn blocks_without_experts(&self, moe: u32) -> usize {
        let moe = (moe as usize).min(self.blocks());
        let any = self.layout.blocks[..moe].iter().any(|block| block.experts_host > Bytes::ZERO);
        if any { moe } else { 0 }
    }

    /// First block on a device for `-ngl layers`; `None` for 0.
    fn first_block(&self, layers: u32) -> Option<usize> {
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

/// Shares of the devices: as asked, where a device that is left out gets nothing and one too many does not
/// count; else, or where that leaves none, by free memory.
fn shares(rig: &Rig, scenario: &Scenario) -> Vec<f64> {
    let asked = scenario.placement.tensor_split.as_deref().unwrap_or_default();
    let asked: Vec<f64> =
        (0..rig.devices.len()).map(|index| asked.get(index).copied().unwrap_or(0.0)).collect();
    if asked.iter().any(|share| *share as f32 > 0.0) {
        asked
    } else {
        rig.devices.iter().map(|device| device.free.gib()).collect()
    }
}

/// The smallest number from 1 to `most` for which `make` finds a split; fitting is monotone in it.
fn least(most: usize, make: impl Fn(usize) -> Option<Split>) -> Option<Split> {
    let (mut low, mut high) = (1, most);
    let mut best = make(most)?;
    while low < high {
        let middle = usize::midpoint(low, high);
        match make(middle) {
            Some(split) => {
                best = split;
                high = middle;
            }
            None => low = middle + 1,
        }
    }
    Some(best)
}

/// What counts as room to spare: 1 GiB or 5 % of the device, whichever is smaller.
pub fn spare(capacity: Bytes) -> Bytes {
    Bytes(GIB).min(capacity.scaled(0.05))
}

fn room(device: &Device, reserve: bool) -> Bytes {
    if reserve { device.free - spare(device.capacity) } else { device.free }
}

fn fits(memory: &Memory, devices: &[Device], reserve: bool) -> bool {
    memory.devices.iter().zip(devices).all(|(parts, device)| parts.total() <= room(device, reserve))
}
