//! An axis: from values to places along it and back, and its marks.

use super::quantity::{Quantity, Scale};
use crate::app::dates::month_text;
use crate::language::localized;

/// An axis with its range. Places run from 0 at its beginning to 1 at its end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Axis {
    /// What it shows.
    pub quantity: Quantity,
    /// Its ends, on its scale.
    low: f64,
    high: f64,
}

/// A mark of an axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// Where: 0 to 1.
    pub place: f64,
    /// Its number.
    pub text: String,
    /// A power of ten, a year: its line is stronger.
    pub strong: bool,
}

/// Part of the range that stays free at each end, so that no point lies on the frame.
const MARGIN: f64 = 0.03;

impl Axis {
    /// An axis around `values`, rounded outward to marks so that it rests while values move a little. Without any
    /// value it has one decade or year.
    pub fn around(quantity: Quantity, values: impl IntoIterator<Item = f64>) -> Self {
        let scale = quantity.scale();
        let (mut low, mut high) = values
            .into_iter()
            .map(|value| onto(scale, value))
            .filter(|place| place.is_finite())
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
        if low > high {
            (low, high) = match scale {
                Scale::Linear => (0.0, 100.0),
                Scale::Log => (0.0, 1.0),
                Scale::Octaves => (12.0, 17.0),
                Scale::Months => (2024.0 * 12.0, 2025.0 * 12.0),
            };
        }
        let margin = (high - low).max(0.01) * MARGIN;
        let (low, high) = (low - margin, high + margin);
        let (low, high) = match scale {
            Scale::Log => (down_to_mark(low), -down_to_mark(-high)),
            Scale::Octaves => (low.floor(), high.ceil()),
            Scale::Months => ((low / 6.0).floor() * 6.0, (high / 6.0).ceil() * 6.0),
            Scale::Linear => {
                let step = nice((high - low) / 8.0);
                // Nothing is below none, and no quality is more than all of it.
                (
                    ((low / step).floor() * step).max(-margin),
                    ((high / step).ceil() * step).min(100.0 + margin),
                )
            }
        };
        Self { quantity, low, high: if high > low { high } else { low + 1.0 } }
    }

    /// Where a value lies; beyond 0 and 1 outside the range.
    pub fn place(&self, value: f64) -> f64 {
        (onto(self.quantity.scale(), value) - self.low) / (self.high - self.low)
    }

    /// The value at a place.
    pub fn value(&self, place: f64) -> f64 {
        let on_scale = self.low + place * (self.high - self.low);
        match self.quantity.scale() {
            Scale::Linear | Scale::Months => on_scale,
            Scale::Log => 10f64.powf(on_scale),
            Scale::Octaves => on_scale.exp2(),
        }
    }

    /// Marks between the places `from` and `to`, at most about `most` of them.
    pub fn ticks(&self, from: f64, to: f64, most: usize) -> Vec<Tick> {
        let (low, high) = (self.on_scale(from), self.on_scale(to));
        let room = (high - low) / most.max(2) as f64;
        let marks: Vec<(f64, bool)> = match self.quantity.scale() {
            Scale::Log => log_marks(low, high, room),
            Scale::Octaves => steps(low, high, room.ceil().max(1.0)).map(|at| (at, false)).collect(),
            Scale::Linear => steps(low, high, nice(room)).map(|at| (at, false)).collect(),
            Scale::Months => {
                let step = [1.0, 3.0, 6.0, 12.0, 24.0, 60.0].into_iter().find(|step| *step >= room);
                steps(low, high, step.unwrap_or(120.0)).map(|at| (at, at % 12.0 == 0.0)).collect()
            }
        };
        // Far in, as many digits as tell neighbours apart.
        let with = |digits: i32| -> Vec<Tick> {
            marks.iter().map(|(at, strong)| self.tick(*at, *strong, digits)).collect()
        };
        let are_told_apart = |ticks: &Vec<Tick>| ticks.windows(2).all(|pair| pair[0].text != pair[1].text);
        (2..8).map(with).find(are_told_apart).unwrap_or_else(|| with(8))
    }

    fn on_scale(&self, place: f64) -> f64 {
        self.low + place * (self.high - self.low)
    }

    fn tick(&self, at: f64, strong: bool, digits: i32) -> Tick {
        let place = (at - self.low) / (self.high - self.low);
        let text = match self.quantity.scale() {
            Scale::Linear => number(at, digits),
            Scale::Log => number(10f64.powf(at), digits),
            Scale::Octaves => self.quantity.text(at.exp2().round()),
            Scale::Months if at % 12.0 == 0.0 => format!("{:.0}", at / 12.0),
            Scale::Months => month_text(at).chars().take(3).collect(),
        };
        Tick { place, text, strong }
    }
}

/// A value on the scale of an axis.
fn onto(scale: Scale, value: f64) -> f64 {
    match scale {
        Scale::Linear | Scale::Months => value,
        Scale::Log => value.log10(),
        Scale::Octaves => value.log2(),
    }
}

/// The highest of 1, 2 and 5 times a power of ten that is not above `10^at`, as its logarithm.
fn down_to_mark(at: f64) -> f64 {
    // Twice the mantissa from below is half of one from above, so this serves both ends: -log 2 is log 5 less one.
    let decade = at.floor();
    let rest = at - decade + 1e-9;
    let mark = [5f64, 2.0].into_iter().map(f64::log10).find(|mark| *mark <= rest).unwrap_or(0.0);
    decade + mark
}

/// Powers of ten, with their doubles and fives between where there is room for them.
fn log_marks(low: f64, high: f64, room: f64) -> Vec<(f64, bool)> {
    let mut marks = Vec::new();
    let every = room.ceil().max(1.0);
    if room > 0.31 {
        return steps(low, high, every).map(|at| (at, true)).collect();
    }
    // Far in, a decade is wider than the field: evenly spaced values are marked.
    let span = 10f64.powf(high) - 10f64.powf(low);
    if high - low < 1.0 {
        let step = nice(span * room / (high - low));
        let values = steps(10f64.powf(low), 10f64.powf(high), step);
        return values.filter(|value| *value > 0.0).map(|value| (value.log10(), false)).collect();
    }
    let mut decade = low.floor();
    while decade <= high {
        for mantissa in [1.0f64, 2.0, 5.0] {
            let at = decade + mantissa.log10();
            if at >= low - 1e-9 && at <= high + 1e-9 {
                marks.push((at, mantissa == 1.0));
            }
        }
        decade += 1.0;
    }
    marks
}

/// Multiples of `step` from `low` to `high`.
fn steps(low: f64, high: f64, step: f64) -> impl Iterator<Item = f64> {
    let first = (low / step - 1e-9).ceil();
    let count = ((high / step + 1e-9).floor() - first).clamp(-1.0, 200.0);
    (0..=(count as i64)).map(move |n| (first + n as f64) * step)
}

/// The smallest of 1, 2 and 5 times a power of ten that is not below `step`.
fn nice(step: f64) -> f64 {
    let decade = 10f64.powf(step.max(1e-12).log10().floor());
    let mantissa = [1.0, 2.0, 5.0].into_iter().find(|mantissa| mantissa * decade >= step * (1.0 - 1e-9));
    mantissa.unwrap_or(10.0) * decade
}

/// A mark's number with so many digits behind its first, without zeros that say nothing.
fn number(value: f64, digits: i32) -> String {
    let digits = (digits - value.abs().max(1e-6).log10().floor() as i32).clamp(0, 9) as usize;
    let text = format!("{value:.digits$}");
    let text =
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text };
    localized(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(axis: &Axis, most: usize) -> Vec<String> {
        axis.ticks(0.0, 1.0, most).into_iter().map(|tick| tick.text).collect()
    }

    #[test]
    fn a_log_axis_is_marked_at_1_2_and_5() {
        let axis = Axis::around(Quantity::Memory, [0.62, 19.7, 402.0]);
        assert_eq!(texts(&axis, 14), ["0.5", "1", "2", "5", "10", "20", "50", "100", "200", "500"]);
        assert_eq!(texts(&axis, 5), ["1", "10", "100"]);
        assert!((axis.place(0.5)).abs() < 1e-9 && (axis.place(500.0) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn places_and_values_are_the_same_thing() {
        for quantity in Quantity::ALL {
            // No share is more than all of it.
            let unit = if quantity.scale() == Scale::Linear { 1e-3 } else { 1.0 };
            let values = [20_000.0 * unit, 24_300.0 * unit, 31_000.0 * unit];
            let axis = Axis::around(quantity, values);
            for value in values {
                let place = axis.place(value);
                assert!(place > 0.0 && place < 1.0, "{quantity:?} {value}: {place}");
                assert!((axis.value(place) / value - 1.0).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn an_axis_rests_while_values_move_a_little() {
        let at = |gib: f64| Axis::around(Quantity::Memory, [0.7, gib]);
        assert_eq!(at(310.0), at(333.0));
        assert_ne!(at(310.0), at(700.0));
    }

    #[test]
    fn contexts_are_powers_of_two_and_dates_are_years() {
        let axis = Axis::around(Quantity::Context, [5_000.0, 131_072.0]);
        assert_eq!(texts(&axis, 8), ["4K", "8K", "16K", "32K", "64K", "128K", "256K"]);
        let axis = Axis::around(Quantity::Released, [2023.0 * 12.0 + 2.0, 2026.0 * 12.0 + 3.0]);
        assert_eq!(texts(&axis, 4), ["2023", "2024", "2025", "2026"]);
        assert_eq!(texts(&axis, 8), ["2023", "Jul", "2024", "Jul", "2025", "Jul", "2026", "Jul"]);
    }

    #[test]
    fn percent_has_round_steps() {
        let axis = Axis::around(Quantity::Kept, [91.2, 99.6, 100.0]);
        assert_eq!(texts(&axis, 6), ["90", "92", "94", "96", "98", "100"]);
    }

    #[test]
    fn far_in_there_are_still_marks() {
        let axis = Axis::around(Quantity::Memory, [0.6, 402.0]);
        for (from, to) in [(0.3, 0.5), (0.40, 0.42), (0.40, 0.4002)] {
            let ticks = axis.ticks(from, to, 8);
            assert!((3..=12).contains(&ticks.len()), "{from} to {to}: {ticks:?}");
            assert!(ticks.iter().all(|tick| tick.place >= from - 1e-6 && tick.place <= to + 1e-6));
            let mut texts: Vec<&str> = ticks.iter().map(|tick| tick.text.as_str()).collect();
            texts.dedup();
            assert_eq!(texts.len(), ticks.len(), "{texts:?}");
        }
    }

    #[test]
    fn nothing_and_one_value_have_an_axis_too() {
        for quantity in Quantity::ALL {
            assert!(!texts(&Axis::around(quantity, []), 8).is_empty(), "{quantity:?}");
            let axis = Axis::around(quantity, [40.0]);
            assert!((0.0..=1.0).contains(&axis.place(40.0)), "{quantity:?}");
        }
    }
}
