//! The matrix by keyboard.

use eframe::egui::{EventFilter, Id, Key, Modifiers, Ui};

use super::{Cursor, Gesture, View};
use crate::app::grid::{Figure, Line, LineKind};

/// A step of the selection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Up,
    Down,
    Left,
    Right,
    First,
    Last,
    PageUp,
    PageDown,
}

const STEPS: [(Key, Step); 8] = [
    (Key::ArrowUp, Step::Up),
    (Key::ArrowDown, Step::Down),
    (Key::ArrowLeft, Step::Left),
    (Key::ArrowRight, Step::Right),
    (Key::Home, Step::First),
    (Key::End, Step::Last),
    (Key::PageUp, Step::PageUp),
    (Key::PageDown, Step::PageDown),
];

const FIGURES: [(Key, Figure); 5] = [
    (Key::Num1, Figure::TokensPerSecond),
    (Key::Num2, Figure::Gib),
    (Key::Num3, Figure::Context),
    (Key::Num4, Figure::Quality),
    (Key::Num5, Figure::FirstToken),
];

/// Takes the matrix's keys while it has the focus, or while nothing has.
///
/// Call before the grid's widget is made: egui takes Enter and Space on a focused widget for a click.
pub(super) fn handle(ui: &Ui, view: &View<'_>, id: Id, page: usize, out: &mut Vec<Gesture>) {
    let focused = ui.memory(eframe::egui::Memory::focused);
    if focused.is_some_and(|focused| focused != id) || crate::ui::keys::is_covered(ui) {
        return;
    }
    if focused == Some(id) {
        let filter = EventFilter { horizontal_arrows: true, vertical_arrows: true, ..Default::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
    }
    let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));

    let mut cursor = view.cursor();
    let before = cursor;
    for (key, step) in STEPS {
        if pressed(key) {
            cursor = moved(view.outline.lines(), cursor, step, page, view.grid.levels().len());
        }
    }
    if pressed(Key::B)
        && let Some(at) = cursor
        && let Some(model) = view.outline.lines()[at.line].model(view.catalog)
        && let Some(best) = view.grid.row(model).and_then(|row| row.best.column())
    {
        cursor = Some(Cursor { line: at.line, column: Some(best) });
    }
    if cursor != before {
        out.extend(cursor.and_then(|cursor| select(view, cursor)));
    }
    out.extend(
        FIGURES.into_iter().filter(|&(key, _)| pressed(key)).map(|(_, figure)| Gesture::Figure(figure)),
    );

    if before.is_some() && pressed(Key::Enter) {
        out.push(Gesture::Open);
    }
    // Without the focus this belongs to whoever takes it first.
    if focused == Some(id)
        && pressed(Key::Space)
        && let Some(at) = before
        && let LineKind::Base(base) | LineKind::Variant(base, _) = view.outline.lines()[at.line].kind
    {
        out.push(Gesture::Fold(view.catalog.bases()[base].id));
    }
}

/// What choosing `cursor` means.
pub(super) fn select(view: &View<'_>, cursor: Cursor) -> Option<Gesture> {
    let model = view.outline.lines().get(cursor.line)?.model(view.catalog)?;
    let level = cursor.column.and_then(|column| view.grid.levels().get(column)).copied();
    Some(Gesture::Select(model, level.unwrap_or(view.level)))
}

/// Where a step leads; it stops at the edges, and begins at the first row where nothing is selected.
fn moved(lines: &[Line], cursor: Option<Cursor>, step: Step, page: usize, columns: usize) -> Option<Cursor> {
    let rows = || lines.iter().enumerate().filter(|(_, line)| !matches!(line.kind, LineKind::Title(_)));
    let Some(cursor) = cursor else {
        return rows().next().map(|(line, _)| Cursor { line, column: None });
    };
    let up = |count: usize| rows().rev().filter(|(line, _)| *line < cursor.line).take(count).last();
    let down = |count: usize| rows().filter(|(line, _)| *line > cursor.line).take(count).last();
    let to = |found: Option<(usize, &Line)>| Cursor {
        line: found.map_or(cursor.line, |(line, _)| line),
        ..cursor
    };
    let last = columns.checked_sub(1)?;
    let in_column = |column: usize| Cursor { column: Some(column), ..cursor };
    Some(match step {
        Step::Up => to(up(1)),
        Step::Down => to(down(1)),
        Step::PageUp => to(up(page.max(1))),
        Step::PageDown => to(down(page.max(1))),
        Step::Left => in_column(cursor.column.map_or(last, |column| column.saturating_sub(1))),
        Step::Right => in_column(cursor.column.map_or(0, |column| (column + 1).min(last))),
        Step::First => in_column(0),
        Step::Last => in_column(last),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines() -> Vec<Line> {
        [
            LineKind::Title("Tiny"),
            LineKind::Base(0),
            LineKind::Base(1),
            LineKind::Title("Huge"),
            LineKind::Base(2),
        ]
        .map(|kind| Line { kind, group: 0, family: 0 })
        .to_vec()
    }

    fn after(line: usize, column: Option<usize>, step: Step) -> (usize, Option<usize>) {
        let moved = moved(&lines(), Some(Cursor { line, column }), step, 20, 13).unwrap();
        (moved.line, moved.column)
    }

    #[test]
    fn titles_are_stepped_over() {
        assert_eq!(after(2, Some(3), Step::Down), (4, Some(3)));
        assert_eq!(after(4, Some(3), Step::Up), (2, Some(3)));
    }

    #[test]
    fn the_edges_hold() {
        assert_eq!(after(1, Some(0), Step::Up), (1, Some(0)));
        assert_eq!(after(4, Some(12), Step::Down), (4, Some(12)));
        assert_eq!(after(4, Some(12), Step::Right), (4, Some(12)));
        assert_eq!(after(4, Some(0), Step::Left), (4, Some(0)));
    }

    #[test]
    fn home_end_and_pages() {
        assert_eq!(after(2, Some(5), Step::First), (2, Some(0)));
        assert_eq!(after(2, Some(5), Step::Last), (2, Some(12)));
        assert_eq!(after(1, Some(5), Step::PageDown), (4, Some(5)));
        assert_eq!(after(4, Some(5), Step::PageUp), (1, Some(5)));
    }

    #[test]
    fn a_level_outside_the_columns_is_entered_from_the_side() {
        assert_eq!(after(1, None, Step::Right), (1, Some(0)));
        assert_eq!(after(1, None, Step::Left), (1, Some(12)));
        assert_eq!(after(1, None, Step::Down), (2, None));
    }

    #[test]
    fn nothing_selected_begins_at_the_first_row() {
        assert_eq!(moved(&lines(), None, Step::Down, 20, 13), Some(Cursor { line: 1, column: None }));
        assert_eq!(moved(&[], None, Step::Down, 20, 13), None);
    }
}
