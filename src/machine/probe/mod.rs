//! Reads this computer: each part in a thread of its own, so that a driver that hangs delays nothing else.

mod assemble;
mod bus;
mod cgroup;
mod files;
pub mod findings;
mod identity;
mod modules;
mod nvidia;
pub mod recording;
mod system;
#[cfg(test)]
pub(in crate::machine) mod tree;

use std::io;
use std::path::Path;
use std::sync::mpsc::{self, RecvTimeoutError, SyncSender};
use std::thread;
use std::time::{Duration, Instant};

use super::bandwidth::ReadBandwidth;
use super::{Machine, Os, Problem};
use findings::{Bus, Findings, Nvidia, System};

/// How the source of a bandwidth begins that was computed from the fitted modules.
pub(in crate::machine) const FROM_MODULES: &str = "udev, from the firmware: ";

/// A part that has not answered by then is given up. Cards of a server without persistence mode take
/// several seconds to start.
const PATIENCE: Duration = Duration::from_secs(10);

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
        let start = Findings { os: Os::current(), read_bandwidth: measured(), ..Findings::default() };
        gather(start, parts(), PATIENCE, |findings| on_update(assemble::assemble(findings)));
    };
    thread::Builder::new().name("probe".to_owned()).spawn(run).map(drop)
}

/// Reads this computer and waits for all parts, ten seconds at most. `measured` as for [`start`].
pub fn probe_now(measured: Option<ReadBandwidth>) -> Machine {
    let start = Findings { os: Os::current(), read_bandwidth: measured, ..Findings::default() };
    assemble::assemble(&gather(start, parts(), PATIENCE, |_| {}))
}

/// The machine that recorded findings describe.
pub fn recorded(findings: &Findings) -> Machine {
    assemble::assemble(findings)
}

/// A part of the probe, to be read in its own thread.
struct Part {
    id: PartId,
    read: Box<dyn FnOnce() -> Answer + Send>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PartId {
    System,
    Bus,
    Nvidia,
}

/// What a part says.
enum Answer {
    System(Result<System, String>),
    Bus(Bus),
    Nvidia(Nvidia),
}

impl PartId {
    /// Name for the screen.
    const fn name(self) -> &'static str {
        match self {
            Self::System => "Processor and memory",
            Self::Bus => "PCI bus",
            Self::Nvidia => "NVIDIA driver",
        }
    }

    const fn thread(self) -> &'static str {
        match self {
            Self::System => "probe system",
            Self::Bus => "probe bus",
            Self::Nvidia => "probe nvidia",
        }
    }
}

fn parts() -> Vec<Part> {
    let root = Path::new("/");
    let part = |id, read| Part { id, read };
    let mut parts = vec![
        part(PartId::System, Box::new(|| Answer::System(system::read(root))) as Box<_>),
        // The driver is asked only after the bus, which tells whether that would wake a card.
        part(PartId::Nvidia, Box::new(|| Answer::Nvidia(nvidia::read(&bus_of_this(root)))) as Box<_>),
    ];
    if cfg!(target_os = "linux") {
        parts.push(part(PartId::Bus, Box::new(|| Answer::Bus(bus::read(root))) as Box<_>));
    }
    parts
}

fn bus_of_this(root: &Path) -> Bus {
    if cfg!(target_os = "linux") { bus::read(root) } else { Bus::default() }
}

/// Reads the parts beside each other and calls `on_update` after each answer.
fn gather(
    mut findings: Findings,
    parts: Vec<Part>,
    patience: Duration,
    on_update: impl Fn(&Findings),
) -> Findings {
    // Room for all answers: a late one must not hold its thread.
    let (sender, answers) = mpsc::sync_channel(parts.len());
    let mut waiting: Vec<PartId> = Vec::new();
    for part in parts {
        let id = part.id;
        match read_beside(part, sender.clone()) {
            Ok(()) => waiting.push(id),
            Err(error) => findings.fail(id, format!("no thread could be started: {error}")),
        }
    }
    drop(sender);
    let end = Instant::now() + patience;
    while !waiting.is_empty() {
        let reason = match answers.recv_timeout(end.saturating_duration_since(Instant::now())) {
            Ok((id, answer)) => {
                waiting.retain(|other| *other != id);
                findings.add(answer);
                on_update(&findings);
                continue;
            }
            Err(RecvTimeoutError::Timeout) => format!("no answer within {} s", patience.as_secs_f64()),
            Err(RecvTimeoutError::Disconnected) => "stopped without an answer".to_owned(),
        };
        for id in waiting.drain(..) {
            findings.fail(id, reason.clone());
        }
        on_update(&findings);
    }
    findings
}

fn read_beside(part: Part, sender: SyncSender<(PartId, Answer)>) -> io::Result<()> {
    let Part { id, read } = part;
    let run = move || {
        // Nobody listens any more when the answer comes too late.
        sender.send((id, read())).ok();
    };
    thread::Builder::new().name(id.thread().to_owned()).spawn(run).map(drop)
}

impl Findings {
    fn add(&mut self, answer: Answer) {
        match answer {
            Answer::System(Ok(system)) => self.system = Some(system),
            Answer::System(Err(reason)) => self.fail(PartId::System, reason),
            Answer::Bus(bus) => self.bus = Some(bus),
            Answer::Nvidia(nvidia) => self.nvidia = Some(nvidia),
        }
    }

    fn fail(&mut self, id: PartId, reason: String) {
        if id == PartId::Nvidia {
            self.nvidia = Some(Nvidia::Failed { reason });
        } else {
            self.problems.push(Problem { part: id.name().to_owned(), reason });
        }
    }
}

#[cfg(test)]
mod tests;
