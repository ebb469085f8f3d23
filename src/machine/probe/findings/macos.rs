//! GPUs as macOS lists them.

use serde::{Deserialize, Serialize};

use crate::units::Bytes;

/// What macOS says of its GPUs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Metal {
    /// The devices, in Metal's order. Two may have the same name: a card with two GPUs.
    pub devices: Vec<MetalDevice>,
    /// `iogpu.wired_limit_mb`: a limit of the GPU's memory set by hand, MiB; 0 is none.
    pub wired_limit_mib: Option<u64>,
    /// Cores of the GPU of an Apple chip.
    pub cores: Option<u32>,
}

/// A device of Metal's.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MetalDevice {
    /// Name: "Apple M4 Max".
    pub name: String,
    /// `recommendedMaxWorkingSetSize`: the most that may be wired for it.
    pub working_set: Bytes,
    /// `maxBufferLength`: the most in one piece.
    pub max_buffer: Bytes,
    /// It shares the processor's memory.
    pub unified: bool,
}
