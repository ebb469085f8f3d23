//! Small, medium or large, by what one looks at: parameters, compute, memory, price.
//!
//! The limits and why they lie where they lie are data: `assets/size_classes.json`.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::model::Model;
use crate::units::Bytes;

use super::work;

const BILLION: f64 = 1e9;

/// What a size is measured by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lens {
    /// All parameters, in 1e9.
    #[default]
    Total,
    /// Parameters that work on one token, in 1e9.
    Active,
    /// Floating-point operations of one token, in 1e9, at the depth of [`SizeClasses::compute_depth`].
    Compute,
    /// Memory that the model needs as it is asked for, GiB.
    Ram,
    /// List price of an API, USD for a million tokens read and written as [`blended_price`] mixes them.
    Price,
}

impl Lens {
    /// All lenses.
    pub const ALL: [Self; 5] = [Self::Total, Self::Active, Self::Compute, Self::Ram, Self::Price];

    /// Its limits and words.
    pub fn limits(self) -> &'static Limits {
        &size_classes().lenses[self as usize]
    }

    /// The class of `value`, which is in the lens's unit; `None` for what is no size.
    pub fn class(self, value: f64) -> Option<SizeClass> {
        let limits = self.limits();
        Some(match value {
            value if !value.is_finite() || value < 0.0 => return None,
            value if value < limits.medium_from => SizeClass::Small,
            value if value < limits.large_from => SizeClass::Medium,
            _ => SizeClass::Large,
        })
    }
}

/// A size among models.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SizeClass {
    /// Below the first limit.
    Small,
    /// Between the limits.
    Medium,
    /// From the second limit on.
    Large,
}

impl SizeClass {
    /// All classes, the smallest first.
    pub const ALL: [Self; 3] = [Self::Small, Self::Medium, Self::Large];

    /// The word on the screen.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Small => "small",
            Self::Medium => "medium",
            Self::Large => "large",
        }
    }
}

/// All lenses, as the asset has them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SizeClasses {
    /// Where the table comes from.
    pub source: String,
    /// Tokens read for each token written, in a blended price.
    pub blend_input_per_output: f64,
    /// Tokens in the cache at which compute is counted.
    pub compute_depth: f64,
    /// The lenses, in the order of [`Lens::ALL`].
    pub lenses: Vec<Limits>,
}

/// A lens: its words, its limits, and why these.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Which it is.
    pub lens: Lens,
    /// Its name.
    pub title: String,
    /// Its name in a sentence: "by …".
    pub short: String,
    /// Unit of its values.
    pub unit: String,
    /// Medium begins here.
    pub medium_from: f64,
    /// Large begins here.
    pub large_from: f64,
    /// Why the limits lie there.
    pub reason: String,
    /// Where they come from; `None`: they are our own.
    pub source: Option<String>,
}

/// The table of lenses.
pub fn size_classes() -> &'static SizeClasses {
    #[expect(clippy::expect_used, reason = "the asset is part of the program; a test parses it")]
    static TABLE: LazyLock<SizeClasses> = LazyLock::new(|| {
        serde_json::from_str(include_str!("../../assets/size_classes.json"))
            .expect("embedded size classes are valid")
    });
    &TABLE
}

/// Where a model stands under each lens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Standing {
    values: [Option<f64>; Lens::ALL.len()],
}

impl Standing {
    /// Of `model`, which needs `memory` as it is asked for and costs `price` USD for a million tokens; `None`: not
    /// known.
    pub fn new(model: &Model, memory: Option<Bytes>, price: Option<f64>) -> Self {
        let values = [
            Some(model.params_total as f64 / BILLION),
            Some(model.params_active as f64 / BILLION),
            Some(compute_per_token(model, size_classes().compute_depth) / BILLION),
            memory.map(Bytes::gib),
            price,
        ];
        Self { values }
    }

    /// Its value, in the lens's unit.
    pub fn value(&self, lens: Lens) -> Option<f64> {
        self.values[lens as usize]
    }

    /// Its class.
    pub fn class(&self, lens: Lens) -> Option<SizeClass> {
        lens.class(self.value(lens)?)
    }
}

/// Floating-point operations of one decoded token after `depth` others: two for each parameter that is read, and
/// attention.
pub fn compute_per_token(model: &Model, depth: f64) -> f64 {
    2.0 * model.params_read as f64 + work::attention_of(model, depth)
}

/// A price of a million tokens of both kinds, from those of a million read and a million written.
pub fn blended_price(input: f64, output: f64) -> f64 {
    let reads = size_classes().blend_input_per_output;
    (reads * input + output) / (reads + 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Catalog;

    fn standing(name: &str, memory: Option<Bytes>) -> Standing {
        let catalog = Catalog::embedded();
        Standing::new(catalog.get(catalog.find(name).unwrap()), memory, None)
    }

    fn classes(standing: &Standing) -> [Option<SizeClass>; 5] {
        Lens::ALL.map(|lens| standing.class(lens))
    }

    #[test]
    fn the_table_has_each_lens_in_order_with_its_reason() {
        let lenses: Vec<Lens> = size_classes().lenses.iter().map(|limits| limits.lens).collect();
        assert_eq!(lenses, Lens::ALL);
        for limits in &size_classes().lenses {
            assert!(0.0 < limits.medium_from && limits.medium_from < limits.large_from, "{:?}", limits.lens);
            assert!(!limits.reason.is_empty() && !limits.reason.ends_with('.'), "{:?}", limits.lens);
        }
    }

    #[test]
    fn a_limit_belongs_to_the_class_above() {
        let classes = [14.99, 15.0, 69.99, 70.0].map(|value| Lens::Total.class(value));
        let [small, medium, large] = SizeClass::ALL.map(Some);
        assert_eq!(classes, [small, medium, medium, large]);
        assert_eq!([f64::NAN, f64::INFINITY, -1.0].map(|value| Lens::Total.class(value)), [None; 3]);
    }

    #[test]
    fn experts_move_a_model_down_and_dense_models_stay() {
        use SizeClass::{Large, Medium, Small};
        let gib = |gib| Some(Bytes::from_gib(gib));
        let sparse = standing("openai/gpt-oss-120b", gib(60.0));
        assert_eq!(classes(&sparse), [Some(Large), Some(Small), Some(Small), Some(Large), None]);
        let dense = standing("Qwen/Qwen3-32B", gib(20.0));
        assert_eq!(classes(&dense), [Some(Medium), Some(Medium), Some(Medium), Some(Medium), None]);
        let kimi = standing("moonshotai/Kimi-K2-Instruct", None);
        assert_eq!(classes(&kimi), [Some(Large), Some(Medium), Some(Medium), None, None]);
    }

    #[test]
    fn compute_is_two_operations_a_parameter_and_attention() {
        let catalog = Catalog::embedded();
        let model = catalog.get(catalog.find("meta-llama/Llama-3.1-8B-Instruct").unwrap());
        // 8.03 B less the input embedding of 128,256 × 4,096.
        let read = 8_030_261_248.0 - 128_256.0 * 4096.0;
        assert!((compute_per_token(model, 0.0) / (2.0 * read) - 1.0).abs() < 1e-6);
        // Scores and sums: 2 · 32 heads · (128 + 128) in 32 layers for each token before.
        let attention = compute_per_token(model, 1000.0) - compute_per_token(model, 0.0);
        assert!((attention - 2.0 * 32.0 * 256.0 * 32.0 * 1000.0).abs() < 1.0);
    }

    #[test]
    fn a_blend_reads_three_tokens_for_each_written() {
        assert!((blended_price(0.05, 0.20) - 0.0875).abs() < 1e-12);
    }
}
