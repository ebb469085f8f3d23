//! What llama.cpp does by itself: `--fit on` with the context given.
//!
//! The steps of llama.cpp's `common/fit.cpp` (2026): if the usual split by free memory leaves the target on
//! every device, nothing is changed; else devices are filled from the last to the first with layers, of models
//! with experts without these; then, from the first device on, layers get their experts back as long as there
//! is room. Followed to the whole layer: a part of one more layer, which llama.cpp also tries, is left out.

use crate::units::{Bytes, MIB};

use super::alternatives::{Candidate, candidate_of, in_words, on_devices};
use super::format_group::FormatGroup;
use super::load::Load;
use super::place::{Graph, Run, Split};
use super::plan::{FitClass, Memory, Parts};
use super::rig::Rig;
use super::solve::least;
use super::step::{Step, Stepper};
use super::{outcome, rules};

/// Layers of one device: first whole ones, then those whose experts are in main memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Filled {
    /// All layers, the output layer too.
    layers: usize,
    /// Of them, those without experts.
    parts: usize,
}

/// Consecutive items on one device.
#[derive(Clone, Copy, Debug)]
struct Piece {
    device: usize,
    from: usize,
    to: usize,
    experts: bool,
}

/// llama.cpp's own placement; `None` where it does not run: the host lacks the room.
pub(super) fn default_of(load: &Load<'_>, group: FormatGroup, rig: &Rig) -> Option<Candidate> {
    let fit = Fit { load, rig, margin: Bytes(rules::memory().fit_margin.mib * MIB) };
    let shares: Vec<(usize, f64)> =
        rig.devices.iter().enumerate().map(|(index, device)| (index, device.free.gib())).collect();
    let usual = load.proportional(0, 0, &shares);
    let keeps_margin =
        load.devices_of(&usual).all(|(device, parts)| parts.total() + fit.margin <= rig.devices[device].free);
    if keeps_margin {
        let found = outcome::judged(*load, usual, rig);
        return Some(candidate_of(&found, group, rig));
    }
    let filled = fit.filled();
    let candidate = fit.candidate(&filled, group);
    candidate.class.runs().then_some(candidate)
}

struct Fit<'a> {
    load: &'a Load<'a>,
    rig: &'a Rig,
    margin: Bytes,
}

impl Fit<'_> {
    fn devices(&self) -> usize {
        self.rig.devices.len()
    }

    fn pieces(&self, filled: &[Filled]) -> Vec<Piece> {
        let items = self.load.blocks() + 1;
        let mut from = items - filled.iter().map(|device| device.layers).sum::<usize>();
        let mut pieces = Vec::with_capacity(2 * filled.len());
        for (device, layers) in filled.iter().enumerate() {
            let whole = from + layers.layers - layers.parts;
            let end = from + layers.layers;
            // llama.cpp counts the output layer among the whole ones and lets the parts end with it: on the
            // last device one block more than counted keeps its experts.
            pieces.push(Piece { device, from, to: whole.min(end), experts: true });
            pieces.push(Piece { device, from: whole.min(end), to: end, experts: false });
            from = end;
        }
        pieces
    }

    fn memory(&self, filled: &[Filled]) -> Memory {
        let load = self.load;
        let pieces = self.pieces(filled);
        let sums = &load.layout.sums;
        let first = pieces.first().map_or(load.blocks(), |piece| piece.from);
        let parts: Vec<&Piece> =
            pieces.iter().filter(|piece| !piece.experts && piece.to > piece.from).collect();
        let has_parts =
            parts.iter().any(|p| sums.before(p.to).with_experts > sums.before(p.from).with_experts);
        let graph = if first == 0 && !has_parts && self.devices() > 1 {
            Graph::Pipeline(self.devices())
        } else {
            let last_out = parts.iter().map(|piece| piece.to).max().unwrap_or(0);
            load.graph(first, if has_parts { last_out } else { 0 }, 1)
        };
        let mut devices = vec![Parts::default(); self.devices()];
        for piece in &pieces {
            let run = Run { device: piece.device, end: piece.to };
            let moe = if piece.experts { 0 } else { piece.to };
            devices[piece.device] = devices[piece.device] + load.held(run, piece.from, moe);
        }
        for (device, parts) in devices.iter_mut().enumerate() {
            *parts = *parts + load.fixed(device, device, graph);
        }
        let mut host = load.on_host(first, first, graph);
        for piece in parts {
            host.weights += Bytes(sums.before(piece.to).experts_host - sums.before(piece.from).experts_host);
        }
        Memory { devices, host }
    }

    fn holds(&self, device: usize, filled: &[Filled]) -> bool {
        let target = self.rig.devices[device].free - self.margin;
        self.memory(filled).devices[device].total() <= target
    }

    fn filled(&self) -> Vec<Filled> {
        let has_experts = self.load.layout.sums.has_experts();
        let count = self.devices();
        let all = self.load.blocks() + 1;
        let mut filled = vec![Filled::default(); count];
        for device in (0..count).rev() {
            let unassigned = all - filled.iter().map(|f| f.layers).sum::<usize>();
            let with = |layers: usize| {
                let mut test = filled.clone();
                let output = usize::from(device + 1 == count && layers > 0);
                test[device] = Filled { layers, parts: if has_experts { layers - output } else { 0 } };
                test
            };
            filled = with(most(unassigned, |layers| self.holds(device, &with(layers))));
        }
        if !has_experts || filled.iter().map(|f| f.layers).sum::<usize>() < all {
            return filled;
        }
        let Some(mut giver) = filled.iter().position(|device| device.layers > 0) else { return filled };
        for device in 0..count {
            if device > giver {
                break;
            }
            let left: usize = filled.iter().map(|device| device.parts).sum();
            let with = |layers: usize| converted(&filled, giver, device, layers);
            let layers = most(left, |layers| self.holds(device, &with(layers)));
            filled = with(layers);
            giver = filled.iter().position(|device| device.parts > 0).unwrap_or(count);
        }
        filled
    }

    fn candidate(&self, filled: &[Filled], group: FormatGroup) -> Candidate {
        let (load, rig) = (self.load, self.rig);
        let memory = self.memory(filled);
        let pieces = self.pieces(filled);
        let first = pieces.first().map_or(load.blocks(), |piece| piece.from);
        let sums = &load.layout.sums;
        let out: usize = pieces
            .iter()
            .filter(|piece| !piece.experts)
            .map(|piece| sums.before(piece.to).with_experts - sums.before(piece.from).with_experts)
            .sum();
        let host_fits = memory.host.total() <= rig.host.free;
        let class = match (host_fits, first > 0 || out > 0) {
            (false, _) => FitClass::TooBig,
            (true, true) => FitClass::Offload,
            (true, false) => FitClass::Fits,
        };
        let runs: Vec<(usize, usize)> = filled
            .iter()
            .enumerate()
            .filter(|(_, layers)| layers.layers > 0)
            .map(|(device, layers)| (device, layers.layers - usize::from(device + 1 == self.devices())))
            .collect();
        let on = on_devices(&runs, rig);
        let blocks = load.blocks();
        let what = in_words(first.min(blocks), out, blocks, &on);
        let known = load.rates.unknown().is_none();
        let decode = (known && class.runs()).then(|| {
            let offloads = class == FitClass::Offload;
            let split = Split { cpu_moe: if offloads { blocks } else { 0 }, ..self.usual() };
            let step = self.step(&pieces, first, offloads, group);
            Stepper::new(*load, group).rate(&step, &split, 0.0)
        });
        Candidate { what, placement: None, memory, class, decode }
    }

    fn usual(&self) -> Split {
        let shares: Vec<(usize, f64)> = (0..self.devices()).map(|device| (device, 1.0)).collect();
        self.load.proportional(0, 0, &shares)
    }

    fn step(&self, pieces: &[Piece], first: usize, offloads: bool, group: FormatGroup) -> Step {
        let (load, rates) = (self.load, self.load.rates);
        let costs = &load.context.costs.devices;
        let stepper = Stepper::new(*load, group);
        let sums = &load.layout.sums;
        let (Some(front), Some(back)) = (pieces.first(), pieces.last()) else { return Step::default() };
        let factor = |device: usize| if offloads { costs[device].beside.device } else { 1.0 };
        let mut step = Step { overhead: load.step(back.device) * factor(back.device), ..Step::default() };
        let beside = &costs[front.device].beside;
        let experts_byte = beside.experts + beside.flops(group, load.layout.bits_per_weight, rates.requests);
        if first > 0 {
            let (ram, hops, _) = stepper.on_host(front.device, first, first);
            step.ram = ram;
            step.overhead += hops;
        }
        let mut before = None;
        for piece in pieces.iter().filter(|piece| piece.to > piece.from) {
            let run = Run { device: piece.device, end: piece.to };
            let moe = if piece.experts { 0 } else { piece.to };
            let (reading, layers) = stepper.on_device(run, piece.from, moe);
            step.gpu_memory += reading * factor(piece.device);
            step.overhead += layers * factor(piece.device);
            if !piece.experts {
                let (from, to) = (sums.before(piece.from), sums.before(piece.to));
                let experts = (to.experts_host - from.experts_host) as f64 * load.context.experts_read;
                step.ram += experts * experts_byte;
                step.overhead += (to.with_experts - from.with_experts) as f64 * beside.expert_hop;
            }
            if before.is_some_and(|device| device != piece.device) {
                step.overhead += rates.boundary;
            }
            before = Some(piece.device);
        }
        step
    }
}

/// The largest number up to `limit` that is good; 0 where none is. Being good is monotone in it.
fn most(limit: usize, is_good: impl Fn(usize) -> bool) -> usize {
    // The smallest number of layers to leave out.
    least(0, limit, |out| out == limit || is_good(limit - out)).map_or(0, |out| limit - out)
}

/// `layers` of the parts from `giver` on become whole layers of `device`.
fn converted(filled: &[Filled], giver: usize, device: usize, layers: usize) -> Vec<Filled> {
    let mut test = filled.to_vec();
    let mut left = layers;
    for from in giver..test.len() {
        let taken = left.min(test[from].parts);
        test[from].layers -= taken;
        test[from].parts -= taken;
        test[device].layers += taken;
        left -= taken;
    }
    test
}
