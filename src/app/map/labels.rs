//! Where names stand among points: none over another, over a point or over a line.
//!
//! Greedy: names come in the order of their importance, and each takes the first of its places that is free. So the
//! same points always get the same names, and what matters most is named first. A line that leads from a name to its
//! point crosses no other such line and no point, or there is no name; one that must be there may cross points. Coordinates are those of the screen.

/// A rectangle of the screen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Area {
    /// Left and top edge.
    pub min: [f32; 2],
    /// Right and bottom edge.
    pub max: [f32; 2],
}

impl Area {
    fn around(center: [f32; 2], radius: f32) -> Self {
        Self { min: [center[0] - radius, center[1] - radius], max: [center[0] + radius, center[1] + radius] }
    }

    fn of(min: [f32; 2], size: [f32; 2]) -> Self {
        Self { min, max: [min[0] + size[0], min[1] + size[1]] }
    }

    fn between([a, b]: [[f32; 2]; 2]) -> Self {
        let axes = [0, 1];
        Self { min: axes.map(|axis| a[axis].min(b[axis])), max: axes.map(|axis| a[axis].max(b[axis])) }
    }

    /// Whether the two have any point in common beyond their edges.
    pub fn overlaps(&self, other: &Self) -> bool {
        (0..2).all(|axis| self.min[axis] < other.max[axis] && other.min[axis] < self.max[axis])
    }

    fn contains(&self, other: &Self) -> bool {
        (0..2).all(|axis| self.min[axis] <= other.min[axis] && other.max[axis] <= self.max[axis])
    }

    /// Whether a line from `a` to `b` has a part inside (Liang and Barsky's clipping).
    pub fn crosses(&self, a: [f32; 2], b: [f32; 2]) -> bool {
        let (mut enters, mut leaves) = (0.0f32, 1.0f32);
        for axis in 0..2 {
            let along = b[axis] - a[axis];
            let to = [self.min[axis] - a[axis], self.max[axis] - a[axis]];
            if along.abs() < 1e-6 {
                if to[0] >= 0.0 || to[1] <= 0.0 {
                    return false;
                }
                continue;
            }
            let (first, last) = (to[0] / along, to[1] / along);
            enters = enters.max(first.min(last));
            leaves = leaves.min(first.max(last));
        }
        enters < leaves
    }
}

/// Whether two lines have a point in common, other than where both lie on one line.
fn lines_cross([a, b]: [[f32; 2]; 2], [c, d]: [[f32; 2]; 2]) -> bool {
    let side =
        |p: [f32; 2], q: [f32; 2], r: [f32; 2]| (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0]);
    side(a, b, c) * side(a, b, d) <= 0.0 && side(c, d, a) * side(c, d, b) <= 0.0
}

/// How far a point is from a line.
fn distance(at: [f32; 2], [a, b]: [[f32; 2]; 2]) -> f32 {
    let along = [b[0] - a[0], b[1] - a[1]];
    let length = along[0].mul_add(along[0], along[1] * along[1]).max(1e-6);
    let share = ((at[0] - a[0]) * along[0] + (at[1] - a[1]) * along[1]) / length;
    let share = share.clamp(0.0, 1.0);
    (at[0] - a[0] - share * along[0]).hypot(at[1] - a[1] - share * along[1])
}

/// A name that is to be placed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Name {
    /// Its point, among those that are shown.
    pub point: usize,
    /// Its size.
    pub size: [f32; 2],
    /// It may be moved away from its point, with a line that leads back.
    pub may_move: bool,
    /// Where no such line is clear of points, one that is not will do.
    pub must_be: bool,
}

/// A name with its place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Placed {
    /// Its point.
    pub point: usize,
    /// Where it stands.
    pub area: Area,
    /// From the point's edge to the name, where it was moved away.
    pub leader: Option<[[f32; 2]; 2]>,
}

/// Space between a point and its name.
const GAP: f32 = 4.0;
/// Space around a name that no other takes.
const CLEAR: [f32; 2] = [3.0, 1.0];
/// Space between a line that leads to a name and the points that it passes.
const LEADER_CLEAR: f32 = 0.5;
/// How far a name may be moved, nearest first.
const REACH: [f32; 5] = [18.0, 32.0, 48.0, 66.0, 90.0];
/// Directions in which it is moved, in twelfths of a turn from the right: upward first, where plots are emptier.
const DIRECTIONS: [i32; 12] = [-1, -2, -3, -5, -4, 1, 2, 0, -6, 5, 4, 3];

/// Places names in `field`, in their order of importance, at most `most` of them. `points` are the centres of all
/// points, `radius` theirs; nothing is placed on an `obstacle`.
pub fn place(
    field: Area,
    points: &[[f32; 2]],
    radius: f32,
    obstacles: &[Area],
    names: &[Name],
    most: usize,
) -> Vec<Placed> {
    let near = Near::new(field, points);
    let mut placed: Vec<Placed> = Vec::new();
    for name in names {
        if placed.len() == most {
            break;
        }
        let Some(at) = points.get(name.point).copied() else { continue };
        let is_free = |place: &Placed| {
            let taken = Area {
                min: [place.area.min[0] - CLEAR[0], place.area.min[1] - CLEAR[1]],
                max: [place.area.max[0] + CLEAR[0], place.area.max[1] + CLEAR[1]],
            };
            field.contains(&place.area)
                && !obstacles.iter().any(|obstacle| obstacle.overlaps(&place.area))
                && !near.any(&place.area, |other| {
                    other != name.point && Area::around(points[other], radius).overlaps(&place.area)
                })
                && !placed.iter().any(|other| {
                    other.area.overlaps(&taken)
                        || other.leader.is_some_and(|[a, b]| place.area.crosses(a, b))
                        || place.leader.is_some_and(|[a, b]| other.area.crosses(a, b))
                        || place.leader.zip(other.leader).is_some_and(|(one, two)| lines_cross(one, two))
                })
        };
        let is_clear = |place: &Placed| {
            // Points that touch its own lie under its beginning.
            place.leader.is_none_or(|leader| {
                !near.any(&Area::between(leader), |other| {
                    let [x, y] = points[other];
                    (x - at[0]).hypot(y - at[1]) > 2.0 * radius
                        && distance([x, y], leader) < radius + LEADER_CLEAR
                })
            })
        };
        let mut candidates = beside(name, at, radius).to_vec();
        if name.may_move {
            candidates.extend(moved(name, at, radius));
        }
        candidates.retain(is_free);
        let best = candidates.iter().find(|place| is_clear(place));
        placed.extend(best.or_else(|| candidates.first().filter(|_| name.must_be)).copied());
    }
    placed
}

/// Right, left, above, below.
fn beside(name: &Name, at: [f32; 2], radius: f32) -> [Placed; 4] {
    let [width, height] = name.size;
    let away = radius + GAP;
    [
        [at[0] + away, at[1] - height / 2.0],
        [at[0] - away - width, at[1] - height / 2.0],
        [at[0] - width / 2.0, at[1] - radius - 1.0 - height],
        [at[0] - width / 2.0, at[1] + radius + 1.0],
    ]
    .map(|min| Placed { point: name.point, area: Area::of(min, name.size), leader: None })
}

/// Further away, with a line that leads to the nearest edge.
fn moved(name: &Name, at: [f32; 2], radius: f32) -> Vec<Placed> {
    let [width, height] = name.size;
    let place = |reach: f32, direction: i32| {
        let angle = std::f32::consts::TAU * direction as f32 / 12.0;
        let toward = [angle.cos(), angle.sin()];
        let end = [at[0] + (radius + reach) * toward[0], at[1] + (radius + reach) * toward[1]];
        let left = match toward[0] {
            right if right > 0.2 => end[0] + 2.0,
            right if right < -0.2 => end[0] - 2.0 - width,
            _ => end[0] - width / 2.0,
        };
        let top = match toward[1] {
            down if down > 0.95 => end[1] + 1.0,
            down if down < -0.95 => end[1] - 1.0 - height,
            _ => end[1] - height / 2.0,
        };
        let start = [at[0] + radius * toward[0], at[1] + radius * toward[1]];
        Placed { point: name.point, area: Area::of([left, top], name.size), leader: Some([start, end]) }
    };
    REACH.into_iter().flat_map(|reach| DIRECTIONS.map(|direction| place(reach, direction))).collect()
}

/// Points by where they are, so that a name asks only those around it.
struct Near {
    min: [f32; 2],
    columns: usize,
    rows: usize,
    cells: Vec<Vec<usize>>,
}

impl Near {
    /// Side of a cell: more than a point's diameter.
    const CELL: f32 = 24.0;

    fn new(field: Area, points: &[[f32; 2]]) -> Self {
        let count =
            |axis: usize| ((field.max[axis] - field.min[axis]) / Self::CELL).clamp(0.0, 1000.0) as usize + 1;
        let (columns, rows) = (count(0), count(1));
        let mut near = Self { min: field.min, columns, rows, cells: vec![Vec::new(); columns * rows] };
        for (place, point) in points.iter().enumerate() {
            let (column, row) = near.cell(*point);
            near.cells[row * columns + column].push(place);
        }
        near
    }

    fn cell(&self, at: [f32; 2]) -> (usize, usize) {
        let of = |axis: usize, count: usize| {
            (((at[axis] - self.min[axis]) / Self::CELL).max(0.0) as usize).min(count - 1)
        };
        (of(0, self.columns), of(1, self.rows))
    }

    /// Whether any point in the cells in and around `area` is meant.
    fn any(&self, area: &Area, is_meant: impl Fn(usize) -> bool) -> bool {
        let around = |at: [f32; 2], by: f32| self.cell([at[0] + by, at[1] + by]);
        let (left, top) = around(area.min, -Self::CELL);
        let (right, bottom) = around(area.max, Self::CELL);
        (top..=bottom).any(|row| {
            (left..=right)
                .any(|column| self.cells[row * self.columns + column].iter().any(|place| is_meant(*place)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELD: Area = Area { min: [0.0, 0.0], max: [700.0, 560.0] };
    const RADIUS: f32 = 5.0;

    /// Points that crowd around a line, as models do.
    fn crowd(count: usize) -> Vec<[f32; 2]> {
        let mut seed = 42u64;
        let mut next = || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 40) as f32 / (1u64 << 24) as f32
        };
        (0..count)
            .map(|_| {
                let along = next();
                [20.0 + 660.0 * along, 20.0 + 400.0 * along + 120.0 * next()]
            })
            .collect()
    }

    fn names(count: usize) -> Vec<Name> {
        (0..count)
            .map(|point| Name {
                point,
                size: [60.0 + (point % 7) as f32 * 9.0, 14.0],
                may_move: point < 20,
                must_be: false,
            })
            .collect()
    }

    #[test]
    fn no_name_lies_on_a_name_a_point_an_obstacle_or_outside() {
        let points = crowd(458);
        let line = Area { min: [300.0, 0.0], max: [302.0, 560.0] };
        let placed = place(FIELD, &points, RADIUS, &[line], &names(458), 60);
        assert!(placed.len() >= 20, "{} names", placed.len());
        for (i, one) in placed.iter().enumerate() {
            assert!(FIELD.contains(&one.area) && !one.area.overlaps(&line));
            for (j, other) in placed.iter().enumerate().filter(|(j, _)| *j != i) {
                assert!(!one.area.overlaps(&other.area), "{i} {j}");
                assert!(!other.leader.is_some_and(|[a, b]| one.area.crosses(a, b)), "{i} {j}");
            }
            for (point, at) in points.iter().enumerate().filter(|(point, _)| *point != one.point) {
                assert!(!Area::around(*at, RADIUS).overlaps(&one.area), "{i} on {point}");
            }
        }
    }

    #[test]
    fn no_line_crosses_a_line_or_a_point() {
        let points = crowd(458);
        let placed = place(FIELD, &points, RADIUS, &[], &names(458), 60);
        let lines: Vec<(usize, [[f32; 2]; 2])> =
            placed.iter().filter_map(|placed| Some((placed.point, placed.leader?))).collect();
        assert!(lines.len() >= 5, "{} lines", lines.len());
        for (i, (own, one)) in lines.iter().enumerate() {
            assert!(!lines[..i].iter().any(|(_, other)| lines_cross(*one, *other)), "line {i}");
            for at in &points {
                let apart = (at[0] - points[*own][0]).hypot(at[1] - points[*own][1]);
                assert!(apart <= 2.0 * RADIUS || distance(*at, *one) >= RADIUS, "line {i} over {at:?}");
            }
        }
    }

    #[test]
    fn lines_that_cross_and_lines_that_do_not() {
        let line = [[0.0, 0.0], [10.0, 10.0]];
        assert!(lines_cross(line, [[0.0, 10.0], [10.0, 0.0]]));
        assert!(
            !lines_cross(line, [[0.0, 10.0], [4.0, 6.0]]) && !lines_cross(line, [[0.0, 1.0], [9.0, 10.0]])
        );
        assert!((distance([10.0, 0.0], line) - 50f32.sqrt()).abs() < 1e-4);
        assert!((distance([13.0, 14.0], line) - 5.0).abs() < 1e-4, "beyond its end");
    }

    #[test]
    fn the_same_points_get_the_same_names() {
        let points = crowd(200);
        let once = place(FIELD, &points, RADIUS, &[], &names(200), 40);
        assert_eq!(once, place(FIELD, &points, RADIUS, &[], &names(200), 40));
        assert!(once.len() <= 40);
    }

    #[test]
    fn what_matters_most_is_named_first() {
        // Two points so close that only one of the short names fits to their right.
        let points = [[100.0, 100.0], [100.0, 101.0]];
        let name = |point| Name { point, size: [650.0, 14.0], may_move: false, must_be: false };
        let field = Area { min: [0.0, 90.0], max: [790.0, 112.0] };
        for first in [0, 1] {
            let placed = place(field, &points, 0.4, &[], &[name(first), name(1 - first)], 9);
            assert_eq!(placed.iter().map(|p| p.point).collect::<Vec<_>>(), [first]);
        }
    }

    #[test]
    fn a_name_without_room_moves_away_with_a_line_that_leads_back() {
        let at = [350.0, 280.0];
        let mut points = vec![at];
        points.extend((0..4).map(|n| {
            let angle = n as f32 * std::f32::consts::TAU / 4.0;
            [at[0] + 13.0 * angle.cos(), at[1] + 13.0 * angle.sin()]
        }));
        let name = |may_move, must_be| [Name { point: 0, size: [70.0, 14.0], may_move, must_be }];
        assert!(place(FIELD, &points, RADIUS, &[], &name(false, true), 9).is_empty());
        let placed = place(FIELD, &points, RADIUS, &[], &name(true, false), 9);
        // A wall around it, which every line crosses.
        points.extend((0..60).map(|n| {
            let angle = n as f32 * std::f32::consts::TAU / 60.0;
            [at[0] + 26.0 * angle.cos(), at[1] + 26.0 * angle.sin()]
        }));
        assert!(place(FIELD, &points, RADIUS, &[], &name(true, false), 9).is_empty());
        assert_eq!(place(FIELD, &points, RADIUS, &[], &name(true, true), 9).len(), 1);
        let [start, end] = placed[0].leader.expect("a line");
        let far = |p: [f32; 2]| (p[0] - at[0]).hypot(p[1] - at[1]);
        assert!((far(start) - RADIUS).abs() < 0.01 && far(end) > far(start));
    }

    #[test]
    fn lines_cross_areas() {
        let area = Area { min: [10.0, 10.0], max: [20.0, 20.0] };
        assert!(area.crosses([0.0, 15.0], [30.0, 15.0]) && area.crosses([12.0, 12.0], [13.0, 40.0]));
        assert!(!area.crosses([0.0, 5.0], [30.0, 5.0]) && !area.crosses([0.0, 15.0], [9.0, 15.0]));
    }
}
