//! The memory limit of the control groups that a process runs in (Linux containers, systemd slices).

use std::path::{Component, Path, PathBuf};

use super::files;
use super::findings::CgroupLimit;
use crate::units::Bytes;

/// From here on a number means "no limit": version 1 writes the largest page-aligned 64-bit number.
const NO_LIMIT: u64 = 0x7fff_ffff_ffff_f000;

/// Files of one version of control groups.
struct Version {
    mount: &'static str,
    limit: &'static str,
    usage: &'static str,
    cache: &'static str,
}

const V2: [Version; 2] = [
    Version { mount: "sys/fs/cgroup", limit: "memory.max", usage: "memory.current", cache: "inactive_file" },
    Version {
        mount: "sys/fs/cgroup/unified",
        limit: "memory.max",
        usage: "memory.current",
        cache: "inactive_file",
    },
];
const V1: [Version; 1] = [Version {
    mount: "sys/fs/cgroup/memory",
    limit: "memory.limit_in_bytes",
    usage: "memory.usage_in_bytes",
    cache: "total_inactive_file",
}];

/// The smallest limit from this process's control group up to the top; `None` is no limit. `root` is `/`.
///
/// Inside a container the path in `/proc/self/cgroup` may be that of the host, of which only the last part
/// is mounted; so all parents are tried, the mount itself included.
pub(super) fn limit(root: &Path) -> Option<CgroupLimit> {
    let groups = files::text(&root.join("proc/self/cgroup"))?;
    let mut smallest: Option<CgroupLimit> = None;
    for line in groups.lines() {
        // "0::/user.slice" is version 2, "4:memory:/docker/…" version 1.
        let mut parts = line.splitn(3, ':').skip(1);
        let (Some(controllers), Some(path)) = (parts.next(), parts.next()) else { continue };
        let versions: &[Version] = match controllers {
            "" => &V2,
            list if list.split(',').any(|controller| controller == "memory") => &V1,
            _ => continue,
        };
        for version in versions {
            for found in upwards(&root.join(version.mount), path).iter().filter_map(|f| version.read(f)) {
                let limit = smallest.map_or(found.limit, |known| known.limit.min(found.limit));
                let available =
                    smallest.map_or(found.available, |known| known.available.min(found.available));
                smallest = Some(CgroupLimit { limit, available });
            }
        }
    }
    smallest
}

/// The folders from `mount/path` up to `mount`.
fn upwards(mount: &Path, path: &str) -> Vec<PathBuf> {
    // A path outside the namespace begins with "/../": those steps lead nowhere inside the mount.
    let inside: PathBuf =
        Path::new(path).components().filter(|c| matches!(c, Component::Normal(_))).collect();
    inside.ancestors().map(|part| mount.join(part)).collect()
}

impl Version {
    fn read(&self, folder: &Path) -> Option<CgroupLimit> {
        // "max" is no number.
        let limit = files::number(&folder.join(self.limit)).filter(|limit| *limit < NO_LIMIT)?;
        let used = files::number(&folder.join(self.usage)).unwrap_or(0);
        let stat = files::text(&folder.join("memory.stat")).unwrap_or_default();
        let cache = stat.lines().find_map(|line| line.strip_prefix(self.cache)?.trim().parse::<u64>().ok());
        let used = used.saturating_sub(cache.unwrap_or(0));
        Some(CgroupLimit { limit: Bytes(limit), available: Bytes(limit.saturating_sub(used)) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::probe::tree::Tree;

    fn gib(limit: Option<CgroupLimit>) -> Option<(f64, f64)> {
        limit.map(|found| (found.limit.gib(), found.available.gib()))
    }

    #[test]
    fn version_2_takes_the_smallest_up_the_tree() {
        let tree = Tree::new(&[
            ("proc/self/cgroup", "0::/user.slice/app.scope\n"),
            ("sys/fs/cgroup/user.slice/app.scope/memory.max", "max\n"),
            ("sys/fs/cgroup/user.slice/memory.max", "8589934592\n"),
            ("sys/fs/cgroup/user.slice/memory.current", "3221225472\n"),
            ("sys/fs/cgroup/user.slice/memory.stat", "anon 5\ninactive_file 1073741824\nactive_file 7\n"),
            ("sys/fs/cgroup/memory.stat", "anon 5\n"),
        ]);
        assert_eq!(gib(limit(tree.path())), Some((8.0, 6.0)));
    }

    #[test]
    fn version_1_counts_its_largest_number_as_none() {
        let tree = Tree::new(&[
            ("proc/self/cgroup", "9:name=systemd:/\n4:memory:/a/b\n3:cpu,cpuacct:/\n0::/\n"),
            ("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n"),
            ("sys/fs/cgroup/memory/a/memory.limit_in_bytes", "9223372036854771712\n"),
            ("sys/fs/cgroup/memory/a/b/memory.limit_in_bytes", "9223372036854771712\n"),
        ]);
        assert_eq!(limit(tree.path()), None);
    }

    #[test]
    fn a_container_sees_its_own_group_at_the_mount() {
        let tree = Tree::new(&[
            ("proc/self/cgroup", "4:memory:/docker/0123456789ab\n"),
            ("sys/fs/cgroup/memory/memory.limit_in_bytes", "4294967296\n"),
            ("sys/fs/cgroup/memory/memory.usage_in_bytes", "2147483648\n"),
            ("sys/fs/cgroup/memory/memory.stat", "inactive_file 1\ntotal_inactive_file 1073741824\n"),
        ]);
        assert_eq!(gib(limit(tree.path())), Some((4.0, 3.0)));
    }

    #[test]
    fn a_path_outside_the_namespace_stays_inside_the_mount() {
        let tree = Tree::new(&[
            ("proc/self/cgroup", "0::/../../other\n"),
            ("sys/fs/cgroup/memory.max", "1073741824\n"),
            ("sys/other/memory.max", "1\n"),
        ]);
        assert_eq!(gib(limit(tree.path())), Some((1.0, 1.0)));
    }

    #[test]
    fn nothing_there_is_no_limit() {
        assert_eq!(limit(Tree::new(&[]).path()), None);
        assert_eq!(limit(Tree::new(&[("proc/self/cgroup", "junk\n:::\n7:memory\n")]).path()), None);
    }
}
