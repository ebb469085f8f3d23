//! Processor and main memory, through sysinfo, and the limit of a container.

use std::path::Path;

use sysinfo::{CpuRefreshKind, MemoryRefreshKind};

use super::findings::System;
use super::{cgroup, files, modules};
use crate::units::Bytes;

/// Reads processor and memory. `root` is `/`.
pub(super) fn read(root: &Path) -> Result<System, String> {
    let mut system = sysinfo::System::new()
        .map_err(|error| format!("the system does not say what processor and memory it has: {error}"))?;
    system.refresh_memory_specifics(MemoryRefreshKind::nothing().with_ram());
    system.refresh_cpu_list(CpuRefreshKind::nothing());
    let named = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let count = |n: usize| u32::try_from(n).ok().filter(|n| *n > 0);
    Ok(System {
        cpu: system.cpus().first().and_then(|cpu| named(cpu.brand())),
        board: files::text(&root.join("proc/device-tree/model")).as_deref().and_then(named),
        cores: sysinfo::System::physical_core_count().ok().and_then(count),
        threads: count(system.cpus().len()),
        memory_total: Bytes(system.total_memory()),
        memory_available: Bytes(system.available_memory()),
        cgroup: if cfg!(target_os = "linux") { cgroup::limit(root) } else { None },
        modules: if cfg!(target_os = "linux") { modules::read(root) } else { Vec::new() },
    })
}
