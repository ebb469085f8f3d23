//! Up to four models, each at a level and on a machine, pinned to be held side by side.
//!
//! Machines are compared by `app/compare`; here are answers. They are computed beside the window while they are
//! looked at.

mod answer;
mod pins;
mod rows;

use std::sync::Arc;

use crate::app::jobs::Wake;
use crate::app::latest::Latest;
use crate::estimate::{Rig, Scenario};
use crate::model::{Catalog, ModelId};
use crate::quant::Level;

pub use answer::{Pinned, SideBySide};
pub use pins::{MOST, Pin, Pins};
pub use rows::{Row, Value};

/// Short names of what is pinned, in order.
pub const LETTERS: [&str; MOST] = ["A", "B", "C", "D"];

/// A change of what is pinned.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TrayAction {
    /// Pin what is selected, or no longer.
    Toggle,
    /// Pin it no longer.
    Remove(usize),
    /// One place to the left, or to the right.
    Shift(usize, bool),
    /// Nothing is pinned.
    Clear,
    /// Hold side by side what is pinned, or go back.
    Open(bool),
    /// Go to one of them: select its model, level and machine.
    Go(usize),
}

/// What is asked about each.
#[derive(Clone, Debug)]
pub struct Question {
    /// The models.
    pub catalog: Arc<Catalog>,
    /// What is asked of each.
    pub scenario: Scenario,
    /// Model, level, machine, and what the machine is called.
    pub pins: Vec<(ModelId, Level, Rig, String)>,
}

impl PartialEq for Question {
    fn eq(&self, other: &Self) -> bool {
        // A catalog never changes; another one is another question.
        self.catalog.number() == other.catalog.number()
            && self.scenario == other.scenario
            && self.pins == other.pins
    }
}

/// The tray, as the window knows it.
#[derive(Debug)]
pub struct Tray {
    /// What is pinned is held side by side now.
    pub open: bool,
    latest: Latest<Question, SideBySide>,
    found: Option<SideBySide>,
}

impl Tray {
    /// Computed on a thread, which calls `wake`.
    pub fn background(wake: Wake) -> Self {
        Self::with(Latest::background("compare pins", Box::new(answer::answer), wake))
    }

    /// Computed when it is asked for.
    pub fn inline() -> Self {
        Self::with(Latest::inline(Box::new(answer::answer)))
    }

    fn with(latest: Latest<Question, SideBySide>) -> Self {
        Self { open: false, latest, found: None }
    }

    /// What came of the last question.
    pub const fn shown(&self) -> Option<&SideBySide> {
        self.found.as_ref()
    }

    pub(in crate::app) fn ask(&mut self, question: Question) {
        self.latest.ask(question);
        if let Some(found) = self.latest.poll() {
            self.found = Some(found);
        }
    }

    /// Takes an answer that has come.
    pub(in crate::app) fn poll(&mut self) {
        if let Some(found) = self.latest.poll() {
            self.found = Some(found);
        }
    }

    pub(in crate::app) fn forget(&mut self) {
        self.found = None;
    }
}
