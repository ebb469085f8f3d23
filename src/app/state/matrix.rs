//! The matrix's part of the state: which lines, which question, what it amounts to.

use std::sync::Arc;

use crate::app::best::READING_SPEED;
use crate::app::grid::{self, Cell, Grid, GridRow, Outline, Summary};
use crate::estimate::{FitClass, engine};
use crate::model::ModelId;
use crate::quant::Level;

use super::State;

/// The matrix and what follows from it.
#[derive(Debug)]
pub struct Matrix {
    /// Estimates.
    pub grid: Grid,
    /// Lines.
    pub outline: Outline,
    /// What the lines amount to.
    pub summary: Summary,
    /// The levels that may have a column.
    pub known_levels: Vec<Level>,
    /// Lines on the screen, which are estimated first.
    pub(super) visible: std::ops::Range<usize>,
    /// The base models that the filters by subject let through.
    subjects: Vec<usize>,
    /// Revision of the grid that outline and summary were made from.
    revision: u64,
}

impl Matrix {
    pub(super) fn new(grid: Grid) -> Self {
        Self {
            grid,
            outline: Outline::default(),
            summary: Summary::default(),
            known_levels: Vec::new(),
            visible: 0..0,
            subjects: Vec::new(),
            revision: 0,
        }
    }

    fn models_in_view(&self, state: &State) -> Vec<ModelId> {
        let lines = self.outline.lines();
        let visible = self.visible.start.min(lines.len())..self.visible.end.min(lines.len());
        lines[visible].iter().filter_map(|line| line.model(&state.catalog)).collect()
    }
}

impl State {
    /// The levels that the matrix has columns for: those that were chosen, as far as the engine reads them, small to
    /// large; else the usual ones.
    pub fn columns(&self) -> Vec<Level> {
        let chosen = &self.settings.columns;
        let mut columns = engine::levels(self.scenario.engine);
        columns.retain(|level| chosen.contains(level));
        if columns.is_empty() { engine::ladder(self.scenario.engine).to_vec() } else { columns }
    }

    /// Asks for what the matrix shows and takes over what has arrived. `changed`: the question or the list
    /// of models may be another one than last time.
    pub(super) fn compute_matrix(&mut self, changed: bool) {
        if changed {
            self.ask_grid();
        }
        self.matrix.grid.poll();
        if changed || self.matrix.revision != self.matrix.grid.revision() {
            self.matrix.revision = self.matrix.grid.revision();
            self.outline_grid(changed);
        }
    }

    fn ask_grid(&mut self) {
        self.matrix.known_levels = engine::levels(self.scenario.engine);
        let wanted = self.wanted();
        let subjects: Vec<usize> = wanted.subjects(&self.catalog).map(|(base, _)| base).collect();
        // Every model that may get a line, with the fine-tunes of those that are unfolded.
        let all = Outline::new(&self.catalog, &subjects, self.settings.grouping, &self.unfolded);
        self.matrix.subjects = subjects;
        if let Some(rig) = self.known_rig() {
            let ask = grid::Ask {
                catalog: Arc::clone(&self.catalog),
                scenario: self.scenario.clone(),
                rig: rig.clone(),
                levels: self.columns(),
                wanted: self.settings.figure.wanted(),
            };
            let visible = self.matrix.models_in_view(self);
            self.matrix.grid.ask(&ask, all.models(), &visible);
        }
    }

    fn outline_grid(&mut self, changed: bool) {
        let filters = &self.settings.filters;
        let by_figures = filters.only_fits || filters.reading_speed || filters.ranges.ask_figures();
        // New figures must not move lines under the pointer; only another list may.
        if changed || (by_figures && !self.order_held) {
            let shown: Vec<usize> = self
                .matrix
                .subjects
                .iter()
                .copied()
                .filter(|&base| self.passes_in_matrix(self.catalog.bases()[base].id))
                .collect();
            self.matrix.outline = Outline::new(&self.catalog, &shown, self.settings.grouping, &self.unfolded);
        }
        self.matrix.summary = Summary::of(&self.matrix.grid, self.matrix.outline.bases());
    }

    /// Whether some level of a model passes the filters by verdict and speed; while nothing is known of it,
    /// it does.
    fn passes_in_matrix(&self, model: ModelId) -> bool {
        let Some(row) = self.matrix.grid.row(model) else { return true };
        let filters = &self.settings.filters;
        let requests = f64::from(self.scenario.concurrency.max(1));
        let fits = |row: &GridRow| {
            let limit = if self.has_gpu() { FitClass::Tight } else { FitClass::Cpu };
            row.reach.is_some_and(|class| class <= limit)
        };
        let fast = |row: &GridRow| {
            row.cells.iter().filter_map(Cell::brief).any(|brief| {
                brief.class.runs() && brief.decode.is_some_and(|rate| rate.p50 / requests >= READING_SPEED)
            })
        };
        let within =
            |row: &GridRow| row.cells.iter().any(|cell| filters.ranges.hold_figures(cell.brief(), requests));
        (!filters.only_fits || fits(row)) && (!filters.reading_speed || fast(row)) && within(row)
    }
}
