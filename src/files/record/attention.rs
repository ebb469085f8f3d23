//! Attention: heads, latents, norms, gates, indexers.

use super::blocks::{Blocks, Named};
use super::layers::Kinds;
use super::{Fault, Keys, differing};
use crate::language::tr;
use crate::model::record::counts::{MOST_HEADS, WIDEST, WIDEST_HEAD};
use crate::model::record::{AttnBias, HeadShape, Indexer, Mla, PerLayer, QkNorm};

/// Heads of a block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    pub query: u32,
    pub key_value: u32,
    pub key_width: u32,
    pub value_width: u32,
}

/// Heads of the model, and where kinds of blocks differ.
#[derive(Debug)]
pub struct Heads {
    pub query: PerLayer,
    pub key_value: u32,
    pub key_width: u32,
    pub value_width: u32,
    pub full: HeadShape,
    pub window: HeadShape,
    pub mla: Option<Mla>,
    /// The first block that attends.
    pub first_attention: Option<u32>,
    /// Its heads.
    pub first_widths: Shape,
}

/// Reads the heads.
pub fn heads(
    keys: Keys<'_>,
    blocks: &Blocks<'_>,
    kinds: &Kinds,
    n_embd: u32,
    notes: &mut Vec<String>,
) -> Result<Heads, Fault> {
    let n_layer = kinds.codes.len() as u32;
    let attends = |block: &u32| matches!(kinds.codes.as_bytes()[*block as usize], b'A' | b'S' | b'P' | b'V');
    let first_attention = (0..n_layer).find(attends);
    let query = keys.each("attention.head_count", n_layer, MOST_HEADS)?.unwrap_or_default();
    let key_value =
        keys.each("attention.head_count_kv", n_layer, MOST_HEADS)?.unwrap_or_else(|| query.clone());
    let most = query.iter().copied().max().unwrap_or(0);
    // The converter leaves the widths out where they are the usual ones.
    let usual = n_embd.checked_div(most).unwrap_or(0);
    let width = |key: &str| keys.whole(key, WIDEST_HEAD);
    let key_width = width("attention.key_length")?.unwrap_or(usual);
    let value_width = width("attention.value_length")?.unwrap_or(usual);
    let key_width_swa = width("attention.key_length_swa")?.unwrap_or(key_width);
    let value_width_swa = width("attention.value_length_swa")?.unwrap_or(value_width);
    let shape = |block: u32| {
        let windowed = kinds.codes.as_bytes()[block as usize] == b'S';
        let at = |each: &[u32]| each.get(block as usize).copied().unwrap_or(0);
        Shape {
            query: at(&query),
            key_value: at(&key_value),
            key_width: if windowed { key_width_swa } else { key_width },
            value_width: if windowed { value_width_swa } else { value_width },
        }
    };
    let of_kind = |windowed: bool| {
        let is =
            |block: &u32| attends(block) && (kinds.codes.as_bytes()[*block as usize] == b'S') == windowed;
        let shapes: Vec<Shape> = (0..n_layer).filter(is).map(shape).collect();
        shapes.into_iter().reduce(|a, b| Shape {
            query: a.query.max(b.query),
            key_value: a.key_value.max(b.key_value),
            ..a
        })
    };
    let irregular = (0..n_layer).filter(attends).any(|block| {
        let kind = of_kind(kinds.codes.as_bytes()[block as usize] == b'S');
        kind.is_some_and(|kind| kind.key_value != shape(block).key_value)
    });
    if irregular {
        notes.push(tr!("blocks differ in their key heads; the cache is computed with the most").to_owned());
    }
    let first = first_attention.map_or(Shape { query: most, ..Shape::default() }, shape);
    let (whole, windowed) = (of_kind(false), of_kind(true));
    let base = match first_attention {
        Some(block) if kinds.codes.as_bytes()[block as usize] == b'S' => windowed,
        _ => whole,
    }
    .unwrap_or(first);
    let shares = |code| {
        kinds.of(code).any(|block| {
            let block = blocks.block(block);
            block.has("attn_k.weight") && !block.has("attn_v.weight")
        })
    };
    let mut heads = Heads {
        query: per_layer(&query, first_attention, most),
        key_value: base.key_value,
        key_width: base.key_width,
        value_width: base.value_width,
        full: whole.map_or_else(HeadShape::default, |own| differing(own, base, shares('A'))),
        window: windowed.map_or_else(HeadShape::default, |own| differing(own, base, shares('S'))),
        mla: None,
        first_attention,
        first_widths: first,
    };
    // Where query heads differ by kind of block alone, the kinds say it; else the list says it all.
    let by_kind = (0..n_layer).filter(attends).all(|block| {
        let kind = of_kind(kinds.codes.as_bytes()[block as usize] == b'S');
        kind.is_some_and(|kind| kind.query == shape(block).query)
    });
    if by_kind && first_attention.is_some() {
        heads.query = PerLayer::All(base.query);
    } else if matches!(heads.query, PerLayer::Each(_)) {
        heads.full.n_head = None;
        heads.window.n_head = None;
    }
    latent(keys, blocks, kinds, &mut heads, notes)?;
    Ok(heads)
}

/// Query heads where they differ among the blocks that attend; zeros mark those that do not.
fn per_layer(each: &[u32], first_attention: Option<u32>, most: u32) -> PerLayer {
    let usual = first_attention.and_then(|block| each.get(block as usize)).copied().unwrap_or(most);
    PerLayer::from(each.iter().map(|&heads| if heads == 0 { usual } else { heads }).collect::<Vec<_>>())
}

/// Multi-head latent attention, where the file keeps keys and values as a latent.
fn latent(
    keys: Keys<'_>,
    blocks: &Blocks<'_>,
    kinds: &Kinds,
    heads: &mut Heads,
    notes: &mut Vec<String>,
) -> Result<(), Fault> {
    let Some(kv_lora_rank) = keys.whole("attention.kv_lora_rank", WIDEST)?.filter(|&rank| rank > 0) else {
        return Ok(());
    };
    let has = |name: &str| kinds.of('A').any(|block| blocks.block(block).has(name));
    if !has("attn_kv_a_mqa.weight") {
        return Ok(());
    }
    if !has("attn_k_b.weight") {
        notes.push(
            tr!(
                "converted before llama.cpp kept the latent: its cache holds every head, which is much larger"
            )
            .to_owned(),
        );
        return Ok(());
    }
    let rope = keys.whole("rope.dimension_count", WIDEST_HEAD)?.unwrap_or(0);
    let key = keys.whole("attention.key_length_mla", WIDEST_HEAD)?.unwrap_or(heads.key_width);
    let value = keys.whole("attention.value_length_mla", WIDEST_HEAD)?.unwrap_or(heads.value_width);
    // Each head has keys and values of its own, which the file's one latent head stands for.
    heads.key_value = heads.query.max();
    heads.key_width = key;
    heads.value_width = value;
    heads.full = HeadShape::default();
    heads.mla = Some(Mla {
        q_lora_rank: keys.whole("attention.q_lora_rank", WIDEST)?.filter(|_| has("attn_q_a.weight")),
        kv_lora_rank,
        qk_rope_head_dim: rope,
        qk_nope_head_dim: key.saturating_sub(rope),
        v_head_dim: value,
    });
    Ok(())
}

/// Norms on queries and keys, by the shape of the first block's.
pub fn qk_norm(arch: &str, blocks: &Blocks<'_>, first: Option<u32>, heads: Shape) -> QkNorm {
    let Some(norm) = first.and_then(|block| blocks.block(block).get("attn_q_norm.weight")) else {
        return QkNorm::None;
    };
    match norm.dims {
        // Its converter writes norms of ones.
        _ if arch == "muse-glimmer" => QkNorm::None,
        [_, rows, _] if rows > 1 => QkNorm::PerHead,
        [columns, ..] if columns == u64::from(heads.key_width) => QkNorm::Head,
        _ => QkNorm::Full,
    }
}

/// Biases of the attention matrices.
pub fn bias(blocks: &Blocks<'_>, first: Option<u32>) -> AttnBias {
    let Some(block) = first.map(|block| blocks.block(block)) else { return AttnBias::None };
    match (block.has("attn_q.bias") || block.has("attn_qkv.bias"), block.has("attn_output.bias")) {
        (true, true) => AttnBias::Qkvo,
        (true, false) => AttnBias::Qkv,
        _ => AttnBias::None,
    }
}

/// Gate on the attention output.
pub fn out_gate(arch: &str, blocks: &Blocks<'_>, first: Option<u32>) -> Option<String> {
    let block = first.map(|block| blocks.block(block))?;
    let in_query = matches!(arch, "qwen3next" | "qwen35" | "qwen35moe" | "qwen4exp");
    if in_query {
        return Some("elementwise".to_owned());
    }
    let gate = block.rows("attn_gate.weight")?;
    let output = block.columns("attn_output.weight").unwrap_or(0);
    Some(if gate == output { "elementwise" } else { "per_head" }.to_owned())
}

/// Indexer of sparse attention.
pub fn indexer(keys: Keys<'_>, blocks: &Blocks<'_>, n_layer: u32) -> Result<Option<Indexer>, Fault> {
    let whole = |key: &str, most: u32| keys.whole(&format!("attention.indexer.{key}"), most);
    let Some(head_dim) = whole("key_length", WIDEST_HEAD)?.filter(|&width| width > 0) else {
        return Ok(None);
    };
    let owns = |block: &Named<'_>| block.begins("indexer");
    let owners: String =
        (0..n_layer).map(|number| if owns(blocks.block(number)) { '1' } else { '0' }).collect();
    Ok(Some(Indexer {
        n_head: whole("head_count", MOST_HEADS)?.unwrap_or(1),
        n_head_kv: None,
        head_dim,
        top_k: whole("top_k", u32::MAX)?,
        top_k_blocks: None,
        block: whole("block_size", u32::MAX)?,
        budget: None,
        compress_ratio: None,
        kpool: whole("kpool", WIDEST_HEAD)?,
        layers: owners.contains('0').then_some(owners),
    }))
}

/// The variant, in a word.
pub fn kind(kinds: &Kinds) -> &'static str {
    let has = |codes: &[char]| codes.iter().any(|code| kinds.has(*code));
    let attends = has(&['A', 'S', 'P', 'V']);
    let keeps_state = has(&['D', 'K', 'M', 'm', 'c', 'L', 'P', 'R']);
    match (attends, keeps_state, has(&['S'])) {
        (false, ..) => "none",
        (true, true, _) => "hybrid",
        (true, false, true) => "hybrid-swa",
        (true, false, false) => "gqa",
    }
}
