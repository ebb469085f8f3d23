//! What the hardware table says of a device that one or several of its records may be.

use super::super::table::{PciId, Record};
use super::super::{Gpu, Known, Pool, Vendor};
use crate::units::Bytes;

const TABLE: &str = "hardware table";
/// What is to be said of a device that no record describes.
pub(super) const NOT_IN_TABLE: &str = "Not in the hardware table; compute rates are unknown";

/// What the records agree on. With one record that is all of it; with none, nothing.
#[derive(Debug, Default)]
pub(super) struct Identity {
    pub name: Option<String>,
    pub table_id: Option<String>,
    pub architecture: Option<String>,
    pub compute_units: Option<u32>,
    pub unified: Option<bool>,
    pub own_memory: Option<Bytes>,
    pub bus_width_bits: Option<u32>,
    pub memory_type: Option<String>,
    pub bandwidth_gbs: Option<Known<f64>>,
    pub fp16_tflops: Option<Known<f64>>,
    pub int8_tops: Option<Known<f64>>,
    pub power_watts: Option<Known<f64>>,
    pub notes: Vec<String>,
}

impl Identity {
    /// `ram_gbs`: bandwidth of the computer's RAM, for devices that share it.
    pub fn of(candidates: &[&Record], ram_gbs: Option<f64>) -> Self {
        let Some((first, others)) = candidates.split_first() else { return Self::default() };
        let mut notes = Vec::new();
        if !others.is_empty() {
            let names = candidates.iter().map(|record| record.name.as_str()).collect::<Vec<_>>().join(", ");
            notes.push(format!("It could be any of these: {names}"));
        }
        let derived = candidates.iter().any(|record| record.tensor_rates_derived);
        let rates = if derived { "hardware table, from units × clock" } else { TABLE };
        let known = |value: Option<f64>, source: &str| value.map(|value| Known::new(value, source));
        Self {
            name: common_name(first, others),
            table_id: others.is_empty().then(|| first.id.clone()),
            architecture: common(candidates, |record| Some(record.architecture.clone())),
            compute_units: common(candidates, |record| record.sm_or_cu),
            unified: common(candidates, |record| Some(record.unified_memory)),
            own_memory: common(candidates, Record::own_memory),
            bus_width_bits: common(candidates, |record| record.bus_width_bits),
            memory_type: common(candidates, |record| Some(record.mem_type.clone())),
            bandwidth_gbs: bandwidth(candidates, ram_gbs),
            fp16_tflops: known(common(candidates, |record| record.fp16_tensor_tflops_dense), rates),
            int8_tops: known(common(candidates, |record| record.int8_tops_dense), rates),
            power_watts: known(common(candidates, |record| record.tdp_watts), TABLE),
            notes,
        }
    }

    /// A device with what the table says of it, to be filled with what was read.
    pub fn into_gpu(self, vendor: Vendor, id: Option<PciId>) -> Gpu {
        let mut notes = self.notes;
        let name = match (self.name, id) {
            (Some(name), _) => Known::new(name, "hardware table, by PCI id"),
            (None, id) => {
                notes.push(NOT_IN_TABLE.to_owned());
                let id = id.map(|id| format!(" {id}")).unwrap_or_default();
                Known::new(format!("{} GPU{id}", maker(vendor)), "PCI id")
            }
        };
        Gpu {
            table_id: self.table_id,
            architecture: self.architecture,
            compute_units: self.compute_units,
            pool: if self.unified == Some(true) { Pool::Unified } else { Pool::Discrete },
            bandwidth_gbs: self.bandwidth_gbs,
            fp16_tflops: self.fp16_tflops,
            int8_tops: self.int8_tops,
            power_watts: self.power_watts,
            bus_width_bits: self.bus_width_bits.map(|bits| Known::new(bits, TABLE)),
            notes,
            ..Gpu::named(name, vendor)
        }
    }
}

/// A maker's name.
pub(super) fn maker(vendor: Vendor) -> &'static str {
    match vendor {
        Vendor::Nvidia => "NVIDIA",
        Vendor::Amd => "AMD",
        Vendor::Intel => "Intel",
        Vendor::Apple => "Apple",
        Vendor::Qualcomm => "Qualcomm",
        Vendor::Other => "Unknown",
    }
}

/// The value that all records give.
fn common<T: PartialEq>(records: &[&Record], value: impl Fn(&Record) -> Option<T>) -> Option<T> {
    let mut values = records.iter().map(|record| value(record));
    let first = values.next()??;
    values.all(|other| other.as_ref() == Some(&first)).then_some(first)
}

/// The name of the only record; of up to three, their names beside each other ("AMD Radeon 780M / 760M");
/// of more, one that all share and that has a number in it.
fn common_name(first: &Record, others: &[&Record]) -> Option<String> {
    if others.len() < 3 {
        let words: Vec<&str> = first.name.split(' ').collect();
        let rest = others.iter().map(|other| {
            let own: Vec<&str> = other.name.split(' ').collect();
            let same = own.iter().zip(&words).take_while(|(a, b)| a == b).count();
            format!(" / {}", own[same.min(own.len() - 1)..].join(" "))
        });
        return Some(std::iter::once(first.name.clone()).chain(rest).collect());
    }
    let shared =
        first.aliases.iter().filter(|&alias| others.iter().all(|other| other.aliases.contains(alias)));
    shared
        .filter(|alias| alias.contains(|c: char| c.is_ascii_digit()))
        .min_by_key(|alias| alias.len())
        .cloned()
}

/// The bandwidth that all records give, or the lowest, which promises nothing that may not hold.
fn bandwidth(records: &[&Record], ram_gbs: Option<f64>) -> Option<Known<f64>> {
    let all: Option<Vec<Known<f64>>> = records.iter().map(|record| record.bandwidth(ram_gbs)).collect();
    let all = all?;
    let lowest = all.iter().min_by(|a, b| a.value.total_cmp(&b.value))?;
    let highest = all.iter().map(|known| known.value).fold(f64::MIN, f64::max);
    if lowest.value == highest {
        return Some(lowest.clone());
    }
    let source = format!("hardware table; lowest of {} to {highest} GB/s of what it may be", lowest.value);
    Some(Known::new(lowest.value, source))
}
