//! Machines that tests run on.

use plimsoll::machine::memory::Taken;
use plimsoll::machine::{Cpu, Gpu, Known, Machine, Os, Pool, Ram, Vendor};
use plimsoll::units::Bytes;

fn known<T>(value: T) -> Known<T> {
    Known::new(value, "recorded")
}

/// A desktop with 64 GiB of DDR4-3200 and no GPU.
pub fn without_gpu() -> Machine {
    Machine {
        name: "Ryzen 9 5950X".to_owned(),
        os: Os::Linux,
        gpus: Vec::new(),
        cpu: Some(Cpu {
            name: known("AMD Ryzen 9 5950X".to_owned()),
            cores: Some(known(16)),
            threads: Some(known(32)),
        }),
        ram: Some(Ram {
            total: known(Bytes::from_gib(64.0)),
            available: known(Bytes::from_gib(52.0)),
            taken: Taken::default(),
            installed: None,
            bandwidth_gbs: Some(known(51.2)),
            measured_gbs: None,
        }),
        problems: Vec::new(),
    }
}

/// The same with an RTX 4090, of whose 24 GiB 22.6 are free.
pub fn with_rtx_4090() -> Machine {
    let gpu = Gpu {
        name: known("NVIDIA GeForce RTX 4090".to_owned()),
        table_id: None,
        vendor: Vendor::Nvidia,
        architecture: Some("Ada Lovelace".to_owned()),
        compute_units: Some(128),
        pool: Pool::Discrete,
        memory_total: Some(known(Bytes::from_gib(24.0))),
        memory_free: Some(known(Bytes::from_gib(22.6))),
        taken: Taken::between(
            Bytes::from_gib(24.0),
            Bytes::from_gib(22.6),
            known(Bytes::from_gib(0.4)),
            "recorded",
        ),
        shared: None,
        bandwidth_gbs: Some(known(1008.0)),
        fp16_tflops: Some(known(165.2)),
        int8_tops: None,
        power_watts: Some(known(450.0)),
        bus_width_bits: Some(known(384)),
        memory_clock_mhz: Some(known(10_501)),
        pcie: None,
        pci_address: None,
        notes: Vec::new(),
    };
    Machine { name: "GeForce RTX 4090".to_owned(), gpus: vec![gpu], ..without_gpu() }
}
