//! The one way in: a model, a quantization, a scenario and a rig to a [`Plan`].

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use crate::model::Model;
use crate::quant::quality::{self, Retained};
use crate::quant::{FileType, Level};
use crate::units::Bytes;

use super::cache::{self, CacheRow, Cells};
use super::compute::{self, GraphShape};
use super::layout::{Layout, Source};
use super::place::{self, BlockCache, Load, Split};
use super::plan::{Brief, Fit, FitClass, Memory, Placement, Plan, Speed, Unsupported};
use super::rig::Rig;
use super::scenario::{BackendChoice, CacheType, Scenario};
use super::speed::{self, TokenCost};
use super::verdict;
use crate::machine::Vendor;

/// Answers queries; remembers what depends on the model alone.
#[derive(Debug, Default)]
pub struct Estimator {
    models: RwLock<HashMap<Box<str>, Arc<Profile>>>,
}

/// What depends on the model alone.
#[derive(Debug)]
struct Profile {
    rows: Vec<Option<CacheRow>>,
    state: Vec<Bytes>,
    graph: GraphShape,
    layouts: RwLock<Vec<(LayoutKey, LayoutResult)>>,
}

type LayoutResult = Result<Arc<Layout>, Unsupported>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct LayoutKey {
    level: Level,
    imatrix: bool,
    mtp: bool,
}

/// A placement with its consequences.
#[derive(Debug)]
struct Outcome<'a> {
    load: Load<'a>,
    split: Split,
    memory: Memory,
    class: FitClass,
    margin_bytes: i64,
    /// Share of the host's weights that is streamed from disk.
    streamed: f64,
}

impl Estimator {
    /// The shared estimator of this process.
    pub fn embedded() -> &'static Self {
        static SHARED: LazyLock<Estimator> = LazyLock::new(Estimator::default);
        &SHARED
    }

    /// Everything that can be said of `model` at `level` on `rig`.
    ///
    /// # Errors
    /// Where the engine or the format is not known to run this model.
    pub fn plan(
        &self,
        model: &Model,
        level: Level,
        scenario: &Scenario,
        rig: &Rig,
    ) -> Result<Plan, Unsupported> {
        let (profile, layout) = self.layout(model, level, scenario)?;
        let outcome = outcome(model, level, &profile, &layout, scenario, rig);
        let mut warnings = layout.warnings.clone();
        verdict::warn(model, scenario, rig, &mut warnings);
        let cost = profile.cost(model, level, outcome.streamed);
        let speed = if outcome.class == FitClass::TooBig && scenario.placement.is_auto() {
            warnings.push("no speed: it does not fit".to_owned());
            Speed::UNKNOWN
        } else {
            speed::speed(&cost, &outcome.load, &outcome.split, scenario, rig, &mut warnings)
        };
        let (max_context, max_context_on_gpu) =
            longest_context(model, level, &profile, &layout, scenario, rig, &outcome);
        let fit = Fit {
            class: outcome.class,
            margin_bytes: outcome.margin_bytes,
            max_context,
            max_context_on_gpu,
            reason: verdict::sentence(model, &outcome.verdict_facts(rig)),
        };
        Ok(Plan {
            level,
            file: Arc::clone(&layout.file),
            placement: placement(&outcome, rig),
            memory: outcome.memory,
            fit,
            speed,
            quality: quality(model, level, &layout),
            warnings,
        })
    }

    /// The figures of [`Estimator::plan`] that tables show.
    ///
    /// # Errors
    /// As for the plan.
    pub fn brief(
        &self,
        model: &Model,
        level: Level,
        scenario: &Scenario,
        rig: &Rig,
    ) -> Result<Brief, Unsupported> {
        let (profile, layout) = self.layout(model, level, scenario)?;
        let outcome = outcome(model, level, &profile, &layout, scenario, rig);
        let cost = profile.cost(model, level, outcome.streamed);
        let on_gpu = outcome.memory.on_devices();
        let gpu_weights: Bytes = outcome.memory.devices.iter().map(|d| d.weights).sum();
        let host_weights = outcome.memory.host.weights - layout.input;
        let all = gpu_weights + host_weights;
        Ok(Brief {
            class: outcome.class,
            need: outcome.memory.total(),
            on_gpu,
            gpu_share: if all == Bytes::ZERO { 0.0 } else { (gpu_weights.gib() / all.gib()) as f32 },
            decode: match outcome.class {
                FitClass::TooBig => None,
                _ => speed::decode(&cost, &outcome.load, &outcome.split, scenario, rig),
            },
            file_bytes: layout.file.bytes,
            quality: quality(model, level, &layout),
            margin_bytes: outcome.margin_bytes,
        })
    }

    /// Longest context of a model, as [`Fit::max_context`] defines it.
    ///
    /// # Errors
    /// As for the plan.
    pub fn longest_context(
        &self,
        model: &Model,
        level: Level,
        scenario: &Scenario,
        rig: &Rig,
    ) -> Result<Option<u32>, Unsupported> {
        let (profile, layout) = self.layout(model, level, scenario)?;
        let outcome = outcome(model, level, &profile, &layout, scenario, rig);
        Ok(longest_context(model, level, &profile, &layout, scenario, rig, &outcome).0)
    }

    fn layout(
        &self,
        model: &Model,
        level: Level,
        scenario: &Scenario,
    ) -> Result<(Arc<Profile>, Arc<Layout>), Unsupported> {
        if !scenario.engine.is_ggml() {
            return Err(Unsupported {
                reason: format!(
                    "sizes and speeds of {} come with a later version; llama.cpp and ollama are answered",
                    scenario.engine.name()
                ),
            });
        }
        if !scenario.flash_attention
            && scenario.cache_v.ggml().is_some_and(crate::quant::GgmlType::is_quantized)
        {
            return Err(Unsupported {
                reason: "llama.cpp refuses a quantized value cache without flash attention".to_owned(),
            });
        }
        if [scenario.cache_k, scenario.cache_v].contains(&CacheType::Fp8) {
            return Err(Unsupported {
                reason: "llama.cpp has no fp8 cache; its 8-bit type is q8_0".to_owned(),
            });
        }
        let profile = self.profile(model);
        let key = LayoutKey { level, imatrix: scenario.imatrix, mtp: scenario.mtp };
        let found = {
            let layouts = profile.layouts.read().unwrap_or_else(PoisonError::into_inner);
            layouts.iter().find(|(k, _)| *k == key).map(|(_, layout)| layout.clone())
        };
        let layout = found.unwrap_or_else(|| profile.add(model, &Source::new(model, key.mtp), key))?;
        Ok((profile, layout))
    }

    /// Prepares `model` at all of `levels`, which together takes little more than one of them alone.
    pub fn warm(&self, model: &Model, levels: &[Level], scenario: &Scenario) {
        let profile = self.profile(model);
        let source = Source::new(model, scenario.mtp);
        for &level in levels {
            profile
                .add(model, &source, LayoutKey { level, imatrix: scenario.imatrix, mtp: scenario.mtp })
                .ok();
        }
    }

    fn profile(&self, model: &Model) -> Arc<Profile> {
        let models = self.models.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(profile) = models.get(model.id.as_str()) {
            return Arc::clone(profile);
        }
        drop(models);
        let profile = Arc::new(Profile::new(model));
        let mut models = self.models.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(models.entry(model.id.as_str().into()).or_insert(profile))
    }
}

impl Profile {
    fn new(model: &Model) -> Self {
        Self {
            rows: (0..model.n_layer).map(|layer| cache::row(model, layer)).collect(),
            state: (0..model.n_layer).map(|layer| cache::state(model, layer)).collect(),
            graph: GraphShape::new(model),
            layouts: RwLock::default(),
        }
    }

    /// Makes and keeps one layout, unless another thread was faster.
    fn add(&self, model: &Model, source: &Source, key: LayoutKey) -> LayoutResult {
        let made = Layout::new(model, source, key.level, key.imatrix, key.mtp).map(Arc::new);
        let mut layouts = self.layouts.write().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, layout)) = layouts.iter().find(|(k, _)| *k == key) {
            return layout.clone();
        }
        layouts.push((key, made.clone()));
        made
    }

    fn cost<'a>(&'a self, model: &'a Model, level: Level, streamed: f64) -> TokenCost<'a> {
        TokenCost { model, level, rows: &self.rows, state: &self.state, streamed }
    }

    fn load<'a>(
        &self,
        model: &Model,
        layout: &'a Layout,
        scenario: &Scenario,
        rig: &Rig,
        context: u32,
    ) -> Load<'a> {
        let backend = backend(scenario, rig);
        let cells = Cells::new(scenario, context);
        let cuda = backend == BackendChoice::Cuda;
        let slots = u64::from(scenario.parallel.max(1));
        let blocks = layout.blocks.len();
        // Without flash attention the values are stored transposed, as wide as the widest layer's.
        let widest_v = self.rows.iter().flatten().map(|row| row.v).max().unwrap_or(0);
        let loops = u64::from(model.num_loops);
        let mut kv: Vec<BlockCache> = Vec::with_capacity(blocks);
        let mut last: Option<(CacheRow, BlockCache)> = None;
        for row in &self.rows {
            let Some(mut row) = *row else {
                kv.push(BlockCache::default());
                continue;
            };
            if !scenario.flash_attention && row.v > 0 {
                row.v = widest_v;
            }
            let cache = match last {
                Some((same, cache)) if same == row => cache,
                _ => {
                    let bytes = |cuda| row.bytes(&cells, scenario.cache_k, scenario.cache_v, cuda) * loops;
                    BlockCache { device: bytes(cuda), host: bytes(false) }
                }
            };
            last = Some((row, cache));
            kv.push(cache);
        }
        // MTP layers speculate in a small context of their own, which is not modelled here.
        kv.resize(blocks, BlockCache::default());
        let mut state: Vec<Bytes> = self.state.iter().map(|state| *state * slots).collect();
        state.resize(blocks, Bytes::ZERO);
        Load {
            layout,
            kv,
            state,
            buffers: self.graph.buffers(scenario, &cells),
            output_buffer: compute::output_buffer(model, scenario),
            backend,
        }
    }
}

/// The backend that is asked for, or the usual one of the first device.
pub fn backend(scenario: &Scenario, rig: &Rig) -> BackendChoice {
    if scenario.backend != BackendChoice::Auto {
        return scenario.backend;
    }
    match rig.devices.first().map(|device| device.vendor) {
        None => BackendChoice::Cpu,
        Some(Vendor::Nvidia) => BackendChoice::Cuda,
        Some(Vendor::Amd) => BackendChoice::Rocm,
        Some(Vendor::Apple) => BackendChoice::Metal,
        Some(Vendor::Intel) => BackendChoice::Sycl,
        Some(Vendor::Qualcomm | Vendor::Other) => BackendChoice::Vulkan,
    }
}

fn outcome<'a>(
    model: &Model,
    level: Level,
    profile: &Profile,
    layout: &'a Layout,
    scenario: &Scenario,
    rig: &Rig,
) -> Outcome<'a> {
    let load = profile.load(model, layout, scenario, rig, scenario.context);
    if let Some(split) = asked(model, &load, rig, scenario) {
        let memory = load.memory(&split, &rig.devices);
        return judged(load, split, memory, rig);
    }
    let host = Split::host_only(&load);
    let host_memory = load.memory(&host, &rig.devices);
    let Some(split) = load.onto_devices(rig, scenario) else {
        return judged_or_streamed(model, level, profile, load, host, host_memory, scenario, rig);
    };
    let memory = load.memory(&split, &rig.devices);
    // A sliver on a slow GPU can be worse than the processor alone.
    if split.uses_host() && runs_on_host(&host_memory, rig) {
        let cost = profile.cost(model, level, 0.0);
        let rate = |split: &Split| speed::decode(&cost, &load, split, scenario, rig).map(|range| range.p50);
        if let (Some(alone), Some(together)) = (rate(&host), rate(&split))
            && alone > together
        {
            return judged(load, host, host_memory, rig);
        }
    }
    judged_or_streamed(model, level, profile, load, split, memory, scenario, rig)
}

fn asked(model: &Model, load: &Load<'_>, rig: &Rig, scenario: &Scenario) -> Option<Split> {
    let request = &scenario.placement;
    if request.is_auto() {
        return None;
    }
    let complete = request.gpu_layers.is_some() && (request.cpu_moe_layers.is_some() || !model.is_moe());
    if complete || request.tensor_split.is_some() {
        return load.as_asked(rig, scenario);
    }
    load.onto_devices(rig, scenario).or_else(|| load.as_asked(rig, scenario))
}

fn runs_on_host(memory: &Memory, rig: &Rig) -> bool {
    memory.host.total() <= rig.host.free
}

#[expect(clippy::too_many_arguments, reason = "one step of `outcome`, split for reading")]
fn judged_or_streamed<'a>(
    model: &Model,
    level: Level,
    profile: &Profile,
    load: Load<'a>,
    split: Split,
    memory: Memory,
    scenario: &Scenario,
    rig: &Rig,
) -> Outcome<'a> {
    let mut outcome = judged(load, split, memory, rig);
    if outcome.class != FitClass::TooBig {
        return outcome;
    }
    let host = &outcome.memory.host;
    let missing = host.total() - rig.host.free;
    let devices_hold = outcome.memory.devices.iter().zip(&rig.devices).all(|(p, d)| p.total() <= d.free);
    if missing == Bytes::ZERO || missing >= host.weights || !devices_hold {
        return outcome;
    }
    let streamed = missing.gib() / host.weights.gib();
    let cost = profile.cost(model, level, streamed);
    let rate = speed::decode(&cost, &outcome.load, &outcome.split, scenario, rig);
    // Below one token a second streaming is no answer (the cost model calls it not usable).
    if rate.is_some_and(|rate| rate.p50 >= 1.0) {
        outcome.class = FitClass::Disk;
        outcome.streamed = streamed;
    }
    outcome
}

fn judged<'a>(load: Load<'a>, split: Split, memory: Memory, rig: &Rig) -> Outcome<'a> {
    let signed = |free: Bytes, need: Bytes| {
        i64::try_from(free.0).unwrap_or(i64::MAX) - i64::try_from(need.0).unwrap_or(i64::MAX)
    };
    let host_margin = signed(rig.host.free, memory.host.total());
    let unified = rig.devices.iter().any(|device| device.unified);
    let tightest = memory
        .devices
        .iter()
        .zip(&rig.devices)
        .map(|(parts, device)| {
            let margin = signed(device.free, parts.total());
            // One pool: the host's part counts against it too.
            let margin = if unified { margin.min(signed(rig.host.free, memory.total())) } else { margin };
            (margin, place::spare(device.capacity))
        })
        .min_by_key(|(margin, spare)| margin.saturating_sub_unsigned(spare.0));
    let (class, margin_bytes) = match tightest.filter(|_| split.first.is_some()) {
        None if host_margin >= 0 => (FitClass::Cpu, host_margin),
        None => (FitClass::TooBig, host_margin),
        Some((margin, _)) if margin < 0 => (FitClass::TooBig, margin),
        Some(_) if host_margin < 0 && !unified => (FitClass::TooBig, host_margin),
        Some((margin, _)) if split.uses_host() => (FitClass::Offload, margin),
        Some((margin, spare)) if Bytes(margin.unsigned_abs()) >= spare => (FitClass::Fits, margin),
        Some((margin, _)) => (FitClass::Tight, margin),
    };
    Outcome { load, split, memory, class, margin_bytes, streamed: 0.0 }
}

impl Outcome<'_> {
    fn verdict_facts(&self, rig: &Rig) -> verdict::Facts {
        let blocks = self.load.blocks();
        let host_blocks = self.split.first.unwrap_or(blocks);
        let experts_on_host: Bytes = self.load.layout.blocks[..self.split.cpu_moe.min(blocks)]
            .iter()
            .skip(host_blocks)
            .map(|block| block.experts_host)
            .sum();
        verdict::Facts {
            class: self.class,
            margin_bytes: self.margin_bytes,
            devices: rig.devices.len(),
            unified: rig.devices.iter().any(|device| device.unified),
            host_need: self.memory.host.total(),
            host_free: rig.host.free,
            device_need: self.memory.on_devices(),
            device_free: rig.device_free(),
            experts_on_host,
            host_blocks,
            blocks,
        }
    }
}

fn placement(outcome: &Outcome<'_>, rig: &Rig) -> Placement {
    let split = &outcome.split;
    let tensor_split = (rig.devices.len() > 1 && split.first.is_some()).then(|| {
        let mut start = 0;
        split
            .cuts
            .iter()
            .map(|&end| {
                let items = end.saturating_sub(start);
                start = end.max(start);
                items as f64
            })
            .collect()
    });
    Placement {
        gpu_layers: outcome.load.gpu_layers(split),
        cpu_moe_layers: if split.first.is_some() { split.cpu_moe as u32 } else { 0 },
        tensor_split,
        split_mode: "layer".to_owned(),
    }
}

fn quality(model: &Model, level: Level, layout: &Layout) -> Retained {
    let native = level == Level::Native
        || (level == Level::Gguf(FileType::Mxfp4Moe) && model.native_dtype.starts_with("mxfp4"));
    quality::retained(layout.file.bits_per_weight, model.params_total, native)
}

/// Longest context that keeps the verdict of `outcome`'s kind, by bisection over steps of 256 tokens.
fn longest_context(
    model: &Model,
    level: Level,
    profile: &Profile,
    layout: &Layout,
    scenario: &Scenario,
    rig: &Rig,
    present: &Outcome<'_>,
) -> (Option<u32>, bool) {
    // A model without a stated limit is asked up to a million tokens.
    let limit = model.context_max.unwrap_or(1 << 20).max(256);
    let class_at = |context: u32| {
        let scenario = Scenario { context, ..scenario.clone() };
        outcome(model, level, profile, layout, &scenario, rig).class
    };
    let on_gpu = |class: FitClass| class <= FitClass::Tight;
    let whole = on_gpu(present.class) || on_gpu(class_at(256));
    let good = |context: u32| {
        let class = class_at(context);
        if whole { on_gpu(class) } else { class.runs() }
    };
    if !good(256) {
        return (None, false);
    }
    if good(limit) {
        return (Some(limit), whole);
    }
    let (mut low, mut high) = (1, limit / 256);
    while low + 1 < high {
        let middle = u32::midpoint(low, high);
        if good(middle * 256) { low = middle } else { high = middle }
    }
    (Some(low * 256), whole)
}
