//! What each model says in one number, and how far that carries.

use plimsoll::quant::quality::divergence::{Line, Mapping};
use plimsoll::quant::quality::fitted::Anchor;
use plimsoll::quant::quality::formula::Formula;

use super::data::{Distances, Point, Scores};
use super::line::{SCATTER, c_of, residuals};
use super::solve::{mean, sd};

/// Bits between which a model's factor is taken.
pub(super) const FACTOR_BITS: (f64, f64) = (2.4, 5.6);

/// `ln` of the factor between measured losses and the formula's, with its standard error: a fit of all
/// levels, in which noise of either sign counts.
pub(super) fn factor(points: &[Point], scatter: f64) -> (f64, f64) {
    let (mut top, mut bottom) = (0.0, 0.0);
    for point in points {
        let noise = (point.error / point.kept).hypot(scatter * point.formula);
        top += point.loss() * point.formula / noise.powi(2);
        bottom += (point.formula / noise).powi(2);
    }
    let factor = (top / bottom).max(0.05);
    (factor.ln(), bottom.powf(-0.5) / factor)
}

pub(super) fn usable(point: &Point) -> bool {
    (FACTOR_BITS.0..FACTOR_BITS.1).contains(&point.bits)
}

/// Errors of carrying benchmarks from other levels of the same model to one.
pub(super) fn carried(scores: &[Scores]) -> Vec<f64> {
    let mut errors = Vec::new();
    for group in scores {
        let points: Vec<Point> = group.points.iter().copied().filter(usable).collect();
        if points.len() < 3 {
            continue;
        }
        for (left_out, point) in points.iter().enumerate().filter(|(_, point)| point.is_clear()) {
            let others: Vec<Point> =
                points.iter().enumerate().filter(|(i, _)| *i != left_out).map(|(_, p)| *p).collect();
            errors.push((point.loss() / point.formula).ln() - factor(&others, 0.3).0);
        }
    }
    errors
}

/// What one model says, in the order in which it is believed.
pub(super) struct Said {
    pub(super) anchor: Anchor,
    /// Its own benchmarks, not its distances.
    pub(super) direct: bool,
    /// Its files are made of the formats that their names say.
    pub(super) usual: bool,
}

pub(super) fn anchors(
    scores: &[Scores],
    distances: &[Distances],
    line: &Line,
    mapping: &Mapping,
    carried_sd: f64,
) -> Vec<Said> {
    let mut all = Vec::new();
    for group in scores {
        let points: Vec<Point> = group.points.iter().copied().filter(usable).collect();
        if points.is_empty() {
            continue;
        }
        let (ln_factor, error) = factor(&points, carried_sd);
        let anchor = Anchor {
            model: group.named.into(),
            family: group.model.family.clone().into(),
            params: group.model.params_total,
            source: group.source.key.into(),
            by: group.source.name.into(),
            what: "benchmarks".into(),
            levels: points.len() as u32,
            ln_factor,
            sd: error,
            c: None,
            base: None,
        };
        all.push(Said { anchor, direct: true, usual: true });
    }
    for group in distances {
        let c = c_of(line, &group.points);
        let params = group.model.params_total;
        let near = group
            .points
            .iter()
            .filter(|p| (FACTOR_BITS.0..FACTOR_BITS.1).contains(&p.bits) && p.error < SCATTER);
        let factors: Vec<f64> = near
            .map(|p| (mapping.loss(p.ln.exp(), params) / Formula::embedded().loss(p.bits, params)).ln())
            .collect();
        if factors.is_empty() {
            continue;
        }
        let n = group.points.len() as f64;
        let anchor = Anchor {
            model: group.named.into(),
            family: group.model.family.clone().into(),
            params,
            source: group.source.key.into(),
            by: group.source.name.into(),
            what: group.metric.text().into(),
            levels: group.points.len() as u32,
            ln_factor: mean(&factors),
            sd: sd(&residuals(line, group)).max(line.sd) / n.sqrt(),
            c: Some(c),
            base: group.base,
        };
        all.push(Said { anchor, direct: false, usual: group.usual });
    }
    all
}
