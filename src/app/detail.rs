//! Everything the right panel says of the selected model and level.
//!
//! [`Detail::build`] makes it from scratch whenever a selection, the scenario or the machine changes (some
//! seventy estimates, well under a millisecond); drawing only reads it.

mod beside;
mod bound;
mod curve;
mod curves;
mod explain;
mod facts;
mod kept;
mod known;
mod launches;
mod memory;
mod own;
mod parts;
mod strip;
#[cfg(test)]
mod tests;
mod timing;
mod ways;

use crate::app::best::Best;
use crate::app::evidence::Evidence;
use crate::app::models::Entry;
use crate::estimate::scenario::Engine;
use crate::estimate::{Brief, Estimator, FitClass, Plan, Rig, Scenario, Unsupported, engine};
use crate::language::tr;
use crate::model::{Catalog, Model, ModelId};
use crate::quant::{FileType, Level};

pub use curve::{Curve, CurvePoint};
pub use curves::{
    CurveKind, Curves, MemoryCurve, MemoryPoint, QualityCurve, QualityPoint, RequestsCurve, RequestsPoint,
};
pub use explain::Figure;
pub use facts::{Fact, Tune};
pub use known::Known;
pub use launches::{LaunchTab, NotHere};
pub use memory::{Aside, LoadLine, MemoryBar};
pub use own::{Made, Mixture, OwnModel, Part};
pub use strip::{Beside, Cached, Column, Mixing, Run, Store, Strip};
pub use ways::{Contexts, WayOut, WaysOut};

/// The selection, answered.
#[derive(Clone, Debug)]
pub struct Detail {
    /// The model.
    pub model: ModelId,
    /// Its quantization.
    pub level: Level,
    /// The engine that is asked of.
    pub engine: Engine,
    /// The model's name on the screen.
    pub name: String,
    /// Its repository on the hub, `owner/name`.
    pub repository: String,
    /// The answer, or why there is none.
    pub plan: Result<Plan, Unsupported>,
    /// The verdict in a sentence, or the reason that there is none.
    pub sentence: String,
    /// Memory, speed, longest context, quality; empty without a plan.
    pub figures: Vec<Figure>,
    /// The same for the whole page, where the time to the first token stands in place of the longest context.
    pub page_figures: Vec<Figure>,
    /// Whether this is the best level of the model here, or which one is; `None`: none is.
    pub best: Option<String>,
    /// Memory of each device, and of the RAM where a part of the model works there; empty without a plan.
    pub memory: Vec<MemoryBar>,
    /// What a model that is wholly on the GPUs still takes of the RAM.
    pub memory_aside: Option<Aside>,
    /// Where each layer goes; empty without a plan.
    pub strip: Strip,
    /// What would make it fit or faster; empty without a plan.
    pub ways: WaysOut,
    /// What the ladder's bars are held against.
    pub load_line: LoadLine,
    /// The levels that exist for this model, small to large.
    pub ladder: Vec<Rung>,
    /// Speed over context.
    pub curve: Curve,
    /// The other curves that were looked at.
    pub curves: Curves,
    /// Which of them all is shown where there is room for one.
    pub curve_kind: CurveKind,
    /// It is pinned to be held side by side.
    pub pinned: bool,
    /// The command for each program that can run the model here.
    pub launches: Vec<LaunchTab>,
    /// The programs that cannot.
    pub not_here: Vec<NotHere>,
    /// What each figure rests on.
    pub known: Vec<Known>,
    /// What a reader should know beside the figures.
    pub warnings: Vec<String>,
    /// The model's own facts.
    pub facts: Vec<Fact>,
    /// What the speeds rest on; found beside the window, so it comes later than the rest.
    pub evidence: Option<Evidence>,
    /// Fine-tunes and variants of the same shapes, the base model first; empty where it has none.
    pub tunes: Vec<Tune>,
    /// Its model has a star.
    pub favourite: bool,
    /// What is known of its files, where it is a person's own.
    pub own: Option<Box<OwnModel>>,
}

/// One level of the ladder.
#[derive(Clone, Debug)]
pub struct Rung {
    /// The level.
    pub level: Level,
    /// Its figures, or why there are none.
    pub brief: Result<Brief, Unsupported>,
    /// The best level of this model here, by the rule of [`Best`].
    pub best: bool,
    /// Its figures in words, and why it is the best.
    pub why: String,
    /// There is a file at this level: the figures are of its own tensors.
    pub file: bool,
}

/// What a detail is made from.
#[derive(Clone, Copy, Debug)]
struct Subject<'a> {
    estimator: &'a Estimator,
    model: &'a Model,
    scenario: &'a Scenario,
    rig: &'a Rig,
}

impl Subject<'_> {
    fn plan(&self, level: Level) -> Result<Plan, Unsupported> {
        self.estimator.plan(self.model, level, self.scenario, self.rig)
    }

    fn brief(&self, level: Level, scenario: &Scenario) -> Result<Brief, Unsupported> {
        self.estimator.brief(self.model, level, scenario, self.rig)
    }
}

impl Detail {
    /// Answers for `model` at `level`, on `rig`, with what `scenario` asks.
    ///
    /// Pure: the same arguments give the same texts and numbers.
    pub fn build(
        catalog: &Catalog,
        estimator: &Estimator,
        model: ModelId,
        level: Level,
        scenario: &Scenario,
        rig: &Rig,
    ) -> Self {
        let id = model;
        let model = catalog.get(id);
        let subject = Subject { estimator, model, scenario, rig };
        let plan = subject.plan(level);
        let mut detail = Self {
            model: id,
            level,
            engine: scenario.engine,
            name: facts::name(catalog, id),
            repository: model.id.clone(),
            sentence: String::new(),
            figures: Vec::new(),
            page_figures: Vec::new(),
            best: None,
            memory: Vec::new(),
            memory_aside: None,
            strip: Strip::default(),
            ways: WaysOut::default(),
            load_line: LoadLine::of(rig),
            ladder: ladder(&subject, level),
            curve: Curve::default(),
            curves: Curves::default(),
            curve_kind: CurveKind::default(),
            pinned: false,
            launches: Vec::new(),
            not_here: Vec::new(),
            known: Vec::new(),
            warnings: Vec::new(),
            facts: facts::facts(model),
            evidence: None,
            tunes: facts::tunes(catalog, id),
            favourite: false,
            own: None,
            plan,
        };
        match &detail.plan {
            Err(unsupported) => detail.sentence = facts::sentence(&unsupported.reason),
            Ok(plan) => {
                let growth = known::cache_growth(&subject, level);
                detail.sentence.clone_from(&plan.fit.reason);
                detail.curve = Curve::new(&subject, plan);
                detail.figures = explain::figures(&subject, plan, growth, &detail.curve);
                detail.page_figures.clone_from(&detail.figures);
                if let Some(figure) = detail.page_figures.get_mut(CONTEXT_FIGURE) {
                    *figure = explain::first_token(&subject, plan);
                }
                detail.best = best_text(&detail.ladder, level);
                let layers = estimator.layers(model, level, scenario, rig).unwrap_or_default();
                detail.memory = memory::bars(&subject, plan, &layers);
                detail.memory_aside = memory::take_aside(&mut detail.memory, plan);
                detail.strip = strip::strip(&subject, plan, &layers);
                detail.ways = ways::ways(&subject, level);
                (detail.launches, detail.not_here) = launches::launches(&subject, plan);
                detail.known = known::known(&subject, plan, growth);
                detail.warnings = known::other_warnings(plan).map(|text| facts::sentence(text)).collect();
            }
        }
        detail
    }

    /// Its speeds rest on this: the nearest stand in the tooltip of the speed too.
    pub fn rest_on(&mut self, evidence: Evidence) {
        let lines = evidence.lines();
        if self.evidence.is_none() && !lines.is_empty() {
            let nearest = tr!("\nMeasured nearest to it:\n{lines}", lines = lines.join("\n"));
            for figures in [&mut self.figures, &mut self.page_figures] {
                if let Some(speed) = figures.get_mut(SPEED_FIGURE) {
                    speed.why += &nearest;
                }
            }
        }
        self.evidence = Some(evidence);
    }

    /// Adds what is known of a person's own model.
    pub fn add_own(&mut self, entry: &Entry) {
        self.own = Some(Box::new(OwnModel::of(entry, self.level)));
        if let Some(file) = entry.file(self.level)
            && let Some(size) = self.known.first_mut()
        {
            (size.statement, size.basis) = own::size_words(&file.table, &file.name);
        }
        for rung in &mut self.ladder {
            rung.file = entry.file(rung.level).is_some();
            if rung.file {
                rung.why.insert_str(0, tr!("Of the file that is there\n"));
            }
        }
    }

    /// Verdict, where there is one.
    pub fn class(&self) -> Option<FitClass> {
        self.plan.as_ref().ok().map(|plan| plan.fit.class)
    }
}

/// Place of the speed among the figures.
const SPEED_FIGURE: usize = 1;
/// Place of the longest context among the figures.
const CONTEXT_FIGURE: usize = 2;

/// Whether `level` is the best of the ladder, or which one is.
fn best_text(ladder: &[Rung], level: Level) -> Option<String> {
    let best = ladder.iter().find(|rung| rung.best)?.level;
    Some(if best == level {
        tr!("best level of this model here").to_owned()
    } else {
        tr!("best level here: {best}", best)
    })
}

/// Why a plan has no decode rate, in a few words; `None` where it has one.
fn no_speed_reason(plan: &Plan) -> Option<String> {
    if plan.fit.class == FitClass::TooBig {
        return Some(tr!("it does not fit").to_owned());
    }
    if plan.speed.decode.is_some() {
        return None;
    }
    Some(known::stated_no_speed(plan).unwrap_or(tr!("no measurement covers this device")).to_owned())
}

/// The levels of the matrix that exist for this model, and the chosen one wherever it comes from.
fn ladder(subject: &Subject<'_>, chosen: Level) -> Vec<Rung> {
    let columns = engine::ladder(subject.scenario.engine);
    let mut levels = columns.to_vec();
    if !levels.contains(&chosen) {
        let more = |level: &Level| level.nominal_bits() > chosen.nominal_bits() || *level == Level::Native;
        let place = levels.iter().position(more).unwrap_or(levels.len());
        levels.insert(place, chosen);
    }
    // Caches and buffers are the same at all levels.
    let asked = subject.estimator.ask(subject.scenario, subject.rig);
    let case = asked.of(subject.model);
    let mut rungs: Vec<Rung> = levels
        .into_iter()
        .map(|level| {
            let brief = case.as_ref().map_err(Clone::clone).and_then(|case| case.brief(level));
            Rung { level, why: explain::rung(level, &brief), best: false, file: false, brief }
        })
        .collect();
    let size_of = |level| {
        let rung = rungs.iter().find(|rung| rung.level == level)?;
        Some(rung.brief.as_ref().ok()?.file_bytes)
    };
    // Most models are published in 16 bits: their native file is the BF16 one, byte for byte.
    let native_is_own =
        !subject.scenario.engine.is_ggml() || size_of(Level::Native) != size_of(Level::Gguf(FileType::Bf16));
    // Where nothing can be said at all, every rung says why; else what does not exist is left out.
    if rungs.iter().any(|rung| rung.brief.is_ok()) {
        rungs.retain(|rung| {
            let exists = rung.brief.is_ok() && (rung.level != Level::Native || native_is_own);
            exists || rung.level == chosen
        });
    }
    mark_best(&mut rungs, subject);
    rungs
}

/// Marks the best level, which the matrix chooses among its columns.
fn mark_best(rungs: &mut [Rung], subject: &Subject<'_>) {
    let ladder = engine::ladder(subject.scenario.engine);
    let columns: Vec<usize> =
        (0..rungs.len()).filter(|place| ladder.contains(&rungs[*place].level)).collect();
    let briefs = columns.iter().map(|place| rungs[*place].brief.as_ref().ok());
    let best = Best::of(briefs, subject.scenario.concurrency);
    if let Best::Column { column, why } = best {
        let rung = &mut rungs[columns[column]];
        rung.best = true;
        rung.why += "\n";
        rung.why += why.text(!subject.rig.devices.is_empty());
    }
}
