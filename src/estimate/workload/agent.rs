//! An agent: a program that asks again and again, each time with everything before. How fast prompts are read
//! decides how long that takes.

use serde::{Deserialize, Serialize};

use super::speeds::CHECKPOINT_STEP;
use super::{Answer, Detail, Limits, Of, Problem, Range, Speeds, Tokens, known};

/// A run of an agent.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agent {
    /// Questions to the model.
    pub turns: u32,
    /// Tokens of the first prompt.
    pub first: u32,
    /// Tokens that come in each turn: results of tools, messages.
    pub new: u32,
    /// Tokens that are written each turn.
    pub output: u32,
    /// Share of the earlier prompt that the engine has kept and can use again, 0 to 1.
    pub kept: f64,
}

/// One turn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Turn {
    /// Tokens of its whole prompt.
    pub prompt: u32,
    /// Of these, those that are read because they are new or were not kept.
    pub reads: f64,
    /// Seconds of the turn.
    pub seconds: Range,
    /// Seconds of the turn if nothing were kept.
    pub without: Range,
}

/// What an agent has besides.
#[derive(Clone, Debug, PartialEq)]
pub struct AgentAnswer {
    /// The turns.
    pub turns: Vec<Turn>,
    /// Seconds of all turns together, the agent's own tools not counted.
    pub seconds: Range,
    /// The same if nothing were kept between turns.
    pub without: Range,
    /// Of `seconds`, those in which prompts are read.
    pub reading: Range,
    /// Tokens that are read in all turns.
    pub reads: f64,
    /// The model's state can be taken up only where the engine has kept it, so up to 8,192 tokens are read again.
    pub from_checkpoints: bool,
}

impl Agent {
    pub(super) fn room(&self) -> u64 {
        let later = u64::from(self.turns.saturating_sub(1));
        u64::from(self.first) + later * u64::from(self.new + self.output) + u64::from(self.output)
    }

    /// Tokens of the prompt of a turn: `first + turn·(new + output)`.
    fn prompt(&self, turn: u32) -> u32 {
        self.first + turn * (self.new + self.output)
    }

    /// Tokens of it that are read, where a share was kept: all of the first, then `new + (1−kept)·prompt`
    /// (cost model, §6.5), never more than there are.
    pub fn reads(&self, turn: u32) -> f64 {
        let prompt = f64::from(self.prompt(turn));
        if turn == 0 { prompt } else { (1.0 - self.kept).mul_add(prompt, f64::from(self.new)).min(prompt) }
    }

    /// Tokens that are read in all turns.
    pub fn all_reads(&self) -> f64 {
        (0..self.turns).map(|turn| self.reads(turn)).sum()
    }

    pub(super) fn tokens(&self) -> Tokens {
        let input: f64 = (0..self.turns).map(|turn| f64::from(self.prompt(turn))).sum();
        Tokens {
            input,
            kept: input - self.all_reads(),
            output: f64::from(self.turns) * f64::from(self.output),
        }
    }

    /// Seconds in which `reads` tokens at the end of the prompt of a turn are read.
    fn reading(&self, speeds: &dyn Speeds, turn: u32, reads: f64, at_once: u32) -> Result<Range, Problem> {
        let prompt = self.prompt(turn);
        let tokens = (reads.round() as u32).clamp(1, prompt);
        Ok(known(speeds.prompt(prompt - tokens, tokens, at_once))?.dividing(reads))
    }

    /// What is read of a turn at least, usually, and at most: where the state of a model can be taken up at
    /// checkpoints only and the prompt differs before its end, up to the distance between two of them comes on
    /// top.
    fn reads_range(&self, turn: u32, from_checkpoints: bool) -> [f64; 3] {
        let reads = self.reads(turn);
        if turn == 0 || !from_checkpoints {
            return [reads; 3];
        }
        let most = f64::from(self.prompt(turn));
        let step = f64::from(CHECKPOINT_STEP);
        [reads, (reads + step / 2.0).min(most), (reads + step).min(most)]
    }

    pub(super) fn answer(&self, speeds: &dyn Speeds, limits: Limits) -> Result<Answer, Problem> {
        let requests = limits.asked.unwrap_or(1);
        let from_checkpoints = !speeds.resumes_anywhere() && self.kept > 0.0 && self.kept < 1.0;
        let mut turns = Vec::with_capacity(self.turns as usize);
        let none = Range::exactly(0.0);
        let (mut seconds, mut without, mut reading) = (none, none, none);
        let (mut first, mut reads_all) = (none, 0.0);
        let latency = Range::exactly(speeds.latency());
        for turn in 0..self.turns {
            let prompt = self.prompt(turn);
            let all = known(speeds.decode(prompt + self.output / 2, requests))?;
            let writing = all.times(1.0 / f64::from(requests)).dividing(f64::from(self.output));
            let [least, usual, most] = self.reads_range(turn, from_checkpoints);
            let read = self.reading(speeds, turn, usual, requests)?;
            let read = Range {
                p10: self.reading(speeds, turn, least, requests)?.p10,
                p50: read.p50,
                p90: self.reading(speeds, turn, most, requests)?.p90,
            };
            let anew = match limits.detail {
                Detail::All => self.reading(speeds, turn, f64::from(prompt), requests)?,
                Detail::Rough => read,
            };
            let after = |reading: Range| reading.plus(writing).plus(latency);
            let one = Turn { prompt, reads: usual, seconds: after(read), without: after(anew) };
            (seconds, without) = (seconds.plus(one.seconds), without.plus(one.without));
            (reading, reads_all) = (reading.plus(read), reads_all + usual);
            first = read.plus(latency);
            turns.push(one);
        }
        let last = self.prompt(self.turns.saturating_sub(1));
        let decode = known(speeds.decode(last + self.output / 2, requests))?;
        Ok(Answer {
            requests,
            best: 1,
            most: limits.most,
            class: speeds.class(requests).ok_or(Problem::DoesNotFit)?,
            room: limits.room,
            busy: seconds,
            first_token: first,
            reading_rate: decode.times(1.0 / f64::from(requests)),
            decode,
            prompt: reading.dividing(reads_all),
            of: Of::Agent(AgentAnswer {
                turns,
                seconds,
                without,
                reading,
                reads: reads_all,
                from_checkpoints,
            }),
        })
    }
}
