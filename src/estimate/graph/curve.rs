//! What a buffer takes as a function of the context and of the weights that it is lent.
//!
//! A placement is judged by its graph buffers thousands of times, each time with other weights in main
//! memory, and a drag of the context slider asks all models anew. So a graph is laid out with lengths that
//! remember what they are made of. What comes out is a sum for each moment that can be the fullest, and the
//! stretch of contexts for which that is so.

use std::sync::{Arc, PoisonError, RwLock};

use smallvec::SmallVec;

use super::buffers::{LENT, Lent};
use super::pool::ALIGNMENT;
use super::size::Amounts;
use super::trace::{Reach, Traced};

/// Bytes of a moment: what is lent, so often, and the rest.
#[derive(Clone, Copy, Debug)]
struct Sum {
    lent: [i64; LENT.len()],
    /// Bytes of the rest without any context.
    rest: i64,
    /// More for each step of the context.
    slope: i64,
}

impl Sum {
    fn rest_at(&self, step: u32) -> i64 {
        self.rest + self.slope * i64::from(step)
    }

    /// Whether `other` is no more, whatever is lent, from one step to another.
    fn covers(&self, other: &Self, steps: [u32; 2]) -> bool {
        self.lent
            .iter()
            .zip(other.lent)
            .all(|(mine, theirs)| *mine >= theirs && (*mine == 0) == (theirs == 0))
            && steps.iter().all(|step| self.rest_at(*step) >= other.rest_at(*step))
    }
}

/// Most combinations of lent weights that are told apart; few graphs have more.
const KINDS: usize = 12;

/// The moments that can be the fullest, for a stretch of contexts.
#[derive(Clone, Debug)]
pub struct Piece {
    from: u32,
    to: u32,
    sums: SmallVec<[Sum; 1]>,
}

impl Piece {
    /// Bytes of the buffer at `step`, with these weights lent.
    pub fn bytes(&self, step: u32, lent: &Lent) -> u64 {
        if let [sum] = self.sums.as_slice()
            && sum.lent == [0; LENT.len()]
        {
            return u64::try_from(sum.rest_at(step)).unwrap_or(0);
        }
        let weights = LENT.map(|unit| i64::try_from(lent.of(unit)).unwrap_or(i64::MAX / 4));
        // Where nothing of a kind is lent, no block that has it is in main memory.
        let possible = self
            .sums
            .iter()
            .filter(|sum| sum.lent.iter().zip(weights).all(|(count, weight)| *count == 0 || weight > 0));
        let bytes = possible.map(|sum| {
            let lent: i64 = sum.lent.iter().zip(weights).map(|(count, weight)| count * weight).sum();
            sum.rest_at(step) + lent
        });
        bytes.max().and_then(|bytes| u64::try_from(bytes).ok()).unwrap_or(0)
    }

    /// The buffer of a graph that takes `bytes` at `step`.
    pub fn point(step: u32, bytes: u64) -> Self {
        let rest = i64::try_from(bytes).unwrap_or(i64::MAX);
        let sum = Sum { lent: [0; LENT.len()], rest, slope: 0 };
        Self { from: step, to: step, sums: [sum].into_iter().collect() }
    }
}

/// Ends of tensors while a graph is laid out: of those that are made of the same the furthest.
#[derive(Debug, Default)]
pub struct Moments {
    ends: SmallVec<[Traced; 24]>,
    /// Different combinations of lent weights among them.
    kinds: usize,
}

impl Moments {
    /// Takes note of a tensor's end.
    pub fn add(&mut self, end: Traced) {
        let mut is_new = true;
        for known in &mut self.ends {
            if known.lent == end.lent {
                if known.slope == end.slope {
                    known.bytes = known.bytes.max(end.bytes);
                    return;
                }
                is_new = false;
            }
        }
        if is_new {
            if self.kinds == KINDS {
                return;
            }
            self.kinds += 1;
        }
        self.ends.push(end);
    }

    /// What a buffer takes around `step`, where it was laid out with weights of `amounts`; the layout has
    /// this `reach`.
    pub fn piece(&self, step: u32, reach: Reach, amounts: &Amounts) -> Piece {
        let weights = LENT.map(|unit| amounts.of(unit).next_multiple_of(ALIGNMENT) as i64);
        let (from, to) = reach.around(step);
        let mut sums: SmallVec<[Sum; 1]> = SmallVec::new();
        for end in &self.ends {
            let lent = end.lent.each();
            let borrowed: i64 = lent.iter().zip(weights).map(|(count, weight)| count * weight).sum();
            let rest = end.bytes - borrowed - end.slope * i64::from(step);
            let sum = Sum { lent, rest, slope: end.slope };
            if !sums.iter().any(|known| known.covers(&sum, [from, to])) {
                sums.retain(|known| !sum.covers(known, [from, to]));
                sums.push(sum);
            }
        }
        Piece { from, to, sums }
    }
}

/// A buffer's size over all contexts, as far as it was asked for: pieces by the step that they go to.
#[derive(Debug, Default)]
pub struct Curve(RwLock<Vec<(u32, Arc<Piece>)>>);

/// Most pieces that a curve keeps.
const PIECES: usize = 64;

impl Curve {
    /// The piece that holds `step`; what is not known yet is made.
    pub fn piece(&self, step: u32, make: impl FnOnce() -> Piece) -> Arc<Piece> {
        let pieces = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let place = pieces.partition_point(|(to, _)| *to < step);
        if let Some((_, piece)) = pieces.get(place)
            && piece.from <= step
        {
            return Arc::clone(piece);
        }
        drop(pieces);
        let piece = Arc::new(make());
        let mut pieces = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if pieces.len() >= PIECES {
            pieces.clear();
        }
        // Another thread may have been as fast; pieces that overlap say the same.
        let place = pieces.partition_point(|(to, _)| *to < piece.to);
        pieces.insert(place, (piece.to, Arc::clone(&piece)));
        piece
    }
}
