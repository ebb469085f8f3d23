//! Which engine reads which quantization, on which GPU, with which cache.

use crate::estimate::plan::Unsupported;
use crate::estimate::rig::Rig;
use crate::estimate::scenario::{CacheType, Engine, Scenario};
use crate::language::tr;
use crate::machine::Vendor;
use crate::model::Model;
use crate::quant::{Level, mix};

use super::rules::{self, Format, Reads};

/// The levels of `engine` in matrix and ladder: the widespread ones, small to large, as published last.
pub fn ladder(engine: Engine) -> &'static [Level] {
    &rules::of(engine).ladder
}

/// Every level that `engine` reads: llama.cpp's file types, or its [`ladder`] and what else has a fixed name.
pub fn levels(engine: Engine) -> Vec<Level> {
    if engine.is_ggml() {
        return Level::ALL_GGUF.iter().copied().chain([Level::Native]).collect();
    }
    let mut levels = ladder(engine).to_vec();
    levels.extend(Level::OTHERS.iter().filter(|level| entry(engine, **level).is_some()));
    levels.sort_by(|a, b| {
        let published_last = |level: Level| level == Level::Native;
        (published_last(*a).cmp(&published_last(*b)))
            .then(a.nominal_bits().total_cmp(&b.nominal_bits()))
            .then(a.cmp(b))
    });
    levels.dedup();
    levels
}

/// Whether `engine` reads files of `level`, on some GPU.
pub fn reads(engine: Engine, level: Level) -> bool {
    entry(engine, level).is_some()
}

/// What `engine` runs in place of `level`: the same where it reads that, else the most usual level of the
/// same bit width, else the one with the nearest number of bits.
pub fn counterpart(engine: Engine, level: Level) -> Level {
    if reads(engine, level) {
        return level;
    }
    let usual = &rules::of(engine).usual;
    // BF16 and F16 are what most models are published in.
    let width = |level: Level| match level.bit_group() {
        0 | 16 | 32 => 16,
        bits => bits,
    };
    let same = usual.iter().copied().find(|candidate| width(*candidate) == width(level));
    let far = |candidate: &Level| (candidate.nominal_bits() - level.nominal_bits()).abs();
    same.or_else(|| ladder(engine).iter().copied().min_by(|a, b| far(a).total_cmp(&far(b)))).unwrap_or(level)
}

/// Types of the cache that `engine` offers.
pub fn cache_types(engine: Engine) -> &'static [CacheType] {
    &rules::of(engine).cache_types
}

/// The type that `engine` offers in place of `cache`: the same, else the one nearest in size, 16-bit floats
/// before others.
pub fn nearest_cache(engine: Engine, cache: CacheType) -> CacheType {
    let types = cache_types(engine);
    if types.contains(&cache) {
        return cache;
    }
    let far = |known: &&CacheType| (known.bytes_per_value() - cache.bytes_per_value()).abs();
    types.iter().min_by(|a, b| far(a).total_cmp(&far(b))).copied().unwrap_or_default()
}

fn entry(engine: Engine, level: Level) -> Option<&'static Reads> {
    rules::of(engine).reads.iter().find(|reads| reads.format == Format::of(level))
}

/// Holds what is asked of an engine other than llama.cpp against what it can do; answers with what has to
/// be installed besides, where something has.
///
/// # Errors
/// What it cannot do and what it can.
pub fn check(
    model: &Model,
    level: Level,
    scenario: &Scenario,
    rig: &Rig,
) -> Result<Option<&'static str>, Unsupported> {
    let engine = scenario.engine;
    let unsupported = |reason: String| Err(Unsupported { reason });
    let Some(reads) = entry(engine, level) else {
        return unsupported(not_read(engine, level));
    };
    let title = engine.title();
    let Some(device) = rig.devices.first() else {
        return unsupported(tr!(
            "{title} needs a GPU; llama.cpp and Ollama also run on the processor",
            title
        ));
    };
    if !reads.vendors.is_empty() && !reads.vendors.contains(&device.vendor) {
        return unsupported(match engine {
            Engine::Mlx => tr!("MLX is answered for Apple silicon only").to_owned(),
            _ => tr!(
                "{title} does not run {level} on {vendor} GPUs",
                title,
                level,
                vendor = maker(device.vendor)
            ),
        });
    }
    let architecture = device.architecture.as_deref().unwrap_or_default();
    let too_old = reads.not_on.iter().any(|old| old == architecture);
    let other = !reads.only_on.is_empty() && !reads.only_on.iter().any(|known| known == architecture);
    if too_old || other {
        return unsupported(tr!(
            "{title} does not run {level} on a GPU of the {architecture} generation",
            title,
            level,
            architecture
        ));
    }
    if engine == Engine::Mlx && level == Level::Native && mix::expands_to_bf16(&model.native_dtype) {
        return unsupported(tr!(
            "mlx-lm does not read checkpoints in {native_dtype}",
            native_dtype = model.native_dtype
        ));
    }
    check_cache(model, scenario)?;
    Ok(reads.needs.as_deref())
}

fn not_read(engine: Engine, level: Level) -> String {
    let refused = rules::of(engine).refuses.iter().find(|refuses| refuses.format == Format::of(level));
    if let Some(refuses) = refused {
        return refuses.reason.clone();
    }
    let names: Vec<String> = ladder(engine).iter().map(Level::to_string).collect();
    tr!(
        "{engine} does not read {level}; it reads {names}",
        engine = engine.title(),
        level,
        names = names.join(", ")
    )
}

fn maker(vendor: Vendor) -> &'static str {
    match vendor {
        Vendor::Nvidia => "NVIDIA",
        Vendor::Amd => "AMD",
        Vendor::Intel => "Intel",
        Vendor::Apple => "Apple",
        Vendor::Qualcomm => "Qualcomm",
        Vendor::Other => tr!("other makers'"),
    }
}

fn check_cache(model: &Model, scenario: &Scenario) -> Result<(), Unsupported> {
    let engine = scenario.engine;
    let unsupported = |reason: String| Err(Unsupported { reason });
    let types = cache_types(engine);
    for asked in [scenario.cache_k, scenario.cache_v] {
        if !types.contains(&asked) {
            let names: Vec<&str> = types.iter().map(|known| known.name()).collect();
            return unsupported(tr!(
                "{engine} has no {name} cache; its types are {names}",
                engine = engine.title(),
                name = asked.name(),
                names = names.join(", ")
            ));
        }
    }
    if scenario.cache_k != scenario.cache_v && engine != Engine::ExLlamaV3 {
        return unsupported(tr!("{engine} caches keys and values in one type", engine = engine.title()));
    }
    let half = |cache: CacheType| cache == CacheType::F16;
    if half(scenario.cache_k) != half(scenario.cache_v) {
        return unsupported(tr!("{engine} quantizes keys and values or neither", engine = engine.title()));
    }
    let quantized = scenario.cache_k != CacheType::F16;
    let windows = (0..model.n_layer)
        .any(|layer| crate::estimate::cache::row(model, layer).is_some_and(|row| row.window.is_some()));
    if engine == Engine::Mlx && quantized && windows {
        return unsupported(tr!("mlx-lm cannot quantize the cache of window layers").to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(name: &str) -> Level {
        name.parse().unwrap()
    }

    #[test]
    fn the_ladder_of_llama_cpp_is_that_of_the_levels() {
        assert_eq!(ladder(Engine::LlamaCpp), Level::LADDER);
        assert_eq!(ladder(Engine::Ollama), Level::LADDER);
    }

    #[test]
    fn ladders_climb_and_end_as_published() {
        for engine in Engine::ALL {
            let ladder = ladder(engine);
            let squeezed = ladder.iter().filter(|level| **level != Level::Native);
            assert!(squeezed.clone().is_sorted_by_key(|level| level.nominal_bits()), "{engine:?}");
            let published = ladder.iter().position(|level| *level == Level::Native);
            assert!(published.is_none_or(|place| place + 1 == ladder.len()), "{engine:?}");
            assert!(ladder.iter().all(|level| reads(engine, *level)), "{engine:?}");
            assert!(ladder.iter().all(|known| levels(engine).contains(known)), "{engine:?}");
        }
    }

    #[test]
    fn an_engine_that_reads_a_level_runs_it() {
        for engine in Engine::ALL {
            for level in levels(engine) {
                assert_eq!(counterpart(engine, level), level);
            }
        }
    }

    #[test]
    fn counterparts_keep_the_bit_width() {
        for (engine, asked, runs) in [
            (Engine::Vllm, "Q4_K_M", "AWQ-4bit-g128"),
            (Engine::Vllm, "Q8_0", "FP8"),
            (Engine::Vllm, "BF16", "NATIVE"),
            (Engine::Vllm, "Q2_K", "NF4"),
            (Engine::Mlx, "Q6_K", "MLX-6bit-g64"),
            (Engine::Mlx, "IQ4_XS", "MLX-4bit-g64"),
            (Engine::ExLlamaV3, "Q3_K_M", "EXL3-3.0"),
            (Engine::ExLlamaV3, "Q4_K_M", "EXL3-4.0"),
            (Engine::TensorRtLlm, "Q4_K_M", "NVFP4"),
            (Engine::LlamaCpp, "AWQ-4bit-g128", "Q4_K_M"),
            (Engine::LlamaCpp, "FP8", "Q8_0"),
            (Engine::LlamaCpp, "EXL3-2.5", "Q2_K"),
        ] {
            assert_eq!(counterpart(engine, level(asked)).to_string(), runs, "{asked} on {engine:?}");
        }
    }

    #[test]
    fn what_is_not_read_is_said_with_what_is() {
        assert!(not_read(Engine::Vllm, level("Q4_K_M")).contains("plugin"));
        assert!(not_read(Engine::Mlx, level("FP8")).contains("MLX-4bit-g64"));
        assert!(not_read(Engine::ExLlamaV3, level("EXL2-4.0")).contains("ExLlamaV2"));
    }
}
