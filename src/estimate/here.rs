//! What measurements on a machine say of its other speeds.
//!
//! A prediction is off by a deviation of the device, one of the model on it and one of the quantization, as a sum
//! of logarithms. A measurement tells the sum of its own three, with an error. So it tells most of the same model
//! at the same quantization, less of the model at another, and least of other models: just the device's part.
//! Posterior mean and variance follow in closed form from the tree device – model – quantization.
//!
//! How much each part varies is taken from `assets/coefficients.json`, of the form that predicts the speed: what an
//! interval gains where a quantization was left out in cross-validation, what it gains where a model was, and what
//! where the device or its architecture was never measured are differences of the widths by evidence; the error of
//! one measurement is the fit's. How much two computers with the same card differ is not among them: the deviation
//! that the fit gave to devices stands for it, as the most that it can be. Measurements under another backend or
//! another class of engine, with another share in main memory, on other devices, or of several requests for one, are not
//! used.

mod belief;

use std::collections::BTreeMap;

use crate::model::Model;
use crate::quant::Level;

use super::calibration::{Coefficients, Test, coefficients};
use super::estimator::Estimator;
use super::measured::Measurement;
use super::neighbours::{Run, run_of, used};
use super::outcome;
use super::pace;
use super::plan::{Evidence, Plan, Range, Speed};
use super::profile;
use super::rates;
use super::rig::Rig;
use super::scenario::{BackendChoice, Scenario};
use super::situation::{self, Situation};

use belief::{Belief, DEVIATIONS, Parts};

/// Deviations from which on a model's measurements count less for other models, as Huber weighs them: what is so
/// far off is more likely the model's own affair.
const FAR: f64 = 2.0;
/// Which measurements speak for each other.
#[derive(Clone, Debug, PartialEq)]
pub struct Kind {
    /// Decode or prompt.
    pub test: Test,
    /// How the model ran.
    pub run: Run,
    /// Several requests at once: decoding them is another form.
    several: bool,
    engine: &'static str,
    backend: BackendChoice,
    /// Names of the devices that took part, sorted.
    devices: Vec<String>,
}

impl Kind {
    /// Of a run with `backend` on `devices`, as the rig names them.
    pub fn new<'a>(
        test: Test,
        run: Run,
        scenario: &Scenario,
        backend: BackendChoice,
        devices: impl Iterator<Item = &'a str>,
    ) -> Self {
        let (mut devices, backend) = match run {
            Run::Processor => (Vec::new(), BackendChoice::Cpu),
            _ => (devices.map(str::to_owned).collect::<Vec<_>>(), backend),
        };
        devices.sort_unstable();
        let several = test == Test::Decode && scenario.concurrency > 1;
        Self { test, run, several, engine: pace::engine_class(scenario.engine), backend, devices }
    }

    /// The form that predicts it, and the effect in it that sets devices apart.
    const fn form(&self) -> (&'static str, &'static str) {
        match (self.test, self.run) {
            (Test::Decode, Run::Device | Run::Devices) if self.several => ("batch", "gpu"),
            (Test::Decode, Run::Device | Run::Devices) => ("decode", "device"),
            (Test::Decode, Run::Divided) => ("hybrid", "computer"),
            (Test::Decode, Run::Processor) => ("cpu", "device"),
            (Test::Prefill, Run::Processor) => ("prefill_cpu", "device"),
            (Test::Prefill, _) => ("prefill", "device"),
        }
    }
}

/// Measurements of one model.
#[derive(Clone, Debug, PartialEq)]
struct OfModel {
    parts: Parts,
    /// What they say of device, model and quantization together, in deviations of their scale.
    levels: Vec<(Level, Belief)>,
}

impl OfModel {
    /// What all quantizations but `without` say of device and model.
    fn of_model(&self, without: Option<Level>) -> Belief {
        let others = self.levels.iter().filter(|(level, _)| Some(*level) != without);
        others.fold(Belief::default(), |known, (_, belief)| known.and(belief.blurred(self.parts.level)))
    }

    /// What they say of the device.
    fn of_device(&self) -> Belief {
        let said = self.of_model(None).blurred(self.parts.model);
        let off = said.mean.abs() * said.blurred(self.parts.device).precision.sqrt();
        let weight = if off > FAR { FAR / off } else { 1.0 };
        Belief { precision: said.precision * weight, ..said }
    }
}

/// Measurements that speak for each other.
#[derive(Clone, Debug, PartialEq)]
struct Group {
    kind: Kind,
    models: BTreeMap<&'static str, OfModel>,
    rows: u32,
}

/// What was measured on a machine, against what was predicted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Here {
    groups: Vec<Group>,
}

/// A speed with what was measured here.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Narrowed {
    /// The interval.
    pub range: Range,
    /// Whether this very model at this quantization was measured.
    pub is_measured: bool,
    /// Measurements that entered.
    pub rows: u32,
}

/// A measurement against its prediction.
#[derive(Clone, Debug)]
struct Sample {
    kind: Kind,
    family: &'static str,
    level: Level,
    /// Logarithm of measured over predicted.
    residual: f64,
    /// Half-width of the prediction's interval, as a difference of logarithms.
    width: f64,
    evidence: Evidence,
}

impl Here {
    /// What `own`, taken on the machine whose numbers are `rig`, says; `None`: nothing.
    pub fn new(estimator: &Estimator, own: &[Measurement], rig: &Rig) -> Option<Self> {
        let samples: Vec<Sample> = own.iter().filter_map(|row| sample(estimator, row, rig)).collect();
        let here = Self::of(coefficients(), &samples);
        (!here.groups.is_empty()).then_some(here)
    }

    fn of(all: &Coefficients, samples: &[Sample]) -> Self {
        let mut here = Self::default();
        for sample in samples {
            let Some(parts) = Parts::new(all, sample.kind.form(), sample.evidence) else { continue };
            let place = here.groups.iter().position(|group| group.kind == sample.kind);
            let place = place.unwrap_or_else(|| {
                here.groups.push(Group { kind: sample.kind.clone(), models: BTreeMap::new(), rows: 0 });
                here.groups.len() - 1
            });
            let group = &mut here.groups[place];
            group.rows += 1;
            let model =
                group.models.entry(sample.family).or_insert_with(|| OfModel { parts, levels: Vec::new() });
            let scale = parts.scale(sample.width);
            let said = Belief { mean: sample.residual / scale.sqrt(), precision: scale / parts.error };
            match model.levels.iter_mut().find(|(level, _)| *level == sample.level) {
                Some((_, known)) => *known = known.and(said),
                None => model.levels.push((sample.level, said)),
            }
        }
        here
    }

    /// The interval `range` of a speed of a model of `family` at `level`, which rests on `evidence`, with what was
    /// measured; `None`: nothing of this kind was.
    pub fn narrow(
        &self,
        kind: &Kind,
        (family, level): (&str, Level),
        range: Range,
        evidence: Evidence,
    ) -> Option<Narrowed> {
        let group = self.groups.iter().find(|group| group.kind == *kind)?;
        let parts = Parts::new(coefficients(), kind.form(), evidence)?;
        let width = (range.p90 / range.p50).ln();
        if !(width.is_finite() && width > 0.0) {
            return None;
        }
        let others = group.models.iter().filter(|(known, _)| **known != family);
        let device =
            others.fold(Belief::around_zero(parts.device), |known, (_, model)| known.and(model.of_device()));
        let own = group.models.get(family);
        let of_model = own.map_or_else(Belief::default, |own| own.of_model(Some(level)));
        let at_level = own.and_then(|own| own.levels.iter().find(|(known, _)| *known == level));
        let said = at_level.map_or_else(Belief::default, |(_, belief)| *belief);
        let known = device.blurred(parts.model).and(of_model).blurred(parts.level).and(said);
        let scale = parts.scale(width);
        let deviation = (known.variance() * scale + parts.error).sqrt();
        let middle = range.p50 * (known.mean * scale.sqrt()).exp();
        Some(Narrowed {
            range: rates::range(middle, (deviation * DEVIATIONS).min(width)),
            is_measured: at_level.is_some(),
            rows: group.rows,
        })
    }
}

/// Corrects the speeds of a plan of `model` by what was measured on its machine.
pub fn correct(model: &Model, scenario: &Scenario, rig: &Rig, plan: &mut Plan) {
    let (Some(here), Some(run)) = (&rig.own, run_of(model, plan, rig)) else { return };
    let kind = |test: Test| {
        let names = used(plan, rig).map(|place| rig.devices[place].name.as_str());
        Kind::new(test, run, scenario, outcome::backend(scenario, rig), names)
    };
    let of = (profile::family(model), plan.level);
    let narrowed = |test: Test| {
        here.narrow(&kind(test), of, situation::rate(plan, test)?, situation::evidence(plan, test))
    };
    let (decode, prefill) = (narrowed(Test::Decode), narrowed(Test::Prefill));
    let before = (plan.speed.decode, plan.speed.prefill);
    let speed = &mut plan.speed;
    if let Some(decode) = decode {
        speed.decode = Some(decode.range);
        speed.own = decode.rows;
        if decode.is_measured {
            speed.evidence = Evidence::MeasuredHere;
        }
    }
    if let Some(prefill) = prefill {
        speed.prefill = Some(prefill.range);
        if prefill.is_measured {
            speed.prompt_evidence = Evidence::MeasuredHere;
        }
    }
    if decode.is_some() || prefill.is_some() {
        follow(speed, before, scenario);
    }
}

/// What is made of decode and prompt rates follows them.
fn follow(speed: &mut Speed, before: (Option<Range>, Option<Range>), scenario: &Scenario) {
    let ((Some(old_decode), Some(old_prefill)), Some(decode), Some(prefill)) =
        (before, speed.decode, speed.prefill)
    else {
        return;
    };
    let (prompt, output) = (f64::from(scenario.prompt_tokens), f64::from(scenario.output_tokens.max(1)));
    if let Some(ttft) = &mut speed.ttft {
        // The prompt, and what comes after it whatever its speed.
        ttft.p10 += prompt / prefill.p90 - prompt / old_prefill.p90;
        ttft.p50 += prompt / prefill.p50 - prompt / old_prefill.p50;
        ttft.p90 += prompt / prefill.p10 - prompt / old_prefill.p10;
    }
    if let Some(range) = &mut speed.output {
        let time = |prefill: f64, decode: f64| prompt / prefill + output / decode;
        range.p10 *= time(old_prefill.p10, old_decode.p10) / time(prefill.p10, decode.p10);
        range.p50 *= time(old_prefill.p50, old_decode.p50) / time(prefill.p50, decode.p50);
        range.p90 *= time(old_prefill.p90, old_decode.p90) / time(prefill.p90, decode.p90);
    }
}

fn sample(estimator: &Estimator, own: &Measurement, rig: &Rig) -> Option<Sample> {
    let situation = Situation::of_own(own, rig)?;
    let plan = situation.plan(estimator)?;
    let Situation { model, level, scenario, rig } = &situation;
    let test = if own.test == super::measured::Test::Prefill { Test::Prefill } else { Test::Decode };
    let predicted = situation::rate(&plan, test)?;
    // Each request's own rate was timed; that of all together is predicted.
    let requests = if test == Test::Decode { f64::from(own.requests.max(1)) } else { 1.0 };
    let residual = (own.tokens_per_second * requests / predicted.p50).ln();
    let run = run_of(model, &plan, rig)?;
    let names = used(&plan, rig).map(|place| rig.devices[place].name.as_str());
    let kind = Kind::new(test, run, scenario, outcome::backend(scenario, rig), names);
    residual.is_finite().then(|| Sample {
        kind,
        family: profile::family(model),
        level: *level,
        residual,
        width: (predicted.p90 / predicted.p50).ln(),
        evidence: situation::evidence(&plan, test),
    })
}

#[cfg(test)]
mod tests;
