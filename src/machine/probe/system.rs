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
        kernel: if cfg!(target_os = "linux") { kernel(root) } else { None },
        cgroup: if cfg!(target_os = "linux") { cgroup::limit(root) } else { None },
        modules: if cfg!(target_os = "linux") { modules::read(root) } else { Vec::new() },
    })
}

/// What the kernel itself holds and gives to no program: structures that cannot be dropped, stacks, page
/// tables, memory of each processor.
fn kernel(root: &Path) -> Option<Bytes> {
    const KINDS: [&str; 4] = ["SUnreclaim:", "KernelStack:", "PageTables:", "Percpu:"];
    let meminfo = files::text(&root.join("proc/meminfo"))?;
    let kib = |kind: &str| -> Option<u64> {
        let line = meminfo.lines().find_map(|line| line.strip_prefix(kind))?;
        line.trim().strip_suffix("kB")?.trim().parse().ok()
    };
    let known: Vec<u64> = KINDS.iter().filter_map(|kind| kib(kind)).collect();
    let sum = known.iter().fold(0_u64, |sum, kib| sum.saturating_add(*kib));
    (!known.is_empty()).then_some(Bytes(sum.saturating_mul(1024)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::probe::tree::Tree;

    #[test]
    fn the_kernel_s_own_part_is_summed_up() {
        let meminfo = "MemTotal:       65850216 kB\nMemAvailable:   53897240 kB\nSUnreclaim:       401240 kB\n\
                       KernelStack:       21328 kB\nPageTables:        83172 kB\nPercpu:            19712 kB\n";
        let tree = Tree::new(&[("proc/meminfo", meminfo)]);
        assert_eq!(kernel(tree.path()), Some(Bytes((401_240 + 21_328 + 83_172 + 19_712) * 1024)));
        assert_eq!(kernel(Tree::new(&[("proc/meminfo", "MemTotal: 5 kB\n")]).path()), None);
        assert_eq!(kernel(Tree::new(&[]).path()), None);
    }
}
