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
    /// Weights that a request more reads again, at the specified bandwidth.
    Again,
    /// Planning of a step of several requests, 1 ms.
    Planning,
    /// Choosing a token for each request, 100 µs each.
    Sampling,
    /// Prompts between steps, as the form of a prompt alone predicts them.
    Prompts,
    /// Meetings of cards that share a layer, two a layer, at the usual latency of their link.
    Meetings,
    /// What they tell each other, at the rate of their link.
    Exchange,
    /// The whole step.
    Whole,
}

impl Term {
    /// All, in the order of [`Form::fixed_s`]'s companions; the whole step last.
    pub const ALL: [Self; 15] = [
        Self::Operations,
        Self::Weights,
        Self::Cache,
        Self::Flops,
        Self::Attention,
        Self::Link,
        Self::Device,
        Self::Experts,
        Self::Again,
        Self::Planning,
        Self::Sampling,
        Self::Prompts,
        Self::Meetings,
        Self::Exchange,
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
            Self::Again => "again",
            Self::Planning => "planning",
            Self::Sampling => "sampling",
            Self::Prompts => "prompts",
            Self::Meetings => "meetings",
            Self::Exchange => "exchange",
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

/// How the name of an architecture ends whose memory is stacked beside the chip.
pub const STACKED: &str = " HBM";

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
    /// llama.cpp or a program with it inside.
    LlamaCpp,
    /// Several cards share each layer.
    Several,
    /// The device's memory is stacked (HBM): its architecture's name says so.
    Stacked,
    /// llama.cpp's cache holds eight bits a value.
    CacheEight,
    /// It holds fewer.
    CacheFew,
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
    pub(super) const fn new(name: &'static str, term: Term, parts: &'static [Part], sigma: f64) -> Self {
        let prior = Prior { mean: 0.0, sigma, is_free: true };
        Self { name, term, parts, when: None, prior }
    }

    pub(super) const fn around(mut self, mean: f64) -> Self {
        self.prior.mean = mean;
        self
    }

    pub(super) const fn fixed(mut self) -> Self {
        self.prior.is_free = false;
        self
    }

    pub(super) const fn when(mut self, flag: Flag) -> Self {
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
        match flag {
            Flag::Stacked => self.architecture.ends_with(STACKED),
            flag => self.flags.contains(&flag),
        }
    }
}
