//! A GPU of a machine that is described by hand.

use super::super::memory::{Shared, Taken};
use super::super::table::Record;
use super::super::{Gpu, Known, Os, Pcie, Pool, Ram, Vendor, reserve};
use super::{GIVEN, MachineSpec, NEITHER, Named, SpecError, TABLE, say};
use crate::units::{Bytes, gib_text};

impl Named<'_> {
    pub(super) fn vendor(&self) -> Vendor {
        self.record.map_or_else(|| vendor_of(&self.spec.name), |record| record.vendor)
    }

    pub(super) fn is_unified(&self) -> bool {
        self.record.is_some_and(|record| record.unified_memory)
    }

    fn pool(&self) -> Pool {
        if self.is_unified() { Pool::Unified } else { Pool::Discrete }
    }

    pub(super) fn resolve(
        &self,
        machine: &MachineSpec,
        os: Os,
        ram: &Ram,
        headless: bool,
        warnings: &mut Vec<String>,
    ) -> Result<Gpu, SpecError> {
        let Self { spec, record } = *self;
        let mut total = self.memory(ram, warnings)?;
        let free = match spec.free_gib {
            Some(gib) => Known::new(Bytes::from_gib(gib), GIVEN),
            None => self.usual_free(machine, os, total.value, ram, headless),
        };
        if free.value > total.value {
            say(warnings, format!("{}: free_gib is more than the {} that it has", spec.name, total.value));
            // What is given wins over the table, but not over what else is given.
            if spec.vram_gib.is_none() {
                total = free.clone();
            }
        }
        let (taken, shared) = self.taken(&total, &free, os, ram, headless);
        let bandwidth = match spec.bandwidth_gbs {
            Some(gbs) => Some(Known::new(gbs, GIVEN)),
            None => record.and_then(|r| r.bandwidth(ram.bandwidth_gbs.as_ref().map(|known| known.value))),
        };
        let name = record.map_or(&spec.name, |record| &record.name);
        if bandwidth.is_none() {
            say(warnings, format!("the bandwidth of {name} is not known: give bandwidth_gbs for its speed"));
        }
        let from_table = |value: Option<f64>| value.map(|value| Known::new(value, TABLE));
        Ok(Gpu {
            table_id: record.map(|record| record.id.clone()),
            architecture: record.map(|record| record.architecture.clone()),
            compute_units: record.and_then(|record| record.sm_or_cu),
            pool: self.pool(),
            memory_total: Some(total),
            memory_free: Some(free),
            taken,
            shared,
            bandwidth_gbs: bandwidth,
            fp16_tflops: from_table(record.and_then(|record| record.fp16_tensor_tflops_dense)),
            int8_tops: from_table(record.and_then(|record| record.int8_tops_dense)),
            power_watts: match spec.power_watts {
                Some(watts) => Some(Known::new(watts, GIVEN)),
                None => from_table(record.and_then(|record| record.tdp_watts)),
            },
            bus_width_bits: record
                .and_then(|record| record.bus_width_bits)
                .map(|bits| Known::new(bits, TABLE)),
            pcie: self.link(),
            ..Gpu::named(
                Known::new(name.clone(), if record.is_some() { TABLE } else { GIVEN }),
                self.vendor(),
            )
        })
    }

    fn memory(&self, ram: &Ram, warnings: &mut Vec<String>) -> Result<Known<Bytes>, SpecError> {
        if let Some(gib) = self.spec.vram_gib {
            return Ok(Known::new(Bytes::from_gib(gib), GIVEN));
        }
        if self.is_unified() {
            return Ok(Known::new(ram.total.value, "shared with the processor"));
        }
        let unknown = || SpecError::MemoryUnknown { name: self.spec.name.clone() };
        let record = self.record.ok_or_else(unknown)?;
        let least = record.vram_gib.iter().copied().reduce(f64::min).ok_or_else(unknown)?;
        let size = Bytes::from_gib(least);
        if record.vram_gib.len() > 1 {
            say(
                warnings,
                format!(
                    "{} is sold with several memories: {} GiB is assumed; give vram_gib",
                    record.name,
                    gib_text(size)
                ),
            );
        }
        Ok(Known::new(size, TABLE))
    }

    /// Who holds what is not free, and the pool where there is one.
    fn taken(
        &self,
        total: &Known<Bytes>,
        free: &Known<Bytes>,
        os: Os,
        ram: &Ram,
        headless: bool,
    ) -> (Taken, Option<Shared>) {
        if self.is_unified() {
            let limit = reserve::shared_limit(total.value, os, self.vendor());
            return (ram.taken.clone(), Some(Shared::new(total.clone(), limit)));
        }
        let kept = reserve::device_kept(total.value, os, headless);
        let taken = match self.spec.free_gib {
            Some(_) => Taken::between(total.value, free.value, kept, NEITHER),
            None => Taken::only_reserved(kept),
        };
        (taken, None)
    }

    /// What is usually free of `total`; of a pool no more than is free of it.
    fn usual_free(
        &self,
        machine: &MachineSpec,
        os: Os,
        total: Bytes,
        ram: &Ram,
        headless: bool,
    ) -> Known<Bytes> {
        let usual = reserve::device_free(total, os, self.vendor(), self.pool(), headless);
        match machine.ram_free_gib {
            Some(_) if self.is_unified() && ram.available.value < usual.value => ram.available.clone(),
            _ => usual,
        }
    }

    /// As given; what is left out as the card was built.
    fn link(&self) -> Option<Known<Pcie>> {
        let built = self.record.and_then(slot);
        let Self { spec, .. } = *self;
        if spec.pcie_generation.is_none() && spec.pcie_lanes.is_none() {
            return built;
        }
        let built = built.map(|known| known.value);
        let generation = spec.pcie_generation.or(built.map(|link| link.generation))?;
        let lanes = spec.pcie_lanes.or(built.map(|link| link.lanes))?;
        Some(Known::new(Pcie { generation, lanes }, GIVEN))
    }
}

fn slot(record: &Record) -> Option<Known<Pcie>> {
    let slot = record.pcie.as_ref()?;
    let pcie = Pcie { generation: slot.generation? as u32, lanes: slot.lanes? };
    Some(Known::new(pcie, TABLE))
}

/// The maker of a GPU that the table does not know, by the words of its name.
pub(super) fn vendor_of(name: &str) -> Vendor {
    const WORDS: [(Vendor, &[&str]); 5] = [
        (Vendor::Nvidia, &["nvidia", "geforce", "quadro", "tesla", "rtx", "gtx"]),
        (Vendor::Amd, &["amd", "radeon", "instinct", "rx"]),
        (Vendor::Intel, &["intel", "arc"]),
        (Vendor::Apple, &["apple"]),
        (Vendor::Qualcomm, &["qualcomm", "adreno", "snapdragon"]),
    ];
    let name = name.to_lowercase();
    let mut words = name.split(|c: char| !c.is_alphanumeric());
    words
        .find_map(|word| WORDS.iter().find(|(_, known)| known.contains(&word)).map(|(vendor, _)| *vendor))
        .unwrap_or(Vendor::Other)
}
