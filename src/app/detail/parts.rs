//! The parts of a memory, each with the numbers that it is made of.

use crate::estimate::plan::Parts;
use crate::estimate::{LayerPlace, Place, Scenario};
use crate::language::tr;
use crate::model::Model;
use crate::model::record::Mixer;
use crate::units::Bytes;

use super::Subject;
use super::known::{row_formula, thousands};
use super::memory::{named, precise};

/// llama.cpp rounds the tokens of a cache up to this.
const CELL_STEP: u32 = 256;
/// Kinds of layers that are told apart; more are summed up.
const KINDS: usize = 3;

/// The parts on the GPU of this index, or in main memory for `None`, a line each: `weights 8.02 GiB = 40
/// layers 7.41 GiB + output 0.61 GiB`. `layers`: where each layer lies; empty where only the engine knows.
pub(super) fn lines(
    subject: &Subject<'_>,
    device: Option<usize>,
    parts: &Parts,
    layers: &[LayerPlace],
) -> Vec<String> {
    let there = Part { subject, device, layers };
    let line = |(name, size): (&'static str, Bytes)| {
        let made_of = match name {
            _ if layers.is_empty() => String::new(),
            "weights" => there.weights(size),
            "KV cache" => there.cache(),
            "recurrent state" => there.state(),
            "compute" => there.compute(),
            _ => there.overhead(),
        };
        format!("{name} {}{made_of}", precise(size))
    };
    named(parts).map(line).collect()
}

/// One memory.
struct Part<'a> {
    subject: &'a Subject<'a>,
    device: Option<usize>,
    layers: &'a [LayerPlace],
}

impl Part<'_> {
    fn is_here(&self, place: Place) -> bool {
        match (self.device, place) {
            (Some(device), Place::Device(other)) => device == other,
            (None, Place::Ram | Place::Disk) => true,
            _ => false,
        }
    }

    /// Layers whose attention and cache are here, with their index.
    fn own(&self) -> impl Iterator<Item = (usize, &LayerPlace)> {
        self.layers.iter().enumerate().filter(|(_, layer)| self.is_here(layer.place))
    }

    fn weights(&self, all: Bytes) -> String {
        let own: Vec<&LayerPlace> = self.own().map(|(_, layer)| layer).collect();
        let dense: Bytes = own.iter().map(|layer| layer.dense).sum();
        let experts: Vec<Bytes> = self
            .layers
            .iter()
            .filter(|layer| layer.experts > Bytes::ZERO && self.is_here(layer.experts_place))
            .map(|layer| layer.experts)
            .collect();
        let routed: Bytes = experts.iter().copied().sum();
        let rest = all - dense - routed;
        let mut terms = Vec::new();
        if !own.is_empty() {
            terms.push(tr!("{own} layers {dense}", own = own.len(), dense = precise(dense)));
        }
        if !experts.is_empty() {
            terms.push(tr!(
                "experts of {experts} layers {routed}",
                experts = experts.len(),
                routed = precise(routed)
            ));
        }
        if rest > Bytes::ZERO {
            let name = if self.device.is_some() { tr!("output") } else { tr!("input embedding") };
            terms.push(format!("{name} {}", precise(rest)));
        }
        equals(&terms)
    }

    /// Kinds of layers by what each caches; of one kind alone the product.
    fn cache(&self) -> String {
        let Subject { model, scenario, .. } = *self.subject;
        let mut kinds: Vec<(Bytes, Mixer, u32)> = Vec::new();
        for (index, layer) in self.own().filter(|(_, layer)| layer.kv > Bytes::ZERO) {
            let mixer = model.mixer(index as u32);
            match kinds.iter_mut().find(|(size, kind, _)| (*size, *kind) == (layer.kv, mixer)) {
                Some((_, _, count)) => *count += 1,
                None => kinds.push((layer.kv, mixer, 1)),
            }
        }
        match kinds.as_slice() {
            [] => String::new(),
            [(size, mixer, count)] => match product(model, scenario, *mixer, *size) {
                Some(product) => tr!(" = {count} layers × {product}", count, product),
                None => tr!(" = {count} layers × {size}", count, size = precise(*size)),
            },
            several if several.len() <= KINDS => {
                let term = |(size, mixer, count): &(Bytes, Mixer, u32)| {
                    let what = if *mixer == Mixer::Window { tr!("windows") } else { tr!("layers") };
                    format!("{count} {what} × {}", precise(*size))
                };
                let terms: Vec<String> = several.iter().map(term).collect();
                let full = several.iter().find(|(_, mixer, _)| *mixer != Mixer::Window);
                let of_one = full.and_then(|(size, mixer, _)| {
                    Some(format!("; {} = {}", precise(*size), product(model, scenario, *mixer, *size)?))
                });
                format!("{}{}", equals(&terms), of_one.unwrap_or_default())
            }
            _ => tr!(
                ", summed over {count} layers",
                count = self.own().filter(|(_, l)| l.kv > Bytes::ZERO).count()
            ),
        }
    }

    fn state(&self) -> String {
        let states: Vec<Bytes> =
            self.own().map(|(_, layer)| layer.state).filter(|state| *state > Bytes::ZERO).collect();
        let of_slots = slots(self.subject.scenario);
        let Some(&first) = states.first() else { return String::new() };
        if states.iter().all(|state| *state == first) {
            tr!(
                " = {states} layers × {first} for {of_slots}",
                states = states.len(),
                first = precise(first),
                of_slots
            )
        } else {
            tr!(", summed over {states} layers for {of_slots}", states = states.len(), of_slots)
        }
    }

    fn compute(&self) -> String {
        let scenario = self.subject.scenario;
        tr!(
            ": the graph of a batch of {physical_batch} tokens over {scenario} cells, by llama.cpp's rules",
            physical_batch = thousands(scenario.physical_batch()),
            scenario = thousands(cells(scenario))
        )
    }

    fn overhead(&self) -> String {
        let Subject { model, scenario, rig, .. } = *self.subject;
        match self.device.and_then(|device| rig.devices.get(device)) {
            Some(device) => match device.compute_units {
                Some(units) => {
                    tr!(": what the driver takes for a program, by the card's {units} units", units)
                }
                None => tr!(": what the driver usually takes for a program").to_owned(),
            },
            None => tr!(
                ": logits, {scenario} × {n_vocab} words × 4 bytes",
                scenario = slots(scenario),
                n_vocab = thousands(model.n_vocab)
            ),
        }
    }
}

/// "16,384 cells × 8 heads × (128 + 128) × 2 bytes", where that is what one layer caches.
fn product(model: &Model, scenario: &Scenario, mixer: Mixer, of_layer: Bytes) -> Option<String> {
    if mixer == Mixer::Window || model.num_loops != 1 {
        return None;
    }
    let (formula, row) = row_formula(model, mixer, scenario);
    let cells = cells(scenario);
    let told = row * f64::from(cells);
    ((told / of_layer.0 as f64 - 1.0).abs() < 1e-3)
        .then(|| tr!("{cells} cells × {formula}", cells = thousands(cells), formula))
}

/// "1 slot", "4 slots".
fn slots(scenario: &Scenario) -> String {
    match scenario.parallel {
        0 | 1 => tr!("1 slot").to_owned(),
        slots => tr!("{slots} slots", slots),
    }
}

/// Cells of the cache of a layer that sees the whole context, all slots.
fn cells(scenario: &Scenario) -> u32 {
    let pad = |tokens: u32| tokens.max(1).div_ceil(CELL_STEP) * CELL_STEP;
    let slots = scenario.parallel.max(1);
    if scenario.unified_kv { pad(scenario.context) } else { slots * pad(scenario.context / slots) }
}

/// " = a + b".
fn equals(terms: &[String]) -> String {
    match terms {
        [] => String::new(),
        terms => format!(" = {}", terms.join(" + ")),
    }
}
