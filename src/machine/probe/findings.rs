//! What the parts of the probe found, as the system said it; no table, no judgement.
//!
//! This is the form that a machine can be recorded in: [`super::recorded`] makes the same [`crate::machine::Machine`]
//! of it everywhere.

use serde::{Deserialize, Serialize};

use super::super::bandwidth::ReadBandwidth;
use super::super::table::PciId;
use super::super::{Os, Pcie, Problem};
use crate::units::Bytes;

/// All that was found so far; `None` is a part that has not answered.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Findings {
    /// Operating system.
    pub os: Os,
    /// Processor and memory.
    pub system: Option<System>,
    /// Display and compute devices on the PCI bus (Linux).
    pub bus: Option<Bus>,
    /// What NVIDIA's driver says.
    pub nvidia: Option<Nvidia>,
    /// Parts that failed.
    pub problems: Vec<Problem>,
    /// The bandwidth of main memory as it was measured here before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_bandwidth: Option<ReadBandwidth>,
}

/// Processor and main memory.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct System {
    /// Processor's name.
    pub cpu: Option<String>,
    /// Name of the computer or board, where the processor has none that says anything.
    pub board: Option<String>,
    /// Physical cores.
    pub cores: Option<u32>,
    /// Hardware threads.
    pub threads: Option<u32>,
    /// Memory that the system sees.
    pub memory_total: Bytes,
    /// Memory available to a new program.
    pub memory_available: Bytes,
    /// What the kernel itself holds of it: its structures, stacks and page tables.
    pub kernel: Option<Bytes>,
    /// Limit of the control group that this process runs in.
    pub cgroup: Option<CgroupLimit>,
    /// Memory modules that are fitted, where the system tells.
    pub modules: Vec<Module>,
}

/// A memory module, or a memory chip on the board.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Module {
    /// Its size.
    pub size: Bytes,
    /// "DDR5".
    pub kind: String,
    /// Speed that it runs at, MT/s.
    pub speed_mts: Option<u32>,
    /// Name of its slot: "`DIMM_A1`".
    pub slot: String,
    /// Name of its bank: "P0 CHANNEL A".
    pub bank: String,
}

/// The smallest memory limit of the control groups above this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CgroupLimit {
    /// The limit.
    pub limit: Bytes,
    /// What is left of it, file cache that can be dropped not counted as used.
    pub available: Bytes,
}

/// Devices on the PCI bus.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Bus {
    /// Display and compute devices of the makers whose cards run models, by address.
    pub devices: Vec<BusDevice>,
    /// `/dev/dxg` is there: Windows lends its GPU to this Linux (WSL 2).
    pub dxg: bool,
}

/// A display or compute device.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BusDevice {
    /// PCI address: "0000:03:00.0".
    pub address: String,
    /// PCI id, with revision.
    pub id: PciId,
    /// Kernel driver.
    #[serde(default)]
    pub driver: Option<String>,
    /// It sleeps; asking its driver would wake it.
    #[serde(default)]
    pub asleep: bool,
    /// Memory on the card or carved out for it.
    #[serde(default)]
    pub vram: Option<Memory>,
    /// System memory that the driver lends to it.
    #[serde(default)]
    pub gtt: Option<Memory>,
    /// It is part of a processor; `None`: the driver does not say.
    #[serde(default)]
    pub integrated: Option<bool>,
    /// Highest memory clock, MHz, as the driver counts it.
    #[serde(default)]
    pub memory_clock_mhz: Option<u32>,
    /// Power limit, watts.
    #[serde(default)]
    pub power_watts: Option<f64>,
    /// Narrowest link between the device and the processor.
    #[serde(default)]
    pub pcie: Option<Pcie>,
}

/// A memory and its use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Memory {
    /// All of it.
    pub total: Bytes,
    /// In use now; `None`: the driver does not say.
    pub used: Option<Bytes>,
    /// The file that said it.
    pub source: String,
}

impl Memory {
    /// What is not in use.
    pub fn free(&self) -> Option<Bytes> {
        Some(self.total.saturating_sub(self.used?))
    }
}

/// What NVIDIA's management library says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Nvidia {
    /// There is no library, so no driver.
    NoDriver,
    /// All cards sleep and were not woken.
    Asleep,
    /// The library is there and fails.
    Failed {
        /// What it says, and what to do.
        reason: String,
    },
    /// The cards, in the driver's order.
    Devices(Vec<NvidiaDevice>),
}

/// A card as NVIDIA's driver describes it; `None` is what it does not say.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NvidiaDevice {
    /// Name.
    pub name: Option<String>,
    /// PCI address in the form of the bus: "0000:01:00.0".
    pub address: Option<String>,
    /// PCI id.
    pub id: Option<PciId>,
    /// All memory and what is free.
    pub memory: Option<(Bytes, Bytes)>,
    /// What driver and firmware keep of it.
    pub memory_reserved: Option<Bytes>,
    /// Why there is no memory.
    pub memory_refused: Option<Refusal>,
    /// Width of the memory bus, bits.
    pub bus_width_bits: Option<u32>,
    /// Highest memory clock, MHz.
    pub memory_clock_mhz: Option<u32>,
    /// CUDA cores.
    pub cores: Option<u32>,
    /// CUDA compute capability.
    pub compute_capability: Option<(i32, i32)>,
    /// Power limit, watts.
    pub power_watts: Option<f64>,
    /// Highest generation of the link, and lanes in use.
    pub pcie: Option<Pcie>,
    /// Slices that the card is divided into (MIG), each used like a card.
    pub slices: Vec<Slice>,
}

/// Why a driver gives no value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// The device has no such thing: GPUs that use the computer's memory.
    NotSupported,
    /// Anything else, in words.
    Error(String),
}

/// A slice of a divided card (MIG).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slice {
    /// Name.
    pub name: String,
    /// All its memory.
    pub total: Bytes,
    /// What is free of it.
    pub free: Bytes,
    /// What driver and firmware keep of it.
    #[serde(default)]
    pub reserved: Option<Bytes>,
}
