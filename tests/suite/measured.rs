//! Benchmark output as programs print it: read, matched, and what is bad in it named by its line.

use std::fs;

use plimsoll::estimate::Estimator;
use plimsoll::estimate::measured::read::{Format, ReadError, Reading, read, read_bytes};
use plimsoll::estimate::measured::who::{self, Found};
use plimsoll::estimate::measured::{Measurement, Test};
use plimsoll::estimate::scenario::{BackendChoice, CacheType, Engine};
use plimsoll::model::Catalog;
use plimsoll::units::Bytes;

fn recorded(name: &str) -> String {
    fs::read_to_string(format!("{}/tests/data/benchmarks/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// Reads recorded output in which nothing is wrong.
fn good(name: &str, format: Format) -> Vec<Measurement> {
    let reading = read(&recorded(name)).unwrap();
    assert_eq!(reading.format, format, "{name}");
    assert!(reading.faults.is_empty(), "{name}: {:?}", reading.faults);
    reading.measurements
}

fn faults(reading: &Reading) -> Vec<String> {
    reading.faults.iter().map(ToString::to_string).collect()
}

fn tests(rows: &[Measurement]) -> Vec<String> {
    rows.iter().map(Measurement::test_text).collect()
}

#[test]
fn llama_bench_says_the_same_in_json_jsonl_and_csv() {
    let json = good("llama-bench-2025-04.json", Format::LlamaBenchJson);
    let [prefill, decode] = &json[..] else { panic!("{json:?}") };
    assert_eq!(
        (prefill.test, prefill.n_prompt, prefill.tokens_per_second),
        (Test::Prefill, 512, 7_100.002_165)
    );
    assert_eq!((decode.test, decode.n_gen, decode.depth), (Test::Decode, 128, 0));
    assert_eq!((decode.tokens_per_second, decode.deviation), (118.881_588, Some(1.04182)));
    assert_eq!(decode.written, "Qwen2.5-7B-Instruct-Q4_K_M.gguf");
    assert_eq!(decode.level.unwrap().to_string(), "Q4_K_M");
    assert_eq!((decode.file_size, decode.params), (Some(Bytes(4_677_120_000)), Some(7_615_616_512)));
    assert_eq!((decode.engine, decode.backend), (Engine::LlamaCpp, Some(BackendChoice::Cuda)));
    assert_eq!((decode.batch, decode.ubatch, decode.threads), (Some(2048), Some(512), Some(8)));
    assert_eq!((decode.cache_k, decode.cache_v), (Some(CacheType::F16), Some(CacheType::F16)));
    assert_eq!((decode.gpu_layers, decode.cpu_moe_layers, decode.requests), (Some(99), None, 1));
    assert_eq!((decode.flash_attention, decode.placed_by_hand), (Some(false), false));
    assert_eq!(decode.place.gpus, ["NVIDIA GeForce RTX 4080"]);
    assert_eq!(decode.place.cpu.as_deref(), Some("AMD Ryzen 7 7800X3D 8-Core Processor"));
    assert_eq!(decode.build.as_deref(), Some("8cf427ff (5163)"));
    assert_eq!(decode.date.as_deref(), Some("2025-04-24T11:58:51Z"));
    assert_eq!(good("llama-bench-2025-04.jsonl", Format::LlamaBenchJson), json);
    assert_eq!(good("llama-bench-2025-04.csv", Format::LlamaBenchCsv), json);
}

#[test]
fn builds_of_2023_are_read_too() {
    let rows = good("llama-bench-2023-09.json", Format::LlamaBenchJson);
    let decode = &rows[1];
    // Their file's name says nothing of the model.
    assert_eq!(decode.written, "llama 7B mostly Q4_0");
    assert_eq!(decode.level.unwrap().to_string(), "Q4_0");
    assert_eq!(decode.backend, Some(BackendChoice::Cuda));
    assert_eq!((decode.cache_k, decode.ubatch), (Some(CacheType::F16), None));
    assert_eq!(decode.place.gpus, ["NVIDIA GeForce RTX 3090 Ti"]);
}

#[test]
fn tables_of_all_years_are_read() {
    let rows = good("table-2024-01-nkvo.md", Format::LlamaBenchTable);
    assert_eq!(tests(&rows), ["pp512", "tg128", "pp512", "tg128"]);
    assert_eq!(rows[0].place.gpus, ["NVIDIA GeForce RTX 3090 Ti"]);
    assert_eq!((rows[1].tokens_per_second, rows[1].deviation), (127.43, Some(0.18)));
    assert_eq!(rows[3].build.as_deref(), Some("32d9f7d9 (1786)"));

    let rows = good("table-2025-02-vulkan.md", Format::LlamaBenchTable);
    assert_eq!(tests(&rows), ["pp512", "pp4096", "tg128", "pp4096+tg128"]);
    assert_eq!(rows[0].place.gpus, ["AMD Radeon RX 580 Series (RADV POLARIS10) (radv)"]);
    assert_eq!(rows[3].build.as_deref(), Some("e598697d (4696)"), "it stands before the table");
    assert_eq!(rows[0].backend, Some(BackendChoice::Vulkan));

    let rows = good("table-2025-12-depth.md", Format::LlamaBenchTable);
    assert_eq!(tests(&rows), ["pp128", "tg64", "pp128 @ d512", "tg128 @ d512"]);
    assert_eq!((rows[0].ubatch, rows[0].flash_attention), (Some(2048), Some(true)));

    let rows = good("table-2026-08-rocm.txt", Format::LlamaBenchTable);
    assert_eq!((rows[1].batch, rows[1].cache_k), (Some(1024), Some(CacheType::Q8_0)));
    assert_eq!(rows[1].level.unwrap().to_string(), "IQ4_NL");
    assert_eq!(rows[1].place.gpus, ["AMD Radeon RX 6700 XT"]);

    let rows = good("table-cpu-threads.md", Format::LlamaBenchTable);
    assert!(rows[1].on_processor() && rows[1].threads == Some(8));

    let rows = good("table-devices-mmap-dio.md", Format::LlamaBenchTable);
    assert_eq!(rows[0].backend, Some(BackendChoice::Rocm), "the first of \"ROCm,Vulkan\"");
}

#[test]
fn several_tables_keep_their_own_devices_and_builds() {
    let text = [recorded("table-2024-01-nkvo.md"), recorded("table-2026-08-rocm.txt")].concat();
    let rows = read(&text).unwrap().measurements;
    assert_eq!(rows.len(), 6);
    assert_eq!((rows[0].place.gpus.len(), rows[5].place.gpus.len()), (1, 1));
    assert_eq!(rows[5].place.gpus, ["AMD Radeon RX 6700 XT"]);
    assert_eq!(rows[0].build.as_deref(), Some("32d9f7d9 (1786)"));
    assert_eq!(rows[5].build.as_deref(), Some("0a50d9909 (10108)"));
}

#[test]
fn ollama_s_timings_are_read() {
    let rows = good("ollama-verbose.txt", Format::OllamaVerbose);
    assert_eq!(tests(&rows), ["pp11", "tg120 @ d11", "pp13", "tg1133 @ d13"]);
    assert!(rows.iter().all(|row| row.written == "mistral" && row.engine == Engine::Ollama));
    assert!((rows[1].tokens_per_second - 120.0 / 4.876_787).abs() < 1e-9);
    assert!((rows[3].tokens_per_second - 8.87).abs() < 0.005, "as it says itself");
    assert_eq!(rows[1].place.gpus.len(), 0);
}

#[test]
fn a_prompt_that_ollama_timed_in_part_is_refused() {
    let reading = read(&recorded("ollama-last-batch-only.txt")).unwrap();
    assert_eq!(tests(&reading.measurements), ["tg1873 @ d32768"]);
    assert!(faults(&reading)[0].starts_with("line 1: prompt eval: this Ollama timed only the last batch"));
    // A release that times all of it.
    let whole = "total duration: 30.024798033s\nload duration: 4.97054657s\nprompt eval count: 32768 token(s)\n\
        prompt eval duration: 7.0s\nprompt eval rate: 4681.14 tokens/s\neval count: 1769 token(s)\n\
        eval duration: 18.0s\neval rate: 98.28 tokens/s\n";
    assert_eq!(read(whole).unwrap().measurements.len(), 2);
}

#[test]
fn ollama_s_answers_are_read_as_json() {
    let text = r#"{"model":"llama3.2:3b","created_at":"2026-03-04T05:06:07Z","response":"The","done":false}
{"model":"llama3.2:3b","created_at":"2026-03-04T05:06:09Z","response":"","done":true,"context":[1,2,3],
"total_duration":4883583458,"load_duration":1334875,"prompt_eval_count":26,"prompt_eval_duration":342546000,
"eval_count":282,"eval_duration":4535599000}"#;
    let reading = read(text).unwrap();
    assert_eq!((reading.format, reading.faults.len()), (Format::OllamaJson, 0));
    assert_eq!(tests(&reading.measurements), ["pp26", "tg282 @ d26"]);
    assert!((reading.measurements[1].tokens_per_second - 62.174_81).abs() < 1e-4);
    assert_eq!(reading.measurements[1].written, "llama3.2:3b");
}

#[test]
fn vllm_s_results_are_read() {
    let rows = good("vllm-serve.json", Format::VllmServe);
    let [served, decode] = &rows[..] else { panic!("{rows:?}") };
    assert_eq!((served.test, served.tokens_per_second), (Test::Served, 6582.87));
    assert_eq!((served.n_prompt, served.n_gen), (230, 203));
    // All came at once and waited: (9.6 s + 202 × 78 ms) × 1000 requests in 30.85 s.
    assert_eq!(served.requests, 822);
    assert_eq!((decode.test, decode.depth, decode.n_prompt), (Test::Decode, 230, 0));
    assert!((decode.tokens_per_second - 1e3 / 77.86).abs() < 1e-9);
    assert_eq!(served.date.as_deref(), Some("2025-05-22T17:45:06"));
    assert_eq!(served.written, "meta-llama/Llama-3.1-8B-Instruct");

    let rows = good("vllm-serve-one-at-a-time.json", Format::VllmServe);
    assert_eq!((rows[1].requests, rows[1].tokens_per_second), (1, 160.0));
    assert!((rows[1].deviation.unwrap() - 3.072).abs() < 1e-9);
}

#[test]
fn vllm_s_results_without_model_say_why_not() {
    let latency =
        r#"{"avg_latency": 2.1, "std_latency": 0.1, "latencies": [2.0, 2.2], "percentiles": {"10": 2.0}}"#;
    let reading = read(latency).unwrap();
    assert!(reading.measurements.is_empty());
    assert!(faults(&reading)[0].contains("neither the model nor how many tokens"), "{:?}", reading.faults);
    let throughput = r#"{"elapsed_time": 9.0, "num_requests": 1000, "total_num_tokens": 5, "requests_per_second": 1.0, "tokens_per_second": 2.0}"#;
    assert!(faults(&read(throughput).unwrap())[0].contains("vllm bench serve --save-result"));
}

#[test]
fn one_bad_row_hides_no_other() {
    let csv = recorded("llama-bench-2025-04.csv");
    let text =
        format!("{csv}{}\n\"too\",\"short\"\n", csv.lines().nth(2).unwrap().replace("118.881588", "n/a"));
    let reading = read(&text).unwrap();
    assert_eq!(reading.measurements.len(), 2);
    assert_eq!(faults(&reading)[0], "line 4: avg_ts is \"n/a\", not a number");
    assert!(
        faults(&reading)[1].starts_with("line 5: 2 fields where the header has "),
        "{:?}",
        reading.faults
    );

    let table =
        recorded("table-2025-12-depth.md").replace("389.88", "fast").replace("pp128 @ d512", "pp128 @ x");
    let reading = read(&table).unwrap();
    assert_eq!(tests(&reading.measurements), ["pp128", "tg128 @ d512"]);
    assert_eq!(faults(&reading)[0], "line 5: t/s is \"fast ± 1.57\", not a number");
    assert_eq!(faults(&reading)[1], "line 6: the test \"pp128 @ x\" is not known");

    let json = recorded("llama-bench-2025-04.json");
    let wrong = json.replacen("\"avg_ts\": 7100.002165", "\"avg_ts\": -5", 1);
    let reading = read(&wrong).unwrap();
    assert_eq!(tests(&reading.measurements), ["tg128"]);
    assert_eq!(faults(&reading), ["line 2: a speed is a number above 0, not -5"]);
    let broken = json.replacen("\"n_batch\": 2048", "\"n_batch\": 20 48", 1);
    let reading = read(&broken).unwrap();
    assert_eq!(tests(&reading.measurements), ["tg128"]);
    assert!(faults(&reading)[0].starts_with("line 2: it is no JSON: "), "{:?}", reading.faults);
}

#[test]
fn a_run_that_was_ended_keeps_its_rows() {
    let json = recorded("llama-bench-2025-04.json");
    let half = json.rfind("\"n_prompt\"").unwrap();
    let reading = read(&json[..half]).unwrap();
    assert_eq!(tests(&reading.measurements), ["pp512"]);
    assert!(faults(&reading)[0].contains("it ends in the middle"), "{:?}", reading.faults);
    let ollama = recorded("ollama-verbose.txt");
    let reading = read(&ollama[..ollama.rfind("eval rate").unwrap()]).unwrap();
    assert_eq!((reading.measurements.len(), reading.faults.len()), (2, 1));
}

#[test]
fn messages_around_the_output_are_passed_over() {
    let json = recorded("llama-bench-2025-04.json");
    let noisy = format!(
        "warning: asserts enabled\nggml_cuda_init: found 1 CUDA devices:\n{json}\nllama_perf: done\n"
    );
    assert_eq!(read(&noisy).unwrap().measurements.len(), 2);
    let csv = format!("ggml_cuda_init: found\n{}", recorded("llama-bench-2025-04.csv"));
    assert_eq!(read(&csv).unwrap().measurements.len(), 2);
    let windows = json.replace('\n', "\r\n");
    assert_eq!(read(&windows).unwrap().measurements.len(), 2);
    let power_shell: Vec<u8> =
        [0xFF, 0xFE].into_iter().chain(json.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    assert_eq!(read_bytes(&power_shell).unwrap().measurements.len(), 2);
}

#[test]
fn other_text_is_refused_in_words() {
    assert_eq!(read(""), Err(ReadError::Unknown));
    for text in [
        "hello",
        "{}",
        "[]",
        "{\"model_type\": \"qwen2\", \"hidden_size\": 64}",
        "| a | b |\n| - | - |\n| 1 | 2 |",
        "total: 5\nrate: 3",
        "{\"response\": \"\", \"done\": false}",
    ] {
        assert_eq!(read(text), Err(ReadError::Unknown), "{text}");
    }
    let sql = "INSERT INTO llama_bench (build_commit, avg_ts) VALUES ('1', '2');";
    assert!(read(sql).unwrap_err().to_string().contains("-o json"));
    assert_eq!(read_bytes(&[0; 64]), Err(ReadError::Binary));
    assert!(matches!(read(&" ".repeat((32 << 20) + 1)), Err(ReadError::TooLong(_))));
}

#[test]
fn hostile_text_costs_little() {
    // Deep nesting, long fields, many fields, many rows, numbers out of range.
    let deep = format!("{{\"avg_ts\": {}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
    read(&deep).ok();
    let long = recorded("llama-bench-2025-04.json").replace("8cf427ff", &"x".repeat(1 << 20));
    let rows = read(&long).unwrap().measurements;
    assert!(rows[0].build.as_ref().unwrap().chars().count() <= 200);
    let fields: Vec<String> = (0..100_000).map(|n| format!("\"f{n}\": 1,")).collect();
    let fields = fields.concat();
    let many = format!("{{\"build_commit\":\"x\",\"n_prompt\":0,\"n_gen\":5,\"avg_ts\":1,{fields}\"z\":1}}");
    assert_eq!(read(&many).unwrap().measurements.len(), 1);
    let line = recorded("llama-bench-2025-04.jsonl").lines().next().unwrap().to_owned() + "\n";
    let reading = read(&line.repeat(6000)).unwrap();
    assert_eq!(reading.measurements.len(), 5000);
    assert_eq!(reading.faults.len() + reading.more_faults, 1000);
    for wild in ["1e400", "-1", "1e18", "9007199254740993", "0.5", "\"x\"", "[]", "{}", "null", "true"] {
        for field in ["n_prompt", "n_gen", "n_depth", "model_size", "n_gpu_layers", "avg_ts", "n_threads"] {
            let text = format!(
                "{{\"build_commit\":\"x\",\"n_prompt\":0,\"n_gen\":5,\"avg_ts\":1,\"{field}\":{wild}}}"
            );
            read(&text).ok();
        }
    }
    let table = format!("| model | test | t/s |\n| - | - | - |\n| {} | tg5 | 5 ± 1 |\n", "|".repeat(100_000));
    read(&table).ok();
}

#[test]
fn no_cut_or_flipped_byte_ends_the_program() {
    let names = [
        "llama-bench-2025-04.json",
        "llama-bench-2025-04.csv",
        "table-2025-12-depth.md",
        "ollama-verbose.txt",
        "vllm-serve.json",
    ];
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    for name in names {
        let bytes = recorded(name).into_bytes();
        for n in 0..400 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let at = (state >> 8) as usize % bytes.len();
            let mut changed = bytes.clone();
            if n % 4 == 0 {
                changed.truncate(at);
            } else {
                changed[at] = state as u8;
            }
            if let Ok(reading) = read_bytes(&changed) {
                let sound =
                    |row: &Measurement| row.tokens_per_second > 0.0 && row.tokens_per_second.is_finite();
                assert!(reading.measurements.iter().all(sound), "{name}");
            }
        }
    }
}

#[test]
fn recorded_rows_find_their_models() {
    let catalog = Catalog::embedded();
    let find = |name: &str, row: usize| {
        let rows = read(&recorded(name)).unwrap().measurements;
        match who::find(catalog, Estimator::embedded(), &rows[row]) {
            Found::Sure(id) => catalog.get(id).id.clone(),
            Found::Among(ids) => {
                let ids: Vec<&str> = ids.iter().map(|&id| catalog.get(id).id.as_str()).collect();
                format!("one of {}", ids.join(" "))
            }
        }
    };
    assert_eq!(find("llama-bench-2025-04.json", 1), "Qwen/Qwen2.5-7B-Instruct");
    assert_eq!(find("table-2025-12-depth.md", 1), "openai/gpt-oss-20b");
    assert_eq!(find("vllm-serve.json", 0), "meta-llama/Llama-3.1-8B-Instruct");
    let llama = find("table-2025-02-vulkan.md", 0);
    assert!(llama.contains("meta-llama/Llama-3.2-3B"), "{llama}");
    let mistral = find("ollama-verbose.txt", 1);
    assert!(mistral.starts_with("one of ") && mistral.contains("istral"), "{mistral}");
    let old = find("table-2024-01-nkvo.md", 1);
    assert!(old.contains("Llama-2-7b"), "{old}");
}
