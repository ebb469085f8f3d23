//! Values at their bounds: nothing panics, and every number of an answer is one.

use serde_json::{Value, json};

use super::answers;

/// Models of every kind of cache and feed-forward network.
const MODELS: [&str; 9] = [
    "Qwen/Qwen3-0.6B",
    "Qwen/Qwen3-235B-A22B",
    "deepseek-ai/DeepSeek-V3",
    "google/gemma-3-27b-it",
    "google/gemma-3n-E4B-it",
    "Qwen/Qwen3-Next-80B-A3B-Instruct",
    "openai/gpt-oss-20b",
    "state-spaces/mamba-2.8b-hf",
    "Qwen/Qwen3-Embedding-0.6B",
];

fn machines() -> Vec<Value> {
    vec![
        json!({"gpus": [], "ram_gib": 0.001}),
        json!({"gpus": [], "ram_gib": 1_048_576, "ram_bandwidth_gbs": 1_000_000}),
        json!({"gpus": [{"name": "RTX 4090", "vram_gib": 0.001, "free_gib": 0}], "ram_gib": 64}),
        json!({"gpus": [{"name": "RTX 4090", "count": 64}], "ram_gib": 1, "ram_free_gib": 0}),
        json!({"gpus": [{"name": "X", "vram_gib": 1_048_576, "bandwidth_gbs": 0.001}], "ram_gib": 64}),
        json!({"gpus": [{"name": "X", "vram_gib": 16, "bandwidth_gbs": 1_000_000}], "ram_gib": 64}),
        json!({"gpus": [{"name": "Apple M4 Max"}], "ram_gib": 0.5}),
        json!({"gpus": [{"name": "Radeon 780M"}, {"name": "RTX 4090"}], "ram_gib": 32, "os": "windows"}),
    ]
}

fn settings() -> Vec<Value> {
    vec![
        json!({}),
        json!({"context": 1, "ubatch": 1, "batch": 1, "prompt_tokens": 0, "output_tokens": 0}),
        json!({"context": 1_073_741_824, "kv_type": "f32", "ubatch": 1_048_576, "batch": 1_048_576,
               "output_rows": "bench"}),
        json!({"parallel": 65536, "unified_kv": false, "concurrency": 65536, "depth": 1_073_741_824,
               "prompt_tokens": 1_073_741_824, "output_tokens": 1_073_741_824, "swa_full": true}),
        json!({"placement": {"gpu_layers": 1_048_576, "cpu_moe_layers": 1_048_576}, "mtp": true}),
        json!({"placement": {"gpu_layers": 1, "tensor_split": [0, 0, 1e9, 1e-9]}, "flash_attention": false}),
        json!({"placement": {"gpu_layers": 0}, "backend": "metal", "quant": "IQ1_S", "imatrix": false}),
        json!({"quant": "F32", "engine": "ollama", "backend": "cpu", "kv_type": {"k": "q4_0", "v": "f16"}}),
    ]
}

#[test]
fn values_at_their_bounds_are_answered() {
    let mut input = String::new();
    for model in MODELS {
        for machine in machines() {
            for setting in settings() {
                let mut query = setting;
                query["model"] = json!(model);
                query["machine"] = machine.clone();
                input.push_str(&query.to_string());
                input.push('\n');
            }
        }
    }
    let answers = answers(&input);
    assert_eq!(answers.len(), MODELS.len() * machines().len() * settings().len());
    for answer in &answers {
        assert_eq!(answer["ok"], true, "{answer}");
        // A number that is none would have become null.
        for range in ["decode_tps", "output_tps", "prefill_tps", "ttft_s"] {
            let Some(range) = answer["speed"][range].as_object() else { continue };
            let ends = ["p10", "p50", "p90"].map(|end| range[end].as_f64().unwrap());
            assert!(ends.is_sorted() && ends[0] >= 0.0, "{range:?}");
        }
        let kept = &answer["quality"]["retained"];
        for end in ["low", "high"] {
            assert!((0.0..=1.0).contains(&kept[end].as_f64().unwrap()), "{kept}");
        }
        let total = |parts: &Value| parts["total"].as_u64().unwrap();
        let devices = answer["memory"]["devices"].as_array().unwrap();
        let sum = devices.iter().map(total).fold(total(&answer["memory"]["host"]), u64::saturating_add);
        assert_eq!(total(&answer["memory"]), sum);
    }
}
