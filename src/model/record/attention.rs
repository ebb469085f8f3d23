//! Fields of attention layers.

use serde::{Deserialize, Serialize};

/// Norms on queries and keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum QkNorm {
    /// None.
    #[default]
    None,
    /// One vector of head width, shared by all heads.
    Head,
    /// One vector over all heads.
    Full,
    /// One vector for each head.
    PerHead,
}

/// Biases of the attention matrices.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum AttnBias {
    /// None.
    #[default]
    None,
    /// Query, key and value.
    Qkv,
    /// Query, key, value and output.
    Qkvo,
}

/// The attention layers' variant.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Attention {
    /// gqa, mha, mqa, mla, hybrid, …
    pub kind: String,
    /// Window of the `S` layers in tokens.
    #[serde(default)]
    pub sliding_window: Option<u32>,
    /// A window in the published config that llama.cpp ignores.
    #[serde(default)]
    pub hf_sliding_window: Option<u32>,
    /// standard, symmetric or chunked.
    #[serde(default)]
    pub swa_type: Option<String>,
    /// Tokens of a chunk.
    #[serde(default)]
    pub chunk_size: Option<u32>,
    /// Shapes of the full-attention layers where they differ from the record's.
    #[serde(default)]
    pub full: HeadShape,
    /// Shapes of the window layers where they differ.
    #[serde(default)]
    pub swa: HeadShape,
    /// Multi-head latent attention.
    #[serde(default)]
    pub mla: Option<Mla>,
    /// Sparse-attention indexer.
    #[serde(default)]
    pub indexer: Option<Indexer>,
    /// Gate on the attention output: `elementwise` or `per_head`.
    #[serde(default)]
    pub out_gate: Option<String>,
    /// Attention sinks.
    #[serde(default)]
    pub sinks: Sinks,
    /// Norm before the output matrix (`BitNet`).
    #[serde(default)]
    pub sub_norm: bool,
    /// Layers with sparse attention, one `0` or `1` a layer.
    #[serde(default)]
    pub sparse_layers: Option<String>,
    /// Blocks at the end that use an earlier block's cache.
    #[serde(default)]
    pub kv_shared_layers: Option<u32>,
    /// The same, where the runtime differs from the config.
    #[serde(default)]
    pub kv_shared_layers_runtime: Option<u32>,
    /// The file holds key and value matrices of the sharing layers too.
    #[serde(default)]
    pub kv_shared_in_file: Option<bool>,
    /// DeepSeek-V4: compression of each layer's cache (0 window only, 4, 128).
    #[serde(default)]
    pub compress_ratios: Option<Vec<u32>>,
    /// DeepSeek-V4: groups of the output projection.
    #[serde(default)]
    pub o_groups: Option<u32>,
    /// DeepSeek-V4: rank of the output projection.
    #[serde(default)]
    pub o_lora_rank: Option<u32>,
    /// DeepSeek-V4: rank of the query projection.
    #[serde(default)]
    pub q_lora_rank: Option<u32>,
    /// DeepSeek-V4: rotary part of a head.
    #[serde(default)]
    pub qk_rope_head_dim: Option<u32>,
}

/// Attention shapes that differ from the record's; `None` keeps those.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct HeadShape {
    /// Heads.
    pub n_head: Option<u32>,
    /// Key and value heads.
    pub n_head_kv: Option<u32>,
    /// Width of a key head.
    pub head_dim_k: Option<u32>,
    /// Width of a value head.
    pub head_dim_v: Option<u32>,
    /// Values are the keys: no value matrix in the file (both are cached).
    pub k_eq_v: bool,
}

/// Multi-head latent attention (DeepSeek-V2 and later).
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Mla {
    /// Rank of the query projection; `None`: a full matrix.
    #[serde(default)]
    pub q_lora_rank: Option<u32>,
    /// Rank of the joint key–value latent.
    pub kv_lora_rank: u32,
    /// Rotary part of a key, shared by all heads.
    pub qk_rope_head_dim: u32,
    /// Non-rotary part of a key head.
    pub qk_nope_head_dim: u32,
    /// Width of a value head.
    pub v_head_dim: u32,
}

/// Indexer of sparse attention: a small key for each token of the context.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Indexer {
    /// Indexer heads.
    pub n_head: u32,
    /// Key heads.
    #[serde(default)]
    pub n_head_kv: Option<u32>,
    /// Width of a head.
    pub head_dim: u32,
    /// Tokens kept.
    #[serde(default)]
    pub top_k: Option<u32>,
    /// Blocks kept.
    #[serde(default)]
    pub top_k_blocks: Option<u32>,
    /// Tokens of a block.
    #[serde(default)]
    pub block: Option<u32>,
    /// Token budget.
    #[serde(default)]
    pub budget: Option<u32>,
    /// Tokens merged into one key.
    #[serde(default)]
    pub compress_ratio: Option<u32>,
    /// Keys pooled.
    #[serde(default)]
    pub kpool: Option<u32>,
    /// Layers that own an indexer, one `0` or `1` a layer; `None`: all attention layers.
    #[serde(default)]
    pub layers: Option<String>,
}

/// Which layers have attention sinks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Sinks {
    /// None.
    #[default]
    None,
    /// Window layers only.
    Swa,
    /// All attention layers.
    All,
}
