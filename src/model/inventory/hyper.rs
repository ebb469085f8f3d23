//! Hyper-connections: several residual streams, mixed before and after each half of a block.

use super::{Block, Class, List};

const CLASS: Class = Class::Other;

/// Streams and their joint width; `None` where the model has one stream.
struct Streams {
    count: u64,
    joint: u64,
    /// Mixes that each half of a block needs, and the scalars that scale them.
    mixes: u64,
    scales: u64,
    /// Rank of the mixing, where it is factored.
    rank: Option<u64>,
}

impl Streams {
    fn of(list: &List<'_>) -> Option<Self> {
        let hyper = list.model.hyper_connections.as_ref()?;
        let count = u64::from(hyper.n_stream);
        let (mixes, scales) = match hyper.kind.as_str() {
            // One mix in and one out for each stream.
            "mhc2" => (2 * count, 2),
            // Besides, each stream into each.
            _ => ((2 + count) * count, 3),
        };
        Some(Self { count, joint: count * list.width(), mixes, scales, rank: hyper.lowrank.map(u64::from) })
    }
}

/// Pushes the mixing of `block`; MTP blocks of glm5-next have one stream.
pub(super) fn push(list: &mut List<'_>, block: &Block) {
    let Some(streams) = Streams::of(list) else { return };
    if block.mtp {
        return;
    }
    let width = list.width();
    if let Some(rank) = streams.rank {
        for [norm, down, up, inject] in [
            ["hc_attn_norm.weight", "hc_attn_down.weight", "hc_attn_up.weight", "hc_attn_inject.weight"],
            ["hc_ffn_norm.weight", "hc_ffn_down.weight", "hc_ffn_up.weight", "hc_ffn_inject.weight"],
        ] {
            list.matrix(CLASS, norm, width, streams.count);
            list.matrix(CLASS, down, streams.joint, rank);
            list.matrix(CLASS, up, rank, streams.joint);
            list.matrix(CLASS, inject, streams.joint, streams.count);
        }
        return;
    }
    for [weights, base, scale] in [
        ["hc_attn_fn.weight", "hc_attn_base.weight", "hc_attn_scale.weight"],
        ["hc_ffn_fn.weight", "hc_ffn_base.weight", "hc_ffn_scale.weight"],
    ] {
        list.matrix(CLASS, weights, streams.joint, streams.mixes);
        list.vector(CLASS, base, streams.mixes);
        list.vector(CLASS, scale, streams.scales);
    }
}

/// Pushes what merges the streams before the output matrix.
pub(super) fn push_head(list: &mut List<'_>) {
    let Some(streams) = Streams::of(list) else { return };
    if let Some(rank) = streams.rank {
        let width = list.width();
        list.matrix(CLASS, "output_hc_norm.weight", width, streams.count);
        list.matrix(CLASS, "output_hc_down.weight", streams.joint, rank);
        list.matrix(CLASS, "output_hc_up.weight", rank, streams.joint);
    } else if list.model.arch != "glm5-next" {
        list.matrix(CLASS, "output_hc_fn.weight", streams.joint, streams.count);
        list.vector(CLASS, "output_hc_base.weight", streams.count);
        list.vector(CLASS, "output_hc_scale.weight", 1);
    }
}
