//! Energy: watts over time (cost model, §6.1).

use super::super::plan::Range;

/// Joules of a kilowatt-hour.
pub const JOULES_A_KWH: f64 = 3.6e6;

/// Mean power, watts, of a computer that works a share of the time: `idle + duty·(load − idle)`.
pub fn mean_watts(idle_w: f64, load_w: f64, duty: f64) -> f64 {
    duty.mul_add(load_w - idle_w, idle_w)
}

/// Joules a token at so many watts and tokens a second.
pub fn joules_per_token(watts: f64, tokens_per_second: f64) -> f64 {
    watts / tokens_per_second
}

/// Kilowatt-hours a million tokens at so many joules each.
pub fn kwh_per_million(joules_per_token: f64) -> f64 {
    joules_per_token * 1e6 / JOULES_A_KWH
}

/// Kilowatt-hours of `seconds` at `watts`; the two err for different reasons.
pub fn kwh(watts: Range, seconds: Range) -> Range {
    watts.with(seconds).times(1.0 / JOULES_A_KWH)
}
