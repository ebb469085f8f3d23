//! The Work page's part of the state.

use std::sync::Arc;

use crate::app::page::Page;
use crate::app::work::{Question, WorkAction};
use crate::estimate::engine;

use super::State;

impl State {
    /// Takes what has come for the page, and asks while it is in view.
    pub(super) fn update_work(&mut self) {
        if self.settings.page != Page::Work {
            return;
        }
        let changed = std::mem::take(&mut self.dirty.work);
        if changed {
            self.ask_work();
        }
        let has_come = self.work.poll();
        if changed || has_come {
            let model = self.work.found.as_ref().and_then(|found| found.model);
            let model = model.map(|(id, _)| self.catalog.get(id));
            self.work.refresh(&self.settings.work, self.rig.as_ref(), model);
        }
    }

    fn ask_work(&mut self) {
        let Some(rig) = self.rig.clone() else { return };
        let model = self.settings.work.model.as_ref();
        let model = model.and_then(|(id, level)| Some((self.catalog.exact(id)?, *level)));
        let levels = engine::ladder(self.scenario.engine).to_vec();
        self.work.ask(Question {
            catalog: Arc::clone(&self.catalog),
            scenario: self.scenario.clone(),
            rig,
            chosen: self.settings.work.clone(),
            model: model.map(|(model, _)| model),
            // A level that another engine reads stands for none here.
            level: model.map(|(_, level)| level).filter(|level| levels.contains(level)),
            levels,
        });
    }

    pub(super) fn make_on_work(&mut self, action: WorkAction) {
        self.work.apply(action, &mut self.settings.work);
        // What is typed and wrong changes the fields, and a question that is the same costs nothing.
        self.dirty.work = true;
    }
}
