//! What others measured of quantized models, to stand beside the formula of [`super::quality`].
//!
//! Perplexities and divergences of different sources come from different texts, lengths and tools and must
//! not be compared with each other; a measurement is therefore never shown without its source.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

use super::ggml::GgmlType;
use super::level::Level;

/// Who measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Key of the source among the measurements.
    #[serde(rename = "source")]
    pub key: &'static str,
    /// Name for the screen.
    pub name: &'static str,
    /// Where the figures stand.
    pub url: &'static str,
}

/// What was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// Perplexity; lower is better.
    Ppl,
    /// Mean Kullback–Leibler divergence of the next token's distribution from the unquantized model's.
    KldMean,
    /// Its median.
    KldMedian,
    /// Mean divergence over the 40 likeliest tokens of long mixed texts.
    KldTop40Mixed,
    /// Logarithm of the ratio of perplexities.
    LnPplRatio,
    /// Root mean square change of the right token's probability, percent.
    RmsDpPct,
    /// Tokens whose likeliest choice stays the same, percent.
    SameTopPct,
    /// Tokens whose likeliest choice changes, share.
    TopDifferFrac,
    /// MMLU, five examples, percent.
    #[serde(rename = "mmlu_5shot_pct")]
    Mmlu5Shot,
    /// MMLU, percent.
    #[serde(rename = "mmlu_pct")]
    Mmlu,
    /// C-Eval, percent.
    #[serde(rename = "ceval_pct")]
    CEval,
    /// `IFEval`, percent.
    #[serde(rename = "ifeval_pct")]
    IfEval,
    /// `HumanEval`, percent.
    #[serde(rename = "humaneval_pct")]
    HumanEval,
    /// Mean accuracy of ten tests, percent.
    #[serde(rename = "avg10_acc_pct")]
    Avg10,
}

impl Metric {
    /// Its name on the screen.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Ppl => "perplexity",
            Self::KldMean => "mean KL divergence",
            Self::KldMedian => "median KL divergence",
            Self::KldTop40Mixed => "KL divergence, top 40, long texts",
            Self::LnPplRatio => "ln perplexity ratio",
            Self::RmsDpPct => "RMS change of probability, %",
            Self::SameTopPct => "same top token, %",
            Self::TopDifferFrac => "share of changed top tokens",
            Self::Mmlu5Shot => "MMLU 5-shot, %",
            Self::Mmlu => "MMLU, %",
            Self::CEval => "C-Eval, %",
            Self::IfEval => "IFEval, %",
            Self::HumanEval => "HumanEval, %",
            Self::Avg10 => "mean of 10 tests, %",
        }
    }

    /// Whether a larger value means less was lost.
    pub const fn higher_is_better(self) -> bool {
        match self {
            Self::Ppl
            | Self::KldMean
            | Self::KldMedian
            | Self::KldTop40Mixed
            | Self::LnPplRatio
            | Self::RmsDpPct
            | Self::TopDifferFrac => false,
            Self::SameTopPct
            | Self::Mmlu5Shot
            | Self::Mmlu
            | Self::CEval
            | Self::IfEval
            | Self::HumanEval
            | Self::Avg10 => true,
        }
    }
}

/// One measured value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measured {
    /// What was measured.
    pub metric: Metric,
    /// The value of the quantized model.
    pub value: f64,
    /// The value of the unquantized model, where it was measured.
    pub base: Option<f64>,
    /// Whether the file was made with an importance matrix, where that is known.
    pub imatrix: Option<bool>,
    /// Who made the file, where that is known: files of one level differ by their maker.
    pub by: Option<&'static str>,
    /// Conditions.
    pub note: Option<&'static str>,
    /// Who measured.
    pub source: Source,
}

/// What was measured of `model` at `level`, in the order of the sources. `model` is a repository on the hub,
/// with or without its owner, in any case; a variant of the model is another model.
pub fn measured(model: &str, level: Level) -> impl Iterator<Item = &'static Measured> {
    rows().iter().filter(move |row| row.subject == Subject::Level(level)).filter(by_model(model)).map(value)
}

/// What was measured of `model` with its key–value cache in `format`.
pub fn measured_cache(model: &str, format: GgmlType) -> impl Iterator<Item = &'static Measured> {
    rows().iter().filter(move |row| row.subject == Subject::Cache(format)).filter(by_model(model)).map(value)
}

#[derive(Debug, PartialEq)]
enum Subject {
    Level(Level),
    Cache(GgmlType),
}

#[derive(Debug)]
struct Row {
    model: &'static str,
    subject: Subject,
    measured: Measured,
}

fn value(row: &'static Row) -> &'static Measured {
    &row.measured
}

fn by_model(model: &str) -> impl Fn(&&'static Row) -> bool + use<'_> {
    move |row| {
        let known = if model.contains('/') { row.model } else { bare(row.model) };
        known.eq_ignore_ascii_case(model)
    }
}

/// A repository's name without its owner.
fn bare(id: &str) -> &str {
    id.rsplit_once('/').map_or(id, |(_, name)| name)
}

/// A line of `quant_quality.jsonl`.
#[derive(Deserialize)]
#[serde(untagged, bound(deserialize = "'de: 'static"))]
enum Line {
    Source(Source),
    Values(Values),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Values {
    of: &'static str,
    model: &'static str,
    metric: Metric,
    base: Option<f64>,
    imatrix: Option<bool>,
    by: Option<&'static str>,
    note: Option<&'static str>,
    /// Values by level.
    #[serde(default)]
    levels: BTreeMap<Level, f64>,
    /// Values by format of the cache.
    #[serde(default)]
    cache: BTreeMap<&'static str, f64>,
}

#[expect(clippy::expect_used, reason = "embedded at build time; every test of this module reads it")]
fn rows() -> &'static [Row] {
    static ROWS: OnceLock<Vec<Row>> = OnceLock::new();
    ROWS.get_or_init(|| {
        parse(include_str!("../../assets/quant_quality.jsonl")).expect("quant_quality.jsonl is sound")
    })
}

fn parse(text: &'static str) -> Result<Vec<Row>, String> {
    let mut sources: Vec<Source> = Vec::new();
    let mut rows = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let wrong = |what: String| format!("line {}: {what}", number + 1);
        let values = match serde_json::from_str(line).map_err(|error| wrong(error.to_string()))? {
            Line::Source(source) => {
                sources.push(source);
                continue;
            }
            Line::Values(values) => values,
        };
        let source = sources.iter().find(|source| source.key == values.of);
        let source = *source.ok_or_else(|| wrong(format!("no source {}", values.of)))?;
        let mut subjects: Vec<(Subject, f64)> =
            values.levels.iter().map(|(&level, &value)| (Subject::Level(level), value)).collect();
        for (&name, &value) in &values.cache {
            let format = GgmlType::from_name(name).ok_or_else(|| wrong(format!("no format {name}")))?;
            subjects.push((Subject::Cache(format), value));
        }
        let Values { model, metric, base, imatrix, by, note, .. } = values;
        rows.extend(subjects.into_iter().map(|(subject, value)| Row {
            model,
            subject,
            measured: Measured { metric, value, base, imatrix, by, note, source },
        }));
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quant::FileType;

    const Q4_K_M: Level = Level::Gguf(FileType::Q4KM);

    #[test]
    fn a_model_is_found_by_its_repository() {
        let found: Vec<&Measured> = measured("meta-llama/meta-llama-3-8b", Q4_K_M).collect();
        let divergence =
            found.iter().find(|m| m.metric == Metric::KldMean && m.imatrix == Some(true)).unwrap();
        assert_eq!((divergence.value, divergence.base), (0.028_152, Some(0.0)));
        assert_eq!(divergence.source.name, "llama.cpp perplexity README");
        let bare: Vec<&Measured> = measured("Meta-Llama-3-8B", Q4_K_M).collect();
        assert_eq!(bare, found);
        assert!(measured("Meta-Llama-3-8B", Level::Native).next().is_none());
        assert!(measured("nobody/Meta-Llama-3-8B", Q4_K_M).next().is_none());
    }

    #[test]
    fn the_same_level_differs_by_maker() {
        let values: Vec<_> = measured("Qwen/Qwen3.5-9B", Q4_K_M).map(|m| (m.by, m.value)).collect();
        assert_eq!(
            values,
            [(Some("bartowski"), 0.0087), (Some("unsloth"), 0.0222), (Some("lmstudio"), 0.0353)]
        );
    }

    #[test]
    fn other_formats_and_caches_are_measured_too() {
        let gptq = Level::Gptq { bits: 4, group: 128 };
        let mmlu = measured("Qwen/Qwen2-7B-Instruct", gptq).find(|m| m.metric == Metric::Mmlu).unwrap();
        assert_eq!((mmlu.value, mmlu.base), (67.8, Some(70.5)));
        let cache: Vec<f64> =
            measured_cache("google/gemma-4-26B-A4B-it", GgmlType::Q8_0).map(|m| m.value).collect();
        assert_eq!(cache, [0.377]);
    }

    #[test]
    fn every_row_is_sound() {
        assert_eq!(rows().len(), 515);
        for row in rows() {
            let Measured { metric, value, base, source, .. } = row.measured;
            let may_be_negative = metric == Metric::LnPplRatio;
            assert!(
                value.is_finite() && (value >= 0.0 || may_be_negative) && base.is_none_or(f64::is_finite),
                "{row:?}"
            );
            assert!(source.url.starts_with("https://") && row.model.contains('/'), "{row:?}");
            // Nothing but noise makes a quantized model better, and noise is small.
            let slack = if metric.higher_is_better() { base.map(|b| value <= b * 1.05) } else { None };
            assert!(slack.unwrap_or(true), "{row:?}");
        }
    }

    #[test]
    fn a_damaged_file_is_named_by_line() {
        assert_eq!(
            parse("{\"of\":\"x\",\"model\":\"a/b\",\"metric\":\"ppl\",\"levels\":{}}").unwrap_err(),
            "line 1: no source x"
        );
        assert!(parse("\n").unwrap_err().starts_with("line 1"));
    }
}
