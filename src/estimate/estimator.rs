//! The one way in: a model, a quantization, a scenario and a rig to a [`Plan`].

use std::cell::LazyCell;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use crate::model::Model;
use crate::quant::{Level, TensorTable};

use super::alternatives::Alternatives;
use super::asked::Asked;
use super::beside::{self, Beside};
use super::breakdown::Term;
use super::engine;
use super::layers::LayerPlace;
use super::layout::Source;
use super::plan::{Brief, Plan, Unsupported};
use super::profile::{LayoutKey, Profile};
use super::rates::Rates;
use super::rig::Rig;
use super::scenario::Scenario;
use super::tariff::Tariffs;

/// Answers queries; remembers what depends on the model alone.
#[derive(Debug, Default)]
pub struct Estimator {
    models: RwLock<HashMap<Box<str>, Arc<Profile>>>,
    pub(super) shelf: engine::Shelf,
    tariffs: Tariffs,
}

impl Estimator {
    /// The shared estimator of this process.
    pub fn embedded() -> &'static Self {
        static SHARED: LazyLock<Estimator> = LazyLock::new(Estimator::default);
        &SHARED
    }

    /// A question that many models can be asked: what depends on scenario and rig alone is looked up once.
    pub fn ask<'a>(&'a self, scenario: &'a Scenario, rig: &'a Rig) -> Asked<'a> {
        let (scenario, rig) = engine::adapted(scenario, rig);
        let rates = Rates::new(&scenario, &rig, self.tariffs.get(&scenario, &rig));
        let draft = match &scenario.draft {
            Some(request) => beside::draft(self, request, &scenario, &rates),
            None => Ok(Beside::default()),
        };
        Asked { estimator: self, scenario, rig, rates, draft }
    }

    /// Everything that can be said of `model` at `level` on `rig`.
    ///
    /// # Errors
    /// Where the engine or the format is not known to run this model.
    pub fn plan(
        &self,
        model: &Model,
        level: Level,
        scenario: &Scenario,
        rig: &Rig,
    ) -> Result<Plan, Unsupported> {
        self.ask(scenario, rig).of(model)?.plan(level)
    }

    /// The figures of [`Estimator::plan`] that tables show.
    ///
    /// # Errors
    /// As for the plan.
    pub fn brief(
        &self,
        model: &Model,
        level: Level,
        scenario: &Scenario,
        rig: &Rig,
    ) -> Result<Brief, Unsupported> {
        self.ask(scenario, rig).of(model)?.brief(level)
    }

    /// Where each block of `model` lies in the plan of the same arguments, first to last.
    ///
    /// # Errors
    /// As for the plan.
    pub fn layers(
        &self,
        model: &Model,
        level: Level,
        scenario: &Scenario,
        rig: &Rig,
    ) -> Result<Vec<LayerPlace>, Unsupported> {
        self.ask(scenario, rig).of(model)?.layers(level)
    }

    /// What else could be done: the runner-up of the plan of the same arguments, llama.cpp's own choice, and
    /// why this one.
    ///
    /// # Errors
    /// As for the plan.
    pub fn alternatives(
        &self,
        model: &Model,
        level: Level,
        scenario: &Scenario,
        rig: &Rig,
    ) -> Result<Alternatives, Unsupported> {
        self.ask(scenario, rig).of(model)?.alternatives(level)
    }

    /// Where the time of a decode step of the plan goes, term by term; empty where no speed is known.
    ///
    /// # Errors
    /// As for the plan.
    pub fn breakdown(
        &self,
        model: &Model,
        level: Level,
        scenario: &Scenario,
        rig: &Rig,
    ) -> Result<Vec<Term>, Unsupported> {
        self.ask(scenario, rig).of(model)?.breakdown(level)
    }

    /// Longest context of a model, as [`super::plan::Fit::max_context`] defines it.
    ///
    /// # Errors
    /// As for the plan.
    pub fn longest_context(
        &self,
        model: &Model,
        level: Level,
        scenario: &Scenario,
        rig: &Rig,
    ) -> Result<Option<u32>, Unsupported> {
        Ok(self.ask(scenario, rig).of(model)?.longest_context(level)?.0)
    }

    /// Prepares `model` at all of `levels`, which together takes little more than one of them alone.
    pub fn warm(&self, model: &Model, levels: &[Level], scenario: &Scenario) {
        if !scenario.engine.is_ggml() {
            self.shelf.warm(model, levels, scenario);
            return;
        }
        let profile = self.profile(model);
        profile.graph.warm(scenario);
        let source = LazyCell::new(|| Source::new(model, scenario.mtp));
        for &level in levels {
            let key = LayoutKey { level, imatrix: scenario.imatrix, mtp: scenario.mtp };
            profile.layout_from(model, key, |make| make(&source)).ok();
        }
    }

    /// Makes the files of a model known: at their levels, everything follows their real tensors. What was known
    /// of a model with the same id is forgotten, so a file that has changed is read anew.
    pub fn adopt(&self, model: &Model, files: Vec<(Level, Arc<TensorTable>)>) {
        self.forget(&model.id);
        let profile = Arc::new(Profile::with_files(model, files));
        let mut models = self.models.write().unwrap_or_else(PoisonError::into_inner);
        models.insert(model.id.as_str().into(), profile);
    }

    /// Forgets what is kept of a model.
    pub fn forget(&self, id: &str) {
        self.models.write().unwrap_or_else(PoisonError::into_inner).remove(id);
        self.shelf.forget(id);
    }

    pub(super) fn profile(&self, model: &Model) -> Arc<Profile> {
        let models = self.models.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(profile) = models.get(model.id.as_str()) {
            return Arc::clone(profile);
        }
        drop(models);
        let profile = Arc::new(Profile::new(model));
        let mut models = self.models.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(models.entry(model.id.as_str().into()).or_insert(profile))
    }
}
