//! What every part of the probe has in common.

use std::time::Duration;

use super::super::Problem;
use super::super::parts::{Disk, Program};
use super::findings::{Adapter, AdapterUse, Bus, Findings, Metal, Nvidia, System};

/// Time for a part that reads the system's own memory.
const USUAL: Duration = Duration::from_secs(5);
/// Time for a driver: cards of a server without persistence mode take several seconds to start.
const DRIVER: Duration = Duration::from_secs(10);
/// Time for disks: a share of a computer that is off answers after minutes.
const DISKS: Duration = Duration::from_secs(3);

/// Reads one part of this computer. Each is run in a thread of its own, so that none holds up another, and
/// is given up when its patience has ended.
pub(super) trait Probe: Send {
    /// What it reads.
    fn part(&self) -> Part;

    /// How long it may take.
    fn patience(&self) -> Duration {
        self.part().patience()
    }

    /// Reads it.
    ///
    /// # Errors
    /// Why it cannot be read and what to do about it, in words for the screen.
    fn read(self: Box<Self>) -> Result<Answer, String>;
}

/// A part of a computer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(test), expect(dead_code, reason = "on every system some are of others"))]
pub(super) enum Part {
    System,
    Bus,
    Nvidia,
    Adapters,
    AdapterUse,
    Metal,
    Programs,
    Disks,
}

impl Part {
    /// Name for the screen.
    pub const fn name(self) -> &'static str {
        match self {
            Self::System => "Processor and memory",
            Self::Bus => "PCI bus",
            Self::Nvidia => "NVIDIA driver",
            Self::Adapters => "Display adapters (DXGI)",
            Self::AdapterUse => "Use of GPU memory (performance counters)",
            Self::Metal => "Metal",
            Self::Programs => "Running programs",
            Self::Disks => "Disks",
        }
    }

    /// Name of the thread that reads it; systems show fifteen letters of it.
    pub const fn thread(self) -> &'static str {
        match self {
            Self::System => "probe system",
            Self::Bus => "probe bus",
            Self::Nvidia => "probe nvidia",
            Self::Adapters => "probe dxgi",
            Self::AdapterUse => "probe counters",
            Self::Metal => "probe metal",
            Self::Programs => "probe programs",
            Self::Disks => "probe disks",
        }
    }

    const fn patience(self) -> Duration {
        match self {
            Self::Nvidia | Self::Adapters | Self::AdapterUse | Self::Metal => DRIVER,
            Self::Disks => DISKS,
            Self::System | Self::Bus | Self::Programs => USUAL,
        }
    }
}

/// What a part says.
#[derive(Debug)]
#[expect(dead_code, reason = "on every system some are of others")]
pub(super) enum Answer {
    System(Box<System>),
    Bus(Bus),
    Nvidia(Nvidia),
    Adapters(Vec<Adapter>),
    AdapterUse(Vec<AdapterUse>),
    Metal(Metal),
    Programs(Vec<Program>),
    Disks(Vec<Disk>),
}

impl Findings {
    /// Takes what a part says.
    pub(super) fn add(&mut self, answer: Answer) {
        match answer {
            Answer::System(system) => self.system = Some(*system),
            Answer::Bus(bus) => self.bus = Some(bus),
            Answer::Nvidia(nvidia) => self.nvidia = Some(nvidia),
            Answer::Adapters(adapters) => self.adapters = Some(adapters),
            Answer::AdapterUse(used) => self.adapter_use = Some(used),
            Answer::Metal(metal) => self.metal = Some(metal),
            Answer::Programs(programs) => self.programs = Some(programs),
            Answer::Disks(disks) => self.disks = Some(disks),
        }
    }

    /// Notes why a part says nothing.
    pub(super) fn fail(&mut self, part: Part, reason: String) {
        if part == Part::Nvidia {
            self.nvidia = Some(Nvidia::Failed { reason });
        } else {
            self.problems.push(Problem { part: part.name().to_owned(), reason });
        }
    }
}
