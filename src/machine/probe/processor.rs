//! The processor's cores, caches and instruction sets, as the Linux kernel shows them under `/sys`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::files;
use super::findings::{Cache, CoreGroup, CoreKind};
use crate::units::Bytes;

/// No computer has more threads.
const MOST_THREADS: u32 = 8192;
/// Levels of caches that matter for models.
const LEVELS: [u8; 2] = [2, 3];
/// A core with less than this share of the fastest one's capacity is a small one (Arm's `cpu_capacity`).
const SMALL: f64 = 0.75;

/// Instruction sets that kernels for models use, as `/proc/cpuinfo` names them.
const ISA: [&str; 26] = [
    "sse4_2",
    "avx",
    "f16c",
    "fma",
    "avx2",
    "avx_vnni",
    "avx_vnni_int8",
    "avx512f",
    "avx512bw",
    "avx512vl",
    "avx512_vnni",
    "avx512_bf16",
    "avx512_fp16",
    "avx10_1",
    "amx_tile",
    "amx_int8",
    "amx_bf16",
    "asimd",
    "asimddp",
    "asimdhp",
    "i8mm",
    "bf16",
    "sve",
    "sve2",
    "sme",
    "sme2",
];

/// What the kernel says of the processor beyond its name.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Processor {
    pub groups: Vec<CoreGroup>,
    pub isa: Vec<String>,
    pub caches: Vec<Cache>,
    pub sockets: Option<u32>,
    pub numa_nodes: Option<u32>,
}

/// Reads it. `root` is `/`.
pub(super) fn read(root: &Path) -> Processor {
    let threads: Vec<Thread> = online(root).iter().filter_map(|thread| Thread::read(root, *thread)).collect();
    let sockets: BTreeSet<u32> = threads.iter().map(|thread| thread.socket).collect();
    Processor {
        groups: groups(root, &threads),
        isa: files::text_of(&root.join("proc/cpuinfo"), files::LONG).as_deref().map(isa).unwrap_or_default(),
        caches: caches(root, &threads),
        sockets: u32::try_from(sockets.len()).ok().filter(|sockets| *sockets > 0),
        numa_nodes: list(root, "sys/devices/system/node/online")
            .and_then(|nodes| u32::try_from(nodes.len()).ok())
            .filter(|nodes| *nodes > 0),
    }
}

/// The instruction sets that matter of the first processor in `/proc/cpuinfo`.
pub(super) fn isa(cpuinfo: &str) -> Vec<String> {
    let flags = cpuinfo.lines().find_map(|line| {
        let (key, flags) = line.split_once(':')?;
        matches!(key.trim(), "flags" | "Features").then_some(flags)
    });
    let flags: BTreeSet<&str> = flags.unwrap_or_default().split_whitespace().collect();
    ISA.iter().filter(|known| flags.contains(*known)).map(|known| (*known).to_owned()).collect()
}

/// The instruction sets that matter of the processor that this runs on, in the kernel's names.
pub(super) fn isa_of_this() -> Vec<String> {
    #[cfg(target_arch = "x86_64")]
    let found = [
        ("sse4_2", std::is_x86_feature_detected!("sse4.2")),
        ("avx", std::is_x86_feature_detected!("avx")),
        ("f16c", std::is_x86_feature_detected!("f16c")),
        ("fma", std::is_x86_feature_detected!("fma")),
        ("avx2", std::is_x86_feature_detected!("avx2")),
        ("avx_vnni", std::is_x86_feature_detected!("avxvnni")),
        ("avx_vnni_int8", std::is_x86_feature_detected!("avxvnniint8")),
        ("avx512f", std::is_x86_feature_detected!("avx512f")),
        ("avx512bw", std::is_x86_feature_detected!("avx512bw")),
        ("avx512vl", std::is_x86_feature_detected!("avx512vl")),
        ("avx512_vnni", std::is_x86_feature_detected!("avx512vnni")),
        ("avx512_bf16", std::is_x86_feature_detected!("avx512bf16")),
        ("avx512_fp16", std::is_x86_feature_detected!("avx512fp16")),
    ];
    #[cfg(target_arch = "aarch64")]
    let found = [
        ("asimd", std::arch::is_aarch64_feature_detected!("neon")),
        ("asimddp", std::arch::is_aarch64_feature_detected!("dotprod")),
        ("asimdhp", std::arch::is_aarch64_feature_detected!("fp16")),
        ("i8mm", std::arch::is_aarch64_feature_detected!("i8mm")),
        ("bf16", std::arch::is_aarch64_feature_detected!("bf16")),
        ("sve", std::arch::is_aarch64_feature_detected!("sve")),
        ("sve2", std::arch::is_aarch64_feature_detected!("sve2")),
    ];
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    let found: [(&str, bool); 0] = [];
    found.into_iter().filter(|(_, has)| *has).map(|(name, _)| name.to_owned()).collect()
}

/// A hardware thread and where it belongs.
struct Thread {
    number: u32,
    socket: u32,
    core: u32,
}

impl Thread {
    fn read(root: &Path, number: u32) -> Option<Self> {
        let topology = folder(root, number).join("topology");
        let value = |name| files::number(&topology.join(name)).and_then(|n| u32::try_from(n).ok());
        Some(Self { number, socket: value("physical_package_id").unwrap_or(0), core: value("core_id")? })
    }
}

fn folder(root: &Path, thread: u32) -> PathBuf {
    root.join(format!("sys/devices/system/cpu/cpu{thread}"))
}

/// The threads that run.
fn online(root: &Path) -> Vec<u32> {
    list(root, "sys/devices/system/cpu/online").unwrap_or_default()
}

/// A file with a list such as "0-15,32".
fn list(root: &Path, path: &str) -> Option<Vec<u32>> {
    files::text(&root.join(path)).map(|text| numbers(&text))
}

/// The numbers of a list such as "0-15,32".
fn numbers(text: &str) -> Vec<u32> {
    let mut numbers = Vec::new();
    for part in text.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        if let (Ok(first), Ok(last)) = (first.trim().parse::<u32>(), last.trim().parse::<u32>()) {
            numbers.extend(first..=last.min(MOST_THREADS));
        }
    }
    numbers.truncate(MOST_THREADS as usize);
    numbers
}

/// Cores by kind; none where all are alike. Intel's kernel driver lists them, Arm's says how able each is.
fn groups(root: &Path, threads: &[Thread]) -> Vec<CoreGroup> {
    let intel = |name: &str| list(root, &format!("sys/devices/{name}/cpus"));
    let small: BTreeSet<u32> = if let (Some(_), Some(mut small)) = (intel("cpu_core"), intel("cpu_atom")) {
        small.extend(intel("cpu_lowpower").unwrap_or_default());
        small.into_iter().collect()
    } else {
        less_able(root, threads)
    };
    if small.is_empty() {
        return Vec::new();
    }
    let group = |kind: CoreKind| {
        let of_kind = |thread: &&Thread| small.contains(&thread.number) == (kind == CoreKind::Efficiency);
        let threads: Vec<&Thread> = threads.iter().filter(of_kind).collect();
        let cores: BTreeSet<(u32, u32)> = threads.iter().map(|thread| (thread.socket, thread.core)).collect();
        CoreGroup { kind, cores: cores.len() as u32, threads: threads.len() as u32 }
    };
    let groups = [group(CoreKind::Performance), group(CoreKind::Efficiency)];
    groups.into_iter().filter(|group| group.cores > 0).collect()
}

/// The threads of small cores on Arm, where the kernel says how able each is.
fn less_able(root: &Path, threads: &[Thread]) -> BTreeSet<u32> {
    let able = |thread: &Thread| {
        let able = files::number(&folder(root, thread.number).join("cpu_capacity"))?;
        Some((thread.number, able as f64))
    };
    let able: Vec<(u32, f64)> = threads.iter().filter_map(able).collect();
    let most = able.iter().map(|(_, able)| *able).fold(0.0, f64::max);
    able.into_iter().filter(|(_, able)| *able < SMALL * most).map(|(number, _)| number).collect()
}

/// Each cache once: several threads share one.
fn caches(root: &Path, threads: &[Thread]) -> Vec<Cache> {
    let mut seen: BTreeSet<(u8, String)> = BTreeSet::new();
    let mut caches: BTreeMap<u8, (u64, u32)> = BTreeMap::new();
    for thread in threads {
        for index in 0..8 {
            let cache = folder(root, thread.number).join(format!("cache/index{index}"));
            let Some(level) = files::number(&cache.join("level")) else { break };
            let Some(level) = u8::try_from(level).ok().filter(|level| LEVELS.contains(level)) else {
                continue;
            };
            let Some(sharers) = files::text(&cache.join("shared_cpu_list")) else { continue };
            if !seen.insert((level, sharers)) {
                continue;
            }
            if let Some(size) = files::text(&cache.join("size")).as_deref().and_then(size) {
                let (total, count) = caches.entry(level).or_default();
                *total = total.saturating_add(size);
                *count += 1;
            }
        }
    }
    let cache = |(level, (total, count))| Cache { level, total: Bytes(total), count };
    caches.into_iter().map(cache).collect()
}

/// A size such as "32768K".
fn size(text: &str) -> Option<u64> {
    let unit = text.chars().next_back()?;
    let shift = match unit {
        'K' => 10,
        'M' => 20,
        _ => return text.parse().ok(),
    };
    text[..text.len() - unit.len_utf8()].parse::<u64>().ok()?.checked_shl(shift)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::probe::tree::Tree;

    fn thread(tree: &Tree, number: u32, core: u32, l2: (&str, &str), l3: &str) {
        let at = format!("sys/devices/system/cpu/cpu{number}");
        tree.write(&format!("{at}/topology/core_id"), &core.to_string());
        tree.write(&format!("{at}/topology/physical_package_id"), "0");
        for (index, level, size, sharers) in
            [(0, "1", "32K", l2.1), (1, "2", l2.0, l2.1), (2, "3", "36864K", l3)]
        {
            tree.write(&format!("{at}/cache/index{index}/level"), level);
            tree.write(&format!("{at}/cache/index{index}/size"), size);
            tree.write(&format!("{at}/cache/index{index}/shared_cpu_list"), sharers);
        }
    }

    /// Two cores with two threads each, and a cluster of four small ones.
    fn hybrid() -> Tree {
        let tree = Tree::new(&[
            ("sys/devices/system/cpu/online", "0-7\n"),
            ("sys/devices/cpu_core/cpus", "0-3\n"),
            ("sys/devices/cpu_atom/cpus", "4-7\n"),
            ("sys/devices/system/node/online", "0\n"),
            ("proc/cpuinfo", "processor\t: 0\nflags\t\t: fpu sse4_2 avx2 fma avx_vnni ht\n\nflags : none\n"),
        ]);
        for number in 0..4 {
            let sharers = if number < 2 { "0-1" } else { "2-3" };
            thread(&tree, number, number / 2, ("2048K", sharers), "0-7");
        }
        for number in 4..8 {
            thread(&tree, number, number, ("4096K", "4-7"), "0-7");
        }
        tree
    }

    #[test]
    fn cores_of_two_kinds() {
        let found = read(hybrid().path());
        assert_eq!(
            found.groups,
            [
                CoreGroup { kind: CoreKind::Performance, cores: 2, threads: 4 },
                CoreGroup { kind: CoreKind::Efficiency, cores: 4, threads: 4 },
            ]
        );
        assert_eq!(found.isa, ["sse4_2", "fma", "avx2", "avx_vnni"]);
        let mib = |mib: u64| Bytes(mib << 20);
        assert_eq!(
            found.caches,
            [Cache { level: 2, total: mib(8), count: 3 }, Cache { level: 3, total: mib(36), count: 1 }]
        );
        assert_eq!((found.sockets, found.numa_nodes), (Some(1), Some(1)));
    }

    #[test]
    fn arm_says_how_able_each_core_is() {
        let tree = Tree::new(&[
            ("sys/devices/system/cpu/online", "0-2"),
            ("proc/cpuinfo", "Features\t: fp asimd asimddp i8mm sve2\n"),
        ]);
        for (number, able) in [(0, "1024"), (1, "1024"), (2, "420")] {
            tree.write(&format!("sys/devices/system/cpu/cpu{number}/topology/core_id"), &number.to_string());
            tree.write(&format!("sys/devices/system/cpu/cpu{number}/cpu_capacity"), able);
        }
        let found = read(tree.path());
        let cores: Vec<u32> = found.groups.iter().map(|group| group.cores).collect();
        assert_eq!(cores, [2, 1]);
        assert_eq!(found.isa, ["asimd", "asimddp", "i8mm", "sve2"]);
    }

    #[test]
    fn cores_that_are_alike_are_no_groups_and_nothing_is_nothing() {
        let tree = Tree::new(&[("sys/devices/system/cpu/online", "0-1")]);
        for number in 0..2 {
            thread(&tree, number, number, ("512K", "x"), "y");
        }
        assert_eq!(read(tree.path()).groups, []);
        assert_eq!(read(Tree::new(&[]).path()), Processor::default());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_processor_says_of_itself_what_the_kernel_says_of_it() {
        let known: Vec<String> = isa_of_this();
        let kernel = read(Path::new("/")).isa;
        for name in &known {
            assert!(kernel.contains(name), "{name} is not among {kernel:?}");
        }
    }

    #[test]
    fn lists_and_sizes() {
        assert_eq!(numbers("0-2,5, 7"), [0, 1, 2, 5, 7]);
        assert_eq!(numbers("0-4294967295").len(), MOST_THREADS as usize);
        assert_eq!(numbers("x,3-1,"), Vec::<u32>::new());
        assert_eq!(
            (size("32K"), size("2M"), size("7"), size(""), size("é")),
            (Some(32 << 10), Some(2 << 20), Some(7), None, None)
        );
    }
}
