//! GPUs under Windows that no driver of their own describes: as DXGI lists them.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use super::super::super::memory::{Shared, Taken};
use super::super::super::table::{Hints, Record};
use super::super::super::{Gpu, Known, Os, Pool, Vendor, reserve};
use super::super::bus::{AMD, INTEL, NVIDIA};
use super::super::findings::{Adapter, AdapterUse, Findings};
use super::super::identity::{Identity, NOT_IN_TABLE};
use super::Context;
use crate::units::{Bytes, GIB};

/// Qualcomm's GPUs are on no PCI bus: four letters, "QCOM".
const QUALCOMM: u32 = 0x4d4f_4351;
/// A device of unknown kind with less memory than this is part of a processor.
const SMALLEST_CARD: Bytes = Bytes(2 * GIB);
/// A size that does not fit 32 bits and was cut to them, as old drivers report it.
const CUT_TO_32_BITS: RangeInclusive<u64> = 0xfff0_0000..=0xffff_ffff;
const DEDICATED: &str = "DXGI DedicatedVideoMemory";
const COUNTERS: &str = "Windows' performance counters";

/// Adds the adapters that NVIDIA's driver did not list.
pub(super) fn gpus(context: &Context<'_>, findings: &Findings, gpus: &mut Vec<Gpu>) {
    let Some(adapters) = &findings.adapters else { return };
    let used =
        |adapter: &Adapter| findings.adapter_use.iter().flatten().find(|used| used.luid == adapter.luid);
    let listed_by_driver = gpus.iter().any(|gpu| gpu.vendor == Vendor::Nvidia);
    let mut seen: Vec<&str> = Vec::new();
    let mut namesakes: BTreeMap<&str, usize> = BTreeMap::new();
    for adapter in adapters {
        let Some(vendor) = vendor(adapter) else { continue };
        // The same card may be listed once for each output or layer.
        if adapter.software || (!adapter.luid.is_empty() && seen.contains(&adapter.luid.as_str())) {
            continue;
        }
        seen.push(&adapter.luid);
        if vendor == Vendor::Nvidia && listed_by_driver {
            let nth = namesakes.entry(&adapter.name).or_default();
            let of_name = gpus.iter_mut().filter(|gpu| gpu.name.value == adapter.name).nth(*nth);
            *nth += 1;
            // Under Windows the driver names programs and not what they hold.
            if let (Some(gpu), Some(used)) = (of_name, used(adapter)) {
                gpu.programs.clone_from(&used.programs);
            }
            continue;
        }
        gpus.push(gpu(context, adapter, vendor, used(adapter)));
    }
}

fn vendor(adapter: &Adapter) -> Option<Vendor> {
    if adapter.vendor == QUALCOMM {
        return Some(Vendor::Qualcomm);
    }
    Some(match u16::try_from(adapter.vendor).ok()? {
        NVIDIA => Vendor::Nvidia,
        AMD => Vendor::Amd,
        INTEL => Vendor::Intel,
        // Microsoft's own and those of virtual machines.
        _ => return None,
    })
}

fn gpu(context: &Context<'_>, adapter: &Adapter, vendor: Vendor, used: Option<&AdapterUse>) -> Gpu {
    let dedicated = Some(adapter.dedicated).filter(|size| !CUT_TO_32_BITS.contains(&size.0));
    let hints = Hints {
        vram_gib: dedicated.map(Bytes::gib),
        ram_gib: context.installed.map(Bytes::gib),
        ..Hints::default()
    };
    let candidates = candidates(context, adapter, &hints);
    let identity = Identity::of(&candidates, context.ram_gbs);
    let (unified, own_memory, known) = (identity.unified, identity.own_memory, identity.name.is_some());
    let mut gpu = identity.into_gpu(vendor, adapter.id());
    if !adapter.name.is_empty() {
        gpu.name = Known::new(adapter.name.clone(), "DXGI");
    }
    if !known {
        gpu.notes = vec![NOT_IN_TABLE.to_owned()];
    }
    if vendor == Vendor::Nvidia {
        gpu.notes.push("Read through DXGI, because NVIDIA's driver does not answer".to_owned());
    }
    gpu.programs = used.map(|used| used.programs.clone()).unwrap_or_default();
    if unified.unwrap_or(adapter.dedicated < SMALLEST_CARD) {
        share(context, adapter, used, &mut gpu);
        return gpu;
    }
    gpu.pool = Pool::Discrete;
    gpu.memory_total = if let Some(size) = dedicated {
        Some(Known::new(size, DEDICATED))
    } else {
        gpu.notes.push("Windows gives a size that was cut to 32 bits, which is not believed".to_owned());
        own_memory.map(|size| Known::new(size, "hardware table"))
    };
    if let (Some(total), Some(used)) = (&gpu.memory_total, used) {
        let free = total.value.saturating_sub(used.dedicated);
        gpu.taken = Taken::undivided(total.value, free, COUNTERS);
        gpu.memory_free = Some(Known::new(free, COUNTERS));
    }
    gpu
}

/// Records that it may be: by its PCI id, of these only those with its name where there are any; else by name.
fn candidates(context: &Context<'_>, adapter: &Adapter, hints: &Hints) -> Vec<&'static Record> {
    let by_name = context.table.candidates(&adapter.name, hints);
    let by_id = adapter.id().map(|id| context.table.by_pci(id, hints)).unwrap_or_default();
    let both: Vec<&Record> =
        by_id.iter().copied().filter(|record| by_name.iter().any(|other| other.id == record.id)).collect();
    if !both.is_empty() {
        return both;
    }
    if by_id.is_empty() { by_name } else { by_id }
}

/// A part of the processor: what is dedicated to it was taken from the installed memory, what it shares is part
/// of what the system sees. The two are never more than what is fitted.
fn share(context: &Context<'_>, adapter: &Adapter, used: Option<&AdapterUse>, gpu: &mut Gpu) {
    gpu.pool = Pool::Unified;
    let seen = context.installed.unwrap_or(adapter.shared);
    let fitted = context.fitted.unwrap_or(seen + adapter.dedicated).max(seen);
    let total = (adapter.dedicated + adapter.shared).min(fitted);
    let limit = Known::new(
        total,
        format!(
            "DXGI: {} dedicated + {} shared, at most the installed memory",
            adapter.dedicated, adapter.shared
        ),
    );
    gpu.memory_total = Some(limit.clone());
    gpu.shared = Some(Shared::new(Known::new(fitted, "installed memory"), Some(limit)));
    let Some(ram) = context.ram else { return };
    gpu.taken = ram.taken.clone();
    if let Some(used) = used {
        let own = adapter.dedicated.saturating_sub(used.dedicated);
        let lent = adapter.shared.saturating_sub(used.shared).min(ram.available.value);
        gpu.memory_free = Some(Known::new((own + lent).min(total), COUNTERS));
    } else {
        // Nobody says what is used of what is dedicated: the desktop's usual part. What is lent is free as RAM is.
        let own = adapter.dedicated;
        let kept = reserve::device_kept(own, Os::Windows, false).value;
        let lent = adapter.shared.min(ram.available.value);
        let source = format!(
            "main memory available now ({}) of what it may share, and what is dedicated less the usual part of \
             the desktop",
            ram.available.source
        );
        gpu.memory_free = Some(Known::new((own.saturating_sub(kept) + lent).min(total), source));
    }
}
