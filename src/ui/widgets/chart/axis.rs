//! Axes: where values lie, and which of them are named.

use crate::language::fixed;

/// How values lie along an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// Equal steps are equally long.
    Linear,
    /// Equal ratios are equally long.
    Log,
}

/// An axis: its range, and the values that are named.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    scale: Scale,
    from: f64,
    to: f64,
    /// Values with their words, rising.
    pub ticks: Vec<(f64, String)>,
}

impl Axis {
    /// Doublings of a number from `from` to `to`, both above 0, each named by `words`.
    pub fn doublings(from: u32, to: u32, words: impl Fn(u64) -> String) -> Self {
        let (from, to) = (from.max(1), to.max(from.max(1).saturating_add(1)));
        let powers = (0..=32).map(|power| 1_u64 << power);
        let ticks = powers
            .filter(|value| (u64::from(from)..=u64::from(to)).contains(value))
            .map(|value| (value as f64, words(value)))
            .collect();
        Self { scale: Scale::Log, from: f64::from(from), to: f64::from(to), ticks }
    }

    /// From `from` to `to`, both above 0, equal ratios equally long, named at 1, 2 and 5 times powers of ten.
    pub fn logarithmic(from: f64, to: f64) -> Self {
        let from = from.max(1e-3);
        let to = to.max(from * 1.01);
        let steps = (-3..7).flat_map(|power| [1.0, 2.0, 5.0].map(|k| k * 10f64.powi(power)));
        let ticks =
            steps.filter(|value| (from..=to).contains(value)).map(|value| (value, words(value, value)));
        Self { scale: Scale::Log, from, to, ticks: ticks.collect() }
    }

    /// From 0 to a round number that is not below `most`, in at most five steps.
    pub fn rising(most: f64) -> Self {
        let (top, step) = nice_top(most);
        let count = (top / step).round() as u32;
        let ticks =
            (0..=count).map(|n| f64::from(n) * step).map(|value| (value, words(value, step))).collect();
        Self { scale: Scale::Linear, from: 0.0, to: top, ticks }
    }

    /// From `from` to `to`, named at round numbers.
    pub fn between(from: f64, to: f64) -> Self {
        let (from, to) = if to > from { (from, to) } else { (from, from + 1.0) };
        let (_, step) = nice_top(to - from);
        let first = (from / step).ceil() as i64;
        let last = (to / step).floor() as i64;
        let ticks =
            (first..=last.min(first + 20)).map(|n| n as f64 * step).map(|value| (value, words(value, step)));
        Self { scale: Scale::Linear, from, to, ticks: ticks.collect() }
    }

    /// Share of the axis at which a value lies: 0 at its begin, 1 at its end; beyond them outside the range.
    pub fn share(&self, value: f64) -> f64 {
        match self.scale {
            Scale::Linear => (value - self.from) / (self.to - self.from),
            Scale::Log => (value.max(f64::MIN_POSITIVE) / self.from).ln() / (self.to / self.from).ln(),
        }
    }

    /// The value at a share of the axis.
    pub fn value(&self, share: f64) -> f64 {
        match self.scale {
            Scale::Linear => self.from + share * (self.to - self.from),
            Scale::Log => self.from * (self.to / self.from).powf(share),
        }
    }

    /// Whether a value lies on the axis.
    pub fn holds(&self, value: f64) -> bool {
        (self.from..=self.to).contains(&value)
    }
}

fn words(value: f64, step: f64) -> String {
    if step < 0.1 {
        fixed(value, 2)
    } else if step < 1.0 {
        fixed(value, 1)
    } else {
        format!("{value:.0}")
    }
}

/// The smallest round number that is not below `most`, and a step of 1, 2 or 5 that divides it in at most
/// five.
pub(in crate::ui::widgets) fn nice_top(most: f64) -> (f64, f64) {
    if !(most.is_finite() && most > 0.0) {
        return (1.0, 0.5);
    }
    let power = 10f64.powf((most / 5.0).log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].map(|k| k * power).into_iter().find(|step| step * 5.0 >= most);
    let step = step.unwrap_or(power * 10.0);
    ((most / step).ceil() * step, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_end_on_round_numbers() {
        assert_eq!(nice_top(36.0), (40.0, 10.0));
        assert_eq!(nice_top(0.7), (0.8, 0.2));
        assert_eq!(nice_top(305.0), (400.0, 100.0));
        assert_eq!(nice_top(5.0), (5.0, 1.0));
        assert_eq!(nice_top(0.0), (1.0, 0.5));
        assert_eq!(nice_top(f64::NAN), (1.0, 0.5));
    }

    #[test]
    fn doublings_are_equally_far() {
        let axis = Axis::doublings(2048, 16_384, |value| value.to_string());
        let shares: Vec<f64> = axis.ticks.iter().map(|(value, _)| axis.share(*value)).collect();
        for (share, wanted) in shares.iter().zip([0.0, 1.0 / 3.0, 2.0 / 3.0, 1.0]) {
            assert!((share - wanted).abs() < 1e-9, "{shares:?}");
        }
        assert!((axis.value(1.0 / 3.0) - 4096.0).abs() < 1e-6);
        assert!(axis.holds(3000.0) && !axis.holds(100.0));
    }

    #[test]
    fn ticks_between_are_round() {
        let axis = Axis::between(87.3, 100.0);
        let words: Vec<&str> = axis.ticks.iter().map(|(_, words)| words.as_str()).collect();
        assert_eq!(words, ["90", "95", "100"]);
        assert_eq!(Axis::rising(0.0).ticks.len(), 3);
        assert!(Axis::between(5.0, 5.0).share(5.5).is_finite());
    }
}
