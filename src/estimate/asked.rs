//! One scenario on one rig, asked of many models at many quantizations.

use std::borrow::Cow;
use std::sync::Arc;

use smallvec::SmallVec;

use crate::language::tr;
use crate::model::{Catalog, Model};
use crate::quant::{GgmlType, Level};
use crate::units::Bytes;

use super::alternatives::{self, Alternatives};
use super::beside::Beside;
use super::breakdown::{self, Term};
use super::calibration::Test;
use super::engine;
use super::estimator::Estimator;
use super::format_group::FormatGroup;
use super::layers::{self, LayerPlace};
use super::layout::Layout;
use super::load::{Context, Load};
use super::neighbours::Run;
use super::outcome::{self, Outcome};
use super::plan::{Brief, Evidence, Fit, FitClass, Plan, Range, Speed, Unsupported};
use super::profile::{LayoutKey, Profile};
use super::rates::Rates;
use super::rig::Rig;
use super::scenario::{CacheType, Scenario};
use super::speculative::Guesser;
use super::{cold, here, limit, speculative, speed, verdict};

/// A scenario on a rig, with what depends on these two alone.
#[derive(Debug)]
pub struct Asked<'a> {
    pub(super) estimator: &'a Estimator,
    pub(super) scenario: Cow<'a, Scenario>,
    pub(super) rig: Cow<'a, Rig>,
    pub(super) rates: Rates,
    /// The draft model's memory.
    pub(super) draft: Result<Beside, Unsupported>,
}

/// A model in that scenario, with its caches and buffers: ready to be asked at any quantization.
#[derive(Debug)]
pub struct Case<'a> {
    asked: &'a Asked<'a>,
    model: &'a Model,
    profile: Arc<Profile>,
    context: Context,
}

impl<'a> Asked<'a> {
    /// `model` in this scenario.
    ///
    /// # Errors
    /// Where the engine does not run it so.
    pub fn of(&'a self, model: &'a Model) -> Result<Case<'a>, Unsupported> {
        if self.scenario.engine.is_ggml() {
            check(&self.scenario)?;
        }
        let profile = self.estimator.profile(model);
        let context = self.context(model, &profile, self.scenario.context)?;
        Ok(Case { asked: self, model, profile, context })
    }

    fn context(&self, model: &Model, profile: &Profile, tokens: u32) -> Result<Context, Unsupported> {
        let mut context = Context::new(model, profile, &self.scenario, &self.rates, tokens);
        if self.scenario.draft.is_some() {
            context.beside = context.beside + self.draft.clone()?;
        }
        Ok(context)
    }
}

fn check(scenario: &Scenario) -> Result<(), Unsupported> {
    let unsupported = |reason: String| Err(Unsupported { reason });
    if !scenario.flash_attention && scenario.cache_v.ggml().is_some_and(GgmlType::is_quantized) {
        return unsupported(
            tr!("llama.cpp refuses a quantized value cache without flash attention").to_owned(),
        );
    }
    if [scenario.cache_k, scenario.cache_v].contains(&CacheType::Fp8) {
        return unsupported(tr!("llama.cpp has no fp8 cache; its 8-bit type is q8_0").to_owned());
    }
    let types = engine::cache_types(scenario.engine);
    let others = [scenario.cache_k, scenario.cache_v].into_iter().find(|asked| !types.contains(asked));
    if let Some(other) = others {
        let names: Vec<&str> = types.iter().map(|known| known.name()).collect();
        let title = scenario.engine.title();
        return unsupported(tr!(
            "{title} has no {name} cache; its types are {names}",
            title,
            name = other.name(),
            names = names.join(", ")
        ));
    }
    Ok(())
}

impl Case<'_> {
    /// The same question to an engine that is not llama.cpp; `None`: it is.
    fn elsewhere(&self, level: Level) -> Option<Result<engine::Case<'_>, Unsupported>> {
        let Asked { estimator, scenario, rig, .. } = self.asked;
        let is_other = !scenario.engine.is_ggml();
        is_other.then(|| {
            engine::Case::new(&estimator.shelf, self.model, level, scenario, rig, &self.context.costs)
        })
    }

    /// Whether the layers' places are ours to say.
    fn has_layers(&self, level: Level) -> Result<(), Unsupported> {
        if self.elsewhere(level).is_none() {
            return Ok(());
        }
        let title = self.asked.scenario.engine.title();
        Err(Unsupported { reason: tr!("{title} places the layers itself", title) })
    }

    fn layout(&self, level: Level) -> Result<&Layout, Unsupported> {
        let scenario = &self.asked.scenario;
        let key = LayoutKey { level, imatrix: scenario.imatrix, mtp: scenario.mtp };
        self.profile.layout(self.model, key)
    }

    fn outcome<'b>(&'b self, layout: &'b Layout, context: &'b Context, level: Level) -> Outcome<'b> {
        let Asked { scenario, rig, rates, .. } = self.asked;
        let load = Load { layout, context, rates };
        outcome::outcome(self.model, load, FormatGroup::of(level, self.model), scenario, rig)
    }

    fn placed<'b>(&'b self, outcome: &'b Outcome<'b>, level: Level) -> speed::Subject<'b> {
        speed::Subject {
            model: self.model,
            group: FormatGroup::of(level, self.model),
            level,
            family: self.profile.family,
            load: outcome.load,
            split: &outcome.split,
            streamed: outcome.streamed,
        }
    }

    /// Everything that can be said at `level`.
    ///
    /// # Errors
    /// Where the format is not known to run this model.
    pub fn plan(&self, level: Level) -> Result<Plan, Unsupported> {
        self.plan_with(level, true)
    }

    /// The speed of [`Case::plan`] alone, for who asks at many depths.
    ///
    /// # Errors
    /// As for the plan.
    pub fn speed(&self, level: Level) -> Result<Speed, Unsupported> {
        Ok(self.plan_with(level, false)?.speed)
    }

    /// `longest`: whether the longest context is looked for, which takes most of the time.
    fn plan_with(&self, level: Level, longest: bool) -> Result<Plan, Unsupported> {
        let Asked { scenario, rig, .. } = self.asked;
        if let Some(case) = self.elsewhere(level) {
            let mut plan = case?.plan();
            plan.speed.load =
                plan.speed.decode.map(|_| cold::load(plan.file.bytes, &rig.host, scenario.disk_gbs));
            here::correct(self.model, scenario, rig, &mut plan);
            return Ok(plan);
        }
        let layout = self.layout(level)?;
        let outcome = self.outcome(layout, &self.context, level);
        let mut warnings = layout.warnings.clone();
        verdict::warn(self.model, scenario, rig, &mut warnings);
        let mut speed = if outcome.class == FitClass::TooBig && scenario.placement.is_auto() {
            warnings.push(tr!("no speed: it does not fit").to_owned());
            Speed::UNKNOWN
        } else {
            speed::speed(&self.placed(&outcome, level), scenario, rig, &mut warnings)
        };
        if speed.decode.is_some() && outcome.streamed <= 0.0 {
            let limits = self.limits(&outcome, level);
            speed.limit = limits.limit();
            speed.bound = limits.bound(speed.bound);
            speed.speculation = self.speculation(&outcome, level);
            speed.load = Some(cold::load(layout.file.bytes, &rig.host, scenario.disk_gbs));
        }
        let (max_context, max_context_on_gpu) =
            if longest { self.longest(layout, level, outcome.class) } else { (None, false) };
        let memory = outcome.memory();
        let fit = Fit {
            class: outcome.class,
            margin_bytes: outcome.margin_bytes,
            max_context,
            max_context_on_gpu,
            reason: verdict::sentence(self.model, &outcome.verdict_facts(&memory, rig)),
        };
        let mut plan = Plan {
            level,
            file: Arc::clone(&layout.file),
            placement: outcome.placement(rig),
            memory,
            fit,
            speed,
            quality: layout.quality,
            warnings,
            serving: None,
        };
        here::correct(self.model, scenario, rig, &mut plan);
        Ok(plan)
    }

    /// What the draft model or the MTP layers that are asked for are worth.
    fn speculation(&self, outcome: &Outcome<'_>, level: Level) -> Option<Range> {
        let Asked { estimator, scenario, rig, .. } = self.asked;
        let guesser = match &scenario.draft {
            Some(draft) => {
                let catalog = Catalog::embedded();
                let model = catalog.get(catalog.find(&draft.model).ok()?);
                let alone = Scenario { draft: None, mtp: false, projector: false, ..(**scenario).clone() };
                let decode = estimator.brief(model, draft.level, &alone, rig).ok()?.decode?;
                Guesser::Draft { seconds: 1.0 / decode.p50, tokens: draft.tokens }
            }
            None if scenario.mtp && self.model.mtp_layers > 0 => Guesser::Mtp,
            None => return None,
        };
        let group = FormatGroup::of(level, self.model);
        let placed = (&outcome.split, outcome.streamed);
        speculative::gain(self.model, &outcome.load, group, placed, guesser)
    }

    fn limits<'b>(&'b self, outcome: &'b Outcome<'b>, level: Level) -> limit::Subject<'b> {
        limit::Subject {
            group: FormatGroup::of(level, self.model),
            load: outcome.load,
            split: &outcome.split,
            rig: &self.asked.rig,
        }
    }

    /// A decode rate by what was measured on this machine.
    fn corrected(&self, (range, evidence): (Range, Evidence), outcome: &Outcome<'_>, level: Level) -> Range {
        let Asked { scenario, rig, rates, .. } = self.asked;
        let Some(here) = rig.own.as_ref().filter(|_| outcome.streamed <= 0.0) else { return range };
        let split = &outcome.split;
        let used: SmallVec<[usize; 4]> =
            split.spans().filter(|(run, from)| run.end > *from).map(|(run, _)| run.device).collect();
        let run = match used.len() {
            _ if split.first.is_none() => Run::Processor,
            _ if split.uses_host() => Run::Divided,
            1 => Run::Device,
            _ => Run::Devices,
        };
        let names = used.iter().map(|place| rig.devices[*place].name.as_str());
        let kind = here::Kind::new(Test::Decode, run, scenario, rates.backend, names);
        here.narrow(&kind, (self.profile.family, level), range, evidence).map_or(range, |own| own.range)
    }

    /// The figures of [`Case::plan`] that tables show.
    ///
    /// # Errors
    /// As for the plan.
    pub fn brief(&self, level: Level) -> Result<Brief, Unsupported> {
        if let Some(case) = self.elsewhere(level) {
            if self.asked.rig.own.is_none() {
                return Ok(case?.brief());
            }
            let decode = self.plan(level)?.speed.decode;
            return Ok(Brief { decode, ..case?.brief() });
        }
        let layout = self.layout(level)?;
        let outcome = self.outcome(layout, &self.context, level);
        let (on_devices, host) = (outcome.on_devices, outcome.on_host);
        let gpu = on_devices.weights;
        let all = gpu + host.weights - layout.input;
        let on_gpu = on_devices.total();
        Ok(Brief {
            class: outcome.class,
            need: on_gpu + host.total(),
            on_gpu,
            gpu_share: if all == Bytes::ZERO { 0.0 } else { (gpu.gib() / all.gib()) as f32 },
            decode: match outcome.class {
                FitClass::TooBig => None,
                _ => speed::decode(&self.placed(&outcome, level))
                    .map(|rate| self.corrected(rate, &outcome, level)),
            },
            file_bytes: layout.file_bytes,
            quality: layout.quality,
            margin_bytes: outcome.margin_bytes,
        })
    }

    /// Where each block lies in the plan, first to last.
    ///
    /// # Errors
    /// As for the plan.
    pub fn layers(&self, level: Level) -> Result<Vec<LayerPlace>, Unsupported> {
        self.has_layers(level)?;
        let layout = self.layout(level)?;
        Ok(layers::layers(self.model, &self.outcome(layout, &self.context, level)))
    }

    /// What else could be done at `level`: the runner-up, llama.cpp's own choice, and why this one.
    ///
    /// # Errors
    /// As for the plan.
    pub fn alternatives(&self, level: Level) -> Result<Alternatives, Unsupported> {
        self.has_layers(level)?;
        let layout = self.layout(level)?;
        let outcome = self.outcome(layout, &self.context, level);
        Ok(alternatives::alternatives(&outcome, FormatGroup::of(level, self.model), &self.asked.rig))
    }

    /// Where the time of a decode step of the plan goes, term by term; empty where no speed is known.
    ///
    /// # Errors
    /// As for the plan.
    pub fn breakdown(&self, level: Level) -> Result<Vec<Term>, Unsupported> {
        self.has_layers(level)?;
        let layout = self.layout(level)?;
        let outcome = self.outcome(layout, &self.context, level);
        let is_known = speed::decode(&self.placed(&outcome, level)).is_some();
        Ok(if is_known { breakdown::terms(&outcome, FormatGroup::of(level, self.model)) } else { Vec::new() })
    }

    /// Longest context, tokens, that stays on the GPUs if the present or a short one does, else that runs at
    /// all; and whether it is on the GPUs. `None`: not even 256.
    ///
    /// # Errors
    /// As for the plan.
    pub fn longest_context(&self, level: Level) -> Result<(Option<u32>, bool), Unsupported> {
        if let Some(case) = self.elsewhere(level) {
            let longest = case?.longest_context();
            return Ok((longest, longest.is_some()));
        }
        let layout = self.layout(level)?;
        let present = self.outcome(layout, &self.context, level).class;
        Ok(self.longest(layout, level, present))
    }

    /// By bisection over steps of 256 tokens.
    fn longest(&self, layout: &Layout, level: Level, present: FitClass) -> (Option<u32>, bool) {
        // A model without a stated limit is asked up to a million tokens.
        let limit = self.model.context_max.unwrap_or(1 << 20).max(256);
        let class_at = |tokens: u32| {
            let Asked { scenario, rates, .. } = self.asked;
            let context = Context::new(self.model, &self.profile, scenario, rates, tokens);
            self.outcome(layout, &context, level).class
        };
        let on_gpu = |class: FitClass| class <= FitClass::Tight;
        let whole = on_gpu(present) || on_gpu(class_at(256));
        let good = |tokens: u32| {
            let class = class_at(tokens);
            if whole { on_gpu(class) } else { class.runs() }
        };
        if !good(256) {
            return (None, false);
        }
        if good(limit) {
            return (Some(limit), whole);
        }
        let (mut low, mut high) = (1, limit / 256);
        while low + 1 < high {
            let middle = u32::midpoint(low, high);
            if good(middle * 256) { low = middle } else { high = middle }
        }
        (Some(low * 256), whole)
    }
}
