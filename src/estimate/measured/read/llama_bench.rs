//! A row of llama-bench, old or new: fields as its JSON names them, or the columns of its table.
//!
//! Fields are read by name, so that builds with more of them, or fewer, are read alike. Names were taken
//! from tools/llama-bench/llama-bench.cpp, and examples/llama-bench before it.

use super::fields::Fields;
use super::{cut, shown};
use crate::estimate::measured::{Measurement, Place, Test, who};
use crate::estimate::scenario::{BackendChoice, CacheType, Engine};
use crate::language::tr;
use crate::units::Bytes;

/// llama-bench's `-ngl -1` (all, or what fits) as a number of layers.
const ALL_LAYERS: u32 = 999;

/// Whether the fields are those of a row.
pub(super) fn is_row(fields: &Fields) -> bool {
    fields.has("avg_ts") || (fields.has("build_commit") && fields.has("n_gen"))
}

/// A row of JSON or CSV.
pub(super) fn row(fields: &Fields) -> Result<Measurement, String> {
    let n_prompt = fields.count("n_prompt")?.ok_or(tr!("n_prompt is missing"))?;
    let n_gen = fields.count("n_gen")?.ok_or(tr!("n_gen is missing"))?;
    let test = match (n_prompt, n_gen) {
        (0, 0) => return Err(tr!("it timed nothing: n_prompt and n_gen are 0").to_owned()),
        (_, 0) => Test::Prefill,
        (0, _) => Test::Decode,
        _ => Test::Both,
    };
    let mut row = start(fields, test, fields.needed("avg_ts")?)?;
    (row.n_prompt, row.n_gen) = (n_prompt, n_gen);
    row.depth = fields.count("n_depth")?.unwrap_or(0);
    row.deviation = fields.number("stddev_ts")?;
    row.file_size = whole(fields, "model_size")?.map(Bytes);
    row.params = whole(fields, "model_n_params")?;
    row.build = match (fields.text("build_commit"), fields.number("build_number")?) {
        (Some(commit), Some(number)) => Some(cut(&format!("{commit} ({number})"))),
        (commit, _) => commit.map(cut),
    };
    row.date = fields.text("test_time").map(cut);
    // The file's name says more than the description that llama.cpp makes of it.
    if let Some(file) = fields.text("model_filename").map(file_name).filter(|name| says_something(name)) {
        row.written = cut(file);
    }
    row.place.cpu = fields.text("cpu_info").map(cut);
    if !row.on_processor() {
        row.place.gpus = gpus(fields.text("gpu_info").unwrap_or(""));
    }
    Ok(row)
}

/// A row of the table, whose columns are named as fields.
pub(super) fn table_row(fields: &Fields) -> Result<Measurement, String> {
    let test = fields.text("test").ok_or(tr!("the test is missing"))?;
    let parts = timed(test).ok_or_else(|| tr!("the test {test} is not known", test = shown(test)))?;
    let speed = fields.text("t/s").ok_or(tr!("t/s is missing"))?;
    let (speed, deviation) =
        rate(speed).ok_or_else(|| tr!("t/s is {speed}, not a number", speed = shown(speed)))?;
    let mut row = start(fields, parts.test, speed)?;
    (row.n_prompt, row.n_gen, row.depth) = (parts.n_prompt, parts.n_gen, parts.depth);
    row.deviation = deviation;
    let unknown =
        |name: &str, text: &str| tr!("{name} is {shown}, which is no such number", name, shown = shown(text));
    if let Some(text) = fields.text("size") {
        row.file_size = Some(size(text).ok_or_else(|| unknown("size", text))?);
    }
    if let Some(text) = fields.text("params") {
        row.params = Some(params(text).ok_or_else(|| unknown("params", text))?);
    }
    Ok(row)
}

/// What all forms share.
fn start(fields: &Fields, test: Test, speed: f64) -> Result<Measurement, String> {
    let description = fields.text("model_type").unwrap_or("");
    let mut row = Measurement::new(&cut(description), Engine::LlamaCpp, test, speed);
    row.level = who::level_of_description(description);
    row.batch = fields.count("n_batch")?;
    row.ubatch = fields.count("n_ubatch")?;
    row.cache_k = cache(fields, "type_k")?;
    row.cache_v = cache(fields, "type_v")?;
    // Builds of 2023 had one switch for both.
    if let (None, Some(half)) = (row.cache_k, fields.switch("f16_kv")) {
        let cache = if half { CacheType::F16 } else { CacheType::F32 };
        (row.cache_k, row.cache_v) = (Some(cache), Some(cache));
    }
    row.flash_attention = fields.switch("flash_attn");
    row.gpu_layers = match fields.number("n_gpu_layers")? {
        Some(layers) if layers < 0.0 => Some(ALL_LAYERS),
        Some(_) => fields.count("n_gpu_layers")?,
        None => None,
    };
    row.cpu_moe_layers = fields.count("n_cpu_moe")?;
    row.threads = fields.count("n_threads")?;
    row.placed_by_hand =
        fields.text("tensor_buft_overrides").is_some_and(|text| !matches!(text, "none" | "-" | "0"));
    row.backend = backend(fields);
    row.place = Place::default();
    Ok(row)
}

/// The backend that counts: CUDA of "CUDA,RPC", the processor of "BLAS".
fn backend(fields: &Fields) -> Option<BackendChoice> {
    let Some(names) = fields.text("backends") else { return old_backend(fields) };
    let known = names.split(',').find_map(|name| match name.trim().to_ascii_lowercase().as_str() {
        "cuda" | "musa" => Some(BackendChoice::Cuda),
        "rocm" | "hip" => Some(BackendChoice::Rocm),
        "vulkan" => Some(BackendChoice::Vulkan),
        "metal" | "mtl" => Some(BackendChoice::Metal),
        "sycl" => Some(BackendChoice::Sycl),
        _ => None,
    });
    let of_processor = |name: &str| matches!(name.trim(), "CPU" | "BLAS" | "ZenDNN" | "AMX" | "RPC");
    known.or_else(|| names.split(',').all(of_processor).then_some(BackendChoice::Cpu))
}

/// Builds of 2023 and 2024 said with a switch each which backends they had.
fn old_backend(fields: &Fields) -> Option<BackendChoice> {
    const SWITCHES: [(&str, BackendChoice); 4] = [
        ("cuda", BackendChoice::Cuda),
        ("vulkan", BackendChoice::Vulkan),
        ("metal", BackendChoice::Metal),
        ("sycl", BackendChoice::Sycl),
    ];
    let known = SWITCHES.iter().find(|(name, _)| fields.switch(name) == Some(true)).map(|(_, known)| *known);
    let has_gpu = fields.switch("gpu_blas");
    known.or_else(|| (has_gpu == Some(false)).then_some(BackendChoice::Cpu))
}

fn cache(fields: &Fields, name: &str) -> Result<Option<CacheType>, String> {
    let Some(text) = fields.text(name) else { return Ok(None) };
    let found = CacheType::LLAMA_CPP.into_iter().find(|known| known.name().eq_ignore_ascii_case(text));
    found
        .map(Some)
        .ok_or_else(|| tr!("{name} is {shown}, which is no type of a cache", name, shown = shown(text)))
}

/// A size or number of parameters as a whole number; zero is none.
fn whole(fields: &Fields, name: &str) -> Result<Option<u64>, String> {
    /// More than any file or model: 2^53, up to which an f64 is exact.
    const MOST: f64 = 9_007_199_254_740_992.0;
    match fields.number(name)? {
        Some(number) if !(0.0..=MOST).contains(&number) => Err(tr!("{name} is {number}", name, number)),
        number => Ok(number.map(|number| number as u64).filter(|number| *number > 0)),
    }
}

/// "models/Qwen3-8B-Q4_K_M.gguf", and Windows' paths.
fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// Whether a file's name tells of more than its format: "ggml-model-q4_0.gguf" and a blob's hash do not.
fn says_something(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    !lower.starts_with("ggml-model") && !lower.starts_with("model.") && !lower.starts_with("sha256")
}

/// "NVIDIA GeForce RTX 3090, NVIDIA GeForce RTX 3060"; builds of 2024 put a slash between them.
fn gpus(text: &str) -> Vec<String> {
    text.split([',', '/']).map(cut).filter(|name| !name.is_empty()).take(64).collect()
}

#[derive(Debug, PartialEq)]
struct Timed {
    test: Test,
    n_prompt: u32,
    n_gen: u32,
    depth: u32,
}

/// "pp512", "tg 128", "pp4096+tg128", "tg128 @ d512".
fn timed(text: &str) -> Option<Timed> {
    let plain: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let (what, depth) = match plain.split_once("@d") {
        Some((what, depth)) => (what, depth.parse().ok()?),
        None => (plain.as_str(), 0),
    };
    let tokens = |part: &str, prefix: &str| -> Option<u32> {
        part.strip_prefix(prefix)?.parse().ok().filter(|tokens| *tokens > 0)
    };
    let (kind, n_prompt, n_gen) = if let Some((prompt, answer)) = what.split_once('+') {
        (Test::Both, tokens(prompt, "pp")?, tokens(answer, "tg")?)
    } else if let Some(n_prompt) = tokens(what, "pp") {
        (Test::Prefill, n_prompt, 0)
    } else {
        (Test::Decode, 0, tokens(what, "tg")?)
    };
    Some(Timed { test: kind, n_prompt, n_gen, depth })
}

/// "132.19 ± 0.55"; the sign may have suffered on its way.
fn rate(text: &str) -> Option<(f64, Option<f64>)> {
    let is_of_number = |c: char| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E');
    let end = text.find(|c| !is_of_number(c)).unwrap_or(text.len());
    let speed = text[..end].parse().ok()?;
    let begin =
        text.rfind(|c| !is_of_number(c)).map(|at| at + text[at..].chars().next().map_or(1, char::len_utf8));
    let deviation = begin.and_then(|begin| text[begin..].parse().ok());
    Some((speed, deviation))
}

/// "4.36 GiB", "531.07 MiB".
fn size(text: &str) -> Option<Bytes> {
    let (number, unit) = text.split_once(' ')?;
    let number: f64 = number.parse().ok()?;
    let unit = match unit.trim() {
        "GiB" => f64::from(1 << 30),
        "MiB" => f64::from(1 << 20),
        _ => return None,
    };
    let bytes = number * unit;
    (bytes > 0.0 && bytes < 1e16).then(|| Bytes(bytes.round() as u64))
}

/// "7.62 B", "596.05 M".
fn params(text: &str) -> Option<u64> {
    let (number, unit) = text.split_once(' ')?;
    let number: f64 = number.parse().ok()?;
    let unit = match unit.trim() {
        "B" => 1e9,
        "M" => 1e6,
        _ => return None,
    };
    let count = number * unit;
    (count > 0.0 && count < 1e15).then(|| count.round() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_timed() {
        let read = |text| timed(text).map(|t| (t.test, t.n_prompt, t.n_gen, t.depth));
        assert_eq!(read("pp512"), Some((Test::Prefill, 512, 0, 0)));
        assert_eq!(read("tg 128"), Some((Test::Decode, 0, 128, 0)));
        assert_eq!(read("pp4096+tg128"), Some((Test::Both, 4096, 128, 0)));
        assert_eq!(read("pp512+tg128 @ d2048"), Some((Test::Both, 512, 128, 2048)));
        assert_eq!(read("tg128 @ d16384"), Some((Test::Decode, 0, 128, 16_384)));
        for wrong in ["", "pp", "tg0", "pp-1", "xx12", "pp512 @ d", "tg99999999999", "pp1+pp2"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn rates_survive_consoles() {
        for text in
            ["132.19 ± 0.55", "132.19 ┬▒ 0.55", "132.19 � 0.55", "132.19 +/- 0.55", "132.19 \u{fffd}0.55"]
        {
            assert_eq!(rate(text), Some((132.19, Some(0.55))), "{text}");
        }
        assert_eq!(rate("7340.20"), Some((7340.2, None)));
        assert_eq!(rate("n/a"), None);
        assert_eq!(rate(""), None);
    }

    #[test]
    fn sizes_and_parameters() {
        assert_eq!(size("4.36 GiB"), Some(Bytes(4_681_514_353)));
        assert_eq!(size("1e30 GiB"), None);
        assert_eq!(size("-1 GiB"), None);
        assert_eq!(size("4.36 GB"), None);
        assert_eq!(params("7.62 B"), Some(7_620_000_000));
        assert_eq!(params("596.05 M"), Some(596_050_000));
        assert_eq!(params("inf B"), None);
    }
}
