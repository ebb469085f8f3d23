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
        let total: f64 = shares.iter().sum();
        let mut cuts = Vec::with_capacity(shares.len());
        let mut sum = 0.0;
        for share in shares {
            sum += share;
            // llama.cpp takes the first device whose cumulated share exceeds item ÷ items.
            let end = if total > 0.0 { (sum / total * items as f64).ceil() as usize } else { items };
            cuts.push(end.min(items));
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
        let shares: Vec<f64> = devices.iter().map(|d| d.free.gib()).collect();
        let asked = &scenario.placement;
        let free_choice = asked.gpu_layers.is_none() && asked.cpu_moe_layers.is_none();
        if free_choice {
            let default = self.proportional(0, 0, &shares);
            if fits(&self.memory(&default, devices), devices, false) {
                return Some(default);
            }
            if let Some(split) = self.filled(0, 0, devices, false) {
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
        let has_experts = self.layout.blocks.iter().any(|b| b.experts_host > Bytes::ZERO);
        match (first, asked.cpu_moe_layers) {
            (Some(first), Some(moe)) => self.filled(first, moe as usize, devices, true),
            (Some(first), None) if has_experts => {
                least(self.blocks(), |moe| self.filled(first, moe, devices, true))
            }
            (Some(first), None) => self.filled(first, 0, devices, true),
            (None, Some(moe)) => {
                least(self.blocks(), |first| self.filled(first, moe as usize, devices, true))
            }
            (None, None) => {
                let experts_out = has_experts
                    .then(|| least(self.blocks(), |moe| self.filled(0, moe, devices, true)))
                    .flatten();
                experts_out.or_else(|| {
                    let moe = if has_experts { self.blocks() } else { 0 };
                    least(self.blocks(), |first| self.filled(first, moe, devices, true))
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
        let free: Vec<f64> = rig.devices.iter().map(|d| d.free.gib()).collect();
        let shares = asked.tensor_split.as_deref().filter(|s| s.len() == rig.devices.len()).unwrap_or(&free);
        let moe = asked.cpu_moe_layers.unwrap_or(0) as usize;
        Some(self.proportional(first, moe.min(self.blocks()), shares))
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
