//! Order of the rows.

use std::cmp::{Ordering, Reverse};

use serde::{Deserialize, Serialize};

use super::Row;
use crate::language::tr;

/// A column of the table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Column {
    /// Verdict.
    #[default]
    Fit,
    /// Name.
    Model,
    /// Parameters.
    Params,
    /// Memory needed.
    Memory,
    /// Decode rate.
    Speed,
    /// Quality kept.
    Quality,
    /// Release month.
    Released,
    /// Downloads in 30 days.
    Downloads,
}

impl Column {
    /// All columns, left to right.
    pub const ALL: [Self; 8] = [
        Self::Fit,
        Self::Model,
        Self::Params,
        Self::Memory,
        Self::Speed,
        Self::Quality,
        Self::Released,
        Self::Downloads,
    ];

    /// Its head, with the unit.
    pub fn title(self) -> &'static str {
        match self {
            Self::Fit => tr!("Fit"),
            Self::Model => tr!("Model"),
            Self::Params => tr!("Params"),
            Self::Memory => tr!("Memory, GiB"),
            Self::Speed => tr!("Tokens/s"),
            Self::Quality => tr!("Quality, %"),
            Self::Released => tr!("Released"),
            Self::Downloads => tr!("Downloads"),
        }
    }

    /// Whether its usual order is from small to large: names from A, memory from little. The others start
    /// with the best, the fastest, the newest.
    pub const fn rises(self) -> bool {
        matches!(self, Self::Model | Self::Memory)
    }
}

/// A column to sort by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sort {
    /// The column.
    pub column: Column,
    /// Against the column's usual order.
    pub reversed: bool,
}

impl Sort {
    /// What a click on the head of `column` makes of this order.
    #[must_use]
    pub fn clicked(self, column: Column) -> Self {
        Self { column, reversed: self.column == column && !self.reversed }
    }

    /// Whether small values stand on top.
    pub const fn rises(self) -> bool {
        self.column.rises() != self.reversed
    }
}

/// Sorts by one column. Equal rows stand by verdict, size, downloads, place in the catalog; rows without a
/// value stand last in either order.
pub(super) fn sort(rows: &mut [Row], sort: Sort) {
    rows.sort_by(|a, b| by_column(a, b, sort).then_with(|| usual(a, b)));
}

fn by_column(a: &Row, b: &Row, sort: Sort) -> Ordering {
    let rises = sort.rises();
    match sort.column {
        // The best verdict is the smallest, and stands on top in the usual order.
        Column::Fit => directed(a.outcome.class(), b.outcome.class(), !rises, Ord::cmp),
        Column::Model => directed(Some(&*a.name), Some(&*b.name), rises, by_name),
        Column::Params => directed(Some(a.params), Some(b.params), rises, Ord::cmp),
        Column::Memory => directed(
            a.outcome.brief().map(|brief| brief.need),
            b.outcome.brief().map(|brief| brief.need),
            rises,
            Ord::cmp,
        ),
        Column::Speed => directed(a.outcome.speed(), b.outcome.speed(), rises, f64::total_cmp),
        Column::Quality => directed(
            a.outcome.brief().map(|brief| brief.quality.point()),
            b.outcome.brief().map(|brief| brief.quality.point()),
            rises,
            f64::total_cmp,
        ),
        Column::Released => directed(Some(&a.released), Some(&b.released), rises, Ord::cmp),
        Column::Downloads => directed(a.downloads, b.downloads, rises, Ord::cmp),
    }
}

/// The order in which the table opens: best verdict first, the largest model of each on top.
fn usual(a: &Row, b: &Row) -> Ordering {
    let key = |row: &Row| {
        (
            row.outcome.class().map_or(u8::MAX, |class| class as u8),
            Reverse(row.params),
            Reverse(row.downloads),
        )
    };
    key(a).cmp(&key(b)).then(a.key.cmp(&b.key))
}

fn directed<T>(a: Option<T>, b: Option<T>, rises: bool, compare: impl Fn(&T, &T) -> Ordering) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) if rises => compare(&a, &b),
        (Some(a), Some(b)) => compare(&b, &a),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    }
}

/// Names as people order them: case aside, runs of digits as numbers (7B before 14B).
fn by_name(left: &&str, right: &&str) -> Ordering {
    let (mut left, mut right) = (*left, *right);
    loop {
        let (Some(l), Some(r)) = (left.chars().next(), right.chars().next()) else {
            return left.len().cmp(&right.len());
        };
        if l.is_ascii_digit() && r.is_ascii_digit() {
            let (l, r) = (digits(left), digits(right));
            let number = |text: &str| text.parse::<u64>().unwrap_or(u64::MAX);
            let order = number(l).cmp(&number(r)).then(l.len().cmp(&r.len()));
            if order.is_ne() {
                return order;
            }
            (left, right) = (&left[l.len()..], &right[r.len()..]);
        } else {
            let order = l.to_lowercase().cmp(r.to_lowercase());
            if order.is_ne() {
                return order;
            }
            (left, right) = (&left[l.len_utf8()..], &right[r.len_utf8()..]);
        }
    }
}

fn digits(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_ordered_as_people_do() {
        let mut names = ["Qwen3 14B", "gpt-oss 20B", "Qwen3 8B", "Gemma 3 27B", "Qwen2.5 7B", "qwen3 8B"];
        names.sort_by(by_name);
        assert_eq!(names, ["Gemma 3 27B", "gpt-oss 20B", "Qwen2.5 7B", "Qwen3 8B", "qwen3 8B", "Qwen3 14B"]);
    }

    #[test]
    fn nothing_stands_last_in_either_order() {
        for rises in [true, false] {
            assert_eq!(directed(Some(1), None, rises, Ord::cmp), Ordering::Less);
            assert_eq!(directed(None, Some(1), rises, Ord::cmp), Ordering::Greater);
        }
        assert_eq!(directed(Some(1), Some(2), true, Ord::cmp), Ordering::Less);
        assert_eq!(directed(Some(1), Some(2), false, Ord::cmp), Ordering::Greater);
    }

    #[test]
    fn a_second_click_turns_the_order_round() {
        let sort = Sort::default().clicked(Column::Speed);
        assert_eq!(sort, Sort { column: Column::Speed, reversed: false });
        assert!(!sort.rises());
        assert!(sort.clicked(Column::Speed).rises());
        assert_eq!(sort.clicked(Column::Speed).clicked(Column::Speed), sort);
        assert!(sort.clicked(Column::Memory).rises());
    }
}
