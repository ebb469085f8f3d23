//! AMD's compute driver (KFD), which ROCm runs on: it tells compute units, bus width and memory clock without
//! privileges.

use std::path::Path;

use super::files;
use super::findings::{Bus, Kfd};

/// Heap types of memory on a device, visible to the processor and not (Linux, `kfd_topology.h`).
const DEVICE_HEAPS: [u64; 2] = [1, 2];

/// Adds what the driver says to AMD's devices of the bus. `root` is `/`.
pub(super) fn complete(root: &Path, bus: &mut Bus) {
    if bus.devices.iter().all(|device| device.id.vendor != super::bus::AMD) {
        return;
    }
    for node in files::entries(&root.join("sys/class/kfd/kfd/topology/nodes")) {
        let Some(properties) = files::text(&node.join("properties")) else { continue };
        let Some(address) = address(&properties) else { continue };
        let banks = files::entries(&node.join("mem_banks"));
        let banks = banks.iter().filter_map(|bank| files::text(&bank.join("properties")));
        let found = describe(&properties, banks);
        if let Some(device) = bus.devices.iter_mut().find(|device| device.address == address) {
            device.kfd = Some(found);
        }
    }
}

/// A value of a list such as "width 384", one a line.
fn value(properties: &str, name: &str) -> Option<u64> {
    properties.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.trim().parse().ok())
}

/// The PCI address of a node; processors have none.
fn address(properties: &str) -> Option<String> {
    let place = value(properties, "location_id").filter(|_| value(properties, "simd_count") > Some(0))?;
    let domain = value(properties, "domain").unwrap_or(0);
    // Bus in eight bits, device in five, function in three.
    Some(format!("{domain:04x}:{:02x}:{:02x}.{}", place >> 8 & 0xff, place >> 3 & 0x1f, place & 7))
}

fn describe(properties: &str, banks: impl Iterator<Item = String>) -> Kfd {
    let small = |number: u64| u32::try_from(number).ok().filter(|number| *number > 0);
    let simds = value(properties, "simd_count").zip(value(properties, "simd_per_cu"));
    let bank = banks
        .into_iter()
        .find(|bank| value(bank, "heap_type").is_some_and(|heap| DEVICE_HEAPS.contains(&heap)));
    let of_bank = |name| bank.as_deref().and_then(|bank| value(bank, name)).and_then(small);
    Kfd {
        target: value(properties, "gfx_target_version").filter(|version| *version > 0).map(target),
        compute_units: simds.and_then(|(simds, of_unit)| small(simds.checked_div(of_unit)?)),
        bus_width_bits: of_bank("width"),
        memory_clock_mhz: of_bank("mem_clk_max"),
    }
}

/// 110000 is "gfx1100", 90010 "gfx90a": the last two parts are hexadecimal digits.
fn target(version: u64) -> String {
    format!("gfx{}{:x}{:x}", version / 10_000, version / 100 % 100, version % 100)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::probe::tree::Tree;

    const XTX: &str = "cpu_cores_count 0\nsimd_count 192\nmem_banks_count 1\nsimd_per_cu 2\n\
                       gfx_target_version 110000\nvendor_id 4098\nlocation_id 3072\ndomain 0\n";
    const PROCESSOR: &str = "cpu_cores_count 16\nsimd_count 0\nlocation_id 0\ndomain 0\n";

    #[test]
    fn a_card_of_the_bus_is_completed() {
        let tree = Tree::new(&[
            ("sys/class/kfd/kfd/topology/nodes/0/properties", PROCESSOR),
            ("sys/class/kfd/kfd/topology/nodes/1/properties", XTX),
            (
                "sys/class/kfd/kfd/topology/nodes/1/mem_banks/0/properties",
                "heap_type 1\nsize_in_bytes 25753026560\nflags 0\nwidth 384\nmem_clk_max 1249\n",
            ),
            ("sys/bus/pci/devices/0000:0c:00.0/class", "0x030000"),
            ("sys/bus/pci/devices/0000:0c:00.0/vendor", "0x1002"),
            ("sys/bus/pci/devices/0000:0c:00.0/device", "0x744c"),
        ]);
        let bus = super::super::bus::read(tree.path());
        let expected = Kfd {
            target: Some("gfx1100".to_owned()),
            compute_units: Some(96),
            bus_width_bits: Some(384),
            memory_clock_mhz: Some(1249),
        };
        assert_eq!(bus.devices[0].kfd, Some(expected));
    }

    #[test]
    fn addresses_and_targets() {
        assert_eq!(address(XTX).as_deref(), Some("0000:0c:00.0"));
        assert_eq!(address(PROCESSOR), None);
        assert_eq!(address("simd_count 4\nlocation_id 49416\ndomain 1"), Some("0001:c1:01.0".to_owned()));
        assert_eq!((target(90_010), target(110_501)), ("gfx90a".to_owned(), "gfx1151".to_owned()));
    }

    #[test]
    fn what_is_not_said_is_not_known() {
        assert_eq!(describe("simd_count 4\nsimd_per_cu 0", std::iter::empty()), Kfd::default());
        // Main memory alone is no memory of the device.
        let bank = "heap_type 0\nwidth 64\nmem_clk_max 4800\n".to_owned();
        assert_eq!(describe("", std::iter::once(bank)).bus_width_bits, None);
    }
}
