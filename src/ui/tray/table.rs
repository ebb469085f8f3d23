//! Figures of what is pinned: a row a figure, a column for each, and how it differs from the first.

use eframe::egui::accesskit::Role;
use eframe::egui::{Align2, CornerRadius, Rect, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::app::tray::{Row, SideBySide, Value};
use crate::language::tr;
use crate::ui::theme::{Text, Tokens, space};
use crate::ui::widgets::card_frame;
use crate::ui::{line, verdict};

/// Height of a row.
const ROW: f32 = 26.0;
/// Height of the heads: name, then level and machine.
const HEAD: f32 = 50.0;
/// Width of the names of figures.
const NAMES: f32 = 132.0;

/// Draws the table. Each row is one sentence for a screen reader.
pub(super) fn show(ui: &mut Ui, found: &SideBySide) {
    card_frame(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        let width = (ui.available_width() - NAMES) / found.pins.len().max(1) as f32;
        heads(ui, found, width);
        for row in &found.rows {
            figures(ui, row, width);
        }
    });
}

fn heads(ui: &mut Ui, found: &SideBySide, width: f32) {
    let t = Tokens::of(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), HEAD), Sense::hover());
    for (place, pinned) in found.pins.iter().enumerate() {
        let left = rect.left() + NAMES + place as f32 * width;
        let room = width - space::M;
        let name = format!("{}  {}", pinned.letter, pinned.detail.name);
        let at = pos2(left, rect.top() + 17.0);
        line(ui.painter(), at, Align2::LEFT_CENTER, room, Text::Strong, t.text, &name);
        let below = format!("{}, {}", pinned.detail.level, pinned.machine);
        let at = pos2(left, rect.top() + 35.0);
        line(ui.painter(), at, Align2::LEFT_CENTER, room, Text::Small, t.text_2, &below);
        let cell = Rect::from_min_size(pos2(left, rect.top()), vec2(width, HEAD));
        let head = ui.interact(cell, ui.scope_id().with(("pinned head", place)), Sense::hover());
        head.widget_info(|| WidgetInfo::labeled(Role::ColumnHeader, true, pinned.title()));
        head.on_hover_text(format!("{}\n{}", pinned.title(), pinned.detail.sentence));
    }
}

fn figures(ui: &mut Ui, row: &Row, width: f32) {
    let t = Tokens::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Row, true, spoken(row)));
    let hairline = Rect::from_min_size(rect.min, vec2(rect.width(), 1.0));
    ui.painter().rect_filled(hairline, CornerRadius::ZERO, t.line.gamma_multiply(0.7));
    let middle = rect.center().y;
    let at = pos2(rect.left(), middle);
    line(ui.painter(), at, Align2::LEFT_CENTER, NAMES - space::S, Text::Body, t.text_2, row.words());
    for (place, value) in row.values.iter().enumerate() {
        let left = rect.left() + NAMES + place as f32 * width;
        let is_best = row.best == Some(place);
        let ink = if value.text.is_none() {
            t.text_3
        } else if row.differs {
            t.text
        } else {
            t.text_2
        };
        let mut at = pos2(left, middle);
        if let Some(class) = value.class {
            let verdict = verdict(class);
            verdict.paint(ui.painter(), pos2(left + 6.0, middle), verdict.text(t));
            at.x += 18.0;
        }
        let style = if is_best { Text::Strong } else { Text::Body };
        let text = value.text.as_deref().unwrap_or(tr!("n/a"));
        let shown = line(ui.painter(), at, Align2::LEFT_CENTER, width - space::M, style, ink, text);
        let beside = beside(value, is_best);
        let room = left + width - space::M - shown.right() - space::S;
        if !beside.is_empty() && room > 24.0 {
            let at = pos2(shown.right() + space::S, middle);
            line(ui.painter(), at, Align2::LEFT_CENTER, room, Text::Small, t.text_2, &beside);
        }
    }
}

/// What stands beside a figure: how it differs from the first, and whether it is the best.
fn beside(value: &Value, is_best: bool) -> String {
    match (value.change.as_str(), is_best) {
        ("", true) => tr!("best").to_owned(),
        (change, true) => tr!("{change}, best", change),
        (change, false) => change.to_owned(),
    }
}

fn spoken(row: &Row) -> String {
    if !row.differs
        && let Some(first) = row.values.first()
    {
        return tr!(
            "{name}: {first}, the same for all",
            name = row.words(),
            first = first.text.as_deref().unwrap_or(tr!("n/a"))
        );
    }
    let values = row.values.iter().enumerate().map(|(place, value)| {
        let letter = crate::app::tray::LETTERS.get(place).copied().unwrap_or_default();
        let text = value.text.as_deref().unwrap_or(tr!("n/a"));
        match beside(value, row.best == Some(place)).as_str() {
            "" => format!("{letter} {text}"),
            beside => format!("{letter} {text} ({beside})"),
        }
    });
    format!("{}: {}", row.words(), values.collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str, change: &str) -> Value {
        Value { text: Some(text.to_owned()), change: change.to_owned(), class: None }
    }

    #[test]
    fn a_row_in_a_sentence() {
        let values = vec![value("24", ""), value("36", "×1.50"), Value::default()];
        let row = Row { name: "Tokens/s", values, differs: true, best: Some(1) };
        assert_eq!(spoken(&row), "Tokens/s: A 24, B 36 (×1.50, best), C n/a");
        let row = Row { name: "File, GB", values: vec![value("9.0", ""); 2], differs: false, best: None };
        assert_eq!(spoken(&row), "File, GB: 9.0, the same for all");
    }
}
