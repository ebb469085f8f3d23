//! What a `model_type` means: `assets/architectures.json`.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

use crate::model::record::{AttnBias, Norm, QkNorm, Sinks};

/// How blocks with a window are spread where the file does not list them.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Windows {
    /// Of so many blocks one sees the whole context.
    pub period: u32,
    /// It is the first of them, else the last.
    #[serde(default)]
    pub whole_first: bool,
}

/// What a `model_type` means besides what its configuration says.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kind {
    /// llama.cpp's name of the architecture.
    pub arch: String,
    /// Embedding and output matrix are one where the file does not say.
    #[serde(default)]
    pub tied: bool,
    /// Normalization.
    #[serde(default)]
    pub norm: Norm,
    /// Norms of a block.
    #[serde(default = "two")]
    pub norms: u32,
    /// Norms after the blocks.
    #[serde(default)]
    pub final_norms: Option<u32>,
    /// The first block takes its input norm from the embedding.
    #[serde(default)]
    pub first_block_without_norm: bool,
    /// Norms on queries and keys.
    #[serde(default)]
    pub qk_norm: QkNorm,
    /// The same where `use_qk_norm` is true.
    #[serde(default)]
    pub qk_norm_if_stated: QkNorm,
    /// Biases of attention.
    #[serde(default)]
    pub bias: AttnBias,
    /// The same where the file says that there are some.
    #[serde(default)]
    pub bias_if_stated: AttnBias,
    /// Biases of the feed-forward network.
    #[serde(default)]
    pub ffn_bias: bool,
    /// The network has a gate.
    #[serde(default = "yes")]
    pub gated: bool,
    /// Inner width as a multiple of the outer one where the file does not say.
    #[serde(default)]
    pub usual_ff: Option<u32>,
    /// The output matrix has a bias.
    #[serde(default)]
    pub lm_head_bias: bool,
    /// Positions are learned.
    #[serde(default)]
    pub positions: bool,
    /// `intermediate_size` is the experts' width.
    #[serde(default)]
    pub ff_of_experts: bool,
    /// There is one shared expert as wide as a routed one.
    #[serde(default)]
    pub shared_as_expert: bool,
    /// The router has a bias.
    #[serde(default)]
    pub router_bias: bool,
    /// Experts have biases.
    #[serde(default)]
    pub expert_bias: bool,
    /// Experts have a gate.
    #[serde(default = "yes")]
    pub experts_gated: bool,
    /// The shared expert has a gate.
    #[serde(default)]
    pub shared_gate: bool,
    /// Gate on the attention output.
    #[serde(default)]
    pub out_gate: Option<String>,
    /// Attention sinks.
    #[serde(default)]
    pub sinks: Sinks,
    /// Norm before the output matrices (`BitNet`).
    #[serde(default)]
    pub sub_norm: bool,
    /// Blocks with a window.
    #[serde(default)]
    pub windows: Option<Windows>,
    /// llama.cpp does not use the window that the file states.
    #[serde(default)]
    pub window_unused: bool,
    /// Code of the mixer with a state.
    #[serde(default)]
    pub state: Option<char>,
    /// Of so many blocks the last attends, the others have a state.
    #[serde(default)]
    pub full_every: Option<u32>,
    /// The convolution has a bias where the file does not say.
    #[serde(default)]
    pub conv_bias: bool,
    /// Norms on dt, B and C.
    #[serde(default)]
    pub inner_norms: bool,
    /// A scalar scales each block's output.
    #[serde(default)]
    pub layer_scalar: bool,
}

#[derive(Debug, Deserialize)]
struct Table {
    types: BTreeMap<String, Kind>,
}

/// What this `model_type` means.
pub fn find(model_type: &str) -> Option<&'static Kind> {
    all().get(model_type)
}

/// Every `model_type` that is known.
///
/// # Panics
/// Never in a build that passed its tests: they parse the same text.
pub fn all() -> &'static BTreeMap<String, Kind> {
    static TABLE: OnceLock<Table> = OnceLock::new();
    #[expect(clippy::expect_used, reason = "embedded at build time; every test of this module reads it")]
    let table = TABLE.get_or_init(|| {
        serde_json::from_str(include_str!("../../../assets/architectures.json"))
            .expect("architectures.json is sound")
    });
    &table.types
}

fn two() -> u32 {
    2
}

fn yes() -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Catalog;

    #[test]
    fn every_architecture_is_one_of_the_catalog() {
        for (name, kind) in all() {
            let known = Catalog::embedded().models().iter().any(|model| model.arch == kind.arch);
            assert!(known, "{name}: {}", kind.arch);
        }
    }
}
