//! One change of a rig, as a builder makes it.

use super::NamedRig;
use crate::language::tr;
use crate::machine::Pcie;
use crate::machine::overrides::{GpuField, HostField};
use crate::machine::spec::{GpuSpec, MachineSpec, Senseless};
use crate::machine::table::{CpuPlatforms, Hints, Table};

/// Highest price, US dollars.
const DEAREST: f64 = 1e9;
/// Channels where neither a person nor the processor's platform says them.
const USUAL_CHANNELS: u32 = 2;

/// One change of a rig.
#[derive(Clone, Debug, PartialEq)]
pub enum RigEdit {
    /// One more GPU, by its identity in the hardware table.
    AddGpu(String),
    /// The GPU at this place, equal ones counted each, is taken out.
    RemoveGpu(usize),
    /// A value of the GPU at this place; `None` is that of the table.
    Gpu(usize, GpuField, Option<f64>),
    /// Its link; `None`: as it was built.
    Link(usize, Option<Pcie>),
    /// A value of processor or main memory; `None`: from the processor's platform, or assumed.
    Host(HostField, Option<f64>),
    /// Kind and speed of main memory, MT/s.
    Ram(String, Option<u32>),
    /// Channels of main memory that are filled.
    Channels(Option<u32>),
    /// The processor by name.
    Cpu(Option<String>),
    /// What it would cost, US dollars.
    Price(Option<f64>),
}

/// A rig that makes no sense.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum RigSenseless {
    /// A number of the machine.
    #[error(transparent)]
    Machine(#[from] Senseless),
    /// The price.
    #[error("{}", tr!("{place} must be {must_be}", place = "price_usd", must_be = tr!("from {low} to {high}", low = 0, high = DEAREST)))]
    Price,
}

impl NamedRig {
    /// Whether all numbers make sense.
    ///
    /// # Errors
    /// The first that does not.
    pub fn check(&self) -> Result<(), RigSenseless> {
        if self.price_usd.is_some_and(|price| !(0.0..=DEAREST).contains(&price)) {
            return Err(RigSenseless::Price);
        }
        Ok(self.machine.check()?)
    }

    /// The rig with a change made.
    #[must_use]
    pub fn with(mut self, edit: &RigEdit) -> Self {
        let machine = &mut self.machine;
        match edit {
            RigEdit::AddGpu(id) => {
                let record = Table::embedded().by_id(id);
                machine
                    .add(GpuSpec::named(record.map_or(id.as_str(), |record| unique_name(&record.name, id))));
            }
            RigEdit::RemoveGpu(place) => each_gpu(machine, |gpus| {
                if *place < gpus.len() {
                    gpus.remove(*place);
                }
            }),
            RigEdit::Gpu(place, field, value) => each_gpu(machine, |gpus| {
                if let Some(gpu) = gpus.get_mut(*place) {
                    set_gpu(gpu, *field, *value);
                }
            }),
            RigEdit::Link(place, link) => each_gpu(machine, |gpus| {
                if let Some(gpu) = gpus.get_mut(*place) {
                    gpu.pcie_generation = link.map(|link| link.generation);
                    gpu.pcie_lanes = link.map(|link| link.lanes);
                }
            }),
            RigEdit::Host(field, value) => set_host(machine, *field, *value),
            RigEdit::Ram(kind, speed) => {
                machine.ram_type = Some(kind.clone());
                machine.ram_mts = *speed;
                by_its_parts(machine);
            }
            RigEdit::Channels(channels) => {
                machine.ram_channels = *channels;
                by_its_parts(machine);
            }
            RigEdit::Cpu(cpu) => {
                machine.cpu.clone_from(cpu);
                // Those of the other one.
                (machine.cores, machine.threads) = (None, None);
                if machine.ram_mts.is_none() && machine.ram_channels.is_none() {
                    machine.ram_bandwidth_gbs = None;
                }
            }
            RigEdit::Price(price) => self.price_usd = *price,
        }
        self
    }
}

/// The record's name where that leads to it, else its identity: names are not unique.
fn unique_name<'a>(name: &'a str, id: &'a str) -> &'a str {
    match Table::embedded().find_with(name, &Hints::default()) {
        Ok(found) if found.record.id == id => name,
        _ => id,
    }
}

/// Changes the GPUs one by one; equal neighbours are counted together again.
fn each_gpu(machine: &mut MachineSpec, change: impl FnOnce(&mut Vec<GpuSpec>)) {
    let one_by_one = |gpu: &GpuSpec| {
        let one = GpuSpec { count: 1, ..gpu.clone() };
        std::iter::repeat_n(one, gpu.count as usize)
    };
    let mut gpus: Vec<GpuSpec> = machine.gpus.iter().flat_map(one_by_one).collect();
    change(&mut gpus);
    machine.gpus.clear();
    for gpu in gpus {
        machine.add(gpu);
    }
}

/// The speed of the memory follows from its parts, not from a number that was given before.
fn by_its_parts(machine: &mut MachineSpec) {
    machine.ram_bandwidth_gbs = None;
    let platform = machine.cpu.as_deref().and_then(|cpu| CpuPlatforms::embedded().find(cpu));
    if machine.ram_channels.is_none() && platform.is_none_or(|platform| platform.channels.is_none()) {
        machine.ram_channels = Some(USUAL_CHANNELS);
    }
}

fn set_gpu(gpu: &mut GpuSpec, field: GpuField, value: Option<f64>) {
    let count = |value: Option<f64>| value.map(|value| value as u32);
    match field {
        GpuField::MemoryGib => gpu.vram_gib = value,
        GpuField::FreeGib => gpu.free_gib = value,
        GpuField::BandwidthGbs => gpu.bandwidth_gbs = value,
        GpuField::PowerWatts => gpu.power_watts = value,
        GpuField::PcieGeneration => gpu.pcie_generation = count(value),
        GpuField::PcieLanes => gpu.pcie_lanes = count(value),
        // A description has no place for them: they are the table's.
        GpuField::Fp16Tflops | GpuField::Int8Tops => {}
    }
}

fn set_host(machine: &mut MachineSpec, field: HostField, value: Option<f64>) {
    match field {
        HostField::RamGib => machine.ram_gib = value,
        HostField::RamFreeGib => machine.ram_free_gib = value,
        HostField::RamGbs => machine.ram_bandwidth_gbs = value,
        HostField::Cores => machine.cores = value.map(|value| value as u32),
        HostField::Threads => machine.threads = value.map(|value| value as u32),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::rigs::resolve;

    fn rig() -> NamedRig {
        let machine = MachineSpec {
            gpus: vec![GpuSpec { count: 2, ..GpuSpec::named("RTX 3090") }],
            cpu: Some("AMD Ryzen 9 7950X".to_owned()),
            cores: Some(16),
            ram_gib: Some(64.0),
            ram_bandwidth_gbs: Some(60.0),
            ..MachineSpec::default()
        };
        NamedRig { name: "Attic".to_owned(), machine, price_usd: None }
    }

    fn counts(rig: &NamedRig) -> Vec<u32> {
        rig.machine.gpus.iter().map(|gpu| gpu.count).collect()
    }

    #[test]
    fn cards_come_go_and_get_slots_of_their_own() {
        let rig = rig().with(&RigEdit::AddGpu("nvidia-geforce-rtx-3060-12-gb".to_owned()));
        assert_eq!(counts(&rig), [2, 1]);
        assert_eq!(rig.machine.gpus[1].name, "NVIDIA GeForce RTX 3060 12 GB");
        let slot = Some(Pcie { generation: 3, lanes: 4 });
        let rig = rig.with(&RigEdit::Link(1, slot));
        assert_eq!(counts(&rig), [1, 1, 1], "one of two equal cards has another slot");
        let links: Vec<_> = resolve(&rig.machine)
            .unwrap()
            .machine
            .gpus
            .iter()
            .map(|gpu| gpu.pcie.as_ref().unwrap().value.lanes)
            .collect();
        assert_eq!(links, [16, 4, 16]);
        let rig = rig.with(&RigEdit::Link(1, None));
        assert_eq!(counts(&rig), [2, 1], "equal again");
        let rig = rig.with(&RigEdit::RemoveGpu(0)).with(&RigEdit::RemoveGpu(9));
        assert_eq!(counts(&rig), [1, 1]);
        let rig = rig.with(&RigEdit::Gpu(0, GpuField::PowerWatts, Some(280.0)));
        assert_eq!(rig.machine.gpus[0].power_watts, Some(280.0));
    }

    #[test]
    fn memory_is_as_fast_as_its_parts() {
        let gbs = |rig: &NamedRig| resolve(&rig.machine).unwrap().rig.host.bandwidth_gbs;
        assert_eq!(gbs(&rig()), 60.0, "as given");
        let faster = rig().with(&RigEdit::Ram("DDR5".to_owned(), Some(6000)));
        assert_eq!(gbs(&faster), 96.0, "the platform has two channels");
        assert_eq!(gbs(&faster.clone().with(&RigEdit::Channels(Some(1)))), 48.0);
        let unnamed = rig().with(&RigEdit::Cpu(None)).with(&RigEdit::Ram("DDR4".to_owned(), Some(3200)));
        assert_eq!((gbs(&unnamed), unnamed.machine.ram_channels), (51.2, Some(2)));
        assert_eq!(unnamed.machine.cores, None, "they were the other processor's");
        let other = rig().with(&RigEdit::Cpu(Some("AMD EPYC 9654".to_owned())));
        assert_eq!(gbs(&other), 460.8);
    }

    #[test]
    fn a_price_is_a_number_of_dollars() {
        assert!(rig().with(&RigEdit::Price(Some(700.0))).check().is_ok());
        for wrong in [-1.0, f64::NAN, f64::INFINITY] {
            let wrong = rig().with(&RigEdit::Price(Some(wrong))).check();
            assert_eq!(wrong, Err(RigSenseless::Price));
        }
        assert!(matches!(
            rig().with(&RigEdit::Host(HostField::RamGib, Some(-1.0))).check(),
            Err(RigSenseless::Machine(_))
        ));
    }

    #[test]
    fn every_record_can_be_added() {
        for record in Table::embedded().records() {
            let rig =
                NamedRig { machine: MachineSpec { ram_gib: Some(64.0), ..MachineSpec::default() }, ..rig() };
            let rig = rig.with(&RigEdit::AddGpu(record.id.clone()));
            let found = Table::embedded().find_with(&rig.machine.gpus[0].name, &Hints::default()).unwrap();
            assert_eq!(found.record.id, record.id);
        }
    }
}
