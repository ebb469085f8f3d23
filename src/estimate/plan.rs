//! The answer: what a model needs, where it goes, how fast it is.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::language::tr;
use crate::quant::quality::Retained;
use crate::quant::{GgmlType, Level};
use crate::units::Bytes;

/// Everything that is said of one model at one quantization on one machine.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Quantization.
    pub level: Level,
    /// The file.
    pub file: Arc<FileSize>,
    /// Memory by device and part.
    pub memory: Memory,
    /// The verdict.
    pub fit: Fit,
    /// Where the layers go.
    pub placement: Placement,
    /// Speed.
    pub speed: Speed,
    /// What is kept of the model's quality.
    pub quality: Retained,
    /// What a reader should know; shown with the answer.
    pub warnings: Vec<String>,
    /// How an engine other than llama.cpp and Ollama is set for it.
    pub serving: Option<Serving>,
}

/// How an engine that is not llama.cpp holds a model.
#[derive(Clone, Debug, PartialEq)]
pub struct Serving {
    /// Cards that share each layer.
    pub tensor: u32,
    /// Stages, each with its own layers.
    pub pipeline: u32,
    /// Share of a card's memory that its option states; `None`: it has no such option.
    pub memory_fraction: Option<f64>,
    /// Tokens of a prompt step.
    pub prompt_step: u32,
    /// Tokens that its cache holds, where that is what the weights leave; of all requests together.
    pub cache_tokens: Option<u64>,
    /// What has to be installed besides.
    pub needs: Option<&'static str>,
}

/// Size of a model's file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FileSize {
    /// With padding, header and tokenizer estimate.
    pub bytes: Bytes,
    /// The tensors alone.
    pub tensor_bytes: Bytes,
    /// Tensor bits for each parameter.
    pub bits_per_weight: f64,
    /// Shares of the formats, in ggml's order.
    pub types: Vec<TypeShare>,
    /// Whether every tensor's name and shape is known, or only classes of tensors.
    pub exact: bool,
}

/// Tensors of one format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TypeShare {
    /// Format.
    pub format: GgmlType,
    /// Tensors in it.
    pub tensors: u32,
    /// Their bytes.
    pub bytes: Bytes,
}

/// Memory by device.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Memory {
    /// GPUs in the rig's order.
    pub devices: Vec<Parts>,
    /// Main memory.
    pub host: Parts,
}

impl Memory {
    /// All devices and the host.
    pub fn total(&self) -> Bytes {
        self.devices.iter().map(Parts::total).sum::<Bytes>() + self.host.total()
    }

    /// All devices, without the host.
    pub fn on_devices(&self) -> Bytes {
        self.devices.iter().map(Parts::total).sum()
    }
}

/// Memory of one device or the host, by part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// Tensors loaded there.
    pub weights: Bytes,
    /// Key–value cache.
    pub kv: Bytes,
    /// State of recurrent layers.
    pub recurrent: Bytes,
    /// Graph buffer.
    pub compute: Bytes,
    /// Device context, output buffer, repacked copies.
    pub overhead: Bytes,
}

impl Parts {
    /// The sum of the parts.
    #[inline]
    pub fn total(&self) -> Bytes {
        self.weights + self.kv + self.recurrent + self.compute + self.overhead
    }
}

impl std::ops::Add for Parts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            weights: self.weights + other.weights,
            kv: self.kv + other.kv,
            recurrent: self.recurrent + other.recurrent,
            compute: self.compute + other.compute,
            overhead: self.overhead + other.overhead,
        }
    }
}

/// How a model sits on a machine, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FitClass {
    /// On the GPUs, with 1 GiB or 5 % to spare on the tightest (whichever is smaller).
    Fits,
    /// On the GPUs, with less to spare.
    Tight,
    /// Part of it in main memory.
    Offload,
    /// Without a GPU part.
    Cpu,
    /// Only by streaming from disk.
    Disk,
    /// Not at all.
    TooBig,
}

impl FitClass {
    /// All classes, best first.
    pub const ALL: [Self; 6] = [Self::Fits, Self::Tight, Self::Offload, Self::Cpu, Self::Disk, Self::TooBig];

    /// The word on the screen.
    pub fn word(self) -> &'static str {
        match self {
            Self::Fits => tr!("Fits"),
            Self::Tight => tr!("Tight"),
            Self::Offload => tr!("Offload"),
            Self::Cpu => "CPU",
            Self::Disk => tr!("Disk"),
            Self::TooBig => tr!("Too big"),
        }
    }

    /// Whether it runs from memory, on whatever device.
    pub const fn runs(self) -> bool {
        matches!(self, Self::Fits | Self::Tight | Self::Offload | Self::Cpu)
    }
}

/// The verdict.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// Class, decided by the tightest device.
    pub class: FitClass,
    /// To spare on the tightest device (of the host for `cpu`); negative: missing.
    pub margin_bytes: i64,
    /// Longest context, tokens: the one that keeps the whole model on the GPUs where the weights fit
    /// there, else the longest that runs with the help of RAM; at most what the model was trained for.
    /// `None`: not even 256.
    pub max_context: Option<u32>,
    /// Whether `max_context` keeps everything on the GPUs.
    pub max_context_on_gpu: bool,
    /// One sentence.
    pub reason: String,
}

/// Where the layers go, in llama.cpp's terms.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Placement {
    /// `-ngl`: 0 none; n = the output layer and the last n − 1 blocks.
    pub gpu_layers: u32,
    /// `--n-cpu-moe`: routed experts of the first n blocks stay in RAM.
    pub cpu_moe_layers: u32,
    /// Shares of the devices that take part, in their order; `None` with one.
    pub tensor_split: Option<Vec<f64>>,
    /// The devices that take part, as places in the rig, in the order in which they hold the layers; `None`
    /// where all do in the rig's order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub devices: Option<Vec<usize>>,
    /// "layer"; "tensor" where an engine other than llama.cpp divides each layer among its cards.
    pub split_mode: String,
}

/// An 80 % interval and its middle.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Range {
    /// One in ten is below.
    pub p10: f64,
    /// Half are below.
    pub p50: f64,
    /// One in ten is above.
    pub p90: f64,
}

/// Speed. `None` is "n/a"; the plan's warnings say why.
#[derive(Clone, Debug, PartialEq)]
pub struct Speed {
    /// Decode rate of all requests together, tokens/s.
    pub decode: Option<Range>,
    /// Output tokens a second of wall time, prefill included.
    pub output: Option<Range>,
    /// Prompt tokens/s.
    pub prefill: Option<Range>,
    /// Seconds to the first token, model loaded.
    pub ttft: Option<Range>,
    /// Seconds to read the file from the disk, where nothing of it is in memory yet.
    pub load: Option<Range>,
    /// What limits decode.
    pub bound: Bound,
    /// What limits prompts.
    pub prompt_bound: Bound,
    /// Decode rate of all requests together if memory were read at its peak and nothing else took time, tokens/s.
    pub limit: Option<f64>,
    /// What the decode rate rests on.
    pub evidence: Evidence,
    /// What the prompt rate rests on.
    pub prompt_evidence: Evidence,
    /// Measurements on this machine that the decode rate was corrected by.
    pub own: u32,
    /// How many times as fast one request decodes with the draft model or the MTP layers that are asked for; may be
    /// less than 1.
    pub speculation: Option<Range>,
}

impl Speed {
    /// Nothing can be said.
    pub const UNKNOWN: Self = Self {
        decode: None,
        output: None,
        prefill: None,
        ttft: None,
        load: None,
        bound: Bound::Unknown,
        prompt_bound: Bound::Unknown,
        limit: None,
        evidence: Evidence::None,
        prompt_evidence: Evidence::None,
        own: 0,
        speculation: None,
    };
}

/// What limits a speed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Bound {
    /// Bandwidth of the GPU's memory.
    #[serde(rename = "memory bandwidth")]
    GpuMemory,
    /// Cost of each layer.
    #[serde(rename = "per-layer overhead")]
    Overhead,
    /// Arithmetic: multiplications take longer than reading what is multiplied.
    #[serde(rename = "compute")]
    Compute,
    /// Bandwidth of main memory.
    #[serde(rename = "RAM bandwidth")]
    Ram,
    /// Link between main memory and the GPU.
    #[serde(rename = "PCIe")]
    Link,
    /// Read rate of the disk.
    #[serde(rename = "disk")]
    Disk,
    /// Unknown: there is no speed.
    #[serde(rename = "n/a")]
    Unknown,
}

impl Bound {
    /// The words on the screen.
    pub fn words(self) -> &'static str {
        match self {
            Self::GpuMemory => tr!("memory bandwidth"),
            Self::Overhead => tr!("per-layer overhead"),
            Self::Compute => tr!("compute" in "limit"),
            Self::Link => "PCIe",
            Self::Ram => tr!("RAM bandwidth"),
            Self::Disk => tr!("disk"),
            Self::Unknown => "n/a",
        }
    }
}

/// What a speed rests on, strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Evidence {
    /// The model was measured on this very machine.
    MeasuredHere,
    /// The model was measured on the device.
    SameModel,
    /// Other models were.
    SameDevice,
    /// Coefficients of this architecture and backend.
    SameArchitecture,
    /// Coefficients of the vendor and backend.
    Vendor,
    /// Part of the model in main memory.
    Hybrid,
    /// The processor alone.
    CpuOnly,
    /// Weights streamed from disk.
    Disk,
    /// No evidence, no speed.
    None,
}

impl Evidence {
    /// All, strongest first.
    pub const ALL: [Self; 9] = [
        Self::MeasuredHere,
        Self::SameModel,
        Self::SameDevice,
        Self::SameArchitecture,
        Self::Vendor,
        Self::Hybrid,
        Self::CpuOnly,
        Self::Disk,
        Self::None,
    ];
    /// How many there are.
    pub const COUNT: usize = Self::ALL.len();

    /// Whether its interval comes from residuals of the decode fit.
    pub const fn is_fitted(self) -> bool {
        matches!(self, Self::SameModel | Self::SameDevice | Self::SameArchitecture | Self::Vendor)
    }

    /// Its name in the coefficient file and in answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::MeasuredHere => "measured-here",
            Self::SameModel => "same-model",
            Self::SameDevice => "same-device",
            Self::SameArchitecture => "same-architecture",
            Self::Vendor => "vendor",
            Self::Hybrid => "hybrid",
            Self::CpuOnly => "cpu-only",
            Self::Disk => "disk",
            Self::None => "none",
        }
    }

    /// The words on the screen.
    pub fn words(self) -> &'static str {
        match self {
            Self::MeasuredHere => tr!("measured on this computer"),
            Self::SameModel => tr!("this model was measured on this GPU"),
            Self::SameDevice => tr!("other models were measured on this GPU"),
            Self::SameArchitecture => tr!("fitted to measurements on this GPU architecture"),
            Self::Vendor => tr!("fitted to measurements on this vendor's GPUs"),
            Self::Hybrid => tr!("GPU and RAM together: few measurements, wide range"),
            Self::CpuOnly => tr!("processor only: few measurements, wide range"),
            Self::Disk => tr!("streamed from disk: a rough figure"),
            Self::None => tr!("no evidence"),
        }
    }
}

/// The figures of a plan that tables and the matrix show.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Brief {
    /// Verdict.
    pub class: FitClass,
    /// Memory needed on all devices and the host.
    pub need: Bytes,
    /// Of that, on the GPUs.
    pub on_gpu: Bytes,
    /// Share of the weights that the GPUs hold, 0 to 1.
    pub gpu_share: f32,
    /// Decode rate, tokens/s; `None` is n/a.
    pub decode: Option<Range>,
    /// Size of the file.
    pub file_bytes: Bytes,
    /// What is kept of the quality.
    pub quality: Retained,
    /// To spare on the tightest device; negative: missing.
    pub margin_bytes: i64,
}

/// Why there is no plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Unsupported {
    /// What is not possible and what is.
    pub reason: String,
}
