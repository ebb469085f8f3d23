//! A GGUF file as a model's record, so that every estimate works on it.
//!
//! The tensor table is the truth for what a block is and how large; the metadata says what no tensor shows:
//! heads, windows, experts in use. What neither says is left out, and what had to be inferred is told.

mod attention;
mod blocks;
mod known;
mod layers;
mod parts;

use crate::files::error::{self, Fault, entry};
use crate::files::gguf::{Gguf, Metadata};
use crate::language::tr;
use crate::model::Model;
use crate::model::inventory::Class;
use crate::model::record::counts::{LONGEST_CONTEXT, MOST_BLOCKS, MOST_TOKENS, WIDEST};
use crate::model::record::{
    Attention, Breakdown, Extra, HeadShape, HyperConnections, Layers, Mixer, Modality, Norm, PerLayer, Sinks,
    Tag,
};

pub use known::{adopt, recognize};
pub use parts::empty as empty_recurrent;

use blocks::Blocks;

/// A record that was read, and what a reader should know of it.
#[derive(Clone, Debug)]
pub struct Described {
    /// The model.
    pub model: Model,
    /// What was inferred, and what cannot be known.
    pub notes: Vec<String>,
}

/// The metadata of one architecture.
#[derive(Clone, Copy, Debug)]
struct Keys<'a> {
    metadata: &'a Metadata,
    arch: &'a str,
}

impl Keys<'_> {
    fn name(&self, key: &str) -> String {
        format!("{}.{key}", self.arch)
    }

    fn whole(&self, key: &str, most: u32) -> Result<Option<u32>, Fault> {
        self.metadata.whole(&self.name(key), most)
    }

    fn each(&self, key: &str, blocks: u32, most: u32) -> Result<Option<Vec<u32>>, Fault> {
        self.metadata.each(&self.name(key), blocks, most)
    }

    fn needed(&self, key: &str, most: u32) -> Result<u32, Fault> {
        self.whole(key, most)?.ok_or_else(|| Fault::invalid(entry(&self.name(key)), tr!("is missing")))
    }

    fn has(&self, key: &str) -> bool {
        self.metadata.get(&self.name(key)).is_some()
    }
}

/// Whether a model reads text and generates none: what comes out is pooled to one vector or score, or every token sees
/// all others and it is no model that fills in text step by step.
fn reads_only(keys: Keys<'_>) -> bool {
    let pools = keys.whole("pooling_type", 16).ok().flatten().is_some_and(|kind| kind > 0);
    pools || keys.arch.contains("bert") || keys.arch.ends_with("-embedding")
}

/// The record of the model in `gguf`, under the name `id`.
///
/// # Errors
/// Where metadata and tensors do not make a model.
pub fn describe(gguf: &Gguf, id: &str) -> Result<Described, Fault> {
    let metadata = &gguf.metadata;
    let arch = metadata
        .text("general.architecture")?
        .ok_or_else(|| Fault::invalid(entry("general.architecture"), tr!("is missing")))?;
    let keys = Keys { metadata, arch };
    let mut notes = Vec::new();
    let blocks = Blocks::of(&gguf.table.tensors);
    let (n_layer, mtp_layers) = depth(keys, &blocks)?;
    let n_embd = keys.needed("embedding_length", WIDEST)?;
    let n_vocab = vocabulary(&blocks, n_embd)?;
    let kinds = layers::mixers(keys, &blocks, n_layer, &mut notes)?;
    let ffn = layers::feed_forwards(&blocks, n_layer);
    let heads = attention::heads(keys, &blocks, &kinds, n_embd, &mut notes)?;
    let tied_embeddings = !blocks.outside.has("output.weight");
    let mut model = Model {
        id: id.to_owned(),
        display_name: String::new(),
        family: String::new(),
        provider: String::new(),
        release_date: String::new(),
        license: metadata.text("general.license").ok().flatten().map(str::to_owned),
        params_total: 0,
        params_text: 0,
        params_active: 0,
        params_read: 0,
        params_mtp: None,
        context_max: keys.whole("context_length", LONGEST_CONTEXT)?.filter(|&context| context > 0),
        modality: Modality::default(),
        tags: if reads_only(keys) { vec![Tag::Embedding] } else { Vec::new() },
        arch: arch.to_owned(),
        llama_cpp: true,
        n_layer,
        n_embd,
        n_head: heads.query,
        n_head_kv: heads.key_value,
        head_dim_k: heads.key_width,
        head_dim_v: heads.value_width,
        n_ff: layers::inner_widths(keys, &blocks, n_layer)?,
        n_vocab,
        n_pos_embd: blocks.outside.rows("position_embd.weight").map(|rows| rows as u32),
        tied_embeddings,
        norm: norm(keys, &blocks),
        norms_per_layer: layers::norms(&blocks, &kinds),
        final_norms: final_norms(&blocks),
        qk_norm: attention::qk_norm(arch, &blocks, heads.first_attention, heads.first_widths),
        attn_bias: attention::bias(&blocks, heads.first_attention),
        ffn_bias: blocks.any(|block| block.has("ffn_up.bias") || block.has("ffn_down.bias")),
        ffn_gated: layers::gated(&blocks),
        lm_head_bias: blocks.outside.has("output.bias"),
        num_loops: keys.whole("num_loops", 64)?.unwrap_or(1).max(1),
        layers: Layers { mixer: kinds.codes.clone(), ffn },
        attention: Attention {
            kind: attention::kind(&kinds).to_owned(),
            sliding_window: kinds.window,
            hf_sliding_window: None,
            swa_type: kinds.window.map(|_| if arch == "llama4" { "chunked" } else { "standard" }.to_owned()),
            chunk_size: kinds.window.filter(|_| arch == "llama4"),
            full: heads.full,
            swa: heads.window,
            mla: heads.mla,
            indexer: attention::indexer(keys, &blocks, n_layer)?,
            out_gate: attention::out_gate(arch, &blocks, heads.first_attention),
            sinks: sinks(&blocks, &kinds),
            sub_norm: blocks.any(|block| block.has("attn_sub_norm.weight")),
            sparse_layers: None,
            kv_shared_layers: keys.whole("attention.shared_kv_layers", MOST_BLOCKS)?,
            kv_shared_layers_runtime: None,
            kv_shared_in_file: None,
            compress_ratios: keys.each("attention.compress_ratios", n_layer, 1 << 16)?,
            o_groups: keys.whole("attention.output_group_count", WIDEST)?,
            o_lora_rank: keys.whole("attention.output_lora_rank", WIDEST)?,
            q_lora_rank: keys.whole("attention.q_lora_rank", WIDEST)?.filter(|_| kinds.codes.contains('V')),
            qk_rope_head_dim: keys
                .whole("rope.dimension_count", WIDEST)?
                .filter(|_| kinds.codes.contains('V')),
        },
        moe: parts::experts(keys, &blocks)?,
        recurrent: parts::recurrent(keys, &blocks, &kinds)?,
        mtp_layers,
        mtp: parts::mtp(&blocks, &kinds, mtp_layers),
        ple: None,
        hyper_connections: hyper_connections(keys)?,
        extra: extra(keys, &blocks)?,
        native_dtype: "bf16".to_owned(),
        aliases: Vec::new(),
        hf_downloads: None,
        hf_likes: None,
        params_breakdown: Breakdown::default(),
        note: None,
    };
    name(&mut model, gguf, id);
    let (breakdown, mtp) = counts(arch, &blocks, &kinds, n_layer);
    model.count(breakdown, mtp);
    model.check().map_err(|problem| Fault::invalid(tr!("metadata"), problem))?;
    if gguf.big_endian {
        notes.push(tr!("made for big-endian machines; others do not load it").to_owned());
    }
    Ok(Described { model, notes })
}

/// Blocks, and MTP blocks behind them.
fn depth(keys: Keys<'_>, blocks: &Blocks<'_>) -> Result<(u32, u32), Fault> {
    let all = keys.needed("block_count", MOST_BLOCKS)?;
    let mtp = keys.whole("nextn_predict_layers", MOST_BLOCKS)?.unwrap_or(0);
    let place = || entry(&keys.name("block_count"));
    if all <= mtp {
        return Err(Fault::invalid(
            place(),
            tr!("{all} blocks, of which {mtp} predict further tokens", all, mtp),
        ));
    }
    if blocks.count() > all {
        let problem =
            tr!("says {all} blocks, and there are tensors of block {last}", all, last = blocks.count() - 1);
        return Err(Fault::invalid(place(), problem));
    }
    if blocks.count() + mtp < all {
        let problem = tr!(
            "says {all} blocks, and tensors end with block {last}",
            all,
            last = i64::from(blocks.count()) - 1
        );
        return Err(Fault::invalid(place(), problem));
    }
    // A conversion may announce MTP blocks that it left out.
    Ok((all - mtp, blocks.count().saturating_sub(all - mtp)))
}

fn vocabulary(blocks: &Blocks<'_>, n_embd: u32) -> Result<u32, Fault> {
    let place = error::tensor("token_embd.weight");
    let embedding = blocks.outside.get("token_embd.weight");
    let embedding =
        embedding.ok_or_else(|| Fault::invalid(&place, tr!("is missing, so this is no whole model")))?;
    if embedding.dims[0] != u64::from(n_embd) {
        let problem = tr!(
            "has rows of {row}, and the metadata says {stated}",
            row = embedding.dims[0],
            stated = n_embd
        );
        return Err(Fault::invalid(place, problem));
    }
    u32::try_from(embedding.dims[1]).ok().filter(|rows| *rows <= MOST_TOKENS).ok_or_else(|| {
        Fault::invalid(place, tr!("has {rows} rows, more than any vocabulary", rows = embedding.dims[1]))
    })
}

fn norm(keys: Keys<'_>, blocks: &Blocks<'_>) -> Norm {
    let weights =
        ["attn_norm.weight", "post_attention_norm.weight", "attn_output_norm.weight", "ffn_norm.weight"];
    let biases = ["attn_norm.bias", "attn_output_norm.bias", "layer_output_norm.bias", "ffn_norm.bias"];
    if blocks.any(|block| biases.iter().any(|name| block.has(name))) {
        Norm::Ln
    } else if !blocks.any(|block| weights.iter().any(|name| block.has(name))) {
        Norm::None
    } else if keys.has("attention.layer_norm_epsilon") && !keys.has("attention.layer_norm_rms_epsilon") {
        Norm::LnNobias
    } else {
        Norm::Rms
    }
}

fn final_norms(blocks: &Blocks<'_>) -> Option<u32> {
    let names = ["output_norm.weight", "token_embd_norm.weight"];
    let count = names.iter().filter(|name| blocks.outside.has(name)).count() as u32;
    (count != 1).then_some(count)
}

fn sinks(blocks: &Blocks<'_>, kinds: &layers::Kinds) -> Sinks {
    let has = |code| kinds.of(code).any(|block| blocks.block(block).has("attn_sinks.weight"));
    match (has('A') || has('V'), has('S')) {
        (true, _) => Sinks::All,
        (false, true) => Sinks::Swa,
        (false, false) => Sinks::None,
    }
}

fn hyper_connections(keys: Keys<'_>) -> Result<Option<HyperConnections>, Fault> {
    let Some(n_stream) = keys.whole("hyper_connection.count", 64)?.filter(|&count| count > 1) else {
        return Ok(None);
    };
    let lowrank = keys.whole("hyper_connection.low_rank", WIDEST)?.filter(|&rank| rank > 0);
    let kind = match (lowrank, keys.arch) {
        (Some(_), _) => "hc",
        (None, "hy_v4") => "mhc2",
        (None, _) => "mhc",
    };
    Ok(Some(HyperConnections { kind: kind.to_owned(), n_stream, lowrank }))
}

fn extra(keys: Keys<'_>, blocks: &Blocks<'_>) -> Result<Extra, Fault> {
    let first = blocks.block(0);
    let ple_dim = keys.whole("embedding_length_per_layer_input", WIDEST)?.filter(|&dim| dim > 0);
    Ok(Extra {
        altup_inputs: keys.whole("altup.num_inputs", 64)?.filter(|_| first.has("altup_router.weight")),
        laurel_rank: first.rows("laurel_l.weight").map(|rank| rank as u32),
        layer_scalar: first.has("layer_output_scale.weight").then_some(1),
        ple_dim,
        ple_vocab: ple_dim.and(blocks.outside.rows("per_layer_token_embd.weight")).map(|rows| rows as u32),
        constants: std::collections::BTreeMap::new(),
    })
}

/// Parameters by class, of the text model and of the MTP blocks.
fn counts(arch: &str, blocks: &Blocks<'_>, kinds: &layers::Kinds, n_layer: u32) -> (Breakdown, u64) {
    let mut breakdown = Breakdown::default();
    let mut mtp = 0_u64;
    let mut add = |class: Class, elements: u64, in_mtp: bool| {
        let counted = if in_mtp {
            (class != Class::Converter).then_some(&mut mtp)
        } else {
            class.counted_mut(&mut breakdown)
        };
        if let Some(counted) = counted {
            *counted = counted.saturating_add(elements);
        }
    };
    for (name, tensor) in blocks.outside.iter() {
        add(Class::of(name, Mixer::None), tensor.elements(), false);
    }
    for number in 0..blocks.count() {
        let mixer = kinds.mixer(number);
        for (name, tensor) in blocks.block(number).iter() {
            // Its queries and keys are normalized without weights; the converter writes ones.
            let is_constant =
                arch == "muse-glimmer" && matches!(name, "attn_q_norm.weight" | "attn_k_norm.weight");
            let class = if is_constant { Class::Converter } else { Class::of(name, mixer) };
            add(class, tensor.elements(), number >= n_layer);
        }
    }
    (breakdown, mtp)
}

/// What the model is called: as the file says, else as the file is called.
fn name(model: &mut Model, gguf: &Gguf, id: &str) {
    let text = |key: &str| {
        let text = gguf.metadata.text(key).ok().flatten().map(str::trim);
        text.filter(|text| !text.is_empty()).map(crate::files::error::short)
    };
    let stem = gguf.parts.first().and_then(|part| part.file_stem()).map(|stem| stem.to_string_lossy());
    let stem = stem.map_or_else(|| id.to_owned(), |stem| crate::files::error::short(&stem));
    model.display_name = text("general.name").unwrap_or(stem);
    model.family = text("general.basename").unwrap_or_else(|| model.display_name.clone());
    model.provider = text("general.organization").unwrap_or_default();
}

impl From<Vec<u32>> for PerLayer {
    /// One number where all are the same.
    fn from(each: Vec<u32>) -> Self {
        match each.first() {
            Some(&first) if each.iter().all(|&other| other == first) => Self::All(first),
            None => Self::All(0),
            Some(_) => Self::Each(each),
        }
    }
}

/// Shapes where they differ from `base`.
fn differing(of: attention::Shape, base: attention::Shape, k_eq_v: bool) -> HeadShape {
    let other = |own: u32, base: u32| (own != base).then_some(own);
    HeadShape {
        n_head: other(of.query, base.query),
        n_head_kv: other(of.key_value, base.key_value),
        head_dim_k: other(of.key_width, base.key_width),
        head_dim_v: other(of.value_width, base.value_width),
        k_eq_v,
    }
}
