//! What others measured of quantized models, to stand beside the formula of [`super::quality`].
//!
//! Perplexities and divergences of different sources come from different texts, lengths and tools and must
//! not be compared with each other; a measurement is therefore never shown without its source.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

use super::ggml::GgmlType;
use super::level::Level;
use crate::language::tr;

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
    pub fn text(self) -> &'static str {
        match self {
            Self::Ppl => "perplexity",
            Self::KldMean => tr!("mean KL divergence"),
            Self::KldMedian => tr!("median KL divergence"),
            Self::KldTop40Mixed => tr!("KL divergence, top 40, long texts"),
            Self::LnPplRatio => tr!("ln perplexity ratio"),
            Self::RmsDpPct => tr!("RMS change of probability, %"),
            Self::SameTopPct => tr!("same top token, %"),
            Self::TopDifferFrac => tr!("share of changed top tokens"),
            Self::Mmlu5Shot => tr!("MMLU 5-shot, %"),
            Self::Mmlu => tr!("MMLU, %"),
            Self::CEval => tr!("C-Eval, %"),
            Self::IfEval => tr!("IFEval, %"),
            Self::HumanEval => tr!("HumanEval, %"),
            Self::Avg10 => tr!("mean of 10 tests, %"),
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

/// What a benchmark is: how much of its score is luck, and how finely it tells two models apart.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Test {
    /// The benchmark.
    #[serde(rename = "test")]
    pub metric: Metric,
    /// What guessing scores, percent.
    pub chance: f64,
    /// Questions; of a mean of several tests as many as one test that is as noisy has.
    pub questions: f64,
    /// Its kind, in words.
    pub about: &'static str,
}

/// The benchmark behind a metric; `None`: it is no benchmark but a distance between distributions.
pub fn test(metric: Metric) -> Option<&'static Test> {
    all().tests.iter().find(|test| test.metric == metric)
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
    /// Questions that were asked, where not all of the benchmark were.
    pub questions: Option<f64>,
    /// Whether the file was made with an importance matrix, where that is known.
    pub imatrix: Option<bool>,
    /// Who made the file, where that is known: files of one level differ by their maker.
    pub by: Option<&'static str>,
    /// Conditions.
    pub note: Option<&'static str>,
    /// Who measured.
    pub source: Source,
}

/// A value of a level, or of a format of the key–value cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Subject {
    Level(Level),
    Cache(GgmlType),
}

/// All that was measured of one model, in the order of the sources.
#[derive(Debug)]
pub struct Subjects {
    /// Its repository on the hub.
    pub model: &'static str,
    /// Its family in the catalog, where the rows of its cache speak for it.
    pub family: Option<&'static str>,
    rows: Vec<(Subject, Measured)>,
}

impl Subjects {
    /// Every level that was measured with what was measured of it.
    pub fn levels(&self) -> impl Iterator<Item = (Level, &Measured)> {
        self.rows.iter().filter_map(|(subject, row)| match subject {
            Subject::Level(level) => Some((*level, row)),
            Subject::Cache(_) => None,
        })
    }

    /// What was measured of a level.
    pub fn level(&self, level: Level) -> impl Iterator<Item = &Measured> {
        self.levels().filter(move |(of, _)| *of == level).map(|(_, row)| row)
    }

    /// Every format of the key–value cache that was measured, with what was measured of it.
    pub fn caches(&self) -> impl Iterator<Item = (GgmlType, &Measured)> {
        self.rows.iter().filter_map(|(subject, row)| match subject {
            Subject::Cache(format) => Some((*format, row)),
            Subject::Level(_) => None,
        })
    }
}

/// Every model that anything was measured of.
pub fn models() -> &'static [Subjects] {
    &all().models
}

/// What was measured of the model of any of `names`: repositories on the hub, with or without their owner,
/// in any case. A variant of a model is another model, unless its names say otherwise.
pub fn of<'a>(names: impl Iterator<Item = &'a str> + Clone) -> impl Iterator<Item = &'static Subjects> {
    models().iter().filter(move |subjects| names.clone().any(|name| is_named(subjects.model, name)))
}

/// Whether `name` is the repository `full`, whose owner it may leave out.
pub fn is_named(full: &str, name: &str) -> bool {
    let known = if name.contains('/') { full } else { bare(full) };
    known.eq_ignore_ascii_case(name)
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
    Test(Test),
    Values(Values),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Values {
    of: &'static str,
    model: &'static str,
    family: Option<&'static str>,
    metric: Metric,
    base: Option<f64>,
    /// The level whose value stands for the base, which was not measured: it has none itself.
    reference: Option<Level>,
    questions: Option<f64>,
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

#[derive(Debug, Default)]
struct Measurements {
    tests: Vec<Test>,
    models: Vec<Subjects>,
}

#[expect(clippy::expect_used, reason = "embedded at build time; every test of this module reads it")]
fn all() -> &'static Measurements {
    static ALL: OnceLock<Measurements> = OnceLock::new();
    ALL.get_or_init(|| {
        parse(include_str!("../../assets/quant_quality.jsonl")).expect("quant_quality.jsonl is sound")
    })
}

fn parse(text: &'static str) -> Result<Measurements, String> {
    let mut sources: Vec<Source> = Vec::new();
    let mut all = Measurements::default();
    for (number, line) in text.lines().enumerate() {
        let wrong = |what: String| tr!("line {number}: {what}", number = number + 1, what);
        let values = match serde_json::from_str(line).map_err(|error| wrong(error.to_string()))? {
            Line::Source(source) => {
                sources.push(source);
                continue;
            }
            Line::Test(benchmark) => {
                all.tests.push(benchmark);
                continue;
            }
            Line::Values(values) => values,
        };
        let source = sources.iter().find(|source| source.key == values.of);
        let source = *source.ok_or_else(|| wrong(tr!("no source {of}", of = values.of)))?;
        let mut subjects: Vec<(Subject, f64)> =
            values.levels.iter().map(|(&level, &value)| (Subject::Level(level), value)).collect();
        for (&name, &value) in &values.cache {
            let format = GgmlType::from_name(name).ok_or_else(|| wrong(tr!("no format {name}", name)))?;
            subjects.push((Subject::Cache(format), value));
        }
        let Values { model, family, metric, reference, questions, imatrix, by, note, .. } = values;
        let rows = subjects.into_iter().map(|(subject, value)| {
            let own = reference.is_some_and(|level| subject == Subject::Level(level));
            let base = values.base.filter(|_| !own);
            (subject, Measured { metric, value, base, questions, imatrix, by, note, source })
        });
        match all.models.iter_mut().find(|subjects| subjects.model == model) {
            Some(subjects) => {
                subjects.family = subjects.family.or(family);
                subjects.rows.extend(rows);
            }
            None => all.models.push(Subjects { model, family, rows: rows.collect() }),
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quant::FileType;

    const Q4_K_M: Level = Level::Gguf(FileType::Q4KM);

    fn measured(model: &str, level: Level) -> Vec<&'static Measured> {
        of([model].into_iter()).flat_map(|subjects| subjects.level(level)).collect()
    }

    #[test]
    fn a_model_is_found_by_its_repository() {
        let found = measured("meta-llama/meta-llama-3-8b", Q4_K_M);
        let divergence =
            found.iter().find(|m| m.metric == Metric::KldMean && m.imatrix == Some(true)).unwrap();
        assert_eq!((divergence.value, divergence.base), (0.028_152, Some(0.0)));
        assert_eq!(divergence.source.name, "llama.cpp perplexity README");
        assert_eq!(measured("Meta-Llama-3-8B", Q4_K_M), found);
        assert!(measured("Meta-Llama-3-8B", Level::Native).is_empty());
        assert!(measured("nobody/Meta-Llama-3-8B", Q4_K_M).is_empty());
    }

    #[test]
    fn the_same_level_differs_by_maker() {
        let values: Vec<_> = measured("Qwen/Qwen3.5-9B", Q4_K_M).iter().map(|m| (m.by, m.value)).collect();
        assert_eq!(
            values,
            [(Some("bartowski"), 0.0087), (Some("unsloth"), 0.0222), (Some("lmstudio"), 0.0353)]
        );
    }

    #[test]
    fn other_formats_and_caches_are_measured_too() {
        let gptq = Level::Gptq { bits: 4, group: 128 };
        let found = measured("Qwen/Qwen2-7B-Instruct", gptq);
        let mmlu = found.iter().find(|m| m.metric == Metric::Mmlu).unwrap();
        assert_eq!((mmlu.value, mmlu.base), (67.8, Some(70.5)));
        let gemma = of(["gemma-4-26b-a4b-it"].into_iter()).next().unwrap();
        let cache: Vec<(GgmlType, f64)> = gemma.caches().map(|(format, row)| (format, row.value)).collect();
        assert_eq!(cache, [(GgmlType::Q4_0, 1.088), (GgmlType::Q8_0, 0.377)]);
    }

    #[test]
    fn every_row_is_sound() {
        let rows: Vec<(&str, Measured)> =
            models().iter().flat_map(|s| s.rows.iter().map(|(_, row)| (s.model, *row))).collect();
        assert_eq!(rows.len(), 519);
        for (model, row) in rows {
            let Measured { metric, value, base, source, .. } = row;
            let may_be_negative = metric == Metric::LnPplRatio;
            assert!(
                value.is_finite() && (value >= 0.0 || may_be_negative) && base.is_none_or(f64::is_finite),
                "{row:?}"
            );
            assert!(source.url.starts_with("https://") && model.contains('/'), "{row:?}");
            // Nothing but noise makes a quantized model better, and noise is small.
            let slack = if metric.higher_is_better() { base.map(|b| value <= b * 1.05) } else { None };
            assert!(slack.unwrap_or(true), "{row:?}");
        }
    }

    #[test]
    fn benchmarks_are_told_from_distances() {
        // The mean of ten tests: what guessing scores in each, and the noise of all.
        let tests = [
            (0.0, 5153.0),
            (25.0, 10042.0),
            (50.0, 1838.0),
            (50.0, 1267.0),
            (22.6, 817.0),
            (25.0, 500.0),
            (50.0, 3270.0),
            (25.0, 2376.0),
            (25.0, 1172.0),
            (25.0, 14042.0),
        ];
        let ten = test(Metric::Avg10).unwrap();
        assert!((ten.chance - tests.iter().map(|t| t.0).sum::<f64>() / 10.0).abs() < 1e-9);
        assert!((ten.questions / (100.0 / tests.iter().map(|t| 1.0 / t.1).sum::<f64>()) - 1.0).abs() < 0.01);
        assert!(test(Metric::Ppl).is_none() && test(Metric::KldMean).is_none());
        for (_, row) in
            models().iter().flat_map(Subjects::levels).filter(|(_, row)| row.metric.higher_is_better())
        {
            assert!(test(row.metric).is_some() || row.metric == Metric::SameTopPct, "{row:?}");
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
