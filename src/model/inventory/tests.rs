//! The lists against what llama.cpp's files hold, and against the records' own counts.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::*;
use crate::model::Catalog;

/// Tensor lists read from files, one model a line.
const FILES: &str = include_str!("../../../tests/data/tensors.jsonl");

#[derive(Deserialize)]
struct File {
    model: String,
    tensors: Vec<(String, Vec<u64>)>,
}

/// The repository of a file that is named in its maker's own way.
fn repository(file: &str) -> &str {
    match file {
        "Mistral-7B-v0.3" => "mistralai/Mistral-7B-Instruct-v0.3",
        "DeepSeek-V3-671B" => "deepseek-ai/DeepSeek-V3",
        "Qwen3-Next-80B-A3B" => "Qwen/Qwen3-Next-80B-A3B-Instruct",
        "Nemotron-3-Nano-30B-A3B" => "nvidia/NVIDIA-Nemotron-3-Nano-30B-A3B-BF16",
        "Llama-4-Scout" => "meta-llama/Llama-4-Scout-17B-16E-Instruct",
        name => name.trim_end_matches("+MTP"),
    }
}

/// Names and dimensions of a file.
type Listing = BTreeMap<String, Vec<u64>>;

fn listing(model: &Model, with_mtp: bool) -> Listing {
    let tensors = inventory(model).tensors;
    let count = tensors.len();
    let names: Listing = tensors
        .iter()
        .map(|tensor| (tensor.name().into_owned(), tensor.dims[..usize::from(tensor.n_dims)].to_vec()))
        .collect();
    assert_eq!(names.len(), count, "{}: names repeat", model.id);
    let left_out: Vec<String> = tensors
        .iter()
        .filter(|tensor| tensor.mtp && !with_mtp)
        .map(|tensor| tensor.name().into_owned())
        .collect();
    names.into_iter().filter(|(name, _)| !left_out.contains(name)).collect()
}

#[test]
fn lists_equal_the_files() {
    let catalog = Catalog::embedded();
    let mut files = 0;
    for line in FILES.lines() {
        let file: File = serde_json::from_str(line).unwrap();
        let model = catalog.get(catalog.find(repository(&file.model)).unwrap());
        assert_eq!(inventory(model).exactness, Exactness::Exact, "{}", model.id);
        let ours = listing(model, file.model.ends_with("+MTP"));
        for (name, dims) in &file.tensors {
            assert_eq!(ours.get(name), Some(dims), "{}: {name}", model.id);
        }
        assert_eq!(ours.len(), file.tensors.len(), "{}", model.id);
        files += 1;
    }
    assert_eq!(files, 30);
}

#[test]
fn elements_add_up_to_the_parameters_of_every_model() {
    for model in Catalog::embedded().models() {
        let inventory = inventory(model);
        let counted: u64 = inventory
            .tensors
            .iter()
            .filter(|tensor| !tensor.mtp && tensor.class != Class::Converter)
            .map(Tensor::elements)
            .sum();
        assert_eq!(counted + inventory.not_in_file, model.params_text, "{}", model.id);
    }
}

#[test]
fn mtp_blocks_add_up_to_their_parameters() {
    let mut checked = 0;
    for model in Catalog::embedded().models() {
        let inventory = inventory(model);
        let mtp: u64 = inventory.tensors.iter().filter(|tensor| tensor.mtp).map(Tensor::elements).sum();
        if mtp == 0 {
            assert!(!inventory.mtp_in_file, "{}", model.id);
            continue;
        }
        // The published counts of Nemotron 3 and GLM-5.3-Flash differ by a norm and a pooling gate.
        let counted = model.params_mtp.unwrap();
        assert!(mtp.abs_diff(counted) <= counted / 10_000, "{}: {mtp} {counted}", model.id);
        assert!(inventory.tensors.iter().filter(|tensor| tensor.mtp).all(|t| t.block >= Some(model.n_layer)));
        checked += 1;
    }
    assert!(checked > 30, "{checked}");
}

#[test]
fn files_hold_mtp_blocks_where_converters_keep_them() {
    let catalog = Catalog::embedded();
    let held = |name: &str| {
        let inventory = inventory(catalog.get(catalog.find(name).unwrap()));
        (inventory.mtp_in_file, inventory.tensors.iter().any(|tensor| tensor.mtp))
    };
    assert_eq!(held("zai-org/GLM-4.5-Air"), (true, true));
    assert_eq!(held("Qwen/Qwen3.6-27B"), (false, true));
    assert_eq!(held("deepseek-ai/DeepSeek-V3"), (false, false));
    assert_eq!(held("Qwen/Qwen3-8B"), (false, false));
}

#[test]
fn only_architectures_that_llama_cpp_lacks_are_approximated() {
    for model in Catalog::embedded().models() {
        let exact = inventory(model).exactness == Exactness::Exact;
        assert_eq!(exact, model.llama_cpp, "{}", model.id);
    }
}

#[test]
fn tensors_have_no_empty_axis_and_fill_their_dimensions() {
    for model in Catalog::embedded().models() {
        for tensor in inventory(model).tensors {
            let name = tensor.name();
            assert!(tensor.dims.iter().all(|&dim| dim > 0), "{}: {name}", model.id);
            assert!((1..=3).contains(&tensor.n_dims), "{}: {name}", model.id);
            assert!(tensor.dims[usize::from(tensor.n_dims)..].iter().all(|&dim| dim == 1), "{name}");
            assert!(tensor.block.is_none_or(|block| block < model.n_layer + model.mtp_layers), "{name}");
        }
    }
}

#[test]
fn names_are_those_of_llama_cpp() {
    let catalog = Catalog::embedded();
    let has = |model: &str, name: &str, dims: &[u64]| {
        let listing = listing(catalog.get(catalog.find(model).unwrap()), true);
        assert_eq!(listing.get(name).map(Vec::as_slice), Some(dims), "{model}: {name}");
    };
    has("microsoft/Phi-3.5-mini-instruct", "blk.0.attn_qkv.weight", &[3072, 9216]);
    has("microsoft/Phi-3.5-mini-instruct", "blk.0.ffn_up.weight", &[3072, 16384]);
    has("microsoft/Phi-3.5-mini-instruct", "rope_factors_long.weight", &[48]);
    has("microsoft/Phi-4-mini-instruct", "rope_factors_short.weight", &[48]);
    has("zai-org/GLM-4.5-Air", "blk.46.nextn.eh_proj.weight", &[8192, 4096]);
    has("zai-org/GLM-4.5-Air", "blk.46.nextn.embed_tokens.weight", &[4096, 151_552]);
    has("tiiuae/falcon-40b", "blk.59.attn_norm_2.bias", &[8192]);
    has("moonshotai/Kimi-Linear-48B-A3B-Instruct", "blk.0.ssm_conv1d_q.weight", &[4, 1, 4096]);
    has("BAAI/bge-reranker-v2-m3", "cls.output.weight", &[1024, 1]);
    has("BAAI/bge-m3", "position_embd.weight", &[1024, 8192]);
    has("BAAI/bge-large-en-v1.5", "position_embd.weight", &[1024, 512]);
    has("LiquidAI/LFM2-1.2B", "token_embd_norm.weight", &[2048]);
}

#[test]
fn a_record_that_the_rules_contradict_keeps_its_own_count() {
    let catalog = Catalog::embedded();
    let mut model = catalog.get(catalog.find("Qwen/Qwen3-4B").unwrap()).clone();
    model.params_breakdown.attn += 12_345;
    let inventory = inventory(&model);
    assert_eq!(inventory.exactness, Exactness::ByClass);
    let attention: u64 = inventory
        .tensors
        .iter()
        .filter(|tensor| tensor.class == Class::Attention)
        .map(Tensor::elements)
        .sum();
    assert_eq!(attention, model.params_breakdown.attn);
    assert!(inventory.tensors.iter().any(|tensor| tensor.suffix == "ffn_down.weight"));
}

#[test]
fn a_tensor_is_known_by_its_name_and_block() {
    for model in Catalog::embedded().models() {
        let inventory = inventory(model);
        // Its record counts the last norms by no class that names would tell.
        if inventory.exactness == Exactness::ByClass || model.arch == "rwkv7" {
            continue;
        }
        for tensor in inventory.tensors.iter().filter(|tensor| !tensor.mtp) {
            let mixer = tensor.block.map_or(Mixer::None, |block| model.mixer(block));
            let class = Class::of(tensor.suffix, mixer);
            // Norms of ones and the first value residual are the converter's, as no name tells.
            let same = class == tensor.class || tensor.class == Class::Converter;
            assert!(same, "{}: {} is {:?}, not {class:?}", model.id, tensor.name(), tensor.class);
        }
    }
}

#[test]
fn dimensions_give_the_counts() {
    let mut exact = 0;
    for model in Catalog::embedded().models() {
        if inventory(model).exactness == Exactness::Exact {
            assert_eq!(count(model).0, model.params_breakdown, "{}", model.id);
            exact += 1;
        }
    }
    assert!(exact > 400, "{exact}");
}
