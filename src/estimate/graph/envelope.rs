//! What a buffer takes as a function of the weights that it is lent.
//!
//! A placement is judged by its graph buffers thousands of times, each time with other weights in main
//! memory. So a graph is laid out once with lengths that remember which weights they are made of, and what
//! comes out is a sum for each moment that can be the fullest.

use std::cmp::Ordering;
use std::ops::{Add, Sub};

use super::buffers::{LENT, Lent};
use super::pool::{ALIGNMENT, Length};
use super::size::{Amounts, Size};

/// How many lent weights of each kind of [`LENT`] a length holds.
type Counts = [i16; LENT.len()];

/// A number of bytes that remembers which lent weights it is made of.
#[derive(Clone, Copy, Debug, Default)]
pub struct Traced {
    /// All bytes.
    total: u64,
    /// Those that are no lent weight.
    rest: i64,
    counts: Counts,
}

impl Traced {
    /// The bytes of `size`.
    pub fn new(size: &Size, amounts: &Amounts) -> Self {
        let total = size.bytes(amounts).next_multiple_of(ALIGNMENT);
        let counts = LENT.map(|unit| i16::from(size.of(unit) > 0));
        let is_weight = counts.iter().any(|count| *count != 0);
        Self { total, rest: if is_weight { 0 } else { signed(total) }, counts }
    }
}

impl Add for Traced {
    type Output = Self;

    fn add(mut self, other: Self) -> Self {
        self.total += other.total;
        self.rest += other.rest;
        for (mine, theirs) in self.counts.iter_mut().zip(other.counts) {
            *mine += theirs;
        }
        self
    }
}

impl Sub for Traced {
    type Output = Self;

    fn sub(mut self, other: Self) -> Self {
        self.total -= other.total;
        self.rest -= other.rest;
        for (mine, theirs) in self.counts.iter_mut().zip(other.counts) {
            *mine -= theirs;
        }
        self
    }
}

impl PartialEq for Traced {
    fn eq(&self, other: &Self) -> bool {
        self.total == other.total
    }
}

impl PartialOrd for Traced {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.total.cmp(&other.total))
    }
}

impl Length for Traced {
    const ENDLESS: Self = Self { total: u64::MAX / 2, rest: i64::MAX / 2, counts: [0; LENT.len()] };
}

fn signed(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX / 4)
}

/// Most sums that are kept; graphs have fewer.
const SUMS: usize = 12;

/// The moments that can be the fullest, each as a sum over what is lent.
#[derive(Clone, Copy, Debug, Default)]
pub struct Envelope {
    sums: [(Counts, i64); SUMS],
    count: usize,
}

impl Envelope {
    /// Takes note of a tensor's end.
    pub fn add(&mut self, end: Traced) {
        let known = self.sums[..self.count].iter_mut().find(|(counts, _)| *counts == end.counts);
        if let Some((_, rest)) = known {
            *rest = end.rest.max(*rest);
        } else if self.count < SUMS {
            self.sums[self.count] = (end.counts, end.rest);
            self.count += 1;
        }
    }

    /// Bytes of the buffer with these weights lent.
    pub fn bytes(&self, lent: &Lent) -> u64 {
        let weights = LENT.map(|unit| signed(lent.of(unit)));
        // Where nothing of a kind is lent, no block that has it is in main memory.
        let possible = self.sums[..self.count].iter().filter(|(counts, _)| {
            counts.iter().zip(weights).all(|(count, weight)| *count == 0 || weight > 0)
        });
        let sums = possible.map(|(counts, rest)| {
            rest + counts.iter().zip(weights).map(|(count, weight)| i64::from(*count) * weight).sum::<i64>()
        });
        sums.max().and_then(|bytes| u64::try_from(bytes).ok()).unwrap_or(0)
    }
}
