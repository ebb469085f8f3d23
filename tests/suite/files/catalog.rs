//! Every architecture of the catalog as a GGUF file and back: nothing that an estimate rests on gets lost.
//!
//! The tensors are those of the model's inventory, the metadata what llama.cpp's converter writes of such a model.

use std::io::Cursor;
use std::path::Path;

use super::writer::Head;
use crate::engines::{ada, rig};
use plimsoll::estimate::Estimator;
use plimsoll::estimate::scenario::Scenario;
use plimsoll::files::gguf::{Gguf, Header};
use plimsoll::files::open;
use plimsoll::model::inventory::{Exactness, inventory};
use plimsoll::model::record::{HeadShape, Mixer, Norm, RecurrentKind};
use plimsoll::model::{Catalog, Model};
use plimsoll::quant::{FileType, Level};

/// Numbers of an array, as `u32`.
fn numbers(list: &[u32]) -> Vec<u8> {
    list.iter().flat_map(|number| number.to_le_bytes()).collect()
}

/// One number where all are the same, else an array.
fn put(head: &mut Head, key: &str, each: &[u32]) {
    match each {
        [first, rest @ ..] if rest.iter().all(|other| other == first) => head.u32(key, *first),
        _ => head.array(key, 4, each.len() as u64, &numbers(each)),
    }
}

fn attends(mixer: Mixer) -> bool {
    mixer.has_cache()
}

fn heads(head: &mut Head, model: &Model) {
    let key = |name: &str| format!("{}.attention.{name}", model.arch);
    let shape = |block: u32| -> &HeadShape {
        if model.mixer(block) == Mixer::Window { &model.attention.swa } else { &model.attention.full }
    };
    let blocks = 0..model.n_layer;
    let query: Vec<u32> =
        blocks.clone().map(|b| shape(b).n_head.unwrap_or_else(|| model.n_head.at(b))).collect();
    put(head, &key("head_count"), &query);
    let latent = model.attention.mla.is_some();
    // Hybrids list key heads by block, with 0 where a block keeps a state; others give one number.
    let lists = model.recurrent.as_ref().is_some_and(|r| !matches!(r.kind, RecurrentKind::GatedDeltaNet));
    let key_value: Vec<u32> = blocks
        .map(|block| match attends(model.mixer(block)) {
            false if lists => 0,
            _ if latent => 1,
            _ => shape(block).n_head_kv.unwrap_or(model.n_head_kv),
        })
        .collect();
    put(head, &key("head_count_kv"), &key_value);
    if let Some(mla) = &model.attention.mla {
        head.u32(&key("kv_lora_rank"), mla.kv_lora_rank);
        if let Some(rank) = mla.q_lora_rank {
            head.u32(&key("q_lora_rank"), rank);
        }
        head.u32(&key("key_length"), mla.kv_lora_rank + mla.qk_rope_head_dim);
        head.u32(&key("value_length"), mla.kv_lora_rank);
        head.u32(&key("key_length_mla"), mla.qk_nope_head_dim + mla.qk_rope_head_dim);
        head.u32(&key("value_length_mla"), mla.v_head_dim);
        head.u32(&format!("{}.rope.dimension_count", model.arch), mla.qk_rope_head_dim);
        return;
    }
    let (full, swa) = (&model.attention.full, &model.attention.swa);
    head.u32(&key("key_length"), full.head_dim_k.unwrap_or(model.head_dim_k));
    head.u32(&key("value_length"), full.head_dim_v.unwrap_or(model.head_dim_v));
    head.u32(&key("key_length_swa"), swa.head_dim_k.unwrap_or(model.head_dim_k));
    head.u32(&key("value_length_swa"), swa.head_dim_v.unwrap_or(model.head_dim_v));
}

fn attention(head: &mut Head, model: &Model) {
    let a = &model.attention;
    let key = |name: &str| format!("{}.attention.{name}", model.arch);
    if let Some(window) = a.sliding_window {
        head.u32(&key("sliding_window"), window);
        let pattern: Vec<u8> =
            (0..model.n_layer).map(|b| u8::from(model.mixer(b) == Mixer::Window)).collect();
        head.array(&key("sliding_window_pattern"), 7, pattern.len() as u64, &pattern);
    }
    for (name, value) in [
        ("shared_kv_layers", a.kv_shared_layers_runtime.or(a.kv_shared_layers)),
        ("output_group_count", a.o_groups),
        ("output_lora_rank", a.o_lora_rank),
    ] {
        if let Some(value) = value {
            head.u32(&key(name), value);
        }
    }
    if a.mla.is_none() {
        for (name, value) in [
            (key("q_lora_rank"), a.q_lora_rank),
            (format!("{}.rope.dimension_count", model.arch), a.qk_rope_head_dim),
        ] {
            if let Some(value) = value {
                head.u32(&name, value);
            }
        }
    }
    if let Some(ratios) = &a.compress_ratios {
        head.array(&key("compress_ratios"), 4, ratios.len() as u64, &numbers(ratios));
    }
    if let Some(indexer) = &a.indexer {
        head.u32(&key("indexer.head_count"), indexer.n_head);
        head.u32(&key("indexer.key_length"), indexer.head_dim);
        for (name, value) in
            [("top_k", indexer.top_k), ("kpool", indexer.kpool), ("block_size", indexer.block)]
        {
            if let Some(value) = value {
                head.u32(&key(&format!("indexer.{name}")), value);
            }
        }
    }
}

fn parts(head: &mut Head, model: &Model) {
    let key = |name: &str| format!("{}.{name}", model.arch);
    let mut some = |name: &str, value: Option<u32>| {
        if let Some(value) = value {
            head.u32(&key(name), value);
        }
    };
    if let Some(moe) = &model.moe {
        some("expert_count", Some(moe.n_expert));
        some("expert_used_count", Some(moe.n_expert_used));
        some("expert_shared_count", Some(moe.n_shared_expert));
        some("hash_layer_count", moe.n_hash_layers);
    }
    if let Some(r) = &model.recurrent {
        some("ssm.conv_kernel", r.d_conv);
        match r.kind {
            RecurrentKind::GatedDeltaNet => {
                some("ssm.inner_size", r.n_head_v.zip(r.head_dim_v).map(|(heads, width)| heads * width));
                some("ssm.state_size", r.head_dim_k);
                some("ssm.group_count", r.n_head_k);
                some("ssm.time_step_rank", r.n_head_v);
            }
            RecurrentKind::Kda => some("kda.head_dim", r.head_dim),
            RecurrentKind::ShortConv => some("shortconv.l_cache", r.d_conv),
            RecurrentKind::Rwkv7 => some("wkv.head_size", r.head_dim),
            RecurrentKind::Lightning => {}
            RecurrentKind::Mamba1 | RecurrentKind::Mamba2 => {
                some("ssm.inner_size", r.d_inner);
                some("ssm.state_size", r.d_state);
                some("ssm.group_count", r.n_group);
                some("ssm.time_step_rank", r.dt_rank.or(r.n_head));
            }
        }
    }
    if let Some(hyper) = &model.hyper_connections {
        some("hyper_connection.count", Some(hyper.n_stream));
        some("hyper_connection.low_rank", hyper.lowrank);
    }
    some("embedding_length_per_layer_input", model.extra.ple_dim);
    some("altup.num_inputs", model.extra.altup_inputs);
    some("num_loops", (model.num_loops > 1).then_some(model.num_loops));
}

fn file(model: &Model) -> Head {
    let mut head = Head::default();
    head.text("general.architecture", &model.arch);
    head.text("general.name", &model.id);
    let key = |name: &str| format!("{}.{name}", model.arch);
    let all = inventory(model);
    let mtp = if all.mtp_in_file { model.mtp_layers } else { 0 };
    head.u32(&key("block_count"), model.n_layer + mtp);
    head.u32(&key("nextn_predict_layers"), mtp);
    head.u32(&key("embedding_length"), model.n_embd);
    if let Some(context) = model.context_max {
        head.u32(&key("context_length"), context);
    }
    let epsilon = match model.norm {
        Norm::Rms => "attention.layer_norm_rms_epsilon",
        Norm::Ln | Norm::LnNobias | Norm::None => "attention.layer_norm_epsilon",
    };
    head.key(&key(epsilon), 6, &1e-6_f32.to_le_bytes());
    heads(&mut head, model);
    attention(&mut head, model);
    parts(&mut head, model);
    for tensor in all.tensors.iter().filter(|tensor| !tensor.mtp || all.mtp_in_file) {
        head.tensor(&tensor.name(), &tensor.dims[..tensor.n_dims.into()]);
    }
    head
}

/// Models that no file says all of, each with the reason.
const SAYS_LESS: &[(&str, &str)] = &[
    ("qwen4exp", "its tables of n-grams have no metadata that is known"),
    ("kimi-k3", "its converter multiplies norms into scores"),
    ("minimax-m3", "its sparse blocks are told by a list that files do not have"),
    ("nomic-bert", "its pooler is not converted"),
    ("bert", "positions and poolers are cut by the converter"),
    ("apertus", "scalars of its activation are metadata"),
    ("rwkv7", "the first layer's value rank is not in the file"),
];

#[test]
fn every_architecture_survives_its_file() {
    let catalog = Catalog::embedded();
    let estimator = Estimator::default();
    let rig = rig(vec![ada(24.0, 23.0)]);
    let scenario = Scenario { context: 16_384, parallel: 2, ..Scenario::default() };
    let level = Level::Gguf(FileType::Q4KM);
    let mut seen: Vec<(String, String)> = Vec::new();
    let mut wrong = Vec::new();
    for model in catalog.models() {
        let kind = (
            model.arch.clone(),
            format!("{}{:?}{:?}", model.tied_embeddings, model.attn_bias, model.moe.is_some()),
        );
        let all = inventory(model);
        if seen.contains(&kind) || all.exactness == Exactness::ByClass {
            continue;
        }
        if SAYS_LESS.iter().any(|(arch, _)| *arch == model.arch) {
            continue;
        }
        seen.push(kind);
        let head = file(model);
        let header = match Header::read(Cursor::new(head.bytes()), head.length()) {
            Ok(header) => header,
            Err(fault) => {
                wrong.push(format!("{}: {fault}", model.id));
                continue;
            }
        };
        let read = match open::local(&Gguf::of(header, Vec::new()), Path::new("m.gguf")) {
            Ok(read) => read,
            Err(error) => {
                wrong.push(format!("{}: {}", model.id, error.fault));
                continue;
            }
        };
        let own = &read.model;
        if own.params_text + all.not_in_file != model.params_text {
            wrong.push(format!("{}: {} parameters, not {}", model.id, own.params_text, model.params_text));
        }
        if read.known.is_none() {
            wrong.push(format!("{} is not recognized", model.id));
        }
        estimator.forget("m.gguf");
        let (own, known) =
            (estimator.plan(own, level, &scenario, &rig), estimator.plan(model, level, &scenario, &rig));
        match (own, known) {
            (Ok(own), Ok(known)) if own.memory == known.memory && own.file.types == known.file.types => {}
            (Ok(own), Ok(known)) => {
                let parts = |plan: &plimsoll::estimate::Plan| {
                    let host = plan.memory.host;
                    let device = plan.memory.devices[0];
                    format!(
                        "weights {} + {}, kv {} + {}, recurrent {} + {}, compute {} + {}",
                        device.weights.0,
                        host.weights.0,
                        device.kv.0,
                        host.kv.0,
                        device.recurrent.0,
                        host.recurrent.0,
                        device.compute.0,
                        host.compute.0
                    )
                };
                wrong.push(format!("{} ({}):\n  {}\n  {}", model.id, model.arch, parts(&own), parts(&known)));
            }
            (own, known) => wrong.push(format!("{}: {:?} and {:?}", model.id, own.err(), known.err())),
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), seen.len(), wrong.join("\n"));
    let mut architectures: Vec<&String> = seen.iter().map(|(arch, _)| arch).collect();
    architectures.dedup();
    assert!(seen.len() >= 100 && architectures.len() >= 80, "{} of {}", seen.len(), architectures.len());
}
