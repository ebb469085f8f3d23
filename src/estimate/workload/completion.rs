//! Code completion: a suggestion must stand before the next key.

use serde::{Deserialize, Serialize};

use super::{Answer, Limits, Of, Problem, Range, Speeds, Tokens, known};

/// A suggestion of an editor.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Completion {
    /// Tokens of the file around the cursor.
    pub context: u32,
    /// Of these, those that have changed since the last suggestion.
    pub changed: u32,
    /// Tokens of the suggestion.
    pub output: u32,
    /// Seconds within which it should stand.
    pub target_s: f64,
    /// Suggestions a day.
    pub per_day: f64,
}

/// What completions have besides.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CompletionAnswer {
    /// Seconds until a suggestion stands.
    pub whole: Range,
    /// The same in a file that was not read before.
    pub cold: Range,
    /// Seconds that the machine works in a day.
    pub day: Range,
}

impl Completion {
    pub(super) fn room(&self) -> u64 {
        u64::from(self.context) + u64::from(self.output)
    }

    pub(super) fn tokens(&self) -> Tokens {
        Tokens {
            input: f64::from(self.context),
            kept: f64::from(self.context - self.changed.min(self.context)),
            output: f64::from(self.output),
        }
    }

    pub(super) fn answer(&self, speeds: &dyn Speeds, limits: Limits) -> Result<Answer, Problem> {
        let changed = self.changed.min(self.context).max(1);
        let prompt = known(speeds.prompt(self.context - changed, changed, 1))?;
        let decode = known(speeds.decode(self.context + self.output / 2, 1))?;
        let latency = Range::exactly(speeds.latency());
        let writing = decode.dividing(f64::from(self.output));
        let after = |reading: Range| reading.plus(writing).plus(latency);
        let whole = after(prompt.dividing(f64::from(changed)));
        let all = known(speeds.prompt(0, self.context, 1))?.dividing(f64::from(self.context));
        Ok(Answer {
            requests: 1,
            best: 1,
            most: limits.most,
            class: speeds.class(1).ok_or(Problem::DoesNotFit)?,
            room: limits.room,
            busy: whole,
            first_token: prompt.dividing(f64::from(changed)).plus(decode.dividing(1.0)).plus(latency),
            reading_rate: decode,
            decode,
            prompt,
            of: Of::Completion(CompletionAnswer { whole, cold: after(all), day: whole.times(self.per_day) }),
        })
    }
}
