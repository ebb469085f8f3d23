//! Sizes of a graph's tensors, as sums of what a scenario sets.

use std::ops::{Add, Mul};

/// What a size grows with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
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

/// Most units that one tensor's size grows with: scores of attention with copies of keys and values have three.
const TERMS: usize = 4;

/// Bytes of a tensor for each [`Unit`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// By unit, none twice and none of no bytes; behind them nothing.
    units: [Unit; TERMS],
    bytes: [u64; TERMS],
}

impl Default for Size {
    fn default() -> Self {
        Self { units: [Unit::Fixed; TERMS], bytes: [0; TERMS] }
    }
}

impl Size {
    /// `bytes` for each of `unit`.
    pub fn new(unit: Unit, bytes: u64) -> Self {
        let mut size = Self::default();
        size.include(unit, bytes);
        size
    }

    /// `width` F32 values for each token.
    pub fn tokens(width: u64) -> Self {
        Self::new(Unit::Token, 4 * width)
    }

    /// Bytes for each of `unit`.
    pub fn of(&self, unit: Unit) -> u64 {
        self.terms().find(|(own, _)| *own == unit).map_or(0, |(_, bytes)| bytes)
    }

    /// Bytes in a scenario.
    pub fn bytes(&self, amounts: &Amounts) -> u64 {
        self.terms().map(|(unit, each)| each * amounts.of(unit)).sum()
    }

    fn terms(&self) -> impl Iterator<Item = (Unit, u64)> {
        self.units.into_iter().zip(self.bytes).take_while(|(_, bytes)| *bytes > 0)
    }

    fn include(&mut self, unit: Unit, bytes: u64) {
        if bytes == 0 {
            return;
        }
        let mut place = 0;
        while place < TERMS && self.bytes[place] > 0 && self.units[place] < unit {
            place += 1;
        }
        debug_assert!(place < TERMS, "a size of more units than any tensor has");
        if place == TERMS {
            return;
        }
        if self.bytes[place] > 0 && self.units[place] == unit {
            self.bytes[place] += bytes;
            return;
        }
        debug_assert!(self.bytes[TERMS - 1] == 0, "a size of more units than any tensor has");
        self.units.copy_within(place..TERMS - 1, place + 1);
        self.bytes.copy_within(place..TERMS - 1, place + 1);
        (self.units[place], self.bytes[place]) = (unit, bytes);
    }
}

impl Add for Size {
    type Output = Self;

    fn add(mut self, other: Self) -> Self {
        for (unit, bytes) in other.terms() {
            self.include(unit, bytes);
        }
        self
    }
}

impl Mul<u64> for Size {
    type Output = Self;

    fn mul(self, times: u64) -> Self {
        let mut product = Self::default();
        for (unit, bytes) in self.terms() {
            product.include(unit, bytes * times);
        }
        product
    }
}

/// How much of each [`Unit`] a scenario has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amounts([u64; UNITS]);

impl Amounts {
    /// The amount of `unit`.
    pub fn of(&self, unit: Unit) -> u64 {
        self.0[unit as usize]
    }

    /// Sets the amount of `unit`.
    pub fn set(&mut self, unit: Unit, amount: u64) {
        self.0[unit as usize] = amount;
    }
}

/// Amounts that grow with the context in a straight line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// Without any context.
    pub base: Amounts,
    /// More for each step of the context.
    pub slope: Amounts,
}

impl Line {
    /// The line through the amounts of no context and of one step.
    pub fn through(base: Amounts, one_step: Amounts) -> Self {
        let mut slope = one_step;
        for (more, base) in slope.0.iter_mut().zip(base.0) {
            *more -= base;
        }
        Self { base, slope }
    }

    /// The amounts at `step` steps.
    pub fn at(&self, step: u32) -> Amounts {
        let mut amounts = self.base;
        for (amount, more) in amounts.0.iter_mut().zip(self.slope.0) {
            *amount += more * u64::from(step);
        }
        amounts
    }

    /// Sets what `unit` has whatever the context.
    pub fn set(&mut self, unit: Unit, amount: u64) {
        self.base.set(unit, amount);
        self.slope.set(unit, 0);
    }
}
