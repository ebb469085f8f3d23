//! Speed in an engine that is not llama.cpp: the calibrated forms, everything on one card or on several that
//! share each layer.

use crate::estimate::calibration::Term;
use crate::estimate::format_group::FormatGroup;
use crate::estimate::outcome::backend;
use crate::estimate::plan::{Bound, Evidence, Range, Speed};
use crate::estimate::prompt::{self, InRam, Prompt, PromptBlocks, PromptPace};
use crate::estimate::rig::Device;
use crate::estimate::scenario::Engine;
use crate::estimate::tariff::{Basis, DeviceCosts, Server};
use crate::estimate::together::{self, Batch, Cards, OfOne};
use crate::estimate::{profile, rates, rules};
use crate::language::tr;

use super::{Case, Figures};

/// Cards that share the work, and what the slowest of them costs.
struct Shared<'a> {
    costs: &'a DeviceCosts,
    server: &'a Server,
    cards: Cards,
}

/// A prompt alone on one card.
struct Prompting<'a> {
    seconds: f64,
    bound: Bound,
    pace: PromptPace,
    device: &'a Device,
}

/// A step, s, and what it rests on.
struct Step {
    memory: f64,
    all: f64,
    basis: Basis,
}

impl Case<'_> {
    /// Rate of decode, what bounds it and what it rests on; or why none can be said.
    pub(super) fn decode(&self, figures: &Figures) -> Result<(Range, Bound, Evidence), String> {
        let step = self.step(figures, self.requests(), 0.0)?;
        let bound = if 2.0 * step.memory >= step.all { Bound::GpuMemory } else { Bound::Overhead };
        let rate = rates::range(self.requests() / step.all, step.basis.width);
        Ok((rate, bound, step.basis.evidence))
    }

    /// All rates, or why none can be said.
    pub(super) fn speed(&self, figures: &Figures, warnings: &mut Vec<String>) -> Result<Speed, String> {
        let (decode, bound, evidence) = self.decode(figures)?;
        let (scenario, requests) = (self.scenario, self.requests());
        let prompting = self.prompt(figures);
        let (prefill, prompt_bound, prompt_evidence) = match self.prefill(figures, &prompting) {
            Ok((rate, bound, evidence)) => (Some(rate), bound, evidence),
            Err(reason) => {
                warnings.push(tr!("no prompt speed: {reason}", reason));
                (None, Bound::Unknown, Evidence::None)
            }
        };
        let (prompt, tokens) = (f64::from(scenario.prompt_tokens), f64::from(scenario.output_tokens.max(1)));
        let output = if requests > 1.0 {
            let alone = if prompt > 0.0 { prompting?.seconds } else { 0.0 };
            let step = self.step(figures, requests, alone / tokens)?;
            Some(rates::range(requests / step.all, step.basis.width))
        } else {
            prefill.map(|prefill| {
                let at = |prefill: f64, decode: f64| tokens / (prompt / prefill + tokens / decode);
                Range {
                    p10: at(prefill.p10, decode.p10),
                    p50: at(prefill.p50, decode.p50),
                    p90: at(prefill.p90, decode.p90),
                }
            })
        };
        let rest = rules::speed().prefill.latency_s + requests / decode.p50;
        let ttft = prefill.map(|prefill| Range {
            p10: prompt / prefill.p90 + rest,
            p50: prompt / prefill.p50 + rest,
            p90: prompt / prefill.p10 + rest,
        });
        Ok(Speed {
            decode: Some(decode),
            output,
            prefill,
            ttft,
            bound,
            prompt_bound,
            limit: self.limit(figures),
            evidence,
            prompt_evidence,
            ..Speed::UNKNOWN
        })
    }

    /// Decode rate at the bandwidth that the cards are specified with, tokens/s.
    fn limit(&self, figures: &Figures) -> Option<f64> {
        let cards = self.shared(figures).ok()?.cards;
        let (model, scenario, requests) = (self.model, self.scenario, self.requests());
        let caches = (scenario.cache_k, scenario.cache_v);
        let one = self.weights.reads.work(model, caches, f64::from(scenario.depth), 1.0);
        let bytes = self.weights.reads.weights(model, requests) + one.cache * requests;
        (bytes > 0.0).then(|| requests * cards.count * cards.gbs * 1e9 / bytes)
    }

    fn requests(&self) -> f64 {
        f64::from(self.scenario.concurrency.max(1))
    }

    fn shared(&self, figures: &Figures) -> Result<Shared<'_>, String> {
        if let Some(reason) = self.model.not_generating() {
            return Err(reason.to_owned());
        }
        if let Some(reason) = self.costs.unknown() {
            return Err(reason.to_owned());
        }
        let (scenario, rig) = (self.scenario, self.rig);
        let title = scenario.engine.title();
        let devices = self.used(figures);
        if devices.len() > 1 && figures.placement.split_mode != "tensor" {
            return Err(tr!(
                "{title} with layers on several cards one after another was not measured",
                title
            ));
        }
        if matches!(scenario.engine, Engine::Mlx | Engine::ExLlamaV3) {
            if devices.len() > 1 {
                return Err(tr!("{title} on several cards was not measured", title));
            }
            if scenario.concurrency > 1 {
                return Err(tr!("{title} with several requests at once was not measured", title));
            }
        }
        // All wait for the slowest.
        let byte = |device: usize| self.costs.devices.get(device).map_or(0.0, |costs| costs.pace.byte[0]);
        let slowest = devices.iter().copied().max_by(|a, b| byte(*a).total_cmp(&byte(*b)));
        let known = slowest.and_then(|at| Some((self.costs.devices.get(at)?, rig.devices.get(at)?)));
        let Some((costs, device)) = known else { return Err(tr!("there is no GPU").to_owned()) };
        let (Some(server), Some(gbs)) = (&costs.server, device.bandwidth_gbs) else {
            return Err(tr!("nothing is known of {title} on {name}", title, name = device.name));
        };
        let count = devices.len() as u32;
        let mut cards = together::cards(count, device.vendor, gbs, device.peer_gbs, device.link_gbs);
        if let Some(us) = device.peer_latency_us {
            cards.meeting_s = us * 1e-6;
        }
        Ok(Shared { costs, server, cards })
    }

    /// A step of `requests`, in which as much of new prompts is read for each token that comes out as takes a prompt
    /// alone `prompts` seconds.
    fn step(&self, figures: &Figures, requests: f64, prompts: f64) -> Result<Step, String> {
        let Shared { costs, server, cards } = self.shared(figures)?;
        let Case { model, level, scenario, .. } = *self;
        let group = FormatGroup::of(level, model);
        let caches = (scenario.cache_k, scenario.cache_v);
        let one = self.weights.reads.work(model, caches, f64::from(scenario.depth), 1.0);
        if cards.count <= 1.0 && requests <= 1.0 {
            let (memory, overhead) = costs.pace.parts(&one, group);
            return Ok(Step { memory, all: memory + overhead, basis: costs.basis });
        }
        let all = self.weights.reads.weights(model, requests);
        let again = requests * one.weights - all;
        let mut seconds = cards.seconds(&Batch::new(requests, again, model.n_layer, model.n_embd));
        let pace = &costs.pace;
        let of_one = OfOne {
            operations: one.operations * pace.operation + pace.step,
            weights: all * pace.byte[group as usize] / cards.count,
            flops: one.flops * pace.flop / cards.count,
            cache: one.cache * pace.cache / cards.count,
            attention: one.attention * pace.attention / cards.count,
            prompts: prompts / cards.count,
        };
        of_one.set(&mut seconds, requests);
        let effects = &server.effects[usize::from(cards.count > 1.0)];
        let factors = effects.at(cards.strength(requests));
        let of_prompts = seconds[Term::Prompts as usize];
        let mut decode = factors.seconds(&seconds) - of_prompts * factors.of(Term::Prompts);
        // All prompts are read no faster than one, and none slower for having company or more cards.
        let of_alone = factors.of(Term::Prompts).clamp(1.0 / requests, cards.count);
        let for_prompts = of_prompts * of_alone;
        if requests > 1.0 {
            // No shorter than a step of one, and no longer than one after another.
            let alone = self.step(figures, 1.0, 0.0)?.all;
            decode = decode.clamp(alone, requests * alone);
        }
        Ok(Step { memory: factors.reading(&seconds), all: decode + for_prompts, basis: server.basis })
    }

    /// Tokens of a prompt a second, what bounds that and what it rests on.
    fn prefill(
        &self,
        figures: &Figures,
        alone: &Result<Prompting<'_>, String>,
    ) -> Result<(Range, Bound, Evidence), String> {
        if self.used(figures).len() > 1 {
            return Err(tr!("prompts on several cards were not measured").to_owned());
        }
        let Prompting { seconds, bound, pace, device } = alone.as_ref().map_err(Clone::clone)?;
        let engine = (self.scenario.engine, backend(self.scenario, self.rig));
        let pace = pace.measured(device, engine).map_err(|unsupported| unsupported.reason)?;
        let rate = f64::from(Prompt::new(self.scenario).tokens) / seconds;
        Ok((rates::range(rate, pace.width(false)), *bound, pace.evidence()))
    }

    /// A prompt alone on one of the cards, as it is believed where nothing was measured.
    fn prompt(&self, figures: &Figures) -> Result<Prompting<'_>, String> {
        let Case { model, level, scenario, rig, .. } = *self;
        let device = self.used(figures).first().and_then(|device| rig.devices.get(*device));
        let device = device.ok_or(tr!("there is no GPU"))?;
        let engine = (scenario.engine, backend(scenario, rig));
        let prompt = Prompt::new(scenario);
        let pace =
            PromptPace::new(device, engine, true, prompt.mean_depth(), model, profile::family(model), level)
                .map_err(|unsupported| unsupported.reason)?;
        let blocks = PromptBlocks::new(model, level, prompt).map_err(|unsupported| unsupported.reason)?;
        let work = blocks.of(0..blocks.len() + 1, InRam::Nothing);
        let bound = prompt::bound(&blocks, &[(0, 0..blocks.len() + 1)], 0, &[pace]);
        Ok(Prompting { seconds: pace.seconds(&work, InRam::Nothing), bound, pace, device })
    }
}
