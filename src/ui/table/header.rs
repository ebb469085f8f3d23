//! The head of the table: each column's title sorts by it.

use eframe::egui::{
    Align2, CornerRadius, Rect, Sense, Stroke, StrokeKind, Ui, WidgetInfo, accesskit::Role, vec2,
};

use super::columns::Columns;
use crate::app::{Action, Column, State};
use crate::language::tr;
use crate::ui::theme::{Text, Tokens, radius, size};
use crate::ui::{Actions, line, widgets};

/// Draws the heads of all columns.
pub(super) fn show(ui: &mut Ui, state: &State, columns: &Columns, actions: &mut Actions) {
    let row = ui.max_rect();
    for (column, cell) in columns.within(row) {
        let cell = if column == Column::Speed { columns.speed_number(cell) } else { cell };
        head(ui, state, column, cell, actions);
    }
    let t = Tokens::of(ui);
    ui.painter().hline(row.x_range(), row.bottom() - 0.5, Stroke::new(size::LINE, t.line));
}

fn head(ui: &mut Ui, state: &State, column: Column, cell: Rect, actions: &mut Actions) {
    let t = Tokens::of(ui);
    let sort = state.settings.sort;
    let sorted = sort.column == column;
    let arrow = if sort.rises() { "↑" } else { "↓" };
    let words = if sorted { format!("{} {arrow}", column.title()) } else { column.title().to_owned() };
    let response =
        ui.interact(cell.expand2(vec2(6.0, 0.0)), ui.scope_id().with(column.title()), Sense::click());
    let color = if sorted || response.hovered() { t.text } else { t.text_2 };
    let (at, anchor) = match column {
        Column::Fit | Column::Model | Column::Memory => (cell.left_center(), Align2::LEFT_CENTER),
        _ => (cell.right_center(), Align2::RIGHT_CENTER),
    };
    // A head may be a little wider than its numbers: there is a gap on either side.
    line(ui.painter(), at, anchor, cell.width() + 12.0, Text::Label, color, &words);
    if response.has_focus() {
        let ring = Stroke::new(1.5, t.accent);
        ui.painter().rect_stroke(response.rect.shrink(2.0), radius::CONTROL, ring, StrokeKind::Inside);
    } else if response.hovered() {
        let under = Rect::from_min_max(cell.left_bottom() - vec2(0.0, 2.0), cell.right_bottom());
        ui.painter().rect_filled(under, CornerRadius::ZERO, t.line_strong);
    }
    let order = match (sorted, sort.rises()) {
        (true, true) => tr!(", sorted from small to large"),
        (true, false) => tr!(", sorted from large to small"),
        (false, _) => "",
    };
    response.widget_info(|| {
        let label = tr!("Sort by {column}{order}", column = column.title(), order);
        WidgetInfo::selected(Role::Button, true, sorted, label)
    });
    let clicked = response.clicked();
    response.on_hover_ui(|ui| {
        ui.label(Text::Body.rich(explanation(column)).color(t.text_2));
        if let Some(term) = widgets::explanation(ui, column.title()) {
            widgets::words(ui, &term);
        }
    });
    if clicked {
        actions.push(Action::Sort(column));
    }
}

/// What the numbers of a column are.
fn explanation(column: Column) -> &'static str {
    match column {
        Column::Fit => tr!("How the model sits on this machine, best first"),
        Column::Model => tr!("Base model; fine-tunes are folded under it"),
        Column::Params => tr!("All parameters, experts included"),
        Column::Memory => {
            tr!(
                "Memory needed on all GPUs and in RAM; the line is what is free on the GPUs (in RAM without one)"
            )
        }
        Column::Speed => {
            tr!("Decode rate of all requests together, estimated, and the range of four runs in five")
        }
        Column::Quality => {
            tr!("Share of the published model's benchmark score above chance that is kept, estimated")
        }
        Column::Released => tr!("Month of release"),
        Column::Downloads => tr!("Downloads on the hub in the 30 days before the catalog was made"),
    }
}
