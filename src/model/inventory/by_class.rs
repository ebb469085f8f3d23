//! Tensors from the record's parameter counts by class, for architectures whose names and shapes are not
//! written down: the counts are exact, single shapes are the usual ones.

use super::{Exactness, Inventory, Tensor};
use crate::model::record::{Ffn, Model};

/// Tensors of every class that the record counts.
pub fn inventory(model: &Model) -> Inventory {
    let mut out = Vec::new();
    let counts = &model.params_breakdown;
    let embd = u64::from(model.n_embd);
    let layers = |wanted: &dyn Fn(u32) -> bool| (0..model.n_layer).filter(|l| wanted(*l)).collect::<Vec<_>>();

    matrix(&mut out, None, "token_embd.weight", [embd, counts.token_embd / embd.max(1), 1]);
    matrix(&mut out, None, "output.weight", [embd, counts.lm_head / embd.max(1), 1]);
    matrix(&mut out, None, "position_embd.weight", [embd, counts.pos_embd / embd.max(1), 1]);
    let ple = u64::from(model.extra.ple_dim.unwrap_or(160)) * u64::from(model.n_layer.max(1));
    matrix(&mut out, None, "per_layer_token_embd.weight", [ple, counts.ple_embd / ple, 1]);
    rest(&mut out, None, "per_layer_token_embd.rest", counts.ple_embd % ple);

    let attention = layers(&|l| model.mixer(l).has_cache());
    spread(&mut out, counts.attn, &attention, |out, block, share| attention_block(out, model, block, share));
    let recurrent = layers(&|l| model.mixer(l).has_state());
    spread(&mut out, counts.recurrent, &recurrent, |out, block, share| {
        matrix(out, block, "ssm_in.weight", [embd, share / embd, 1]);
        share % embd
    });
    let dense = layers(&|l| matches!(model.ffn(l), Ffn::Dense | Ffn::DenseAndMoe));
    spread(&mut out, counts.ffn_dense, &dense, |out, block, share| {
        let width = block.map_or(0, |b| model.n_ff.as_ref().map_or(0, |n| u64::from(n.at(b))));
        feed_forward(out, block, share, [embd, width, 1], model.ffn_gated, DENSE)
    });
    let moe_layers = layers(&|l| matches!(model.ffn(l), Ffn::Moe | Ffn::DenseAndMoe));
    if let Some(moe) = &model.moe {
        let inner = u64::from(moe.latent_dim.unwrap_or(model.n_embd));
        let experts = u64::from(moe.n_expert);
        spread(&mut out, counts.experts, &moe_layers, |out, block, share| {
            feed_forward(out, block, share, [inner, u64::from(moe.n_ff_expert), experts], moe.gated, EXPERTS)
        });
        spread(&mut out, counts.shared_experts, &moe_layers, |out, block, share| {
            feed_forward(out, block, share, [embd, u64::from(moe.n_ff_shared), 1], moe.gated, SHARED)
        });
        spread(&mut out, counts.router, &moe_layers, |out, block, share| {
            matrix(out, block, "ffn_gate_inp.weight", [embd, share / embd, 1]);
            share % embd
        });
    }
    let all = layers(&|_| true);
    spread(&mut out, counts.norms, &all, |_, _, share| share);
    rest(&mut out, None, "other.rest", counts.other);

    Inventory { tensors: out, exactness: Exactness::ByClass, mtp_in_file: false }
}

const DENSE: [&str; 3] = ["ffn_up.weight", "ffn_gate.weight", "ffn_down.weight"];
const EXPERTS: [&str; 3] = ["ffn_up_exps.weight", "ffn_gate_exps.weight", "ffn_down_exps.weight"];
const SHARED: [&str; 3] = ["ffn_up_shexp.weight", "ffn_gate_shexp.weight", "ffn_down_shexp.weight"];

/// Deals `total` evenly over `layers`; `make` takes a layer's share and returns what it has no matrix for.
fn spread(
    out: &mut Vec<Tensor>,
    total: u64,
    layers: &[u32],
    mut make: impl FnMut(&mut Vec<Tensor>, Option<u32>, u64) -> u64,
) {
    let Some(count) = std::num::NonZeroU64::new(layers.len() as u64) else {
        rest(out, None, "other.rest", total);
        return;
    };
    let share = total / count;
    for &layer in layers {
        let left = make(out, Some(layer), share);
        rest(out, Some(layer), "other.rest", left);
    }
    rest(out, None, "other.rest", total % count);
}

fn attention_block(out: &mut Vec<Tensor>, model: &Model, block: Option<u32>, share: u64) -> u64 {
    let embd = u64::from(model.n_embd);
    let heads = u64::from(block.map_or(0, |b| model.n_head.at(b)));
    let (k, v) = (u64::from(model.head_dim_k), u64::from(model.head_dim_v));
    let kv = u64::from(model.n_head_kv);
    let usual = embd * (heads * k + kv * k + kv * v + heads * v);
    if model.attention.mla.is_some() || usual > share {
        matrix(out, block, "attn_q_b.weight", [embd, share / embd, 1]);
        return share % embd;
    }
    matrix(out, block, "attn_q.weight", [embd, heads * k, 1]);
    matrix(out, block, "attn_k.weight", [embd, kv * k, 1]);
    matrix(out, block, "attn_v.weight", [embd, kv * v, 1]);
    matrix(out, block, "attn_output.weight", [heads * v, embd, 1]);
    let left = share - usual;
    matrix(out, block, "attn_gate.weight", [embd, left / embd, 1]);
    left % embd
}

/// Up, gate and down matrices of `[width, inner, experts]`, as far as `share` has the elements for them.
fn feed_forward(
    out: &mut Vec<Tensor>,
    block: Option<u32>,
    share: u64,
    [width, inner, experts]: [u64; 3],
    gated: bool,
    names: [&'static str; 3],
) -> u64 {
    let one = width * inner * experts;
    let matrices = if gated { 3 } else { 2 };
    let [up, gate, down] = names;
    if one == 0 || one * matrices > share {
        matrix(out, block, up, [width, share / width.max(1), 1]);
        return share % width.max(1);
    }
    matrix(out, block, up, [width, inner, experts]);
    if gated {
        matrix(out, block, gate, [width, inner, experts]);
    }
    matrix(out, block, down, [inner, width, experts]);
    share - one * matrices
}

fn matrix(out: &mut Vec<Tensor>, block: Option<u32>, suffix: &'static str, dims: [u64; 3]) {
    if dims.iter().all(|n| *n > 0) {
        let n_dims = if dims[2] > 1 { 3 } else { 2 };
        out.push(Tensor { block, suffix, dims, n_dims, mtp: false });
    }
}

/// Elements that no matrix has a place for; one axis, so they stay unquantized.
fn rest(out: &mut Vec<Tensor>, block: Option<u32>, suffix: &'static str, elements: u64) {
    if elements > 0 {
        out.push(Tensor { block, suffix, dims: [elements, 1, 1], n_dims: 1, mtp: false });
    }
}
