//! The catalog through size classes: what of each class this machine runs and at which quantization, how large a
//! model can be at reading speed, and what the cards of other years ran.
//!
//! All of it is counted from the matrix's cells, on a thread.

mod shares;
#[cfg(test)]
mod tests;
mod years;

use std::sync::Arc;

use crate::app::best::READING_SPEED;
use crate::app::grid::{Ask, CatalogJudge, GridRow, Judge, Wanted};
use crate::app::jobs::Wake;
use crate::app::latest::{Answering, Latest};
use crate::estimate::size_class::{Lens, Standing};
use crate::estimate::{Brief, Rig, Scenario};
use crate::model::{Catalog, Model, ModelId};
use crate::quant::Level;

pub use shares::{ClassShare, Largest, Shares};
pub use years::{CardYear, MOST_PRICE_USD, MOST_RAM_GIB, YEARS, Year, Years};

/// Models between two looks at whether there is a newer question.
const BETWEEN_LOOKS: usize = 16;

/// A price of a million tokens of a model over an API, USD, three read for each written; `None`: not on the list.
pub type Price = fn(&Model) -> Option<f64>;

/// A question.
#[derive(Clone, Debug)]
pub struct Question {
    /// The models.
    pub catalog: Arc<Catalog>,
    /// What is asked of each.
    pub scenario: Scenario,
    /// The levels that come into question.
    pub levels: Vec<Level>,
    /// The machine.
    pub rig: Rig,
    /// What is assumed of the cards of other years.
    pub years: Years,
}

impl PartialEq for Question {
    fn eq(&self, other: &Self) -> bool {
        // A catalog never changes; another one is another question.
        self.catalog.number() == other.catalog.number()
            && self.scenario == other.scenario
            && self.levels == other.levels
            && self.rig == other.rig
            && self.years == other.years
    }
}

/// The answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The levels that the columns are.
    pub levels: Vec<Level>,
    /// What of each class runs here, one a lens.
    pub shares: Vec<Shares>,
    /// The largest model that runs here at reading speed, by level.
    pub largest: Vec<Option<Largest>>,
    /// The same on the GPUs alone.
    pub largest_on_gpu: Vec<Option<Largest>>,
    /// Cards of other years.
    pub years: Vec<Year>,
}

impl Answer {
    /// The classes of a lens.
    pub fn of(&self, lens: Lens) -> &Shares {
        &self.shares[lens as usize]
    }
}

/// Every model that generates text on one machine.
struct Cells {
    rows: Vec<(ModelId, GridRow)>,
}

impl Cells {
    /// `None`: there is a newer question.
    fn new(judge: &dyn Judge, ask: &Ask, is_stale: &dyn Fn() -> bool) -> Option<Self> {
        let mut rows = Vec::new();
        for (place, base) in ask.catalog.bases().iter().enumerate() {
            if place % BETWEEN_LOOKS == 0 && is_stale() {
                return None;
            }
            if ask.catalog.get(base.id).not_generating().is_some() {
                continue;
            }
            let cells = judge.cells(base.id, ask);
            rows.push((base.id, GridRow::of(cells, !ask.rig.devices.is_empty(), ask.scenario.concurrency)));
        }
        Some(Self { rows })
    }
}

/// Whether each of `requests` is answered at reading speed, from memory.
fn at_speed(brief: &Brief, requests: u32) -> bool {
    let wanted = READING_SPEED * f64::from(requests.max(1));
    brief.class.runs() && brief.decode.is_some_and(|rate| rate.p50 >= wanted)
}

/// Where a model stands at a level.
fn standing(ask: &Ask, id: ModelId, brief: Option<&Brief>, price: Price) -> Standing {
    let model = ask.catalog.get(id);
    Standing::new(model, ask.scenario.context, brief.map(|brief| brief.need), price(model))
}

/// Answers a question.
fn answer(
    judge: &dyn Judge,
    price: Price,
    question: &Question,
    is_stale: &dyn Fn() -> bool,
) -> Option<Answer> {
    let ask = Ask {
        catalog: Arc::clone(&question.catalog),
        scenario: question.scenario.clone(),
        rig: question.rig.clone(),
        levels: question.levels.clone(),
        wanted: Wanted::Nothing,
    };
    let cells = Cells::new(judge, &ask, is_stale)?;
    Some(Answer {
        levels: question.levels.clone(),
        shares: Lens::ALL.map(|lens| shares::count(&cells, &ask, lens, price)).to_vec(),
        largest: shares::largest(&cells, &ask, false),
        largest_on_gpu: shares::largest(&cells, &ask, true),
        years: years::all(judge, &ask, &question.years, is_stale)?,
    })
}

/// What was asked and what came of it.
#[derive(Debug)]
pub struct Lenses {
    latest: Latest<Question, Answer>,
    price: Price,
    /// What came of the last question.
    pub found: Option<Answer>,
}

impl Lenses {
    /// Computed on a thread, which calls `wake`.
    pub fn background(price: Price, wake: Wake) -> Self {
        Self { latest: Latest::background("size classes", answering(price), wake), price, found: None }
    }

    /// Computed when it is asked for.
    pub fn inline(price: Price) -> Self {
        Self { latest: Latest::inline(answering(price)), price, found: None }
    }

    /// A model's price over an API: see [`Price`].
    pub fn price(&self, model: &Model) -> Option<f64> {
        (self.price)(model)
    }

    /// Asks; the same question again costs nothing.
    pub fn ask(&mut self, question: Question) {
        self.latest.ask(question);
        self.poll();
    }

    /// Takes an answer that has come.
    pub fn poll(&mut self) {
        if let Some(found) = self.latest.poll() {
            self.found = Some(found);
        }
    }

    /// Whether the answer is still being computed.
    pub const fn is_waiting(&self) -> bool {
        self.latest.is_waiting()
    }
}

fn answering(price: Price) -> Answering<Question, Answer> {
    let judge = CatalogJudge::embedded();
    Box::new(move |question, is_stale| answer(&judge, price, question, is_stale))
}
