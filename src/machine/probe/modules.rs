//! Memory modules, from the firmware's tables (SMBIOS) or what udev keeps of them.
//!
//! The tables themselves are for root only; systemd writes what they say of memory into the database of udev,
//! which everybody may read. Containers and older systems have none of it.

use std::collections::BTreeMap;
use std::path::Path;

use super::findings::Module;
use super::{files, smbios};
use crate::units::Bytes;

/// No computer has more.
const MOST_MODULES: u32 = 256;

/// Longest table of the firmware that is read, bytes; usual ones have some ten thousand.
const LONGEST_TABLE: u64 = 1 << 20;

/// The modules that are fitted, or why the system does not say. `root` is `/`.
pub(super) fn read(root: &Path) -> Result<Vec<Module>, String> {
    let kept = of_udev(root);
    if !kept.is_empty() {
        return Ok(kept);
    }
    let table = root.join("sys/firmware/dmi/tables/DMI");
    match files::bytes(&table, LONGEST_TABLE) {
        Some(bytes) => Ok(smbios::modules(&bytes)),
        None if table.exists() => Err("the firmware's tables are for root only, and udev keeps no copy of \
            what they say of memory: run once as root (sudo plimsoll machine) to see speed and channels"
            .to_owned()),
        None => Err("this system has no tables of the firmware, as is usual in containers and on boards \
            without a BIOS"
            .to_owned()),
    }
}

fn of_udev(root: &Path) -> Vec<Module> {
    let entry = files::text(&root.join("run/udev/data/+dmi:id")).unwrap_or_default();
    // "E:MEMORY_DEVICE_0_TYPE=DDR5"
    let properties = entry.lines().filter_map(|line| line.strip_prefix("E:MEMORY_DEVICE_")?.split_once('='));
    let mut slots: BTreeMap<u32, BTreeMap<&str, &str>> = BTreeMap::new();
    for (name, value) in properties {
        let Some((slot, property)) = name.split_once('_') else { continue };
        if let Some(slot) = slot.parse().ok().filter(|slot| *slot < MOST_MODULES) {
            slots.entry(slot).or_default().insert(property, value.trim());
        }
    }
    slots.values().filter_map(module).collect()
}

fn module(slot: &BTreeMap<&str, &str>) -> Option<Module> {
    let number = |property: &str| slot.get(property)?.parse::<u64>().ok().filter(|n| *n > 0);
    let text = |property: &str| slot.get(property).map_or_else(String::new, |text| (*text).to_owned());
    if slot.get("PRESENT") == Some(&"0") {
        return None;
    }
    Some(Module {
        size: Bytes(number("SIZE")?),
        kind: text("TYPE"),
        // What it runs at; the speed it is sold for is higher where the firmware's profile is off.
        speed_mts: number("CONFIGURED_SPEED_MTS").and_then(|speed| u32::try_from(speed).ok()),
        rated_mts: number("SPEED_MTS").and_then(|speed| u32::try_from(speed).ok()),
        width_bits: number("DATA_WIDTH").and_then(|bits| u32::try_from(bits).ok()),
        slot: text("LOCATOR"),
        bank: text("BANK_LOCATOR"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::probe::tree::Tree;

    #[test]
    fn fitted_modules_are_listed() {
        let tree = Tree::new(&[(
            "run/udev/data/+dmi:id",
            "I:42\nE:ID_VENDOR=x\nE:MEMORY_ARRAY_NUM_DEVICES=4\n\
             E:MEMORY_DEVICE_0_PRESENT=0\nE:MEMORY_DEVICE_0_LOCATOR=DIMM 0\n\
             E:MEMORY_DEVICE_1_SIZE=17179869184\nE:MEMORY_DEVICE_1_TYPE=DDR5\n\
             E:MEMORY_DEVICE_1_DATA_WIDTH=64\nE:MEMORY_DEVICE_1_SERIAL_NUMBER=1234\n\
             E:MEMORY_DEVICE_1_SPEED_MTS=6000\nE:MEMORY_DEVICE_1_CONFIGURED_SPEED_MTS=4800\n\
             E:MEMORY_DEVICE_1_LOCATOR=DIMM 1\nE:MEMORY_DEVICE_1_BANK_LOCATOR=P0 CHANNEL A\n\
             E:MEMORY_DEVICE_3_SIZE=0\nE:MEMORY_DEVICE_x_SIZE=7\nE:MEMORY_DEVICE_999999_SIZE=7\n",
        )]);
        let expected = Module {
            size: Bytes(16 << 30),
            kind: "DDR5".to_owned(),
            speed_mts: Some(4800),
            rated_mts: Some(6000),
            width_bits: Some(64),
            slot: "DIMM 1".to_owned(),
            bank: "P0 CHANNEL A".to_owned(),
        };
        assert_eq!(read(tree.path()), Ok(vec![expected]));
    }

    #[test]
    fn without_a_database_root_reads_the_tables() {
        // An empty table: it can be read, and nothing is fitted.
        let tree = Tree::new(&[("sys/firmware/dmi/tables/DMI", "\u{7f}\u{4}\0\0\0\0")]);
        assert_eq!(read(tree.path()), Ok(Vec::new()));
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        let reason = read(Tree::new(&[]).path()).unwrap_err();
        assert!(reason.contains("containers"), "{reason}");
        // A folder in its place stands for a file that cannot be read, for tests may run as root.
        let tree = Tree::new(&[("sys/firmware/dmi/tables/DMI/x", "")]);
        let reason = read(tree.path()).unwrap_err();
        assert!(reason.contains("root only"), "{reason}");
    }
}
