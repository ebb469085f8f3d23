//! Where the time of a decode step goes, term by term: what a tooltip tells of a speed.

use super::format_group::FormatGroup;
use super::layers::Place;
use super::outcome::Outcome;

/// One term of a decode step of all requests together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Term {
    /// Where the time is spent.
    pub place: Place,
    /// What is done.
    pub work: Work,
    /// How often: bytes that are read, layers.
    pub amount: f64,
    /// Seconds for each.
    pub each_s: f64,
}

/// What a term of a decode step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Work {
    /// Weights are read, those of routed experts as far as they are used.
    Weights,
    /// Routed experts beside a GPU are read.
    Experts,
    /// Cache and state are read.
    Cache,
    /// Queries, keys and values are multiplied.
    Attention,
    /// Each layer takes its time, whatever its size.
    Layers,
    /// Each hop to main memory takes its time.
    Hops,
    /// Each boundary between two devices takes its time.
    Boundaries,
    /// Each token takes its time, whatever the model.
    Token,
}

impl Term {
    /// What it takes, s.
    pub fn seconds(&self) -> f64 {
        self.amount * self.each_s
    }

    /// Bytes a second at which it reads; `None`: it reads nothing.
    pub fn rate(&self) -> Option<f64> {
        matches!(self.work, Work::Weights | Work::Experts | Work::Cache).then(|| 1.0 / self.each_s)
    }
}

/// The terms of `outcome`'s step, those that take no time left out. Their sum is the step of
/// [`super::step::Stepper::step`], taken apart.
pub(super) fn terms(outcome: &Outcome<'_>, group: FormatGroup) -> Vec<Term> {
    let (load, split) = (&outcome.load, &outcome.split);
    let (sums, context, rates) = (&load.layout.sums, load.context, load.rates);
    let (costs, blocks, bits) = (&context.costs, load.blocks(), load.layout.bits_per_weight);
    let output = load.layout.output_read.0 as f64;
    let mut terms = Vec::new();
    let mut add = |place: Place, work: Work, amount: f64, each_s: f64| {
        if amount * each_s > 0.0 {
            terms.push(Term { place, work, amount, each_s });
        }
    };
    let mut host_bytes = 0.0;
    if let Some((first, (front, back))) = split.first.zip(split.runs.first().zip(split.runs.last())) {
        let shares = split.uses_host();
        let factor = |device: usize| if shares { costs.devices[device].beside.device } else { 1.0 };
        let mut used = 0_usize;
        for (run, from) in split.spans() {
            let (start, end) = (from.min(blocks), run.end.min(blocks));
            let (less, more) = (sums.before(start), sums.before(end));
            let away = sums.before(split.cpu_moe.clamp(start, end));
            let own = more.experts_host - away.experts_host;
            let mut dense = (more.dense_host - less.dense_host) as f64;
            if run.end > blocks {
                dense += output;
            }
            let experts = own as f64 * context.experts_read;
            // Of several requests an expert works for some: one rate for both is their mean.
            let weight = load.weight(run.device, group);
            let mean = if dense + experts > 0.0 {
                (dense * weight + experts * load.expert_weight(run.device, group)) / (dense + experts)
            } else {
                weight
            };
            let (pace, factor) = (&context.paces[run.device], factor(run.device));
            let on = Place::Device(run.device);
            add(on, Work::Weights, dense + experts, mean * factor);
            let cache = context.before(end).read - context.before(start).read;
            add(on, Work::Cache, cache, pace.cache * factor);
            let attention = context.before(end).attention - context.before(start).attention;
            add(on, Work::Attention, attention, pace.attention * factor);
            let layers = (end - start) as f64;
            let elsewhere = (away.with_experts - less.with_experts) as f64 * load.expert_operations();
            let operations = layers * load.operations() - elsewhere;
            add(on, Work::Layers, layers, operations / layers.max(1.0) * pace.operation * factor);
            used += usize::from(run.end > from);
        }
        if shares {
            let beside = &costs.devices[front.device].beside;
            let before = sums.before(first);
            let there = sums.before(first.max(split.cpu_moe));
            let dense = before.dense_host as f64;
            let experts = there.experts_host as f64 * context.experts_read;
            let flops = beside.flops(group, bits, rates.requests);
            add(Place::Ram, Work::Weights, dense, beside.dense + flops);
            let of_expert = flops * context.requests_of_expert;
            add(Place::Ram, Work::Experts, experts, beside.experts + of_expert);
            add(Place::Ram, Work::Cache, context.before(first).read, beside.dense);
            add(Place::Ram, Work::Layers, first as f64, beside.block_hop);
            add(Place::Ram, Work::Hops, there.with_experts as f64, beside.expert_hop);
            host_bytes = dense + experts;
        }
        add(Place::Device(0), Work::Boundaries, used.saturating_sub(1) as f64, rates.boundary);
        let token = load.step(back.device) * factor(back.device);
        add(Place::Device(0), Work::Token, 1.0, token);
    } else if split.first.is_none() {
        let (all, alone) = (sums.all(), &costs.alone);
        let dense = output + all.dense_host as f64;
        let experts = all.experts_host as f64 * context.experts_read;
        host_bytes = dense + experts;
        add(Place::Ram, Work::Weights, dense, alone.weight(group, bits, rates.requests));
        let of_expert = rates.requests * context.requests_of_expert;
        add(Place::Ram, Work::Experts, experts, alone.weight(group, bits, of_expert));
        add(Place::Ram, Work::Cache, context.before(blocks).read, alone.cache);
        let layers = blocks as f64;
        add(Place::Ram, Work::Layers, layers, load.operations() * alone.operation);
    }
    add(Place::Disk, Work::Weights, host_bytes * outcome.streamed, rates.disk);
    terms
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimate::rig::{Device, Host};
    use crate::estimate::{Estimator, Rig, Scenario};
    use crate::machine::{Os, Vendor};
    use crate::model::Catalog;
    use crate::units::Bytes;

    fn rig(devices: &[(f64, f64)]) -> Rig {
        let device = |&(gib, bandwidth): &(f64, f64)| Device {
            name: "card".to_owned(),
            vendor: Vendor::Nvidia,
            architecture: Some("Ampere".to_owned()),
            capacity: Bytes::from_gib(gib),
            free: Bytes::from_gib(gib),
            bandwidth_gbs: Some(bandwidth),
            ..Device::default()
        };
        let size = Bytes::from_gib(64.0);
        let host = Host { capacity: size, free: size, bandwidth_gbs: 51.2, ..Host::default() };
        Rig {
            devices: devices.iter().map(device).collect(),
            host,
            os: Os::Linux,
            unused: Vec::new(),
            own: None,
        }
    }

    #[test]
    fn the_terms_are_the_whole_step() {
        let catalog = Catalog::embedded();
        let estimator = Estimator::embedded();
        let scenario =
            Scenario { context: 16_384, depth: 4096, concurrency: 4, parallel: 4, ..Scenario::default() };
        let level = "Q4_K_M".parse().unwrap();
        let mut works = std::collections::BTreeSet::new();
        for rig in [rig(&[(12.0, 360.0)]), rig(&[(24.0, 936.0), (12.0, 360.0)]), rig(&[])] {
            for base in catalog.bases() {
                let model = catalog.get(base.id);
                let Ok(plan) = estimator.plan(model, level, &scenario, &rig) else { continue };
                let terms = estimator.breakdown(model, level, &scenario, &rig).unwrap();
                works.extend(terms.iter().map(|term| format!("{:?}", term.work)));
                let Some(rate) = plan.speed.decode else { continue };
                let seconds: f64 = terms.iter().map(Term::seconds).sum();
                let told = 4.0 / seconds;
                assert!((told / rate.p50 - 1.0).abs() < 1e-9, "{}: {told} / {}", model.id, rate.p50);
            }
        }
        assert_eq!(works.len(), 8, "{works:?}");
    }
}
