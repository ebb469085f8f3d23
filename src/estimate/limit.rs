//! How near a decode rate comes to what memory allows, and whether arithmetic holds it back more than memory.

use super::format_group::FormatGroup;
use super::load::Load;
use super::place::Split;
use super::plan::Bound;
use super::rig::Rig;
use super::work;

/// Bytes that a step of all requests together reads in one memory, and what it multiplies there.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Reads {
    /// Weights.
    weights: f64,
    /// Cache and state.
    cache: f64,
    /// Operations of attention, floating-point.
    attention: f64,
}

impl Reads {
    fn bytes(&self) -> f64 {
        self.weights + self.cache
    }
}

/// A placed model.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// Format of its weights.
    pub group: FormatGroup,
    /// Its bytes.
    pub load: Load<'a>,
    /// Where they are.
    pub split: &'a Split,
    /// The machine.
    pub rig: &'a Rig,
}

impl Subject<'_> {
    /// Decode rate of all requests together at the bandwidth that each memory is specified with, tokens/s. `None`
    /// where one is not known, or is only assumed.
    pub fn limit(&self) -> Option<f64> {
        let host = self.in_ram();
        let mut seconds = 0.0;
        if host.bytes() > 0.0 {
            if self.rig.host.bandwidth_is_assumed {
                return None;
            }
            seconds += host.bytes() / (self.rig.host.bandwidth_gbs * 1e9);
        }
        for (device, reads) in self.on_devices() {
            seconds += reads.bytes() / (self.rig.devices.get(device)?.bandwidth_gbs? * 1e9);
        }
        (seconds > 0.0).then(|| self.load.rates.requests / seconds)
    }

    /// What bounds it: where that is the memory of what computes, the arithmetic if that takes longer.
    pub fn bound(&self, bound: Bound) -> Bound {
        let bits = self.load.layout.file.bits_per_weight;
        let flops = |reads: &Reads| reads.weights * work::flops_of_byte(bits) * self.load.rates.requests;
        let (mut reading, mut computing) = (0.0, 0.0);
        match bound {
            Bound::GpuMemory => {
                for (device, reads) in self.on_devices() {
                    let pace = &self.load.context.paces[device];
                    reading += reads.weights * pace.byte[self.group as usize] + reads.cache * pace.cache;
                    computing += flops(&reads) * pace.flop + reads.attention * pace.attention;
                }
            }
            Bound::Ram if self.split.first.is_none() => {
                let reads = self.in_ram();
                let alone = &self.load.context.costs.alone;
                reading = reads.weights * alone.byte + reads.cache * alone.cache;
                computing = flops(&reads) * alone.flop[self.group as usize];
            }
            _ => return bound,
        }
        if computing > reading { Bound::Compute } else { bound }
    }

    fn on_devices(&self) -> impl Iterator<Item = (usize, Reads)> {
        self.split.spans().map(|(run, from)| {
            let load = &self.load;
            let (blocks, sums, context) = (load.blocks(), &load.layout.sums, load.context);
            let (start, end) = (from.min(blocks), run.end.min(blocks));
            let (less, more) = (sums.before(start), sums.before(end));
            let away = sums.before(self.split.cpu_moe.clamp(start, end));
            let mut weights = (more.dense_host - less.dense_host) as f64
                + (more.experts_host - away.experts_host) as f64 * context.experts_read;
            if run.end > blocks {
                weights += load.layout.output_read.0 as f64;
            }
            let (before, after) = (context.before(start), context.before(end));
            let reads = Reads {
                weights,
                cache: after.read - before.read,
                attention: after.attention - before.attention,
            };
            (run.device, reads)
        })
    }

    fn in_ram(&self) -> Reads {
        let load = &self.load;
        let (sums, context) = (&load.layout.sums, load.context);
        let (first, output) = match self.split.first {
            Some(first) => (first, 0.0),
            None => (load.blocks(), load.layout.output_read.0 as f64),
        };
        let experts = sums.before(first.max(self.split.cpu_moe)).experts_host as f64 * context.experts_read;
        Reads {
            weights: sums.before(first).dense_host as f64 + experts + output,
            cache: context.before(first).read,
            attention: context.before(first).attention,
        }
    }
}
