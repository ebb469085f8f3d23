//! Processor and main memory, through sysinfo, and the limit of a container.

use std::path::{Path, PathBuf};

use sysinfo::{CpuRefreshKind, MemoryRefreshKind};

use super::findings::System;
use super::part::{Answer, Part, Probe};
use super::{cgroup, files, modules, processor};
use crate::units::Bytes;

/// Reads processor and memory.
#[derive(Debug)]
pub(super) struct Reader {
    root: PathBuf,
}

impl Reader {
    pub fn new(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }
}

impl Probe for Reader {
    fn part(&self) -> Part {
        Part::System
    }

    fn read(self: Box<Self>) -> Result<Answer, String> {
        read(&self.root).map(|system| Answer::System(Box::new(system)))
    }
}

fn read(root: &Path) -> Result<System, String> {
    let mut system = sysinfo::System::new()
        .map_err(|error| format!("the system does not say what processor and memory it has: {error}"))?;
    system.refresh_memory_specifics(MemoryRefreshKind::nothing().with_ram());
    system.refresh_cpu_list(CpuRefreshKind::nothing());
    let named = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let count = |n: usize| u32::try_from(n).ok().filter(|n| *n > 0);
    let mut found = System {
        cpu: system.cpus().first().and_then(|cpu| named(cpu.brand())),
        cores: sysinfo::System::physical_core_count().ok().and_then(count),
        threads: count(system.cpus().len()),
        memory_total: Bytes(system.total_memory()),
        memory_available: Bytes(system.available_memory()),
        ..System::default()
    };
    if cfg!(target_os = "linux") {
        linux(root, &mut found);
    } else {
        found.isa = processor::isa_of_this();
    }
    #[cfg(windows)]
    super::windows::complete(&mut found);
    #[cfg(target_os = "macos")]
    super::macos::complete(&mut found);
    Ok(found)
}

/// What the Linux kernel says beyond that.
fn linux(root: &Path, found: &mut System) {
    let board = files::text(&root.join("proc/device-tree/model"));
    found.board = board.filter(|text| !text.is_empty());
    let processor::Processor { groups, isa, caches, sockets, numa_nodes } = processor::read(root);
    (found.core_groups, found.isa, found.caches) = (groups, isa, caches);
    (found.sockets, found.numa_nodes) = (sockets, numa_nodes);
    found.kernel = kernel(root);
    found.cgroup = cgroup::limit(root);
    match modules::read(root) {
        Ok(modules) => found.modules = modules,
        Err(reason) => found.modules_refused = Some(reason),
    }
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
