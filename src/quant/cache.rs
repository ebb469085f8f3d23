//! What a quantized key–value cache does to answers, in words.
//!
//! How much is lost depends on the model, and few were measured: there is no formula, so there is no figure
//! either. What was measured of a model stands in [`super::measured`].

use std::sync::OnceLock;

use serde::Deserialize;

use super::GgmlType;

/// What a type of cache does to answers.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CacheLoss {
    /// The type's name in ggml.
    #[serde(rename = "type")]
    name: String,
    /// In two or three words: "usually safe".
    pub words: String,
    /// What the words rest on, a sentence without its full stop.
    pub basis: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    source: String,
    types: Vec<CacheLoss>,
}

#[expect(clippy::expect_used, reason = "embedded at build time; every test of this module reads it")]
fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        serde_json::from_str(include_str!("../../assets/cache_loss.json")).expect("cache_loss.json is sound")
    })
}

/// What keys and values in `format` do to answers; `None` where nothing is known to be lost.
pub fn loss(format: GgmlType) -> Option<&'static CacheLoss> {
    table().types.iter().find(|loss| loss.name.eq_ignore_ascii_case(format.name()))
}

/// Who measured what the words rest on.
pub fn source() -> &'static str {
    &table().source
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantized_caches_have_words_and_sixteen_bits_lose_nothing() {
        for format in [GgmlType::Q8_0, GgmlType::Q4_0] {
            let loss = loss(format).unwrap();
            assert!(loss.words.split(' ').count() <= 3 && !loss.basis.ends_with('.'), "{loss:?}");
        }
        assert_eq!(loss(GgmlType::F16), None);
        assert!(source().contains("localbench"));
    }
}
