//! What the parts of the probe found, as the system said it; no table, no judgement.
//!
//! This is the form that a machine can be recorded in: [`super::recorded`] makes the same [`crate::machine::Machine`]
//! of it everywhere. It names what it holds field by field, so that nothing else a system says (serial numbers,
//! names of people and computers) can get into a file.

mod devices;
mod host;
mod macos;
mod windows;

use serde::{Deserialize, Serialize};

use super::super::bandwidth::ReadBandwidth;
pub use super::super::parts::{Cache, CoreGroup, CoreKind, Disk, Medium, Module, Program};
use super::super::{Os, Problem};

pub use devices::{Bus, BusDevice, Kfd, Memory, Nvidia, NvidiaDevice, Refusal, Slice};
pub use host::{CgroupLimit, System};
pub use macos::{Metal, MetalDevice};
pub use windows::{Adapter, AdapterUse};

/// All that was found so far; `None` is a part that has not answered, or that this system does not have.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Findings {
    /// The program and its version that wrote a recording.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recorded_by: Option<String>,
    /// Operating system.
    pub os: Os,
    /// Processor and memory.
    pub system: Option<System>,
    /// Display and compute devices on the PCI bus (Linux).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bus: Option<Bus>,
    /// What NVIDIA's driver says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nvidia: Option<Nvidia>,
    /// Display adapters as DXGI lists them (Windows).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adapters: Option<Vec<Adapter>>,
    /// Who uses the memory of these adapters (Windows).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adapter_use: Option<Vec<AdapterUse>>,
    /// GPUs as Metal lists them (macOS).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metal: Option<Metal>,
    /// Programs that hold the most main memory, largest first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub programs: Option<Vec<Program>>,
    /// Disks that models can be put on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disks: Option<Vec<Disk>>,
    /// The bandwidth of main memory as it was measured here before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_bandwidth: Option<ReadBandwidth>,
    /// Parts that failed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<Problem>,
}
