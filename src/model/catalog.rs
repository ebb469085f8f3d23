//! The catalog: every verified model, folded to one row a base model, found by name or by words.
//!
//! The records are embedded as one JSON object a line and parsed once, at first use.

mod display;
mod fold;
mod lookup;
mod search;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use thiserror::Error;

use crate::language::{of_json, tr};
use crate::model::Model;

pub use fold::{Base, Variant};
pub use lookup::UnknownModel;
pub use search::Hit;

static RECORDS: &str = include_str!("../../assets/models.jsonl");

/// A model's place in the catalog that gave it out; costs nothing to copy, compare or hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModelId(u16);

impl ModelId {
    /// Position in [`Catalog::models`].
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// Why a text is no catalog.
#[derive(Debug, Error)]
pub enum CatalogError {
    /// A line that is no record.
    #[error("{}", tr!("line {line}: {reason}", line, reason = of_json(source)))]
    Record {
        /// Line, counted from 1.
        line: usize,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// More records than [`ModelId`] can count.
    #[error("{}", tr!("{records} records; a catalog holds at most {max}", records, max = u16::MAX))]
    TooMany {
        /// Records found.
        records: usize,
    },
}

/// All models, and the ways to find one.
#[derive(Debug)]
pub struct Catalog {
    models: Vec<Model>,
    bases: Vec<Base>,
    /// Base of each model, by model index.
    base_of: Vec<usize>,
    /// Index of the first of a person's own models, which stand last.
    own: usize,
    /// No other catalog of this process has the same.
    number: u64,
    by_id: OnceLock<HashMap<String, ModelId>>,
    names: OnceLock<lookup::Names>,
    words: OnceLock<search::Words>,
}

impl Catalog {
    /// The models that this program was built with.
    ///
    /// # Panics
    /// Never in a build that passed its tests: they parse the same text.
    pub fn embedded() -> &'static Self {
        Self::embedded_shared()
    }

    /// The same, for what may hold another catalog too.
    ///
    /// # Panics
    /// As [`Self::embedded`].
    pub fn embedded_shared() -> &'static Arc<Self> {
        static CATALOG: OnceLock<Arc<Catalog>> = OnceLock::new();
        CATALOG.get_or_init(|| {
            #[expect(clippy::expect_used, reason = "a constant of this build, parsed by the tests")]
            let catalog = Self::parse(RECORDS).expect("the embedded catalog parses");
            Arc::new(catalog)
        })
    }

    /// Reads one record a line; empty lines are skipped.
    ///
    /// # Errors
    /// The first line that is no record, or more records than an id can count.
    pub fn parse(text: &str) -> Result<Self, CatalogError> {
        let models = text
            .lines()
            .enumerate()
            .filter(|(_, line)| !line.trim().is_empty())
            .map(|(index, line)| {
                serde_json::from_str(line).map_err(|source| CatalogError::Record { line: index + 1, source })
            })
            .collect::<Result<Vec<Model>, _>>()?;
        Self::of(models)
    }

    /// A catalog of these records.
    ///
    /// # Errors
    /// More records than an id can count.
    pub fn of(models: Vec<Model>) -> Result<Self, CatalogError> {
        if models.len() > usize::from(u16::MAX) {
            return Err(CatalogError::TooMany { records: models.len() });
        }
        let bases = fold::fold(&models);
        let own = models.len();
        Ok(Self::folded(models, bases, own))
    }

    fn folded(models: Vec<Model>, bases: Vec<Base>, own: usize) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let mut base_of = vec![0; models.len()];
        for (index, base) in bases.iter().enumerate() {
            for id in base.ids() {
                base_of[id.index()] = index;
            }
        }
        Self {
            models,
            bases,
            base_of,
            own,
            number: NEXT.fetch_add(1, Ordering::Relaxed),
            by_id: OnceLock::new(),
            names: OnceLock::new(),
            words: OnceLock::new(),
        }
    }

    /// This catalog with further records: one of the same id takes the place of the record that is there, so that
    /// ids stay good; the others follow behind. All are folded anew.
    ///
    /// # Errors
    /// More records than an id can count.
    pub fn updated(&self, records: impl IntoIterator<Item = Model>) -> Result<Self, CatalogError> {
        let mut models = self.models[..self.own].to_vec();
        let mut places: HashMap<String, usize> =
            models.iter().enumerate().map(|(place, model)| (model.id.clone(), place)).collect();
        for record in records {
            if let Some(&place) = places.get(&record.id) {
                models[place] = record;
            } else {
                places.insert(record.id.clone(), models.len());
                models.push(record);
            }
        }
        Self::of(models)
    }

    /// This catalog with a person's own models behind it, each with a row of its own: what was opened is not
    /// hidden under a base model. Ids and places of the catalog's records and bases stay what they are.
    ///
    /// # Errors
    /// More records than an id can count.
    pub fn with_own(&self, own: impl IntoIterator<Item = Model>) -> Result<Self, CatalogError> {
        let mut models = self.models[..self.own].to_vec();
        let mut bases: Vec<Base> =
            self.bases.iter().filter(|base| base.id.index() < self.own).cloned().collect();
        let first = models.len();
        models.extend(own);
        if models.len() > usize::from(u16::MAX) {
            return Err(CatalogError::TooMany { records: models.len() });
        }
        let own = models.iter().enumerate().skip(first).map(|(index, model)| Base {
            id: ModelId(index as u16),
            name: model.display_name.clone(),
            variants: Vec::new(),
        });
        bases.extend(own);
        Ok(Self::folded(models, bases, first))
    }

    /// Whether `id` is one of a person's own models.
    pub fn is_own(&self, id: ModelId) -> bool {
        id.index() >= self.own
    }

    /// A person's own models.
    pub fn own(&self) -> impl ExactSizeIterator<Item = ModelId> + use<> {
        (self.own as u16..self.models.len() as u16).map(ModelId)
    }

    /// A number that no other catalog of this process has: what was made of one by places and ids is stale where it is
    /// another.
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// All records, by family and size.
    pub fn models(&self) -> &[Model] {
        &self.models
    }

    /// All ids, in the order of [`Self::models`].
    pub fn ids(&self) -> impl ExactSizeIterator<Item = ModelId> + use<> {
        (0..self.models.len() as u16).map(ModelId)
    }

    /// The record of `id`.
    ///
    /// # Panics
    /// If `id` comes from a larger catalog.
    pub fn get(&self, id: ModelId) -> &Model {
        &self.models[id.index()]
    }

    /// One entry a base model, with its fine-tunes and variants under it.
    pub fn bases(&self) -> &[Base] {
        &self.bases
    }

    /// Position in [`Self::bases`] of the base model that `id` belongs to.
    ///
    /// # Panics
    /// If `id` comes from a larger catalog.
    pub fn base_of(&self, id: ModelId) -> usize {
        self.base_of[id.index()]
    }

    /// The model of this name: a repository (`owner/name`), its name alone, an alias, or the name of
    /// a base model. Case does not matter, nor do a hub link around the name, the owner of a
    /// conversion, or what conversions append (`-GGUF`, `:Q4_K_M`).
    ///
    /// # Errors
    /// No model has this name; the error suggests the nearest ones.
    pub fn find(&self, name: &str) -> Result<ModelId, UnknownModel> {
        let names = self.names.get_or_init(|| lookup::Names::of(self));
        names
            .find(name)
            .ok_or_else(|| UnknownModel { name: name.to_owned(), suggestions: names.nearest(name) })
    }

    /// The model of exactly this repository.
    pub fn exact(&self, id: &str) -> Option<ModelId> {
        self.by_id
            .get_or_init(|| self.ids().map(|known| (self.get(known).id.clone(), known)).collect())
            .get(id)
            .copied()
    }

    /// Base models that match every word of `query`, best first; all of them, in catalog order, for
    /// an empty query. Words may come in any order and the last one may be unfinished.
    pub fn search(&self, query: &str) -> Vec<Hit> {
        self.words.get_or_init(|| search::Words::of(self)).search(query)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_records_parse() {
        let catalog = Catalog::embedded();
        assert_eq!(catalog.models().len(), 511);
        for id in catalog.ids() {
            let base = &catalog.bases()[catalog.base_of(id)];
            assert!(base.ids().any(|member| member == id), "{}", catalog.get(id).id);
        }
    }

    #[test]
    fn breakdowns_sum_to_the_text_parameters() {
        for model in Catalog::embedded().models() {
            assert_eq!(model.params_breakdown.sum(), model.params_text, "{}", model.id);
        }
    }

    #[test]
    fn a_bad_line_is_named() {
        let first = RECORDS.lines().next().unwrap();
        let error = Catalog::parse(&format!("{first}\n\n{{\"id\":1}}\n")).unwrap_err();
        assert!(error.to_string().starts_with("line 3: "), "{error}");
        let unknown_field = first.replacen('{', "{\"n_heads\":3,", 1);
        assert!(Catalog::parse(&unknown_field).unwrap_err().to_string().contains("n_heads"));
    }

    #[test]
    fn own_models_stand_behind_the_catalog_and_move_nothing() {
        let catalog = Catalog::embedded();
        let mut own = catalog.models()[0].clone();
        own.id = "/models/own.gguf".to_owned();
        own.display_name = "own".to_owned();
        let more = catalog.with_own([own.clone()]).unwrap();
        assert_eq!(more.models().len(), catalog.models().len() + 1);
        assert_eq!(more.bases().len(), catalog.bases().len() + 1, "it is not folded under its base model");
        for (one, other) in catalog.bases().iter().zip(more.bases()) {
            assert_eq!((one.id, &one.name, &one.variants), (other.id, &other.name, &other.variants));
        }
        let id = more.exact("/models/own.gguf").unwrap();
        assert!(more.is_own(id) && !more.is_own(catalog.bases()[0].id));
        assert_eq!(more.own().collect::<Vec<_>>(), [id]);
        assert_eq!(more.bases()[more.base_of(id)].name, "own");
        // Others in their place, not beside them.
        assert_eq!(more.with_own([]).unwrap().models().len(), catalog.models().len());
        assert_eq!(catalog.own().len(), 0);
    }

    #[test]
    fn an_update_replaces_records_in_their_place_and_adds_others() {
        let catalog = Catalog::embedded();
        let mut changed = catalog.models()[7].clone();
        changed.context_max = Some(12_345);
        let mut new = catalog.models()[3].clone();
        new.id = "somebody/new".to_owned();
        let updated = catalog.updated([changed.clone(), new]).unwrap();
        assert_eq!(updated.models().len(), catalog.models().len() + 1);
        assert_eq!(updated.models()[7].context_max, Some(12_345));
        assert_eq!(updated.exact(&changed.id), catalog.exact(&changed.id));
        assert_eq!(updated.exact("somebody/new").unwrap().index(), catalog.models().len());
    }

    #[test]
    fn layer_strings_cover_all_layers() {
        for model in Catalog::embedded().models() {
            for codes in [&model.layers.mixer, &model.layers.ffn] {
                assert!(codes.len() == 1 || codes.len() == model.n_layer as usize, "{}: {codes}", model.id);
            }
        }
    }
}
