//! From what was found to a [`Machine`]: identifies devices by the hardware table and joins the parts.
//!
//! A value comes from the device where it says one, else from the table, else from the range that the
//! table gives, else it is unknown; its source says which.

mod adapters;
mod apple;
mod bus;
mod host;
mod nvidia;
mod order;
mod ram;
mod runtimes;

use super::super::memory::{Shared, Taken};
use super::super::table::Table;
use super::super::{Gpu, Known, Machine, Os, Pool, Problem, Ram, reserve};
use super::findings::{Findings, Nvidia};
use crate::units::Bytes;

/// The machine that the findings describe, as far as they go.
pub(super) fn assemble(findings: &Findings) -> Machine {
    let system = findings.system.as_ref();
    let cpu = system.map(host::cpu);
    let ram = system.map(|system| ram::ram(findings, system));
    let context = Context {
        table: Table::embedded(),
        os: findings.os,
        cpu: system.and_then(|system| system.cpu.as_deref()),
        board: system.and_then(|system| system.board.as_deref()),
        ram: ram.as_ref(),
        ram_gbs: ram.as_ref().and_then(|ram| ram.bandwidth_gbs.as_ref()).map(|known| known.value),
        installed: system.map(|system| system.memory_total),
        fitted: system.and_then(|system| system.memory_installed),
    };
    let mut gpus = nvidia::gpus(&context, findings);
    let mut problems = nvidia::problems(findings);
    if let Some(found) = &findings.bus {
        bus::gpus(&context, found, findings.nvidia.as_ref(), &mut gpus, &mut problems);
    }
    adapters::gpus(&context, findings, &mut gpus);
    gpus.extend(apple::gpus(&context, findings));
    if gpus.is_empty() {
        gpus.extend(nvidia::of_board(&context));
    }
    for gpu in &mut gpus {
        if gpu.pool == Pool::Unified && gpu.bandwidth_gbs.is_none() {
            gpu.bandwidth_gbs = context.ram_gbs.map(|gbs| Known::new(gbs, "bandwidth of the RAM it shares"));
        }
        if gpu.bandwidth_gbs.is_none() {
            gpu.notes.push("Its speed cannot be said without its bandwidth".to_owned());
        }
        if let (Some(total), None) = (&gpu.memory_total, &gpu.memory_free) {
            gpu.taken = Taken::only_reserved(reserve::device_kept(total.value, findings.os, false));
        }
    }
    // Cards before parts of the processor; otherwise the order of the drivers.
    gpus.sort_by_key(|gpu| gpu.pool == Pool::Unified);
    problems.extend(unreadable(findings, gpus.is_empty()));
    problems.extend(findings.problems.iter().cloned());
    let name = match (gpus.first(), &cpu) {
        (Some(gpu), _) => gpu.name.value.clone(),
        (None, Some(cpu)) => cpu.name.value.clone(),
        (None, None) => "This computer".to_owned(),
    };
    let disks = findings.disks.clone().unwrap_or_default();
    Machine { gpus, cpu, ram, disks, problems, ..Machine::named(name, findings.os) }
}

/// What the parts share.
struct Context<'a> {
    table: &'static Table,
    os: Os,
    /// Processor's name.
    cpu: Option<&'a str>,
    /// Name of the board, on Arm.
    board: Option<&'a str>,
    ram: Option<&'a Ram>,
    ram_gbs: Option<f64>,
    /// Memory that the system sees, control groups aside.
    installed: Option<Bytes>,
    /// Memory that is fitted, where the system says it.
    fitted: Option<Bytes>,
}

impl Context<'_> {
    /// The module on one of NVIDIA's boards: "NVIDIA Jetson AGX Orin".
    fn module(&self) -> Option<&str> {
        let board = self.board.filter(|board| board.starts_with("NVIDIA Jetson"))?;
        let end = ["Developer Kit", "Engineering Reference"].iter().filter_map(|word| board.find(word)).min();
        Some(board[..end.unwrap_or(board.len())].trim())
    }

    /// Gives a device without memory of its own the computer's.
    fn share_memory(&self, gpu: &mut Gpu) {
        gpu.pool = Pool::Unified;
        let Some(ram) = self.ram else { return };
        let shared = Known::new(ram.total.value, "main memory, shared with the processor");
        let limit = reserve::shared_limit(ram.total.value, self.os, gpu.vendor);
        gpu.shared = Some(Shared::new(ram.total.clone(), limit.clone()));
        gpu.taken = ram.taken.clone();
        let total = limit.unwrap_or(shared);
        gpu.memory_free = Some(Known::new(
            ram.available.value.min(total.value),
            format!("main memory available now ({})", ram.available.source),
        ));
        gpu.memory_total = Some(total);
    }
}

/// What is to be said of a card in a slot, or a dock, that has fewer lanes than it.
fn lanes_note(gpu: &Gpu) -> Option<String> {
    let (link, own) = (gpu.pcie.as_ref()?.value, gpu.own_lanes.as_ref()?.value);
    (link.lanes < own).then(|| {
        format!("It runs with {} of its {own} PCIe lanes: what lies in RAM arrives later", link.lanes)
    })
}

/// Devices that may be there and cannot be read on this system.
fn unreadable(findings: &Findings, none_found: bool) -> Option<Problem> {
    let nvidia_answered = findings.nvidia.as_ref().is_some_and(|found| *found == Nvidia::NoDriver);
    let lent = findings.bus.as_ref().is_some_and(|bus| bus.dxg);
    (none_found && nvidia_answered && lent).then(|| Problem {
        part: "GPU of the Windows host".to_owned(),
        reason: "Windows lends a GPU to this Linux through /dev/dxg (WSL 2); only NVIDIA's say what they are"
            .to_owned(),
    })
}

#[cfg(test)]
mod tests;
