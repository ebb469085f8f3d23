//! What the ladder paints: grounds of its rows, bars, the quality track, the lines through all rows.

use eframe::egui::{Align2, Color32, CornerRadius, Rect, Response, Stroke, StrokeKind, Ui, pos2, vec2};

use super::{BAR_LEFT, Columns, Kept, Ladder, LadderRow, OVERHANG};
use crate::language::tr;
use crate::ui::theme::{Text, Tokens, radius, size};
use crate::ui::widgets::paint;
use crate::units::{Bytes, gib_text, whole_rate_text};

/// A whole bar ends at this share of the room, so that a broken one is longer than any that is whole.
const WHOLE: f32 = 0.96;
/// Between the labels of the two lines.
const LABEL_GAP: f32 = 8.0;

impl Ladder<'_> {
    pub(super) fn ground(ui: &Ui, row: &LadderRow<'_>, rect: Rect, selected: bool, response: &Response) {
        let t = Tokens::of(ui);
        let rect = rect.expand2(vec2(OVERHANG, 0.0));
        if selected {
            ui.painter().rect_filled(rect, radius::CONTROL, t.accent_bg);
        } else if response.hovered() {
            ui.painter().rect_filled(rect, radius::CONTROL, t.hover);
        }
        if row.best {
            let color = if selected { t.accent_line } else { t.line_strong };
            let stroke = Stroke::new(size::LINE, color);
            ui.painter().rect_stroke(
                rect.shrink2(vec2(0.0, 1.0)),
                radius::CONTROL,
                stroke,
                StrokeKind::Inside,
            );
        }
    }

    pub(super) fn row(
        &self,
        ui: &Ui,
        row: &LadderRow<'_>,
        rect: Rect,
        columns: &Columns,
        selected: bool,
        lifted: bool,
    ) {
        let t = Tokens::of(ui);
        let painter = ui.painter();
        let y = rect.center().y;
        let color = match () {
            () if selected => t.text,
            () if row.verdict.recedes() && !lifted => t.text_3,
            () => t.text_2,
        };
        let name_style = if selected { Text::Button } else { Text::Body };
        paint::text_within(painter, pos2(rect.left(), y), BAR_LEFT - 4.0, row.short, name_style, color);
        if row.file {
            painter.circle_filled(pos2(rect.left() + BAR_LEFT - 7.0, y), 2.0, color);
        }
        let number = |from_right: f32, text: &str, color: Color32| {
            let at = pos2(rect.right() - from_right, y);
            paint::text(painter, at, Align2::RIGHT_CENTER, text, Text::Body, color);
        };
        number(columns.need, &gib_text(row.need), color);
        let unknown = if lifted { t.text_2 } else { t.text_3 };
        match row.speed {
            Some(speed) => number(columns.speed, &whole_rate_text(speed), color),
            None => number(columns.speed, tr!("n/a"), unknown),
        }
        number(0.0, &row.kept.text(), color);
        self.bar(ui, row, rect, columns);
        if let Some((left, right)) = columns.track {
            let track =
                Rect::from_min_max(pos2(rect.right() - left, y - 5.0), pos2(rect.right() - right, y + 5.0));
            self.quality(ui, row.kept, paint::snap(ui, track));
        }
    }

    fn bar(&self, ui: &Ui, row: &LadderRow<'_>, rect: Rect, columns: &Columns) {
        let t = Tokens::of(ui);
        let painter = ui.painter();
        let left = rect.left() + BAR_LEFT;
        let room = rect.right() - columns.bar - left;
        let scale = self.scale();
        if room <= 0.0 || scale <= 0.0 {
            return;
        }
        let broken = row.need.gib() > scale * 1.0001;
        let share = if broken { 1.0 } else { (row.need.gib() / scale) as f32 * WHOLE };
        let end = paint::snap_x(ui, left + (share * room).max(3.0));
        let line = paint::snap_x(ui, left + self.line_share() * room);
        let y = rect.top() + 7.0;
        let piece = |from: f32, to: f32| Rect::from_min_max(pos2(from, y), pos2(to, y + 8.0));
        if row.verdict.is_within() || end <= line {
            let fill = if row.verdict.is_within() { row.verdict.fill(t) } else { t.line_strong };
            painter.rect_filled(piece(left, end), CornerRadius::same(2), fill);
        } else {
            let round_left = CornerRadius { nw: 2, sw: 2, ne: 0, se: 0 };
            let round_right = CornerRadius { nw: 0, sw: 0, ne: 2, se: 2 };
            painter.rect_filled(piece(left, line), round_left, t.line_strong);
            painter.rect_filled(piece(line, end), round_right, row.verdict.fill(t));
        }
        if broken {
            let ground = if self.is_selected(row) { t.accent_bg } else { t.card };
            for back in [15.0, 9.0] {
                let x = end - back;
                let slash = [pos2(x, y + 9.0), pos2(x + 5.0, y - 1.0)];
                painter.line_segment(slash, Stroke::new(2.0, ground));
            }
        }
    }

    fn is_selected(&self, row: &LadderRow<'_>) -> bool {
        self.selected.and_then(|place| self.rows.get(place)).is_some_and(|chosen| std::ptr::eq(chosen, row))
    }

    fn line_share(&self) -> f32 {
        self.share(self.line)
    }

    fn share(&self, size: Bytes) -> f32 {
        let scale = self.scale();
        if scale > 0.0 { (size.gib() / scale) as f32 * WHOLE } else { 0.0 }
    }

    /// A rail, the interval as a band, the middle as a mark.
    fn quality(&self, ui: &Ui, kept: Kept, track: Rect) {
        let t = Tokens::of(ui);
        let painter = ui.painter();
        let from = self.track_from();
        let x = |percent: f64| {
            let share = ((percent - from) / (100.0 - from)).clamp(0.0, 1.0) as f32;
            track.left() + share * track.width()
        };
        let y = track.center().y;
        let rail = Rect::from_min_max(pos2(track.left(), y.floor()), pos2(track.right(), y.floor() + 1.0));
        painter.rect_filled(rail, CornerRadius::ZERO, t.line);
        let band = Rect::from_min_max(
            pos2(x(kept.low), y - 3.0),
            pos2(x(kept.high).max(x(kept.low) + 3.0), y + 3.0),
        );
        painter.rect_filled(paint::snap(ui, band), radius::BAR, t.line_strong);
        if kept.named {
            let mark = Rect::from_center_size(pos2(x(kept.centre), y), vec2(2.0, 10.0));
            painter.rect_filled(paint::snap(ui, mark), CornerRadius::ZERO, t.text);
        }
    }

    pub(super) fn lines(&self, ui: &Ui, rect: Rect, height: f32, columns: &Columns, labelled: bool) {
        let t = Tokens::of(ui);
        let painter = ui.painter();
        let left = rect.left() + BAR_LEFT;
        let room = rect.right() - columns.bar - left;
        let (top, bottom) = (rect.top() - 3.0, rect.top() + height + 3.0);
        let line = left + self.line_share() * room;
        let second = self.second_line.filter(|(size, _)| *size > self.line && self.share(*size) <= WHOLE);
        let second = second.map(|(size, name)| (left + self.share(size) * room, size, name));
        if let Some((x, ..)) = second {
            paint::dashed_line(ui, painter, x, top, bottom, t.text_2);
        }
        if self.line == Bytes::ZERO || room <= 0.0 {
            return;
        }
        paint::load_line(ui, painter, line, top, bottom);
        if !labelled {
            return;
        }
        let label = |size: Bytes, name: &str, x: f32| {
            let words = format!("{} {name}", gib_text(size));
            let words = paint::galley(painter, &words, Text::Small, t.text_2);
            (Align2::CENTER_CENTER.anchor_size(pos2(x, bottom + 8.0), words.size()), words)
        };
        let (place, words) = label(self.line, self.line_name, line + 1.0);
        let second = second.map(|(x, size, name)| label(size, name, x));
        // The first gives way to the second as far as the card goes.
        let gap = second.as_ref().map_or(f32::INFINITY, |(second, _)| second.left() - LABEL_GAP);
        let shift = (gap - place.right()).min(0.0).max(rect.left() - place.left());
        let place = place.translate(vec2(shift, 0.0));
        painter.galley(place.min, words, t.text_2);
        if let Some((second, words)) = second
            && second.left() >= place.right() + LABEL_GAP - 0.5
        {
            painter.galley(second.min, words, t.text_2);
        }
    }
}
