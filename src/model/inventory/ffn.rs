//! Feed-forward networks: dense, routed experts, shared experts, routers.

use super::{Block, Class, List};
use crate::model::record::{Ffn, Moe};

/// Pushes the feed-forward part of `block`.
pub(super) fn push(list: &mut List<'_>, block: &Block) {
    if matches!(block.ffn, Ffn::Dense | Ffn::DenseAndMoe) {
        push_dense(list, block.n_ff.into());
    }
    if matches!(block.ffn, Ffn::Moe | Ffn::DenseAndMoe)
        && let Some(moe) = &list.model.moe
    {
        push_router(list, moe, block);
        push_experts(list, moe);
        push_shared(list, moe);
    }
}

fn push_dense(list: &mut List<'_>, inner: u64) {
    let model = list.model;
    let width = list.width();
    if list.names.fused_gate_up && model.ffn_gated {
        list.matrix(Class::FfnDense, "ffn_up.weight", width, 2 * inner);
    } else {
        if model.ffn_gated {
            list.matrix(Class::FfnDense, "ffn_gate.weight", width, inner);
        }
        list.matrix(Class::FfnDense, "ffn_up.weight", width, inner);
    }
    list.matrix(Class::FfnDense, "ffn_down.weight", inner, width);
    if model.ffn_bias {
        if model.ffn_gated {
            list.vector(Class::FfnDense, "ffn_gate.bias", inner);
        }
        list.vector(Class::FfnDense, "ffn_up.bias", inner);
        list.vector(Class::FfnDense, "ffn_down.bias", width);
    }
    if model.attention.sub_norm {
        list.vector(Class::FfnDense, "ffn_sub_norm.weight", inner);
    }
}

fn push_router(list: &mut List<'_>, moe: &Moe, block: &Block) {
    let experts = u64::from(moe.n_expert);
    list.matrix(Class::Router, "ffn_gate_inp.weight", list.width(), experts);
    let hashed = moe.n_hash_layers.is_some_and(|layers| block.index < layers);
    if hashed {
        // Token to experts, looked up.
        let vocabulary = list.model.n_vocab.into();
        list.matrix(Class::Router, "ffn_gate_tid2eid.weight", moe.n_expert_used.into(), vocabulary);
    } else if moe.router_bias || moe.n_hash_layers.is_some() {
        list.vector(Class::Router, list.names.router_bias, experts);
    }
    if block.ffn == Ffn::DenseAndMoe {
        push_beside_dense(list, experts);
    }
}

/// What Gemma 4 needs to add the experts' output to the dense network's.
fn push_beside_dense(list: &mut List<'_>, experts: u64) {
    let width = list.width();
    list.vector(Class::Other, "ffn_gate_inp.scale", width);
    list.vector(Class::Other, "ffn_down_exps.scale", experts);
    for norm in ["pre_ffw_norm_2.weight", "post_ffw_norm_1.weight", "post_ffw_norm_2.weight"] {
        list.vector(Class::Other, norm, width);
    }
}

fn push_experts(list: &mut List<'_>, moe: &Moe) {
    let experts = u64::from(moe.n_expert);
    let inner = u64::from(moe.n_ff_expert);
    let width = moe.latent_dim.map_or(list.width(), u64::from);
    if moe.gated && list.names.fused_experts {
        list.cube(Class::Experts, "ffn_gate_up_exps.weight", width, 2 * inner, experts);
    } else {
        if moe.gated {
            list.cube(Class::Experts, "ffn_gate_exps.weight", width, inner, experts);
        }
        list.cube(Class::Experts, "ffn_up_exps.weight", width, inner, experts);
    }
    list.cube(Class::Experts, "ffn_down_exps.weight", inner, width, experts);
    if moe.expert_bias {
        if moe.gated {
            list.matrix(Class::Experts, "ffn_gate_exps.bias", inner, experts);
        }
        list.matrix(Class::Experts, "ffn_up_exps.bias", inner, experts);
        list.matrix(Class::Experts, "ffn_down_exps.bias", width, experts);
    }
    push_latent(list, moe);
}

/// Projections into the space that the experts work in, and back.
fn push_latent(list: &mut List<'_>, moe: &Moe) {
    let Some(latent) = moe.latent_dim.map(u64::from) else { return };
    let width = list.width();
    let (down, up) = if list.model.arch == "kimi-k3" {
        ("ffn_routed_down.weight", "ffn_routed_up.weight")
    } else {
        ("ffn_latent_down.weight", "ffn_latent_up.weight")
    };
    list.matrix(Class::Router, down, width, latent);
    list.matrix(Class::Router, up, latent, width);
    if moe.latent_norm {
        list.vector(Class::Router, "ffn_routed_norm.weight", latent);
    }
}

fn push_shared(list: &mut List<'_>, moe: &Moe) {
    let inner = u64::from(moe.n_ff_shared);
    if inner == 0 {
        return;
    }
    let width = list.width();
    if moe.shared_gate {
        list.vector(Class::SharedExperts, "ffn_gate_inp_shexp.weight", width);
    }
    if moe.gated {
        list.matrix(Class::SharedExperts, "ffn_gate_shexp.weight", width, inner);
    }
    list.matrix(Class::SharedExperts, "ffn_up_shexp.weight", width, inner);
    list.matrix(Class::SharedExperts, "ffn_down_shexp.weight", inner, width);
}
