//! Sizes of a graph's tensors, as sums of what a scenario sets.

use std::ops::{Add, Mul};

/// What a size grows with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Tokens of a physical batch.
    Token,
    /// Rows that get logits.
    Output,
    /// Tokens of a batch times cells of a full cache: masks and scores.
    Pair,
    /// The same with the cells of a window.
    WindowPair,
    /// Cells of a full cache, all streams, where its keys have to be turned into f16.
    KeyCell,
    /// The same for values.
    ValueCell,
    /// Cells of a window, all streams, where the keys have to be turned into f16.
    WindowKeyCell,
    /// The same for values.
    WindowValueCell,
    /// Bytes of 32 keys in each cell of a full cache, as they are stored.
    StoredKeys,
    /// The same for values.
    StoredValues,
    /// The same for keys of a window.
    WindowStoredKeys,
    /// The same for values of a window.
    WindowStoredValues,
    /// Cells of a full cache, all streams.
    Cell,
    /// Sequences.
    Sequence,
    /// Bytes of a matrix of attention or of a recurrent mixer that lies in main memory.
    LentMixer,
    /// The same for gate and up matrices of a dense network.
    LentUp,
    /// The same for its down matrix.
    LentDown,
    /// The same for gate and up tensors of routed experts.
    LentExpertUp,
    /// The same for their down tensors.
    LentExpertDown,
    /// Nothing.
    Fixed,
}

const UNITS: usize = 20;

/// Bytes of a tensor for each [`Unit`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Size([u64; UNITS]);

impl Size {
    /// `bytes` for each of `unit`.
    pub fn new(unit: Unit, bytes: u64) -> Self {
        let mut size = Self::default();
        size.0[unit as usize] = bytes;
        size
    }

    /// `width` F32 values for each token.
    pub fn tokens(width: u64) -> Self {
        Self::new(Unit::Token, 4 * width)
    }

    /// Bytes for each of `unit`.
    pub fn of(&self, unit: Unit) -> u64 {
        self.0[unit as usize]
    }

    /// Bytes in a scenario.
    pub fn bytes(&self, amounts: &Amounts) -> u64 {
        self.0.iter().zip(&amounts.0).map(|(each, amount)| each * amount).sum()
    }
}

impl Add for Size {
    type Output = Self;

    fn add(mut self, other: Self) -> Self {
        for (mine, theirs) in self.0.iter_mut().zip(other.0) {
            *mine += theirs;
        }
        self
    }
}

impl Mul<u64> for Size {
    type Output = Self;

    fn mul(mut self, times: u64) -> Self {
        for each in &mut self.0 {
            *each *= times;
        }
        self
    }
}

/// How much of each [`Unit`] a scenario has.
#[derive(Clone, Copy, Debug, Default)]
pub struct Amounts([u64; UNITS]);

impl Amounts {
    /// Sets the amount of `unit`.
    pub fn set(&mut self, unit: Unit, amount: u64) {
        self.0[unit as usize] = amount;
    }
}
