//! Loss over distance, by models of which both are known.

use plimsoll::quant::quality::divergence::Mapping;
use plimsoll::quant::quality::formula::Formula;

use super::data::{Distances, Point, Scores};
use super::solve::least_squares;

/// Models whose benchmarks stand beside distances that were measured on a sister of the same shapes.
pub(super) const SISTERS: [(&str, &str); 2] = [
    ("meta-llama/Llama-3.1-8B", "meta-llama/Meta-Llama-3-8B"),
    ("Qwen/Qwen2.5-7B-Instruct", "Qwen/Qwen2.5-Coder-7B-Instruct"),
];

/// A loss beyond this is the same to a reader, and noise of a test that is all guesses.
pub(super) const LARGEST_LOSS: f64 = 1.0;

/// A model with benchmarks and distances of the same levels.
pub(super) struct Both<'a> {
    pub(super) scores: &'a Scores,
    pub(super) pairs: Vec<(f64, Point)>,
}

pub(super) fn both<'a>(scores: &'a [Scores], distances: &[Distances]) -> Vec<Both<'a>> {
    let all = scores.iter().filter_map(|scores| {
        let sister = SISTERS.iter().find(|(of, _)| *of == scores.named).map(|(_, sister)| *sister);
        let group = distances.iter().find(|group| match sister {
            Some(sister) => group.named == sister,
            None => group.model.id == scores.model.id,
        })?;
        let pairs: Vec<(f64, Point)> = scores
            .points
            .iter()
            .filter(|point| point.is_clear() && point.loss() < LARGEST_LOSS)
            .filter_map(|point| {
                let distance = group.points.iter().find(|d| d.level == point.level)?;
                Some((distance.ln, *point))
            })
            .collect();
        (pairs.len() > 1).then_some(Both { scores, pairs })
    });
    all.collect()
}

pub(super) fn ln_size(scores: &Scores) -> f64 {
    let formula = Formula::embedded();
    formula.params_power() * formula.relative_size(scores.model.params_total).ln()
}

/// `ln loss + params_power · ln size = ln_scale + power · ln distance`, each model counting alike.
pub(super) fn fit_mapping(models: &[&Both<'_>]) -> Mapping {
    let mut rows = Vec::new();
    for both in models {
        for (ln, point) in &both.pairs {
            let noise = point.error / (point.kept * point.loss());
            let weight = 1.0 / (noise.powi(2) + 0.25_f64.powi(2)) / both.pairs.len() as f64;
            rows.push((vec![1.0, *ln], point.loss().ln() + ln_size(both.scores), weight));
        }
    }
    let found = least_squares(&rows);
    Mapping { ln_scale: found[0], power: found[1], sd: 0.0 }
}

/// `ln` of measured over predicted loss.
pub(super) fn mapping_errors(mapping: &Mapping, both: &Both<'_>) -> Vec<f64> {
    let params = both.scores.model.params_total;
    both.pairs.iter().map(|(ln, point)| (point.loss() / mapping.loss(ln.exp(), params)).ln()).collect()
}
