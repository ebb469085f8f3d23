//! What was fitted to the published scores (`assets/ranking_fit.json`, written by `tests/suite/ranking_fit`).
//!
//! `logit(score / 100) = release + size · log2 P + active · log2 A + years · t + reasons + publisher + model`, with
//! `P` the text model's parameters and `A` those that a token uses, in billions, `t` in years since 2025. Publisher
//! and model are what the tested models deviate by, drawn towards nothing as far as deviations vary; a publisher or
//! a model of which nothing was tested has none.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::{Facts, Ground, Subject};

static TEXT: &str = include_str!("../../../assets/ranking_fit.json");

/// The forms of all subjects.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct Fitted {
    /// How it was made.
    pub source: Cow<'static, str>,
    /// The release that is the scale.
    pub reference: Cow<'static, str>,
    /// Form of the general score.
    pub general: Form,
    /// Form of coding.
    pub coding: Form,
    /// Form of reasoning.
    pub reasoning: Form,
}

/// The form of a subject; effects are in units of `ln`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Form {
    /// Of each release, by its date.
    pub releases: BTreeMap<Cow<'static, str>, f64>,
    /// Of a doubling of the parameters.
    pub size: f64,
    /// Of a doubling of the parameters that a token uses.
    pub active: f64,
    /// Of a year.
    pub years: f64,
    /// Of a model that thinks before it answers.
    pub reasons: f64,
    /// Of publishers with tested models.
    pub publishers: BTreeMap<Cow<'static, str>, f64>,
    /// Of tested models.
    pub models: BTreeMap<Cow<'static, str>, f64>,
    /// Of the release that is the scale, one of `releases`.
    pub reference: f64,
    /// How far estimates are off.
    pub errors: Errors,
}

/// Root mean squares of the errors of `logit`, each of scores that the fit had not seen.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Errors {
    /// Another release of the same model was seen.
    pub other_release: f64,
    /// Other models of its publisher were.
    pub publisher: f64,
    /// No model of its publisher was.
    pub facts: f64,
}

impl Errors {
    /// The error of an estimate that rests on `ground`; none of what is published.
    pub const fn of(&self, ground: Ground) -> f64 {
        match ground {
            Ground::Published => 0.0,
            Ground::OtherRelease => self.other_release,
            Ground::Publisher => self.publisher,
            Ground::Facts => self.facts,
        }
    }
}

impl Fitted {
    /// What this program was built with.
    ///
    /// # Panics
    /// Never in a build that passed its tests: they parse the same text.
    pub fn embedded() -> &'static Self {
        static FITTED: LazyLock<Fitted> = LazyLock::new(|| {
            #[expect(clippy::expect_used, reason = "a constant of this build, parsed by the tests")]
            serde_json::from_str(TEXT).expect("the embedded fit parses")
        });
        &FITTED
    }

    /// The form of a subject.
    pub const fn form(&self, subject: Subject) -> &Form {
        match subject {
            Subject::General => &self.general,
            Subject::Coding => &self.coding,
            Subject::Reasoning => &self.reasoning,
        }
    }
}

impl Form {
    /// The estimate on the reference release, and what it rests on; `None` where it is no number.
    pub fn logit(&self, facts: &Facts<'_>) -> Option<(f64, Ground)> {
        let publisher = self.publishers.get(facts.publisher);
        let model = self.models.get(facts.id);
        let ground = match (publisher, model) {
            (_, Some(_)) => Ground::OtherRelease,
            (Some(_), None) => Ground::Publisher,
            (None, None) => Ground::Facts,
        };
        let sum = self.reference
            + self.size * facts.size
            + self.active * facts.active
            + self.years * facts.years
            + if facts.reasons { self.reasons } else { 0.0 }
            + publisher.unwrap_or(&0.0)
            + model.unwrap_or(&0.0);
        sum.is_finite().then_some((sum, ground))
    }
}
