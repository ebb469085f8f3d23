//! The command line.

use std::path::{Path, PathBuf};
use std::str::FromStr as _;

use clap::{Args, CommandFactory as _, Parser, Subcommand};
use serde_json::{Map, Value, json};

use crate::app::best_for::{SPEED, Terms};
use crate::app::share::{ShareError, Shared};
use crate::app::typed;
use crate::estimate::scenario::CacheType;
use crate::quant::Level;

/// What your machine can carry: which open-weight language models fit it, at which quantization and
/// context, and how fast they answer.
///
/// Without a command a window opens; where none can, the report is printed instead.
#[derive(Debug, Parser)]
#[command(
    name = "plimsoll",
    version,
    max_term_width = 100,
    args_conflicts_with_subcommands = true,
    after_help = "\
Examples:
  plimsoll                                    open the window
  plimsoll model.gguf                         the same, and a model of your own in it
  plimsoll open PLIM1…                        what somebody shared
  plimsoll report                             the same in the terminal
  plimsoll report --gpu \"RTX 4090\" --ram 64   for another machine
  plimsoll machine                            what was found here, and how it is known
  plimsoll machine --record mine.json         the same as a file that may be shown to anybody
  plimsoll --recorded mine.json               the window on the machine of such a file"
)]
pub struct Cli {
    /// What to do instead of opening the window.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Models to open in the window: GGUF files, config.json, folders of checkpoints, files of records
    #[arg(value_name = "FILE", value_parser = model_file)]
    pub files: Vec<PathBuf>,
    /// Open the window for a recorded machine instead of this one
    #[arg(long, value_name = "FILE")]
    pub recorded: Option<PathBuf>,
    /// Write how long the window's frames took to a file: first the time to the first, then each, in ms
    #[arg(long, value_name = "FILE", hide = true)]
    pub frame_times: Option<PathBuf>,
}

/// What to do instead of opening the window.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Open the window as a share code says: scenario, selection, filters, machine
    Open(Box<OpenArgs>),
    /// Print what the window shows: a line for each model, at its best quantization
    Report(ReportArgs),
    /// Print what this machine has, each value with its source
    Machine(MachineArgs),
    /// List the models that other programs keep on this computer, with sizes and verdicts
    Installed(InstalledArgs),
    /// Ask the hub for a model's files, with sizes and verdicts; nothing else here uses the network
    #[command(long_about = "\
Ask the hub for the files of a repository, by its name (owner/name, owner/name:Q4_K_M) or a link, or for \
repositories by words. Of each GGUF file the few megabytes before its data are read, not the file. \
HF_ENDPOINT names a mirror, HF_TOKEN (or the file that `hf auth login` writes) opens gated repositories, \
HTTPS_PROXY and NO_PROXY are followed, HF_HUB_OFFLINE keeps it from the network.")]
    Hub(HubArgs),
    /// Measure how fast this machine reads its memory, and use that from now on
    #[command(long_about = "\
Measure how fast this machine reads its memory with all physical cores, and keep the result: from then on \
it stands for what the processor's platform would suggest. It takes about two seconds and a half to eight \
gigabytes of memory, in which nothing else should run. Nothing leaves this computer.")]
    Measure(MeasureArgs),
    /// Say whether work is done in time and what it costs: a batch, an agent, a chat, many users
    #[command(after_help = "\
Examples:
  plimsoll work 5000 contracts of 12 pages --gpu \"RTX 3060 12 GB\" --ram 64
  plimsoll work --preset agent --model Qwen/Qwen3-14B --quant Q4_K_M
  plimsoll work --preset team --set per_minute=10 --electricity de --set exchange=1.1 --json")]
    Work(Box<super::work::WorkArgs>),
    /// Say how many machines bear a service, and write the files that start it there
    #[command(after_help = "\
Examples:
  plimsoll deploy --model Qwen/Qwen3-8B --arrivals 300 --gpu \"RTX 4090\" --ram 64
  plimsoll deploy --model Qwen/Qwen3-32B --quant FP8 --engine vllm --form kubernetes --out files")]
    Deploy(Box<super::deploy::DeployArgs>),
    /// Answer queries: one JSON object a line in, one a line out
    #[command(long_about = "\
Answer queries: one JSON object a line on standard input, one JSON object a line on standard output, in \
the same order. With --model, one query is made of the options instead.

A query that cannot be answered gets an error in its place and the next line goes on. Exit status: 0 \
where every line was answered, 1 where some line was an error, 2 where the input could not be read. Empty \
lines are skipped.")]
    #[command(after_help = "\
Examples:
  plimsoll estimate < queries.jsonl > answers.jsonl
  plimsoll estimate --model Qwen/Qwen3-30B-A3B --gpu \"RTX 4090\" --ram 64 --context 32k
  plimsoll estimate --schema")]
    Estimate(Box<EstimateArgs>),
}

/// Another machine than this one.
#[derive(Debug, Clone, Default, PartialEq, Args)]
#[command(next_help_heading = "Another machine than this one")]
pub struct OtherMachine {
    /// A GPU by name; once for each card, "none" for a machine without
    #[arg(long = "gpu", value_name = "NAME")]
    pub gpus: Vec<String>,
    /// Main memory, GiB
    #[arg(long, value_name = "GIB", value_parser = gibibytes, allow_negative_numbers = true)]
    pub ram: Option<f64>,
    /// Processor by name, which says how fast the memory is
    #[arg(long, value_name = "NAME")]
    pub cpu: Option<String>,
    /// linux, windows or macos
    #[arg(long, value_name = "NAME")]
    pub os: Option<String>,
    /// A machine that was recorded with "plimsoll machine --record"
    #[arg(long, value_name = "FILE", conflicts_with_all = ["gpus", "ram", "cpu", "os"])]
    pub recorded: Option<PathBuf>,
}

/// A file to open. A bare word that no file has is a slip in a command, and no window opens for it.
fn model_file(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    let is_word = text.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-');
    if !is_word || path.exists() {
        return Ok(path);
    }
    let command = Cli::command();
    let names = command.get_subcommands().map(clap::Command::get_name);
    let nearest = names.map(|name| (strsim::jaro(text, name), name)).max_by(|a, b| a.0.total_cmp(&b.0));
    let meant =
        nearest.filter(|(likeness, _)| *likeness > 0.7).map(|(_, name)| format!("; did you mean {name}?"));
    Err(format!("it is neither a command nor a file{}", meant.unwrap_or_default()))
}

/// What a share code carries.
fn share_code(text: &str) -> Result<Shared, String> {
    Shared::in_text(text).unwrap_or(Err(ShareError::NoCode)).map_err(|error| error.to_string())
}

impl OtherMachine {
    /// The machine as a query writes it; `None`: this one.
    pub fn query(&self) -> Option<Value> {
        if *self == Self::default() {
            return None;
        }
        if let Some(path) = &self.recorded {
            return Some(json!({ "recorded": path }));
        }
        let named: Vec<Value> = self
            .gpus
            .iter()
            .filter(|name| !name.trim().eq_ignore_ascii_case("none"))
            .map(|name| json!({ "name": name }))
            .collect();
        let mut machine = Map::new();
        machine.insert("gpus".to_owned(), named.into());
        insert(&mut machine, "ram_gib", self.ram);
        insert(&mut machine, "cpu", self.cpu.clone());
        insert(&mut machine, "os", self.os.clone());
        Some(machine.into())
    }
}

/// Options of `plimsoll open`.
#[derive(Debug, Clone, Args)]
pub struct OpenArgs {
    /// The code, as the Share button copies it
    #[arg(value_name = "CODE", value_parser = share_code)]
    pub shared: Shared,
    /// The window is for a recorded machine instead of this one, where the code carries none
    #[arg(long, value_name = "FILE")]
    pub recorded: Option<PathBuf>,
}

/// Options of `plimsoll report`.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// Context in tokens: 8192, 32k
    #[arg(long, value_name = "TOKENS", default_value = "16k", value_parser = context)]
    pub context: u32,
    /// The same quantization for all models instead of the best of each
    #[arg(long, value_name = "NAME", value_parser = level)]
    pub quant: Option<Level>,
    /// Type of the cached keys and values.
    #[arg(long, value_name = "TYPE", default_value = "f16", value_parser = cache)]
    #[arg(help = "Type of the cached keys and values: f16, q8_0, q4_0 …")]
    pub cache: CacheType,
    /// Only models that match these words
    #[arg(long, value_name = "WORDS", default_value = "", hide_default_value = true)]
    pub search: String,
    /// Also models that generate no text (embedding, reranking, diffusion)
    #[arg(long)]
    pub all: bool,
    /// At most so many models, best first
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// The best for each use decodes at least as fast as this, tokens/s
    #[arg(long, value_name = "TOKENS/S", default_value = "10", value_parser = speed)]
    pub best_speed: f64,
    /// Context that the best for long contexts is asked with
    #[arg(long, value_name = "TOKENS", default_value = "64k", value_parser = context)]
    pub best_long: u32,
    /// The best for each use stays wholly on the GPU
    #[arg(long)]
    pub best_no_spill: bool,
    /// Write JSON, with the memory of every device
    #[arg(long, group = "form")]
    pub json: bool,
    /// Write CSV; sizes in bytes
    #[arg(long, group = "form")]
    pub csv: bool,
    /// Write a Markdown table
    #[arg(long, group = "form")]
    pub markdown: bool,
    /// Another machine than this one.
    #[command(flatten)]
    pub machine: OtherMachine,
}

impl ReportArgs {
    /// What a model must reach to be named the best for a use.
    pub fn terms(&self) -> Terms {
        let mut terms = Terms { speed: self.best_speed, long: self.best_long, spill: !self.best_no_spill };
        terms.tidy();
        terms
    }
}

/// Options of `plimsoll machine`.
#[derive(Debug, Args)]
pub struct MachineArgs {
    /// Write JSON: each value as {"value": …, "source": …}
    #[arg(long)]
    pub json: bool,
    /// Write what was found here to a file, without serial numbers and without names of people and computers
    #[arg(long, value_name = "FILE", conflicts_with_all = ["json", "recorded"])]
    pub record: Option<PathBuf>,
    /// Print a machine that was recorded so, instead of this one
    #[arg(long, value_name = "FILE")]
    pub recorded: Option<PathBuf>,
}

/// Options of `plimsoll installed`.
#[derive(Debug, Default, Args)]
pub struct InstalledArgs {
    /// Another folder to look through; may be given several times
    #[arg(long = "folder", value_name = "PATH")]
    pub folders: Vec<PathBuf>,
    /// Look through these folders alone
    #[arg(long, requires = "folders")]
    pub only: bool,
    /// Context in tokens: 8192, 32k [default: 8k]
    #[arg(long, value_name = "TOKENS", value_parser = context)]
    pub context: Option<u32>,
    /// Write JSON
    #[arg(long)]
    pub json: bool,
    /// Another machine than this one.
    #[command(flatten)]
    pub machine: OtherMachine,
}

/// Options of `plimsoll hub`.
#[derive(Debug, Args)]
pub struct HubArgs {
    /// owner/name, a link, or words to search for
    #[arg(value_name = "NAME", required = true)]
    pub name: Vec<String>,
    /// Only list the files with their sizes
    #[arg(long)]
    pub list: bool,
    /// Read only this file, or those whose names hold this
    #[arg(long, value_name = "NAME", conflicts_with = "list")]
    pub file: Option<String>,
    /// Address of a mirror
    #[arg(long, value_name = "URL")]
    pub base: Option<String>,
    /// Context in tokens: 8192, 32k [default: 8k]
    #[arg(long, value_name = "TOKENS", value_parser = context)]
    pub context: Option<u32>,
    /// Write JSON
    #[arg(long)]
    pub json: bool,
    /// Another machine than this one.
    #[command(flatten)]
    pub machine: OtherMachine,
}

/// Options of `plimsoll measure`.
#[derive(Debug, Args)]
pub struct MeasureArgs {
    /// Forget what was measured before
    #[arg(long, conflicts_with = "json")]
    pub forget: bool,
    /// Write JSON
    #[arg(long)]
    pub json: bool,
}

/// Options of `plimsoll estimate`: none for a stream, or those of one query.
#[derive(Debug, Default, Args)]
pub struct EstimateArgs {
    /// Print the JSON Schema of query and answer
    #[arg(long, exclusive = true)]
    pub schema: bool,
    /// Model: a name of the catalog, or a path: ./model.gguf, ./config.json, ./folder
    #[arg(long, value_name = "NAME|PATH")]
    pub model: Option<String>,
    /// Quantization.
    #[arg(long, value_name = "NAME", requires = "model", help = "Quantization [default: Q4_K_M]")]
    pub quant: Option<String>,
    /// Context in tokens: 8192, 32k [default: 8k]
    #[arg(long, value_name = "TOKENS", requires = "model", value_parser = context)]
    pub context: Option<u32>,
    /// Type of the cached keys and values [default: f16]
    #[arg(long, value_name = "TYPE", requires = "model")]
    pub kv_type: Option<String>,
    /// Program that runs the model [default: llama.cpp]
    #[arg(long, value_name = "NAME", requires = "model")]
    pub engine: Option<String>,
    /// Its backend: cuda, rocm, vulkan, metal, sycl, cpu [default: auto]
    #[arg(long, value_name = "NAME", requires = "model")]
    pub backend: Option<String>,
    /// Tokens already in the cache [default: 0]
    #[arg(long, value_name = "TOKENS", requires = "model", value_parser = tokens)]
    pub depth: Option<u32>,
    /// New tokens of a prompt [default: 512]
    #[arg(long, value_name = "TOKENS", requires = "model", value_parser = tokens)]
    pub prompt_tokens: Option<u32>,
    /// Tokens of an answer [default: 128]
    #[arg(long, value_name = "TOKENS", requires = "model", value_parser = tokens)]
    pub output_tokens: Option<u32>,
    /// Requests at once [default: 1]
    #[arg(long, value_name = "N", requires = "model")]
    pub concurrency: Option<u32>,
    /// Slots [default: 1]
    #[arg(long, value_name = "N", requires = "model")]
    pub parallel: Option<u32>,
    /// Physical batch [default: 512]
    #[arg(long, value_name = "TOKENS", requires = "model")]
    pub ubatch: Option<u32>,
    /// Logical batch [default: 2048]
    #[arg(long, value_name = "TOKENS", requires = "model")]
    pub batch: Option<u32>,
    /// Layers on the GPU, as llama.cpp's -ngl [default: chosen]
    #[arg(long, value_name = "N", requires = "model")]
    pub gpu_layers: Option<u32>,
    /// Layers whose experts stay in RAM, as llama.cpp's --n-cpu-moe [default: chosen]
    #[arg(long, value_name = "N", requires = "model")]
    pub cpu_moe_layers: Option<u32>,
    /// Without flash attention
    #[arg(long, requires = "model")]
    pub no_flash_attention: bool,
    /// The file was made without an importance matrix
    #[arg(long, requires = "model")]
    pub no_imatrix: bool,
    /// Window layers keep the whole context
    #[arg(long, requires = "model")]
    pub swa_full: bool,
    /// MTP speculation
    #[arg(long, requires = "model")]
    pub mtp: bool,
    /// The vision projector is loaded, where the model has one
    #[arg(long, requires = "model")]
    pub projector: bool,
    /// A smaller model of the catalog that guesses ahead
    #[arg(long, requires = "model", value_name = "NAME")]
    pub draft: Option<String>,
    /// Another machine than this one.
    #[command(flatten)]
    pub machine: OtherMachine,
}

impl EstimateArgs {
    /// The one query that the options make; `None`: queries come from standard input.
    pub fn query(&self) -> Option<Value> {
        let mut query = Map::new();
        let model = self.model.clone()?;
        let model = if is_path(&model) {
            Map::from_iter([("path".to_owned(), model.into())]).into()
        } else {
            model.into()
        };
        query.insert("model".to_owned(), model);
        insert(&mut query, "quant", self.quant.clone());
        insert(&mut query, "machine", self.machine.query());
        insert(&mut query, "context", self.context);
        insert(&mut query, "kv_type", self.kv_type.clone());
        insert(&mut query, "engine", self.engine.clone());
        insert(&mut query, "backend", self.backend.clone());
        insert(&mut query, "depth", self.depth);
        insert(&mut query, "prompt_tokens", self.prompt_tokens);
        insert(&mut query, "output_tokens", self.output_tokens);
        insert(&mut query, "concurrency", self.concurrency);
        insert(&mut query, "parallel", self.parallel);
        insert(&mut query, "ubatch", self.ubatch);
        insert(&mut query, "batch", self.batch);
        insert(&mut query, "flash_attention", self.no_flash_attention.then_some(false));
        insert(&mut query, "imatrix", self.no_imatrix.then_some(false));
        insert(&mut query, "swa_full", self.swa_full.then_some(true));
        insert(&mut query, "mtp", self.mtp.then_some(true));
        insert(&mut query, "projector", self.projector.then_some(true));
        let draft =
            self.draft.as_ref().map(|name| Map::from_iter([("model".to_owned(), name.clone().into())]));
        insert(&mut query, "draft", draft);
        let mut placement = Map::new();
        insert(&mut placement, "gpu_layers", self.gpu_layers);
        insert(&mut placement, "cpu_moe_layers", self.cpu_moe_layers);
        insert(&mut query, "placement", (!placement.is_empty()).then_some(placement));
        Some(query.into())
    }
}

/// Whether a model is meant by its place: a name of the catalog begins with its owner and ends with no file's
/// ending.
fn is_path(text: &str) -> bool {
    let starts = ["./", "../", "/", "~", ".\\", "..\\"].iter().any(|start| text.starts_with(start));
    let drive = text.as_bytes().get(1) == Some(&b':') && matches!(text.as_bytes().get(2), Some(b'\\' | b'/'));
    let path = Path::new(text);
    let is_file = path.extension().is_some_and(|end| end.eq_ignore_ascii_case("gguf"))
        || path.file_name().is_some_and(|name| name == "config.json");
    starts || drive || is_file || matches!(text, "." | "..")
}

fn insert(map: &mut Map<String, Value>, name: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        map.insert(name.to_owned(), value.into());
    }
}

/// Tokens: 8192, or 32k, or 1m, in units of 1024.
pub(super) fn tokens(text: &str) -> Result<u32, String> {
    let lower = text.trim().to_ascii_lowercase();
    let (digits, shift) = match (lower.strip_suffix('k'), lower.strip_suffix('m')) {
        (Some(digits), _) => (digits, 10),
        (_, Some(digits)) => (digits, 20),
        _ => (lower.as_str(), 0),
    };
    let number = u32::from_str(digits).ok().and_then(|number| number.checked_mul(1 << shift));
    let most = super::query::MAX_TOKENS;
    number
        .filter(|number| *number <= most)
        .ok_or_else(|| format!("tokens are a whole number up to {most}, or short as 32k or 1m"))
}

/// Tokens of a context, of which there is at least one.
fn context(text: &str) -> Result<u32, String> {
    tokens(text).and_then(|tokens| {
        if tokens == 0 { Err("a context has at least 1 token".to_owned()) } else { Ok(tokens) }
    })
}

/// A number; JSON has none for `nan` and `inf`, and what it then leaves out would be assumed.
fn gibibytes(text: &str) -> Result<f64, String> {
    let number = f64::from_str(text.trim()).ok().filter(|number| number.is_finite());
    number.filter(|number| *number > 0.0).ok_or_else(|| "memory is a number of GiB above 0".to_owned())
}

fn speed(text: &str) -> Result<f64, String> {
    typed::number(text, "tok/s", &SPEED)
}

pub(super) fn level(text: &str) -> Result<Level, String> {
    text.parse().map_err(|unknown: crate::quant::UnknownLevel| unknown.to_string())
}

pub(super) fn cache(text: &str) -> Result<CacheType, String> {
    let found = CacheType::LLAMA_CPP.into_iter().find(|t| t.name().eq_ignore_ascii_case(text.trim()));
    found.ok_or_else(|| format!("one of {}", CacheType::LLAMA_CPP.map(CacheType::name).join(", ")))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn tokens_in_short_form() {
        assert_eq!(tokens("8192"), Ok(8192));
        assert_eq!(tokens("32k"), Ok(32_768));
        assert_eq!(tokens(" 1M "), Ok(1 << 20));
        for wrong in ["", "k", "-1", "8.5k", "2000m", "99999999999", "8 k"] {
            assert!(tokens(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn memory_is_a_number_above_0() {
        assert_eq!(gibibytes("15.6"), Ok(15.6));
        for wrong in ["", "nan", "inf", "-5", "0", "64GB", "1e400"] {
            let given = ["plimsoll", "report", "--ram", wrong];
            let error = Cli::try_parse_from(given).unwrap_err().to_string();
            assert!(error.contains("memory is a number of GiB above 0"), "{wrong}: {error}");
        }
    }

    #[test]
    fn options_make_one_query() {
        let parse = |words: &str| {
            let cli = Cli::try_parse_from(words.split(' ')).unwrap();
            let Some(Command::Estimate(args)) = cli.command else { panic!("estimate") };
            args.query()
        };
        assert_eq!(parse("plimsoll estimate"), None);
        assert_eq!(parse("plimsoll estimate --model qwen3-4b"), Some(json!({"model": "qwen3-4b"})));
        assert_eq!(
            parse(
                "plimsoll estimate --model m --quant q8_0 --gpu A --gpu B --ram 64 --context 32k --gpu-layers 7"
            ),
            Some(json!({
                "model": "m", "quant": "q8_0", "context": 32768,
                "machine": {"gpus": [{"name": "A"}, {"name": "B"}], "ram_gib": 64.0},
                "placement": {"gpu_layers": 7},
            }))
        );
        assert_eq!(
            parse("plimsoll estimate --model m --gpu none --no-flash-attention"),
            Some(json!({"model": "m", "machine": {"gpus": []}, "flash_attention": false}))
        );
        for path in ["./m", "/m", "m.gguf", "M.GGUF", "a/config.json", "..", "C:\\m"] {
            assert_eq!(
                parse(&format!("plimsoll estimate --model {path}")),
                Some(json!({"model": {"path": path}}))
            );
        }
        assert!(Cli::try_parse_from(["plimsoll", "estimate", "--quant", "Q8_0"]).is_err(), "needs a model");
    }
}
