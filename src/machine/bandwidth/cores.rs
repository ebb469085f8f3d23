//! Physical cores, their last cache, and keeping a thread on one of them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The first processor of each physical core that this process may use, as the system numbers them; empty
/// where it does not say.
pub(super) fn physical() -> Vec<usize> {
    #[cfg(target_os = "linux")]
    {
        let allowed = rustix::thread::sched_getaffinity(None);
        let may_use = |core: usize| allowed.as_ref().map_or(true, |set| set.is_set(core));
        physical_in(Path::new("/sys/devices/system/cpu"), may_use)
    }
    #[cfg(not(target_os = "linux"))]
    Vec::new()
}

/// Bytes of all last caches together; `None` where the system does not say.
pub(super) fn last_caches() -> Option<u64> {
    last_caches_in(Path::new("/sys/devices/system/cpu"))
}

/// Whether no charger is connected; `None` without any, or where the system does not say.
pub(super) fn on_battery() -> Option<bool> {
    let supplies = entries(Path::new("/sys/class/power_supply"));
    let chargers: Vec<String> = supplies.iter().filter_map(|path| text(&path.join("online"))).collect();
    (!chargers.is_empty()).then(|| chargers.iter().all(|online| online == "0"))
}

/// Processes that wanted to run, on average over the last minute; `None` where the system does not say.
pub(super) fn load() -> Option<f64> {
    text(Path::new("/proc/loadavg"))?.split(' ').next()?.parse().ok()
}

/// Keeps this thread on a core; answers whether the system does.
pub(super) fn pin(core: usize) -> bool {
    #[cfg(target_os = "linux")]
    {
        let mut set = rustix::thread::CpuSet::new();
        if core >= rustix::thread::CpuSet::MAX_CPU {
            return false;
        }
        set.set(core);
        rustix::thread::sched_setaffinity(None, &set).is_ok()
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = core;
        false
    }
}

#[cfg(any(target_os = "linux", test))]
fn physical_in(root: &Path, may_use: impl Fn(usize) -> bool) -> Vec<usize> {
    let mut cores: Vec<usize> = Vec::new();
    let mut seen = BTreeSet::new();
    for cpu in processors(root) {
        let siblings = text(&root.join(format!("cpu{cpu}/topology/thread_siblings_list")));
        let Some(siblings) = siblings else { continue };
        if may_use(cpu) && seen.insert(siblings) {
            cores.push(cpu);
        }
    }
    cores
}

fn last_caches_in(root: &Path) -> Option<u64> {
    let mut seen = BTreeSet::new();
    let mut sum = 0_u64;
    for cpu in processors(root) {
        let caches = entries(&root.join(format!("cpu{cpu}/cache")));
        let level = |path: &PathBuf| text(&path.join("level"))?.parse::<u32>().ok();
        let Some(last) = caches.iter().filter(|path| level(path).is_some()).max_by_key(|path| level(path))
        else {
            continue;
        };
        let shared = text(&last.join("shared_cpu_list")).unwrap_or_default();
        if seen.insert(shared)
            && let Some(size) = text(&last.join("size"))
        {
            sum = sum.saturating_add(bytes(&size)?);
        }
    }
    (sum > 0).then_some(sum)
}

/// Numbers of the processors, rising.
fn processors(root: &Path) -> Vec<usize> {
    let number = |path: PathBuf| path.file_name()?.to_str()?.strip_prefix("cpu")?.parse().ok();
    let mut numbers: Vec<usize> = entries(root).into_iter().filter_map(number).collect();
    numbers.sort_unstable();
    numbers
}

/// "32768K", "32M".
fn bytes(size: &str) -> Option<u64> {
    let (number, unit) = match (size.strip_suffix('K'), size.strip_suffix('M')) {
        (Some(number), _) => (number, 1 << 10),
        (_, Some(number)) => (number, 1 << 20),
        _ => (size, 1),
    };
    number.parse::<u64>().ok()?.checked_mul(unit)
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    /// More than any computer has processors.
    const MOST: usize = 16_384;
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    entries.flatten().map(|entry| entry.path()).take(MOST).collect()
}

/// A small file of the kernel.
fn text(path: &Path) -> Option<String> {
    fs::read_to_string(path).ok().map(|text| text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::probe::tree::Tree;

    /// Two cores with two threads each and one without; two caches of 32 MiB.
    fn tree() -> Tree {
        let mut files = Vec::new();
        for (cpu, siblings, shared) in [
            (0, "0,3", "0-1,3-4"),
            (1, "1,4", "0-1,3-4"),
            (2, "2", "2"),
            (3, "0,3", "0-1,3-4"),
            (4, "1,4", "0-1,3-4"),
        ] {
            let file = |name: &str, value: &str| (format!("cpu{cpu}/{name}"), value.to_owned());
            files.push(file("topology/thread_siblings_list", siblings));
            files.push(file("cache/index0/level", "1"));
            files.push(file("cache/index0/size", "32K"));
            files.push(file("cache/index0/shared_cpu_list", siblings));
            files.push(file("cache/index3/level", "3"));
            files.push(file("cache/index3/size", "32768K"));
            files.push(file("cache/index3/shared_cpu_list", shared));
        }
        files.push(("cpufreq/boost".to_owned(), "1".to_owned()));
        let files: Vec<(&str, &str)> =
            files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        Tree::new(&files)
    }

    #[test]
    fn one_processor_of_each_core() {
        let tree = tree();
        assert_eq!(physical_in(tree.path(), |_| true), [0, 1, 2]);
        assert_eq!(physical_in(tree.path(), |cpu| cpu > 2), [3, 4], "the others may not be used");
        assert!(physical_in(Path::new("/nowhere"), |_| true).is_empty());
    }

    #[test]
    fn shared_caches_count_once() {
        assert_eq!(last_caches_in(tree().path()), Some(64 << 20));
        assert_eq!(last_caches_in(Path::new("/nowhere")), None);
        assert_eq!(bytes("1.5M"), None);
        assert_eq!(bytes("99999999999999999999K"), None);
    }
}
