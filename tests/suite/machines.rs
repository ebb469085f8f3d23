//! Machines that tests run on.

use plimsoll::machine::memory::Taken;
use plimsoll::machine::{Cpu, Gpu, Known, Machine, Os, Ram, Vendor};
use plimsoll::units::Bytes;

fn known<T>(value: T) -> Known<T> {
    Known::new(value, "recorded")
}

/// A desktop with 64 GiB of DDR4-3200 and no GPU.
pub fn without_gpu() -> Machine {
    Machine {
        cpu: Some(Cpu {
            cores: Some(known(16)),
            threads: Some(known(32)),
            ..Cpu::named(known("AMD Ryzen 9 5950X".to_owned()))
        }),
        ram: Some(Ram {
            bandwidth_gbs: Some(known(51.2)),
            ..Ram::new(known(Bytes::from_gib(64.0)), known(Bytes::from_gib(52.0)))
        }),
        ..Machine::named("Ryzen 9 5950X", Os::Linux)
    }
}

/// The same with an RTX 4090, of whose 24 GiB 22.6 are free.
pub fn with_rtx_4090() -> Machine {
    let gpu = Gpu {
        architecture: Some("Ada Lovelace".to_owned()),
        compute_units: Some(128),
        memory_total: Some(known(Bytes::from_gib(24.0))),
        memory_free: Some(known(Bytes::from_gib(22.6))),
        taken: Taken::between(
            Bytes::from_gib(24.0),
            Bytes::from_gib(22.6),
            known(Bytes::from_gib(0.4)),
            "recorded",
        ),
        bandwidth_gbs: Some(known(1008.0)),
        fp16_tflops: Some(known(165.2)),
        power_watts: Some(known(450.0)),
        bus_width_bits: Some(known(384)),
        memory_clock_mhz: Some(known(10_501)),
        ..Gpu::named(known("NVIDIA GeForce RTX 4090".to_owned()), Vendor::Nvidia)
    };
    Machine { name: "GeForce RTX 4090".to_owned(), gpus: vec![gpu], ..without_gpu() }
}
