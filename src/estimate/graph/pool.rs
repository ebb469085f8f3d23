//! ggml's allocator for graphs, free block by free block: the smallest that a tensor fits in, else the end
//! of the buffer.
//!
//! Tensors of no bytes count: one that ends leaves an empty free block, which keeps its neighbours from
//! becoming one.

use std::ops::{Add, Sub};

/// A number of bytes, or one that remembers what it is made of.
pub trait Length: Copy + Default + PartialEq + PartialOrd + Add<Output = Self> + Sub<Output = Self> {
    /// More than any buffer takes.
    const ENDLESS: Self;
}

impl Length for u64 {
    const ENDLESS: Self = Self::MAX / 2;
}

/// A free stretch of a buffer.
#[derive(Clone, Copy, Debug, Default)]
struct Block<L> {
    start: L,
    bytes: L,
}

/// Most free blocks that are told apart; ggml has room for 256, graphs leave far fewer.
const BLOCKS: usize = 64;

/// A buffer while a graph is laid out in it. All starts are multiples of [`ALIGNMENT`].
#[derive(Clone, Debug)]
pub struct Pool<L> {
    /// Free blocks by address; the last one has no end.
    free: [Block<L>; BLOCKS],
    count: usize,
}

/// CUDA aligns tensors to this many bytes.
pub const ALIGNMENT: u64 = 128;

impl<L: Length> Pool<L> {
    /// An empty buffer.
    pub fn new() -> Self {
        let mut free = [Block::default(); BLOCKS];
        free[0].bytes = L::ENDLESS;
        Self { free, count: 1 }
    }

    /// Start of a new tensor of `bytes`, which are a multiple of [`ALIGNMENT`].
    pub fn take(&mut self, bytes: L) -> L {
        let last = self.count - 1;
        let mut best = last;
        let mut smallest = L::ENDLESS;
        for (index, block) in self.free[..last].iter().enumerate() {
            if block.bytes >= bytes && block.bytes <= smallest {
                best = index;
                smallest = block.bytes;
            }
        }
        let block = &mut self.free[best];
        let start = block.start;
        block.start = block.start + bytes;
        block.bytes = block.bytes - bytes;
        if block.bytes == L::default() {
            self.remove(best);
        }
        start
    }

    /// Gives back `bytes` from `start` on.
    pub fn give_back(&mut self, start: L, bytes: L) {
        for index in 0..self.count {
            let block = self.free[index];
            if block.start + block.bytes == start {
                self.free[index].bytes = block.bytes + bytes;
                if index + 1 < self.count && self.free[index + 1].start == start + bytes {
                    self.free[index].bytes = self.free[index].bytes + self.free[index + 1].bytes;
                    self.remove(index + 1);
                }
                return;
            }
            if block.start == start + bytes {
                self.free[index] = Block { start, bytes: block.bytes + bytes };
                if let Some(before) = index.checked_sub(1)
                    && self.free[before].start + self.free[before].bytes == start
                {
                    self.free[before].bytes = self.free[before].bytes + self.free[index].bytes;
                    self.remove(index);
                }
                return;
            }
        }
        // With no room to note it, it stays taken.
        if self.count < BLOCKS {
            let place = self.free[..self.count].iter().take_while(|block| block.start < start).count();
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
