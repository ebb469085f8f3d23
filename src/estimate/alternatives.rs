//! What else could be done: the runner-up of a placement, llama.cpp's own choice, and why this one.

use smallvec::SmallVec;

use crate::language::{fixed, tr};
use crate::units::Bytes;

use super::compute::Lent;
use super::fit;
use super::format_group::FormatGroup;
use super::load::Load;
use super::outcome::{self, Outcome, can_use_devices, is_unified, judged};
use super::place::Split;
use super::plan::{FitClass, Memory, Placement, Range};
use super::rig::Rig;
use super::solve::{Reserve, Solver};
use super::step::Stepper;

/// A placement beside others.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// What it does, in a few words: "everything on the RTX 3090".
    pub what: String,
    /// In llama.cpp's terms; `None` where they cannot say it (experts in the middle stay in RAM).
    pub placement: Option<Placement>,
    /// Memory by device.
    pub memory: Memory,
    /// Verdict.
    pub class: FitClass,
    /// Decode rate of all requests together, tokens/s.
    pub decode: Option<Range>,
}

/// Why a placement was chosen, and what stood beside it.
#[derive(Clone, Debug, PartialEq)]
pub struct Alternatives {
    /// The chosen placement.
    pub chosen: Candidate,
    /// Why it was chosen, a sentence.
    pub reason: String,
    /// The best of another kind that runs; `None`: there is none.
    pub runner_up: Option<Candidate>,
    /// What llama.cpp does by itself (`--fit on`, context given), to the whole layer; `None` without a GPU,
    /// or where that does not run either.
    pub engine_default: Option<Candidate>,
}

/// What a placement is in kind: of one kind only the fastest is worth naming.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Processor,
    Whole(SmallVec<[usize; 4]>),
    ExpertsOut(SmallVec<[usize; 4]>),
    LayersOut(SmallVec<[usize; 4]>),
}

fn kind(load: &Load<'_>, split: &Split) -> Kind {
    let mut devices: SmallVec<[usize; 4]> =
        split.spans().filter(|(run, from)| run.end > *from).map(|(run, _)| run.device).collect();
    devices.sort_unstable();
    // The first blocks of some models have no experts that could stay behind.
    let sums = &load.layout.sums;
    let with_experts = |block: usize| sums.before(block).with_experts;
    match split.first {
        None => Kind::Processor,
        Some(first) if with_experts(split.cpu_moe) > with_experts(first) => Kind::ExpertsOut(devices),
        Some(0) => Kind::Whole(devices),
        Some(_) => Kind::LayersOut(devices),
    }
}

/// Alternatives to `outcome`.
pub(super) fn alternatives(outcome: &Outcome<'_>, group: FormatGroup, rig: &Rig) -> Alternatives {
    let load = outcome.load;
    let solver = Solver::new(load, group);
    let chosen_kind = kind(&load, &outcome.split);
    let mut others: Vec<(Split, f64)> = other_splits(&solver, rig)
        .into_iter()
        .filter(|split| kind(&load, split) != chosen_kind)
        .map(|split| {
            let seconds = solver.seconds(&split);
            (split, seconds)
        })
        .collect();
    others.sort_by(|a, b| a.1.total_cmp(&b.1));
    let runner_up = others
        .into_iter()
        .map(|(split, _)| candidate_of(&judged(load, split, rig), group, rig))
        .find(|candidate| candidate.class.runs());
    let engine_default =
        if can_use_devices(&solver, rig) { fit::default_of(&load, group, rig) } else { None };
    Alternatives {
        chosen: candidate_of(outcome, group, rig),
        reason: reason(outcome, &chosen_kind, runner_up.as_ref(), rig),
        runner_up,
        engine_default,
    }
}

/// Placements of every kind.
fn other_splits(solver: &Solver<'_>, rig: &Rig) -> Vec<Split> {
    let load = &solver.load;
    let mut splits = vec![Split::host_only(load)];
    if !can_use_devices(solver, rig) {
        return splits;
    }
    let orders = &load.rates.orders;
    splits.extend(orders.iter().filter_map(|order| solver.cut(order, 0, 0, Reserve::None)));
    if !is_unified(rig) {
        splits.extend(solver.partial_each());
        splits.extend(orders.iter().filter_map(|order| solver.layers_out(order)));
    }
    splits
}

pub(super) fn candidate_of(outcome: &Outcome<'_>, group: FormatGroup, rig: &Rig) -> Candidate {
    let (load, split) = (outcome.load, &outcome.split);
    let stepper = Stepper::new(load, group);
    let known = load.rates.unknown().is_none() || split.first.is_none();
    let decode = (known && outcome.class != FitClass::TooBig)
        .then(|| stepper.rate(&stepper.step(split, outcome.streamed), split, outcome.streamed));
    Candidate {
        what: what(&load, split, rig),
        placement: Some(outcome::placement(&load, split, rig)),
        memory: outcome.memory(),
        class: outcome.class,
        decode,
    }
}

/// "everything on the RTX 3090", "experts of 24 of 48 layers in RAM, the rest on RTX 3090 and RTX 3060".
fn what(load: &Load<'_>, split: &Split, rig: &Rig) -> String {
    let blocks = load.blocks();
    let runs: Vec<(usize, usize)> = split
        .spans()
        .filter(|(run, from)| run.end > *from)
        .map(|(run, from)| (run.device, run.end.min(blocks).saturating_sub(from)))
        .collect();
    let on = on_devices(&runs, rig);
    let Some(first) = split.first else { return tr!("everything on the processor").to_owned() };
    let with_experts = |block: usize| load.layout.sums.before(block).with_experts;
    let experts_out = with_experts(split.cpu_moe).saturating_sub(with_experts(first));
    in_words(first.min(blocks), experts_out, blocks, &on)
}

/// What a placement does, of whose `blocks` the first are in main memory with all they have, and of as many
/// others as `experts_out` the experts; the rest is `on` devices.
pub(super) fn in_words(first: usize, experts_out: usize, blocks: usize, on: &str) -> String {
    match (first, experts_out) {
        (0, 0) => tr!("everything on {on}", on),
        (0, out) => tr!("experts of {out} of {blocks} layers in RAM, the rest on {on}", out, blocks, on),
        (first, 0) => tr!("{first} of {blocks} layers in RAM, the rest on {on}", first, blocks, on),
        (first, out) => {
            tr!(
                "{first} of {blocks} layers and the experts of {out} others in RAM, the rest on {on}",
                first,
                blocks,
                out,
                on
            )
        }
    }
}

/// "the RTX 3090", "RTX 3090 (40 layers) and RTX 3060 (8)".
pub(super) fn on_devices(runs: &[(usize, usize)], rig: &Rig) -> String {
    if let [(device, _)] = runs {
        return tr!("the {short_name}", short_name = rig.devices[*device].short_name());
    }
    let named: Vec<String> = runs
        .iter()
        .enumerate()
        .map(|(place, (device, layers))| {
            let name = rig.devices[*device].short_name();
            match (place, layers) {
                (0, 1) => tr!("{name} (1 layer)", name),
                (0, _) => tr!("{name} ({layers} layers)", name, layers),
                _ => format!("{name} ({layers})"),
            }
        })
        .collect();
    match named.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, before)) => tr!("{before} and {last}", before = before.join(", "), last),
        None => tr!("no GPU").to_owned(),
    }
}

fn reason(outcome: &Outcome<'_>, kind: &Kind, runner_up: Option<&Candidate>, rig: &Rig) -> String {
    let load = &outcome.load;
    match kind {
        Kind::Processor if rig.devices.is_empty() => tr!("There is no GPU to place it on.").to_owned(),
        Kind::Processor if runner_up.is_some() => {
            tr!("The processor alone is predicted faster than with the little that the GPU holds.").to_owned()
        }
        Kind::Processor => tr!("Nothing of it that would help fits the GPU.").to_owned(),
        Kind::Whole(devices) if devices.len() < rig.devices.len() => {
            tr!("All of it fits there; another GPU would add capacity, not speed.").to_owned()
        }
        Kind::Whole(devices) if devices.len() > 1 => {
            tr!("All of it fits the GPUs together; the faster one holds as much as it can.").to_owned()
        }
        Kind::Whole(_) => tr!("All of it fits the GPU.").to_owned(),
        Kind::ExpertsOut(_) => {
            let share = 100.0 * load.context.experts_read;
            let alone =
                if outcome.split.first == Some(0) { "" } else { tr!(", and layers only where they must") };
            tr!(
                "A token reads {share} of a layer's experts and all the rest of it: experts leave first{alone}.",
                share = percent(share),
                alone
            )
        }
        Kind::LayersOut(_) => {
            let missing = missing_on_devices(load);
            tr!(
                "{missing} more than the GPUs hold: as few layers as possible wait in RAM, since each is read \
                 for every token.",
                missing
            )
        }
    }
}

fn percent(share: f64) -> String {
    if share < 9.95 { format!("{} %", fixed(share, 1)) } else { format!("{share:.0} %") }
}

/// How much more everything takes on the devices than they have.
fn missing_on_devices(load: &Load<'_>) -> Bytes {
    let sums = load.layout.sums.all();
    let caches = load.context.before(load.blocks());
    let need = sums.dense_device + sums.experts_device + load.layout.output_device.0;
    let need = Bytes(need + caches.kv_device + caches.state);
    let fixed: Bytes = load
        .rates
        .devices
        .iter()
        .map(|device| Bytes(device.context) + load.context.buffers.single(Lent::default()))
        .sum();
    let room: Bytes = load.rates.devices.iter().map(|device| Bytes(device.room[0])).sum();
    need + fixed - room
}
