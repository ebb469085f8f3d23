//! Worked examples: caches and graph buffers whose sizes are published or derived by hand, and files from the
//! catalog's own records.

use std::collections::BTreeMap;

use plimsoll::estimate::Estimator;
use plimsoll::estimate::plan::Parts;
use plimsoll::estimate::rig::{Device, Host, Rig};
use plimsoll::estimate::scenario::{CacheType, OutputRows, PlacementRequest, Scenario};
use plimsoll::machine::{Os, Vendor};
use plimsoll::model::Catalog;
use plimsoll::quant::Level;
use plimsoll::units::{Bytes, GIB, MIB};
use serde::Deserialize;

fn rig() -> Rig {
    let memory = Bytes(4000 * GIB);
    let device = Device { vendor: Vendor::Nvidia, capacity: memory, free: memory, ..Device::default() };
    let host = Host { capacity: memory, free: memory, ..Host::default() };
    Rig { devices: vec![device], host, os: Os::Linux, unused: Vec::new(), own: None }
}

/// Memory of `model` on one device that holds all, and of the host.
fn memory(model: &str, scenario: &Scenario) -> (Parts, Parts) {
    let model = Catalog::embedded().find(model).map(|id| Catalog::embedded().get(id)).unwrap();
    let scenario = Scenario {
        placement: PlacementRequest {
            gpu_layers: Some(999),
            cpu_moe_layers: Some(0),
            ..PlacementRequest::default()
        },
        ..scenario.clone()
    };
    let plan = Estimator::default().plan(model, "Q4_K_M".parse().unwrap(), &scenario, &rig()).unwrap();
    (plan.memory.devices[0], plan.memory.host)
}

fn at(context: u32) -> Scenario {
    Scenario {
        context,
        parallel: 1,
        unified_kv: false,
        output_rows: OutputRows::Bench,
        ..Scenario::default()
    }
}

fn cached(context: u32, cache: CacheType) -> Scenario {
    Scenario { cache_k: cache, cache_v: cache, ..at(context) }
}

fn mib(bytes: Bytes) -> f64 {
    bytes.0 as f64 / MIB as f64
}

#[test]
fn caches() {
    for (id, model, scenario, expected, tolerance) in [
        ("K1", "meta-llama/Llama-3.1-8B-Instruct", at(8192), 1024.0, 0.0),
        ("K2", "meta-llama/Llama-3.1-8B-Instruct", cached(8192, CacheType::Q8_0), 544.0, 0.0),
        ("K3", "meta-llama/Llama-3.1-8B-Instruct", cached(8192, CacheType::Q4_0), 288.0, 0.0),
        ("K4", "meta-llama/Llama-2-7b-hf", at(4096), 2048.0, 0.0),
        ("K5", "meta-llama/Llama-3.3-70B-Instruct", at(8192), 2560.0, 0.0),
        ("K6", "deepseek-ai/DeepSeek-V3", at(32768), 2196.0, 0.0),
        // CUDA pads 61 quantized rows of 576 values.
        ("K7", "deepseek-ai/DeepSeek-V3", cached(32768, CacheType::Q8_0), 1166.62, 0.05),
        ("K9 and K10", "google/gemma-3-4b-it", at(131_072), 2560.0 + 174.0, 0.0),
        ("K11", "google/gemma-3-27b-it", at(32768), 3184.0, 0.0),
        ("K12", "openai/gpt-oss-120b", at(131_072), 4635.0, 0.0),
        ("K13", "Qwen/Qwen3-30B-A3B", at(32768), 3072.0, 0.0),
        ("K14", "mistralai/Mixtral-8x7B-Instruct-v0.1", at(32768), 4096.0, 0.0),
        ("K19", "Qwen/Qwen3-Next-80B-A3B-Instruct", at(262_144), 6144.0, 0.0),
    ] {
        let ours = mib(memory(model, &scenario).0.kv);
        assert!((ours - expected).abs() <= tolerance, "{id}: {ours} MiB, published {expected}");
    }
    let per_token = mib(memory("Qwen/Qwen3.5-9B", &at(4096)).0.kv) * 1024.0 / 4096.0;
    assert!((per_token - 32.0).abs() < 1e-9, "K15: {per_token} KiB a token");
}

#[test]
fn recurrent_states() {
    for (id, model, expected, tolerance) in [
        ("K16", "Qwen/Qwen3.5-9B", 50.25, 0.01),
        ("K17", "Qwen/Qwen3.6-27B", 149.626, 0.002),
        ("K20", "Qwen/Qwen3-Next-80B-A3B-Instruct", 75.375, 0.001),
    ] {
        let ours = mib(memory(model, &at(4096)).0.recurrent);
        assert!((ours - expected).abs() <= tolerance, "{id}: {ours} MiB, published {expected}");
    }
    // Two more rows of state for a rollback of two tokens.
    let (device, _) = memory("Qwen/Qwen3.6-27B", &at(262_144));
    let ours = mib(device.kv + device.recurrent * 3);
    assert!((ours - 16832.0).abs() <= 2.0, "K18: {ours} MiB");
}

#[test]
fn graph_buffers() {
    let wide = Scenario { ubatch: 2048, ..at(8192) };
    for (id, model, scenario, expected, tolerance) in [
        ("C1", "meta-llama/Llama-3.1-8B-Instruct", at(8192), 258.5, 0.01),
        ("C2", "meta-llama/Llama-3.3-70B-Instruct", at(131_072), 344.0, 0.1),
        ("C3", "mistralai/Mistral-7B-Instruct-v0.3", at(32768), 140.0, 0.05),
        ("C4", "mistralai/Mixtral-8x7B-Instruct-v0.1", at(8192), 200.0, 0.3),
        ("C5", "Qwen/Qwen3-32B", wide, 1227.0, 0.3),
        ("C6", "google/gemma-3-27b-it", at(8192), 522.6, 0.1),
    ] {
        let ours = mib(memory(model, &scenario).0.compute);
        assert!((ours - expected).abs() <= tolerance, "{id}: {ours} MiB, measured {expected}");
    }
    let host = mib(memory("meta-llama/Llama-3.1-8B-Instruct", &at(131_072)).1.compute);
    assert!((host - 144.0).abs() <= 0.05, "C7: {host} MiB");
}

/// With few rows of logits, as a server has them, the largest of the buffer is one layer's keys and values
/// turned into f16: 2 bytes × 262,144 cells × (1024 + 1024) = 1 GiB.
#[test]
fn quantized_caches_are_turned_into_f16_layer_by_layer() {
    let buffer = |cache| {
        let served = Scenario { output_rows: OutputRows::Server, ..cached(262_144, cache) };
        memory("Qwen/Qwen3.5-4B", &served).0.compute.gib()
    };
    let (plain, turned) = (buffer(CacheType::F16), buffer(CacheType::Q8_0));
    assert!((plain - 0.31).abs() < 0.031 && (turned - 1.30).abs() < 0.13, "C8: {plain} and {turned} GiB");
}

/// A line of `gguf_sizes.jsonl`: a model, or one of its files.
#[derive(Deserialize)]
#[serde(untagged)]
enum Line {
    Model { model: String, catalog: String },
    File { quant: String, imatrix: bool, types: BTreeMap<String, (u32, u64)> },
}

/// From a record of the catalog alone to the bytes and number of a file's tensors of each format.
#[test]
fn files_of_the_catalog_are_met_to_the_byte() {
    let estimator = Estimator::default();
    let (mut name, mut catalog, mut files, mut wrong) = (String::new(), String::new(), 0, Vec::new());
    for line in include_str!("../data/gguf_sizes.jsonl").lines() {
        let (quant, imatrix, types) = match serde_json::from_str(line).unwrap() {
            Line::Model { model, catalog: id } => {
                (name, catalog) = (model, id);
                continue;
            }
            Line::File { quant, imatrix, types } => (quant, imatrix, types),
        };
        let model = Catalog::embedded().find(&catalog).map(|id| Catalog::embedded().get(id)).unwrap();
        let quant = if quant == "NATIVE_CONVERT" { "NATIVE".to_owned() } else { quant };
        let level: Level = quant.parse().unwrap();
        let scenario = Scenario { imatrix, mtp: name.ends_with("+MTP"), ..Scenario::default() };
        let plan = estimator.plan(model, level, &scenario, &rig()).unwrap();
        let ours: BTreeMap<String, (u32, u64)> = plan
            .file
            .types
            .iter()
            .map(|share| (share.format.name().to_owned(), (share.tensors, share.bytes.0)))
            .collect();
        files += 1;
        if ours != types {
            wrong.push(format!("{name} {quant} imatrix={imatrix}\n  ours {ours:?}\n  true {types:?}"));
        }
    }
    assert_eq!(files, 1270);
    // The bar is 99 %; every exception is named.
    assert!(wrong.is_empty(), "{} of {files} differ:\n{}", wrong.len(), wrong.join("\n"));
}
