//! Machines for tests.

use std::path::Path;

use crate::estimate::Rig;
use crate::machine::probe::recording;
use crate::machine::{Cpu, Gpu, Known, Machine, Os, Ram, Vendor};
use crate::units::Bytes;

/// A desktop with 64 GiB and no GPU.
pub fn without_gpu() -> Machine {
    Machine {
        cpu: Some(Cpu {
            cores: Some(Known::new(16, "test")),
            threads: Some(Known::new(32, "test")),
            ..Cpu::named(Known::new("Ryzen 9 5950X".to_owned(), "test"))
        }),
        ram: Some(Ram {
            bandwidth_gbs: Some(Known::new(51.2, "test")),
            ..Ram::new(Known::new(Bytes::from_gib(64.0), "test"), Known::new(Bytes::from_gib(52.0), "test"))
        }),
        ..Machine::named("Ryzen 9 5950X", Os::Linux)
    }
}

/// The same with an RTX 4090, of which `free` GiB are free.
pub fn with_rtx_4090(free: f64) -> Machine {
    let gpu = Gpu {
        architecture: Some("Ada Lovelace".to_owned()),
        compute_units: Some(128),
        memory_total: Some(Known::new(Bytes::from_gib(24.0), "test")),
        memory_free: Some(Known::new(Bytes::from_gib(free), "test")),
        bandwidth_gbs: Some(Known::new(1008.0, "test")),
        fp16_tflops: Some(Known::new(165.2, "test")),
        power_watts: Some(Known::new(450.0, "test")),
        ..Gpu::named(Known::new("NVIDIA GeForce RTX 4090".to_owned(), "test"), Vendor::Nvidia)
    };
    Machine { name: "GeForce RTX 4090".to_owned(), gpus: vec![gpu], ..without_gpu() }
}

/// The recorded desktop with an RTX 3060 and 64 GiB, as the arithmetic sees it.
pub fn rtx_3060() -> Rig {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/machines/rtx-3060-desktop.json");
    Rig::from(&recording::read(&file).unwrap())
}
