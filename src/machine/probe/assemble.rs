//! From what was found to a [`Machine`]: identifies devices by the hardware table and joins the parts.
//!
//! A value comes from the device where it says one, else from the table, else from the range that the
//! table gives, else it is unknown; its source says which.

mod bus;
mod host;
mod nvidia;

use super::super::memory::{Shared, Taken};
use super::super::table::{Hints, Table};
use super::super::{Gpu, Known, Machine, Os, Pool, Problem, Ram, Vendor, reserve};
use super::findings::{Findings, Nvidia, System};
use super::identity::Identity;
use crate::units::Bytes;

/// The machine that the findings describe, as far as they go.
pub(super) fn assemble(findings: &Findings) -> Machine {
    let cpu = findings.system.as_ref().map(host::cpu);
    let ram = findings.system.as_ref().map(|system| host::ram(system, findings.read_bandwidth.as_ref()));
    let context = Context {
        table: Table::embedded(),
        os: findings.os,
        cpu: findings.system.as_ref().and_then(|system| system.cpu.as_deref()),
        ram: ram.as_ref(),
        ram_gbs: ram.as_ref().and_then(|ram| ram.bandwidth_gbs.as_ref()).map(|known| known.value),
        installed: findings.system.as_ref().map(|system| system.memory_total),
    };
    let mut gpus = nvidia::gpus(&context, findings);
    let mut problems = nvidia::problems(findings);
    if let Some(found) = &findings.bus {
        bus::gpus(&context, found, findings.nvidia.as_ref(), &mut gpus, &mut problems);
    }
    gpus.extend(apple(&context, findings.system.as_ref()));
    for gpu in &mut gpus {
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
    Machine { name, os: findings.os, gpus, cpu, ram, problems }
}

/// What the parts share.
struct Context<'a> {
    table: &'static Table,
    os: Os,
    /// Processor's name.
    cpu: Option<&'a str>,
    ram: Option<&'a Ram>,
    ram_gbs: Option<f64>,
    /// Memory that the system sees, control groups aside.
    installed: Option<Bytes>,
}

impl Context<'_> {
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

/// The GPU of an Apple chip, which the processor's name and the memory tell.
fn apple(context: &Context<'_>, system: Option<&System>) -> Option<Gpu> {
    let system = system.filter(|_| context.os == Os::Macos)?;
    let name = system.cpu.as_deref().filter(|name| name.starts_with("Apple "))?;
    let hints = Hints { ram_gib: Some(system.memory_total.gib()), ..Hints::default() };
    let candidates = context.table.candidates(name, &hints);
    let mut gpu = Identity::of(&candidates, context.ram_gbs).into_gpu(Vendor::Apple, None);
    gpu.name = Known::new(name.to_owned(), "operating system");
    context.share_memory(&mut gpu);
    Some(gpu)
}

/// Devices that may be there and cannot be read on this system.
fn unreadable(findings: &Findings, none_found: bool) -> Option<Problem> {
    let nvidia_answered = findings.nvidia.as_ref().is_some_and(|found| *found == Nvidia::NoDriver);
    if !none_found || !nvidia_answered {
        return None;
    }
    let problem =
        |part: &str, reason: &str| Some(Problem { part: part.to_owned(), reason: reason.to_owned() });
    if findings.os == Os::Windows {
        let reason = "under Windows only NVIDIA's GPUs are read so far; the estimates are for the processor";
        return problem("AMD and Intel GPUs", reason);
    }
    if findings.bus.as_ref().is_some_and(|bus| bus.dxg) {
        let reason =
            "Windows lends a GPU to this Linux through /dev/dxg (WSL 2); only NVIDIA's say what they are";
        return problem("GPU of the Windows host", reason);
    }
    None
}

#[cfg(test)]
mod tests;
