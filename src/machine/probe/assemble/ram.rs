//! Main memory: how much there is, and how fast it is.

use std::collections::BTreeSet;

use super::super::super::bandwidth::ReadBandwidth;
use super::super::super::memory::Taken;
use super::super::super::table::{CpuPlatform, CpuPlatforms};
use super::super::super::{Known, Ram};
use super::super::FROM_MODULES;
use super::super::findings::{Findings, Module, System};
use super::host;
use super::order::Bandwidth;

/// Width of a memory channel of modules, bits.
const CHANNEL_BITS: u32 = 64;
/// Modules that run at less than this share of what they are sold for have their profile off.
const PROFILE_OFF: f64 = 0.95;
/// What is measured reaches at least this share of what is right in theory; with a channel less it does not.
const LEAST_REACHED: f64 = 0.72;

pub(super) fn ram(findings: &Findings, system: &System) -> Ram {
    let names = [&system.cpu, &system.board];
    let platform = names.into_iter().flatten().find_map(|name| CpuPlatforms::embedded().find(name));
    let fitted = fitted(&system.modules, platform);
    let mut ram = size(system);
    ram.channels = fitted.as_ref().map(|fitted| fitted.channels.clone());
    let measured = findings.read_bandwidth.as_ref().filter(|read| is_of(read, system));
    ram.measured_gbs = measured.map(ReadBandwidth::known);
    ram.notes = notes(system, platform, fitted.as_ref(), measured);
    ram.modules.clone_from(&system.modules);
    ram.programs = findings.programs.clone().unwrap_or_default();
    ram.bandwidth_gbs = Bandwidth {
        live: fitted.map(|fitted| fitted.bandwidth_gbs),
        measured: ram.measured_gbs.clone(),
        table: platform.map(CpuPlatform::bandwidth),
    }
    .best();
    ram
}

/// Whether it was measured on this computer, by what a machine says of itself: a measurement was given that.
fn is_of(read: &ReadBandwidth, system: &System) -> bool {
    let cpu = host::name(system).value;
    let sizes = [Some(system.memory_total), system.memory_installed];
    sizes.into_iter().flatten().any(|size| read.is_of(Some(&cpu), size))
}

/// All of it, or what a container may use.
fn size(system: &System) -> Ram {
    let seen = Known::new(system.memory_total, "operating system");
    if let Some(group) = system.cgroup.filter(|group| group.limit < system.memory_total) {
        let left = group.available.min(system.memory_available);
        let source = "what is left of the limit of this container or control group";
        let limit = Known::new(group.limit, "memory limit of this container or control group");
        return Ram {
            taken: Taken::undivided(group.limit, left, source),
            installed: Some(seen),
            ..Ram::new(limit, Known::new(left, source))
        };
    }
    let available = Known::new(system.memory_available, "operating system");
    let taken = match system.kernel {
        Some(kernel) => {
            let source = "/proc/meminfo: SUnreclaim, KernelStack, PageTables, Percpu";
            let kernel = Known::new(kernel, source);
            Taken::between(seen.value, available.value, kernel, "operating system")
        }
        None => Taken::undivided(seen.value, available.value, "operating system"),
    };
    // More is fitted than the system sees where firmware keeps a part for a GPU.
    let installed = system.memory_installed.filter(|installed| *installed > system.memory_total);
    Ram {
        taken,
        installed: installed.map(|installed| Known::new(installed, "operating system, from the firmware")),
        ..Ram::new(seen, available)
    }
}

/// What the modules that are fitted say.
#[derive(Debug)]
struct Fitted {
    channels: Known<u32>,
    bandwidth_gbs: Known<f64>,
}

/// Channels and theoretical bandwidth, GB/s, of the modules that are fitted, at the speed that they run at.
///
/// The number of channels is not that of the modules: two may share one. It comes from the names of the
/// banks where they tell, else from the processor's platform.
fn fitted(modules: &[Module], platform: Option<&CpuPlatform>) -> Option<Fitted> {
    let (first, others) = modules.split_first()?;
    let speed = modules.iter().map(|module| module.speed_mts).min()??;
    if others.iter().any(|other| other.kind != first.kind) {
        return None;
    }
    let of_platform = platform.and_then(|platform| Some((platform.channels?, platform.channel_bits?)));
    let (channels, bits, how) = if is_soldered(first) {
        // Soldered, so always complete; firmware counts its chips in every way.
        let (channels, bits) = of_platform?;
        (channels, bits, "soldered, as the platform has them")
    } else {
        let fitted = modules.len().try_into().ok()?;
        let most = of_platform.map_or(u32::MAX, |(channels, _)| channels);
        match named_channels(modules) {
            Some(named) => (named.min(most), CHANNEL_BITS, "firmware, by the names of banks and slots"),
            None => (of_platform?.0.min(fitted), CHANNEL_BITS, "modules, at most what the platform has"),
        }
    };
    let gbs = f64::from(speed) * f64::from(channels * bits) / 8.0 / 1e3;
    let source = format!("{FROM_MODULES}{}-{speed} ×{channels}, theoretical", first.kind);
    Some(Fitted {
        channels: Known::new(channels, how),
        bandwidth_gbs: Known::new((gbs * 10.0).round() / 10.0, source),
    })
}

fn is_soldered(module: &Module) -> bool {
    module.kind.starts_with("LPDDR")
}

/// What is to be said: why nothing is known of the modules, and what makes them slower than they could be.
fn notes(
    system: &System,
    platform: Option<&CpuPlatform>,
    fitted: Option<&Fitted>,
    measured: Option<&ReadBandwidth>,
) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(reason) = &system.modules_refused {
        notes.push(format!("Speed and channels of the modules are not known: {reason}"));
    }
    let slowed = system.modules.iter().find_map(|module| {
        let (speed, rated) = module.speed_mts.zip(module.rated_mts)?;
        (f64::from(speed) < PROFILE_OFF * f64::from(rated)).then_some((speed, rated))
    });
    if let Some((speed, rated)) = slowed {
        notes.push(format!(
            "The memory runs at {speed} of the {rated} MT/s that it is sold for: its profile (XMP or EXPO) may \
             be off in the firmware"
        ));
    }
    let most = platform.and_then(|platform| platform.channels);
    if let (Some(fitted), Some(most)) = (fitted, most)
        && fitted.channels.value < most
    {
        let channels = fitted.channels.value;
        notes.push(format!("{channels} of {most} memory channels are filled: more modules make it faster"));
    }
    let theory = match fitted {
        Some(fitted) => Some(fitted.bandwidth_gbs.value),
        None => platform.map(|platform| platform.theoretical_gbs),
    };
    if let (Some(ReadBandwidth { gbs: measured, .. }), Some(theory)) = (measured, theory)
        && *measured < LEAST_REACHED * theory
    {
        notes.push(format!(
            "Measured {measured:.1} of {theory:.1} GB/s that the memory should reach: a channel may be missing \
             (a module that is not recognised, or slots that share a channel)"
        ));
    }
    notes
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
    use super::super::super::super::bandwidth::identity;
    use super::super::super::super::{Machine, Os};
    use super::*;
    use crate::units::Bytes;

    fn module(kind: &str, speed: u32, slot: &str, bank: &str) -> Module {
        Module {
            size: Bytes::from_gib(16.0),
            kind: kind.to_owned(),
            speed_mts: Some(speed),
            rated_mts: None,
            width_bits: None,
            slot: slot.to_owned(),
            bank: bank.to_owned(),
        }
    }

    fn gbs(cpu: &str, modules: Vec<Module>) -> Option<f64> {
        let system = System { cpu: Some(cpu.to_owned()), modules, ..System::default() };
        ram(&Findings::default(), &system).bandwidth_gbs.map(|known| known.value)
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

    fn system(cpu: &str, modules: Vec<Module>) -> System {
        let memory_total = Bytes::from_gib(64.0);
        System { cpu: Some(cpu.to_owned()), memory_total, modules, ..System::default() }
    }

    fn measured(cpu: &str, gbs: f64) -> ReadBandwidth {
        ReadBandwidth {
            gbs,
            best_gbs: gbs,
            date: "2026-01-02T03:04:05Z".to_owned(),
            threads: 8,
            pinned: true,
            buffer: Bytes::from_mib(512),
            repetitions: 15,
            on_battery: None,
            load: None,
            cpu: Some(cpu.to_owned()),
            memory_total: Bytes::from_gib(64.0),
        }
    }

    fn noted(cpu: &str, modules: Vec<Module>, gbs: Option<f64>) -> Vec<String> {
        let read_bandwidth = gbs.map(|gbs| measured(cpu, gbs));
        ram(&Findings { read_bandwidth, ..Findings::default() }, &system(cpu, modules)).notes
    }

    #[test]
    fn a_measured_bandwidth_counts_more_than_the_table_and_less_than_the_modules() {
        const CPU: &str = "AMD Ryzen 9 5950X 16-Core Processor";
        let with = |modules: Vec<Module>, read: &ReadBandwidth| {
            let findings = Findings { read_bandwidth: Some(read.clone()), ..Findings::default() };
            ram(&findings, &system(CPU, modules))
        };
        assert_eq!(gbs(CPU, Vec::new()), Some(51.2));
        let here = measured(CPU, 41.5);
        assert_eq!(with(Vec::new(), &here).bandwidth_gbs, Some(here.known()));
        // One that was taken on another computer is not used.
        let elsewhere = with(Vec::new(), &measured(AM5, 41.5));
        assert_eq!(elsewhere.bandwidth_gbs.unwrap().value, 51.2);
        assert_eq!(elsewhere.measured_gbs, None);
        let modules = ["P0 CHANNEL A", "P0 CHANNEL B"].map(|bank| module("DDR4", 3600, "", bank));
        let fitted = with(modules.into(), &here);
        assert_eq!(fitted.bandwidth_gbs.unwrap().value, 57.6);
        assert_eq!(fitted.measured_gbs, Some(here.known()), "it is shown beside");
    }

    #[test]
    fn what_slows_the_memory_is_said() {
        let sold_for =
            |rated| Module { rated_mts: Some(rated), ..module("DDR5", 4800, "DIMM 1", "P0 CHANNEL A") };
        let [profile, channel] = noted(AM5, vec![sold_for(6000)], None).try_into().unwrap();
        assert!(profile.contains("4800 of the 6000 MT/s"), "{profile}");
        assert!(channel.contains("1 of 2 memory channels"), "{channel}");
        let both = vec![sold_for(4800), module("DDR5", 4800, "DIMM 2", "P0 CHANNEL B")];
        assert_eq!(noted(AM5, both, None), [""; 0]);
    }

    #[test]
    fn a_measurement_far_below_theory_points_at_a_channel() {
        let threadripper = "AMD Ryzen Threadripper PRO 5975WX 32-Cores";
        let [note] = noted(threadripper, Vec::new(), Some(69.8)).try_into().unwrap();
        assert!(note.contains("69.8") && note.contains("channel may be missing"), "{note}");
        assert_eq!(noted(threadripper, Vec::new(), Some(170.0)), [""; 0]);
    }

    #[test]
    fn a_measurement_is_of_the_machine_that_it_was_given() {
        let systems = [
            // Firmware keeps a part for the GPU.
            System { memory_installed: Some(Bytes::from_gib(96.0)), ..system(AM5, Vec::new()) },
            System { cpu: None, board: Some("Raspberry Pi 5".to_owned()), ..system("", Vec::new()) },
            System { cpu: None, ..system("", Vec::new()) },
        ];
        for system in systems {
            let ram = ram(&Findings::default(), &system);
            let machine =
                Machine { cpu: Some(host::cpu(&system)), ram: Some(ram), ..Machine::named("", Os::Linux) };
            let mut read = measured("", 40.0);
            (read.cpu, read.memory_total) = identity(&machine);
            assert!(is_of(&read, &system), "{read:?}");
        }
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
}
