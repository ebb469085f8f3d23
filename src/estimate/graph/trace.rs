//! Lengths that remember what they are made of, and how far a layout made with them holds.
//!
//! Where a tensor finds its place is decided by comparing lengths, and every length grows with the context in
//! a straight line. So a graph that is laid out for one context is laid out for all around it for which each
//! comparison comes out as it did; there the end of each tensor is a straight line too.

use std::ops::{Add, Sub};

use super::buffers::LENT;
use super::pool::{ALIGNMENT, Length};
use super::size::{Amounts, Line, Size, Unit};

/// How many lent weights of each kind of [`LENT`] a length holds.
///
/// The counts stand side by side in one number, which is added and subtracted as one. What is left of a free
/// block may have fewer than none of a kind, which borrows from the next; the place of a tensor never has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts(u64);

/// Bits of a count.
const COUNT: u32 = u64::BITS / LENT.len() as u32;

impl Counts {
    /// One of each kind that `size` grows with.
    fn of(size: &Size) -> Self {
        let one = |(kind, unit): (usize, &Unit)| u64::from(size.of(*unit) > 0) << (COUNT * kind as u32);
        Self(LENT.iter().enumerate().map(one).sum())
    }

    /// The counts of all kinds.
    pub fn each(self) -> [i64; LENT.len()] {
        std::array::from_fn(|kind| (self.0 >> (COUNT * kind as u32)) as i64 & ((1 << COUNT) - 1))
    }
}

/// Bytes at the context that a graph is laid out for, with what they are made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traced {
    /// All bytes.
    pub bytes: i64,
    /// Bytes more for each step of the context.
    pub slope: i64,
    /// The lent weights among them.
    pub lent: Counts,
}

/// Lengths and contexts above this are not followed: sums of them could overflow.
const FOLLOWED: i64 = 1 << 44;

impl Traced {
    /// The bytes of `size` at `step`; `None`: too many to be followed up to the step `last`.
    pub fn new(size: &Size, line: &Line, step: u32, last: u32) -> Option<Self> {
        let slope = size.bytes(&line.slope);
        let bytes = size.bytes(&line.at(step)).next_multiple_of(ALIGNMENT);
        let most = u128::from(slope) * u128::from(last) + u128::from(bytes);
        // A straight line needs steps of whole alignments.
        if most > FOLLOWED as u128 || !slope.is_multiple_of(ALIGNMENT) {
            return None;
        }
        Some(Self { bytes: bytes as i64, slope: slope as i64, lent: Counts::of(size) })
    }

    /// The bytes of `size`, for one context alone.
    pub fn fixed(size: &Size, amounts: &Amounts) -> Self {
        let bytes = size.bytes(amounts).next_multiple_of(ALIGNMENT);
        Self { bytes: i64::try_from(bytes).unwrap_or(i64::MAX / 8), slope: 0, lent: Counts::of(size) }
    }
}

impl Add for Traced {
    type Output = Self;

    fn add(mut self, other: Self) -> Self {
        self.bytes += other.bytes;
        self.slope += other.slope;
        self.lent = Counts(self.lent.0.wrapping_add(other.lent.0));
        self
    }
}

impl Sub for Traced {
    type Output = Self;

    fn sub(mut self, other: Self) -> Self {
        self.bytes -= other.bytes;
        self.slope -= other.slope;
        self.lent = Counts(self.lent.0.wrapping_sub(other.lent.0));
        self
    }
}

impl Length for Traced {
    const ENDLESS: Self = Self { bytes: i64::MAX / 4, slope: 0, lent: Counts(0) };
    type Terms = Reach;

    fn bytes(self) -> u64 {
        // Lengths are never negative.
        self.bytes as u64
    }

    fn stays_at_least(self, other: Self, reach: &mut Reach) {
        reach.keep(self.bytes - other.bytes, self.slope - other.slope);
    }

    fn stays_above(self, other: Self, reach: &mut Reach) {
        reach.keep(self.bytes - other.bytes - 1, self.slope - other.slope);
    }

    fn stays_equal(self, other: Self, reach: &mut Reach) {
        if self.slope != other.slope {
            *reach = Reach::NONE;
        }
    }
}

/// How many steps of the context below and above its own a layout is valid for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reach {
    /// Steps below.
    pub below: i64,
    /// Steps above.
    pub above: i64,
}

impl Reach {
    /// One context alone.
    pub const NONE: Self = Self { below: 0, above: 0 };

    /// From a step to another around `step`.
    pub fn around(self, step: u32) -> (u32, u32) {
        let at = |offset: i64| u32::try_from(i64::from(step) + offset).unwrap_or(step);
        (at(-self.below), at(self.above))
    }

    /// Narrows it to where `more`, which is not negative here and grows by `slope` each step, is not negative.
    pub fn keep(&mut self, more: i64, slope: i64) {
        if slope > 0 {
            if more < slope * self.below {
                self.below = more / slope;
            }
        } else if slope < 0 && more < -slope * self.above {
            self.above = more / -slope;
        }
    }
}
