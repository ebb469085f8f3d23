//! How architectures with the same tensors differ in their graphs.

use crate::model::Model;
use crate::model::record::Norm;

use super::super::rules;

/// Where the rows that get logits are picked from all tokens' rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowsPicked {
    /// After the last block's mixer.
    InLastBlock,
    /// After the last block, whose result is kept for MTP layers.
    AfterLastBlock,
    /// After the output norm, whose result is kept.
    AfterNorm,
}

/// What the tensors of a block do not say.
#[derive(Clone, Copy, Debug)]
pub struct Traits {
    /// RMS norm, which works in place.
    pub rms: bool,
    /// Attention and feed-forward network read the same stream.
    pub parallel: bool,
    /// Sums after a mixer begin with the stream.
    pub stream_first: bool,
    /// Sums after a feed-forward network begin with the stream.
    pub stream_first_late: bool,
    /// Of two that read the same stream, attention is added last.
    pub attention_last: bool,
    /// No logits.
    pub without_logits: bool,
    /// Norms have no weights.
    pub bare_norms: bool,
    /// The embedding and what is added to the stream are scaled.
    pub scales: bool,
    /// The embedding alone is scaled.
    pub scales_embedding: bool,
    /// The norm before the mixer is computed before anything of the mixer.
    pub expands_norm: bool,
    /// Where rows are picked.
    pub rows_picked: RowsPicked,
    /// Queries and keys get rotary positions.
    pub rotary: bool,
    /// Only blocks with a window do.
    pub rotary_in_windows: bool,
    /// Other blocks scale queries by their position.
    pub tempered: bool,
    /// Positions of a token: one, or four for pictures.
    pub positions: u64,
    /// Some blocks attend over a window, so keys are stored before values.
    pub windows: bool,
    /// Values are normed before they are stored.
    pub norms_values: bool,
    /// The router's scores weigh an expert's input instead of its output.
    pub weighs_input: bool,
    /// The chosen experts' weights are divided by their sum.
    pub norms_weights: bool,
    /// Key heads of a gated delta net are repeated for its value heads.
    pub repeats_keys: bool,
    /// The router takes the best experts first and turns their scores into weights then.
    pub weighs_late: bool,
}

impl Traits {
    /// Those of `model`.
    pub fn of(model: &Model) -> Self {
        let graph = &rules::memory().graph;
        let arch = model.arch.as_str();
        let rows_picked = if graph.rows_after_last_block.has(arch) {
            RowsPicked::AfterLastBlock
        } else if graph.rows_after_norm.has(arch) {
            RowsPicked::AfterNorm
        } else {
            RowsPicked::InLastBlock
        };
        Self {
            rms: model.norm == Norm::Rms,
            parallel: graph.parallel.has(arch),
            stream_first: graph.stream_first.has(arch),
            stream_first_late: graph.stream_first.has(arch) || graph.stream_first_late.has(arch),
            attention_last: graph.attention_last.has(arch),
            without_logits: graph.without_logits.has(arch),
            bare_norms: model.norm == Norm::None,
            scales: graph.scales.has(arch),
            scales_embedding: arch.starts_with("gemma"),
            expands_norm: graph.expands_norm.has(arch),
            rows_picked,
            rotary: !graph.without_rotary.has(arch),
            rotary_in_windows: graph.rotary_in_windows.has(arch),
            tempered: graph.tempered.has(arch),
            positions: if graph.four_positions.has(arch) { 4 } else { 1 },
            windows: model.attention.sliding_window.is_some(),
            norms_values: graph.norms_values.has(arch),
            weighs_input: graph.weighs_input.has(arch),
            norms_weights: !graph.plain_weights.has(arch),
            repeats_keys: graph.repeats_keys.has(arch),
            weighs_late: graph.weighs_late.has(arch),
        }
    }
}
