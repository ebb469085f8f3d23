//! Measuring with programs that are installed: llama-bench as a child, Ollama through its own interface on
//! this computer.

mod child;
pub mod http;
pub mod llama_bench;
pub mod ollama;

use std::time::Duration;

use thiserror::Error;

use crate::estimate::measured::read::ReadError;
use crate::estimate::rig::ASSUMED_RAM_GBS;
use crate::language::{localized, tr};
use crate::machine::Machine;

pub use child::Limits;

/// Why a run gave no measurement.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RunError {
    /// It was cancelled.
    #[error("{}", tr!("cancelled"))]
    Cancelled,
    /// The program cannot be started.
    #[error("{}", no_start(.0, .1))]
    Start(String, String),
    /// The system does not let its output be read.
    #[error("{}", no_output(.0))]
    Listen(String),
    /// It ran too long.
    #[error("{}", too_long(.0))]
    TooLong(Duration),
    /// It printed nothing for too long.
    #[error("{}", silent(.0))]
    Silent(Duration),
    /// It printed without end.
    #[error("{}", tr!("stopped: it printed more than a benchmark does"))]
    TooMuch,
    /// It failed.
    #[error("{}", tr!("{program} failed ({status}): {said}", program, status, said))]
    Failed {
        /// The program.
        program: &'static str,
        /// Its exit status.
        status: String,
        /// The end of what it said.
        said: String,
    },
    /// What it printed is no result.
    #[error("{}", tr!("{program} printed no result that can be read: {why}", program, why))]
    Unreadable {
        /// The program.
        program: &'static str,
        /// Why.
        why: String,
    },
    /// Ollama does not answer.
    #[error("{}", tr!("Ollama does not answer at {at}: {why}", at, why))]
    NoOllama {
        /// Its address.
        at: String,
        /// Why.
        why: String,
    },
}

impl RunError {
    fn unreadable(program: &'static str, error: &ReadError) -> Self {
        Self::Unreadable { program, why: error.to_string() }
    }
}

/// About how long loading a file of `bytes` and timing it takes, in words. Wide on purpose: nothing is known
/// of the model but its size.
pub fn time_text(bytes: u64, on_gpu: bool, machine: &Machine) -> String {
    /// Shares of a bandwidth that generation reaches, GB/s of a disk, tokens/s of a prompt over those of an
    /// answer, repetitions with a warm-up.
    const RATES: [f64; 4] = [0.6, 1.0, 8.0, 4.0];
    let [reached, disk, prompt, times] = RATES;
    let gb = bytes as f64 / 1e9;
    let of_card = machine.gpus.iter().find_map(|gpu| Some(gpu.bandwidth_gbs.as_ref()?.value));
    let of_ram = machine.ram.as_ref().and_then(|ram| ram.bandwidth_gbs.as_ref()).map(|known| known.value);
    let bandwidth = of_card.filter(|_| on_gpu).or(of_ram).unwrap_or(ASSUMED_RAM_GBS);
    let speed = (reached * bandwidth / gb.max(0.1)).clamp(0.1, 300.0);
    let seconds = gb / disk + times * (128.0 / speed + 512.0 / (prompt * speed));
    match seconds {
        ..20.0 => tr!("less than a minute").to_owned(),
        ..90.0 => tr!("about a minute").to_owned(),
        _ => tr!(
            "about {least} to {most} minutes",
            least = format!("{:.0}", (seconds / 120.0).max(1.0)),
            most = format!("{:.0}", (seconds / 30.0).ceil())
        ),
    }
}

fn no_start(program: &str, why: &str) -> String {
    tr!("{program} cannot be started: {why}", program, why)
}

fn no_output(why: &str) -> String {
    tr!("its output cannot be read: {why}", why)
}

fn too_long(time: &Duration) -> String {
    tr!("stopped: it took more than {time}", time = minutes(time))
}

fn silent(time: &Duration) -> String {
    tr!("stopped: it said nothing for {time}", time = minutes(time))
}

fn minutes(time: &Duration) -> String {
    let seconds = time.as_secs();
    if seconds >= 120 {
        tr!("{minutes} minutes", minutes = seconds / 60)
    } else {
        localized(format!("{} s", time.as_secs_f64()))
    }
}

/// The end of what a program said, in one line.
fn end_of(said: &[u8]) -> String {
    const LONGEST: usize = 300;
    let text = String::from_utf8_lossy(said);
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let last = lines[lines.len().saturating_sub(3)..].join("; ");
    let skip = last.chars().count().saturating_sub(LONGEST);
    let end: String = last.chars().skip(skip).filter(|c| !c.is_control()).collect();
    if end.is_empty() { tr!("it said nothing").to_owned() } else { end }
}
