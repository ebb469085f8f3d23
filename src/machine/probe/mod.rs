//! Reads this computer: each part in a thread of its own, so that a driver that hangs delays nothing else.

mod assemble;
mod bus;
mod cgroup;
mod clients;
mod counters;
mod disks;
mod files;
pub mod findings;
mod identity;
mod ioreg;
mod kfd;
#[cfg(target_os = "macos")]
mod macos;
mod modules;
mod nvidia;
mod part;
mod processor;
mod programs;
pub mod recording;
mod smbios;
mod system;
mod topology;
#[cfg(test)]
pub(in crate::machine) mod tree;
mod watch;
#[cfg(windows)]
mod windows;

use std::io;
use std::path::Path;
use std::sync::mpsc::{self, RecvTimeoutError, SyncSender};
use std::thread;
use std::time::{Duration, Instant};

use super::bandwidth::ReadBandwidth;
use super::{Machine, Os};
use findings::Findings;
use part::{Answer, Part, Probe};

pub use watch::{Watch, watch};

/// How the source of a bandwidth begins that is of the modules that are fitted.
pub(in crate::machine) const FROM_MODULES: &str = "memory modules, from the firmware: ";

/// Reads this computer in the background. `measured` is the bandwidth of its memory as it was measured
/// before, if it was. `on_update` is called from the probe's thread each time a part has
/// answered, with all that is known so far; it is dropped after the last call, so that a channel whose
/// sender it owns closes when all is known.
///
/// # Errors
/// The system starts no more threads.
pub fn start(
    measured: impl FnOnce() -> Option<ReadBandwidth> + Send + 'static,
    on_update: impl Fn(Machine) + Send + 'static,
) -> io::Result<()> {
    let run = move || {
        gather(beginning(measured()), probes(), |findings| on_update(assemble::assemble(findings)));
    };
    thread::Builder::new().name("probe".to_owned()).spawn(run).map(drop)
}

/// Reads this computer and waits for all parts, ten seconds at most. `measured` as for [`start`].
pub fn probe_now(measured: Option<ReadBandwidth>) -> Machine {
    assemble::assemble(&findings_now(measured))
}

/// What the parts of this computer say; waits for all of them, ten seconds at most. `measured` as for [`start`].
pub fn findings_now(measured: Option<ReadBandwidth>) -> Findings {
    gather(beginning(measured), probes(), |_| {}).findings
}

/// The machine that recorded findings describe.
pub fn recorded(findings: &Findings) -> Machine {
    assemble::assemble(findings)
}

/// The parts of this system.
fn probes() -> Vec<Box<dyn Probe>> {
    let root = Path::new("/");
    let mut probes: Vec<Box<dyn Probe>> = vec![
        Box::new(system::Reader::new(root)),
        Box::new(nvidia::Reader::new(root)),
        Box::new(programs::Reader),
        Box::new(disks::Reader::new(root)),
    ];
    if cfg!(target_os = "linux") {
        probes.push(Box::new(bus::Reader::new(root)));
    }
    #[cfg(windows)]
    {
        probes.push(Box::new(windows::Adapters));
        probes.push(Box::new(windows::Counters));
    }
    #[cfg(target_os = "macos")]
    probes.push(Box::new(macos::Reader));
    probes
}

/// What came of reading parts.
struct Gathered {
    findings: Findings,
    /// Parts that did not answer in time; their threads may hang for good.
    silent: Vec<Part>,
}

/// What is known of this computer before any part has answered.
fn beginning(measured: Option<ReadBandwidth>) -> Findings {
    Findings { os: Os::current(), read_bandwidth: measured, ..Findings::default() }
}

/// Reads the parts beside each other, adds what they say to `findings` and calls `on_update` after each answer.
fn gather(mut findings: Findings, probes: Vec<Box<dyn Probe>>, on_update: impl Fn(&Findings)) -> Gathered {
    let mut silent = Vec::new();
    // Room for all answers: a late one must not hold its thread.
    let (sender, answers) = mpsc::sync_channel(probes.len());
    let start = Instant::now();
    let mut waiting: Vec<(Part, Duration)> = Vec::new();
    for probe in probes {
        let (part, patience) = (probe.part(), probe.patience());
        match read_beside(probe, sender.clone()) {
            Ok(()) => waiting.push((part, patience)),
            Err(error) => findings.fail(part, format!("no thread could be started: {error}")),
        }
    }
    drop(sender);
    while let Some(next) = waiting.iter().map(|(_, patience)| *patience).min() {
        match answers.recv_timeout((start + next).saturating_duration_since(Instant::now())) {
            Ok((part, answer)) => {
                waiting.retain(|(other, _)| *other != part);
                match answer {
                    Ok(answer) => findings.add(answer),
                    Err(reason) => findings.fail(part, reason),
                }
            }
            Err(RecvTimeoutError::Timeout) => {
                for (part, patience) in waiting.extract_if(.., |(_, patience)| *patience <= next) {
                    findings.fail(part, format!("no answer within {} s", patience.as_secs_f64()));
                    silent.push(part);
                }
            }
            Err(RecvTimeoutError::Disconnected) => {
                for (part, _) in waiting.drain(..) {
                    findings.fail(part, "stopped without an answer".to_owned());
                }
            }
        }
        on_update(&findings);
    }
    Gathered { findings, silent }
}

fn read_beside(probe: Box<dyn Probe>, sender: SyncSender<(Part, Result<Answer, String>)>) -> io::Result<()> {
    let part = probe.part();
    let run = move || {
        // Nobody listens any more when the answer comes too late.
        sender.send((part, probe.read())).ok();
    };
    thread::Builder::new().name(part.thread().to_owned()).spawn(run).map(drop)
}

#[cfg(test)]
mod tests;
