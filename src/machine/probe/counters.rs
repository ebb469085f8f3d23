//! Use of GPU memory over all programs in Windows' performance counters.
#![cfg_attr(not(any(windows, test)), expect(dead_code, reason = "the form that Windows gives"))]

use std::collections::BTreeMap;

use serde::Deserialize;

use super::findings::{AdapterUse, Program};
use super::programs;
use crate::units::Bytes;

/// A row of the counters "GPU Adapter Memory" or "GPU Process Memory".
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Row {
    /// "`luid_0x00000000_0x0001048F_phys_0`"; of a process with "`pid_4242_`" before it.
    pub name: String,
    /// Bytes in use of the adapter's own memory.
    pub dedicated_usage: u64,
    /// Bytes in use of main memory.
    pub shared_usage: u64,
}

/// What the rows say of each adapter. `name_of` gives the name of a process.
pub(super) fn uses(
    adapters: &[Row],
    processes: &[Row],
    name_of: impl Fn(u32) -> Option<String>,
) -> Vec<AdapterUse> {
    let mut found: BTreeMap<String, AdapterUse> = BTreeMap::new();
    for row in adapters {
        let Some(luid) = luid(&row.name) else { continue };
        // A card of several GPUs that are used as one has a row for each.
        let sum = found.entry(luid.clone()).or_insert_with(|| AdapterUse { luid, ..AdapterUse::default() });
        sum.dedicated = Bytes(sum.dedicated.0.saturating_add(row.dedicated_usage));
        sum.shared = Bytes(sum.shared.0.saturating_add(row.shared_usage));
    }
    for adapter in found.values_mut() {
        let of_adapter = processes.iter().filter(|row| luid(&row.name).as_ref() == Some(&adapter.luid));
        let programs = of_adapter.map(|row| Program {
            name: pid(&row.name)
                .and_then(&name_of)
                .map_or_else(|| "a program that has ended".to_owned(), |name| programs::file_name(&name)),
            memory: Some(Bytes(row.dedicated_usage.saturating_add(row.shared_usage))),
            processes: 1,
        });
        adapter.programs = programs::by_name(programs);
    }
    found.into_values().collect()
}

/// The adapter in a row's name, high half first: "00000000:0001048f".
fn luid(name: &str) -> Option<String> {
    let mut halves = name.split_once("luid_")?.1.split('_');
    let mut half = || u32::from_str_radix(halves.next()?.strip_prefix("0x")?, 16).ok();
    Some(luid_text(half()?, half()?))
}

/// The text that adapters are joined by.
pub(super) fn luid_text(high: u32, low: u32) -> String {
    format!("{high:08x}:{low:08x}")
}

/// The process in a row's name.
fn pid(name: &str) -> Option<u32> {
    name.strip_prefix("pid_")?.split('_').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str, dedicated: u64, shared: u64) -> Row {
        Row { name: name.to_owned(), dedicated_usage: dedicated << 20, shared_usage: shared << 20 }
    }

    #[test]
    fn use_of_each_adapter_and_who_holds_it() {
        let adapters = [
            row("luid_0x00000000_0x0001048F_phys_0", 3000, 100),
            row("luid_0x00000000_0x0000D3B5_phys_0", 0, 900),
            row("something else", 7, 7),
        ];
        let processes = [
            row("pid_4242_luid_0x00000000_0x0001048F_phys_0", 2000, 50),
            row("pid_4243_luid_0x00000000_0x0001048F_phys_0", 500, 0),
            row("pid_1_luid_0x00000000_0x0000D3B5_phys_0", 0, 800),
        ];
        let name_of = |pid| (pid > 100).then(|| "C:\\Users\\Alice\\game.exe".to_owned());
        let found = uses(&adapters, &processes, name_of);
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].luid.as_str(), found[0].shared), ("00000000:0000d3b5", Bytes(900 << 20)));
        assert_eq!(found[0].programs[0].name, "a program that has ended");
        let [game] = found[1].programs.as_slice() else { panic!("{found:?}") };
        assert_eq!((game.name.as_str(), game.processes), ("game.exe", 2));
        assert_eq!(game.memory, Some(Bytes(2550 << 20)));
    }

    #[test]
    fn names_that_are_none() {
        for name in ["", "luid_", "luid_0x1", "luid_1_2", "pid_4_luid_0xzz_0x1"] {
            assert_eq!(luid(name), None, "{name}");
        }
        assert_eq!((pid("pid_12_luid"), pid("pid_x"), pid("luid")), (Some(12), None, None));
    }
}
