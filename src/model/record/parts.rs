//! Fields of experts, recurrent layers, MTP layers, and of what only few architectures have.

use serde::{Deserialize, Serialize};

use super::yes;

/// Mixture of experts.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Moe {
    /// Routed experts of a layer.
    pub n_expert: u32,
    /// Experts that a token uses.
    pub n_expert_used: u32,
    /// Inner width of an expert.
    pub n_ff_expert: u32,
    /// Experts that every token uses.
    #[serde(default)]
    pub n_shared_expert: u32,
    /// Inner width of all shared experts together.
    #[serde(default)]
    pub n_ff_shared: u32,
    /// The router has a bias.
    #[serde(default)]
    pub router_bias: bool,
    /// The experts have biases.
    #[serde(default)]
    pub expert_bias: bool,
    /// Experts have a gate matrix.
    #[serde(default = "yes")]
    pub gated: bool,
    /// The shared expert has a gate.
    #[serde(default)]
    pub shared_gate: bool,
    /// Experts work in a space of this width.
    #[serde(default)]
    pub latent_dim: Option<u32>,
    /// Norm in that space.
    #[serde(default)]
    pub latent_norm: bool,
    /// Layers routed by a hash of the token.
    #[serde(default)]
    pub n_hash_layers: Option<u32>,
}

/// Layers with a fixed state.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Recurrent {
    /// Kind of the recurrent layers.
    pub kind: RecurrentKind,
    /// Width of the causal convolution.
    #[serde(default)]
    pub d_conv: Option<u32>,
    /// Inner width.
    #[serde(default)]
    pub d_inner: Option<u32>,
    /// State of a channel.
    #[serde(default)]
    pub d_state: Option<u32>,
    /// Groups that share B and C.
    #[serde(default)]
    pub n_group: Option<u32>,
    /// Rank of the time step (Mamba-1).
    #[serde(default)]
    pub dt_rank: Option<u32>,
    /// Heads.
    #[serde(default)]
    pub n_head: Option<u32>,
    /// Width of a head.
    #[serde(default)]
    pub head_dim: Option<u32>,
    /// Key heads.
    #[serde(default)]
    pub n_head_k: Option<u32>,
    /// Value heads.
    #[serde(default)]
    pub n_head_v: Option<u32>,
    /// Width of a key head.
    #[serde(default)]
    pub head_dim_k: Option<u32>,
    /// Width of a value head.
    #[serde(default)]
    pub head_dim_v: Option<u32>,
    /// The convolution has a bias.
    #[serde(default)]
    pub conv_bias: bool,
    /// Norm over the inner width.
    #[serde(default)]
    pub norm: Option<bool>,
    /// Norms on dt, B and C (Jamba).
    #[serde(default)]
    pub inner_norms: bool,
    /// KDA: the decay is a full matrix.
    #[serde(default)]
    pub decay_full: bool,
    /// KDA: the gate is a full matrix.
    #[serde(default)]
    pub gate_full: bool,
    /// RWKV-7: rank of the decay.
    #[serde(default)]
    pub lora_decay: Option<u32>,
    /// RWKV-7: rank of the in-context learning rate.
    #[serde(default)]
    pub lora_iclr: Option<u32>,
    /// RWKV-7: rank of the value residual.
    #[serde(default)]
    pub lora_value: Option<u32>,
    /// RWKV-7: the same in layer 0.
    #[serde(default)]
    pub lora_value_l0: Option<u32>,
    /// RWKV-7: rank of the gate.
    #[serde(default)]
    pub lora_gate: Option<u32>,
}

/// Kind of the recurrent layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RecurrentKind {
    /// Mamba-1.
    Mamba1,
    /// Mamba-2.
    Mamba2,
    /// Gated `DeltaNet`.
    #[serde(rename = "gated_deltanet")]
    GatedDeltaNet,
    /// Short convolution.
    ShortConv,
    /// Kimi delta attention.
    Kda,
    /// RWKV-7.
    Rwkv7,
    /// Lightning attention.
    Lightning,
}

/// Multi-token-prediction layers.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Mtp {
    /// Code of their [`Mixer`](super::Mixer).
    pub mixer: String,
    /// Code of their [`Ffn`](super::Ffn).
    pub ffn: String,
    /// Inner width where it differs.
    #[serde(default)]
    pub n_ff: Option<u32>,
    /// They hold their own input embedding.
    #[serde(default)]
    pub own_embd: bool,
    /// They hold their own output matrix.
    #[serde(default)]
    pub own_head: bool,
    /// They have an indexer where the other attention layers have one.
    #[serde(default = "yes")]
    pub indexer: bool,
    /// Norms beyond the usual three.
    #[serde(default)]
    pub extra_norms: u32,
    /// Parameters that no rule explains.
    #[serde(default, rename = "const")]
    pub unexplained: u64,
}

/// Tables of n-gram embeddings, looked up and not computed.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct NgramEmbedding {
    /// Layers that add them.
    pub layers: Vec<u32>,
    /// Width.
    pub embed_dim: u32,
    /// Convolution over positions.
    pub conv_kernel: u32,
    /// Rows.
    pub ngram_rows: u64,
    /// Longest n-gram.
    pub ngram_size: u32,
    /// Heads of each n-gram length.
    pub heads_per_ngram: u32,
    /// Vocabulary of the hash.
    pub vocab_base: u32,
}

/// Several residual streams.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct HyperConnections {
    /// `mhc`, `mhc2` or `hc`.
    pub kind: String,
    /// Streams.
    pub n_stream: u32,
    /// Rank of the mixing.
    #[serde(default)]
    pub lowrank: Option<u32>,
}

/// What only few architectures have.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Extra {
    /// Gemma 3n: streams of `AltUp`.
    pub altup_inputs: Option<u32>,
    /// Gemma 3n: rank of LAuReL.
    pub laurel_rank: Option<u32>,
    /// Gemma 4: scalars of a layer's output.
    pub layer_scalar: Option<u32>,
    /// Gemma 3n and 4: width of the per-layer embedding.
    pub ple_dim: Option<u32>,
    /// Gemma 3n and 4: its vocabulary.
    pub ple_vocab: Option<u32>,
    /// Parameters of single tensors, by name.
    #[serde(rename = "const")]
    pub constants: std::collections::BTreeMap<String, u64>,
}
