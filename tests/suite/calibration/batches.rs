//! Several requests at once: the program against what was measured.

use std::collections::BTreeMap;

use plimsoll::estimate::calibration::{Measurement, Test, measurements};
use plimsoll::estimate::rig::{Device, Host, Rig};
use plimsoll::estimate::scenario::{CacheType, Engine};
use plimsoll::estimate::{Estimator, Scenario, pace, prompt, together};
use plimsoll::machine::Os;
use plimsoll::machine::table::Table;
use plimsoll::model::Catalog;
use plimsoll::units::{Bytes, GIB};

/// As many of a device as worked, with room for everything.
fn rig(row: &Measurement, engine: Engine) -> Option<Rig> {
    let record = Table::embedded().records().iter().find(|record| record.name == row.gpu)?;
    let device = Device {
        name: record.name.clone(),
        vendor: record.vendor,
        architecture: Some(record.architecture.clone()),
        compute_units: record.sm_or_cu,
        capacity: Bytes(256 * GIB),
        free: Bytes(256 * GIB),
        free_is_known: true,
        // Of a card with two chips each is a device.
        bandwidth_gbs: row.gbs,
        fp16_tflops: pace::table_tflops(record),
        prompt_tflops: prompt::table_tflops(record),
        link_gbs: prompt::record_link_gbs(record),
        peer_gbs: together::record_peer_gbs(record),
        stacked_memory: pace::is_stacked(record),
        unified: record.unified_memory,
        ..Device::default()
    };
    let count = if engine == Engine::LlamaCpp { 1 } else { row.gpus as usize };
    let host = Host { capacity: Bytes(64 * GIB), free: Bytes(64 * GIB), ..Host::default() };
    Some(Rig { devices: vec![device; count], host, os: Os::Linux, unused: Vec::new(), own: None })
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
        assert!(median < 0.13, "{engine}: {median}");
    }
    assert!(errors["all"].len() > 380, "{}", errors["all"].len());
}
