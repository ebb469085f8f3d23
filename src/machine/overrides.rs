//! Values that a person sets where a machine says them wrong or not at all.
//!
//! They are kept beside the machine and laid over it: what was read stays known and comes back when a value is
//! reset. A GPU is named by its PCI address, so that its values stay with it when another is added.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use super::{Cpu, Gpu, Known, Machine, Pcie, Ram};
use crate::language::tr;
use crate::units::Bytes;

/// Most GPUs, and most machines, of which values are kept.
const MOST: usize = 256;
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
#[error("{}", tr!("{value} is out of range: from {low} to {high}", value, low, high))]
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
            _ => {
                ram.bandwidth_gbs = Some(by_hand(value, ram.bandwidth_gbs.as_ref()));
                // It counts more than what was measured, which nothing may prefer to it.
                ram.measured_gbs = None;
            }
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

/// Values that were set, by the machine that they are of: a recorded one has its own.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ByMachine(BTreeMap<String, Overrides>);

impl ByMachine {
    /// The values of a machine, if any were set.
    pub fn of(&self, machine: &Machine) -> Option<&Overrides> {
        self.0.get(&identity(machine))
    }

    /// The machine with its values in place of what was read.
    pub fn over(&self, machine: &Machine) -> Machine {
        self.of(machine).map_or_else(|| machine.clone(), |set| set.over(machine))
    }

    /// Changes the values of a machine.
    ///
    /// # Errors
    /// That of the change.
    pub fn change(
        &mut self,
        machine: &Machine,
        change: impl FnOnce(&mut Overrides) -> Result<(), OutOfRange>,
    ) -> Result<(), OutOfRange> {
        let key = identity(machine);
        let set = self.0.entry(key.clone()).or_default();
        let done = change(set);
        if set.is_empty() {
            self.0.remove(&key);
        }
        done
    }

    /// All values of a machine are those that were read.
    pub fn reset(&mut self, machine: &Machine) {
        self.0.remove(&identity(machine));
    }

    /// Drops what makes no sense, as a file may hold it.
    pub fn tidy(&mut self) {
        self.0.values_mut().for_each(Overrides::tidy);
        self.0.retain(|key, set| !set.is_empty() && key.len() <= LONGEST_KEY);
        while self.0.len() > MOST {
            self.0.pop_last();
        }
    }
}

/// What stays the same of a machine when cards and memory are changed: its processor.
fn identity(machine: &Machine) -> String {
    let name = machine.cpu.as_ref().map_or(&machine.name, |cpu| &cpu.name.value);
    let mut name = name.clone();
    name.truncate(name.floor_char_boundary(LONGEST_KEY));
    name
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
mod tests;
