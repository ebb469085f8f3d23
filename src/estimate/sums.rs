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
/// its turn comes again. So each part of [`Before`] has a row of its own, of which a search reads the few that
/// it compares, rows that would be the same are one, and what all blocks take stands beside.
#[derive(Clone, Debug, Default)]
pub struct Sums {
    all: Before,
    /// Blocks.
    blocks: usize,
    /// Weights other than routed experts of the block that has least of them.
    least_dense: u64,
    /// Where the row of each [`Row`] begins; past the end where all of it is 0.
    starts: [u32; ROWS],
    /// What the blocks before each take, row behind row.
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

/// Number of [`Row`]s.
const ROWS: usize = 5;

impl Row {
    const ALL: [Self; ROWS] =
        [Self::DenseDevice, Self::DenseHost, Self::ExpertsDevice, Self::ExpertsHost, Self::WithExperts];
}

impl Sums {
    /// Sums over `blocks`.
    pub fn new(blocks: &[Block]) -> Self {
        let of_block = |block: &Block| {
            [
                block.dense_device.0,
                block.dense_host.0,
                block.experts_device.0,
                block.experts_host.0,
                u64::from(block.experts_host > Bytes::ZERO),
            ]
        };
        let mut sums = Self { blocks: blocks.len(), ..Self::default() };
        let mut rows: Vec<Vec<u64>> = Vec::with_capacity(ROWS);
        for place in 0..ROWS {
            let mut total = 0;
            let row: Vec<u64> = blocks
                .iter()
                .map(|block| {
                    let before = total;
                    total += of_block(block)[place];
                    before
                })
                .collect();
            match Row::ALL[place] {
                Row::DenseDevice => sums.all.dense_device = total,
                Row::DenseHost => sums.all.dense_host = total,
                Row::ExpertsDevice => sums.all.experts_device = total,
                Row::ExpertsHost => sums.all.experts_host = total,
                Row::WithExperts => sums.all.with_experts = total as usize,
            }
            let same = rows.iter().position(|known| *known == row);
            sums.starts[place] = match same {
                _ if total == 0 => u32::MAX,
                Some(same) => (same * blocks.len()) as u32,
                None => {
                    rows.push(row);
                    ((rows.len() - 1) * blocks.len()) as u32
                }
            };
        }
        sums.least_dense = blocks.iter().map(|block| block.dense_host.0).min().unwrap_or_default();
        sums.rows = rows.concat().into();
        let mut largest = vec![Lent::default()];
        for (index, block) in blocks.iter().enumerate() {
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
        self.blocks
    }

    /// What the blocks before `index` take; all blocks where there are not so many.
    #[inline]
    pub fn before(&self, index: usize) -> Before {
        if index >= self.blocks {
            return self.all;
        }
        if index == 0 {
            // The rows lie elsewhere: most placements ask for the ends alone.
            return Before::default();
        }
        let at = |row: Row| self.rows.get(self.starts[row as usize] as usize + index).copied().unwrap_or(0);
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
        self.all
    }

    /// Weights other than routed experts of the block that has least of them, in main memory.
    #[inline]
    pub fn least_dense(&self) -> u64 {
        self.least_dense
    }

    /// Whether any block has routed experts.
    #[inline]
    pub fn has_experts(&self) -> bool {
        self.all.with_experts > 0
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
