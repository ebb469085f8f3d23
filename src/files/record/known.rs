//! Recognizing a model of the catalog in a file, for what no file says: family, licence, measured quality.

use crate::model::catalog::Catalog;
use crate::model::record::PerLayer;
use crate::model::{Model, ModelId};

/// The record of the catalog that a file's model is, if one of `names` means it and its shapes are the same.
///
/// A name alone proves nothing (anyone may call a file anything), and shapes alone do not tell a fine-tune from
/// its base.
pub fn recognize(catalog: &Catalog, model: &Model, names: &[String]) -> Option<ModelId> {
    names.iter().filter(|name| !name.trim().is_empty()).find_map(|name| {
        let id = catalog.find(name).ok()?;
        same_shapes(catalog.get(id), model).then_some(id)
    })
}

/// Takes over what the catalog knows of the same model.
pub fn adopt(model: &mut Model, known: &Model) {
    model.display_name.clone_from(&known.display_name);
    model.family.clone_from(&known.family);
    model.provider.clone_from(&known.provider);
    model.release_date.clone_from(&known.release_date);
    model.license.clone_from(&known.license);
    model.tags.clone_from(&known.tags);
    model.native_dtype.clone_from(&known.native_dtype);
    model.modality = known.modality.clone();
    model.aliases = std::iter::once(&known.id).chain(&known.aliases).cloned().collect();
    // The model has its MTP layers and its tower whether or not this file holds them.
    model.params_total = known.params_total;
    model.hf_downloads = known.hf_downloads;
    model.hf_likes = known.hf_likes;
}

fn same_shapes(known: &Model, model: &Model) -> bool {
    // Where no block has a dense network, its width means nothing.
    let inner = |m: &Model| {
        let dense = m.layers.ffn.contains(['d', 'b']);
        m.n_ff.as_ref().filter(|_| dense).map_or(0, PerLayer::max)
    };
    // Heads may be listed by block or by kind of block.
    let heads = |m: &Model| {
        let own = [m.attention.full.n_head, m.attention.swa.n_head];
        own.into_iter().flatten().max().unwrap_or(0).max(m.n_head.max())
    };
    let shapes = |m: &Model| (m.n_layer, m.n_embd, heads(m), inner(m));
    let experts = |m: &Model| m.moe.as_ref().map(|moe| (moe.n_expert, moe.n_expert_used, moe.n_ff_expert));
    // A fine-tune may have appended tokens, and converters drop poolers.
    let near = known.params_text.abs_diff(model.params_text) <= known.params_text / 100;
    known.arch == model.arch && shapes(known) == shapes(model) && experts(known) == experts(model) && near
}
