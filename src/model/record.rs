//! What is known of one model: the fields of `assets/models.jsonl`, one record a line.
//!
//! A field that a record leaves out has the default given here. Counts are parameters, dimensions are
//! elements, lengths are tokens.

mod attention;
mod breakdown;
pub mod counts;
mod layers;
mod parts;

use serde::{Deserialize, Serialize};

use crate::language::tr;

pub use attention::{Attention, AttnBias, HeadShape, Indexer, Mla, QkNorm, Sinks};
pub use breakdown::Breakdown;
pub use layers::{Ffn, Layers, Mixer, PerLayer};
pub use parts::{Extra, HyperConnections, Moe, Mtp, NgramEmbedding, Recurrent, RecurrentKind};

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
        Mixer::at(&self.layers.mixer, layer)
    }

    /// Feed-forward kind of block `layer` (0-based).
    pub fn ffn(&self, layer: u32) -> Ffn {
        Ffn::at(&self.layers.ffn, layer)
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
            Some(tr!("embedding and reranking models read text and do not generate any"))
        } else if self.arch.starts_with("llada") {
            Some(tr!("diffusion models do not decode token by token"))
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
