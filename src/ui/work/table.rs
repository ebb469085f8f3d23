//! A table of the page: models for the work, what changes it, a million tokens.

use eframe::egui::accesskit::Role;
use eframe::egui::{Align2, Label, Rect, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use crate::app::work::page::{Row, Table};
use crate::app::{Action, State, WorkAction};
use crate::ui::theme::{Text, Tokens, radius, size, space};
use crate::ui::widgets::card_frame;
use crate::ui::{Actions, line, verdict};

/// Height of a row.
const ROW: f32 = 26.0;
/// Between columns.
const GAP: f32 = 14.0;
/// How far a row's ground stands out.
const OUT: f32 = 8.0;
/// Narrowest first column.
const NAME_MIN: f32 = 110.0;

pub(super) fn show(
    ui: &mut Ui,
    state: &State,
    table: &Table,
    actions: &mut Actions,
    asked: &mut Vec<WorkAction>,
) {
    let t = Tokens::of(ui);
    card_frame(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        let widths = widths(ui, table);
        head(ui, table, &widths);
        for row in &table.rows {
            show_row(ui, state, table, row, &widths, actions, asked);
        }
        if !table.note.is_empty() {
            ui.add_space(space::XS);
            ui.add(Label::new(Text::Small.rich(&table.note).color(t.text_3)).wrap());
        }
    });
}

/// Widths of the columns after the first; those that find no room are left out, the last of them first.
fn widths(ui: &Ui, table: &Table) -> Vec<f32> {
    let t = Tokens::of(ui);
    let width = |text: &str, style: Text| {
        ui.painter().layout_no_wrap(text.to_owned(), style.font(), t.text).size().x.ceil()
    };
    let mut all: Vec<f32> = table
        .columns
        .iter()
        .enumerate()
        .map(|(at, head)| {
            let cells = table.rows.iter().filter_map(|row| row.cells.get(at));
            cells.map(|cell| width(&cell.text, Text::Body)).fold(width(head, Text::Small), f32::max)
        })
        .collect();
    let room = ui.available_width() - NAME_MIN;
    while all.iter().map(|width| width + GAP).sum::<f32>() > room && all.len() > 1 {
        all.pop();
    }
    all
}

fn head(ui: &mut Ui, table: &Table, widths: &[f32]) {
    let t = Tokens::of(ui);
    let wanted = vec2(ui.available_width(), size::CARD_HEADER - 2.0);
    let (rect, response) = ui.allocate_exact_size(wanted, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Heading, true, &table.title));
    let y = rect.top() + 16.0;
    let mut right = rect.right();
    for (head, width) in table.columns.iter().zip(widths).rev() {
        let at = pos2(right, y);
        line(ui.painter(), at, Align2::RIGHT_CENTER, *width, Text::Small, t.text_3, head);
        right -= width + GAP;
    }
    let room = right - rect.left();
    line(ui.painter(), pos2(rect.left(), y), Align2::LEFT_CENTER, room, Text::Label, t.text_2, &table.title);
    let under = Rect::from_min_size(pos2(rect.left(), rect.bottom() - 2.0), vec2(rect.width(), size::LINE));
    ui.painter().rect_filled(under, 0.0, t.line);
}

fn show_row(
    ui: &mut Ui,
    state: &State,
    table: &Table,
    row: &Row,
    widths: &[f32],
    actions: &mut Actions,
    asked: &mut Vec<WorkAction>,
) {
    let t = Tokens::of(ui);
    let sense = if row.pick.is_some() { Sense::click() } else { Sense::hover() };
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), sense);
    let ground = rect.expand2(vec2(OUT, 0.0));
    let is_hovered = row.pick.is_some() && response.hovered();
    if row.present || is_hovered {
        let fill = if row.present { t.accent_bg } else { t.hover };
        ui.painter().rect_filled(ground, radius::CONTROL, fill);
    }
    if response.has_focus() {
        let stroke = Stroke::new(1.5, t.accent);
        ui.painter().rect_stroke(ground, radius::CONTROL, stroke, StrokeKind::Inside);
    }
    let weak = if row.present || is_hovered { t.text_2 } else { t.text_3 };
    let mut right = rect.right();
    for (cell, width) in row.cells.iter().zip(widths).rev() {
        let color = if cell.weak { weak } else { t.text };
        let at = pos2(right, rect.center().y);
        line(ui.painter(), at, Align2::RIGHT_CENTER, *width, Text::Body, color, &cell.text);
        right -= width + GAP;
    }
    let mut left = rect.left();
    if let Some(class) = row.class {
        let verdict = verdict(class);
        verdict.paint(ui.painter(), pos2(left + 6.0, rect.center().y), verdict.text(t));
        left += 18.0;
    }
    let style = if row.present { Text::Button } else { Text::Body };
    let note = if row.note.is_empty() {
        0.0
    } else {
        ui.painter().layout_no_wrap(row.note.clone(), Text::Small.font(), weak).size().x + space::S
    };
    let room = (right - left - note).max(40.0);
    let at = pos2(left, rect.center().y);
    let name = line(ui.painter(), at, Align2::LEFT_CENTER, room, style, t.text, &row.name);
    if !row.note.is_empty() && name.right() + note <= right + 1.0 {
        let at = pos2(name.right() + space::S, rect.center().y);
        line(ui.painter(), at, Align2::LEFT_CENTER, note, Text::Small, weak, &row.note);
    }
    let spoken = row.spoken(&table.columns);
    let role = if row.pick.is_some() { Role::RadioButton } else { Role::Label };
    response.widget_info(|| match role {
        Role::RadioButton => WidgetInfo::selected(role, true, row.present, &spoken),
        _ => WidgetInfo::labeled(role, true, &spoken),
    });
    if let Some((id, level)) = row.pick
        && response.clicked()
    {
        asked.push(WorkAction::Model(Some((state.catalog.get(id).id.clone(), level))));
        // The other pages look at it too.
        actions.push(Action::SelectCell(id, level));
    }
    let more = if row.more.is_empty() { spoken } else { format!("{spoken}. {}", row.more) };
    response.on_hover_text(more);
}
