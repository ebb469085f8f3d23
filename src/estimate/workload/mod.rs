//! Work that a model is given: a chat, a batch, an agent, many users, code completion; how long it takes.
//!
//! All of it is built on rates that [`Speeds`] answers with their ranges; `range` says how ranges are put
//! together. A workload knows no clock, no price and no screen.

pub mod agent;
pub mod batch;
pub mod chat;
pub mod check;
pub mod completion;
pub mod presets;
mod range;
pub mod simulation;
pub mod speeds;
pub mod tokens;
pub mod users;

use serde::{Deserialize, Serialize};

use super::plan::{FitClass, Range};
use super::scenario::Scenario;
use super::{Estimator, Rig};
use crate::language::{mark, tr};
use crate::model::Model;
use crate::quant::Level;

pub use agent::{Agent, AgentAnswer, Turn};
pub use batch::{Batch, BatchAnswer, Point};
pub use chat::{Chat, ChatAnswer};
pub use check::{Problem, check};
pub use completion::{Completion, CompletionAnswer};
pub use presets::{Preset, presets};
pub use speeds::{OnRig, REQUESTS_MAX, Speeds};
pub use users::{Users, UsersAnswer};

/// Work.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Workload {
    /// A conversation.
    Chat(Chat),
    /// Many items, all there at the start.
    Batch(Batch),
    /// A program that asks again and again with a growing prompt.
    Agent(Agent),
    /// Requests of several people, as they come.
    Users(Users),
    /// What an editor suggests while somebody types.
    Completion(Completion),
}

/// Kinds of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A conversation.
    Chat,
    /// Many items, all there at the start.
    Batch,
    /// A program that asks again and again with a growing prompt.
    Agent,
    /// Requests of several people, as they come.
    Users,
    /// What an editor suggests while somebody types.
    Completion,
}

impl Kind {
    /// All kinds with their words, in the order of the list.
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::Chat, mark!("Chat")),
        (Self::Batch, mark!("Batch job")),
        (Self::Agent, mark!("Agent")),
        (Self::Users, mark!("Many users")),
        (Self::Completion, mark!("Code completion")),
    ];

    /// What its costs are counted by: one, and several of them.
    pub const fn unit(self) -> (&'static str, &'static str) {
        match self {
            Self::Chat => ("reply", "replies"),
            Self::Batch => ("job", "jobs"),
            Self::Agent => ("run", "runs"),
            Self::Users => ("request", "requests"),
            Self::Completion => ("completion", "completions"),
        }
    }
}

impl Workload {
    /// Its kind.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Chat(_) => Kind::Chat,
            Self::Batch(_) => Kind::Batch,
            Self::Agent(_) => Kind::Agent,
            Self::Users(_) => Kind::Users,
            Self::Completion(_) => Kind::Completion,
        }
    }

    /// Tokens that a request's cache must hold at the end.
    pub fn room(&self) -> u64 {
        match self {
            Self::Chat(chat) => chat.room(),
            Self::Batch(batch) => batch.room(),
            Self::Agent(agent) => agent.room(),
            Self::Users(users) => users.room(),
            Self::Completion(completion) => completion.room(),
        }
    }

    /// Tokens of one unit of it, as a provider counts them.
    pub fn tokens(&self) -> Tokens {
        match self {
            Self::Chat(chat) => chat.tokens(),
            Self::Batch(batch) => batch.tokens(),
            Self::Agent(agent) => agent.tokens(),
            Self::Users(users) => users.tokens(),
            Self::Completion(completion) => completion.tokens(),
        }
    }
}

/// Tokens of one unit of work, as a provider counts them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Tokens {
    /// Read, those too that were kept from before.
    pub input: f64,
    /// Of these, those that were kept.
    pub kept: f64,
    /// Written.
    pub output: f64,
}

impl Tokens {
    /// Read and written.
    pub fn all(&self) -> f64 {
        self.input + self.output
    }
}

/// How long work takes on a machine.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// Requests at once that it is about.
    pub requests: u32,
    /// How many are best; the rule is each kind's own.
    pub best: u32,
    /// The most that fit where one fits.
    pub most: u32,
    /// How the model lies with room for them.
    pub class: FitClass,
    /// Tokens that each request's cache has room for.
    pub room: u32,
    /// Seconds that the machine works for one unit.
    pub busy: Range,
    /// Seconds from a question to the first token that somebody sees.
    pub first_token: Range,
    /// Tokens a second of one answer.
    pub reading_rate: Range,
    /// Tokens a second that are written for all requests together while prompts wait.
    pub decode: Range,
    /// Tokens a second that are read.
    pub prompt: Range,
    /// What the kind has besides.
    pub of: Of,
}

/// What each kind of work has besides.
#[derive(Clone, Debug, PartialEq)]
pub enum Of {
    /// Of a chat.
    Chat(ChatAnswer),
    /// Of a batch.
    Batch(BatchAnswer),
    /// Of an agent.
    Agent(AgentAnswer),
    /// Of many users.
    Users(UsersAnswer),
    /// Of completions.
    Completion(CompletionAnswer),
}

/// Who works: a model at a level on a machine, in a scenario whose cache types and engine count.
#[derive(Clone, Copy, Debug)]
pub struct Worker<'a> {
    /// The estimator.
    pub estimator: &'a Estimator,
    /// The model.
    pub model: &'a Model,
    /// Its quantization.
    pub level: Level,
    /// Cache types and engine.
    pub scenario: &'a Scenario,
    /// The machine.
    pub rig: &'a Rig,
}

impl<'a> Worker<'a> {
    /// Rates with room for `tokens` a request.
    pub fn with_room(&self, tokens: u32) -> OnRig<'a> {
        OnRig::new(self.estimator, self.model, self.level, self.scenario, self.rig, tokens)
    }

    /// How long `work` takes with so many requests at once; `None`: as many as are best.
    ///
    /// # Errors
    /// A value makes no sense, the model does not hold the text, does not run, or nothing is known of its speed.
    pub fn answer(&self, work: &Workload, at_once: Option<u32>, detail: Detail) -> Result<Answer, Problem> {
        check(work)?;
        let room = room(work.room())?;
        if let Some(most) = self.model.context_max.filter(|most| *most < room) {
            return Err(Problem::TooLong { needs: room, most });
        }
        let speeds = self.with_room(room);
        let why = |problem: Problem| match problem {
            Problem::NoSpeed(_) => Problem::NoSpeed(self.why_no_speed(room)),
            other => other,
        };
        answer(work, &speeds, room, at_once, detail).map_err(why)
    }

    fn why_no_speed(&self, room: u32) -> String {
        let scenario = self.with_room(room).scenario(0, 1, 1);
        match self.estimator.plan(self.model, self.level, &scenario, self.rig) {
            Err(unsupported) => unsupported.reason,
            Ok(plan) => {
                let beginnings = [tr!("no speed: "), tr!("no decode speed: "), tr!("no prompt speed: ")];
                let is_why = |warning: &String| beginnings.iter().any(|words| warning.starts_with(words));
                let said = plan.warnings.into_iter().find(is_why);
                said.unwrap_or(plan.fit.reason)
            }
        }
    }
}

/// The same at rates that are given.
///
/// # Errors
/// As [`Worker::answer`].
pub fn answer(
    work: &Workload,
    speeds: &dyn Speeds,
    room: u32,
    at_once: Option<u32>,
    detail: Detail,
) -> Result<Answer, Problem> {
    let most = speeds::most_that_fit(speeds).ok_or(Problem::DoesNotFit)?;
    let asked = at_once.map(|requests| requests.clamp(1, REQUESTS_MAX));
    let limits = Limits { room, most, asked, detail };
    match work {
        Workload::Chat(chat) => chat.answer(speeds, limits),
        Workload::Batch(batch) => batch.answer(speeds, limits),
        Workload::Agent(agent) => agent.answer(speeds, limits),
        Workload::Users(users) => users.answer(speeds, limits),
        Workload::Completion(completion) => completion.answer(speeds, limits),
    }
}

/// What an answer must keep to.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Tokens that each request has room for.
    pub room: u32,
    /// The most requests that fit where one fits.
    pub most: u32,
    /// Requests at once that are asked for; `None`: the best.
    pub asked: Option<u32>,
    /// How much of it is wanted.
    pub detail: Detail,
}

/// How much of an answer is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// All of it.
    All,
    /// What models are compared by: fewer numbers of requests are tried, and there are no curves.
    Rough,
}

/// Context of a request: whole steps of 256 tokens, as llama.cpp allocates.
fn room(tokens: u64) -> Result<u32, Problem> {
    let padded = tokens.max(1).div_ceil(256) * 256;
    u32::try_from(padded).map_err(|_| Problem::TooLong { needs: u32::MAX, most: 1 << 20 })
}

/// A rate that must be known.
fn known(rate: Option<Range>) -> Result<Range, Problem> {
    rate.filter(|rate| rate.is_positive()).ok_or_else(|| Problem::NoSpeed(String::new()))
}
