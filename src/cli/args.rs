//! The command line.

mod estimate;
mod values;

use std::path::PathBuf;

use clap::{Args, CommandFactory as _, Parser, Subcommand};
use serde_json::{Map, Value, json};

pub use estimate::EstimateArgs;
pub(super) use values::{cache, level, tokens};

use crate::app::best_for::Terms;
use crate::app::share::{ShareError, Shared};
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
    /// Write how long the window's frames took to a file: the time to the first and to all figures, then each, in ms
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
    #[arg(long, value_name = "GIB", value_parser = values::gibibytes, allow_negative_numbers = true)]
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
    #[arg(long, value_name = "TOKENS", default_value = "16k", value_parser = values::context)]
    pub context: u32,
    /// The same quantization for all models instead of the best of each
    #[arg(long, value_name = "NAME", value_parser = values::level)]
    pub quant: Option<Level>,
    /// Type of the cached keys and values.
    #[arg(long, value_name = "TYPE", default_value = "f16", value_parser = values::cache)]
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
    #[arg(long, value_name = "TOKENS/S", default_value = "10", value_parser = values::speed)]
    pub best_speed: f64,
    /// Context that the best for long contexts is asked with
    #[arg(long, value_name = "TOKENS", default_value = "64k", value_parser = values::context)]
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
    #[arg(long, value_name = "TOKENS", value_parser = values::context)]
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
    #[arg(long, value_name = "TOKENS", value_parser = values::context)]
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

/// Writes a value that was given.
fn insert(map: &mut Map<String, Value>, name: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        map.insert(name.to_owned(), value.into());
    }
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
    fn memory_is_a_number_above_0() {
        assert_eq!(values::gibibytes("15.6"), Ok(15.6));
        for wrong in ["", "nan", "inf", "-5", "0", "64GB", "1e400"] {
            let given = ["plimsoll", "report", "--ram", wrong];
            let error = Cli::try_parse_from(given).unwrap_err().to_string();
            assert!(error.contains("memory is a number of GiB above 0"), "{wrong}: {error}");
        }
    }
}
