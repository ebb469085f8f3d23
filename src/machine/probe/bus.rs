//! Display and compute devices on the PCI bus, as the Linux kernel shows them under `/sys`.
//!
//! Everything here is readable without privileges and without waking a sleeping device, except where noted.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::super::Pcie;
use super::super::table::PciId;
use super::findings::{Bus, BusDevice, Memory};
use super::part::{Answer, Part, Probe};
use super::{clients, files, kfd};
use crate::units::Bytes;

pub(super) const NVIDIA: u16 = 0x10de;
pub(super) const AMD: u16 = 0x1002;
pub(super) const INTEL: u16 = 0x8086;

/// No computer has more.
const MOST_DEVICES: usize = 64;

/// Classes of devices that compute: VGA, 3D, other display, and processing accelerator (AMD Instinct).
const CLASSES: [u32; 4] = [0x0300, 0x0302, 0x0380, 0x1200];

/// What Docker and Podman leave in a container, and Kubernetes.
const CONTAINER: [&str; 3] = [".dockerenv", "run/.containerenv", "var/run/secrets/kubernetes.io"];
/// Places where drivers for Vulkan register themselves.
const VULKAN: [&str; 3] = ["usr/share/vulkan/icd.d", "usr/local/share/vulkan/icd.d", "etc/vulkan/icd.d"];
/// Vulkan drivers that draw on the processor or pass on to another, by the beginning of their files' names.
const NO_DRIVERS: [&str; 4] = ["lvp", "dzn", "gfxstream", "virtio"];

/// Reads the bus.
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
        Part::Bus
    }

    fn read(self: Box<Self>) -> Result<Answer, String> {
        Ok(Answer::Bus(read(&self.root)))
    }
}

/// Reads the bus. `root` is `/`.
pub(super) fn read(root: &Path) -> Bus {
    let devices = files::entries(&root.join("sys/bus/pci/devices"));
    let devices = devices.iter().filter_map(|folder| device(folder)).take(MOST_DEVICES).collect();
    let mut bus = Bus {
        devices,
        dxg: root.join("dev/dxg").exists(),
        container: CONTAINER.iter().any(|mark| root.join(mark).exists()),
        vulkan: vulkan(root),
    };
    kfd::complete(root, &mut bus);
    clients::complete(root, &mut bus);
    bus
}

/// Makers whose Vulkan driver is installed: "`radeon_icd.x86_64.json`" is "radeon".
fn vulkan(root: &Path) -> Vec<String> {
    let files = VULKAN.iter().flat_map(|folder| files::entries(&root.join(folder)));
    let makers: BTreeSet<String> = files
        .filter_map(|file| Some(files::name(&file).strip_suffix(".json")?.split_once("_icd")?.0.to_owned()))
        .filter(|maker| !NO_DRIVERS.contains(&maker.as_str()))
        .collect();
    makers.into_iter().collect()
}

/// A device, if it is one that could run models. Virtual and management displays are of other makers.
fn device(folder: &Path) -> Option<BusDevice> {
    let class = files::hex(&folder.join("class"))? >> 8;
    let vendor = files::hex(&folder.join("vendor"))? as u16;
    if !CLASSES.contains(&class) || ![NVIDIA, AMD, INTEL].contains(&vendor) {
        return None;
    }
    let revision = files::hex(&folder.join("revision")).and_then(|revision| u8::try_from(revision).ok());
    let id = PciId { vendor, device: files::hex(&folder.join("device"))? as u16, revision };
    let asleep =
        files::text(&folder.join("power/runtime_status")).is_some_and(|status| status == "suspended");
    let mut device = BusDevice {
        address: files::name(folder),
        id,
        driver: fs::read_link(folder.join("driver")).ok().map(|target| files::name(&target)),
        asleep,
        vram: None,
        gtt: None,
        integrated: None,
        memory_clock_mhz: None,
        power_watts: None,
        power_range_watts: None,
        power_now_watts: None,
        pcie: link(folder),
        programs: Vec::new(),
        own_lanes: files::number(&folder.join("max_link_width")).and_then(lanes),
        kfd: None,
    };
    match vendor {
        AMD => amd(&mut device, folder),
        INTEL => device.vram = intel_memory(folder),
        _ => {}
    }
    Some(device)
}

/// What the amdgpu driver says. It knows sizes without waking a sleeping card; the rest is not asked then.
fn amd(device: &mut BusDevice, folder: &Path) {
    let memory = |name: &str| {
        let total = Bytes(files::number(&folder.join(format!("mem_info_{name}_total")))?);
        let used = files::number(&folder.join(format!("mem_info_{name}_used"))).map(Bytes);
        Some(Memory { total, used, source: format!("sysfs mem_info_{name}_total") })
    };
    device.vram = memory("vram");
    device.gtt = memory("gtt");
    if device.asleep {
        return;
    }
    device.memory_clock_mhz = files::text(&folder.join("pp_dpm_mclk")).and_then(|levels| highest(&levels));
    device.power_watts = files::entries(&folder.join("hwmon"))
        .iter()
        .find_map(|monitor| files::number(&monitor.join("power1_cap")))
        .map(|microwatts| microwatts as f64 / 1e6);
    device.power_range_watts = files::entries(&folder.join("hwmon")).iter().find_map(|monitor| {
        let watts = |name| files::number(&monitor.join(name)).map(|microwatts| microwatts as f64 / 1e6);
        let (low, high) = (watts("power1_cap_min")?, watts("power1_cap_max")?);
        (low <= high && high > 0.0).then_some((low, high))
    });
    // Older chips tell the mean of a moment, newer ones the moment itself.
    device.power_now_watts = files::entries(&folder.join("hwmon"))
        .iter()
        .find_map(|monitor| {
            ["power1_average", "power1_input"].iter().find_map(|name| files::number(&monitor.join(name)))
        })
        .map(|microwatts| microwatts as f64 / 1e6);
    // The table of sensors begins with its size and version; versions 2 and 3 are those of processors.
    device.integrated = match files::bytes(&folder.join("gpu_metrics"), 4).as_deref() {
        Some([_, _, format, _]) => Some(*format >= 2),
        _ => None,
    };
}

/// The highest clock of a list such as "0: 96Mhz\n1: 1249Mhz *".
fn highest(levels: &str) -> Option<u32> {
    let clocks = levels.lines().filter_map(|line| {
        let clock = line.split_once(':')?.1.trim().trim_end_matches('*').trim();
        clock.get(..clock.len().checked_sub(3)?)?.parse().ok()
    });
    clocks.max()
}

/// Memory of an Intel card: xe lists it by tile, Intel's own i915 in total; the kernel's i915 not at all.
fn intel_memory(folder: &Path) -> Option<Memory> {
    let entries = files::entries(folder);
    let tiles = entries.iter().filter(|entry| files::name(entry).starts_with("tile"));
    let sizes = tiles.filter_map(|tile| files::number(&tile.join("physical_vram_size_bytes")));
    let sum = sizes.fold(0, u64::saturating_add);
    if sum > 0 {
        let source = "sysfs physical_vram_size_bytes".to_owned();
        return Some(Memory { total: Bytes(sum), used: None, source });
    }
    let cards = files::entries(&folder.join("drm"));
    let total = cards
        .iter()
        .map(PathBuf::as_path)
        .chain([folder])
        .find_map(|place| files::number(&place.join("lmem_total_bytes")).filter(|size| *size > 0))?;
    Some(Memory { total: Bytes(total), used: None, source: "sysfs lmem_total_bytes".to_owned() })
}

/// The narrowest link from the device to the processor.
///
/// A card may sit behind bridges of its own (AMD's since 2019) or of a dock, whose inner link is wide
/// whatever the slot is; the path in `/sys/devices` names all of them. The speed at this moment drops at
/// idle, so the highest of each link counts; the lanes at this moment do not.
fn link(folder: &Path) -> Option<Pcie> {
    let place = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    let mut narrowest: Option<Pcie> = None;
    for folder in place.ancestors().take_while(|folder| folder.join("vendor").exists()) {
        let speed = files::text(&folder.join("max_link_speed")).and_then(|speed| generation(&speed));
        let lanes = files::number(&folder.join("current_link_width")).and_then(lanes);
        let (Some(generation), Some(lanes)) = (speed, lanes) else { continue };
        let so_far = narrowest.unwrap_or(Pcie { generation, lanes });
        narrowest =
            Some(Pcie { generation: so_far.generation.min(generation), lanes: so_far.lanes.min(lanes) });
    }
    narrowest
}

/// A number of lanes; devices without a link say 0 or 255.
fn lanes(number: u64) -> Option<u32> {
    u32::try_from(number).ok().filter(|lanes| (1..=32).contains(lanes))
}

/// "16.0 GT/s PCIe" is generation 4.
fn generation(speed: &str) -> Option<u32> {
    let transfers: f64 = speed.split(' ').next()?.parse().ok()?;
    Some(match transfers {
        t if t < 4.0 => 1,
        t if t < 6.0 => 2,
        t if t < 10.0 => 3,
        t if t < 20.0 => 4,
        t if t < 40.0 => 5,
        _ => 6,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::probe::tree::Tree;

    #[test]
    fn drivers_for_vulkan_by_maker() {
        let tree = Tree::new(&[
            ("usr/share/vulkan/icd.d/radeon_icd.x86_64.json", "{}"),
            ("usr/share/vulkan/icd.d/radeon_icd.i686.json", "{}"),
            ("usr/share/vulkan/icd.d/lvp_icd.x86_64.json", "{}"),
            ("etc/vulkan/icd.d/nvidia_icd.json", "{}"),
            ("etc/vulkan/icd.d/readme.txt", ""),
        ]);
        assert_eq!(read(tree.path()).vulkan, ["nvidia", "radeon"]);
    }

    #[test]
    fn clocks_and_generations() {
        assert_eq!(highest("0: 96Mhz \n1: 456Mhz\n2: 1249Mhz *\n"), Some(1249));
        assert_eq!(highest("0: 2000Mhz *"), Some(2000));
        assert_eq!(highest(""), None);
        assert_eq!(highest("junk\n0:\n1: é\n"), None);
        assert_eq!(generation("2.5 GT/s PCIe"), Some(1));
        assert_eq!(generation("8.0 GT/s PCIe"), Some(3));
        assert_eq!(generation("16.0 GT/s PCIe"), Some(4));
        assert_eq!(generation("32.0 GT/s PCIe"), Some(5));
        assert_eq!(generation("Unknown"), None);
    }
}
