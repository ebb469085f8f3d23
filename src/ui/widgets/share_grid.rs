//! Shares by row and column: a small bar and its percentage in each cell.

use eframe::egui::accesskit::Role;
use eframe::egui::{Align2, Rect, Response, Sense, Ui, WidgetInfo, pos2, vec2};

use super::paint;
use crate::ui::theme::{Text, Tokens, radius};

/// A row.
#[derive(Clone, Debug, PartialEq)]
pub struct ShareRow<'a> {
    /// Its name.
    pub name: &'a str,
    /// What belongs to it.
    pub note: String,
    /// The share of all of it; `None`: there is nothing.
    pub whole: Option<f64>,
    /// Shares by column.
    pub cells: Vec<Option<f64>>,
    /// The row in a sentence.
    pub words: String,
}

const ROW: f32 = 26.0;
const NAME: f32 = 190.0;
const WHOLE: f32 = 84.0;

/// Draws rows under column names; `whole` names the column of the whole.
pub fn share_grid(ui: &mut Ui, whole: &str, columns: &[String], rows: &[ShareRow<'_>]) -> Vec<Response> {
    let t = Tokens::of(ui);
    let width = ui.available_width();
    // Without room for every column only the whole is shown.
    let each = (width - NAME - WHOLE) / columns.len().max(1) as f32;
    let has_columns = each >= 30.0;
    let is_narrow = columns
        .iter()
        .any(|name| paint::galley(ui.painter(), name, Text::Small, t.text_3).size().x > each - 2.0);
    let height = if has_columns && is_narrow { 34.0 } else { 20.0 };
    let (head, _) = ui.allocate_exact_size(vec2(width, height), Sense::hover());
    let y = head.bottom() - 10.0;
    let at = pos2(head.left() + NAME + WHOLE - 12.0, y);
    paint::text(ui.painter(), at, Align2::RIGHT_CENTER, whole, Text::Small, t.text_3);
    if has_columns {
        for (place, name) in columns.iter().enumerate() {
            let x = head.left() + NAME + WHOLE + each * place as f32;
            // "Q4" over "K_M", as in the matrix.
            let (first, second) =
                if is_narrow { name.split_once('_').unwrap_or(("", name)) } else { ("", &**name) };
            for (words, up) in [(second, 0.0), (first, 13.0)] {
                let galley = paint::galley(ui.painter(), words, Text::Small, t.text_3);
                if galley.size().x <= each - 2.0 {
                    let at = pos2(x + each / 2.0, y - up);
                    paint::text(ui.painter(), at, Align2::CENTER_CENTER, words, Text::Small, t.text_3);
                } else {
                    paint::text_within(
                        ui.painter(),
                        pos2(x + 1.0, y - up),
                        each - 2.0,
                        words,
                        Text::Small,
                        t.text_3,
                    );
                }
            }
        }
    }
    rows.iter().map(|row| draw(ui, row, width, has_columns.then_some(each))).collect()
}

fn draw(ui: &mut Ui, row: &ShareRow<'_>, width: f32, each: Option<f32>) -> Response {
    let t = Tokens::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(width, ROW), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &row.words));
    if !ui.is_rect_visible(rect) {
        return response;
    }
    let y = rect.center().y;
    let name =
        paint::text(ui.painter(), rect.left_center(), Align2::LEFT_CENTER, row.name, Text::Button, t.text);
    let note = pos2(name.right() + 8.0, y);
    let room = rect.left() + NAME - note.x;
    paint::text_within(ui.painter(), note, room, &row.note, Text::Small, t.text_3);
    let cell = |left: f32, width: f32| {
        Rect::from_min_max(pos2(left, rect.top() + 2.0), pos2(left + width, rect.bottom() - 2.0))
    };
    share(ui, cell(rect.left() + NAME, WHOLE - 12.0), row.whole, Text::Strong);
    if let Some(each) = each {
        for (place, value) in row.cells.iter().enumerate() {
            let left = rect.left() + NAME + WHOLE + each * place as f32;
            share(ui, cell(left + 1.0, each - 2.0), *value, Text::Cell);
        }
    }
    response
}

fn share(ui: &Ui, rect: Rect, value: Option<f64>, style: Text) {
    let t = Tokens::of(ui);
    let painter = ui.painter();
    let Some(value) = value else {
        paint::text(painter, rect.center(), Align2::CENTER_CENTER, "–", style, t.text_3);
        return;
    };
    painter.rect_filled(paint::snap(ui, rect), radius::BAR, t.bg);
    let filled = paint::left_part(rect, value as f32);
    if value > 0.0 {
        painter.rect_filled(paint::snap(ui, filled), radius::BAR, t.line);
    }
    let ink = if value > 0.0 { t.text } else { t.text_2 };
    let words = format!("{:.0} %", value * 100.0);
    let room = rect.width() - 6.0;
    let words = if painter.layout_no_wrap(words.clone(), style.font(), ink).size().x <= room {
        words
    } else {
        format!("{:.0}", value * 100.0)
    };
    paint::text(painter, rect.center(), Align2::CENTER_CENTER, &words, style, ink);
}
