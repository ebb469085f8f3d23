//! Small, medium or large, by what one looks at: parameters, compute, memory, price.
//!
//! The limits and why they lie where they lie are data: `assets/size_classes.json`.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::language::tr;
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
    /// Floating-point operations of one token, in 1e9.
    Compute,
    /// Memory that the model needs as it is asked for, GiB.
    Memory,
    /// List price of an API, USD for a million tokens read and written as [`blended_price`] mixes them.
    Price,
}

impl Lens {
    /// All lenses.
    pub const ALL: [Self; 5] = [Self::Total, Self::Active, Self::Compute, Self::Memory, Self::Price];

    /// Its name in a list.
    pub fn label(self) -> &'static str {
        match self {
            Self::Total => tr!("Total parameters"),
            Self::Active => tr!("Active parameters"),
            Self::Compute => tr!("Compute per token"),
            Self::Memory => tr!("Memory needed"),
            Self::Price => tr!("API price"),
        }
    }

    /// Its name in a sentence.
    pub fn measure(self) -> &'static str {
        match self {
            Self::Total => tr!("total parameters"),
            Self::Active => tr!("active parameters"),
            Self::Compute => tr!("compute per token"),
            Self::Memory => tr!("memory"),
            Self::Price => tr!("API price"),
        }
    }

    /// Its unit, short.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Total | Self::Active => "B",
            Self::Compute => "GFLOP",
            Self::Memory => "GiB",
            Self::Price => "USD/M",
        }
    }

    /// Its limits.
    pub fn limits(self) -> &'static Limits {
        let lenses = &size_classes().lenses;
        match self {
            Self::Total => &lenses.total,
            Self::Active => &lenses.active,
            Self::Compute => &lenses.compute,
            Self::Memory => &lenses.memory,
            Self::Price => &lenses.price,
        }
    }

    /// The class of `value`, which is in the lens's unit; `None` for what is no size.
    pub fn class(self, value: f64) -> Option<SizeClass> {
        (value.is_finite() && value >= 0.0).then(|| self.limits().class(value))
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
    pub fn word(self) -> &'static str {
        match self {
            Self::Small => tr!("small"),
            Self::Medium => tr!("medium"),
            Self::Large => tr!("large"),
        }
    }
}

/// The table, as the asset has it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SizeClasses {
    /// What it says.
    pub about: String,
    /// Tokens read for each token written, in a blended price.
    pub tokens_read_per_written: f64,
    /// The limits of each lens.
    pub lenses: Lenses,
}

/// Limits by lens.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lenses {
    total: Limits,
    active: Limits,
    compute: Limits,
    memory: Limits,
    price: Limits,
}

/// The two limits of a lens.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Unit of both limits.
    pub unit: String,
    /// Small below this.
    pub small_below: f64,
    /// Large from this.
    pub large_from: f64,
    /// Where the limits come from, and why they lie there.
    pub source: String,
}

impl Limits {
    /// The class of a value in this unit.
    pub fn class(&self, value: f64) -> SizeClass {
        if value < self.small_below {
            SizeClass::Small
        } else if value < self.large_from {
            SizeClass::Medium
        } else {
            SizeClass::Large
        }
    }

    /// The values of a class: "below 15", "15 to 70", "from 70".
    pub fn range_text(&self, class: SizeClass) -> String {
        let Self { small_below, large_from, .. } = self;
        match class {
            SizeClass::Small => tr!("below {small_below}", small_below),
            SizeClass::Medium => tr!("{small_below} to {large_from}", small_below, large_from),
            SizeClass::Large => tr!("from {large_from}", large_from),
        }
    }
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
    /// Of `model` after `depth` tokens, which needs `memory` as it is asked for and costs `price` USD for a million
    /// tokens; `None`: not known.
    pub fn new(model: &Model, depth: u32, memory: Option<Bytes>, price: Option<f64>) -> Self {
        let values = [
            Some(model.params_total as f64 / BILLION),
            Some(model.params_active as f64 / BILLION),
            Some(compute_per_token(model, f64::from(depth)) / BILLION),
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
    let reads = size_classes().tokens_read_per_written;
    (reads * input + output) / (reads + 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Catalog;

    fn standing(name: &str, memory: Option<Bytes>) -> Standing {
        let catalog = Catalog::embedded();
        Standing::new(catalog.get(catalog.find(name).unwrap()), 4096, memory, None)
    }

    fn classes(standing: &Standing) -> [Option<SizeClass>; 5] {
        Lens::ALL.map(|lens| standing.class(lens))
    }

    #[test]
    fn each_lens_has_limits_and_says_why() {
        for lens in Lens::ALL {
            let limits = lens.limits();
            assert!(0.0 < limits.small_below && limits.small_below < limits.large_from, "{lens:?}");
            assert!(!limits.source.is_empty() && !limits.source.ends_with('.'), "{lens:?}");
        }
        assert_eq!(Lens::Total.limits().range_text(SizeClass::Medium), "15 to 70");
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
