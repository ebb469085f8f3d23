//! Bars one line high: the meter of the top bar, the memory cell of the table, the counts.

use eframe::egui::accesskit::Role;
use eframe::egui::{Align2, CornerRadius, Rect, Response, Sense, Ui, WidgetInfo, pos2, vec2};

use super::Verdict;
use super::paint;
use crate::ui::theme::{Text, Tokens, radius, size};

/// A device in the top bar: its name, how much is free in words, and the used share as a rail.
///
/// `used` is 0 to 1; `text` such as "11.1 of 12 GiB free". 24 high, drawn for widths from 130; up to a third
/// wider where the words need it.
pub fn meter(ui: &mut Ui, name: &str, used: f32, text: &str, width: f32) -> Response {
    let t = Tokens::of(ui);
    let wide = |words: &str, style: Text| {
        ui.painter().layout_no_wrap(words.to_owned(), style.font(), t.text_2).size().x
    };
    let words = wide(name, Text::SmallMedium) + wide(text, Text::Small) + 9.0;
    let width = width.max(words.ceil().min(width * 1.34));
    let (rect, response) = ui.allocate_exact_size(vec2(width, 24.0), Sense::hover());
    if ui.is_rect_visible(rect) {
        let rect = paint::snap(ui, rect);
        let painter = ui.painter();
        let y = rect.top() + 7.0;
        let right =
            paint::text(painter, pos2(rect.right(), y), Align2::RIGHT_CENTER, text, Text::Small, t.text_2);
        let room = right.left() - rect.left() - 8.0;
        paint::text_within(painter, pos2(rect.left(), y), room, name, Text::SmallMedium, t.text_2);
        let rail = Rect::from_min_size(pos2(rect.left(), rect.top() + 16.0), vec2(rect.width(), size::RAIL));
        painter.rect_filled(rail, CornerRadius::same(2), t.line);
        let used = paint::left_part(rail, used);
        if used.width() > 0.0 {
            painter.rect_filled(used, CornerRadius::same(2), t.text_3);
        }
    }
    response.widget_info(|| WidgetInfo::labeled(Role::Meter, true, format!("{name}: {text}")));
    response
}

/// Place of the load line in a memory cell: beyond it there is as much room again as three sevenths.
const TICK: f32 = 0.70;

/// A number and a bar with the load line at 70 % of its width; only what lies beyond the line is coloured
/// when it does not fit.
///
/// `share` is the need as a share of what there is (1 = to the brim); NaN paints an empty rail. Takes the
/// available width; 20 high.
pub fn memory_cell(ui: &mut Ui, number: &str, share: f32, verdict: Verdict) -> Response {
    const NUMBER: f32 = 34.0;
    const GAP: f32 = 10.0;
    let t = Tokens::of(ui);
    let wanted = vec2(ui.available_width().max(NUMBER), 20.0);
    let (rect, response) = ui.allocate_exact_size(wanted, Sense::hover());
    if ui.is_rect_visible(rect) {
        let y = rect.center().y;
        let color = if verdict.recedes() { t.text_2 } else { t.text };
        let at = pos2(rect.left() + NUMBER, y);
        paint::text(ui.painter(), at, Align2::RIGHT_CENTER, number, Text::Body, color);
        let bar = Rect::from_min_max(pos2(rect.left() + NUMBER + GAP, y - 3.0), pos2(rect.right(), y + 3.0));
        if bar.width() > 24.0 {
            cell_bar(ui, paint::snap(ui, bar), share, verdict, t);
        }
    }
    response.widget_info(|| {
        WidgetInfo::labeled(Role::Meter, true, format!("{number} GiB, {}", verdict.spoken()))
    });
    response
}

fn cell_bar(ui: &Ui, bar: Rect, share: f32, verdict: Verdict, t: &Tokens) {
    let painter = ui.painter();
    painter.rect_filled(bar, radius::BAR, t.line);
    let tick = paint::snap_x(ui, bar.left() + TICK * bar.width());
    let end = (bar.left() + TICK * bar.width() * share.max(0.0)).min(bar.right());
    let left = |right: f32| Rect::from_min_max(bar.min, pos2(right, bar.bottom()));
    if verdict.is_within() {
        // At least a dot, so that a small model still shows.
        painter.rect_filled(left(end.max(bar.left() + bar.height())), radius::BAR, verdict.fill(t));
    } else if end > tick {
        let round_left = CornerRadius { nw: 3, sw: 3, ne: 0, se: 0 };
        let round_right = CornerRadius { nw: 0, sw: 0, ne: 3, se: 3 };
        painter.rect_filled(left(tick), round_left, t.line_strong);
        let excess = Rect::from_min_max(pos2(tick, bar.top()), pos2(end, bar.bottom()));
        painter.rect_filled(excess, round_right, verdict.fill(t));
    } else if end > bar.left() {
        // It has room in the sum, yet not on a device: nothing sticks out, so nothing is coloured.
        painter.rect_filled(left(end), radius::BAR, t.line_strong);
    }
    let line = Rect::from_min_max(pos2(tick - 1.0, bar.top() - 3.0), pos2(tick + 1.0, bar.bottom() + 3.0));
    painter.rect_filled(line, CornerRadius::ZERO, t.text.gamma_multiply(0.6));
}

/// How many have a verdict: glyph, word, bar, number. `most` is the largest of the counts shown together.
///
/// Takes the available width; 28 high.
pub fn count_bar(ui: &mut Ui, verdict: Verdict, count: usize, most: usize) -> Response {
    const BAR_LEFT: f32 = 82.0;
    const NUMBER: f32 = 30.0;
    let t = Tokens::of(ui);
    let wanted = vec2(ui.available_width(), 28.0);
    let (rect, response) = ui.allocate_exact_size(wanted, Sense::hover());
    if ui.is_rect_visible(rect) {
        let rect = paint::snap(ui, rect);
        let painter = ui.painter();
        let y = rect.center().y;
        let color = verdict.text(t);
        verdict.paint(painter, pos2(rect.left() + size::GLYPH / 2.0, y), color);
        let at = pos2(rect.left() + 18.0, y);
        paint::text(painter, at, Align2::LEFT_CENTER, verdict.word(), Text::Label, color);
        let at = pos2(rect.right(), y);
        paint::text(painter, at, Align2::RIGHT_CENTER, &count.to_string(), Text::Body, t.text_2);
        let room =
            Rect::from_min_max(pos2(rect.left() + BAR_LEFT, y - 4.0), pos2(rect.right() - NUMBER, y + 4.0));
        if count > 0 && room.width() > 0.0 {
            let share = count as f32 / most.max(count) as f32;
            let bar = Rect::from_min_size(room.min, vec2((room.width() * share).max(6.0), 8.0));
            painter.rect_filled(paint::snap(ui, bar), radius::BAR, verdict.fill(t));
        }
    }
    response.widget_info(|| WidgetInfo::labeled(Role::Meter, true, format!("{}: {count}", verdict.word())));
    response
}
