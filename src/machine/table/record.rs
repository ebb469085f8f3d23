//! One device of the hardware table.

use serde::Deserialize;

use super::super::{Known, Vendor};
use super::pci::PciId;
use crate::units::Bytes;

/// What a device is built into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
pub enum Kind {
    /// A card for a desktop computer.
    #[serde(rename = "desktop")]
    Desktop,
    /// A laptop part, Max-Q included; never the bandwidth of its desktop namesake.
    #[serde(rename = "laptop")]
    Laptop,
    /// A workstation card.
    #[serde(rename = "workstation")]
    Workstation,
    /// A server card or module.
    #[serde(rename = "datacenter")]
    Datacenter,
    /// Part of a processor, without memory of its own.
    #[serde(rename = "apu/soc")]
    Soc,
}

/// Bandwidth with one kind of RAM, for devices that use the computer's.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct BandwidthByRam {
    /// Kind of RAM: "LPDDR5X-7500 128-bit".
    pub ram: String,
    /// GB/s with it.
    pub gbs: f64,
}

/// A PCIe connection as the device was built with it.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
pub struct PcieSlot {
    /// Generation, 4 for PCIe 4.0.
    #[serde(rename = "gen")]
    pub generation: Option<f64>,
    /// Lanes.
    pub lanes: Option<u32>,
}

/// A GPU or system on a chip. `None` and empty lists are unknown or do not apply.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// Stable identity: "nvidia-geforce-rtx-4090".
    pub id: String,
    /// Name for the screen.
    pub name: String,
    /// Other names that drivers and people use. Not unique.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Who made it.
    pub vendor: Vendor,
    /// Chip: "AD102", "Navi 31".
    pub chip: Option<String>,
    /// Architecture: "Ada", "RDNA3".
    pub architecture: String,
    /// What it is built into.
    pub kind: Kind,
    /// PCI ids, some with a revision. Not unique.
    #[serde(default)]
    pub pci_ids: Vec<PciId>,
    /// Year and month of release.
    pub release: Option<String>,
    /// Sizes of its own memory that it was sold with, GiB.
    #[serde(default)]
    pub vram_gib: Vec<f64>,
    /// Sizes of the computer's memory that it is sold with, GiB.
    #[serde(default)]
    pub ram_options_gib: Vec<f64>,
    /// Kind of memory: "GDDR6X".
    pub mem_type: String,
    /// Width of the memory bus, bits.
    pub bus_width_bits: Option<u32>,
    /// Effective data rate of a memory pin, Gbit/s.
    pub memory_clock_eff_gbps: Option<f64>,
    /// Peak memory bandwidth, GB/s.
    pub memory_bandwidth_gbs: Option<f64>,
    /// Lowest and highest bandwidth that it was built with, GB/s.
    pub bandwidth_range_gbs: Option<(f64, f64)>,
    /// Bandwidth by the RAM fitted, where that decides it.
    #[serde(default)]
    pub bandwidth_by_ram: Vec<BandwidthByRam>,
    /// Shader cores (CUDA cores, stream processors, ALUs).
    pub cores: Option<u32>,
    /// Streaming multiprocessors, compute units, or Apple GPU cores.
    pub sm_or_cu: Option<u32>,
    /// Boost clock, MHz.
    pub boost_mhz: Option<f64>,
    /// FP32 rate, TFLOPS.
    pub fp32_tflops: Option<f64>,
    /// FP16 rate of the shader cores, TFLOPS.
    pub fp16_vector_tflops: Option<f64>,
    /// Dense FP16 matrix rate with FP32 accumulate, TFLOPS.
    pub fp16_tensor_tflops_dense: Option<f64>,
    /// Dense FP16 matrix rate with FP16 accumulate, TFLOPS.
    pub fp16_tensor_tflops_dense_fp16acc: Option<f64>,
    /// Dense BF16 matrix rate, TFLOPS.
    pub bf16_tflops_dense: Option<f64>,
    /// Dense INT8 rate, TOPS.
    pub int8_tops_dense: Option<f64>,
    /// What reaches the INT8 rate: "tensor", "dp4a".
    pub int8_path: Option<String>,
    /// Dense FP8 matrix rate, TFLOPS.
    pub fp8_tflops_dense: Option<f64>,
    /// Dense FP4 matrix rate, TFLOPS.
    pub fp4_tflops_dense: Option<f64>,
    /// The matrix rates are units × clock × the architecture's ratio, not figures of the maker.
    #[serde(default)]
    pub tensor_rates_derived: bool,
    /// Board power, watts.
    pub tdp_watts: Option<f64>,
    /// PCIe connection.
    pub pcie: Option<PcieSlot>,
    /// `NVLink` of one GPU, both directions, GB/s.
    pub nvlink_gbs: Option<f64>,
    /// Other connection between devices, in words.
    pub interconnect: Option<String>,
    /// Level-2 cache, MB.
    pub l2_mb: Option<f64>,
    /// Price at launch, US dollars.
    pub launch_price_usd: Option<f64>,
    /// It uses the computer's memory.
    #[serde(default)]
    pub unified_memory: bool,
    /// CUDA compute capability: "8.9".
    pub compute_capability: Option<String>,
    /// AMD's target name: "gfx1100".
    pub gfx_id: Option<String>,
    /// Bandwidth that somebody measured, GB/s.
    pub achieved_bandwidth_gbs: Option<f64>,
    /// Processor cores of a system on a chip, in words: "12P+4E".
    pub cpu_cores: Option<CpuCores>,
    /// "single-source" where only one source gives the bandwidth.
    pub status: Option<String>,
    /// What a reader should know.
    pub note: Option<String>,
    /// Where the values come from.
    pub source: Vec<String>,
}

/// Processor cores of a system on a chip.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum CpuCores {
    /// All alike.
    Count(u32),
    /// By kind: "12P+4E".
    Kinds(String),
}

impl Record {
    /// Its own memory, where it was sold with one size only.
    pub fn own_memory(&self) -> Option<Bytes> {
        match self.vram_gib.as_slice() {
            [gib] => Some(Bytes::from_gib(*gib)),
            _ => None,
        }
    }

    /// Peak bandwidth in GB/s. `ram_gbs` is that of the computer's RAM, which some integrated GPUs share;
    /// without it the slowest RAM that the GPU is sold with counts.
    pub fn bandwidth(&self, ram_gbs: Option<f64>) -> Option<Known<f64>> {
        if let Some(gbs) = self.memory_bandwidth_gbs {
            let source = match self.bandwidth_range_gbs {
                Some((low, high)) => format!("hardware table; built with {low} to {high} GB/s"),
                None => "hardware table".to_owned(),
            };
            return Some(Known::new(gbs, source));
        }
        let by_ram = || self.bandwidth_by_ram.iter().map(|option| option.gbs);
        let (low, high) = (by_ram().reduce(f64::min)?, by_ram().reduce(f64::max)?);
        Some(match ram_gbs {
            Some(ram) => Known::new(ram.min(high), "bandwidth of the RAM it shares"),
            None if low == high => Known::new(low, "hardware table"),
            None => Known::new(low, format!("hardware table; {low} to {high} GB/s with the RAM fitted")),
        })
    }

    /// Memory sizes that tell namesakes apart: its own, or for a part of a processor the computer's.
    pub(super) fn memory_sizes(&self) -> &[f64] {
        if self.vram_gib.is_empty() { &self.ram_options_gib } else { &self.vram_gib }
    }
}
