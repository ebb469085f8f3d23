//! The card of a GPU.

use super::super::field::{Target, link_text};
use super::{Card, Fact, Memory, Subject, Whose, fact, plain, sources, with_what_was};
use crate::language::{fixed, tr};
use crate::machine::overrides::GpuField;
use crate::machine::{Gpu, Machine, Pool};
use crate::units::gib_text;

pub(super) fn gpu_card(machine: &Machine, place: usize, whose: Whose<'_>) -> Card {
    let gpu = &machine.gpus[place];
    Card {
        subject: Subject::Gpu(place),
        kind: kind(gpu, place),
        source: sources::words(&gpu.name.source),
        title: gpu.name.value.clone(),
        memory: Memory::of_gpu(machine, gpu),
        facts: with_what_was(whose, facts(machine, gpu, place, whose)),
        notes: sources::notes(&gpu.notes),
    }
}

/// "GPU 0, Ada, CUDA and Vulkan", "GPU 0, part of the processor".
fn kind(gpu: &Gpu, place: usize) -> String {
    let mut parts = vec![format!("GPU {place}")];
    if gpu.pool == Pool::Unified {
        parts.push(tr!("shares the computer's memory").to_owned());
    }
    parts.extend(gpu.architecture.clone());
    let mut runtimes: Vec<&str> = Vec::new();
    for runtime in &gpu.runtimes {
        if !runtimes.contains(&runtime.value.name()) {
            runtimes.push(runtime.value.name());
        }
    }
    if !runtimes.is_empty() {
        parts.push(runtimes.join(tr!(" and ")));
    }
    parts.join(", ")
}

fn facts(machine: &Machine, gpu: &Gpu, place: usize, whose: Whose<'_>) -> Vec<Fact> {
    let target = |field| Some(Target::Gpu(place, field));
    let shared = gpu.shared.as_ref();
    // Of a rig that shares its memory with the processor all of it is set at the RAM.
    let is_described = matches!(whose, Whose::Described);
    let memory = target(GpuField::MemoryGib).filter(|_| !(is_described && gpu.pool == Pool::Unified));
    let size = |size: &crate::units::Bytes| format!("{} GiB", gib_text(*size));
    let mut facts = Vec::new();
    if let Some(shared) = shared {
        facts.push(fact(tr!("Pool"), Some(&shared.total), None, size));
    }
    let limit = shared.and_then(|shared| shared.limit.as_ref()).or(gpu.memory_total.as_ref());
    facts.extend([
        fact(if shared.is_some() { tr!("GPU may use") } else { tr!("Memory") }, limit, memory, size),
        fact(tr!("Free"), gpu.free_or_usual(machine.os).as_ref(), target(GpuField::FreeGib), size),
        fact(tr!("Bandwidth"), gpu.bandwidth_gbs.as_ref(), target(GpuField::BandwidthGbs), |gbs| {
            format!("{} GB/s", crate::units::thousands(*gbs))
        }),
    ]);
    // A description has no place for rates: they are the table's.
    let rate = |field| target(field).filter(|_| !is_described);
    facts.extend([
        fact("FP16", gpu.fp16_tflops.as_ref(), rate(GpuField::Fp16Tflops), |rate| {
            format!("{} TFLOPS", fixed(*rate, 1))
        }),
        fact("INT8", gpu.int8_tops.as_ref(), rate(GpuField::Int8Tops), |rate| format!("{rate:.0} TOPS")),
        fact(tr!("Power limit"), gpu.power_watts.as_ref(), target(GpuField::PowerWatts), |watts| {
            format!("{watts:.0} W")
        }),
    ]);
    if gpu.pool == Pool::Discrete {
        facts.push(fact(tr!("Link"), gpu.pcie.as_ref(), Some(Target::Link(place)), |link| {
            format!("PCIe {}", link_text(*link))
        }));
    }
    let bus =
        gpu.bus_width_bits.as_ref().map(|bits| (tr!("{bits} bit", bits = bits.value), bits.source.as_str()));
    let clock = gpu.memory_clock_mhz.as_ref().map(|clock| tr!(" at {clock} MHz", clock = clock.value));
    if let Some((bus, source)) = bus {
        facts.push(plain(tr!("Bus"), bus + &clock.unwrap_or_default(), source));
    }
    if let Some(address) = &gpu.pci_address {
        facts.push(plain(tr!("Address"), address.clone(), "PCI"));
    }
    facts
}
