//! Seconds of one decode step: what the search for a placement compares, and what a speed is made from.

use super::format_group::FormatGroup;
use super::load::Load;
use super::place::{Run, Split};
use super::plan::{Bound, Evidence, Range};
use super::tariff::Basis;
use super::{rates, rules};

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
        let mut dense = (more.dense_host - weights.dense_host) as f64;
        if run.end > blocks {
            dense += load.layout.output_read.0 as f64;
        }
        let reading = dense * load.weight(run.device, self.group)
            + experts as f64 * context.experts_read * load.expert_weight(run.device, self.group);
        let cache = context.before(end).read - context.before(start).read;
        let attention = context.before(end).attention - context.before(start).attention;
        let pace = &context.paces[run.device];
        let away = sums.before(cpu_moe.clamp(start, end)).with_experts - weights.with_experts;
        let operations = (end - start) as f64 * load.operations() - away as f64 * load.expert_operations();
        (reading + cache * pace.cache + attention * pace.attention, operations * pace.operation)
    }

    /// Reading and time between in main memory beside `device`, s, and the bytes of weights read there.
    pub fn on_host(&self, device: usize, first: usize, cpu_moe: usize) -> (f64, f64, f64) {
        let load = &self.load;
        let (sums, beside) = (&load.layout.sums, &load.context.costs.devices[device].beside);
        let before = sums.before(first);
        let there = sums.before(first.max(cpu_moe));
        let experts = there.experts_host as f64 * load.context.experts_read;
        let dense = before.dense_host as f64;
        let flops = beside.flops(self.group, load.layout.bits_per_weight, load.rates.requests);
        (
            dense * (beside.dense + flops)
                + experts * (beside.experts + flops * load.context.requests_of_expert)
                + load.context.before(first).read * beside.dense,
            there.with_experts as f64 * beside.expert_hop + first as f64 * beside.block_hop,
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
            step.disk = step.host_bytes * streamed * self.load.rates.disk;
        }
        step
    }

    fn alone(&self) -> Step {
        let load = &self.load;
        let (all, alone) = (load.layout.sums.all(), &load.context.costs.alone);
        let dense = load.layout.output_read.0 as f64 + all.dense_host as f64;
        let experts = all.experts_host as f64 * load.context.experts_read;
        let (bits, requests) = (load.layout.bits_per_weight, load.rates.requests);
        let of_expert = requests * load.context.requests_of_expert;
        Step {
            ram: dense * alone.weight(self.group, bits, requests)
                + experts * alone.weight(self.group, bits, of_expert)
                + load.context.before(load.blocks()).read * alone.cache,
            overhead: load.layout.operations * alone.operation,
            host_bytes: dense + experts,
            ..Step::default()
        }
    }

    fn beside_devices(&self, split: &Split, first: usize) -> Step {
        let load = &self.load;
        let costs = &load.context.costs.devices;
        let Some((front, back)) = split.runs.first().zip(split.runs.last()) else { return Step::default() };
        let shares = split.uses_host();
        // What a device does beside a processor at work takes a little longer than without.
        let factor = |device: usize| if shares { costs[device].beside.device } else { 1.0 };
        let mut step = Step { overhead: load.step(back.device) * factor(back.device), ..Step::default() };
        if shares {
            let (ram, hops, host_bytes) = self.on_host(front.device, first, split.cpu_moe);
            (step.ram, step.host_bytes) = (ram, host_bytes);
            step.overhead += hops;
        }
        let mut used = 0_usize;
        for (run, from) in split.spans() {
            let (reading, layers) = self.on_device(run, from, split.cpu_moe);
            step.gpu_memory += reading * factor(run.device);
            step.overhead += layers * factor(run.device);
            used += usize::from(run.end > from);
        }
        step.overhead += used.saturating_sub(1) as f64 * load.rates.boundary;
        step
    }

    /// What the step of `split` rests on.
    pub fn basis(&self, split: &Split, streamed: f64) -> Basis {
        let costs = &self.load.context.costs;
        if streamed > 0.0 {
            return Basis { evidence: Evidence::Disk, width: rules::speed().intervals.disk };
        }
        let shares = split.uses_host();
        let of = |run: &Run| {
            let device = &costs.devices[run.device];
            if shares { device.beside_basis } else { device.basis }
        };
        // The weakest of the devices that take part.
        let weakest = split.runs.iter().map(of).reduce(Basis::weaker);
        split.first.and(weakest).unwrap_or(costs.alone_basis)
    }

    /// Tokens a second of all requests together, of a step of `split`.
    pub fn rate(&self, step: &Step, split: &Split, streamed: f64) -> Range {
        rates::range(self.load.rates.requests / step.total(), self.basis(split, streamed).width)
    }
}
