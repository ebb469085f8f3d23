//! vLLM, `SGLang` and TensorRT-LLM: a share of each card, of which the weights leave the cache.

use super::cards::Cards;
use super::rules::{self, Sglang, SglangTier};
use super::{Caches, Case, Figures, activation, less, mib, most, need, placement, tightest};
use crate::estimate::plan::{Memory, Parts, Serving};
use crate::estimate::rig::Device;
use crate::estimate::scenario::Engine;
use crate::language::tr;
use crate::units::{Bytes, GIB, MIB};

/// Tokens of one request that a cache is looked up to.
const MOST_TOKENS: u32 = 1 << 30;

/// A rate is worth more cards where it is so many times as high.
const WORTH_A_CARD: f64 = 1.05;

/// What an engine may take of one card, and what it takes besides weights and cache.
#[derive(Clone, Copy, Debug)]
struct Budget {
    /// Share of the card's memory, as the engine's option states it.
    fraction: f64,
    /// Weights, cache and what `inside` lists may take this together.
    limit: Bytes,
    /// Of what is left after the rest, the cache gets this share.
    cache_share: f64,
    /// Working memory and graphs.
    compute: Bytes,
    /// Memory outside the allocator.
    overhead: Bytes,
    /// Whether `compute` counts in `limit`.
    compute_inside: bool,
    /// Tokens of a prompt step.
    step: u32,
}

impl Budget {
    /// What is left for the cache beside `weights`; negative: missing.
    fn pool(&self, weights: Bytes) -> i64 {
        let compute = if self.compute_inside { self.compute } else { Bytes::ZERO };
        let left = less(self.limit, weights + self.overhead + compute);
        if left > 0 { (left as f64 * self.cache_share) as i64 } else { left }
    }
}

/// How the model sits with `context` tokens: on the fewest cards that carry it, else on as many as there are.
pub(super) fn figures(case: &Case<'_>, context: u32) -> Figures {
    let ways = Cards::ways(case.model, case.rig);
    let last = ways.len().saturating_sub(1);
    let mut best: Option<Figures> = None;
    for (place, cards) in ways.iter().enumerate() {
        let figures = on(case, cards, context);
        if figures.margin >= 0 || place == last {
            return match best {
                Some(best) if figures.margin < 0 && best.margin > figures.margin => best,
                _ => figures,
            };
        }
        if best.as_ref().is_none_or(|best| figures.margin > best.margin) {
            best = Some(figures);
        }
    }
    on(case, &Cards { devices: Vec::new(), tensor: 1, pipeline: 1 }, context)
}

/// Of `fewest` and the ways to share each layer among more cards, the one with the highest rate; of about equal
/// ones the fewest cards.
pub(super) fn fastest(case: &Case<'_>, fewest: Figures, context: u32) -> Figures {
    let rate = |figures: &Figures| case.decode(figures).ok().map(|(rate, ..)| rate.p50);
    let Some(mut best) = rate(&fewest).filter(|_| fewest.margin >= 0 && case.rig.devices.len() > 1) else {
        return fewest;
    };
    let used = case.used(&fewest).len();
    let mut figures = fewest;
    for cards in Cards::ways(case.model, case.rig) {
        if cards.tensor > 1 && cards.devices.len() > used {
            let others = on(case, &cards, context);
            if let Some(rate) = rate(&others).filter(|rate| others.margin >= 0 && *rate > WORTH_A_CARD * best)
            {
                (best, figures) = (rate, others);
            }
        }
    }
    figures
}

fn on(case: &Case<'_>, cards: &Cards, context: u32) -> Figures {
    let devices = &case.rig.devices;
    let load = case.load(context);
    let mut memory = Memory { devices: vec![Parts::default(); devices.len()], host: Parts::default() };
    let mut margins = Vec::with_capacity(cards.devices.len());
    let mut least = Bytes::ZERO;
    let mut serving = Serving {
        tensor: cards.tensor,
        pipeline: cards.pipeline,
        memory_fraction: None,
        prompt_step: case.scenario.batch,
        cache_tokens: None,
        needs: None,
    };
    let mut tokens: Option<u64> = None;
    for (place, stage) in cards.staged() {
        let device = &devices[place];
        let budget = budget(case, device, cards);
        let layers = cards.layers(stage, case.model.n_layer);
        let caches = Caches::new(case.model, case.scenario, layers, u64::from(cards.tensor));
        let weights = cards.weights(&case.weights, stage);
        let (pool, asked) = (budget.pool(weights), need(case.scenario, &caches, load));
        let margin = less(Bytes(pool.max(0).unsigned_abs()), asked) + pool.min(0);
        let parts = &mut memory.devices[place];
        parts.weights = weights;
        // Too little room: what is asked shows how much is missing.
        parts.kv = if margin >= 0 { Bytes(pool.unsigned_abs()) } else { asked };
        parts.compute = budget.compute;
        parts.overhead = budget.overhead;
        least += weights + asked + budget.compute + budget.overhead;
        margins.push((margin, device));
        let fraction = serving.memory_fraction.map_or(budget.fraction, |known| known.min(budget.fraction));
        serving.memory_fraction = Some(fraction);
        serving.prompt_step = budget.step;
        if margin >= 0 {
            let held = held(case, &caches, pool);
            tokens = Some(tokens.map_or(held, |known| known.min(held)));
        }
    }
    let (margin, spare) = tightest(margins.into_iter());
    serving.cache_tokens = tokens.filter(|_| margin >= 0);
    let mode = if cards.tensor > 1 { "tensor" } else { "layer" };
    Figures {
        memory,
        need: least,
        margin,
        spare,
        placement: placement(case.model, case.rig, &cards.devices, mode),
        serving,
    }
}

/// Tokens of all requests together that a pool holds.
fn held(case: &Case<'_>, caches: &Caches, pool: i64) -> u64 {
    let load = case.load(case.scenario.context);
    let fits = |tokens: u32| {
        let load = super::Load { tokens: u64::from(tokens), ..load };
        need(case.scenario, caches, load).0 <= pool.unsigned_abs()
    };
    if caches.full.is_empty() && caches.windows.is_empty() {
        return u64::from(case.scenario.context);
    }
    most(MOST_TOKENS, 16, fits).map_or(0, |tokens| u64::from(tokens) * load.requests)
}

fn budget(case: &Case<'_>, device: &Device, cards: &Cards) -> Budget {
    let rules = rules::of(case.scenario.engine);
    let requests = u64::from(case.scenario.parallel.max(1));
    let several = cards.devices.len() > 1;
    if let Some(rules) = &rules.vllm {
        let step = case.scenario.batch;
        let fraction = vllm_fraction(case, device);
        let overhead =
            mib(rules.non_torch_mib) + if several { mib(rules.non_torch_parallel_mib) } else { Bytes::ZERO };
        return Budget {
            fraction,
            limit: device.capacity.scaled(fraction),
            cache_share: 1.0,
            compute: activation(case.model, step, requests, cards.tensor) + mib(rules.graphs_mib),
            overhead,
            compute_inside: true,
            step,
        };
    }
    if let Some(rules) = &rules.sglang {
        let tier = tier(rules, device);
        let fraction = sglang_fraction(case, rules, tier, device, cards);
        return Budget {
            fraction,
            limit: device.free.scaled(fraction),
            cache_share: 1.0,
            compute: activation(case.model, tier.chunk_tokens, requests, cards.tensor)
                + mib(rules.graphs_mib),
            overhead: mib(rules.non_torch_mib),
            compute_inside: false,
            step: tier.chunk_tokens,
        };
    }
    let fraction = rules.tensorrt.as_ref().map_or(0.0, |rules| rules.free_fraction);
    let overhead = rules.tensorrt.as_ref().map_or(Bytes::ZERO, |rules| mib(rules.non_torch_mib));
    Budget {
        fraction,
        limit: device.free,
        cache_share: fraction,
        compute: activation(case.model, case.scenario.batch, requests, cards.tensor),
        overhead,
        compute_inside: true,
        step: case.scenario.batch,
    }
}

/// vLLM's default, or what is free in whole hundredths: it does not start with less.
fn vllm_fraction(case: &Case<'_>, device: &Device) -> f64 {
    let Some(rules) = &rules::of(case.scenario.engine).vllm else { return 0.0 };
    let free = device.free - mib(rules.context_mib);
    let share = free.gib() / device.capacity.gib().max(f64::MIN_POSITIVE);
    rules.utilization.min((share * 100.0).floor() / 100.0)
}

fn tier(rules: &Sglang, device: &Device) -> SglangTier {
    let size = device.capacity.gib();
    let last = rules.tiers.len() - 1;
    rules.tiers.iter().find(|tier| size < tier.below_gib).copied().unwrap_or(rules.tiers[last])
}

/// `SGLang`'s default: what a reserve leaves of a card, in thousandths.
fn sglang_fraction(case: &Case<'_>, rules: &Sglang, tier: SglangTier, device: &Device, cards: &Cards) -> f64 {
    let total = device.capacity.0 as f64 / MIB as f64;
    let ranks = f64::from(cards.tensor * cards.pipeline);
    let chunk = u64::from(tier.chunk_tokens).max(rules.least_chunk_tokens);
    let graph = if cards.tensor < 4 { tier.graph_requests } else { tier.graph_requests_wide };
    let graph = graph.min(case.scenario.parallel.max(1));
    let prefill = if case.model.attention.mla.is_some() {
        rules.latent_prefill_mib
    } else {
        rules.mib_per_prefill_graph * f64::from(tier.prefill_graphs)
    };
    let mut reserve = rules.constant_mib
        + rules.mib_per_chunk_token * chunk as f64
        + rules.mib_per_rank * ranks
        + rules.mib_per_graph_request * f64::from(graph)
        + prefill;
    if device.capacity.0 > rules.large_above_gib as u64 * GIB {
        reserve = reserve.max(rules.large_least_mib);
    }
    ((total - reserve) / total * 1000.0).round().max(0.0) / 1000.0
}

/// Says where an engine gets less of a card than its default.
pub(super) fn warn(case: &Case<'_>, figures: &Figures, warnings: &mut Vec<String>) {
    let Some(rules) = &rules::of(case.scenario.engine).vllm else { return };
    let fraction = figures.serving.memory_fraction.unwrap_or(rules.utilization);
    if fraction < rules.utilization {
        warnings.push(tr!(
            "vLLM gets {fraction} of the card in place of its default {utilization}: more is not free",
            fraction,
            utilization = rules.utilization
        ));
    }
    if case.scenario.engine == Engine::Vllm && case.scenario.swa_full {
        warnings.push(tr!("window layers keep their windows: vLLM has no full cache for them").to_owned());
    }
}
