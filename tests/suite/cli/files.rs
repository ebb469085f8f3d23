//! Models in files, asked for by path.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::answers;
use crate::files::heads;

const MACHINE: &str = r#"{"gpus":[{"name":"RTX 4090"}],"cpu":"AMD Ryzen 9 7950X","ram_gib":64,"os":"linux"}"#;

fn model(folder: &Path, name: &str) -> String {
    crate::files::model(folder, name).to_string_lossy().into_owned()
}

fn ask(model: &Value, more: &str) -> Value {
    answers(&format!(r#"{{"model":{model},"machine":{MACHINE}{more}}}"#)).remove(0)
}

#[test]
fn a_file_is_answered_like_the_model_that_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = model(folder.path(), "Qwen3-30B-A3B-Q8_0.gguf");
    let file = ask(&json!({"path": path}), r#","quant":"Q4_K_M","context":32768"#);
    let known = ask(&json!("Qwen/Qwen3-30B-A3B"), r#","quant":"Q8_0","context":32768"#);
    assert_eq!(file["ok"], true, "{file}");
    assert_eq!(file["quant"], "Q8_0", "a file is in the quantization that it is in");
    assert_eq!(file["model"], path);
    let command = file["command"].as_str().unwrap();
    assert!(command.starts_with(&format!("llama-server -m {path} ")), "{command}");
    // What is read from a disk is the whole file: a copy of the tables takes its time too.
    let load = |answer: &Value| answer["speed"]["load_s"]["p50"].as_f64().unwrap();
    assert!((load(&file) / load(&known) - 1.0).abs() < 0.01, "{} {}", load(&file), load(&known));
    let without_load = |answer: &Value| {
        let mut answer = answer.clone();
        for read in ["load_s", "ttft_cold_s"] {
            answer["speed"].as_object_mut().unwrap().remove(read);
        }
        answer
    };
    let (own, other) = (without_load(&file), without_load(&known));
    for field in ["memory", "fit", "placement", "speed", "quality"] {
        assert_eq!(own[field], other[field], "{field}");
    }
    assert_eq!(file["file"]["bytes"], fs::metadata(&path).unwrap().len());
    assert_eq!(file["file"]["types"], known["file"]["types"]);
}

#[test]
fn a_folder_and_a_configuration_are_ways_in() {
    let folder = tempfile::tempdir().unwrap();
    model(folder.path(), "Qwen3-0.6B-Q8_0.gguf");
    let answer = ask(&json!({"path": folder.path()}), "");
    assert_eq!((&answer["ok"], &answer["quant"]), (&json!(true), &json!("Q8_0")), "{answer}");

    let checkpoint = tempfile::tempdir().unwrap();
    let line = include_str!("../../data/configs/configs.jsonl")
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .find(|line| line["catalog"] == "Qwen/Qwen3-4B")
        .unwrap();
    let mut config = line["config"].clone();
    config["quantization_config"] = json!({"quant_method": "awq", "bits": 4, "group_size": 128});
    let path = checkpoint.path().join("config.json");
    fs::write(&path, config.to_string()).unwrap();
    for path in [path.as_path(), checkpoint.path()] {
        let own = ask(&json!({"path": path}), r#","quant":"NATIVE","engine":"vllm""#);
        let known = ask(&json!("Qwen/Qwen3-4B"), r#","quant":"AWQ-4bit-g128","engine":"vllm""#);
        assert_eq!(own["quant"], "AWQ-4bit-g128", "{own}");
        assert_eq!(own["memory"], known["memory"]);
        let folder = checkpoint.path().to_string_lossy();
        assert!(
            own["command"].as_str().unwrap().starts_with(&format!("vllm serve {folder} ")),
            "{}",
            own["command"]
        );
        let own = ask(&json!({"path": path}), r#","quant":"Q4_K_M""#);
        assert_eq!(own["memory"], ask(&json!("Qwen/Qwen3-4B"), r#","quant":"Q4_K_M""#)["memory"]);
    }
}

#[test]
fn errors_name_the_file_and_the_place() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        let answer = ask(&json!({"path": path}), "");
        assert_eq!(answer["ok"], false);
        let message = answer["error"]["message"].as_str().unwrap().to_owned();
        assert!(message.contains(name), "{message}");
        (answer["error"]["code"].as_str().unwrap().to_owned(), message)
    };
    let (code, message) = write("torn.gguf", &fs::read(heads().join("Qwen3-0.6B-Q8_0.gguf")).unwrap());
    assert_eq!(code, "unreadable_file");
    assert!(message.contains("the download is not complete"), "{message}");
    let (code, message) = write("config.json", b"{\"model_type\": \"llama\"");
    assert_eq!(code, "unreadable_file");
    assert!(message.contains("line 1, column"), "{message}");
    let (code, message) = write("notes.txt", b"nothing");
    assert_eq!(code, "unsupported");
    assert!(message.contains("is neither a GGUF file"), "{message}");
}

#[test]
fn the_same_lines_give_the_same_bytes_whatever_stood_before() {
    let folder = tempfile::tempdir().unwrap();
    let path = model(folder.path(), "Llama-3.2-1B-Instruct-Q8_0.gguf");
    let line = format!(r#"{{"model":{},"machine":{MACHINE}}}"#, json!({"path": path}));
    // More files than are remembered.
    let mut others = String::new();
    for n in 0..40 {
        let query = json!({"model": {"path": format!("/no/such/{n}.gguf")}});
        let _ = writeln!(others, "{query}");
    }
    let all = answers(&format!("{line}\n{others}{line}\n{line}\n"));
    assert_eq!(all[0], all[41]);
    assert_eq!(all[41], all[42]);
    assert_eq!(all[0]["ok"], true);
    assert!(all[1..41].iter().all(|answer| answer["error"]["code"] == "unreadable_file"));
}

#[test]
fn what_is_installed_gets_a_verdict() {
    use plimsoll::app::installed::{look, text};
    use plimsoll::estimate::scenario::Scenario;
    use plimsoll::files::installed::Environment;

    let folder = tempfile::tempdir().unwrap();
    model(folder.path(), "Qwen3-0.6B-Q8_0.gguf");
    model(folder.path(), "DeepSeek-V3-Q8_0.gguf");
    fs::write(folder.path().join("torn.gguf"), b"GGUF").unwrap();
    let rig = crate::engines::rig(vec![crate::engines::ada(24.0, 23.0)]);
    let shelf = look(&Environment::default(), &[folder.path().to_owned()], &Scenario::default(), &rig);
    let lines = text(&shelf);
    let verdicts: Vec<&str> =
        lines.lines().take(3).map(|line| line.split("  ").next().unwrap().trim()).collect();
    assert_eq!(verdicts, ["Too big", "Fits", "n/a"], "{lines}");
    assert!(lines.contains("torn  (has 4 bytes, and no header)"), "{lines}");
    assert!(lines.contains("3 models, "), "{lines}");
    let json = serde_json::to_value(&shelf).unwrap();
    assert_eq!(json["models"][1]["model"], "Qwen/Qwen3-0.6B");
    assert_eq!(json["models"][1]["verdict"]["class"], "fits");
    assert!(json["models"][2]["error"].is_string());
}
