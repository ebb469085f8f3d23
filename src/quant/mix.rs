//! Which tensor gets which format: the mix that `llama-quantize` makes of a file type.
//!
//! A file type names a format for the bulk of a model; some tensors get a better one by their role, their
//! place among the layers, and the shape of the model. The rules are tables in `rules`; what stays
//! unquantized is in `kept`. Files of other makers (Unsloth's `UD-*`, hand-made mixes) follow none of it.

mod kept;
mod rules;

pub use kept::{expands_to_bf16, native_types};

use super::ggml::GgmlType;
use super::level::FileType;
use kept::Kept;
use rules::{Facts, Place, Role};

/// What the rules ask of a model as a whole.
#[derive(Clone, Copy, Debug)]
pub struct MixContext<'a> {
    /// llama.cpp's architecture name.
    pub arch: &'a str,
    /// Blocks, MTP layers included.
    pub n_layer: u32,
    /// Query heads that share a key head, as the file's metadata gives it for block 0: 0 where that block has
    /// no attention and the metadata says so, the head count for MLA.
    pub gqa: u32,
    /// Experts of a layer; 0 of a dense model.
    pub n_expert: u32,
    /// The output matrix is the input embedding.
    pub tied: bool,
    /// Made with an importance matrix.
    pub imatrix: bool,
}

/// A tensor as the rules see it.
#[derive(Clone, Copy, Debug)]
pub struct MixTensor<'a> {
    /// Its block; `None` outside the blocks.
    pub block: Option<u32>,
    /// Its name without the block: `attn_v.weight`, `token_embd.weight`.
    pub suffix: &'a str,
    /// Elements along each dimension, the row first; 1 where a dimension is absent.
    pub dims: [u64; 3],
    /// Dimensions that it has.
    pub n_dims: u8,
}

/// What formats without a table of rules tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// A matrix of a block, or one like it.
    Linear,
    /// Routed experts, stacked.
    Expert,
    Embedding,
    Output,
    /// Vectors, routers, short convolutions: never squeezed.
    Small,
}

/// The part that a tensor is.
pub(super) fn part(tensor: &MixTensor) -> Part {
    match Role::of(tensor.suffix) {
        _ if kept::kept(tensor).is_some() => Part::Small,
        Role::Output => Part::Output,
        Role::Embedding => Part::Embedding,
        _ if kept::is_expert(tensor) => Part::Expert,
        _ => Part::Linear,
    }
}

/// The format of each tensor in a file of `file_type`, in the order given. For many file types of one model,
/// [`Mix`] is faster.
pub fn tensor_types(file_type: FileType, context: &MixContext, tensors: &[MixTensor]) -> Vec<GgmlType> {
    Mix::new(context, tensors).types(file_type, context.imatrix)
}

/// The tensors of one model, sorted into roles and places once for all file types.
#[derive(Clone, Debug)]
pub struct Mix {
    facts: Facts,
    slots: Vec<Slot>,
}

/// What the rules need of one tensor.
#[derive(Clone, Copy, Debug)]
struct Slot {
    role: Role,
    kept: Option<Kept>,
    place: Place,
    /// Elements of a row.
    columns: u64,
    /// Several matrices in one tensor.
    stacked: bool,
}

/// What names say. Blocks repeat them, mostly in the same order.
#[derive(Debug, Default)]
struct Names<'a> {
    known: Vec<(&'a str, u8, Role, Option<Kept>)>,
    /// Place of the name that is expected next.
    next: usize,
}

impl<'a> Names<'a> {
    fn place(&mut self, tensor: &MixTensor<'a>) -> usize {
        let is_same =
            |known: &(&str, u8, Role, Option<Kept>)| known.0 == tensor.suffix && known.1 == tensor.n_dims;
        let place = if self.known.get(self.next).is_some_and(is_same) {
            self.next
        } else if let Some(place) = self.known.iter().position(is_same) {
            place
        } else {
            self.known.push((tensor.suffix, tensor.n_dims, Role::of(tensor.suffix), kept::kept(tensor)));
            self.known.len() - 1
        };
        self.next = place + 1;
        place
    }

    /// Where each known name stands among all by the alphabet.
    fn ranks(&self) -> Vec<usize> {
        let rank = |name: &str| self.known.iter().filter(|(known, ..)| *known < name).count();
        self.known.iter().map(|(name, ..)| rank(name)).collect()
    }
}

impl Mix {
    /// Prepares the tensors of a model; `context.imatrix` is not read.
    pub fn new(context: &MixContext, tensors: &[MixTensor]) -> Self {
        let mut names = Names::default();
        let mut places = Vec::with_capacity(tensors.len());
        let mut slots: Vec<Slot> = tensors
            .iter()
            .map(|tensor| {
                let place = names.place(tensor);
                places.push(place);
                let (_, _, role, kept) = names.known[place];
                Slot {
                    role,
                    kept,
                    place: Place::default(),
                    columns: tensor.dims[0],
                    stacked: tensor.dims[2] > 1,
                }
            })
            .collect();
        let ranks = names.ranks();
        let rank = |i: usize| ranks[places[i]];
        let mut counted = Places::new(context, &slots);
        for i in in_file_order(tensors, rank) {
            if slots[i].kept.is_none() {
                slots[i].place = counted.next(slots[i].role, tensors[i].block);
            }
        }
        Self { facts: Facts::new(context), slots }
    }

    /// The format of each tensor in a file of `file_type`, in the order of [`Mix::new`].
    pub fn types(&self, file_type: FileType, imatrix: bool) -> Vec<GgmlType> {
        let recipe = rules::Recipe::new(file_type, self.facts, imatrix);
        let types = self.slots.iter().map(|slot| match slot.kept {
            Some(kept) => kept.format(file_type),
            None => fitting(recipe.format(slot.role, slot.place, slot.columns, slot.stacked), slot.columns),
        });
        types.collect()
    }
}

/// Indices of the tensors as `llama-quantize` walks them: outside the blocks first, then by block and name,
/// which `rank` orders.
fn in_file_order(tensors: &[MixTensor], rank: impl Fn(usize) -> usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..tensors.len()).collect();
    order.sort_by_key(|&i| (tensors[i].block, rank(i)));
    order
}

/// `wanted`, or what stands in for it where a row is no whole number of its blocks.
fn fitting(wanted: GgmlType, columns: u64) -> GgmlType {
    if wanted.fits(columns) {
        return wanted;
    }
    let smaller_block = rules::smaller_block(wanted);
    if smaller_block.fits(columns) { smaller_block } else { GgmlType::F16 }
}

/// Counts the tensors of each role, which is how most rules tell early layers from late ones.
struct Places {
    /// With experts, feed-forward tensors go by their block: a block may have several of a role, or none.
    by_block: bool,
    n_layer: u32,
    n_value: u32,
    value: u32,
    down: u32,
    gate: u32,
    up: u32,
}

impl Places {
    fn new(context: &MixContext, slots: &[Slot]) -> Self {
        let n_value = slots.iter().filter(|slot| slot.role == Role::Value).count() as u32;
        Self {
            by_block: context.n_expert > 1,
            n_layer: context.n_layer,
            n_value,
            value: 0,
            down: 0,
            gate: 0,
            up: 0,
        }
    }

    fn next(&mut self, role: Role, block: Option<u32>) -> Place {
        let (counter, of) = match role {
            Role::Value => (&mut self.value, self.n_value),
            Role::Down => (&mut self.down, self.n_layer),
            Role::Gate => (&mut self.gate, self.n_layer),
            Role::Up => (&mut self.up, self.n_layer),
            _ => return Place::default(),
        };
        let running = *counter;
        *counter += 1;
        let index = match block {
            Some(block) if self.by_block && role != Role::Value => block,
            _ => running,
        };
        Place { index, running, of }
    }
}
