//! Processor and main memory.

use std::collections::BTreeSet;

use super::super::super::bandwidth::ReadBandwidth;
use super::super::super::memory::Taken;
use super::super::super::table::{CpuPlatform, CpuPlatforms};
use super::super::super::{Cpu, Known, Ram};
use super::super::FROM_MODULES;
use super::super::findings::{Module, System};

/// Width of a memory channel of modules, bits.
const CHANNEL_BITS: u32 = 64;

pub(super) fn cpu(system: &System) -> Cpu {
    let name = match (&system.cpu, &system.board) {
        (Some(name), _) => Known::new(name.clone(), "operating system"),
        (None, Some(board)) => Known::new(board.clone(), "device tree"),
        (None, None) => Known::new("Unnamed processor".to_owned(), "the operating system gives no name"),
    };
    let known = |count: u32| Known::new(count, "operating system");
    Cpu { name, cores: system.cores.map(known), threads: system.threads.map(known) }
}

/// Main memory; `measured` is its bandwidth as it was measured on a computer, perhaps this one.
pub(super) fn ram(system: &System, measured: Option<&ReadBandwidth>) -> Ram {
    let names = [&system.cpu, &system.board];
    let platform = names.into_iter().flatten().find_map(|name| CpuPlatforms::embedded().find(name));
    let seen = Known::new(system.memory_total, "operating system");
    let group = system.cgroup.filter(|group| group.limit < system.memory_total);
    let (total, available, taken, installed) = if let Some(group) = group {
        let left = group.available.min(system.memory_available);
        let source = "what is left of the limit of this container or control group";
        let taken = Taken::undivided(group.limit, left, source);
        let limit = Known::new(group.limit, "memory limit of this container or control group");
        (limit, Known::new(left, source), taken, Some(seen))
    } else {
        let available = Known::new(system.memory_available, "operating system");
        let taken = match system.kernel {
            Some(kernel) => {
                let source = "/proc/meminfo: SUnreclaim, KernelStack, PageTables, Percpu";
                let kernel = Known::new(kernel, source);
                Taken::between(seen.value, available.value, kernel, "operating system")
            }
            None => Taken::undivided(seen.value, available.value, "operating system"),
        };
        (seen, available, taken, None)
    };
    let measured = measured.filter(|read| read.is_of(system.cpu.as_deref(), system.memory_total));
    let measured_gbs = measured.map(ReadBandwidth::known);
    let bandwidth_gbs = fitted_bandwidth(&system.modules, platform)
        .or_else(|| measured_gbs.clone())
        .or_else(|| platform.map(CpuPlatform::bandwidth));
    Ram { total, available, taken, installed, bandwidth_gbs, measured_gbs }
}

/// Theoretical bandwidth, GB/s, of the modules that are fitted, at the speed that they run at.
///
/// The number of channels is not that of the modules: two may share one. It comes from the names of the
/// banks where they tell, else from the processor's platform.
fn fitted_bandwidth(modules: &[Module], platform: Option<&CpuPlatform>) -> Option<Known<f64>> {
    let (first, others) = modules.split_first()?;
    let speed = modules.iter().map(|module| module.speed_mts).min()??;
    if others.iter().any(|other| other.kind != first.kind) {
        return None;
    }
    let of_platform = platform.and_then(|platform| Some((platform.channels?, platform.channel_bits?)));
    let (channels, bits) = if first.kind.starts_with("LPDDR") {
        // Soldered, so always complete; firmware counts its chips in every way.
        of_platform?
    } else {
        let fitted = modules.len().try_into().ok()?;
        let most = of_platform.map_or(u32::MAX, |(channels, _)| channels);
        match named_channels(modules) {
            Some(named) => (named.min(most), CHANNEL_BITS),
            None => (of_platform?.0.min(fitted), CHANNEL_BITS),
        }
    };
    let gbs = f64::from(speed) * f64::from(channels * bits) / 8.0 / 1e3;
    let source = format!("{FROM_MODULES}{}-{speed} in {channels} channels, theoretical", first.kind);
    Some(Known::new((gbs * 10.0).round() / 10.0, source))
}

/// How many channels the names of slots and banks tell apart; `None` if one of them names no channel.
fn named_channels(modules: &[Module]) -> Option<u32> {
    let channels: Option<BTreeSet<String>> =
        modules.iter().map(|module| channel(&module.bank).or_else(|| channel(&module.slot))).collect();
    u32::try_from(channels?.len()).ok()
}

/// The channel in a name such as "P0 CHANNEL A", "ChannelB-DIMM0" or "Controller1-ChannelA", with what
/// stands before it, since each socket or controller counts its own.
fn channel(name: &str) -> Option<String> {
    let lower = name.to_lowercase();
    let (before, after) = lower.split_once("channel")?;
    let letter =
        after.trim_start_matches([' ', '_', '-']).chars().next().filter(char::is_ascii_alphanumeric)?;
    Some(format!("{before}{letter}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Bytes;

    fn module(kind: &str, speed: u32, slot: &str, bank: &str) -> Module {
        Module {
            size: Bytes::from_gib(16.0),
            kind: kind.to_owned(),
            speed_mts: Some(speed),
            slot: slot.to_owned(),
            bank: bank.to_owned(),
        }
    }

    fn gbs(cpu: &str, modules: Vec<Module>) -> Option<f64> {
        let system = System { cpu: Some(cpu.to_owned()), modules, ..System::default() };
        ram(&system, None).bandwidth_gbs.map(|known| known.value)
    }

    const AM5: &str = "AMD Ryzen 9 7950X 16-Core Processor";

    #[test]
    fn four_modules_in_two_channels() {
        let banks = ["P0 CHANNEL A", "P0 CHANNEL A", "P0 CHANNEL B", "P0 CHANNEL B"];
        let modules = banks.iter().map(|bank| module("DDR5", 3600, "DIMM", bank)).collect();
        assert_eq!(gbs(AM5, modules), Some(57.6));
        let unnamed = (0..4).map(|n| module("DDR5", 3600, &format!("DIMM {n}"), "BANK")).collect();
        assert_eq!(gbs(AM5, unnamed), Some(57.6), "the platform has two channels");
    }

    #[test]
    fn a_profile_that_is_off_and_a_module_that_is_missing() {
        let one = vec![module("DDR5", 4800, "DIMM 1", "P0 CHANNEL A")];
        assert_eq!(gbs(AM5, one), Some(38.4));
        let names = ["Controller0-ChannelA-DIMM0", "Controller1-ChannelA-DIMM0"];
        let ddr4 = names.iter().map(|slot| module("DDR4", 3200, slot, "BANK 0")).collect();
        assert_eq!(gbs("Core i9-14900K", ddr4), Some(51.2), "the name of the processor would say DDR5");
    }

    #[test]
    fn an_unknown_processor_needs_named_channels() {
        assert_eq!(gbs("Unheard-of", vec![module("DDR4", 2666, "Slot 1", "")]), None);
        let named =
            vec![module("DDR4", 2666, "Slot 1", "ChannelA"), module("DDR4", 2666, "Slot 2", "ChannelB")];
        assert_eq!(gbs("Unheard-of", named), Some(42.7));
    }

    #[test]
    fn soldered_memory_is_as_wide_as_the_platform() {
        let chips = (0..8).map(|n| module("LPDDR5", 8000, &format!("DIMM {n}"), "BANK")).collect();
        assert_eq!(gbs("AMD RYZEN AI MAX+ 395 w/ Radeon 8060S", chips), Some(256.0));
    }

    #[test]
    fn modules_that_do_not_agree_or_say_nothing_leave_the_platform() {
        let mixed = vec![module("DDR5", 4800, "A", ""), module("DDR4", 4800, "B", "")];
        assert_eq!(gbs(AM5, mixed), Some(83.2));
        let silent = vec![Module { speed_mts: None, ..module("RAM", 1, "DIMM 0", "") }];
        assert_eq!(gbs(AM5, silent), Some(83.2));
        assert_eq!(gbs("AMD EPYC", Vec::new()), None);
    }

    fn measured(cpu: &str) -> ReadBandwidth {
        ReadBandwidth {
            gbs: 41.5,
            best_gbs: 42.0,
            date: "2026-01-02T03:04:05Z".to_owned(),
            threads: 8,
            pinned: true,
            buffer: Bytes(512 << 20),
            repetitions: 15,
            on_battery: None,
            load: None,
            cpu: Some(cpu.to_owned()),
            memory_total: Bytes(64 << 30),
        }
    }

    #[test]
    fn a_measured_bandwidth_counts_more_than_the_table_and_less_than_the_modules() {
        const CPU: &str = "AMD Ryzen 9 5950X 16-Core Processor";
        let mut system =
            System { cpu: Some(CPU.to_owned()), memory_total: Bytes(64 << 30), ..System::default() };
        let known = |system: &System, read: Option<&ReadBandwidth>| ram(system, read).bandwidth_gbs.unwrap();
        assert_eq!(known(&system, None).value, 51.2);
        let here = measured(CPU);
        assert_eq!(known(&system, Some(&here)), here.known());
        // One that was taken on another computer is not used.
        let elsewhere = measured("AMD Ryzen 9 7950X 16-Core Processor");
        assert_eq!(known(&system, Some(&elsewhere)).value, 51.2);
        assert_eq!(ram(&system, Some(&elsewhere)).measured_gbs, None);
        let module = |bank: &str| Module {
            size: Bytes(32 << 30),
            kind: "DDR4".to_owned(),
            speed_mts: Some(3600),
            slot: String::new(),
            bank: bank.to_owned(),
        };
        system.modules = vec![module("P0 CHANNEL A"), module("P0 CHANNEL B")];
        let fitted = ram(&system, Some(&here));
        assert_eq!(fitted.bandwidth_gbs.unwrap().value, 57.6);
        assert_eq!(fitted.measured_gbs, Some(here.known()), "it is shown beside");
    }
}
