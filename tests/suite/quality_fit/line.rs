//! Distance over bits per weight.

use plimsoll::quant::quality::divergence::{Kind, Line};

use super::data::{Distance, Distances};
use super::solve::least_squares;

/// Scatter of `ln distance` around its line, for the weights of a fit.
pub(super) const SCATTER: f64 = 0.3;

pub(super) fn weight(point: &Distance) -> f64 {
    SCATTER.hypot(point.error).powi(-2)
}

pub(super) fn line_features(point: &Distance) -> Vec<f64> {
    let flag = |kind| f64::from(u8::from(Kind::of(point.level) == kind));
    vec![-point.bits, (3.0 - point.bits).max(0.0), -flag(Kind::Iq), flag(Kind::Legacy)]
}

/// The slopes that all of `groups` share, each group with a `c` of its own.
pub(super) fn fit_line(groups: &[&Distances]) -> Line {
    let mut rows = Vec::new();
    for (place, group) in groups.iter().enumerate() {
        for point in &group.points {
            let mut features = line_features(point);
            features.extend((0..groups.len()).map(|other| f64::from(u8::from(other == place))));
            rows.push((features, point.ln, weight(point)));
        }
    }
    let found = least_squares(&rows);
    Line { bits: found[0], low_bits: found[1], iq: found[2], legacy: found[3], sd: 0.0 }
}

pub(super) fn c_of(line: &Line, points: &[Distance]) -> f64 {
    let sum: f64 = points.iter().map(|p| weight(p) * (p.ln - line.at(p.level, p.bits))).sum();
    sum / points.iter().map(weight).sum::<f64>()
}

/// What is left of `ln distance` where it is clear of noise.
pub(super) fn residuals(line: &Line, group: &Distances) -> Vec<f64> {
    let c = c_of(line, &group.points);
    let clear = group.points.iter().filter(|p| p.error < SCATTER);
    clear.map(|p| p.ln - c - line.at(p.level, p.bits)).collect()
}

/// Puts distances where a source gave perplexities alone: its level of most bits lies where the line says.
pub(super) fn find_base(group: &mut Distances, line: &Line) {
    let perplexities = group.points.clone();
    let most = *perplexities.iter().max_by(|a, b| a.bits.total_cmp(&b.bits)).unwrap();
    let mut c = 2.0;
    for _ in 0..50 {
        let base = most.ln - (c + line.at(most.level, most.bits)).exp();
        let above = perplexities.iter().filter(|p| p.ln - base > 1e-3);
        group.points = above.map(|p| Distance::new(p.level, p.bits, group.metric, p.ln - base)).collect();
        group.base = Some(base.exp());
        c = c_of(line, &group.points);
    }
}
