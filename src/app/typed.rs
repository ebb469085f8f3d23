//! Values as people type them into a field, and what is wrong with a text.

use std::ops::RangeInclusive;

use super::machine_page::field::{number as plain_number, plain};
use crate::language::tr;

/// A number of this unit within `range`: "12", "11,5", "12 tok/s".
///
/// # Errors
/// What it should be.
pub fn number(text: &str, unit: &str, range: &RangeInclusive<f64>) -> Result<f64, String> {
    within(plain_number(text.trim(), unit)?, unit, range)
}

/// A count of tokens within `range`: "65536", "64K", "1M". K and M are powers of 1024, as on the screen.
///
/// # Errors
/// What it should be.
pub fn tokens(text: &str, range: &RangeInclusive<f64>) -> Result<u32, String> {
    let text = text.trim();
    let unlike = || tr!("a number of tokens, such as 64K").to_owned();
    let text = text.strip_suffix("tokens").unwrap_or(text).trim_end();
    let (digits, factor) = match text.chars().next_back().map(|last| last.to_ascii_lowercase()) {
        Some('k') => (&text[..text.len() - 1], 1024.0),
        Some('m') => (&text[..text.len() - 1], 1024.0 * 1024.0),
        _ => (text, 1.0),
    };
    let number = plain_number(digits.trim_end(), "").map_err(|_| unlike())? * factor;
    if range.contains(&number) {
        return Ok(number.round() as u32);
    }
    let [low, high] = [range.start(), range.end()].map(|end| crate::units::tokens_text(*end as u64));
    Err(tr!("from {low} to {high} tokens", low, high))
}

/// A count of parameters in billions within `range`: "8", "8B", "600M", "1.5T".
///
/// # Errors
/// What it should be.
pub fn billions(text: &str, range: &RangeInclusive<f64>) -> Result<f64, String> {
    let text = text.trim();
    let (digits, factor) = match text.chars().next_back().map(|last| last.to_ascii_lowercase()) {
        Some('m') => (&text[..text.len() - 1], 1e-3),
        Some('b') => (&text[..text.len() - 1], 1.0),
        Some('t') => (&text[..text.len() - 1], 1e3),
        _ => (text, 1.0),
    };
    let number = plain_number(digits.trim_end(), "");
    let number = number.map_err(|_| tr!("a number of billions, such as 8 or 600M").to_owned())?;
    within(number * factor, "B", range)
}

/// A month: "2025-07", "2025" (its January).
///
/// # Errors
/// What it should be.
pub fn month(text: &str) -> Result<String, String> {
    let unlike = || tr!("a month, such as 2025-07").to_owned();
    let mut parts = text.trim().splitn(2, ['-', '/', '.']);
    let year: u32 = parts.next().and_then(|year| year.parse().ok()).ok_or_else(unlike)?;
    let month: u32 = parts.next().map_or(Ok(1), |month| month.parse().map_err(|_| unlike()))?;
    if !(2000..=2100).contains(&year) || !(1..=12).contains(&month) {
        return Err(unlike());
    }
    Ok(format!("{year}-{month:02}"))
}

fn within(number: f64, unit: &str, range: &RangeInclusive<f64>) -> Result<f64, String> {
    if range.contains(&number) {
        return Ok(number);
    }
    let (low, high) = (plain(*range.start()), plain(*range.end()));
    Err(tr!("from {low} to {high} {unit}", low, high, unit).trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speeds_and_sizes() {
        let speed = |text| number(text, "tok/s", &(0.1..=10_000.0));
        for (text, value) in [("12", 12.0), (" 7,5 tok/s", 7.5), ("0.5", 0.5)] {
            assert_eq!(speed(text), Ok(value), "{text}");
        }
        assert_eq!(speed("0"), Err("from 0.1 to 10,000 tok/s".to_owned()));
        assert_eq!(speed("fast"), Err("a number in tok/s".to_owned()));
        let size = |text| billions(text, &(0.0..=10_000.0));
        for (text, value) in [("8", 8.0), ("8b", 8.0), ("600M", 0.6), ("1.5T", 1500.0)] {
            assert_eq!(size(text), Ok(value), "{text}");
        }
        assert!(size("-1").unwrap_err().contains("from 0"));
        assert!(size("large").unwrap_err().contains("600M"));
    }

    #[test]
    fn contexts() {
        let range = 1024.0..=1_048_576.0;
        for (text, value) in [("64K", 65_536), ("64 k", 65_536), ("1M", 1 << 20), ("4096 tokens", 4096)] {
            assert_eq!(tokens(text, &range), Ok(value), "{text}");
        }
        assert_eq!(tokens("2M", &range), Err("from 1K to 1M tokens".to_owned()));
        for text in ["", "K", "long", "日本K"] {
            assert!(tokens(text, &range).unwrap_err().contains("64K"), "{text}");
        }
    }

    #[test]
    fn months() {
        for (text, value) in [("2025-07", "2025-07"), ("2025/7", "2025-07"), ("2024", "2024-01")] {
            assert_eq!(month(text).as_deref(), Ok(value), "{text}");
        }
        for text in ["", "July", "2025-13", "25-07", "2025-"] {
            assert!(month(text).unwrap_err().contains("2025-07"), "{text}");
        }
    }
}
