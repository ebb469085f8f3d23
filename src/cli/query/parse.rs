//! JSON to a [`Query`].

use serde_json::Value;

use super::fields::{Fields, choose, is_name, nearest};
use super::{
    Draft, KvChoice, KvTypes, MAX_BANDWIDTH, MAX_BATCH, MAX_GIB, MAX_GPUS, MAX_LAYERS, MAX_NAME, MAX_PATH,
    MAX_REQUESTS, MAX_THREADS, MAX_TOKENS, MAX_WATTS, MachineChoice, ModelChoice, ModelFile, NamedMachine,
    NamedPlacement, PlacementChoice, PlacementSpec, Query, RecordedMachine, SplitMode,
};
use crate::cli::error::{ErrorCode, QueryError};
use crate::estimate::scenario::{BackendChoice, CacheType, Engine, OutputRows};
use crate::machine::Os;
use crate::machine::spec::{GpuSpec, MachineSpec};

const BACKENDS: [BackendChoice; 7] = [
    BackendChoice::Auto,
    BackendChoice::Cuda,
    BackendChoice::Rocm,
    BackendChoice::Vulkan,
    BackendChoice::Metal,
    BackendChoice::Sycl,
    BackendChoice::Cpu,
];

const CACHE_TYPES: [CacheType; 10] = [
    CacheType::F32,
    CacheType::F16,
    CacheType::Bf16,
    CacheType::Q8_0,
    CacheType::Q5_1,
    CacheType::Q5_0,
    CacheType::Q4_1,
    CacheType::Q4_0,
    CacheType::Iq4Nl,
    CacheType::Fp8,
];

/// Split modes of llama.cpp that are known but not modelled.
const OTHER_SPLIT_MODES: [&str; 3] = ["none", "row", "tensor"];

/// Name of a backend in queries and answers.
pub const fn backend_name(backend: BackendChoice) -> &'static str {
    match backend {
        BackendChoice::Auto => "auto",
        BackendChoice::Cuda => "cuda",
        BackendChoice::Rocm => "rocm",
        BackendChoice::Vulkan => "vulkan",
        BackendChoice::Metal => "metal",
        BackendChoice::Sycl => "sycl",
        BackendChoice::Cpu => "cpu",
    }
}

/// Reads a query. Everything has a default but the model; every field is checked, and none is ignored.
///
/// # Errors
/// [`ErrorCode::BadJson`] where the value is no object, else [`ErrorCode::BadField`] for the first wrong
/// field, or [`ErrorCode::Unsupported`] for a known split mode that is not modelled.
pub fn parse(value: &Value) -> Result<Query, QueryError> {
    if !value.is_object() {
        return Err(QueryError::new(ErrorCode::BadJson, "a query must be a JSON object"));
    }
    let d = Query::default();
    let mut f = Fields::of(value, String::new())?;
    let query = Query {
        id: f.get("id").cloned().unwrap_or_default(),
        model: model(&mut f)?,
        quant: f.text("quant", MAX_NAME)?.map_or(d.quant, str::to_owned),
        imatrix: f.flag("imatrix", d.imatrix)?,
        engine: f.choice("engine", &Engine::ALL, Engine::name)?.unwrap_or(d.engine),
        backend: f.choice("backend", &BACKENDS, backend_name)?.unwrap_or(d.backend),
        machine: machine(&mut f)?,
        context: f.whole("context", 1..=MAX_TOKENS)?.unwrap_or(d.context),
        kv_type: kv_type(&mut f)?,
        flash_attention: f.flag("flash_attention", d.flash_attention)?,
        ubatch: f.whole("ubatch", 1..=MAX_BATCH)?.unwrap_or(d.ubatch),
        batch: f.whole("batch", 1..=MAX_BATCH)?.unwrap_or(d.batch),
        parallel: f.whole("parallel", 1..=MAX_REQUESTS)?.unwrap_or(d.parallel),
        unified_kv: f.flag("unified_kv", d.unified_kv)?,
        swa_full: f.flag("swa_full", d.swa_full)?,
        mtp: f.flag("mtp", d.mtp)?,
        output_rows: f
            .choice("output_rows", &[OutputRows::Server, OutputRows::Bench], |rows| match rows {
                OutputRows::Server => "server",
                OutputRows::Bench => "bench",
            })?
            .unwrap_or(d.output_rows),
        placement: placement(&mut f)?,
        depth: f.whole("depth", 0..=MAX_TOKENS)?.unwrap_or(d.depth),
        prompt_tokens: f.whole("prompt_tokens", 0..=MAX_TOKENS)?.unwrap_or(d.prompt_tokens),
        output_tokens: f.whole("output_tokens", 0..=MAX_TOKENS)?.unwrap_or(d.output_tokens),
        concurrency: f.whole("concurrency", 1..=MAX_REQUESTS)?.unwrap_or(d.concurrency),
        projector: f.flag("projector", d.projector)?,
        draft: draft(&mut f)?,
        disk_gbs: f.number("disk_gbs", 0.001..=MAX_BANDWIDTH)?,
    };
    f.finish()?;
    Ok(query)
}

fn model(f: &mut Fields<'_>) -> Result<ModelChoice, QueryError> {
    match f.get("model") {
        None => Err(QueryError::field(
            "\"model\" is missing: it must be a name of the catalog, or {\"path\": …} for a local file",
        )),
        Some(Value::String(name)) if is_name(name, MAX_NAME) => Ok(ModelChoice::Name(name.clone())),
        Some(object @ Value::Object(_)) => {
            let mut file = Fields::of(object, "model".to_owned())?;
            let path =
                file.text("path", MAX_PATH)?.ok_or_else(|| missing(&file, "path", "a file or folder"))?;
            file.finish()?;
            Ok(ModelChoice::File(ModelFile { path: path.to_owned() }))
        }
        Some(other) => {
            let must_be = format!("a name of at most {MAX_NAME} characters, or {{\"path\": …}}");
            Err(f.wrong("model", &must_be, other))
        }
    }
}

fn missing(f: &Fields<'_>, name: &str, what: &str) -> QueryError {
    QueryError::field(format!("\"{}\" is missing: it must be {what}", f.place(name)))
}

fn machine(f: &mut Fields<'_>) -> Result<MachineChoice, QueryError> {
    const MUST_BE: &str = "\"this\", a description such as {\"gpus\": […]}, or {\"recorded\": path}";
    let Some(value) = f.get("machine") else { return Ok(MachineChoice::Named(NamedMachine::This)) };
    match value {
        Value::String(name) if name.trim().eq_ignore_ascii_case("this") => {
            Ok(MachineChoice::Named(NamedMachine::This))
        }
        Value::Object(map) if map.contains_key("recorded") => {
            let mut recording = Fields::of(value, "machine".to_owned())?;
            let path = recording
                .text("recorded", MAX_PATH)?
                .ok_or_else(|| missing(&recording, "recorded", "a path"))?;
            recording.finish()?;
            Ok(MachineChoice::Recorded(RecordedMachine { recorded: path.to_owned() }))
        }
        Value::Object(_) => described(value).map(MachineChoice::Described),
        other => Err(f.wrong("machine", MUST_BE, other)),
    }
}

/// Reads the description of a machine.
///
/// # Errors
/// As [`parse`].
pub fn described(value: &Value) -> Result<MachineSpec, QueryError> {
    let mut f = Fields::of(value, "machine".to_owned())?;
    let spec = MachineSpec {
        gpus: gpus(&mut f)?,
        cpu: f.text("cpu", MAX_NAME)?.map(str::to_owned),
        cores: f.whole("cores", 1..=MAX_THREADS)?,
        threads: f.whole("threads", 1..=MAX_THREADS)?,
        ram_gib: f.number("ram_gib", 0.001..=MAX_GIB)?,
        ram_free_gib: f.number("ram_free_gib", 0.0..=MAX_GIB)?,
        ram_bandwidth_gbs: f.number("ram_bandwidth_gbs", 0.001..=MAX_BANDWIDTH)?,
        ram_type: f.text("ram_type", MAX_NAME)?.map(str::to_owned),
        ram_mts: f.whole("ram_mts", 1..=1_000_000)?,
        ram_channels: f.whole("ram_channels", 1..=64)?,
        os: f.choice("os", &[Os::Linux, Os::Windows, Os::Macos], |os| match os {
            Os::Linux => "linux",
            Os::Windows => "windows",
            Os::Macos => "macos",
        })?,
    };
    f.finish()?;
    Ok(spec)
}

fn gpus(f: &mut Fields<'_>) -> Result<Vec<GpuSpec>, QueryError> {
    let Some(value) = f.get("gpus") else { return Ok(Vec::new()) };
    let Value::Array(list) = value else {
        return Err(f.wrong("gpus", "a list of GPUs, empty for a machine without one", value));
    };
    if list.len() > MAX_GPUS as usize {
        return Err(too_many_gpus());
    }
    let gpus = list
        .iter()
        .enumerate()
        .map(|(i, gpu)| {
            let mut g = Fields::of(gpu, f.place(&format!("gpus[{i}]")))?;
            let spec = GpuSpec {
                name: g
                    .text("name", MAX_NAME)?
                    .ok_or_else(|| missing(&g, "name", "a GPU's name"))?
                    .to_owned(),
                count: g.whole("count", 1..=MAX_GPUS)?.unwrap_or(1),
                vram_gib: g.number("vram_gib", 0.001..=MAX_GIB)?,
                free_gib: g.number("free_gib", 0.0..=MAX_GIB)?,
                bandwidth_gbs: g.number("bandwidth_gbs", 0.001..=MAX_BANDWIDTH)?,
                power_watts: g.number("power_watts", 0.001..=MAX_WATTS)?,
                pcie_generation: g.whole("pcie_generation", 1..=8)?,
                pcie_lanes: g.whole("pcie_lanes", 1..=32)?,
            };
            g.finish()?;
            Ok(spec)
        })
        .collect::<Result<Vec<_>, QueryError>>()?;
    if gpus.iter().map(|gpu| gpu.count).sum::<u32>() > MAX_GPUS {
        return Err(too_many_gpus());
    }
    Ok(gpus)
}

fn too_many_gpus() -> QueryError {
    QueryError::field(format!("\"machine.gpus\" must hold at most {MAX_GPUS} GPUs, counts included"))
}

fn kv_type(f: &mut Fields<'_>) -> Result<KvChoice, QueryError> {
    match f.get("kv_type") {
        Some(value @ Value::Object(_)) => {
            let mut each = Fields::of(value, "kv_type".to_owned())?;
            let k = each.choice("k", &CACHE_TYPES, CacheType::name)?.unwrap_or_default();
            let v = each.choice("v", &CACHE_TYPES, CacheType::name)?.unwrap_or_default();
            each.finish()?;
            Ok(KvChoice::Each(KvTypes { k, v }))
        }
        _ => Ok(KvChoice::Both(f.choice("kv_type", &CACHE_TYPES, CacheType::name)?.unwrap_or_default())),
    }
}

fn placement(f: &mut Fields<'_>) -> Result<PlacementChoice, QueryError> {
    let auto = PlacementChoice::Named(NamedPlacement::Auto);
    let Some(value) = f.get("placement") else { return Ok(auto) };
    if choose(value, &[()], |()| "auto").is_some() {
        return Ok(auto);
    }
    if !value.is_object() {
        return Err(f.wrong("placement", "\"auto\" or an object such as {\"gpu_layers\": 20}", value));
    }
    let mut p = Fields::of(value, "placement".to_owned())?;
    let spec = PlacementSpec {
        gpu_layers: p.whole("gpu_layers", 0..=MAX_LAYERS)?,
        cpu_moe_layers: p.whole("cpu_moe_layers", 0..=MAX_LAYERS)?,
        tensor_split: tensor_split(&mut p)?,
        devices: devices(&mut p)?,
        split_mode: split_mode(&mut p)?,
    };
    p.finish()?;
    Ok(PlacementChoice::Given(spec))
}

fn tensor_split(p: &mut Fields<'_>) -> Result<Option<Vec<f64>>, QueryError> {
    let Some(value) = p.get("tensor_split") else { return Ok(None) };
    let must_be = format!("a list of 1 to {MAX_GPUS} numbers from 0, not all 0");
    let shares: Option<Vec<f64>> =
        value.as_array().filter(|list| list.len() <= MAX_GPUS as usize).and_then(|list| {
            list.iter().map(|share| share.as_f64().filter(|s| (0.0..=1e9).contains(s))).collect()
        });
    match shares {
        Some(shares) if shares.iter().sum::<f64>() > 0.0 => Ok(Some(shares)),
        _ => Err(p.wrong("tensor_split", &must_be, value)),
    }
}

fn devices(p: &mut Fields<'_>) -> Result<Option<Vec<usize>>, QueryError> {
    let Some(value) = p.get("devices") else { return Ok(None) };
    if value.is_null() {
        return Ok(None);
    }
    let must_be = format!("a list of 1 to {MAX_GPUS} different places in the list of GPUs, from 0");
    let places: Option<Vec<usize>> = value.as_array().and_then(|list| {
        list.iter()
            .map(|place| {
                place.as_u64().and_then(|n| usize::try_from(n).ok()).filter(|n| *n < MAX_GPUS as usize)
            })
            .collect()
    });
    let is_sound = |places: &Vec<usize>| {
        !places.is_empty() && places.iter().enumerate().all(|(at, place)| !places[..at].contains(place))
    };
    match places.filter(is_sound) {
        Some(places) => Ok(Some(places)),
        None => Err(p.wrong("devices", &must_be, value)),
    }
}

fn split_mode(p: &mut Fields<'_>) -> Result<SplitMode, QueryError> {
    let Some(value) = p.get("split_mode") else { return Ok(SplitMode::Layer) };
    if choose(value, &[()], |()| "layer").is_some() {
        return Ok(SplitMode::Layer);
    }
    let error = match choose(value, &OTHER_SPLIT_MODES, |mode| mode) {
        Some(mode) => QueryError::unsupported(format!(
            "\"placement.split_mode\": \"{mode}\" is not modelled; \"layer\" is"
        )),
        None => p.wrong("split_mode", "\"layer\"", value),
    };
    let given = value.as_str().unwrap_or_default();
    Err(error.suggesting(nearest(given, std::iter::once("layer"))))
}

fn draft(f: &mut Fields<'_>) -> Result<Option<Draft>, QueryError> {
    let Some(value) = f.get("draft") else { return Ok(None) };
    if choose(value, &[()], |()| "none").is_some() {
        return Ok(None);
    }
    if !value.is_object() {
        return Err(f.wrong("draft", "an object such as {\"model\": …, \"tokens\": 4}", value));
    }
    let mut d = Fields::of(value, "draft".to_owned())?;
    let draft = Draft {
        model: d
            .text("model", MAX_NAME)?
            .ok_or_else(|| missing(&d, "model", "a name of the catalog"))?
            .to_owned(),
        quant: d.text("quant", MAX_NAME)?.map(str::to_owned),
        tokens: d.whole("tokens", 1..=1024)?,
        acceptance: d.number("acceptance", 0.0..=1.0)?,
    };
    d.finish()?;
    Ok(Some(draft))
}
