//! Folds fine-tunes and variants under their base model: same family and same shapes.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::{ModelId, display};
use crate::model::Model;
use crate::model::record::Tag;

/// How many rows two vocabularies may differ by and still be one model: publishers append a handful
/// of special tokens to a fine-tune, a different tokenizer differs by hundreds.
const VOCAB_SLACK: u32 = 64;

/// A base model, with everything that has its shapes and family.
#[derive(Clone, Debug)]
pub struct Base {
    /// The record that stands for all: instruct over thinking over base, then most downloads.
    pub id: ModelId,
    /// Name for the screen, unique among all bases: `Qwen3 4B`.
    pub name: String,
    /// The others, most downloaded first; those without a record of their own last.
    pub variants: Vec<Variant>,
}

impl Base {
    /// The records that are folded here, the representative first.
    pub fn ids(&self) -> impl Iterator<Item = ModelId> {
        std::iter::once(self.id).chain(self.variants.iter().filter_map(|variant| variant.id))
    }
}

/// A fine-tune or variant under its base model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variant {
    /// Repository on the hub, `owner/name`.
    pub repository: String,
    /// Name without owner.
    pub name: String,
    /// Its own record; without one it has the representative's numbers.
    pub id: Option<ModelId>,
}

/// Records of each provider in each family. A family's own publisher has most of its records, a
/// re-upload is the exception.
type Publishers<'a> = BTreeMap<(&'a str, &'a str), usize>;

/// One base for each set of models with the same family and shapes, in the order of their first
/// record.
pub(super) fn fold(models: &[Model]) -> Vec<Base> {
    let mut by_family: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (index, model) in models.iter().enumerate() {
        let family = by_family.entry(&model.family).or_default();
        let same = family.iter().find(|&&group| same_shapes(&models[groups[group][0]], model));
        if let Some(&group) = same {
            groups[group].push(index);
        } else {
            family.push(groups.len());
            groups.push(vec![index]);
        }
    }
    let mut publishers = Publishers::new();
    for model in models {
        *publishers.entry((&model.family, &model.provider)).or_default() += 1;
    }
    for group in &mut groups {
        group.sort_by_key(|&index| rank(&models[index], &publishers));
    }
    let names = display::unique_names(groups.iter().map(|group| &models[group[0]]));
    groups.iter().zip(names).map(|(group, name)| base(models, group, name)).collect()
}

fn base(models: &[Model], group: &[usize], name: String) -> Base {
    let records = group.iter().skip(1).map(|&index| Variant {
        repository: models[index].id.clone(),
        name: models[index].display_name.clone(),
        id: Some(ModelId(index as u16)),
    });
    let aliases = group.iter().flat_map(|&index| &models[index].aliases).map(|alias| Variant {
        repository: alias.clone(),
        name: short_name(alias).to_owned(),
        id: None,
    });
    // The same name under a second owner is a copy.
    let mut seen = BTreeSet::from([models[group[0]].display_name.to_ascii_lowercase()]);
    let variants =
        records.chain(aliases).filter(|variant| seen.insert(variant.name.to_ascii_lowercase())).collect();
    Base { id: ModelId(group[0] as u16), name, variants }
}

/// What is left of `repository` without its owner.
pub(super) fn short_name(repository: &str) -> &str {
    repository.rsplit_once('/').map_or(repository, |(_, name)| name)
}

/// Sort key of a group's members: the family's own publisher, then instruct, thinking, base, then
/// downloads.
fn rank(model: &Model, publishers: &Publishers) -> (Reverse<usize>, Training, Reverse<u64>) {
    let records = publishers.get(&(model.family.as_str(), model.provider.as_str())).copied().unwrap_or(0);
    (Reverse(records), training(model), Reverse(model.hf_downloads.unwrap_or(0)))
}

/// How a model was trained, in the order in which a base model is represented.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Training {
    /// Follows instructions; may think.
    General,
    /// Always thinks.
    Thinking,
    /// Not tuned.
    Base,
}

fn training(model: &Model) -> Training {
    let name = model.display_name.to_ascii_lowercase();
    if model.has_tag(Tag::Base) {
        Training::Base
    } else if model.tags.first() == Some(&Tag::Reasoning)
        || name.contains("think")
        || name.contains("reasoning")
    {
        Training::Thinking
    } else {
        Training::General
    }
}

/// Whether two records of one family describe the same tensors.
fn same_shapes(a: &Model, b: &Model) -> bool {
    let mut classes = a.params_breakdown.clone();
    classes.token_embd = b.params_breakdown.token_embd;
    classes.lm_head = b.params_breakdown.lm_head;
    a.arch == b.arch
        && a.n_layer == b.n_layer
        && a.n_embd == b.n_embd
        && a.n_vocab.abs_diff(b.n_vocab) <= VOCAB_SLACK
        && a.tied_embeddings == b.tied_embeddings
        && a.n_head == b.n_head
        && a.n_head_kv == b.n_head_kv
        && a.head_dim_k == b.head_dim_k
        && a.head_dim_v == b.head_dim_v
        && a.n_ff == b.n_ff
        && a.layers == b.layers
        && a.attention.sliding_window == b.attention.sliding_window
        && a.modality.vision == b.modality.vision
        && a.has_long_rope_tables() == b.has_long_rope_tables()
        && classes == b.params_breakdown
}

#[cfg(test)]
mod tests {
    use super::super::Catalog;
    use super::*;

    fn base_of(name: &str) -> &'static Base {
        let catalog = Catalog::embedded();
        &catalog.bases()[catalog.base_of(catalog.find(name).unwrap())]
    }

    fn representative(name: &str) -> &'static str {
        &Catalog::embedded().get(base_of(name).id).id
    }

    #[test]
    fn the_representative_is_the_one_most_people_mean() {
        assert_eq!(representative("Qwen3-4B-Thinking-2507"), "Qwen/Qwen3-4B");
        assert_eq!(representative("Olmo-3-7B-Think"), "allenai/Olmo-3-7B-Instruct");
        assert_eq!(representative("GLM-Z1-32B-0414"), "zai-org/GLM-4-32B-0414");
        assert_eq!(representative("Falcon-H1R-7B"), "tiiuae/Falcon-H1-7B-Instruct");
    }

    #[test]
    fn every_record_is_in_one_base() {
        let catalog = Catalog::embedded();
        let mut seen = vec![0; catalog.models().len()];
        for base in catalog.bases() {
            for id in base.ids() {
                seen[id.index()] += 1;
            }
        }
        assert!(seen.iter().all(|&count| count == 1));
        assert!(catalog.bases().len() < catalog.models().len());
    }

    #[test]
    fn aliases_are_variants_without_a_record() {
        let base = base_of("Qwen/Qwen3-4B");
        let names: Vec<&str> = base.variants.iter().map(|variant| variant.name.as_str()).collect();
        assert_eq!(names, ["Qwen3-4B-Instruct-2507", "Qwen3-4B-Thinking-2507", "Qwen3-4B-Base"]);
        assert!(base.variants[0].id.is_some() && base.variants[2].id.is_none());
    }

    #[test]
    fn folded_models_have_the_same_numbers() {
        let catalog = Catalog::embedded();
        for base in catalog.bases() {
            let first = catalog.get(base.id);
            for id in base.ids() {
                let model = catalog.get(id);
                assert_eq!(model.family, first.family);
                let rows = u64::from(model.n_vocab.abs_diff(first.n_vocab)) * u64::from(model.n_embd) * 2;
                assert!(model.params_text.abs_diff(first.params_text) <= rows, "{} {}", model.id, first.id);
            }
        }
    }

    #[test]
    fn other_tokenizers_and_rope_tables_do_not_fold() {
        assert_ne!(base_of("BAAI/bge-large-en-v1.5").id, base_of("BAAI/bge-m3").id);
        assert_ne!(base_of("Mistral-7B-Instruct-v0.2").id, base_of("Mistral-7B-Instruct-v0.3").id);
        assert_ne!(base_of("Phi-3-mini-4k-instruct").id, base_of("Phi-3-mini-128k-instruct").id);
        assert_eq!(base_of("granite-3.1-8b-instruct").id, base_of("granite-3.3-8b-instruct").id);
    }
}
