//! A question about work, and who answers it.

use std::sync::Arc;

use super::chosen::Chosen;
use super::effective::Effective;
use crate::app::best::Best;
use crate::app::best_for::{Use, kept};
use crate::estimate::cost::{Bill, bill};
use crate::estimate::plan::Brief;
use crate::estimate::ranking::{Score, score};
use crate::estimate::workload::{Answer, Detail, Kind, Problem, Worker};
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
    /// How good the model's answers are in what the work is about; `None`: nothing is known of it.
    pub score: Option<Score>,
    /// Share of that which the quantization keeps, 0 to 1.
    pub kept: f64,
}

impl Solved {
    /// What models for a work are compared by: the score that is left at this level.
    pub fn worth(&self) -> f64 {
        self.score.map_or(0.0, |score| score.at(self.kept))
    }
}

impl Question {
    /// What the model is used for.
    pub const fn wanted(&self) -> Use {
        match self.chosen.kind {
            Kind::Chat | Kind::Batch | Kind::Users => Use::Chat,
            Kind::Agent | Kind::Completion => Use::Code,
        }
    }

    /// Tokens that one request needs room for, in steps of 256; `None`: more than can be counted.
    pub(super) fn room(&self) -> Option<u32> {
        u32::try_from(self.chosen.work().room().div_ceil(256) * 256).ok()
    }

    /// A model at a level at work.
    pub fn worker<'a>(&'a self, model: &'a Model, level: Level) -> Worker<'a> {
        Worker { estimator: Estimator::embedded(), model, level, scenario: &self.scenario, rig: &self.rig }
    }

    /// The best level of a model for the work, with room for one request: the rule of the matrix.
    pub fn best_level(&self, model: &Model) -> Option<Level> {
        if model.not_generating().is_some() {
            return None;
        }
        let room = self.room()?;
        if model.context_max.is_some_and(|most| most < room) {
            return None;
        }
        let briefs = self.briefs(model, room, &self.levels);
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

    /// A model at some levels, with room for one request; empty where nothing can be said of it.
    fn briefs(&self, model: &Model, room: u32, levels: &[Level]) -> Vec<Option<Brief>> {
        let Some(first) = levels.first() else { return Vec::new() };
        let worker = self.worker(model, *first);
        let scenario = worker.with_room(room).scenario(0, 1, 1);
        let asked = worker.estimator.ask(&scenario, &self.rig);
        let Ok(case) = asked.of(model) else { return Vec::new() };
        levels.iter().map(|level| case.brief(*level).ok()).collect()
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
        let brief = self.briefs(model, answer.room, &[level]).pop().flatten();
        let kept = brief.as_ref().map_or(1.0, kept);
        let score = score(model, self.wanted().subject());
        Ok(Solved { model: id, level, answer, effective, bill, score, kept })
    }
}
