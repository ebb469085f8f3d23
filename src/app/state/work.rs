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
        if let Some(rig) = self.rig.clone().filter(|_| std::mem::take(&mut self.dirty.work)) {
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
        self.work.poll();
    }

    pub(super) fn make_on_work(&mut self, action: WorkAction) {
        self.dirty.work |= self.work.apply(action, &mut self.settings.work);
    }
}
