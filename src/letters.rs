//! How unlike two names are: a cheap lower bound on the edits that turn one into the other, and their number.
//! A name that nobody has is compared with all that there are, and every line of a file may have such a name.

const BINS: usize = 32;

/// How often each letter stands in a name. Letters share bins, which only lowers the bound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letters {
    counts: [u8; BINS],
    length: usize,
}

impl Letters {
    /// The letters of `name`; case matters.
    pub fn of(name: &str) -> Self {
        let mut counts = [0_u8; BINS];
        let mut length = 0;
        for letter in name.chars() {
            let count = &mut counts[letter as usize % BINS];
            *count = count.saturating_add(1);
            length += 1;
        }
        Self { counts, length }
    }

    /// Number of letters.
    pub const fn length(&self) -> usize {
        self.length
    }

    /// At most as many as the insertions, deletions, replacements and swaps of neighbours that turn one name
    /// into the other: each of them takes at most one letter away and adds at most one.
    pub fn least_edits(&self, other: &Self) -> usize {
        let (mut more, mut fewer) = (0_u16, 0_u16);
        for (own, others) in self.counts.iter().zip(&other.counts) {
            more += u16::from(own.saturating_sub(*others));
            fewer += u16::from(others.saturating_sub(*own));
        }
        usize::from(more.max(fewer)).max(self.length.abs_diff(other.length))
    }
}

/// A name to be compared with many others.
#[derive(Clone, Debug)]
pub struct Pattern {
    /// Where each ASCII letter stands, a bit a place.
    ascii: [u128; 128],
    /// Where each other letter stands.
    others: Vec<(char, u128)>,
    length: u32,
}

impl Pattern {
    /// Letters of the longest pattern; what is longer is cut.
    pub const LONGEST: usize = 128;

    /// The first [`Self::LONGEST`] letters of `name`.
    pub fn of(name: &str) -> Self {
        let mut pattern = Self { ascii: [0; 128], others: Vec::new(), length: 0 };
        for letter in name.chars().take(Self::LONGEST) {
            let place = 1_u128 << pattern.length;
            pattern.length += 1;
            if let Some(places) = pattern.ascii.get_mut(letter as usize) {
                *places |= place;
            } else if let Some((_, places)) = pattern.others.iter_mut().find(|(other, _)| *other == letter) {
                *places |= place;
            } else {
                pattern.others.push((letter, place));
            }
        }
        pattern
    }

    /// Fewest insertions, deletions and replacements between the pattern and `text` (Levenshtein), a column
    /// of the table at a time: Myers 1999, in Hyyrö's form.
    pub fn edits(&self, text: &str) -> usize {
        if self.length == 0 {
            return text.chars().count();
        }
        let last = 1_u128 << (self.length - 1);
        let (mut plus, mut minus) = (u128::MAX, 0_u128);
        let mut edits = self.length as usize;
        for letter in text.chars() {
            let equal = self.places(letter);
            let vertical = equal | minus;
            let horizontal = ((equal & plus).wrapping_add(plus) ^ plus) | equal;
            let more = minus | !(horizontal | plus);
            let fewer = plus & horizontal;
            if more & last != 0 {
                edits += 1;
            } else if fewer & last != 0 {
                edits -= 1;
            }
            let more = (more << 1) | 1;
            plus = (fewer << 1) | !(vertical | more);
            minus = more & vertical;
        }
        edits
    }

    fn places(&self, letter: char) -> u128 {
        self.ascii.get(letter as usize).copied().unwrap_or_else(|| {
            self.others.iter().find(|(other, _)| *other == letter).map_or(0, |(_, places)| *places)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_is_never_above_the_edits() {
        let long = "x".repeat(1000);
        let names =
            ["", "rtx4090", "rtx4o90", "4090rtx", "qwen3-30b-a3b", "qwen3-8b", "模型", "a", "!", &long];
        for a in names {
            for b in names {
                let bound = Letters::of(a).least_edits(&Letters::of(b));
                assert!(bound <= strsim::damerau_levenshtein(a, b), "{a} {b}");
                if a.len() <= Pattern::LONGEST {
                    assert_eq!(Pattern::of(a).edits(b), strsim::levenshtein(a, b), "{a} {b}");
                }
                assert_eq!(bound, Letters::of(b).least_edits(&Letters::of(a)), "{a} {b}");
            }
        }
        assert_eq!(Letters::of("rtx4090").least_edits(&Letters::of("rtx4o9")), 2);
        assert_eq!(Letters::of("模型").length(), 2);
    }
}
