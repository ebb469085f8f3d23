//! What was fitted to the measurements (`assets/quality_fit.json`, written by `examples/fit_quality`).

use std::borrow::Cow;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::divergence::{Line, Mapping};
use crate::quant::measured;

/// 80 % of a normal distribution lie within so many standard deviations.
pub const EIGHT_OF_TEN: f64 = 1.281_551_6;

/// Coefficients, errors and what single models say.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct Fitted {
    /// How it was made.
    pub source: Cow<'static, str>,
    /// The formula of size against models that it was not fitted to.
    pub formula: Spread,
    /// The same below 3 bits per weight.
    pub formula_below_3_bits: Spread,
    /// Distance by level.
    pub line: Line,
    /// Loss by distance.
    pub mapping: Mapping,
    /// Standard deviation of `ln loss` where benchmarks of other levels are carried to a level.
    pub carried_sd: f64,
    /// What a relative says.
    pub family: Family,
    /// Models that were measured.
    pub anchors: Vec<Anchor>,
}

/// Errors of `ln loss`: measured less predicted.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// Their mean over models.
    pub bias: f64,
    /// Their standard deviation.
    pub sd: f64,
}

/// What a measured model says of another of its family.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Family {
    /// Part of the relative's `ln_factor` that is taken over; the rest is its own.
    pub weight: f64,
    /// Standard deviation of the `ln_factor` that is left.
    pub sd: f64,
}

/// What was measured of one model by one source, in one number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Anchor {
    /// Repository on the hub.
    pub model: Cow<'static, str>,
    /// Its family in the catalog.
    pub family: Cow<'static, str>,
    /// Its parameters.
    pub params: u64,
    /// Key of the source among the measurements.
    pub source: Cow<'static, str>,
    /// The source's name.
    pub by: Cow<'static, str>,
    /// What was measured, in words.
    pub what: Cow<'static, str>,
    /// Levels that count.
    pub levels: u32,
    /// `ln` of its loss over that of the formula.
    pub ln_factor: f64,
    /// Standard error of that.
    pub sd: f64,
    /// The `c` of its [`Line`], where distances were measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub c: Option<f64>,
    /// Perplexity of the unquantized model, where it had to be found from the line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<f64>,
}

static EMBEDDED: LazyLock<Fitted> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "embedded at build time; every test of this module reads it")]
    serde_json::from_str(include_str!("../../../assets/quality_fit.json")).expect("quality_fit.json is sound")
});

impl Fitted {
    /// The coefficients of this program.
    pub fn embedded() -> &'static Self {
        &EMBEDDED
    }

    /// What was measured of the model of any of `names`, the best measurement first.
    pub fn of<'a>(&self, names: impl Iterator<Item = &'a str> + Clone) -> impl Iterator<Item = &Anchor> {
        self.anchors
            .iter()
            .filter(move |anchor| names.clone().any(|name| measured::is_named(&anchor.model, name)))
    }
}

/// Models of one family speak for each other where their sizes differ by no more than this factor: as far
/// apart as those are that were tried.
const FAMILY_REACH: f64 = 10.0;
/// The same for generations of a family.
const GENERATION_REACH: f64 = 1.5;

/// The relative of a model of `family` with `params` parameters whose benchmarks speak for it: of those of
/// its own family the one that is nearest in size, else one of another generation that is about as large.
///
/// Distances of relatives are not asked: their translation is no surer than the formula of size.
pub fn relative<'a>(anchors: &'a [Anchor], family: &str, params: u64) -> Option<&'a Anchor> {
    let apart = |anchor: &Anchor| (anchor.params.max(1) as f64 / params.max(1) as f64).ln().abs();
    let within = |factor: f64| {
        let scored = anchors.iter().filter(|anchor| anchor.c.is_none());
        scored.filter(move |anchor| apart(anchor) <= factor.ln())
    };
    let nearest = |a: &&Anchor, b: &&Anchor| apart(a).total_cmp(&apart(b));
    let own = within(FAMILY_REACH).filter(|anchor| anchor.family == family).min_by(nearest);
    own.or_else(|| {
        within(GENERATION_REACH).filter(|anchor| stem(&anchor.family) == stem(family)).min_by(nearest)
    })
}

/// A family without its generation: "Llama" of "Llama 3.1", "Qwen" of "Qwen2.5-Coder".
fn stem(family: &str) -> &str {
    let end = family.find(|c: char| c.is_ascii_digit()).unwrap_or(family.len());
    let stem = family[..end].trim_end_matches([' ', '-']);
    if stem.is_empty() { family } else { stem }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_without_their_generation() {
        for (family, expected) in [
            ("Llama 3.1", "Llama"),
            ("Qwen2.5-Coder", "Qwen"),
            ("Gemma 4", "Gemma"),
            ("Mistral", "Mistral"),
            ("MiniMax-M2.5", "MiniMax-M"),
            ("01", "01"),
        ] {
            assert_eq!(stem(family), expected);
        }
    }
}
