//! What electricity costs by place: `assets/electricity.json`.

use std::sync::LazyLock;

use serde::Deserialize;

use super::Currency;

const ASSET: &str = include_str!("../../../assets/electricity.json");

/// What households pay somewhere.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Place {
    /// Its name in the text form.
    pub id: String,
    /// Where.
    pub place: String,
    /// Price of a kilowatt-hour.
    pub per_kwh: f64,
    /// In this currency.
    pub currency: Currency,
    /// When it held.
    pub period: String,
    /// Who says so.
    pub source: String,
    /// The same in a word.
    pub short_source: String,
}

#[derive(Debug, Deserialize)]
struct Asset {
    places: Vec<Place>,
}

/// All places with a sourced price.
pub fn places() -> &'static [Place] {
    static PARSED: LazyLock<Vec<Place>> = LazyLock::new(|| {
        #[expect(clippy::expect_used, reason = "embedded data; a test reads it")]
        let parsed: Asset = serde_json::from_str(ASSET).expect("electricity.json is well formed");
        parsed.places
    });
    &PARSED
}

/// A place by its id.
pub fn place(id: &str) -> Option<&'static Place> {
    places().iter().find(|place| place.id.eq_ignore_ascii_case(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_price_has_a_date_and_a_source() {
        for known in places() {
            assert!((0.01..1.0).contains(&known.per_kwh), "{}", known.place);
            assert!(known.period.contains("202"), "{}: {}", known.place, known.period);
            assert!(!known.source.is_empty() && !known.short_source.is_empty());
            assert_eq!(place(&known.id), Some(known));
        }
        assert_eq!(place("de").map(|place| (place.per_kwh, place.currency)), Some((0.3835, Currency::Eur)));
        assert_eq!(place("us").map(|place| (place.per_kwh, place.currency)), Some((0.1883, Currency::Usd)));
    }
}
