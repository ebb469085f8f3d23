use super::super::super::Vendor;
use super::super::bus;
use super::super::findings::{Bus, CgroupLimit, NvidiaDevice, System};
use super::super::tree::Tree;
use super::*;

const GIB: u64 = 1 << 30;

/// Files of a device, each under its folder on the bus.
fn device(tree: &Tree, address: &str, files: &[(&str, &str)]) {
    for (file, text) in files {
        tree.write(&format!("sys/bus/pci/devices/{address}/{file}"), text);
    }
}

fn amd(tree: &Tree, address: &str, id: &str, revision: &str, vram: u64, gtt: u64) {
    device(
        tree,
        address,
        &[
            ("class", "0x030000"),
            ("vendor", "0x1002"),
            ("device", id),
            ("revision", revision),
            ("mem_info_vram_total", &vram.to_string()),
            ("mem_info_vram_used", &(vram / 16).to_string()),
            ("mem_info_gtt_total", &gtt.to_string()),
            ("mem_info_gtt_used", "0"),
        ],
    );
}

fn system(total_gib: f64, available_gib: f64) -> System {
    System {
        cpu: Some("AMD Ryzen 9 7950X 16-Core Processor".to_owned()),
        cores: Some(16),
        threads: Some(32),
        memory_total: Bytes::from_gib(total_gib),
        memory_available: Bytes::from_gib(available_gib),
        ..System::default()
    }
}

fn machine(tree: &Tree, system: System, nvidia: Nvidia) -> Machine {
    assemble(&Findings {
        system: Some(system),
        bus: Some(bus::read(tree.path())),
        nvidia: Some(nvidia),
        ..Findings::default()
    })
}

fn gib(size: Option<&Known<Bytes>>) -> f64 {
    size.map_or(0.0, |known| known.value.gib())
}

#[test]
fn a_card_of_amd() {
    let tree = Tree::new(&[]);
    amd(&tree, "0000:0c:00.0", "0x744c", "0xc8", 24 * GIB, 32 * GIB);
    device(
        &tree,
        "0000:0c:00.0",
        &[
            ("pp_dpm_mclk", "0: 96Mhz\n1: 456Mhz\n2: 1249Mhz *\n"),
            ("hwmon/hwmon3/power1_cap", "339000000\n"),
            ("hwmon/hwmon3/power1_cap_min", "305000000\n"),
            ("hwmon/hwmon3/power1_cap_max", "390000000\n"),
            ("max_link_speed", "16.0 GT/s PCIe"),
            ("current_link_width", "16"),
        ],
    );
    let machine = machine(&tree, system(64.0, 60.0), Nvidia::NoDriver);
    let [gpu] = machine.gpus.as_slice() else { panic!("{machine:?}") };
    assert_eq!(machine.name, "AMD Radeon RX 7900 XTX");
    assert_eq!(gpu.table_id.as_deref(), Some("amd-radeon-rx-7900-xtx"));
    assert_eq!((gpu.pool, gpu.vendor, gpu.compute_units), (Pool::Discrete, Vendor::Amd, Some(96)));
    assert_eq!(gib(gpu.memory_total.as_ref()), 24.0);
    assert_eq!(gib(gpu.memory_free.as_ref()), 22.5);
    assert_eq!(gib(gpu.taken.used.as_ref()), 1.5);
    assert!(gpu.taken.used.as_ref().unwrap().source.starts_with("sysfs mem_info_vram_used"));
    assert_eq!((&gpu.taken.reserved, &gpu.shared), (&None, &None), "the driver does not tell them apart");
    assert_eq!(gpu.bandwidth_gbs, Some(Known::new(960.0, "hardware table")));
    assert_eq!(gpu.power_watts, Some(Known::new(339.0, "sysfs power1_cap")));
    let range = gpu.power_range.as_ref().map(|known| known.value);
    assert_eq!(range, Some((305.0, 390.0)));
    let pcie = gpu.pcie.as_ref().unwrap().value;
    assert_eq!((pcie.generation, pcie.lanes), (4, 16));
    assert_eq!(machine.ram.unwrap().bandwidth_gbs.unwrap().value, 83.2);
    assert_eq!(machine.problems, []);
}

#[test]
fn slower_memory_than_the_table_s_is_seen() {
    let tree = Tree::new(&[]);
    amd(&tree, "0000:03:00.0", "0x67df", "0xc7", 8 * GIB, 8 * GIB);
    device(&tree, "0000:03:00.0", &[("pp_dpm_mclk", "0: 300Mhz\n1: 1750Mhz *\n")]);
    let machine = machine(&tree, system(32.0, 30.0), Nvidia::NoDriver);
    let bandwidth = machine.gpus[0].bandwidth_gbs.clone().unwrap();
    assert_eq!(bandwidth.value, 224.0);
    assert!(bandwidth.source.contains("pp_dpm_mclk"), "{}", bandwidth.source);
}

#[test]
fn two_equal_cards_stay_two() {
    let tree = Tree::new(&[]);
    amd(&tree, "0000:03:00.0", "0x744c", "0xc8", 24 * GIB, 32 * GIB);
    amd(&tree, "0000:83:00.0", "0x744c", "0xc8", 24 * GIB, 32 * GIB);
    let machine = machine(&tree, system(128.0, 120.0), Nvidia::NoDriver);
    let addresses: Vec<_> = machine.gpus.iter().filter_map(|gpu| gpu.pci_address.as_deref()).collect();
    assert_eq!(addresses, ["0000:03:00.0", "0000:83:00.0"]);
    assert!(machine.gpus.iter().all(|gpu| gpu.name.value == "AMD Radeon RX 7900 XTX"));
}

#[test]
fn a_card_comes_before_the_processor_s_own() {
    let tree = Tree::new(&[]);
    amd(&tree, "0000:01:00.0", "0x164e", "0xc1", GIB / 2, 32 * GIB);
    amd(&tree, "0000:03:00.0", "0x744c", "0xc8", 24 * GIB, 32 * GIB);
    let machine = machine(&tree, system(64.0, 60.0), Nvidia::NoDriver);
    let pools: Vec<_> = machine.gpus.iter().map(|gpu| gpu.pool).collect();
    assert_eq!(pools, [Pool::Discrete, Pool::Unified]);
    assert_eq!(machine.gpus[1].bandwidth_gbs.as_ref().unwrap().value, 83.2, "it shares the RAM");
}

#[test]
fn pools_of_an_apu_are_added_and_capped_by_what_is_installed() {
    let tree = Tree::new(&[]);
    // 128 GiB installed: half a GiB carved out, and a driver told to lend more than there is.
    amd(&tree, "0000:c1:00.0", "0x1586", "0xc1", GIB / 2, 160 * GIB);
    let halo = machine(&tree, system(125.0, 110.0), Nvidia::NoDriver);
    let [gpu] = halo.gpus.as_slice() else { panic!("{halo:?}") };
    assert_eq!(gpu.pool, Pool::Unified);
    assert_eq!(gib(gpu.memory_total.as_ref()), 125.5);
    assert_eq!(gib(gpu.memory_free.as_ref()), 110.0 + 0.5 - 0.5 / 16.0);
    assert_eq!(gpu.bandwidth_gbs.as_ref().unwrap().value, 256.0);

    let tree = Tree::new(&[]);
    amd(&tree, "0000:c1:00.0", "0x1586", "0xc1", 96 * GIB, 16 * GIB);
    let halo = machine(&tree, system(31.0, 28.0), Nvidia::NoDriver);
    assert_eq!(gib(halo.gpus[0].memory_total.as_ref()), 112.0);
    assert_eq!(gib(halo.gpus[0].memory_free.as_ref()), 106.0);
}

#[test]
fn an_unknown_apu_is_known_by_its_sensors() {
    let tree = Tree::new(&[]);
    amd(&tree, "0000:c1:00.0", "0xfff0", "0x00", 8 * GIB, 24 * GIB);
    device(&tree, "0000:c1:00.0", &[("gpu_metrics", "\u{78}\0\u{3}\0rest")]);
    amd(&tree, "0000:c2:00.0", "0xfff1", "0x00", 8 * GIB, 24 * GIB);
    device(&tree, "0000:c2:00.0", &[("gpu_metrics", "\u{78}\0\u{1}\u{3}rest")]);
    let machine = machine(&tree, system(24.0, 20.0), Nvidia::NoDriver);
    let found: Vec<_> = machine.gpus.iter().map(|gpu| (gpu.name.value.as_str(), gpu.pool)).collect();
    assert_eq!(found, [("AMD GPU 1002:fff1", Pool::Discrete), ("AMD GPU 1002:fff0", Pool::Unified)]);
    assert!(machine.gpus[0].notes[0].contains("Not in the hardware table"));
    assert_eq!(machine.gpus[0].bandwidth_gbs, None);
}

#[test]
fn ids_that_several_devices_share_promise_the_least() {
    let tree = Tree::new(&[]);
    amd(&tree, "0000:03:00.0", "0x7550", "0xff", 16 * GIB, 32 * GIB);
    let machine = machine(&tree, system(64.0, 60.0), Nvidia::NoDriver);
    let gpu = &machine.gpus[0];
    assert_eq!(gpu.table_id, None);
    assert_eq!(gpu.architecture.as_deref(), Some("RDNA4"));
    assert!(gpu.notes[0].contains("AMD Radeon RX 9070 XT"), "{:?}", gpu.notes);
    let bandwidth = gpu.bandwidth_gbs.as_ref().unwrap();
    assert_eq!(bandwidth.value, 576.0);
    assert!(bandwidth.source.contains("lowest of 576 to 640"), "{}", bandwidth.source);
}

#[test]
fn cards_of_intel() {
    let tree = Tree::new(&[]);
    let intel = |address, id| {
        device(
            &tree,
            address,
            &[("class", "0x030000"), ("vendor", "0x8086"), ("device", id), ("revision", "0x00")],
        );
    };
    intel("0000:03:00.0", "0xe20b");
    device(&tree, "0000:03:00.0", &[("tile0/physical_vram_size_bytes", "12884901888")]);
    intel("0000:04:00.0", "0x56a0");
    device(&tree, "0000:04:00.0", &[("drm/card1/lmem_total_bytes", "17179869184")]);
    intel("0000:00:02.0", "0x4680");
    let machine = machine(&tree, system(64.0, 60.0), Nvidia::NoDriver);
    let found: Vec<_> = machine
        .gpus
        .iter()
        .map(|gpu| (gpu.name.value.as_str(), gpu.pool, gib(gpu.memory_total.as_ref())))
        .collect();
    assert_eq!(
        found,
        [
            ("Intel Arc B580", Pool::Discrete, 12.0),
            ("Intel Arc A770 16 GB", Pool::Discrete, 16.0),
            ("Intel UHD Graphics 770", Pool::Unified, 48.0),
        ]
    );
    assert_eq!(machine.gpus[0].memory_free, None, "Intel's driver does not say");
}

#[test]
fn other_devices_of_the_bus_are_no_gpus() {
    let tree = Tree::new(&[]);
    let listed = [
        ("0000:00:02.0", "0x030000", "0x1234"), // a virtual machine's display
        ("0000:01:00.1", "0x040300", "0x10de"), // the sound of a graphics card
        ("0000:02:00.0", "0x030000", "0x1a03"), // a server's management display
        ("0000:03:00.0", "", ""),
    ];
    for (address, class, vendor) in listed {
        device(&tree, address, &[("class", class), ("vendor", vendor), ("device", "0x1111")]);
    }
    assert_eq!(bus::read(tree.path()), Bus::default());
    let machine = machine(&tree, system(64.0, 60.0), Nvidia::NoDriver);
    assert_eq!((machine.gpus.len(), machine.problems.len()), (0, 0));
    assert_eq!(machine.name, "AMD Ryzen 9 7950X 16-Core Processor");
}

fn nvidia_4090(tree: &Tree, address: &str) {
    let files = [("class", "0x030000"), ("vendor", "0x10de"), ("device", "0x2684"), ("revision", "0xa1")];
    device(tree, address, &files);
}

#[test]
fn a_card_of_nvidia_without_driver_is_named_by_its_id() {
    let tree = Tree::new(&[]);
    nvidia_4090(&tree, "0000:01:00.0");
    let machine = machine(&tree, system(64.0, 60.0), Nvidia::NoDriver);
    let [gpu] = machine.gpus.as_slice() else { panic!("{machine:?}") };
    assert_eq!(gpu.name.value, "NVIDIA GeForce RTX 4090");
    assert_eq!(gpu.memory_total, None);
    assert!(machine.problems[0].reason.contains("install NVIDIA's driver"), "{:?}", machine.problems);
}

#[cfg(unix)]
#[test]
fn the_kernel_s_driver_is_named() {
    let tree = Tree::new(&[("sys/bus/pci/drivers/nouveau/x", ""), ("sys/bus/pci/drivers/vfio-pci/x", "")]);
    nvidia_4090(&tree, "0000:01:00.0");
    tree.link("sys/bus/pci/devices/0000:01:00.0/driver", "sys/bus/pci/drivers/nouveau");
    nvidia_4090(&tree, "0000:02:00.0");
    tree.link("sys/bus/pci/devices/0000:02:00.0/driver", "sys/bus/pci/drivers/vfio-pci");
    let machine = machine(&tree, system(64.0, 60.0), Nvidia::NoDriver);
    assert_eq!(machine.gpus.len(), 1, "the other is set aside");
    assert!(machine.problems[0].reason.contains("nouveau"), "{:?}", machine.problems);
    assert!(machine.problems[1].reason.contains("virtual machines"), "{:?}", machine.problems);
}

#[cfg(unix)]
#[test]
fn the_narrowest_link_counts() {
    let tree = Tree::new(&[]);
    // A slot with four lanes of generation 3; behind it the card's own bridge, wide and fast.
    let root = "sys/devices/pci0000:00/0000:00:01.1";
    let card = format!("{root}/0000:0b:00.0/0000:0c:00.0");
    for (folder, speed, lanes) in [
        (root, "8.0 GT/s PCIe", "4"),
        ("sys/devices/pci0000:00/0000:00:01.1/0000:0b:00.0", "16.0 GT/s PCIe", "4"),
        (card.as_str(), "16.0 GT/s PCIe", "16"),
    ] {
        tree.write(&format!("{folder}/vendor"), "0x1002");
        tree.write(&format!("{folder}/max_link_speed"), speed);
        tree.write(&format!("{folder}/current_link_width"), lanes);
    }
    for (file, text) in [("class", "0x030000"), ("device", "0x744c"), ("revision", "0xc8")] {
        tree.write(&format!("{card}/{file}"), text);
    }
    tree.link("sys/bus/pci/devices/0000:0c:00.0", &card);
    let found = bus::read(tree.path());
    let pcie = found.devices[0].pcie.unwrap();
    assert_eq!((pcie.generation, pcie.lanes), (3, 4));
}

#[test]
fn a_sleeping_card_is_not_woken() {
    let tree = Tree::new(&[]);
    let files = [("class", "0x030200"), ("vendor", "0x10de"), ("device", "0x2860"), ("revision", "0xa1")];
    device(&tree, "0000:01:00.0", &files);
    device(&tree, "0000:01:00.0", &[("power/runtime_status", "suspended\n")]);
    assert_eq!(super::super::nvidia::asked(tree.path()), Nvidia::Asleep);
    let machine = machine(&tree, system(32.0, 28.0), Nvidia::Asleep);
    let gpu = &machine.gpus[0];
    assert_eq!(gpu.name.value, "NVIDIA GeForce RTX 4070 Mobile");
    assert_eq!(gpu.memory_total, Some(Known::new(Bytes::from_gib(8.0), "hardware table")));
    assert!(gpu.notes[0].contains("Asleep"), "{:?}", gpu.notes);
    assert_eq!(machine.problems, []);
}

#[test]
fn cards_that_the_driver_hides_are_not_listed() {
    let tree = Tree::new(&[]);
    nvidia_4090(&tree, "0000:01:00.0");
    let listed = NvidiaDevice {
        name: Some("NVIDIA GeForce RTX 4090".to_owned()),
        address: Some("0000:01:00.0".to_owned()),
        memory: Some((Bytes::from_gib(24.0), Bytes::from_gib(22.0))),
        ..NvidiaDevice::default()
    };
    let machine = machine(&tree, system(64.0, 60.0), Nvidia::Devices(vec![listed]));
    assert_eq!(machine.gpus.len(), 1);
    assert_eq!(gib(machine.gpus[0].memory_free.as_ref()), 22.0);
}

#[test]
fn the_limit_of_a_container_is_memory() {
    let limited = System {
        cgroup: Some(CgroupLimit { limit: Bytes::from_gib(8.0), available: Bytes::from_gib(6.0) }),
        ..system(64.0, 60.0)
    };
    let ram = machine(&Tree::new(&[]), limited, Nvidia::NoDriver).ram.unwrap();
    assert_eq!((ram.total.value.gib(), ram.available.value.gib()), (8.0, 6.0));
    assert!(ram.total.source.contains("container"), "{}", ram.total.source);
    assert_eq!(gib(ram.installed.as_ref()), 64.0, "the limit is not all there is");
    assert_eq!(gib(ram.taken.used.as_ref()), 2.0);

    let generous = System {
        cgroup: Some(CgroupLimit { limit: Bytes::from_gib(640.0), available: Bytes::from_gib(600.0) }),
        ..system(64.0, 60.0)
    };
    let ram = machine(&Tree::new(&[]), generous, Nvidia::NoDriver).ram.unwrap();
    assert_eq!((ram.total.value.gib(), ram.available.value.gib()), (64.0, 60.0));
    assert_eq!(ram.installed, None);
}

#[test]
fn findings_survive_recording() {
    let tree = Tree::new(&[]);
    amd(&tree, "0000:03:00.0", "0x744c", "0xc8", 24 * GIB, 32 * GIB);
    let findings = Findings {
        system: Some(system(64.0, 60.0)),
        bus: Some(bus::read(tree.path())),
        nvidia: Some(Nvidia::Failed { reason: "test".to_owned() }),
        ..Findings::default()
    };
    let text = serde_json::to_string(&findings).unwrap();
    assert_eq!(serde_json::from_str::<Findings>(&text).unwrap(), findings);
}

fn nvidia(devices: Vec<NvidiaDevice>) -> Findings {
    let system = System { kernel: Some(Bytes(GIB)), ..system(64.0, 52.0) };
    Findings { system: Some(system), nvidia: Some(Nvidia::Devices(devices)), ..Findings::default() }
}

fn rtx_4090(reserved: Option<Bytes>) -> NvidiaDevice {
    NvidiaDevice {
        name: Some("NVIDIA GeForce RTX 4090".to_owned()),
        memory: Some((Bytes(24 * GIB), Bytes(22 * GIB))),
        memory_reserved: reserved,
        ..NvidiaDevice::default()
    }
}

#[test]
fn nvidia_s_driver_tells_its_own_part() {
    let machine = assemble(&nvidia(vec![rtx_4090(Some(Bytes(GIB / 2)))]));
    let taken = &machine.gpus[0].taken;
    assert_eq!(taken.reserved, Some(Known::new(Bytes(GIB / 2), "NVML, kept by driver and firmware")));
    assert_eq!(taken.used, Some(Known::new(Bytes(3 * GIB / 2), "NVML")));
    let old = assemble(&nvidia(vec![rtx_4090(None)]));
    assert_eq!(old.gpus[0].taken.reserved, None);
    assert_eq!(gib(old.gpus[0].taken.used.as_ref()), 2.0);
}

#[test]
fn the_kernel_s_part_is_no_program_s() {
    let ram = assemble(&nvidia(Vec::new())).ram.unwrap();
    assert_eq!(gib(ram.taken.reserved.as_ref()), 1.0);
    assert_eq!(gib(ram.taken.used.as_ref()), 11.0);
    assert!(ram.taken.reserved.unwrap().source.contains("/proc/meminfo"));
}

#[test]
fn where_nobody_says_what_is_free_the_usual_reserve_stands() {
    let tree = Tree::new(&[]);
    let class_and_ids = [("class", "0x030000"), ("vendor", "0x8086"), ("device", "0x56a0")];
    device(&tree, "0000:03:00.0", &class_and_ids);
    device(&tree, "0000:03:00.0", &[("lmem_total_bytes", "17179869184")]);
    let machine = machine(&tree, system(64.0, 60.0), Nvidia::NoDriver);
    let [gpu] = machine.gpus.as_slice() else { panic!("{machine:?}") };
    assert_eq!((&gpu.memory_free, &gpu.taken.used), (&None, &None));
    let reserved = gpu.taken.reserved.as_ref().unwrap();
    assert!(reserved.source.contains("usually kept by a Linux desktop"), "{}", reserved.source);
    let free = gpu.free_or_usual(Os::Linux).unwrap();
    assert_eq!(free.value + reserved.value, Bytes(16 * GIB));
    assert!(free.source.starts_with("not reported; "));
}

#[test]
fn a_shared_memory_is_one_pool_with_its_limit() {
    let tree = Tree::new(&[]);
    amd(&tree, "0000:c1:00.0", "0x1586", "0xc1", 2 * GIB, 64 * GIB);
    device(&tree, "0000:c1:00.0", &[("gpu_metrics", "\u{8}\u{1}\u{3}\u{0}")]);
    let strix = machine(&tree, system(126.0, 120.0), Nvidia::NoDriver);
    let shared = strix.gpus[0].shared.as_ref().unwrap();
    assert_eq!((gib(Some(&shared.total)), gib(shared.limit.as_ref())), (128.0, 66.0));
    assert!(shared.limit.as_ref().unwrap().source.contains("gtt"));
    // 6 GiB of the RAM and an eighth of one in the carve-out.
    assert_eq!(gib(strix.gpus[0].taken.used.as_ref()), 6.125);

    let mac = System { cpu: Some("Apple M2 Max".to_owned()), ..system(64.0, 50.0) };
    let mac = assemble(&Findings { os: Os::Macos, system: Some(mac), ..Findings::default() });
    let shared = mac.gpus[0].shared.as_ref().unwrap();
    assert_eq!((gib(Some(&shared.total)), gib(shared.limit.as_ref())), (64.0, 48.0));
    assert_eq!(gib(mac.gpus[0].taken.used.as_ref()), 14.0);
}
