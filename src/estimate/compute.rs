//! What a process takes beside weights and caches: the output buffer and device contexts. The graph buffers
//! are in [`super::graph`].

use crate::model::Model;
use crate::units::{Bytes, MIB};

use super::rig::Device;
use super::rules;
use super::scenario::{BackendChoice, Scenario};

pub use super::graph::{Buffers, GraphShape, Lent, WeightKind, is_routed_expert};

/// Memory that a process takes on a device before any buffer.
pub fn device_context(device: &Device, backend: BackendChoice) -> Bytes {
    let contexts = &rules::memory().device_context;
    let rule = match backend {
        BackendChoice::Cuda => &contexts.cuda,
        BackendChoice::Rocm => &contexts.rocm,
        _ => &contexts.other,
    };
    let mib = device
        .compute_units
        .map_or(rule.unknown_mib, |units| rule.fixed_mib + rule.per_compute_unit_mib * f64::from(units));
    Bytes((mib * MIB as f64) as u64)
}

/// Output buffer on the host: one row of logits for each sequence.
pub fn output_buffer(model: &Model, scenario: &Scenario) -> Bytes {
    Bytes(4 * u64::from(model.n_vocab) * u64::from(scenario.parallel.max(1)))
}
