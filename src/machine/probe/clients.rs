//! Programs that hold the memory of cards of AMD and Intel, as the kernel tells it for each open device file
//! (`/proc/PID/fdinfo`, Linux `drm-usage-stats`). Those of other users are not told without privileges.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use super::findings::{Bus, Program};
use super::{bus, files, programs};
use crate::units::Bytes;

/// Open files of one program that are looked at, and device files of all that are read.
const MOST_FILES: usize = 4096;

/// What one open device file holds.
#[derive(Debug, Default, PartialEq, Eq)]
struct Client {
    /// PCI address of the device.
    address: String,
    /// Its number; a file that is open twice, or in two programs, has one.
    id: u64,
    /// Memory of the device itself.
    held: Bytes,
}

/// Adds the programs to the devices of the bus that have memory of their own. `root` is `/`.
pub(super) fn complete(root: &Path, found: &mut Bus) {
    let is_asked = |device: &&mut super::findings::BusDevice| {
        [bus::AMD, bus::INTEL].contains(&device.id.vendor) && device.vram.is_some() && !device.asleep
    };
    if !found.devices.iter_mut().any(|device| is_asked(&&mut *device)) {
        return;
    }
    let mut holders = holders(root);
    for device in found.devices.iter_mut().filter(is_asked) {
        device.programs = programs::by_name(holders.remove(&device.address).unwrap_or_default().into_iter());
    }
}

/// The programs by the address of the device, each with what one of its files holds.
fn holders(root: &Path) -> BTreeMap<String, Vec<Program>> {
    let mut holders: BTreeMap<String, Vec<Program>> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    let mut read = 0;
    let processes = files::entries(&root.join("proc"));
    for process in processes.iter().filter(|folder| files::name(folder).bytes().all(|b| b.is_ascii_digit())) {
        let mut of_process: BTreeMap<String, Bytes> = BTreeMap::new();
        for file in files::entries(&process.join("fd")).iter().take(MOST_FILES) {
            let target = fs::read_link(file).unwrap_or_default();
            if read == MOST_FILES || !target.to_string_lossy().contains("/dev/dri/") {
                continue;
            }
            read += 1;
            let info = files::text(&process.join("fdinfo").join(files::name(file)));
            let Some(client) = info.as_deref().and_then(client) else { continue };
            if seen.insert((client.address.clone(), client.id)) {
                let sum = of_process.entry(client.address).or_default();
                *sum += client.held;
            }
        }
        for (address, held) in of_process.into_iter().filter(|(_, held)| *held > Bytes::ZERO) {
            let name = files::text(&process.join("comm")).unwrap_or_default();
            let program = Program { name: programs::file_name(&name), memory: Some(held), processes: 1 };
            holders.entry(address).or_default().push(program);
        }
    }
    holders
}

/// What the kernel says of an open device file; `None`: it is no file of a device on the bus.
fn client(info: &str) -> Option<Client> {
    let mut client = Client::default();
    let (mut resident, mut memory) = (None, None);
    for line in info.lines() {
        let Some((key, value)) = line.split_once(':') else { continue };
        let value = value.trim();
        match key {
            "drm-pdev" => value.clone_into(&mut client.address),
            "drm-client-id" => client.id = value.parse().ok()?,
            key => {
                // "vram", "vram0" (xe), "local0" (i915); older kernels of AMD say "drm-memory" for what is resident.
                let is_local = |region: &str| region.starts_with("vram") || region.starts_with("local");
                let of = |prefix: &str| key.strip_prefix(prefix).is_some_and(is_local);
                let sum = match key {
                    _ if of("drm-resident-") => &mut resident,
                    _ if of("drm-memory-") => &mut memory,
                    _ => continue,
                };
                *sum = Some(sum.unwrap_or(Bytes::ZERO) + size(value)?);
            }
        }
    }
    client.held = resident.or(memory)?;
    (!client.address.is_empty()).then_some(client)
}

/// "1234 KiB", "12 MiB", "4096".
fn size(text: &str) -> Option<Bytes> {
    let (number, unit) = text.split_once(' ').unwrap_or((text, ""));
    let number: u64 = number.parse().ok()?;
    let unit = match unit.trim() {
        "" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        _ => return None,
    };
    Some(Bytes(number.saturating_mul(unit)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_driver_says_it_in_its_words() {
        let held = |lines: &str| {
            client(&format!("pos:\t0\ndrm-driver:\tx\ndrm-pdev:\t0000:03:00.0\ndrm-client-id:\t7\n{lines}"))
                .map(|client| client.held.0 >> 10)
        };
        // amdgpu since 6.13, amdgpu before, xe, i915.
        assert_eq!(
            held("drm-memory-vram:\t900 KiB\ndrm-resident-vram:\t800 KiB\ndrm-resident-gtt:\t50 KiB"),
            Some(800)
        );
        assert_eq!(held("drm-memory-vram:\t900 KiB\ndrm-memory-gtt: \t50 KiB"), Some(900));
        assert_eq!(
            held("drm-total-vram0:\t9 MiB\ndrm-resident-vram0:\t2 MiB\ndrm-resident-vram1:\t1 MiB"),
            Some(3072)
        );
        assert_eq!(held("drm-resident-local0:\t4096\ndrm-resident-system0:\t8 MiB"), Some(4));
        assert_eq!(held("drm-resident-system0:\t8 MiB"), None, "nothing of the device's own");
        assert_eq!(held("drm-resident-vram:\tmuch KiB"), None);
        assert_eq!(client("drm-resident-vram:\t4 KiB"), None, "no device");
        assert_eq!(client(""), None);
    }

    #[cfg(unix)]
    #[test]
    fn programs_are_named_with_what_they_hold() {
        use crate::machine::probe::tree::Tree;
        let info = |id: u32, mib: u32| {
            format!("drm-pdev:\t0000:03:00.0\ndrm-client-id:\t{id}\ndrm-resident-vram:\t{mib} MiB\n")
        };
        let tree = Tree::new(&[
            ("sys/bus/pci/devices/0000:03:00.0/class", "0x030000"),
            ("sys/bus/pci/devices/0000:03:00.0/vendor", "0x1002"),
            ("sys/bus/pci/devices/0000:03:00.0/device", "0x744c"),
            ("sys/bus/pci/devices/0000:03:00.0/mem_info_vram_total", "25753026560"),
            ("sys/bus/pci/devices/0000:03:00.0/mem_info_vram_used", "1073741824"),
            ("dev/dri/card0", ""),
            ("etc/passwd", ""),
            ("proc/100/comm", "llama-server\n"),
            ("proc/100/fdinfo/5", &info(1, 600)),
            // The same file once more, and one that is no device.
            ("proc/100/fdinfo/6", &info(1, 600)),
            ("proc/100/fdinfo/7", &info(9, 77)),
            ("proc/200/comm", "Xorg\n"),
            ("proc/200/fdinfo/3", &info(2, 200)),
            // It was handed over by the first.
            ("proc/200/fdinfo/4", &info(1, 600)),
            ("proc/self/comm", "nobody\n"),
        ]);
        for fd in ["proc/100/fd/5", "proc/100/fd/6", "proc/200/fd/3", "proc/200/fd/4"] {
            tree.link(fd, "dev/dri/card0");
        }
        tree.link("proc/100/fd/7", "etc/passwd");
        let found = bus::read(tree.path());
        let lines: Vec<_> = found.devices[0]
            .programs
            .iter()
            .map(|program| (program.name.as_str(), program.memory.unwrap().0 >> 20))
            .collect();
        assert_eq!(lines, [("llama-server", 600), ("Xorg", 200)]);
    }
}
