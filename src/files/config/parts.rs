//! Experts, latents, states and the rest, from a configuration.

use super::json::Fields;
use super::kinds::Kind;
use crate::files::error::Fault;
use crate::files::record::empty_recurrent;
use crate::language::tr;
use crate::model::record::counts::{
    LONGEST_CONTEXT, MOST_BLOCKS, MOST_EXPERTS, MOST_HEADS, WIDEST, WIDEST_EXPERT, WIDEST_FFN, WIDEST_HEAD,
};
use crate::model::record::{Extra, Indexer, Mla, Moe, Mtp, Recurrent, RecurrentKind};

/// Names of the count of experts.
const EXPERTS: &[&str] = &["num_experts", "n_routed_experts", "num_local_experts", "moe_num_experts"];
/// Names of the inner width of dense networks.
pub const INNER: &[&str] =
    &["intermediate_size", "n_inner", "ffn_hidden_size", "ffn_dim", "dense_intermediate_size"];

/// Whether there are experts at all.
pub fn has_experts(fields: Fields<'_>) -> Result<bool, Fault> {
    if fields.flag(&["enable_moe_block"])? == Some(false) {
        return Ok(false);
    }
    // One expert is a dense network.
    Ok(experts_of(fields)? > 1)
}

fn experts_of(fields: Fields<'_>) -> Result<u32, Fault> {
    match fields.get(EXPERTS) {
        // Ernie and HunYuan list them by kind or block.
        Some((name, serde_json::Value::Array(list))) => {
            let first = list.first().and_then(serde_json::Value::as_u64);
            let count =
                first.and_then(|count| u32::try_from(count).ok()).filter(|count| *count <= MOST_EXPERTS);
            count.ok_or_else(|| Fault::invalid(format!("\"{name}\""), tr!("must be numbers of experts")))
        }
        _ => Ok(fields.whole(EXPERTS, MOST_EXPERTS)?.unwrap_or(0)),
    }
}

/// A number, or the first of a list.
fn first(fields: Fields<'_>, names: &[&'static str], most: u32) -> Result<Option<u32>, Fault> {
    match fields.get(names) {
        Some((_, serde_json::Value::Array(_))) => {
            Ok(fields.each(names, 1, most)?.and_then(|list| list.first().copied()))
        }
        _ => fields.whole(names, most),
    }
}

/// The experts.
pub fn experts(fields: Fields<'_>, kind: &Kind) -> Result<Option<Moe>, Fault> {
    if !has_experts(fields)? {
        return Ok(None);
    }
    let n_expert = experts_of(fields)?;
    let used = [
        "num_experts_per_tok",
        "num_experts_per_token",
        "top_k_experts",
        "moe_k",
        "moe_topk",
        "moe_top_k",
        "num_selected_experts",
    ];
    let n_expert_used = first(fields, &used, n_expert)?
        .ok_or_else(|| Fault::invalid("\"num_experts_per_tok\"", tr!("is missing")))?;
    let own_width = ["moe_intermediate_size", "expert_ffn_hidden_size", "moe_ffn_hidden_size"];
    let n_ff_expert = match first(fields, &own_width, WIDEST_EXPERT)? {
        Some(width) => width,
        None if kind.ff_of_experts || fields.get(INNER).is_some() => fields.needed(INNER, WIDEST_EXPERT)?,
        None => return Err(Fault::invalid("\"moe_intermediate_size\"", tr!("is missing"))),
    };
    let shared_width = [
        "shared_expert_intermediate_size",
        "moe_shared_expert_intermediate_size",
        "share_expert_dim",
        "shared_intermediate_size",
    ];
    let shared_count =
        ["n_shared_experts", "num_shared_experts", "num_shared_expert", "moe_num_shared_experts"];
    let shared = first(fields, &shared_count, MOST_EXPERTS)?;
    let n_ff_shared = match fields.whole(&shared_width, WIDEST_FFN)? {
        Some(width) if kind.arch == "bailingmoe2" => width.saturating_mul(shared.unwrap_or(1)),
        Some(width) => width,
        None if kind.shared_as_expert => n_ff_expert,
        None => shared.unwrap_or(0).saturating_mul(n_ff_expert),
    };
    let n_shared_expert = match (n_ff_shared, shared) {
        (0, _) => 0,
        (_, Some(count)) if count > 0 => count,
        _ => 1,
    };
    Ok(Some(Moe {
        n_expert,
        n_expert_used,
        n_ff_expert,
        n_shared_expert,
        n_ff_shared,
        router_bias: kind.router_bias,
        expert_bias: kind.expert_bias,
        gated: kind.experts_gated,
        shared_gate: kind.shared_gate,
        latent_dim: fields.whole(&["moe_latent_size", "routed_expert_hidden_size"], WIDEST)?,
        latent_norm: false,
        n_hash_layers: None,
    }))
}

/// Multi-head latent attention.
pub fn latent(fields: Fields<'_>) -> Result<Option<Mla>, Fault> {
    let Some(kv_lora_rank) = fields.whole(&["kv_lora_rank"], WIDEST)?.filter(|&rank| rank > 0) else {
        return Ok(None);
    };
    Ok(Some(Mla {
        q_lora_rank: fields.whole(&["q_lora_rank"], WIDEST)?.filter(|&rank| rank > 0),
        kv_lora_rank,
        qk_rope_head_dim: fields.needed(&["qk_rope_head_dim"], WIDEST_HEAD)?,
        qk_nope_head_dim: fields.needed(&["qk_nope_head_dim"], WIDEST_HEAD)?,
        v_head_dim: fields.needed(&["v_head_dim"], WIDEST_HEAD)?,
    }))
}

/// Indexer of sparse attention.
pub fn indexer(fields: Fields<'_>) -> Result<Option<Indexer>, Fault> {
    let Some(head_dim) = fields.whole(&["index_head_dim"], WIDEST_HEAD)?.filter(|&dim| dim > 0) else {
        return Ok(None);
    };
    Ok(Some(Indexer {
        n_head: fields.needed(&["index_n_heads"], MOST_HEADS)?,
        n_head_kv: None,
        head_dim,
        top_k: fields.whole(&["index_topk"], LONGEST_CONTEXT)?,
        top_k_blocks: None,
        block: None,
        budget: None,
        compress_ratio: None,
        kpool: None,
        layers: None,
    }))
}

/// The layers with a state.
pub fn recurrent(fields: Fields<'_>, kind: &Kind, n_embd: u32) -> Result<Option<Recurrent>, Fault> {
    let Some(state) = kind.state else { return Ok(None) };
    let head = |names: &[&'static str]| fields.whole(names, WIDEST_HEAD);
    Ok(Some(match state {
        'D' => {
            let mut own = empty_recurrent(RecurrentKind::GatedDeltaNet);
            own.n_head_k = Some(fields.needed(&["linear_num_key_heads"], MOST_HEADS)?);
            own.n_head_v = Some(fields.needed(&["linear_num_value_heads"], MOST_HEADS)?);
            own.head_dim_k = Some(fields.needed(&["linear_key_head_dim"], WIDEST_HEAD)?);
            own.head_dim_v = Some(fields.needed(&["linear_value_head_dim"], WIDEST_HEAD)?);
            own.d_conv = Some(head(&["linear_conv_kernel_dim"])?.unwrap_or(4));
            own.d_state = own.head_dim_k;
            own.d_inner = own.n_head_v.zip(own.head_dim_v).map(|(heads, width)| heads.saturating_mul(width));
            own
        }
        'K' => {
            let linear = fields.object("linear_attn_config", "linear_attn_config.")?.unwrap_or(fields);
            let mut own = empty_recurrent(RecurrentKind::Kda);
            own.n_head = Some(linear.needed(&["num_heads"], MOST_HEADS)?);
            own.head_dim = Some(linear.needed(&["head_dim"], WIDEST_HEAD)?);
            own.d_conv = Some(linear.whole(&["short_conv_kernel_size"], WIDEST_HEAD)?.unwrap_or(4));
            own
        }
        'M' | 'P' => mamba2(fields, kind, n_embd)?,
        'm' => mamba1(fields, kind, n_embd)?,
        'c' => {
            let mut own = empty_recurrent(RecurrentKind::ShortConv);
            own.d_conv = Some(head(&["conv_L_cache"])?.unwrap_or(3));
            own.d_inner = Some(n_embd);
            own
        }
        _ => {
            let mut own = empty_recurrent(RecurrentKind::Lightning);
            own.n_head = fields.whole(&["num_attention_heads"], MOST_HEADS)?;
            own.head_dim = head(&["head_dim"])?;
            own
        }
    }))
}

fn mamba2(fields: Fields<'_>, kind: &Kind, n_embd: u32) -> Result<Recurrent, Fault> {
    let mut own = empty_recurrent(RecurrentKind::Mamba2);
    let heads = fields.whole(&["mamba_num_heads", "mamba_n_heads", "num_heads"], MOST_HEADS)?;
    let width = match fields.get(&["mamba_d_head", "mamba_head_dim", "head_dim"]) {
        Some((_, serde_json::Value::String(auto))) if auto == "auto" => None,
        _ => fields.whole(&["mamba_d_head", "mamba_head_dim", "head_dim"], WIDEST_HEAD)?,
    };
    let expand = fields.whole(&["expand", "mamba_expand"], 64)?.unwrap_or(2);
    let inner = fields.whole(&["mamba_d_ssm"], WIDEST)?;
    let product = |(heads, width): (u32, u32)| heads.saturating_mul(width);
    let inner = inner.or(heads.zip(width).map(product)).unwrap_or_else(|| n_embd.saturating_mul(expand));
    own.d_inner = Some(inner);
    own.n_head = heads;
    own.head_dim = width.or(heads.and_then(|heads| inner.checked_div(heads)));
    own.d_state = Some(fields.needed(&["ssm_state_size", "mamba_d_state", "state_size"], WIDEST_HEAD)?);
    own.n_group = Some(fields.whole(&["mamba_n_groups", "n_groups"], WIDEST_HEAD)?.unwrap_or(1).max(1));
    own.d_conv = Some(fields.whole(&["conv_kernel", "mamba_d_conv"], WIDEST_HEAD)?.unwrap_or(4));
    own.conv_bias = fields.flag(&["use_conv_bias", "mamba_conv_bias"])?.unwrap_or(kind.conv_bias);
    if kind.arch == "falcon-h1" {
        own.norm = Some(fields.flag(&["mamba_rms_norm"])?.unwrap_or(false));
    }
    Ok(own)
}

fn mamba1(fields: Fields<'_>, kind: &Kind, n_embd: u32) -> Result<Recurrent, Fault> {
    let mut own = empty_recurrent(RecurrentKind::Mamba1);
    let expand = fields.whole(&["expand", "mamba_expand"], 64)?.unwrap_or(2);
    let inner = fields.whole(&["intermediate_size"], WIDEST)?.filter(|_| kind.arch == "mamba");
    own.d_inner = Some(inner.unwrap_or_else(|| n_embd.saturating_mul(expand)));
    own.d_state = Some(fields.whole(&["mamba_d_state", "state_size"], WIDEST_HEAD)?.unwrap_or(16));
    own.d_conv = Some(fields.whole(&["conv_kernel", "mamba_d_conv"], WIDEST_HEAD)?.unwrap_or(4));
    let rank = ["mamba_dt_rank", "time_step_rank"];
    own.dt_rank = Some(match fields.get(&rank) {
        None | Some((_, serde_json::Value::String(_))) => n_embd.div_ceil(16),
        Some(_) => fields.needed(&rank, WIDEST)?,
    });
    own.conv_bias = fields.flag(&["use_conv_bias", "mamba_conv_bias"])?.unwrap_or(kind.conv_bias);
    own.inner_norms = kind.inner_norms;
    Ok(own)
}

/// MTP layers, and what they hold.
pub fn mtp(fields: Fields<'_>, kind: &Kind, experts: bool) -> Result<(u32, Option<Mtp>), Fault> {
    let names = ["num_nextn_predict_layers", "num_mtp_layers", "mtp_num_hidden_layers"];
    let layers = fields.whole(&names, MOST_BLOCKS - 1)?.unwrap_or(0);
    if layers == 0 {
        return Ok((0, None));
    }
    let own_tables = matches!(kind.arch.as_str(), "deepseek2" | "deepseek32" | "glm4moe");
    let dense = matches!(kind.arch.as_str(), "ernie4_5-moe" | "exaone-moe" | "mimo2" | "step35");
    let own = Mtp {
        mixer: "A".to_owned(),
        ffn: if experts && !dense { "e" } else { "d" }.to_owned(),
        n_ff: None,
        own_embd: own_tables,
        own_head: own_tables,
        indexer: true,
        extra_norms: 0,
        unexplained: 0,
    };
    Ok((layers, Some(own)))
}

/// What only few architectures have.
pub fn extra(fields: Fields<'_>, kind: &Kind) -> Result<Extra, Fault> {
    let ple_dim = fields.whole(&["hidden_size_per_layer_input"], WIDEST_HEAD)?.filter(|&dim| dim > 0);
    let vocabulary = fields.whole(&["vocab_size_per_layer_input"], 1 << 24)?;
    Ok(Extra {
        altup_inputs: fields.whole(&["altup_num_inputs"], 64)?,
        laurel_rank: fields.whole(&["laurel_rank"], WIDEST)?,
        layer_scalar: kind.layer_scalar.then_some(1),
        ple_dim,
        ple_vocab: ple_dim.and(vocabulary),
        constants: std::collections::BTreeMap::new(),
    })
}
