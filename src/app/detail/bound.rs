//! What bounds a speed, and how near it comes to what memory allows, in words.

use crate::estimate::plan::Speed;
use crate::language::tr;
use crate::units::rate_text;

/// "62 % of what its memory could do: 34 of 55 tok/s"; `None` where that is not known.
pub(super) fn share(speed: &Speed) -> Option<String> {
    let (rate, limit) = (speed.decode?.p50, speed.limit?);
    if !(limit.is_finite() && limit > 0.0) {
        return None;
    }
    let percent = 100.0 * rate / limit;
    Some(tr!(
        "{percent} % of what its memory could do: {rate} of {limit} tok/s",
        percent = format!("{percent:.0}"),
        rate = rate_text(rate),
        limit = rate_text(limit)
    ))
}

/// "Limited by memory bandwidth; 62 % of what its memory could do: 34 of 55 tok/s".
pub(super) fn sentence(speed: &Speed) -> String {
    let bound = tr!("Limited by {bound}", bound = speed.bound.words());
    share(speed).map_or_else(|| bound.clone(), |share| format!("{bound}; {share}"))
}

/// Whose measurements moved it: "corrected by 3 measurements on this computer"; `None`: nobody's here.
pub(super) fn own(speed: &Speed) -> Option<String> {
    match speed.own {
        0 => None,
        1 => Some(tr!("corrected by 1 measurement on this computer").to_owned()),
        n => Some(tr!("corrected by {n} measurements on this computer", n)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimate::Range;
    use crate::estimate::plan::Bound;

    #[test]
    fn a_share_of_the_limit_in_words() {
        let decode = Some(Range { p10: 30.0, p50: 34.1, p90: 38.0 });
        let speed = Speed { decode, bound: Bound::GpuMemory, limit: Some(55.0), ..Speed::UNKNOWN };
        assert_eq!(
            sentence(&speed),
            "Limited by memory bandwidth; 62 % of what its memory could do: 34 of 55 tok/s"
        );
        let without = Speed { limit: None, bound: Bound::Compute, ..speed };
        assert_eq!(sentence(&without), "Limited by compute");
        assert_eq!(share(&Speed { decode: None, ..without }), None);
    }
}
