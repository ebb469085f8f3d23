//! Where the rules do not give a record's own count of a class, that class is laid out plainly.

use super::{Class, List, Tensor};
use crate::model::record::{Ffn, Mixer};

/// Replaces each class whose tensors do not add up to the record's count; returns whether there was
/// one. The count is right afterwards, the shapes are plausible.
pub(super) fn reconcile(list: &mut List<'_>) -> bool {
    let mut replaced = false;
    for class in Class::COUNTED {
        let counted = class.counted(&list.model.params_breakdown);
        if list.elements(class) + list.left_out(class) != counted {
            list.tensors.retain(|tensor| tensor.class != class);
            list.take_back(class);
            lay_out(list, class, counted);
            replaced = true;
        }
    }
    replaced
}

/// Spreads `elements` over the blocks that have such tensors, in rows as wide as the model's.
fn lay_out(list: &mut List<'_>, class: Class, elements: u64) {
    let suffix = match class {
        Class::TokenEmbd => "token_embd.weight",
        Class::LmHead => "output.weight",
        Class::Attention => "attn_q.weight",
        Class::Recurrent => "ssm_in.weight",
        Class::FfnDense => "ffn_up.weight",
        Class::Experts => "ffn_up_exps.weight",
        Class::SharedExperts => "ffn_up_shexp.weight",
        Class::Router => "ffn_gate_inp.weight",
        Class::Norms => "attn_norm.weight",
        Class::PosEmbd => "position_embd.weight",
        Class::PleEmbd => "per_layer_token_embd.weight",
        Class::Other | Class::Converter => "proj.weight",
    };
    let blocks = blocks_with(list, class);
    if blocks.is_empty() {
        push_rows(list, class, suffix, None, elements);
        return;
    }
    let count = blocks.len() as u64;
    for (position, block) in (0..).zip(blocks) {
        // The first blocks take what does not divide evenly.
        let share = elements / count + u64::from(position < elements % count);
        push_rows(list, class, suffix, Some(block), share);
    }
}

/// Blocks that have tensors of `class`; none for those of the whole model.
fn blocks_with(list: &List<'_>, class: Class) -> Vec<u32> {
    let model = list.model;
    let has = |layer: u32| match class {
        Class::Attention => {
            matches!(
                model.mixer(layer),
                Mixer::Attention | Mixer::Window | Mixer::AttentionMamba2 | Mixer::Compressed
            )
        }
        Class::Recurrent => model.mixer(layer).has_state(),
        Class::FfnDense => matches!(model.ffn(layer), Ffn::Dense | Ffn::DenseAndMoe),
        Class::Experts | Class::SharedExperts | Class::Router => {
            matches!(model.ffn(layer), Ffn::Moe | Ffn::DenseAndMoe)
        }
        Class::Norms | Class::Other => true,
        Class::TokenEmbd | Class::LmHead | Class::PosEmbd | Class::PleEmbd | Class::Converter => false,
    };
    (0..model.n_layer).filter(|&layer| has(layer)).collect()
}

/// One matrix of the model's width and, for what is left over, one vector.
fn push_rows(list: &mut List<'_>, class: Class, suffix: &'static str, block: Option<u32>, elements: u64) {
    let width = list.width().max(1);
    let mut push = |dims: [u64; 3], n_dims: u8| {
        list.tensors.push(Tensor { block, suffix, dims, n_dims, mtp: false, class });
    };
    if class == Class::Norms {
        push([elements, 1, 1], 1);
        return;
    }
    if elements >= width {
        push([width, elements / width, 1], 2);
    }
    if !elements.is_multiple_of(width) {
        push([elements % width, 1, 1], 1);
    }
}
