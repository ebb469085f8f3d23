//! From the grid's own points to the screen's.

use eframe::egui::{Painter, Pos2, Rect, Ui, pos2, vec2};

use super::geometry::{BEFORE_TILES, Columns, NAME_INDENT, Slot, TUNES};
use super::{Cursor, View, snapped_rect};
use crate::app::grid::LineKind;

/// Where the grid stands on the screen in this frame.
#[derive(Clone, Copy, Debug)]
pub(super) struct Canvas<'a> {
    pub view: &'a View<'a>,
    pub columns: &'a Columns,
    /// What can be seen of the rows, without the scroll bar.
    pub port: Rect,
    /// Where line coordinates begin.
    pub top: f32,
    /// How far the columns are scrolled to the left.
    pub shift: f32,
}

/// What is under the pointer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Hit {
    pub slot: Slot,
    pub target: Target,
}

/// A part of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Name,
    Tunes,
    Cell(usize),
    /// Between two columns, or right of the last.
    Nothing,
}

impl Canvas<'_> {
    /// The right end of the name column.
    pub fn names_end(&self) -> f32 {
        self.port.left() + self.columns.name
    }

    /// A painter for the tiles: they disappear under the name column, the load line before the first of
    /// them does not.
    pub fn tiles_painter(&self, ui: &Ui) -> Painter {
        let left = self.names_end() - if self.shift > 0.0 { 0.0 } else { BEFORE_TILES };
        let clip = Rect::from_min_max(pos2(left, self.port.top()), self.port.max);
        ui.painter_at(clip)
    }

    /// The row's band: its whole height, and all columns.
    pub fn row(&self, slot: &Slot) -> Rect {
        Rect::from_min_max(
            pos2(self.port.left(), self.top + slot.top),
            pos2(self.port.right(), self.top + slot.bottom()),
        )
    }

    /// A tile.
    pub fn tile(&self, ui: &Ui, slot: &Slot, column: usize) -> Rect {
        let min = pos2(self.column_left(column), self.top + slot.top + 1.0);
        snapped_rect(ui, min, vec2(self.columns.tile(), slot.height - 2.0))
    }

    /// Left edge of a column's tiles.
    pub fn column_left(&self, column: usize) -> f32 {
        self.names_end() + self.columns.left(column) - self.shift
    }

    /// Where a load line before `column` stands.
    pub fn edge(&self, column: usize) -> f32 {
        self.names_end() + self.columns.edge(column) - self.shift
    }

    /// Where the name of a row begins, and how wide it may be.
    pub fn name(&self, slot: &Slot) -> (Pos2, f32) {
        let indent = match slot.line.kind {
            LineKind::Variant(..) => NAME_INDENT + 12.0,
            _ => NAME_INDENT,
        };
        let at = pos2(self.port.left() + indent, self.row(slot).center().y);
        let tunes = if self.tunes(slot).is_some() { TUNES } else { 0.0 };
        (at, self.columns.name - indent - BEFORE_TILES - tunes)
    }

    /// The number of folded fine-tunes: its place and target.
    pub fn tunes(&self, slot: &Slot) -> Option<Rect> {
        let LineKind::Base(base) = slot.line.kind else { return None };
        if !self.columns.tunes || self.view.catalog.bases()[base].variants.is_empty() {
            return None;
        }
        let right = self.names_end() - BEFORE_TILES;
        let row = self.row(slot);
        Some(Rect::from_min_max(pos2(right - TUNES, row.top()), pos2(right, row.bottom())))
    }

    /// What is at `pos`.
    pub fn hit(&self, slots: &[Slot], pos: Pos2) -> Option<Hit> {
        let y = pos.y - self.top;
        let slot = *slots.iter().find(|slot| slot.top <= y && y < slot.bottom())?;
        if matches!(slot.line.kind, LineKind::Title(_)) {
            return None;
        }
        let target = if pos.x < self.names_end() {
            let on_tunes = self.tunes(&slot).is_some_and(|tunes| tunes.contains(pos));
            if on_tunes { Target::Tunes } else { Target::Name }
        } else {
            let column = self.columns.at(pos.x - self.names_end() + self.shift);
            column.map_or(Target::Nothing, Target::Cell)
        };
        Some(Hit { slot, target })
    }
}

impl Hit {
    /// The column, of a cell.
    pub const fn column(&self) -> Option<usize> {
        match self.target {
            Target::Cell(column) => Some(column),
            _ => None,
        }
    }

    /// The place, for a selection.
    pub const fn cursor(&self) -> Cursor {
        Cursor { line: self.slot.index, column: self.column() }
    }
}
