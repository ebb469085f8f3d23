//! A step of several requests at once, on one card or on several that share each layer.
//!
//! On one card the step starts from the step of one request, as the form of that says it: what each request more
//! costs is added, and factors on what all share grow from nothing, so that one request at once is one request.

use crate::machine::Vendor;
use crate::machine::table::Record;

use super::calibration::{BATCH, Facts, Term, coefficients};
use super::pace;
use super::prompt;

/// The name of [`BATCH`] in the coefficient file.
pub const BATCH_NAME: &str = "batch";
/// Seconds that the planning of a step counts before effects.
pub const PLANNING_S: f64 = 1e-3;
/// Seconds that the choice of a token counts before effects.
pub const SAMPLING_S: f64 = 1e-4;
/// Bytes of an activation.
const ACTIVATION_BYTES: f64 = 2.0;
/// Rate of AMD's links between accelerators of one computer, GB/s each way.
const INFINITY_GBS: f64 = 128.0;

/// Requests up to which llama.cpp multiplies a matrix with one vector after another, and reads parts of it again
/// for each; with more it multiplies matrices (ggml's `MMVQ_MAX_BATCH_SIZE`).
pub const VECTOR_REQUESTS: f64 = 8.0;

/// Terms of a step, all but the whole.
pub const TERMS: usize = Term::ALL.len() - 1;

/// What several requests do in a step beside operations and the reading of weights.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Batch {
    /// Requests.
    pub requests: f64,
    /// Weights that are read again, bytes.
    pub again: f64,
    /// Layers.
    pub layers: f64,
    /// Width of what cards tell each other of a token.
    pub width: f64,
}

impl Batch {
    /// A step of `requests` that reads `again` bytes of weights once more.
    pub fn new(requests: f64, again: f64, layers: u32, width: u32) -> Self {
        Self { requests, again, layers: f64::from(layers), width: f64::from(width) }
    }
}

/// Cards that share each layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cards {
    /// How many.
    pub count: f64,
    /// Bandwidth of one, GB/s.
    pub gbs: f64,
    /// Seconds until all have heard of each other.
    pub meeting_s: f64,
    /// Rate of the link between them, GB/s each way.
    pub link_gbs: f64,
}

impl Cards {
    /// How far a step is from that of one request, 0 to 1. Cards that share a layer have no form of one request.
    pub fn strength(&self, requests: f64) -> f64 {
        if self.count > 1.0 { 1.0 } else { strength(requests) }
    }

    /// Seconds by term before effects; those of [`OfOne`] are left out.
    pub fn seconds(&self, batch: &Batch) -> [f64; TERMS] {
        let byte = 1.0 / (self.gbs * self.count * 1e9);
        let meetings = if self.count > 1.0 { 2.0 * batch.layers } else { 0.0 };
        let told =
            meetings * batch.width * batch.requests * ACTIVATION_BYTES * (self.count - 1.0) / self.count;
        let more = batch.requests - 1.0;
        let mut seconds = [0.0; TERMS];
        let mut set = |term: Term, of: f64| seconds[term as usize] = of;
        set(Term::Again, batch.again * byte);
        set(Term::Planning, PLANNING_S * self.strength(batch.requests));
        set(Term::Sampling, SAMPLING_S * more);
        set(Term::Meetings, meetings * self.meeting_s);
        set(Term::Exchange, told / (self.link_gbs * 1e9));
        seconds
    }
}

/// How far a step of `requests` on one card is from that of one request, 0 to 1.
pub fn strength(requests: f64) -> f64 {
    1.0 - 1.0 / requests.max(1.0)
}

/// How far effects count by term, the whole last, where a step is `strength` away from that of one request: those
/// on what all requests share grow with it.
pub fn strengths(strength: f64) -> [f64; TERMS + 1] {
    let mut all = [1.0; TERMS + 1];
    for term in [Term::Operations, Term::Weights, Term::Prompts, Term::Whole] {
        all[term as usize] = strength;
    }
    all
}

/// What the form of one request says of a step of several, s.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct OfOne {
    /// Operations.
    pub operations: f64,
    /// Weights that all read together.
    pub weights: f64,
    /// Multiplications of one request.
    pub flops: f64,
    /// What one reads of its cache.
    pub cache: f64,
    /// Its attention.
    pub attention: f64,
    /// Reading as much of its prompt as it makes room for with a token.
    pub prompts: f64,
}

impl OfOne {
    /// Sets these terms of a step of `requests`: what the first does counts as it does alone.
    pub fn set(&self, seconds: &mut [f64; TERMS], requests: f64) {
        let more = requests - 1.0;
        let mut set = |term: Term, of: f64| seconds[term as usize] = of;
        set(Term::Operations, self.operations);
        set(Term::Weights, self.weights);
        set(Term::Device, self.flops + self.cache + self.attention);
        set(Term::Flops, self.flops * more);
        set(Term::Cache, self.cache * more);
        set(Term::Attention, self.attention * more);
        set(Term::Prompts, self.prompts * requests);
    }
}

/// Sums of effects on the terms of a step, the whole last.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Effects([f64; TERMS + 1]);

impl Effects {
    /// What is known of a device, an engine and a model: `facts`.
    pub fn new(facts: &Facts<'_>) -> Self {
        let all = coefficients();
        let (of_device, of_model) =
            (all.sums(BATCH_NAME, &BATCH, facts, false), all.sums(BATCH_NAME, &BATCH, facts, true));
        Self(std::array::from_fn(|term| of_device[term] + of_model[term]))
    }

    /// Factors where a step is `strength` away from that of one request.
    pub fn at(&self, strength: f64) -> Factors {
        let far = strengths(strength);
        let whole = self.0[TERMS] * far[TERMS];
        Factors(std::array::from_fn(|term| (self.0[term] * far[term] + whole).exp()))
    }
}

/// Factors on the terms of a step, the whole in each.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Factors([f64; TERMS]);

impl Factors {
    /// The factor on `term`.
    pub fn of(&self, term: Term) -> f64 {
        self.0[term as usize]
    }

    /// Seconds of a step.
    pub fn seconds(&self, terms: &[f64; TERMS]) -> f64 {
        terms.iter().zip(&self.0).map(|(seconds, factor)| seconds * factor).sum()
    }

    /// Of these, those in which memory is read.
    pub fn reading(&self, terms: &[f64; TERMS]) -> f64 {
        [Term::Weights, Term::Cache, Term::Again, Term::Device]
            .map(|term| terms[term as usize] * self.of(term))
            .iter()
            .sum()
    }
}

/// An engine's name in the coefficients of several requests, where `class` is its name in those of one: servers
/// differ more in how they keep many requests going.
pub fn engine_name(class: &'static str, engine: &str) -> &'static str {
    if engine == "tensorrt-llm" { "tensorrt-llm" } else { class }
}

/// Rate of the links that a device of the table has to others of its kind, GB/s each way; `None`: they meet over
/// PCIe. A bridge between two desktop cards is not there unless it is bought.
pub fn record_peer_gbs(record: &Record) -> Option<f64> {
    if !pace::is_stacked(record) {
        return None;
    }
    record.nvlink_gbs.map(|both| both / 2.0).or((record.vendor == Vendor::Amd).then_some(INFINITY_GBS))
}

/// Cards of one kind that share each layer; `peer_gbs`: [`record_peer_gbs`], `link_gbs`: of PCIe.
pub fn cards(count: u32, vendor: Vendor, gbs: f64, peer_gbs: Option<f64>, link_gbs: Option<f64>) -> Cards {
    // Usual latencies of an all-reduce of a few kilobytes.
    let meeting_us = match (vendor, peer_gbs) {
        (Vendor::Intel, _) => 100.0,
        (Vendor::Amd, Some(_)) => 20.0,
        (_, Some(_)) => 12.0,
        (_, None) => 30.0,
    };
    Cards {
        count: f64::from(count.max(1)),
        gbs,
        meeting_s: meeting_us * 1e-6,
        link_gbs: peer_gbs.or(link_gbs).unwrap_or(prompt::USUAL_LINK_GBS),
    }
}
