//! Two to four machines side by side: which models become possible, what is faster, at which power and price.
//!
//! The figures of each machine are computed on a thread, kept for as long as nothing that they rest on
//! changes, and put side by side there too.

mod figures;
mod lines;
mod side_by_side;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::app::jobs::Wake;
use crate::app::latest::Latest;
use crate::app::rigs::price::Price;
use crate::app::rigs::{RigChoice, Rigs};
use crate::estimate::{Rig, Scenario};
use crate::model::{Catalog, ModelId};
use crate::quant::Level;

pub use figures::Shelf;
pub use lines::{Line, LineValue, lines, sentence};
pub use side_by_side::{BestModel, Comparison, End, Gain, SpeedRow, Summary};

/// Machines that are compared, at most.
pub const MOST: usize = 4;
/// Models whose speeds are shown, at most.
pub const MOST_MODELS: usize = 24;
/// Machines' names for a short caption.
pub const LETTERS: [&str; MOST] = ["A", "B", "C", "D"];

/// What is compared, as it is remembered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Chosen {
    /// The machines; the others are held against the first.
    pub rigs: Vec<RigChoice>,
    /// Repositories of the models whose speeds are shown; empty: those that change most.
    pub models: Vec<String>,
}

impl Default for Chosen {
    fn default() -> Self {
        Self { rigs: vec![RigChoice::This], models: Vec::new() }
    }
}

impl Chosen {
    /// Puts a machine at a place; what stood there goes to where it came from, so that none is there twice.
    pub fn put(&mut self, place: usize, rig: RigChoice) {
        let before = self.rigs.iter().position(|known| *known == rig);
        match (before, self.rigs.get(place).cloned()) {
            (Some(before), Some(_)) => self.rigs.swap(before, place),
            (None, Some(_)) => self.rigs[place] = rig,
            (None, None) if self.rigs.len() < MOST => self.rigs.push(rig),
            (_, None) => {}
        }
    }

    /// Takes a machine out; one stays.
    pub fn take_out(&mut self, place: usize) {
        if place < self.rigs.len() && self.rigs.len() > 1 {
            self.rigs.remove(place);
        }
    }

    /// Another machine is compared with the first: a new one in place of the last, where there are several.
    pub fn bring(&mut self, rig: RigChoice) {
        match self.rigs.len() {
            _ if self.rigs.contains(&rig) => {}
            0 | 1 => self.rigs.push(rig),
            count => self.rigs[count - 1] = rig,
        }
    }

    /// Another name of a rig.
    pub fn rename(&mut self, from: &str, to: &str) {
        for rig in &mut self.rigs {
            if matches!(rig, RigChoice::Kept(name) if name == from) {
                *rig = RigChoice::Kept(to.to_owned());
            }
        }
    }

    /// Drops what is not there: rigs by their names, a recorded machine where `opened` says that none is.
    pub fn tidy(&mut self, kept: &Rigs, opened: bool) {
        self.rigs.retain(|rig| match rig {
            RigChoice::This => true,
            RigChoice::Kept(name) => kept.get(name).is_some(),
            RigChoice::Opened => opened,
        });
        let mut seen: Vec<RigChoice> = Vec::new();
        self.rigs.retain(|rig| {
            let is_new = !seen.contains(rig);
            seen.push(rig.clone());
            is_new
        });
        self.rigs.truncate(MOST);
        if self.rigs.is_empty() {
            self.rigs.push(RigChoice::This);
        }
        self.models.truncate(MOST_MODELS);
    }
}

/// A change of what is compared.
#[derive(Clone, Debug, PartialEq)]
pub enum CompareAction {
    /// This machine at this place; the first is what the others are held against.
    Put(usize, RigChoice),
    /// One machine less.
    TakeOut(usize),
    /// Show the speed of a model, or no longer.
    Show(ModelId, bool),
    /// Those that change most.
    Automatic,
    /// Look for a model to show.
    Find(String),
}

/// A question.
#[derive(Clone, Debug)]
pub struct Question {
    /// The models.
    pub catalog: Arc<Catalog>,
    /// What is asked of each model.
    pub scenario: Scenario,
    /// The levels that come into question.
    pub levels: Vec<Level>,
    /// The machines.
    pub rigs: Vec<Rig>,
    /// Models whose speeds are shown; empty: those that change most.
    pub models: Vec<ModelId>,
}

impl PartialEq for Question {
    fn eq(&self, other: &Self) -> bool {
        // A catalog never changes; another one is another question.
        self.catalog.number() == other.catalog.number()
            && self.scenario == other.scenario
            && self.levels == other.levels
            && self.rigs == other.rigs
            && self.models == other.models
    }
}

/// What is compared, and what came of it.
#[derive(Debug)]
pub struct Compare {
    latest: Latest<Question, Comparison>,
    /// What came of the last question.
    pub found: Option<Comparison>,
    /// Names of the machines that it is about.
    pub names: Vec<String>,
    /// Their prices beyond this computer's.
    pub prices: Vec<Option<Price>>,
    /// Names and prices of those that are asked about: they count once the answer is there.
    asked: Option<(Vec<String>, Vec<Option<Price>>)>,
    /// Models that words lead to, to be shown.
    pub search: String,
    /// They.
    pub hits: Vec<ModelId>,
}

impl Compare {
    /// Computed on a thread, which calls `wake`.
    pub fn background(wake: Wake) -> Self {
        Self::with(Latest::background("compare rigs", Shelf::embedded().answering(), wake))
    }

    /// Computed when it is asked for.
    pub fn inline() -> Self {
        Self::with(Latest::inline(Shelf::embedded().answering()))
    }

    fn with(latest: Latest<Question, Comparison>) -> Self {
        Self {
            latest,
            found: None,
            names: Vec::new(),
            prices: Vec::new(),
            asked: None,
            search: String::new(),
            hits: Vec::new(),
        }
    }

    /// Asks about machines of these names and prices; the same question again costs nothing.
    pub(in crate::app) fn ask(&mut self, question: Question, names: Vec<String>, prices: Vec<Option<Price>>) {
        let is_new = self.latest.ask(question);
        if is_new || self.latest.is_waiting() {
            self.asked = Some((names, prices));
        } else {
            (self.names, self.prices) = (names, prices);
        }
    }

    /// Nothing is compared: there is only the machine of this name.
    pub(in crate::app) fn ask_nothing(&mut self, names: Vec<String>) {
        (self.names, self.prices, self.asked) = (names, Vec::new(), None);
    }

    /// What came of the machines that are named, once it has.
    pub fn shown(&self) -> Option<&Comparison> {
        self.found.as_ref().filter(|found| found.rigs.len() == self.names.len())
    }

    /// Takes an answer that has come.
    pub(in crate::app) fn poll(&mut self) {
        if let Some(found) = self.latest.poll() {
            self.found = Some(found);
            if let Some((names, prices)) = self.asked.take() {
                (self.names, self.prices) = (names, prices);
            }
        }
    }

    /// Whether the answer is still being computed.
    pub const fn is_waiting(&self) -> bool {
        self.latest.is_waiting()
    }
}
