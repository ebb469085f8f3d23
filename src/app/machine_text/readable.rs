//! A machine as readable lines.

use super::lines::Lines;
use crate::machine::memory::{Shared, Taken};
use crate::machine::parts::{Disk, Program};
use crate::machine::{Cpu, Gpu, Machine, Os, Pool, Ram};
use crate::units::{Bytes, gib_text, small_text};

/// Programs that are named with a memory.
const MOST_PROGRAMS: usize = 5;

/// The machine as aligned lines: what, value, and how it is known.
pub fn readable(machine: &Machine) -> String {
    let mut lines = Lines::default();
    for (index, gpu) in machine.gpus.iter().enumerate() {
        lines.head(&format!("GPU {index}"));
        gpu_lines(&mut lines, gpu, machine.os);
    }
    if machine.gpus.is_empty() {
        lines.head("GPU");
        lines.plain("none found; models run on the processor");
    }
    lines.head("Processor");
    match &machine.cpu {
        Some(cpu) => {
            cpu_lines(&mut lines, cpu);
        }
        None => lines.plain("unknown"),
    }
    lines.head("Main memory");
    match &machine.ram {
        Some(ram) => {
            if ram.installed.is_some() {
                lines.known("installed", ram.installed.as_ref(), Bytes::to_string);
            }
            lines.known("usable", Some(&ram.total), Bytes::to_string);
            taken_lines(&mut lines, &ram.taken);
            lines.known("available", Some(&ram.available), Bytes::to_string);
            lines.known("bandwidth", ram.bandwidth_gbs.as_ref(), |gbs| format!("{gbs:.1} GB/s"));
            if ram.measured_gbs.is_some() && ram.measured_gbs != ram.bandwidth_gbs {
                lines.known("measured", ram.measured_gbs.as_ref(), |gbs| format!("{gbs:.1} GB/s"));
            }
            ram_lines(&mut lines, ram);
        }
        None => lines.plain("unknown"),
    }
    if !machine.disks.is_empty() {
        lines.head("Disks");
        for disk in &machine.disks {
            disk_line(&mut lines, disk);
        }
    }
    if !machine.problems.is_empty() {
        lines.head("Could not be read");
        for problem in &machine.problems {
            lines.plain(&format!("{}: {}", problem.part, problem.reason));
        }
    }
    lines.to_string()
}

/// Who holds what is not free.
fn taken_lines(lines: &mut Lines, taken: &Taken) {
    lines.known("used by others", taken.used.as_ref(), |size| small_text(*size));
    lines.known("reserved", taken.reserved.as_ref(), |size| small_text(*size));
}

fn gpu_lines(lines: &mut Lines, gpu: &Gpu, os: Os) {
    lines.known("name", Some(&gpu.name), String::clone);
    if let Some(architecture) = &gpu.architecture {
        lines.row("architecture", architecture, "");
    }
    match &gpu.shared {
        Some(Shared { total, limit }) => {
            lines.known("shared memory", Some(total), Bytes::to_string);
            match limit {
                Some(limit) => lines.known("GPU may use", Some(limit), Bytes::to_string),
                None => lines.row("GPU may use", "all of it", &total.source),
            }
        }
        None => lines.known("memory", gpu.memory_total.as_ref(), Bytes::to_string),
    }
    taken_lines(lines, &gpu.taken);
    lines.known("free", gpu.free_or_usual(os).as_ref(), Bytes::to_string);
    if gpu.pool == Pool::Unified {
        lines.row("", "shared with the processor", "");
    }
    lines.known("bandwidth", gpu.bandwidth_gbs.as_ref(), |gbs| format!("{gbs:.0} GB/s"));
    lines.known("FP16 matrix rate", gpu.fp16_tflops.as_ref(), |rate| format!("{rate:.1} TFLOPS"));
    lines.known("power limit", gpu.power_watts.as_ref(), |watts| format!("{watts:.0} W"));
    if let Some(pcie) = &gpu.pcie {
        let link = format!("{}.0 ×{}", pcie.value.generation, pcie.value.lanes);
        lines.row("PCIe", &link, &pcie.source);
    }
    if let Some(own) = gpu.own_lanes.as_ref().filter(|own| own.value > 0) {
        lines.known("lanes of the card", Some(own), u32::to_string);
    }
    for runtime in &gpu.runtimes {
        lines.row("runs with", runtime.value.name(), &runtime.source);
    }
    program_lines(lines, &gpu.programs);
    for note in &gpu.notes {
        lines.plain(note);
    }
}

/// The processor. What the system does not say is left out: on most, much is.
fn cpu_lines(lines: &mut Lines, cpu: &Cpu) {
    lines.known("name", Some(&cpu.name), String::clone);
    lines.known("physical cores", cpu.cores.as_ref(), u32::to_string);
    lines.known("threads", cpu.threads.as_ref(), u32::to_string);
    for group in &cpu.groups {
        let text = format!("{} {}, {} threads", group.cores, group.kind.name(), group.threads);
        lines.row("of these", &text, "operating system");
    }
    if let Some(sockets) = cpu.sockets.filter(|sockets| *sockets > 1) {
        lines.row("sockets", &sockets.to_string(), "operating system");
    }
    if let Some(nodes) = cpu.numa_nodes.filter(|nodes| *nodes > 1) {
        lines.row("NUMA nodes", &nodes.to_string(), "operating system");
    }
    for cache in &cpu.caches {
        let text = format!("{} in {}", small_text(cache.total), cache.count);
        lines.row(&format!("level {} cache", cache.level), &text, "operating system");
    }
    if let Some(platform) = &cpu.platform {
        lines.row("platform", platform, "table of processors, by the name");
    }
    if !cpu.isa.is_empty() {
        lines.plain(&format!("instruction sets: {}", cpu.isa.join(" ")));
    }
    for note in &cpu.notes {
        lines.plain(note);
    }
}

fn ram_lines(lines: &mut Lines, ram: &Ram) {
    if ram.channels.is_some() {
        lines.known("channels", ram.channels.as_ref(), u32::to_string);
    }
    for module in &ram.modules {
        let speed = module.speed_mts.map(|speed| format!("-{speed}")).unwrap_or_default();
        let place = [module.slot.as_str(), module.bank.as_str()];
        let place: Vec<&str> = place.into_iter().filter(|name| !name.is_empty()).collect();
        lines.row("module", &format!("{} {}{speed}", module.size, module.kind), &place.join(", "));
    }
    program_lines(lines, &ram.programs);
    for note in &ram.notes {
        lines.plain(note);
    }
}

fn program_lines(lines: &mut Lines, programs: &[Program]) {
    for program in programs.iter().take(MOST_PROGRAMS) {
        let memory = program.memory.map_or_else(|| "not told".to_owned(), small_text);
        let source = match program.processes {
            0 | 1 => program.name.clone(),
            many => format!("{} ({many} processes)", program.name),
        };
        lines.row("held by", &memory, &source);
    }
}

fn disk_line(lines: &mut Lines, disk: &Disk) {
    let free = format!("{} of {} free", gib_text(disk.available), disk.total);
    let home = if disk.home { ", holds the user's files" } else { "" };
    lines.row(&disk.mount, &free, &format!("{}{home}", disk.medium.name()));
}
