//! The coefficients of `assets/ranking_fit.json`, computed again from the published scores, and `RANKING.md`, which
//! says how far estimates are off.
//!
//! `cargo test --test suite ranking_fit -- --nocapture` prints every error, each of a model that was left out; with
//! `UPDATE_RANKING_FIT=true` both files are written anew.

mod document;
mod gauss;

use std::collections::{BTreeMap, BTreeSet};

use plimsoll::estimate::ranking::fitted::{Errors, Fitted, Form};
use plimsoll::estimate::ranking::published::Published;
use plimsoll::estimate::ranking::{Facts, Subject, logit, points};
use plimsoll::model::Catalog;

use gauss::{Regression, Row, Spread};

/// The scale: the newest release.
const REFERENCE: &str = "2026-01-08";
/// Spreads that are tried, in units of `ln`.
const PUBLISHER: [f64; 7] = [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6];
const MODEL: [f64; 7] = [0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6];
const SCORE: [f64; 6] = [0.05, 0.1, 0.15, 0.2, 0.25, 0.3];

/// One model that was left out, and what was expected of it.
struct LeftOut {
    row: Row,
    expected: f64,
}

impl LeftOut {
    fn logit_error(&self) -> f64 {
        self.expected - self.row.target
    }

    fn points_error(&self) -> f64 {
        points(self.expected) - points(self.row.target)
    }
}

/// A subject's fit, with everything that is told of it.
struct Fit {
    subject: Subject,
    spread: Spread,
    /// Whether the fit looks at the kind of model.
    kind: bool,
    form: Form,
    rows: usize,
    /// Errors with and without a look at the kind of model, points.
    tried: [f64; 2],
    other_release: Vec<LeftOut>,
    publisher: Vec<LeftOut>,
    facts: Vec<LeftOut>,
    /// Errors of the mean of all scores of a release, points: what a fit must beat.
    mean: f64,
}

fn releases() -> Vec<&'static str> {
    let all: BTreeSet<&str> = Published::embedded().scores.iter().map(|row| &*row.release).collect();
    all.into_iter().collect()
}

/// One row a model and release: its best way of being run.
fn rows(subject: Subject, kind: bool) -> Vec<Row> {
    let (published, catalog, releases) = (Published::embedded(), Catalog::embedded(), releases());
    let models: BTreeSet<&str> = published.scores.iter().map(|row| &*row.model).collect();
    let mut rows = Vec::new();
    for id in models {
        let model = catalog.get(catalog.exact(id).unwrap());
        let facts = Facts::of(model).unwrap();
        for (release, score) in published.releases_of(id, subject) {
            let mut features: Vec<f64> =
                releases.iter().map(|known| f64::from(u8::from(*known == release))).collect();
            features.extend([facts.size, facts.active, facts.years]);
            if kind {
                features.push(f64::from(u8::from(facts.reasons)));
            }
            rows.push(Row {
                features,
                target: logit(score),
                publisher: model.provider.clone(),
                model: id.to_owned(),
            });
        }
    }
    rows
}

/// The spread under which the scores are likeliest.
fn spread(rows: &[Row]) -> Spread {
    let mut best: Option<(f64, Spread)> = None;
    for publisher in PUBLISHER {
        for model in MODEL {
            for score in SCORE {
                let spread = Spread { publisher, model, score };
                let likelihood = Regression::fit(rows, spread).likelihood;
                if best.is_none_or(|(known, _)| likelihood > known + 1e-9) {
                    best = Some((likelihood, spread));
                }
            }
        }
    }
    best.unwrap().1
}

/// Predicts every row from the rows that `stays` lets stand beside it.
fn leave_out(rows: &[Row], spread: Spread, stays: impl Fn(&Row, &Row) -> bool) -> Vec<LeftOut> {
    rows.iter()
        .map(|row| {
            let others: Vec<Row> = rows.iter().filter(|other| stays(row, other)).cloned().collect();
            LeftOut { row: row.clone(), expected: Regression::fit(&others, spread).predict(row) }
        })
        .collect()
}

fn rms(values: impl Iterator<Item = f64>) -> f64 {
    let squares: Vec<f64> = values.map(|value| value * value).collect();
    (squares.iter().sum::<f64>() / squares.len() as f64).sqrt()
}

fn fit(subject: Subject) -> Fit {
    let model_out = |row: &Row, other: &Row| other.model != row.model;
    let tried = [true, false].map(|kind| {
        let rows = rows(subject, kind);
        let spread = spread(&rows);
        let errors = leave_out(&rows, spread, model_out);
        (kind, rows, spread, errors)
    });
    let errors = [0, 1].map(|place: usize| rms(tried[place].3.iter().map(LeftOut::points_error)));
    let [with, without] = tried;
    let (kind, rows, spread, model_out) = if errors[0] < errors[1] { with } else { without };

    let has_relative =
        |row: &Row| rows.iter().any(|other| other.publisher == row.publisher && other.model != row.model);
    let publisher: Vec<LeftOut> = model_out.into_iter().filter(|out| has_relative(&out.row)).collect();
    let facts = leave_out(&rows, spread, |row, other| other.publisher != row.publisher);
    let seen_elsewhere =
        |row: &Row| rows.iter().any(|other| other.model == row.model && other.features != row.features);
    let other_release: Vec<LeftOut> =
        leave_out(&rows, spread, |row, other| other.model != row.model || other.features != row.features)
            .into_iter()
            .filter(|out| seen_elsewhere(&out.row))
            .collect();
    let mean = mean_error(&rows);

    let whole = Regression::fit(&rows, spread);
    let releases = releases();
    let at = releases.len();
    let effect = |place: usize| rounded(whole.coefficients[place]);
    let of_reference =
        |row: &Row| row.features[releases.iter().position(|r| *r == REFERENCE).unwrap()] == 1.0;
    let tested: BTreeSet<&str> =
        rows.iter().filter(|row| of_reference(row)).map(|row| row.model.as_str()).collect();
    let publishers: BTreeSet<&str> = rows.iter().map(|row| row.publisher.as_str()).collect();
    // How a release without a model in common with the scale compares was never seen.
    let is_linked = |model: &&str| Published::embedded().is_linked(model, REFERENCE);
    let models = rows.iter().map(|row| row.model.as_str());
    let models = models.filter(|model| !tested.contains(model)).filter(is_linked);
    let errors_of = |left_out: &[LeftOut]| rounded(rms(left_out.iter().map(LeftOut::logit_error)));
    let form = Form {
        releases: releases.iter().enumerate().map(|(i, r)| ((*r).into(), effect(i))).collect(),
        size: effect(at),
        active: effect(at + 1),
        years: effect(at + 2),
        reasons: if kind { effect(at + 3) } else { 0.0 },
        publishers: publishers.iter().map(|p| (p.to_string().into(), rounded(whole.publisher(p)))).collect(),
        models: models.map(|m| (m.to_owned().into(), rounded(whole.model(m)))).collect::<BTreeMap<_, _>>(),
        reference: effect(releases.iter().position(|r| *r == REFERENCE).unwrap()),
        errors: Errors {
            other_release: errors_of(&other_release),
            publisher: errors_of(&publisher),
            facts: errors_of(&facts),
        },
    };
    Fit {
        subject,
        spread,
        kind,
        form,
        rows: rows.len(),
        tried: errors,
        other_release,
        publisher,
        facts,
        mean,
    }
}

/// Errors of the mean of the others of the same release, points.
fn mean_error(rows: &[Row]) -> f64 {
    let releases = releases().len();
    rms(rows.iter().filter_map(|row| {
        let same =
            |other: &&Row| other.model != row.model && other.features[..releases] == row.features[..releases];
        let others: Vec<f64> = rows.iter().filter(same).map(|other| points(other.target)).collect();
        (!others.is_empty()).then(|| others.iter().sum::<f64>() / others.len() as f64 - points(row.target))
    }))
}

/// Four significant digits: finer than anything is known, and the same on every platform.
fn rounded(number: f64) -> f64 {
    format!("{number:.3e}").parse().unwrap()
}

fn path(name: &str) -> String {
    format!("{}/{name}", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_asset_and_the_document_are_what_the_scores_say() {
    let fits = Subject::ALL.map(fit);
    for fit in &fits {
        println!("{}", document::log(fit));
    }
    let document = document::write(&fits);
    let [general, coding, reasoning] = fits.map(|fit| fit.form);
    let fitted = Fitted {
        source: "tests/suite/ranking_fit: model_scores.json and the catalog's sizes and dates; errors are of scores \
                 that the fit had not seen"
            .into(),
        reference: REFERENCE.into(),
        general,
        coding,
        reasoning,
    };
    let text = serde_json::to_string_pretty(&fitted).unwrap() + "\n";
    if std::env::var_os("UPDATE_RANKING_FIT").is_some() {
        std::fs::write(path("assets/ranking_fit.json"), text).unwrap();
        std::fs::write(path("RANKING.md"), document).unwrap();
        return;
    }
    assert_eq!(text, std::fs::read_to_string(path("assets/ranking_fit.json")).unwrap());
    assert_eq!(document, std::fs::read_to_string(path("RANKING.md")).unwrap());
}

/// More evidence is surer, and all of it is surer than none.
#[test]
fn better_known_is_narrower() {
    for subject in Subject::ALL {
        let errors = Fitted::embedded().form(subject).errors;
        assert!(errors.other_release <= errors.publisher, "{subject:?}: {errors:?}");
        assert!(errors.publisher <= errors.facts, "{subject:?}: {errors:?}");
    }
}

/// Nothing speaks for a model that is worse for being larger or newer.
#[test]
fn no_effect_turns_the_wrong_way() {
    for subject in Subject::ALL {
        let form = Fitted::embedded().form(subject);
        let effects = [form.size, form.active, form.years, form.reasons];
        assert!(effects.iter().all(|effect| *effect >= 0.0), "{subject:?}: {effects:?}");
    }
}
