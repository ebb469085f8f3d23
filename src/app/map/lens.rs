//! What "large" means: the size classes of a model by parameters, compute or memory.

use serde::{Deserialize, Serialize};

use super::quantity::{Quantity, Subject};
use crate::app::fleet;
use crate::estimate::size_class::{self, compute_per_token};
pub use crate::estimate::size_class::{Limits, SizeClass};
use crate::language::{tr, tr_n};

/// What the colour of the points says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lens {
    /// The verdict.
    #[default]
    Verdict,
    /// Size class by all parameters.
    Total,
    /// By the parameters that a token uses.
    Active,
    /// By the operations of a token at the end of the context.
    Compute,
    /// By the memory needed.
    Memory,
    /// By the list price of an API.
    Price,
}

impl Lens {
    /// All, in the order of the list.
    pub const ALL: [Self; 6] =
        [Self::Verdict, Self::Total, Self::Active, Self::Compute, Self::Memory, Self::Price];

    /// What it measures size by; the verdict measures none.
    const fn measured(self) -> Option<size_class::Lens> {
        match self {
            Self::Verdict => None,
            Self::Total => Some(size_class::Lens::Total),
            Self::Active => Some(size_class::Lens::Active),
            Self::Compute => Some(size_class::Lens::Compute),
            Self::Memory => Some(size_class::Lens::Memory),
            Self::Price => Some(size_class::Lens::Price),
        }
    }

    /// Its name in the list.
    pub fn label(self) -> &'static str {
        match self.measured() {
            Some(lens) => lens.label(),
            None => tr!("Verdict"),
        }
    }

    /// Its name in a sentence.
    pub fn measure(self) -> &'static str {
        match self.measured() {
            Some(lens) => lens.measure(),
            None => tr!("verdict"),
        }
    }

    /// Its limits; the verdict has none.
    pub fn limits(self) -> Option<&'static Limits> {
        self.measured().map(size_class::Lens::limits)
    }

    /// The lens that this one is held against: all parameters, by which size classes are published.
    const fn other(self) -> Self {
        match self {
            Self::Total => Self::Active,
            _ => Self::Total,
        }
    }

    /// The measure of a model after `depth` tokens, in the unit of [`Self::limits`].
    fn value(self, subject: &Subject<'_>, depth: u32) -> Option<f64> {
        match self {
            Self::Verdict => None,
            Self::Total => Quantity::Total.value(subject),
            Self::Active => Quantity::Active.value(subject),
            Self::Compute => Some(compute_per_token(subject.model, f64::from(depth)) / 1e9),
            Self::Memory => Some(subject.brief?.need.gib()),
            Self::Price => fleet::price(subject.model),
        }
    }

    /// The class of a model after `depth` tokens; `None` by verdict, and where the measure is not known.
    pub fn class(self, subject: &Subject<'_>, depth: u32) -> Option<SizeClass> {
        Some(self.limits()?.class(self.value(subject, depth)?))
    }
}

/// How many models have each class by a lens, and how many are of another class by the lens beside it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Classes {
    lens: Lens,
    counts: [usize; 3],
    /// Models that both lenses know.
    both: usize,
    /// From the class by the other lens to the class by this one, where they differ.
    moves: [[usize; 3]; 3],
}

impl Classes {
    /// Nothing counted yet.
    pub fn new(lens: Lens) -> Self {
        Self { lens, ..Self::default() }
    }

    /// Counts a model; answers with its class.
    pub fn add(&mut self, subject: &Subject<'_>, depth: u32) -> Option<SizeClass> {
        let class = self.lens.class(subject, depth)?;
        self.counts[class as usize] += 1;
        if let Some(other) = self.lens.other().class(subject, depth) {
            self.both += 1;
            if other != class {
                self.moves[other as usize][class as usize] += 1;
            }
        }
        Some(class)
    }

    /// Models of a class.
    pub const fn of(&self, class: SizeClass) -> usize {
        self.counts[class as usize]
    }

    /// How many models change class between the two lenses, in a sentence; empty without a lens and without models.
    pub fn sentence(&self) -> String {
        if self.both == 0 {
            return String::new();
        }
        let (this, other) = (self.lens.measure(), self.lens.other().measure());
        let mut moves = Vec::new();
        let mut changed = 0;
        for from in SizeClass::ALL {
            for to in SizeClass::ALL {
                let count = self.moves[from as usize][to as usize];
                changed += count;
                if count > 0 {
                    moves.push((
                        count,
                        tr!("{count} from {from} to {to}", count, from = from.word(), to = to.word()),
                    ));
                }
            }
        }
        moves.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
        let all = self.both;
        if changed == 0 {
            return tr!("No model changes its class between {other} and {this}", other, this);
        }
        let moves: Vec<String> = moves.into_iter().map(|(_, text)| text).collect();
        tr_n!(
            changed,
            "{changed} of {all} models changes class when sized by {this} instead of {other}: {moves}",
            "{changed} of {all} models change class when sized by {this} instead of {other}: {moves}",
            changed,
            all,
            this,
            other,
            moves = moves.join(", ")
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Catalog;

    fn subject(name: &str) -> Subject<'static> {
        let catalog = Catalog::embedded();
        let model = catalog.get(catalog.find(name).unwrap());
        Subject { model, brief: None, longest: None, has_gpu: true }
    }

    #[test]
    fn the_published_limits_hold() {
        let limits = Lens::Total.limits().unwrap();
        assert_eq!([14.9, 15.0, 69.9, 70.0].map(|b| limits.class(b)), {
            use SizeClass::{Large, Medium, Small};
            [Small, Medium, Medium, Large]
        });
        assert_eq!(SizeClass::ALL.map(|class| limits.range_text(class)), ["below 15", "15 to 70", "from 70"]);
    }

    #[test]
    fn every_lens_has_limits_in_order_with_a_source() {
        for lens in Lens::ALL.into_iter().filter(|lens| *lens != Lens::Verdict) {
            let limits = lens.limits().unwrap();
            assert!(limits.small_below < limits.large_from && !limits.source.is_empty(), "{lens:?}");
        }
        assert_eq!(Lens::Verdict.limits(), None);
    }

    #[test]
    fn a_dense_model_keeps_its_class_and_one_of_experts_does_not() {
        let depth = 4096;
        for (name, total, active, compute) in [
            ("Qwen/Qwen3-8B", SizeClass::Small, SizeClass::Small, SizeClass::Small),
            ("Qwen/Qwen3-32B", SizeClass::Medium, SizeClass::Medium, SizeClass::Medium),
            ("Qwen/Qwen3-30B-A3B", SizeClass::Medium, SizeClass::Small, SizeClass::Small),
            ("Qwen/Qwen3-235B-A22B", SizeClass::Large, SizeClass::Medium, SizeClass::Medium),
        ] {
            let classes =
                [Lens::Total, Lens::Active, Lens::Compute].map(|l| l.class(&subject(name), depth).unwrap());
            assert_eq!(classes, [total, active, compute], "{name}");
        }
    }

    #[test]
    fn a_long_context_is_work_too() {
        let qwen = subject("Qwen/Qwen3-8B");
        assert_eq!(Lens::Compute.class(&qwen, 4096), Some(SizeClass::Small));
        assert_eq!(Lens::Compute.class(&qwen, 131_072), Some(SizeClass::Medium));
    }

    #[test]
    fn what_changes_class_is_counted() {
        let mut classes = Classes::new(Lens::Active);
        for name in ["Qwen/Qwen3-8B", "Qwen/Qwen3-32B", "Qwen/Qwen3-30B-A3B", "openai/gpt-oss-120b"] {
            classes.add(&subject(name), 4096);
        }
        assert_eq!(SizeClass::ALL.map(|class| classes.of(class)), [3, 1, 0]);
        assert_eq!(
            classes.sentence(),
            "2 of 4 models change class when sized by active parameters instead of total parameters: \
             1 from medium to small, 1 from large to small"
        );
        let mut memory = Classes::new(Lens::Memory);
        memory.add(&subject("Qwen/Qwen3-8B"), 4096);
        assert_eq!(memory.sentence(), "", "its memory is not known");
    }
}
