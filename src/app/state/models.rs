//! A person's own models in the state: their catalog, their files in the estimator, what is shown of them.

use std::sync::Arc;

use crate::app::models::{Added, Contents, ModelsAction};
use crate::app::own::OwnAction;
use crate::estimate::engine;
use crate::model::{Catalog, ModelId};

use super::{Outline, State};

impl State {
    pub(super) fn models_action(&mut self, action: ModelsAction) {
        self.models.apply(action, &mut self.settings);
        self.dirty.shelf = true;
    }

    /// Takes what the threads of own models have sent.
    pub(super) fn poll_models(&mut self) {
        let polled = self.models.poll(&self.settings.hub_base, self.estimator);
        if let Some((catalog, contents)) = polled.catalog {
            self.change_catalog(catalog, contents);
        }
        if polled.installed {
            self.dirty.lists();
            (self.dirty.shelf, self.dirty.detail) = (true, true);
        }
        if !polled.others.is_empty() {
            // They are no models: perhaps somebody's measurements, which say so if they are not.
            self.own.apply(OwnAction::Show(true), self.found.as_ref());
            if self.own.apply(OwnAction::ImportFiles(polled.others), self.found.as_ref()) {
                self.own_changed();
            }
            self.poll_own();
        }
        let catalog = &self.catalog;
        if let Some(id) = self.models.take_wanted(|id| catalog.exact(id).is_some()) {
            self.show_own(&id);
        }
    }

    /// Goes to a model: with the level that its file is in, where the engine reads that.
    fn show_own(&mut self, id: &str) {
        let Some(model) = self.catalog.exact(id) else { return };
        let level = self.models.get(id).and_then(|entry| entry.kept.level);
        if let Some(level) = level.filter(|level| engine::reads(self.settings.engine, *level)) {
            self.set_level(level);
        }
        self.select(model);
        self.moves += 1;
    }

    /// From now on there are these models.
    fn change_catalog(&mut self, catalog: Arc<Catalog>, contents: Contents) {
        self.catalog = catalog;
        self.best_for.answer = None;
        self.adopt(contents);
        let fixed = Catalog::embedded().models().len();
        // Behind the embedded records each id may mean another model than before.
        let is_other = |id: ModelId| id.index() >= fixed;
        self.history.forget(is_other);
        self.unfolded.retain(|id| !is_other(*id));
        self.matrix.grid.forget(is_other);
        self.map.forget(is_other);
        self.matrix.outline = Outline::default();
        self.hits = (!self.search.trim().is_empty()).then(|| self.catalog.search(&self.search));
        self.dirty.estimates();
        self.dirty.lists();
        let selected = self.settings.selected.as_deref().and_then(|id| self.catalog.exact(id));
        (self.selected, self.cursor) = (None, None);
        if let Some(model) = selected {
            self.select(model);
        }
    }

    /// Makes the files of own models known to the estimator, and the numbers of records by others.
    fn adopt(&mut self, Contents { own, added }: Contents) {
        let embedded = Catalog::embedded();
        for entry in &self.adopted.own {
            if !own.iter().any(|other| other.id() == entry.id()) {
                self.estimator.forget(entry.id());
            }
        }
        let is_in = |list: &[Arc<Added>], one: &Arc<Added>| list.iter().any(|known| Arc::ptr_eq(known, one));
        let gone: Vec<&Arc<Added>> =
            self.adopted.added.iter().filter(|before| !is_in(&added, before)).collect();
        for record in gone.iter().flat_map(|gone| &gone.records) {
            match embedded.exact(&record.id) {
                Some(id) => self.estimator.adopt(embedded.get(id), Vec::new()),
                None => self.estimator.forget(&record.id),
            }
        }
        // The last of several with the same record counts, as in the catalog; what is gone may have stood over others.
        let new = added.iter().filter(|added| !gone.is_empty() || !is_in(&self.adopted.added, added));
        for record in new.flat_map(|added| &added.records) {
            self.estimator.adopt(record, Vec::new());
        }
        for entry in &own {
            if !self.adopted.own.iter().any(|known| Arc::ptr_eq(known, entry)) {
                self.estimator.adopt(entry.record(), entry.tables());
            }
        }
        self.adopted = Contents { own, added };
    }

    /// Says in the detail what is known of a file's own tensors.
    pub(super) fn own_detail(&mut self) {
        let Some(detail) = &mut self.detail else { return };
        let id = &self.catalog.get(detail.model).id;
        if let Some(entry) = self.models.get(id) {
            detail.add_own(entry);
        }
    }
}
