//! Decode of one request, everything on one device: points of the fit.

use std::collections::{BTreeMap, HashMap};

use plimsoll::estimate::calibration::{DECODE, Facts, Kind, Measurement, Term, Test, measurements};
use plimsoll::estimate::work::Work;
use plimsoll::model::{Catalog, Model};

use super::facts::{cache_types, facts_of, family, is_old, peak, seconds};
use super::fit::{Design, FULL, Point};

/// Degrees of freedom of the errors. Computers with something that nobody states, a power limit or a driver, are
/// many and far off.
const FREEDOM: f64 = 1.0;

/// Configurations that were measured, each once.
pub struct Decode {
    /// What the fit sees.
    pub design: Design,
    /// The measurements, in the same order.
    pub rows: Vec<Row>,
}

/// One configuration.
#[derive(Clone)]
pub struct Row {
    /// One of its measurements.
    pub measured: &'static Measurement,
    /// The model.
    pub model: &'static Model,
    /// What the step does.
    pub work: Work,
    /// Mean depth, tokens.
    pub depth: f64,
    /// Model family.
    pub family: &'static str,
    /// What holds.
    pub facts: Facts<'static>,
    /// Median rate, tokens/s.
    pub rate: f64,
}

/// Mean depth of a test: generated tokens deepen the cache while they are measured.
pub fn depth(row: &Measurement) -> f64 {
    f64::from(row.depth.unwrap_or(0)) + f64::from(row.output.unwrap_or(128).max(1)) / 2.0
}

/// All that can be fitted.
pub fn decode() -> Decode {
    let catalog = Catalog::embedded();
    let mut groups: BTreeMap<String, Vec<&'static Measurement>> = BTreeMap::new();
    for row in measurements() {
        let is_ours = row.test == Test::Decode && row.is_plain() && row.kind != Kind::Derived;
        if is_ours && row.skip.is_empty() && !row.gpu.is_empty() {
            let key = format!(
                "{}|{}|{}|{}|{}|{}|{:?}|{}|{}|{}|{}",
                row.gpu,
                row.backend,
                row.engine,
                row.model,
                row.quant,
                row.depth.unwrap_or(0),
                row.output.filter(|_| row.depth.unwrap_or(0) == 0),
                row.cache,
                row.flash,
                is_old(row),
                row.kind == Kind::Served,
            );
            groups.entry(key).or_default().push(row);
        }
    }
    let mut rows = Vec::new();
    for group in groups.values() {
        let measured = group[0];
        let Ok(id) = catalog.find(&measured.model) else { continue };
        let model = catalog.get(id);
        let Ok(level) = measured.level.parse() else { continue };
        let mut rates: Vec<(f64, f64)> = group.iter().map(|row| (row.tokens_per_s, 1.0)).collect();
        let rate = super::stats::quantile(&mut rates, 0.5);
        let depth = depth(measured);
        let Ok(mut work) = Work::new(model, level, cache_types(measured), depth, 1.0) else { continue };
        if let Some(gib) = measured.file_gib {
            work = work.scaled(gib * (1_u64 << 30) as f64 / work.total);
        }
        let facts = facts_of(measured, model, family(catalog, id), level);
        rows.push(Row { measured, model, work, depth, family: facts.family, facts, rate });
    }
    let mut sizes: HashMap<(&str, &str), usize> = HashMap::new();
    for row in &rows {
        *sizes.entry((&row.measured.gpu, row.family)).or_default() += 1;
    }
    let raw: Vec<f64> =
        rows.iter().map(|row| (sizes[&(row.measured.gpu.as_str(), row.family)] as f64).powf(-0.5)).collect();
    let scale = raw.len() as f64 / raw.iter().sum::<f64>();
    let points = rows
        .iter()
        .zip(&raw)
        .map(|(row, weight)| {
            let byte = 1.0 / (row.measured.gbs.unwrap_or(1.0) * 1e9);
            let flop = 1.0 / (peak(&row.measured.gpu, row.measured.gbs) * 1e12);
            Point {
                seconds: seconds(&[
                    (Term::Operations, row.work.operations * 1.1e-5),
                    (Term::Weights, row.work.weights * byte),
                    (Term::Cache, row.work.cache * byte),
                    (Term::Flops, row.work.flops * flop),
                    (Term::Attention, row.work.attention * flop),
                ]),
                measured: -row.rate.ln(),
                weight: weight * scale,
                strength: FULL,
            }
        })
        .collect();
    let facts: Vec<Facts<'_>> = rows.iter().map(|row| row.facts.clone()).collect();
    let mut design = Design::new(&DECODE, points, &facts);
    design.freedom = FREEDOM;
    Decode { design, rows }
}
