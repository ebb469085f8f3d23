//! The Pareto front: what nothing else beats at both axes.

use super::quantity::Better;

/// The places of the points that no other is at least as good as on both axes and better on one, from low to high x.
pub fn front(points: &[(f64, f64)], better: [Better; 2]) -> Vec<usize> {
    let turned = |place: usize| (better[0].turned(points[place].0), better[1].turned(points[place].1));
    let mut order: Vec<usize> = (0..points.len())
        .filter(|place| points[*place].0.is_finite() && points[*place].1.is_finite())
        .collect();
    // The best x first, and the best y of equals: one pass finds what rises above all before it.
    order.sort_by(|a, b| {
        let ((ax, ay), (bx, by)) = (turned(*a), turned(*b));
        bx.total_cmp(&ax).then(by.total_cmp(&ay)).then(a.cmp(b))
    });
    let mut kept: Vec<usize> = Vec::new();
    let mut highest = f64::NEG_INFINITY;
    for place in order {
        let is_twin = kept.last().is_some_and(|last| turned(*last) == turned(place));
        if turned(place).1 > highest || is_twin {
            highest = turned(place).1;
            kept.push(place);
        }
    }
    kept.sort_by(|a, b| points[*a].0.total_cmp(&points[*b].0).then(a.cmp(b)));
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use Better::{Less, More};

    const POINTS: [(f64, f64); 6] =
        [(1.0, 90.0), (2.0, 95.0), (3.0, 94.0), (4.0, 99.0), (2.0, 80.0), (f64::NAN, 100.0)];

    #[test]
    fn what_is_beaten_is_not_on_it() {
        assert_eq!(front(&POINTS, [Less, More]), [0, 1, 3]);
        assert_eq!(front(&POINTS, [More, More]), [3]);
        assert_eq!(front(&POINTS, [More, Less]), [4, 2, 3]);
    }

    #[test]
    fn twins_are_both_on_it_and_nothing_has_none() {
        assert_eq!(front(&[(1.0, 1.0), (1.0, 1.0), (2.0, 0.5)], [Less, More]), [0, 1]);
        assert!(front(&[], [Less, More]).is_empty());
    }

    #[test]
    fn it_is_what_the_definition_says() {
        // Points of a fixed sequence, and every pair compared.
        let mut seed = 7u64;
        let mut next = || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 59) as f64
        };
        let points: Vec<(f64, f64)> = (0..200).map(|_| (next(), next())).collect();
        for better in [[Less, More], [More, More], [Less, Less], [More, Less]] {
            let turned = |p: &(f64, f64)| (better[0].turned(p.0), better[1].turned(p.1));
            let is_beaten = |p: &(f64, f64)| {
                points.iter().any(|q| {
                    let (p, q) = (turned(p), turned(q));
                    q.0 >= p.0 && q.1 >= p.1 && q != p
                })
            };
            let mut found = front(&points, better);
            found.sort_unstable();
            let expected: Vec<usize> = (0..points.len()).filter(|i| !is_beaten(&points[*i])).collect();
            assert_eq!(found, expected, "{better:?}");
        }
    }
}
