//! What values make sense, and why there may be no answer.

use super::{Kind, Workload};
use crate::language::{localized, tr};

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Problem {
    /// A value makes no sense.
    #[error("{message}")]
    Field {
        /// Name of the value, as the text form writes it.
        field: &'static str,
        /// What is wrong with it.
        message: String,
    },
    /// The model does not hold so much text.
    #[error("{}", too_long(*needs, *most))]
    TooLong {
        /// Tokens that are needed.
        needs: u32,
        /// Tokens that it was trained for.
        most: u32,
    },
    /// The model does not run with so much room.
    #[error("{}", tr!("the model does not fit with the room that this needs"))]
    DoesNotFit,
    /// Nothing is known of its speed.
    #[error("{0}")]
    NoSpeed(String),
}

fn too_long(needs: u32, most: u32) -> String {
    tr!("it needs room for {needs} tokens, and the model holds {most}", needs, most)
}

/// What a value may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// Name, as the text form writes it.
    pub field: &'static str,
    /// Least.
    pub least: f64,
    /// Most.
    pub most: f64,
    /// No fractions.
    pub whole: bool,
}

const TOKENS_MAX: f64 = 1_048_576.0;

const fn tokens(field: &'static str, least: f64) -> Bounds {
    Bounds { field, least, most: TOKENS_MAX, whole: true }
}

const fn count(field: &'static str, most: f64) -> Bounds {
    Bounds { field, least: 1.0, most, whole: true }
}

const fn real(field: &'static str, least: f64, most: f64) -> Bounds {
    Bounds { field, least, most, whole: false }
}

const CHAT: &[Bounds] =
    &[tokens("history", 0.0), tokens("message", 1.0), tokens("reply", 1.0), real("kept", 0.0, 1.0)];
const BATCH: &[Bounds] =
    &[count("items", 1e9), tokens("input", 1.0), tokens("shared", 0.0), tokens("output", 1.0)];
const AGENT: &[Bounds] = &[
    count("turns", 200.0),
    tokens("first", 1.0),
    tokens("new", 0.0),
    tokens("output", 1.0),
    real("kept", 0.0, 1.0),
];
const USERS: &[Bounds] = &[
    real("per_minute", 0.001, 100_000.0),
    tokens("input", 1.0),
    tokens("shared", 0.0),
    tokens("output", 1.0),
    real("target_s", 0.01, 86_400.0),
];
const COMPLETION: &[Bounds] = &[
    tokens("context", 1.0),
    tokens("changed", 1.0),
    tokens("output", 1.0),
    real("target_s", 0.01, 3_600.0),
    real("per_day", 0.0, 10_000_000.0),
];

/// What the values of a kind may be, in the order in which they are asked.
pub const fn bounds(kind: Kind) -> &'static [Bounds] {
    match kind {
        Kind::Chat => CHAT,
        Kind::Batch => BATCH,
        Kind::Agent => AGENT,
        Kind::Users => USERS,
        Kind::Completion => COMPLETION,
    }
}

impl Bounds {
    /// Whether `value` makes sense.
    ///
    /// # Errors
    /// What is wrong with it, as a sentence without its end.
    pub fn check(&self, value: f64) -> Result<f64, String> {
        if !value.is_finite() {
            return Err(tr!("this is not a number").to_owned());
        }
        if self.whole && value.fract() != 0.0 {
            return Err(tr!("whole numbers only").to_owned());
        }
        if value < self.least {
            return Err(if value < 0.0 {
                tr!("it cannot be negative").to_owned()
            } else {
                tr!("at least {least}", least = plain(self.least))
            });
        }
        if value > self.most {
            return Err(tr!("at most {most}", most = plain(self.most)));
        }
        Ok(value)
    }
}

fn plain(number: f64) -> String {
    if number.fract() == 0.0 { crate::units::thousands(number) } else { localized(number.to_string()) }
}

impl Workload {
    /// A value by its name.
    pub fn value(&self, field: &str) -> Option<f64> {
        let tokens = |tokens: u32| Some(f64::from(tokens));
        match (self, field) {
            (Self::Chat(chat), "history") => tokens(chat.history),
            (Self::Chat(chat), "message") => tokens(chat.message),
            (Self::Chat(chat), "reply") => tokens(chat.reply),
            (Self::Chat(chat), "kept") => Some(chat.kept),
            (Self::Batch(batch), "items") => Some(batch.items as f64),
            (Self::Batch(batch), "input") => tokens(batch.input),
            (Self::Batch(batch), "shared") => tokens(batch.shared),
            (Self::Batch(batch), "output") => tokens(batch.output),
            (Self::Agent(agent), "turns") => tokens(agent.turns),
            (Self::Agent(agent), "first") => tokens(agent.first),
            (Self::Agent(agent), "new") => tokens(agent.new),
            (Self::Agent(agent), "output") => tokens(agent.output),
            (Self::Agent(agent), "kept") => Some(agent.kept),
            (Self::Users(users), "per_minute") => Some(users.per_minute),
            (Self::Users(users), "input") => tokens(users.input),
            (Self::Users(users), "shared") => tokens(users.shared),
            (Self::Users(users), "output") => tokens(users.output),
            (Self::Users(users), "target_s") => Some(users.target_s),
            (Self::Completion(completion), "context") => tokens(completion.context),
            (Self::Completion(completion), "changed") => tokens(completion.changed),
            (Self::Completion(completion), "output") => tokens(completion.output),
            (Self::Completion(completion), "target_s") => Some(completion.target_s),
            (Self::Completion(completion), "per_day") => Some(completion.per_day),
            _ => None,
        }
    }

    /// Sets a value by its name.
    ///
    /// # Errors
    /// It makes no sense, or there is none of this name.
    pub fn set(&mut self, field: &str, value: f64) -> Result<(), String> {
        let known = bounds(self.kind()).iter().find(|known| known.field == field);
        let value = known.ok_or_else(|| format!("there is no value {field:?}"))?.check(value)?;
        // In range and whole where it must be, so the casts keep the number.
        let tokens = value as u32;
        match (self, field) {
            (Self::Chat(chat), "history") => chat.history = tokens,
            (Self::Chat(chat), "message") => chat.message = tokens,
            (Self::Chat(chat), "reply") => chat.reply = tokens,
            (Self::Chat(chat), _) => chat.kept = value,
            (Self::Batch(batch), "items") => batch.items = value as u64,
            (Self::Batch(batch), "input") => batch.input = tokens,
            (Self::Batch(batch), "shared") => batch.shared = tokens,
            (Self::Batch(batch), _) => batch.output = tokens,
            (Self::Agent(agent), "turns") => agent.turns = tokens,
            (Self::Agent(agent), "first") => agent.first = tokens,
            (Self::Agent(agent), "new") => agent.new = tokens,
            (Self::Agent(agent), "output") => agent.output = tokens,
            (Self::Agent(agent), _) => agent.kept = value,
            (Self::Users(users), "per_minute") => users.per_minute = value,
            (Self::Users(users), "input") => users.input = tokens,
            (Self::Users(users), "shared") => users.shared = tokens,
            (Self::Users(users), "output") => users.output = tokens,
            (Self::Users(users), _) => users.target_s = value,
            (Self::Completion(completion), "context") => completion.context = tokens,
            (Self::Completion(completion), "changed") => completion.changed = tokens,
            (Self::Completion(completion), "output") => completion.output = tokens,
            (Self::Completion(completion), "target_s") => completion.target_s = value,
            (Self::Completion(completion), _) => completion.per_day = value,
        }
        Ok(())
    }
}

/// Whether the values of `work` make sense.
///
/// # Errors
/// The first that does not, and why.
pub fn check(work: &Workload) -> Result<(), Problem> {
    for known in bounds(work.kind()) {
        let value = work.value(known.field).unwrap_or(f64::NAN);
        known.check(value).map_err(|message| Problem::Field { field: known.field, message })?;
    }
    if let Workload::Completion(completion) = work
        && completion.changed > completion.context
    {
        let message = tr!("no more than the context, {context}", context = completion.context);
        return Err(Problem::Field { field: "changed", message });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::presets;
    use super::*;

    #[test]
    fn every_value_has_a_name_and_can_be_set() {
        for preset in presets() {
            let mut work = preset.work.clone();
            for known in bounds(work.kind()) {
                let value = work.value(known.field).unwrap();
                let other = if value == known.least { known.most } else { known.least };
                work.set(known.field, other).unwrap();
                assert_eq!(work.value(known.field), Some(other), "{}: {}", preset.id, known.field);
                work.set(known.field, value).unwrap();
            }
            assert_eq!(work, preset.work);
        }
    }

    #[test]
    fn nonsense_is_refused_and_changes_nothing() {
        for preset in presets() {
            let mut work = preset.work.clone();
            for known in bounds(work.kind()) {
                for nonsense in [f64::NAN, f64::INFINITY, -1.0, 1e300, f64::NEG_INFINITY] {
                    assert!(work.set(known.field, nonsense).is_err(), "{} = {nonsense}", known.field);
                }
                if known.whole {
                    assert!(work.set(known.field, known.least + 0.5).is_err());
                }
            }
            assert_eq!(work, preset.work);
            assert!(work.set("colour", 1.0).is_err());
        }
    }

    #[test]
    fn messages_say_what_would_be_right() {
        let items = bounds(Kind::Batch)[0];
        assert_eq!(items.check(0.0), Err("at least 1".to_owned()));
        assert_eq!(items.check(-3.0), Err("it cannot be negative".to_owned()));
        assert_eq!(items.check(1e12), Err("at most 1,000,000,000".to_owned()));
        assert_eq!(items.check(2.5), Err("whole numbers only".to_owned()));
    }
}
