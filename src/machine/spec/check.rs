//! Whether the numbers of a description make sense, where no parser has checked them: in a file.

use std::ops::RangeInclusive;

use super::{GpuSpec, MachineSpec};
use crate::language::tr;

/// Most GPUs, counts included.
const MAX_GPUS: u32 = 64;
/// Longest name, bytes.
const LONGEST: usize = 256;

/// A value of a description that makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", tr!("{place} must be {must_be}", place, must_be))]
pub struct Senseless {
    place: String,
    must_be: String,
}

impl MachineSpec {
    /// Whether all numbers are in the ranges that the fields' schema gives.
    ///
    /// # Errors
    /// The first value that makes no sense.
    pub fn check(&self) -> Result<(), Senseless> {
        for name in [&self.cpu, &self.ram_type].into_iter().flatten() {
            name_is_short(tr!("cpu and ram_type"), name)?;
        }
        in_range("cores", self.cores.map(f64::from), 1.0..=65_536.0)?;
        in_range("threads", self.threads.map(f64::from), 1.0..=65_536.0)?;
        in_range("ram_gib", self.ram_gib, 0.001..=1_048_576.0)?;
        in_range("ram_free_gib", self.ram_free_gib, 0.0..=1_048_576.0)?;
        in_range("ram_bandwidth_gbs", self.ram_bandwidth_gbs, 0.001..=1_000_000.0)?;
        in_range("ram_mts", self.ram_mts.map(f64::from), 1.0..=1_000_000.0)?;
        in_range("ram_channels", self.ram_channels.map(f64::from), 1.0..=64.0)?;
        let count = self.gpus.iter().fold(0_u32, |sum, gpu| sum.saturating_add(gpu.count));
        if count > MAX_GPUS {
            return Err(Senseless {
                place: "gpus".to_owned(),
                must_be: tr!("{most} at most", most = MAX_GPUS),
            });
        }
        self.gpus.iter().enumerate().try_for_each(|(index, gpu)| gpu.check(index))
    }
}

impl GpuSpec {
    fn check(&self, index: usize) -> Result<(), Senseless> {
        let place = |field: &str| format!("gpus[{index}].{field}");
        name_is_short(&place("name"), &self.name)?;
        in_range(&place("count"), Some(f64::from(self.count)), 1.0..=f64::from(MAX_GPUS))?;
        in_range(&place("vram_gib"), self.vram_gib, 0.001..=1_048_576.0)?;
        in_range(&place("free_gib"), self.free_gib, 0.0..=1_048_576.0)?;
        in_range(&place("bandwidth_gbs"), self.bandwidth_gbs, 0.001..=1_000_000.0)?;
        in_range(&place("power_watts"), self.power_watts, 0.001..=100_000.0)?;
        in_range(&place("pcie_generation"), self.pcie_generation.map(f64::from), 1.0..=8.0)?;
        in_range(&place("pcie_lanes"), self.pcie_lanes.map(f64::from), 1.0..=32.0)
    }
}

fn name_is_short(place: &str, name: &str) -> Result<(), Senseless> {
    let is_name = !name.trim().is_empty() && name.len() <= LONGEST && !name.contains(char::is_control);
    let must_be = || Senseless {
        place: place.to_owned(),
        must_be: tr!("a name of at most {most} bytes", most = LONGEST),
    };
    if is_name { Ok(()) } else { Err(must_be()) }
}

fn in_range(place: &str, value: Option<f64>, range: RangeInclusive<f64>) -> Result<(), Senseless> {
    if value.is_none_or(|value| range.contains(&value)) {
        return Ok(());
    }
    let must_be = tr!("from {low} to {high}", low = range.start(), high = range.end());
    Err(Senseless { place: place.to_owned(), must_be })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn senseless_values_are_named() {
        let good = MachineSpec { gpus: vec![GpuSpec::named("RTX 4090")], ..MachineSpec::default() };
        assert_eq!(good.check(), Ok(()));
        let wrong = |change: fn(&mut MachineSpec)| {
            let mut spec = good.clone();
            change(&mut spec);
            spec.check().unwrap_err().to_string()
        };
        assert_eq!(wrong(|spec| spec.ram_gib = Some(-1.0)), "ram_gib must be from 0.001 to 1048576");
        assert!(wrong(|spec| spec.ram_bandwidth_gbs = Some(f64::NAN)).starts_with("ram_bandwidth_gbs"));
        assert!(wrong(|spec| spec.gpus[0].count = 65).starts_with("gpus must be 64"));
        assert!(wrong(|spec| spec.gpus[0].count = 0).starts_with("gpus[0].count"));
        assert!(wrong(|spec| spec.gpus[0].name = "\n".to_owned()).starts_with("gpus[0].name"));
        assert!(wrong(|spec| spec.gpus[0].pcie_lanes = Some(99)).starts_with("gpus[0].pcie_lanes"));
        assert!(wrong(|spec| spec.cpu = Some("x".repeat(300))).contains("at most 256 bytes"));
    }
}
