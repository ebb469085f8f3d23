//! Values that a person sets where a machine says them wrong or not at all.
//!
//! They are kept beside the machine and laid over it: what was read stays known and comes back when a value is
//! reset. A GPU is named by its PCI address, so that its values stay with it when another is added.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use super::{Cpu, Gpu, Known, Machine, Pcie, Ram};
use crate::units::Bytes;

/// Most values that are kept: those of a machine with many cards.
const MOST: usize = 1024;
/// Longest name of a GPU, bytes.
const LONGEST_KEY: usize = 256;

/// A number of a GPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GpuField {
    /// All memory that it can address, GiB.
    MemoryGib,
    /// Free of it, GiB.
    FreeGib,
    /// Peak memory bandwidth, GB/s.
    BandwidthGbs,
    /// Dense FP16 matrix rate, TFLOPS.
    Fp16Tflops,
    /// Dense INT8 matrix rate, TOPS.
    Int8Tops,
    /// Power limit, watts.
    PowerWatts,
    /// Generation of its PCIe link.
    PcieGeneration,
    /// Lanes of its PCIe link.
    PcieLanes,
}

/// A number of processor and main memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HostField {
    /// Main memory that may be used, GiB.
    RamGib,
    /// Available of it, GiB.
    RamFreeGib,
    /// Theoretical bandwidth of main memory, GB/s.
    RamGbs,
    /// Physical cores.
    Cores,
    /// Hardware threads.
    Threads,
}

/// A number that was set out of its range.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{value} is out of range: from {low} to {high}")]
pub struct OutOfRange {
    value: f64,
    low: f64,
    high: f64,
}

impl GpuField {
    /// All fields, in the order of a screen.
    pub const ALL: [Self; 8] = [
        Self::MemoryGib,
        Self::FreeGib,
        Self::BandwidthGbs,
        Self::Fp16Tflops,
        Self::Int8Tops,
        Self::PowerWatts,
        Self::PcieGeneration,
        Self::PcieLanes,
    ];

    /// Values that make sense.
    pub const fn range(self) -> RangeInclusive<f64> {
        match self {
            Self::MemoryGib => 0.001..=1_048_576.0,
            Self::FreeGib => 0.0..=1_048_576.0,
            Self::BandwidthGbs | Self::Fp16Tflops | Self::Int8Tops => 0.001..=1_000_000.0,
            Self::PowerWatts => 1.0..=100_000.0,
            Self::PcieGeneration => 1.0..=8.0,
            Self::PcieLanes => 1.0..=32.0,
        }
    }

    /// The value that a GPU has.
    pub fn of(self, gpu: &Gpu) -> Option<f64> {
        let number = |known: &Option<Known<f64>>| known.as_ref().map(|known| known.value);
        let size = |known: &Option<Known<Bytes>>| known.as_ref().map(|known| known.value.gib());
        match self {
            Self::MemoryGib => size(&gpu.memory_total),
            Self::FreeGib => size(&gpu.memory_free),
            Self::BandwidthGbs => number(&gpu.bandwidth_gbs),
            Self::Fp16Tflops => number(&gpu.fp16_tflops),
            Self::Int8Tops => number(&gpu.int8_tops),
            Self::PowerWatts => number(&gpu.power_watts),
            Self::PcieGeneration => gpu.pcie.as_ref().map(|link| f64::from(link.value.generation)),
            Self::PcieLanes => gpu.pcie.as_ref().map(|link| f64::from(link.value.lanes)),
        }
    }

    fn set(self, gpu: &mut Gpu, value: f64) {
        let number = |known: &mut Option<Known<f64>>| *known = Some(by_hand(value, known.as_ref()));
        match self {
            Self::MemoryGib => {
                let size = by_hand(Bytes::from_gib(value), gpu.memory_total.as_ref());
                if let Some(shared) = &mut gpu.shared {
                    shared.limit = Some(size.clone()).filter(|size| size.value < shared.total.value);
                }
                if let Some(free) = &mut gpu.memory_free {
                    free.value = free.value.min(size.value);
                }
                gpu.memory_total = Some(size);
            }
            Self::FreeGib => {
                let most = gpu.memory_total.as_ref().map(|total| total.value);
                let free = Bytes::from_gib(value);
                let free = most.map_or(free, |most| free.min(most));
                gpu.memory_free = Some(by_hand(free, gpu.memory_free.as_ref()));
            }
            Self::BandwidthGbs => number(&mut gpu.bandwidth_gbs),
            Self::Fp16Tflops => number(&mut gpu.fp16_tflops),
            Self::Int8Tops => number(&mut gpu.int8_tops),
            Self::PowerWatts => number(&mut gpu.power_watts),
            Self::PcieGeneration | Self::PcieLanes => {
                let found = gpu.pcie.as_ref();
                // Of a link of which nothing is known: one that every card since 2012 has.
                let mut link = found.map_or(Pcie { generation: 3, lanes: 16 }, |found| found.value);
                match self {
                    Self::PcieGeneration => link.generation = value as u32,
                    _ => link.lanes = value as u32,
                }
                gpu.pcie = Some(by_hand(link, found));
            }
        }
    }
}

impl HostField {
    /// All fields, in the order of a screen.
    pub const ALL: [Self; 5] = [Self::RamGib, Self::RamFreeGib, Self::RamGbs, Self::Cores, Self::Threads];

    /// Values that make sense.
    pub const fn range(self) -> RangeInclusive<f64> {
        match self {
            Self::RamGib => 0.001..=1_048_576.0,
            Self::RamFreeGib => 0.0..=1_048_576.0,
            Self::RamGbs => 0.001..=1_000_000.0,
            Self::Cores | Self::Threads => 1.0..=65_536.0,
        }
    }

    /// The value that a machine has.
    pub fn of(self, machine: &Machine) -> Option<f64> {
        let (ram, cpu) = (machine.ram.as_ref(), machine.cpu.as_ref());
        let count = |known: Option<&Known<u32>>| known.map(|known| f64::from(known.value));
        match self {
            Self::RamGib => ram.map(|ram| ram.total.value.gib()),
            Self::RamFreeGib => ram.map(|ram| ram.available.value.gib()),
            Self::RamGbs => ram.and_then(|ram| ram.bandwidth_gbs.as_ref()).map(|known| known.value),
            Self::Cores => count(cpu.and_then(|cpu| cpu.cores.as_ref())),
            Self::Threads => count(cpu.and_then(|cpu| cpu.threads.as_ref())),
        }
    }

    fn set(self, machine: &mut Machine, value: f64) {
        match self {
            Self::RamGib | Self::RamFreeGib | Self::RamGbs => self.set_ram(&mut machine.ram, value),
            Self::Cores | Self::Threads => {
                let unnamed = || Cpu::named(Known::new("Unnamed processor".to_owned(), "not found"));
                let cpu = machine.cpu.get_or_insert_with(unnamed);
                let count = if self == Self::Cores { &mut cpu.cores } else { &mut cpu.threads };
                *count = Some(by_hand(value as u32, count.as_ref()));
            }
        }
    }

    fn set_ram(self, ram: &mut Option<Ram>, value: f64) {
        let size = Bytes::from_gib(value);
        // Of a memory of which nothing was read, the first number says all of it.
        let ram = ram.get_or_insert_with(|| {
            let unknown = || Known::new(size, "not found");
            Ram::new(unknown(), unknown())
        });
        match self {
            Self::RamGib => {
                ram.total = by_hand(size, Some(&ram.total));
                ram.available.value = ram.available.value.min(size);
            }
            Self::RamFreeGib => {
                ram.available = by_hand(size.min(ram.total.value), Some(&ram.available));
            }
            _ => ram.bandwidth_gbs = Some(by_hand(value, ram.bandwidth_gbs.as_ref())),
        }
    }
}

/// How the source of a value begins that a person has set.
pub const BY_HAND: &str = "set by hand";

fn by_hand<T>(value: T, found: Option<&Known<T>>) -> Known<T> {
    let source =
        found.map_or_else(|| BY_HAND.to_owned(), |found| format!("{BY_HAND}; read: {}", found.source));
    Known::new(value, source)
}

/// Values that were set.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Overrides {
    gpus: BTreeMap<String, BTreeMap<GpuField, f64>>,
    host: BTreeMap<HostField, f64>,
}

impl Overrides {
    /// Whether nothing was set.
    pub fn is_empty(&self) -> bool {
        self.gpus.is_empty() && self.host.is_empty()
    }

    /// The value that was set for the GPU with this key (see [`Machine::gpu_keys`]).
    pub fn gpu(&self, key: &str, field: GpuField) -> Option<f64> {
        self.gpus.get(key)?.get(&field).copied()
    }

    /// The value that was set for processor or main memory.
    pub fn host(&self, field: HostField) -> Option<f64> {
        self.host.get(&field).copied()
    }

    /// Sets a value of a GPU; `None` resets it to what was read.
    ///
    /// # Errors
    /// The value is out of the field's range; what was set before stays.
    pub fn set_gpu(&mut self, key: &str, field: GpuField, value: Option<f64>) -> Result<(), OutOfRange> {
        let value = value.map(|value| checked(value, &field.range())).transpose()?;
        if let Some(value) = value {
            self.gpus.entry(key.to_owned()).or_default().insert(field, value);
        } else if let Some(fields) = self.gpus.get_mut(key) {
            fields.remove(&field);
            if fields.is_empty() {
                self.gpus.remove(key);
            }
        }
        Ok(())
    }

    /// Sets a value of processor or main memory; `None` resets it to what was read.
    ///
    /// # Errors
    /// The value is out of the field's range; what was set before stays.
    pub fn set_host(&mut self, field: HostField, value: Option<f64>) -> Result<(), OutOfRange> {
        match value.map(|value| checked(value, &field.range())).transpose()? {
            Some(value) => self.host.insert(field, value),
            None => self.host.remove(&field),
        };
        Ok(())
    }

    /// Drops what makes no sense, as a file may hold it.
    pub fn tidy(&mut self) {
        self.host.retain(|field, value| field.range().contains(value));
        for fields in self.gpus.values_mut() {
            fields.retain(|field, value| field.range().contains(value));
        }
        self.gpus.retain(|key, fields| !fields.is_empty() && key.len() <= LONGEST_KEY);
        while self.gpus.len() > MOST {
            self.gpus.pop_last();
        }
    }

    /// The machine with these values in place of what was read; those of GPUs that are not there wait.
    pub fn over(&self, machine: &Machine) -> Machine {
        let mut machine = machine.clone();
        let keys = machine.gpu_keys();
        for (key, gpu) in keys.iter().zip(&mut machine.gpus) {
            // In the fields' order: all memory before what is free of it.
            for (field, value) in self.gpus.get(key).into_iter().flatten() {
                field.set(gpu, *value);
            }
        }
        for (field, value) in &self.host {
            field.set(&mut machine, *value);
        }
        machine
    }
}

fn checked(value: f64, range: &RangeInclusive<f64>) -> Result<f64, OutOfRange> {
    let (low, high) = (*range.start(), *range.end());
    if range.contains(&value) { Ok(value) } else { Err(OutOfRange { value, low, high }) }
}

impl Machine {
    /// A name for each GPU that stays its own: its PCI address, else its name, with a number where several have
    /// the same.
    pub fn gpu_keys(&self) -> Vec<String> {
        let mut keys: Vec<String> = Vec::new();
        for gpu in &self.gpus {
            let base = gpu.pci_address.as_ref().unwrap_or(&gpu.name.value);
            let mut key = base.clone();
            let mut number = 2;
            while keys.contains(&key) {
                key = format!("{base} #{number}");
                number += 1;
            }
            keys.push(key);
        }
        keys
    }
}

#[cfg(test)]
mod tests {
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
}
