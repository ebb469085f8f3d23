//! The forms: which times a step consists of, and which effects scale them.

use std::fmt::Write as _;

/// A time that a step consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Term {
    /// Operations of the graph, 10 µs each.
    Operations,
    /// Weights that are read, at the specified bandwidth.
    Weights,
    /// Cache and state that are read, at the specified bandwidth.
    Cache,
    /// Multiplications with weights, at the peak rate.
    Flops,
    /// Multiplications of attention, at the peak rate.
    Attention,
    /// Weights that come out of main memory, at the rate of the device's link to it.
    Link,
    /// A device's share, as the form of a device alone predicts it.
    Device,
    /// Experts that are read in main memory beside a device, at its theoretical bandwidth.
    Experts,
    /// The whole step.
    Whole,
}

impl Term {
    /// All, in the order of [`Form::fixed_s`]'s companions; the whole step last.
    pub const ALL: [Self; 9] = [
        Self::Operations,
        Self::Weights,
        Self::Cache,
        Self::Flops,
        Self::Attention,
        Self::Link,
        Self::Device,
        Self::Experts,
        Self::Whole,
    ];

    /// Its name in the coefficient file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Operations => "operations",
            Self::Weights => "weights",
            Self::Cache => "cache",
            Self::Flops => "flops",
            Self::Attention => "attention",
            Self::Link => "link",
            Self::Device => "device",
            Self::Experts => "experts",
            Self::Whole => "whole",
        }
    }
}

/// What an effect can depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Who made the device.
    Vendor,
    /// The backend.
    Backend,
    /// The engine, those that are llama.cpp inside as one.
    Engine,
    /// The device's architecture; of a processor, what its cores compute with.
    Architecture,
    /// The device; of a processor, its platform.
    Device,
    /// The kind of computer that a processor is made for.
    Class,
    /// The model, fine-tunes with it.
    Family,
    /// The model's architecture.
    ModelArchitecture,
    /// The format of most weights.
    Format,
}

/// What must hold for an effect to count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flag {
    /// Experts are routed.
    Moe,
    /// Some layers are recurrent.
    Recurrent,
    /// Attention is latent.
    Latent,
    /// Flash attention is off.
    NoFlash,
    /// A build of llama.cpp for CUDA from before September 2024, when kernels were started one by one.
    OldBuild,
    /// Measured by a client, with a server in between.
    Served,
    /// Ollama.
    Ollama,
    /// Kernels for prompts from before they were rewritten: on NVIDIA before September 2024, on AMD before
    /// October 2025.
    OldKernels,
    /// Some weights lie in main memory.
    InRam,
    /// Of the weights, routed experts lie there and nothing else.
    ExpertsInRam,
    /// Whole blocks lie there.
    BlocksInRam,
    /// `ik_llama.cpp`, a fork with kernels of its own.
    Fork,
    /// More than 32 threads work.
    ManyThreads,
    /// Main memory is as fast as a server's.
    ServerMemory,
}

/// What is believed of an effect before any measurement.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prior {
    /// Its mean.
    pub mean: f64,
    /// Its standard deviation; where it is estimated too, the first guess.
    pub sigma: f64,
    /// Whether the deviation is estimated.
    pub is_free: bool,
}

/// An effect on a term: one value for each combination of its parts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Effect {
    /// Its name in the coefficient file.
    pub name: &'static str,
    /// The term.
    pub term: Term,
    /// What it depends on.
    pub parts: &'static [Part],
    /// When it counts; `None`: always.
    pub when: Option<Flag>,
    /// What is believed of it.
    pub prior: Prior,
}

impl Effect {
    const fn new(name: &'static str, term: Term, parts: &'static [Part], sigma: f64) -> Self {
        let prior = Prior { mean: 0.0, sigma, is_free: true };
        Self { name, term, parts, when: None, prior }
    }

    const fn around(mut self, mean: f64) -> Self {
        self.prior.mean = mean;
        self
    }

    const fn fixed(mut self) -> Self {
        self.prior.is_free = false;
        self
    }

    const fn when(mut self, flag: Flag) -> Self {
        self.when = Some(flag);
        self
    }

    /// Whether it depends on the model.
    pub fn is_of_model(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Family | Part::ModelArchitecture))
            || matches!(self.when, Some(Flag::Moe | Flag::Recurrent | Flag::Latent))
    }

    /// Writes the key of its value for `facts` to `key`; `false`: it does not count there.
    pub fn key(&self, facts: &Facts<'_>, key: &mut String) -> bool {
        if self.when.is_some_and(|flag| !facts.has(flag)) {
            return false;
        }
        key.clear();
        key.push_str(self.name);
        for part in self.parts {
            let Some(value) = facts.part(*part) else { return false };
            // Writing to a string does not fail.
            let _ = write!(key, "|{value}");
        }
        true
    }
}

/// A model of time.
#[derive(Clone, Copy, Debug)]
pub struct Form {
    /// Seconds that each step takes whatever it does.
    pub fixed_s: f64,
    /// Its effects.
    pub effects: &'static [Effect],
}

/// What is known of a device, an engine and a model. An empty part is not known: effects of it do not count.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts<'a> {
    /// Who made the device.
    pub vendor: &'a str,
    /// The backend.
    pub backend: &'a str,
    /// The engine.
    pub engine: &'a str,
    /// The device's architecture.
    pub architecture: &'a str,
    /// The device.
    pub device: &'a str,
    /// The kind of computer that a processor is made for.
    pub class: &'a str,
    /// The model's family.
    pub family: &'a str,
    /// The model's architecture.
    pub model_architecture: &'a str,
    /// The format of most weights.
    pub format: &'a str,
    /// What holds.
    pub flags: Vec<Flag>,
}

impl Facts<'_> {
    fn part(&self, part: Part) -> Option<&str> {
        let value = match part {
            Part::Vendor => self.vendor,
            Part::Backend => self.backend,
            Part::Engine => self.engine,
            Part::Architecture => self.architecture,
            Part::Device => self.device,
            Part::Class => self.class,
            Part::Family => self.family,
            Part::ModelArchitecture => self.model_architecture,
            Part::Format => self.format,
        };
        (!value.is_empty()).then_some(value)
    }

    /// Whether `flag` holds.
    pub fn has(&self, flag: Flag) -> bool {
        self.flags.contains(&flag)
    }
}

use Part::{Architecture, Backend, Class, Device, Engine, Family, Format, ModelArchitecture, Vendor};

/// Depth from which on attention weighs, tokens.
pub const DEEP: u32 = 8000;

/// One request decodes, everything on one device.
pub const DECODE: Form = Form {
    fixed_s: 62e-6,
    effects: &[
        Effect::new("operations", Term::Operations, &[Vendor, Backend], 0.7).around(-0.5).fixed(),
        Effect::new("operations.engine", Term::Operations, &[Vendor, Backend, Engine], 0.4).fixed(),
        Effect::new("operations.architecture", Term::Operations, &[Architecture, Backend], 0.3),
        Effect::new("operations.experts", Term::Operations, &[Vendor], 0.3).around(0.3).when(Flag::Moe),
        Effect::new("operations.old", Term::Operations, &[], 0.3).around(0.3).fixed().when(Flag::OldBuild),
        Effect::new("operations.recurrent", Term::Operations, &[Vendor], 0.3)
            .around(0.1)
            .when(Flag::Recurrent),
        Effect::new("operations.model", Term::Operations, &[ModelArchitecture], 0.25),
        Effect::new(
            "operations.model.engine",
            Term::Operations,
            &[ModelArchitecture, Vendor, Backend, Engine],
            0.15,
        ),
        Effect::new("weights", Term::Weights, &[Vendor, Backend], 0.5).around(0.3).fixed(),
        Effect::new("weights.engine", Term::Weights, &[Vendor, Backend, Engine], 0.2).fixed(),
        Effect::new("weights.architecture", Term::Weights, &[Architecture, Backend], 0.2),
        Effect::new("weights.experts", Term::Weights, &[Vendor, Backend], 0.2).when(Flag::Moe),
        Effect::new("weights.old", Term::Weights, &[], 0.2).fixed().when(Flag::OldBuild),
        Effect::new("weights.format", Term::Weights, &[Format], 0.15),
        Effect::new("weights.format.vendor", Term::Weights, &[Vendor, Engine, Format], 0.15),
        Effect::new("weights.format.backend", Term::Weights, &[Vendor, Backend, Engine, Format], 0.15),
        Effect::new(
            "weights.format.architecture",
            Term::Weights,
            &[Architecture, Backend, Engine, Format],
            0.12,
        ),
        Effect::new("cache", Term::Cache, &[Vendor, Backend, Engine], 0.3).around(0.35).fixed(),
        // Few architectures were measured at depth, some with a quantized cache alone.
        Effect::new("cache.architecture", Term::Cache, &[Architecture, Backend], 0.2).fixed(),
        Effect::new("cache.latent", Term::Cache, &[Vendor], 0.3).around(0.3).when(Flag::Latent),
        Effect::new("cache.no_flash", Term::Cache, &[Vendor], 0.4).around(0.3).fixed().when(Flag::NoFlash),
        // How a kernel for one backend copes with a shape says little of another backend.
        Effect::new("cache.model", Term::Cache, &[ModelArchitecture], 0.1).fixed(),
        Effect::new("cache.model.engine", Term::Cache, &[ModelArchitecture, Vendor, Backend, Engine], 0.2),
        Effect::new("flops", Term::Flops, &[Vendor, Backend, Engine], 0.7).fixed(),
        Effect::new("flops.architecture", Term::Flops, &[Architecture, Backend], 0.3),
        Effect::new("attention", Term::Attention, &[Vendor, Backend, Engine], 1.0).around(1.0).fixed(),
        Effect::new("attention.architecture", Term::Attention, &[Architecture, Backend], 0.4),
        Effect::new("family", Term::Whole, &[Family], 0.08),
        Effect::new("family.vendor", Term::Whole, &[Family, Vendor], 0.06),
        Effect::new("device", Term::Whole, &[Device], 0.12),
        Effect::new("served", Term::Whole, &[], 0.15).fixed().when(Flag::Served),
        Effect::new("ollama", Term::Whole, &[], 0.15).fixed().when(Flag::Ollama),
        Effect::new("model", Term::Whole, &[ModelArchitecture], 0.08),
        Effect::new("model.engine", Term::Whole, &[ModelArchitecture, Vendor, Backend, Engine], 0.08),
        Effect::new("model.device", Term::Whole, &[ModelArchitecture, Device, Backend, Engine], 0.1),
    ],
};

/// One request's prompt on one device, with weights in main memory or without.
pub const PREFILL: Form = Form {
    fixed_s: 0.0,
    effects: &[
        Effect::new("operations", Term::Operations, &[Vendor, Backend, Engine], 0.7).around(0.5).fixed(),
        Effect::new("operations.architecture", Term::Operations, &[Architecture, Backend], 0.3),
        Effect::new("weights", Term::Weights, &[Vendor, Backend, Engine], 0.5).around(0.3).fixed(),
        Effect::new("weights.architecture", Term::Weights, &[Architecture, Backend], 0.2),
        Effect::new("flops", Term::Flops, &[Vendor, Backend, Engine], 1.5).around(0.7).fixed(),
        Effect::new("flops.architecture", Term::Flops, &[Architecture, Backend], 0.3),
        Effect::new("flops.format", Term::Flops, &[Format], 0.15),
        Effect::new("flops.format.engine", Term::Flops, &[Vendor, Backend, Engine, Format], 0.15),
        Effect::new("flops.format.architecture", Term::Flops, &[Architecture, Backend, Engine, Format], 0.15),
        Effect::new("flops.old", Term::Flops, &[Vendor, Backend], 0.3).when(Flag::OldKernels),
        Effect::new("flops.old.format", Term::Flops, &[Vendor, Backend, Format], 0.2).when(Flag::OldKernels),
        Effect::new("flops.experts", Term::Flops, &[Vendor, Backend, Engine], 0.4)
            .around(0.6)
            .when(Flag::Moe),
        Effect::new("flops.experts.architecture", Term::Flops, &[Architecture, Backend], 0.2).when(Flag::Moe),
        Effect::new("flops.experts.format", Term::Flops, &[Backend, Format], 0.2).when(Flag::Moe),
        Effect::new("attention", Term::Attention, &[Vendor, Backend, Engine], 1.0).around(1.0).fixed(),
        Effect::new("attention.architecture", Term::Attention, &[Architecture, Backend], 0.4),
        Effect::new("attention.latent", Term::Attention, &[Vendor], 0.3).when(Flag::Latent),
        Effect::new("attention.no_flash", Term::Attention, &[Vendor, Backend], 0.4)
            .around(0.3)
            .when(Flag::NoFlash),
        Effect::new("attention.old", Term::Attention, &[Vendor, Backend], 0.4).when(Flag::OldKernels),
        Effect::new("attention.model", Term::Attention, &[ModelArchitecture], 0.3),
        Effect::new(
            "attention.model.engine",
            Term::Attention,
            &[ModelArchitecture, Vendor, Backend, Engine],
            0.2,
        ),
        Effect::new("link", Term::Link, &[], 0.5).around(0.4).fixed().when(Flag::InRam),
        Effect::new("link.backend", Term::Link, &[Backend], 0.4).fixed().when(Flag::InRam),
        Effect::new("link.device", Term::Link, &[Device], 0.3).when(Flag::InRam),
        Effect::new("link.experts", Term::Link, &[], 0.2).fixed().when(Flag::ExpertsInRam),
        Effect::new("link.blocks", Term::Link, &[], 0.2).fixed().when(Flag::BlocksInRam),
        Effect::new("device", Term::Whole, &[Device], 0.15),
        Effect::new("family", Term::Whole, &[Family], 0.1),
        Effect::new("family.vendor", Term::Whole, &[Family, Vendor], 0.1),
        Effect::new("model", Term::Whole, &[ModelArchitecture], 0.1),
        Effect::new("model.engine", Term::Whole, &[ModelArchitecture, Vendor, Backend, Engine], 0.1),
        Effect::new("family.device", Term::Whole, &[Family, Device, Backend, Engine], 0.1),
    ],
};

/// One request's prompt on the processor alone, which is the device. Few were measured, so that no deviation
/// is estimated.
pub const PREFILL_CPU: Form = Form {
    fixed_s: 0.0,
    effects: &[
        Effect::new("flops", Term::Flops, &[], 0.7).around(0.3).fixed(),
        Effect::new("flops.fork", Term::Flops, &[], 0.3).fixed().when(Flag::Fork),
        Effect::new("flops.format", Term::Flops, &[Format], 0.15).fixed(),
        Effect::new("flops.experts", Term::Flops, &[], 0.3).around(0.2).fixed().when(Flag::Moe),
        Effect::new("attention", Term::Attention, &[], 0.7).around(1.0).fixed(),
        Effect::new("device", Term::Whole, &[Device], 0.3).fixed(),
        Effect::new("many_threads", Term::Whole, &[], 0.5).fixed().when(Flag::ManyThreads),
        Effect::new("family", Term::Whole, &[Family], 0.1).fixed(),
    ],
};

/// One request decodes on the processor alone. All deviations are given: too few processors were measured to
/// learn them from.
pub const CPU: Form = Form {
    fixed_s: 0.0,
    effects: &[
        Effect::new("weights", Term::Weights, &[], 0.15).around(0.28).fixed(),
        Effect::new("weights.class", Term::Weights, &[Class], 0.2).fixed(),
        Effect::new("weights.device", Term::Weights, &[Device], 0.25).fixed(),
        Effect::new("weights.experts", Term::Weights, &[], 0.25).around(0.1).fixed().when(Flag::Moe),
        Effect::new("flops", Term::Flops, &[], 0.3).fixed(),
        Effect::new("flops.architecture", Term::Flops, &[Architecture], 0.5).fixed(),
        Effect::new("flops.format", Term::Flops, &[Format], 0.35).fixed(),
        Effect::new("flops.ik", Term::Flops, &[], 0.2).around(-0.1).fixed().when(Flag::Fork),
        Effect::new("flops.device", Term::Flops, &[Device], 0.25).fixed(),
        Effect::new("operations", Term::Operations, &[], 0.5).fixed(),
        Effect::new("operations.class", Term::Operations, &[Class], 0.4).fixed(),
        Effect::new("operations.experts", Term::Operations, &[], 0.3).fixed().when(Flag::Moe),
        // Flash attention converts each row of the cache for each head; without it a matrix product reads it.
        Effect::new("cache", Term::Cache, &[], 0.42).around(1.8).fixed(),
        Effect::new("cache.no_flash", Term::Cache, &[], 0.3).around(-1.5).fixed().when(Flag::NoFlash),
        Effect::new("family", Term::Whole, &[Family], 0.05).fixed(),
        Effect::new("device", Term::Whole, &[Device], 0.15).fixed(),
    ],
};

/// One request decodes on a device and, for what is in main memory, on the processor beside it. A device stands
/// for the computer that it was measured in. All deviations are given.
pub const HYBRID: Form = Form {
    fixed_s: 0.0,
    effects: &[
        Effect::new("device", Term::Device, &[], 0.1).fixed(),
        Effect::new("device.backend", Term::Device, &[Vendor, Backend], 0.15).fixed(),
        Effect::new("experts", Term::Experts, &[], 0.2).around(0.45).fixed(),
        Effect::new("experts.computer", Term::Experts, &[Device], 0.2).fixed(),
        Effect::new("experts.ik", Term::Experts, &[], 0.2).fixed().when(Flag::Fork),
        Effect::new("weights", Term::Weights, &[], 0.2).around(0.45).fixed(),
        Effect::new("weights.computer", Term::Weights, &[Device], 0.2).fixed(),
        Effect::new("flops", Term::Flops, &[], 0.4).around(-0.3).fixed(),
        Effect::new("flops.format", Term::Flops, &[Format], 0.3).fixed(),
        Effect::new("flops.computer", Term::Flops, &[Device], 0.25).fixed(),
        Effect::new("flops.server", Term::Flops, &[], 0.4).around(-1.0).fixed().when(Flag::ServerMemory),
        Effect::new("hops", Term::Operations, &[], 0.5).fixed(),
        Effect::new("hops.backend", Term::Operations, &[Vendor, Backend], 0.6).fixed(),
        Effect::new("hops.computer", Term::Operations, &[Device], 0.25).fixed(),
        Effect::new("family", Term::Whole, &[Family], 0.05).fixed(),
        Effect::new("computer", Term::Whole, &[Device], 0.1).fixed(),
        Effect::new("served", Term::Whole, &[], 0.1).fixed().when(Flag::Served),
    ],
};
