//! A device that no fit has seen under this engine: an H100 with llama.cpp, measured for this purpose.
//!
//! `tests/data/h100_llama_cpp.jsonl` holds rates of llama.cpp b7347 (CUDA 13.0, flash attention) on one H100 SXM5 80 GB
//! with 16 cores of a Xeon of the same generation whose memory was read at 89 GB/s, on 2026-11-26. The weights were
//! random: rates do not depend on them. Nothing is fitted to these rows.

use plimsoll::cli::session::Session;
use serde_json::{Value, json};

const ROWS: &str = include_str!("../../data/h100_llama_cpp.jsonl");

fn query(row: &Value) -> Value {
    let requests = row["requests"].as_u64().unwrap_or(1);
    let is_prompt = row["test"] == "prefill";
    // Generated tokens deepen the cache while they are measured.
    let depth = row["depth"].as_u64().unwrap() + if is_prompt { 0 } else { 32 };
    let gpus = if row["where"] == "cpu" { json!([]) } else { json!([{ "name": "NVIDIA H100 80GB HBM3" }]) };
    let mut query = json!({
        "model": row["model"], "quant": row["quant"], "output_rows": "bench",
        "machine": {
            "gpus": gpus, "cpu": "Intel Xeon Platinum 8480+", "cores": 16, "threads": 16, "ram_gib": 126,
            "ram_bandwidth_gbs": 89.0, "os": "linux",
        },
        "concurrency": requests, "parallel": requests, "depth": depth, "context": (depth + 4096) * requests,
        "prompt_tokens": row["prompt"].as_u64().unwrap_or(512),
    });
    if row["where"] == "half" {
        query["placement"] = json!({ "gpu_layers": row["gpu_layers"] });
    } else if row["where"] == "experts in RAM" {
        query["placement"] = json!({ "gpu_layers": 999, "cpu_moe_layers": row["cpu_moe_layers"] });
    }
    query
}

#[test]
fn an_engine_that_was_not_measured_on_a_device_makes_its_range_wide() {
    let rows: Vec<Value> = ROWS.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let text = rows.iter().map(|row| query(row).to_string()).collect::<Vec<_>>().join("\n");
    let mut output = Vec::new();
    Session::new(&|| unreachable!("each query names its machine"))
        .stream(text.as_bytes(), &mut output)
        .unwrap();
    let answers = String::from_utf8(output).unwrap();
    let (mut inside, mut counted) = (0, 0);
    for (row, answer) in rows.iter().zip(answers.lines()) {
        let answer: Value = serde_json::from_str(answer).unwrap();
        assert_eq!(answer["ok"], true, "{answer}");
        let speed = &answer["speed"];
        let rate = &speed[if row["test"] == "prefill" { "prefill_tps" } else { "decode_tps" }];
        let measured = row["tokens_per_s"].as_f64().unwrap();
        let [low, mid, high] = ["p10", "p50", "p90"].map(|at| rate[at].as_f64().unwrap());
        println!(
            "{} {} {} {} depth {} ×{}: {measured:.0}, predicted {mid:.0} ({low:.0} to {high:.0}), {:+.0} %",
            row["model"],
            row["quant"],
            row["where"],
            row["test"],
            row["depth"],
            row["requests"].as_u64().unwrap_or(1),
            100.0 * (mid / measured - 1.0),
        );
        if row["where"] == "gpu" && row["requests"].is_null() {
            // vLLM was measured there, which says little of llama.cpp.
            assert_eq!(speed["evidence"]["class"], "vendor", "{row}");
            counted += 1;
            inside += usize::from((low..=high).contains(&measured));
        }
        if row["where"] == "cpu" {
            assert!((low..=high).contains(&measured), "{row}: {rate}");
        }
    }
    println!("{inside} of {counted} on the GPU are inside their range");
    assert!(2 * inside > counted, "{inside} of {counted}");
}
