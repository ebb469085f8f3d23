//! What each layer is, and numbers that differ by layer.

use serde::{Deserialize, Serialize};

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
    /// The kind of layer `layer` in a string of codes.
    pub(in crate::model) fn at(codes: &str, layer: u32) -> Self {
        match code_at(codes, layer) {
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
    /// The kind of layer `layer` in a string of codes.
    pub(in crate::model) fn at(codes: &str, layer: u32) -> Self {
        match code_at(codes, layer) {
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

/// The code of layer `layer` (0-based); one character speaks for all layers.
fn code_at(codes: &str, layer: u32) -> u8 {
    let codes = codes.as_bytes();
    match codes {
        [only] => *only,
        _ => codes.get(layer as usize).copied().unwrap_or(b'-'),
    }
}
