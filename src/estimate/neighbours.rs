//! Published measurements that are nearest to a question.
//!
//! What may be compared at all: the same test (decode or prompt), the same kind of run (on one device, on several,
//! with a part in main memory, on the processor alone), one request or several at once. Rows that the fit leaves
//! out are left out here too. Of the rest, those come first that share most ([`Nearness`]); among equals the
//! smallest distance decides: doublings of the bits of a weight, of the active parameters and of the requests, half
//! a doubling of the depth counted from 1,024 tokens, and two for another backend or another class of engine.
//! Where that is the same the newer one is first. A configuration that was measured several times is one neighbour,
//! the row in the middle standing for all.
//!
//! The measurements are read when the first question is asked, and indexed by device and by model.

mod index;

use std::cmp::Reverse;

use crate::language::tr;
use crate::model::Model;

use super::calibration::{Kind, Measurement, Test};
use super::outcome;
use super::pace::{self, architecture_name, vendor_name};
use super::plan::{FitClass, Plan};
use super::profile;
use super::rig::Rig;
use super::scenario::Scenario;

use index::{Index, platform};
pub use index::{Published, engine_of};

/// Tokens that depths are counted from: shallower than this, depth hardly matters.
const SHALLOW: f64 = 1024.0;
/// What another backend, or another class of engine, adds to a distance.
const OTHER_SOFTWARE: f64 = 2.0;
/// Doublings of what is read for a token within which sizes are similar.
const SIMILAR: f64 = 1.0;

/// How a model is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Run {
    /// Wholly on one device.
    Device,
    /// Wholly on several.
    Devices,
    /// A part of it in main memory.
    Divided,
    /// On the processor alone.
    Processor,
}

/// What a measurement shares with a question, nearest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Nearness {
    /// Device and model; a model's fine-tunes are the same model.
    SameModel,
    /// The device; the model reads half to twice as much for a token.
    SameDevice,
    /// The device's architecture and the model.
    SameArchitecture,
    /// The device's maker and the model.
    SameVendor,
    /// The device's architecture; the model reads half to twice as much for a token.
    LikeDevice,
    /// The device; another size.
    OtherSize,
    /// The model, on any device.
    OtherDevice,
}

impl Nearness {
    /// All, nearest first.
    pub const ALL: [Self; 7] = [
        Self::SameModel,
        Self::SameDevice,
        Self::SameArchitecture,
        Self::SameVendor,
        Self::LikeDevice,
        Self::OtherSize,
        Self::OtherDevice,
    ];

    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::SameModel => tr!("this device, this model"),
            Self::SameDevice => tr!("this device, a model of similar size"),
            Self::SameArchitecture => tr!("a device of this architecture, this model"),
            Self::SameVendor => tr!("a device of this maker, this model"),
            Self::LikeDevice => tr!("a device of this architecture, a model of similar size"),
            Self::OtherSize => tr!("this device, a model of another size"),
            Self::OtherDevice => tr!("another device, this model"),
        }
    }
}

/// What is asked, in the terms that measurements are known by.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// Decode or prompt.
    pub test: Test,
    /// How it runs.
    pub run: Run,
    /// The device as measurements name it; of a processor, its platform.
    device: String,
    architecture: String,
    vendor: &'static str,
    backend: &'static str,
    engine: &'static str,
    family: &'static str,
    /// Bits of a weight, active parameters, depth and requests, as binary logarithms.
    bits: f64,
    active: f64,
    depth: f64,
    requests: f64,
}

/// A neighbour.
#[derive(Clone, Copy, Debug)]
pub struct Neighbour {
    /// What was measured.
    pub published: &'static Published,
    /// What it shares with the question.
    pub nearness: Nearness,
    /// Distance among those that share as much.
    pub distance: f64,
}

impl Question {
    /// What `plan` of `model` answers to `scenario` on `rig`; `None` where it does not run there.
    pub fn of(model: &Model, scenario: &Scenario, rig: &Rig, plan: &Plan, test: Test) -> Option<Self> {
        let run = run_of(model, plan, rig)?;
        let device = match run {
            Run::Processor => None,
            // Of several the first is what the rest is compared with.
            _ => Some(rig.devices.get(used(plan, rig).next()?)?),
        };
        let level = plan.level;
        Some(Self {
            test,
            run,
            device: match device {
                Some(device) => device.known_as().to_owned(),
                None => platform(rig.host.cpu.as_deref()?).to_owned(),
            },
            architecture: device
                .and_then(|device| {
                    let name = device.architecture.as_deref()?;
                    Some(architecture_name(name, device.unified, device.stacked_memory))
                })
                .unwrap_or_default(),
            vendor: device.map_or("", |device| vendor_name(device.vendor)),
            backend: match device {
                Some(_) => pace::backend_name(outcome::backend(scenario, rig)),
                None => "cpu",
            },
            engine: pace::engine_class(scenario.engine),
            family: profile::family(model),
            bits: log2(match plan.file.bits_per_weight {
                known if known > 0.0 => known,
                _ => level.nominal_bits(),
            }),
            active: log2(model.params_active as f64),
            depth: depth_log(f64::from(scenario.depth)),
            requests: log2(f64::from(scenario.concurrency.max(1))),
        })
    }

    /// Whether a configuration may be compared at all.
    fn admits(&self, other: &Published) -> bool {
        other.row.test == self.test
            && other.run == self.run
            && (other.requests > 0.0) == (self.requests > 0.0)
    }

    fn nearness(&self, other: &Published) -> Option<Nearness> {
        let same_model = !self.family.is_empty() && other.family == self.family;
        let same_device = other.device == self.device;
        let same_architecture = !self.architecture.is_empty() && other.architecture == self.architecture;
        let similar = (other.active + other.bits - self.active - self.bits).abs() <= SIMILAR;
        Some(match (same_device, same_model) {
            (true, true) => Nearness::SameModel,
            (true, false) if similar => Nearness::SameDevice,
            (true, false) => Nearness::OtherSize,
            (false, true) if same_architecture => Nearness::SameArchitecture,
            (false, true) if other.vendor == self.vendor => Nearness::SameVendor,
            (false, true) => Nearness::OtherDevice,
            (false, false) if same_architecture && similar => Nearness::LikeDevice,
            (false, false) => return None,
        })
    }

    fn distance(&self, other: &Published) -> f64 {
        let differs = |is_same: bool| if is_same { 0.0 } else { OTHER_SOFTWARE };
        (other.bits - self.bits).abs()
            + (other.active - self.active).abs()
            + (other.requests - self.requests).abs()
            + 0.5 * (other.depth - self.depth).abs()
            + differs(other.row.backend == self.backend)
            + differs(other.engine == self.engine)
    }

    /// Whether a measurement may stand beside this question's own curve over depth: the same model on the same
    /// device with the same software, and weights as large, but for what makers of files do differently.
    fn is_on_curve(&self, other: &Published) -> bool {
        const AS_LARGE: f64 = 0.16;
        other.device == self.device
            && other.family == self.family
            && other.row.backend == self.backend
            && other.engine == self.engine
            && other.row.flash != "off"
            && matches!(other.row.cache.as_str(), "" | "f16" | "bf16")
            && other.row.kind != Kind::Derived
            && (other.bits - self.bits).abs() <= AS_LARGE
            && (other.requests - self.requests).abs() < f64::EPSILON
    }
}

/// All published configurations that the fit does not leave out.
pub fn published() -> &'static [Published] {
    Index::embedded().all()
}

/// At most `limit` published configurations, nearest first.
pub fn nearest(question: &Question, limit: usize) -> Vec<Neighbour> {
    let mut found: Vec<Neighbour> = candidates(question)
        .filter(|published| question.admits(published))
        .filter_map(|published| {
            let nearness = question.nearness(published)?;
            Some(Neighbour { published, nearness, distance: question.distance(published) })
        })
        .collect();
    let key = |a: &Neighbour, b: &Neighbour| {
        (a.nearness.cmp(&b.nearness))
            .then(a.distance.total_cmp(&b.distance))
            .then_with(|| Reverse(&a.published.row.date).cmp(&Reverse(&b.published.row.date)))
            .then_with(|| a.published.row.id.cmp(&b.published.row.id))
    };
    if found.len() > limit && limit > 0 {
        found.select_nth_unstable_by(limit - 1, key);
    }
    found.truncate(limit);
    found.sort_unstable_by(key);
    found
}

/// Published configurations that the question's own speed over depth can be held against, by depth.
pub fn on_curve(question: &Question, limit: usize) -> Vec<&'static Published> {
    let mut found: Vec<&Published> = Index::embedded()
        .of_device(&question.device)
        .filter(|published| question.admits(published) && question.is_on_curve(published))
        .collect();
    // Of many, those near in size and new are kept.
    found.sort_by(|a, b| {
        let bits = |published: &Published| (published.bits - question.bits).abs();
        (bits(a).total_cmp(&bits(b))).then_with(|| b.row.date.cmp(&a.row.date)).then(a.row.id.cmp(&b.row.id))
    });
    found.truncate(limit);
    found.sort_by(|a, b| depth_of(a.row).total_cmp(&depth_of(b.row)).then(a.row.id.cmp(&b.row.id)));
    found
}

/// What shares the device, the model or the architecture, each once.
fn candidates(question: &Question) -> impl Iterator<Item = &'static Published> {
    let index = Index::embedded();
    let of_device = index.of_device(&question.device);
    let of_family = index.of_family(question.family).filter(|other| other.device != question.device);
    let alike = index
        .of_architecture(&question.architecture)
        .filter(|other| other.device != question.device && other.family != question.family);
    of_device.chain(of_family).chain(alike)
}

/// The way a plan of `model` runs, or would if there were room for it; `None`: only from disk.
pub fn run_of(model: &Model, plan: &Plan, rig: &Rig) -> Option<Run> {
    let on_devices = || match used(plan, rig).count() {
        0 => None,
        1 => Some(Run::Device),
        _ => Some(Run::Devices),
    };
    match plan.fit.class {
        FitClass::Fits | FitClass::Tight if rig.devices.is_empty() => Some(Run::Processor),
        FitClass::Fits | FitClass::Tight => on_devices(),
        FitClass::Offload => Some(Run::Divided),
        FitClass::Cpu => Some(Run::Processor),
        FitClass::Disk => None,
        FitClass::TooBig => match plan.placement.gpu_layers {
            0 => Some(Run::Processor),
            layers if layers <= model.n_layer || plan.placement.cpu_moe_layers > 0 => Some(Run::Divided),
            _ => on_devices(),
        },
    }
}

/// Places of the devices that hold something.
pub fn used<'a>(plan: &'a Plan, rig: &'a Rig) -> impl Iterator<Item = usize> + 'a {
    let of_plan = plan.placement.devices.as_deref();
    let weights = |place: &usize| plan.memory.devices.get(*place).is_some_and(|parts| parts.weights.0 > 0);
    let in_order = of_plan.into_iter().flatten().copied();
    let in_rig = 0..if of_plan.is_some() { 0 } else { rig.devices.len() };
    in_order.chain(in_rig).filter(weights)
}

/// A binary logarithm; of nothing it is as of 1.
fn log2(size: f64) -> f64 {
    if size > 0.0 { size.log2() } else { 0.0 }
}

/// A depth, as a binary logarithm that hardly changes before [`SHALLOW`].
fn depth_log(depth: f64) -> f64 {
    (depth + SHALLOW).log2()
}

/// Mean depth of a measurement, tokens: what is generated deepens the cache while it is timed.
pub fn depth_of(row: &Measurement) -> f64 {
    let before = f64::from(row.depth.unwrap_or(0));
    match row.test {
        Test::Decode => before + f64::from(row.output.unwrap_or(128)) / 2.0,
        Test::Prefill => before,
    }
}

#[cfg(test)]
mod tests;
