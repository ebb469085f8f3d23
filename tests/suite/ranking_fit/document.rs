//! `RANKING.md`, and what is printed beside it.

use std::fmt::Write as _;

use plimsoll::estimate::ranking::points;
use plimsoll::estimate::ranking::published::Published;

use super::{Fit, LeftOut, REFERENCE, releases, rms};

/// Share of a normal distribution that the shown range holds: within so many standard deviations.
const EIGHT_OF_TEN: f64 = 1.281_551_6;

/// Every error of a fit.
pub(super) fn log(fit: &Fit) -> String {
    let mut out = format!(
        "{:?}: {:?}, with the kind {:.2} points, without {:.2}\n{:?}\n",
        fit.subject, fit.spread, fit.tried[0], fit.tried[1], fit.form
    );
    for (name, left_out) in
        [("other release", &fit.other_release), ("publisher", &fit.publisher), ("facts", &fit.facts)]
    {
        let _ = writeln!(out, "  {name}: {:.2} points", rms(left_out.iter().map(LeftOut::points_error)));
        for one in left_out {
            let (expected, target) = (points(one.expected), points(one.row.target));
            let _ = writeln!(out, "    {}: {expected:.1} for {target:.1}", one.row.model);
        }
    }
    out
}

pub(super) fn write(fits: &[Fit]) -> String {
    let source = &Published::embedded().source;
    let name = &source.name;
    let mut out = format!(
        "# Ranking\n\n\
         How models are compared, and how far estimated scores are off. Written by `tests/suite/ranking_fit` \
         (`UPDATE_RANKING_FIT=true cargo test --test suite ranking_fit`), which fits the estimates to the published \
         scores in `assets/model_scores.json` and fails where these pages are not what it finds; do not edit.\n\n\
         Scores are those of {name}, an independent test of open answers without a judge: {}, version {} of {} \
         ({}). Its releases ask other questions, so scores of two releases are never compared. The scale is the \
         release of {REFERENCE}; a model that was tested there has its published number, the better one where it was \
         run with and without reasoning. Numbers that publishers measured of their own models, and indices whose \
         versions cannot be told apart, are not used. There is no number for images and none for long contexts: for \
         those, models that can do it are compared by their general score.\n\n\
         Every other model has an estimate: `logit(score) = release + size · log2 parameters + active · log2 active \
         parameters + years + kind + publisher + model`. Kind is whether the model reasons before it answers, where \
         that lowers the error of models left out. Publisher and model are deviations of those that were tested, \
         drawn towards nothing as far as they vary (restricted maximum likelihood); another release of the same \
         model speaks for it through the last. A model that was tested only in a release without models in common \
         with the scale (that of 2024) counts as not tested: how the two compare was never seen.\n\n\
         A score counts with the share of quality that a quantization keeps: 64 at a level that keeps 98 % is \
         62.7.\n",
        source.url, source.commit, source.date, source.files,
    );
    for fit in fits {
        section(&mut out, fit);
    }
    out
}

fn section(out: &mut String, fit: &Fit) {
    let word = fit.subject.word();
    let title = format!("{}{}", word[..1].to_uppercase(), &word[1..]);
    let kind = if fit.kind { "looks at the kind" } else { "does not look at the kind" };
    let _ = write!(
        out,
        "\n## {title}\n\n{} scores of {} releases. The fit {kind} of model: errors of models left out are {:.1} points \
         with it and {:.1} without. The mean of the other models of a release is {:.1} points off.\n\n\
         | left out | scores | error, points (rms) | median | 90th percentile | range of 80 % holds |\n\
         | --- | ---: | ---: | ---: | ---: | ---: |\n",
        fit.rows,
        releases().len(),
        fit.tried[0],
        fit.tried[1],
        fit.mean,
    );
    let errors = fit.form.errors;
    line(out, "the release; another of the same model is known", &fit.other_release, errors.other_release);
    line(out, "the model; others of its publisher are known", &fit.publisher, errors.publisher);
    line(out, "the publisher", &fit.facts, errors.facts);
    let form = &fit.form;
    let _ = write!(
        out,
        "\nA doubling of the parameters is worth {:.2}, of the active ones {:.2}, a year {:.2}, reasoning {:.2} (units \
         of ln; 0.1 is 2.5 points in the middle of the scale). Publishers vary by {:.2}, models of one by {:.2}, \
         releases of one model by {:.2}.\n",
        form.size,
        form.active,
        form.years,
        form.reasons,
        fit.spread.publisher,
        fit.spread.model,
        fit.spread.score,
    );
}

fn line(out: &mut String, name: &str, left_out: &[LeftOut], sd: f64) {
    let mut errors: Vec<f64> = left_out.iter().map(|one| one.points_error().abs()).collect();
    errors.sort_by(f64::total_cmp);
    let at = |share: f64| errors[((errors.len() - 1) as f64 * share).round() as usize];
    let held = left_out.iter().filter(|one| one.logit_error().abs() <= EIGHT_OF_TEN * sd).count();
    let _ = writeln!(
        out,
        "| {name} | {} | {:.1} | {:.1} | {:.1} | {:.0} % |",
        left_out.len(),
        rms(left_out.iter().map(LeftOut::points_error)),
        at(0.5),
        at(0.9),
        100.0 * held as f64 / left_out.len() as f64,
    );
}
