//! What is asked of a model: context, cache, engine, load. Everything but the model and the machine.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::language::tr;
use crate::quant::{GgmlType, Level};

/// What is asked; the defaults are those of `plimsoll estimate`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Scenario {
    /// Tokens that the cache is allocated for.
    pub context: u32,
    /// Type of the cached keys.
    pub cache_k: CacheType,
    /// Type of the cached values.
    pub cache_v: CacheType,
    /// Flash attention.
    pub flash_attention: bool,
    /// Physical batch, tokens.
    pub ubatch: u32,
    /// Logical batch, tokens.
    pub batch: u32,
    /// Slots of the server.
    pub parallel: u32,
    /// Slots share one cache.
    pub unified_kv: bool,
    /// Window layers keep the whole context.
    pub swa_full: bool,
    /// MTP speculation: its layers are loaded.
    pub mtp: bool,
    /// The vision projector is loaded, where the model has one.
    pub projector: bool,
    /// Read rate of the disk that the file is on, GB/s; `None`: as its kind usually has.
    pub disk_gbs: Option<f64>,
    /// A smaller model guesses ahead.
    pub draft: Option<DraftRequest>,
    /// Rows of logits that the compute buffer is sized for.
    pub output_rows: OutputRows,
    /// Program that runs the model.
    pub engine: Engine,
    /// Its backend.
    pub backend: BackendChoice,
    /// Where the layers go; what is left out is chosen.
    pub placement: PlacementRequest,
    /// Tokens already in each request's cache.
    pub depth: u32,
    /// New tokens of a prompt.
    pub prompt_tokens: u32,
    /// Tokens of an answer.
    pub output_tokens: u32,
    /// Requests at once.
    pub concurrency: u32,
    /// The file was made with an importance matrix.
    pub imatrix: bool,
}

impl Default for Scenario {
    fn default() -> Self {
        Self {
            context: 8192,
            cache_k: CacheType::F16,
            cache_v: CacheType::F16,
            flash_attention: true,
            ubatch: 512,
            batch: 2048,
            parallel: 1,
            unified_kv: true,
            swa_full: false,
            mtp: false,
            projector: false,
            disk_gbs: None,
            draft: None,
            output_rows: OutputRows::Server,
            engine: Engine::LlamaCpp,
            backend: BackendChoice::Auto,
            placement: PlacementRequest::default(),
            depth: 0,
            prompt_tokens: 512,
            output_tokens: 128,
            concurrency: 1,
            imatrix: true,
        }
    }
}

impl Scenario {
    /// Physical batch, tokens: llama.cpp cuts it to the logical one.
    pub fn physical_batch(&self) -> u32 {
        self.ubatch.min(self.batch)
    }
}

/// Type of a cached key or value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CacheType {
    /// 32-bit float.
    F32,
    /// 16-bit float.
    #[default]
    F16,
    /// bfloat16.
    Bf16,
    /// 8.5 bits a value.
    #[serde(rename = "q8_0")]
    Q8_0,
    /// 6 bits a value.
    #[serde(rename = "q5_1")]
    Q5_1,
    /// 5.5 bits a value.
    #[serde(rename = "q5_0")]
    Q5_0,
    /// 5 bits a value.
    #[serde(rename = "q4_1")]
    Q4_1,
    /// 4.5 bits a value.
    #[serde(rename = "q4_0")]
    Q4_0,
    /// 4.5 bits a value, non-linear.
    #[serde(rename = "iq4_nl")]
    Iq4Nl,
    /// 8 bits a value (vLLM, `SGLang`, TensorRT-LLM).
    Fp8,
}

impl CacheType {
    /// All types that llama.cpp's `--cache-type-k` takes.
    pub const LLAMA_CPP: [Self; 9] = [
        Self::F32,
        Self::F16,
        Self::Bf16,
        Self::Q8_0,
        Self::Q5_1,
        Self::Q5_0,
        Self::Q4_1,
        Self::Q4_0,
        Self::Iq4Nl,
    ];

    /// Its name on llama.cpp's command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::F16 => "f16",
            Self::Bf16 => "bf16",
            Self::Q8_0 => "q8_0",
            Self::Q5_1 => "q5_1",
            Self::Q5_0 => "q5_0",
            Self::Q4_1 => "q4_1",
            Self::Q4_0 => "q4_0",
            Self::Iq4Nl => "iq4_nl",
            Self::Fp8 => "fp8",
        }
    }

    /// The ggml type that stores it; `None` for fp8, which ggml has not.
    pub const fn ggml(self) -> Option<GgmlType> {
        Some(match self {
            Self::F32 => GgmlType::F32,
            Self::F16 => GgmlType::F16,
            Self::Bf16 => GgmlType::Bf16,
            Self::Q8_0 => GgmlType::Q8_0,
            Self::Q5_1 => GgmlType::Q5_1,
            Self::Q5_0 => GgmlType::Q5_0,
            Self::Q4_1 => GgmlType::Q4_1,
            Self::Q4_0 => GgmlType::Q4_0,
            Self::Iq4Nl => GgmlType::Iq4Nl,
            Self::Fp8 => return None,
        })
    }

    /// Bytes of one cached value, scales included.
    pub fn bytes_per_value(self) -> f64 {
        self.ggml().map_or(1.0, |format| format.block_bytes() as f64 / format.block() as f64)
    }
}

/// Rows of logits in the compute buffer (llama-server keeps few, llama-bench a whole batch).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OutputRows {
    /// One a slot.
    #[default]
    Server,
    /// One a token of the batch.
    Bench,
}

/// Program that runs the model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Engine {
    /// llama.cpp.
    #[default]
    #[serde(rename = "llama.cpp")]
    LlamaCpp,
    /// Ollama.
    #[serde(rename = "ollama")]
    Ollama,
    /// vLLM.
    #[serde(rename = "vllm")]
    Vllm,
    /// `SGLang`.
    #[serde(rename = "sglang")]
    Sglang,
    /// Apple MLX.
    #[serde(rename = "mlx")]
    Mlx,
    /// `ExLlamaV3`.
    #[serde(rename = "exllamav3")]
    ExLlamaV3,
    /// TensorRT-LLM.
    #[serde(rename = "tensorrt-llm")]
    TensorRtLlm,
}

impl Engine {
    /// All engines.
    pub const ALL: [Self; 7] = [
        Self::LlamaCpp,
        Self::Ollama,
        Self::Vllm,
        Self::Sglang,
        Self::Mlx,
        Self::ExLlamaV3,
        Self::TensorRtLlm,
    ];

    /// Its name in queries and on the screen.
    pub const fn name(self) -> &'static str {
        match self {
            Self::LlamaCpp => "llama.cpp",
            Self::Ollama => "ollama",
            Self::Vllm => "vllm",
            Self::Sglang => "sglang",
            Self::Mlx => "mlx",
            Self::ExLlamaV3 => "exllamav3",
            Self::TensorRtLlm => "tensorrt-llm",
        }
    }

    /// Its name as its makers write it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::LlamaCpp => "llama.cpp",
            Self::Ollama => "Ollama",
            Self::Vllm => "vLLM",
            Self::Sglang => "SGLang",
            Self::Mlx => "MLX",
            Self::ExLlamaV3 => "ExLlamaV3",
            Self::TensorRtLlm => "TensorRT-LLM",
        }
    }

    /// Whether it reads GGUF files through ggml.
    pub const fn is_ggml(self) -> bool {
        matches!(self, Self::LlamaCpp | Self::Ollama)
    }
}

/// A backend, or the usual one of the device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum BackendChoice {
    /// CUDA on NVIDIA, ROCm on AMD, Metal on Apple, SYCL on Intel, else the processor.
    #[default]
    Auto,
    /// CUDA.
    Cuda,
    /// ROCm.
    Rocm,
    /// Vulkan.
    Vulkan,
    /// Metal.
    Metal,
    /// SYCL.
    Sycl,
    /// The processor.
    Cpu,
}

impl BackendChoice {
    /// Its name in a sentence.
    pub fn title(self) -> &'static str {
        match self {
            Self::Auto => tr!("any backend"),
            Self::Cuda => "CUDA",
            Self::Rocm => "ROCm",
            Self::Vulkan => "Vulkan",
            Self::Metal => "Metal",
            Self::Sycl => "SYCL",
            Self::Cpu => tr!("the processor"),
        }
    }
}

/// A draft model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DraftRequest {
    /// Its id in the catalog.
    pub model: String,
    /// Its quantization.
    pub level: Level,
    /// Tokens guessed at once.
    pub tokens: u32,
}

/// Where the layers are asked to go; `None` is chosen.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PlacementRequest {
    /// llama.cpp's `-ngl`: 0 none; n = the output layer and the last n − 1 blocks.
    pub gpu_layers: Option<u32>,
    /// llama.cpp's `--n-cpu-moe`: routed experts of the first n blocks stay in RAM.
    pub cpu_moe_layers: Option<u32>,
    /// Shares of the devices, in order.
    pub tensor_split: Option<Vec<f64>>,
    /// The devices that take part, as places in the rig, in the order in which they hold the layers.
    pub devices: Option<Vec<usize>>,
}

impl PlacementRequest {
    /// Nothing is asked.
    pub fn is_auto(&self) -> bool {
        self == &Self::default()
    }
}
