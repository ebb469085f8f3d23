//! Bytes of runs of blocks in constant time: a placement is judged by what its runs take, and a search
//! judges thousands.

use crate::units::Bytes;

use super::compute::Lent;
use super::layout::Block;

/// What all blocks before one take together; the difference of two is what the run between them takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Before {
    /// All but routed experts, on a device, with CUDA's padding.
    pub dense_device: u64,
    /// All but routed experts, in main memory.
    pub dense_host: u64,
    /// Routed experts on a device, with CUDA's padding.
    pub experts_device: u64,
    /// Routed experts in main memory.
    pub experts_host: u64,
    /// Blocks that have routed experts.
    pub with_experts: usize,
    /// Which of [`Sums::largest`] are the largest weights by kind.
    pub largest: usize,
}

/// [`Before`] for each block of a model, and for one past the last.
#[derive(Clone, Debug, Default)]
pub struct Sums {
    before: Box<[Before]>,
    /// The largest weights by kind, of no block, then wherever they change.
    largest: Box<[Lent]>,
}

impl Sums {
    /// Sums over `blocks`.
    pub fn new(blocks: &[Block]) -> Self {
        let mut sums = Vec::with_capacity(blocks.len() + 1);
        let mut before = Before::default();
        let mut largest = vec![Lent::default()];
        sums.push(before);
        for block in blocks {
            before.dense_device += block.dense_device.0;
            before.dense_host += block.dense_host.0;
            before.experts_device += block.experts_device.0;
            before.experts_host += block.experts_host.0;
            let known = largest[before.largest];
            let larger = known.max(block.largest);
            if larger != known {
                before.largest = largest.len();
                largest.push(larger);
            }
            before.with_experts += usize::from(block.experts_host > Bytes::ZERO);
            sums.push(before);
        }
        Self { before: sums.into(), largest: largest.into() }
    }

    /// Blocks.
    #[inline]
    pub fn blocks(&self) -> usize {
        self.before.len().saturating_sub(1)
    }

    /// What the blocks before `index` take; all blocks where there are not so many.
    #[inline]
    pub fn before(&self, index: usize) -> &Before {
        const NOTHING: &Before = &Before {
            dense_device: 0,
            dense_host: 0,
            experts_device: 0,
            experts_host: 0,
            with_experts: 0,
            largest: 0,
        };
        self.before.get(index).or(self.before.last()).unwrap_or(NOTHING)
    }

    /// The largest weights by kind of the blocks before `index`.
    pub fn largest(&self, index: usize) -> Lent {
        self.largest.get(self.before(index).largest).copied().unwrap_or_default()
    }

    /// What all blocks take.
    #[inline]
    pub fn all(&self) -> &Before {
        self.before(self.blocks())
    }

    /// Whether any block has routed experts.
    pub fn has_experts(&self) -> bool {
        self.all().with_experts > 0
    }

    /// Weights of block `index` other than routed experts, on a device and in main memory.
    pub fn dense(&self, index: usize) -> (Bytes, Bytes) {
        let (from, to) = (self.before(index), self.before(index + 1));
        (Bytes(to.dense_device - from.dense_device), Bytes(to.dense_host - from.dense_host))
    }

    /// Routed experts of block `index`, on a device and in main memory.
    pub fn experts(&self, index: usize) -> (Bytes, Bytes) {
        let (from, to) = (self.before(index), self.before(index + 1));
        (Bytes(to.experts_device - from.experts_device), Bytes(to.experts_host - from.experts_host))
    }
}
