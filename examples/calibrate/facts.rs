//! What is known of devices, engines and models, in the words of the coefficient file.

use std::collections::HashMap;
use std::sync::LazyLock;

use plimsoll::estimate::calibration::{Facts, Flag, Kind, Measurement, Term};
use plimsoll::estimate::format_group::FormatGroup;
use plimsoll::estimate::scenario::CacheType;
use plimsoll::estimate::work::is_recurrent;
use plimsoll::estimate::{pace, prompt};
use plimsoll::machine::table::Record;
use plimsoll::machine::table::Table;
use plimsoll::model::{Catalog, Model, ModelId};
use plimsoll::quant::Level;

use super::fit::TERMS;

/// Of a device.
#[derive(Clone, Copy, Debug)]
pub struct DeviceFacts {
    /// Who made it.
    pub vendor: &'static str,
    /// Its architecture.
    pub architecture: &'static str,
}

fn record(gpu: &str) -> Option<&'static Record> {
    Table::embedded().records().iter().find(|record| record.name == gpu)
}

/// Of the device `gpu`.
pub fn device_facts(gpu: &str) -> DeviceFacts {
    static ALL: LazyLock<HashMap<&'static str, DeviceFacts>> = LazyLock::new(|| {
        let facts = |record: &'static Record| DeviceFacts {
            vendor: pace::vendor_name(record.vendor),
            architecture: pace::architecture_name(
                &record.architecture,
                record.unified_memory,
                pace::is_stacked(record),
            )
            .leak(),
        };
        Table::embedded().records().iter().map(|record| (record.name.as_str(), facts(record))).collect()
    });
    ALL.get(gpu).copied().unwrap_or(DeviceFacts { vendor: "", architecture: "" })
}

/// Peak matrix rate, TFLOPS.
pub fn peak(gpu: &str, gbs: Option<f64>) -> f64 {
    pace::peak_tflops(record(gpu).and_then(pace::table_tflops), gbs.unwrap_or(0.0))
}

/// The class of an engine.
pub fn engine_class(engine: &str) -> &'static str {
    match engine {
        "vllm" | "tensorrt-llm" | "sglang" | "exllamav3" => "vllm",
        "mlx" => "mlx",
        _ => "llama.cpp",
    }
}

/// A model's family: the base of its fine-tunes.
pub fn family(catalog: &'static Catalog, id: ModelId) -> &'static str {
    &catalog.get(catalog.bases()[catalog.base_of(id)].id).id
}

/// The name of the format of most weights.
pub fn format_name(level: Level, model: &Model) -> &'static str {
    FormatGroup::of(level, model).name()
}

/// Whether a build is from before kernels of a step were started together (CUDA graphs).
pub fn is_old(row: &Measurement) -> bool {
    row.backend == "cuda" && row.date.as_str() < "2024-09"
}

/// Highest rate at 16 bits, TFLOPS.
pub fn prompt_peak(gpu: &str, gbs: Option<f64>) -> f64 {
    prompt::peak_tflops(record(gpu).and_then(prompt::table_tflops), gbs.unwrap_or(0.0))
}

/// Rate of the link to main memory, GB/s.
pub fn link(gpu: &str) -> f64 {
    record(gpu).and_then(prompt::record_link_gbs).unwrap_or(prompt::USUAL_LINK_GBS)
}

/// Whether kernels for prompts were rewritten since: llama.cpp's for CUDA in August 2024, for AMD in
/// September 2025.
pub fn has_old_kernels(row: &Measurement, vendor: &str) -> bool {
    match vendor {
        "nvidia" => row.date.as_str() < "2024-09",
        "amd" => row.date.as_str() < "2025-10",
        _ => false,
    }
}

/// Types of the caches of a measurement.
pub fn cache_types(row: &Measurement) -> (CacheType, CacheType) {
    let known =
        CacheType::LLAMA_CPP.into_iter().chain([CacheType::Fp8]).find(|known| known.name() == row.cache);
    let both = known.unwrap_or(CacheType::F16);
    (both, both)
}

/// Seconds by term; those that are not named are none.
pub fn seconds(of: &[(Term, f64)]) -> [f64; TERMS] {
    let mut seconds = [0.0; TERMS];
    for (term, value) in of {
        seconds[*term as usize] = *value;
    }
    seconds
}

/// What holds of a decode measurement on a device.
pub fn facts_of(
    row: &'static Measurement,
    model: &'static Model,
    family: &'static str,
    level: Level,
) -> Facts<'static> {
    let flags = [
        (model.is_moe(), Flag::Moe),
        (is_recurrent(model), Flag::Recurrent),
        (model.attention.mla.is_some(), Flag::Latent),
        (row.flash == "off", Flag::NoFlash),
        (is_old(row), Flag::OldBuild),
        (row.kind == Kind::Served, Flag::Served),
        (row.engine == "ollama", Flag::Ollama),
        (pace::cache_flag(cache_types(row)) == Some(Flag::CacheEight), Flag::CacheEight),
        (pace::cache_flag(cache_types(row)) == Some(Flag::CacheFew), Flag::CacheFew),
    ];
    let device = device_facts(&row.gpu);
    Facts {
        vendor: device.vendor,
        backend: &row.backend,
        engine: engine_class(&row.engine),
        architecture: device.architecture,
        device: &row.gpu,
        family,
        model_architecture: &model.arch,
        format: format_name(level, model),
        flags: flags.into_iter().filter(|(holds, _)| *holds).map(|(_, flag)| flag).collect(),
        ..Facts::default()
    }
}
