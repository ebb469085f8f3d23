//! The longest context, with few answers: from a guess by what a token takes, then by bisection.

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::model::Model;
use crate::units::Bytes;

use super::super::estimator::Estimator;
use super::super::plan::Brief;
use super::Aim;
use super::change::Question;

/// llama.cpp counts its cache in cells of this many tokens.
pub const STEP: u32 = 256;

/// One question with other contexts; each is asked for once.
#[derive(Debug)]
pub struct Contexts<'a> {
    estimator: &'a Estimator,
    model: &'a Model,
    question: Question,
    known: RefCell<BTreeMap<u32, Option<Brief>>>,
}

impl<'a> Contexts<'a> {
    /// Other contexts than that of `question`.
    pub fn new(estimator: &'a Estimator, model: &'a Model, question: Question) -> Self {
        Self { estimator, model, question, known: RefCell::default() }
    }

    fn at(&self, context: u32) -> Option<Brief> {
        if let Some(known) = self.known.borrow().get(&context) {
            return *known;
        }
        let mut scenario = self.question.scenario.clone();
        scenario.depth = self.question.depth_at(context, scenario.concurrency);
        scenario.context = context;
        let Question { level, rig, .. } = &self.question;
        let brief = self.estimator.brief(self.model, *level, &scenario, rig).ok();
        self.known.borrow_mut().insert(context, brief);
        brief
    }

    fn reaches(&self, aim: Aim, context: u32) -> bool {
        self.at(context).is_some_and(|brief| aim.is_reached(brief.class))
    }

    /// The longest context up to `limit` tokens that reaches `aim`, in steps of 256; `None`: not even 256.
    pub fn longest(&self, aim: Aim, limit: u32) -> Option<u32> {
        let limit = limit.max(STEP);
        if self.reaches(aim, limit) {
            return Some(limit);
        }
        if !self.reaches(aim, STEP) {
            return None;
        }
        let (mut low, mut high) = self.bracket(aim, limit.div_ceil(STEP), self.guess(aim, limit) / STEP);
        while low + 1 < high {
            let middle = u32::midpoint(low, high);
            if self.reaches(aim, middle * STEP) { low = middle } else { high = middle }
        }
        Some(low * STEP)
    }

    /// From `guess` in strides that double until the end lies between two answers; in steps.
    fn bracket(&self, aim: Aim, end: u32, guess: u32) -> (u32, u32) {
        let (mut low, mut high) = (1, end);
        if end <= 2 {
            return (low, high);
        }
        let mut at = guess.clamp(2, end - 1);
        let up = self.reaches(aim, at * STEP);
        let mut stride = 1;
        loop {
            if up {
                low = at;
            } else {
                high = at;
            }
            let next = if up { at + stride } else { at.saturating_sub(stride) };
            if next <= low && !up || next >= high && up || next <= 1 {
                return (low, high);
            }
            if self.reaches(aim, next * STEP) != up {
                return if up { (low, next) } else { (next, high) };
            }
            (at, stride) = (next, stride * 2);
        }
    }

    /// Where the free memory would be full if each token took as much as the next.
    fn guess(&self, aim: Aim, limit: u32) -> u32 {
        let (Some(short), Some(long)) = (self.at(STEP), self.at(limit)) else { return limit };
        let rig = &self.question.rig;
        let room = match aim {
            Aim::Memory => rig.device_free() + rig.host.free - short.need,
            Aim::Spare | Aim::OnGpu => rig.device_free() - short.on_gpu,
        };
        let per_token = (long.need - short.need).0 as f64 / f64::from((limit - STEP).max(1));
        if per_token <= 0.0 || room == Bytes::ZERO {
            return STEP;
        }
        (f64::from(STEP) + room.0 as f64 / per_token).min(f64::from(limit)) as u32
    }
}
