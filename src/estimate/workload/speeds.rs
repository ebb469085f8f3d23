//! What workloads ask of a model on a machine: rates at a depth and with so many requests at once.

use std::cell::RefCell;
use std::collections::HashMap;

use crate::model::Model;
use crate::model::record::Mixer;
use crate::quant::Level;

use super::super::plan::{FitClass, Range, Speed};
use super::super::rules;
use super::super::scenario::Scenario;
use super::super::{Estimator, Rig};

/// Most requests at once that are looked at.
pub const REQUESTS_MAX: u32 = 64;
/// Tokens between two states that llama.cpp keeps of a recurrent or windowed model while it reads a prompt.
pub const CHECKPOINT_STEP: u32 = 8192;

/// Rates of a model on a machine. `None` where nothing is known.
pub trait Speeds {
    /// Prompt tokens a second: `tokens` new ones after `depth`, where there is room for `requests`.
    fn prompt(&self, depth: u32, tokens: u32, requests: u32) -> Option<Range>;

    /// Seconds that such a prompt takes of `requests` that are being answered: an engine reads it between, or
    /// together with, the steps of the others.
    fn beside(&self, depth: u32, tokens: u32, requests: u32) -> Option<Range> {
        Some(self.prompt(depth, tokens, requests)?.dividing(f64::from(tokens)))
    }

    /// Tokens a second of `requests` together, each with `depth` in its cache.
    fn decode(&self, depth: u32, requests: u32) -> Option<Range>;

    /// How the model lies with room for `requests`; `None`: it does not run so.
    fn class(&self, requests: u32) -> Option<FitClass>;

    /// A prompt that was kept can be taken up at any token; else only where the engine has kept its state.
    fn resumes_anywhere(&self) -> bool {
        true
    }

    /// Seconds from a request to its first step, whatever it asks.
    fn latency(&self) -> f64 {
        rules::speed().prefill.latency_s
    }
}

/// A model at a level on a rig, each request with room for so many tokens.
#[derive(Debug)]
pub struct OnRig<'a> {
    estimator: &'a Estimator,
    model: &'a Model,
    level: Level,
    scenario: Scenario,
    rig: &'a Rig,
    room: u32,
    /// Answers by depth, new tokens and requests: a workload asks the same again and again.
    known: RefCell<HashMap<(u32, u32, u32), Option<Speed>>>,
    classes: RefCell<HashMap<u32, Option<FitClass>>>,
}

impl<'a> OnRig<'a> {
    /// `room`: tokens that each request's cache holds. Context, depth, prompt and requests of `scenario` do not
    /// count; all else does.
    pub fn new(
        estimator: &'a Estimator,
        model: &'a Model,
        level: Level,
        scenario: &Scenario,
        rig: &'a Rig,
        room: u32,
    ) -> Self {
        Self {
            estimator,
            model,
            level,
            scenario: scenario.clone(),
            rig,
            room,
            known: RefCell::default(),
            classes: RefCell::default(),
        }
    }

    /// The scenario of so many requests.
    pub fn scenario(&self, depth: u32, tokens: u32, requests: u32) -> Scenario {
        let requests = requests.max(1);
        Scenario {
            context: self.room.saturating_mul(requests),
            parallel: requests,
            concurrency: requests,
            depth,
            prompt_tokens: tokens.max(1),
            // With one token the prompt is what is left of the time of a request.
            output_tokens: 1,
            ..self.scenario.clone()
        }
    }

    fn speed(&self, depth: u32, tokens: u32, requests: u32) -> Option<Speed> {
        let key = (depth, tokens, requests);
        if let Some(known) = self.known.borrow().get(&key) {
            return known.clone();
        }
        let scenario = self.scenario(depth, tokens, requests);
        let asked = self.estimator.ask(&scenario, self.rig);
        let speed = asked.of(self.model).and_then(|case| case.speed(self.level)).ok();
        self.known.borrow_mut().insert(key, speed.clone());
        speed
    }
}

impl Speeds for OnRig<'_> {
    fn prompt(&self, depth: u32, tokens: u32, requests: u32) -> Option<Range> {
        self.speed(depth, tokens, requests)?.prefill
    }

    fn beside(&self, depth: u32, tokens: u32, requests: u32) -> Option<Range> {
        let speed = self.speed(depth, tokens, requests)?;
        let (prefill, output, decode) = (speed.prefill?, speed.output?, speed.decode?);
        let alone = prefill.dividing(f64::from(tokens.max(1)));
        if requests <= 1 {
            return Some(alone);
        }
        // Of one token that comes out, what its own step does not take is the prompt's.
        let middle = 1.0 / output.p50 - 1.0 / decode.p50;
        if !middle.is_finite() || middle <= 0.0 {
            return Some(alone);
        }
        if (middle / alone.p50 - 1.0).abs() < 1e-6 {
            return Some(alone);
        }
        // The fitted form of prompts beside others knows no depth: what reading after one takes more is added.
        let deeper = if depth == 0 {
            1.0
        } else {
            self.prompt(0, tokens, requests).map_or(1.0, |shallow| (shallow.p50 / prefill.p50).max(1.0))
        };
        let width = |ends: f64| ends * middle * deeper;
        Some(Range {
            p10: width(decode.p50 / decode.p90),
            p50: width(1.0),
            p90: width(decode.p50 / decode.p10),
        })
    }

    fn decode(&self, depth: u32, requests: u32) -> Option<Range> {
        self.speed(depth, 1, requests)?.decode
    }

    fn class(&self, requests: u32) -> Option<FitClass> {
        if let Some(known) = self.classes.borrow().get(&requests) {
            return *known;
        }
        let scenario = self.scenario(0, 1, requests);
        let brief = self.estimator.brief(self.model, self.level, &scenario, self.rig).ok();
        let class = brief.map(|brief| brief.class);
        self.classes.borrow_mut().insert(requests, class);
        class
    }

    fn resumes_anywhere(&self) -> bool {
        let keeps_less = |layer| match self.model.mixer(layer) {
            Mixer::Window => !self.scenario.swa_full,
            mixer => mixer.has_state(),
        };
        !(0..self.model.n_layer).any(keeps_less)
    }
}

/// The most requests that stay where one does, on the GPUs or in memory at all; `None`: not even one runs.
pub fn most_that_fit(speeds: &dyn Speeds) -> Option<u32> {
    let one = speeds.class(1).filter(|class| class.runs())?;
    let on_gpu = one <= FitClass::Tight;
    let good = |requests: u32| {
        speeds
            .class(requests)
            .is_some_and(|class| if on_gpu { class <= FitClass::Tight } else { class.runs() })
    };
    if good(REQUESTS_MAX) {
        return Some(REQUESTS_MAX);
    }
    let (mut low, mut high) = (1, REQUESTS_MAX);
    while low + 1 < high {
        let middle = u32::midpoint(low, high);
        if good(middle) { low = middle } else { high = middle }
    }
    Some(low)
}
