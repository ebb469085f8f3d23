//! A question of `plimsoll estimate`: its fields, their defaults and ranges.

mod fields;
mod parse;

use schemars::{JsonSchema, Schema};
use serde::Serialize;
use serde_json::Value;

use crate::estimate::Scenario;
use crate::estimate::scenario::{BackendChoice, CacheType, Engine, OutputRows, PlacementRequest};
use crate::machine::spec::MachineSpec;

pub(super) use fields::shortened;
pub use parse::{described, parse};

/// Most tokens of a context, a prompt, an answer.
pub const MAX_TOKENS: u32 = 1 << 30;
/// Most tokens of a batch.
pub const MAX_BATCH: u32 = 1 << 20;
/// Most slots and requests at once.
pub const MAX_REQUESTS: u32 = 1 << 16;
/// Most entries of `gpus`, most equal cards of one entry, most cards of a machine, most shares of a split.
pub const MAX_GPUS: u32 = 64;
/// Most threads and cores.
pub const MAX_THREADS: u32 = 1 << 16;
/// Most blocks that a placement may name; llama.cpp's "all" is 99 or 999.
pub const MAX_LAYERS: u32 = 1 << 20;
/// Most GiB of a memory.
pub const MAX_GIB: f64 = 1_048_576.0;
/// Highest bandwidth, GB/s.
pub const MAX_BANDWIDTH: f64 = 1_000_000.0;
/// Highest power limit of a card, watts.
pub const MAX_WATTS: f64 = 100_000.0;

/// Most characters of a name.
pub const MAX_NAME: usize = 256;
/// Most characters of a path.
pub const MAX_PATH: usize = 4096;

/// One question: a model, a quantization, a machine, and what is asked of them.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(transform = model_is_required)]
pub struct Query {
    /// Anything; echoed in the answer.
    pub id: Value,
    /// Which model.
    pub model: ModelChoice,
    /// Quantization, in any case: llama.cpp's file types (`Q4_K_M`, `IQ4_XS`, `MXFP4_MOE` …), `NATIVE`, or a
    /// format of another engine (`GPTQ-4bit-g128`, `AWQ-4bit-g128`, `FP8`, `INT8`, `NVFP4`, `MXFP4`, `NF4`,
    /// `MLX-4bit-g64`, `EXL2-4.0`, `EXL3-4.0`).
    pub quant: String,
    /// The file was made with an importance matrix (changes some sizes).
    pub imatrix: bool,
    /// Program that runs the model.
    pub engine: Engine,
    /// Its backend.
    pub backend: BackendChoice,
    /// Where it runs.
    pub machine: MachineChoice,
    /// Tokens that the cache is allocated for.
    #[schemars(range(min = 1, max = MAX_TOKENS))]
    pub context: u32,
    /// Type of the cached keys and values.
    pub kv_type: KvChoice,
    /// Flash attention.
    pub flash_attention: bool,
    /// Physical batch, tokens.
    #[schemars(range(min = 1, max = MAX_BATCH))]
    pub ubatch: u32,
    /// Logical batch, tokens.
    #[schemars(range(min = 1, max = MAX_BATCH))]
    pub batch: u32,
    /// Slots.
    #[schemars(range(min = 1, max = MAX_REQUESTS))]
    pub parallel: u32,
    /// Slots share one cache.
    pub unified_kv: bool,
    /// Window layers keep the whole context.
    pub swa_full: bool,
    /// MTP speculation: its layers are loaded.
    pub mtp: bool,
    /// Rows of logits that the compute buffer is sized for.
    pub output_rows: OutputRows,
    /// Where the layers go.
    pub placement: PlacementChoice,
    /// Tokens already in each request's cache; `decode_tps` is the rate at exactly this depth.
    #[schemars(range(max = MAX_TOKENS))]
    pub depth: u32,
    /// New tokens of a prompt.
    #[schemars(range(max = MAX_TOKENS))]
    pub prompt_tokens: u32,
    /// Tokens of an answer.
    #[schemars(range(max = MAX_TOKENS))]
    pub output_tokens: u32,
    /// Requests at once.
    #[schemars(range(min = 1, max = MAX_REQUESTS))]
    pub concurrency: u32,
    /// The vision projector is loaded, where the model has one.
    pub projector: bool,
    /// A smaller model that guesses ahead.
    pub draft: Option<Draft>,
    /// Read rate of the disk that the file is on, GB/s; without it, as its kind usually has.
    pub disk_gbs: Option<f64>,
}

/// A model: by name, or by a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum ModelChoice {
    /// Catalog id or alias, in any case, with or without the owner.
    Name(String),
    /// A local model.
    File(ModelFile),
}

/// A local model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ModelFile {
    /// A `.gguf` (first shard of a split), a `config.json`, or a folder that holds one.
    pub path: String,
}

/// A machine: this one, a described one, or a recorded one.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum MachineChoice {
    /// By name.
    Named(NamedMachine),
    /// A recording.
    Recorded(RecordedMachine),
    /// A description.
    Described(MachineSpec),
}

/// A machine by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum NamedMachine {
    /// The computer that answers, as it is found at the first query that asks for it.
    This,
}

/// A recorded machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordedMachine {
    /// The recording.
    pub recorded: String,
}

/// Type of the cache: one, or one for keys and one for values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum KvChoice {
    /// The same for keys and values.
    Both(CacheType),
    /// One each.
    Each(KvTypes),
}

/// Types of cached keys and values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct KvTypes {
    /// Of the keys.
    pub k: CacheType,
    /// Of the values.
    pub v: CacheType,
}

/// A placement: chosen, or given.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum PlacementChoice {
    /// By name.
    Named(NamedPlacement),
    /// What is left out is chosen.
    Given(PlacementSpec),
}

/// A placement by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum NamedPlacement {
    /// All of it is chosen.
    Auto,
}

/// A placement in llama.cpp's terms; what is left out is chosen.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PlacementSpec {
    /// `-ngl`: 0 none; n = the output layer and the last n − 1 blocks; above the number of blocks all.
    #[schemars(range(max = MAX_LAYERS))]
    pub gpu_layers: Option<u32>,
    /// `--n-cpu-moe`: the routed experts of the first n blocks stay in RAM.
    #[schemars(range(max = MAX_LAYERS))]
    pub cpu_moe_layers: Option<u32>,
    /// Shares of the devices, in order; by free memory where it is left out.
    #[schemars(length(min = 1, max = MAX_GPUS))]
    pub tensor_split: Option<Vec<f64>>,
    /// The devices that take part, as places in the machine's list, in the order in which they hold the
    /// layers; all where it is left out.
    #[schemars(length(min = 1, max = MAX_GPUS))]
    pub devices: Option<Vec<usize>>,
    /// How several devices share the model.
    pub split_mode: SplitMode,
}

/// How several devices share the model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SplitMode {
    /// Whole layers.
    #[default]
    Layer,
}

/// A smaller model that guesses ahead.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// Catalog id or alias.
    pub model: String,
    /// Quantization, `Q4_K_M` where it is left out.
    pub quant: Option<String>,
    /// Tokens guessed at once.
    #[schemars(range(min = 1, max = 1024))]
    pub tokens: Option<u32>,
    /// Share of the guesses that are right.
    #[schemars(range(min = 0, max = 1))]
    pub acceptance: Option<f64>,
}

impl Default for Query {
    fn default() -> Self {
        let scenario = Scenario::default();
        Self {
            id: Value::Null,
            model: ModelChoice::Name(String::new()),
            quant: "Q4_K_M".to_owned(),
            imatrix: scenario.imatrix,
            engine: scenario.engine,
            backend: scenario.backend,
            machine: MachineChoice::Named(NamedMachine::This),
            context: scenario.context,
            kv_type: KvChoice::Both(scenario.cache_k),
            flash_attention: scenario.flash_attention,
            ubatch: scenario.ubatch,
            batch: scenario.batch,
            parallel: scenario.parallel,
            unified_kv: scenario.unified_kv,
            swa_full: scenario.swa_full,
            mtp: scenario.mtp,
            output_rows: scenario.output_rows,
            placement: PlacementChoice::Named(NamedPlacement::Auto),
            depth: scenario.depth,
            prompt_tokens: scenario.prompt_tokens,
            output_tokens: scenario.output_tokens,
            concurrency: scenario.concurrency,
            projector: false,
            draft: None,
            disk_gbs: None,
        }
    }
}

impl Query {
    /// What is asked of the model, in the estimator's terms.
    pub fn scenario(&self) -> Scenario {
        let (cache_k, cache_v) = match self.kv_type {
            KvChoice::Both(both) => (both, both),
            KvChoice::Each(KvTypes { k, v }) => (k, v),
        };
        let placement = match &self.placement {
            PlacementChoice::Named(NamedPlacement::Auto) => PlacementRequest::default(),
            PlacementChoice::Given(given) => PlacementRequest {
                gpu_layers: given.gpu_layers,
                cpu_moe_layers: given.cpu_moe_layers,
                tensor_split: given.tensor_split.clone(),
                devices: given.devices.clone(),
            },
        };
        Scenario {
            context: self.context,
            cache_k,
            cache_v,
            flash_attention: self.flash_attention,
            ubatch: self.ubatch,
            batch: self.batch,
            parallel: self.parallel,
            unified_kv: self.unified_kv,
            swa_full: self.swa_full,
            mtp: self.mtp,
            projector: self.projector,
            draft: None,
            disk_gbs: self.disk_gbs,
            output_rows: self.output_rows,
            engine: self.engine,
            backend: self.backend,
            placement,
            depth: self.depth,
            prompt_tokens: self.prompt_tokens,
            output_tokens: self.output_tokens,
            concurrency: self.concurrency,
            imatrix: self.imatrix,
        }
    }
}

/// Everything has a default but the model.
fn model_is_required(schema: &mut Schema) {
    schema.insert("required".to_owned(), serde_json::json!(["model"]));
    if let Some(Value::Object(model)) = schema.pointer_mut("/properties/model") {
        model.remove("default");
    }
}
