//! Best for you: for each use the model and level that promise most among those that run fast enough here.
//!
//! Models are compared by their score ([`crate::estimate::ranking`]) times the share of quality that the level
//! keeps; the level of a model is the best cell of its row in the matrix, under the same limits. It is worked out
//! beside the window, and by `plimsoll report` at once.

mod choose;
mod remembered;
mod words;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::best::{Limits, READING_SPEED};
use super::jobs::Wake;
use super::latest::Latest;
use super::settings::{CONTEXT_MAX, CONTEXT_MIN};
use crate::estimate::ranking::{Score, Subject};
use crate::estimate::{Brief, Estimator, Rig, Scenario};
use crate::language::tr;
use crate::model::record::Tag;
use crate::model::{Catalog, Model, ModelId};
use crate::quant::Level;

pub use choose::choose;
pub use remembered::{BestForAction, Remembered};
pub use words::method;

/// Slowest and fastest speed that can be asked for, tokens/s.
pub const SPEED: std::ops::RangeInclusive<f64> = 0.1..=10_000.0;

/// What a model is wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Use {
    /// Conversation.
    Chat,
    /// Writing programs.
    Code,
    /// Thinking before it answers.
    Reasoning,
    /// Looking at images.
    Vision,
    /// Long texts.
    LongContext,
}

impl Use {
    /// All of them, in the order in which they are listed.
    pub const ALL: [Self; 5] = [Self::Chat, Self::Code, Self::Reasoning, Self::Vision, Self::LongContext];

    /// In a word or two.
    pub fn word(self) -> &'static str {
        match self {
            Self::Chat => tr!("Chat"),
            Self::Code => tr!("Code"),
            Self::Reasoning => tr!("Reasoning"),
            Self::Vision => tr!("Vision"),
            Self::LongContext => tr!("Long context"),
        }
    }

    /// What models are compared in for it. No score of images or long texts is published: models that can do it are
    /// compared by their general one.
    pub const fn subject(self) -> Subject {
        match self {
            Self::Code => Subject::Coding,
            Self::Reasoning => Subject::Reasoning,
            Self::Chat | Self::Vision | Self::LongContext => Subject::General,
        }
    }

    /// Whether a model is made for it, and trained for so many tokens.
    pub fn takes(self, model: &Model, context: u32) -> bool {
        let tag = match self {
            Self::Chat => model.has_tag(Tag::Chat),
            Self::Code => model.has_tag(Tag::Chat) || model.has_tag(Tag::Code),
            Self::Reasoning => model.has_tag(Tag::Reasoning),
            Self::Vision => model.has_tag(Tag::Vision),
            Self::LongContext => model.has_tag(Tag::Chat) && model.context_max.is_some(),
        };
        tag && model.not_generating().is_none() && model.context_max.is_none_or(|trained| trained >= context)
    }
}

/// What a model must reach to be named.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Terms {
    /// Decode rate of each request, tokens/s, at least.
    pub speed: f64,
    /// Tokens of a long context.
    pub long: u32,
    /// Part of it may lie in main memory beside a GPU.
    pub spill: bool,
}

impl Default for Terms {
    fn default() -> Self {
        Self { speed: READING_SPEED, long: 1 << 16, spill: true }
    }
}

impl Terms {
    /// Brings values from outside into their ranges.
    pub fn tidy(&mut self) {
        if !self.speed.is_finite() {
            self.speed = READING_SPEED;
        }
        self.speed = self.speed.clamp(*SPEED.start(), *SPEED.end());
        self.long = self.long.clamp(CONTEXT_MIN, CONTEXT_MAX);
    }

    /// What the level of a model must reach.
    pub const fn limits(&self) -> Limits {
        Limits { speed: self.speed, spill: self.spill }
    }
}

/// A question.
#[derive(Clone, Debug)]
pub struct Question {
    /// The models.
    pub catalog: Arc<Catalog>,
    /// What is asked of each model.
    pub scenario: Scenario,
    /// The machine.
    pub rig: Rig,
    /// The levels that come into question, from the fewest bits.
    pub levels: Vec<Level>,
    /// What a model must reach.
    pub terms: Terms,
}

impl PartialEq for Question {
    fn eq(&self, other: &Self) -> bool {
        // A catalog never changes; another one is another question.
        self.catalog.number() == other.catalog.number()
            && self.scenario == other.scenario
            && self.rig == other.rig
            && self.levels == other.levels
            && self.terms == other.terms
    }
}

/// A model at a level.
#[derive(Clone, Debug, PartialEq)]
pub struct Pick {
    /// The model.
    pub model: ModelId,
    /// Its name on the screen.
    pub name: String,
    /// Its level.
    pub level: Level,
    /// Memory, verdict, speed and quality there.
    pub brief: Brief,
    /// Its score before quantization.
    pub score: Score,
    /// Where the score comes from.
    pub evidence: String,
    /// Context that it was asked with, tokens.
    pub context: u32,
}

impl Pick {
    /// What models are compared by: the score that the level leaves.
    pub fn value(&self) -> f64 {
        self.score.at(kept(&self.brief))
    }
}

/// Share of the quality that counts: where only a band is known, its lower end.
pub fn kept(brief: &Brief) -> f64 {
    brief.quality.mid.unwrap_or(brief.quality.low)
}

/// What is best for a use.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// The best, and those that come next.
    Best {
        /// The best.
        pick: Pick,
        /// Names and values of the next, at most two.
        next: Vec<Pick>,
    },
    /// Nothing reaches the limits; the fastest that runs at all, where one does.
    None {
        /// The fastest.
        fastest: Option<Pick>,
    },
    /// Models run, but nothing says how fast.
    NoSpeed,
}

impl Found {
    /// The model that a click selects.
    pub const fn pick(&self) -> Option<&Pick> {
        match self {
            Self::Best { pick, .. } => Some(pick),
            Self::None { fastest } => fastest.as_ref(),
            Self::NoSpeed => None,
        }
    }
}

/// An answer: one a use, in the order of [`Use::ALL`].
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// What is best for each use.
    pub found: Vec<(Use, Found)>,
    /// What had to be reached.
    pub terms: Terms,
    /// Whether the machine has a GPU.
    pub has_gpu: bool,
}

impl Answer {
    /// What is best for a use.
    pub fn of(&self, wanted: Use) -> Option<&Found> {
        self.found.iter().find(|(known, _)| *known == wanted).map(|(_, found)| found)
    }
}

/// What is best for each use, worked out beside the window.
#[derive(Debug)]
pub struct BestFor {
    latest: Latest<Question, Answer>,
    /// The last answer; it stays until the next is there.
    pub answer: Option<Answer>,
}

impl BestFor {
    /// Worked out on a thread, which calls `wake`.
    pub fn background(wake: Wake) -> Self {
        Self { latest: Latest::background("best for you", answering(), wake), answer: None }
    }

    /// Worked out when it is asked for.
    pub fn inline() -> Self {
        Self { latest: Latest::inline(answering()), answer: None }
    }

    /// Asks; the same question again costs nothing.
    pub(in crate::app) fn ask(&mut self, question: Question) {
        self.latest.ask(question);
    }

    /// Takes an answer that has come.
    pub(in crate::app) fn poll(&mut self) {
        if let Some(answer) = self.latest.poll() {
            self.answer = Some(answer);
        }
    }

    /// Whether the answer to the present question is not there yet.
    pub const fn is_waiting(&self) -> bool {
        self.latest.is_waiting()
    }
}

fn answering() -> super::latest::Answering<Question, Answer> {
    Box::new(|question, is_stale| choose(Estimator::embedded(), question, is_stale))
}
