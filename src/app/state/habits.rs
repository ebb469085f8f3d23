//! Favourites, hints, and the way back to the usual scenario.

use crate::app::habits::{HabitsAction, Hint};
use crate::app::settings::Settings;
use crate::model::ModelId;

use super::State;

impl State {
    /// Whether a model is a favourite.
    pub fn is_favourite(&self, model: ModelId) -> bool {
        self.settings.habits.favourites.contains(&self.catalog.get(model).id)
    }

    /// Models that were looked at, the latest first; those that are still there.
    pub fn recent(&self) -> Vec<ModelId> {
        self.settings.habits.recent.iter().filter_map(|id| self.catalog.exact(id)).collect()
    }

    /// The hint about what is in view.
    pub fn hint(&self) -> Option<Hint> {
        let (page, view) = (self.settings.page, self.settings.view);
        self.settings.habits.hints.iter().copied().find(|hint| hint.is_about(page, view))
    }

    pub(super) fn make_habit(&mut self, action: HabitsAction) {
        match action {
            HabitsAction::Favourite(model) => {
                // One that was on the screen may be gone since.
                let model = model.or(self.selected).filter(|id| id.index() < self.catalog.models().len());
                if let Some(model) = model {
                    self.settings.habits.toggle_favourite(&self.catalog.get(model).id);
                    self.mark_favourite();
                    if self.settings.filters.favourites {
                        self.dirty.lists();
                    }
                }
            }
            HabitsAction::OnlyFavourites(on) => self.filter(|filters| filters.favourites = on),
            HabitsAction::Read(hint) => {
                self.settings.habits.hints.remove(&hint);
            }
        }
    }

    /// Says in the detail whether its model is a favourite.
    pub(super) fn mark_favourite(&mut self) {
        if let Some(model) = self.detail.as_ref().map(|detail| detail.model) {
            let favourite = self.is_favourite(model);
            self.detail.iter_mut().for_each(|detail| detail.favourite = favourite);
        }
    }

    /// Whether what is asked of each model is what the program starts with.
    pub fn is_usual_scenario(&self) -> bool {
        let (now, usual) = (&self.settings, Settings::default());
        self.what_if.is_empty()
            && now.context == usual.context
            && now.cache == usual.cache
            && now.concurrency == usual.concurrency
            && now.engine == usual.engine
            && now.level == usual.level
    }

    /// Back to what the program starts with: context, cache, requests, engine and level, nothing supposed.
    pub(super) fn reset_scenario(&mut self) {
        let usual = Settings::default();
        self.set_engine(usual.engine);
        let settings = &mut self.settings;
        (settings.context, settings.cache) = (usual.context, usual.cache);
        (settings.concurrency, settings.level) = (usual.concurrency, usual.level);
        self.suppose_nothing();
        self.dirty.estimates();
    }

    /// Remembers the selected model as one that was looked at. `walked`: on the way through rows or cells.
    pub(super) fn remember_selected(&mut self, walked: bool) {
        if let Some(model) = self.selected {
            self.settings.habits.looked_at(&self.catalog.get(model).id, walked);
        }
    }

    /// Remembers which models are unfolded.
    pub(super) fn remember_unfolded(&mut self) {
        let ids = self.unfolded.iter().map(|id| self.catalog.get(*id).id.clone());
        self.settings.habits.unfolded = ids.collect();
    }
}
