//! What comes of what is pinned.

use super::rows::{self, Row};
use super::{LETTERS, Question};
use crate::app::detail::{CurveKind, Detail};
use crate::app::report::{Cell, Sheet, SheetColumn};
use crate::estimate::Estimator;

/// One of them, answered.
#[derive(Clone, Debug)]
pub struct Pinned {
    /// "A" to "D".
    pub letter: &'static str,
    /// What the machine is called.
    pub machine: String,
    /// All that is said of it, with its memory over context.
    pub detail: Detail,
}

impl Pinned {
    /// `A  Qwen3 14B, Q4_K_M, This machine`.
    pub fn title(&self) -> String {
        format!("{}  {}, {}, {}", self.letter, self.detail.name, self.detail.level, self.machine)
    }
}

/// All of them, and how they differ.
#[derive(Clone, Debug, Default)]
pub struct SideBySide {
    /// They.
    pub pins: Vec<Pinned>,
    /// Figures, a row each.
    pub rows: Vec<Row>,
}

/// Answers, or gives up when there is a newer question.
pub(super) fn answer(question: &Question, is_stale: &dyn Fn() -> bool) -> Option<SideBySide> {
    let estimator = Estimator::embedded();
    let mut pins = Vec::with_capacity(question.pins.len());
    for ((model, level, rig, machine), letter) in question.pins.iter().zip(LETTERS) {
        if is_stale() {
            return None;
        }
        let (catalog, scenario) = (&*question.catalog, &question.scenario);
        let mut detail = Detail::build(catalog, estimator, *model, *level, scenario, rig);
        detail.compute_curve(CurveKind::Memory, estimator, catalog.get(*model), scenario, rig);
        pins.push(Pinned { letter, machine: machine.clone(), detail });
    }
    let rows = rows::rows(&pins);
    Some(SideBySide { pins, rows })
}

impl SideBySide {
    /// As a table: figures down, what is pinned across.
    pub fn sheet(&self) -> Sheet {
        let mut columns = vec![SheetColumn::words("figure", "")];
        columns.extend(self.pins.iter().map(|pinned| SheetColumn::words(pinned.letter, &pinned.title())));
        let named = |name: &str, of: &dyn Fn(&Pinned) -> String| -> Vec<Cell> {
            std::iter::once(name.to_owned()).chain(self.pins.iter().map(of)).map(Cell::Words).collect()
        };
        let mut rows = vec![
            named("model", &|pinned| pinned.detail.repository.clone()),
            named("level", &|pinned| pinned.detail.level.to_string()),
            named("machine", &|pinned| pinned.machine.clone()),
        ];
        rows.extend(self.rows.iter().map(|row| {
            let mut cells = vec![Cell::Words(row.name.to_owned())];
            cells.extend(row.values.iter().map(|value| match &value.text {
                Some(text) => Cell::Words(text.clone()),
                None => Cell::Unknown,
            }));
            cells
        }));
        Sheet { columns, rows, ..Sheet::default() }
    }
}
