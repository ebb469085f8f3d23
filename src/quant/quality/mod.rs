//! What squeezing costs: the share of a model's above-chance benchmark score that is kept.
//!
//! Measurements come first: benchmarks of this model at this level, then how far its predictions moved,
//! then what its other levels say, then a model of its family; the formula of size is the last resort.
//! Every share has a band that holds 8 of 10 such cases, and says what it rests on. The formula was fitted
//! mostly to MMLU-class tests; reasoning, long contexts, code and other languages than English lose more.

pub mod benchmark;
pub mod cache;
pub mod divergence;
pub mod fitted;
pub mod formula;

use serde::{Serialize, Serializer};

use self::fitted::{Anchor, EIGHT_OF_TEN, Fitted, Spread};
use self::formula::Formula;
use super::level::Level;
use super::measured::{self, Measured, Metric};
use crate::language::{fixed, tr};
use crate::units::{quality_text, spoken_quality};

/// Share of the above-chance benchmark score that is kept: 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Retained {
    /// Lower end of the band: 1 of 10 such cases keeps less.
    pub low: f64,
    /// The estimate; `None` below 3 bits per weight, where it is too rough to be named.
    pub mid: Option<f64>,
    /// Upper end of the band: 1 of 10 such cases keeps more.
    pub high: f64,
    /// Where in the band the estimate lies, named or not: to sort and compare by.
    #[serde(skip)]
    pub centre: f64,
    /// Where it comes from.
    #[serde(rename = "basis", serialize_with = "basis_only")]
    pub ground: Ground,
}

fn basis_only<S: Serializer>(ground: &Ground, serializer: S) -> Result<S::Ok, S::Error> {
    ground.basis().serialize(serializer)
}

/// How well a share of quality is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// By definition: the model as it was published, so trained or tuned at that precision.
    Native,
    /// This model was measured.
    MeasuredModel,
    /// Another model of its family was measured.
    SameFamily,
    /// From bits per weight and parameters alone.
    Formula,
}

impl Basis {
    /// The basis in words.
    pub fn text(self) -> &'static str {
        match self {
            Self::Native => tr!("as published"),
            Self::MeasuredModel => tr!("measured on this model"),
            Self::SameFamily => tr!("measured on a model of its family"),
            Self::Formula => tr!("estimated from bits per weight and size"),
        }
    }
}

/// What a share of quality rests on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Ground {
    /// The model as it was published.
    Native,
    /// Benchmarks of this model at this level.
    Benchmark(&'static Measured),
    /// How far the predictions of this model moved at this level.
    Distance(&'static Measured),
    /// Other levels of this model.
    OtherLevels(&'static Anchor),
    /// A model of the same family.
    Family(&'static Anchor),
    /// Nothing but bits and size.
    Formula,
}

impl Ground {
    /// How well that is known.
    pub const fn basis(&self) -> Basis {
        match self {
            Self::Native => Basis::Native,
            Self::Benchmark(_) | Self::Distance(_) | Self::OtherLevels(_) => Basis::MeasuredModel,
            Self::Family(_) => Basis::SameFamily,
            Self::Formula => Basis::Formula,
        }
    }

    /// What it is, in a few words: "MMLU, %, by matt-c1".
    pub fn text(&self) -> String {
        match self {
            Self::Native => Basis::Native.text().to_owned(),
            Self::Benchmark(row) => tr!("benchmarks of this level by {name}", name = row.source.name),
            Self::Distance(row) => {
                tr!("{metric} of this level by {name}", metric = row.metric.text(), name = row.source.name)
            }
            Self::OtherLevels(anchor) => {
                tr!("{what} of other levels of this model by {by}", what = anchor.what, by = anchor.by)
            }
            Self::Family(anchor) => {
                let name = anchor.model.rsplit('/').next().unwrap_or(&anchor.model);
                tr!("{what} of {name} by {by}", what = anchor.what, name, by = anchor.by)
            }
            Self::Formula => Basis::Formula.text().to_owned(),
        }
    }
}

/// The model that is asked about.
#[derive(Clone, Copy, Debug)]
pub struct Identity<'a> {
    /// Its repository on the hub.
    pub id: &'a str,
    /// Its other names.
    pub aliases: &'a [String],
    /// Its family in the catalog.
    pub family: &'a str,
    /// All its parameters.
    pub params_total: u64,
}

impl<'a> Identity<'a> {
    /// Everything that it is called.
    pub fn names(&self) -> impl Iterator<Item = &'a str> + Clone {
        std::iter::once(self.id).chain(self.aliases.iter().map(String::as_str))
    }
}

/// A model's file at one level.
#[derive(Clone, Copy, Debug)]
pub struct Squeezed {
    /// The level.
    pub level: Level,
    /// Bits of the whole file for each parameter, not the nominal bits of its type.
    pub bits_per_weight: f64,
    /// It was made with an importance matrix.
    pub imatrix: bool,
    /// The weights are stored as they were published, which is 1 by definition.
    pub native: bool,
}

/// A benchmark of fewer questions than this says less than a distance between distributions does.
const ENOUGH_QUESTIONS: f64 = 1000.0;

/// Quality that `model` keeps in the file `file`.
pub fn retained(model: &Identity<'_>, file: &Squeezed) -> Retained {
    if file.native {
        return Retained::AS_PUBLISHED;
    }
    let fitted = Fitted::embedded();
    let rows: Vec<&'static Measured> =
        measured::of(model.names()).flat_map(|subjects| subjects.level(file.level)).collect();
    let scores = benchmarks(&rows);
    let large = |(score, _): &(benchmark::Score, _)| score.questions >= ENOUGH_QUESTIONS;
    if let Some((score, row)) = scores.filter(large) {
        return by_score(file, score, row);
    }
    if let Some(distances) = Distances::of(model, file, &rows, fitted) {
        return distances.retained(model, file, fitted);
    }
    if let Some((score, row)) = scores {
        return by_score(file, score, row);
    }
    let formula = Formula::embedded().loss(file.bits_per_weight, model.params_total);
    if let Some(anchor) = fitted.of(model.names()).next() {
        let (loss, sd) = match anchor.c {
            Some(c) => {
                let distance = (c + fitted.line.at(file.level, file.bits_per_weight)).exp();
                let line = fitted.line.sd.hypot(anchor.sd) * fitted.mapping.power;
                (fitted.mapping.loss(distance, model.params_total), line.hypot(fitted.mapping.sd))
            }
            None => (formula * anchor.ln_factor.exp(), fitted.carried_sd.hypot(anchor.sd)),
        };
        return by_loss(file, loss, Spread { bias: 0.0, sd }, Ground::OtherLevels(anchor));
    }
    if let Some(anchor) = fitted::relative(&fitted.anchors, model.family, model.params_total) {
        let loss = formula * (fitted.family.weight * anchor.ln_factor).exp();
        let sd = fitted.family.sd.hypot(anchor.sd).hypot(fitted.carried_sd);
        let spread = Spread { bias: 0.0, sd };
        return by_loss(file, loss, spread, Ground::Family(anchor));
    }
    by_formula(file, formula)
}

/// Quality by the formula of size alone.
pub fn by_size(bits_per_weight: f64, params_total: u64) -> Retained {
    let file = Squeezed { level: Level::Native, bits_per_weight, imatrix: false, native: false };
    by_formula(&file, Formula::embedded().loss(bits_per_weight, params_total))
}

fn by_formula(file: &Squeezed, loss: f64) -> Retained {
    let fitted = Fitted::embedded();
    let point = Formula::embedded().names_a_point(file.bits_per_weight);
    let spread = if point { fitted.formula } else { fitted.formula_below_3_bits };
    by_loss(file, loss, spread, Ground::Formula)
}

/// The benchmarks of the source that asked most questions: different sources are not mixed.
fn benchmarks(rows: &[&'static Measured]) -> Option<(benchmark::Score, &'static Measured)> {
    let of_source = |row: &&'static Measured| {
        let same = rows.iter().copied().filter(|other| other.source == row.source);
        Some((benchmark::combined(same)?, *row))
    };
    let first = rows.iter().filter(|row| measured::test(row.metric).is_some());
    first
        .filter_map(of_source)
        .reduce(|best, next| if next.0.questions > best.0.questions { next } else { best })
}

fn by_score(file: &Squeezed, score: benchmark::Score, row: &'static Measured) -> Retained {
    let half = EIGHT_OF_TEN * score.error;
    within(file, score.kept - half, score.kept, score.kept + half, Ground::Benchmark(row))
}

/// Distances of one level that one source measured with one metric, over the makers of the file.
struct Distances {
    ln_mean: f64,
    /// Standard deviation between makers.
    sd: f64,
    row: &'static Measured,
}

impl Distances {
    fn of(
        model: &Identity<'_>,
        file: &Squeezed,
        rows: &[&'static Measured],
        fitted: &Fitted,
    ) -> Option<Self> {
        let first = divergence::METRICS.iter().find_map(|metric| {
            let mut of_metric = rows.iter().copied().filter(|row| row.metric == *metric);
            let same_kind = of_metric.clone().find(|row| row.imatrix == Some(file.imatrix));
            same_kind.or_else(|| of_metric.next())
        })?;
        let anchor = fitted.of(model.names()).find(|anchor| anchor.source == first.source.key);
        let base = anchor.and_then(|anchor| anchor.base);
        let like_first = |row: &&&Measured| {
            (row.metric, row.source, row.imatrix) == (first.metric, first.source, first.imatrix)
        };
        let lns: Vec<f64> = rows
            .iter()
            .filter(like_first)
            .filter_map(|row| divergence::distance(row, base))
            .filter(|distance| divergence::is_clear(first.metric, *distance))
            .map(f64::ln)
            .collect();
        if lns.is_empty() {
            return None;
        }
        let n = lns.len() as f64;
        let ln_mean = lns.iter().sum::<f64>() / n;
        let sd = (lns.iter().map(|ln| (ln - ln_mean).powi(2)).sum::<f64>() / n).sqrt();
        Some(Self { ln_mean, sd, row: first })
    }

    fn retained(&self, model: &Identity<'_>, file: &Squeezed, fitted: &Fitted) -> Retained {
        let loss = fitted.mapping.loss(self.ln_mean.exp(), model.params_total);
        let sd = fitted.mapping.sd.hypot(self.sd * fitted.mapping.power);
        by_loss(file, loss, Spread { bias: 0.0, sd }, Ground::Distance(self.row))
    }
}

/// A share from its logarithmic loss, whose logarithm is off by `spread`.
fn by_loss(file: &Squeezed, loss: f64, spread: Spread, ground: Ground) -> Retained {
    let kept = |shift: f64| (-loss * shift.exp()).exp();
    let reach = EIGHT_OF_TEN * spread.sd;
    // The estimate stands within its band even where models that were measured lie to one side of it.
    let (low, high) = (kept((spread.bias + reach).max(0.0)), kept((spread.bias - reach).min(0.0)));
    within(file, low, kept(0.0), high, ground)
}

fn within(file: &Squeezed, low: f64, centre: f64, high: f64, ground: Ground) -> Retained {
    let centre = if centre.is_nan() { 0.0 } else { centre.clamp(0.0, 1.0) };
    let mid = Formula::embedded().names_a_point(file.bits_per_weight).then_some(centre);
    let (low, high) = (low.clamp(0.0, 1.0).min(centre), high.clamp(0.0, 1.0).max(centre));
    Retained { low, mid, high, centre, ground }
}

/// The formula of size with its coefficients, for a tooltip.
pub fn formula_text() -> String {
    Formula::embedded().text()
}

impl Retained {
    /// All of it, by definition.
    pub const AS_PUBLISHED: Self =
        Self { low: 1.0, mid: Some(1.0), high: 1.0, centre: 1.0, ground: Ground::Native };

    /// How well it is known.
    pub const fn basis(&self) -> Basis {
        self.ground.basis()
    }

    /// One figure to sort and compare by: the estimate, named or not.
    pub const fn point(&self) -> f64 {
        self.centre
    }

    /// Percent for a cell: "98.6", "100", and "~48" where there is only a band.
    pub fn text(&self) -> String {
        quality_text(self.centre * 100.0, self.mid.is_some())
    }

    /// For a screen reader: "quality 98.6 %", "quality about 48 %".
    pub fn spoken(&self) -> String {
        spoken_quality(self.centre * 100.0, self.mid.is_some())
    }

    /// In a sentence, with band and basis: "Keeps 98.6 % of the quality (97.2–99.4), measured on this
    /// model."
    pub fn sentence(&self) -> String {
        let basis = self.basis();
        match self.mid {
            _ if basis == Basis::Native => tr!("Keeps all of the quality: {basis}.", basis = basis.text()),
            Some(_) => {
                tr!(
                    "Keeps {value} % of the quality ({band}), {basis}.",
                    value = self.text(),
                    band = self.band_text(),
                    basis = basis.text()
                )
            }
            None => tr!(
                "Keeps roughly {band} % of the quality, {basis}.",
                band = self.band_text(),
                basis = basis.text()
            ),
        }
    }

    /// The band in percent: "97–99.5"; below 3 bits per weight in whole percent.
    pub fn band_text(&self) -> String {
        let fine = self.mid.is_some() && self.high - self.low < FINE_BAND;
        let end = |share: f64| match share * 100.0 {
            percent if fine && percent < 99.95 => fixed(percent, 1),
            percent => format!("{percent:.0}"),
        };
        let (low, high) = (end(self.low), end(self.high));
        if low == high { low } else { format!("{low}–{high}") }
    }
}

/// A band that is narrower than this is told in tenths of a percent.
const FINE_BAND: f64 = 0.05;

/// What was measured at `level` of the model that is called `names`, in the order of the sources.
pub fn rows_of<'a>(
    names: impl Iterator<Item = &'a str> + Clone,
    level: Level,
) -> impl Iterator<Item = &'static Measured> {
    measured::of(names).flat_map(move |subjects| subjects.level(level))
}

/// Whether a row's metric was translated into a share.
pub fn is_translated(metric: Metric) -> bool {
    measured::test(metric).is_some() || divergence::METRICS.contains(&metric)
}

#[cfg(test)]
mod tests;
