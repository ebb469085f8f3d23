//! Display adapters as Windows lists them.

use serde::{Deserialize, Serialize};

use super::super::super::parts::Program;
use super::super::super::table::PciId;
use crate::units::Bytes;

/// A display adapter as DXGI describes it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Adapter {
    /// Description: "AMD Radeon RX 9070 XT".
    pub name: String,
    /// Vendor; of a device that is on no PCI bus four letters in one number ("QCOM").
    pub vendor: u32,
    /// Device.
    pub device: u32,
    /// Revision.
    pub revision: u32,
    /// Identity until the next start of the computer, as the counters of its use name it.
    pub luid: String,
    /// Memory that nothing else uses.
    pub dedicated: Bytes,
    /// Main memory that it may use beside.
    pub shared: Bytes,
    /// It is drawn by the processor.
    pub software: bool,
}

impl Adapter {
    /// Its PCI id, where it has one.
    pub fn id(&self) -> Option<PciId> {
        Some(PciId {
            vendor: u16::try_from(self.vendor).ok()?,
            device: u16::try_from(self.device).ok()?,
            revision: u8::try_from(self.revision).ok(),
        })
    }
}

/// How much of an adapter's memory is in use, over all programs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AdapterUse {
    /// The adapter, as in [`Adapter::luid`].
    pub luid: String,
    /// In use of its dedicated memory.
    pub dedicated: Bytes,
    /// In use of the main memory that it may use.
    pub shared: Bytes,
    /// The programs that hold the most of it, largest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub programs: Vec<Program>,
}
