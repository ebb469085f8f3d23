//! Devices on the PCI bus and what NVIDIA's driver says, as it was said.

use serde::{Deserialize, Serialize};

use super::super::super::Pcie;
use super::super::super::parts::Program;
use super::super::super::table::PciId;
use crate::units::Bytes;

/// Devices on the PCI bus.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Bus {
    /// Display and compute devices of the makers whose cards run models, by address.
    pub devices: Vec<BusDevice>,
    /// `/dev/dxg` is there: Windows lends its GPU to this Linux (WSL 2).
    pub dxg: bool,
    /// This process runs in a container, which may be lent only some of the devices.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub container: bool,
    /// Makers whose Vulkan driver is installed, by the names of their files: "radeon", "intel", "nvidia".
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub vulkan: Vec<String>,
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
    /// Lowest and highest limit that it takes, watts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub power_range_watts: Option<(f64, f64)>,
    /// What it draws now, watts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub power_now_watts: Option<f64>,
    /// Narrowest link between the device and the processor.
    #[serde(default)]
    pub pcie: Option<Pcie>,
    /// Lanes that the device itself has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_lanes: Option<u32>,
    /// Programs that hold its own memory, those that this user may see.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub programs: Vec<Program>,
    /// What AMD's compute driver says of it; with it ROCm can run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kfd: Option<Kfd>,
}

/// A device as AMD's compute driver (KFD) describes it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Kfd {
    /// Target name: "gfx1100".
    pub target: Option<String>,
    /// Compute units.
    pub compute_units: Option<u32>,
    /// Width of the memory bus, bits.
    pub bus_width_bits: Option<u32>,
    /// Highest memory clock, MHz, as the driver counts it.
    pub memory_clock_mhz: Option<u32>,
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
    /// Lowest and highest limit that it takes, watts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub power_range_watts: Option<(f64, f64)>,
    /// What it draws now, watts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub power_now_watts: Option<f64>,
    /// Highest generation of the link, and lanes in use.
    pub pcie: Option<Pcie>,
    /// Lanes that the card has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub own_lanes: Option<u32>,
    /// Programs that hold its memory.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub programs: Vec<Program>,
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
