//! Several requests at once: the program against what was measured.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll::estimate::calibration::{Measurement, Test, measurements};
use plimsoll::estimate::rig::{Device, Host, Rig};
use plimsoll::estimate::scenario::{CacheType, Engine};
use plimsoll::estimate::{Estimator, FitClass, Scenario, pace, prompt, together};
use plimsoll::machine::Os;
use plimsoll::machine::table::{Record, Table};
use plimsoll::model::Catalog;
use plimsoll::units::{Bytes, GIB};

/// As many of a device as worked, with room for everything.
fn rig(row: &Measurement, engine: Engine) -> Option<Rig> {
    let record = Table::embedded().records().iter().find(|record| record.name == row.gpu)?;
    // Of a card with two chips each is a device.
    let device = Device { bandwidth_gbs: row.gbs, ..device(record) };
    let count = if engine == Engine::LlamaCpp { 1 } else { row.gpus as usize };
    Some(of(&device, count))
}

fn of(device: &Device, count: usize) -> Rig {
    let host = Host { capacity: Bytes(64 * GIB), free: Bytes(64 * GIB), ..Host::default() };
    Rig { devices: vec![device.clone(); count], host, os: Os::Linux, unused: Vec::new(), own: None }
}

/// A device of the table, with room for everything.
fn device(record: &Record) -> Device {
    Device {
        name: record.name.clone(),
        vendor: record.vendor,
        architecture: Some(record.architecture.clone()),
        compute_units: record.sm_or_cu,
        capacity: Bytes(2048 * GIB),
        free: Bytes(2048 * GIB),
        free_is_known: true,
        bandwidth_gbs: record.memory_bandwidth_gbs,
        fp16_tflops: pace::table_tflops(record),
        prompt_tflops: prompt::table_tflops(record),
        link_gbs: prompt::record_link_gbs(record),
        peer_gbs: together::record_peer_gbs(record),
        stacked_memory: pace::is_stacked(record),
        unified: record.unified_memory,
        ..Device::default()
    }
}

/// Measured over predicted rate of all requests together, prompts included.
fn ratio(row: &Measurement) -> Option<f64> {
    let engine = match row.engine.as_str() {
        "vllm" => Engine::Vllm,
        "tensorrt-llm" => Engine::TensorRtLlm,
        // Layers that several cards share are none of llama.cpp's placements here.
        "llama.cpp" if row.gpus == 1 => Engine::LlamaCpp,
        _ => return None,
    };
    let (prompt, output, requests) = (row.prompt?, row.output?, row.requests?);
    let mut scenario = Scenario {
        engine,
        concurrency: requests,
        parallel: requests,
        prompt_tokens: prompt,
        output_tokens: output,
        depth: prompt + output / 2,
        context: (prompt + output) * requests,
        ..Scenario::default()
    };
    if row.cache == "fp8" {
        (scenario.cache_k, scenario.cache_v) = (CacheType::Fp8, CacheType::Fp8);
    }
    let is_published = engine != Engine::LlamaCpp && row.level == "BF16";
    let level = if is_published { "NATIVE" } else { &row.level }.parse().ok()?;
    let catalog = Catalog::embedded();
    let model = catalog.get(catalog.find(&row.model).ok()?);
    let plan = Estimator::embedded().plan(model, level, &scenario, &rig(row, engine)?).ok()?;
    Some(row.tokens_per_s / plan.speed.output?.p50)
}

#[test]
fn several_requests_are_as_fast_as_measured() {
    let mut errors: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    let rows = measurements().iter().filter(|row| {
        row.test == Test::Decode && row.requests.is_some_and(|requests| requests > 1) && row.skip.is_empty()
    });
    for row in rows {
        if let Some(ratio) = ratio(row) {
            let error = (1.0 / ratio - 1.0).abs();
            errors.entry(row.engine.as_str()).or_default().push(error);
            errors.entry("all").or_default().push(error);
        }
    }
    for (engine, errors) in &mut errors {
        errors.sort_by(f64::total_cmp);
        let median = errors[errors.len() / 2];
        println!("{engine}: {} rows, median error {:.1} %", errors.len(), 100.0 * median);
        // llama.cpp has six rows that say how many requests its server took at once.
        let most = if *engine == "llama.cpp" { 0.16 } else { 0.13 };
        assert!(median < most, "{engine}: {median}");
    }
    assert!(errors["all"].len() > 380, "{}", errors["all"].len());
}

/// What a fitted form may take from a rate: two requests that share next to nothing (experts of a model that is read
/// by computing, on a card without matrix units) come out 1.5 % below one.
const FORM: f64 = 0.02;

/// A server takes another card once that is worth 5 %: each request may then be faster by as much.
const ANOTHER_CARD: f64 = 0.05;

/// Each engine can run requests one after another, and a step of several does all that a step of one does: with more
/// requests their rate together never falls, with their prompts or without, and none is faster for having company. No
/// published measurement of an engine that the program answers for says otherwise. One device of each architecture.
#[test]
fn requests_share_a_step_and_none_is_faster_for_it() {
    const REQUESTS: [u32; 11] = [1, 2, 3, 4, 6, 8, 9, 16, 24, 64, 128];
    // Depth, prompt and answer, tokens: a chat, a long one, and a contract to be read.
    const WORKS: [(u32, u32, u32); 3] = [(512, 256, 512), (16_384, 1_024, 512), (9_000, 8_800, 300)];
    let catalog = Catalog::embedded();
    let models = [
        "Qwen/Qwen3-0.6B",
        "meta-llama/Llama-3.2-3B-Instruct",
        "Qwen/Qwen3-8B",
        "google/gemma-3-27b-it",
        "Qwen/Qwen3-30B-A3B",
        "openai/gpt-oss-20b",
        "deepseek-ai/DeepSeek-V3",
    ];
    let mut architectures = BTreeSet::new();
    let mut answers = 0;
    for record in Table::embedded().records() {
        if !architectures.insert((&record.architecture, record.unified_memory, pace::is_stacked(record))) {
            continue;
        }
        let device = device(record);
        for (engine, cards) in [
            (Engine::LlamaCpp, 1),
            (Engine::Vllm, 1),
            (Engine::Vllm, 2),
            (Engine::Sglang, 1),
            (Engine::TensorRtLlm, 1),
        ] {
            let rig = of(&device, cards);
            let level = if engine == Engine::LlamaCpp { "Q5_K_M" } else { "NATIVE" }.parse().unwrap();
            for (name, work) in models.iter().flat_map(|name| WORKS.map(|work| (name, work))) {
                let (depth, prompt_tokens, output_tokens) = work;
                let model = catalog.get(catalog.find(name).unwrap());
                let mut before: Option<(u32, [Option<f64>; 2], Option<u32>)> = None;
                for requests in REQUESTS {
                    let scenario = Scenario {
                        engine,
                        concurrency: requests,
                        parallel: requests,
                        depth,
                        prompt_tokens,
                        output_tokens,
                        context: (depth + 512) * requests,
                        ..Scenario::default()
                    };
                    let plan = Estimator::embedded().plan(model, level, &scenario, &rig);
                    // Where the caches of more requests push weights out of the device, the rate may well fall.
                    let Some(plan) = plan.ok().filter(|plan| plan.fit.class <= FitClass::Tight) else {
                        continue;
                    };
                    let rates = [plan.speed.decode, plan.speed.output].map(|rate| rate.map(|rate| rate.p50));
                    let tensor = plan.serving.as_ref().map(|serving| serving.tensor);
                    if let Some((fewer, known, cards_before)) = before {
                        for (what, (rate, total)) in
                            ["decode", "with prompts"].into_iter().zip(rates.into_iter().zip(known))
                        {
                            let Some((rate, total)) = rate.zip(total) else { continue };
                            let told = || {
                                let (engine, card) = (engine.title(), &record.name);
                                format!(
                                    "{name}, {work:?}, {what}, in {engine} on {cards} × {card}: {fewer} {total}, {requests} {rate}"
                                )
                            };
                            let change = rate / total;
                            assert!(change > 1.0 - FORM, "{}", told());
                            // Prompts gain more from another card than the steps for which it is taken.
                            if what == "decode" || tensor == cards_before {
                                let shared = f64::from(requests) / f64::from(fewer);
                                assert!(change < shared * (1.0 + ANOTHER_CARD), "{}", told());
                            }
                            answers += 1;
                        }
                    }
                    before = Some((requests, rates, tensor));
                }
            }
        }
    }
    println!("{answers} answers");
    assert!(answers > 6000, "{answers}");
}
