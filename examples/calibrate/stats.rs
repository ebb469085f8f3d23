//! Weighted quantiles, and errors in words.

/// The value below which the share `q` of the weight lies. Sorts `values`, pairs of value and weight.
pub fn quantile(values: &mut [(f64, f64)], q: f64) -> f64 {
    values.sort_by(|a, b| a.0.total_cmp(&b.0));
    let all: f64 = values.iter().map(|(_, weight)| weight).sum();
    let mut sum = 0.0;
    for (value, weight) in values.iter() {
        sum += weight;
        if sum >= q * all {
            return *value;
        }
    }
    values.last().map_or(0.0, |(value, _)| *value)
}

/// Errors of predictions: shares of the measured rate.
#[derive(Clone, Copy, Debug)]
pub struct Errors {
    /// Measurements.
    pub count: usize,
    /// Median.
    pub median: f64,
    /// 90th percentile.
    pub p90: f64,
    /// Median of measured over predicted, less 1.
    pub bias: f64,
}

impl Errors {
    /// Errors of logarithms of measured over predicted rate, each with its weight.
    pub fn of(residuals: &[(f64, f64)]) -> Self {
        let mut off: Vec<(f64, f64)> = residuals.iter().map(|(r, w)| ((-r).exp_m1().abs(), *w)).collect();
        let mut signed = residuals.to_vec();
        Self {
            count: residuals.len(),
            median: quantile(&mut off, 0.5),
            p90: quantile(&mut off, 0.9),
            bias: quantile(&mut signed, 0.5).exp_m1(),
        }
    }
}
