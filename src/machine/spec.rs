//! A machine described by hand: named GPUs, RAM, processor. What is left out comes from the hardware table
//! or is assumed, and then said.

mod check;
mod gpu;
mod of_machine;
mod ram;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::table::{CpuPlatform, CpuPlatforms, Hints, Kind, Record, Table, UnknownGpu};
use super::{Cpu, Gpu, Known, Machine, Os, Vendor};
use crate::language::tr;

const GIVEN: &str = "given";
const TABLE: &str = "hardware table";
/// How what others hold is known where what is free was given.
const NEITHER: &str = "given: what is neither free nor usually kept";

/// A machine described by hand. Any value given wins over the hardware table.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct MachineSpec {
    /// GPUs in order; empty: a machine without one.
    #[schemars(length(max = 64))]
    pub gpus: Vec<GpuSpec>,
    /// Processor by name, which says how fast the memory is.
    pub cpu: Option<String>,
    /// Physical cores.
    #[schemars(range(min = 1, max = 65_536))]
    pub cores: Option<u32>,
    /// Threads that work on a model; physical cores by default.
    #[schemars(range(min = 1, max = 65_536))]
    pub threads: Option<u32>,
    /// Main memory, GiB; 64 with a warning where it is left out.
    #[schemars(range(min = 0.001, max = 1_048_576.0))]
    pub ram_gib: Option<f64>,
    /// Of that free, GiB; by default all but what the system usually keeps.
    #[schemars(range(min = 0, max = 1_048_576.0))]
    pub ram_free_gib: Option<f64>,
    /// Theoretical bandwidth of main memory, GB/s; from `cpu`, else
    /// dual-channel DDR5-5600 with a warning.
    #[schemars(range(min = 0.001, max = 1_000_000.0))]
    pub ram_bandwidth_gbs: Option<f64>,
    /// Kind of main memory: "DDR5". Only for reading; speed and channels say how fast it is.
    #[schemars(length(max = 64))]
    pub ram_type: Option<String>,
    /// Speed of main memory, MT/s; from `cpu` where it is left out and `ram_channels` is given.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub ram_mts: Option<u32>,
    /// Channels of main memory that are filled, 64 bits each; from `cpu` where it is left out and `ram_mts` is given.
    #[schemars(range(min = 1, max = 64))]
    pub ram_channels: Option<u32>,
    /// Operating system: `macos` with an Apple GPU, else `linux`, where it is left out.
    pub os: Option<Os>,
}

/// A GPU, or several equal ones.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GpuSpec {
    /// Name, as drivers and people give it. One that the hardware table does not know needs `vram_gib` and
    /// `bandwidth_gbs`.
    pub name: String,
    /// How many of them.
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = 64))]
    pub count: u32,
    /// All its memory, GiB; of a GPU that shares the computer's memory, the one pool.
    #[serde(default)]
    #[schemars(range(min = 0.001, max = 1_048_576.0))]
    pub vram_gib: Option<f64>,
    /// Of that free, GiB; by default all but what the system usually keeps.
    #[serde(default)]
    #[schemars(range(min = 0, max = 1_048_576.0))]
    pub free_gib: Option<f64>,
    /// Peak memory bandwidth, GB/s.
    #[serde(default)]
    #[schemars(range(min = 0.001, max = 1_000_000.0))]
    pub bandwidth_gbs: Option<f64>,
    /// Power limit, watts.
    #[serde(default)]
    #[schemars(range(min = 0.001, max = 100_000.0))]
    pub power_watts: Option<f64>,
    /// Generation of its PCIe link; by default as the card was built.
    #[serde(default)]
    #[schemars(range(min = 1, max = 8))]
    pub pcie_generation: Option<u32>,
    /// Lanes of its PCIe link; by default as the card was built.
    #[serde(default)]
    #[schemars(range(min = 1, max = 32))]
    pub pcie_lanes: Option<u32>,
}

impl GpuSpec {
    /// One GPU with this name, and all else from the hardware table.
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            count: 1,
            vram_gib: None,
            free_gib: None,
            bandwidth_gbs: None,
            power_watts: None,
            pcie_generation: None,
            pcie_lanes: None,
        }
    }
}

fn one() -> u32 {
    1
}

/// A description that is no machine.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpecError {
    /// A GPU that the table does not know, and whose memory or bandwidth is not given.
    #[error("{0}{rest}", rest = or_describe(.0))]
    UnknownGpu(#[from] UnknownGpu),
    /// A known GPU whose memory the table does not say.
    #[error("{}", tr!("the hardware table does not say how much memory {name} has; give vram_gib", name))]
    MemoryUnknown {
        /// The GPU.
        name: String,
    },
    /// Several GPUs that are each a whole computer's.
    #[error(
        "{}",
        tr!(
            "{count} × {name} are {count} computers: it shares one memory with its processor, and several \
             computers are not modelled",
            count,
            name
        )
    )]
    SharedTwice {
        /// The GPU.
        name: String,
        /// How many were asked for.
        count: u32,
    },
}

/// What else to do with a name that is no misspelling. Without suggestions the error says it by itself.
fn or_describe(unknown: &UnknownGpu) -> &'static str {
    if unknown.suggestions.is_empty() { "" } else { tr!(" If not, give vram_gib and bandwidth_gbs") }
}

/// What a machine was described as, and what had to be assumed.
#[derive(Clone, Debug, PartialEq)]
pub struct Described {
    /// The machine, each value with its source.
    pub machine: Machine,
    /// What was assumed.
    pub warnings: Vec<String>,
}

impl MachineSpec {
    /// Adds a GPU; one like the last is counted with it.
    pub fn add(&mut self, gpu: GpuSpec) {
        match self.gpus.last_mut() {
            Some(last) if GpuSpec { count: gpu.count, ..last.clone() } == gpu => last.count += gpu.count,
            _ => self.gpus.push(gpu),
        }
    }
}

/// A GPU of the description and its record.
struct Named<'a> {
    spec: &'a GpuSpec,
    record: Option<&'a Record>,
}

impl MachineSpec {
    /// The machine that is described.
    ///
    /// # Errors
    /// A GPU that is unknown, or known without its memory, or that cannot be there twice.
    pub fn resolve(&self) -> Result<Described, SpecError> {
        let mut warnings = Vec::new();
        let gpus =
            self.gpus.iter().map(|gpu| self.named(gpu, &mut warnings)).collect::<Result<Vec<_>, _>>()?;
        let os = self.os.unwrap_or(if gpus.iter().any(|gpu| gpu.vendor() == Vendor::Apple) {
            Os::Macos
        } else {
            Os::Linux
        });
        let platform = self.platform(&mut warnings);
        let headless = platform.is_some_and(CpuPlatform::is_server)
            || gpus.iter().any(|gpu| gpu.record.is_some_and(|record| record.kind == Kind::Datacenter));

        let ram_bandwidth = self.ram_bandwidth(platform, &gpus);
        let ram = self.ram(os, headless, ram_bandwidth, &gpus, &mut warnings);
        let mut machine_gpus = Vec::new();
        for gpu in &gpus {
            for _ in 0..gpu.spec.count {
                // The desktop is drawn by the first card.
                let headless = headless || !machine_gpus.is_empty();
                machine_gpus.push(gpu.resolve(self, os, &ram, headless, &mut warnings)?);
            }
        }
        let name = machine_gpus
            .first()
            .map(|gpu: &Gpu| gpu.name.value.clone())
            .or_else(|| self.cpu.clone())
            .unwrap_or_else(|| "Described machine".to_owned());
        let cpu = Cpu {
            cores: self.cores.map(|cores| Known::new(cores, GIVEN)),
            threads: self.threads.map(|threads| Known::new(threads, GIVEN)),
            platform: platform.map(|platform| platform.id.clone()),
            ..Cpu::named(match &self.cpu {
                Some(name) => Known::new(name.clone(), GIVEN),
                None => Known::new("unnamed processor".to_owned(), "not given"),
            })
        };
        let cpu = (self.cpu.is_some() || self.cores.is_some() || self.threads.is_some()).then_some(cpu);
        let machine = Machine { gpus: machine_gpus, cpu, ram: Some(ram), ..Machine::named(name, os) };
        Ok(Described { machine, warnings })
    }

    fn named<'a>(&self, spec: &'a GpuSpec, warnings: &mut Vec<String>) -> Result<Named<'a>, SpecError> {
        let hints = Hints { vram_gib: spec.vram_gib, ram_gib: self.ram_gib, ..Hints::default() };
        let record = match Table::embedded().find_with(&spec.name, &hints) {
            Ok(found) => {
                warnings.extend(found.warnings);
                Some(found.record)
            }
            Err(_) if spec.vram_gib.is_some() && spec.bandwidth_gbs.is_some() => None,
            Err(unknown) => return Err(unknown.into()),
        };
        if spec.count > 1 && record.is_some_and(|record| record.unified_memory) {
            return Err(SpecError::SharedTwice { name: spec.name.clone(), count: spec.count });
        }
        Ok(Named { spec, record })
    }

    fn platform(&self, warnings: &mut Vec<String>) -> Option<&'static CpuPlatform> {
        let name = self.cpu.as_deref()?;
        let platform = CpuPlatforms::embedded().find(name);
        if platform.is_none() {
            let short: String = name.chars().take(60).collect();
            warnings.push(format!("no platform is known for the processor \"{short}\""));
        }
        platform
    }
}

/// Once for several equal cards.
fn say(warnings: &mut Vec<String>, text: String) {
    if !warnings.contains(&text) {
        warnings.push(text);
    }
}

pub use check::Senseless;

#[cfg(test)]
mod tests;
