//! GPUs under macOS: as Metal lists them, else the one that the chip's name tells.

use super::super::super::memory::Shared;
use super::super::super::table::Hints;
use super::super::super::{Gpu, Known, Os, Pool, Runtime, Vendor};
use super::super::findings::{Findings, Metal, MetalDevice, System};
use super::super::identity::Identity;
use super::Context;
use crate::units::Bytes;

const METAL: &str = "Metal";
const WORKING_SET: &str = "Metal recommendedMaxWorkingSetSize";

pub(super) fn gpus(context: &Context<'_>, findings: &Findings) -> Vec<Gpu> {
    if context.os != Os::Macos {
        return Vec::new();
    }
    match &findings.metal {
        Some(metal) if !metal.devices.is_empty() => {
            metal.devices.iter().map(|device| of_metal(context, metal, device)).collect()
        }
        metal => of_name(context, findings.system.as_ref(), metal.as_ref()).into_iter().collect(),
    }
}

fn of_metal(context: &Context<'_>, metal: &Metal, device: &MetalDevice) -> Gpu {
    let mut gpu = identified(context, &device.name, metal.cores);
    gpu.name = Known::new(device.name.clone(), METAL);
    gpu.runtimes.push(Known::new(Runtime::Metal, METAL));
    if device.unified {
        let source = match metal.wired_limit_mib.filter(|mib| *mib > 0) {
            Some(mib) => format!("{WORKING_SET}, set by hand to {mib} MiB with iogpu.wired_limit_mb"),
            None => WORKING_SET.to_owned(),
        };
        let limit = Some(Known::new(device.working_set, source)).filter(|limit| limit.value > Bytes::ZERO);
        share(context, &mut gpu, limit);
    } else {
        gpu.pool = Pool::Discrete;
        gpu.memory_total = Some(Known::new(device.working_set, WORKING_SET));
    }
    gpu
}

/// The GPU of an Apple chip without Metal's word: a limit set by hand, else the usual share.
fn of_name(context: &Context<'_>, system: Option<&System>, metal: Option<&Metal>) -> Option<Gpu> {
    let name = system?.cpu.as_deref().filter(|name| name.starts_with("Apple "))?;
    let mut gpu = identified(context, name, metal.and_then(|metal| metal.cores));
    gpu.name = Known::new(name.to_owned(), "operating system");
    let by_hand = metal.and_then(|metal| metal.wired_limit_mib).filter(|mib| *mib > 0);
    let limit = by_hand.map(|mib| Known::new(Bytes::from_mib(mib), "set by hand with iogpu.wired_limit_mb"));
    share(context, &mut gpu, limit);
    Some(gpu)
}

fn identified(context: &Context<'_>, name: &str, cores: Option<u32>) -> Gpu {
    let hints =
        Hints { ram_gib: context.installed.map(Bytes::gib), compute_units: cores, ..Hints::default() };
    let vendor = match name.split(' ').next() {
        Some("Apple") => Vendor::Apple,
        Some("AMD" | "ATI") => Vendor::Amd,
        Some("Intel" | "Intel(R)") => Vendor::Intel,
        Some("NVIDIA") => Vendor::Nvidia,
        _ => Vendor::Other,
    };
    let candidates = context.table.candidates(name, &hints);
    let mut gpu = Identity::of(&candidates, context.ram_gbs).into_gpu(vendor, None);
    if let Some(cores) = cores.filter(|_| vendor == Vendor::Apple) {
        gpu.compute_units = Some(cores);
    }
    gpu
}

/// Gives it the computer's memory up to `limit`, or up to the usual share.
fn share(context: &Context<'_>, gpu: &mut Gpu, limit: Option<Known<Bytes>>) {
    context.share_memory(gpu);
    let (Some(limit), Some(ram)) = (limit, context.ram) else { return };
    let limit = Known { value: limit.value.min(ram.total.value), ..limit };
    gpu.shared = Some(Shared::new(ram.total.clone(), Some(limit.clone())));
    gpu.memory_free = Some(Known::new(
        ram.available.value.min(limit.value),
        format!("main memory available now ({})", ram.available.source),
    ));
    gpu.memory_total = Some(limit);
}
