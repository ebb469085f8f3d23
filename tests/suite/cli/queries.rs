//! Queries that are answered.

use plimsoll::cli::session::Session;
use plimsoll::machine::probe::findings::{Findings, System};
use plimsoll::units::Bytes;
use serde_json::{Value, json};

use super::{MACHINE, Probes, answer, answers, parts, stream};

/// The examples of the interface's description, as queries.
const EXAMPLES: [&str; 4] = [
    r#"{"id":1,"model":"Qwen/Qwen3-30B-A3B","quant":"Q4_K_M","context":32768,"machine":{"gpus":[{"name":"RTX 4090"}],"ram_gib":64}}"#,
    r#"{"id":"full","model":"qwen3-30b-a3b","machine":{"gpus":[{"name":"NVIDIA GeForce RTX 4090","count":1,"vram_gib":24,"free_gib":23.2,"bandwidth_gbs":1008,"power_watts":450}],"cpu":"AMD Ryzen 9 7950X","cores":16,"threads":16,"ram_gib":64,"ram_free_gib":58,"ram_bandwidth_gbs":83.2,"os":"linux"}}"#,
    r#"{"id":null,"model":"Qwen/Qwen3-30B-A3B","machine":{"gpus":[]},"kv_type":{"k":"q8_0","v":"q8_0"},"placement":"auto"}"#,
    r#"{"model":"Qwen/Qwen3-30B-A3B","quant":"q4_k_m","imatrix":true,"engine":"llama.cpp","backend":"auto","machine":{"gpus":[{"name":"RTX 3090","count":2}]},"context":8192,"kv_type":"f16","flash_attention":true,"ubatch":512,"batch":2048,"parallel":1,"unified_kv":true,"swa_full":false,"mtp":false,"output_rows":"server","placement":{"gpu_layers":99,"cpu_moe_layers":0,"tensor_split":[1,1],"split_mode":"layer"},"depth":0,"prompt_tokens":512,"output_tokens":128,"concurrency":1}"#,
];

#[test]
fn the_examples_are_answered_with_every_field_of_the_interface() {
    let answers = answers(&EXAMPLES.join("\n"));
    assert_eq!(answers.len(), EXAMPLES.len());
    for answer in &answers {
        assert_eq!(answer["ok"], true, "{answer}");
        for place in [
            "/file/bytes",
            "/file/tensor_bytes",
            "/file/bits_per_weight",
            "/file/types/q4_K/tensors",
            "/file/types/q4_K/bytes",
            "/memory/host/weights",
            "/memory/host/kv",
            "/memory/host/recurrent",
            "/memory/host/compute",
            "/memory/host/overhead",
            "/memory/host/total",
            "/memory/host/capacity",
            "/memory/host/free",
            "/memory/total",
            "/fit/margin_bytes",
            "/placement/gpu_layers",
            "/placement/cpu_moe_layers",
            "/quality/retained/low",
            "/quality/retained/high",
        ] {
            assert!(answer.pointer(place).is_some_and(Value::is_number), "{place} of {answer}");
        }
        for place in ["/model", "/quant", "/engine", "/backend", "/fit/class", "/fit/reason", "/speed/bound"]
        {
            assert!(answer.pointer(place).is_some_and(Value::is_string), "{place} of {answer}");
        }
        assert!(answer["speed"]["evidence"]["class"].is_string());
        assert!(answer["speed"]["evidence"]["neighbours"].is_array());
        assert!(answer["quality"]["basis"].is_string());
        assert_eq!(answer["placement"]["split_mode"], "layer");
        assert_eq!(answer["model"], "Qwen/Qwen3-30B-A3B");
        assert_eq!(answer["quant"], "Q4_K_M");
        let command = answer["command"].as_str().unwrap();
        assert!(command.starts_with("llama-server ") && !command.contains('\n'), "{command}");
        for range in ["decode_tps", "output_tps", "prefill_tps", "ttft_s"] {
            let Some(range) = answer["speed"][range].as_object() else { continue };
            let ends = ["p10", "p50", "p90"].map(|end| range[end].as_f64().unwrap());
            assert!(ends.is_sorted(), "{range:?}");
        }
        let devices = answer["memory"]["devices"].as_array().unwrap();
        for (index, device) in devices.iter().enumerate() {
            assert_eq!(device["index"], index);
            let sum: u64 = ["weights", "kv", "recurrent", "compute", "overhead"]
                .iter()
                .map(|part| device[part].as_u64().unwrap())
                .sum();
            assert_eq!(device["total"], sum);
        }
    }
    assert_eq!(answers[0]["backend"], "cuda");
    assert_eq!(answers[2]["backend"], "cpu");
    assert_eq!(answers[2]["memory"]["devices"], json!([]));
    assert_eq!(answers[3]["memory"]["devices"].as_array().unwrap().len(), 2);
}

#[test]
fn fields_come_in_the_order_of_the_interface() {
    let (output, _) = stream(format!("{}\n", EXAMPLES[0]).as_bytes());
    let text = String::from_utf8(output).unwrap();
    let names = [
        "{\"id\":1,\"ok\":true,\"model\":",
        "\"quant\":",
        "\"engine\":",
        "\"backend\":",
        "\"file\":{\"bytes\":",
        "\"tensor_bytes\":",
        "\"bits_per_weight\":",
        "\"types\":{",
        "\"memory\":{\"devices\":[{\"name\":",
        "\"index\":0,\"weights\":",
        "\"kv\":",
        "\"recurrent\":",
        "\"compute\":",
        "\"overhead\":",
        "\"total\":",
        "\"capacity\":",
        "\"free\":",
        "\"host\":{\"weights\":",
        "\"fit\":{\"class\":",
        "\"margin_bytes\":",
        "\"max_context\":",
        "\"reason\":",
        "\"placement\":{\"gpu_layers\":",
        "\"cpu_moe_layers\":",
        "\"tensor_split\":null,\"split_mode\":\"layer\"}",
        "\"speed\":{\"decode_tps\":{\"p10\":",
        "\"output_tps\":",
        "\"prefill_tps\":",
        "\"ttft_s\":",
        "\"bound\":",
        "\"evidence\":{\"class\":",
        "\"quality\":{\"retained\":{\"low\":",
        "\"mid\":",
        "\"high\":",
        "\"basis\":",
        "\"command\":",
        "\"warnings\":[",
    ];
    let mut rest = text.as_str();
    for name in names {
        let at = rest.find(name).unwrap_or_else(|| panic!("{name} is not in {rest}"));
        rest = &rest[at + name.len()..];
    }
}

#[test]
fn given_memory_is_taken_as_it_is() {
    let answer = &answers(EXAMPLES[1])[0];
    let device = &answer["memory"]["devices"][0];
    assert_eq!(device["capacity"], 24_u64 << 30);
    assert_eq!(device["free"], (23.2 * f64::from(1 << 30)).round() as u64);
    let host = &answer["memory"]["host"];
    assert_eq!(host["capacity"], 64_u64 << 30);
    assert_eq!(host["free"], 58_u64 << 30);
    assert!(!answer["warnings"].to_string().contains("assumed"), "{answer}");
}

#[test]
fn ids_come_back_as_they_were() {
    let ids = [json!(7), json!("a\"b"), json!(null), json!([1, {"x": 2.5}]), json!(-3), json!(true)];
    for id in ids {
        assert_eq!(answer(&format!("\"model\":\"qwen3-4b\",\"id\":{id}"))["id"], id);
        assert_eq!(answer(&format!("\"model\":\"no such\",\"id\":{id}"))["id"], id);
    }
    assert_eq!(answer("\"model\":\"qwen3-4b\"")["id"], Value::Null);
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let mut input = String::new();
    for quant in ["Q4_K_M", "IQ3_XXS", "Q8_0", "nonsense", "BF16"] {
        for model in ["Qwen/Qwen3-30B-A3B", "qwen3-4b", "google/gemma-3-27b-it", "no such model"] {
            let query = serde_json::json!({ "id": quant, "model": model, "quant": quant });
            let query = query.to_string();
            input.push_str(query.strip_suffix('}').unwrap());
            input.push_str(",\"machine\":");
            input.push_str(MACHINE);
            input.push_str("}\n");
        }
    }
    let (first, outcome) = stream(input.as_bytes());
    let (second, _) = stream(input.as_bytes());
    assert_eq!(outcome.lines, 20);
    assert!(first == second, "answers differ between two runs");
}

#[test]
fn a_session_remembers_nothing_that_changes_an_answer() {
    let alone = answers(EXAMPLES[1]).remove(0);
    let others = [EXAMPLES[3], EXAMPLES[2], EXAMPLES[0], EXAMPLES[1]].join("\n");
    assert_eq!(answers(&others)[3], alone);
}

#[test]
fn defaults_are_those_of_the_interface() {
    let short = answer("\"model\":\"qwen3-30b-a3b\"");
    let long = answer(
        "\"model\":\"Qwen/Qwen3-30B-A3B\",\"quant\":\"Q4_K_M\",\"imatrix\":true,\"engine\":\"llama.cpp\",\
         \"backend\":\"auto\",\"context\":8192,\"kv_type\":\"f16\",\"flash_attention\":true,\"ubatch\":512,\
         \"batch\":2048,\"parallel\":1,\"unified_kv\":true,\"swa_full\":false,\"mtp\":false,\
         \"output_rows\":\"server\",\"placement\":\"auto\",\"depth\":0,\"prompt_tokens\":512,\
         \"output_tokens\":128,\"concurrency\":1,\"draft\":null",
    );
    assert_eq!(short, long);
}

#[test]
fn every_field_matters() {
    let plain = answer("\"model\":\"google/gemma-3-27b-it\"");
    for change in [
        "\"quant\":\"Q5_K_M\"",
        "\"context\":32768",
        "\"kv_type\":\"q8_0\"",
        "\"kv_type\":{\"k\":\"q8_0\"}",
        "\"flash_attention\":false",
        "\"ubatch\":256",
        "\"batch\":1024,\"output_rows\":\"bench\"",
        "\"parallel\":4",
        "\"swa_full\":true",
        "\"output_rows\":\"bench\"",
        "\"placement\":{\"gpu_layers\":20}",
        "\"depth\":4096",
        "\"prompt_tokens\":4096",
        "\"output_tokens\":1024",
        "\"concurrency\":4",
        "\"engine\":\"ollama\"",
        "\"backend\":\"vulkan\"",
    ] {
        let changed = answer(&format!("\"model\":\"google/gemma-3-27b-it\",{change}"));
        assert_eq!(changed["ok"], true, "{change}: {changed}");
        assert_ne!(changed, plain, "{change} changes nothing");
    }
    let iq4 = answer("\"model\":\"google/gemma-3-27b-it\",\"quant\":\"IQ4_XS\"");
    let without = answer("\"model\":\"google/gemma-3-27b-it\",\"quant\":\"IQ4_XS\",\"imatrix\":false");
    assert_ne!(iq4["file"]["bytes"], without["file"]["bytes"]);
}

#[test]
fn an_answer_s_placement_is_a_query_s_placement() {
    let auto = answer("\"model\":\"Qwen/Qwen3-30B-A3B\",\"quant\":\"Q8_0\"");
    let given = answer(&format!(
        "\"model\":\"Qwen/Qwen3-30B-A3B\",\"quant\":\"Q8_0\",\"placement\":{}",
        auto["placement"]
    ));
    assert_eq!(given["placement"], auto["placement"]);
    assert_eq!(given["memory"], auto["memory"]);
}

#[test]
fn a_draft_model_is_counted_and_its_gain_is_said_to_be_missing() {
    let answer = answer(
        "\"model\":\"Qwen/Qwen3-32B\",\"draft\":{\"model\":\"qwen3-0.6b\",\"quant\":\"Q8_0\",\"tokens\":4,\
         \"acceptance\":0.7}",
    );
    assert_eq!(answer["ok"], true, "{answer}");
    let warnings = answer["warnings"].to_string();
    assert!(warnings.contains("draft") && warnings.contains("Qwen3-0.6B"), "{warnings}");
}

#[test]
fn each_engine_answers_at_its_own_levels_with_its_own_command() {
    let cards = "\"machine\":{\"gpus\":[{\"name\":\"RTX 4090\"}],\"ram_gib\":64}";
    for (engine, level, starts) in [
        ("llama.cpp", "Q4_K_M", "llama-server "),
        ("ollama", "Q4_K_M", "# in one terminal"),
        ("vllm", "FP8", "vllm serve "),
        ("sglang", "AWQ-4bit-g128", "python3 -m sglang.launch_server "),
        ("exllamav3", "EXL3-4.0", "python main.py "),
        ("tensorrt-llm", "FP8", "trtllm-serve "),
    ] {
        let line =
            format!("{{\"model\":\"Qwen/Qwen3-14B\",\"quant\":\"{level}\",\"engine\":\"{engine}\",{cards}}}");
        let answer = &answers(&line)[0];
        assert_eq!(answer["ok"], true, "{engine}: {answer}");
        assert_eq!(answer["fit"]["class"], "fits", "{engine}: {answer}");
        let command = answer["command"].as_str().unwrap();
        assert!(command.starts_with(starts), "{engine}: {command}");
        assert!(answer["speed"]["decode_tps"]["p50"].as_f64().unwrap() > 10.0, "{engine}: {answer}");
    }
    for (engine, level, why) in [
        ("vllm", "Q4_K_M", "vllm-gguf-plugin"),
        ("llama.cpp", "FP8", "FP8"),
        ("mlx", "MLX-4bit-g64", "Apple silicon"),
        ("tensorrt-llm", "NVFP4", "Ada"),
    ] {
        let line =
            format!("{{\"model\":\"Qwen/Qwen3-14B\",\"quant\":\"{level}\",\"engine\":\"{engine}\",{cards}}}");
        let (code, message) = parts(&answers(&line)[0]);
        assert_eq!(code, "unsupported");
        assert!(message.contains(why), "{engine}: {message}");
    }
}

#[test]
fn models_that_generate_nothing_say_why_their_speed_is_unknown() {
    let answer = answer("\"model\":\"Qwen/Qwen3-Embedding-0.6B\"");
    assert_eq!(answer["ok"], true, "{answer}");
    assert_eq!(answer["speed"]["decode_tps"], Value::Null);
    assert!(answer["warnings"].to_string().contains("embedding"), "{answer}");
}

#[test]
fn assumptions_about_the_machine_are_said() {
    let answer = &answers(r#"{"model":"qwen3-4b","machine":{"gpus":[{"name":"RTX 4090"}]}}"#)[0];
    let warnings = answer["warnings"].to_string();
    assert!(warnings.contains("64 GiB") && warnings.contains("89.6"), "{warnings}");
}

#[test]
fn this_machine_is_read_once_and_only_when_asked_for() {
    let probes = Probes(0.into());
    let read = || probes.read();
    let session = Session::new(&read);
    let described = format!("{{\"model\":\"qwen3-4b\",\"machine\":{MACHINE}}}");
    assert!(session.line(described.as_bytes()).is_ok());
    assert_eq!(probes.0.get(), 0);
    for machine in ["", ",\"machine\":\"this\"", ",\"machine\":null"] {
        let line = session.line(format!("{{\"model\":\"qwen3-4b\"{machine}}}").as_bytes());
        let answer = serde_json::to_value(&line).unwrap();
        assert_eq!(answer["memory"]["devices"][0]["name"], "NVIDIA GeForce RTX 3060 12 GB", "{answer}");
    }
    assert_eq!(probes.0.get(), 1);
}

#[test]
fn an_answer_is_written_as_soon_as_the_input_pauses() {
    use std::io::{Read, Result, Write};
    use std::sync::{Arc, Mutex};

    /// Gives one line at a time, and checks that the line before was answered by then.
    struct Conversation {
        lines: Vec<String>,
        answered: Arc<Mutex<Vec<u8>>>,
        asked: usize,
    }
    impl Read for Conversation {
        fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
            let answers = String::from_utf8(self.answered.lock().unwrap().clone()).unwrap().lines().count();
            assert_eq!(answers, self.asked, "an answer waits in a buffer");
            if self.lines.is_empty() {
                return Ok(0);
            }
            let line = self.lines.remove(0);
            buffer[..line.len()].copy_from_slice(line.as_bytes());
            self.asked += 1;
            Ok(line.len())
        }
    }
    struct Sink(Arc<Mutex<Vec<u8>>>);
    impl Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }
        fn flush(&mut self) -> Result<()> {
            Ok(())
        }
    }
    let answered = Arc::new(Mutex::new(Vec::new()));
    let lines = vec!["{\"model\":\"x\"}\n".to_owned(), "nonsense\n".to_owned(), "{}\n".to_owned()];
    let input = Conversation { lines, answered: Arc::clone(&answered), asked: 0 };
    let outcome = Session::new(&super::must_not_probe).stream(input, &mut Sink(answered)).unwrap();
    assert_eq!((outcome.lines, outcome.errors), (3, 3));
}

#[test]
fn a_recorded_machine_is_answered_for() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("machine.json");
    let memory = 16_u64 << 30;
    let findings = Findings {
        system: Some(System {
            cpu: Some("AMD Ryzen 9 7950X 16-Core Processor".to_owned()),
            memory_total: Bytes(memory),
            memory_available: Bytes(memory / 2),
            ..System::default()
        }),
        ..Findings::default()
    };
    std::fs::write(&file, serde_json::to_string(&findings).unwrap()).unwrap();
    let query = json!({"model": "qwen3-4b", "machine": {"recorded": file}});
    let answer = &answers(&query.to_string())[0];
    assert_eq!(answer["memory"]["host"]["capacity"], memory, "{answer}");
    assert_eq!(answer["memory"]["host"]["free"], memory / 2);
    assert_eq!(answer["backend"], "cpu");
}
