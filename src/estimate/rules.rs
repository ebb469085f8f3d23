//! The coefficients of `assets/speed.json` and `assets/memory.json`, parsed once.

use std::sync::LazyLock;

use serde::Deserialize;

/// Coefficients of decode, prefill and their intervals.
#[derive(Debug, Deserialize)]
pub struct SpeedRules {
    /// Where they come from.
    pub source: String,
    /// Time of one boundary between devices, µs.
    pub device_boundary_us: f64,
    /// Streaming from disk.
    pub disk: DiskRule,
    /// Prompt processing.
    pub prefill: PrefillRule,
    /// Reading a file before the first answer.
    pub load: LoadRule,
    /// Matrix units that not every engine has the instructions for.
    pub matrix_units: MatrixRule,
    /// Processors in several sockets.
    pub sockets: SocketsRule,
    /// Guessing ahead.
    pub speculative: SpeculativeRule,
    /// Spread of the predictions.
    pub intervals: Intervals,
}

/// Guessing ahead with a draft model or MTP layers.
#[derive(Debug, Deserialize)]
pub struct SpeculativeRule {
    /// Where it comes from.
    pub source: String,
    /// Share of guesses that are right: text that is hard to guess, chat, code.
    pub accepted: [f64; 3],
    /// Share of its experts that a token has in common with the one before.
    pub same_experts: f64,
    /// What a guess more takes to check beside what reading and multiplying take, in steps.
    pub check_of_guess: f64,
    /// Tokens that MTP layers guess at once.
    pub mtp_tokens: u32,
}

/// Matrix units whose rate takes instructions that llama.cpp does not have.
#[derive(Debug, Deserialize)]
pub struct MatrixRule {
    /// Where it comes from.
    pub source: String,
    /// Architecture of the devices.
    pub architecture: String,
    /// Share of the rate that is reached without those instructions.
    pub share: f64,
}

/// Streaming from disk.
#[derive(Debug, Deserialize)]
pub struct DiskRule {
    /// Read rate, GB/s.
    pub gbs: f64,
    /// Where it comes from.
    pub source: String,
}

/// Rates of disks when a file is read from end to end, GB/s: least, usual, most.
#[derive(Debug, Deserialize)]
pub struct LoadRule {
    /// Where they come from.
    pub source: String,
    /// Flash on PCIe.
    pub nvme: [f64; 3],
    /// Other flash.
    pub ssd: [f64; 3],
    /// Turning.
    pub hdd: [f64; 3],
    /// Any.
    pub unknown: [f64; 3],
    /// Half-width around a rate that somebody has typed, as a difference of logarithms.
    pub typed_spread: f64,
}

/// Processors in several sockets.
#[derive(Debug, Deserialize)]
pub struct SocketsRule {
    /// Where it comes from.
    pub source: String,
    /// Half-width of the interval there, as a difference of logarithms.
    pub half_width: f64,
}

/// Prompt processing.
#[derive(Debug, Deserialize)]
pub struct PrefillRule {
    /// Where it comes from.
    pub source: String,
    /// Latency of the engine before the first token, s.
    pub latency_s: f64,
}

/// Spread of the predictions by evidence.
#[derive(Debug, Deserialize)]
pub struct Intervals {
    /// How they were obtained.
    pub source: String,
    /// Streaming.
    pub disk: f64,
    /// Times as wide where much of a quantized cache is read.
    pub cache: f64,
    /// Where residuals say nothing.
    pub unknown: f64,
}

/// Sizes that are not tensors.
#[derive(Debug, Deserialize)]
pub struct MemoryRules {
    /// Where they come from.
    pub source: String,
    /// What the tensors of a file do not say of its graph.
    pub graph: GraphRules,
    /// Encoders.
    pub no_cache: ArchitectureList,
    /// Architectures that load a tied output matrix twice even into main memory.
    pub tied_copy_on_host: ArchitectureList,
    /// Architectures that have no output matrix on a device, tied or not.
    pub no_output_copy: ArchitectureList,
    /// Architectures whose files give key–value heads layer by layer.
    pub array_head_count_kv: ArchitectureList,
    /// Device context.
    pub device_context: DeviceContexts,
    /// What llama.cpp's own fit leaves free.
    pub fit_margin: FitMargin,
    /// Vision projectors.
    pub projector: ProjectorRule,
    /// Architectures whose memory is known less well than that of others.
    pub rough: Vec<RoughRule>,
    /// File header.
    pub file: FileRule,
}

/// How architectures with the same tensors differ in their graphs.
#[derive(Debug, Deserialize)]
pub struct GraphRules {
    /// Where they come from.
    pub source: String,
    /// Rows are picked after the last block.
    pub rows_after_last_block: ArchitectureList,
    /// Rows are picked after the output norm.
    pub rows_after_norm: ArchitectureList,
    /// Attention and feed-forward network read the same stream.
    pub parallel: ArchitectureList,
    /// What is added to the stream is added to it, not the stream to that.
    pub stream_first: ArchitectureList,
    /// The same for feed-forward networks alone.
    pub stream_first_late: ArchitectureList,
    /// The feed-forward network is added to the stream before attention is.
    pub attention_last: ArchitectureList,
    /// Encoders: no logits.
    pub without_logits: ArchitectureList,
    /// The embedding and what is added to the stream are scaled.
    pub scales: ArchitectureList,
    /// The norm before a mixer is put in the graph before the mixer.
    pub expands_norm: ArchitectureList,
    /// Queries and keys have no rotary position.
    pub without_rotary: ArchitectureList,
    /// Only blocks with a window have rotary positions.
    pub rotary_in_windows: ArchitectureList,
    /// Blocks without rotary positions scale queries by their position.
    pub tempered: ArchitectureList,
    /// A token has four positions.
    pub four_positions: ArchitectureList,
    /// Values are normed.
    pub norms_values: ArchitectureList,
    /// Scores weigh an expert's input.
    pub weighs_input: ArchitectureList,
    /// Scores become weights after the choice.
    pub weighs_late: ArchitectureList,
    /// Weights of the chosen experts are not divided by their sum.
    pub plain_weights: ArchitectureList,
    /// Key heads of gated delta nets are repeated.
    pub repeats_keys: ArchitectureList,
}

/// Names of architectures.
#[derive(Debug, Deserialize)]
pub struct ArchitectureList {
    /// llama.cpp's names.
    pub architectures: Vec<String>,
}

impl ArchitectureList {
    /// Whether `arch` is among them.
    pub fn has(&self, arch: &str) -> bool {
        self.architectures.iter().any(|a| a == arch)
    }
}

/// Memory that a process takes on a device before any buffer.
#[derive(Debug, Deserialize)]
pub struct DeviceContexts {
    /// CUDA.
    pub cuda: DeviceContext,
    /// `ROCm`.
    pub rocm: DeviceContext,
    /// Vulkan, Metal, SYCL.
    pub other: DeviceContext,
}

/// A line over the number of compute units.
#[derive(Debug, Deserialize)]
pub struct DeviceContext {
    /// Part that every device takes, MiB.
    pub fixed_mib: f64,
    /// For each compute unit, MiB.
    pub per_compute_unit_mib: f64,
    /// Where the number of units is unknown, MiB.
    pub unknown_mib: f64,
    /// Where it comes from.
    pub source: String,
}

/// Memory that llama.cpp's `--fit` leaves free on each device.
#[derive(Debug, Deserialize)]
pub struct FitMargin {
    /// MiB.
    pub mib: u64,
    /// Where it comes from.
    pub source: String,
}

/// What is known less well of some architectures, said with each plan.
#[derive(Debug, Deserialize)]
pub struct RoughRule {
    /// llama.cpp's names.
    pub architectures: Vec<String>,
    /// In words.
    pub warning: String,
}

/// Memory of a vision projector.
#[derive(Debug, Deserialize)]
pub struct ProjectorRule {
    /// Bytes of a parameter in the usual file.
    pub bytes_per_param: u64,
    /// File and workspace together, in sizes of the file.
    pub total_of_file: f64,
    /// Where they come from.
    pub source: String,
}

/// What a file holds beside tensors.
#[derive(Debug, Deserialize)]
pub struct FileRule {
    /// Bytes of the header for each tensor.
    pub header_bytes_per_tensor: u64,
    /// Bytes of the tokenizer for each token of the vocabulary.
    pub tokenizer_bytes_per_token: u64,
    /// Where they come from.
    pub source: String,
}

/// Coefficients of speed.
pub fn speed() -> &'static SpeedRules {
    static RULES: LazyLock<SpeedRules> = LazyLock::new(|| parse(include_str!("../../assets/speed.json")));
    &RULES
}

/// Rules of memory.
pub fn memory() -> &'static MemoryRules {
    static RULES: LazyLock<MemoryRules> = LazyLock::new(|| parse(include_str!("../../assets/memory.json")));
    &RULES
}

#[expect(clippy::expect_used, reason = "the asset is part of the program; a test parses it")]
fn parse<T: serde::de::DeserializeOwned>(text: &str) -> T {
    serde_json::from_str(text).expect("embedded rules are valid")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn embedded_rules_parse_and_name_their_sources() {
        assert!(!speed().source.is_empty() && !speed().intervals.source.is_empty());
        assert!(!memory().source.is_empty() && !memory().device_context.cuda.source.is_empty());
    }
}
