//! Machines past this one, looked for on a thread.

use crate::app::jobs::Wake;
use crate::app::latest::{Answering, Latest};
use crate::estimate::several::{self, Demand, Network};
use crate::estimate::{Estimator, Rig, Scenario};
use crate::model::{Catalog, ModelId};
use crate::quant::Level;

use std::sync::Arc;

/// A question.
#[derive(Clone, Debug)]
pub struct Question {
    /// The models.
    pub catalog: Arc<Catalog>,
    /// Which of them.
    pub model: ModelId,
    /// Its quantization.
    pub level: Level,
    /// Cache types and engine.
    pub scenario: Scenario,
    /// One machine.
    pub rig: Rig,
    /// What a service has to bear.
    pub demand: Demand,
    /// Between machines.
    pub network: Network,
}

impl PartialEq for Question {
    fn eq(&self, other: &Self) -> bool {
        self.catalog.number() == other.catalog.number()
            && (self.model, self.level) == (other.model, other.level)
            && self.scenario == other.scenario
            && self.rig == other.rig
            && self.demand == other.demand
            && self.network == other.network
    }
}

/// What came of it, with the question.
#[derive(Clone, Debug)]
pub struct Found {
    /// The model.
    pub model: ModelId,
    /// Its quantization in this engine.
    pub level: Level,
    /// What was asked.
    pub demand: Demand,
    /// The answer.
    pub answer: several::Answer,
}

/// What was asked and what came of it.
#[derive(Debug)]
pub struct Service {
    latest: Latest<Question, Found>,
    /// What came of the last question.
    pub found: Option<Found>,
}

impl Service {
    /// On a thread, which calls `wake`.
    pub fn background(wake: Wake) -> Self {
        Self { latest: Latest::background("machines past this one", answering(), wake), found: None }
    }

    /// At once.
    pub fn inline() -> Self {
        Self { latest: Latest::inline(answering()), found: None }
    }

    /// Asks; the same question again costs nothing.
    pub fn ask(&mut self, question: Question) {
        self.latest.ask(question);
    }

    /// Takes an answer that has come; whether one has.
    pub fn poll(&mut self) -> bool {
        let found = self.latest.poll();
        let has_come = found.is_some();
        if has_come {
            self.found = found;
        }
        has_come
    }

    /// Whether the answer is still being computed.
    pub const fn is_waiting(&self) -> bool {
        self.latest.is_waiting()
    }
}

/// Looks for the fewest machines.
pub fn answer(question: &Question, is_stale: &dyn Fn() -> bool) -> Option<Found> {
    let level = several::level_for(question.scenario.engine, question.level);
    let service = several::Service {
        estimator: Estimator::embedded(),
        model: question.catalog.get(question.model),
        level,
        base: &question.scenario,
        one: &question.rig,
        demand: &question.demand,
        network: &question.network,
    };
    let answer = service.answer(is_stale)?;
    Some(Found { model: question.model, level, demand: question.demand, answer })
}

fn answering() -> Answering<Question, Found> {
    Box::new(answer)
}
