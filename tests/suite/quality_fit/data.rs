//! The measurements with the bits per weight of the files that they were made of.

use plimsoll::estimate::rig::Host;
use plimsoll::estimate::{Estimator, Rig, Scenario};
use plimsoll::machine::Os;
use plimsoll::model::{Catalog, Model};
use plimsoll::quant::Level;
use plimsoll::quant::measured::{self, Measured, Metric, Source};
use plimsoll::quant::quality::formula::Formula;
use plimsoll::quant::quality::{benchmark, divergence};
use plimsoll::units::Bytes;

/// Below this the mixes of very small files follow other rules, and what is measured is noise.
const LEAST_BITS: f64 = 1.9;
/// A file whose bits differ from the usual ones by more than this share is made of other formats than its
/// name says.
const OTHER_FORMATS: f64 = 0.25;

/// Distances of one model by one source and metric.
#[derive(Clone)]
pub struct Distances {
    pub model: &'static Model,
    pub named: &'static str,
    pub source: Source,
    pub metric: Metric,
    pub points: Vec<Distance>,
    /// Its files are made of the formats that their names say.
    pub usual: bool,
    /// Perplexity of the unquantized model, where it was not measured: it is found with the line.
    pub base: Option<f64>,
}

/// One level of them.
#[derive(Clone, Copy)]
pub struct Distance {
    pub level: Level,
    pub bits: f64,
    pub ln: f64,
    /// Error of `ln` that the metric brings.
    pub error: f64,
}

impl Distance {
    pub fn new(level: Level, bits: f64, metric: Metric, distance: f64) -> Self {
        Self { level, bits, ln: distance.ln(), error: divergence::error(metric, distance) }
    }
}

/// Benchmarks of one model by one source.
#[derive(Clone)]
pub struct Scores {
    pub model: &'static Model,
    pub named: &'static str,
    pub source: Source,
    pub points: Vec<Point>,
}

/// One level of them.
#[derive(Clone, Copy, Debug)]
pub struct Point {
    pub level: Level,
    pub bits: f64,
    pub kept: f64,
    pub error: f64,
    /// Logarithmic loss by the formula.
    pub formula: f64,
}

impl Point {
    /// Logarithmic loss; negative where luck helped.
    pub fn loss(&self) -> f64 {
        -self.kept.max(1e-3).ln()
    }

    /// Whether the loss stands out of the test's noise.
    pub fn is_clear(&self) -> bool {
        self.kept > 0.3 && 1.0 - self.kept > 1.5 * self.error
    }
}

pub fn model(named: &str) -> Option<&'static Model> {
    let catalog = Catalog::embedded();
    catalog.find(named).ok().map(|id| catalog.get(id))
}

/// Bits per weight of the file; `None`: it is no file of llama.cpp.
fn bits(model: &Model, level: Level, imatrix: Option<bool>) -> Option<f64> {
    level.file_type()?;
    let host = Host { capacity: Bytes::from_gib(4096.0), free: Bytes::from_gib(4096.0), ..Host::default() };
    let rig = Rig { devices: Vec::new(), host, os: Os::Linux, unused: Vec::new(), own: None };
    let scenario = Scenario { imatrix: imatrix.unwrap_or(true), context: 512, ..Scenario::default() };
    let plan = Estimator::embedded().plan(model, level, &scenario, &rig).ok()?;
    Some(plan.file.bits_per_weight)
}

/// Rows of one model that one source measured.
struct Group {
    model: &'static Model,
    named: &'static str,
    source: Source,
    rows: Vec<(Level, &'static Measured)>,
}

/// All of them, in the order of the sources.
fn by_source() -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for subjects in measured::models() {
        let (named, Some(model)) = (subjects.model, model(subjects.model)) else { continue };
        for (level, row) in subjects.levels() {
            match groups.iter_mut().find(|g| g.named == named && g.source == row.source) {
                Some(group) => group.rows.push((level, row)),
                None => groups.push(Group { model, named, source: row.source, rows: vec![(level, row)] }),
            }
        }
    }
    groups
}

/// Every group of benchmarks that has a level of llama.cpp.
pub fn scores() -> Vec<Scores> {
    let groups = by_source().into_iter().filter_map(|Group { model, named, source, rows }| {
        let mut levels: Vec<Level> = rows.iter().map(|(level, _)| *level).collect();
        levels.sort();
        levels.dedup();
        let points: Vec<Point> = levels
            .into_iter()
            .filter_map(|level| {
                let bits = bits(model, level, None)?;
                let of_level = rows.iter().filter(|(of, _)| *of == level).map(|(_, row)| *row);
                let score = benchmark::combined(of_level)?;
                let formula = Formula::embedded().loss(bits, model.params_total);
                Some(Point { level, bits, kept: score.kept, error: score.error, formula })
            })
            .collect();
        (!points.is_empty()).then_some(Scores { model, named, source, points })
    });
    groups.collect()
}

/// Every group of distances that can be translated.
pub fn distances() -> Vec<Distances> {
    let mut all = Vec::new();
    for Group { model, named, source, rows } in by_source() {
        for metric in divergence::METRICS {
            let of_metric: Vec<_> = rows.iter().filter(|(_, row)| row.metric == metric).collect();
            // Of a level that was measured with and without an importance matrix the first is meant.
            let has_imatrix =
                |level: Level| of_metric.iter().any(|(of, row)| *of == level && row.imatrix == Some(true));
            let missing_base = metric == Metric::Ppl && of_metric.iter().all(|(_, row)| row.base.is_none());
            let mut usual = true;
            let points: Vec<Distance> = of_metric
                .iter()
                .filter(|(level, row)| row.imatrix != Some(false) || !has_imatrix(*level))
                .filter_map(|(level, row)| {
                    let bits = bits(model, *level, row.imatrix)?;
                    usual &= bits / level.nominal_bits() - 1.0 < OTHER_FORMATS;
                    // Without a base the perplexity itself stands here until the line has found one.
                    let distance = if missing_base { row.value } else { divergence::distance(row, None)? };
                    (bits >= LEAST_BITS).then(|| Distance::new(*level, bits, metric, distance))
                })
                .collect();
            if !points.is_empty() {
                let base = missing_base.then_some(f64::NAN);
                all.push(Distances { model, named, source, metric, points, usual, base });
            }
        }
    }
    all
}
