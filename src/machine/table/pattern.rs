//! Patterns of processor names.
//!
//! A pattern is a row of words that must stand next to each other somewhere in the name, such as
//! `Ryzen [5|7|9] (PRO) 7##0[|X|X3D]`. Within a word `#` is a digit, `?` a letter or digit, and `[a|b]` one
//! of several spellings, of which one may be empty. A word in `(…)` may be missing. `$` is the end of the
//! name. Case does not matter; dashes and slashes separate words.

use serde::Deserialize;

/// A pattern, by its words.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub(super) struct Pattern(Vec<String>);

impl From<String> for Pattern {
    fn from(pattern: String) -> Self {
        Self(pattern.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect())
    }
}

impl Pattern {
    /// Whether the name, given by [`words`], contains what the pattern describes.
    pub fn matches(&self, name: &[String]) -> bool {
        (0..name.len()).any(|start| run(&self.0, &name[start..]))
    }
}

/// The words of a processor's name in lower case, without trade marks and clock.
pub(super) fn words(name: &str) -> Vec<String> {
    let plain = name.to_lowercase().replace(['®', '™'], " ").replace("(r)", " ").replace("(tm)", " ");
    // "@ 3.40GHz" follows the name on older processors.
    let plain = plain.split('@').next().unwrap_or_default();
    let words = plain.split(|c: char| !(c.is_alphanumeric() || c == '+'));
    words
        .filter(|word| !word.is_empty() && !matches!(*word, "cpu" | "processor"))
        .map(str::to_owned)
        .collect()
}

/// Whether the words begin with the pattern.
fn run(pattern: &[String], name: &[String]) -> bool {
    let Some((first, rest)) = pattern.split_first() else { return true };
    if first == "$" {
        return name.is_empty();
    }
    if let Some(optional) = first.strip_prefix('(').and_then(|word| word.strip_suffix(')')) {
        let present = name.split_first().is_some_and(|(word, tail)| one(optional, word) && run(rest, tail));
        return present || run(rest, name);
    }
    name.split_first().is_some_and(|(word, tail)| one(first, word) && run(rest, tail))
}

/// Whether a word of the pattern describes all of a word.
fn one(pattern: &str, word: &str) -> bool {
    let mut letters = pattern.chars();
    let Some(letter) = letters.next() else { return word.is_empty() };
    let rest = letters.as_str();
    if letter == '['
        && let Some((choices, rest)) = rest.split_once(']')
    {
        return choices.split('|').any(|choice| {
            let head = word.get(..choice.len()).filter(|head| head.eq_ignore_ascii_case(choice));
            head.is_some() && one(rest, &word[choice.len()..])
        });
    }
    let mut tail = word.chars();
    tail.next().is_some_and(|c| match letter {
        '#' => c.is_ascii_digit(),
        '?' => c.is_ascii_alphanumeric(),
        _ => letter.eq_ignore_ascii_case(&c),
    }) && one(rest, tail.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn test(pattern: &str, name: &str) -> bool {
        Pattern::from(pattern.to_owned()).matches(&words(name))
    }

    #[test]
    fn digits_and_choices() {
        let am5 = "Ryzen [5|7|9] 7##0[|X|X3D]";
        assert!(test(am5, "AMD Ryzen 9 7950X 16-Core Processor"));
        assert!(test(am5, "AMD Ryzen 9 7950X3D"));
        assert!(test(am5, "ryzen 5 7600"));
        assert!(!test(am5, "AMD Ryzen 9 7940HS"));
        assert!(!test(am5, "AMD Ryzen 9 79500X"));
        assert!(!test(am5, "AMD Ryzen 3 7950X"));
    }

    #[test]
    fn optional_words_and_the_end() {
        assert!(test("Ryzen 7 (PRO) 5750G", "AMD Ryzen 7 PRO 5750G with Radeon Graphics"));
        assert!(test("Ryzen 7 (PRO) 5750G", "AMD Ryzen 7 5750G"));
        assert!(test("M1 $", "Apple M1"));
        assert!(!test("M1 $", "Apple M1 Max"));
    }

    #[test]
    fn names_of_intel() {
        assert!(test("i9 13900KF", "13th Gen Intel(R) Core(TM) i9-13900KF"));
        assert!(test("E5 26## v4", "Intel(R) Xeon(R) CPU E5-2680 v4 @ 2.40GHz"));
        assert!(!test("i9 2.40ghz", "Intel(R) Core(TM) i9 CPU @ 2.40GHz"));
        assert!(!test("i9", ""));
    }

    #[test]
    fn names_beyond_ascii_do_not_panic() {
        assert!(!test("[ab|cd]e", "日本語"));
        assert!(!test("#", "é"));
    }
}
