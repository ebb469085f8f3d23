//! One row of the matrix.

use std::sync::Arc;

use super::{Ask, Judge};
use crate::app::best::Best;
use crate::estimate::FitClass;
use crate::estimate::plan::Brief;
use crate::model::catalog::ModelId;

/// One model at one level.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Estimated.
    Known(Brief, Extra),
    /// There is no estimate, for this reason.
    Unsupported(Arc<str>),
}

impl Cell {
    /// The estimate.
    pub const fn brief(&self) -> Option<&Brief> {
        match self {
            Self::Known(brief, _) => Some(brief),
            Self::Unsupported(_) => None,
        }
    }
}

/// What a cell knows beside its estimate, where it is wanted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Extra {
    /// Nothing was asked for.
    NotAsked,
    /// Not even the shortest context stays on the GPUs, or in RAM without one.
    NoContext,
    /// Longest context that stays there, tokens.
    Context(u32),
    /// Time to the first token of a prompt of [`crate::app::best::FIRST_PROMPT`] tokens, seconds; `None`: not known.
    FirstToken(Option<f64>),
}

/// The cells of one model, left to right, and what follows from them.
#[derive(Clone, Debug, PartialEq)]
pub struct GridRow {
    /// One a column.
    pub cells: Vec<Cell>,
    /// The best of them.
    pub best: Best,
    /// Where the load line stands: before this column; past the last column with an estimate where all of
    /// them fit; `None` where there is no estimate at all.
    pub edge: Option<usize>,
    /// The best verdict of any level; `None` without any estimate.
    pub reach: Option<FitClass>,
}

impl GridRow {
    pub(super) fn compute(judge: &dyn Judge, model: ModelId, ask: &Ask) -> Self {
        Self::of(judge.cells(model, ask), !ask.rig.devices.is_empty(), ask.scenario.concurrency)
    }

    /// A row of these cells; `has_gpu`: the load line is that of the GPUs, otherwise of RAM; `requests` are
    /// made at once.
    pub fn of(cells: Vec<Cell>, has_gpu: bool, requests: u32) -> Self {
        Self {
            best: Best::of(cells.iter().map(Cell::brief), requests),
            edge: edge(&cells, has_gpu),
            reach: cells.iter().filter_map(Cell::brief).map(|brief| brief.class).min(),
            cells,
        }
    }

    /// The class that the row counts under: that of its best cell, else its best verdict.
    pub fn counted_as(&self) -> Option<FitClass> {
        let best = self.best.column().and_then(|column| self.cells.get(column)).and_then(Cell::brief);
        best.map(|brief| brief.class).or(self.reach)
    }
}

/// The first column that no longer fits. The files of a row need not grow from column to column (experts
/// that stay in their native format), so a later one may fit again.
fn edge(cells: &[Cell], has_gpu: bool) -> Option<usize> {
    let within = |class: FitClass| {
        if has_gpu { class <= FitClass::Tight } else { class.runs() }
    };
    let known = || cells.iter().enumerate().filter_map(|(column, cell)| Some((column, cell.brief()?)));
    let first_beyond = known().find(|(_, brief)| !within(brief.class)).map(|(column, _)| column);
    first_beyond.or_else(|| known().next_back().map(|(column, _)| column + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::grid::testing::brief;
    use FitClass::{Cpu, Disk, Fits, Offload, Tight, TooBig};

    fn row(classes: &[Option<FitClass>], has_gpu: bool) -> GridRow {
        let cell = |class: &Option<FitClass>| match class {
            Some(class) => Cell::Known(brief(*class, 20.0, 0.99), Extra::NotAsked),
            None => Cell::Unsupported("not published so".into()),
        };
        GridRow::of(classes.iter().map(cell).collect(), has_gpu, 1)
    }

    #[test]
    fn the_load_line_stands_before_the_first_level_that_no_longer_fits() {
        assert_eq!(row(&[Some(Fits), Some(Tight), Some(Offload), Some(TooBig)], true).edge, Some(2));
        assert_eq!(row(&[Some(Offload), Some(TooBig)], true).edge, Some(0));
    }

    #[test]
    fn where_all_fit_it_stands_after_the_last_estimate() {
        assert_eq!(row(&[Some(Fits), Some(Fits), None], true).edge, Some(2));
        assert_eq!(row(&[Some(Fits), Some(Fits)], true).edge, Some(2));
    }

    #[test]
    fn levels_without_an_estimate_do_not_draw_it() {
        assert_eq!(row(&[None, Some(Fits), None, Some(Offload)], true).edge, Some(3));
        assert_eq!(row(&[None, None], true).edge, None);
    }

    #[test]
    fn a_row_that_is_not_monotonic_has_it_at_the_first() {
        assert_eq!(row(&[Some(Fits), Some(Offload), Some(Fits)], true).edge, Some(1));
    }

    #[test]
    fn without_a_gpu_it_is_where_ram_ends() {
        assert_eq!(row(&[Some(Cpu), Some(Cpu), Some(Disk), Some(TooBig)], false).edge, Some(2));
    }

    #[test]
    fn a_row_counts_under_its_best_cell_else_its_best_verdict() {
        assert_eq!(row(&[Some(Tight), Some(Offload)], true).counted_as(), Some(Tight));
        assert_eq!(row(&[Some(Disk), Some(TooBig)], true).counted_as(), Some(Disk));
        assert_eq!(row(&[None], true).counted_as(), None);
    }
}
