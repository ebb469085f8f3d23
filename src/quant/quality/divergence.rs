//! How far quantization moves a model's predictions, and what that costs in benchmark score.
//!
//! The distance is the mean Kullback–Leibler divergence of the next token's distribution, in nats, or the
//! logarithm of the ratio of perplexities, which is nearly the same for a model that is read plain text.
//! Distances of other kinds (medians, the likeliest tokens alone) are not translated.

use serde::{Deserialize, Serialize};

use super::formula::Formula;
use crate::quant::Level;
use crate::quant::measured::{Measured, Metric};

/// `ln distance = c − bits·b + low_bits·max(0, 3 − b) − iq·[IQ type] + legacy·[Q4_0 …]` with one `c` a model
/// and source, `b` the bits per weight of the file.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// Fall with each bit.
    pub bits: f64,
    /// What is taken back of it below 3 bits.
    pub low_bits: f64,
    /// Less for the IQ types.
    pub iq: f64,
    /// More for `Q4_0`, `Q4_1`, `Q5_0` and `Q5_1`.
    pub legacy: f64,
    /// Standard deviation of `ln distance` around the line of a model.
    pub sd: f64,
}

/// `loss = exp(ln_scale) · distance^power · (params / params_unit)^−params_power`, the last as in the
/// formula of size.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mapping {
    /// Logarithm of the loss of a model of the formula's unit size at a distance of 1.
    pub ln_scale: f64,
    /// Power of the distance.
    pub power: f64,
    /// Standard deviation of `ln loss` for a model that the mapping was not fitted to.
    pub sd: f64,
}

impl Line {
    /// `ln distance − c` of a level.
    pub fn at(&self, level: Level, bits_per_weight: f64) -> f64 {
        let kind = Kind::of(level);
        let flag = |is: bool| if is { 1.0 } else { 0.0 };
        -self.bits * bits_per_weight + self.low_bits * (3.0 - bits_per_weight).max(0.0)
            - self.iq * flag(kind == Kind::Iq)
            + self.legacy * flag(kind == Kind::Legacy)
    }
}

impl Mapping {
    /// Logarithmic loss at a distance.
    pub fn loss(&self, distance: f64, params_total: u64) -> f64 {
        let formula = Formula::embedded();
        self.ln_scale.exp()
            * distance.max(0.0).powf(self.power)
            * formula.relative_size(params_total).powf(-formula.params_power())
    }
}

/// Kinds of llama.cpp's file types that lose differently at the same number of bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The first types, without super-blocks.
    Legacy,
    /// The types with a codebook.
    Iq,
    /// K types and others.
    Other,
}

impl Kind {
    /// The kind of a level.
    pub fn of(level: Level) -> Self {
        match level.file_type().map(crate::quant::FileType::name) {
            Some(name) if name.starts_with("IQ") => Self::Iq,
            Some("Q4_0" | "Q4_1" | "Q5_0" | "Q5_1") => Self::Legacy,
            _ => Self::Other,
        }
    }
}

/// Error of the logarithm of a ratio of perplexities: for the best files it comes out negative as often.
pub const NOISE: f64 = 0.004;

/// A ratio is taken as it is from so many times its error on; below, the line through the model's levels is
/// surer.
const CLEAR: f64 = 5.0;

/// Metrics that are translated, the steadiest first.
pub const METRICS: [Metric; 3] = [Metric::KldMean, Metric::LnPplRatio, Metric::Ppl];

/// The distance that a row states. `base`: perplexity of the unquantized model where the row has none.
pub fn distance(row: &Measured, base: Option<f64>) -> Option<f64> {
    let distance = match row.metric {
        Metric::KldMean | Metric::LnPplRatio => Some(row.value),
        Metric::Ppl => Some((row.value / row.base.or(base)?).ln()),
        _ => None,
    };
    distance.filter(|distance| distance.is_finite() && *distance > 0.0)
}

/// Error of `ln distance` that comes with the metric: a divergence is a mean of positive numbers and has
/// next to none, a ratio of perplexities has [`NOISE`].
pub fn error(metric: Metric, distance: f64) -> f64 {
    if metric == Metric::KldMean { 0.0 } else { NOISE / distance }
}

/// Whether a distance stands out of its noise.
pub fn is_clear(metric: Metric, distance: f64) -> bool {
    error(metric, distance) <= CLEAR.recip()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quant::measured;

    const LINE: Line = Line { bits: 1.4, low_bits: 0.3, iq: 0.4, legacy: 0.5, sd: 0.3 };

    #[test]
    fn kinds_by_name() {
        let kind = |name: &str| Kind::of(name.parse().unwrap());
        assert_eq!(kind("IQ4_XS"), Kind::Iq);
        assert_eq!(kind("Q4_0"), Kind::Legacy);
        assert_eq!(kind("Q4_K_M"), Kind::Other);
        assert_eq!(kind("EXL3-4.0"), Kind::Other);
    }

    #[test]
    fn the_line_bends_below_three_bits() {
        let at = |name: &str, bits| LINE.at(name.parse().unwrap(), bits);
        assert!((at("Q4_K_M", 5.0) + 7.0).abs() < 1e-12);
        assert!((at("IQ2_M", 2.5) - (-3.5 + 0.15 - 0.4)).abs() < 1e-12);
        assert!((at("Q4_0", 4.5) - (-6.3 + 0.5)).abs() < 1e-12);
    }

    #[test]
    fn only_what_can_be_translated_is_a_distance() {
        let all = || measured::models().iter().flat_map(measured::Subjects::levels);
        for (_, row) in all().filter(|(_, row)| !METRICS.contains(&row.metric)) {
            assert_eq!(distance(row, Some(5.0)), None);
        }
        // A perplexity without that of the unquantized model is none either, until one is named.
        let (_, row) = all().find(|(_, row)| row.metric == Metric::Ppl && row.base.is_none()).unwrap();
        assert_eq!(distance(row, None), None);
        assert!(distance(row, Some(row.value / 2.0)).is_some_and(|d| (d - 2_f64.ln()).abs() < 1e-9));
        assert_eq!(distance(row, Some(row.value)), None, "no distance at all");
        assert!(is_clear(Metric::KldMean, 0.001) && !is_clear(Metric::Ppl, 0.001));
        assert!(is_clear(Metric::Ppl, 0.021) && !is_clear(Metric::LnPplRatio, 0.019));
    }

    #[test]
    fn a_larger_model_loses_less_at_the_same_distance() {
        let mapping = Mapping { ln_scale: 0.0, power: 1.1, sd: 0.4 };
        let (small, large) = (mapping.loss(0.1, 8_000_000_000), mapping.loss(0.1, 70_000_000_000));
        assert!(small / large > 5.0 && small / large < 6.0);
        assert_eq!(mapping.loss(-1.0, 8_000_000_000), 0.0);
    }
}
