//! Months of releases: read, counted, told.

use crate::language::tr;

/// Months since year 0 of a release month, "2025-07".
pub fn months(date: &str) -> Option<f64> {
    let mut parts = date.split('-');
    let year: u32 = parts.next()?.parse().ok()?;
    let month: u32 = parts.next().map_or(Some(1), |month| month.parse().ok())?;
    ((1..=12).contains(&month) && (1900..2200).contains(&year)).then(|| f64::from(year * 12 + month - 1))
}

/// The month in words: "July 2025".
pub fn month_text(months: f64) -> String {
    let names = [
        tr!("January"),
        tr!("February"),
        tr!("March"),
        tr!("April"),
        tr!("May"),
        tr!("June"),
        tr!("July"),
        tr!("August"),
        tr!("September"),
        tr!("October"),
        tr!("November"),
        tr!("December"),
    ];
    let months = months.round().max(0.0) as usize;
    format!("{} {}", names[months % 12], months / 12)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_counted() {
        assert_eq!(months("2025-07"), Some(2025.0 * 12.0 + 6.0));
        assert_eq!(months("2025"), Some(2025.0 * 12.0));
        assert_eq!(months("2025-07").map(month_text).unwrap(), "July 2025");
        for damaged in ["", "July", "2025-13", "2025-00", "0-1"] {
            assert_eq!(months(damaged), None, "{damaged}");
        }
    }
}
