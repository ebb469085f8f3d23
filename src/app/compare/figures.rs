//! What each model does on one machine, kept until something that it rests on changes.

use std::sync::Arc;

use super::{Comparison, Question, side_by_side};
use crate::app::grid::{Ask, CatalogJudge, GridRow, Judge, Wanted};
use crate::app::latest::Answering;
use crate::estimate::Brief;
use crate::quant::Level;

/// Machines whose figures are kept.
const KEPT: usize = 8;
/// Models between two looks at whether there is a newer question.
const BETWEEN_LOOKS: usize = 16;

/// The figures of a machine: a row a base model, `None` for those that do not generate text.
#[derive(Debug)]
pub(super) struct Figures {
    pub rows: Vec<Option<GridRow>>,
}

impl Figures {
    /// A base model at a level.
    pub fn at(&self, base: usize, column: usize) -> Option<&Brief> {
        self.rows.get(base)?.as_ref()?.cells.get(column)?.brief()
    }

    /// The level of a base model that is looked at on this machine: the best, else of those on the GPU that of
    /// the highest quality, else the fastest that runs.
    pub fn pick(&self, base: usize) -> Option<(usize, &Brief)> {
        let row = self.rows.get(base)?.as_ref()?;
        let known =
            || row.cells.iter().enumerate().filter_map(|(column, cell)| Some((column, cell.brief()?)));
        if let Some(best) = row.best.column() {
            return known().find(|(column, _)| *column == best);
        }
        let quality = |brief: &Brief| brief.quality.point();
        let speed = |brief: &Brief| brief.decode.map_or(0.0, |decode| decode.p50);
        let on_gpu = known().filter(|(_, brief)| brief.class <= crate::estimate::FitClass::Tight);
        let running = known().filter(|(_, brief)| brief.class.runs());
        on_gpu
            .max_by(|a, b| quality(a.1).total_cmp(&quality(b.1)))
            .or_else(|| running.max_by(|a, b| speed(a.1).total_cmp(&speed(b.1))))
    }
}

/// Figures of the machines that were asked for last.
#[derive(Debug)]
pub struct Shelf {
    judge: CatalogJudge,
    kept: Vec<(Ask, Arc<Figures>)>,
}

impl Shelf {
    /// Nothing is kept yet.
    pub fn embedded() -> Self {
        Self { judge: CatalogJudge::embedded(), kept: Vec::new() }
    }

    pub(super) fn answering(mut self) -> Answering<Question, Comparison> {
        Box::new(move |question, is_stale| self.answer(question, is_stale))
    }

    /// Answers, or gives up when there is a newer question.
    pub fn answer(&mut self, question: &Question, is_stale: &dyn Fn() -> bool) -> Option<Comparison> {
        let mut figures = Vec::with_capacity(question.rigs.len());
        for rig in &question.rigs {
            let ask = Ask {
                catalog: Arc::clone(&question.catalog),
                scenario: question.scenario.clone(),
                rig: rig.clone(),
                levels: question.levels.clone(),
                wanted: Wanted::Nothing,
            };
            figures.push(self.figures(ask, is_stale)?);
        }
        Some(side_by_side::compare(&question.catalog, question, &figures))
    }

    fn figures(&mut self, ask: Ask, is_stale: &dyn Fn() -> bool) -> Option<Arc<Figures>> {
        if let Some(place) = self.kept.iter().position(|(known, _)| *known == ask) {
            // The last that were asked for stand last.
            let known = self.kept.remove(place);
            let figures = Arc::clone(&known.1);
            self.kept.push(known);
            return Some(figures);
        }
        let catalog = Arc::clone(&ask.catalog);
        let mut rows = Vec::with_capacity(catalog.bases().len());
        for (place, base) in catalog.bases().iter().enumerate() {
            if place % BETWEEN_LOOKS == 0 && is_stale() {
                return None;
            }
            let generates = catalog.get(base.id).not_generating().is_none();
            rows.push(generates.then(|| {
                let cells = self.judge.cells(base.id, &ask);
                GridRow::of(cells, !ask.rig.devices.is_empty(), ask.scenario.concurrency)
            }));
        }
        let figures = Arc::new(Figures { rows });
        if self.kept.len() == KEPT {
            self.kept.remove(0);
        }
        self.kept.push((ask, Arc::clone(&figures)));
        Some(figures)
    }

    /// Machines whose figures are kept.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.kept.len()
    }
}

/// The level at a column.
pub(super) fn level(question: &Question, column: usize) -> Option<Level> {
    question.levels.get(column).copied()
}
