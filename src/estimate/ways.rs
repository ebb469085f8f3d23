//! Ways out: the smallest changes that make a model fit, keep it on the GPU, or make it faster.
//!
//! A way is one or two changes of what is asked (context, cache, level, requests, placement) or of the
//! machine (programs closed, cards, RAM). Each is answered by [`Estimator::brief`] with the change made, so
//! its figures are those that a window shows once it has been made. What does not help is left out; what
//! helps partly says how much is still missing. Of each kind only the smallest change is kept: the longest
//! context, the level that keeps most, the smallest card.

mod blocks;
mod cards;
mod change;
mod contexts;
mod hardware;
mod search;
#[cfg(test)]
mod tests;

use super::estimator::Estimator;
use super::plan::{Brief, FitClass, Unsupported};
use super::rig::{Device, Rig};
use super::scenario::{CacheType, Scenario};
use crate::model::Model;
use crate::quant::Level;
use crate::units::Bytes;

pub use change::{Cards, Change, Question};

/// Quality that may be given up to be on the GPU for that to be the goal, as a share.
const FOR_GPU: f64 = 0.05;

/// What there is to gain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Goal {
    /// It is not wholly on the GPUs, or with little to spare, and could be.
    OnGpu,
    /// Memory does not hold it.
    Fit,
    /// It is where it can be, and could be faster.
    Faster,
}

/// What a way must reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Aim {
    /// On the GPUs, with room to spare.
    Spare,
    /// Wholly on the GPUs.
    OnGpu,
    /// In memory, on the GPUs or beside them.
    Memory,
}

impl Aim {
    /// Whether a verdict reaches it.
    pub const fn is_reached(self, class: FitClass) -> bool {
        match self {
            Self::Spare => matches!(class, FitClass::Fits),
            Self::OnGpu => matches!(class, FitClass::Fits | FitClass::Tight),
            Self::Memory => class.runs(),
        }
    }

    /// What there is to reach from a verdict, most first.
    const fn of(present: FitClass) -> &'static [Self] {
        match present {
            FitClass::Fits => &[],
            FitClass::Tight => &[Self::Spare],
            FitClass::Offload | FitClass::Cpu => &[Self::OnGpu],
            FitClass::Disk | FitClass::TooBig => &[Self::OnGpu, Self::Memory],
        }
    }
}

/// Ways out of one plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Ways {
    /// The plan as it is.
    pub present: Brief,
    /// What memory lacks for it; zero where it runs from memory.
    pub missing: Bytes,
    /// What there is to gain.
    pub goal: Goal,
    /// The ways, what costs least first; where something is to be reached, those that only help stand last.
    pub ways: Vec<Way>,
    /// The longest context with each usual type of cache, and the present one.
    pub contexts: Vec<LongestContext>,
}

/// One way out.
#[derive(Clone, Debug, PartialEq)]
pub struct Way {
    /// What is changed: one thing, or two where no single change reaches anything.
    pub changes: Vec<Change>,
    /// The answer with the changes made.
    pub after: Brief,
    /// The most that it reaches; `None`: it only helps.
    pub reaches: Option<Aim>,
    /// What memory still lacks; zero where it holds the model.
    pub missing: Bytes,
}

/// Longest context with one type of cache, tokens; at most what the model was trained for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LongestContext {
    /// Type of the cached keys and values.
    pub cache: CacheType,
    /// Wholly on the GPUs; `None`: not even 256 tokens, or there is no GPU.
    pub on_gpu: Option<u32>,
    /// With the help of RAM; `None`: not even 256 tokens.
    pub with_ram: Option<u32>,
}

impl Ways {
    /// The ways out of the plan that `model` at `level` has on `rig` with what `scenario` asks. Some 150
    /// answers of the estimator.
    ///
    /// # Errors
    /// As for the plan.
    pub fn find(
        estimator: &Estimator,
        model: &Model,
        level: Level,
        scenario: &Scenario,
        rig: &Rig,
    ) -> Result<Self, Unsupported> {
        let present = estimator.brief(model, level, scenario, rig)?;
        let question = Question { level, scenario: scenario.clone(), rig: rig.clone() };
        let blocks = blocks::Blocks::new(estimator, model, &question);
        let contexts = contexts::Contexts::new(estimator, model, question.clone());
        let search = search::Search { estimator, model, question, present, blocks, contexts };
        let mut ways = search.ways();
        let goal = goal(&present, &ways);
        if goal != Goal::Faster {
            ways.sort_by_key(|way| way.reaches.is_none());
        }
        let missing = missing(rig, &present);
        Ok(Self { present, missing, goal, ways, contexts: search.longest_contexts() })
    }
}

fn goal(present: &Brief, ways: &[Way]) -> Goal {
    let for_nothing = |way: &Way| {
        way.reaches == Some(Aim::OnGpu) && !way.costs_money() && way.quality_lost(present) <= FOR_GPU
    };
    match present.class {
        FitClass::Tight => Goal::OnGpu,
        FitClass::Offload | FitClass::Cpu if ways.iter().any(for_nothing) => Goal::OnGpu,
        FitClass::Fits | FitClass::Offload | FitClass::Cpu => Goal::Faster,
        FitClass::Disk | FitClass::TooBig => Goal::Fit,
    }
}

impl Way {
    /// Quality that it loses, as a share of the whole model's.
    pub fn quality_lost(&self, present: &Brief) -> f64 {
        (present.quality.point() - self.after.quality.point()).max(0.0)
    }

    /// Whether a part of the machine must be bought.
    pub fn costs_money(&self) -> bool {
        self.changes.iter().any(Change::costs_money)
    }
}

/// One more card for a machine that takes one: like the largest that it has, else the cheapest of the table.
pub fn one_more(rig: &Rig) -> Option<Cards> {
    if !cards::has_slots(rig) {
        return None;
    }
    match rig.devices.iter().max_by_key(|device| device.capacity) {
        Some(own) => Some(Cards { launch_price: cards::launch_price_of(own), ..Cards::like(own, 1, rig.os) }),
        None => cards::offers(rig).first().and_then(|record| cards::cards(record, 1, rig.os)),
    }
}

/// What other programs hold of the memory of the GPUs.
pub fn held(rig: &Rig) -> Bytes {
    let of = |device: &Device| if device.unified { rig.host.used_by_others } else { device.used_by_others };
    rig.devices.iter().filter_map(of).sum()
}

/// What memory lacks for a plan that does not run from it.
fn missing(rig: &Rig, brief: &Brief) -> Bytes {
    if brief.class.runs() {
        return Bytes::ZERO;
    }
    let unified = rig.devices.iter().any(|device| device.unified);
    let have = if unified { rig.host.free } else { rig.device_free() + rig.host.free };
    let on_one = Bytes(brief.margin_bytes.min(0).unsigned_abs());
    (brief.need - have).max(on_one)
}
