//! Seconds of one decode step: what the search for a placement compares, and what a speed is made from.

use super::load::Load;
use super::pace::FormatGroup;
use super::place::{Run, Split};
use super::plan::{Bound, Evidence};

/// Seconds of one decode step of all requests together, by cause.
#[derive(Clone, Copy, Debug, Default)]
pub struct Step {
    /// Reading weights and cache on devices.
    pub gpu_memory: f64,
    /// Layers, whatever their size, and boundaries between devices.
    pub overhead: f64,
    /// Reading in main memory.
    pub ram: f64,
    /// Reading from disk.
    pub disk: f64,
    /// Of the bytes read, those in main memory.
    pub host_bytes: f64,
}

impl Step {
    /// All of it.
    pub fn total(&self) -> f64 {
        self.gpu_memory + self.overhead + self.ram + self.disk
    }

    /// What takes most.
    pub fn bound(&self) -> Bound {
        if self.disk > self.ram.max(self.gpu_memory).max(self.overhead) {
            Bound::Disk
        } else if self.ram >= self.gpu_memory && self.ram >= self.overhead {
            Bound::Ram
        } else if self.gpu_memory >= self.overhead {
            Bound::GpuMemory
        } else {
            Bound::Overhead
        }
    }
}

/// Steps of one load in weights of one format.
#[derive(Clone, Copy, Debug)]
pub struct Stepper<'a> {
    load: Load<'a>,
    group: FormatGroup,
}

impl<'a> Stepper<'a> {
    /// Steps of `load`.
    pub const fn new(load: Load<'a>, group: FormatGroup) -> Self {
        Self { load, group }
    }

    /// Reading and layer time of the items from `from` to before `run.end` on a device, s.
    pub fn on_device(&self, run: Run, from: usize, cpu_moe: usize) -> (f64, f64) {
        let load = &self.load;
        let (blocks, sums, context) = (load.blocks(), &load.layout.sums, load.context);
        let (start, end) = (from.min(blocks), run.end.min(blocks));
        let (weights, more) = (sums.before(start), sums.before(end));
        let experts = more.experts_host - sums.before(cpu_moe.clamp(start, end)).experts_host;
        let mut bytes = (more.dense_host - weights.dense_host) as f64 + experts as f64 * context.experts_read;
        if run.end > blocks {
            bytes += load.layout.output_read.0 as f64;
        }
        let cache = context.before(end).read - context.before(start).read;
        let attention = context.before(end).attention - context.before(start).attention;
        let pace = &context.paces[run.device];
        (
            bytes * load.weight(run.device, self.group) + cache * pace.cache + attention * pace.attention,
            (end - start) as f64 * load.operations() * pace.operation,
        )
    }

    /// Reading and layer time in main memory beside devices, s, and the bytes of weights read there.
    pub fn on_host(&self, first: usize, cpu_moe: usize) -> (f64, f64, f64) {
        let load = &self.load;
        let (sums, host) = (&load.layout.sums, &load.rates.host);
        let before = sums.before(first);
        let experts_end = sums.before(first.max(cpu_moe));
        let experts = experts_end.experts_host as f64 * load.context.experts_read;
        let dense = before.dense_host as f64;
        let hops = if experts > 0.0 { experts_end.with_experts - before.with_experts } else { 0 };
        (
            (dense + load.context.before(first).read) * host.dense + experts * host.experts,
            (first + hops) as f64 * host.hop,
            dense + experts,
        )
    }

    /// The step of `split`; of weights in main memory the share `streamed` is read from disk.
    pub fn step(&self, split: &Split, streamed: f64) -> Step {
        let mut step = match split.first {
            None => self.alone(),
            Some(first) => self.beside_devices(split, first),
        };
        if streamed > 0.0 {
            step.disk = step.host_bytes * streamed * self.load.rates.host.disk;
        }
        step
    }

    fn alone(&self) -> Step {
        let load = &self.load;
        let (all, host) = (load.layout.sums.all(), &load.rates.host);
        let blocks = load.blocks();
        let bytes = load.layout.output_read.0 as f64
            + all.dense_host as f64
            + all.experts_host as f64 * load.context.experts_read
            + load.context.before(blocks).read;
        Step {
            ram: bytes * host.alone,
            overhead: blocks as f64 * host.alone_layer,
            host_bytes: bytes,
            ..Step::default()
        }
    }

    fn beside_devices(&self, split: &Split, first: usize) -> Step {
        let rates = self.load.rates;
        let (ram, hops, host_bytes) = self.on_host(first, split.cpu_moe);
        let mut step = Step { ram, overhead: rates.token + hops, host_bytes, ..Step::default() };
        let mut used = 0_usize;
        for (run, from) in split.spans() {
            let (reading, layers) = self.on_device(run, from, split.cpu_moe);
            step.gpu_memory += reading;
            step.overhead += layers;
            used += usize::from(run.end > from);
        }
        step.overhead += used.saturating_sub(1) as f64 * rates.boundary;
        step
    }

    /// What the step of `split` rests on.
    pub fn evidence(&self, split: &Split, streamed: f64) -> Evidence {
        if streamed > 0.0 {
            Evidence::Disk
        } else if split.first.is_none() {
            Evidence::CpuOnly
        } else if split.uses_host() {
            Evidence::Hybrid
        } else {
            // The weakest of the devices that take part.
            let of = |run: &Run| self.load.context.evidence[run.device];
            split.runs.iter().map(of).max().unwrap_or(Evidence::Vendor)
        }
    }
}
