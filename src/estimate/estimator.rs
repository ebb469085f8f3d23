//! The one way in: a model, a quantization, a scenario and a rig to a [`Plan`].

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use crate::model::Model;
use crate::quant::{GgmlType, Level};
use crate::units::Bytes;

use super::layers::{self, LayerPlace};
use super::layout::{Layout, Source};
use super::outcome::Subject;
use super::plan::{Brief, Fit, FitClass, Plan, Speed, Unsupported};
use super::profile::{LayoutKey, Profile};
use super::rig::Rig;
use super::scenario::{CacheType, Scenario};
use super::{speed, verdict};

/// Answers queries; remembers what depends on the model alone.
#[derive(Debug, Default)]
pub struct Estimator {
    models: RwLock<HashMap<Box<str>, Arc<Profile>>>,
}

impl Estimator {
    /// The shared estimator of this process.
    pub fn embedded() -> &'static Self {
        static SHARED: LazyLock<Estimator> = LazyLock::new(Estimator::default);
        &SHARED
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
        let (profile, layout) = self.layout(model, level, scenario)?;
        let subject = Subject { model, level, profile: &profile, layout: &layout };
        let outcome = subject.outcome(scenario, rig);
        let mut warnings = layout.warnings.clone();
        verdict::warn(model, scenario, rig, &mut warnings);
        let cost = profile.cost(model, level, outcome.streamed);
        let speed = if outcome.class == FitClass::TooBig && scenario.placement.is_auto() {
            warnings.push("no speed: it does not fit".to_owned());
            Speed::UNKNOWN
        } else {
            speed::speed(&cost, &outcome.load, &outcome.split, scenario, rig, &mut warnings)
        };
        let (max_context, max_context_on_gpu) = subject.longest_context(scenario, rig, outcome.class);
        let fit = Fit {
            class: outcome.class,
            margin_bytes: outcome.margin_bytes,
            max_context,
            max_context_on_gpu,
            reason: verdict::sentence(model, &outcome.verdict_facts(rig)),
        };
        Ok(Plan {
            level,
            file: Arc::clone(&layout.file),
            placement: outcome.placement(rig),
            memory: outcome.memory,
            fit,
            speed,
            quality: layout.quality,
            warnings,
        })
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
        let (profile, layout) = self.layout(model, level, scenario)?;
        let subject = Subject { model, level, profile: &profile, layout: &layout };
        let outcome = subject.outcome(scenario, rig);
        let cost = profile.cost(model, level, outcome.streamed);
        let on_gpu = outcome.memory.on_devices();
        let gpu_weights: Bytes = outcome.memory.devices.iter().map(|d| d.weights).sum();
        let host_weights = outcome.memory.host.weights - layout.input;
        let all = gpu_weights + host_weights;
        Ok(Brief {
            class: outcome.class,
            need: outcome.memory.total(),
            on_gpu,
            gpu_share: if all == Bytes::ZERO { 0.0 } else { (gpu_weights.gib() / all.gib()) as f32 },
            decode: match outcome.class {
                FitClass::TooBig => None,
                _ => speed::decode(&cost, &outcome.load, &outcome.split, scenario, rig),
            },
            file_bytes: layout.file.bytes,
            quality: layout.quality,
            margin_bytes: outcome.margin_bytes,
        })
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
        let (profile, layout) = self.layout(model, level, scenario)?;
        let subject = Subject { model, level, profile: &profile, layout: &layout };
        Ok(layers::layers(model, &subject.outcome(scenario, rig)))
    }

    /// Longest context of a model, as [`Fit::max_context`] defines it.
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
        let (profile, layout) = self.layout(model, level, scenario)?;
        let subject = Subject { model, level, profile: &profile, layout: &layout };
        let outcome = subject.outcome(scenario, rig);
        Ok(subject.longest_context(scenario, rig, outcome.class).0)
    }

    fn layout(
        &self,
        model: &Model,
        level: Level,
        scenario: &Scenario,
    ) -> Result<(Arc<Profile>, Arc<Layout>), Unsupported> {
        if !scenario.engine.is_ggml() {
            return Err(Unsupported {
                reason: format!(
                    "sizes and speeds of {} come with a later version; llama.cpp and ollama are answered",
                    scenario.engine.name()
                ),
            });
        }
        if !scenario.flash_attention && scenario.cache_v.ggml().is_some_and(GgmlType::is_quantized) {
            return Err(Unsupported {
                reason: "llama.cpp refuses a quantized value cache without flash attention".to_owned(),
            });
        }
        if [scenario.cache_k, scenario.cache_v].contains(&CacheType::Fp8) {
            return Err(Unsupported {
                reason: "llama.cpp has no fp8 cache; its 8-bit type is q8_0".to_owned(),
            });
        }
        let profile = self.profile(model);
        let key = LayoutKey { level, imatrix: scenario.imatrix, mtp: scenario.mtp };
        let layout =
            profile.find(key).unwrap_or_else(|| profile.add(model, &Source::new(model, key.mtp), key))?;
        Ok((profile, layout))
    }

    /// Prepares `model` at all of `levels`, which together takes little more than one of them alone.
    pub fn warm(&self, model: &Model, levels: &[Level], scenario: &Scenario) {
        let profile = self.profile(model);
        let source = Source::new(model, scenario.mtp);
        for &level in levels {
            profile
                .add(model, &source, LayoutKey { level, imatrix: scenario.imatrix, mtp: scenario.mtp })
                .ok();
        }
    }

    fn profile(&self, model: &Model) -> Arc<Profile> {
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
