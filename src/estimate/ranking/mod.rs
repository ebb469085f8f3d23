//! How good a model's answers are before it is quantized: the evidence that models are compared by.
//!
//! One scale a subject: the newest release of a public benchmark ([`published`]). A model that was tested there has
//! its published number. Every other has an estimate on the same scale, fitted to the published numbers of all
//! releases ([`fitted`]), always with the error that models have which the fit had not seen. A model without a
//! release date has none. What quantization costs is not in here: [`Score::at`] takes it off.

pub mod fitted;
pub mod published;

use serde::Serialize;

use crate::language::{fixed, tr};
use crate::model::Model;
use fitted::Fitted;
use published::Published;

/// 80 % of a normal distribution lie within so many standard deviations.
const EIGHT_OF_TEN: f64 = 1.281_551_6;

/// What models are compared in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Subject {
    /// All categories of the benchmark, each counting alike.
    General,
    /// Writing programs.
    Coding,
    /// Drawing conclusions.
    Reasoning,
}

impl Subject {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::General, Self::Coding, Self::Reasoning];

    /// In a word.
    pub fn word(self) -> &'static str {
        match self {
            Self::General => tr!("general"),
            Self::Coding => tr!("coding"),
            Self::Reasoning => tr!("reasoning"),
        }
    }
}

/// What a score rests on, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ground {
    /// Tested in the release that is the scale.
    Published,
    /// Estimated; tested in another release, whose questions are others, and which has models in common with the scale.
    OtherRelease,
    /// Estimated from size, release date and kind, and from what other models of its publisher scored.
    Publisher,
    /// Estimated from size, release date and kind alone.
    Facts,
}

impl Ground {
    /// Whether the number was computed and not read.
    pub const fn is_estimated(self) -> bool {
        !matches!(self, Self::Published)
    }
}

/// A model's score, 0 to 100, on the scale of [`scale`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Score {
    /// In what.
    pub subject: Subject,
    /// The score, or the middle of its estimate.
    pub value: f64,
    /// Half of the range that holds eight of ten such estimates, points; `None`: the number is published.
    pub error: Option<f64>,
    /// What it rests on.
    pub ground: Ground,
}

impl Score {
    /// What of it is left where `kept` of the model's quality is kept (0 to 1).
    pub fn at(&self, kept: f64) -> f64 {
        self.value * kept.clamp(0.0, 1.0)
    }

    /// "65.6", or "64 ± 7" of an estimate.
    pub fn text(&self) -> String {
        self.text_at(1.0)
    }

    /// The same where `kept` of the quality is kept.
    pub fn text_at(&self, kept: f64) -> String {
        match self.error {
            None => fixed(self.at(kept), 1),
            Some(error) => format!("{:.0} ± {:.0}", self.at(kept), error.max(1.0)),
        }
    }

    /// "published" or "estimated".
    pub fn kind(&self) -> &'static str {
        if self.ground.is_estimated() { tr!("estimated") } else { tr!("published") }
    }
}

/// What scores are counted on: `LiveBench 2026-01-08`.
pub fn scale() -> String {
    format!("{} {}", Published::embedded().source.name, Fitted::embedded().reference)
}

/// A model's score; `None` where its release date is not known and nothing is published of it.
pub fn score(model: &Model, subject: Subject) -> Option<Score> {
    let fitted = Fitted::embedded();
    if let Some(row) = Published::embedded().best(&model.id, &fitted.reference, subject) {
        return Some(Score { subject, value: row.score(subject), error: None, ground: Ground::Published });
    }
    let form = fitted.form(subject);
    let (logit, ground) = form.logit(&Facts::of(model)?)?;
    let sd = form.errors.of(ground);
    let [low, value, high] = [logit - EIGHT_OF_TEN * sd, logit, logit + EIGHT_OF_TEN * sd].map(points);
    Some(Score { subject, value, error: Some((high - low) / 2.0), ground })
}

/// Where a score comes from, in a sentence.
pub fn explain(model: &Model, score: &Score) -> String {
    let (published, fitted) = (Published::embedded(), Fitted::embedded());
    let (scale, subject) = (scale(), score.subject.word());
    let name = &published.source.name;
    match score.ground {
        Ground::Published => {
            let row = published.best(&model.id, &fitted.reference, score.subject);
            let row = row.map_or(String::new(), |row| tr!(", row {row}", row = row.row));
            tr!(
                "{subject} score of {scale}{row}: {score} of 100, published",
                subject,
                scale,
                row,
                score = score.text()
            )
        }
        Ground::OtherRelease => {
            let others = published.releases_of(&model.id, score.subject);
            let others: Vec<String> = others
                .into_iter()
                .map(|(release, value)| tr!("{value} in {release}", value = fixed(value, 1), release))
                .collect();
            tr!(
                "{subject} score of {scale}, estimated: {score} of 100. It was not tested there; from its scores in \
                 other releases of {name} ({others}), which ask other questions, and from size and release date",
                subject,
                scale,
                score = score.text(),
                name,
                others = others.join(", ")
            )
        }
        Ground::Publisher => tr!(
            "{subject} score of {scale}, estimated: {score} of 100. It was not tested there; from its size, the \
             parameters that a token uses, its release date, whether it reasons, and what other models of {provider} scored",
            subject,
            scale,
            score = score.text(),
            provider = model.provider
        ),
        Ground::Facts => tr!(
            "{subject} score of {scale}, estimated: {score} of 100. Neither it nor another model of {provider} was tested there; \
             from its size, the parameters that a token uses, its release date and whether it reasons",
            subject,
            scale,
            score = score.text(),
            provider = model.provider
        ),
    }
}

/// What an estimate looks at.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts<'a> {
    /// Repository on the hub.
    pub id: &'a str,
    /// Who published it.
    pub publisher: &'a str,
    /// `log2` of the text model's parameters, in billions.
    pub size: f64,
    /// `log2` of the parameters that a token uses, in billions.
    pub active: f64,
    /// Years from the beginning of 2025 to the middle of its release month.
    pub years: f64,
    /// It thinks before it answers.
    pub reasons: bool,
}

impl<'a> Facts<'a> {
    /// Those of a model; `None` where its release month is not known.
    pub fn of(model: &'a Model) -> Option<Self> {
        let billions = |count: u64| (count.max(1) as f64 / 1e9).log2();
        Some(Self {
            id: &model.id,
            publisher: &model.provider,
            size: billions(model.params_text),
            active: billions(model.params_active),
            years: years(&model.release_date)?,
            reasons: model.has_tag(crate::model::record::Tag::Reasoning),
        })
    }
}

/// Years from the beginning of 2025 to the middle of a month such as "2025-07".
fn years(month: &str) -> Option<f64> {
    let mut parts = month.split('-');
    let year: f64 = parts.next()?.parse().ok().filter(|year| (2010.0..=2100.0).contains(year))?;
    let month: f64 = parts.next()?.parse().ok().filter(|month| (1.0..=12.0).contains(month))?;
    Some(year + (month - 0.5) / 12.0 - 2025.0)
}

/// A score on the line on which effects add up.
pub fn logit(points: f64) -> f64 {
    let share = (points / 100.0).clamp(1e-3, 1.0 - 1e-3);
    (share / (1.0 - share)).ln()
}

/// The score of a [`logit`].
pub fn points(logit: f64) -> f64 {
    100.0 / (1.0 + (-logit).exp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Catalog;

    fn of(name: &str, subject: Subject) -> (&'static Model, Score) {
        let catalog = Catalog::embedded();
        let model = catalog.get(catalog.find(name).unwrap());
        (model, score(model, subject).unwrap())
    }

    #[test]
    fn what_was_tested_on_the_scale_has_its_number() {
        let (model, score) = of("Qwen/Qwen3.6-27B", Subject::General);
        assert_eq!((score.value, score.error, score.ground), (65.56, None, Ground::Published));
        assert!(explain(model, &score).contains("65.6 of 100, published"));
        // Of several ways of running it, the best.
        assert_eq!(of("deepseek-ai/DeepSeek-V3.2", Subject::General).1.value, 62.2);
    }

    #[test]
    fn what_was_not_is_estimated_and_says_so() {
        let (model, score) = of("MiniMaxAI/MiniMax-M2", Subject::General);
        assert_eq!(score.ground, Ground::OtherRelease);
        assert!(
            (40.0..60.0).contains(&score.value),
            "64.3 in the release before is less in this one: {score:?}"
        );
        let said = explain(model, &score);
        assert!(said.contains("estimated") && said.contains("64.3 in 2025-05-30"), "{said}");
        let old = of("meta-llama/Llama-3.3-70B-Instruct", Subject::General).1;
        assert_eq!(
            old.ground,
            Ground::Publisher,
            "the release of 2024 has no model in common with the scale"
        );
        let (model, score) = of("Qwen/Qwen3-8B", Subject::Coding);
        assert_eq!((score.ground, score.kind()), (Ground::Publisher, "estimated"));
        assert!(score.error.unwrap() > 3.0 && score.text().contains(" ± "));
        assert!(explain(model, &score).contains("other models of"));
    }

    #[test]
    fn bigger_and_newer_is_better_all_else_alike() {
        let value = |name| of(name, Subject::General).1.value;
        assert!(value("Qwen/Qwen3-8B") < value("Qwen/Qwen3-14B"));
        assert!(value("meta-llama/Llama-3.2-1B-Instruct") < value("meta-llama/Llama-3.2-3B-Instruct"));
        assert!(value("Qwen/Qwen2.5-14B-Instruct") < value("Qwen/Qwen3-14B"));
    }

    #[test]
    fn without_a_date_there_is_no_score() {
        let (model, _) = of("Qwen/Qwen3-8B", Subject::General);
        let undated = Model { release_date: String::new(), ..model.clone() };
        assert_eq!(score(&undated, Subject::General), None);
        assert_eq!((years("2025-13"), years("later")), (None, None));
        assert!((years("2025-01").unwrap() - 0.5 / 12.0).abs() < 1e-9);
    }

    #[test]
    fn every_model_that_generates_text_has_one() {
        let catalog = Catalog::embedded();
        for model in catalog.models().iter().filter(|model| model.not_generating().is_none()) {
            for subject in Subject::ALL {
                let score = score(model, subject).unwrap_or_else(|| panic!("{}", model.id));
                assert!((0.0..=100.0).contains(&score.value), "{}: {score:?}", model.id);
                assert_eq!(score.error.is_some(), score.ground.is_estimated());
            }
        }
    }

    #[test]
    fn quantization_takes_its_share() {
        let (_, score) = of("Qwen/Qwen3.6-27B", Subject::General);
        assert!((score.at(0.98) - 64.25).abs() < 0.01);
        assert_eq!((score.text_at(0.98), score.at(1.2)), ("64.2".to_owned(), score.value));
    }
}
