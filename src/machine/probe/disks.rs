//! Disks that models can be put on: how much is free, and what they are made of.

use std::fs;
use std::path::{Path, PathBuf};

use sysinfo::{DiskKind, DiskRefreshKind, Disks};

use super::files;
use super::findings::{Disk, Medium};
use super::part::{Answer, Part, Probe};
use crate::units::{Bytes, GIB};

/// A smaller disk holds no model worth naming.
const LEAST: Bytes = Bytes(8 * GIB);
/// How many are listed.
const MOST: usize = 16;
/// File systems in memory, or of the system's own.
const NO_DISKS: [&str; 8] =
    ["tmpfs", "devtmpfs", "squashfs", "ramfs", "efivarfs", "iso9660", "fuse.portal", "autofs"];

/// Reads the disks. A share of a computer that is off may not answer for minutes.
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
        Part::Disks
    }

    fn read(self: Box<Self>) -> Result<Answer, String> {
        let what = DiskRefreshKind::nothing().with_kind().with_storage();
        let mounted = Disks::new_with_refreshed_list_specifics(what)
            .map_err(|error| format!("the system lists no disks: {error}"))?;
        let each = mounted.iter().map(|disk| {
            let device = disk.name().to_string_lossy().into_owned();
            let disk = Disk {
                mount: disk.mount_point().to_string_lossy().into_owned(),
                medium: medium(&self.root, &device, disk.kind()),
                total: Bytes(disk.total_space()),
                available: Bytes(disk.available_space()),
                home: false,
            };
            (device, disk)
        });
        let kinds = mounted.iter().map(|disk| disk.file_system().to_string_lossy().into_owned());
        let kept = each.zip(kinds).filter(|(_, kind)| !NO_DISKS.contains(&kind.as_str()));
        let home = std::env::home_dir();
        Ok(Answer::Disks(listed(kept.map(|(disk, _)| disk).collect(), home.as_deref())))
    }
}

/// The disks to name: each device once, where it is mounted first; the one with the user's files marked.
fn listed(found: Vec<(String, Disk)>, home: Option<&Path>) -> Vec<Disk> {
    let holds = |disk: &Disk| home.is_some_and(|home| home.starts_with(&disk.mount));
    let of_home = found.iter().map(|(_, disk)| disk).filter(|disk| holds(disk));
    let of_home = of_home.max_by_key(|disk| disk.mount.len()).map(|disk| disk.mount.clone());
    let mut devices: Vec<String> = Vec::new();
    let mut disks = Vec::new();
    // The user's disk first, so that of one device's places it is the one that is named.
    let (own, others): (Vec<_>, Vec<_>) =
        found.into_iter().partition(|(_, disk)| Some(&disk.mount) == of_home.as_ref());
    for (device, mut disk) in own.into_iter().chain(others) {
        disk.home = Some(&disk.mount) == of_home.as_ref();
        if devices.contains(&device) || (disk.total < LEAST && !disk.home) || disks.len() == MOST {
            continue;
        }
        devices.push(device);
        disks.push(disk);
    }
    disks
}

/// What a device is made of. Under an encrypted or combined one (device mapper) lies the real one.
fn medium(root: &Path, device: &str, kind: DiskKind) -> Medium {
    let name = Path::new(device);
    let name = fs::canonicalize(name).map_or_else(|_| files::name(name), |path| files::name(&path));
    if is_nvme(root, &name, 0) {
        return Medium::Nvme;
    }
    // A virtual machine's disk turns for the kernel, whatever lies below it.
    if ["vd", "xvd"].iter().any(|kind| name.starts_with(kind)) {
        return Medium::Unknown;
    }
    match kind {
        DiskKind::SSD => Medium::Ssd,
        DiskKind::HDD => Medium::Hdd,
        DiskKind::Unknown(_) => Medium::Unknown,
    }
}

fn is_nvme(root: &Path, name: &str, depth: usize) -> bool {
    if name.starts_with("nvme") {
        return true;
    }
    let below = files::entries(&root.join("sys/class/block").join(name).join("slaves"));
    depth < 4 && !below.is_empty() && below.iter().all(|below| is_nvme(root, &files::name(below), depth + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::probe::tree::Tree;

    fn disk(mount: &str, gib: u64) -> Disk {
        Disk {
            mount: mount.to_owned(),
            medium: Medium::Ssd,
            total: Bytes(gib * GIB),
            available: Bytes(gib * GIB / 2),
            home: false,
        }
    }

    #[test]
    fn each_device_once_and_the_user_s_first() {
        let found = vec![
            ("/dev/sda1".to_owned(), disk("/", 100)),
            ("/dev/sda1".to_owned(), disk("/snap/x", 100)),
            ("/dev/sdb1".to_owned(), disk("/home", 500)),
            ("/dev/sdc1".to_owned(), disk("/boot", 1)),
            ("/dev/sdd1".to_owned(), disk("/data", 4000)),
        ];
        let listed = listed(found, Some(Path::new("/home/alice")));
        let names: Vec<_> = listed.iter().map(|disk| (disk.mount.as_str(), disk.home)).collect();
        assert_eq!(names, [("/home", true), ("/", false), ("/data", false)]);
    }

    #[test]
    fn an_encrypted_disk_is_what_lies_below_it() {
        let tree = Tree::new(&[
            ("sys/class/block/dm-0/slaves/nvme0n1p3/x", ""),
            ("sys/class/block/dm-1/slaves/dm-0/x", ""),
            ("sys/class/block/dm-2/slaves/sda1/x", ""),
            ("sys/class/block/dm-2/slaves/nvme0n1p3/x", ""),
        ]);
        let medium = |device: &str| medium(tree.path(), device, DiskKind::SSD);
        assert_eq!(medium("/dev/nvme0n1p2"), Medium::Nvme);
        assert_eq!(medium("/dev/dm-0"), Medium::Nvme);
        assert_eq!(medium("/dev/dm-1"), Medium::Nvme);
        assert_eq!(medium("/dev/dm-2"), Medium::Ssd, "one of two is slow");
        assert_eq!(medium("/dev/sda1"), Medium::Ssd);
        assert_eq!(medium("/dev/vda2"), Medium::Unknown);
    }

    #[test]
    fn this_computer_says_how_much_is_free() {
        let Ok(Answer::Disks(disks)) = Box::new(Reader::new(Path::new("/"))).read() else {
            panic!("no disks")
        };
        assert!(disks.iter().all(|disk| disk.available <= disk.total), "{disks:?}");
    }
}
