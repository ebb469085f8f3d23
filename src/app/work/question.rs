//! A question about work, and who answers it.

use std::sync::Arc;

use super::chosen::Chosen;
use super::effective::Effective;
use crate::app::best::Best;
use crate::estimate::cost::{Bill, bill};
use crate::estimate::plan::Brief;
use crate::estimate::workload::{Answer, Detail, Problem, Worker};
use crate::estimate::{Estimator, Rig, Scenario};
use crate::model::{Catalog, Model, ModelId};
use crate::quant::Level;

/// What is asked.
#[derive(Clone, Debug)]
pub struct Question {
    /// The models.
    pub catalog: Arc<Catalog>,
    /// Cache types and engine; context and requests are the work's own.
    pub scenario: Scenario,
    /// The machine.
    pub rig: Rig,
    /// Work, times and prices.
    pub chosen: Chosen,
    /// The model that is looked at; `None`: the first of those that are good for it.
    pub model: Option<ModelId>,
    /// Its quantization; `None`: the best for the work.
    pub level: Option<Level>,
    /// The levels that come into question.
    pub levels: Vec<Level>,
}

impl PartialEq for Question {
    fn eq(&self, other: &Self) -> bool {
        // A catalog never changes; another one is another question.
        self.catalog.number() == other.catalog.number()
            && self.scenario == other.scenario
            && self.rig == other.rig
            && self.chosen == other.chosen
            && self.model == other.model
            && self.level == other.level
            && self.levels == other.levels
    }
}

/// Work with a model, answered.
#[derive(Clone, Debug)]
pub struct Solved {
    /// The model.
    pub model: ModelId,
    /// Its quantization.
    pub level: Level,
    /// How long it takes.
    pub answer: Answer,
    /// What counts for its costs.
    pub effective: Effective,
    /// What it costs; `None`: the power is not known.
    pub bill: Option<Bill>,
}

impl Question {
    /// A model at a level at work.
    pub fn worker<'a>(&'a self, model: &'a Model, level: Level) -> Worker<'a> {
        Worker { estimator: Estimator::embedded(), model, level, scenario: &self.scenario, rig: &self.rig }
    }

    /// The best level of a model for the work, with room for one request: the rule of the matrix.
    pub fn best_level(&self, model: &Model) -> Option<Level> {
        if model.not_generating().is_some() {
            return None;
        }
        let room = u32::try_from(self.chosen.work().room().div_ceil(256) * 256).ok()?;
        if model.context_max.is_some_and(|most| most < room) {
            return None;
        }
        let worker = self.worker(model, *self.levels.first()?);
        let scenario = worker.with_room(room).scenario(0, 1, 1);
        let asked = worker.estimator.ask(&scenario, &self.rig);
        let case = asked.of(model).ok()?;
        let briefs: Vec<Option<Brief>> = self.levels.iter().map(|level| case.brief(*level).ok()).collect();
        let best = Best::of(briefs.iter().map(Option::as_ref), 1);
        let column = best.column().or_else(|| {
            // Without a level at reading speed: the fastest that runs; a batch has time.
            let speed = |brief: &Brief| brief.decode.map_or(0.0, |range| range.p50);
            let known = briefs.iter().enumerate().filter_map(|(at, brief)| Some((at, (*brief)?)));
            let runs = known.filter(|(_, brief)| brief.class.runs() && brief.decode.is_some());
            runs.max_by(|a, b| speed(&a.1).total_cmp(&speed(&b.1))).map(|(at, _)| at)
        });
        self.levels.get(column?).copied()
    }

    /// The work with a model at a level.
    ///
    /// # Errors
    /// Why there is no answer.
    pub fn solve(&self, id: ModelId, level: Level, detail: Detail) -> Result<Solved, Problem> {
        let (model, chosen) = (self.catalog.get(id), &self.chosen);
        let work = chosen.work();
        let answer = self.worker(model, level).answer(&work, chosen.at_once, detail)?;
        let effective = Effective::new(chosen, &self.rig, Some(model));
        let bill = effective.terms.as_ref().map(|terms| bill(terms, answer.busy, &work.tokens()));
        Ok(Solved { model: id, level, answer, effective, bill })
    }
}
