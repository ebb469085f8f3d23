//! Intervals from residuals: how wide 80 % of the errors are, by evidence, and where they are wider than usual.

use std::collections::{BTreeMap, BTreeSet};

use super::stats::quantile;

/// Share of errors that an interval holds.
const SHARE: f64 = 0.8;
/// Things that were held out that a factor below 1 is shrunk by: so many speak as loud as the belief that it is 1.
const SHRINK: f64 = 2.0;
/// Times that the factors are fitted in turn.
const ROUNDS: usize = 6;

/// A residual and what its width may depend on.
#[derive(Clone, Debug)]
pub struct Sample {
    /// Logarithm of measured over predicted rate.
    pub residual: f64,
    /// Evidence.
    pub evidence: &'static str,
    /// What was held out: all its residuals are off together.
    pub unit: String,
    /// What it may depend on besides: name and value.
    pub traits: Vec<(&'static str, String)>,
}

/// What speaks for a factor.
#[derive(Default)]
struct Group<'a> {
    /// Residuals over widths, with weights.
    offs: Vec<(f64, f64)>,
    units: BTreeSet<&'a str>,
}

/// Widths by evidence, and factors by trait.
pub type Spreads = BTreeMap<String, BTreeMap<String, f64>>;

/// The half-width of an interval that rests on `evidence`.
pub fn width(spreads: &Spreads, evidence: &str, traits: &[(&'static str, String)]) -> f64 {
    let at = |of: &str, value: &str| spreads.get(of).and_then(|known| known.get(value)).copied();
    traits.iter().fold(at("evidence", evidence).unwrap_or(0.7), |width, (of, value)| {
        width * at(of, value).unwrap_or(1.0)
    })
}

/// Fits widths and factors.
pub fn fit(samples: &[Sample]) -> Spreads {
    let mut spreads = Spreads::new();
    let mut names: Vec<&str> = vec!["evidence"];
    for sample in samples {
        for (of, _) in &sample.traits {
            if !names.contains(of) {
                names.push(of);
            }
        }
    }
    for _ in 0..ROUNDS {
        for of in &names {
            let mut groups: BTreeMap<String, Group> = BTreeMap::new();
            for sample in samples {
                let value = if *of == "evidence" {
                    Some(sample.evidence.to_owned())
                } else {
                    sample.traits.iter().find(|(name, _)| name == of).map(|(_, value)| value.clone())
                };
                if let Some(value) = value {
                    let off =
                        sample.residual.abs() / width(&spreads, sample.evidence, &sample.traits).max(1e-9);
                    let group = groups.entry(value).or_default();
                    group.units.insert(&sample.unit);
                    group.offs.push((off, 1.0));
                }
            }
            for (value, Group { mut offs, units }) in groups {
                let factor = quantile(&mut offs, SHARE).max(1e-3);
                let is_width = *of == "evidence";
                let first = if is_width { 0.7 } else { 1.0 };
                let known = spreads.entry((*of).to_owned()).or_default().entry(value).or_insert(first);
                *known *= factor;
                // To be wider than usual takes little, to be narrower takes several.
                if !is_width && *known < 1.0 {
                    let units = units.len() as f64;
                    *known = known.powf(units / (units + SHRINK));
                }
            }
        }
    }
    for values in spreads.values_mut() {
        for value in values.values_mut() {
            *value = (*value * 1e4).round() / 1e4;
        }
    }
    spreads
}
