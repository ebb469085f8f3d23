//! Configurations of the hub: each gives the parameters of the catalog to the last one.

use serde_json::{Value, json};

use plimsoll::files::FaultKind;
use plimsoll::files::config::{self, kinds};
use plimsoll::model::{Catalog, Model};
use plimsoll::quant::Level;

/// Written by the transformers library; see `tests/data/configs/make.py`.
const CONFIGS: &str = include_str!("../../data/configs/configs.jsonl");

struct Line {
    catalog: String,
    config: Value,
}

fn lines() -> Vec<Line> {
    // Through the reader: the library writes numbers that JSON does not have.
    let read = |line: &str| {
        let mut value = config::parse(line.as_bytes()).unwrap();
        Line { catalog: value["catalog"].as_str().unwrap().to_owned(), config: value["config"].take() }
    };
    CONFIGS.lines().map(read).collect()
}

fn known(name: &str) -> &'static Model {
    Catalog::embedded().get(Catalog::embedded().find(name).unwrap())
}

fn describe(config: &Value) -> Model {
    config::describe(config, "config.json").unwrap().model
}

/// What of a record the estimates rest on.
fn grounds(model: &Model) -> Vec<(String, String)> {
    let blocks = |of: &dyn Fn(u32) -> String| (0..model.n_layer).map(of).collect::<Vec<_>>().join(" ");
    let value = serde_json::to_value(model).unwrap();
    let mut grounds: Vec<(String, String)> = [
        "arch",
        "n_layer",
        "n_embd",
        "n_head_kv",
        "head_dim_k",
        "head_dim_v",
        "n_vocab",
        "tied_embeddings",
        "norm",
        "qk_norm",
        "attn_bias",
        "ffn_bias",
        "ffn_gated",
        "lm_head_bias",
        "moe",
        "params_breakdown",
        "params_text",
        "params_active",
        "params_read",
    ]
    .iter()
    .map(|field| ((*field).to_owned(), value[*field].to_string()))
    .collect();
    let attention = &value["attention"];
    for field in ["sliding_window", "full", "swa", "mla", "out_gate", "sinks", "kv_shared_layers"] {
        let own = attention[field].to_string();
        // No block shares a cache, said or not said.
        grounds.push((field.to_owned(), if own == "0" { "null".to_owned() } else { own }));
    }
    grounds.push(("mixer".to_owned(), blocks(&|block| format!("{:?}", model.mixer(block)))));
    grounds.push(("ffn".to_owned(), blocks(&|block| format!("{:?}", model.ffn(block)))));
    grounds.push(("n_head".to_owned(), blocks(&|block| model.n_head.at(block).to_string())));
    grounds
}

#[test]
fn every_configuration_gives_the_numbers_of_the_catalog() {
    let mut wrong = Vec::new();
    let mut types: Vec<String> = Vec::new();
    let lines = lines();
    for line in &lines {
        let known = known(&line.catalog);
        let model_type = line.config["model_type"].as_str().unwrap();
        match config::describe(&line.config, "config.json") {
            Err(fault) => wrong.push(format!("{model_type}, {}: {fault}", line.catalog)),
            Ok(described) => {
                for ((field, own), (_, wanted)) in grounds(&described.model).into_iter().zip(grounds(known)) {
                    // Encoders and converters' heads; a record may leave out what nothing reads.
                    if own != wanted {
                        wrong.push(format!("{model_type}, {}: {field} is {own}, not {wanted}", line.catalog));
                    }
                }
            }
        }
        types.push(model_type.to_owned());
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), lines.len(), wrong.join("\n"));
    types.sort();
    types.dedup();
    assert!(types.len() >= 60, "{}", types.len());
}

#[test]
fn every_type_that_is_known_says_what_is_missing() {
    for name in kinds::all().keys() {
        let fault = config::describe(&json!({"model_type": name}), "config.json").unwrap_err();
        assert_eq!(fault.kind, FaultKind::Invalid, "{name}: {fault}");
        assert!(fault.to_string().ends_with("is missing"), "{name}: {fault}");
    }
}

#[test]
fn wrong_fields_are_named() {
    let sound = &lines()[0].config;
    let says = |field: &str, value: Value| {
        let mut config = sound.clone();
        config[field] = value;
        config::describe(&config, "config.json").unwrap_err().to_string()
    };
    assert_eq!(
        says("num_hidden_layers", json!("32")),
        "\"num_hidden_layers\": must be a whole number from 0 to 2048, not \"32\""
    );
    assert_eq!(
        says("num_hidden_layers", json!(-1)),
        "\"num_hidden_layers\": must be a whole number from 0 to 2048, not -1"
    );
    assert_eq!(
        says("num_hidden_layers", json!(1e300)),
        "\"num_hidden_layers\": must be a whole number from 0 to 2048, not 1e+300"
    );
    assert_eq!(says("num_hidden_layers", json!(0)), "\"num_hidden_layers\": is 0");
    assert_eq!(
        says("hidden_size", json!([1])),
        "\"hidden_size\": must be a whole number from 0 to 131072, not a list"
    );
    assert_eq!(says("vocab_size", json!(null)), "\"vocab_size\": is missing");
    assert_eq!(
        says("tie_word_embeddings", json!("yes")),
        "\"tie_word_embeddings\": must be true or false, not \"yes\""
    );
    assert_eq!(
        says("layer_types", json!(["full_attention"])),
        "\"layer_types\": must be a list of 32 texts, not a list"
    );
    assert!(
        says("model_type", json!("brand_new"))
            .contains("the model_type \"brand_new\" is not known to this version")
    );
    assert_eq!(says("text_config", json!(3)), "\"text_config\": must be an object");
}

#[test]
fn texts_that_are_no_configuration_are_told() {
    let says = |text: &str| config::parse(text.as_bytes()).unwrap_err().to_string();
    assert!(says("").starts_with("line 1, column 0: is no JSON"));
    assert!(says("{\"a\": }").starts_with("line 1, column 7: is no JSON"));
    assert_eq!(says("[1, 2]"), "is JSON, but no object, so no configuration");
    let odd = config::parse(br#"{"a": NaN, "b": [0.0, -Infinity], "c": "NaN \" Infinity"}"#).unwrap();
    assert_eq!(odd, json!({"a": null, "b": [0.0, null], "c": "NaN \" Infinity"}));
    assert!(says("version https://git-lfs.github.com/spec/v1").contains("a Git LFS pointer"));
    // Nesting that would exhaust a stack.
    assert!(says(&"[".repeat(100_000)).contains("recursion limit exceeded"));
    assert!(
        says(&format!("{}1{}", "{\"a\":".repeat(10_000), "}".repeat(10_000))).contains("recursion limit")
    );
}

#[test]
fn nothing_absurd_gets_through() {
    let sound = &lines()[0].config;
    for field in [
        "num_hidden_layers",
        "hidden_size",
        "num_attention_heads",
        "intermediate_size",
        "vocab_size",
        "head_dim",
    ] {
        for value in [json!(u64::MAX), json!(u32::MAX), json!(1.5), json!(-0.5), json!({}), json!("")] {
            let mut config = sound.clone();
            config[field] = value.clone();
            assert!(config::describe(&config, "config.json").is_err(), "{field} = {value}");
        }
    }
    // The largest of everything is counted without an overflow.
    let largest = json!({
        "model_type": "qwen3_moe", "num_hidden_layers": 2048, "hidden_size": 131_072, "num_attention_heads": 4096,
        "num_key_value_heads": 4096, "head_dim": 8192, "intermediate_size": 262_144, "vocab_size": 1 << 24,
        "num_experts": 8192, "num_experts_per_tok": 8192, "moe_intermediate_size": 262_144,
    });
    let fault = config::describe(&largest, "config.json");
    assert!(
        fault.is_ok_and(|described| described.model.check().is_err())
            || config::describe(&largest, "x").is_err()
    );
}

#[test]
fn quantizations_are_read() {
    let level =
        |config: Value| config::quantized(&config).unwrap().map(|quantized| quantized.level.to_string());
    let of = |quantization: Value| level(json!({"quantization_config": quantization}));
    let is = |name: &str| Some(name.to_owned());
    assert_eq!(level(json!({})), None);
    assert_eq!(
        of(json!({"quant_method": "gptq", "bits": 4, "group_size": 128, "desc_act": false})),
        is("GPTQ-4bit-g128")
    );
    assert_eq!(of(json!({"quant_method": "gptq", "bits": 8, "group_size": -1})), is("GPTQ-8bit-g128"));
    assert_eq!(
        of(json!({"quant_method": "awq", "bits": 4, "group_size": 64, "version": "gemm"})),
        is("AWQ-4bit-g64")
    );
    assert_eq!(of(json!({"quant_method": "fp8", "weight_block_size": [128, 128]})), is("FP8"));
    assert_eq!(of(json!({"quant_method": "mxfp4"})), is("MXFP4"));
    assert_eq!(of(json!({"quant_method": "bitsandbytes", "load_in_4bit": true})), is("NF4"));
    assert_eq!(of(json!({"quant_method": "bitsandbytes", "load_in_8bit": true})), is("INT8"));
    assert_eq!(of(json!({"quant_method": "modelopt", "quant_algo": "NVFP4"})), is("NVFP4"));
    assert_eq!(of(json!({"quant_method": "exl2", "bits": 4.25})), is("EXL2-4.25"));
    assert_eq!(of(json!({"quant_method": "exl3", "bits": 3.0})), is("EXL3-3.0"));
    let compressed = |format: &str, weights: Value| {
        of(
            json!({"quant_method": "compressed-tensors", "format": format, "config_groups": {"group_0": {"weights": weights}}}),
        )
    };
    assert_eq!(
        compressed("pack-quantized", json!({"num_bits": 4, "type": "int", "group_size": 32})),
        is("GPTQ-4bit-g32")
    );
    assert_eq!(compressed("float-quantized", json!({"num_bits": 8, "type": "float"})), is("FP8"));
    assert_eq!(compressed("int-quantized", json!({"num_bits": 8, "type": "int"})), is("INT8"));
    assert_eq!(
        compressed("nvfp4-pack-quantized", json!({"num_bits": 4, "type": "float", "group_size": 16})),
        is("NVFP4")
    );
    assert_eq!(level(json!({"quantization": {"group_size": 64, "bits": 4}})), is("MLX-4bit-g64"));
    let unknown = config::quantized(&json!({"quantization_config": {"quant_method": "magic"}})).unwrap_err();
    assert_eq!(unknown.kind, FaultKind::Unsupported);
    assert!(unknown.to_string().contains("the quantization method \"magic\" is not known"));
    assert!(Level::Nf4.nominal_bits() > 4.0);
}

#[test]
fn a_tower_is_told_apart() {
    let vl = lines().into_iter().find(|line| line.config["model_type"] == "qwen3_vl").unwrap();
    let model = describe(&vl.config);
    assert!(model.modality.vision);
    assert_eq!(model.params_total, model.params_text, "the tower is not counted");
}
