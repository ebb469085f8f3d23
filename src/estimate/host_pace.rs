//! What each part of a decode step costs in main memory: on the processor alone, and beside a device.
//!
//! Every cost is a number of seconds for a byte, a floating-point operation, an operation or a block, so that
//! a step stays a sum over blocks.

use crate::machine::table::{Processor, SERVER_GBS};
use crate::model::Model;

use super::calibration::{CPU, Facts, Flag, Form, HYBRID, Term, coefficients};
use super::divided::HostWork;
use super::format_group::FormatGroup;
use super::pace;
use super::plan::Evidence;
use super::rig::{Device, Host};
use super::scenario::BackendChoice;
use super::work::{self, Work};

/// The name of [`CPU`] in the coefficient file.
pub const CPU_NAME: &str = "cpu";
/// The name of [`HYBRID`] in the coefficient file.
pub const HYBRID_NAME: &str = "hybrid";

/// GFLOP/s that the processor beside a device counts before effects: few published runs name it, so that one
/// rate stands for all.
pub const BESIDE_GFLOPS: f64 = 500.0;
/// Seconds that a block counts before effects whose experts are in main memory: there and back.
pub const EXPERT_HOP_S: f64 = 1e-4;
/// Seconds that a block counts before effects that is in main memory as a whole.
pub const BLOCK_HOP_S: f64 = 2e-5;

/// Seconds that one operation of the graph counts before effects where `threads` wait for each other.
pub fn operation_s(threads: u32) -> f64 {
    1e-6 + 0.5e-6 * f64::from(threads)
}

/// GFLOP/s that count beside a device: less than usual only where the processor is known to be slow.
pub fn beside_gflops(processor: &Processor, threads: u32) -> f64 {
    match processor.platform {
        Some(_) => processor.gflops(threads).min(BESIDE_GFLOPS),
        None => BESIDE_GFLOPS,
    }
}

/// The engine that shares a model between a device and main memory.
const ENGINE: &str = "llama.cpp";

const TERMS: usize = Term::ALL.len();
const GROUPS: usize = FormatGroup::ALL.len();

/// Sums of effects that do not depend on a model, and of those on flops by format.
#[derive(Clone, Debug, PartialEq)]
struct Sums {
    terms: [f64; TERMS],
    formats: [f64; GROUPS],
}

impl Sums {
    fn new(name: &str, form: &Form, facts: &Facts<'_>) -> Self {
        let all = coefficients();
        let terms = all.sums(name, form, facts, false);
        let formats = FormatGroup::ALL.map(|group| {
            let with = Facts { format: group.name(), ..facts.clone() };
            all.sums(name, form, &with, false)[Term::Flops as usize] - terms[Term::Flops as usize]
        });
        Self { terms, formats }
    }

    /// Factors by term for a model, the whole in each.
    fn factors(&self, name: &str, form: &Form, facts: &Facts<'_>) -> [f64; TERMS] {
        let own = coefficients().sums(name, form, facts, true);
        let whole = self.terms[Term::Whole as usize] + own[Term::Whole as usize];
        Term::ALL.map(|term| (self.terms[term as usize] + own[term as usize] + whole).exp())
    }

    fn by_format(&self, flop: f64) -> [f64; GROUPS] {
        self.formats.map(|format| flop * format.exp())
    }
}

/// A processor that does everything: the effects that do not depend on a model.
#[derive(Clone, Debug, PartialEq)]
pub struct HostAlone {
    sums: Sums,
    /// Seconds that a byte counts.
    byte: f64,
    /// Seconds that a floating-point operation counts.
    flop: f64,
    /// Seconds that an operation counts.
    operation: f64,
    /// The processor's platform; empty: none that is known.
    platform: &'static str,
    /// What its cores compute with.
    isa: &'static str,
}

impl HostAlone {
    /// What is known of `host`; `flash_attention`: the engine uses it on processors.
    pub fn new(host: &Host, flash_attention: bool) -> Self {
        let processor = processor(host);
        let threads = processor.threads(host.threads);
        let flags = if flash_attention { Vec::new() } else { vec![Flag::NoFlash] };
        let facts = processor_facts(&processor, flags);
        let sums = Sums::new(CPU_NAME, &CPU, &facts);
        // Effects tell how much of the theoretical bandwidth is reached. What was measured is reached already; llama.cpp
        // reads weights at 0.8 to 1.04 times the rate of a plain read (measured on a Zen 4 server in 2026).
        let theoretical = processor.bandwidth(host.bandwidth_gbs);
        let gbs =
            host.measured_gbs.map_or(theoretical, |read| read * sums.terms[Term::Weights as usize].exp());
        Self {
            sums,
            byte: 1.0 / (gbs * 1e9),
            flop: 1.0 / (processor.gflops(threads) * 1e9),
            operation: operation_s(threads),
            platform: processor.platform.unwrap_or_default(),
            isa: processor.isa.name(),
        }
    }

    /// What was measured that is most like it, for a model of `family`.
    pub fn evidence(&self, family: &str) -> Evidence {
        let all = coefficients();
        if !family.is_empty() && all.is_measured(CPU_NAME, &[family, self.platform, "", ""]) {
            Evidence::SameModel
        } else if all.knows(CPU_NAME, "device", &[self.platform]) {
            Evidence::SameDevice
        } else if all.knows(CPU_NAME, "flops.architecture", &[self.isa]) {
            Evidence::SameArchitecture
        } else {
            Evidence::Vendor
        }
    }

    /// For `model` of the family `family`; empty: of none that was measured.
    pub fn of(&self, model: &Model, family: &str) -> Alone {
        let flags = if model.is_moe() { vec![Flag::Moe] } else { Vec::new() };
        let facts = Facts { family, flags, ..Facts::default() };
        let factors = self.sums.factors(CPU_NAME, &CPU, &facts);
        let factor = |term: Term| factors[term as usize];
        Alone {
            byte: factor(Term::Weights) * self.byte,
            flop: self.sums.by_format(factor(Term::Flops) * self.flop),
            cache: factor(Term::Cache) * self.byte,
            operation: factor(Term::Operations) * self.operation,
        }
    }
}

/// What of a step costs how much on the processor alone for one model: seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Alone {
    /// A byte of weights that is read.
    pub byte: f64,
    /// A floating-point operation with weights, by format group.
    pub flop: [f64; GROUPS],
    /// A byte of cache or state.
    pub cache: f64,
    /// An operation of the graph.
    pub operation: f64,
}

impl Alone {
    /// Seconds that a byte of weights takes for `requests` at once, multiplications included.
    pub fn weight(&self, group: FormatGroup, bits_per_weight: f64, requests: f64) -> f64 {
        self.byte + self.flop[group as usize] * work::flops_of_byte(bits_per_weight) * requests
    }

    /// Seconds of `work`.
    pub fn seconds(&self, work: &Work, group: FormatGroup) -> f64 {
        work.operations * self.operation
            + work.weights * self.byte
            + work.flops * self.flop[group as usize]
            + work.cache * self.cache
    }
}

/// A processor beside a device: the effects that do not depend on a model.
#[derive(Clone, Debug, PartialEq)]
pub struct HostBeside {
    sums: Sums,
    byte: f64,
    flop: f64,
    device: String,
    backend: &'static str,
    /// Vendor, backend and engine, as intervals are kept by them.
    pub cell: String,
}

impl HostBeside {
    /// What is known of `host` beside `device` with `backend`.
    pub fn new(host: &Host, device: &Device, backend: BackendChoice) -> Self {
        let processor = processor(host);
        let facts = Facts {
            vendor: pace::vendor_name(device.vendor),
            backend: pace::backend_name(backend),
            device: device.known_as(),
            flags: if host.bandwidth_gbs > SERVER_GBS { vec![Flag::ServerMemory] } else { Vec::new() },
            ..Facts::default()
        };
        let gflops = beside_gflops(&processor, processor.threads(host.threads));
        Self {
            sums: Sums::new(HYBRID_NAME, &HYBRID, &facts),
            byte: 1.0 / (host.bandwidth_gbs * 1e9),
            flop: 1.0 / (gflops * 1e9),
            device: device.known_as().to_owned(),
            backend: pace::backend_name(backend),
            cell: format!("{}|{}|{ENGINE}", facts.vendor, facts.backend),
        }
    }

    /// What was measured that is most like it, for a model of `family`. So few computers were that of one that
    /// was not, the class with the widest intervals is told.
    pub fn evidence(&self, family: &str) -> Evidence {
        let all = coefficients();
        if !family.is_empty() && all.is_measured(HYBRID_NAME, &[family, &self.device, self.backend, ENGINE]) {
            Evidence::SameModel
        } else if all.knows(HYBRID_NAME, "computer", &[&self.device]) {
            Evidence::SameDevice
        } else {
            Evidence::SameArchitecture
        }
    }

    /// For a model of the family `family`; empty: of none that was measured.
    pub fn of(&self, family: &str) -> Beside {
        let factors = self.sums.factors(HYBRID_NAME, &HYBRID, &Facts { family, ..Facts::default() });
        let factor = |term: Term| factors[term as usize];
        Beside {
            device: factor(Term::Device),
            experts: factor(Term::Experts) * self.byte,
            dense: factor(Term::Weights) * self.byte,
            flop: self.sums.by_format(factor(Term::Flops) * self.flop),
            expert_hop: factor(Term::Operations) * EXPERT_HOP_S,
            block_hop: factor(Term::Operations) * BLOCK_HOP_S,
        }
    }
}

/// What of a step costs how much beside a device for one model: seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Beside {
    /// Factor on the seconds of the device's share, as [`pace::Pace`] and what each step takes give them.
    pub device: f64,
    /// A byte of experts that is read.
    pub experts: f64,
    /// A byte of other weights, of cache or of state that is read.
    pub dense: f64,
    /// A floating-point operation with weights, by format group.
    pub flop: [f64; GROUPS],
    /// A block whose experts are in main memory.
    pub expert_hop: f64,
    /// A block that is in main memory as a whole; its experts count too.
    pub block_hop: f64,
}

impl Beside {
    /// Seconds that the multiplications with a byte of weights take for `requests` at once.
    pub fn flops(&self, group: FormatGroup, bits_per_weight: f64, requests: f64) -> f64 {
        self.flop[group as usize] * work::flops_of_byte(bits_per_weight) * requests
    }

    /// Seconds of `work` in main memory.
    pub fn seconds(&self, work: &HostWork, group: FormatGroup) -> f64 {
        work.experts * self.experts
            + (work.dense + work.cache) * self.dense
            + work.flops * self.flop[group as usize]
            + work.expert_blocks * self.expert_hop
            + work.blocks * self.block_hop
    }
}

fn processor(host: &Host) -> Processor {
    Processor::new(host.cpu.as_deref(), host.threads, host.bandwidth_gbs)
}

/// What is known of a processor, in the words of the coefficient file.
pub fn processor_facts(processor: &Processor, flags: Vec<Flag>) -> Facts<'static> {
    Facts {
        architecture: processor.isa.name(),
        device: processor.platform.unwrap_or_default(),
        class: processor.class.name(),
        flags,
        ..Facts::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimate::scenario::CacheType;
    use crate::machine::Vendor;
    use crate::model::Catalog;

    fn host(cpu: &str, threads: u32, bandwidth_gbs: f64) -> Host {
        Host { cpu: Some(cpu.to_owned()), threads: Some(threads), bandwidth_gbs, ..Host::default() }
    }

    fn llama() -> &'static Model {
        let catalog = Catalog::embedded();
        catalog.get(catalog.find("meta-llama/Llama-3.1-8B-Instruct").unwrap())
    }

    fn rate(host: &Host, depth: f64, flash: bool) -> f64 {
        let level = "Q4_K_M".parse().unwrap();
        let work = Work::new(llama(), level, (CacheType::F16, CacheType::F16), depth, 1.0).unwrap();
        1.0 / HostAlone::new(host, flash).of(llama(), "").seconds(&work, FormatGroup::KQuants)
    }

    /// Published: 8B at `Q4_K_M` on two channels of DDR5 some 10 to 16 tokens/s, on a Raspberry Pi 5 some 2.
    #[test]
    fn processors_alone_are_as_fast_as_published() {
        let desktop = rate(&host("AMD Ryzen 9 7950X 16-Core Processor", 16, 83.2), 64.0, true);
        assert!((8.0..17.0).contains(&desktop), "{desktop}");
        let board = rate(&host("Raspberry Pi 5", 4, 17.1), 64.0, true);
        assert!((1.4..3.0).contains(&board), "{board}");
    }

    #[test]
    fn what_was_measured_is_not_discounted_again() {
        let guest = |measured_gbs| Host { measured_gbs, ..host("Virtual Processor", 2, 28.4) };
        let weight = |host: &Host| HostAlone::new(host, true).of(llama(), "").byte;
        let (known, measured) = (weight(&guest(None)), weight(&guest(Some(28.4))));
        assert!((measured * 28.4e9 - 1.0).abs() < 0.15 && known > 1.05 * measured, "{known} {measured}");
        // A theoretical bandwidth beside it does not count.
        let beside = Host { measured_gbs: Some(28.4), ..host("Virtual Processor", 2, 460.8) };
        assert!((weight(&beside) / measured - 1.0).abs() < 1e-9);
    }

    #[test]
    fn a_deep_cache_is_slower_with_flash_attention() {
        let host = host("AMD Ryzen 9 7950X 16-Core Processor", 16, 83.2);
        assert!(rate(&host, 16_000.0, true) < 0.8 * rate(&host, 16_000.0, false));
        assert!(rate(&host, 0.0, true) > 0.99 * rate(&host, 0.0, false));
    }

    #[test]
    fn one_core_is_bound_by_what_it_computes() {
        let one = rate(&host("AMD Ryzen 9 7950X 16-Core Processor", 1, 83.2), 64.0, true);
        let eight = rate(&host("AMD Ryzen 9 7950X 16-Core Processor", 8, 83.2), 64.0, true);
        assert!(eight > 1.8 * one && eight < 8.0 * one, "{one} {eight}");
    }

    #[test]
    fn costs_beside_a_device_add_up() {
        let device = Device {
            name: "NVIDIA GeForce RTX 4090".to_owned(),
            vendor: Vendor::Nvidia,
            bandwidth_gbs: Some(1008.0),
            ..Device::default()
        };
        let desktop = host("Core i9-14900K", 24, 89.6);
        let beside = HostBeside::new(&desktop, &device, BackendChoice::Cuda).of("");
        let work = HostWork { experts: 1e9, flops: 3.5e9, expert_blocks: 40.0, ..HostWork::default() };
        let bits = 16.0 / 3.5;
        let each = beside.experts + beside.flops(FormatGroup::KQuants, bits, 1.0);
        let sum = 1e9 * each + 40.0 * beside.expert_hop;
        assert!((beside.seconds(&work, FormatGroup::KQuants) - sum).abs() < 1e-12);
        // More than memory alone would take, and less than three times as much.
        assert!(sum > 1e9 / 89.6e9 && sum < 3e9 / 89.6e9 + 40.0 * 2e-4, "{sum}");

        let server = host("AMD EPYC 7642", 48, 204.8);
        let server = HostBeside::new(&server, &device, BackendChoice::Cuda).of("");
        assert!(server.experts < beside.experts && server.flop[0] < beside.flop[0]);
        let weak = HostBeside::new(&host("Intel(R) N150", 4, 38.4), &device, BackendChoice::Cuda).of("");
        assert!(weak.flop[0] > 2.0 * beside.flop[0]);
    }
}
