//! What a quantized key–value cache costs: measured rows and a sentence, no share.
//!
//! The loss depends on the model far more than on anything that could be computed, and the few measurements
//! come from different texts and tools, so they are shown as they are.

use std::sync::OnceLock;

use serde::Deserialize;

use super::Identity;
use crate::language::tr;
use crate::quant::ggml::GgmlType;
use crate::quant::measured::{self, Measured};

/// What is known of the loss by a cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheLoss {
    /// The judgement in a few words: "`q8_0`: usually safe".
    pub statement: String,
    /// What it rests on.
    pub basis: String,
}

/// Where words begin (`assets/quality.json`).
#[derive(Debug, Deserialize)]
struct Words {
    some_from: f64,
    clear_from: f64,
    safe_from_bits: f64,
    caution: String,
    note: String,
}

impl Words {
    #[expect(clippy::expect_used, reason = "embedded at build time; every test of this module reads it")]
    fn embedded() -> &'static Self {
        #[derive(Deserialize)]
        struct File {
            cache: Words,
        }
        static WORDS: OnceLock<Words> = OnceLock::new();
        WORDS.get_or_init(|| {
            let file: File = serde_json::from_str(include_str!("../../../assets/quality.json"))
                .expect("quality.json is sound");
            file.cache
        })
    }

    fn loss(&self, divergence: f64) -> &'static str {
        match divergence {
            d if d >= self.clear_from => tr!("loses clearly"),
            d if d >= self.some_from => tr!("loses a little"),
            _ => tr!("loses next to nothing"),
        }
    }
}

/// What is known of the loss of `model` with keys in the first and values in the second of `formats`;
/// `None`: neither is quantized.
pub fn cache_loss(model: &Identity<'_>, formats: [GgmlType; 2]) -> Option<CacheLoss> {
    let words = Words::embedded();
    let quantized = formats.into_iter().filter(|format| format.is_quantized());
    let coarsest = quantized.min_by(|a, b| a.bits_per_weight().total_cmp(&b.bits_per_weight()))?;
    let name = coarsest.name();
    let own = measured::of(model.names()).flat_map(|subjects| rows(subjects, coarsest));
    let own: Vec<(&str, &Measured)> = own.collect();
    if let Some(worst) = worst(&own) {
        return Some(CacheLoss {
            statement: tr!("{name} {worst} on this model", name, worst = words.loss(worst.value)),
            basis: format!("{}; {}", told(&own), words.note),
        });
    }
    let of_all = |family: Option<&str>| -> Vec<(&str, &Measured)> {
        let wanted = measured::models().iter().filter(|m| family.is_none() || m.family == family);
        wanted.flat_map(|subjects| rows(subjects, coarsest)).collect()
    };
    let relatives = of_all(Some(model.family));
    if let Some(worst) = worst(&relatives) {
        return Some(CacheLoss {
            statement: tr!("{name} {worst} on a model of its family", name, worst = words.loss(worst.value)),
            basis: format!("{}; {}", told(&relatives), words.note),
        });
    }
    let others = of_all(None);
    let safe = coarsest.bits_per_weight() >= words.safe_from_bits;
    let statement = if safe {
        tr!("{name}: usually safe, {caution}", name, caution = words.caution)
    } else {
        tr!("{name}: more is lost than by q8_0", name)
    };
    let basis = if others.is_empty() {
        tr!("not measured on any model; {note}", note = words.note)
    } else {
        tr!("not measured on this model; {others}; {note}", others = told(&others), note = words.note)
    };
    Some(CacheLoss { statement, basis })
}

fn rows(
    subjects: &'static measured::Subjects,
    format: GgmlType,
) -> impl Iterator<Item = (&'static str, &'static Measured)> {
    subjects.caches().filter(move |(of, _)| *of == format).map(|(_, row)| (subjects.model, row))
}

fn worst<'a>(rows: &[(&str, &'a Measured)]) -> Option<&'a Measured> {
    rows.iter().map(|(_, row)| *row).max_by(|a, b| a.value.total_cmp(&b.value))
}

/// Every row with its model, metric and source.
fn told(rows: &[(&str, &Measured)]) -> String {
    let one = |(model, row): &(&str, &Measured)| {
        let model = model.rsplit('/').next().unwrap_or(model);
        let note = row.note.map(|note| format!(" ({note})")).unwrap_or_default();
        format!("{model}: {} {}{note}, {}", row.metric.text(), row.value, row.source.name)
    };
    rows.iter().map(one).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loss(id: &str, keys: GgmlType, values: GgmlType) -> Option<CacheLoss> {
        let family = if id.contains("gemma-4") { "Gemma 4" } else { "Qwen3" };
        let model = Identity { id, aliases: &[], family, params_total: 1 };
        cache_loss(&model, [keys, values])
    }

    #[test]
    fn whole_caches_lose_nothing() {
        assert_eq!(loss("Qwen/Qwen3-8B", GgmlType::F16, GgmlType::Bf16), None);
    }

    #[test]
    fn measured_models_say_how_much() {
        let gemma = loss("google/gemma-4-26B-A4B-it", GgmlType::Q8_0, GgmlType::Q8_0).unwrap();
        assert_eq!(gemma.statement, "q8_0 loses clearly on this model");
        assert!(
            gemma
                .basis
                .starts_with("gemma-4-26B-A4B-it: KL divergence, top 40, long texts 0.377, localbench")
        );
        let qwen = loss("Qwen/Qwen3.6-35B-A3B", GgmlType::Q8_0, GgmlType::Q8_0).unwrap();
        assert_eq!(qwen.statement, "q8_0 loses a little on this model");
        assert!(qwen.basis.contains("0.0016") && qwen.basis.contains("0.04"), "{}", qwen.basis);
    }

    #[test]
    fn the_family_is_heard_before_others() {
        let sister = loss("google/gemma-4-E4B-it", GgmlType::Q8_0, GgmlType::Q8_0).unwrap();
        assert_eq!(sister.statement, "q8_0 loses clearly on a model of its family");
        assert!(sister.basis.contains("26B-A4B") && sister.basis.contains("31B"), "{}", sister.basis);
    }

    #[test]
    fn others_hear_what_is_usual() {
        let eight = loss("Qwen/Qwen3-8B", GgmlType::Q8_0, GgmlType::F16).unwrap();
        assert_eq!(eight.statement, "q8_0: usually safe, check Gemma 4, which loses clearly by it");
        assert!(eight.basis.starts_with("not measured on this model; "));
        let four = loss("Qwen/Qwen3-8B", GgmlType::Q8_0, GgmlType::Q4_0).unwrap();
        assert_eq!(four.statement, "q4_0: more is lost than by q8_0");
        assert!(four.basis.contains("1.088"), "{}", four.basis);
        let five = loss("Qwen/Qwen3-8B", GgmlType::Q5_1, GgmlType::Q5_1).unwrap();
        assert!(five.basis.starts_with("not measured on any model"));
    }
}
