//! From a configuration's fields to a record.

use serde_json::Value;

use super::json::Fields;
use super::kinds::{self, Kind};
use super::{layers, parts, quantized};
use crate::files::error::{Fault, short};
use crate::files::record::Described;
use crate::language::tr;
use crate::model::inventory;
use crate::model::record::counts::{
    LONGEST_CONTEXT, MOST_BLOCKS, MOST_HEADS, MOST_TOKENS, WIDEST, WIDEST_FFN, WIDEST_HEAD,
};
use crate::model::record::{
    Attention, AttnBias, Breakdown, HeadShape, Layers, Modality, Model, Norm, PerLayer, QkNorm,
};

/// Objects that hold the language model of one that also sees or hears.
const TEXT: &[(&str, &str)] = &[
    ("text_config", "text_config."),
    ("llm_config", "llm_config."),
    ("language_config", "language_config."),
    ("thinker_config", "thinker_config."),
];

/// The record of the model that a configuration describes, under the name `id`.
///
/// # Errors
/// A field that is missing or wrong, or an architecture that is not known.
pub fn describe(value: &Value, id: &str) -> Result<Described, Fault> {
    let whole = Fields::of(value, "")?;
    let mut notes = Vec::new();
    let (fields, model_type, kind) = text_model(whole)?;
    let n_layer = depth(fields)?;
    let n_embd = fields.needed(&["hidden_size", "n_embd", "d_model", "dim"], WIDEST)?;
    let heads = heads(fields, kind, n_embd, n_layer)?;
    let (mixer, window) = layers::mixers(fields, kind, n_layer, &mut notes)?;
    let has_experts = parts::has_experts(fields)?;
    let ffn = layers::feed_forwards(fields, kind, n_layer, &mixer, has_experts)?;
    let (mtp_layers, mtp) = parts::mtp(fields, kind, has_experts)?;
    let context = ["max_position_embeddings", "n_positions", "max_seq_len", "seq_length", "model_max_length"];
    let context_max = fields.whole(&context, LONGEST_CONTEXT)?.filter(|&context| context > 0);
    let sees = whole.has("vision_config") || whole.has("vision_tower") || whole.has("visual");
    if sees {
        notes.push(
            tr!("the vision tower is not counted: its parameters are in files of their own").to_owned(),
        );
    }
    let (full, swa) = by_kind_of_block(fields, kind, heads)?;
    let mut model = Model {
        id: id.to_owned(),
        display_name: name(whole, id),
        family: name(whole, id),
        provider: String::new(),
        release_date: String::new(),
        license: None,
        params_total: 0,
        params_text: 0,
        params_active: 0,
        params_read: 0,
        params_mtp: None,
        context_max,
        modality: Modality { vision: sees, audio: whole.has("audio_config"), ..Modality::default() },
        tags: Vec::new(),
        arch: arch(fields, kind, has_experts),
        llama_cpp: true,
        n_layer,
        n_embd,
        n_head: PerLayer::All(heads.query),
        n_head_kv: heads.key_value,
        head_dim_k: heads.key_width,
        head_dim_v: heads.value_width,
        n_ff: inner_widths(fields, kind, n_layer, n_embd, &ffn)?,
        n_vocab: fields.needed(&["vocab_size", "padded_vocab_size", "n_vocab"], MOST_TOKENS)?,
        n_pos_embd: if kind.positions { context_max } else { None },
        tied_embeddings: tied(whole, fields, kind)?,
        norm: norm(fields, kind)?,
        norms_per_layer: norms(fields, kind, n_layer)?,
        final_norms: kind.final_norms,
        qk_norm: qk_norm(fields, kind)?,
        attn_bias: bias(fields, kind)?,
        ffn_bias: kind.ffn_bias || fields.flag(&["mlp_bias"])?.unwrap_or(false),
        ffn_gated: kind.gated,
        lm_head_bias: kind.lm_head_bias,
        num_loops: fields.whole(&["num_loops"], 64)?.unwrap_or(1).max(1),
        layers: Layers { mixer, ffn },
        attention: Attention {
            kind: "gqa".to_owned(),
            sliding_window: window,
            hf_sliding_window: None,
            swa_type: window.map(|_| "standard".to_owned()),
            chunk_size: window.filter(|_| kind.arch == "llama4"),
            full,
            swa,
            mla: parts::latent(fields)?,
            indexer: parts::indexer(fields)?,
            out_gate: kind.out_gate.clone(),
            sinks: kind.sinks,
            sub_norm: kind.sub_norm,
            sparse_layers: None,
            kv_shared_layers: fields.whole(&["num_kv_shared_layers"], MOST_BLOCKS)?,
            kv_shared_layers_runtime: None,
            kv_shared_in_file: None,
            compress_ratios: None,
            o_groups: None,
            o_lora_rank: None,
            q_lora_rank: None,
            qk_rope_head_dim: None,
        },
        moe: parts::experts(fields, kind)?,
        recurrent: parts::recurrent(fields, kind, n_embd)?,
        mtp_layers,
        mtp,
        ple: None,
        hyper_connections: None,
        extra: parts::extra(fields, kind)?,
        native_dtype: quantized::native_dtype(whole, fields)?,
        aliases: Vec::new(),
        hf_downloads: None,
        hf_likes: None,
        params_breakdown: Breakdown::default(),
        note: None,
    };
    model.check().map_err(|problem| Fault::invalid("", problem))?;
    let (breakdown, in_mtp) = inventory::count(&model);
    model.count(breakdown, in_mtp);
    notes.push(tr!("parameters are counted from the dimensions, as {model_type} lays them out", model_type));
    Ok(Described { model, notes })
}

/// The fields of the language model, and what its type means.
fn text_model(whole: Fields<'_>) -> Result<(Fields<'_>, &str, &'static Kind), Fault> {
    let mut fields = whole;
    let mut depth = 0;
    // A thinker holds a text model of its own.
    while let Some((name, path)) = TEXT.iter().find(|(name, _)| fields.has(name)) {
        if depth == TEXT.len() {
            return Err(Fault::invalid(format!("\"{name}\""), tr!("is nested within itself")));
        }
        fields = fields.object(name, path)?.unwrap_or(fields);
        depth += 1;
    }
    let types = [fields.text(&["model_type"])?, whole.text(&["model_type"])?];
    let known = types.iter().flatten().find_map(|name| kinds::find(name).map(|kind| (*name, kind)));
    if let Some((name, kind)) = known {
        return Ok((fields, name, kind));
    }
    match types.iter().flatten().next() {
        None => Err(Fault::invalid("\"model_type\"", tr!("is missing"))),
        Some(other) => Err(Fault::unsupported(tr!(
            "the model_type {name} is not known to this version, so nothing could be computed that is not a guess",
            name = format!("{:?}", short(other))
        ))),
    }
}

/// Blocks: stated, or as many as are listed.
fn depth(fields: Fields<'_>) -> Result<u32, Fault> {
    let names = ["num_hidden_layers", "n_layer", "num_layers", "n_layers"];
    if let Some(n_layer) = fields.whole(&names, MOST_BLOCKS)? {
        return if n_layer == 0 {
            Err(Fault::invalid("\"num_hidden_layers\"", tr!("is 0")))
        } else {
            Ok(n_layer)
        };
    }
    let listed = fields.length(&["layers_block_type", "layer_types", "hybrid_override_pattern"]);
    let listed = listed.and_then(|length| u32::try_from(length).ok());
    listed
        .filter(|length| (1..=MOST_BLOCKS).contains(length))
        .ok_or_else(|| Fault::invalid("\"num_hidden_layers\"", tr!("is missing")))
}

fn name(whole: Fields<'_>, id: &str) -> String {
    let stated = whole.text(&["_name_or_path"]).ok().flatten().filter(|name| !name.trim().is_empty());
    let name = stated.unwrap_or(id).trim_end_matches(['/', '\\']).trim_end_matches("config.json");
    let name = name.trim_end_matches(['/', '\\']);
    short(name.rsplit(['/', '\\']).next().unwrap_or(name))
}

/// Some types are two architectures of llama.cpp.
fn arch(fields: Fields<'_>, kind: &Kind, experts: bool) -> String {
    match kind.arch.as_str() {
        "nemotron_h" if experts => "nemotron_h_moe".to_owned(),
        "granite" if fields.has("num_local_experts") => "granitemoe".to_owned(),
        other => other.to_owned(),
    }
}

/// Heads of a block.
#[derive(Clone, Copy, Debug)]
struct Heads {
    query: u32,
    key_value: u32,
    key_width: u32,
    value_width: u32,
}

fn heads(fields: Fields<'_>, kind: &Kind, n_embd: u32, n_layer: u32) -> Result<Heads, Fault> {
    let names = ["num_attention_heads", "n_head", "n_heads", "num_heads"];
    // What keeps only states has no heads of attention.
    let only_state = matches!(kind.arch.as_str(), "mamba" | "mamba2");
    if only_state {
        return Ok(Heads { query: 0, key_value: 0, key_width: 0, value_width: 0 });
    }
    let query = fields.needed(&names, MOST_HEADS)?;
    let aliases =
        ["num_key_value_heads", "n_head_kv", "num_kv_heads", "num_attention_groups", "multi_query_group_num"];
    // One head for all is a flag in older files; a later layout of Falcon's ignores it.
    let new_falcon = fields.flag(&["new_decoder_architecture"])?.unwrap_or(false);
    let multi_query = fields.flag(&["multi_query"])?.unwrap_or(false) && !new_falcon;
    let key_value = if multi_query {
        1
    } else {
        match fields.get(&aliases) {
            Some((_, Value::Array(_))) => {
                let each = fields.each(&aliases, n_layer, MOST_HEADS)?.unwrap_or_default();
                each.into_iter().max().unwrap_or(query)
            }
            _ => fields.whole(&aliases, MOST_HEADS)?.unwrap_or(query),
        }
    };
    if let Some(mla) = parts::latent(fields)? {
        let key = mla.qk_nope_head_dim.saturating_add(mla.qk_rope_head_dim);
        return Ok(Heads { query, key_value, key_width: key, value_width: mla.v_head_dim });
    }
    let usual = n_embd.checked_div(query).unwrap_or(0);
    let key_width = fields.whole(&["head_dim", "qk_head_dim", "attention_head_dim"], WIDEST_HEAD)?;
    let key_width = key_width.filter(|&width| width > 0).unwrap_or(usual);
    let value_width =
        fields.whole(&["v_head_dim"], WIDEST_HEAD)?.filter(|&width| width > 0).unwrap_or(key_width);
    Ok(Heads { query, key_value, key_width, value_width })
}

/// Shapes of the blocks that see everything, and of those with a window, where they differ.
fn by_kind_of_block(fields: Fields<'_>, kind: &Kind, heads: Heads) -> Result<(HeadShape, HeadShape), Fault> {
    let mut full = HeadShape::default();
    let mut swa = HeadShape::default();
    if kind.arch == "gemma4" {
        let width = fields.whole(&["global_head_dim"], WIDEST_HEAD)?;
        full.head_dim_k = width;
        full.head_dim_v = width;
        full.k_eq_v = fields.flag(&["attention_k_eq_v"])?.unwrap_or(false);
        let shared = fields.whole(&["num_global_key_value_heads"], MOST_HEADS)?;
        full.n_head_kv = Some(if full.k_eq_v { shared.unwrap_or(heads.key_value) } else { heads.key_value });
    }
    // The library's newer files list what single blocks have.
    if let Some((_, Value::Object(blocks))) = fields.get(&["per_layer_config"])
        && let Some(first) = blocks.values().next()
    {
        if blocks.values().any(|other| other != first) {
            let problem = tr!("blocks differ in ways that are not known to this version");
            return Err(Fault::unsupported(problem));
        }
        let own = Fields::of(first, "per_layer_config.")?;
        let width = own.whole(&["head_dim"], WIDEST_HEAD)?;
        full.head_dim_k = width;
        full.head_dim_v = width;
        full.n_head_kv = own.whole(&["num_key_value_heads"], MOST_HEADS)?.or(full.n_head_kv);
    }
    swa.head_dim_k = fields.whole(&["swa_head_dim"], WIDEST_HEAD)?;
    swa.head_dim_v = fields.whole(&["swa_v_head_dim"], WIDEST_HEAD)?.or(swa.head_dim_k);
    swa.n_head_kv = fields.whole(&["swa_num_key_value_heads"], MOST_HEADS)?;
    Ok((full, swa))
}

fn inner_widths(
    fields: Fields<'_>,
    kind: &Kind,
    n_layer: u32,
    n_embd: u32,
    ffn: &str,
) -> Result<Option<PerLayer>, Fault> {
    if !ffn.contains(['d', 'b']) {
        return Ok(None);
    }
    if kind.arch.starts_with("lfm2") && fields.has("block_ff_dim")
        || fields.flag(&["block_auto_adjust_ff_dim"])?.is_some()
    {
        return lfm2_width(fields).map(|width| Some(PerLayer::All(width)));
    }
    if kind.arch == "llama4" {
        return Ok(Some(PerLayer::All(fields.needed(&["intermediate_size_mlp"], WIDEST_FFN)?)));
    }
    let names: &[&'static str] = match kind.arch.as_str() {
        "cohere2moe" => &["prefix_dense_intermediate_size", "intermediate_size"],
        _ => parts::INNER,
    };
    let each = match fields.get(names) {
        None => {
            let usual = kind.usual_ff.map(|factor| n_embd.saturating_mul(factor));
            let usual = usual.ok_or_else(|| Fault::invalid("\"intermediate_size\"", tr!("is missing")))?;
            vec![usual; n_layer as usize]
        }
        Some(_) => fields.each(names, n_layer, WIDEST_FFN)?.unwrap_or_default(),
    };
    let each = double_wide(fields, n_layer, each)?;
    Ok(Some(PerLayer::from(each)))
}

/// Gemma 4 E: blocks that share an earlier one's cache may have networks twice as wide.
fn double_wide(fields: Fields<'_>, n_layer: u32, mut each: Vec<u32>) -> Result<Vec<u32>, Fault> {
    if fields.flag(&["use_double_wide_mlp"])? == Some(true) {
        let shared = fields.whole(&["num_kv_shared_layers"], MOST_BLOCKS)?.unwrap_or(0);
        for width in each.iter_mut().skip(n_layer.saturating_sub(shared) as usize) {
            *width = width.saturating_mul(2);
        }
    }
    Ok(each)
}

/// LFM2 states a width that is cut to two thirds and rounded up.
fn lfm2_width(fields: Fields<'_>) -> Result<u32, Fault> {
    let stated = fields.needed(&["block_ff_dim", "intermediate_size"], WIDEST_FFN)?;
    if fields.flag(&["block_auto_adjust_ff_dim"])? != Some(true) {
        return Ok(stated);
    }
    let step = fields.whole(&["block_multiple_of"], WIDEST_FFN)?.filter(|&step| step > 0).unwrap_or(256);
    let cut = stated / 3 * 2 + stated % 3 * 2 / 3;
    Ok(cut.div_ceil(step).saturating_mul(step))
}

fn tied(whole: Fields<'_>, fields: Fields<'_>, kind: &Kind) -> Result<bool, Fault> {
    let names = ["tie_word_embeddings", "tie_embedding"];
    Ok(match (fields.flag(&names)?, whole.flag(&names)?) {
        // Gemma's is one whatever the file says of the outer model.
        _ if kind.arch.starts_with("gemma") => true,
        (Some(stated), _) | (None, Some(stated)) => stated,
        (None, None) => kind.tied,
    })
}

fn norm(fields: Fields<'_>, kind: &Kind) -> Result<Norm, Fault> {
    // Falcon and StableLM leave biases out on request; none of the catalog's does.
    Ok(match fields.flag(&["norm_bias"])? {
        Some(false) if kind.norm == Norm::Ln => Norm::LnNobias,
        _ => kind.norm,
    })
}

fn norms(fields: Fields<'_>, kind: &Kind, n_layer: u32) -> Result<PerLayer, Fault> {
    // Falcon has two input norms in its later layout, unless it says how many.
    if kind.arch == "falcon" {
        let new = fields.flag(&["new_decoder_architecture"])?.unwrap_or(false);
        let stated = fields.whole(&["num_ln_in_parallel_attn"], 2)?;
        return Ok(PerLayer::All(stated.filter(|_| new).unwrap_or(if new { 2 } else { 1 }).max(1)));
    }
    if kind.first_block_without_norm {
        let each =
            (0..n_layer).map(|block| if block == 0 { kind.norms.saturating_sub(1) } else { kind.norms });
        return Ok(PerLayer::from(each.collect::<Vec<_>>()));
    }
    Ok(PerLayer::All(kind.norms))
}

fn qk_norm(fields: Fields<'_>, kind: &Kind) -> Result<QkNorm, Fault> {
    let stated = fields.flag(&["use_qk_norm", "qk_layernorm"])?;
    Ok(match stated {
        Some(true) if kind.arch == "command-r" => QkNorm::PerHead,
        Some(true) if kind.qk_norm_if_stated != QkNorm::None => kind.qk_norm_if_stated,
        Some(false) => QkNorm::None,
        _ => kind.qk_norm,
    })
}

fn bias(fields: Fields<'_>, kind: &Kind) -> Result<AttnBias, Fault> {
    if kind.bias != AttnBias::None {
        return Ok(kind.bias);
    }
    let stated = fields.flag(&["attention_bias", "qkv_bias", "add_qkv_bias", "use_qkv_bias", "use_bias"])?;
    Ok(if stated == Some(true) { kind.bias_if_stated } else { AttnBias::None })
}
