//! Folders as the hub has them: a configuration with safetensors beside it.

use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};

use super::sparse;
use plimsoll::files::config::checkpoint::{check_head, parse_index};
use plimsoll::files::{self, FaultKind};
use plimsoll::model::inventory::{Class, inventory};
use plimsoll::model::{Catalog, Model};

fn config_of(name: &str) -> Value {
    let lines = include_str!("../../data/configs/configs.jsonl").lines();
    let line = lines.map(serde_json::from_str::<Value>).filter_map(Result::ok).find(|v| v["catalog"] == name);
    line.unwrap()["config"].clone()
}

fn model(name: &str) -> &'static Model {
    Catalog::embedded().get(Catalog::embedded().find(name).unwrap())
}

/// A head with these tensors, and the length of the whole file.
fn head(tensors: &[(String, &str, Vec<u64>, u64)]) -> (Vec<u8>, u64) {
    let mut entries = Map::new();
    entries.insert("__metadata__".to_owned(), json!({"format": "pt"}));
    let mut at = 0;
    for (name, dtype, shape, bytes) in tensors {
        entries
            .insert(name.clone(), json!({"dtype": dtype, "shape": shape, "data_offsets": [at, at + bytes]}));
        at += bytes;
    }
    let json = serde_json::to_vec(&entries).unwrap();
    let mut head = (json.len() as u64).to_le_bytes().to_vec();
    head.extend(&json);
    let length = head.len() as u64 + at;
    (head, length)
}

/// The tensors of a model in 16 bits, under names of the hub's kind.
fn tensors(model: &Model) -> Vec<(String, &'static str, Vec<u64>, u64)> {
    let all = inventory(model).tensors;
    let own = all.into_iter().filter(|tensor| !tensor.mtp && tensor.class != Class::Converter);
    own.map(|tensor| {
        let shape = tensor.dims[..tensor.n_dims.into()].iter().rev().copied().collect();
        (format!("model.{}", tensor.name()), "BF16", shape, 2 * tensor.elements())
    })
    .collect()
}

#[test]
fn the_files_confirm_the_parameters() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().join("Qwen3-4B");
    fs::create_dir(&at).unwrap();
    fs::write(at.join("config.json"), config_of("Qwen/Qwen3-4B").to_string()).unwrap();
    let all = tensors(model("Qwen/Qwen3-4B"));
    let (first, second) = all.split_at(all.len() / 2);
    for (name, part) in
        [("model-00001-of-00002.safetensors", first), ("model-00002-of-00002.safetensors", second)]
    {
        let (head, length) = head(part);
        sparse(&at.join(name), &head, length);
    }
    let index = json!({
        "metadata": {"total_size": 8_044_936_192_u64},
        "weight_map": {
            "a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors",
            "c": "model-00001-of-00002.safetensors",
        },
    });
    fs::write(at.join("model.safetensors.index.json"), index.to_string()).unwrap();
    for path in [at.clone(), at.join("config.json")] {
        let file = files::open(&path).unwrap();
        assert_eq!(file.model.params_text, model("Qwen/Qwen3-4B").params_text);
        assert_eq!(file.known, Some(Catalog::embedded().find("Qwen/Qwen3-4B").unwrap()));
        let said = file
            .notes
            .iter()
            .any(|note| note.contains("2 files of 8.04 GB lie beside it, with exactly the 4022468096"));
        assert!(said, "{:?}", file.notes);
    }
    // One that is missing is named.
    fs::remove_file(at.join("model-00002-of-00002.safetensors")).unwrap();
    let error = files::open(&at).unwrap_err();
    assert!(error.to_string().contains("model-00002-of-00002.safetensors"), "{error}");
}

#[test]
fn packed_weights_are_counted_one_by_one() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = config_of("Qwen/Qwen3-4B");
    config["quantization_config"] = json!({"quant_method": "gptq", "bits": 4, "group_size": 128});
    fs::write(folder.path().join("config.json"), config.to_string()).unwrap();
    let mut packed = Vec::new();
    for (name, dtype, shape, bytes) in tensors(model("Qwen/Qwen3-4B")) {
        let is_linear = name.contains("blk.") && shape.len() == 2;
        if is_linear {
            let elements = bytes / 2;
            packed.push((name.replace(".weight", ".qweight"), "I32", vec![elements / 8], elements / 2));
            packed.push((name.replace(".weight", ".scales"), "F16", vec![elements / 128], elements / 64));
            packed.push((name.replace(".weight", ".qzeros"), "I32", vec![elements / 1024], elements / 256));
        } else {
            packed.push((name, dtype, shape, bytes));
        }
    }
    let (head, length) = head(&packed);
    sparse(&folder.path().join("model.safetensors"), &head, length);
    let file = files::open(folder.path()).unwrap();
    assert_eq!(file.level.to_string(), "GPTQ-4bit-g128");
    assert!(
        file.notes.iter().any(|note| note.contains("with exactly the 4022468096 parameters")),
        "{:?}",
        file.notes
    );
}

#[test]
fn damaged_heads_are_told() {
    let fault = |bytes: &[u8], length: u64| check_head(bytes, length).unwrap_err();
    let with = |json: &str, data: u64| {
        let mut head = (json.len() as u64).to_le_bytes().to_vec();
        head.extend(json.as_bytes());
        let length = head.len() as u64 + data;
        (head, length)
    };
    let invalid = |json: &str, data: u64, says: &str| {
        let (head, length) = with(json, data);
        let fault = fault(&head, length);
        assert_eq!(fault.kind, FaultKind::Invalid, "{fault}");
        assert!(fault.to_string().contains(says), "{fault} does not say {says}");
    };
    let sound = r#"{"a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}}"#;
    let (head, length) = with(sound, 16);
    assert_eq!(check_head(&head, length), Ok(1));
    for cut in 0..head.len() {
        assert!(check_head(&head[..cut], cut as u64).is_err(), "{cut}");
        assert_eq!(fault(&head[..cut], length).kind, FaultKind::Truncated, "{cut}");
    }
    assert!(
        fault(&u64::MAX.to_le_bytes(), 8)
            .to_string()
            .contains("announces a head of 18446744073709551615 bytes")
    );
    assert_eq!(fault(&(1_u64 << 40).to_le_bytes(), 1 << 41).kind, FaultKind::Invalid);
    let (head, length) = with(sound, 15);
    assert!(fault(&head, length).to_string().contains("the download is not complete"));
    invalid("[1]", 0, "invalid type");
    invalid(
        r#"{"a":{"dtype":"F7","shape":[1],"data_offsets":[0,1]}}"#,
        1,
        "tensor \"a\": its type is not known",
    );
    invalid(r#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#, 8, "do not fit together");
    invalid(r#"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}"#, 8, "do not fit together");
    invalid(
        r#"{"a":{"dtype":"F32","shape":[18446744073709551615,2],"data_offsets":[0,8]}}"#,
        8,
        "a shape that no tensor has",
    );
    let twice = r#"{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[2,6]}}"#;
    invalid(twice, 8, "belongs to two tensors");
    invalid(&"[".repeat(1000), 0, "line 1");
}

#[test]
fn an_index_stays_in_its_folder() {
    let says = |text: &str| parse_index(text.as_bytes()).unwrap_err().to_string();
    assert!(says(r#"{"weight_map":{"a":"../../etc/passwd"}}"#).contains("is no name of a file beside it"));
    assert!(says(r#"{"weight_map":{"a":"/etc/passwd"}}"#).contains("is no name of a file beside it"));
    assert!(says(r#"{"weight_map":{"a":".."}}"#).contains("is no name of a file beside it"));
    assert!(says(r#"{"weight_map":[1]}"#).contains("names of files by tensor"));
    assert!(says("{}").contains("weight_map"));
    let many: Map<String, Value> = (0..3000).map(|n| (format!("t{n}"), json!(format!("f{n}")))).collect();
    assert!(says(&json!({"weight_map": many}).to_string()).contains("more than 2048 files"));
    let index = parse_index(br#"{"weight_map":{"a":"x","b":"x"},"metadata":{"total_size":12.0}}"#).unwrap();
    assert_eq!((index.files, index.total_size), (vec!["x".to_owned()], None));
}

#[cfg(unix)]
#[test]
fn a_pipe_in_place_of_a_configuration_is_not_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("config.json");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let error = files::open(Path::new(&pipe)).unwrap_err();
    assert!(error.to_string().ends_with("is a pipe, socket or device, not a file"), "{error}");
}
