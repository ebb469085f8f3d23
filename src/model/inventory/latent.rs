//! Attention through a latent: MLA (DeepSeek-V2 and later) and DeepSeek-V4's compressed attention.

use super::{Block, Class, List};
use crate::model::record::{Indexer, Sinks};

/// Pushes the latent attention of `block`.
pub(super) fn push(list: &mut List<'_>, block: &Block) {
    let model = list.model;
    let Some(mla) = &model.attention.mla else { return };
    let width = list.width();
    let heads = u64::from(model.n_head.at(block.index));
    let (rope, nope) = (u64::from(mla.qk_rope_head_dim), u64::from(mla.qk_nope_head_dim));
    let (latent, value) = (u64::from(mla.kv_lora_rank), u64::from(mla.v_head_dim));
    if let Some(rank) = mla.q_lora_rank {
        list.vector(Class::Attention, "attn_q_a_norm.weight", rank.into());
        list.matrix(Class::Attention, "attn_q_a.weight", width, rank.into());
        list.matrix(Class::Attention, "attn_q_b.weight", rank.into(), heads * (nope + rope));
    } else {
        list.matrix(Class::Attention, "attn_q.weight", width, heads * (nope + rope));
    }
    list.vector(Class::Attention, "attn_kv_a_norm.weight", latent);
    list.matrix(Class::Attention, "attn_kv_a_mqa.weight", width, latent + rope);
    list.cube(Class::Attention, "attn_k_b.weight", nope, latent, heads);
    list.cube(Class::Attention, "attn_v_b.weight", latent, value, heads);
    list.matrix(Class::Attention, "attn_output.weight", heads * value, width);
    match model.attention.out_gate.as_deref() {
        Some("per_head") => list.matrix(Class::Attention, "attn_gate.weight", width, heads),
        Some(_) => list.matrix(Class::Attention, "attn_gate.weight", width, heads * value),
        None => {}
    }
    if model.attention.sinks != Sinks::None {
        list.vector(Class::Attention, "attn_sinks.weight", heads);
    }
    if let (true, Some(indexer), Some(rank)) = (block.indexer, &model.attention.indexer, mla.q_lora_rank) {
        push_indexer(list, indexer, rank.into());
    }
}

/// The indexer of DeepSeek sparse attention, with GLM-5.3's pooling of keys where it has one.
fn push_indexer(list: &mut List<'_>, indexer: &Indexer, rank: u64) {
    let width = list.width();
    let (heads, head) = (u64::from(indexer.n_head), u64::from(indexer.head_dim));
    list.vector(Class::Attention, "indexer.k_norm.weight", head);
    list.vector(Class::Attention, "indexer.k_norm.bias", head);
    list.matrix(Class::Attention, "indexer.proj.weight", width, heads);
    list.matrix(Class::Attention, "indexer.attn_k.weight", width, head);
    list.matrix(Class::Attention, "indexer.attn_q_b.weight", rank, heads * head);
    if let Some(pool) = indexer.kpool {
        list.matrix(Class::Attention, "indexer_compressor_gate.weight", width, head);
        list.matrix(Class::Attention, "indexer_compressor_ape.weight", head, pool.into());
    }
}

/// Pushes DeepSeek-V4's attention of `block`: one latent head, a grouped low-rank output, and what
/// compresses the cache.
pub(super) fn push_compressed(list: &mut List<'_>, block: &Block) {
    let model = list.model;
    let width = list.width();
    let heads = u64::from(model.n_head.at(block.index));
    let head = u64::from(model.head_dim_k);
    let rank = u64::from(model.attention.q_lora_rank.unwrap_or(0));
    let (groups, out_rank) = (
        u64::from(model.attention.o_groups.unwrap_or(1)).max(1),
        u64::from(model.attention.o_lora_rank.unwrap_or(0)),
    );
    list.vector(Class::Attention, "attn_sinks.weight", heads);
    list.matrix(Class::Attention, "attn_q_a.weight", width, rank);
    list.vector(Class::Attention, "attn_q_a_norm.weight", rank);
    list.matrix(Class::Attention, "attn_q_b.weight", rank, heads * head);
    list.matrix(Class::Attention, "attn_kv.weight", width, head);
    list.vector(Class::Attention, "attn_kv_a_norm.weight", head);
    list.cube(Class::Attention, "attn_output_a.weight", heads * head / groups, out_rank, groups);
    list.matrix(Class::Attention, "attn_output_b.weight", groups * out_rank, width);
    let ratios = model.attention.compress_ratios.as_deref().unwrap_or_default();
    let ratio = u64::from(ratios.get(block.index as usize).copied().unwrap_or(0));
    if ratio == 0 {
        return;
    }
    // The fine compression keeps two overlapping streams.
    let streams = if ratio == 4 { 2 } else { 1 };
    list.matrix(Class::Attention, "attn_compressor_kv.weight", width, streams * head);
    list.matrix(Class::Attention, "attn_compressor_gate.weight", width, streams * head);
    list.matrix(Class::Attention, "attn_compressor_ape.weight", streams * head, ratio);
    list.vector(Class::Attention, "attn_compressor_norm.weight", head);
    if let (4, Some(indexer)) = (ratio, &model.attention.indexer) {
        let (heads, head) = (u64::from(indexer.n_head), u64::from(indexer.head_dim));
        list.matrix(Class::Attention, "indexer.proj.weight", width, heads);
        list.matrix(Class::Attention, "indexer.attn_q_b.weight", rank, heads * head);
        list.matrix(Class::Attention, "indexer_compressor_kv.weight", width, 2 * head);
        list.matrix(Class::Attention, "indexer_compressor_gate.weight", width, 2 * head);
        list.matrix(Class::Attention, "indexer_compressor_ape.weight", 2 * head, ratio);
        list.vector(Class::Attention, "indexer_compressor_norm.weight", head);
    }
}
