//! The text forms of a machine: readable lines, and JSON in which each value says how it is known.

mod lines;
mod readable;

use serde::Serialize;

use crate::language::{tr, tr_n};
use crate::machine::parts::{Cache, CoreGroup, Disk, Module, Program};
use crate::machine::{Gpu, Known, Machine, Os, Pcie, Pool, Problem, Runtime, Vendor};
use crate::units::{Bytes, gib_text};

pub use readable::readable;

/// A machine with the source of every value.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MachineAnswer {
    /// Name for the screen.
    pub name: String,
    /// Operating system.
    pub os: Known<Os>,
    /// GPUs in order.
    pub devices: Vec<DeviceText>,
    /// Memories that models can be put in.
    pub pools: Vec<PoolText>,
    /// Processor.
    pub cpu: Option<CpuText>,
    /// Main memory, bytes and GB/s.
    pub ram: Option<RamText>,
    /// Disks that models can be put on.
    pub disks: Vec<Disk>,
    /// Parts that could not be read.
    pub problems: Vec<Problem>,
}

/// One GPU; null is unknown. Memory in bytes, bandwidth in GB/s.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DeviceText {
    /// Position, from 0.
    pub index: usize,
    /// Name.
    pub name: Known<String>,
    /// Who made it.
    pub vendor: Known<Vendor>,
    /// Record of the hardware table that it was identified with.
    pub table_id: Option<String>,
    /// Architecture.
    pub architecture: Option<Known<String>>,
    /// Streaming multiprocessors or compute units.
    pub compute_units: Option<Known<u32>>,
    /// All its memory.
    pub memory_total: Option<Known<Bytes>>,
    /// Free for a model; where the device does not say, its memory less the usual reserve.
    pub memory_free: Option<Known<Bytes>>,
    /// Held by other programs; of a shared memory of all of it.
    pub memory_used: Option<Known<Bytes>>,
    /// Kept by driver and system; of a shared memory of all of it.
    pub memory_reserved: Option<Known<Bytes>>,
    /// Peak memory bandwidth.
    pub bandwidth_gbs: Option<Known<f64>>,
    /// Dense FP16 matrix rate with FP32 accumulate.
    pub fp16_tflops: Option<Known<f64>>,
    /// Dense INT8 matrix rate.
    pub int8_tops: Option<Known<f64>>,
    /// Power limit.
    pub power_watts: Option<Known<f64>>,
    /// Width of the memory bus.
    pub bus_width_bits: Option<Known<u32>>,
    /// Effective memory clock.
    pub memory_clock_mhz: Option<Known<u32>>,
    /// PCIe link.
    pub pcie: Option<Known<Pcie>>,
    /// Lanes that the card itself has.
    pub own_lanes: Option<Known<u32>>,
    /// PCI address.
    pub pci_address: Option<String>,
    /// What models can be run with on it here.
    pub runtimes: Vec<Known<Runtime>>,
    /// Programs that hold its memory.
    pub programs: Vec<Program>,
    /// What a reader should know.
    pub notes: Vec<String>,
}

/// A memory that models can be put in. What is not free is used or reserved, as far as that is known.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PoolText {
    /// Whose it is.
    pub kind: PoolKind,
    /// Positions of the GPUs that use it; empty for main memory.
    pub devices: Vec<usize>,
    /// All of it.
    pub total: Option<Known<Bytes>>,
    /// The most of it that a GPU or this process may use; null: all of it.
    pub limit: Option<Known<Bytes>>,
    /// Held by other programs.
    pub used: Option<Known<Bytes>>,
    /// Kept by driver and system.
    pub reserved: Option<Known<Bytes>>,
    /// Free for a model.
    pub free: Option<Known<Bytes>>,
}

/// Whose a memory is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PoolKind {
    /// A card's own.
    Discrete,
    /// Shared by processor and GPU.
    Unified,
    /// The processor's.
    Main,
}

/// The processor.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CpuText {
    /// Name.
    pub name: Known<String>,
    /// Physical cores.
    pub cores: Option<Known<u32>>,
    /// Hardware threads.
    pub threads: Option<Known<u32>>,
    /// Cores by kind, where there are several.
    pub groups: Vec<CoreGroup>,
    /// Instruction sets that matter for models.
    pub isa: Vec<String>,
    /// Caches of the levels 2 and 3.
    pub caches: Vec<Cache>,
    /// Processors in sockets.
    pub sockets: Option<u32>,
    /// Parts of the memory that are each nearest to some cores.
    pub numa_nodes: Option<u32>,
    /// Platform in the table of processors.
    pub platform: Option<String>,
    /// What a reader should know.
    pub notes: Vec<String>,
}

/// Main memory.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RamText {
    /// What this process may use.
    pub total: Known<Bytes>,
    /// Available to a new program.
    pub available: Known<Bytes>,
    /// Held by other programs.
    pub used: Option<Known<Bytes>>,
    /// Kept by the system.
    pub reserved: Option<Known<Bytes>>,
    /// What the computer has, where this process may use only a part of it.
    pub installed: Option<Known<Bytes>>,
    /// Bandwidth, GB/s: theoretical, unless its source says that it was measured.
    pub bandwidth_gbs: Option<Known<f64>>,
    /// Read bandwidth that was measured here, GB/s.
    pub measured_gbs: Option<Known<f64>>,
    /// Memory channels in use.
    pub channels: Option<Known<u32>>,
    /// Modules that are fitted.
    pub modules: Vec<Module>,
    /// Programs that hold the most of it.
    pub programs: Vec<Program>,
    /// What a reader should know.
    pub notes: Vec<String>,
}

impl MachineAnswer {
    /// The text form of a machine.
    pub fn of(machine: &Machine) -> Self {
        Self {
            name: machine.name.clone(),
            os: Known::new(machine.os, "operating system"),
            devices: machine.gpus.iter().enumerate().map(|(at, gpu)| device(at, gpu, machine.os)).collect(),
            pools: pools(machine),
            cpu: machine.cpu.as_ref().map(|cpu| CpuText {
                name: cpu.name.clone(),
                cores: cpu.cores.clone(),
                threads: cpu.threads.clone(),
                groups: cpu.groups.clone(),
                isa: cpu.isa.clone(),
                caches: cpu.caches.clone(),
                sockets: cpu.sockets,
                numa_nodes: cpu.numa_nodes,
                platform: cpu.platform.clone(),
                notes: cpu.notes.clone(),
            }),
            ram: machine.ram.as_ref().map(|ram| RamText {
                total: ram.total.clone(),
                available: ram.available.clone(),
                used: ram.taken.used.clone(),
                reserved: ram.taken.reserved.clone(),
                installed: ram.installed.clone(),
                bandwidth_gbs: ram.bandwidth_gbs.clone(),
                measured_gbs: ram.measured_gbs.clone(),
                channels: ram.channels.clone(),
                modules: ram.modules.clone(),
                programs: ram.programs.clone(),
                notes: ram.notes.clone(),
            }),
            disks: machine.disks.clone(),
            problems: machine.problems.clone(),
        }
    }
}

/// Each card's own memory, and the computer's: one pool where a GPU shares it.
fn pools(machine: &Machine) -> Vec<PoolText> {
    let of_gpu = |(index, gpu): (usize, &Gpu)| PoolText {
        kind: match gpu.pool {
            Pool::Discrete => PoolKind::Discrete,
            Pool::Unified => PoolKind::Unified,
        },
        devices: vec![index],
        total: match &gpu.shared {
            Some(shared) => Some(shared.total.clone()),
            None => gpu.memory_total.clone(),
        },
        limit: gpu.shared.as_ref().and_then(|shared| shared.limit.clone()),
        used: gpu.taken.used.clone(),
        reserved: gpu.taken.reserved.clone(),
        free: gpu.free_or_usual(machine.os),
    };
    let mut pools: Vec<PoolText> = machine.gpus.iter().enumerate().map(of_gpu).collect();
    if let Some(ram) = &machine.ram
        && machine.gpus.iter().all(|gpu| gpu.shared.is_none())
    {
        pools.push(PoolText {
            kind: PoolKind::Main,
            devices: Vec::new(),
            total: Some(ram.installed.as_ref().unwrap_or(&ram.total).clone()),
            limit: ram.installed.is_some().then(|| ram.total.clone()),
            used: ram.taken.used.clone(),
            reserved: ram.taken.reserved.clone(),
            free: Some(ram.available.clone()),
        });
    }
    pools
}

fn device(index: usize, gpu: &Gpu, os: Os) -> DeviceText {
    // A device that the table identified has its vendor, architecture and units from there.
    let from_table = if gpu.table_id.is_some() { "hardware table" } else { &gpu.name.source };
    DeviceText {
        index,
        name: gpu.name.clone(),
        vendor: Known::new(gpu.vendor, from_table),
        table_id: gpu.table_id.clone(),
        architecture: gpu.architecture.clone().map(|name| Known::new(name, from_table)),
        compute_units: gpu.compute_units.map(|units| Known::new(units, from_table)),
        memory_total: gpu.memory_total.clone(),
        memory_free: gpu.free_or_usual(os),
        memory_used: gpu.taken.used.clone(),
        memory_reserved: gpu.taken.reserved.clone(),
        bandwidth_gbs: gpu.bandwidth_gbs.clone(),
        fp16_tflops: gpu.fp16_tflops.clone(),
        int8_tops: gpu.int8_tops.clone(),
        power_watts: gpu.power_watts.clone(),
        bus_width_bits: gpu.bus_width_bits.clone(),
        memory_clock_mhz: gpu.memory_clock_mhz.clone(),
        pcie: gpu.pcie.clone(),
        own_lanes: gpu.own_lanes.clone(),
        pci_address: gpu.pci_address.clone(),
        runtimes: gpu.runtimes.clone(),
        programs: gpu.programs.clone(),
        notes: gpu.notes.clone(),
    }
}

/// The machine in one line: "NVIDIA GeForce RTX 4090, 22.6 of 24.0 GiB free; AMD Ryzen 9 7950X, 16 cores;
/// 58.0 of 64.0 GiB RAM available".
pub fn one_line(machine: &Machine) -> String {
    let mut parts: Vec<String> = machine
        .gpus
        .iter()
        .map(|gpu| match (&gpu.memory_free, &gpu.memory_total) {
            (Some(free), Some(total)) => {
                tr!(
                    "{name}, {free} of {total} free",
                    name = gpu.name.value,
                    free = gib_text(free.value),
                    total = total.value
                )
            }
            (None, Some(total)) => format!("{}, {}", gpu.name.value, total.value),
            _ => tr!("{name}, memory unknown", name = gpu.name.value),
        })
        .collect();
    if parts.is_empty() {
        parts.push(tr!("No GPU").to_owned());
    }
    if let Some(cpu) = &machine.cpu {
        parts.push(match &cpu.cores {
            Some(cores) => tr_n!(
                cores.value,
                "{name}, {cores} core",
                "{name}, {cores} cores",
                name = cpu.name.value,
                cores = cores.value
            ),
            None => cpu.name.value.clone(),
        });
    }
    parts.push(match &machine.ram {
        Some(ram) => tr!(
            "{available} of {total} RAM available",
            available = gib_text(ram.available.value),
            total = ram.total.value
        ),
        None => tr!("RAM unknown").to_owned(),
    });
    parts.join("; ")
}

/// "1 core", "2 cores".
pub fn plural(count: u32, word: &str) -> String {
    if count == 1 { word.to_owned() } else { format!("{word}s") }
}
