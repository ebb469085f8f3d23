//! What a computer has: GPUs, memory, processor, and how each value is known.
//!
//! [`Machine`] is plain data. [`table`] identifies devices, [`probe`] reads this computer; nothing here
//! knows a model.

pub mod bandwidth;
pub mod memory;
pub mod overrides;
pub mod parts;
pub mod probe;
pub mod reserve;
pub mod spec;
pub mod table;

use serde::{Deserialize, Serialize};

use self::memory::{Shared, Taken};
use self::parts::{Cache, CoreGroup, Disk, Module, Program};
use crate::units::Bytes;

/// A value and how it is known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Known<T> {
    /// The value.
    pub value: T,
    /// How it is known, in words for the screen: "NVML", "sysfs `mem_info_vram_total`", "hardware table".
    pub source: String,
}

impl<T> Known<T> {
    /// A value with its source.
    pub fn new(value: T, source: impl Into<String>) -> Self {
        Self { value, source: source.into() }
    }
}

/// Who made a GPU.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Vendor {
    /// NVIDIA.
    Nvidia,
    /// AMD.
    Amd,
    /// Intel.
    Intel,
    /// Apple.
    Apple,
    /// Qualcomm.
    Qualcomm,
    /// Any other.
    #[default]
    Other,
}

/// Operating system, for what it keeps for itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Os {
    /// Linux.
    #[default]
    Linux,
    /// Windows.
    Windows,
    /// macOS.
    Macos,
}

impl Os {
    /// The system this program was built for.
    pub const fn current() -> Self {
        if cfg!(target_os = "windows") {
            Self::Windows
        } else if cfg!(target_os = "macos") {
            Self::Macos
        } else {
            Self::Linux
        }
    }
}

/// Memory of a GPU: its own, or a share of the computer's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Pool {
    /// The card's own memory.
    Discrete,
    /// One pool for processor and GPU (Apple, GB10, APUs with a shared limit).
    Unified,
}

/// One GPU, each value with its source; `None` is unknown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Gpu {
    /// Name as the driver or the table gives it.
    pub name: Known<String>,
    /// Record of the hardware table that it was identified with.
    pub table_id: Option<String>,
    /// Who made it.
    pub vendor: Vendor,
    /// Architecture as the hardware table names it ("Ada Lovelace", "RDNA3").
    pub architecture: Option<String>,
    /// Streaming multiprocessors or compute units.
    pub compute_units: Option<u32>,
    /// Whose memory it uses.
    pub pool: Pool,
    /// All memory that it can address for a model.
    pub memory_total: Option<Known<Bytes>>,
    /// Free of other programs now; `None`: the device does not say, see [`Gpu::free_or_usual`].
    pub memory_free: Option<Known<Bytes>>,
    /// Who holds the rest; where the memory is shared, the rest of the whole pool.
    #[serde(default)]
    pub taken: Taken,
    /// The pool that it shares with the processor.
    #[serde(default)]
    pub shared: Option<Shared>,
    /// Peak memory bandwidth, GB/s (10^9).
    pub bandwidth_gbs: Option<Known<f64>>,
    /// Dense FP16 matrix rate with FP32 accumulate, TFLOPS.
    pub fp16_tflops: Option<Known<f64>>,
    /// Dense INT8 matrix rate, TOPS.
    pub int8_tops: Option<Known<f64>>,
    /// Power limit, watts.
    pub power_watts: Option<Known<f64>>,
    /// Lowest and highest power limit that it takes, watts, where the driver says it.
    #[serde(default)]
    pub power_range: Option<Known<(f64, f64)>>,
    /// What it draws now, watts, where the driver says it.
    #[serde(default)]
    pub power_now: Option<Known<f64>>,
    /// Width of the memory bus, bits.
    pub bus_width_bits: Option<Known<u32>>,
    /// Effective memory clock as the driver reports it, MHz.
    pub memory_clock_mhz: Option<Known<u32>>,
    /// PCIe: the highest generation of the link, and the lanes in use.
    pub pcie: Option<Known<Pcie>>,
    /// Lanes that the card itself has; with fewer in use, weights that lie in RAM arrive later.
    #[serde(default)]
    pub own_lanes: Option<Known<u32>>,
    /// PCI address, for telling two equal cards apart.
    pub pci_address: Option<String>,
    /// What models can be run with on it here; empty where the system does not say.
    #[serde(default)]
    pub runtimes: Vec<Known<Runtime>>,
    /// Programs that hold its memory, largest first, where the driver names them.
    #[serde(default)]
    pub programs: Vec<Program>,
    /// What a reader should know: "identified by its PCI id, the driver did not answer".
    pub notes: Vec<String>,
}

/// A way of computing on a GPU that is installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Runtime {
    /// NVIDIA's.
    Cuda,
    /// AMD's.
    Rocm,
    /// Apple's.
    Metal,
    /// All makers'.
    Vulkan,
}

impl Runtime {
    /// As its makers write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cuda => "CUDA",
            Self::Rocm => "ROCm",
            Self::Metal => "Metal",
            Self::Vulkan => "Vulkan",
        }
    }
}

impl Gpu {
    /// A GPU of which only the name is known: what a reader or a test does not name is unknown.
    pub fn named(name: Known<String>, vendor: Vendor) -> Self {
        Self {
            name,
            table_id: None,
            vendor,
            architecture: None,
            compute_units: None,
            pool: Pool::Discrete,
            memory_total: None,
            memory_free: None,
            taken: Taken::default(),
            shared: None,
            bandwidth_gbs: None,
            fp16_tflops: None,
            int8_tops: None,
            power_watts: None,
            power_range: None,
            power_now: None,
            bus_width_bits: None,
            memory_clock_mhz: None,
            pcie: None,
            own_lanes: None,
            pci_address: None,
            runtimes: Vec::new(),
            programs: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// What is free for a model: as the device says, else its memory less what `os` usually keeps.
    pub fn free_or_usual(&self, os: Os) -> Option<Known<Bytes>> {
        let total = self.memory_total.as_ref()?.value;
        let said = self.memory_free.as_ref();
        let said = said.map(|free| Known { value: free.value.min(total), source: free.source.clone() });
        Some(said.unwrap_or_else(|| {
            let usual = reserve::device_free(total, os, self.vendor, self.pool, false);
            Known::new(usual.value, format!("not reported; {}", usual.source))
        }))
    }
}

/// A PCIe link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pcie {
    /// Generation, 3 for PCIe 3.0.
    pub generation: u32,
    /// Lanes in use.
    pub lanes: u32,
}

impl Pcie {
    /// Highest rate in one direction, GB/s, after line coding (PCI-SIG base specifications): 8b/10b in
    /// generations 1 and 2, 128b/130b in 3 to 5, 242 bytes of each 256 in 6. Transfers reach about four
    /// fifths of it.
    pub fn bandwidth_gbs(self) -> f64 {
        let (gigatransfers, coding) = match self.generation {
            0 | 1 => (2.5, 8.0 / 10.0),
            2 => (5.0, 8.0 / 10.0),
            3 => (8.0, 128.0 / 130.0),
            4 => (16.0, 128.0 / 130.0),
            5 => (32.0, 128.0 / 130.0),
            _ => (64.0, 242.0 / 256.0),
        };
        gigatransfers * coding / 8.0 * f64::from(self.lanes)
    }
}

/// The processor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cpu {
    /// Name as the system gives it.
    pub name: Known<String>,
    /// Physical cores.
    pub cores: Option<Known<u32>>,
    /// Hardware threads.
    pub threads: Option<Known<u32>>,
    /// Cores by kind, where there are several.
    #[serde(default)]
    pub groups: Vec<CoreGroup>,
    /// Instruction sets that matter for models: "avx2", "`avx512_vnni`", "asimddp".
    #[serde(default)]
    pub isa: Vec<String>,
    /// Caches of the levels 2 and 3.
    #[serde(default)]
    pub caches: Vec<Cache>,
    /// Processors in sockets.
    #[serde(default)]
    pub sockets: Option<u32>,
    /// Parts of the memory that are each nearest to some cores.
    #[serde(default)]
    pub numa_nodes: Option<u32>,
    /// Its platform in the table of processors, as in [`table::CpuPlatform::id`].
    #[serde(default)]
    pub platform: Option<String>,
    /// What a reader should know.
    #[serde(default)]
    pub notes: Vec<String>,
}

impl Cpu {
    /// A processor of which only the name is known.
    pub fn named(name: Known<String>) -> Self {
        Self {
            name,
            cores: None,
            threads: None,
            groups: Vec::new(),
            isa: Vec::new(),
            caches: Vec::new(),
            sockets: None,
            numa_nodes: None,
            platform: None,
            notes: Vec::new(),
        }
    }
}

/// Main memory.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ram {
    /// Memory that this process may use: the smallest of installed and cgroup limits.
    pub total: Known<Bytes>,
    /// Available to a new program now.
    pub available: Known<Bytes>,
    /// Who holds the rest.
    #[serde(default)]
    pub taken: Taken,
    /// What the computer has, where this process may use only a part of it.
    #[serde(default)]
    pub installed: Option<Known<Bytes>>,
    /// Bandwidth, GB/s (10^9): theoretical where the modules say it, else measured, else theoretical by the
    /// processor's platform; `None` is unknown.
    pub bandwidth_gbs: Option<Known<f64>>,
    /// Read bandwidth that was measured here, GB/s, also where `bandwidth_gbs` comes from elsewhere.
    #[serde(default)]
    pub measured_gbs: Option<Known<f64>>,
    /// Memory channels in use.
    #[serde(default)]
    pub channels: Option<Known<u32>>,
    /// Modules that are fitted, where the system tells.
    #[serde(default)]
    pub modules: Vec<Module>,
    /// Programs that hold the most of it, largest first.
    #[serde(default)]
    pub programs: Vec<Program>,
    /// What a reader should know: "one of two channels is empty".
    #[serde(default)]
    pub notes: Vec<String>,
}

impl Ram {
    /// A memory of which only the size and what is free are known.
    pub fn new(total: Known<Bytes>, available: Known<Bytes>) -> Self {
        Self {
            total,
            available,
            taken: Taken::default(),
            installed: None,
            bandwidth_gbs: None,
            measured_gbs: None,
            channels: None,
            modules: Vec::new(),
            programs: Vec::new(),
            notes: Vec::new(),
        }
    }
}

/// A part that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Which part: "NVIDIA driver", "AMD card1".
    pub part: String,
    /// What happened and what to do.
    pub reason: String,
}

/// A computer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Machine {
    /// Name for the screen: the first GPU, or the processor.
    pub name: String,
    /// Operating system.
    pub os: Os,
    /// GPUs in the driver's order. Empty is a normal state.
    pub gpus: Vec<Gpu>,
    /// Processor.
    pub cpu: Option<Cpu>,
    /// Main memory.
    pub ram: Option<Ram>,
    /// Disks that models can be put on.
    #[serde(default)]
    pub disks: Vec<Disk>,
    /// Parts that could not be read; the rest is as good as without them.
    pub problems: Vec<Problem>,
}

impl Machine {
    /// A computer of which nothing but a name is known.
    pub fn named(name: impl Into<String>, os: Os) -> Self {
        Self {
            name: name.into(),
            os,
            gpus: Vec::new(),
            cpu: None,
            ram: None,
            disks: Vec::new(),
            problems: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_carry_what_the_specification_says() {
        let gbs = |generation, lanes| Pcie { generation, lanes }.bandwidth_gbs();
        for (generation, rate) in [(3, 15.75), (4, 31.51), (5, 63.02)] {
            assert!((gbs(generation, 16) - rate).abs() < 0.01, "{generation}: {}", gbs(generation, 16));
        }
        assert_eq!(gbs(1, 1), 0.25);
        assert_eq!(gbs(2, 4), 2.0);
    }
}
