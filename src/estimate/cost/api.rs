//! What providers charge for open-weight models: `assets/api_prices.json`.

use std::sync::LazyLock;

use serde::Deserialize;

use super::super::workload::Tokens;
use super::{Currency, Money};
use crate::language::{date, tr};

const ASSET: &str = include_str!("../../../assets/api_prices.json");
const MILLION: f64 = 1e6;

/// Prices of a model, US dollars a million tokens.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct ApiPrice {
    /// Id of the model in the catalog.
    pub model: String,
    /// Its name at the source.
    pub listed_as: String,
    /// Of tokens that are read.
    pub input: f64,
    /// Of tokens that are written.
    pub output: f64,
    /// Of tokens that are read and that the provider has kept; `None`: no such price is listed, they cost as others.
    #[serde(default)]
    pub cached: Option<f64>,
    /// Date of the price.
    pub as_of: String,
    /// The source left the line untouched later, so the model may no longer be offered.
    #[serde(default)]
    pub maybe_delisted: bool,
}

#[derive(Debug, Deserialize)]
struct Asset {
    source: String,
    short_source: String,
    models: Vec<ApiPrice>,
}

fn asset() -> &'static Asset {
    static PARSED: LazyLock<Asset> = LazyLock::new(|| {
        #[expect(clippy::expect_used, reason = "embedded data; a test reads it")]
        let parsed = serde_json::from_str(ASSET).expect("api_prices.json is well formed");
        parsed
    });
    &PARSED
}

/// All prices.
pub fn api_prices() -> &'static [ApiPrice] {
    &asset().models
}

/// The price of a model by its id in the catalog, and of no other.
pub fn api_price(model: &str) -> Option<&'static ApiPrice> {
    api_prices().iter().find(|price| price.model == model)
}

/// Where the prices come from: in full, and in a word.
pub fn source() -> (&'static str, &'static str) {
    (&asset().source, &asset().short_source)
}

impl ApiPrice {
    /// What `tokens` cost: `in·(1−kept)·p_in + in·kept·p_cached + out·p_out` (cost model, §6.4).
    pub fn cost(&self, tokens: &Tokens) -> Money {
        let kept = tokens.kept.min(tokens.input);
        let cached = self.cached.unwrap_or(self.input);
        let usd =
            ((tokens.input - kept) * self.input + kept * cached + tokens.output * self.output) / MILLION;
        Money::exactly(usd, Currency::Usd)
    }

    /// Date and source as they stand beside the price: "list, 2026-06-15".
    pub fn dated(&self) -> String {
        let (_, short) = source();
        let doubt = if self.maybe_delisted { tr!(", perhaps no longer offered") } else { "" };
        format!("{short}, {}{doubt}", date(&self.as_of))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Catalog;

    #[test]
    fn prices_stand_for_models_of_the_catalog_and_have_dates() {
        let catalog = Catalog::embedded();
        for price in api_prices() {
            let id = catalog.find(&price.model).map(|id| catalog.get(id).id.clone());
            assert_eq!(id.as_deref(), Ok(price.model.as_str()));
            assert!(price.as_of.starts_with("202"), "{}", price.model);
            assert!(price.input > 0.0 && price.output > 0.0);
            assert!(price.cached.is_none_or(|cached| cached < price.input));
        }
        assert_eq!(api_price("Qwen/Qwen3-8B-Base"), None, "a price stands for no other model");
    }

    #[test]
    fn kept_tokens_cost_less_where_a_price_is_listed() {
        let tokens = Tokens { input: 2e6, kept: 1e6, output: 1e6 };
        let plain = api_price("Qwen/Qwen3.5-9B").unwrap();
        assert!((plain.cost(&tokens).amount.p50 - (2.0 * 0.1 + 0.15)).abs() < 1e-12);
        let cached = api_price("Qwen/Qwen3.5-35B-A3B").unwrap();
        assert!((cached.cost(&tokens).amount.p50 - (0.14 + 0.05 + 1.0)).abs() < 1e-12);
    }
}
