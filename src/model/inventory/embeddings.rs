//! Embeddings, output matrix, norms, and what else belongs to the whole model.

use super::names::NormName;
use super::{Block, Class, List};
use crate::model::record::Norm;

/// Pushes the tensors that belong to no block.
pub(super) fn push(list: &mut List<'_>) {
    let model = list.model;
    let (width, vocabulary) = (list.width(), u64::from(model.n_vocab));
    list.matrix(Class::TokenEmbd, "token_embd.weight", width, vocabulary);
    push_positions(list);
    push_final_norms(list);
    if !model.tied_embeddings {
        list.matrix(Class::LmHead, "output.weight", width, vocabulary);
        if model.lm_head_bias {
            list.vector(Class::LmHead, "output.bias", vocabulary);
        }
    }
    push_singles(list);
    push_per_layer_tables(list);
    super::rope::push(list);
    super::hyper::push_head(list);
}

fn push_positions(list: &mut List<'_>) {
    let Some(rows) = list.model.n_pos_embd.map(u64::from) else { return };
    let width = list.width();
    // RoBERTa numbers positions from 2; the converter cuts the two rows that nothing reads.
    let unused = if list.model.context_max.map(u64::from) == Some(rows.saturating_sub(2)) { 2 } else { 0 };
    list.matrix(Class::PosEmbd, "position_embd.weight", width, rows.saturating_sub(unused));
    list.leave_out(Class::PosEmbd, unused * width);
}

fn push_final_norms(list: &mut List<'_>) {
    let width = list.width();
    let count = list.model.final_norms.unwrap_or(1) as usize;
    let names = list.names.final_norms;
    for &name in names.iter().take(count) {
        push_norm(list, Class::Norms, name);
    }
    if list.model.arch == "kimi-k3" {
        // A norm and a projection to one score, which the converter multiplies into one vector.
        list.vector(Class::Norms, "output_res_score.weight", width);
        list.leave_out(Class::Norms, width);
    }
}

/// Tensors that the record names one by one.
fn push_singles(list: &mut List<'_>) {
    let model = list.model;
    let width = list.width();
    for (name, &elements) in &model.extra.constants {
        match name.as_str() {
            "token_types" => list.matrix(Class::Other, "token_types.weight", width, elements / width.max(1)),
            "classifier" => {
                list.matrix(Class::Other, "cls.weight", width, width);
                list.vector(Class::Other, "cls.bias", width);
                list.matrix(Class::Other, "cls.output.weight", width, 1);
                list.vector(Class::Other, "cls.output.bias", 1);
            }
            "final_ln" => {
                list.vector(Class::Other, "output_norm.weight", width);
                list.vector(Class::Other, "output_norm.bias", width);
                list.vector(Class::Recurrent, "token_embd_norm.weight", width);
                list.vector(Class::Recurrent, "token_embd_norm.bias", width);
            }
            // A pooler, a projection after pooling, or activation scalars: llama.cpp has no use for
            // the first two and keeps the last as metadata.
            _ => list.leave_out(Class::Other, elements),
        }
    }
}

/// Whole-model tensors of per-layer embeddings: Gemma 3n and 4, and n-gram tables.
fn push_per_layer_tables(list: &mut List<'_>) {
    let model = list.model;
    let width = list.width();
    if let (Some(dim), Some(vocabulary)) = (model.extra.ple_dim, model.extra.ple_vocab) {
        let dim = u64::from(dim);
        let columns = dim * u64::from(model.n_layer);
        list.matrix(Class::PleEmbd, "per_layer_token_embd.weight", columns, vocabulary.into());
        list.matrix(Class::Other, "per_layer_model_proj.weight", width, columns);
        list.vector(Class::Other, "per_layer_proj_norm.weight", dim);
    }
    if let Some(streams) = model.extra.altup_inputs {
        let others = u64::from(streams).saturating_sub(1);
        list.cube(Class::Other, "altup_proj.weight", width, width, others);
        list.cube(Class::Other, "altup_unembd_proj.weight", width, width, others);
    }
    if let Some(tables) = &model.ple {
        let tables_of_a_token =
            u64::from(tables.heads_per_ngram) * u64::from(tables.ngram_size.saturating_sub(1));
        let columns = u64::from(tables.embed_dim) / tables_of_a_token.max(1);
        list.matrix(Class::PleEmbd, "per_layer_token_embd.weight", columns, tables.ngram_rows);
    }
}

/// Pushes the norms of `block`.
pub(super) fn push_norms(list: &mut List<'_>, block: &Block) {
    let names = list.names.norms;
    let count = list.model.norms_per_layer.at(block.index) as usize;
    for &name in names.iter().take(count) {
        push_norm(list, Class::Norms, name);
    }
    if list.model.arch == "kimi-k3" {
        let width = list.width();
        list.vector(Class::Norms, "attn_res_score.weight", width);
        list.vector(Class::Norms, "ffn_res_score.weight", width);
        list.leave_out(Class::Norms, 2 * width);
    }
}

fn push_norm(list: &mut List<'_>, class: Class, (weight, bias): NormName) {
    let width = list.width();
    match list.model.norm {
        Norm::None => {}
        Norm::Rms | Norm::LnNobias => list.vector(class, weight, width),
        Norm::Ln => {
            list.vector(class, weight, width);
            list.vector(class, bias, width);
        }
    }
}

/// Pushes what a block does with its per-layer embedding, and its output scale.
pub(super) fn push_per_layer(list: &mut List<'_>, block: &Block) {
    let model = list.model;
    let width = list.width();
    if let Some(dim) = model.extra.ple_dim.map(u64::from) {
        list.matrix(Class::Other, "inp_gate.weight", width, dim);
        list.matrix(Class::Other, "proj.weight", dim, width);
        list.vector(Class::Other, "post_norm.weight", width);
    }
    if model.extra.layer_scalar.is_some() {
        list.vector(Class::Other, "layer_output_scale.weight", 1);
    }
    if let Some(streams) = model.extra.altup_inputs.map(u64::from) {
        list.matrix(Class::Other, "altup_correct_coef.weight", streams, streams);
        list.vector(Class::Other, "altup_correct_scale.weight", width);
        list.matrix(Class::Other, "altup_predict_coef.weight", streams, streams * streams);
        list.matrix(Class::Other, "altup_router.weight", width, streams);
        list.vector(Class::Other, "altup_router_norm.weight", width);
    }
    if let Some(rank) = model.extra.laurel_rank.map(u64::from) {
        list.matrix(Class::Other, "laurel_l.weight", width, rank);
        list.matrix(Class::Other, "laurel_r.weight", rank, width);
        list.vector(Class::Other, "laurel_post_norm.weight", width);
    }
    if let Some(tables) = &model.ple
        && tables.layers.contains(&block.index)
        && !block.mtp
    {
        let streams = model.hyper_connections.as_ref().map_or(1, |hyper| u64::from(hyper.n_stream));
        list.matrix(Class::Other, "ple_key.weight", width, streams * width);
        list.matrix(Class::Other, "ple_value.weight", width, width);
        for norm in ["ple_norm_key.weight", "ple_norm_query.weight", "ple_norm_conv.weight"] {
            list.matrix(Class::Other, norm, width, streams);
        }
        list.matrix(Class::Other, "ple_conv1d.weight", tables.conv_kernel.into(), streams * width);
        // Moduli and multipliers of the hashes, kept as metadata.
        let tables_of_a_token =
            u64::from(tables.heads_per_ngram) * u64::from(tables.ngram_size.saturating_sub(1));
        list.leave_out(Class::Other, 2 * tables_of_a_token + u64::from(tables.ngram_size));
    }
}
