//! Which tensor gets which format: the mix that `llama-quantize` makes of a file type.
//!
//! A file type names a format for the bulk of a model; some tensors get a better one by their role, their
//! place among the layers, and the shape of the model. The rules are tables in [`rules`]; what stays
//! unquantized is in [`kept`]. Files of other makers (Unsloth's `UD-*`, hand-made mixes) follow none of it.

mod kept;
mod rules;

use std::cmp::Ordering;

pub use kept::{expands_to_bf16, native_types};

use super::ggml::GgmlType;
use super::level::FileType;
use rules::{Place, Role};

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

/// The format of each tensor in a file of `file_type`, in the order given.
pub fn tensor_types(file_type: FileType, context: &MixContext, tensors: &[MixTensor]) -> Vec<GgmlType> {
    let roles: Vec<Role> = tensors.iter().map(|tensor| Role::of(tensor.suffix)).collect();
    let mut places = Places::new(context, &roles);
    let mut types = vec![GgmlType::F32; tensors.len()];
    for i in in_file_order(tensors) {
        let (tensor, role) = (&tensors[i], roles[i]);
        types[i] = if let Some(kept) = kept::kept_type(tensor, file_type) {
            kept
        } else {
            let place = places.next(role, tensor.block);
            quantized_type(file_type, context, tensor, role, place)
        };
    }
    types
}

/// Indices of the tensors as `llama-quantize` walks them: outside the blocks first, then by block and name.
fn in_file_order(tensors: &[MixTensor]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..tensors.len()).collect();
    let key = |i: usize| (tensors[i].block, tensors[i].suffix);
    let by_place = |&a: &usize, &b: &usize| -> Ordering { key(a).cmp(&key(b)) };
    if !order.is_sorted_by(|a, b| by_place(a, b).is_le()) {
        order.sort_by(by_place);
    }
    order
}

/// The format of a tensor that is quantized.
fn quantized_type(
    file_type: FileType,
    context: &MixContext,
    tensor: &MixTensor,
    role: Role,
    place: Place,
) -> GgmlType {
    let base = rules::base(file_type);
    if !base.is_quantized() {
        return base;
    }
    let wanted = match role {
        Role::Output => rules::output(file_type, context, base.fits(tensor.dims[0])),
        Role::Embedding if context.tied => rules::output(file_type, context, base.fits(tensor.dims[0])),
        _ if file_type == FileType::Mxfp4Moe => rules::mxfp4_moe(context, role, tensor.dims[2] > 1),
        _ => rules::by_role(file_type, context, role, place),
    };
    fitting(wanted, tensor.dims[0])
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
    fn new(context: &MixContext, roles: &[Role]) -> Self {
        let n_value = roles.iter().filter(|&&role| role == Role::Value).count() as u32;
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
