//! The figures of what is pinned, and how each differs from the first.

use super::Pinned;
use crate::app::detail::Detail;
use crate::estimate::{FitClass, Plan};
use crate::language::{fixed, mark, text};
use crate::units::{Bytes, gib_text, quality_text, rate_text, seconds_text, tokens_text};

/// A figure of all that is pinned.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// What it is, with its unit: English, as exports have it.
    pub name: &'static str,
    /// One for each that is pinned.
    pub values: Vec<Value>,
    /// They are not all the same.
    pub differs: bool,
    /// The best of them, where one is better than all others.
    pub best: Option<usize>,
}

impl Row {
    /// What it is, on the screen.
    pub fn words(&self) -> &'static str {
        text(self.name)
    }
}

/// One figure.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Value {
    /// As it is shown; `None` is n/a.
    pub text: Option<String>,
    /// How it differs from the first, in words; empty for the first, and where it is the same.
    pub change: String,
    /// The verdict, where that is what is shown.
    pub class: Option<FitClass>,
}

/// How a figure is held against the first.
#[derive(Clone, Copy)]
enum Against {
    /// As a factor: "×1.4".
    Factor,
    /// As a difference in this unit: "+3.1 GiB".
    Difference(&'static str),
    /// It is only the same or another.
    Words,
}

/// A figure before it is words.
struct Figure {
    name: &'static str,
    against: Against,
    /// More is better, less is, or neither.
    better: Option<bool>,
    of: fn(&Detail, &Plan) -> Option<(f64, String)>,
}

const FIGURES: [Figure; 9] = [
    Figure {
        name: mark!("Tokens/s"),
        against: Against::Factor,
        better: Some(true),
        of: |detail, plan| {
            let decode = plan.speed.decode.filter(|_| detail.class() != Some(FitClass::TooBig))?;
            Some((decode.p50, rate_text(decode.p50)))
        },
    },
    Figure {
        name: mark!("Its range"),
        against: Against::Words,
        better: None,
        of: |detail, plan| {
            let decode = plan.speed.decode.filter(|_| detail.class() != Some(FitClass::TooBig))?;
            Some((decode.p10, format!("{}–{}", rate_text(decode.p10), rate_text(decode.p90))))
        },
    },
    Figure {
        name: mark!("First token, s"),
        against: Against::Factor,
        better: Some(false),
        of: |_, plan| plan.speed.ttft.map(|seconds| (seconds.p50, seconds_text(seconds.p50))),
    },
    Figure {
        name: mark!("Memory, GiB"),
        against: Against::Difference("GiB"),
        better: Some(false),
        of: |_, plan| Some(gib(plan.memory.total())),
    },
    Figure {
        name: mark!("On the GPUs, GiB"),
        against: Against::Difference("GiB"),
        better: None,
        of: |_, plan| Some(gib(plan.memory.on_devices())),
    },
    Figure {
        name: mark!("In RAM, GiB"),
        against: Against::Difference("GiB"),
        better: Some(false),
        of: |_, plan| Some(gib(plan.memory.host.total())),
    },
    Figure {
        name: mark!("Longest context"),
        against: Against::Factor,
        better: Some(true),
        of: |_, plan| {
            let longest = plan
                .fit
                .max_context
                .filter(|_| plan.fit.max_context_on_gpu || plan.memory.devices.is_empty())?;
            Some((f64::from(longest), tokens_text(u64::from(longest))))
        },
    },
    Figure {
        name: mark!("Quality kept, %"),
        against: Against::Difference(mark!("points")),
        better: Some(true),
        of: |_, plan| {
            let kept = plan.quality.centre * 100.0;
            Some((kept, quality_text(kept, plan.quality.mid.is_some())))
        },
    },
    Figure {
        name: mark!("File, GB"),
        against: Against::Difference("GB"),
        better: Some(false),
        of: |_, plan| Some((plan.file.bytes.gb(), fixed(plan.file.bytes.gb(), 1))),
    },
];

fn gib(size: Bytes) -> (f64, String) {
    (size.gib(), gib_text(size))
}

/// The figures of all that is pinned.
pub(super) fn rows(pins: &[Pinned]) -> Vec<Row> {
    std::iter::once(verdicts(pins)).chain(FIGURES.iter().map(|figure| row(figure, pins))).collect()
}

fn verdicts(pins: &[Pinned]) -> Row {
    let classes: Vec<Option<FitClass>> = pins.iter().map(|pinned| pinned.detail.class()).collect();
    let value = |class: &Option<FitClass>| Value {
        text: class.map(|class| class.word().to_owned()),
        change: String::new(),
        class: *class,
    };
    let differs = classes.windows(2).any(|pair| pair[0] != pair[1]);
    Row { name: mark!("Verdict"), values: classes.iter().map(value).collect(), differs, best: None }
}

fn row(figure: &Figure, pins: &[Pinned]) -> Row {
    let known: Vec<Option<(f64, String)>> = pins
        .iter()
        .map(|pinned| pinned.detail.plan.as_ref().ok().and_then(|plan| (figure.of)(&pinned.detail, plan)))
        .collect();
    held_against_first(figure.name, figure.against, figure.better, known)
}

fn held_against_first(
    name: &'static str,
    against: Against,
    better: Option<bool>,
    known: Vec<Option<(f64, String)>>,
) -> Row {
    let texts: Vec<Option<&str>> =
        known.iter().map(|value| value.as_ref().map(|value| value.1.as_str())).collect();
    let differs = texts.windows(2).any(|pair| pair[0] != pair[1]);
    let best = better.filter(|_| differs).and_then(|more| best(&known, more));
    let first = known.first().cloned().flatten();
    let values = known
        .into_iter()
        .enumerate()
        .map(|(place, value)| {
            let change = match (&first, &value) {
                (Some(first), Some(value)) if place > 0 && first.1 != value.1 => {
                    change(against, first.0, value.0)
                }
                _ => String::new(),
            };
            Value { text: value.map(|value| value.1), change, class: None }
        })
        .collect();
    Row { name, values, differs, best }
}

/// The one that is better than all others, by what is shown of it.
fn best(known: &[Option<(f64, String)>], more: bool) -> Option<usize> {
    let mut places: Vec<(usize, &(f64, String))> =
        known.iter().enumerate().filter_map(|(place, value)| Some((place, value.as_ref()?))).collect();
    places.sort_by(|a, b| if more { b.1.0.total_cmp(&a.1.0) } else { a.1.0.total_cmp(&b.1.0) });
    match places.as_slice() {
        [first, second, ..] => (first.1.1 != second.1.1).then_some(first.0),
        _ => None,
    }
}

fn change(against: Against, first: f64, value: f64) -> String {
    match against {
        Against::Factor if first > 0.0 && value > 0.0 => match value / first {
            factor if factor >= 9.95 => format!("×{factor:.0}"),
            factor if factor >= 0.1 => format!("×{}", fixed(factor, 2)),
            factor => format!("×{}", fixed(factor, 3)),
        },
        Against::Difference(unit) => {
            let sign = if value < first { '−' } else { '+' };
            let far = (value - first).abs();
            let unit = text(unit);
            if far < 99.95 {
                format!("{sign}{} {unit}", fixed(far, 1))
            } else {
                format!("{sign}{far:.0} {unit}")
            }
        }
        Against::Factor | Against::Words => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(values: &[Option<f64>]) -> Vec<Option<(f64, String)>> {
        values.iter().map(|value| value.map(|value| (value, format!("{value:.1}")))).collect()
    }

    fn changes(row: &Row) -> Vec<&str> {
        row.values.iter().map(|value| value.change.as_str()).collect()
    }

    #[test]
    fn each_is_held_against_the_first() {
        let speeds = known(&[Some(20.0), Some(30.0), None, Some(20.0)]);
        let row = held_against_first("Tokens/s", Against::Factor, Some(true), speeds);
        assert_eq!((changes(&row), row.best, row.differs), (vec!["", "×1.50", "", ""], Some(1), true));
        let sizes = known(&[Some(12.0), Some(8.9), Some(112.0)]);
        let row = held_against_first("GiB", Against::Difference("GiB"), Some(false), sizes);
        assert_eq!((changes(&row), row.best), (vec!["", "−3.1 GiB", "+100 GiB"], Some(1)));
        let row = held_against_first("x", Against::Words, None, known(&[Some(1.0), Some(2.0)]));
        assert_eq!((changes(&row), row.best, row.differs), (vec!["", ""], None, true));
    }

    #[test]
    fn what_is_shown_alike_is_the_same() {
        let row = held_against_first("x", Against::Factor, Some(true), known(&[Some(5.01), Some(5.04)]));
        assert_eq!((changes(&row), row.best, row.differs), (vec!["", ""], None, false));
        let row =
            held_against_first("x", Against::Factor, Some(true), known(&[Some(5.0), Some(7.01), Some(7.02)]));
        assert_eq!(row.best, None, "two are best");
        let row = held_against_first("x", Against::Factor, Some(true), known(&[None, None]));
        assert_eq!((row.best, row.differs), (None, false));
    }
}
