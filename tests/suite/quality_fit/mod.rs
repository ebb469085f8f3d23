//! The coefficients of `assets/quality_fit.json`, computed again from the measurements.
//!
//! `cargo test --test suite quality_fit -- --nocapture` prints every error, each for a model that was left
//! out; with `UPDATE_QUALITY_FIT=true` the asset is written anew.

mod data;
mod solve;

use std::fmt::Write as _;

use plimsoll::quant::quality::by_size;
use plimsoll::quant::quality::divergence::{Kind, Line, Mapping};
use plimsoll::quant::quality::fitted::{Anchor, Family, Fitted, Spread, relative};
use plimsoll::quant::quality::formula::Formula;

use data::{Distance, Distances, Point, Scores};
use solve::{least_squares, mean, rms, sd};

/// Models whose benchmarks stand beside distances that were measured on a sister of the same shapes.
const SISTERS: [(&str, &str); 2] = [
    ("meta-llama/Llama-3.1-8B", "meta-llama/Meta-Llama-3-8B"),
    ("Qwen/Qwen2.5-7B-Instruct", "Qwen/Qwen2.5-Coder-7B-Instruct"),
];

/// A loss beyond this is the same to a reader, and noise of a test that is all guesses.
const LARGEST_LOSS: f64 = 1.0;

/// The formula was not made for fewer bits than this.
const LEAST_TRIED: f64 = 2.3;

/// Bits between which a model's factor is taken.
const FACTOR_BITS: (f64, f64) = (2.4, 5.6);

/// Scatter of `ln distance` around its line, for the weights of a fit.
const SCATTER: f64 = 0.3;

fn weight(point: &Distance) -> f64 {
    SCATTER.hypot(point.error).powi(-2)
}

fn line_features(point: &Distance) -> Vec<f64> {
    let flag = |kind| f64::from(u8::from(Kind::of(point.level) == kind));
    vec![-point.bits, (3.0 - point.bits).max(0.0), -flag(Kind::Iq), flag(Kind::Legacy)]
}

/// The slopes that all of `groups` share, each group with a `c` of its own.
fn fit_line(groups: &[&Distances]) -> Line {
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

fn c_of(line: &Line, points: &[Distance]) -> f64 {
    let sum: f64 = points.iter().map(|p| weight(p) * (p.ln - line.at(p.level, p.bits))).sum();
    sum / points.iter().map(weight).sum::<f64>()
}

/// What is left of `ln distance` where it is clear of noise.
fn residuals(line: &Line, group: &Distances) -> Vec<f64> {
    let c = c_of(line, &group.points);
    let clear = group.points.iter().filter(|p| p.error < SCATTER);
    clear.map(|p| p.ln - c - line.at(p.level, p.bits)).collect()
}

/// Puts distances where a source gave perplexities alone: its level of most bits lies where the line says.
fn find_base(group: &mut Distances, line: &Line) {
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

/// A model with benchmarks and distances of the same levels.
struct Both<'a> {
    scores: &'a Scores,
    pairs: Vec<(f64, Point)>,
}

fn both<'a>(scores: &'a [Scores], distances: &[Distances]) -> Vec<Both<'a>> {
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

fn ln_size(scores: &Scores) -> f64 {
    let formula = Formula::embedded();
    formula.params_power() * formula.relative_size(scores.model.params_total).ln()
}

/// `ln loss + params_power · ln size = ln_scale + power · ln distance`, each model counting alike.
fn fit_mapping(models: &[&Both<'_>]) -> Mapping {
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
fn mapping_errors(mapping: &Mapping, both: &Both<'_>) -> Vec<f64> {
    let params = both.scores.model.params_total;
    both.pairs.iter().map(|(ln, point)| (point.loss() / mapping.loss(ln.exp(), params)).ln()).collect()
}

/// `ln` of the factor between measured losses and the formula's, with its standard error: a fit of all
/// levels, in which noise of either sign counts.
fn factor(points: &[Point], scatter: f64) -> (f64, f64) {
    let (mut top, mut bottom) = (0.0, 0.0);
    for point in points {
        let noise = (point.error / point.kept).hypot(scatter * point.formula);
        top += point.loss() * point.formula / noise.powi(2);
        bottom += (point.formula / noise).powi(2);
    }
    let factor = (top / bottom).max(0.05);
    (factor.ln(), bottom.powf(-0.5) / factor)
}

fn usable(point: &Point) -> bool {
    (FACTOR_BITS.0..FACTOR_BITS.1).contains(&point.bits)
}

/// Errors of carrying benchmarks from other levels of the same model to one.
fn carried(scores: &[Scores]) -> Vec<f64> {
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
struct Said {
    anchor: Anchor,
    /// Its own benchmarks, not its distances.
    direct: bool,
    /// Its files are made of the formats that their names say.
    usual: bool,
}

fn anchors(
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

fn fit() -> (Fitted, String) {
    let mut log = String::new();
    let scores = data::scores();
    let mut distances = data::distances();

    // The line of distance over bits.
    let whole: Vec<Distances> = distances.iter().filter(|d| d.usual && d.base.is_none()).cloned().collect();
    let whole: Vec<&Distances> = whole.iter().filter(|d| d.points.len() >= 4).collect();
    let mut line = fit_line(&whole);
    let all: Vec<f64> = whole.iter().flat_map(|group| residuals(&line, group)).collect();
    line.sd = rms(&all);
    writeln!(log, "line: {line:?}, {} rows of {} groups", all.len(), whole.len()).unwrap();
    writeln!(log, "  published: bits 1.377, low 0.327, iq 0.379, legacy 0.512").unwrap();
    for group in &whole {
        let others: Vec<&Distances> =
            whole.iter().filter(|other| other.model.id != group.model.id).copied().collect();
        let left_out = residuals(&fit_line(&others), group);
        let c = c_of(&line, &group.points);
        let (name, metric) = (group.named, group.metric.text());
        writeln!(log, "  {name} {metric}: c {c:.2}, left out ×{:.2}", rms(&left_out).exp()).unwrap();
    }
    for group in distances.iter_mut().filter(|group| group.base.is_some()) {
        find_base(group, &line);
        let (c, base) = (c_of(&line, &group.points), group.base.unwrap());
        writeln!(log, "  {}: c {c:.2}, base found {base:.3}", group.named).unwrap();
    }

    // Loss over distance.
    let both = both(&scores, &distances);
    let mut mapping = fit_mapping(&both.iter().collect::<Vec<_>>());
    let mut squares = Vec::new();
    writeln!(log, "mapping: {mapping:?}").unwrap();
    for left_out in &both {
        let others: Vec<&Both<'_>> =
            both.iter().filter(|other| other.scores.named != left_out.scores.named).collect();
        let errors = mapping_errors(&fit_mapping(&others), left_out);
        let by_size: Vec<f64> = left_out.pairs.iter().map(|(_, p)| (p.loss() / p.formula).ln()).collect();
        let points = |predict: &dyn Fn(&(f64, Point)) -> f64| {
            let off: Vec<f64> = left_out.pairs.iter().map(|pair| predict(pair) - pair.1.kept).collect();
            100.0 * rms(&off)
        };
        let fitted = fit_mapping(&others);
        let params = left_out.scores.model.params_total;
        writeln!(
            log,
            "  {} left out, {} levels: ln error {:+.2} ± {:.2} ({:.1} points); formula of size {:+.2} ± {:.2} ({:.1} points)",
            left_out.scores.named,
            errors.len(),
            mean(&errors),
            sd(&errors),
            points(&|(ln, _)| (-fitted.loss(ln.exp(), params)).exp()),
            mean(&by_size),
            sd(&by_size),
            points(&|(_, p)| (-p.formula).exp()),
        )
        .unwrap();
        squares.push(rms(&errors));
    }
    mapping.sd = rms(&squares);
    writeln!(log, "  ln error of a model left out {:.2}", mapping.sd).unwrap();

    // Benchmarks carried to other levels.
    let carried_errors = carried(&scores);
    let carried_sd = rms(&carried_errors);
    writeln!(log, "carried to another level: {} levels, ln error {carried_sd:.2}", carried_errors.len())
        .unwrap();

    let said = anchors(&scores, &distances, &line, &mapping, carried_sd);
    for s in &said {
        let a = &s.anchor;
        writeln!(
            log,
            "  {} ({}) by {}, {}: ln factor {:+.2} ± {:.2}, {} levels, c {:?}",
            a.model, a.family, a.source, a.what, a.ln_factor, a.sd, a.levels, a.c
        )
        .unwrap();
    }
    let formula = spread_of_formula(&said, mapping.sd, carried_sd, &mut log);
    let below = spread_below(&scores, &distances, &mapping, &mut log);
    let family = family(&said, &mut log);
    let fitted = Fitted {
        source:
            "tests/suite/quality_fit: quant_quality.jsonl against the formula of quality.json; errors are \
                 those of ln loss for a model that was left out"
                .into(),
        formula,
        formula_below_3_bits: below,
        line,
        mapping,
        carried_sd,
        family,
        anchors: said.into_iter().map(|s| s.anchor).collect(),
    };
    (fitted, log)
}

/// What one model says of the formula: `ln` of measured over predicted loss, and its error.
struct Factor {
    ln: f64,
    error: f64,
    /// By benchmarks, not by distances.
    direct: bool,
}

/// How the formula errs from model to model: the mean by benchmarks, which are what it foretells; how far
/// models lie apart by all of them, less what their own errors add.
fn between(factors: &[Factor]) -> Spread {
    let direct: Vec<f64> = factors.iter().filter(|f| f.direct).map(|f| f.ln).collect();
    let bias = mean(&direct);
    let apart: Vec<f64> = factors.iter().map(|f| (f.ln - bias).powi(2) - f.error.powi(2)).collect();
    Spread { bias, sd: mean(&apart).max(0.0).sqrt() }
}

/// The formula of size against all models: what tells one model from another, and one level from another.
fn spread_of_formula(said: &[Said], mapping_sd: f64, carried_sd: f64, log: &mut String) -> Spread {
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
fn spread_below(scores: &[Scores], distances: &[Distances], mapping: &Mapping, log: &mut String) -> Spread {
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
fn family(said: &[Said], log: &mut String) -> Family {
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

/// Four significant digits: finer than anything is known, and the same on every platform.
fn rounded(fitted: &Fitted) -> Fitted {
    let round = |number: f64| format!("{number:.3e}").parse::<f64>().unwrap();
    let spread = |s: Spread| Spread { bias: round(s.bias), sd: round(s.sd) };
    let line = fitted.line;
    Fitted {
        source: fitted.source.clone(),
        formula: spread(fitted.formula),
        formula_below_3_bits: spread(fitted.formula_below_3_bits),
        line: Line {
            bits: round(line.bits),
            low_bits: round(line.low_bits),
            iq: round(line.iq),
            legacy: round(line.legacy),
            sd: round(line.sd),
        },
        mapping: Mapping {
            ln_scale: round(fitted.mapping.ln_scale),
            power: round(fitted.mapping.power),
            sd: round(fitted.mapping.sd),
        },
        carried_sd: round(fitted.carried_sd),
        family: Family { weight: round(fitted.family.weight), sd: round(fitted.family.sd) },
        anchors: fitted
            .anchors
            .iter()
            .map(|anchor| Anchor {
                ln_factor: round(anchor.ln_factor),
                sd: round(anchor.sd),
                c: anchor.c.map(round),
                base: anchor.base.map(round),
                ..anchor.clone()
            })
            .collect(),
    }
}

/// Every number of a value, in order.
fn numbers(value: &serde_json::Value, into: &mut Vec<f64>) {
    match value {
        serde_json::Value::Number(number) => into.extend(number.as_f64()),
        serde_json::Value::Array(items) => items.iter().for_each(|item| numbers(item, into)),
        serde_json::Value::Object(fields) => fields.values().for_each(|field| numbers(field, into)),
        _ => {}
    }
}

/// The asset with its numbers left out.
fn words(value: &serde_json::Value) -> String {
    serde_json::to_string(value)
        .unwrap()
        .chars()
        .filter(|c| !c.is_ascii_digit() && !"-.e+".contains(*c))
        .collect()
}

#[test]
fn the_asset_is_what_the_measurements_say() {
    let (fitted, log) = fit();
    println!("{log}");
    let fitted = serde_json::to_value(rounded(&fitted)).unwrap();
    if std::env::var_os("UPDATE_QUALITY_FIT").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/quality_fit.json");
        std::fs::write(path, serde_json::to_string_pretty(&fitted).unwrap() + "\n").unwrap();
        return;
    }
    let committed = serde_json::to_value(Fitted::embedded()).unwrap();
    assert_eq!(words(&fitted), words(&committed));
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    numbers(&fitted, &mut ours);
    numbers(&committed, &mut theirs);
    assert_eq!(ours.len(), theirs.len());
    // The last digit may differ: platforms differ in the last bit of ln.
    for (ours, theirs) in ours.iter().zip(&theirs) {
        assert!((ours - theirs).abs() <= 2e-3 * theirs.abs().max(1e-3), "{ours} is committed as {theirs}");
    }
}

/// Each way of knowing is surer than the next, or it would not come before it.
#[test]
fn better_known_is_narrower() {
    let fitted = Fitted::embedded();
    let line = fitted.line.sd * fitted.mapping.power;
    let measured = [fitted.carried_sd, fitted.mapping.sd.hypot(line)];
    let relative = fitted.family.sd.hypot(fitted.carried_sd);
    assert!(fitted.carried_sd < relative && fitted.mapping.sd < fitted.formula.sd);
    assert!(measured.iter().all(|sd| *sd < fitted.formula.sd) && relative < fitted.formula.sd, "{fitted:?}");
    assert!(fitted.formula.sd < fitted.formula_below_3_bits.sd);
}

/// Eight of ten levels that were measured lie in the band that the formula alone would have drawn, one
/// model counting like another, with the noise of the tests on top.
#[test]
fn the_band_of_the_formula_holds_what_was_measured() {
    let shares: Vec<f64> = data::scores()
        .iter()
        .map(|group| {
            let held = group.points.iter().filter(|p| p.bits > LEAST_TRIED).map(|p| {
                let band = by_size(p.bits, group.model.params_total);
                f64::from(u8::from(band.low - p.error <= p.kept && p.kept <= band.high + p.error))
            });
            mean(&held.collect::<Vec<_>>())
        })
        .collect();
    assert!(mean(&shares) >= 0.8, "{shares:?}");
}
