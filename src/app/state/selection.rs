//! Which model and which row are selected.

use crate::app::action::Step;
use crate::app::rows::RowKey;
use crate::model::ModelId;

use super::State;

impl State {
    pub(super) fn select(&mut self, model: ModelId) {
        // One that was on the screen may be gone since.
        if model.index() >= self.catalog.models().len() {
            return;
        }
        let base = self.catalog.base_of(model);
        let variants = &self.catalog.bases()[base].variants;
        let variant = variants
            .iter()
            .position(|variant| variant.id == Some(model))
            .filter(|_| self.unfolded.contains(&self.catalog.bases()[base].id));
        self.cursor = Some(RowKey { base, variant });
        self.set_selected(model);
    }

    pub(super) fn select_row(&mut self, key: RowKey) {
        if key.base < self.catalog.bases().len() {
            self.cursor = Some(key);
            self.set_selected(key.model(&self.catalog));
        }
    }

    pub(super) fn set_selected(&mut self, model: ModelId) {
        self.dirty.detail |= self.selected != Some(model);
        self.selected = Some(model);
        self.settings.selected = Some(self.catalog.get(model).id.clone());
    }

    pub(super) fn step(&mut self, step: Step) {
        // Rows may be stale when several keys arrive in one frame.
        self.update();
        if let Some(row) = step.target(self.cursor_index(), self.rows.len()).and_then(|at| self.rows.get(at))
        {
            self.select_row(row.key);
            self.moves += 1;
        }
    }

    pub(super) fn unfold(&mut self, model: ModelId, open: bool) {
        if model.index() >= self.catalog.models().len() {
            return;
        }
        let base = self.catalog.base_of(model);
        let id = self.catalog.bases()[base].id;
        if open {
            self.unfolded.insert(id);
        } else {
            self.unfolded.remove(&id);
            if self.cursor.is_some_and(|cursor| cursor.base == base && cursor.variant.is_some()) {
                self.select_row(RowKey::base(base));
            }
        }
        self.remember_unfolded();
        self.dirty.lists();
    }
}
