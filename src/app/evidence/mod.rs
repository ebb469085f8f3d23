//! What the selected answer's speeds rest on: the published measurements nearest to it and a person's own, each
//! against what the program predicts of it.
//!
//! Some thirty predictions a question, so it is asked of the selected answer alone and answered beside the window.

mod finder;
mod nearby;
mod words;

use std::sync::Arc;

use crate::estimate::calibration::Test;
use crate::estimate::measured::{self, Measurement};
use crate::estimate::neighbours::{self, Neighbour, Published, Question};
use crate::estimate::situation::{self, Situation};
use crate::estimate::{Estimator, Plan, Range, Rig, Scenario};
use crate::language::tr;
use crate::model::{Catalog, ModelId};

pub use finder::Finder;
pub use nearby::{Figure, Nearby};

/// Published measurements of decoding that are listed.
const DECODE_ROWS: usize = 12;
/// Of prompts.
const PROMPT_ROWS: usize = 6;
/// Own measurements that are listed.
const OWN_ROWS: usize = 12;
/// Measurements that stand beside the curve.
const MARKS: usize = 24;

/// Whose speeds are asked about.
#[derive(Clone, Debug)]
pub struct Ask {
    /// The models.
    pub catalog: Arc<Catalog>,
    /// The model.
    pub model: ModelId,
    /// What is asked of it.
    pub scenario: Scenario,
    /// The machine.
    pub rig: Rig,
    /// The answer.
    pub plan: Plan,
    /// Measurements of this person that speak for the machine, each with its name in the list.
    pub own: Vec<(u64, Measurement)>,
}

/// What speeds rest on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evidence {
    /// A person's own measurements of this model on this machine.
    pub own: Vec<Row>,
    /// How many they have of other models here.
    pub own_elsewhere: usize,
    /// Published measurements of decoding, nearest first.
    pub decode: Vec<Row>,
    /// Published measurements of prompts, nearest first.
    pub prompt: Vec<Row>,
    /// Measurements that the curve can be held against, by depth.
    pub marks: Vec<Mark>,
    /// What the marks are and how many the range holds.
    pub note: String,
}

/// A measurement in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Device and model.
    pub title: String,
    /// What was measured.
    pub rate: String,
    /// How it was taken.
    pub conditions: String,
    /// What the program says of it; `None`: it predicts something else.
    pub predicted: Option<String>,
    /// Whether the range of that holds the measurement.
    pub is_held: Option<bool>,
    /// What it has in common with the answer.
    pub nearness: &'static str,
    /// Where it was published.
    pub source: &'static str,
    /// Its name in the list of own measurements.
    pub own: Option<u64>,
}

/// A measurement beside the curve.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// Tokens in the cache.
    pub depth: f64,
    /// Tokens/s.
    pub rate: f64,
    /// A person's own.
    pub is_own: bool,
    /// What it has in common with others of its kind: engine and quantization.
    pub series: String,
}

impl Evidence {
    /// Finds it.
    pub fn find(estimator: &Estimator, ask: &Ask) -> Self {
        let catalog = &*ask.catalog;
        let model = catalog.get(ask.model);
        let question = |test: Test| Question::of(model, &ask.scenario, &ask.rig, &ask.plan, test);
        let rows = |test: Test, limit: usize| -> Vec<Row> {
            let found = question(test).map(|question| neighbours::nearest(&question, limit));
            found
                .unwrap_or_default()
                .iter()
                .map(|neighbour| published(catalog, estimator, neighbour))
                .collect()
        };
        let (decode, prompt) = (rows(Test::Decode, DECODE_ROWS), rows(Test::Prefill, PROMPT_ROWS));
        let mut marks = Vec::new();
        let mut held = (0, 0);
        let published_marks = question(Test::Decode).map(|question| neighbours::on_curve(&question, MARKS));
        for published in published_marks.unwrap_or_default() {
            let Some(range) = predicted(estimator, published) else { continue };
            let rate = published.row.tokens_per_s;
            held = count(held, is_held(range, rate));
            marks.push(Mark {
                depth: neighbours::depth_of(published.row),
                rate,
                is_own: false,
                series: words::series(published.row),
            });
        }
        let mut evidence = Self { decode, prompt, marks, ..Self::default() };
        evidence.add_own(catalog, estimator, ask);
        evidence.note = words::note(&evidence, held);
        evidence
    }

    /// Own measurements of the model, newest first, and marks of those that are like the answer.
    fn add_own(&mut self, catalog: &Catalog, estimator: &Estimator, ask: &Ask) {
        let base = catalog.base_of(ask.model);
        let is_this = |row: &Measurement| {
            let id = row.model.as_deref().and_then(|name| catalog.exact(name));
            id.is_some_and(|id| catalog.base_of(id) == base)
        };
        self.own_elsewhere = ask.own.iter().filter(|(_, row)| !is_this(row)).count();
        for (id, row) in ask.own.iter().rev().filter(|(_, row)| is_this(row)).take(OWN_ROWS) {
            let situation = Situation::of_own(row, &ask.rig);
            let test = if row.test == measured::Test::Prefill { Test::Prefill } else { Test::Decode };
            let range = situation
                .as_ref()
                .and_then(|situation| situation::rate(&situation.plan(estimator)?, test))
                .map(|range| words::each(range, row));
            self.own.push(words::own(catalog, *id, row, range));
            let is_like = situation.is_some_and(|situation| {
                situation.level == ask.plan.level
                    && situation.scenario.concurrency == ask.scenario.concurrency.max(1)
                    && situation.scenario.engine == ask.scenario.engine
            });
            if is_like && row.test == measured::Test::Decode {
                self.marks.push(Mark {
                    depth: f64::from(row.depth) + f64::from(row.n_gen) / 2.0,
                    rate: row.tokens_per_second * f64::from(row.requests.max(1)),
                    is_own: true,
                    series: tr!("yours").to_owned(),
                });
            }
        }
    }

    /// The nearest in a few lines, for a tooltip.
    pub fn lines(&self) -> Vec<String> {
        const LINES: usize = 4;
        let rows: Vec<&Row> = self.own.iter().chain(&self.decode).take(LINES).collect();
        let line = |row: &&Row| {
            let whose = if row.own.is_some() { tr!("yours, ") } else { "" };
            format!("{whose}{}, {}: {}", row.title, row.conditions, row.rate)
        };
        rows.iter().map(line).collect()
    }
}

fn published(catalog: &Catalog, estimator: &Estimator, neighbour: &Neighbour) -> Row {
    let range = predicted(estimator, neighbour.published);
    words::published(catalog, neighbour, range)
}

/// What the program says of a published configuration.
fn predicted(estimator: &Estimator, published: &Published) -> Option<Range> {
    let plan = Situation::of_published(published)?.plan(estimator)?;
    situation::rate(&plan, published.row.test)
}

fn is_held(range: Range, rate: f64) -> bool {
    (range.p10..=range.p90).contains(&rate)
}

fn count((held, all): (usize, usize), is_held: bool) -> (usize, usize) {
    (held + usize::from(is_held), all + 1)
}

#[cfg(test)]
mod tests;
