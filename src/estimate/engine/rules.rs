//! What is known of the engines' formats and memory: `assets/engine_memory.json`, parsed once.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::estimate::scenario::{CacheType, Engine};
use crate::machine::Vendor;
use crate::quant::Level;

/// All engines.
#[derive(Debug, Deserialize)]
pub struct Rules {
    /// Where they come from.
    pub source: String,
    /// Working memory of a prompt step.
    pub activation: Activation,
    /// The engines.
    pub engines: Vec<EngineRules>,
}

/// Working memory: the largest of feed-forward stage and logits.
#[derive(Debug, Deserialize)]
pub struct Activation {
    /// Bytes of a value.
    pub bytes: f64,
    /// Feed-forward widths that a token holds at once.
    pub ffn_per_token: f64,
    /// Residual widths that it holds besides.
    pub width_per_token: f64,
    /// Bytes of one token's logit with the copies that sampling makes.
    pub logits_bytes: f64,
    /// Where it comes from, and how rough it is.
    pub source: String,
}

/// One engine.
#[derive(Debug, Deserialize)]
pub struct EngineRules {
    /// Engine.
    pub engine: Engine,
    /// Its levels in matrix and ladder, small to large.
    pub ladder: Vec<Level>,
    /// The levels that stand for their bit width, most usual first.
    pub usual: Vec<Level>,
    /// Types of its cache.
    pub cache_types: Vec<CacheType>,
    /// Formats that it reads.
    pub reads: Vec<Reads>,
    /// Formats that it could be thought to read, and why they are not answered.
    #[serde(default)]
    pub refuses: Vec<Refuses>,
    /// Where the formats come from.
    pub reads_source: String,
    /// vLLM's memory.
    #[serde(default)]
    pub vllm: Option<Vllm>,
    /// `SGLang`'s memory.
    #[serde(default)]
    pub sglang: Option<Sglang>,
    /// TensorRT-LLM's memory.
    #[serde(default)]
    pub tensorrt: Option<TensorRt>,
    /// MLX's memory.
    #[serde(default)]
    pub mlx: Option<Mlx>,
    /// `ExLlama`'s memory.
    #[serde(default)]
    pub exllama: Option<ExLlama>,
    /// What Ollama does otherwise than llama.cpp.
    #[serde(default)]
    pub ollama: Option<Ollama>,
}

impl EngineRules {
    /// The rules of its memory in a few words, and where they come from; `None` for llama.cpp, whose rules are
    /// not here.
    pub fn memory(&self) -> Option<(&str, &str)> {
        let vllm = self.vllm.as_ref().map(|rules| (&rules.basis, &rules.source));
        let sglang = self.sglang.as_ref().map(|rules| (&rules.basis, &rules.source));
        let tensorrt = self.tensorrt.as_ref().map(|rules| (&rules.basis, &rules.source));
        let mlx = self.mlx.as_ref().map(|rules| (&rules.basis, &rules.source));
        let exllama = self.exllama.as_ref().map(|rules| (&rules.basis, &rules.source));
        let ollama = self.ollama.as_ref().map(|rules| (&rules.basis, &rules.source));
        let known = vllm.or(sglang).or(tensorrt).or(mlx).or(exllama).or(ollama);
        known.map(|(basis, source)| (basis.as_str(), source.as_str()))
    }
}

/// A kind of level, whatever its bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// llama.cpp's file types.
    Gguf,
    /// As published.
    Native,
    /// GPTQ.
    Gptq,
    /// AWQ.
    Awq,
    /// 8-bit floats.
    Fp8,
    /// 8-bit integers.
    Int8,
    /// NVIDIA's 4-bit floats.
    Nvfp4,
    /// The OCP 4-bit floats.
    Mxfp4,
    /// bitsandbytes.
    Nf4,
    /// MLX.
    Mlx,
    /// `ExLlamaV2`.
    Exl2,
    /// `ExLlamaV3`.
    Exl3,
}

impl Format {
    /// The format of a level.
    pub const fn of(level: Level) -> Self {
        match level {
            Level::Gguf(_) => Self::Gguf,
            Level::Native => Self::Native,
            Level::Gptq { .. } => Self::Gptq,
            Level::Awq { .. } => Self::Awq,
            Level::Fp8 => Self::Fp8,
            Level::Int8 => Self::Int8,
            Level::Nvfp4 => Self::Nvfp4,
            Level::Mxfp4 => Self::Mxfp4,
            Level::Nf4 => Self::Nf4,
            Level::Mlx { .. } => Self::Mlx,
            Level::Exl2(_) => Self::Exl2,
            Level::Exl3(_) => Self::Exl3,
        }
    }
}

/// A format that an engine reads, and where.
#[derive(Debug, Deserialize)]
pub struct Reads {
    /// Format.
    pub format: Format,
    /// Makers of the GPUs that it runs on; empty: any, and the processor.
    #[serde(default)]
    pub vendors: Vec<Vendor>,
    /// Architectures that are too old.
    #[serde(default)]
    pub not_on: Vec<String>,
    /// The only architectures; empty: any.
    #[serde(default)]
    pub only_on: Vec<String>,
    /// What has to be installed besides.
    #[serde(default)]
    pub needs: Option<String>,
}

/// Why a format is not answered.
#[derive(Debug, Deserialize)]
pub struct Refuses {
    /// Format.
    pub format: Format,
    /// The reason in a sentence.
    pub reason: String,
}

/// vLLM: a share of each card, whatever the model.
#[derive(Debug, Deserialize)]
pub struct Vllm {
    /// Share of a card's memory that one server takes.
    pub utilization: f64,
    /// Tokens of a block of the cache.
    pub block_tokens: u64,
    /// Batches under way at once, which window layers keep besides the window.
    pub in_flight_batches: u64,
    /// Blocks of recurrent state of one request.
    pub state_blocks: u64,
    /// Up to this ratio of layers of two kinds the larger number makes the groups.
    pub uneven_groups: f64,
    /// The process on a card before it measures, MiB.
    pub context_mib: u64,
    /// Memory outside the allocator, MiB.
    pub non_torch_mib: u64,
    /// The same for each card of several, MiB more.
    pub non_torch_parallel_mib: u64,
    /// CUDA graphs, MiB.
    pub graphs_mib: u64,
    /// The rule in a few words.
    pub basis: String,
    /// Where it comes from.
    pub source: String,
}

/// `SGLang`: a share of each card for weights and cache, from a reserve by card.
#[derive(Debug, Deserialize)]
pub struct Sglang {
    /// Reserve of any server, MiB.
    pub constant_mib: f64,
    /// Reserve for each token of a prompt step, MiB.
    pub mib_per_chunk_token: f64,
    /// A shorter step counts as this.
    pub least_chunk_tokens: u64,
    /// Reserve for each card, MiB.
    pub mib_per_rank: f64,
    /// Reserve for each request of the largest graph, MiB.
    pub mib_per_graph_request: f64,
    /// Reserve for each graph of prompt steps, MiB.
    pub mib_per_prefill_graph: f64,
    /// Reserve in place of it with latent attention, MiB.
    pub latent_prefill_mib: f64,
    /// Cards above this have a least reserve, GiB.
    pub large_above_gib: f64,
    /// That reserve, MiB.
    pub large_least_mib: f64,
    /// Tokens that window layers hold, as a share of the others'.
    pub window_share: f64,
    /// Memory outside the allocator, MiB.
    pub non_torch_mib: u64,
    /// CUDA graphs, MiB.
    pub graphs_mib: u64,
    /// Defaults by size of the card, small to large.
    pub tiers: Vec<SglangTier>,
    /// The rule in a few words.
    pub basis: String,
    /// Where it comes from.
    pub source: String,
}

/// `SGLang`'s defaults for cards below a size.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct SglangTier {
    /// Size, GiB.
    pub below_gib: f64,
    /// Tokens of a prompt step.
    pub chunk_tokens: u32,
    /// Requests of the largest graph.
    pub graph_requests: u32,
    /// The same from four cards on.
    pub graph_requests_wide: u32,
    /// Graphs of prompt steps.
    pub prefill_graphs: u32,
}

/// TensorRT-LLM: a share of what weights and buffers leave free.
#[derive(Debug, Deserialize)]
pub struct TensorRt {
    /// The share.
    pub free_fraction: f64,
    /// Tokens of a block of the cache.
    pub block_tokens: u64,
    /// Memory outside the allocator, MiB.
    pub non_torch_mib: u64,
    /// The rule in a few words.
    pub basis: String,
    /// Where it comes from.
    pub source: String,
}

/// MLX: the cache grows with use.
#[derive(Debug, Deserialize)]
pub struct Mlx {
    /// Steps in which it grows, tokens.
    pub step_tokens: u64,
    /// Tokens of a prompt step.
    pub prefill_tokens: u32,
    /// The rule in a few words.
    pub basis: String,
    /// Where it comes from.
    pub source: String,
}

/// `ExLlama`: the cache is allocated in full.
#[derive(Debug, Deserialize)]
pub struct ExLlama {
    /// Tokens of a page.
    pub page_tokens: u64,
    /// Tokens that a window layer keeps besides its window.
    pub window_extra_tokens: u64,
    /// Tokens of a prompt step.
    pub chunk_tokens: u32,
    /// Left free on the first card, MiB.
    pub reserve_mib: u64,
    /// CUDA context, MiB.
    pub context_mib: u64,
    /// Rows of state of a request.
    pub state_rows: u64,
    /// The rule in a few words.
    pub basis: String,
    /// Where it comes from.
    pub source: String,
}

/// Ollama: llama.cpp with defaults of its own.
#[derive(Debug, Deserialize)]
pub struct Ollama {
    /// What it leaves free on each card, MiB.
    pub slack_mib: u64,
    /// The rule in a few words.
    pub basis: String,
    /// Where it comes from.
    pub source: String,
}

/// All rules.
pub fn rules() -> &'static Rules {
    #[expect(clippy::expect_used, reason = "the asset is part of the program; a test parses it")]
    static RULES: LazyLock<Rules> = LazyLock::new(|| {
        serde_json::from_str(include_str!("../../../assets/engine_memory.json"))
            .expect("embedded rules are valid")
    });
    &RULES
}

/// The rules of one engine.
///
/// # Panics
///
/// Never: a test holds that the asset has rules for every engine.
#[expect(clippy::expect_used, reason = "a test holds that every engine has its rules")]
pub fn of(engine: Engine) -> &'static EngineRules {
    rules().engines.iter().find(|rules| rules.engine == engine).expect("every engine has rules")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_engine_has_rules_with_a_source() {
        assert!(!rules().source.is_empty() && !rules().activation.source.is_empty());
        for engine in Engine::ALL {
            let rules = of(engine);
            assert!(!rules.reads_source.is_empty(), "{engine:?}");
            assert_eq!(rules.memory().is_some(), engine != Engine::LlamaCpp, "{engine:?}");
            assert!(rules.ladder.len() > 3 && !rules.usual.is_empty(), "{engine:?}");
            assert_eq!(rules.cache_types.iter().filter(|t| **t == CacheType::F16).count(), 1, "{engine:?}");
            let readable = |level: &Level| rules.reads.iter().any(|r| r.format == Format::of(*level));
            assert!(rules.ladder.iter().all(readable), "{engine:?}");
            assert!(rules.usual.iter().all(|level| rules.ladder.contains(level)), "{engine:?}");
        }
    }

    #[test]
    fn each_engine_has_its_own_memory() {
        assert!(of(Engine::Vllm).vllm.is_some() && of(Engine::Sglang).sglang.is_some());
        assert!(of(Engine::TensorRtLlm).tensorrt.is_some() && of(Engine::Mlx).mlx.is_some());
        assert!(of(Engine::ExLlamaV3).exllama.is_some() && of(Engine::Ollama).ollama.is_some());
        let tiers = &of(Engine::Sglang).sglang.as_ref().unwrap().tiers;
        assert!(tiers.is_sorted_by_key(|tier| tier.below_gib));
    }
}
