//! Mixers with a state of fixed size.

use super::{Block, Class, List};
use crate::model::record::{Mixer, Recurrent};

const CLASS: Class = Class::Recurrent;

/// Pushes the recurrent mixer of `block`.
pub(super) fn push(list: &mut List<'_>, block: &Block) {
    let Some(recurrent) = &list.model.recurrent else { return };
    match block.mixer {
        Mixer::GatedDeltaNet => push_gated_delta_net(list, recurrent),
        Mixer::Kda => push_kda(list, recurrent),
        Mixer::Mamba2 | Mixer::AttentionMamba2 => push_mamba2(list, recurrent),
        Mixer::Mamba1 => push_mamba1(list, recurrent),
        Mixer::ShortConv => push_short_convolution(list, recurrent),
        Mixer::Lightning => push_lightning(list, recurrent),
        Mixer::Rwkv7 => push_rwkv7(list, recurrent, block.index),
        Mixer::Attention | Mixer::Window | Mixer::Compressed | Mixer::None => {}
    }
}

fn size(value: Option<u32>) -> u64 {
    value.unwrap_or(0).into()
}

fn push_gated_delta_net(list: &mut List<'_>, recurrent: &Recurrent) {
    let width = list.width();
    let keys = size(recurrent.n_head_k) * size(recurrent.head_dim_k);
    let heads = size(recurrent.n_head_v);
    let values = heads * size(recurrent.head_dim_v);
    let channels = 2 * keys + values;
    list.matrix(CLASS, "attn_qkv.weight", width, channels);
    list.matrix(CLASS, "attn_gate.weight", width, values);
    list.matrix(CLASS, "ssm_conv1d.weight", size(recurrent.d_conv), channels);
    list.vector(CLASS, "ssm_dt.bias", heads);
    list.vector(CLASS, "ssm_a", heads);
    list.vector(CLASS, "ssm_norm.weight", size(recurrent.head_dim_v));
    list.matrix(CLASS, "ssm_out.weight", values, width);
    if list.model.arch == "qwen3next" {
        list.matrix(CLASS, "ssm_ba.weight", width, 2 * heads);
    } else {
        list.matrix(CLASS, "ssm_beta.weight", width, heads);
        list.matrix(CLASS, "ssm_alpha.weight", width, heads);
    }
}

fn push_kda(list: &mut List<'_>, recurrent: &Recurrent) {
    let width = list.width();
    let (heads, head) = (size(recurrent.n_head), size(recurrent.head_dim));
    let inner = heads * head;
    for convolution in ["ssm_conv1d_q.weight", "ssm_conv1d_k.weight", "ssm_conv1d_v.weight"] {
        list.cube(CLASS, convolution, size(recurrent.d_conv), 1, inner);
    }
    for projection in ["attn_q.weight", "attn_k.weight", "attn_v.weight"] {
        list.matrix(CLASS, projection, width, inner);
    }
    if recurrent.decay_full {
        list.matrix(CLASS, "ssm_f_a.weight", width, inner);
    } else {
        list.matrix(CLASS, "ssm_f_a.weight", width, head);
        list.matrix(CLASS, "ssm_f_b.weight", head, inner);
    }
    list.matrix(CLASS, "ssm_beta.weight", width, heads);
    match list.model.arch.as_str() {
        "kimi-linear" | "bailingmoe3" => list.matrix(CLASS, "ssm_a", 1, heads),
        _ => list.vector(CLASS, "ssm_a", heads),
    }
    list.vector(CLASS, "ssm_dt.bias", inner);
    if recurrent.gate_full {
        let gate = if list.model.arch == "kimi-k3" { "ssm_g.weight" } else { "ssm_g_a.weight" };
        list.matrix(CLASS, gate, width, inner);
    } else {
        list.matrix(CLASS, "ssm_g_a.weight", width, head);
        list.matrix(CLASS, "ssm_g_b.weight", head, inner);
    }
    list.vector(CLASS, "ssm_norm.weight", head);
    list.matrix(CLASS, "attn_output.weight", inner, width);
}

fn push_mamba2(list: &mut List<'_>, recurrent: &Recurrent) {
    let width = list.width();
    let (inner, heads) = (size(recurrent.d_inner), size(recurrent.n_head));
    let groups = size(recurrent.n_group).max(1);
    let channels = inner + 2 * groups * size(recurrent.d_state);
    list.matrix(CLASS, "ssm_in.weight", width, inner + channels + heads);
    push_convolution(list, recurrent, channels);
    list.vector(CLASS, "ssm_dt.bias", heads);
    list.matrix(CLASS, "ssm_a", 1, heads);
    list.matrix(CLASS, "ssm_d", 1, heads);
    if recurrent.norm != Some(false) {
        list.matrix(CLASS, "ssm_norm.weight", inner / groups, groups);
    }
    list.matrix(CLASS, "ssm_out.weight", inner, width);
}

fn push_convolution(list: &mut List<'_>, recurrent: &Recurrent, channels: u64) {
    list.matrix(CLASS, "ssm_conv1d.weight", size(recurrent.d_conv), channels);
    if recurrent.conv_bias {
        list.vector(CLASS, "ssm_conv1d.bias", channels);
    }
}

fn push_mamba1(list: &mut List<'_>, recurrent: &Recurrent) {
    let width = list.width();
    let (inner, state, rank) = (size(recurrent.d_inner), size(recurrent.d_state), size(recurrent.dt_rank));
    list.matrix(CLASS, "ssm_in.weight", width, 2 * inner);
    push_convolution(list, recurrent, inner);
    list.matrix(CLASS, "ssm_x.weight", inner, rank + 2 * state);
    if recurrent.inner_norms {
        list.vector(CLASS, "ssm_dt_norm.weight", rank);
        list.vector(CLASS, "ssm_b_norm.weight", state);
        list.vector(CLASS, "ssm_c_norm.weight", state);
    }
    list.matrix(CLASS, "ssm_dt.weight", rank, inner);
    list.vector(CLASS, "ssm_dt.bias", inner);
    list.matrix(CLASS, "ssm_a", state, inner);
    list.vector(CLASS, "ssm_d", inner);
    list.matrix(CLASS, "ssm_out.weight", inner, width);
}

fn push_short_convolution(list: &mut List<'_>, recurrent: &Recurrent) {
    let width = list.width();
    list.matrix(CLASS, "shortconv.conv.weight", size(recurrent.d_conv), width);
    list.matrix(CLASS, "shortconv.in_proj.weight", width, 3 * width);
    list.matrix(CLASS, "shortconv.out_proj.weight", width, width);
}

fn push_lightning(list: &mut List<'_>, recurrent: &Recurrent) {
    let width = list.width();
    let inner = size(recurrent.n_head) * size(recurrent.head_dim);
    list.matrix(CLASS, "attn_qkv.weight", width, 3 * inner);
    list.vector(CLASS, "attn_norm_2.weight", inner);
    list.matrix(CLASS, "attn_gate.weight", width, inner);
    list.matrix(CLASS, "attn_output.weight", inner, width);
}

/// RWKV-7: time mix and channel mix, with the block's norms, which belong to the mixer there.
fn push_rwkv7(list: &mut List<'_>, recurrent: &Recurrent, layer: u32) {
    const VALUE: [&str; 3] = ["time_mix_v0.weight", "time_mix_v1.weight", "time_mix_v2.weight"];
    let width = list.width();
    let inner = list.model.n_ff.as_ref().map_or(0, |n_ff| u64::from(n_ff.at(layer)));
    for norm in ["attn_norm.weight", "attn_norm.bias", "attn_norm_2.weight", "attn_norm_2.bias"] {
        list.vector(CLASS, norm, width);
    }
    let iclr = size(recurrent.lora_iclr);
    let value = size(recurrent.lora_value);
    push_low_rank(
        list,
        ["time_mix_w0.weight", "time_mix_w1.weight", "time_mix_w2.weight"],
        size(recurrent.lora_decay),
    );
    push_low_rank(list, ["time_mix_a0.weight", "time_mix_a1.weight", "time_mix_a2.weight"], iclr);
    if layer == 0 {
        // The first layer has no earlier value to mix with: the converter repeats the learning rate's.
        push_low_rank_as(list, Class::Converter, VALUE, iclr);
        list.leave_out(CLASS, size(recurrent.lora_value_l0));
    } else {
        push_low_rank(list, VALUE, value);
    }
    list.matrix(CLASS, "time_mix_g1.weight", width, size(recurrent.lora_gate));
    list.matrix(CLASS, "time_mix_g2.weight", size(recurrent.lora_gate), width);
    // Six mixes with the token before, for r, w, k, v, a and g.
    list.cube(CLASS, "time_mix_lerp_fused.weight", width, 1, 6);
    for vector in ["time_mix_k_k.weight", "time_mix_k_a.weight", "time_mix_r_k.weight"] {
        list.vector(CLASS, vector, width);
    }
    for matrix in [
        "time_mix_key.weight",
        "time_mix_value.weight",
        "time_mix_receptance.weight",
        "time_mix_output.weight",
    ] {
        list.matrix(CLASS, matrix, width, width);
    }
    list.vector(CLASS, "time_mix_ln.weight", width);
    list.vector(CLASS, "time_mix_ln.bias", width);
    list.vector(CLASS, "channel_mix_lerp_k.weight", width);
    list.matrix(CLASS, "channel_mix_key.weight", width, inner);
    list.matrix(CLASS, "channel_mix_value.weight", inner, width);
}

fn push_low_rank(list: &mut List<'_>, names: [&'static str; 3], rank: u64) {
    push_low_rank_as(list, CLASS, names, rank);
}

/// A bias and two factors of rank `rank`.
fn push_low_rank_as(list: &mut List<'_>, class: Class, [bias, down, up]: [&'static str; 3], rank: u64) {
    let width = list.width();
    list.vector(class, bias, width);
    list.matrix(class, down, width, rank);
    list.matrix(class, up, rank, width);
}
