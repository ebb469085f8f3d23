//! NVIDIA's cards.

use super::super::super::memory::Taken;
use super::super::super::table::{Hints, Record};
use super::super::super::{Gpu, Known, Pool, Problem, Vendor};
use super::super::findings::{Findings, Nvidia, NvidiaDevice, Refusal, Slice};
use super::super::identity::{Identity, NOT_IN_TABLE};
use super::order::Bandwidth;
use super::{Context, lanes_note, runtimes};
use crate::units::Bytes;

const PART: &str = "NVIDIA driver";
const NVML: &str = "NVML";

/// The cards that the driver lists, divided ones by slice.
pub(super) fn gpus(context: &Context<'_>, findings: &Findings) -> Vec<Gpu> {
    let Some(Nvidia::Devices(devices)) = &findings.nvidia else { return Vec::new() };
    let each = devices.iter().map(|device| {
        let mut gpu = gpu(context, device);
        gpu.runtimes = runtimes::of(Vendor::Nvidia, true, None, findings.bus.as_ref());
        gpu
    });
    each.zip(devices).flat_map(|(gpu, device)| divided(gpu, &device.slices)).collect()
}

/// The GPU of one of NVIDIA's boards whose driver has no management library.
pub(super) fn of_board(context: &Context<'_>) -> Option<Gpu> {
    let module = context.module()?;
    let mut gpu = gpu(
        context,
        &NvidiaDevice {
            name: Some(module.to_owned()),
            memory_refused: Some(Refusal::NotSupported),
            ..NvidiaDevice::default()
        },
    );
    gpu.name = Known::new(module.to_owned(), "device tree");
    Some(gpu)
}

/// Why the driver lists none.
pub(super) fn problems(findings: &Findings) -> Vec<Problem> {
    match &findings.nvidia {
        Some(Nvidia::Failed { reason }) => vec![Problem { part: PART.to_owned(), reason: reason.clone() }],
        _ => Vec::new(),
    }
}

fn gpu(context: &Context<'_>, device: &NvidiaDevice) -> Gpu {
    let candidates = candidates(context, device);
    let identity = Identity::of(&candidates, context.ram_gbs);
    let shares_memory = identity.unified.unwrap_or(device.memory_refused == Some(Refusal::NotSupported));
    let own_memory = identity.own_memory;
    let known = identity.name.is_some();
    let mut gpu = identity.into_gpu(Vendor::Nvidia, device.id);
    if let Some(name) = &device.name {
        gpu.name = Known::new(name.clone(), NVML);
    }
    if !known {
        gpu.architecture = device.compute_capability.and_then(architecture).map(str::to_owned);
        gpu.compute_units =
            device.cores.zip(device.compute_capability).map(|(cores, c)| cores / cores_per_sm(c));
        gpu.notes = vec![NOT_IN_TABLE.to_owned()];
    }
    if shares_memory {
        context.share_memory(&mut gpu);
    } else {
        gpu.pool = Pool::Discrete;
        match (device.memory, own_memory) {
            (Some((total, free)), _) => {
                gpu.memory_total = Some(Known::new(total, NVML));
                gpu.memory_free = Some(Known::new(free, NVML));
                gpu.taken = taken(total, free, device.memory_reserved);
            }
            (None, table) => {
                gpu.memory_total = table.map(|size| Known::new(size, "hardware table"));
                if let Some(Refusal::Error(error)) = &device.memory_refused {
                    gpu.notes.push(format!("The driver does not say how much memory is free: {error}"));
                }
            }
        }
    }
    gpu.bus_width_bits = device.bus_width_bits.map(|bits| Known::new(bits, NVML)).or(gpu.bus_width_bits);
    gpu.memory_clock_mhz = device.memory_clock_mhz.map(|clock| Known::new(clock, NVML));
    gpu.bandwidth_gbs = Bandwidth {
        live: bandwidth(device).map(|gbs| Known::new(gbs, "NVML memory clock × bus width")),
        measured: None,
        table: gpu.bandwidth_gbs,
    }
    .best();
    gpu.power_watts = device.power_watts.map(|watts| Known::new(watts, NVML)).or(gpu.power_watts);
    gpu.power_range = device.power_range_watts.map(|range| Known::new(range, NVML));
    gpu.power_now = device.power_now_watts.map(|watts| Known::new(watts, NVML));
    gpu.pcie = device.pcie.map(|pcie| Known::new(pcie, NVML));
    gpu.own_lanes = device.own_lanes.map(|lanes| Known::new(lanes, NVML));
    gpu.notes.extend(lanes_note(&gpu));
    gpu.programs.clone_from(&device.programs);
    gpu.pci_address.clone_from(&device.address);
    gpu
}

/// Who holds what is not free. Drivers before 2021 do not tell their own part.
fn taken(total: Bytes, free: Bytes, reserved: Option<Bytes>) -> Taken {
    match reserved {
        Some(reserved) => {
            let reserved = Known::new(reserved, "NVML, kept by driver and firmware");
            Taken::between(total, free, reserved, NVML)
        }
        None => Taken::undivided(total, free, NVML),
    }
}

/// Records that the card may be: by its exact name, else by its PCI id.
fn candidates(context: &Context<'_>, device: &NvidiaDevice) -> Vec<&'static Record> {
    let hints = Hints {
        vram_gib: device.memory.map(|(total, _)| total.gib()),
        ram_gib: context.installed.map(Bytes::gib),
        bus_width_bits: device.bus_width_bits,
        cores: device.cores,
        compute_units: None,
        memory_clock_eff_gbps: device.memory_clock_mhz.map(|clock| 2.0 * f64::from(clock) / 1e3),
    };
    let named = |name: &str| context.table.candidates(name, &hints);
    let by_name = device.name.as_deref().map(named).unwrap_or_default();
    match (device.id, context.module()) {
        // Jetson's driver gives one name to all that have the same chip; the board has its own.
        (_, Some(module)) if by_name.len() != 1 && !named(module).is_empty() => named(module),
        (Some(id), _) if by_name.is_empty() => context.table.by_pci(id, &hints),
        _ => by_name,
    }
}

/// Peak bandwidth in GB/s: the memory transfers twice in each clock that NVML reports.
fn bandwidth(device: &NvidiaDevice) -> Option<f64> {
    let (clock, width) = device.memory_clock_mhz.zip(device.bus_width_bits)?;
    Some(2.0 * f64::from(clock) * f64::from(width / 8) / 1e3)
}

/// A divided card as its slices, each with its share of the bandwidth; a whole card as it is.
fn divided(gpu: Gpu, slices: &[Slice]) -> Vec<Gpu> {
    let Some(whole) = gpu.memory_total.as_ref().map(|total| total.value) else { return vec![gpu] };
    if slices.is_empty() {
        return vec![gpu];
    }
    let slice = |slice: &Slice| {
        let share = slice.total.0 as f64 / whole.0.max(1) as f64;
        let scaled = |known: &Option<Known<f64>>| {
            known.as_ref().map(|known| {
                let source = format!("{}, in the slice's share of memory", known.source);
                Known::new((known.value * share * 10.0).round() / 10.0, source)
            })
        };
        Gpu {
            name: Known::new(slice.name.clone(), NVML),
            memory_total: Some(Known::new(slice.total, NVML)),
            memory_free: Some(Known::new(slice.free, NVML)),
            taken: taken(slice.total, slice.free, slice.reserved),
            bandwidth_gbs: scaled(&gpu.bandwidth_gbs),
            fp16_tflops: scaled(&gpu.fp16_tflops),
            int8_tops: scaled(&gpu.int8_tops),
            compute_units: None,
            ..gpu.clone()
        }
    };
    slices.iter().map(slice).collect()
}

/// Architecture as the hardware table names it.
fn architecture((major, minor): (i32, i32)) -> Option<&'static str> {
    Some(match (major, minor) {
        (5, _) => "Maxwell",
        (6, _) => "Pascal",
        (7, 0..=2) => "Volta",
        (7, _) => "Turing",
        (8, 9) => "Ada",
        (8, _) => "Ampere",
        (9, _) => "Hopper",
        (10..=12, _) => "Blackwell",
        _ => return None,
    })
}

fn cores_per_sm(capability: (i32, i32)) -> u32 {
    match capability {
        (6 | 8, 0) | (7, _) => 64,
        _ => 128,
    }
}
