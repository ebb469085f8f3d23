//! Queries that cannot be answered: each gets its error in place, and the rest is answered.

use plimsoll::cli::session::MAX_LINE;
use serde_json::Value;

use super::{MACHINE, answer, answers, error, parts, stream};

/// The names that an error suggests.
fn suggestions(answer: &Value) -> Vec<String> {
    let list = answer["error"]["suggestions"].as_array().unwrap();
    list.iter().map(|name| name.as_str().unwrap().to_owned()).collect()
}

#[test]
fn malformed_lines_get_errors_in_place_and_the_rest_is_answered() {
    let good = format!("{{\"id\":\"good\",\"model\":\"qwen3-4b\",\"machine\":{MACHINE}}}");
    let mut input = Vec::new();
    let long = format!("{{\"id\":\"{}\"}}", "x".repeat(MAX_LINE));
    for line in [&good, "{\"id\":1,", "[]", "5", "", "  ", "\"text\"", &good, &long, "{\"id\":2}", &good] {
        input.extend_from_slice(line.as_bytes());
        input.push(b'\n');
    }
    input.extend_from_slice(b"\xff\xfe{\n");
    input.extend_from_slice(good.as_bytes());
    let (output, outcome) = stream(&input);
    let lines: Vec<Value> =
        String::from_utf8(output).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let codes: Vec<&str> =
        lines.iter().map(|line| line["error"]["code"].as_str().unwrap_or("answered")).collect();
    assert_eq!(
        codes,
        [
            "answered",
            "bad_json",
            "bad_json",
            "bad_json",
            "bad_json",
            "answered",
            "bad_json",
            "bad_field",
            "answered",
            "bad_json",
            "answered"
        ]
    );
    assert_eq!((outcome.lines, outcome.errors), (11, 7));
    assert_eq!(lines[7]["id"], 2, "an error keeps the id");
    assert_eq!(lines[1]["id"], Value::Null);
    assert!(lines[6]["error"]["message"].as_str().unwrap().contains("longer"));
}

#[test]
fn deep_nesting_is_refused() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(parts(&answers(&deep)[0]).0, "bad_json");
}

#[test]
fn line_breaks_of_windows_and_a_byte_order_mark_are_read() {
    let line = format!("\u{feff}{{\"model\":\"qwen3-4b\",\"machine\":{MACHINE}}}\r\n\r\n");
    let answers = answers(&line);
    assert_eq!(answers.len(), 1);
    assert_eq!(answers[0]["ok"], true, "{}", answers[0]);
}

#[test]
fn every_field_says_what_it_allows() {
    for (fields, place, allowed) in [
        ("\"context\":0", "context", "whole number from 1"),
        ("\"context\":\"8k\"", "context", "not \"8k\""),
        ("\"context\":8192.5", "context", "whole number"),
        ("\"context\":1e30", "context", "whole number"),
        ("\"ubatch\":-1", "ubatch", "whole number from 1"),
        ("\"batch\":true", "batch", "not true"),
        ("\"parallel\":0", "parallel", "from 1"),
        ("\"concurrency\":1000000", "concurrency", "from 1 to"),
        ("\"depth\":-1", "depth", "from 0"),
        ("\"imatrix\":1", "imatrix", "true or false"),
        ("\"flash_attention\":\"yes\"", "flash_attention", "true or false"),
        ("\"quant\":4", "quant", "text"),
        ("\"engine\":\"llamacpp\"", "engine", "llama.cpp, ollama"),
        ("\"backend\":\"opencl\"", "backend", "cuda, rocm"),
        ("\"kv_type\":\"q6_K\"", "kv_type", "q8_0"),
        ("\"kv_type\":{\"k\":\"q9\"}", "kv_type.k", "q8_0"),
        ("\"kv_type\":{\"key\":\"q8_0\"}", "kv_type.key", "did you mean \"k\"?"),
        ("\"output_rows\":\"all\"", "output_rows", "server, bench"),
        ("\"placement\":\"gpu\"", "placement", "auto"),
        ("\"placement\":{\"gpu_layers\":-1}", "placement.gpu_layers", "from 0"),
        ("\"placement\":{\"tensor_split\":[0,0]}", "placement.tensor_split", "not all 0"),
        ("\"placement\":{\"tensor_split\":[1,\"2\"]}", "placement.tensor_split", "numbers"),
        ("\"placement\":{\"ngl\":1}", "placement.ngl", "gpu_layers"),
        ("\"draft\":{}", "draft.model", "missing"),
        ("\"draft\":{\"model\":\"x\",\"acceptance\":2}", "draft.acceptance", "from 0 to 1"),
        ("\"draft\":7", "draft", "object"),
    ] {
        let (code, message) = error(&format!("\"model\":\"qwen3-4b\",{fields}"));
        assert_eq!(code, "bad_field", "{fields}");
        assert!(message.contains(&format!("\"{place}\"")), "{fields}: {message}");
        assert!(message.contains(allowed), "{fields}: {message}");
    }
}

#[test]
fn every_field_of_the_machine_says_what_it_allows() {
    for (machine, place, allowed) in [
        ("\"that\"", "machine", "\"this\""),
        ("7", "machine", "\"this\""),
        ("{\"gpus\":{}}", "machine.gpus", "list"),
        ("{\"gpus\":[{}]}", "machine.gpus[0].name", "missing"),
        ("{\"gpus\":[\"RTX 4090\"]}", "machine.gpus[0]", "object"),
        (
            "{\"gpus\":[{\"name\":\"RTX 4090\"},{\"name\":\"RTX 4090\",\"count\":0}]}",
            "machine.gpus[1].count",
            "from 1",
        ),
        ("{\"gpus\":[{\"name\":\"RTX 4090\",\"vram\":24}]}", "machine.gpus[0].vram", "vram_gib"),
        ("{\"gpus\":[{\"name\":\"RTX 4090\",\"vram_gib\":-4}]}", "machine.gpus[0].vram_gib", "number from"),
        (
            "{\"gpus\":[{\"name\":\"RTX 4090\",\"bandwidth_gbs\":\"1 TB/s\"}]}",
            "machine.gpus[0].bandwidth_gbs",
            "number",
        ),
        (
            "{\"gpus\":[{\"name\":\"RTX 4090\",\"count\":64},{\"name\":\"RTX 4090\"}]}",
            "machine.gpus",
            "at most 64",
        ),
        ("{\"ram_gib\":0}", "machine.ram_gib", "number from"),
        ("{\"ram\":64}", "machine.ram", "ram_gib"),
        ("{\"os\":\"beos\"}", "machine.os", "linux, windows, macos"),
        ("{\"recorded\":7}", "machine.recorded", "text"),
        ("{\"recorded\":\"x\",\"gpus\":[]}", "machine.gpus", "unknown"),
    ] {
        let answer = &answers(&format!("{{\"model\":\"qwen3-4b\",\"machine\":{machine}}}"))[0];
        let (code, message) = parts(answer);
        assert_eq!(code, "bad_field", "{machine}");
        assert!(message.contains(&format!("\"{place}\"")), "{machine}: {message}");
        assert!(message.contains(allowed), "{machine}: {message}");
    }
}

#[test]
fn a_model_is_needed() {
    for fields in
        ["", "\"model\":null", "\"model\":\"\"", "\"model\":5", "\"model\":{}", "\"model\":{\"file\":\"x\"}"]
    {
        let (code, message) = error(fields);
        assert_eq!(code, "bad_field", "{fields}");
        assert!(message.contains("\"model"), "{fields}: {message}");
    }
}

#[test]
fn misspelt_fields_get_the_nearest_name() {
    let answer = answer("\"model\":\"qwen3-4b\",\"contxt\":8192");
    assert_eq!(parts(&answer).1, "unknown field \"contxt\"; did you mean \"context\"?");
    assert_eq!(suggestions(&answer)[0], "context");
    for (wrong, right) in
        [("kvtype", "kv_type"), ("flash_attn", "flash_attention"), ("prompt", "prompt_tokens")]
    {
        let answer = super::answer(&format!("\"model\":\"qwen3-4b\",\"{wrong}\":1"));
        assert_eq!(suggestions(&answer)[0], right);
    }
}

#[test]
fn unknown_models_get_suggestions() {
    let answer = answer("\"model\":\"qwen3-30b-a3c\"");
    let (code, message) = parts(&answer);
    assert_eq!(code, "unknown_model");
    assert!(message.contains("qwen3-30b-a3c"), "{message}");
    assert!(suggestions(&answer).contains(&"Qwen/Qwen3-30B-A3B".to_owned()), "{answer}");
    let (code, message) = error("\"model\":\"qwen3-4b\",\"draft\":{\"model\":\"qwen3-0.6x\"}");
    assert_eq!(code, "unknown_model");
    assert!(message.contains("qwen3-0.6x"), "{message}");
}

#[test]
fn the_same_unknown_name_gets_the_same_error_again() {
    let gpu = r#"{"model":"qwen3-4b","machine":{"gpus":[{"name":"RTX 4099"}]}}"#;
    let model = format!(r#"{{"model":"RTX 4099","machine":{MACHINE}}}"#);
    let described =
        r#"{"model":"qwen3-4b","machine":{"gpus":[{"name":"RTX 4099","vram_gib":8,"bandwidth_gbs":300}]}}"#;
    let lines = answers(&[gpu, &model, gpu, &model, described].join("\n"));
    assert_eq!(lines[0], lines[2]);
    assert_eq!(lines[1], lines[3]);
    assert_eq!(parts(&lines[2]).0, "unknown_gpu");
    assert_eq!(parts(&lines[3]).0, "unknown_model");
    assert_eq!(lines[4]["ok"], true, "{}", lines[4]);
}

#[test]
fn long_names_are_refused_before_they_are_compared() {
    let long = "x".repeat(257);
    for query in [
        format!("{{\"model\":\"{long}\"}}"),
        format!("{{\"model\":\"qwen3-4b\",\"quant\":\"{long}\"}}"),
        format!("{{\"model\":\"qwen3-4b\",\"machine\":{{\"cpu\":\"{long}\"}}}}"),
        format!("{{\"model\":\"qwen3-4b\",\"machine\":{{\"gpus\":[{{\"name\":\"{long}\"}}]}}}}"),
    ] {
        let (code, message) = parts(&answers(&query)[0]);
        assert_eq!(code, "bad_field");
        assert!(message.contains("256 characters") && message.len() < 200, "{message}");
    }
}

#[test]
fn unknown_quantizations_get_suggestions() {
    let answer = answer("\"model\":\"qwen3-4b\",\"quant\":\"q4km\"");
    let (code, message) = parts(&answer);
    assert_eq!(code, "unknown_quant");
    assert!(message.contains("q4km"), "{message}");
    assert_eq!(suggestions(&answer)[0], "Q4_K_M");
}

#[test]
fn unknown_gpus_get_suggestions_unless_they_are_described() {
    let query =
        |gpu: &str| format!("{{\"model\":\"qwen3-4b\",\"machine\":{{\"gpus\":[{gpu}],\"ram_gib\":64}}}}");
    let answer = &answers(&query("{\"name\":\"RTX 4099\"}"))[0];
    let (code, message) = parts(answer);
    assert_eq!(code, "unknown_gpu");
    assert!(message.contains("RTX 4099") && message.contains("bandwidth_gbs"), "{message}");
    assert!(suggestions(answer).iter().any(|name| name.contains("RTX 4090")), "{answer}");
    let described = "{\"name\":\"RTX 4099\",\"vram_gib\":32,\"bandwidth_gbs\":1500}";
    let answer = &answers(&query(described))[0];
    assert_eq!(answer["memory"]["devices"][0]["name"], "RTX 4099", "{answer}");
    let error = parts(&answers(&query("{\"name\":\"RTX 4099\",\"vram_gib\":32}"))[0]);
    assert_eq!(error.0, "unknown_gpu");
}

#[test]
fn what_nothing_can_be_said_of_is_unsupported() {
    for fields in [
        "\"engine\":\"vllm\"",
        "\"kv_type\":\"fp8\"",
        "\"kv_type\":\"q8_0\",\"flash_attention\":false",
        "\"placement\":{\"split_mode\":\"row\"}",
        "\"quant\":\"GPTQ-4bit-g128\"",
    ] {
        let (code, message) = error(&format!("\"model\":\"qwen3-4b\",{fields}"));
        assert_eq!(code, "unsupported", "{fields}: {message}");
        assert!(message.len() > 20, "{fields}: {message}");
    }
    let macs = "{\"model\":\"qwen3-4b\",\"machine\":{\"gpus\":[{\"name\":\"Apple M4 Max\",\"count\":2}]}}";
    assert_eq!(parts(&answers(macs)[0]).0, "unsupported");
}

#[test]
fn files_that_cannot_be_read_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing.gguf");
    let query = |model: &str| format!("{{\"machine\":{MACHINE},\"model\":{{\"path\":{model}}}}}");
    let path = serde_json::to_string(missing.to_str().unwrap()).unwrap();
    let (code, message) = parts(&answers(&query(&path))[0]);
    assert_eq!(code, "unreadable_file");
    assert!(message.contains("cannot be read"), "{message}");
    let folder = serde_json::to_string(folder.path().to_str().unwrap()).unwrap();
    assert_eq!(parts(&answers(&query(&folder))[0]).0, "unsupported", "it is there, but not read yet");
    let recorded = format!("{{\"model\":\"qwen3-4b\",\"machine\":{{\"recorded\":{path}}}}}");
    assert_eq!(parts(&answers(&recorded)[0]).0, "unreadable_file");
}

#[test]
fn what_is_no_recorded_machine_is_an_unreadable_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("machine.json");
    let query = serde_json::json!({"model": "qwen3-4b", "machine": {"recorded": file}}).to_string();
    for content in ["", "[]", "{\"gpus\":[]}", &"x".repeat(2 << 20)] {
        std::fs::write(&file, content).unwrap();
        let (code, message) = parts(&answers(&query)[0]);
        assert_eq!(code, "unreadable_file");
        assert!(message.contains("recorded machine"), "{message}");
    }
}
