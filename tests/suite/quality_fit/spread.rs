//! How models differ from the formula and from their relatives.

use std::fmt::Write as _;

use plimsoll::quant::quality::divergence::Mapping;
use plimsoll::quant::quality::fitted::{Anchor, Family, Spread, relative};
use plimsoll::quant::quality::formula::Formula;

use super::data::{self, Distance, Distances, Scores};
use super::factors::Said;
use super::solve::{mean, rms, sd};

/// What one model says of the formula: `ln` of measured over predicted loss, and its error.
pub(super) struct Factor {
    ln: f64,
    error: f64,
    /// By benchmarks, not by distances.
    direct: bool,
}

/// How the formula errs from model to model: the mean by benchmarks, which are what it foretells; how far
/// models lie apart by all of them, less what their own errors add.
pub(super) fn between(factors: &[Factor]) -> Spread {
    let direct: Vec<f64> = factors.iter().filter(|f| f.direct).map(|f| f.ln).collect();
    let bias = mean(&direct);
    let apart: Vec<f64> = factors.iter().map(|f| (f.ln - bias).powi(2) - f.error.powi(2)).collect();
    Spread { bias, sd: mean(&apart).max(0.0).sqrt() }
}

/// The formula of size against all models: what tells one model from another, and one level from another.
pub(super) fn spread_of_formula(said: &[Said], mapping_sd: f64, carried_sd: f64, log: &mut String) -> Spread {
    let mut factors = Vec::new();
    let mut seen = Vec::new();
    for s in said.iter().filter(|s| s.usual) {
        let id = data::model(&s.anchor.model).unwrap().id.as_str();
        if !seen.contains(&id) {
            seen.push(id);
            let error = if s.direct { s.anchor.sd } else { s.anchor.sd.hypot(mapping_sd) };
            factors.push(Factor { ln: s.anchor.ln_factor, error, direct: s.direct });
        }
    }
    let models = between(&factors);
    writeln!(log, "formula: {} models, between them {models:?}", factors.len()).unwrap();
    Spread { bias: models.bias, sd: models.sd.hypot(carried_sd) }
}

/// The same below 3 bits, level by level.
pub(super) fn spread_below(
    scores: &[Scores],
    distances: &[Distances],
    mapping: &Mapping,
    log: &mut String,
) -> Spread {
    let mut factors = Vec::new();
    let mut scatter = Vec::new();
    let mut add = |named: &str, ratios: Vec<f64>, error: f64, direct: bool| {
        if !ratios.is_empty() {
            writeln!(log, "  below 3 bits {named}: {:+.2} ± {:.2}", mean(&ratios), sd(&ratios)).unwrap();
            factors.push(Factor { ln: mean(&ratios), error, direct });
            scatter.push(sd(&ratios));
        }
    };
    for group in scores {
        let points = group.points.iter().filter(|p| p.bits < 3.0 && p.is_clear());
        let noise = points.clone().map(|p| p.error / (p.kept * p.loss())).fold(0.0, f64::max);
        add(group.named, points.map(|p| (p.loss() / p.formula).ln()).collect(), noise, true);
    }
    for group in distances.iter().filter(|group| group.usual) {
        if scores.iter().any(|scores| scores.model.id == group.model.id) {
            continue;
        }
        let params = group.model.params_total;
        let points = group.points.iter().filter(|p| p.bits < 3.0);
        let ratio =
            |p: &Distance| mapping.loss(p.ln.exp(), params) / Formula::embedded().loss(p.bits, params);
        add(group.named, points.map(|p| ratio(p).ln()).collect(), mapping.sd, false);
    }
    let models = between(&factors);
    writeln!(log, "formula below 3 bits: {} models, between them {models:?}", factors.len()).unwrap();
    Spread { bias: models.bias, sd: models.sd.hypot(rms(&scatter)) }
}

/// What the benchmarks of the nearest relative say of a model that was measured itself.
pub(super) fn family(said: &[Said], log: &mut String) -> Family {
    let mut pairs = Vec::new();
    for s in said.iter().filter(|s| s.direct) {
        let id = &data::model(&s.anchor.model).unwrap().id;
        let others = said.iter().filter(|o| o.direct && data::model(&o.anchor.model).unwrap().id != *id);
        let others: Vec<Anchor> = others.map(|o| o.anchor.clone()).collect();
        let Some(relative) = relative(&others, &s.anchor.family, s.anchor.params) else { continue };
        writeln!(
            log,
            "  {} {:+.2} by {} {:+.2}",
            s.anchor.model, s.anchor.ln_factor, relative.model, relative.ln_factor
        )
        .unwrap();
        pairs.push((relative.ln_factor, s.anchor.ln_factor));
    }
    let weight_of = |pairs: &[(f64, f64)]| {
        let top: f64 = pairs.iter().map(|(relative, own)| relative * own).sum();
        (top / pairs.iter().map(|(relative, _)| relative * relative).sum::<f64>()).clamp(0.0, 1.0)
    };
    let left_out: Vec<f64> = (0..pairs.len())
        .map(|i| {
            let others: Vec<(f64, f64)> =
                pairs.iter().enumerate().filter(|(j, _)| *j != i).map(|(_, pair)| *pair).collect();
            pairs[i].1 - weight_of(&others) * pairs[i].0
        })
        .collect();
    let alone: Vec<f64> = pairs.iter().map(|(_, own)| *own).collect();
    let family = Family { weight: weight_of(&pairs), sd: rms(&left_out) };
    writeln!(log, "family: {family:?} over {} pairs; without it {:.2}", pairs.len(), rms(&alone)).unwrap();
    family
}
