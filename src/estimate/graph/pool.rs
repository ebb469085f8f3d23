//! ggml's allocator for graphs, free block by free block: the smallest that a tensor fits in, else the end
//! of the buffer.
//!
//! Tensors of no bytes count: one that ends leaves an empty free block, which keeps its neighbours from
//! becoming one.

use super::trace::{Reach, Traced};

/// A free stretch of a buffer.
#[derive(Clone, Copy, Debug, Default)]
struct Block {
    start: Traced,
    bytes: Traced,
}

impl Block {
    fn end(&self) -> Traced {
        self.start + self.bytes
    }

    fn ends_at(&self, address: Traced) -> bool {
        self.start.bytes + self.bytes.bytes == address.bytes
    }
}

/// Most free blocks that are told apart; ggml has room for 256, graphs leave far fewer.
const BLOCKS: usize = 64;

/// A buffer while a graph is laid out in it. All starts are multiples of [`ALIGNMENT`].
#[derive(Debug)]
pub struct Pool {
    /// Free blocks by address; the last one has no end.
    free: [Block; BLOCKS],
    count: usize,
    /// For which contexts the layout is the same.
    pub reach: Reach,
}

/// CUDA aligns tensors to this many bytes.
pub const ALIGNMENT: u64 = 128;

impl Pool {
    /// An empty buffer.
    pub fn new(reach: Reach) -> Self {
        let mut free = [Block::default(); BLOCKS];
        free[0].bytes = Traced::ENDLESS;
        Self { free, count: 1, reach }
    }

    /// Start of a new tensor of `bytes`, which are a multiple of [`ALIGNMENT`].
    pub fn take(&mut self, bytes: Traced) -> Traced {
        let last = self.count - 1;
        let mut best = last;
        let mut smallest = i64::MAX;
        for (index, block) in self.free[..last].iter().enumerate() {
            if block.bytes.bytes >= bytes.bytes && block.bytes.bytes <= smallest {
                best = index;
                smallest = block.bytes.bytes;
            }
        }
        self.note_choice(best, bytes);
        let block = &mut self.free[best];
        let start = block.start;
        block.start = block.start + bytes;
        block.bytes = block.bytes - bytes;
        if block.bytes.bytes == 0 {
            self.remove(best);
        }
        start
    }

    /// Narrows the reach to the contexts for which the free block `best` is the one for a tensor of `bytes`, and
    /// fills or outlasts it as it does.
    fn note_choice(&mut self, best: usize, bytes: Traced) {
        let last = self.count - 1;
        let chosen = self.free[best].bytes;
        for (index, block) in self.free[..last].iter().enumerate() {
            if index == best {
                if chosen.bytes == bytes.bytes {
                    chosen.stays_equal(bytes, &mut self.reach);
                } else {
                    chosen.stays_above(bytes, &mut self.reach);
                }
            } else if block.bytes.bytes < bytes.bytes {
                bytes.stays_above(block.bytes, &mut self.reach);
            } else if index < best {
                block.bytes.stays_at_least(chosen, &mut self.reach);
            } else {
                block.bytes.stays_above(chosen, &mut self.reach);
            }
        }
    }

    /// Gives back `bytes` from `start` on.
    ///
    /// What touches what asks for nothing of its own: between two stretches that do not touch lies a tensor,
    /// and as long as each tensor is where it is, it lies there. Of stretches that touch by chance the
    /// reach is one context.
    pub fn give_back(&mut self, start: Traced, bytes: Traced) {
        let end = start + bytes;
        for index in 0..self.count {
            let block = self.free[index];
            if index + 1 < self.count && block.ends_at(start) {
                block.end().stays_equal(start, &mut self.reach);
                self.free[index].bytes = block.bytes + bytes;
                let next = self.free[index + 1];
                if next.start.bytes == end.bytes {
                    next.start.stays_equal(end, &mut self.reach);
                    self.free[index].bytes = self.free[index].bytes + next.bytes;
                    self.remove(index + 1);
                }
                return;
            }
            if block.start.bytes == end.bytes {
                block.start.stays_equal(end, &mut self.reach);
                self.free[index] = Block { start, bytes: block.bytes + bytes };
                if let Some(before) = index.checked_sub(1)
                    && self.free[before].ends_at(start)
                {
                    self.free[before].end().stays_equal(start, &mut self.reach);
                    self.free[before].bytes = self.free[before].bytes + self.free[index].bytes;
                    self.remove(index);
                }
                return;
            }
        }
        // With no room to note it, it stays taken.
        if self.count < BLOCKS {
            let before = |block: &&Block| block.start.bytes < start.bytes;
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
