//! What is known of one model: the fields of `assets/models.jsonl`, one record a line.
//!
//! A field that a record leaves out has the default given here. Counts are parameters, dimensions are
//! elements, lengths are tokens.

use serde::{Deserialize, Serialize};

/// One verified open-weight model.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// Repository on the hub, `owner/name`.
    pub id: String,
    /// Name without owner, as its publisher writes it.
    pub display_name: String,
    /// Family that the screen groups by.
    pub family: String,
    /// Who published it.
    pub provider: String,
    /// Release month, `2025-07`.
    pub release_date: String,
    /// Licence identifier, where it is known.
    #[serde(default)]
    pub license: Option<String>,
    /// Text model, MTP layers and vision tower together.
    pub params_total: u64,
    /// The text model alone, without MTP layers and rope tables.
    pub params_text: u64,
    /// Text parameters less unused experts and look-up tables.
    pub params_active: u64,
    /// Weights read for one decoded token: active, less an untied input embedding.
    pub params_read: u64,
    /// Parameters of the MTP layers.
    #[serde(default)]
    pub params_mtp: Option<u64>,
    /// Trained context in tokens, without YaRN.
    #[serde(default)]
    pub context_max: Option<u32>,
    /// What it takes besides text.
    #[serde(default)]
    pub modality: Modality,
    /// Uses.
    #[serde(default)]
    pub tags: Vec<Tag>,
    /// llama.cpp's architecture name.
    pub arch: String,
    /// Whether llama.cpp runs this architecture.
    #[serde(default = "yes")]
    pub llama_cpp: bool,
    /// Blocks, without MTP layers.
    pub n_layer: u32,
    /// Width of the residual stream.
    pub n_embd: u32,
    /// Attention heads.
    pub n_head: PerLayer,
    /// Key and value heads.
    pub n_head_kv: u32,
    /// Width of one key head.
    pub head_dim_k: u32,
    /// Width of one value head.
    pub head_dim_v: u32,
    /// Inner width of the dense feed-forward network; `None` where no layer has one.
    #[serde(default)]
    pub n_ff: Option<PerLayer>,
    /// Vocabulary.
    pub n_vocab: u32,
    /// Learned positions.
    #[serde(default)]
    pub n_pos_embd: Option<u32>,
    /// The output matrix is the input embedding.
    #[serde(default)]
    pub tied_embeddings: bool,
    /// Normalization.
    #[serde(default)]
    pub norm: Norm,
    /// Norm vectors of a block.
    #[serde(default = "two_norms")]
    pub norms_per_layer: PerLayer,
    /// Norm vectors after the last block; `None` means one.
    #[serde(default)]
    pub final_norms: Option<u32>,
    /// Norms on queries and keys.
    #[serde(default)]
    pub qk_norm: QkNorm,
    /// Biases of the attention matrices.
    #[serde(default)]
    pub attn_bias: AttnBias,
    /// Biases of the feed-forward matrices.
    #[serde(default)]
    pub ffn_bias: bool,
    /// The feed-forward network has a gate matrix.
    #[serde(default = "yes")]
    pub ffn_gated: bool,
    /// The output matrix has a bias.
    #[serde(default)]
    pub lm_head_bias: bool,
    /// How often the blocks run (looped transformers); the cache grows with it.
    #[serde(default = "one")]
    pub num_loops: u32,
    /// What each layer is.
    pub layers: Layers,
    /// The attention layers' variant.
    pub attention: Attention,
    /// Mixture of experts.
    #[serde(default)]
    pub moe: Option<Moe>,
    /// Layers with a fixed state instead of a cache.
    #[serde(default)]
    pub recurrent: Option<Recurrent>,
    /// Layers that predict further tokens.
    #[serde(default)]
    pub mtp_layers: u32,
    /// What the MTP layers hold.
    #[serde(default)]
    pub mtp: Option<Mtp>,
    /// n-gram embedding tables.
    #[serde(default)]
    pub ple: Option<NgramEmbedding>,
    /// Several residual streams.
    #[serde(default)]
    pub hyper_connections: Option<HyperConnections>,
    /// What only few architectures have.
    #[serde(default)]
    pub extra: Extra,
    /// Type of the published weights.
    #[serde(default = "bf16")]
    pub native_dtype: String,
    /// Other repositories with the same weights' shapes.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Downloads on the hub, last 30 days at collection.
    #[serde(default)]
    pub hf_downloads: Option<u64>,
    /// Likes on the hub.
    #[serde(default)]
    pub hf_likes: Option<u64>,
    /// Parameters by class of tensor.
    pub params_breakdown: Breakdown,
    /// What a reader of this record should know.
    #[serde(default)]
    pub note: Option<String>,
}

impl Model {
    /// Mixer of block `layer` (0-based); a one-character string speaks for all blocks.
    pub fn mixer(&self, layer: u32) -> Mixer {
        Mixer::from_code(code_at(&self.layers.mixer, layer))
    }

    /// Feed-forward kind of block `layer` (0-based).
    pub fn ffn(&self, layer: u32) -> Ffn {
        Ffn::from_code(code_at(&self.layers.ffn, layer))
    }

    /// Whether any block routes tokens to experts.
    pub fn is_moe(&self) -> bool {
        self.moe.is_some()
    }

    /// Whether the model carries this tag.
    pub fn has_tag(&self, tag: Tag) -> bool {
        self.tags.contains(&tag)
    }

    /// Why no decode speed exists, for models that do not generate text token by token.
    pub fn not_generating(&self) -> Option<&'static str> {
        if self.has_tag(Tag::Embedding) {
            Some("embedding and reranking models read text and do not generate any")
        } else if self.arch.starts_with("llada") {
            Some("diffusion models do not decode token by token")
        } else {
            None
        }
    }

    /// Whether the file holds a long and a short table of rope factors (Phi-3 and Phi-4-mini with a
    /// context of 128k).
    pub fn has_long_rope_tables(&self) -> bool {
        self.arch == "phi3" && self.context_max.is_some_and(|context| context >= 128 * 1024)
    }

    /// How many blocks keep a cache of their own: the last `attention.kv_shared_layers` blocks read an
    /// earlier block's cache.
    pub fn layers_with_own_cache(&self) -> u32 {
        let shared = self.attention.kv_shared_layers_runtime.or(self.attention.kv_shared_layers).unwrap_or(0);
        self.n_layer.saturating_sub(shared)
    }
}

fn code_at(codes: &str, layer: u32) -> u8 {
    let codes = codes.as_bytes();
    match codes {
        [only] => *only,
        _ => codes.get(layer as usize).copied().unwrap_or(b'-'),
    }
}

/// Token mixer of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mixer {
    /// Full attention: multi-head, grouped, multi-query, or latent (MLA).
    Attention,
    /// Attention over a sliding or chunked window.
    Window,
    /// Gated `DeltaNet`.
    GatedDeltaNet,
    /// Kimi delta attention.
    Kda,
    /// Mamba-2.
    Mamba2,
    /// Mamba-1.
    Mamba1,
    /// Short convolution.
    ShortConv,
    /// Lightning (linear) attention.
    Lightning,
    /// Full attention beside Mamba-2 (Falcon-H1).
    AttentionMamba2,
    /// DeepSeek-V4 compressed attention.
    Compressed,
    /// RWKV-7 time mix.
    Rwkv7,
    /// No mixer.
    None,
}

impl Mixer {
    pub(super) fn from_code(code: u8) -> Self {
        match code {
            b'A' => Self::Attention,
            b'S' => Self::Window,
            b'D' => Self::GatedDeltaNet,
            b'K' => Self::Kda,
            b'M' => Self::Mamba2,
            b'm' => Self::Mamba1,
            b'c' => Self::ShortConv,
            b'L' => Self::Lightning,
            b'P' => Self::AttentionMamba2,
            b'V' => Self::Compressed,
            b'R' => Self::Rwkv7,
            _ => Self::None,
        }
    }

    /// Whether the block keeps a key–value cache that grows with the context (up to a window).
    pub fn has_cache(self) -> bool {
        matches!(self, Self::Attention | Self::Window | Self::AttentionMamba2 | Self::Compressed)
    }

    /// Whether the block keeps a state of fixed size for each sequence.
    pub fn has_state(self) -> bool {
        matches!(
            self,
            Self::GatedDeltaNet
                | Self::Kda
                | Self::Mamba2
                | Self::Mamba1
                | Self::ShortConv
                | Self::Lightning
                | Self::AttentionMamba2
                | Self::Rwkv7
        )
    }
}

/// Feed-forward kind of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ffn {
    /// One dense network.
    Dense,
    /// Routed experts, with or without a shared one.
    Moe,
    /// A dense network beside routed experts (Gemma 4).
    DenseAndMoe,
    /// None.
    None,
}

impl Ffn {
    pub(super) fn from_code(code: u8) -> Self {
        match code {
            b'd' => Self::Dense,
            b'e' => Self::Moe,
            b'b' => Self::DenseAndMoe,
            _ => Self::None,
        }
    }
}

/// One character a layer; a one-character string means all layers.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Layers {
    /// Codes of [`Mixer`].
    pub mixer: String,
    /// Codes of [`Ffn`].
    pub ffn: String,
}

/// A number that is the same in all layers, or one for each.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(untagged)]
pub enum PerLayer {
    /// The same everywhere.
    All(u32),
    /// One for each block.
    Each(Vec<u32>),
}

impl PerLayer {
    /// The value of block `layer` (0-based); beyond the list, the last one.
    pub fn at(&self, layer: u32) -> u32 {
        match self {
            Self::All(value) => *value,
            Self::Each(values) => values.get(layer as usize).or(values.last()).copied().unwrap_or(0),
        }
    }

    /// The largest value.
    pub fn max(&self) -> u32 {
        match self {
            Self::All(value) => *value,
            Self::Each(values) => values.iter().copied().max().unwrap_or(0),
        }
    }
}

/// What a model is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Tag {
    /// Tuned for conversation.
    Chat,
    /// Thinks before it answers.
    Reasoning,
    /// Sees images.
    Vision,
    /// Tuned for code.
    Code,
    /// Embeds or reranks text; generates none.
    Embedding,
    /// Not tuned.
    Base,
    /// Hears sound.
    Audio,
}

/// What a model takes besides text.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Modality {
    /// Images.
    pub vision: bool,
    /// Sound.
    pub audio: bool,
    /// Parameters of the projector and tower (llama.cpp's mmproj file).
    pub mmproj_params: Option<u64>,
    /// What a reader should know of that number.
    pub note: Option<String>,
}

/// Normalization.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Norm {
    /// RMS norm: one vector.
    #[default]
    Rms,
    /// Layer norm: weight and bias.
    Ln,
    /// Layer norm without bias.
    LnNobias,
    /// Without parameters.
    None,
}

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
    /// Code of their [`Mixer`].
    pub mixer: String,
    /// Code of their [`Ffn`].
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

/// Parameters by class of tensor; the sum is `params_text`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Breakdown {
    /// Input embedding.
    pub token_embd: u64,
    /// Output matrix, where it is not the embedding.
    pub lm_head: u64,
    /// Attention.
    pub attn: u64,
    /// Recurrent mixers.
    pub recurrent: u64,
    /// Dense feed-forward networks.
    pub ffn_dense: u64,
    /// Routed experts.
    pub experts: u64,
    /// Shared experts.
    pub shared_experts: u64,
    /// Routers.
    pub router: u64,
    /// Norms.
    pub norms: u64,
    /// Learned positions.
    pub pos_embd: u64,
    /// Per-layer or n-gram embeddings.
    pub ple_embd: u64,
    /// The rest.
    pub other: u64,
}

impl Breakdown {
    /// All classes together.
    pub fn sum(&self) -> u64 {
        [
            self.token_embd,
            self.lm_head,
            self.attn,
            self.recurrent,
            self.ffn_dense,
            self.experts,
            self.shared_experts,
            self.router,
            self.norms,
            self.pos_embd,
            self.ple_embd,
            self.other,
        ]
        .iter()
        .sum()
    }
}

fn yes() -> bool {
    true
}

fn one() -> u32 {
    1
}

fn two_norms() -> PerLayer {
    PerLayer::All(2)
}

fn bf16() -> String {
    "bf16".to_owned()
}
