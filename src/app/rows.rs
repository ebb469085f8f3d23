//! The rows of the table: which models, in which order, with which figures.
//!
//! [`Figures`] holds one outcome a base model and is computed anew when the scenario, the level or the
//! machine changes; [`list`] filters and sorts them and is cheap enough for each keystroke.

pub mod answer;
mod filter;
pub mod ranges;
mod sort;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::estimate::{Asked, Brief, Estimator, FitClass, Rig, Scenario};
use crate::language::tr;
use crate::model::catalog::{Base, Hit};
use crate::model::{Catalog, Model, ModelId};
use crate::quant::Level;
use crate::units::Bytes;

pub use filter::passes_filters;
pub use sort::{Column, Sort};

use super::best::Counts;
use super::settings::Filters;

/// Where a row stands in the catalog: a base model, or one of the variants folded under it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowKey {
    /// Position in [`Catalog::bases`].
    pub base: usize,
    /// Position in the base's variants.
    pub variant: Option<usize>,
}

impl RowKey {
    /// The row of a base model.
    pub const fn base(base: usize) -> Self {
        Self { base, variant: None }
    }

    /// The record whose figures the row shows; variants without one have the base model's.
    pub fn model(self, catalog: &Catalog) -> ModelId {
        let base = &catalog.bases()[self.base];
        self.variant.and_then(|variant| base.variants.get(variant)?.id).unwrap_or(base.id)
    }
}

/// What can be said of a model at the present level.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// The machine is not known yet.
    Pending,
    /// Figures.
    Known(Brief),
    /// None, and why.
    NotAvailable(Arc<str>),
}

impl Outcome {
    /// The figures, where there are any.
    pub const fn brief(&self) -> Option<&Brief> {
        match self {
            Self::Known(brief) => Some(brief),
            Self::Pending | Self::NotAvailable(_) => None,
        }
    }

    /// The verdict, where there is one.
    pub fn class(&self) -> Option<FitClass> {
        self.brief().map(|brief| brief.class)
    }

    /// Tokens/s of all requests together, the middle of the range.
    pub fn speed(&self) -> Option<f64> {
        Some(self.brief()?.decode?.p50)
    }
}

/// What a model is to the person at this computer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Opened from a file or the hub.
    Own,
    /// Some program keeps it on this computer's disks.
    Installed,
}

impl Mark {
    /// In a word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Own => tr!("yours"),
            Self::Installed => tr!("installed"),
        }
    }
}

/// One row of the table.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Where it stands in the catalog.
    pub key: RowKey,
    /// The record whose figures it shows.
    pub model: ModelId,
    /// Name on the screen.
    pub name: String,
    /// Variants folded under it; 0 for a variant.
    pub variants: usize,
    /// Its variants are shown.
    pub unfolded: bool,
    /// The variant that the search found, where the base model's own names did not match.
    pub matched: Option<String>,
    /// All parameters.
    pub params: u64,
    /// Parameters that a token uses, where they are fewer.
    pub active: Option<u64>,
    /// Trained context, tokens.
    pub context_max: Option<u32>,
    /// Release month.
    pub released: String,
    /// Downloads in 30 days.
    pub downloads: Option<u64>,
    /// What it is to this person.
    pub mark: Option<Mark>,
    /// Its figures.
    pub outcome: Outcome,
}

impl Row {
    fn new(ask: &Ask<'_>, key: RowKey, outcome: Outcome) -> Self {
        let catalog = ask.catalog;
        let base = &catalog.bases()[key.base];
        let model_id = key.model(catalog);
        let model = catalog.get(model_id);
        let variant = key.variant.and_then(|variant| base.variants.get(variant));
        Self {
            key,
            model: model_id,
            name: variant.map_or(&base.name, |variant| &variant.name).clone(),
            variants: if variant.is_some() { 0 } else { base.variants.len() },
            unfolded: false,
            matched: None,
            params: model.params_total,
            active: (model.params_active < model.params_text).then_some(model.params_active),
            context_max: model.context_max,
            released: model.release_date.clone(),
            downloads: model.hf_downloads,
            mark: ask.mark(key),
            outcome,
        }
    }
}

/// What a variant's name says beyond its base model's: `Thinking-2507` of `Qwen3-30B-A3B-Thinking-2507`
/// beside `Qwen3 30B A3B`; all of it where it does not begin like that.
pub fn beyond_base<'a>(base: &str, variant: &'a str) -> &'a str {
    let mut rest = variant.char_indices();
    for wanted in base.chars().filter(char::is_ascii_alphanumeric) {
        match rest.find(|(_, c)| c.is_ascii_alphanumeric()) {
            Some((_, found)) if found.eq_ignore_ascii_case(&wanted) => {}
            _ => return variant,
        }
    }
    let rest = rest.as_str().trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
    if rest.is_empty() { variant } else { rest }
}

/// What every figure is asked under.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// The catalog.
    pub catalog: &'a Catalog,
    /// Models that are on this computer's disks.
    pub installed: &'a BTreeSet<ModelId>,
    /// Who answers.
    pub estimator: &'a Estimator,
    /// Quantization.
    pub level: Level,
    /// Context, cache, engine, load.
    pub scenario: &'a Scenario,
    /// The machine; `None` while it is not known.
    pub rig: Option<&'a Rig>,
}

impl Ask<'_> {
    /// What a row is to this person: a base model is installed where one of its variants is.
    fn mark(&self, key: RowKey) -> Option<Mark> {
        let base = &self.catalog.bases()[key.base];
        if self.catalog.is_own(base.id) {
            return Some(Mark::Own);
        }
        let installed = match key.variant {
            Some(variant) => {
                base.variants.get(variant).and_then(|v| v.id).is_some_and(|id| self.installed.contains(&id))
            }
            None => base.ids().any(|id| self.installed.contains(&id)),
        };
        installed.then_some(Mark::Installed)
    }

    /// What can be said of `model`.
    pub fn outcome(&self, model: &Model) -> Outcome {
        let asked = self.rig.map(|rig| self.estimator.ask(self.scenario, rig));
        self.outcome_by(asked.as_ref(), model)
    }

    fn outcome_by(&self, asked: Option<&Asked<'_>>, model: &Model) -> Outcome {
        if let Some(reason) = model.not_generating() {
            return Outcome::NotAvailable(reason.into());
        }
        let Some(asked) = asked else { return Outcome::Pending };
        match asked.of(model).and_then(|case| case.brief(self.level)) {
            Ok(brief) => Outcome::Known(brief),
            Err(unsupported) => Outcome::NotAvailable(unsupported.reason.into()),
        }
    }
}

/// Outcomes of all base models, and of the variants that are shown.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    bases: Vec<Outcome>,
    variants: BTreeMap<RowKey, Outcome>,
}

impl Figures {
    /// Outcomes of all base models; variants follow when they are looked at.
    pub fn compute(ask: &Ask) -> Self {
        let asked = ask.rig.map(|rig| ask.estimator.ask(ask.scenario, rig));
        let outcome = |base: &Base| ask.outcome_by(asked.as_ref(), ask.catalog.get(base.id));
        Self { bases: ask.catalog.bases().iter().map(outcome).collect(), variants: BTreeMap::new() }
    }

    /// Whether the machine is still missing.
    pub fn is_pending(&self) -> bool {
        self.bases.iter().all(|outcome| outcome.brief().is_none()) && self.bases.contains(&Outcome::Pending)
            || self.bases.is_empty()
    }

    /// The outcome of one base model.
    pub fn base(&self, base: usize) -> &Outcome {
        self.bases.get(base).unwrap_or(&Outcome::Pending)
    }

    fn of(&mut self, key: RowKey, ask: &Ask) -> Outcome {
        let model = key.model(ask.catalog);
        if model == ask.catalog.bases()[key.base].id {
            return self.base(key.base).clone();
        }
        self.variants.entry(key).or_insert_with(|| ask.outcome(ask.catalog.get(model))).clone()
    }
}

/// The memory that counts against the load line: what lies on the GPUs of a model that lies wholly on them, all of it
/// of any other.
pub fn against_line(brief: &Brief, has_gpu: bool) -> Bytes {
    match brief.class {
        FitClass::Fits | FitClass::Tight if has_gpu => brief.on_gpu,
        _ => brief.need,
    }
}

/// What is listed, and in which order.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// What the search found; `None` without a search.
    pub hits: Option<&'a [Hit]>,
    /// Filters.
    pub filters: &'a Filters,
    /// Order.
    pub sort: Sort,
    /// Base models whose variants are shown.
    pub unfolded: &'a BTreeSet<ModelId>,
    /// Models that are on this computer's disks.
    pub installed: &'a BTreeSet<ModelId>,
    /// Base models that were picked on the map; `None`: nobody picked.
    pub picked: Option<&'a BTreeSet<ModelId>>,
    /// Repositories of favourites.
    pub favourites: &'a BTreeSet<String>,
}

impl Wanted<'_> {
    /// Base models that the search and the filters by subject let through, in catalog or search order, each
    /// with the variant that the search found.
    pub fn subjects(&self, catalog: &Catalog) -> impl Iterator<Item = (usize, Option<usize>)> {
        let searched = self.hits.map(|hits| hits.iter().map(|hit| (hit.base, hit.variant)));
        let all = if searched.is_none() { 0..catalog.bases().len() } else { 0..0 };
        searched
            .into_iter()
            .flatten()
            .chain(all.map(|base| (base, None)))
            .filter(|(base, _)| self.is_subject(catalog, *base))
    }

    fn is_subject(&self, catalog: &Catalog, base: usize) -> bool {
        let base = &catalog.bases()[base];
        let here = !self.filters.installed
            || catalog.is_own(base.id)
            || base.ids().any(|id| self.installed.contains(&id));
        let picked = self.picked.is_none_or(|picked| picked.contains(&base.id));
        let liked =
            !self.filters.favourites || base.ids().any(|id| self.favourites.contains(&catalog.get(id).id));
        here && picked && liked && filter::is_subject(catalog.get(base.id), self.filters)
    }
}

/// How many of the models that the search and the filters by subject let through have each verdict, and how
/// many they are.
pub fn count(figures: &Figures, ask: &Ask, wanted: &Wanted) -> (Counts, usize) {
    let (mut counts, mut all) = (Counts::default(), 0);
    for (base, _) in wanted.subjects(ask.catalog) {
        all += 1;
        if let Some(class) = figures.base(base).class() {
            counts.add(class);
        }
    }
    (counts, all)
}

/// The rows that are wanted, in order.
pub fn list(figures: &mut Figures, ask: &Ask, wanted: &Wanted) -> Vec<Row> {
    let mut rows = Vec::with_capacity(ask.catalog.bases().len());
    for (base, matched) in wanted.subjects(ask.catalog) {
        let outcome = figures.base(base);
        if !passes_filters(outcome, wanted.filters, ask) {
            continue;
        }
        let mut row = Row::new(ask, RowKey::base(base), outcome.clone());
        let Base { id, variants, .. } = &ask.catalog.bases()[base];
        row.matched = matched.and_then(|variant| Some(variants.get(variant)?.name.clone()));
        row.unfolded = !variants.is_empty() && wanted.unfolded.contains(id);
        rows.push(row);
    }
    sort::sort(&mut rows, wanted.sort);
    if wanted.unfolded.is_empty() {
        return rows;
    }
    let mut listed = Vec::with_capacity(rows.len());
    for row in rows {
        let (base, variants) = (row.key.base, if row.unfolded { row.variants } else { 0 });
        listed.push(row);
        for variant in 0..variants {
            let key = RowKey { base, variant: Some(variant) };
            let outcome = figures.of(key, ask);
            listed.push(Row::new(ask, key, outcome));
        }
    }
    listed
}

/// Gives rows that keep their place their new figures.
pub fn refresh(rows: &mut [Row], figures: &mut Figures, ask: &Ask) {
    for row in rows {
        row.outcome = figures.of(row.key, ask);
    }
}

#[cfg(test)]
mod tests {
    use super::beyond_base;

    #[test]
    fn a_variant_says_what_its_base_does_not() {
        assert_eq!(beyond_base("Qwen3 30B A3B", "Qwen3-30B-A3B-Thinking-2507"), "Thinking-2507");
        assert_eq!(beyond_base("Qwen3 4B", "qwen3_4b_Base"), "Base");
        assert_eq!(beyond_base("Llama 3.1 8B", "Hermes-3-Llama-3.1-8B"), "Hermes-3-Llama-3.1-8B");
        assert_eq!(beyond_base("Qwen3 4B", "Qwen3-4B"), "Qwen3-4B");
        assert_eq!(beyond_base("Größe 4B", ""), "");
    }
}
