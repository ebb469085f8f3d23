//! Machines for tests.

use crate::machine::memory::Taken;
use crate::machine::{Cpu, Gpu, Known, Machine, Os, Pool, Ram, Vendor};
use crate::units::Bytes;

/// A desktop with 64 GiB and no GPU.
pub fn without_gpu() -> Machine {
    Machine {
        name: "Ryzen 9 5950X".to_owned(),
        os: Os::Linux,
        gpus: Vec::new(),
        cpu: Some(Cpu {
            name: Known::new("Ryzen 9 5950X".to_owned(), "test"),
            cores: Some(Known::new(16, "test")),
            threads: Some(Known::new(32, "test")),
        }),
        ram: Some(Ram {
            total: Known::new(Bytes::from_gib(64.0), "test"),
            available: Known::new(Bytes::from_gib(52.0), "test"),
            taken: Taken::default(),
            installed: None,
            bandwidth_gbs: Some(Known::new(51.2, "test")),
            measured_gbs: None,
        }),
        problems: Vec::new(),
    }
}

/// The same with an RTX 4090, of which `free` GiB are free.
pub fn with_rtx_4090(free: f64) -> Machine {
    let gpu = Gpu {
        name: Known::new("NVIDIA GeForce RTX 4090".to_owned(), "test"),
        table_id: None,
        vendor: Vendor::Nvidia,
        architecture: Some("Ada Lovelace".to_owned()),
        compute_units: Some(128),
        pool: Pool::Discrete,
        memory_total: Some(Known::new(Bytes::from_gib(24.0), "test")),
        memory_free: Some(Known::new(Bytes::from_gib(free), "test")),
        taken: Taken::default(),
        shared: None,
        bandwidth_gbs: Some(Known::new(1008.0, "test")),
        fp16_tflops: Some(Known::new(165.2, "test")),
        int8_tops: None,
        power_watts: Some(Known::new(450.0, "test")),
        bus_width_bits: None,
        memory_clock_mhz: None,
        pcie: None,
        pci_address: None,
        notes: Vec::new(),
    };
    Machine { name: "GeForce RTX 4090".to_owned(), gpus: vec![gpu], ..without_gpu() }
}
