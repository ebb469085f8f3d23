//! Decode speed in an engine that is not llama.cpp: the calibrated form, everything on one device.

use crate::estimate::calibration::{DEEP, coefficients};
use crate::estimate::outcome::backend;
use crate::estimate::pace::{DevicePace, FormatGroup};
use crate::estimate::plan::{Bound, Speed};
use crate::estimate::profile;
use crate::estimate::rates;
use crate::estimate::work::{self, Work};

use super::Case;

/// Speed of a model that fits, or why none can be said.
pub(super) fn speed(case: &Case<'_>, devices: usize) -> Result<Speed, String> {
    let Case { model, level, scenario, rig, .. } = *case;
    if let Some(reason) = model.not_generating() {
        return Err(reason.to_owned());
    }
    let title = scenario.engine.title();
    if devices > 1 {
        return Err(format!("{title} on several cards is not calibrated"));
    }
    if scenario.concurrency > 1 {
        return Err(format!("{title} with several requests at once is not calibrated"));
    }
    let Some(device) = rig.devices.first() else { return Err("there is no GPU".to_owned()) };
    let device = DevicePace::new(device, backend(scenario, rig), scenario.engine, true)
        .map_err(|unsupported| unsupported.reason)?;
    let family = profile::family(model);
    let pace = device.of(model, family, work::is_recurrent(model));
    let caches = (scenario.cache_k, scenario.cache_v);
    let work = Work::of_checkpoint(model, level, caches, f64::from(scenario.depth), 1.0);
    let group = FormatGroup::of(level, model);
    let (memory, overhead) = pace.parts(&work, group);
    let seconds = memory + overhead;
    let evidence = device.evidence(family);
    let deep = scenario.depth >= DEEP;
    let width = coefficients().half_width("decode", evidence.name(), &device.cell(), model.is_moe(), deep);
    let width = width.unwrap_or_else(rates::unknown);
    Ok(Speed {
        decode: Some(rates::range(1.0 / seconds, width)),
        bound: if memory >= overhead { Bound::GpuMemory } else { Bound::Overhead },
        evidence,
        ..Speed::UNKNOWN
    })
}
