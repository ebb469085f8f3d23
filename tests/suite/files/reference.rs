//! Heads of 15 architectures by the reference package: a file must give what the catalog gives.

use std::collections::BTreeMap;
use std::fs;
use std::io::Cursor;
use std::path::Path;

use serde::Deserialize;

use super::{heads, sparse};
use crate::engines::{ada, rig};
use plimsoll::estimate::plan::Speed;
use plimsoll::estimate::scenario::{CacheType, Scenario};
use plimsoll::estimate::{Estimator, Plan};
use plimsoll::files::gguf::{Gguf, Header};
use plimsoll::files::{self, LocalModel};
use plimsoll::model::{Catalog, Model};
use plimsoll::quant::{FileType, Level};

#[derive(Deserialize)]
struct Written {
    length: u64,
    tensors: String,
}

fn written() -> BTreeMap<String, Written> {
    serde_json::from_str(&fs::read_to_string(heads().join("files.json")).unwrap()).unwrap()
}

fn read(name: &str, length: u64) -> LocalModel {
    let path = heads().join(name);
    let header = Header::read(Cursor::new(fs::read(&path).unwrap()), length).unwrap();
    files::open::local(&Gguf::of(header, vec![path.clone()]), Path::new(name)).unwrap()
}

fn known(file: &LocalModel) -> &'static Model {
    Catalog::embedded().get(file.known.unwrap_or_else(|| panic!("{} is not recognized", file.model.id)))
}

#[test]
fn a_file_has_the_numbers_of_the_catalog() {
    let written = written();
    let mut architectures: Vec<String> = Vec::new();
    for (name, entry) in &written {
        let file = read(name, entry.length);
        let (own, known) = (&file.model, known(&file));
        let counts = |m: &Model| (m.params_text, m.params_active, m.params_read, m.params_breakdown.clone());
        assert_eq!(counts(own), counts(known), "{name}");
        let shapes = |m: &Model| {
            let (n_head, context) = (m.n_head.clone(), m.context_max);
            (m.n_layer, m.n_embd, n_head, m.n_vocab, m.tied_embeddings, context, m.qk_norm, m.attn_bias)
        };
        assert_eq!(shapes(own), shapes(known), "{name}");
        assert_eq!(own.norm, known.norm, "{name}");
        for layer in 0..own.n_layer {
            assert_eq!(own.mixer(layer), known.mixer(layer), "{name}, block {layer}");
            assert_eq!(own.ffn(layer), known.ffn(layer), "{name}, block {layer}");
            assert_eq!(
                own.norms_per_layer.at(layer),
                known.norms_per_layer.at(layer),
                "{name}, block {layer}"
            );
        }
        let parts = |m: &Model| {
            let value = serde_json::to_value(m).unwrap();
            [
                "moe",
                "recurrent",
                "hyper_connections",
                "ffn_bias",
                "ffn_gated",
                "norm",
                "final_norms",
                "num_loops",
            ]
            .map(|field| value[field].clone())
        };
        assert_eq!(parts(own), parts(known), "{name}");
        assert_eq!(own.attention.sliding_window, known.attention.sliding_window, "{name}");
        assert_eq!(file.level, Level::Gguf(FileType::Q8_0));
        let table = file.table.unwrap();
        assert_eq!(table.file_bytes.0, entry.length);
        architectures.push(own.arch.clone());
        assert!(!entry.tensors.is_empty());
    }
    architectures.sort();
    architectures.dedup();
    assert!(architectures.len() >= 13, "{architectures:?}");
}

#[test]
fn a_file_gets_the_estimates_of_the_catalog() {
    let estimator = Estimator::default();
    let short = Scenario::default();
    let long = Scenario {
        context: 65_536,
        cache_k: CacheType::Q8_0,
        cache_v: CacheType::Q8_0,
        parallel: 4,
        ..Scenario::default()
    };
    let without_flash = Scenario { flash_attention: false, ..Scenario::default() };
    let rigs = [rig(vec![ada(24.0, 23.0)]), rig(vec![ada(48.0, 47.0), ada(24.0, 23.0)]), rig(Vec::new())];
    for (name, entry) in &written() {
        let file = read(name, entry.length);
        let known = known(&file);
        estimator.adopt(&file.model, file.tables());
        let mtp = name.contains("MTP");
        for (scenario, rig) in
            [&short, &long, &without_flash].into_iter().flat_map(|s| rigs.iter().map(move |r| (s, r)))
        {
            let scenario = Scenario { mtp, ..scenario.clone() };
            let plan = |model: &Model| -> Plan { estimator.plan(model, file.level, &scenario, rig).unwrap() };
            let (own, wanted) = (plan(&file.model), plan(known));
            assert_eq!(own.file.types, wanted.file.types, "{name}");
            assert_eq!(own.file.tensor_bytes, wanted.file.tensor_bytes, "{name}");
            assert_eq!(own.memory, wanted.memory, "{name}: {scenario:?}");
            assert_eq!(own.fit, wanted.fit, "{name}");
            // The whole file is read from a disk, of the tables too.
            let load = |plan: &Plan| plan.speed.load.map_or(1.0, |load| load.p50);
            assert!((load(&own) / load(&wanted) - 1.0).abs() < 0.02, "{name}");
            assert_eq!(own.speed.load.is_some(), wanted.speed.load.is_some(), "{name}");
            let own_speed = Speed { load: wanted.speed.load, ..own.speed.clone() };
            assert_eq!(own_speed, wanted.speed, "{name}");
            assert_eq!(own.quality, wanted.quality, "{name}");
        }
    }
}

#[test]
fn other_levels_of_a_file_follow_the_rules() {
    let entry = &written()["Qwen3-0.6B-Q8_0.gguf"];
    let file = read("Qwen3-0.6B-Q8_0.gguf", entry.length);
    let estimator = Estimator::default();
    estimator.adopt(&file.model, file.tables());
    let rig = rig(vec![ada(24.0, 23.0)]);
    let at = |model: &Model, level: &str| {
        estimator.plan(model, level.parse().unwrap(), &Scenario::default(), &rig).unwrap()
    };
    assert_eq!(at(&file.model, "Q4_K_M").file, at(known(&file), "Q4_K_M").file);
    let own = at(&file.model, "Q8_0").file;
    assert_eq!(own.bytes.0, entry.length, "the size of the file itself, not an estimate");
}

#[test]
fn big_endian_files_say_the_same_and_who_can_load_them() {
    let written = written();
    let little = read("Qwen3-0.6B-Q8_0.gguf", written["Qwen3-0.6B-Q8_0.gguf"].length);
    let big = read("Qwen3-0.6B-Q8_0-be.gguf", written["Qwen3-0.6B-Q8_0-be.gguf"].length);
    assert_eq!(big.model.params_breakdown, little.model.params_breakdown);
    assert_eq!(big.table.unwrap().tensors, little.table.unwrap().tensors);
    assert!(big.notes.iter().any(|note| note.contains("big-endian")), "{:?}", big.notes);
}

#[test]
fn a_file_under_another_name_is_not_taken_for_a_model_of_the_catalog() {
    let folder = tempfile::tempdir().unwrap();
    let entry = &written()["Qwen3-0.6B-Q8_0.gguf"];
    let head = fs::read(heads().join("Qwen3-0.6B-Q8_0.gguf")).unwrap();
    // The name in the metadata is replaced by one of the same length that no model has.
    let at = head.windows(10).position(|w| w == b"Qwen3 0.6B").unwrap();
    let mut other = head;
    other[at..at + 10].copy_from_slice(b"Xoff9 Ypsi");
    let path = folder.path().join("my-own-model.gguf");
    sparse(&path, &other, entry.length);
    let file = files::open(&path).unwrap();
    assert_eq!(file.known, None);
    assert_eq!(file.model.display_name, "Xoff9 Ypsi");
    assert_eq!(file.model.params_text, 596_049_920);
}
