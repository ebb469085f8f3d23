//! The best-for-you list's part of the state.

use std::sync::Arc;

use crate::app::best_for::{BestForAction, Question, Use};
use crate::estimate::engine;
use crate::estimate::ways::Change;

use super::State;

impl State {
    /// Asks for what is best while the list is unfolded, and takes what has been worked out.
    pub(super) fn update_best_for(&mut self) {
        if !self.settings.best_for.open {
            return;
        }
        if let Some(rig) = self.known_rig().filter(|_| self.dirty.best_for) {
            let question = Question {
                catalog: Arc::clone(&self.catalog),
                scenario: self.scenario.clone(),
                rig: rig.clone(),
                levels: engine::ladder(self.scenario.engine).to_vec(),
                terms: self.settings.best_for.terms,
            };
            self.best_for.ask(question);
            self.dirty.best_for = false;
        }
        self.best_for.poll();
    }

    pub(super) fn make_on_best_for(&mut self, action: BestForAction) {
        match action {
            BestForAction::Open(open) => self.settings.best_for.open = open,
            BestForAction::SetTerms(mut terms) => {
                terms.tidy();
                self.settings.best_for.terms = terms;
            }
            BestForAction::Take(wanted) => self.take_best(wanted),
        }
        self.dirty.best_for = true;
    }

    fn take_best(&mut self, wanted: Use) {
        let found = self.best_for.answer.as_ref().and_then(|answer| answer.of(wanted));
        let Some((model, level, context)) =
            found.and_then(|found| found.pick()).map(|pick| (pick.model, pick.level, pick.context))
        else {
            return;
        };
        let mut changes = vec![Change::Level(level)];
        if context != self.settings.context {
            changes.push(Change::Context(context));
        }
        self.try_out(&changes);
        self.select(model);
        self.moves += 1;
    }
}
