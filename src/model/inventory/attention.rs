//! Attention with query, key and value matrices: multi-head, grouped, multi-query, windowed.

use super::{Block, Class, List};
use crate::model::Model;
use crate::model::record::{AttnBias, HeadShape, Mixer, QkNorm, Sinks};

/// Heads of one block.
struct Heads {
    query: u64,
    key_value: u64,
    key_width: u64,
    value_width: u64,
    /// The values are the keys.
    value_is_key: bool,
}

impl Heads {
    fn of(model: &Model, block: &Block) -> Self {
        let shape: &HeadShape =
            if block.mixer == Mixer::Window { &model.attention.swa } else { &model.attention.full };
        Self {
            query: shape.n_head.unwrap_or_else(|| model.n_head.at(block.index)).into(),
            key_value: shape.n_head_kv.unwrap_or(model.n_head_kv).into(),
            key_width: shape.head_dim_k.unwrap_or(model.head_dim_k).into(),
            value_width: shape.head_dim_v.unwrap_or(model.head_dim_v).into(),
            value_is_key: shape.k_eq_v,
        }
    }

    fn queries(&self) -> u64 {
        self.query * self.key_width
    }

    fn keys(&self) -> u64 {
        self.key_value * self.key_width
    }

    fn values(&self) -> u64 {
        self.key_value * self.value_width
    }

    fn output(&self) -> u64 {
        self.query * self.value_width
    }
}

/// Pushes the attention of `block`.
pub(super) fn push(list: &mut List<'_>, block: &Block) {
    let model = list.model;
    let heads = Heads::of(model, block);
    push_query_key_value(list, &heads);
    list.matrix(Class::Attention, "attn_output.weight", heads.output(), list.width());
    if model.attn_bias == AttnBias::Qkvo {
        list.vector(Class::Attention, "attn_output.bias", list.width());
    }
    if model.attention.sub_norm {
        list.vector(Class::Attention, "attn_sub_norm.weight", heads.output());
    }
    push_head_norms(list, &heads);
    push_gate(list, &heads);
    let sinks = match model.attention.sinks {
        Sinks::None => false,
        Sinks::Swa => block.mixer == Mixer::Window,
        Sinks::All => true,
    };
    if sinks {
        list.vector(Class::Attention, "attn_sinks.weight", heads.query);
    }
    if block.indexer {
        push_indexer(list);
    }
}

fn push_query_key_value(list: &mut List<'_>, heads: &Heads) {
    let width = list.width();
    let biased = list.model.attn_bias != AttnBias::None;
    // The output gate doubles the query matrix where it has none of its own.
    let queries = if list.names.gate_in_query { 2 * heads.queries() } else { heads.queries() };
    if list.names.fused_qkv {
        let rows = queries + heads.keys() + heads.values();
        list.matrix(Class::Attention, "attn_qkv.weight", width, rows);
        if biased {
            list.vector(Class::Attention, "attn_qkv.bias", rows);
        }
        return;
    }
    list.matrix(Class::Attention, "attn_q.weight", width, queries);
    list.matrix(Class::Attention, "attn_k.weight", width, heads.keys());
    if !heads.value_is_key {
        list.matrix(Class::Attention, "attn_v.weight", width, heads.values());
    }
    if biased {
        list.vector(Class::Attention, "attn_q.bias", queries);
        list.vector(Class::Attention, "attn_k.bias", heads.keys());
        list.vector(Class::Attention, "attn_v.bias", heads.values());
    }
}

fn push_head_norms(list: &mut List<'_>, heads: &Heads) {
    const QUERY: &str = "attn_q_norm.weight";
    const KEY: &str = "attn_k_norm.weight";
    match list.model.qk_norm {
        // Its queries and keys are normalized without weights; the converter writes constants.
        QkNorm::None if list.model.arch == "muse-glimmer" => {
            list.vector(Class::Converter, QUERY, heads.key_width);
            list.vector(Class::Converter, KEY, heads.key_width);
        }
        QkNorm::None => {}
        QkNorm::Head => {
            list.vector(Class::Attention, QUERY, heads.key_width);
            list.vector(Class::Attention, KEY, heads.key_width);
        }
        QkNorm::Full => {
            list.vector(Class::Attention, QUERY, heads.queries());
            list.vector(Class::Attention, KEY, heads.keys());
        }
        QkNorm::PerHead => {
            list.matrix(Class::Attention, QUERY, heads.key_width, heads.query);
            list.matrix(Class::Attention, KEY, heads.key_width, heads.key_value);
        }
    }
}

fn push_gate(list: &mut List<'_>, heads: &Heads) {
    let rows = match list.model.attention.out_gate.as_deref() {
        Some("per_head") => heads.query,
        Some(_) if !list.names.gate_in_query => heads.output(),
        _ => return,
    };
    list.matrix(Class::Attention, "attn_gate.weight", list.width(), rows);
}

/// Block selection by small queries and keys of their own (MiniMax-M3, Qwen3.8-Flash-Next).
fn push_indexer(list: &mut List<'_>) {
    let Some(indexer) = &list.model.attention.indexer else { return };
    let (heads, head) = (u64::from(indexer.n_head), u64::from(indexer.head_dim));
    list.matrix(Class::Attention, "indexer.q_proj.weight", list.width(), heads * head);
    list.matrix(Class::Attention, "indexer.k_proj.weight", list.width(), head);
    list.vector(Class::Attention, "indexer.q_norm.weight", head);
    list.vector(Class::Attention, "indexer.k_norm.weight", head);
}
