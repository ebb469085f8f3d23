//! The tensors of a model's GGUF file: names and shapes as llama.cpp has them.
//!
//! Files, memory and quantization mixes are sums over tensors, so they are as exact as this list. It is
//! derived from the record's dimensions and from how each architecture names its tensors.

mod attention;
mod by_class;
mod classify;
mod embeddings;
mod ffn;
mod hyper;
mod latent;
mod mtp;
mod names;
mod recurrent;
mod rope;

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::model::Model;
use crate::model::record::{Breakdown, Ffn, Mixer};

/// A tensor of a GGUF file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tensor {
    /// Block that it belongs to; MTP blocks follow the others. `None`: the whole model.
    pub block: Option<u32>,
    /// Name within the block, `attn_q.weight`.
    pub suffix: &'static str,
    /// Elements along each axis, the contiguous one first; 1 where the tensor has fewer axes.
    pub dims: [u64; 3],
    /// Axes.
    pub n_dims: u8,
    /// Part of a multi-token-prediction block.
    pub mtp: bool,
    /// What it is for.
    pub class: Class,
}

impl Tensor {
    /// Name in the file: `blk.7.attn_q.weight`.
    pub fn name(&self) -> Cow<'static, str> {
        match self.block {
            Some(block) => Cow::Owned(format!("blk.{block}.{}", self.suffix)),
            None => Cow::Borrowed(self.suffix),
        }
    }

    /// Number of weights.
    pub fn elements(&self) -> u64 {
        self.dims.iter().product()
    }
}

/// What a tensor is for; the classes of a record's [`Breakdown`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Input embedding.
    TokenEmbd,
    /// Output matrix.
    LmHead,
    /// Attention, with its norms, biases, gates and indexer.
    Attention,
    /// Recurrent mixer, with its norms and biases.
    Recurrent,
    /// Dense feed-forward network.
    FfnDense,
    /// Routed experts.
    Experts,
    /// Shared experts and their gate.
    SharedExperts,
    /// Router.
    Router,
    /// Norms between blocks and their parts.
    Norms,
    /// Learned positions.
    PosEmbd,
    /// Per-layer or n-gram embedding tables.
    PleEmbd,
    /// Everything else.
    Other,
    /// Written by the converter and counted by no publisher: rope tables, norms of ones.
    Converter,
}

impl Class {
    /// The classes that a record counts.
    pub const COUNTED: [Self; 12] = [
        Self::TokenEmbd,
        Self::LmHead,
        Self::Attention,
        Self::Recurrent,
        Self::FfnDense,
        Self::Experts,
        Self::SharedExperts,
        Self::Router,
        Self::Norms,
        Self::PosEmbd,
        Self::PleEmbd,
        Self::Other,
    ];

    /// Parameters of this class by a record's own count.
    pub fn counted(self, breakdown: &Breakdown) -> u64 {
        match self {
            Self::TokenEmbd => breakdown.token_embd,
            Self::LmHead => breakdown.lm_head,
            Self::Attention => breakdown.attn,
            Self::Recurrent => breakdown.recurrent,
            Self::FfnDense => breakdown.ffn_dense,
            Self::Experts => breakdown.experts,
            Self::SharedExperts => breakdown.shared_experts,
            Self::Router => breakdown.router,
            Self::Norms => breakdown.norms,
            Self::PosEmbd => breakdown.pos_embd,
            Self::PleEmbd => breakdown.ple_embd,
            Self::Other => breakdown.other,
            Self::Converter => 0,
        }
    }

    /// Where a record counts this class; `None` for what no record counts.
    pub fn counted_mut(self, breakdown: &mut Breakdown) -> Option<&mut u64> {
        Some(match self {
            Self::TokenEmbd => &mut breakdown.token_embd,
            Self::LmHead => &mut breakdown.lm_head,
            Self::Attention => &mut breakdown.attn,
            Self::Recurrent => &mut breakdown.recurrent,
            Self::FfnDense => &mut breakdown.ffn_dense,
            Self::Experts => &mut breakdown.experts,
            Self::SharedExperts => &mut breakdown.shared_experts,
            Self::Router => &mut breakdown.router,
            Self::Norms => &mut breakdown.norms,
            Self::PosEmbd => &mut breakdown.pos_embd,
            Self::PleEmbd => &mut breakdown.ple_embd,
            Self::Other => &mut breakdown.other,
            Self::Converter => return None,
        })
    }
}

/// How well an inventory is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exactness {
    /// Names and shapes as llama.cpp has them.
    Exact,
    /// Some class of tensors is split into plausible matrices; its size is exact.
    ByClass,
}

/// All tensors of a model.
#[derive(Clone, Debug)]
pub struct Inventory {
    /// What the file holds, whole-model tensors first, then block by block; MTP blocks, marked as such,
    /// where a file may have them.
    pub tensors: Vec<Tensor>,
    /// How well they are known.
    pub exactness: Exactness,
    /// The usual file holds the MTP blocks, whether or not they are used; otherwise only files made for
    /// their use do.
    pub mtp_in_file: bool,
    /// Parameters that the record counts and the file lacks (a pooler that llama.cpp has no use for,
    /// scalars kept as metadata).
    pub not_in_file: u64,
}

/// The tensors of `model`.
///
/// Their elements, without MTP and [`Class::Converter`] and with
/// [`not_in_file`](Inventory::not_in_file), add up to `params_text` class by class: where the rules give
/// another number than the record, the record's number is kept and the class is approximated.
pub fn inventory(model: &Model) -> Inventory {
    let mut list = List::new(model);
    embeddings::push(&mut list);
    for layer in 0..model.n_layer {
        push_block(&mut list, &Block::of(model, layer));
    }
    let replaced = by_class::reconcile(&mut list);
    let not_in_file = list.left_out.values().sum();
    let mtp_in_file = mtp::push(&mut list);
    let known = model.llama_cpp && !replaced;
    let exactness = if known { Exactness::Exact } else { Exactness::ByClass };
    Inventory { tensors: list.tensors, exactness, mtp_in_file, not_in_file }
}

/// Parameters of `model` by class as its dimensions give them, whatever its own count says; with those that
/// converters drop. The second number is that of the MTP layers, where files may hold them.
pub fn count(model: &Model) -> (Breakdown, u64) {
    let mut list = List::new(model);
    embeddings::push(&mut list);
    for layer in 0..model.n_layer {
        push_block(&mut list, &Block::of(model, layer));
    }
    let mut breakdown = Breakdown::default();
    for class in Class::COUNTED {
        if let Some(counted) = class.counted_mut(&mut breakdown) {
            *counted = list.elements(class).saturating_add(list.left_out(class));
        }
    }
    mtp::push(&mut list);
    let in_mtp = |tensor: &&Tensor| tensor.mtp && tensor.class != Class::Converter;
    let mtp = list.tensors.iter().filter(in_mtp).map(Tensor::elements).sum();
    (breakdown, mtp)
}

/// Pushes what every block has.
fn push_block(list: &mut List<'_>, block: &Block) {
    list.block = Some(block.index);
    embeddings::push_norms(list, block);
    match block.mixer {
        Mixer::None => {}
        Mixer::Attention | Mixer::Window if list.model.attention.mla.is_some() => latent::push(list, block),
        Mixer::Attention | Mixer::Window => attention::push(list, block),
        Mixer::Compressed => latent::push_compressed(list, block),
        Mixer::AttentionMamba2 => {
            attention::push(list, block);
            recurrent::push(list, block);
        }
        _ => recurrent::push(list, block),
    }
    ffn::push(list, block);
    hyper::push(list, block);
    embeddings::push_per_layer(list, block);
    list.block = None;
}

/// A block as the rules see it: a layer of the model, or an MTP layer.
#[derive(Clone, Debug)]
struct Block {
    /// Number in the file.
    index: u32,
    mixer: Mixer,
    ffn: Ffn,
    /// Inner width of the dense network.
    n_ff: u32,
    /// It owns an indexer of sparse attention, if the model has any.
    indexer: bool,
    mtp: bool,
}

impl Block {
    fn of(model: &Model, layer: u32) -> Self {
        let indexer = model.attention.indexer.as_ref().is_some_and(|indexer| {
            let owners = indexer.layers.as_ref().or(model.attention.sparse_layers.as_ref());
            owners.is_none_or(|layers| layers.as_bytes().get(layer as usize) == Some(&b'1'))
        });
        Self {
            index: layer,
            mixer: model.mixer(layer),
            ffn: model.ffn(layer),
            n_ff: model.n_ff.as_ref().map_or(0, |n_ff| n_ff.at(layer)),
            indexer,
            mtp: false,
        }
    }
}

/// The list under construction.
struct List<'a> {
    model: &'a Model,
    names: names::Names,
    tensors: Vec<Tensor>,
    /// Block of the tensors that are pushed next.
    block: Option<u32>,
    /// Whether they belong to an MTP block.
    mtp: bool,
    /// Parameters that the record counts and the file lacks.
    left_out: BTreeMap<Class, u64>,
}

impl<'a> List<'a> {
    fn new(model: &'a Model) -> Self {
        // A block has 9 tensors at least and rarely more than 30; no model is deeper than the bound.
        let tensors = Vec::with_capacity(model.n_layer.min(1024) as usize * 20 + 8);
        Self {
            model,
            names: names::Names::of(&model.arch),
            tensors,
            block: None,
            mtp: false,
            left_out: BTreeMap::new(),
        }
    }

    fn vector(&mut self, class: Class, suffix: &'static str, elements: u64) {
        self.push(class, suffix, [elements, 1, 1], 1);
    }

    /// `columns` is the contiguous axis, a row of the quantization's blocks.
    fn matrix(&mut self, class: Class, suffix: &'static str, columns: u64, rows: u64) {
        self.push(class, suffix, [columns, rows, 1], 2);
    }

    fn cube(&mut self, class: Class, suffix: &'static str, columns: u64, rows: u64, slices: u64) {
        self.push(class, suffix, [columns, rows, slices], 3);
    }

    fn push(&mut self, class: Class, suffix: &'static str, dims: [u64; 3], n_dims: u8) {
        self.tensors.push(Tensor { block: self.block, suffix, dims, n_dims, mtp: self.mtp, class });
    }

    /// Notes parameters that the record counts in `class` and converters drop.
    fn leave_out(&mut self, class: Class, elements: u64) {
        if !self.mtp {
            *self.left_out.entry(class).or_default() += elements;
        }
    }

    fn left_out(&self, class: Class) -> u64 {
        self.left_out.get(&class).copied().unwrap_or(0)
    }

    /// Forgets what was left out of `class`.
    fn take_back(&mut self, class: Class) {
        self.left_out.remove(&class);
    }

    /// Width of the residual stream.
    fn width(&self) -> u64 {
        self.model.n_embd.into()
    }

    fn elements(&self, class: Class) -> u64 {
        self.tensors.iter().filter(|tensor| tensor.class == class && !tensor.mtp).map(Tensor::elements).sum()
    }
}

#[cfg(test)]
mod tests;
