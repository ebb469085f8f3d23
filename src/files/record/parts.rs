//! Experts, recurrent layers, MTP layers.

use super::blocks::{Blocks, Named};
use super::layers::Kinds;
use super::{Fault, Keys, entry};
use crate::language::tr;
use crate::model::record::counts::{MOST_EXPERTS, MOST_HEADS, WIDEST, WIDEST_HEAD};
use crate::model::record::{Moe, Mtp, Recurrent, RecurrentKind};

/// The experts, by the first block that has them.
pub fn experts(keys: Keys<'_>, blocks: &Blocks<'_>) -> Result<Option<Moe>, Fault> {
    let Some(block) = blocks.first(|block| block.begins("ffn_down_exps") || block.begins("ffn_up_exps"))
    else {
        return Ok(None);
    };
    let place = |key: &str| entry(&keys.name(key));
    let stored = block.get("ffn_down_exps.weight").map_or(0, |tensor| tensor.dims[2]);
    let n_expert = keys.needed("expert_count", MOST_EXPERTS)?;
    if stored != u64::from(n_expert) {
        let problem = tr!("says {stated}, and the tensors hold {stored}", stated = n_expert, stored);
        return Err(Fault::invalid(place("expert_count"), problem));
    }
    let n_expert_used = keys.needed("expert_used_count", n_expert)?;
    let gated = ["ffn_gate_exps.weight", "ffn_gate_up_exps.weight"].iter().any(|name| block.has(name));
    let size = |value: Option<u64>| u32::try_from(value.unwrap_or(0)).unwrap_or(u32::MAX);
    let has_any = |name: &str| blocks.any(|block| block.has(name));
    // Several shared experts are stored as one.
    let n_ff_shared = size(block.columns("ffn_down_shexp.weight"));
    let shared = keys.whole("expert_shared_count", MOST_EXPERTS)?.filter(|&count| count > 0);
    Ok(Some(Moe {
        n_expert,
        n_expert_used,
        n_ff_expert: size(block.columns("ffn_down_exps.weight")),
        n_shared_expert: if n_ff_shared == 0 { 0 } else { shared.unwrap_or(1) },
        n_ff_shared,
        router_bias: ["exp_probs_b.bias", "exp_probs_b", "ffn_gate_inp.bias"]
            .iter()
            .any(|name| has_any(name)),
        expert_bias: has_any("ffn_down_exps.bias"),
        gated,
        shared_gate: has_any("ffn_gate_inp_shexp.weight"),
        latent_dim: block
            .rows("ffn_latent_down.weight")
            .or_else(|| block.rows("ffn_routed_down.weight"))
            .map(|rows| size(Some(rows))),
        latent_norm: block.has("ffn_routed_norm.weight"),
        n_hash_layers: keys.whole("hash_layer_count", 4096)?.filter(|&layers| layers > 0),
    }))
}

/// The layers with a state, by the first block that is one.
pub fn recurrent(keys: Keys<'_>, blocks: &Blocks<'_>, kinds: &Kinds) -> Result<Option<Recurrent>, Fault> {
    let found = kinds.codes.chars().zip(0_u32..).find_map(|(code, number)| {
        let kind = match code {
            'D' => RecurrentKind::GatedDeltaNet,
            'K' => RecurrentKind::Kda,
            'M' | 'P' => RecurrentKind::Mamba2,
            'm' => RecurrentKind::Mamba1,
            'c' => RecurrentKind::ShortConv,
            'L' => RecurrentKind::Lightning,
            'R' => RecurrentKind::Rwkv7,
            _ => return None,
        };
        Some((kind, number))
    });
    let Some((kind, number)) = found else { return Ok(None) };
    let block = blocks.block(number);
    let mut own = empty(kind);
    let ssm = |key: &str, most: u32| keys.needed(&format!("ssm.{key}"), most).map(Some);
    match kind {
        RecurrentKind::Mamba1 | RecurrentKind::Mamba2 => {
            own.d_conv = ssm("conv_kernel", WIDEST_HEAD)?;
            own.d_inner = ssm("inner_size", WIDEST)?;
            own.d_state = ssm("state_size", WIDEST_HEAD)?;
            own.conv_bias = block.has("ssm_conv1d.bias");
            let rank = ssm("time_step_rank", WIDEST)?;
            if kind == RecurrentKind::Mamba1 {
                own.dt_rank = rank;
                own.inner_norms = block.has("ssm_dt_norm.weight");
            } else {
                own.n_head = rank;
                own.head_dim = own.d_inner.zip(rank).and_then(|(inner, heads)| inner.checked_div(heads));
                own.n_group = Some(keys.whole("ssm.group_count", WIDEST_HEAD)?.unwrap_or(1).max(1));
                own.norm = (!block.has("ssm_norm.weight")).then_some(false);
            }
        }
        RecurrentKind::GatedDeltaNet => {
            own.d_conv = ssm("conv_kernel", WIDEST_HEAD)?;
            own.d_inner = ssm("inner_size", WIDEST)?;
            own.d_state = ssm("state_size", WIDEST_HEAD)?;
            own.n_head_k = ssm("group_count", MOST_HEADS)?;
            own.n_head_v = ssm("time_step_rank", MOST_HEADS)?;
            own.head_dim_k = own.d_state;
            own.head_dim_v =
                own.d_inner.zip(own.n_head_v).and_then(|(inner, heads)| inner.checked_div(heads));
        }
        RecurrentKind::Kda => {
            own.d_conv = ssm("conv_kernel", WIDEST_HEAD)?;
            own.head_dim = Some(keys.needed("kda.head_dim", WIDEST_HEAD)?);
            own.n_head =
                keys.each("attention.head_count", number + 1, MOST_HEADS)?.and_then(|n| n.last().copied());
            own.decay_full = !block.has("ssm_f_b.weight");
            own.gate_full = !block.has("ssm_g_b.weight");
        }
        RecurrentKind::ShortConv => {
            own.d_conv = Some(keys.needed("shortconv.l_cache", WIDEST_HEAD)?);
            own.d_inner = Some(keys.needed("embedding_length", WIDEST)?);
        }
        RecurrentKind::Lightning => {
            own.n_head = keys.whole("attention.head_count", MOST_HEADS)?;
            own.head_dim = keys.whole("attention.key_length", WIDEST_HEAD)?;
        }
        RecurrentKind::Rwkv7 => rwkv7(keys, blocks, &mut own)?,
    }
    Ok(Some(own))
}

fn rwkv7(keys: Keys<'_>, blocks: &Blocks<'_>, own: &mut Recurrent) -> Result<(), Fault> {
    own.head_dim = Some(keys.needed("wkv.head_size", WIDEST_HEAD)?);
    // The first layer's value residual is filled in by the converter; the second has the real rank.
    let rank = |block: &Named<'_>, name: &str| block.rows(name).and_then(|rows| u32::try_from(rows).ok());
    let (first, second) = (blocks.block(0), blocks.block(1));
    own.lora_decay = rank(first, "time_mix_w1.weight");
    own.lora_iclr = rank(first, "time_mix_a1.weight");
    own.lora_gate = rank(first, "time_mix_g1.weight");
    own.lora_value = rank(second, "time_mix_v1.weight");
    Ok(())
}

/// Layers of this kind of which nothing else is known.
pub fn empty(kind: RecurrentKind) -> Recurrent {
    Recurrent {
        kind,
        d_conv: None,
        d_inner: None,
        d_state: None,
        n_group: None,
        dt_rank: None,
        n_head: None,
        head_dim: None,
        n_head_k: None,
        n_head_v: None,
        head_dim_k: None,
        head_dim_v: None,
        conv_bias: false,
        norm: None,
        inner_norms: false,
        decay_full: false,
        gate_full: false,
        lora_decay: None,
        lora_iclr: None,
        lora_value: None,
        lora_value_l0: None,
        lora_gate: None,
    }
}

/// The MTP blocks, by the first of them.
pub fn mtp(blocks: &Blocks<'_>, kinds: &Kinds, layers: u32) -> Option<Mtp> {
    if layers == 0 {
        return None;
    }
    let block = blocks.block(kinds.codes.len() as u32);
    let experts = block.begins("ffn_down_exps");
    // Its attention is shaped like that of the blocks with a window, or like that of the others.
    let shape = |block: &Named<'_>| (block.rows("attn_q.weight"), block.rows("attn_k.weight"));
    let like = |code: char| kinds.of(code).next().is_some_and(|own| shape(blocks.block(own)) == shape(block));
    let mixer = if like('S') && !like('A') { "S" } else { "A" };
    let ffn = match (experts, block.has("ffn_down.weight")) {
        (true, _) => "e",
        (false, true) => "d",
        (false, false) => "-",
    };
    Some(Mtp {
        mixer: mixer.to_owned(),
        ffn: ffn.to_owned(),
        n_ff: block.columns("ffn_down.weight").and_then(|width| u32::try_from(width).ok()),
        own_embd: block.has("nextn.embed_tokens.weight"),
        own_head: block.has("nextn.shared_head_head.weight"),
        indexer: block.begins("indexer"),
        extra_norms: 0,
        unexplained: 0,
    })
}
