//! Recognizing a model of the catalog in a file, for what no file says: family, licence, measured quality.

use crate::model::catalog::Catalog;
use crate::model::{Model, ModelId};

/// The record of the catalog that a file's model is, if one of `names` means it and its shapes are the same.
///
/// A name alone proves nothing (anyone may call a file anything), and shapes alone do not tell a fine-tune from
/// its base.
pub fn recognize(catalog: &Catalog, model: &Model, names: &[String]) -> Option<ModelId> {
    let found = names.iter().filter(|name| !name.trim().is_empty()).find_map(|name| {
        let id = catalog.find(name).ok()?;
        same_shapes(catalog.get(id), model).then_some(id)
    });
    found
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
    model.params_total = model
        .params_text
        .saturating_add(model.params_mtp.unwrap_or(0))
        .saturating_add(known.modality.mmproj_params.unwrap_or(0));
    model.hf_downloads = known.hf_downloads;
    model.hf_likes = known.hf_likes;
}

fn same_shapes(known: &Model, model: &Model) -> bool {
    let shapes = |m: &Model| (m.n_layer, m.n_embd, m.n_head.max(), m.n_ff.as_ref().map(|n| n.max()).unwrap_or(0));
    let experts = |m: &Model| m.moe.as_ref().map(|moe| (moe.n_expert, moe.n_expert_used, moe.n_ff_expert));
    // A fine-tune may have appended tokens, and converters drop poolers.
    let near = known.params_text.abs_diff(model.params_text) <= known.params_text / 100;
    known.arch == model.arch && shapes(known) == shapes(model) && experts(known) == experts(model) && near
}
