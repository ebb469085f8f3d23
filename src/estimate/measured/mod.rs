//! Speeds that a person measured on a machine of theirs: what a benchmark's output says, as plain records.
//!
//! [`read`] makes [`Measurement`]s of the text that llama-bench, Ollama and vLLM print; [`who`] finds the
//! catalog's model that a row is about. Both are pure: who has the text, a file or a clipboard, is not known
//! here. The estimator takes records as input, [`Measurement::speaks_for`] says which of them are about a
//! machine.

mod place;
pub mod read;
pub mod who;

use serde::{Deserialize, Serialize};

use crate::language::tr;
use crate::quant::Level;
use crate::units::Bytes;

use super::scenario::{BackendChoice, CacheType, Engine};

pub use place::Place;

/// One measured speed, with all that its source says of how it was taken; `None` is not said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measurement {
    /// The model's name as the source writes it: a file, a tag, a repository, llama.cpp's description.
    pub written: String,
    /// The catalog's model, where that is sure or a person has chosen it.
    pub model: Option<String>,
    /// Quantization.
    pub level: Option<Level>,
    /// All tensors of the file.
    pub file_size: Option<Bytes>,
    /// Parameters as the source counts them.
    pub params: Option<u64>,
    /// What was timed.
    pub test: Test,
    /// Tokens of the prompt; of a mean over requests, rounded.
    pub n_prompt: u32,
    /// Tokens generated.
    pub n_gen: u32,
    /// Tokens that were in the cache before the timed part began.
    pub depth: u32,
    /// Requests at once.
    pub requests: u32,
    /// Logical batch, tokens.
    pub batch: Option<u32>,
    /// Physical batch, tokens.
    pub ubatch: Option<u32>,
    /// Type of the cached keys.
    pub cache_k: Option<CacheType>,
    /// Type of the cached values.
    pub cache_v: Option<CacheType>,
    /// Flash attention; `None` also where the program chose.
    pub flash_attention: Option<bool>,
    /// Layers on the GPU as asked for: 0 none, more than the model has: all.
    pub gpu_layers: Option<u32>,
    /// Blocks whose routed experts stay in RAM.
    pub cpu_moe_layers: Option<u32>,
    /// Tensors were placed by hand (`--override-tensor`), so where they lie is not known.
    #[serde(default)]
    pub placed_by_hand: bool,
    /// Threads of the processor.
    pub threads: Option<u32>,
    /// Program that ran the model.
    pub engine: Engine,
    /// Its backend.
    pub backend: Option<BackendChoice>,
    /// Where it was taken.
    pub place: Place,
    /// Build of the program: commit and number.
    pub build: Option<String>,
    /// When it was taken, in the source's words, usually as RFC 3339.
    pub date: Option<String>,
    /// Tokens/s.
    pub tokens_per_second: f64,
    /// Standard deviation of repetitions, tokens/s.
    pub deviation: Option<f64>,
}

/// What was timed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Test {
    /// Generation, for each request ("tg").
    Decode,
    /// A prompt ("pp").
    Prefill,
    /// A prompt and an answer: tokens of both over the time of both ("pp+tg").
    Both,
    /// Answers of all requests together over the whole time, prompts included.
    Served,
}

impl Test {
    /// In a word, for a list.
    pub fn word(self) -> &'static str {
        match self {
            Self::Decode => "decode",
            Self::Prefill => "prefill",
            Self::Both => tr!("prompt + answer"),
            Self::Served => tr!("all requests"),
        }
    }
}

impl Measurement {
    /// A record of nothing but what every source says.
    pub fn new(written: &str, engine: Engine, test: Test, tokens_per_second: f64) -> Self {
        Self {
            written: written.to_owned(),
            model: None,
            level: None,
            file_size: None,
            params: None,
            test,
            n_prompt: 0,
            n_gen: 0,
            depth: 0,
            requests: 1,
            batch: None,
            ubatch: None,
            cache_k: None,
            cache_v: None,
            flash_attention: None,
            gpu_layers: None,
            cpu_moe_layers: None,
            placed_by_hand: false,
            threads: None,
            engine,
            backend: None,
            place: Place::default(),
            build: None,
            date: None,
            tokens_per_second,
            deviation: None,
        }
    }

    /// Whether it may be used for `machine`: it was taken on its devices, and its model is known.
    pub fn speaks_for(&self, machine: &crate::machine::Machine) -> bool {
        self.model.is_some() && self.place.is(machine, self.on_processor())
    }

    /// Whether no GPU took part.
    pub fn on_processor(&self) -> bool {
        self.backend == Some(BackendChoice::Cpu)
            || (self.gpu_layers == Some(0) && self.test == Test::Decode && self.backend.is_none())
    }

    /// What was timed, as llama-bench writes it: "pp512", "tg128 @ d4096".
    pub fn test_text(&self) -> String {
        let tokens = match self.test {
            Test::Decode => format!("tg{}", self.n_gen),
            Test::Prefill => format!("pp{}", self.n_prompt),
            Test::Both => format!("pp{}+tg{}", self.n_prompt, self.n_gen),
            Test::Served => format!("{} in, {} out", self.n_prompt, self.n_gen),
        };
        let depth = if self.depth > 0 { format!(" @ d{}", self.depth) } else { String::new() };
        let requests = if self.requests > 1 { format!(" × {}", self.requests) } else { String::new() };
        format!("{tokens}{depth}{requests}")
    }

    /// Whether it is the same measurement as `other`, read twice; what a person chose does not count.
    pub fn is_same(&self, other: &Self) -> bool {
        let plain = |m: &Self| Self { model: None, place: Place::default(), ..m.clone() };
        plain(self) == plain(other)
    }
}
