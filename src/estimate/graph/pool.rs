//! ggml's allocator for graphs: the smallest free block that a tensor fits in, else the end of the buffer.

/// A stretch of a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Block {
    start: u64,
    end: u64,
}

/// Most free stretches that are told apart; ggml has room for 256, graphs leave far fewer.
const BLOCKS: usize = 24;

/// A buffer while a graph is laid out in it. All starts are multiples of [`ALIGNMENT`].
#[derive(Clone, Debug)]
pub struct Pool {
    /// Free stretches by address; what follows `end` is free too.
    free: [Block; BLOCKS],
    count: usize,
    /// End of the last tensor.
    end: u64,
    /// The most that `end` has been: the buffer's size.
    pub peak: u64,
}

/// CUDA aligns tensors to this many bytes.
pub const ALIGNMENT: u64 = 128;

impl Pool {
    /// An empty buffer.
    pub fn new() -> Self {
        Self { free: [Block { start: 0, end: 0 }; BLOCKS], count: 0, end: 0, peak: 0 }
    }

    /// Start of a new tensor of `bytes`, which are a multiple of [`ALIGNMENT`].
    pub fn take(&mut self, bytes: u64) -> u64 {
        let mut best: Option<(usize, u64)> = None;
        for (index, block) in self.free[..self.count].iter().enumerate() {
            let room = block.end - block.start;
            if room >= bytes && best.is_none_or(|(_, least)| room <= least) {
                best = Some((index, room));
            }
        }
        let Some((index, room)) = best else {
            let start = self.end;
            self.end += bytes;
            self.peak = self.peak.max(self.end);
            return start;
        };
        let start = self.free[index].start;
        if room == bytes {
            self.remove(index);
        } else {
            self.free[index].start += bytes;
        }
        start
    }

    /// Gives back `bytes` from `start` on.
    pub fn give_back(&mut self, start: u64, bytes: u64) {
        let end = start + bytes;
        let next = self.free[..self.count].iter().position(|b| b.start >= end).unwrap_or(self.count);
        let joins_last = next > 0 && self.free[next - 1].end == start;
        let joins_next = next < self.count && self.free[next].start == end;
        match (joins_last, joins_next) {
            (true, true) => {
                self.free[next - 1].end = self.free[next].end;
                self.remove(next);
            }
            (true, false) => self.free[next - 1].end = end,
            (false, true) => self.free[next].start = start,
            (false, false) if self.count < BLOCKS => {
                self.free.copy_within(next..self.count, next + 1);
                self.free[next] = Block { start, end };
                self.count += 1;
            }
            // No room to note it: it stays taken.
            (false, false) => {}
        }
        if let Some(last) = self.count.checked_sub(1)
            && self.free[last].end == self.end
        {
            self.end = self.free[last].start;
            self.count = last;
        }
    }

    fn remove(&mut self, index: usize) {
        self.free.copy_within(index + 1..self.count, index);
        self.count -= 1;
    }
}
