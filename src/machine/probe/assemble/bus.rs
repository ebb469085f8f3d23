//! AMD's and Intel's devices, and NVIDIA's whose driver says nothing, from the PCI bus.

use super::super::super::memory::{Shared, Taken};
use super::super::super::table::{Hints, Record};
use super::super::super::{Gpu, Known, Pool, Problem, Vendor};
use super::super::bus::{AMD, NVIDIA};
use super::super::findings::{Bus, BusDevice, Memory, Nvidia};
use super::super::identity::Identity;
use super::order::Bandwidth;
use super::{Context, lanes_note, runtimes};
use crate::units::{Bytes, GIB};

/// An AMD device of unknown kind with less memory than this is part of a processor.
const SMALLEST_CARD: Bytes = Bytes(2 * GIB);

/// Adds the devices of the bus that the drivers before did not list.
pub(super) fn gpus(
    context: &Context<'_>,
    bus: &Bus,
    driver: Option<&Nvidia>,
    gpus: &mut Vec<Gpu>,
    problems: &mut Vec<Problem>,
) {
    // A card that a driver lists without address could be any of the bus.
    let listed_without_address = gpus.iter().any(|gpu| gpu.pci_address.is_none());
    let listed: Vec<String> = gpus.iter().filter_map(|gpu| gpu.pci_address.clone()).collect();
    for device in &bus.devices {
        if listed.contains(&device.address) {
            continue;
        }
        let mut gpu = identified(context, device);
        gpu.pci_address = Some(device.address.clone());
        gpu.pcie = device.pcie.map(|link| Known::new(link, "sysfs, narrowest link to the processor"));
        gpu.own_lanes = device.own_lanes.map(|lanes| Known::new(lanes, "sysfs max_link_width"));
        gpu.runtimes = runtimes::of(gpu.vendor, false, Some(device), Some(bus));
        if device.driver.as_deref() == Some("vfio-pci") {
            let reason = format!("{} is set aside for virtual machines (driver vfio-pci)", gpu.name.value);
            problems.push(Problem { part: format!("PCI device {}", device.address), reason });
            continue;
        }
        match device.id.vendor {
            NVIDIA if listed_without_address => continue,
            NVIDIA => match unlisted(device, driver, bus.container, &mut gpu) {
                Unlisted::Shown => {}
                Unlisted::Broken(reason) => {
                    problems.push(Problem { part: "NVIDIA driver".to_owned(), reason });
                }
                Unlisted::Hidden => continue,
            },
            AMD => amd(context, device, &mut gpu),
            _ => intel(context, device, &mut gpu),
        }
        if gpu.pool == Pool::Discrete && !device.asleep {
            gpu.notes.extend(lanes_note(&gpu));
        }
        gpus.push(gpu);
    }
}

/// The device by its PCI id, narrowed by what was read.
fn identified(context: &Context<'_>, device: &BusDevice) -> Gpu {
    let vendor = match device.id.vendor {
        NVIDIA => Vendor::Nvidia,
        AMD => Vendor::Amd,
        _ => Vendor::Intel,
    };
    let kfd = device.kfd.clone().unwrap_or_default();
    let clock = device.memory_clock_mhz.or(kfd.memory_clock_mhz);
    let mut hints = Hints {
        vram_gib: device.vram.as_ref().map(|memory| memory.total.gib()),
        ram_gib: context.installed.map(Bytes::gib),
        bus_width_bits: kfd.bus_width_bits,
        compute_units: kfd.compute_units,
        ..Hints::default()
    };
    let mut candidates = context.table.by_pci(device.id, &hints);
    let kinds = candidates.iter().map(|record| record.mem_type.as_str());
    if let Some(clock) = clock
        && let Some(rate) = kinds.clone().find_map(transfers_per_clock)
        && kinds.clone().all(|kind| transfers_per_clock(kind) == Some(rate))
    {
        hints.memory_clock_eff_gbps = Some(f64::from(clock) * rate / 1e3);
        candidates = context.table.by_pci(device.id, &hints);
    }
    named_by_processor(&mut candidates, context.cpu);
    let identity = Identity::of(&candidates, context.ram_gbs);
    let live = live_bandwidth(clock, kfd.bus_width_bits, &identity);
    let own_memory = identity.own_memory;
    let mut gpu = identity.into_gpu(vendor, Some(device.id));
    gpu.bandwidth_gbs = Bandwidth { live, measured: None, table: gpu.bandwidth_gbs }.best();
    gpu.memory_clock_mhz = match (device.memory_clock_mhz, kfd.memory_clock_mhz) {
        (Some(clock), _) => Some(Known::new(clock, "sysfs pp_dpm_mclk")),
        (None, clock) => clock.map(|clock| Known::new(clock, "KFD mem_clk_max")),
    };
    if let Some(bits) = kfd.bus_width_bits {
        gpu.bus_width_bits = Some(Known::new(bits, "KFD"));
    }
    gpu.compute_units = kfd.compute_units.or(gpu.compute_units);
    if let Some(watts) = device.power_watts {
        gpu.power_watts = Some(Known::new(watts, "sysfs power1_cap"));
    }
    gpu.power_range =
        device.power_range_watts.map(|range| Known::new(range, "sysfs power1_cap_min and power1_cap_max"));
    gpu.power_now =
        device.power_now_watts.map(|watts| Known::new(watts, "sysfs power1_average or power1_input"));
    match &device.vram {
        Some(memory) => {
            gpu.memory_total = Some(Known::new(memory.total, memory.source.clone()));
            let source = memory.source.replace("_total", "_used");
            if let Some(free) = memory.free() {
                gpu.taken = Taken::undivided(memory.total, free, &source);
                gpu.memory_free = Some(Known::new(free, source));
            }
        }
        None => gpu.memory_total = own_memory.map(|size| Known::new(size, "hardware table")),
    }
    gpu.programs.clone_from(&device.programs);
    free_by_programs(context, &mut gpu);
    gpu
}

/// Of a card whose driver does not say what is in use (Intel's): what its programs do not hold, as far as they
/// are seen, and no more than is usually free.
fn free_by_programs(context: &Context<'_>, gpu: &mut Gpu) {
    let (None, Some(total), false) = (&gpu.memory_free, &gpu.memory_total, gpu.programs.is_empty()) else {
        return;
    };
    let total = total.value;
    let held: Bytes = gpu.programs.iter().filter_map(|program| program.memory).sum();
    let usual = gpu.free_or_usual(context.os).map_or(total, |usual| usual.value);
    let free = usual.min(total.saturating_sub(held));
    let source = "memory less what programs hold of it (fdinfo); those of other users are not seen";
    gpu.taken = Taken::undivided(total, free, "fdinfo drm-resident");
    gpu.memory_free = Some(Known::new(free, source));
}

/// Keeps the records that the processor names as its own: "AMD Ryzen AI 9 HX 370 w/ Radeon 890M".
fn named_by_processor(candidates: &mut Vec<&Record>, cpu: Option<&str>) {
    let Some(cpu) = cpu else { return };
    let words: Vec<&str> = cpu.split(' ').collect();
    let named = |record: &Record| record.name.rsplit(' ').next().is_some_and(|model| words.contains(&model));
    if candidates.iter().all(|record| record.unified_memory) && candidates.iter().any(|record| named(record))
    {
        candidates.retain(|record| named(record));
    }
}

/// Transfers of a memory pin in one clock of `pp_dpm_mclk`, for memory where that is settled.
fn transfers_per_clock(memory: &str) -> Option<f64> {
    match memory.split(' ').next()? {
        "GDDR6" => Some(16.0),
        "GDDR5" => Some(4.0),
        "HBM2" | "HBM2e" | "HBM2E" => Some(2.0),
        _ => None,
    }
}

/// Bandwidth in GB/s from the highest memory clock and the bus width, where it departs from the table: some
/// cards were built with slower memory, some are overclocked. Far off, the table is believed.
fn live_bandwidth(clock: Option<u32>, width: Option<u32>, identity: &Identity) -> Option<Known<f64>> {
    let rate = transfers_per_clock(identity.memory_type.as_deref()?)?;
    let width = f64::from(width.or(identity.bus_width_bits)?);
    let live = f64::from(clock?) * rate * width / 8.0 / 1e3;
    let departure = live / identity.bandwidth_gbs.as_ref()?.value;
    let believed = (0.7..1.3).contains(&departure) && (departure - 1.0).abs() > 0.01;
    believed.then(|| Known::new(live, "highest memory clock (sysfs pp_dpm_mclk or KFD) × bus width"))
}

/// What becomes of a card of NVIDIA's that the driver does not list.
enum Unlisted {
    Shown,
    Broken(String),
    Hidden,
}

/// A card of NVIDIA's that its driver does not list: asleep, or the driver is missing, broken or slow.
fn unlisted(device: &BusDevice, driver: Option<&Nvidia>, container: bool, gpu: &mut Gpu) -> Unlisted {
    if device.asleep {
        gpu.notes.push("Asleep and not woken; identified by its PCI id".to_owned());
        return Unlisted::Shown;
    }
    // How much memory a driver that does not run would give is not known.
    gpu.memory_total = None;
    let name = &gpu.name.value;
    let (note, outcome) = match (driver, device.driver.as_deref()) {
        (None, _) => ("NVIDIA's driver is being asked", Unlisted::Shown),
        (Some(Nvidia::Failed { .. }), _) => {
            ("Identified by its PCI id; NVIDIA's driver does not answer", Unlisted::Shown)
        }
        // A container may be lent some of the cards that it sees on the bus.
        (Some(Nvidia::Devices(_)), Some("nvidia")) if container => return Unlisted::Hidden,
        (Some(Nvidia::Devices(_)), Some("nvidia")) => {
            ("On the bus, but NVIDIA's driver does not list it: it cannot be used as it is", Unlisted::Shown)
        }
        (_, Some("nvidia")) => (
            "Identified by its PCI id; NVIDIA's library is missing",
            Unlisted::Broken(format!(
                "{name} has NVIDIA's driver, but its library libnvidia-ml is missing; a container must be \
                 started with access to the GPU"
            )),
        ),
        (_, Some(other)) => (
            "Identified by its PCI id; NVIDIA's driver does not run it",
            Unlisted::Broken(format!("{name} runs with the driver {other}; models need NVIDIA's own driver")),
        ),
        (_, None) => (
            "Identified by its PCI id; it has no driver",
            Unlisted::Broken(format!("{name} has no driver; install NVIDIA's driver")),
        ),
    };
    gpu.notes.push(note.to_owned());
    outcome
}

/// A device of AMD's: a card with its own memory, or part of a processor with two overlapping pools.
fn amd(context: &Context<'_>, device: &BusDevice, gpu: &mut Gpu) {
    let small = device.vram.as_ref().is_some_and(|vram| vram.total < SMALLEST_CARD);
    let integrated =
        device.integrated.unwrap_or(gpu.pool == Pool::Unified || (gpu.table_id.is_none() && small));
    if !integrated {
        gpu.pool = Pool::Discrete;
        return;
    }
    gpu.pool = Pool::Unified;
    let Some(vram) = &device.vram else {
        context.share_memory(gpu);
        return;
    };
    let none = Memory { total: Bytes::ZERO, used: Some(Bytes::ZERO), source: String::new() };
    let gtt = device.gtt.as_ref().unwrap_or(&none);
    // The carve-out is taken from installed memory before the system sees the rest; GTT is part of the rest.
    let installed = context.installed.map(|seen| seen + vram.total);
    let total = vram.total + gtt.total;
    let total = installed.map_or(total, |installed| total.min(installed));
    let source = "sysfs mem_info_vram_total + mem_info_gtt_total, at most the installed memory";
    gpu.memory_total = Some(Known::new(total, source));
    gpu.shared = installed.map(|installed| {
        let pool = Known::new(installed, "memory that the system sees + sysfs mem_info_vram_total");
        let limit = Known::new(total, "sysfs mem_info_vram_total + mem_info_gtt_total");
        Shared::new(pool, Some(limit))
    });
    gpu.memory_free = vram.free().zip(gtt.free()).map(|(carved, lent)| {
        let lent = context.ram.map_or(lent, |ram| lent.min(ram.available.value));
        let source = "sysfs mem_info_vram_used and mem_info_gtt_used, at most the available memory";
        Known::new((carved + lent).min(total), source)
    });
    if let Some(ram) = context.ram {
        // Of the pool that is the RAM and the carve-out, what others hold in both.
        let used = ram.taken.used.as_ref().zip(vram.used).map(|(held, carved)| {
            Known::new(held.value + carved, format!("{} and sysfs mem_info_vram_used", held.source))
        });
        gpu.taken = Taken { used, reserved: ram.taken.reserved.clone() };
    }
}

/// A device of Intel's: a card if it has memory of its own.
fn intel(context: &Context<'_>, device: &BusDevice, gpu: &mut Gpu) {
    let card = device.vram.is_some() || (gpu.table_id.is_some() && gpu.pool == Pool::Discrete);
    if card {
        gpu.pool = Pool::Discrete;
    } else {
        context.share_memory(gpu);
    }
}
