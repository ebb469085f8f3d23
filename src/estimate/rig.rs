//! A machine as the arithmetic sees it: numbers without sources.

use crate::machine::{Gpu, Machine, Os, Pool, Vendor, reserve};
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

/// Bandwidth that is assumed where none is known: two channels of DDR5-5600, GB/s.
pub const ASSUMED_RAM_GBS: f64 = 89.6;

impl From<&Machine> for Rig {
    /// The numbers of a machine; GPUs whose memory is unknown are left out, since nothing can be placed on
    /// them.
    fn from(machine: &Machine) -> Self {
        let devices = machine.gpus.iter().filter_map(|gpu| device(gpu, machine.os)).collect();
        let ram = machine.ram.as_ref();
        let bandwidth = ram.and_then(|ram| ram.bandwidth_gbs.as_ref()).map(|known| known.value);
        Self {
            devices,
            host: Host {
                cpu: machine.cpu.as_ref().map(|cpu| cpu.name.value.clone()),
                threads: machine.cpu.as_ref().and_then(|cpu| cpu.cores.as_ref()).map(|cores| cores.value),
                capacity: ram.map_or(Bytes::ZERO, |ram| ram.total.value),
                free: ram.map_or(Bytes::ZERO, |ram| ram.available.value),
                bandwidth_gbs: bandwidth.unwrap_or(ASSUMED_RAM_GBS),
                bandwidth_is_assumed: bandwidth.is_none(),
            },
            os: machine.os,
        }
    }
}

fn device(gpu: &Gpu, os: Os) -> Option<Device> {
    let capacity = gpu.memory_total.as_ref()?.value;
    let known_free = gpu.memory_free.as_ref().map(|free| free.value.min(capacity));
    Some(Device {
        name: gpu.name.value.clone(),
        vendor: gpu.vendor,
        architecture: gpu.architecture.clone(),
        compute_units: gpu.compute_units,
        capacity,
        free: known_free
            .unwrap_or_else(|| reserve::device_free(capacity, os, gpu.vendor, gpu.pool, false).value),
        free_is_known: known_free.is_some(),
        bandwidth_gbs: gpu.bandwidth_gbs.as_ref().map(|known| known.value),
        fp16_tflops: gpu.fp16_tflops.as_ref().map(|known| known.value),
        unified: gpu.pool == Pool::Unified,
        power_watts: gpu.power_watts.as_ref().map(|known| known.value),
    })
}
