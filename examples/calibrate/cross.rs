//! Cross-validation: what a measurement's rate would be predicted as, had its like not been measured.

use std::collections::BTreeMap;

use super::fit::Design;

/// Steps of a fit that starts from the fit of everything.
const STEPS: usize = 6;

/// Residuals of each point where all points of the same key were held out; keys are dealt to `folds` folds, or
/// each is one.
pub fn held_out(design: &Design, values: &[f64], folds: usize, key: impl Fn(usize) -> String) -> Vec<f64> {
    let points = design.points();
    let mut by_key: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for point in 0..points {
        by_key.entry(key(point)).or_default().push(point);
    }
    let count = folds.min(by_key.len());
    let mut held: Vec<Vec<usize>> = vec![Vec::new(); count];
    // Dealt in an order that has nothing to do with the names' order: by a fixed hash of the key.
    let mut keys: Vec<(u64, Vec<usize>)> =
        by_key.into_iter().map(|(key, points)| (hash(&key), points)).collect();
    keys.sort();
    for (place, (_, points)) in keys.into_iter().enumerate() {
        held[place % count].extend(points);
    }
    let mut residuals = vec![0.0; points];
    for held in &held {
        let mut is_held = vec![false; points];
        for &point in held {
            is_held[point] = true;
        }
        let rest: Vec<usize> = (0..points).filter(|&point| !is_held[point]).collect();
        let fitted = design.fit(&rest, values, STEPS);
        for &point in held {
            residuals[point] = design.residual(&fitted, point);
        }
    }
    residuals
}

/// FNV-1a.
fn hash(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
