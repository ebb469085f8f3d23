//! `ExLlamaV3`: everything on the cards, layer after layer, with the embedding in RAM.

use super::{Caches, Case, Figures, activation, less, mib, need, placement, rules};
use crate::estimate::place::spare;
use crate::estimate::plan::{Memory, Parts, Serving};
use crate::estimate::rig::Device;
use crate::estimate::scenario::{Engine, Scenario};
use crate::units::Bytes;

/// 16-bit bytes of a window's token over those of the cache's type: rings are never quantized.
pub(super) fn ring_factor(scenario: &Scenario) -> f64 {
    let both = scenario.cache_k.bytes_per_value() + scenario.cache_v.bytes_per_value();
    4.0 / both
}

/// How the model sits with `context` tokens in the cache: each card is filled before the next.
pub(super) fn figures(case: &Case<'_>, context: u32) -> Figures {
    let devices = &case.rig.devices;
    let mut memory = Memory { devices: vec![Parts::default(); devices.len()], host: Parts::default() };
    memory.host.weights = case.weights.embedding;
    let (mut place, mut used) = (0, vec![0]);
    start(case, &mut memory.devices[0], 0);
    for (weights, kv) in items(case, context) {
        // The last card takes what no other holds.
        while place + 1 < devices.len()
            && memory.devices[place].total() + weights + kv > room(&devices[place], place)
        {
            place += 1;
            used.push(place);
            start(case, &mut memory.devices[place], place);
        }
        memory.devices[place].weights += weights;
        memory.devices[place].kv += kv;
    }
    let on_device = |index: &usize| {
        (less(room(&devices[*index], *index), memory.devices[*index].total()), &devices[*index])
    };
    let (margin, tight) = super::tightest(used.iter().map(on_device));
    let host = less(case.rig.host.free, memory.host.total());
    let (margin, spare) = if host < 0 { (margin.min(host), spare(Bytes::ZERO)) } else { (margin, tight) };
    Figures {
        need: memory.on_devices(),
        margin,
        spare,
        placement: placement(case.model, case.rig, &used, "layer"),
        serving: Serving {
            tensor: 1,
            pipeline: used.len() as u32,
            memory_fraction: None,
            prompt_step: chunk(),
            cache_tokens: None,
            needs: None,
        },
        memory,
    }
}

fn chunk() -> u32 {
    rules::of(Engine::ExLlamaV3).exllama.as_ref().map_or(0, |rules| rules.chunk_tokens)
}

/// What may be used of a card: `TabbyAPI` leaves something free on the first.
fn room(device: &Device, place: usize) -> Bytes {
    let reserve = rules::of(Engine::ExLlamaV3).exllama.as_ref().map_or(0, |rules| rules.reserve_mib);
    if place == 0 { device.free - mib(reserve) } else { device.free }
}

/// What a card holds before any layer.
fn start(case: &Case<'_>, parts: &mut Parts, place: usize) {
    let context = rules::of(Engine::ExLlamaV3).exllama.as_ref().map_or(0, |rules| rules.context_mib);
    let requests = u64::from(case.scenario.parallel.max(1));
    parts.overhead = mib(context);
    parts.compute = activation(case.model, chunk(), if place == 0 { requests } else { 1 }, 1);
}

/// Weights and cache of each layer, then the output matrix.
fn items<'a>(case: &'a Case<'_>, context: u32) -> impl Iterator<Item = (Bytes, Bytes)> + 'a {
    let load = case.load(context);
    let layers = case.weights.blocks.iter().enumerate().map(move |(layer, weights)| {
        let layer = layer as u32;
        // MTP layers stand behind the others and keep no cache here.
        let range = layer..(layer + 1).min(case.model.n_layer).max(layer);
        (*weights, need(case.scenario, &Caches::new(case.model, case.scenario, range, 1), load))
    });
    layers.chain([(case.weights.output + case.weights.tied_copy, Bytes::ZERO)])
}
