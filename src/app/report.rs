//! What the window shows, as data and as text: `plimsoll report`, and exports.

mod best;
mod csv;
mod detail;
mod markdown;
mod matrix;
mod sheet;
mod text;

use std::cmp::Reverse;
use std::sync::Arc;

use serde::Serialize;

use crate::app::answer::{FileAnswer, FitAnswer, MemoryAnswer, PlanAnswer, QualityAnswer, SpeedAnswer};
use crate::app::best::{Best, Counts, WORTH_KEEPING};
use crate::app::best_for::Terms;
use crate::app::machine_text::MachineAnswer;
use crate::estimate::plan::Brief;
use crate::estimate::rig::ASSUMED_RAM_GBS;
use crate::estimate::{Estimator, FitClass, Rig, Scenario, engine};
use crate::language::tr;
use crate::machine::Machine;
use crate::model::catalog::{Base, Catalog};
use crate::model::{Model, ModelId};
use crate::quant::{FileType, Level};

pub use best::{Best as BestAnswer, BestRow, Named};
pub use csv::csv;
pub use detail::DetailReport;
pub use markdown::markdown;
pub use matrix::MatrixReport;
pub use sheet::{Cell, Form, Sheet, SheetColumn};
pub use text::{scenario_words, text};

/// The level that is shown of a model that runs at none, and compared by where nothing else is said.
const USUAL: Level = Level::Gguf(FileType::Q4KM);

/// What of the catalog is reported, and at which quantization.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Selection {
    /// The same level for all; `None`: the best of each model.
    pub level: Option<Level>,
    /// Words that a model must match; empty: all.
    pub search: String,
    /// Models that generate no text too (embedding, reranking, diffusion).
    pub all: bool,
    /// At most so many rows.
    pub limit: Option<usize>,
    /// What a model must reach to be named the best for a use.
    pub terms: Terms,
}

/// What the window shows.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The machine, each value with its source.
    pub machine: MachineAnswer,
    /// What is asked of the models.
    pub scenario: Scenario,
    /// What is best for each use, of all models; null where words pick some of them.
    pub best: Option<BestAnswer>,
    /// One row a base model, best first.
    pub models: Vec<Row>,
    /// What was assumed of the machine or could not be read.
    pub warnings: Vec<String>,
    /// The machine in one line.
    #[serde(skip)]
    pub machine_line: String,
    /// The level that was asked for all models.
    #[serde(skip)]
    pub level: Option<Level>,
    /// Base models of each verdict, before the limit.
    #[serde(skip)]
    pub counts: Counts,
    /// Base models that nothing can be said of, before the limit.
    #[serde(skip)]
    pub unknown: usize,
    /// Rows that the limit cut.
    #[serde(skip)]
    pub cut: usize,
    /// Base models that generate no text and were left out.
    #[serde(skip)]
    pub left_out: usize,
}

/// A base model at one quantization.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// Id in the catalog.
    pub model: String,
    /// Name on the screen.
    pub name: String,
    /// Parameters of the whole model.
    pub params_total: u64,
    /// Parameters that work on one token.
    pub params_active: u64,
    /// Quantization.
    pub quant: Level,
    /// The file; null with a reason in `warnings` where nothing can be said.
    pub file: Option<FileAnswer>,
    /// Memory by device.
    pub memory: Option<MemoryAnswer>,
    /// The verdict.
    pub fit: Option<FitAnswer>,
    /// Speed.
    pub speed: Option<SpeedAnswer>,
    /// What is kept of the model's quality.
    pub quality: Option<QualityAnswer>,
    /// Fine-tunes and variants of the same shapes, by repository.
    pub variants: Vec<String>,
    /// What a reader should know.
    pub warnings: Vec<String>,
}

impl Row {
    /// The verdict; `None` where nothing can be said.
    pub fn class(&self) -> Option<FitClass> {
        self.fit.as_ref().map(|fit| fit.class)
    }

    /// Why the speed, or everything, is n/a.
    pub fn why_unknown(&self) -> Option<&str> {
        match &self.speed {
            None => self.warnings.first().map(String::as_str),
            Some(speed) if speed.decode_tps.is_none() => {
                let mut reasons = self.warnings.iter().map(String::as_str);
                // As the estimator begins them.
                let beginnings = [tr!("no speed: "), tr!("no decode speed: ")];
                reasons.find(|warning| beginnings.iter().any(|words| warning.starts_with(words)))
            }
            Some(_) => None,
        }
    }
}

/// The machine of a report.
#[derive(Clone, Copy, Debug)]
pub struct On<'a> {
    /// The machine.
    pub machine: &'a Machine,
    /// The arithmetic's view of it.
    pub rig: &'a Rig,
    /// What was assumed where it was described and not probed.
    pub assumed: &'a [String],
}

impl On<'_> {
    fn warnings(&self) -> Vec<String> {
        let problems =
            self.machine.problems.iter().map(|problem| format!("{}: {}", problem.part, problem.reason));
        let bandwidth = self.rig.host.bandwidth_is_assumed.then(|| {
            format!(
                "RAM bandwidth is not known: {ASSUMED_RAM_GBS} GB/s (two channels of DDR5-5600) is assumed"
            )
        });
        self.assumed.iter().cloned().chain(problems).chain(bandwidth).collect()
    }
}

/// Builds the report: one row a base model, in the order in which the window's table opens.
pub fn build(
    catalog: &Arc<Catalog>,
    estimator: &Estimator,
    on: On<'_>,
    scenario: &Scenario,
    selection: &Selection,
) -> Report {
    let rig = on.rig;
    let is_all = selection.search.trim().is_empty();
    let best = is_all.then(|| best::of(catalog, estimator, on, scenario, selection.terms)).flatten();
    let mut report = Report { level: selection.level, best, ..empty(on, scenario) };
    let mut rows = Vec::new();
    for place in found(catalog, &selection.search) {
        let base = &catalog.bases()[place];
        let model = catalog.get(base.id);
        if model.not_generating().is_some() && !selection.all {
            report.left_out += 1;
            continue;
        }
        let level = selection.level.unwrap_or_else(|| best_level(estimator, model, scenario, rig));
        let row = row(estimator, base, model, level, scenario, rig);
        let class = row.class().map_or(FitClass::ALL.len(), |class| class as usize);
        rows.push(((class, Reverse(model.params_total), Reverse(model.hf_downloads), place), row));
    }
    rows.sort_by_key(|(key, _)| *key);
    report.models = rows.into_iter().map(|(_, row)| row).collect();
    for row in &report.models {
        match row.class() {
            Some(class) => report.counts.add(class),
            None => report.unknown += 1,
        }
    }
    if let Some(limit) = selection.limit {
        report.cut = report.models.len().saturating_sub(limit);
        report.models.truncate(limit);
    }
    report
}

/// A row that the window shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its base model.
    pub base: usize,
    /// The record whose figures it shows.
    pub model: ModelId,
    /// Its name on the screen.
    pub name: String,
    /// It is a variant of the base model.
    pub is_variant: bool,
}

/// The report on the rows that the window shows, in their order and at its level. Not for the thread that draws.
pub fn listed(
    catalog: &Catalog,
    estimator: &Estimator,
    on: On<'_>,
    scenario: &Scenario,
    level: Level,
    rows: &[Listed],
) -> Report {
    let mut report = Report { level: Some(level), ..empty(on, scenario) };
    for listed in rows {
        let Some(base) = catalog.bases().get(listed.base) else { continue };
        let mut row = row(estimator, base, catalog.get(listed.model), level, scenario, on.rig);
        row.name.clone_from(&listed.name);
        if listed.is_variant {
            row.variants.clear();
        }
        match row.class() {
            Some(class) => report.counts.add(class),
            None => report.unknown += 1,
        }
        report.models.push(row);
    }
    report
}

fn empty(on: On<'_>, scenario: &Scenario) -> Report {
    Report {
        machine: MachineAnswer::of(on.machine),
        scenario: scenario.clone(),
        best: None,
        models: Vec::new(),
        warnings: on.warnings(),
        machine_line: super::machine_text::one_line(on.machine),
        level: None,
        counts: Counts::default(),
        unknown: 0,
        cut: 0,
        left_out: 0,
    }
}

/// Positions of the base models that match; all of them without words.
fn found(catalog: &Catalog, words: &str) -> Vec<usize> {
    if words.trim().is_empty() {
        return (0..catalog.bases().len()).collect();
    }
    catalog.search(words).iter().map(|hit| hit.base).collect()
}

/// The best level of a model as in the window; where it has none, what comes nearest to an answer: of the
/// levels that run, the fastest that keeps enough, else the one that keeps most.
fn best_level(estimator: &Estimator, model: &Model, scenario: &Scenario, rig: &Rig) -> Level {
    let ladder = engine::ladder(scenario.engine);
    let asked = estimator.ask(scenario, rig);
    let case = asked.of(model).ok();
    let brief = |level: &Level| case.as_ref().and_then(|case| case.brief(*level).ok());
    let briefs: Vec<Option<Brief>> = ladder.iter().map(brief).collect();
    let best = Best::of(briefs.iter().map(Option::as_ref), scenario.concurrency);
    if let Some(column) = best.column() {
        return ladder.get(column).copied().unwrap_or(USUAL);
    }
    let known = || ladder.iter().zip(&briefs).filter_map(|(level, brief)| Some((*level, (*brief)?)));
    let speed = |brief: &Brief| brief.decode.map_or(0.0, |range| range.p50);
    let runs = || known().filter(|(_, brief)| brief.class.runs());
    let fastest = runs()
        .filter(|(_, brief)| brief.quality.point() >= WORTH_KEEPING)
        .reduce(|best, next| if speed(&next.1) > speed(&best.1) { next } else { best });
    let keeps_most = || {
        runs().reduce(|best, next| if next.1.quality.point() > best.1.quality.point() { next } else { best })
    };
    let streams = || known().filter(|(_, brief)| brief.class == FitClass::Disk);
    let fallback = fastest
        .or_else(keeps_most)
        .or_else(|| streams().reduce(|best, next| if speed(&next.1) > speed(&best.1) { next } else { best }));
    fallback.map_or(USUAL, |(level, _)| level)
}

fn row(
    estimator: &Estimator,
    base: &Base,
    model: &Model,
    level: Level,
    scenario: &Scenario,
    rig: &Rig,
) -> Row {
    let mut row = Row {
        model: model.id.clone(),
        name: base.name.clone(),
        params_total: model.params_total,
        params_active: model.params_active,
        quant: level,
        file: None,
        memory: None,
        fit: None,
        speed: None,
        quality: None,
        variants: base.variants.iter().map(|variant| variant.repository.clone()).collect(),
        warnings: Vec::new(),
    };
    match estimator.plan(model, level, scenario, rig) {
        Ok(plan) => {
            let answer = PlanAnswer::of(model, &plan, scenario, rig);
            row.file = Some(answer.file);
            row.memory = Some(answer.memory);
            row.fit = Some(answer.fit);
            row.speed = Some(answer.speed);
            row.quality = Some(answer.quality);
            row.warnings = plan.warnings;
        }
        Err(unsupported) => row.warnings.push(unsupported.to_string()),
    }
    row
}
