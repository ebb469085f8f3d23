use super::*;
use crate::machine::memory::Shared;
use crate::machine::{Os, Vendor};

fn gpu(address: Option<&str>) -> Gpu {
    Gpu {
        memory_total: Some(Known::new(Bytes::from_gib(24.0), "NVML")),
        memory_free: Some(Known::new(Bytes::from_gib(22.0), "NVML")),
        pci_address: address.map(str::to_owned),
        ..Gpu::named(Known::new("NVIDIA GeForce RTX 4090".to_owned(), "NVML"), Vendor::Nvidia)
    }
}

fn machine(gpus: Vec<Gpu>) -> Machine {
    let ram = Ram::new(
        Known::new(Bytes::from_gib(64.0), "operating system"),
        Known::new(Bytes::from_gib(50.0), "operating system"),
    );
    Machine { gpus, ram: Some(ram), ..Machine::named("test", Os::Linux) }
}

#[test]
fn every_value_can_be_set_says_so_and_comes_back() {
    let found = machine(vec![gpu(Some("0000:01:00.0"))]);
    let key = found.gpu_keys().remove(0);
    let mut overrides = Overrides::default();
    let values = [12.0, 10.0, 900.0, 80.0, 600.0, 300.0, 4.0, 8.0];
    for (field, value) in GpuField::ALL.into_iter().zip(values) {
        overrides.set_gpu(&key, field, Some(value)).unwrap();
    }
    for (field, value) in HostField::ALL.into_iter().zip([32.0, 30.0, 51.2, 8.0, 16.0]) {
        overrides.set_host(field, Some(value)).unwrap();
    }
    let set = overrides.over(&found);
    for (field, value) in GpuField::ALL.into_iter().zip(values) {
        assert_eq!(field.of(&set.gpus[0]), Some(value), "{field:?}");
        assert_eq!(overrides.gpu(&key, field), Some(value));
    }
    for (field, value) in HostField::ALL.into_iter().zip([32.0, 30.0, 51.2, 8.0, 16.0]) {
        assert_eq!((field.of(&set), overrides.host(field)), (Some(value), Some(value)), "{field:?}");
    }
    assert_eq!(set.gpus[0].memory_total.as_ref().unwrap().source, "set by hand; read: NVML");
    assert_eq!(set.gpus[0].bandwidth_gbs.as_ref().unwrap().source, BY_HAND);
    for field in GpuField::ALL {
        overrides.set_gpu(&key, field, None).unwrap();
    }
    for field in HostField::ALL {
        overrides.set_host(field, None).unwrap();
    }
    assert!(overrides.is_empty());
    assert_eq!(overrides.over(&found), found);
}

#[test]
fn less_memory_has_less_free_and_a_pool_gets_a_limit() {
    let mut shared = gpu(None);
    shared.shared = Some(Shared::new(Known::new(Bytes::from_gib(64.0), "RAM"), None));
    let found = machine(vec![shared]);
    let mut overrides = Overrides::default();
    overrides.set_gpu("NVIDIA GeForce RTX 4090", GpuField::MemoryGib, Some(16.0)).unwrap();
    let set = overrides.over(&found);
    assert_eq!(set.gpus[0].memory_free.as_ref().unwrap().value, Bytes::from_gib(16.0));
    let limit = set.gpus[0].shared.as_ref().unwrap().limit.as_ref().unwrap();
    assert_eq!(limit.value, Bytes::from_gib(16.0));
    overrides.set_gpu("NVIDIA GeForce RTX 4090", GpuField::FreeGib, Some(99.0)).unwrap();
    let free = overrides.over(&found).gpus[0].memory_free.clone().unwrap();
    assert_eq!(free.value, Bytes::from_gib(16.0), "not more than it has");
}

#[test]
fn values_stay_with_their_card() {
    let one = machine(vec![gpu(Some("0000:02:00.0"))]);
    let two = machine(vec![gpu(Some("0000:01:00.0")), gpu(Some("0000:02:00.0"))]);
    let mut overrides = Overrides::default();
    overrides.set_gpu("0000:02:00.0", GpuField::PowerWatts, Some(200.0)).unwrap();
    assert_eq!(GpuField::PowerWatts.of(&overrides.over(&one).gpus[0]), Some(200.0));
    assert_eq!(GpuField::PowerWatts.of(&overrides.over(&two).gpus[0]), None);
    assert_eq!(GpuField::PowerWatts.of(&overrides.over(&two).gpus[1]), Some(200.0));
    assert_eq!(
        machine(vec![gpu(None), gpu(None)]).gpu_keys(),
        ["NVIDIA GeForce RTX 4090", "NVIDIA GeForce RTX 4090 #2"]
    );
}

#[test]
fn senseless_values_are_refused_and_files_tidied() {
    let mut overrides = Overrides::default();
    for value in [f64::NAN, -1.0, 0.0, f64::INFINITY, 1e9] {
        let error = overrides.set_gpu("x", GpuField::BandwidthGbs, Some(value)).unwrap_err();
        assert!(error.to_string().contains("out of range"), "{error}");
        assert!(overrides.set_host(HostField::Cores, Some(value)).is_err());
    }
    assert!(overrides.is_empty());
    let text = r#"{"gpus":{"a":{"bandwidth_gbs":-4.0},"b":{"pcie_lanes":8.0}},"host":{"ram_gib":0.0}}"#;
    let mut read: Overrides = serde_json::from_str(text).unwrap();
    read.tidy();
    assert_eq!(read.gpu("b", GpuField::PcieLanes), Some(8.0));
    assert_eq!((read.gpu("a", GpuField::BandwidthGbs), read.host(HostField::RamGib)), (None, None));
}

#[test]
fn a_machine_of_which_nothing_was_read_can_be_set_whole() {
    let mut overrides = Overrides::default();
    overrides.set_host(HostField::RamGib, Some(64.0)).unwrap();
    overrides.set_host(HostField::Cores, Some(8.0)).unwrap();
    let set = overrides.over(&Machine::named("This computer", Os::Linux));
    assert_eq!(set.ram.unwrap().available.value, Bytes::from_gib(64.0));
    assert_eq!(set.cpu.unwrap().cores.unwrap().value, 8);
}

#[test]
fn values_are_of_one_machine() {
    let named = |cpu: &str| {
        let cpu = Cpu::named(Known::new(cpu.to_owned(), "operating system"));
        Machine { cpu: Some(cpu), ..machine(vec![gpu(Some("0000:01:00.0"))]) }
    };
    let (mut this, other) = (named("AMD Ryzen 9 7950X"), named("Intel Core i9-14900K"));
    this.ram.as_mut().unwrap().measured_gbs = Some(Known::new(60.0, "measured here"));
    let mut all = ByMachine::default();
    all.change(&this, |set| set.set_host(HostField::RamGbs, Some(100.0))).unwrap();
    all.change(&this, |set| set.set_gpu("0000:01:00.0", GpuField::FreeGib, Some(8.0))).unwrap();
    let ram = all.over(&this).ram.unwrap();
    assert_eq!((ram.bandwidth_gbs.unwrap().value, ram.measured_gbs), (100.0, None), "not what was measured");
    assert_eq!(all.over(&other), other, "another computer with a card in the same place");
    assert!(all.of(&other).is_none() && all.of(&this).is_some());
    let text = serde_json::to_string(&all).unwrap();
    let mut again: ByMachine = serde_json::from_str(&text).unwrap();
    again.tidy();
    assert_eq!(again, all);
    all.change(&this, |set| set.set_host(HostField::RamGbs, None)).unwrap();
    all.change(&this, |set| set.set_gpu("0000:01:00.0", GpuField::FreeGib, None)).unwrap();
    assert_eq!(all, ByMachine::default(), "nothing is kept of a machine without any");
}
