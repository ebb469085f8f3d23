//! Engines other than llama.cpp: what they read, and how they take memory.
//!
//! Servers such as vLLM take a share of each card whatever the model; what the weights leave of it is cache.
//! MLX grows with use, `ExLlama` allocates in full, and Ollama is llama.cpp with defaults of its own. Fractions
//! and rates are data with their source (`assets/engine_memory.json`).

mod blocks;
mod caches;
mod cards;
mod exllama;
mod formats;
mod mlx;
mod ollama;
mod pool;
pub mod rules;
mod speed;
mod weights;

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use crate::language::tr;
use crate::model::Model;
use crate::quant::Level;
use crate::units::{Bytes, MIB, small_text, tokens_text};

use super::place::spare;
use super::plan::{Brief, Fit, FitClass, Memory, Placement, Plan, Serving, Speed, Unsupported};
use super::rig::{Device, Rig};
use super::scenario::{Engine, Scenario};
use super::tariff::Costs;
use super::verdict;

pub use formats::{cache_types, counterpart, ladder, levels, nearest_cache, reads};
pub(super) use ollama::adapted;

use blocks::Load;
use caches::Caches;
use weights::Weights;

/// Longest context that is looked for where a model states none, tokens.
const LONGEST: u32 = 1 << 20;
/// Shortest context that counts as one, tokens.
const SHORTEST: u32 = 256;

/// Weights that were weighed once.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    weights: RwLock<HashMap<Key, Arc<Weights>>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    model: Box<str>,
    level: Level,
    engine: Engine,
    mtp: bool,
}

impl Shelf {
    /// Weighs a model at all of `levels`.
    pub(super) fn warm(&self, model: &Model, levels: &[Level], scenario: &Scenario) {
        for &level in levels {
            self.weights(model, level, scenario);
        }
    }

    /// Forgets what was weighed of a model.
    pub(super) fn forget(&self, id: &str) {
        let mut weights = self.weights.write().unwrap_or_else(PoisonError::into_inner);
        weights.retain(|key, _| *key.model != *id);
    }

    fn weights(&self, model: &Model, level: Level, scenario: &Scenario) -> Arc<Weights> {
        let (engine, mtp) = (scenario.engine, scenario.mtp);
        let key = Key { model: model.id.as_str().into(), level, engine, mtp };
        let known = self.weights.read().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        known.unwrap_or_else(|| {
            let made = Arc::new(Weights::new(model, level, engine, mtp));
            let mut weights = self.weights.write().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(weights.entry(key).or_insert(made))
        })
    }
}

/// A model at a level in an engine that is not llama.cpp.
#[derive(Debug)]
pub(super) struct Case<'a> {
    model: &'a Model,
    level: Level,
    scenario: &'a Scenario,
    rig: &'a Rig,
    /// What everything costs.
    costs: &'a Costs,
    weights: Arc<Weights>,
    needs: Option<&'static str>,
}

/// How a model sits in memory.
#[derive(Debug)]
struct Figures {
    memory: Memory,
    /// Least that must be there for what is asked, on the devices that take part.
    need: Bytes,
    /// To spare on the tightest device; negative: missing.
    margin: i64,
    /// What counts as room to spare there.
    spare: Bytes,
    placement: Placement,
    serving: Serving,
}

impl Figures {
    fn class(&self) -> FitClass {
        match self.margin {
            missing if missing < 0 => FitClass::TooBig,
            margin if margin.unsigned_abs() >= self.spare.0 => FitClass::Fits,
            _ => FitClass::Tight,
        }
    }
}

impl<'a> Case<'a> {
    /// `model` at `level`, as `scenario` asks, on `rig`.
    ///
    /// # Errors
    /// What the engine cannot do.
    pub(super) fn new(
        shelf: &Shelf,
        model: &'a Model,
        level: Level,
        scenario: &'a Scenario,
        rig: &'a Rig,
        costs: &'a Costs,
    ) -> Result<Self, Unsupported> {
        let needs = formats::check(model, level, scenario, rig)?;
        Ok(Self { model, level, scenario, rig, costs, weights: shelf.weights(model, level, scenario), needs })
    }

    fn figures(&self, context: u32) -> Figures {
        match self.scenario.engine {
            Engine::Mlx => mlx::figures(self, context),
            Engine::ExLlamaV3 => exllama::figures(self, context),
            _ => pool::figures(self, context),
        }
    }

    /// Everything that can be said.
    pub(super) fn plan(&self) -> Plan {
        let mut figures = self.fastest();
        figures.serving.needs = self.needs;
        let class = figures.class();
        let mut warnings = self.weights.warnings.clone();
        verdict::warn(self.model, self.scenario, self.rig, &mut warnings);
        self.warn(&figures, &mut warnings);
        let speed = if class == FitClass::TooBig {
            Err(tr!("it does not fit").to_owned())
        } else {
            self.speed(&figures, &mut warnings)
        };
        let speed = speed.unwrap_or_else(|reason| {
            warnings.push(tr!("no speed: {reason}", reason));
            Speed::UNKNOWN
        });
        let max_context = self.longest_context();
        let fit = Fit {
            class,
            margin_bytes: figures.margin,
            max_context,
            max_context_on_gpu: max_context.is_some(),
            reason: self.sentence(&figures),
        };
        Plan {
            level: self.level,
            file: Arc::clone(&self.weights.file),
            memory: figures.memory,
            fit,
            placement: figures.placement,
            speed,
            quality: self.weights.quality,
            warnings,
            serving: Some(figures.serving),
        }
    }

    /// The figures of the plan that tables show. Needed is what the scenario takes; a server takes its share
    /// of the card besides.
    pub(super) fn brief(&self) -> Brief {
        let figures = self.fastest();
        Brief {
            class: figures.class(),
            need: figures.need + figures.memory.host.total(),
            on_gpu: figures.need,
            gpu_share: 1.0,
            decode: match figures.class() {
                FitClass::TooBig => None,
                _ => self.decode(&figures).ok().map(|(decode, ..)| decode),
            },
            file_bytes: self.weights.file.bytes,
            quality: self.weights.quality,
            margin_bytes: figures.margin,
        }
    }

    /// Longest context that fits, tokens; at most what the model was trained for.
    pub(super) fn longest_context(&self) -> Option<u32> {
        let limit = self.model.context_max.unwrap_or(LONGEST).max(SHORTEST);
        most(limit, SHORTEST, |context| self.figures(context).margin >= 0)
    }

    /// How the model sits in the scenario: where several ways hold it, the fastest.
    fn fastest(&self) -> Figures {
        let context = self.scenario.context;
        let figures = self.figures(context);
        match self.scenario.engine {
            Engine::Mlx | Engine::ExLlamaV3 => figures,
            _ => pool::fastest(self, figures, context),
        }
    }

    /// The devices that take part.
    fn used(&self, figures: &Figures) -> Vec<usize> {
        figures.placement.devices.clone().unwrap_or_else(|| (0..self.rig.devices.len()).collect())
    }

    fn sentence(&self, figures: &Figures) -> String {
        let title = self.scenario.engine.title();
        let gpus = match figures.placement.devices.as_ref().map_or(self.rig.devices.len(), Vec::len) {
            _ if self.rig.devices.iter().any(|device| device.unified) => tr!("in the shared memory"),
            1 => tr!("on the GPU"),
            _ => tr!("on the GPUs"),
        };
        let margin = Bytes(figures.margin.unsigned_abs());
        let room = |words: &str| match figures.serving.cache_tokens {
            Some(tokens) => {
                tr!("; its cache there holds {tokens} tokens{words}", tokens = tokens_text(tokens), words)
            }
            None => String::new(),
        };
        match figures.class() {
            FitClass::TooBig => {
                tr!("Too big for {title}: {margin} more than it may use {gpus}.", title, margin, gpus)
            }
            FitClass::Tight => match figures.serving.cache_tokens {
                Some(_) => {
                    let room = room(tr!(", little more than is asked"));
                    tr!("Runs fully {gpus}{room}.", gpus, room)
                }
                None => tr!(
                    "Runs fully {gpus}, but only {margin} is to spare.",
                    gpus,
                    margin = small_text(margin)
                ),
            },
            _ => match figures.serving.cache_tokens {
                Some(_) => tr!("Runs fully {gpus}{room}.", gpus, room = room("")),
                None => tr!("Runs fully {gpus} with {margin} to spare.", gpus, margin),
            },
        }
    }

    fn warn(&self, figures: &Figures, warnings: &mut Vec<String>) {
        let (engine, title) = (self.scenario.engine, self.scenario.engine.title());
        if matches!(engine, Engine::Sglang | Engine::TensorRtLlm | Engine::ExLlamaV3) {
            warnings.push(tr!("its speed is vLLM's: {title} with one request was not measured", title));
        }
        warnings.push(tr!("buffers and overhead of {title} are rough figures from few logs", title));
        if let Some(needs) = self.needs {
            warnings.push(tr!("{title} reads {level} with {needs}", title, level = self.level, needs));
        }
        pool::warn(self, figures, warnings);
        let asked = &self.scenario.placement;
        if !asked.is_auto() {
            warnings.push(tr!("the placement that was asked for is llama.cpp's: {title} has its own", title));
        }
        if engine == Engine::Mlx
            && self.scenario.cache_k.bytes_per_value() < 2.0
            && self.scenario.parallel > 1
        {
            warnings.push(tr!("with a quantized cache mlx-lm serves one request at a time").to_owned());
        }
        let used = figures.memory.devices.iter().filter(|parts| parts.total() > Bytes::ZERO).count();
        if used < self.rig.devices.len() && figures.class() != FitClass::TooBig {
            warnings.push(tr!(
                "{title} uses {used} of {devices} GPUs here",
                title,
                used,
                devices = self.rig.devices.len()
            ));
        }
    }

    fn load(&self, context: u32) -> Load {
        Load::new(self.scenario, context)
    }

    /// Caches of all layers on one card.
    fn caches(&self) -> Caches {
        Caches::new(self.model, self.scenario, 0..self.model.n_layer, 1)
    }
}

/// Bytes of cache and of recurrent state that `context` tokens take in `scenario`'s engine, all devices
/// together.
pub fn cache_bytes(model: &Model, scenario: &Scenario, context: u32) -> (Bytes, Bytes) {
    let load = Load::new(scenario, context);
    let caches = Caches::new(model, scenario, 0..model.n_layer, 1);
    let without_states = Caches { states: Vec::new(), wide_states: Vec::new(), ..caches.clone() };
    let (all, kv) = (need(scenario, &caches, load), need(scenario, &without_states, load));
    (kv, all - kv)
}

/// Bytes of cache that `load` needs in an engine.
fn need(scenario: &Scenario, caches: &Caches, load: Load) -> Bytes {
    let rules = rules::of(scenario.engine);
    let bytes = if let Some(rules) = &rules.vllm {
        blocks::vllm(rules, caches, load)
    } else if let Some(rules) = &rules.sglang {
        blocks::sglang(rules, caches, load)
    } else if let Some(rules) = &rules.tensorrt {
        blocks::tensorrt(rules, caches, load)
    } else if let Some(rules) = &rules.mlx {
        blocks::mlx(rules, caches, load)
    } else if let Some(rules) = &rules.exllama {
        blocks::exllama(rules, caches, load, exllama::ring_factor(scenario))
    } else {
        0.0
    };
    Bytes(bytes.ceil() as u64)
}

/// Working memory of a prompt step of `tokens` on one of `tensor` cards, `requests` being sampled.
fn activation(model: &Model, tokens: u32, requests: u64, tensor: u32) -> Bytes {
    let rule = &rules::rules().activation;
    let experts = model.moe.as_ref().map_or(0, |moe| moe.n_expert_used * moe.n_ff_expert);
    let dense = model.n_ff.as_ref().map_or(0, crate::model::record::PerLayer::max);
    let ffn = f64::from(experts.max(dense)) / f64::from(tensor.max(1));
    let widths = rule.ffn_per_token * ffn + rule.width_per_token * f64::from(model.n_embd);
    let stage = f64::from(tokens) * rule.bytes * widths;
    let logits = requests as f64 * f64::from(model.n_vocab) * rule.logits_bytes;
    Bytes(stage.max(logits) as u64)
}

/// The largest number up to `limit`, in steps of `step` or `limit` itself, for which `good` holds; it holds
/// for all smaller ones too. `None`: not even for one step.
fn most(limit: u32, step: u32, good: impl Fn(u32) -> bool) -> Option<u32> {
    if !good(step) {
        return None;
    }
    if good(limit) {
        return Some(limit);
    }
    let (mut low, mut high) = (1, limit.div_ceil(step));
    while low + 1 < high {
        let middle = u32::midpoint(low, high);
        if good(middle.saturating_mul(step)) { low = middle } else { high = middle }
    }
    Some(low * step)
}

const fn mib(mib: u64) -> Bytes {
    Bytes(mib * MIB)
}

/// `free` less `need`, which may be more.
fn less(free: Bytes, need: Bytes) -> i64 {
    let signed = |size: Bytes| i64::try_from(size.0).unwrap_or(i64::MAX);
    signed(free) - signed(need)
}

/// The device whose margin is the smallest against what counts as room to spare.
fn tightest<'a>(margins: impl Iterator<Item = (i64, &'a Device)>) -> (i64, Bytes) {
    margins
        .map(|(margin, device)| (margin, spare(device.capacity)))
        .min_by_key(|(margin, spare)| margin.saturating_sub_unsigned(spare.0))
        .unwrap_or((-1, Bytes::ZERO))
}

/// Everything on the devices `devices` of a rig.
fn placement(model: &Model, rig: &Rig, devices: &[usize], split_mode: &str) -> Placement {
    let all = devices.len() == rig.devices.len();
    Placement {
        gpu_layers: model.n_layer + 1,
        devices: (!all).then(|| devices.to_vec()),
        split_mode: split_mode.to_owned(),
        ..Placement::default()
    }
}
