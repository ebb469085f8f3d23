//! The rows of the matrix: which models in which order, in which groups, with which fine-tunes unfolded.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::language::{self, mark, tr};
use crate::model::catalog::{Catalog, ModelId};

/// How rows are grouped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grouping {
    /// By who published them, most used first, and the newest family of each first: the names say what they
    /// are, so groups have no title.
    #[default]
    Family,
    /// By size class, with a title.
    Size,
    /// Not at all: by size.
    None,
}

impl Grouping {
    /// All.
    pub const ALL: [Self; 3] = [Self::Family, Self::Size, Self::None];

    /// Its name in the list.
    pub fn label(self) -> &'static str {
        match self {
            Self::Family => tr!("Group by family"),
            Self::Size => tr!("Group by size"),
            Self::None => tr!("No groups"),
        }
    }
}

/// A class of sizes: its name, and the parameters below which a model belongs to it.
struct SizeClass {
    title: &'static str,
    below: u64,
}

/// Title of a person's own models, which stand first in every grouping.
const OWN: &str = mark!("Your models");
/// Title of what follows them where groups have none.
const OTHERS: &str = mark!("Catalog");

const BILLION: u64 = 1_000_000_000;

/// Limits fall between the sizes in which models are published.
const SIZE_CLASSES: [SizeClass; 6] = [
    SizeClass { title: mark!("Tiny, below 2 B parameters"), below: 2 * BILLION },
    SizeClass { title: mark!("Small, 2 to 6 B"), below: 6 * BILLION },
    SizeClass { title: mark!("Medium, 6 to 18 B"), below: 18 * BILLION },
    SizeClass { title: mark!("Large, 18 to 50 B"), below: 50 * BILLION },
    SizeClass { title: mark!("Very large, 50 to 150 B"), below: 150 * BILLION },
    SizeClass { title: mark!("Huge, 150 B and more"), below: u64::MAX },
];

/// A line of the matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// What it is.
    pub kind: LineKind,
    /// Number of its group; there is a gap between groups.
    pub group: usize,
    /// Number of its family; the load line joins neighbours of one family only.
    pub family: usize,
}

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineKind {
    /// Title of a group.
    Title(&'static str),
    /// A base model: its place in [`Catalog::bases`].
    Base(usize),
    /// A fine-tune under its base model: the place of the base, and its own among the variants.
    Variant(usize, usize),
}

impl Line {
    /// Whose estimates the line shows. A fine-tune without a record of its own has the tensors of its base,
    /// so it has its estimates too.
    pub fn model(&self, catalog: &Catalog) -> Option<ModelId> {
        match self.kind {
            LineKind::Title(_) => None,
            LineKind::Base(base) => Some(catalog.bases()[base].id),
            LineKind::Variant(base, variant) => {
                let base = &catalog.bases()[base];
                Some(base.variants.get(variant).and_then(|v| v.id).unwrap_or(base.id))
            }
        }
    }

    /// Its name.
    pub fn name<'a>(&self, catalog: &'a Catalog) -> &'a str {
        match self.kind {
            LineKind::Title(title) => title,
            LineKind::Base(base) => &catalog.bases()[base].name,
            LineKind::Variant(base, variant) => {
                catalog.bases()[base].variants.get(variant).map_or("", |v| &v.name)
            }
        }
    }
}

/// All lines, top to bottom. It depends on the catalog, the filter and the folding, never on estimates:
/// rows must not move under the pointer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outline {
    lines: Vec<Line>,
    models: Vec<ModelId>,
    bases: Vec<ModelId>,
}

impl Outline {
    /// Lines for the base models `shown` (places in [`Catalog::bases`], any order), of which those in
    /// `unfolded` have their fine-tunes under them.
    pub fn new(catalog: &Catalog, shown: &[usize], grouping: Grouping, unfolded: &BTreeSet<ModelId>) -> Self {
        let mut outline = Self::default();
        let mut at = Line { kind: LineKind::Title(""), group: 0, family: 0 };
        let mut last: Option<Seat<'_>> = None;
        for seat in seats(catalog, shown, grouping) {
            let opens =
                last.as_ref().is_none_or(|last| (last.is_known, last.group) != (seat.is_known, seat.group));
            let new_family = opens || last.as_ref().is_none_or(|last| last.family != seat.family);
            at.group += usize::from(opens && last.is_some());
            at.family += usize::from(new_family && last.is_some());
            if opens && let Some(title) = seat.title(grouping, last.as_ref()) {
                outline.lines.push(Line { kind: LineKind::Title(title), ..at });
            }
            outline.push_base(catalog, seat.base, at, unfolded);
            last = Some(seat);
        }
        outline
    }

    fn push_base(&mut self, catalog: &Catalog, base: usize, at: Line, unfolded: &BTreeSet<ModelId>) {
        let Some(entry) = catalog.bases().get(base) else { return };
        self.lines.push(Line { kind: LineKind::Base(base), ..at });
        self.models.push(entry.id);
        self.bases.push(entry.id);
        if unfolded.contains(&entry.id) {
            for (place, variant) in entry.variants.iter().enumerate() {
                self.lines.push(Line { kind: LineKind::Variant(base, place), ..at });
                self.models.extend(variant.id);
            }
        }
    }

    /// The lines, top to bottom.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// Every model whose estimates some line shows.
    pub fn models(&self) -> &[ModelId] {
        &self.models
    }

    /// The base models shown, which are what is counted.
    pub fn bases(&self) -> &[ModelId] {
        &self.bases
    }
}

/// Where a row stands; rows are sorted by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Seat<'a> {
    /// It is of the catalog, not a person's own.
    is_known: bool,
    /// Rank of the publisher, or place in [`SIZE_CLASSES`].
    group: usize,
    family: Family<'a>,
    size: u64,
    name: &'a str,
    base: usize,
}

impl Seat<'_> {
    /// The title of the group that this seat opens behind `last`.
    fn title(&self, grouping: Grouping, last: Option<&Self>) -> Option<&'static str> {
        if !self.is_known {
            return Some(language::text(OWN));
        }
        if grouping == Grouping::Size {
            return Some(language::text(SIZE_CLASSES[self.group].title));
        }
        last.is_some_and(|last| !last.is_known).then(|| language::text(OTHERS))
    }
}

/// A family within its publisher's group; where families are not kept together, none has a name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Family<'a> {
    /// Month in which the last of its models was released.
    newest: Reverse<&'a str>,
    name: &'a str,
}

fn seats<'a>(catalog: &'a Catalog, shown: &[usize], grouping: Grouping) -> Vec<Seat<'a>> {
    let by_family = grouping == Grouping::Family;
    let (ranks, newest) = if by_family { (publishers(catalog), newest(catalog)) } else { <_>::default() };
    let seat = |&base: &usize| {
        let entry = catalog.bases().get(base)?;
        let model = catalog.get(entry.id);
        let (provider, family) = (model.provider.as_str(), model.family.as_str());
        let size = model.params_total;
        let is_known = !catalog.is_own(entry.id);
        Some(Seat {
            is_known,
            group: match grouping {
                _ if !is_known => 0,
                Grouping::Family => ranks.get(provider).copied().unwrap_or(usize::MAX),
                Grouping::Size => {
                    SIZE_CLASSES.iter().position(|class| size < class.below).unwrap_or_default()
                }
                Grouping::None => 0,
            },
            family: newest
                .get(&(provider, family))
                .filter(|_| is_known)
                .map_or_else(Family::default, |&newest| Family { newest: Reverse(newest), name: family }),
            size,
            name: &entry.name,
            base,
        })
    };
    let mut seats: Vec<Seat<'_>> = shown.iter().filter_map(seat).collect();
    seats.sort();
    seats
}

/// Release month of the newest model of each publisher's families.
fn newest(catalog: &Catalog) -> BTreeMap<(&str, &str), &str> {
    let mut newest: BTreeMap<(&str, &str), &str> = BTreeMap::new();
    for model in catalog.ids().filter(|id| !catalog.is_own(*id)).map(|id| catalog.get(id)) {
        let known = newest.entry((&model.provider, &model.family)).or_default();
        *known = (*known).max(model.release_date.as_str());
    }
    newest
}

/// Ranks publishers by the downloads of all their models. Those with a single base model are left out:
/// they share the last group, or hairlines would outnumber rows.
fn publishers(catalog: &Catalog) -> BTreeMap<&str, usize> {
    let mut all: BTreeMap<&str, (u64, usize)> = BTreeMap::new();
    for base in catalog.bases().iter().filter(|base| !catalog.is_own(base.id)) {
        let entry = all.entry(catalog.get(base.id).provider.as_str()).or_default();
        let downloads = |id: ModelId| catalog.get(id).hf_downloads.unwrap_or(0);
        entry.0 += base.ids().map(downloads).sum::<u64>();
        entry.1 += 1;
    }
    let mut ranked: Vec<(&str, u64)> =
        all.into_iter().filter(|(_, (_, bases))| *bases > 1).map(|(name, (n, _))| (name, n)).collect();
    ranked.sort_by_key(|&(name, downloads)| (Reverse(downloads), name));
    ranked.into_iter().enumerate().map(|(rank, (name, _))| (name, rank)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outline(grouping: Grouping, unfolded: &[ModelId]) -> (&'static Catalog, Outline) {
        let catalog = Catalog::embedded();
        let all: Vec<usize> = (0..catalog.bases().len()).collect();
        (catalog, Outline::new(catalog, &all, grouping, &unfolded.iter().copied().collect()))
    }

    #[test]
    fn every_base_has_one_line_in_any_grouping() {
        for grouping in Grouping::ALL {
            let (catalog, outline) = outline(grouping, &[]);
            let mut bases: Vec<usize> = outline
                .lines()
                .iter()
                .filter_map(|line| if let LineKind::Base(base) = line.kind { Some(base) } else { None })
                .collect();
            bases.sort_unstable();
            assert_eq!(bases, (0..catalog.bases().len()).collect::<Vec<_>>());
            assert_eq!(outline.models().len(), bases.len());
        }
    }

    #[test]
    fn groups_are_contiguous_and_climb_in_size() {
        for grouping in Grouping::ALL {
            let (catalog, outline) = outline(grouping, &[]);
            for pair in outline.lines().windows(2) {
                assert!(pair[0].group <= pair[1].group && pair[1].group <= pair[0].group + 1);
                assert!(pair[0].family <= pair[1].family && pair[1].family <= pair[0].family + 1);
                assert!(pair[0].group == pair[1].group || pair[0].family != pair[1].family);
                let sizes = [pair[0], pair[1]].map(|line| match line.kind {
                    LineKind::Base(base) => Some(catalog.get(catalog.bases()[base].id).params_total),
                    _ => None,
                });
                if let [Some(first), Some(second)] = sizes
                    && pair[0].family == pair[1].family
                {
                    assert!(first <= second, "{} {}", pair[0].name(catalog), pair[1].name(catalog));
                }
            }
        }
    }

    #[test]
    fn a_family_has_one_publisher_and_the_last_group_the_single_ones() {
        let (catalog, outline) = outline(Grouping::Family, &[]);
        let provider = |line: &Line| catalog.get(line.model(catalog).unwrap()).provider.as_str();
        let last = outline.lines().last().unwrap().group;
        for line in outline.lines() {
            let group = || outline.lines().iter().filter(|other| other.group == line.group);
            if line.group == last {
                assert_eq!(group().filter(|other| provider(other) == provider(line)).count(), 1);
            } else {
                assert!(group().count() > 1 && group().all(|other| provider(other) == provider(line)));
            }
        }
        assert_eq!(provider(&outline.lines()[0]), "Alibaba Qwen");
    }

    #[test]
    fn families_of_one_publisher_stand_together_newest_first() {
        let (catalog, outline) = outline(Grouping::Family, &[]);
        let model = |line: &Line| catalog.get(line.model(catalog).unwrap());
        for pair in outline.lines().windows(2) {
            let (first, second) = (model(&pair[0]), model(&pair[1]));
            let same = first.family == second.family && first.provider == second.provider;
            assert_eq!(pair[0].family == pair[1].family, same, "{} {}", first.id, second.id);
        }
        let families: BTreeSet<usize> = outline.lines().iter().map(|line| line.family).collect();
        let names: BTreeSet<_> =
            outline.lines().iter().map(|line| (&model(line).provider, &model(line).family)).collect();
        assert_eq!(families.len(), names.len(), "each family stands in one place");
        let newest = newest(catalog);
        let month = |line: &Line| newest[&(model(line).provider.as_str(), model(line).family.as_str())];
        for pair in outline.lines().windows(2).filter(|pair| pair[0].group == pair[1].group) {
            assert!(month(&pair[0]) >= month(&pair[1]));
        }
    }

    #[test]
    fn size_classes_have_titles() {
        let (_, outline) = outline(Grouping::Size, &[]);
        let titles: Vec<_> = outline
            .lines()
            .iter()
            .filter_map(|line| if let LineKind::Title(title) = line.kind { Some(title) } else { None })
            .collect();
        assert_eq!(titles.len(), SIZE_CLASSES.len());
        assert!(matches!(outline.lines()[0].kind, LineKind::Title(_)));
    }

    #[test]
    fn unfolding_puts_the_fine_tunes_under_their_base() {
        let catalog = Catalog::embedded();
        let with_tunes = catalog.bases().iter().find(|base| base.variants.len() > 1).unwrap();
        let (_, outline) = outline(Grouping::Family, &[with_tunes.id]);
        let at = outline
            .lines()
            .iter()
            .position(|line| line.kind == LineKind::Base(catalog.base_of(with_tunes.id)))
            .unwrap();
        for (place, variant) in with_tunes.variants.iter().enumerate() {
            let line = outline.lines()[at + 1 + place];
            assert_eq!(line.name(catalog), variant.name);
            assert_eq!(line.model(catalog), Some(variant.id.unwrap_or(with_tunes.id)));
            assert_eq!(line.group, outline.lines()[at].group);
        }
        assert_eq!(outline.bases().len(), catalog.bases().len());
    }

    #[test]
    fn own_models_stand_first_under_a_title() {
        let catalog = Catalog::embedded();
        let own = ["b", "a"].map(|name| {
            let (mut model, id) = (catalog.models()[40].clone(), format!("/models/{name}.gguf"));
            (model.id, model.display_name) = (id, name.to_owned());
            model
        });
        let catalog = catalog.with_own(own).unwrap();
        let all: Vec<usize> = (0..catalog.bases().len()).collect();
        for (grouping, next) in Grouping::ALL.into_iter().zip([OTHERS, SIZE_CLASSES[0].title, OTHERS]) {
            let outline = Outline::new(&catalog, &all, grouping, &BTreeSet::new());
            let names: Vec<&str> = outline.lines()[..4].iter().map(|line| line.name(&catalog)).collect();
            assert_eq!(names, [OWN, "a", "b", next], "{grouping:?}");
            assert!(outline.lines()[0].group < outline.lines()[3].group);
            assert_eq!(outline.bases().len(), catalog.bases().len());
        }
    }

    #[test]
    fn only_what_is_shown_has_lines() {
        let catalog = Catalog::embedded();
        let outline = Outline::new(catalog, &[3, 1, usize::MAX], Grouping::Family, &BTreeSet::new());
        assert_eq!(outline.lines().len(), 2);
    }
}
