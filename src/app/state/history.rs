//! Undo and redo of what is asked.

use crate::app::action::Action;
use crate::estimate::scenario::{CacheType, Engine};
use crate::estimate::ways::Change;
use crate::model::ModelId;
use crate::quant::Level;

use super::State;

/// Steps that are kept.
const KEPT: usize = 100;

/// What undo brings back: everything that an estimate is asked for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Asked {
    context: u32,
    cache: CacheType,
    concurrency: u32,
    engine: Engine,
    level: Level,
    what_if: Vec<Change>,
    /// A cell of the matrix is a model and a level: both go back together.
    selected: Option<ModelId>,
}

impl Asked {
    /// The same but for the selection, which alone is nothing to undo.
    fn is_same_question(&self, other: &Self) -> bool {
        Self { selected: None, ..self.clone() } == Self { selected: None, ..other.clone() }
    }
}

/// One change that can be taken back.
#[derive(Clone, Debug)]
struct Step {
    before: Asked,
    after: Asked,
    /// It came from walking through the cells of the matrix.
    by_cell: bool,
}

/// Changes that were made and taken back.
#[derive(Clone, Debug, Default)]
pub(super) struct History {
    past: Vec<Step>,
    /// The last one taken back stands last.
    future: Vec<Step>,
    /// A pointer is held down: what changes until it is let go is one step.
    held: bool,
    /// The last step was begun under the pointer that is held.
    is_open: bool,
}

impl History {
    fn record(&mut self, before: Asked, after: Asked, by_cell: bool) {
        if before.is_same_question(&after) {
            return;
        }
        self.future.clear();
        let goes_on = self.held && self.is_open;
        match self.past.last_mut() {
            // From cell to cell is one way, however many lie on it.
            Some(last) if goes_on || (by_cell && last.by_cell && last.after.is_same_question(&before)) => {
                last.after = after;
            }
            _ => {
                if self.past.len() == KEPT {
                    self.past.remove(0);
                }
                self.past.push(Step { before, after, by_cell });
            }
        }
        self.is_open = self.held;
    }

    fn hold(&mut self, held: bool) {
        self.held = held;
        self.is_open = false;
        // Dragged to and fro: nothing has changed.
        if self.past.last().is_some_and(|step| step.before.is_same_question(&step.after)) {
            self.past.pop();
        }
    }
}

impl State {
    /// Whether there is a change to take back.
    pub fn can_undo(&self) -> bool {
        !self.history.past.is_empty()
    }

    /// Whether there is one to make again.
    pub fn can_redo(&self) -> bool {
        !self.history.future.is_empty()
    }

    /// Whether a pointer was held down when the window last said so.
    pub const fn is_step_held(&self) -> bool {
        self.history.held
    }

    /// Makes a change; [`Self::update`] computes what follows from it.
    pub fn apply(&mut self, action: Action) {
        match action {
            Action::Undo => self.undo(),
            Action::Redo => self.redo(),
            Action::HoldStep(held) => self.history.hold(held),
            action => {
                let by_cell = matches!(action, Action::SelectCell(..));
                let before = self.asked();
                self.make(action);
                let after = self.asked();
                self.history.record(before, after, by_cell);
            }
        }
    }

    fn asked(&self) -> Asked {
        let settings = &self.settings;
        Asked {
            context: settings.context,
            cache: settings.cache,
            concurrency: settings.concurrency,
            engine: settings.engine,
            level: settings.level,
            what_if: self.what_if.clone(),
            selected: self.selected,
        }
    }

    fn undo(&mut self) {
        if let Some(step) = self.history.past.pop() {
            self.turn(&step.after, &step.before, step.by_cell);
            self.history.future.push(step);
        }
        self.history.is_open = false;
    }

    fn redo(&mut self) {
        if let Some(step) = self.history.future.pop() {
            self.turn(&step.before, &step.after, step.by_cell);
            self.history.past.push(step);
        }
        self.history.is_open = false;
    }

    /// Sets what differs between two states of a step; the rest stays as it is.
    fn turn(&mut self, from: &Asked, to: &Asked, by_cell: bool) {
        let settings = &mut self.settings;
        if from.context != to.context {
            settings.context = to.context;
        }
        if from.cache != to.cache {
            settings.cache = to.cache;
        }
        if from.concurrency != to.concurrency {
            settings.concurrency = to.concurrency;
        }
        if from.engine != to.engine {
            settings.engine = to.engine;
        }
        if from.level != to.level {
            settings.level = to.level;
        }
        if from.what_if != to.what_if {
            self.what_if.clone_from(&to.what_if);
            self.set_rig();
        }
        self.dirty.estimates();
        if let Some(model) = to.selected.filter(|_| by_cell && from.selected != to.selected) {
            self.select(model);
            self.moves += 1;
        }
    }
}
