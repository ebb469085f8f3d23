//! A placement and what follows from it: memory, verdict.

use smallvec::SmallVec;

use crate::machine::Vendor;
use crate::model::Model;
use crate::units::Bytes;

use super::format_group::FormatGroup;
use super::load::Load;
use super::place::{self, Split};
use super::plan::{FitClass, Memory, Parts, Placement};
use super::rig::Rig;
use super::scenario::{BackendChoice, PlacementRequest, Scenario};
use super::solve::{Reserve, Solver, least};
use super::step::Stepper;
use super::verdict;

/// Below so many tokens a second streaming from disk is no answer (the cost model calls it not usable).
const USABLE: f64 = 1.0;

/// A placement with its consequences.
#[derive(Debug)]
pub struct Outcome<'a> {
    /// Bytes of every part.
    pub load: Load<'a>,
    /// Where the blocks are.
    pub split: Split,
    /// Verdict.
    pub class: FitClass,
    /// To spare on the tightest device; negative: missing.
    pub margin_bytes: i64,
    /// Share of the host's weights that is streamed from disk.
    pub streamed: f64,
    /// Memory of all devices together.
    pub on_devices: Parts,
    /// Memory of the host.
    pub on_host: Parts,
}

/// The backend that is asked for, or the usual one of the first device.
pub fn backend(scenario: &Scenario, rig: &Rig) -> BackendChoice {
    if scenario.backend != BackendChoice::Auto {
        return scenario.backend;
    }
    match rig.devices.first().map(|device| device.vendor) {
        None => BackendChoice::Cpu,
        Some(Vendor::Nvidia) => BackendChoice::Cuda,
        Some(Vendor::Amd) => BackendChoice::Rocm,
        Some(Vendor::Apple) => BackendChoice::Metal,
        Some(Vendor::Intel) => BackendChoice::Sycl,
        Some(Vendor::Qualcomm | Vendor::Other) => BackendChoice::Vulkan,
    }
}

/// The placement that is asked for, or the best: on the GPUs if they hold it all, else with the help of main
/// memory or on the processor alone, whichever is predicted faster.
pub fn outcome<'a>(
    model: &Model,
    load: Load<'a>,
    group: FormatGroup,
    scenario: &Scenario,
    rig: &Rig,
) -> Outcome<'a> {
    let solver = Solver::new(load, group);
    if !scenario.placement.is_auto() {
        return judged(load, asked(model, &solver, &scenario.placement, rig), rig);
    }
    let host = Split::host_only(&load);
    let Some(split) = best_on_devices(&solver, rig) else {
        return or_streamed(judged(load, host, rig), group, rig);
    };
    // A sliver on a slow GPU can be worse than the processor alone.
    if split.uses_host()
        && load.rates.unknown().is_none()
        && load.host_of(&host).total() <= rig.host.free
        && solver.seconds(&host) < solver.seconds(&split)
    {
        return judged(load, host, rig);
    }
    or_streamed(judged(load, split, rig), group, rig)
}

fn best_on_devices(solver: &Solver<'_>, rig: &Rig) -> Option<Split> {
    if !can_use_devices(solver, rig) {
        return None;
    }
    if let Some(split) = solver.whole(Reserve::Spare).or_else(|| solver.whole(Reserve::None)) {
        return Some(split);
    }
    // One pool: what does not fit beside the processor does not fit with its help either.
    if is_unified(rig) {
        return None;
    }
    let with_room = solver.partial(Reserve::Spare);
    let host_holds = |split: &Split| solver.load.host_of(split).total() <= rig.host.free;
    if with_room.as_ref().is_some_and(|split| host_holds(split) || !solver.can_hold(rig.host.free)) {
        return with_room;
    }
    // Where main memory is what lacks, the last of the devices' memory may be what holds it.
    solver.partial(Reserve::None).filter(host_holds).or(with_room)
}

pub(super) fn can_use_devices(solver: &Solver<'_>, rig: &Rig) -> bool {
    !rig.devices.is_empty() && solver.load.rates.backend != BackendChoice::Cpu
}

pub(super) fn is_unified(rig: &Rig) -> bool {
    rig.devices.iter().any(|device| device.unified)
}

/// A placement that is given is taken as it is, whether it fits or not; what it leaves out is chosen.
fn asked(model: &Model, solver: &Solver<'_>, request: &PlacementRequest, rig: &Rig) -> Split {
    let load = &solver.load;
    let complete = request.gpu_layers.is_some() && (request.cpu_moe_layers.is_some() || !model.is_moe());
    if !complete
        && can_use_devices(solver, rig)
        && let Some(split) = completed(solver, request, rig)
    {
        return split;
    }
    let first = request.gpu_layers.and_then(|layers| load.first_block(layers));
    match first.filter(|_| can_use_devices(solver, rig)) {
        Some(first) => {
            let moe = load.blocks_without_experts(request.cpu_moe_layers.unwrap_or(0));
            load.proportional(first, moe, &shares(request, rig))
        }
        None => Split::host_only(load),
    }
}

fn completed(solver: &Solver<'_>, request: &PlacementRequest, rig: &Rig) -> Option<Split> {
    let load = &solver.load;
    let (blocks, has_experts) = (load.blocks(), load.layout.sums.has_experts());
    let shares = request.tensor_split.as_ref().map(|_| shares(request, rig));
    let line_up = request.devices.as_ref().map(|_| line_up(request, rig));
    let place = |first: usize, moe: usize, reserve: Reserve| {
        let Some(shares) = &shares else {
            return match &line_up {
                Some(order) => solver.cut(order, first, moe, reserve),
                None => solver.fastest_cut(first, moe, reserve),
            };
        };
        let split = load.proportional(first, moe, shares);
        let fits = load
            .devices_of(&split)
            .all(|(device, parts)| parts.total().0 <= load.rates.devices[device].room[reserve as usize]);
        fits.then_some(split)
    };
    // What is wholly on devices may use them to the last byte; a part leaves room.
    let reserve_for =
        |first: usize, moe: usize| if first == 0 && moe == 0 { Reserve::None } else { Reserve::Spare };
    let tried = |first: usize, moe: usize| place(first, moe, reserve_for(first, moe));
    let fewest_experts = |first: usize| {
        let moe = least(1, blocks, |moe| tried(first, moe).is_some())?;
        tried(first, moe)
    };
    let fewest_layers = |moe: usize| {
        let first = least(1, blocks, |first| tried(first, moe).is_some())?;
        tried(first, moe)
    };
    let first = match request.gpu_layers {
        Some(layers) => Some(load.first_block(layers)?),
        None => None,
    };
    match (first, request.cpu_moe_layers.map(|moe| load.blocks_without_experts(moe))) {
        (Some(first), Some(moe)) => tried(first, moe),
        (Some(first), None) => tried(first, 0).or_else(|| has_experts.then(|| fewest_experts(first))?),
        (None, Some(moe)) => tried(0, moe).or_else(|| fewest_layers(moe)),
        (None, None) => tried(0, 0).or_else(|| {
            let experts_out = has_experts.then(|| fewest_experts(0)).flatten();
            experts_out.or_else(|| fewest_layers(if has_experts { blocks } else { 0 }))
        }),
    }
}

/// The devices that are asked for, those that there are; all where none is.
fn line_up(request: &PlacementRequest, rig: &Rig) -> Vec<usize> {
    let asked = request.devices.as_deref().unwrap_or_default();
    let asked: Vec<usize> = asked.iter().copied().filter(|&device| device < rig.devices.len()).collect();
    if asked.is_empty() { (0..rig.devices.len()).collect() } else { asked }
}

/// Shares of the devices: as asked, where a device that is left out gets nothing and one too many does not
/// count; else, or where that leaves none, by free memory.
fn shares(request: &PlacementRequest, rig: &Rig) -> Vec<(usize, f64)> {
    let asked = request.tensor_split.as_deref().unwrap_or_default();
    let share = |place: usize| asked.get(place).copied().unwrap_or(0.0);
    let devices = line_up(request, rig);
    if (0..devices.len()).any(|place| share(place) as f32 > 0.0) {
        devices.iter().enumerate().map(|(place, &device)| (device, share(place))).collect()
    } else {
        devices.iter().map(|&device| (device, rig.devices[device].free.gib())).collect()
    }
}

/// What does not fit by its weights alone may still be streamed from disk.
fn or_streamed<'a>(mut outcome: Outcome<'a>, group: FormatGroup, rig: &Rig) -> Outcome<'a> {
    if outcome.class != FitClass::TooBig {
        return outcome;
    }
    let load = outcome.load;
    let host = outcome.on_host;
    let missing = host.total() - rig.host.free;
    let devices_hold =
        load.devices_of(&outcome.split).all(|(device, parts)| parts.total() <= rig.devices[device].free);
    if missing == Bytes::ZERO || missing >= host.weights || !devices_hold || load.rates.unknown().is_some() {
        return outcome;
    }
    let streamed = missing.gib() / host.weights.gib();
    let seconds = Stepper::new(load, group).step(&outcome.split, streamed).total();
    if load.rates.requests / seconds >= USABLE {
        outcome.class = FitClass::Disk;
        outcome.streamed = streamed;
    }
    outcome
}

fn signed(size: Bytes) -> i64 {
    i64::try_from(size.0).unwrap_or(i64::MAX)
}

/// The verdict on `split`.
pub(super) fn judged<'a>(load: Load<'a>, split: Split, rig: &Rig) -> Outcome<'a> {
    let on_host = load.host_of(&split);
    let host = on_host.total();
    let host_margin = signed(rig.host.free) - signed(host);
    let unified = is_unified(rig);
    let mut on_devices = Parts::default();
    let mut totals: SmallVec<[(usize, Bytes); 4]> = SmallVec::new();
    for (device, parts) in load.devices_of(&split) {
        on_devices = on_devices + parts;
        totals.push((device, parts.total()));
    }
    let all = host + totals.iter().map(|(_, total)| *total).sum();
    let tightest = totals
        .iter()
        .map(|&(device, total)| {
            let device = &rig.devices[device];
            let margin = signed(device.free) - signed(total);
            // One pool: the host's part counts against it too.
            let margin = if unified { margin.min(signed(rig.host.free) - signed(all)) } else { margin };
            (margin, place::spare(device.capacity))
        })
        .min_by_key(|(margin, spare)| margin.saturating_sub_unsigned(spare.0));
    let (class, margin_bytes) = match tightest.filter(|_| split.first.is_some()) {
        None if host_margin >= 0 => (FitClass::Cpu, host_margin),
        None => (FitClass::TooBig, host_margin),
        Some((margin, _)) if margin < 0 => (FitClass::TooBig, margin),
        Some(_) if host_margin < 0 && !unified => (FitClass::TooBig, host_margin),
        Some((margin, _)) if split.uses_host() => (FitClass::Offload, margin),
        Some((margin, spare)) if Bytes(margin.unsigned_abs()) >= spare => (FitClass::Fits, margin),
        Some((margin, _)) => (FitClass::Tight, margin),
    };
    Outcome { load, split, class, margin_bytes, streamed: 0.0, on_devices, on_host }
}

impl Outcome<'_> {
    /// Memory by device.
    pub fn memory(&self) -> Memory {
        self.load.memory(&self.split)
    }

    /// What the verdict speaks of.
    pub fn verdict_facts(&self, memory: &Memory, rig: &Rig) -> verdict::Facts {
        let blocks = self.load.blocks();
        let host_blocks = self.split.first.unwrap_or(blocks);
        let sums = &self.load.layout.sums;
        let experts = |block: usize| sums.before(block).experts_host;
        let experts_on_host = Bytes(experts(self.split.cpu_moe.max(host_blocks)) - experts(host_blocks));
        verdict::Facts {
            class: self.class,
            margin_bytes: self.margin_bytes,
            devices: rig.devices.len(),
            unified: is_unified(rig),
            host_need: memory.host.total(),
            host_free: rig.host.free,
            device_need: memory.on_devices(),
            device_free: rig.device_free(),
            experts_on_host,
            host_blocks,
            blocks,
        }
    }

    /// Where the layers go, in llama.cpp's terms.
    pub fn placement(&self, rig: &Rig) -> Placement {
        placement(&self.load, &self.split, rig)
    }
}

/// A split in llama.cpp's terms.
pub(super) fn placement(load: &Load<'_>, split: &Split, rig: &Rig) -> Placement {
    let several = split.first.is_some() && split.runs.len() > 1;
    let shares = || split.spans().map(|(run, from)| run.end.saturating_sub(from) as f64).collect();
    let devices: Vec<usize> = split.spans().map(|(run, _)| run.device).collect();
    let all_in_order = devices.iter().copied().eq(0..rig.devices.len());
    Placement {
        gpu_layers: load.gpu_layers(split),
        cpu_moe_layers: if split.first.is_some() { split.cpu_moe as u32 } else { 0 },
        tensor_split: several.then(shares),
        devices: (split.first.is_some() && !all_in_order).then_some(devices),
        split_mode: "layer".to_owned(),
    }
}
