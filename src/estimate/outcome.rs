//! A placement and what follows from it: memory, verdict, longest context.

use crate::machine::Vendor;
use crate::model::Model;
use crate::quant::Level;
use crate::units::Bytes;

use super::layout::Layout;
use super::place::{self, Load, Split};
use super::plan::{FitClass, Memory, Placement};
use super::profile::Profile;
use super::rig::Rig;
use super::scenario::{BackendChoice, Scenario};
use super::speed;
use super::verdict;

/// A placement with its consequences.
#[derive(Debug)]
pub struct Outcome<'a> {
    /// Bytes of every part.
    pub load: Load<'a>,
    /// Where the blocks are.
    pub split: Split,
    /// Memory by device.
    pub memory: Memory,
    /// Verdict.
    pub class: FitClass,
    /// To spare on the tightest device; negative: missing.
    pub margin_bytes: i64,
    /// Share of the host's weights that is streamed from disk.
    pub streamed: f64,
}

/// The backend that is asked for, or the usual one of the first device.
pub fn backend(scenario: &Scenario, rig: &Rig) -> BackendChoice {
    if scenario.backend != BackendChoice::Auto {
        return scenario.backend;
    }
    match rig.devices.first().map(|device| device.vendor) {
        None => BackendChoice::Cpu,
        Some(Vendor::Nvidia) => BackendChoice::Cuda,
        Some(Vendor::Amd) => BackendChoice::Rocm,
        Some(Vendor::Apple) => BackendChoice::Metal,
        Some(Vendor::Intel) => BackendChoice::Sycl,
        Some(Vendor::Qualcomm | Vendor::Other) => BackendChoice::Vulkan,
    }
}

/// A model at a level, with what is known of both.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The model.
    pub model: &'a Model,
    /// The quantization.
    pub level: Level,
    /// What depends on the model alone.
    pub profile: &'a Profile,
    /// What depends on both.
    pub layout: &'a Layout,
}

impl<'a> Subject<'a> {
    /// The placement that is asked for, or the best: on the GPUs if they hold it all, else with the help
    /// of main memory or on the processor alone, whichever is predicted faster.
    pub fn outcome(&self, scenario: &Scenario, rig: &Rig) -> Outcome<'a> {
        let load = self.profile.load(self.model, self.layout, scenario, rig, scenario.context);
        if let Some(split) = asked(self.model, &load, rig, scenario) {
            let memory = load.memory(&split, &rig.devices);
            return judged(load, split, memory, rig);
        }
        let host = Split::host_only(&load);
        let host_memory = load.memory(&host, &rig.devices);
        let Some(split) = load.onto_devices(rig, scenario) else {
            return self.or_streamed(judged(load, host, host_memory, rig), scenario, rig);
        };
        let memory = load.memory(&split, &rig.devices);
        // A sliver on a slow GPU can be worse than the processor alone.
        if split.uses_host() && host_memory.host.total() <= rig.host.free {
            let cost = self.profile.cost(self.model, self.level, 0.0);
            let rate =
                |split: &Split| speed::decode(&cost, &load, split, scenario, rig).map(|range| range.p50);
            if let (Some(alone), Some(together)) = (rate(&host), rate(&split))
                && alone > together
            {
                return judged(load, host, host_memory, rig);
            }
        }
        self.or_streamed(judged(load, split, memory, rig), scenario, rig)
    }

    /// What does not fit by its weights alone may still be streamed from disk.
    fn or_streamed(&self, mut outcome: Outcome<'a>, scenario: &Scenario, rig: &Rig) -> Outcome<'a> {
        if outcome.class != FitClass::TooBig {
            return outcome;
        }
        let host = &outcome.memory.host;
        let missing = host.total() - rig.host.free;
        let devices_hold = outcome.memory.devices.iter().zip(&rig.devices).all(|(p, d)| p.total() <= d.free);
        if missing == Bytes::ZERO || missing >= host.weights || !devices_hold {
            return outcome;
        }
        let streamed = missing.gib() / host.weights.gib();
        let cost = self.profile.cost(self.model, self.level, streamed);
        let rate = speed::decode(&cost, &outcome.load, &outcome.split, scenario, rig);
        // Below one token a second streaming is no answer (the cost model calls it not usable).
        if rate.is_some_and(|rate| rate.p50 >= 1.0) {
            outcome.class = FitClass::Disk;
            outcome.streamed = streamed;
        }
        outcome
    }

    /// Longest context, tokens, that stays on the GPUs if `present` or a short one does, else that runs at
    /// all; and whether it is on the GPUs. By bisection over steps of 256 tokens.
    pub fn longest_context(&self, scenario: &Scenario, rig: &Rig, present: FitClass) -> (Option<u32>, bool) {
        // A model without a stated limit is asked up to a million tokens.
        let limit = self.model.context_max.unwrap_or(1 << 20).max(256);
        let class_at = |context: u32| {
            let scenario = Scenario { context, ..scenario.clone() };
            self.outcome(&scenario, rig).class
        };
        let on_gpu = |class: FitClass| class <= FitClass::Tight;
        let whole = on_gpu(present) || on_gpu(class_at(256));
        let good = |context: u32| {
            let class = class_at(context);
            if whole { on_gpu(class) } else { class.runs() }
        };
        if !good(256) {
            return (None, false);
        }
        if good(limit) {
            return (Some(limit), whole);
        }
        let (mut low, mut high) = (1, limit / 256);
        while low + 1 < high {
            let middle = u32::midpoint(low, high);
            if good(middle * 256) { low = middle } else { high = middle }
        }
        (Some(low * 256), whole)
    }
}

fn asked(model: &Model, load: &Load<'_>, rig: &Rig, scenario: &Scenario) -> Option<Split> {
    let request = &scenario.placement;
    if request.is_auto() {
        return None;
    }
    let complete = request.gpu_layers.is_some() && (request.cpu_moe_layers.is_some() || !model.is_moe());
    if complete {
        return load.as_asked(rig, scenario);
    }
    load.onto_devices(rig, scenario).or_else(|| load.as_asked(rig, scenario))
}

fn judged<'a>(load: Load<'a>, split: Split, memory: Memory, rig: &Rig) -> Outcome<'a> {
    let signed = |free: Bytes, need: Bytes| {
        i64::try_from(free.0).unwrap_or(i64::MAX) - i64::try_from(need.0).unwrap_or(i64::MAX)
    };
    let host_margin = signed(rig.host.free, memory.host.total());
    let unified = rig.devices.iter().any(|device| device.unified);
    let tightest = memory
        .devices
        .iter()
        .zip(&rig.devices)
        .map(|(parts, device)| {
            let margin = signed(device.free, parts.total());
            // One pool: the host's part counts against it too.
            let margin = if unified { margin.min(signed(rig.host.free, memory.total())) } else { margin };
            (margin, place::spare(device.capacity))
        })
        .min_by_key(|(margin, spare)| margin.saturating_sub_unsigned(spare.0));
    let (class, margin_bytes) = match tightest.filter(|_| split.first.is_some()) {
        None if host_margin >= 0 => (FitClass::Cpu, host_margin),
        None => (FitClass::TooBig, host_margin),
        Some((margin, _)) if margin < 0 => (FitClass::TooBig, margin),
        Some(_) if host_margin < 0 && !unified => (FitClass::TooBig, host_margin),
        Some((margin, _)) if split.uses_host() => (FitClass::Offload, margin),
        Some((margin, spare)) if Bytes(margin.unsigned_abs()) >= spare => (FitClass::Fits, margin),
        Some((margin, _)) => (FitClass::Tight, margin),
    };
    Outcome { load, split, memory, class, margin_bytes, streamed: 0.0 }
}

impl Outcome<'_> {
    /// What the verdict speaks of.
    pub fn verdict_facts(&self, rig: &Rig) -> verdict::Facts {
        let blocks = self.load.blocks();
        let host_blocks = self.split.first.unwrap_or(blocks);
        let experts_on_host: Bytes = self.load.layout.blocks[..self.split.cpu_moe.min(blocks)]
            .iter()
            .skip(host_blocks)
            .map(|block| block.experts_host)
            .sum();
        verdict::Facts {
            class: self.class,
            margin_bytes: self.margin_bytes,
            devices: rig.devices.len(),
            unified: rig.devices.iter().any(|device| device.unified),
            host_need: self.memory.host.total(),
            host_free: rig.host.free,
            device_need: self.memory.on_devices(),
            device_free: rig.device_free(),
            experts_on_host,
            host_blocks,
            blocks,
        }
    }

    /// Where the layers go, in llama.cpp's terms.
    pub fn placement(&self, rig: &Rig) -> Placement {
        let split = &self.split;
        let tensor_split = (rig.devices.len() > 1 && split.first.is_some()).then(|| {
            let mut start = 0;
            split
                .cuts
                .iter()
                .map(|&end| {
                    let items = end.saturating_sub(start);
                    start = end.max(start);
                    items as f64
                })
                .collect()
        });
        Placement {
            gpu_layers: self.load.gpu_layers(split),
            cpu_moe_layers: if split.first.is_some() { split.cpu_moe as u32 } else { 0 },
            tensor_split,
            split_mode: "layer".to_owned(),
        }
    }
}
