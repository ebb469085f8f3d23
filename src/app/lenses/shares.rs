//! What of each class a machine runs, and how large a model can be.

use super::{Ask, Cells, Price, at_speed, standing};
use crate::estimate::size_class::{Lens, SizeClass};
use crate::estimate::{Brief, FitClass};
use crate::model::ModelId;

/// The classes of a lens on one machine.
#[derive(Clone, Debug, PartialEq)]
pub struct Shares {
    /// The lens.
    pub lens: Lens,
    /// Its classes, the smallest first.
    pub classes: [ClassShare; SizeClass::ALL.len()],
    /// Models whose class is not known at any level.
    pub unknown: usize,
}

/// A class on one machine.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClassShare {
    /// Models that are of this class at some level.
    pub models: usize,
    /// Of these, those of which some level of this class runs at reading speed.
    pub at_speed: usize,
    /// Of these, those of which some level of this class is wholly on the GPUs, at whatever speed.
    pub on_gpu: usize,
    /// For each level: models that are of this class there, and those that run at reading speed.
    pub by_level: Vec<(usize, usize)>,
    /// For each level: models of this class for which it is the best.
    pub best_at: Vec<usize>,
}

impl ClassShare {
    /// Share of its models that run at reading speed; `None`: there are no models.
    pub fn share(&self) -> Option<f64> {
        (self.models > 0).then(|| self.at_speed as f64 / self.models as f64)
    }

    /// The same at one level.
    pub fn share_at(&self, level: usize) -> Option<f64> {
        let (models, running) = *self.by_level.get(level)?;
        (models > 0).then(|| running as f64 / models as f64)
    }

    /// The level that is the best of most of its models.
    pub fn usual_level(&self) -> Option<usize> {
        let most = self.best_at.iter().copied().max().filter(|most| *most > 0)?;
        // Of equals the one with more bits.
        self.best_at.iter().rposition(|count| *count == most)
    }
}

/// Counts the classes of `lens`.
pub(super) fn count(cells: &Cells, ask: &Ask, lens: Lens, price: Price) -> Shares {
    let empty = ClassShare {
        by_level: vec![(0, 0); ask.levels.len()],
        best_at: vec![0; ask.levels.len()],
        ..ClassShare::default()
    };
    let mut classes = SizeClass::ALL.map(|_| empty.clone());
    let mut unknown = 0;
    for (id, row) in &cells.rows {
        // Which classes it is of at some level, and what it does there.
        let mut seen = [[false; 3]; SizeClass::ALL.len()];
        let mut note = |class: SizeClass, brief: Option<&Brief>| {
            let seen = &mut seen[class as usize];
            seen[0] = true;
            seen[1] |= brief.is_some_and(|brief| at_speed(brief, ask.scenario.concurrency));
            seen[2] |= brief.is_some_and(|brief| brief.class <= FitClass::Tight);
        };
        if let Some(class) = standing(ask, *id, None, price).class(lens) {
            note(class, None);
        }
        for (level, cell) in row.cells.iter().enumerate() {
            let Some(brief) = cell.brief() else { continue };
            let Some(class) = standing(ask, *id, Some(brief), price).class(lens) else { continue };
            note(class, Some(brief));
            let share = &mut classes[class as usize];
            share.by_level[level].0 += 1;
            share.by_level[level].1 += usize::from(at_speed(brief, ask.scenario.concurrency));
            share.best_at[level] += usize::from(row.best.column() == Some(level));
        }
        unknown += usize::from(seen.iter().all(|seen| !seen[0]));
        for (class, [is_one, runs, on_gpu]) in classes.iter_mut().zip(seen) {
            class.models += usize::from(is_one);
            class.at_speed += usize::from(runs);
            class.on_gpu += usize::from(on_gpu);
        }
    }
    Shares { lens, classes, unknown }
}

/// The largest model of a column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Largest {
    /// The model.
    pub model: ModelId,
    /// All its parameters.
    pub params: u64,
    /// Tokens a second of all requests.
    pub decode: f64,
    /// Verdict.
    pub class: FitClass,
}

/// For each level the model with most parameters that runs at reading speed, on the GPUs alone or anywhere.
pub(super) fn largest(cells: &Cells, ask: &Ask, on_gpu: bool) -> Vec<Option<Largest>> {
    let at = |level: usize| {
        let runs = cells.rows.iter().filter_map(|(id, row)| {
            let brief = row.cells.get(level)?.brief()?;
            let counts =
                at_speed(brief, ask.scenario.concurrency) && (!on_gpu || brief.class <= FitClass::Tight);
            let decode = brief.decode.filter(|_| counts)?.p50;
            let params = ask.catalog.get(*id).params_total;
            Some(Largest { model: *id, params, decode, class: brief.class })
        });
        // Of equals the faster.
        runs.max_by(|a, b| a.params.cmp(&b.params).then(a.decode.total_cmp(&b.decode)))
    };
    (0..ask.levels.len()).map(at).collect()
}
