//! The matrix: models down, levels across, one figure in each cell.

use std::sync::Arc;

use super::sheet::{Cell, Sheet, SheetColumn};
use crate::app::grid::{Ask, CatalogJudge, Cell as GridCell, Extra, Figure, FigureText, Judge as _};
use crate::language::tr;
use crate::model::ModelId;

/// What is exported of the matrix.
#[derive(Clone, Debug)]
pub struct MatrixReport {
    /// The models, in the order of the rows.
    pub models: Vec<ModelId>,
    /// The question that the cells answer.
    pub ask: Ask,
    /// What they show.
    pub figure: Figure,
    /// Machine and scenario, a line each.
    pub head: Vec<String>,
}

impl MatrixReport {
    /// The matrix as a table. All cells are estimated: not for the thread that draws.
    pub fn sheet(&self) -> Sheet {
        let mut ask = self.ask.clone();
        ask.wanted = self.figure.wanted();
        let judge = CatalogJudge::embedded();
        let catalog = Arc::clone(&ask.catalog);
        let mut columns = vec![SheetColumn::words("model", tr!("Model"))];
        columns.extend(ask.levels.iter().map(|level| {
            let level = level.to_string();
            SheetColumn::numbers(&level, &level)
        }));
        let rows = self.models.iter().map(|&model| {
            let name = catalog.bases()[catalog.base_of(model)].name.clone();
            let mut row = vec![Cell::Words(name)];
            row.extend(judge.cells(model, &ask).iter().map(|cell| self.cell(cell)));
            row
        });
        let mut head = self.head.clone();
        head.push(tr!("Cells: {explanation}", explanation = self.figure.explanation()));
        Sheet { head, columns, rows: rows.collect(), foot: Vec::new() }
    }

    fn cell(&self, cell: &GridCell) -> Cell {
        let shown = FigureText::of(self.figure, cell).to_string();
        let GridCell::Known(brief, extra) = cell else { return Cell::Unknown };
        if shown.is_empty() || shown == tr!("n/a") {
            return Cell::Unknown;
        }
        let value = match self.figure {
            Figure::TokensPerSecond => brief.decode.map(|decode| decode.p50),
            Figure::Gib => Some(brief.need.gib()),
            Figure::Quality => Some(brief.quality.centre * 100.0),
            Figure::Context => match extra {
                Extra::Context(tokens) => Some(f64::from(*tokens)),
                _ => None,
            },
            Figure::FirstToken => match extra {
                Extra::FirstToken(seconds) => *seconds,
                _ => None,
            },
        };
        Cell::number(value, |_| shown)
    }
}
