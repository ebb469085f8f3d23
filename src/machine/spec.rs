//! A machine described by hand: named GPUs, RAM, processor. What is left out comes from the hardware table
//! or is assumed, and then said.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::memory::{Shared, Taken};
use super::table::{CpuPlatform, CpuPlatforms, Hints, Kind, Record, Table, UnknownGpu};
use super::{Cpu, Gpu, Known, Machine, Os, Pcie, Pool, Ram, Vendor, reserve};
use crate::units::{Bytes, gib_text};

/// RAM of a machine that is described without any, GiB.
const USUAL_RAM_GIB: f64 = 64.0;
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
    #[error("the hardware table does not say how much memory {name} has; give vram_gib")]
    MemoryUnknown {
        /// The GPU.
        name: String,
    },
    /// Several GPUs that are each a whole computer's.
    #[error(
        "{count} × {name} are {count} computers: it shares one memory with its processor, and several \
         computers are not modelled"
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
    if unknown.suggestions.is_empty() { "" } else { " If not, give vram_gib and bandwidth_gbs" }
}

/// What a machine was described as, and what had to be assumed.
#[derive(Clone, Debug, PartialEq)]
pub struct Described {
    /// The machine, each value with its source.
    pub machine: Machine,
    /// What was assumed.
    pub warnings: Vec<String>,
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
            name: match &self.cpu {
                Some(name) => Known::new(name.clone(), GIVEN),
                None => Known::new("unnamed processor".to_owned(), "not given"),
            },
            cores: self.cores.map(|cores| Known::new(cores, GIVEN)),
            threads: self.threads.map(|threads| Known::new(threads, GIVEN)),
        };
        let cpu = (self.cpu.is_some() || self.cores.is_some() || self.threads.is_some()).then_some(cpu);
        let machine = Machine { name, os, gpus: machine_gpus, cpu, ram: Some(ram), problems: Vec::new() };
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

    /// As given; of the processor's platform; of the memory that a GPU shares with the processor.
    fn ram_bandwidth(&self, platform: Option<&CpuPlatform>, gpus: &[Named<'_>]) -> Option<Known<f64>> {
        let shared = || {
            gpus.iter().filter(|gpu| gpu.is_unified()).find_map(|gpu| {
                let own = gpu.spec.bandwidth_gbs.map(|gbs| Known::new(gbs, GIVEN));
                // Of a GPU that takes any RAM the table says nothing about this one's.
                own.or_else(|| {
                    let gbs = gpu.record?.memory_bandwidth_gbs?;
                    Some(Known::new(gbs, "hardware table, shared with the GPU"))
                })
            })
        };
        self.ram_bandwidth_gbs
            .map(|gbs| Known::new(gbs, GIVEN))
            .or_else(|| platform.map(CpuPlatform::bandwidth))
            .or_else(shared)
    }

    fn ram(
        &self,
        os: Os,
        server: bool,
        bandwidth_gbs: Option<Known<f64>>,
        gpus: &[Named<'_>],
        warnings: &mut Vec<String>,
    ) -> Ram {
        let pool = gpus.iter().filter(|gpu| gpu.is_unified()).find_map(|gpu| gpu.spec.vram_gib);
        let all_shared = gpus.iter().all(Named::is_unified);
        let total = match (pool, self.ram_gib) {
            // One pool: what the GPU addresses is what there is.
            (Some(pool), _) if all_shared => {
                Known::new(Bytes::from_gib(pool), "given; one pool with the GPU")
            }
            (_, Some(gib)) => Known::new(Bytes::from_gib(gib), GIVEN),
            (Some(pool), None) => Known::new(Bytes::from_gib(pool), "given; one pool with the GPU"),
            (None, None) => {
                warnings.push(format!("ram_gib is not given: {USUAL_RAM_GIB} GiB is assumed"));
                Known::new(Bytes::from_gib(USUAL_RAM_GIB), "assumed")
            }
        };
        let kept = reserve::host_kept(total.value, os, server);
        let (available, taken) = match self.ram_free_gib {
            Some(gib) => {
                let available = Known::new(Bytes::from_gib(gib), GIVEN);
                let taken = Taken::between(total.value, available.value, kept, NEITHER);
                (available, taken)
            }
            None => (reserve::host_free(total.value, os, server), Taken::only_reserved(kept)),
        };
        Ram { total, available, taken, installed: None, bandwidth_gbs, measured_gbs: None }
    }
}

impl Named<'_> {
    fn vendor(&self) -> Vendor {
        self.record.map_or_else(|| vendor_of(&self.spec.name), |record| record.vendor)
    }

    fn is_unified(&self) -> bool {
        self.record.is_some_and(|record| record.unified_memory)
    }

    fn pool(&self) -> Pool {
        if self.is_unified() { Pool::Unified } else { Pool::Discrete }
    }

    fn resolve(
        &self,
        machine: &MachineSpec,
        os: Os,
        ram: &Ram,
        headless: bool,
        warnings: &mut Vec<String>,
    ) -> Result<Gpu, SpecError> {
        let Self { spec, record } = *self;
        let mut total = self.memory(ram, warnings)?;
        let free = match spec.free_gib {
            Some(gib) => Known::new(Bytes::from_gib(gib), GIVEN),
            None => self.usual_free(machine, os, total.value, ram, headless),
        };
        if free.value > total.value {
            say(warnings, format!("{}: free_gib is more than the {} that it has", spec.name, total.value));
            // What is given wins over the table, but not over what else is given.
            if spec.vram_gib.is_none() {
                total = free.clone();
            }
        }
        let (taken, shared) = self.taken(&total, &free, os, ram, headless);
        let bandwidth = match spec.bandwidth_gbs {
            Some(gbs) => Some(Known::new(gbs, GIVEN)),
            None => record.and_then(|r| r.bandwidth(ram.bandwidth_gbs.as_ref().map(|known| known.value))),
        };
        let name = record.map_or(&spec.name, |record| &record.name);
        if bandwidth.is_none() {
            say(warnings, format!("the bandwidth of {name} is not known: give bandwidth_gbs for its speed"));
        }
        let from_table = |value: Option<f64>| value.map(|value| Known::new(value, TABLE));
        Ok(Gpu {
            name: Known::new(name.clone(), if record.is_some() { TABLE } else { GIVEN }),
            table_id: record.map(|record| record.id.clone()),
            vendor: self.vendor(),
            architecture: record.map(|record| record.architecture.clone()),
            compute_units: record.and_then(|record| record.sm_or_cu),
            pool: self.pool(),
            memory_total: Some(total),
            memory_free: Some(free),
            taken,
            shared,
            bandwidth_gbs: bandwidth,
            fp16_tflops: from_table(record.and_then(|record| record.fp16_tensor_tflops_dense)),
            int8_tops: from_table(record.and_then(|record| record.int8_tops_dense)),
            power_watts: match spec.power_watts {
                Some(watts) => Some(Known::new(watts, GIVEN)),
                None => from_table(record.and_then(|record| record.tdp_watts)),
            },
            bus_width_bits: record
                .and_then(|record| record.bus_width_bits)
                .map(|bits| Known::new(bits, TABLE)),
            memory_clock_mhz: None,
            pcie: record.and_then(slot),
            pci_address: None,
            notes: Vec::new(),
        })
    }

    fn memory(&self, ram: &Ram, warnings: &mut Vec<String>) -> Result<Known<Bytes>, SpecError> {
        if let Some(gib) = self.spec.vram_gib {
            return Ok(Known::new(Bytes::from_gib(gib), GIVEN));
        }
        if self.is_unified() {
            return Ok(Known::new(ram.total.value, "shared with the processor"));
        }
        let unknown = || SpecError::MemoryUnknown { name: self.spec.name.clone() };
        let record = self.record.ok_or_else(unknown)?;
        let least = record.vram_gib.iter().copied().reduce(f64::min).ok_or_else(unknown)?;
        let size = Bytes::from_gib(least);
        if record.vram_gib.len() > 1 {
            say(
                warnings,
                format!(
                    "{} is sold with several memories: {} GiB is assumed; give vram_gib",
                    record.name,
                    gib_text(size)
                ),
            );
        }
        Ok(Known::new(size, TABLE))
    }

    /// Who holds what is not free, and the pool where there is one.
    fn taken(
        &self,
        total: &Known<Bytes>,
        free: &Known<Bytes>,
        os: Os,
        ram: &Ram,
        headless: bool,
    ) -> (Taken, Option<Shared>) {
        if self.is_unified() {
            let limit = reserve::shared_limit(total.value, os, self.vendor());
            return (ram.taken.clone(), Some(Shared::new(total.clone(), limit)));
        }
        let kept = reserve::device_kept(total.value, os, headless);
        let taken = match self.spec.free_gib {
            Some(_) => Taken::between(total.value, free.value, kept, NEITHER),
            None => Taken::only_reserved(kept),
        };
        (taken, None)
    }

    /// What is usually free of `total`; of a pool no more than is free of it.
    fn usual_free(
        &self,
        machine: &MachineSpec,
        os: Os,
        total: Bytes,
        ram: &Ram,
        headless: bool,
    ) -> Known<Bytes> {
        let usual = reserve::device_free(total, os, self.vendor(), self.pool(), headless);
        match machine.ram_free_gib {
            Some(_) if self.is_unified() && ram.available.value < usual.value => ram.available.clone(),
            _ => usual,
        }
    }
}

/// Once for several equal cards.
fn say(warnings: &mut Vec<String>, text: String) {
    if !warnings.contains(&text) {
        warnings.push(text);
    }
}

fn slot(record: &Record) -> Option<Known<Pcie>> {
    let slot = record.pcie.as_ref()?;
    let pcie = Pcie { generation: slot.generation? as u32, lanes: slot.lanes? };
    Some(Known::new(pcie, TABLE))
}

/// The maker of a GPU that the table does not know, by the words of its name.
fn vendor_of(name: &str) -> Vendor {
    const WORDS: [(Vendor, &[&str]); 5] = [
        (Vendor::Nvidia, &["nvidia", "geforce", "quadro", "tesla", "rtx", "gtx"]),
        (Vendor::Amd, &["amd", "radeon", "instinct", "rx"]),
        (Vendor::Intel, &["intel", "arc"]),
        (Vendor::Apple, &["apple"]),
        (Vendor::Qualcomm, &["qualcomm", "adreno", "snapdragon"]),
    ];
    let name = name.to_lowercase();
    let mut words = name.split(|c: char| !c.is_alphanumeric());
    words
        .find_map(|word| WORDS.iter().find(|(_, known)| known.contains(&word)).map(|(vendor, _)| *vendor))
        .unwrap_or(Vendor::Other)
}

#[cfg(test)]
mod tests;
