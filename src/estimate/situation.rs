//! The question that a measurement is an answer to: what was run, how and where, so that it can be predicted.

use crate::machine::spec::{GpuSpec, MachineSpec};
use crate::model::{Catalog, Model};
use crate::quant::Level;

use super::calibration::{Kind, Measurement, Test};
use super::estimator::Estimator;
use super::measured;
use super::neighbours::{Published, engine_of};
use super::plan::{Evidence, Plan, Range};
use super::rig::Rig;
use super::scenario::{BackendChoice, CacheType, PlacementRequest, Scenario};

/// `-ngl` and `--n-cpu-moe` for all layers.
const ALL_LAYERS: u32 = 999;
/// Memory of the computer that a published measurement was taken on: it was enough, and is seldom stated, GiB.
const ENOUGH_GIB: f64 = 2048.0;
/// Tokens that were generated or read where a measurement does not say.
const USUAL_OUTPUT: u32 = 128;
const USUAL_PROMPT: u32 = 512;

/// A model at a level, what was asked of it, and on which machine.
#[derive(Clone, Debug)]
pub struct Situation {
    /// The model.
    pub model: &'static Model,
    /// Its quantization.
    pub level: Level,
    /// What was asked.
    pub scenario: Scenario,
    /// Where.
    pub rig: Rig,
}

impl Situation {
    /// Of a published measurement; `None` where the program predicts something else: a fork, a figure with
    /// prompts in it, a build whose kernels have since been rewritten.
    pub fn of_published(published: &Published) -> Option<Self> {
        let row = published.row;
        if row.kind == Kind::Derived || is_old(row) {
            return None;
        }
        let on_processor = row.placement == "cpu" || row.gpus == 0;
        let gpus = if on_processor {
            Vec::new()
        } else {
            vec![GpuSpec { count: row.gpus, ..GpuSpec::named(row.gpu.as_str()) }]
        };
        let spec = MachineSpec {
            gpus,
            cpu: (!row.cpu.is_empty()).then(|| row.cpu.clone()),
            threads: row.threads,
            ram_gib: Some(ENOUGH_GIB),
            ram_bandwidth_gbs: row.ram_gbs,
            ..MachineSpec::default()
        };
        let mut rig = Rig::from(&spec.resolve().ok()?.machine);
        if let Some(threads) = row.threads {
            rig.host.threads = Some(threads);
        }
        let cache = cache_type(&row.cache);
        let depth = row.depth.unwrap_or(0);
        let (prompt, output) = (row.prompt.unwrap_or(USUAL_PROMPT), row.output.unwrap_or(USUAL_OUTPUT));
        let scenario = Scenario {
            cache_k: cache,
            cache_v: cache,
            flash_attention: row.flash != "off",
            ubatch: row.ubatch.unwrap_or(Scenario::default().ubatch),
            engine: engine_of(&row.engine)?,
            backend: if on_processor { BackendChoice::Cpu } else { backend(&row.backend)? },
            placement: placement(&row.placement, on_processor)?,
            ..asked(row.test, depth, prompt, output, row.requests.unwrap_or(1))
        };
        Some(Self { model: Catalog::embedded().get(published.model), level: published.level, scenario, rig })
    }

    /// Of a measurement that a person took on `rig`; `None` where what was run is not known well enough.
    pub fn of_own(own: &measured::Measurement, rig: &Rig) -> Option<Self> {
        let test = match own.test {
            measured::Test::Decode => Test::Decode,
            measured::Test::Prefill => Test::Prefill,
            // Both mix what is predicted apart.
            measured::Test::Both | measured::Test::Served => return None,
        };
        if own.placed_by_hand {
            return None;
        }
        let catalog = Catalog::embedded();
        let model = catalog.get(catalog.exact(own.model.as_deref()?)?);
        let on_processor = own.on_processor();
        let mut rig = Rig { own: None, ..rig.clone() };
        if !on_processor {
            let places = own.place.devices_of(&rig)?;
            rig.devices = places.into_iter().map(|place| rig.devices[place].clone()).collect();
        }
        if let Some(threads) = own.threads {
            rig.host.threads = Some(threads);
        }
        let usual = Scenario::default();
        let placement = PlacementRequest {
            gpu_layers: if on_processor { Some(0) } else { own.gpu_layers },
            cpu_moe_layers: own.cpu_moe_layers,
            ..PlacementRequest::default()
        };
        let scenario = Scenario {
            cache_k: own.cache_k.unwrap_or(usual.cache_k),
            cache_v: own.cache_v.unwrap_or(usual.cache_v),
            flash_attention: own.flash_attention.unwrap_or(usual.flash_attention),
            batch: own.batch.unwrap_or(usual.batch),
            ubatch: own.ubatch.unwrap_or(usual.ubatch),
            engine: own.engine,
            backend: own.backend.unwrap_or(usual.backend),
            placement,
            ..asked(test, own.depth, own.n_prompt, own.n_gen, own.requests)
        };
        Some(Self { model, level: own.level?, scenario, rig })
    }

    /// What the program says of it.
    pub fn plan(&self, estimator: &Estimator) -> Option<Plan> {
        estimator.plan(self.model, self.level, &self.scenario, &self.rig).ok()
    }
}

/// The speed of a plan that a test measures.
pub fn rate(plan: &Plan, test: Test) -> Option<Range> {
    match test {
        Test::Decode => plan.speed.decode,
        Test::Prefill => plan.speed.prefill,
    }
}

/// What that speed rests on.
pub const fn evidence(plan: &Plan, test: Test) -> Evidence {
    match test {
        Test::Decode => plan.speed.evidence,
        Test::Prefill => plan.speed.prompt_evidence,
    }
}

/// What a test asks: a step in the middle of what was generated, or a prompt after what was there.
fn asked(test: Test, depth: u32, prompt: u32, output: u32, requests: u32) -> Scenario {
    let requests = requests.max(1);
    let (depth, more) = match test {
        Test::Decode => (depth.saturating_add(output / 2), output.div_ceil(2)),
        Test::Prefill => (depth, prompt),
    };
    let context = depth.saturating_add(more).max(256).saturating_mul(requests);
    Scenario {
        context,
        depth,
        prompt_tokens: prompt.max(1),
        output_tokens: output.max(1),
        concurrency: requests,
        parallel: requests,
        ..Scenario::default()
    }
}

/// Whether it was taken with kernels that have been rewritten since.
fn is_old(row: &Measurement) -> bool {
    row.engine == "llama.cpp" && row.backend == "cuda" && row.date.as_str() < "2024-09"
}

fn cache_type(name: &str) -> CacheType {
    let known = CacheType::LLAMA_CPP.into_iter().chain([CacheType::Fp8]);
    known.into_iter().find(|known| known.name() == name).unwrap_or_default()
}

fn backend(name: &str) -> Option<BackendChoice> {
    Some(match name {
        "cuda" => BackendChoice::Cuda,
        "rocm" => BackendChoice::Rocm,
        "vulkan" => BackendChoice::Vulkan,
        "metal" => BackendChoice::Metal,
        "sycl" => BackendChoice::Sycl,
        "cpu" => BackendChoice::Cpu,
        _ => return None,
    })
}

/// What a published measurement says of where the layers were.
fn placement(words: &str, on_processor: bool) -> Option<PlacementRequest> {
    let all = PlacementRequest {
        gpu_layers: Some(ALL_LAYERS),
        cpu_moe_layers: Some(0),
        ..PlacementRequest::default()
    };
    if on_processor {
        return Some(PlacementRequest { gpu_layers: Some(0), ..all });
    }
    if words.is_empty() {
        return Some(all);
    }
    if words == "partial (experts on CPU)" {
        return Some(PlacementRequest { cpu_moe_layers: Some(ALL_LAYERS), ..all });
    }
    if let Some(layers) = words.strip_prefix("n-cpu-moe=") {
        return Some(PlacementRequest { cpu_moe_layers: Some(layers.parse().ok()?), ..all });
    }
    let layers = words.strip_prefix("partial ngl=")?;
    Some(PlacementRequest { gpu_layers: Some(layers.parse().ok()?), ..all })
}
