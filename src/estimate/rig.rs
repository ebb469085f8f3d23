//! A machine as the arithmetic sees it: numbers without sources.

use crate::machine::{Os, Vendor};
use crate::units::Bytes;

/// Devices and host that a model is placed on.
#[derive(Clone, Debug, PartialEq)]
pub struct Rig {
    /// GPUs in order; empty: the processor alone.
    pub devices: Vec<Device>,
    /// Processor and main memory.
    pub host: Host,
    /// Operating system.
    pub os: Os,
}

/// One GPU.
#[derive(Clone, Debug, PartialEq)]
pub struct Device {
    /// Name.
    pub name: String,
    /// Who made it.
    pub vendor: Vendor,
    /// Architecture as the hardware table names it.
    pub architecture: Option<String>,
    /// Streaming multiprocessors or compute units.
    pub compute_units: Option<u32>,
    /// All its memory.
    pub capacity: Bytes,
    /// What is free for a model before it loads.
    pub free: Bytes,
    /// Whether `free` was read from the machine; otherwise it is capacity less the usual reserve.
    pub free_is_known: bool,
    /// Peak bandwidth, GB/s; `None`: no speed can be said.
    pub bandwidth_gbs: Option<f64>,
    /// Dense FP16 matrix rate with FP32 accumulate, TFLOPS.
    pub fp16_tflops: Option<f64>,
    /// It shares one pool with the host.
    pub unified: bool,
    /// Power limit, watts.
    pub power_watts: Option<f64>,
}

/// Processor and main memory.
#[derive(Clone, Debug, PartialEq)]
pub struct Host {
    /// Processor's name.
    pub cpu: Option<String>,
    /// Threads that work on a model: physical cores by default.
    pub threads: Option<u32>,
    /// All memory that the process may use.
    pub capacity: Bytes,
    /// What is free before the model loads.
    pub free: Bytes,
    /// Theoretical bandwidth, GB/s.
    pub bandwidth_gbs: f64,
    /// Whether the bandwidth is known, or the usual DDR5-5600 in two channels is assumed.
    pub bandwidth_is_assumed: bool,
}

impl Rig {
    /// Memory free for a model on all devices together.
    pub fn device_free(&self) -> Bytes {
        self.devices.iter().map(|d| d.free).sum()
    }
}
