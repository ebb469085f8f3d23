//! A conversation: how long somebody waits for an answer, and how fast it comes.

use serde::{Deserialize, Serialize};

use super::{Answer, Limits, Of, Problem, Range, Speeds, Tokens, known};

/// A conversation of one person.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chat {
    /// Tokens before the message.
    pub history: u32,
    /// Tokens of the message.
    pub message: u32,
    /// Tokens of the answer.
    pub reply: u32,
    /// Share of the history that the engine has kept from the turn before, 0 to 1.
    pub kept: f64,
}

/// What a chat has besides.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChatAnswer {
    /// Seconds to the first token where nothing was kept: after a restart, or after another conversation.
    pub cold: Range,
    /// Seconds until the whole answer stands.
    pub whole: Range,
}

impl Chat {
    pub(super) fn room(&self) -> u64 {
        u64::from(self.history) + u64::from(self.message) + u64::from(self.reply)
    }

    pub(super) fn tokens(&self) -> Tokens {
        Tokens {
            input: f64::from(self.history) + f64::from(self.message),
            kept: f64::from(self.history) * self.kept,
            output: f64::from(self.reply),
        }
    }

    /// Seconds to the first token: what was not kept and the message are read after the rest, as
    /// `TTFT(history·(1−kept))` of the cost model, §6.5.
    fn first_token(&self, speeds: &dyn Speeds, kept: f64, at_once: u32) -> Result<Range, Problem> {
        let stays = (f64::from(self.history) * kept).floor() as u32;
        let reads = self.history - stays.min(self.history) + self.message;
        let prompt = known(speeds.prompt(stays, reads, at_once))?.dividing(f64::from(reads));
        let step = known(speeds.decode(self.history + self.message, 1))?.dividing(1.0);
        Ok(prompt.plus(step).plus(Range::exactly(speeds.latency())))
    }

    pub(super) fn answer(&self, speeds: &dyn Speeds, limits: Limits) -> Result<Answer, Problem> {
        let requests = limits.asked.unwrap_or(1);
        let depth = self.history + self.message + self.reply / 2;
        let all = known(speeds.decode(depth, requests))?;
        let each = all.times(1.0 / f64::from(requests));
        let first = self.first_token(speeds, self.kept, requests)?;
        let writing = each.dividing(f64::from(self.reply));
        let whole = first.plus(writing);
        let stays = (f64::from(self.history) * self.kept).floor() as u32;
        let reads = self.history - stays.min(self.history) + self.message;
        Ok(Answer {
            requests,
            best: 1,
            most: limits.most,
            class: speeds.class(requests).ok_or(Problem::DoesNotFit)?,
            room: limits.room,
            // Of the others' steps each has its share.
            busy: first.plus(writing.times(1.0 / f64::from(requests))),
            first_token: first,
            reading_rate: each,
            decode: all,
            prompt: known(speeds.prompt(stays, reads, requests))?,
            of: Of::Chat(ChatAnswer { cold: self.first_token(speeds, 0.0, requests)?, whole }),
        })
    }
}
