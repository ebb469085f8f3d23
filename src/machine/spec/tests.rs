use super::super::Pool;
use super::gpu::vendor_of;
use super::*;
use crate::units::{Bytes, GIB};

fn gpu(name: &str) -> GpuSpec {
    GpuSpec::named(name)
}

fn machine(gpus: Vec<GpuSpec>) -> MachineSpec {
    MachineSpec { gpus, ram_gib: Some(64.0), ram_bandwidth_gbs: Some(83.2), ..MachineSpec::default() }
}

#[test]
fn a_named_card_has_the_values_of_the_table() {
    let Described { machine, warnings } = machine(vec![gpu("rtx 4090")]).resolve().unwrap();
    assert_eq!(warnings, [""; 0]);
    let card = &machine.gpus[0];
    assert_eq!(card.name.value, "NVIDIA GeForce RTX 4090");
    assert_eq!(card.memory_total, Some(Known::new(Bytes(24 * GIB), TABLE)));
    assert_eq!(card.bandwidth_gbs, Some(Known::new(1008.0, "hardware table")));
    assert_eq!(card.power_watts.as_ref().unwrap().value, 450.0);
    assert_eq!(card.memory_free.as_ref().unwrap().value, Bytes(24 * GIB - 500_000_000));
    assert_eq!(card.compute_units, Some(128));
    let ram = machine.ram.unwrap();
    assert_eq!(ram.total.value, Bytes(64 * GIB));
    assert_eq!(ram.available.value, Bytes::from_gib(61.5));
    assert_eq!(machine.os, Os::Linux);
}

#[test]
fn given_values_win_over_the_table() {
    let given = GpuSpec {
        vram_gib: Some(48.0),
        free_gib: Some(47.0),
        bandwidth_gbs: Some(900.0),
        power_watts: Some(300.0),
        ..gpu("NVIDIA GeForce RTX 4090")
    };
    let Described { machine, warnings } = machine(vec![given]).resolve().unwrap();
    let card = &machine.gpus[0];
    assert_eq!(card.memory_total, Some(Known::new(Bytes(48 * GIB), GIVEN)));
    assert_eq!(card.memory_free, Some(Known::new(Bytes(47 * GIB), GIVEN)));
    assert_eq!(card.bandwidth_gbs, Some(Known::new(900.0, GIVEN)));
    assert_eq!(card.power_watts, Some(Known::new(300.0, GIVEN)));
    assert!(warnings.iter().any(|w| w.contains("48 GiB")), "a contradiction is said: {warnings:?}");
}

#[test]
fn speed_and_channels_say_how_fast_the_memory_is() {
    let ram = |ram_mts, ram_channels, cpu: Option<&str>| {
        let spec = MachineSpec {
            ram_gib: Some(64.0),
            ram_type: Some("DDR5".to_owned()),
            ram_mts,
            ram_channels,
            cpu: cpu.map(str::to_owned),
            ..MachineSpec::default()
        };
        spec.resolve().unwrap().machine.ram.unwrap().bandwidth_gbs
    };
    let both = ram(Some(6000), Some(2), None).unwrap();
    assert_eq!((both.value, both.source.as_str()), (96.0, "given: DDR5-6000 ×2, theoretical"));
    let am5 = Some("AMD Ryzen 9 7950X");
    assert_eq!(ram(Some(6000), None, am5).unwrap().value, 96.0, "the platform has two channels");
    assert_eq!(ram(None, Some(1), am5).unwrap().value, 41.6, "the platform runs at 5200");
    assert_eq!(ram(Some(6000), None, None), None);
}

#[test]
fn the_link_is_as_given_or_as_the_card_was_built() {
    let link = |gpu: GpuSpec| {
        let machine = machine(vec![gpu]).resolve().unwrap().machine;
        machine.gpus[0].pcie.as_ref().map(|known| (known.value.generation, known.value.lanes))
    };
    assert_eq!(link(gpu("RTX 4090")), Some((4, 16)));
    assert_eq!(link(GpuSpec { pcie_lanes: Some(4), ..gpu("RTX 4090") }), Some((4, 4)));
    assert_eq!(
        link(GpuSpec { pcie_generation: Some(3), pcie_lanes: Some(1), ..gpu("RTX 4090") }),
        Some((3, 1))
    );
}

#[test]
fn an_unknown_card_needs_its_memory_and_bandwidth() {
    let error = machine(vec![gpu("RTX 9999")]).resolve().unwrap_err();
    assert!(matches!(error, SpecError::UnknownGpu(_)));
    let half = GpuSpec { vram_gib: Some(16.0), ..gpu("RTX 9999") };
    assert!(machine(vec![half.clone()]).resolve().is_err());
    let whole = GpuSpec { bandwidth_gbs: Some(700.0), ..half };
    let card = machine(vec![whole]).resolve().unwrap().machine.gpus.remove(0);
    assert_eq!((card.name.value.as_str(), card.vendor), ("RTX 9999", Vendor::Nvidia));
    assert_eq!(card.architecture, None);
}

#[test]
fn equal_cards_are_expanded_and_one_drives_the_screen() {
    let two = GpuSpec { count: 2, ..gpu("RTX 3090") };
    let gpus = machine(vec![two, gpu("RTX 4090")]).resolve().unwrap().machine.gpus;
    let names: Vec<&str> = gpus.iter().map(|gpu| gpu.name.value.as_str()).collect();
    assert_eq!(names, ["NVIDIA GeForce RTX 3090", "NVIDIA GeForce RTX 3090", "NVIDIA GeForce RTX 4090"]);
    let kept = |i: usize| 24 * GIB - gpus[i].memory_free.as_ref().unwrap().value.0;
    assert_eq!([kept(0), kept(1), kept(2)], [500_000_000, 50_000_000, 50_000_000]);
}

#[test]
fn the_pool_of_a_mac_is_its_ram() {
    let spec =
        MachineSpec { gpus: vec![gpu("Apple M4 Max")], ram_gib: Some(128.0), ..MachineSpec::default() };
    let Described { machine, .. } = spec.resolve().unwrap();
    assert_eq!(machine.os, Os::Macos);
    let chip = &machine.gpus[0];
    assert_eq!(chip.pool, Pool::Unified);
    assert_eq!(chip.memory_total.as_ref().unwrap().value, Bytes(128 * GIB));
    assert_eq!(chip.memory_free.as_ref().unwrap().value, Bytes(96 * GIB));
    assert_eq!(chip.bandwidth_gbs.as_ref().unwrap().value, 546.0, "128 GiB: the 40-core chip");
    let ram = machine.ram.unwrap();
    assert_eq!(ram.bandwidth_gbs.unwrap().value, 546.0, "one memory");
    assert_eq!(ram.available.value, Bytes(124 * GIB));
}

#[test]
fn a_pool_given_as_vram_is_the_whole_memory() {
    let chip = GpuSpec { vram_gib: Some(64.0), ..gpu("Apple M1 Max") };
    let spec = MachineSpec { gpus: vec![chip], ..MachineSpec::default() };
    let Described { machine, warnings } = spec.resolve().unwrap();
    assert_eq!(machine.ram.unwrap().total.value, Bytes(64 * GIB));
    assert!(!warnings.iter().any(|w| w.contains("ram_gib")), "{warnings:?}");
}

#[test]
fn free_memory_wins_over_the_table_but_not_over_the_capacity_given() {
    let card = GpuSpec { free_gib: Some(30.0), ..gpu("RTX 4090") };
    let Described { machine: found, warnings } = machine(vec![card.clone()]).resolve().unwrap();
    assert_eq!(found.gpus[0].memory_total.as_ref().unwrap().value, Bytes(30 * GIB));
    assert!(warnings[0].contains("free_gib"), "{warnings:?}");
    let card = GpuSpec { vram_gib: Some(24.0), ..card };
    let Described { machine: found, warnings } = machine(vec![card]).resolve().unwrap();
    assert_eq!(found.gpus[0].memory_total.as_ref().unwrap().value, Bytes(24 * GIB));
    assert!(warnings[0].contains("free_gib"), "{warnings:?}");
}

#[test]
fn free_memory_of_a_pool_is_not_more_than_is_free() {
    let spec = MachineSpec {
        gpus: vec![gpu("Apple M4 Max")],
        ram_gib: Some(128.0),
        ram_free_gib: Some(40.0),
        ..MachineSpec::default()
    };
    let chip = spec.resolve().unwrap().machine.gpus.remove(0);
    assert_eq!(chip.memory_free.unwrap().value, Bytes(40 * GIB));
}

#[test]
fn several_unified_chips_are_several_computers() {
    let error = machine(vec![GpuSpec { count: 2, ..gpu("Apple M4 Max") }]).resolve().unwrap_err();
    assert!(matches!(error, SpecError::SharedTwice { count: 2, .. }), "{error}");
}

#[test]
fn what_is_left_out_is_assumed_and_said() {
    let Described { machine, warnings } = MachineSpec::default().resolve().unwrap();
    assert!(machine.gpus.is_empty() && machine.cpu.is_none());
    let ram = machine.ram.unwrap();
    assert_eq!(ram.total, Known::new(Bytes(64 * GIB), "assumed"));
    assert_eq!(ram.bandwidth_gbs, None);
    assert_eq!(warnings.len(), 1);
    assert!(warnings[0].contains("64 GiB"), "{warnings:?}");
}

#[test]
fn the_processor_says_how_fast_its_memory_is() {
    let spec = MachineSpec {
        cpu: Some("AMD Ryzen 9 7950X".to_owned()),
        ram_gib: Some(32.0),
        ..MachineSpec::default()
    };
    let Described { machine, warnings } = spec.resolve().unwrap();
    assert_eq!(machine.ram.unwrap().bandwidth_gbs.unwrap().value, 83.2);
    assert_eq!(warnings, [""; 0]);

    let spec = MachineSpec { cpu: Some("Abacus 1".to_owned()), ..spec };
    let Described { machine, warnings } = spec.resolve().unwrap();
    assert_eq!(machine.ram.unwrap().bandwidth_gbs, None);
    assert!(warnings[0].contains("Abacus 1"), "{warnings:?}");
}

#[test]
fn servers_keep_less_than_desktops() {
    let spec = MachineSpec { cpu: Some("AMD EPYC 9654".to_owned()), ..machine(vec![gpu("RTX 4090")]) };
    let machine = spec.resolve().unwrap().machine;
    assert_eq!(machine.ram.unwrap().available.value, Bytes(63 * GIB));
    assert_eq!(machine.gpus[0].memory_free.as_ref().unwrap().value, Bytes(24 * GIB - 50_000_000));
}

#[test]
fn makers_of_unknown_names() {
    assert_eq!(vendor_of("NVIDIA Foo 1"), Vendor::Nvidia);
    assert_eq!(vendor_of("Radeon RX 99"), Vendor::Amd);
    assert_eq!(vendor_of("Intel Arc Z9"), Vendor::Intel);
    assert_eq!(vendor_of("Marc's card"), Vendor::Other, "arc is a word, not a part of one");
}

#[test]
fn what_is_not_free_is_told_apart() {
    let usual = machine(vec![gpu("RTX 4090")]).resolve().unwrap().machine;
    let taken = &usual.gpus[0].taken;
    assert_eq!((taken.reserved.as_ref().unwrap().value, &taken.used), (Bytes(500_000_000), &None));
    assert!(taken.reserved.as_ref().unwrap().source.contains("usually kept by a Linux desktop"));
    assert_eq!(usual.ram.unwrap().taken.reserved.unwrap().value, Bytes::from_gib(2.5));

    let busy = GpuSpec { free_gib: Some(20.0), ..gpu("RTX 4090") };
    let spec = MachineSpec { ram_free_gib: Some(50.0), ..machine(vec![busy]) };
    let busy = spec.resolve().unwrap().machine;
    let taken = &busy.gpus[0].taken;
    assert_eq!(taken.used.as_ref().unwrap().value, Bytes(4 * GIB - 500_000_000));
    assert_eq!(taken.used.as_ref().unwrap().source, NEITHER);
    assert_eq!(busy.ram.unwrap().taken.used.unwrap().value, Bytes::from_gib(11.5));
}

#[test]
fn an_apple_chip_is_one_pool_with_a_limit() {
    let spec = MachineSpec { ram_gib: Some(64.0), ..machine(vec![gpu("Apple M2 Max")]) };
    let mac = spec.resolve().unwrap().machine;
    let shared = mac.gpus[0].shared.as_ref().unwrap();
    assert_eq!(shared.total.value, Bytes(64 * GIB));
    assert_eq!(shared.limit.as_ref().unwrap().value, Bytes(48 * GIB));
    assert!(shared.limit.as_ref().unwrap().source.contains("macOS"));
    let spark = machine(vec![gpu("NVIDIA DGX Spark")]).resolve().unwrap().machine;
    assert_eq!(spark.gpus[0].shared.as_ref().unwrap().limit, None, "all of it");
}
