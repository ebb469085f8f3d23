//! The coefficients of `assets/quality_fit.json`, computed again from the measurements.
//!
//! `cargo test --test suite quality_fit -- --nocapture` prints every error, each for a model that was left
//! out; with `UPDATE_QUALITY_FIT=true` the asset is written anew.

mod asset;
mod data;
mod factors;
mod line;
mod mapping;
mod solve;
mod spread;

use std::fmt::Write as _;

use plimsoll::quant::quality::by_size;
use plimsoll::quant::quality::fitted::Fitted;

use asset::{numbers, rounded, words};
use data::{Distances, Point};
use factors::{anchors, carried};
use line::{c_of, find_base, fit_line, residuals};
use mapping::{Both, both, fit_mapping, mapping_errors};
use solve::{mean, rms, sd};
use spread::{family, spread_below, spread_of_formula};

/// The formula was not made for fewer bits than this.
const LEAST_TRIED: f64 = 2.3;

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

#[test]
fn the_asset_is_what_the_measurements_say() {
    let (fitted, log) = fit();
    println!("{log}");
    let fitted = rounded(&fitted);
    if std::env::var_os("UPDATE_QUALITY_FIT").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/quality_fit.json");
        std::fs::write(path, serde_json::to_string_pretty(&fitted).unwrap() + "\n").unwrap();
        return;
    }
    let fitted = serde_json::to_value(fitted).unwrap();
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
