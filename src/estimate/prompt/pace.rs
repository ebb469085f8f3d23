//! What each part of a prompt costs on a device or a processor: the calibrated forms.

use crate::language::tr;
use crate::machine::table::Record;
use crate::model::Model;
use crate::quant::Level;

use super::super::calibration::{DEEP, Facts, Flag, Form, PREFILL, PREFILL_CPU, Term, Traits, coefficients};
use super::super::format_group::FormatGroup;
use super::super::pace::{OPERATION_S, architecture_name, backend_name, engine_class, vendor_name};
use super::super::plan::{Evidence, Unsupported};
use super::super::rig::{Device, Host};
use super::super::scenario::{BackendChoice, Engine};
use super::super::{rates, rules};
use super::work::{InRam, PromptWork};

/// TFLOPS that are counted where none are known, for each GB/s.
const TFLOPS_OF_GBS: f64 = 0.12;
/// Share of a device's matrix rate that an engine has the instructions for.
fn matrix_share(engine: &str, architecture: Option<&str>) -> f64 {
    let rule = &rules::speed().matrix_units;
    let is_there = architecture == Some(rule.architecture.as_str());
    if is_there && engine == "llama.cpp" { rule.share } else { 1.0 }
}

/// A link where none is known: PCIe 4.0 ×16, GB/s.
pub const USUAL_LINK_GBS: f64 = 32.0;
/// Floating-point operations that a thread counts before effects, 1/s.
pub const FLOPS_OF_THREAD: f64 = 1e11;
/// More threads are many: a step between them costs more.
pub const MANY_THREADS: u32 = 32;

/// The highest dense rate of the device at 16 bits, TFLOPS, whatever it accumulates in: half the INT8 rate
/// where that is known, since kernels for quantized weights multiply integers.
pub fn table_tflops(record: &Record) -> Option<f64> {
    [
        record.int8_tops_dense.map(|rate| rate / 2.0),
        record.fp16_tensor_tflops_dense_fp16acc,
        record.fp16_tensor_tflops_dense,
        record.fp16_vector_tflops,
        record.fp32_tflops,
    ]
    .into_iter()
    .flatten()
    .reduce(f64::max)
}

/// Peak rate, TFLOPS, of a device of `gbs` GB/s whose rate is `known` or not.
pub fn peak_tflops(known: Option<f64>, gbs: f64) -> f64 {
    known.unwrap_or(gbs * TFLOPS_OF_GBS)
}

/// Rate of a PCIe link, GB/s: a lane of generation 3 moves 1 GB/s, of each later one twice as much.
pub fn link_gbs(generation: f64, lanes: u32) -> f64 {
    f64::from(lanes) * (generation - 3.0).exp2()
}

/// Rate of the link that a device of the table was built with, GB/s.
pub fn record_link_gbs(record: &Record) -> Option<f64> {
    let slot = record.pcie.as_ref()?;
    Some(link_gbs(slot.generation?, slot.lanes?))
}

/// What of a prompt costs how much on a device for one model at one quantization: seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PromptPace {
    /// An operation of the graph.
    pub operation: f64,
    /// A byte of weights.
    pub byte: f64,
    /// A floating-point operation with weights.
    pub flop: f64,
    /// A floating-point operation of attention.
    pub attention: f64,
    /// A byte of experts that come out of main memory.
    pub link_experts: f64,
    /// A byte of whole blocks that come out of main memory.
    pub link_blocks: f64,
    /// Whether anything was measured of such devices with this backend and engine.
    pub is_measured: bool,
    /// Whether the architecture was measured with this backend and engine.
    pub is_measured_architecture: bool,
    /// Whether the device itself was.
    pub is_measured_device: bool,
    /// Whether this model was measured on this device.
    pub is_measured_model: bool,
    /// Half of the interval that holds 80 % of such rates, as a difference of logarithms: with all weights on the
    /// device, and with some in main memory.
    pub(super) widths: [f64; 2],
}

impl PromptPace {
    /// The strongest evidence that there is for it.
    pub fn evidence(&self) -> Evidence {
        if self.is_measured_model {
            Evidence::SameModel
        } else if self.is_measured_device {
            Evidence::SameDevice
        } else if self.is_measured_architecture {
            Evidence::SameArchitecture
        } else {
            Evidence::Vendor
        }
    }

    /// Half of the interval that holds 80 % of such rates, as a difference of logarithms; `in_ram`: some weights are
    /// in main memory.
    pub fn width(&self, in_ram: bool) -> f64 {
        self.widths[usize::from(in_ram)]
    }

    /// `model` of the family `family` (empty: of none that was measured) at `level` on `device`; `depth`: mean depth
    /// of the prompt's tokens. Where nothing was measured of such devices it is what is believed of them: part of a
    /// time of which the whole was measured, and no rate by itself ([`Self::measured`]).
    ///
    /// # Errors
    /// Where the device's bandwidth is not known.
    pub fn new(
        device: &Device,
        (engine, backend): (Engine, BackendChoice),
        flash_attention: bool,
        depth: u32,
        model: &Model,
        family: &str,
        level: Level,
    ) -> Result<Self, Unsupported> {
        let gbs = device.bandwidth_gbs.ok_or_else(|| Unsupported {
            reason: tr!("the memory bandwidth of {name} is not known", name = device.name),
        })?;
        let architecture = device
            .architecture
            .as_deref()
            .map(|name| architecture_name(name, device.unified, device.stacked_memory))
            .unwrap_or_default();
        let mut facts = Facts {
            vendor: vendor_name(device.vendor),
            backend: backend_name(backend),
            engine: engine_class(engine),
            architecture: &architecture,
            device: device.known_as(),
            family,
            model_architecture: &model.arch,
            format: FormatGroup::of(level, model).name(),
            flags: model_flags(model),
            ..Facts::default()
        };
        if !flash_attention {
            facts.flags.push(Flag::NoFlash);
        }
        let all = coefficients();
        let knows = |effect: &str, parts: &[&str]| all.knows("prefill", effect, parts);
        let sums = sums("prefill", &PREFILL, &facts);
        let cost = |term: Term| (sums[term as usize] + sums[Term::Whole as usize]).exp();
        let tflops = peak_tflops(device.prompt_tflops, gbs);
        let flop = 1e-12 / (tflops * matrix_share(facts.engine, device.architecture.as_deref()));
        let byte = 1e-9 / gbs;
        // What shares the memory has no link to it.
        let link = 1e-9 / if device.unified { gbs } else { device.link_gbs.unwrap_or(USUAL_LINK_GBS) };
        let of_link = |flag: Flag| {
            let mut facts = facts.clone();
            facts.flags.extend([Flag::InRam, flag]);
            (self::sums("prefill", &PREFILL, &facts)[Term::Link as usize] + sums[Term::Whole as usize]).exp()
                * link
        };
        let mut pace = Self {
            operation: cost(Term::Operations) * OPERATION_S,
            byte: cost(Term::Weights) * byte,
            flop: cost(Term::Flops) * flop,
            attention: cost(Term::Attention) * flop,
            link_experts: of_link(Flag::ExpertsInRam),
            link_blocks: of_link(Flag::BlocksInRam),
            is_measured: knows("flops", &[facts.vendor, facts.backend, facts.engine]),
            is_measured_architecture: knows(
                "flops.architecture.engine",
                &[&architecture, facts.backend, facts.engine],
            ),
            is_measured_device: knows("device.engine", &[device.known_as(), facts.backend, facts.engine]),
            is_measured_model: knows(
                "family.device",
                &[family, device.known_as(), facts.backend, facts.engine],
            ),
            widths: [0.0; 2],
        };
        let cell = format!("{}|{}|{}", facts.vendor, facts.backend, facts.engine);
        pace.widths = [false, true].map(|in_ram| {
            let (is_moe, active) = (model.is_moe(), model.params_active);
            let traits = Traits { cell: &cell, is_moe, is_deep: depth >= DEEP, active, in_ram };
            all.half_width("prefill", pace.evidence().name(), &traits).unwrap_or_else(rates::unknown)
        });
        Ok(pace)
    }

    /// The same, of which a rate can be said.
    ///
    /// # Errors
    /// Where nothing was measured of devices like `device`.
    pub fn measured(
        self,
        device: &Device,
        (engine, backend): (Engine, BackendChoice),
    ) -> Result<Self, Unsupported> {
        if self.is_measured {
            return Ok(self);
        }
        Err(Unsupported {
            reason: tr!(
                "no measurements of prompts under {engine} with {backend} are known of devices like {name}",
                engine = engine.title(),
                backend = backend.title(),
                name = device.name
            ),
        })
    }

    /// Seconds of `work` on the device; what comes over the link is of kind `in_ram`.
    pub fn seconds(&self, work: &PromptWork, in_ram: InRam) -> f64 {
        let link = match in_ram {
            InRam::Nothing => 0.0,
            InRam::Experts => self.link_experts,
            InRam::Blocks => self.link_blocks,
        };
        work.operations * self.operation
            + work.weights * self.byte
            + work.flops * self.flop
            + work.attention * self.attention
            + work.link * link
    }
}

/// What of a prompt costs how much on a processor for one model at one quantization: seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ProcessorPace {
    /// A floating-point operation with weights.
    pub flop: f64,
    /// A floating-point operation of attention.
    pub attention: f64,
}

impl ProcessorPace {
    /// `model` of the family `family` (empty: of none that was measured) at `level` on the processor of `host`.
    ///
    /// # Errors
    /// Where its cores are not known, or nothing was measured.
    pub fn new(host: &Host, model: &Model, family: &str, level: Level) -> Result<Self, Unsupported> {
        let threads = host.threads.filter(|threads| *threads > 0).ok_or_else(|| Unsupported {
            reason: tr!("the number of the processor's cores is not known").to_owned(),
        })?;
        if !coefficients().knows("prefill_cpu", "flops", &[]) {
            return Err(Unsupported {
                reason: tr!("no measurements of prompts on processors are known").to_owned(),
            });
        }
        let mut facts = Facts {
            device: host.cpu.as_deref().unwrap_or_default(),
            family,
            model_architecture: &model.arch,
            format: FormatGroup::of(level, model).name(),
            flags: model_flags(model),
            ..Facts::default()
        };
        if threads > MANY_THREADS {
            facts.flags.push(Flag::ManyThreads);
        }
        let sums = sums("prefill_cpu", &PREFILL_CPU, &facts);
        let flop = 1.0 / (f64::from(threads) * FLOPS_OF_THREAD);
        let cost = |term: Term| (sums[term as usize] + sums[Term::Whole as usize]).exp() * flop;
        Ok(Self { flop: cost(Term::Flops), attention: cost(Term::Attention) })
    }

    /// Seconds of `work`.
    pub fn seconds(&self, work: &PromptWork) -> f64 {
        work.flops * self.flop + work.attention * self.attention
    }
}

/// Flags of a model that the forms of prompts ask for.
fn model_flags(model: &Model) -> Vec<Flag> {
    let flags = [(model.is_moe(), Flag::Moe), (model.attention.mla.is_some(), Flag::Latent)];
    flags.into_iter().filter(|(holds, _)| *holds).map(|(_, flag)| flag).collect()
}

/// Sums of all effects, by term.
fn sums(name: &str, form: &Form, facts: &Facts<'_>) -> [f64; Term::ALL.len()] {
    let mut sums = coefficients().sums(name, form, facts, false);
    for (sum, own) in sums.iter_mut().zip(coefficients().sums(name, form, facts, true)) {
        *sum += own;
    }
    sums
}
