//! ggml's allocator for graphs, free block by free block: the smallest that a tensor fits in, else the end
//! of the buffer.
//!
//! Tensors of no bytes count: one that ends leaves an empty free block, which keeps its neighbours from
//! becoming one.

use std::ops::{Add, Sub};

/// A number of bytes, or one that remembers what it is made of.
pub trait Length: Copy + Default + Add<Output = Self> + Sub<Output = Self> {
    /// More than any buffer takes.
    const ENDLESS: Self;
    /// Circumstances under which a layout is the same.
    type Terms;

    /// The number.
    fn bytes(self) -> u64;
    /// Narrows the terms to those under which it is no less than `other`, as it is now.
    fn stays_at_least(self, other: Self, terms: &mut Self::Terms);
    /// The same for more than `other`.
    fn stays_above(self, other: Self, terms: &mut Self::Terms);
    /// The same for as much as `other`.
    fn stays_equal(self, other: Self, terms: &mut Self::Terms);
}

impl Length for u64 {
    const ENDLESS: Self = Self::MAX / 2;
    type Terms = ();

    fn bytes(self) -> u64 {
        self
    }

    fn stays_at_least(self, _: Self, (): &mut ()) {}

    fn stays_above(self, _: Self, (): &mut ()) {}

    fn stays_equal(self, _: Self, (): &mut ()) {}
}

/// A free stretch of a buffer.
#[derive(Clone, Copy, Debug, Default)]
struct Block<L> {
    start: L,
    bytes: L,
}

impl<L: Length> Block<L> {
    fn ends_at(&self, address: L) -> bool {
        self.start.bytes() + self.bytes.bytes() == address.bytes()
    }
}

/// Most free blocks that are told apart; ggml has room for 256, graphs leave far fewer.
const BLOCKS: usize = 64;

/// A buffer while a graph is laid out in it. All starts are multiples of [`ALIGNMENT`].
#[derive(Debug)]
pub struct Pool<L: Length> {
    /// Free blocks by address; the last one has no end.
    free: [Block<L>; BLOCKS],
    count: usize,
    /// When the layout is the same.
    pub terms: L::Terms,
}

/// CUDA aligns tensors to this many bytes.
pub const ALIGNMENT: u64 = 128;

impl<L: Length> Pool<L> {
    /// An empty buffer.
    pub fn new(terms: L::Terms) -> Self {
        let mut free = [Block::default(); BLOCKS];
        free[0].bytes = L::ENDLESS;
        Self { free, count: 1, terms }
    }

    /// Start of a new tensor of `bytes`, which are a multiple of [`ALIGNMENT`].
    pub fn take(&mut self, bytes: L) -> L {
        let last = self.count - 1;
        let mut best = last;
        let mut smallest = u64::MAX;
        for (index, block) in self.free[..last].iter().enumerate() {
            if block.bytes.bytes() >= bytes.bytes() && block.bytes.bytes() <= smallest {
                best = index;
                smallest = block.bytes.bytes();
            }
        }
        self.note_choice(best, bytes);
        let block = &mut self.free[best];
        let start = block.start;
        block.start = block.start + bytes;
        block.bytes = block.bytes - bytes;
        if block.bytes.bytes() == 0 {
            self.remove(best);
        }
        start
    }

    /// Narrows the terms to those under which the free block `best` is the one for a tensor of `bytes`, and
    /// fills or outlasts it as it does.
    fn note_choice(&mut self, best: usize, bytes: L) {
        let last = self.count - 1;
        let chosen = self.free[best].bytes;
        for (index, block) in self.free[..last].iter().enumerate() {
            if index == best {
                if chosen.bytes() == bytes.bytes() {
                    chosen.stays_equal(bytes, &mut self.terms);
                } else {
                    chosen.stays_above(bytes, &mut self.terms);
                }
            } else if block.bytes.bytes() < bytes.bytes() {
                bytes.stays_above(block.bytes, &mut self.terms);
            } else if index < best {
                block.bytes.stays_at_least(chosen, &mut self.terms);
            } else {
                block.bytes.stays_above(chosen, &mut self.terms);
            }
        }
    }

    /// Gives back `bytes` from `start` on.
    ///
    /// What touches what asks for no terms of its own: between two stretches that do not touch lies a tensor,
    /// and as long as each tensor is where it is, it lies there. Of stretches that touch by chance alone the
    /// terms say so.
    pub fn give_back(&mut self, start: L, bytes: L) {
        let end = start + bytes;
        for index in 0..self.count {
            let block = self.free[index];
            if index + 1 < self.count && block.ends_at(start) {
                (block.start + block.bytes).stays_equal(start, &mut self.terms);
                self.free[index].bytes = block.bytes + bytes;
                let next = self.free[index + 1];
                if next.start.bytes() == end.bytes() {
                    next.start.stays_equal(end, &mut self.terms);
                    self.free[index].bytes = self.free[index].bytes + next.bytes;
                    self.remove(index + 1);
                }
                return;
            }
            if block.start.bytes() == end.bytes() {
                block.start.stays_equal(end, &mut self.terms);
                self.free[index] = Block { start, bytes: block.bytes + bytes };
                if let Some(before) = index.checked_sub(1)
                    && self.free[before].ends_at(start)
                {
                    (self.free[before].start + self.free[before].bytes).stays_equal(start, &mut self.terms);
                    self.free[before].bytes = self.free[before].bytes + self.free[index].bytes;
                    self.remove(index);
                }
                return;
            }
        }
        // With no room to note it, it stays taken.
        if self.count < BLOCKS {
            let before = |block: &&Block<L>| block.start.bytes() < start.bytes();
            let place = self.free[..self.count].iter().take_while(before).count();
            self.free.copy_within(place..self.count, place + 1);
            self.free[place] = Block { start, bytes };
            self.count += 1;
        }
    }

    fn remove(&mut self, index: usize) {
        self.free.copy_within(index + 1..self.count, index);
        self.count -= 1;
    }
}
