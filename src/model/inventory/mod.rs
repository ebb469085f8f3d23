//! The tensors that a model consists of: name, shape, block.

mod by_class;

use super::record::Model;

/// One tensor of a model's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tensor {
    /// Block that it belongs to, 0-based; `None` for embeddings, output and final norms.
    pub block: Option<u32>,
    /// Name without the block: `attn_q.weight`.
    pub suffix: &'static str,
    /// Elements along each axis, the contiguous one first; 1 where there is none.
    pub dims: [u64; 3],
    /// Axes.
    pub n_dims: u8,
    /// Part of the MTP layers.
    pub mtp: bool,
}

impl Tensor {
    /// llama.cpp's name: `blk.3.attn_q.weight`.
    pub fn name(&self) -> String {
        match self.block {
            Some(block) => format!("blk.{block}.{}", self.suffix),
            None => self.suffix.to_owned(),
        }
    }

    /// Elements.
    pub fn elements(&self) -> u64 {
        self.dims.iter().product()
    }
}

/// How well the tensors of a model are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exactness {
    /// Names and shapes as llama.cpp has them.
    Exact,
    /// Right in number of elements for each class of tensors; single shapes may differ.
    ByClass,
}

/// The tensors of a model.
#[derive(Clone, Debug)]
pub struct Inventory {
    /// Tensors outside the blocks first, then block by block.
    pub tensors: Vec<Tensor>,
    /// How well they are known.
    pub exactness: Exactness,
    /// The usual file holds the MTP layers, whether or not they are used.
    pub mtp_in_file: bool,
}

/// The tensors of `model`.
pub fn inventory(model: &Model) -> Inventory {
    by_class::inventory(model)
}
