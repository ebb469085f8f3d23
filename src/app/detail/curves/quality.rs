//! Quality over size: the ladder as points, and which of them no other beats in both.

use crate::app::detail::{Detail, LoadLine};
use crate::estimate::FitClass;
use crate::language::tr;
use crate::quant::Level;
use crate::units::Bytes;

/// Quality kept over the memory that it takes.
#[derive(Clone, Debug, PartialEq)]
pub struct QualityCurve {
    /// A point a level, by memory.
    pub points: Vec<QualityPoint>,
    /// What there is.
    pub line: LoadLine,
    /// What the points alone do not say.
    pub notes: Vec<String>,
}

/// A level.
#[derive(Clone, Debug, PartialEq)]
pub struct QualityPoint {
    /// The level.
    pub level: Level,
    /// Memory that it needs here.
    pub need: Bytes,
    /// Its file.
    pub file: Bytes,
    /// Quality kept, percent: lower end, estimate, upper end.
    pub kept: [f64; 3],
    /// The estimate is good enough for a decimal.
    pub named: bool,
    /// The verdict.
    pub class: FitClass,
    /// No smaller level keeps as much.
    pub front: bool,
    /// It is chosen.
    pub chosen: bool,
}

impl QualityCurve {
    pub(super) fn new(detail: &Detail) -> Self {
        let mut points: Vec<QualityPoint> = detail
            .ladder
            .iter()
            .filter_map(|rung| Some((rung, rung.brief.as_ref().ok()?)))
            .map(|(rung, brief)| QualityPoint {
                level: rung.level,
                need: brief.need,
                file: brief.file_bytes,
                kept: [brief.quality.low, brief.quality.centre, brief.quality.high]
                    .map(|share| share * 100.0),
                named: brief.quality.mid.is_some(),
                class: brief.class,
                front: false,
                chosen: rung.level == detail.level,
            })
            .collect();
        points.sort_by_key(|point| (point.need, std::cmp::Reverse((point.kept[1] * 1e6) as i64)));
        mark_front(&mut points);
        let beaten = points.iter().filter(|point| !point.front).count();
        let mut notes = Vec::new();
        if let Some(chosen) = points.iter().find(|point| point.chosen && !point.front)
            && let Some(better) = better_than(chosen, &points)
        {
            notes.push(tr!(
                "{level} takes no more than {chosen} and keeps at least as much",
                level = better.level,
                chosen = chosen.level
            ));
        }
        if beaten > 0 {
            notes.push(tr!(
                "Small dots: another level takes no more and keeps at least as much ({beaten})",
                beaten
            ));
        }
        Self { points, line: detail.load_line.clone(), notes }
    }
}

/// Marks what no smaller level beats; the points stand by memory.
fn mark_front(points: &mut [QualityPoint]) {
    let mut most = f64::NEG_INFINITY;
    for point in points {
        point.front = point.kept[1] > most;
        most = most.max(point.kept[1]);
    }
}

/// The smallest of the front that keeps at least as much.
fn better_than<'a>(one: &QualityPoint, points: &'a [QualityPoint]) -> Option<&'a QualityPoint> {
    points.iter().find(|other| other.front && other.need <= one.need && other.kept[1] >= one.kept[1])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quant::FileType;

    fn point(need: f64, kept: f64) -> QualityPoint {
        QualityPoint {
            level: Level::Gguf(FileType::Q4KM),
            need: Bytes::from_gib(need),
            file: Bytes::from_gib(need),
            kept: [kept - 1.0, kept, kept + 1.0],
            named: true,
            class: FitClass::Fits,
            front: false,
            chosen: false,
        }
    }

    #[test]
    fn the_front_is_what_nothing_smaller_beats() {
        let mut points =
            vec![point(4.0, 90.0), point(5.0, 89.0), point(6.0, 95.0), point(7.0, 95.0), point(8.0, 99.0)];
        mark_front(&mut points);
        assert_eq!(points.iter().map(|p| p.front).collect::<Vec<_>>(), [true, false, true, false, true]);
        assert_eq!(better_than(&points[1], &points), Some(&points[0]));
        assert_eq!(better_than(&points[3], &points), Some(&points[2]));
    }
}
