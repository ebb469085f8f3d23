//! A record's own count of its parameters.

use serde::{Deserialize, Serialize};

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
