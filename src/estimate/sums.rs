//! Bytes of runs of blocks in constant time: a placement is judged by what its runs take, and a search
//! judges thousands.

use smallvec::SmallVec;

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
}

/// [`Before`] for each block of a model, and for one past the last.
///
/// All models at all levels are asked within a frame, and what is asked of one lies in no cache any more when
/// its turn comes again. So each part of [`Before`] has a row of its own: a search reads the few rows that it
/// compares, and a model without experts has none of theirs.
#[derive(Clone, Debug, Default)]
pub struct Sums {
    /// Entries of a row: one more than there are blocks; 0 where nothing is known.
    width: usize,
    /// Rows of [`Row`], one behind the other; without experts only those of [`DENSE_ROWS`].
    rows: Box<[u64]>,
    /// The blocks behind which the largest weights by kind change.
    changes: SmallVec<[u32; 4]>,
    /// The largest weights by kind: of no block, then behind each of [`Sums::changes`].
    largest: Box<[Lent]>,
}

/// A part of [`Before`].
#[derive(Clone, Copy, Debug)]
enum Row {
    DenseDevice,
    DenseHost,
    ExpertsDevice,
    ExpertsHost,
    WithExperts,
}

/// Rows of a model without experts.
const DENSE_ROWS: usize = 2;
/// Rows of a model with experts.
const ROWS: usize = 5;

impl Sums {
    /// Sums over `blocks`.
    pub fn new(blocks: &[Block]) -> Self {
        let has_experts = blocks.iter().any(|block| block.experts_host > Bytes::ZERO);
        let width = blocks.len() + 1;
        let mut sums = Self {
            width,
            rows: vec![0; width * if has_experts { ROWS } else { DENSE_ROWS }].into(),
            changes: SmallVec::new(),
            largest: Box::default(),
        };
        let mut largest = vec![Lent::default()];
        for (index, block) in blocks.iter().enumerate() {
            let rows = [
                (Row::DenseDevice, block.dense_device.0),
                (Row::DenseHost, block.dense_host.0),
                (Row::ExpertsDevice, block.experts_device.0),
                (Row::ExpertsHost, block.experts_host.0),
                (Row::WithExperts, u64::from(block.experts_host > Bytes::ZERO)),
            ];
            for (row, more) in rows.into_iter().take(if has_experts { ROWS } else { DENSE_ROWS }) {
                let place = row as usize * width + index;
                sums.rows[place + 1] = sums.rows[place] + more;
            }
            let known = largest.last().copied().unwrap_or_default();
            let larger = known.max(block.largest);
            if larger != known {
                sums.changes.push(index as u32);
                largest.push(larger);
            }
        }
        sums.largest = largest.into();
        sums
    }

    /// Blocks.
    #[inline]
    pub fn blocks(&self) -> usize {
        self.width.saturating_sub(1)
    }

    /// What the blocks before `index` take; all blocks where there are not so many.
    #[inline]
    pub fn before(&self, index: usize) -> Before {
        let place = index.min(self.blocks());
        let at = |row: Row| self.rows.get(row as usize * self.width + place).copied().unwrap_or(0);
        Before {
            dense_device: at(Row::DenseDevice),
            dense_host: at(Row::DenseHost),
            experts_device: at(Row::ExpertsDevice),
            experts_host: at(Row::ExpertsHost),
            with_experts: at(Row::WithExperts) as usize,
        }
    }

    /// Which of the model's largest weights by kind are those of the blocks before `index`: equal numbers,
    /// equal weights.
    #[inline]
    pub fn largest_place(&self, index: usize) -> usize {
        self.changes.iter().take_while(|change| (**change as usize) < index).count()
    }

    /// The largest weights by kind of the blocks before `index`.
    pub fn largest(&self, index: usize) -> Lent {
        self.largest.get(self.largest_place(index)).copied().unwrap_or_default()
    }

    /// What all blocks take.
    #[inline]
    pub fn all(&self) -> Before {
        self.before(self.blocks())
    }

    /// Whether any block has routed experts.
    #[inline]
    pub fn has_experts(&self) -> bool {
        self.rows.len() > DENSE_ROWS * self.width
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
