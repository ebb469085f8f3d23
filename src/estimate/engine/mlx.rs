//! MLX: one pool with the processor, a cache that grows with use.

use super::{Case, Figures, activation, less, need, placement, rules};
use crate::estimate::compute::device_context;
use crate::estimate::place::spare;
use crate::estimate::plan::{Memory, Parts, Serving};
use crate::estimate::scenario::{BackendChoice, Engine};
use crate::units::Bytes;

/// How the model sits with `context` tokens in the cache.
pub(super) fn figures(case: &Case<'_>, context: u32) -> Figures {
    let devices = &case.rig.devices;
    let step = rules::of(Engine::Mlx).mlx.as_ref().map_or(0, |rules| rules.prefill_tokens);
    let mut memory = Memory { devices: vec![Parts::default(); devices.len()], host: Parts::default() };
    let device = &devices[0];
    let requests = u64::from(case.scenario.parallel.max(1));
    memory.devices[0] = Parts {
        weights: case.weights.total(),
        kv: need(case.scenario, &case.caches(), case.load(context)),
        recurrent: Bytes::ZERO,
        compute: activation(case.model, step, requests, 1),
        overhead: device_context(device, BackendChoice::Metal),
    };
    let total = memory.total();
    let margin = less(device.free, total).min(less(case.rig.host.free, total));
    Figures {
        need: total,
        margin,
        spare: spare(device.capacity),
        placement: placement(case.model, case.rig, &[0], "layer"),
        serving: Serving {
            tensor: 1,
            pipeline: 1,
            memory_fraction: None,
            prompt_step: step,
            cache_tokens: None,
            needs: None,
        },
        memory,
    }
}
