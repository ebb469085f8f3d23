//! The ends of what is good, where being good is monotone.

/// The largest number that is good, of those from `good` on, which is, to before `bad`, which is not; looks near
/// `near` first. Being good is monotone.
pub(super) fn last_near(
    near: usize,
    mut good: usize,
    mut bad: usize,
    is_good: impl Fn(usize) -> bool,
) -> usize {
    let at = near.clamp(good, bad - 1);
    let mut step = 1;
    if is_good(at) {
        good = at;
        while good + step < bad && is_good(good + step) {
            good += step;
            step *= 2;
        }
        bad = bad.min(good + step);
    } else {
        bad = at;
        while good + step < bad && !is_good(bad - step) {
            bad -= step;
            step *= 2;
        }
        good = good.max(bad.saturating_sub(step));
    }
    while good + 1 < bad {
        let middle = usize::midpoint(good, bad);
        if is_good(middle) { good = middle } else { bad = middle }
    }
    good
}

/// As [`least`], for an answer near `near`, which lies between the two: looks there first, then further away.
pub(super) fn least_around(
    near: usize,
    from: usize,
    most: usize,
    is_good: impl Fn(usize) -> bool,
) -> Option<usize> {
    let mut step = 1;
    if is_good(near) {
        let mut good = near;
        while good > from {
            let at = good.saturating_sub(step).max(from);
            if !is_good(at) {
                return least(at + 1, good, is_good);
            }
            good = at;
            step *= 2;
        }
        return Some(good);
    }
    let mut bad = near;
    while bad < most {
        let at = (bad + step).min(most);
        if is_good(at) {
            return least(bad + 1, at, is_good);
        }
        bad = at;
        step *= 2;
    }
    None
}

/// The smallest number from `from` to `most` that is good; being good is monotone in it.
pub fn least(from: usize, most: usize, is_good: impl Fn(usize) -> bool) -> Option<usize> {
    if from > most || !is_good(most) {
        return None;
    }
    let (mut low, mut high) = (from, most);
    while low < high {
        let middle = usize::midpoint(low, high);
        if is_good(middle) { high = middle } else { low = middle + 1 }
    }
    Some(low)
}
