//! Published scores (`assets/model_scores.json`): what a public benchmark's releases say of models.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::Subject;

static TEXT: &str = include_str!("../../../assets/model_scores.json");

/// All rows, and where they are from.
#[derive(Debug, Deserialize)]
pub struct Published {
    /// Where they are from.
    pub source: Source,
    /// One row a model and way of running it.
    pub scores: Vec<Row>,
    /// Places in `scores` by model.
    #[serde(skip)]
    by_model: BTreeMap<Cow<'static, str>, Vec<usize>>,
}

/// Who publishes them.
#[derive(Debug, Deserialize)]
pub struct Source {
    /// Name of the benchmark.
    pub name: Cow<'static, str>,
    /// Where its tables are.
    pub url: Cow<'static, str>,
    /// Version of them.
    pub commit: Cow<'static, str>,
    /// Its date.
    pub date: Cow<'static, str>,
    /// Which files.
    pub files: Cow<'static, str>,
}

/// Scores of a model in a release, 0 to 100.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Row {
    /// Repository on the hub.
    pub model: Cow<'static, str>,
    /// Release of the benchmark, a date; scores of two releases are not comparable.
    pub release: Cow<'static, str>,
    /// Name in the table, which says how the model was run.
    pub row: Cow<'static, str>,
    general: f64,
    coding: f64,
    reasoning: f64,
}

impl Row {
    /// The score in a subject.
    pub const fn score(&self, subject: Subject) -> f64 {
        match subject {
            Subject::General => self.general,
            Subject::Coding => self.coding,
            Subject::Reasoning => self.reasoning,
        }
    }
}

impl Published {
    /// The table that this program was built with.
    ///
    /// # Panics
    /// Never in a build that passed its tests: they parse the same text.
    pub fn embedded() -> &'static Self {
        static PUBLISHED: LazyLock<Published> = LazyLock::new(|| {
            #[expect(clippy::expect_used, reason = "a constant of this build, parsed by the tests")]
            let mut published: Published = serde_json::from_str(TEXT).expect("the embedded scores parse");
            for (place, row) in published.scores.iter().enumerate() {
                published.by_model.entry(row.model.clone()).or_default().push(place);
            }
            published
        });
        &PUBLISHED
    }

    fn of<'a>(&'a self, model: &str) -> impl Iterator<Item = &'a Row> {
        self.by_model.get(model).into_iter().flatten().map(|place| &self.scores[*place])
    }

    /// The row of `model` in `release` that scores highest in `subject`: a model that can be run with and
    /// without reasoning has two.
    pub fn best(&self, model: &str, release: &str, subject: Subject) -> Option<&Row> {
        let rows = self.of(model).filter(|row| row.release == release);
        rows.max_by(|a, b| a.score(subject).total_cmp(&b.score(subject)))
    }

    /// Whether a release in which `model` was tested has models in common with `release`: only then is it known how
    /// the two go together.
    pub fn is_linked(&self, model: &str, release: &str) -> bool {
        let is_in = |id: &str, release: &str| self.of(id).any(|row| row.release == release);
        self.of(model)
            .any(|own| self.by_model.keys().any(|other| is_in(other, &own.release) && is_in(other, release)))
    }

    /// The best score of `model` in each release that it was tested in, oldest first.
    pub fn releases_of(&self, model: &str, subject: Subject) -> Vec<(&str, f64)> {
        let mut best: BTreeMap<&str, f64> = BTreeMap::new();
        for row in self.of(model) {
            let known = best.entry(&row.release).or_insert(f64::MIN);
            *known = known.max(row.score(subject));
        }
        best.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Catalog;

    #[test]
    fn every_row_is_of_a_model_of_the_catalog() {
        let published = Published::embedded();
        assert_eq!(published.scores.len(), 74);
        for row in &published.scores {
            assert!(Catalog::embedded().exact(&row.model).is_some(), "{}", row.model);
            for subject in Subject::ALL {
                assert!((0.0..=100.0).contains(&row.score(subject)), "{row:?}");
            }
        }
    }

    #[test]
    fn two_ways_of_running_a_model_count_as_the_better() {
        let published = Published::embedded();
        let (model, release) = ("deepseek-ai/DeepSeek-V3.2", "2026-01-08");
        let row = published.best(model, release, Subject::General).unwrap();
        assert_eq!((&*row.row, row.score(Subject::General)), ("deepseek-v3.2-thinking", 62.2));
        assert_eq!(published.releases_of(model, Subject::General), [(release, 62.2)]);
        assert!(published.is_linked("MiniMaxAI/MiniMax-M2", release));
        assert!(
            !published.is_linked("Qwen/QwQ-32B", release),
            "no model of 2024's release is in that of 2026"
        );
        assert!(published.best("nobody/nothing", release, Subject::General).is_none());
    }
}
