//! What each part of a decode step costs on a device: the calibrated form for one device and one model.

use crate::language::tr;
use crate::machine::Vendor;
use crate::machine::table::Record;
use crate::model::Model;

use super::calibration::{DECODE, Facts, Flag, STACKED, Term, coefficients};
use super::format_group::FormatGroup;
use super::plan::{Evidence, Unsupported};
use super::rig::Device;
use super::scenario::{BackendChoice, CacheType, Engine};
use super::together::{self, BATCH_NAME, Effects, PLANNING_S, SAMPLING_S};
use super::work::{self, Work};

/// Seconds that one operation of the graph counts before effects.
pub const OPERATION_S: f64 = 1.1e-5;

/// A vendor's name in the coefficient file.
pub const fn vendor_name(vendor: Vendor) -> &'static str {
    match vendor {
        Vendor::Nvidia => "nvidia",
        Vendor::Amd => "amd",
        Vendor::Intel => "intel",
        Vendor::Apple => "apple",
        Vendor::Qualcomm => "qualcomm",
        Vendor::Other => "other",
    }
}

/// A backend's name in the coefficient file.
pub const fn backend_name(backend: BackendChoice) -> &'static str {
    match backend {
        BackendChoice::Auto => "",
        BackendChoice::Cuda => "cuda",
        BackendChoice::Rocm => "rocm",
        BackendChoice::Vulkan => "vulkan",
        BackendChoice::Metal => "metal",
        BackendChoice::Sycl => "sycl",
        BackendChoice::Cpu => "cpu",
    }
}

/// An engine's class in the coefficient file: engines that are llama.cpp inside are one, servers another.
pub const fn engine_class(engine: Engine) -> &'static str {
    match engine {
        Engine::LlamaCpp | Engine::Ollama => "llama.cpp",
        Engine::Mlx => "mlx",
        Engine::Vllm | Engine::Sglang | Engine::TensorRtLlm | Engine::ExLlamaV3 => "vllm",
    }
}

/// An architecture in the coefficient file: chips of one generation with stacked memory, or with the computer's
/// memory, are kinds of their own.
pub fn architecture_name(architecture: &str, unified: bool, stacked: bool) -> String {
    if architecture.starts_with("Apple") {
        return architecture.to_owned();
    }
    let kind = if unified {
        " unified"
    } else if stacked {
        STACKED
    } else {
        ""
    };
    format!("{architecture}{kind}")
}

/// Whether a device of the table has stacked memory.
pub fn is_stacked(record: &Record) -> bool {
    record.mem_type.starts_with("HBM")
}

/// The best matrix rate that the hardware table knows of a device with FP32 accumulation, TFLOPS.
pub fn table_tflops(record: &Record) -> Option<f64> {
    record.fp16_tensor_tflops_dense.or(record.fp16_vector_tflops).or(record.fp32_tflops)
}

/// TFLOPS that are counted where none are known, for each GB/s.
const TFLOPS_OF_GBS: f64 = 0.06;

/// Peak rate, TFLOPS, of a device of `gbs` GB/s whose rate is `known` or not.
pub fn peak_tflops(known: Option<f64>, gbs: f64) -> f64 {
    known.unwrap_or(gbs * TFLOPS_OF_GBS)
}

/// What holds of a cache whose keys and values are of these types, by the coarser; `None`: it is not quantized by
/// llama.cpp.
pub fn cache_flag((keys, values): (CacheType, CacheType)) -> Option<Flag> {
    let flag = |cache: CacheType| match cache {
        CacheType::Q8_0 => 1,
        CacheType::Q5_1 | CacheType::Q5_0 | CacheType::Q4_1 | CacheType::Q4_0 | CacheType::Iq4Nl => 2,
        _ => 0,
    };
    [None, Some(Flag::CacheEight), Some(Flag::CacheFew)][flag(keys).max(flag(values))]
}

/// What of a step costs how much on a device for one model: seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Pace {
    /// A byte of weights, by format group.
    pub byte: [f64; FormatGroup::ALL.len()],
    /// A floating-point operation with weights.
    pub flop: f64,
    /// A byte of cache or state.
    pub cache: f64,
    /// A floating-point operation of attention.
    pub attention: f64,
    /// An operation of the graph.
    pub operation: f64,
    /// A step, whatever it does.
    pub step: f64,
    /// A byte of weights that is read again.
    pub again: f64,
}

/// A device, an engine and a backend: the effects that do not depend on a model.
#[derive(Clone, Debug, PartialEq)]
pub struct DevicePace {
    /// What is known of it, without a model.
    facts: Names,
    /// Sums of effects by term.
    sums: [f64; Term::ALL.len()],
    /// Sums of effects on weights by format group.
    formats: [f64; FormatGroup::ALL.len()],
    /// Seconds that a byte counts.
    byte: f64,
    /// Seconds that a floating-point operation counts.
    flop: f64,
    /// Whether the architecture was measured with this backend and engine.
    is_measured_architecture: bool,
    /// Whether the device itself was.
    is_measured_device: bool,
    /// Whether it was where several requests run at once.
    is_measured_together: bool,
}

/// Names of a device's facts.
#[derive(Clone, Debug, PartialEq)]
struct Names {
    vendor: &'static str,
    backend: &'static str,
    engine: &'static str,
    /// The engine where several requests run at once.
    together: &'static str,
    architecture: String,
    device: String,
}

impl DevicePace {
    /// What is known of `device` with `backend` under `engine`; `cache`: [`cache_flag`].
    ///
    /// # Errors
    /// Where no rate can be said of it.
    pub fn new(
        device: &Device,
        backend: BackendChoice,
        engine: Engine,
        flash_attention: bool,
        cache: Option<Flag>,
    ) -> Result<Self, Unsupported> {
        let unknown = |reason: String| Unsupported { reason };
        let gbs = device
            .bandwidth_gbs
            .ok_or_else(|| unknown(tr!("the memory bandwidth of {name} is not known", name = device.name)))?;
        let names = Names {
            vendor: vendor_name(device.vendor),
            backend: backend_name(backend),
            engine: engine_class(engine),
            together: together::engine_name(engine_class(engine), engine.name()),
            architecture: device
                .architecture
                .as_deref()
                .map(|name| architecture_name(name, device.unified, device.stacked_memory))
                .unwrap_or_default(),
            device: device.known_as().to_owned(),
        };
        let all = coefficients();
        if !all.knows("decode", "weights", &[names.vendor, names.backend]) {
            return Err(unknown(tr!(
                "no measurements of {engine} with {backend} on {vendor_title}'s GPUs are known",
                engine = engine.title(),
                backend = backend.title(),
                vendor_title = names.vendor_title()
            )));
        }
        let mut facts = names.facts();
        if !flash_attention {
            facts.flags.push(Flag::NoFlash);
        }
        if engine == Engine::Ollama {
            facts.flags.push(Flag::Ollama);
        }
        facts.flags.extend(cache);
        let sums = all.sums("decode", &DECODE, &facts, false);
        let formats = FormatGroup::ALL.map(|group| {
            facts.format = group.name();
            let with = all.sums("decode", &DECODE, &facts, false);
            with[Term::Weights as usize] - sums[Term::Weights as usize]
        });
        facts.format = "";
        let is_measured_architecture = all.knows(
            "decode",
            "weights.architecture.engine",
            &[&names.architecture, names.backend, names.engine],
        );
        Ok(Self {
            sums,
            formats,
            byte: 1.0 / (gbs * 1e9),
            flop: 1.0 / (peak_tflops(device.fp16_tflops, gbs) * 1e12),
            is_measured_architecture,
            is_measured_device: all.knows(
                "decode",
                "device.engine",
                &[&names.device, names.backend, names.engine],
            ),
            is_measured_together: all
                .is_measured_on(BATCH_NAME, &[&names.device, names.backend, names.together]),
            facts: names,
        })
    }

    /// For `model` of the family `family`; empty: of none that was measured.
    pub fn of(&self, model: &Model, family: &str, is_recurrent: bool) -> Pace {
        let mut facts = self.facts.facts();
        facts.family = family;
        facts.model_architecture = &model.arch;
        let flags = [
            (model.is_moe(), Flag::Moe),
            (is_recurrent, Flag::Recurrent),
            (model.attention.mla.is_some(), Flag::Latent),
        ];
        facts.flags.extend(flags.into_iter().filter(|(holds, _)| *holds).map(|(_, flag)| flag));
        let own = coefficients().sums("decode", &DECODE, &facts, true);
        let whole = (self.sums[Term::Whole as usize] + own[Term::Whole as usize]).exp();
        let cost = |term: Term| (self.sums[term as usize] + own[term as usize]).exp() * whole;
        let byte = cost(Term::Weights) * self.byte;
        Pace {
            byte: self.formats.map(|format| byte * format.exp()),
            flop: cost(Term::Flops) * self.flop,
            cache: cost(Term::Cache) * self.byte,
            attention: cost(Term::Attention) * self.flop,
            operation: cost(Term::Operations) * OPERATION_S,
            step: DECODE.fixed_s * whole,
            ..Pace::default()
        }
    }

    /// What several requests at once change for `model` of the family `family`.
    pub fn together(&self, model: &Model, family: &str) -> Together {
        Together { effects: self.effects(model, family, false), byte: self.byte }
    }

    /// Effects of several requests for `model` of the family `family`; `several`: cards share each layer.
    pub fn effects(&self, model: &Model, family: &str, several: bool) -> Effects {
        let mut facts = self.facts.facts();
        facts.family = family;
        facts.model_architecture = &model.arch;
        facts.engine = self.facts.together;
        let flags = [
            (model.is_moe(), Flag::Moe),
            (facts.engine == "llama.cpp", Flag::LlamaCpp),
            (several, Flag::Several),
        ];
        facts.flags.extend(flags.into_iter().filter(|(holds, _)| *holds).map(|(_, flag)| flag));
        Effects::new(&facts)
    }

    /// The strongest evidence that there is for several requests of a model of `family`.
    pub fn evidence_together(&self, family: &str) -> Evidence {
        let Names { backend, together, device, architecture, .. } = &self.facts;
        let all = coefficients();
        if !family.is_empty() && all.is_measured(BATCH_NAME, &[family, device, backend, together]) {
            Evidence::SameModel
        } else if self.is_measured_together {
            Evidence::SameDevice
        } else if all.knows(BATCH_NAME, "weights.architecture", &[architecture, together]) {
            Evidence::SameArchitecture
        } else {
            Evidence::Vendor
        }
    }

    /// Vendor, backend and engine, as intervals of several requests are kept by them.
    pub fn cell_together(&self) -> String {
        let Names { vendor, backend, together, .. } = &self.facts;
        format!("{vendor}|{backend}|{together}")
    }

    /// Whether the model's family was measured on this device.
    fn has_measured(&self, family: &str) -> bool {
        let Names { backend, engine, device, .. } = &self.facts;
        !family.is_empty() && coefficients().is_measured("decode", &[family, device, backend, engine])
    }

    /// The strongest evidence that there is for a model of `family`.
    pub fn evidence(&self, family: &str) -> Evidence {
        if self.has_measured(family) {
            Evidence::SameModel
        } else if self.is_measured_device {
            Evidence::SameDevice
        } else if self.is_measured_architecture {
            Evidence::SameArchitecture
        } else {
            Evidence::Vendor
        }
    }

    /// Seconds that a byte of weights counts before a model is known.
    pub fn byte(&self) -> f64 {
        (self.sums[Term::Weights as usize] + self.sums[Term::Whole as usize]).exp() * self.byte
    }

    /// Vendor, backend and engine, as intervals are kept by them.
    pub fn cell(&self) -> String {
        let Names { vendor, backend, engine, .. } = &self.facts;
        format!("{vendor}|{backend}|{engine}")
    }
}

/// What several requests at once change on a device.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Together {
    effects: Effects,
    /// Seconds that a byte counts.
    byte: f64,
}

impl Together {
    /// What `requests` at once cost where one costs `one`.
    pub fn pace(&self, one: &Pace, requests: f64) -> Pace {
        let strength = together::strength(requests);
        let factors = self.effects.at(strength);
        let more = requests - 1.0;
        // What the first costs, and each more.
        let mean =
            |one: f64, term: Term| one * (factors.of(Term::Device) + more * factors.of(term)) / requests;
        // A step of several is no shorter than that of one.
        let (weights, operations) =
            (factors.of(Term::Weights).max(1.0), factors.of(Term::Operations).max(1.0));
        Pace {
            byte: one.byte.map(|byte| byte * weights),
            flop: mean(one.flop, Term::Flops),
            cache: mean(one.cache, Term::Cache),
            attention: mean(one.attention, Term::Attention),
            operation: operations * one.operation,
            step: operations * one.step
                + strength * factors.of(Term::Planning) * PLANNING_S
                + more * factors.of(Term::Sampling) * SAMPLING_S,
            again: factors.of(Term::Again) * self.byte,
        }
    }
}

impl Names {
    fn facts(&self) -> Facts<'_> {
        Facts {
            vendor: self.vendor,
            backend: self.backend,
            engine: self.engine,
            architecture: &self.architecture,
            device: &self.device,
            ..Facts::default()
        }
    }

    fn vendor_title(&self) -> &'static str {
        match self.vendor {
            "nvidia" => "NVIDIA",
            "amd" => "AMD",
            "intel" => "Intel",
            "apple" => "Apple",
            _ => tr!("this maker"),
        }
    }
}

impl Pace {
    /// Where nobody knows: all devices alike, so that memory alone decides.
    pub fn unknown() -> Self {
        const BYTE: f64 = 1e-11;
        Self { byte: [BYTE; FormatGroup::ALL.len()], cache: BYTE, step: DECODE.fixed_s, ..Self::default() }
    }

    /// Seconds that a byte of weights takes that `requests` need and `again` are read once more for, multiplications
    /// included.
    #[inline]
    pub fn weight(&self, group: FormatGroup, bits_per_weight: f64, requests: f64, again: f64) -> f64 {
        let flops = work::flops_of_byte(bits_per_weight) * requests;
        self.byte[group as usize] + self.flop * flops + self.again * again
    }

    /// Seconds that `work` takes on one device for reading and multiplying, and for all else.
    pub fn parts(&self, work: &Work, group: FormatGroup) -> (f64, f64) {
        let memory = work.weights * self.byte[group as usize]
            + work.flops * self.flop
            + work.cache * self.cache
            + work.attention * self.attention;
        (memory, work.operations * self.operation + self.step)
    }
}
