//! A change that is offered: verdict after it, what it is, what it brings, what it costs; and a small table.

use eframe::egui::accesskit::Role;
use eframe::egui::{Align2, CursorIcon, Response, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use super::{Verdict, paint};
use crate::language::tr;
use crate::ui::theme::{Text, Tokens, radius, size, space};

/// A change that a click makes.
#[derive(Clone, Copy, Debug)]
pub struct Suggestion<'a> {
    /// Verdict once it is made.
    pub verdict: Verdict,
    /// What is changed.
    pub what: &'a str,
    /// What it brings: parts with commas between, the most important first.
    pub brings: &'a str,
    /// What it costs.
    pub costs: &'a str,
}

/// Height of a suggestion.
const ROW: f32 = 27.0;
/// From the edges to what stands in it.
const PADDING: f32 = 9.0;
/// How far it stands out of the card's padding on both sides.
const OVERHANG: f32 = 6.0;

impl Suggestion<'_> {
    /// Draws the suggestion, as wide as there is room and 27 high. A button by all of its words.
    ///
    /// Where room is short, later parts of what it brings are left out: what it costs is always told.
    pub fn show(&self, ui: &mut Ui) -> Response {
        let t = Tokens::of(ui);
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
        let response = response.on_hover_cursor(CursorIcon::PointingHand);
        response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), self.sentence()));
        if !ui.is_rect_visible(rect) {
            return response;
        }
        let rect = paint::snap(ui, rect.expand2(vec2(OVERHANG, 0.0)));
        let lifted = response.hovered() || response.has_focus();
        let fill = if response.hovered() { t.hover } else { t.bg };
        let stroke = Stroke::new(size::LINE, if response.hovered() { t.line_strong } else { t.line });
        let painter = ui.painter();
        painter.rect(rect, radius::CONTROL, fill, stroke, StrokeKind::Inside);
        let y = rect.center().y;
        let glyph = pos2(rect.left() + PADDING + size::GLYPH / 2.0, y);
        let color = if lifted && self.verdict.recedes() { t.text_2 } else { self.verdict.text(t) };
        self.verdict.paint(painter, glyph, color);

        let right = rect.right() - PADDING;
        let costs = paint::galley(painter, self.costs, Text::Cell, t.text_2);
        let costs_at = Align2::RIGHT_CENTER.anchor_size(pos2(right, y), costs.size());
        painter.galley(costs_at.min, costs, t.text_2);
        let left = pos2(glyph.x + size::GLYPH / 2.0 + 6.0, y);
        let room = costs_at.left() - space::S - left.x;
        let what = paint::text_within(painter, left, room, self.what, Text::Label, t.text);
        let at = pos2(what.right() + space::S, y);
        let room = costs_at.left() - space::M - at.x;
        if let Some(brings) = self.brings_within(ui, room) {
            paint::text(painter, at, Align2::LEFT_CENTER, brings, Text::Cell, t.text_2);
        }
        paint::focus_ring(ui, &response, rect, radius::CONTROL);
        response
    }

    /// As many of the parts of what it brings as there is room for.
    fn brings_within(&self, ui: &Ui, room: f32) -> Option<&str> {
        let t = Tokens::of(ui);
        let fits = |words: &&str| {
            paint::galley(ui.painter(), words, Text::Cell, t.text_2).size().x <= room && !words.is_empty()
        };
        let ends = self.brings.rmatch_indices(", ").map(|(end, _)| &self.brings[..end]);
        std::iter::once(self.brings).chain(ends).find(fits)
    }

    /// `q8_0 cache: tight, 21 tok/s, 0.4 GiB to spare; usually safe`.
    fn sentence(&self) -> String {
        let brings = if self.brings.is_empty() { String::new() } else { format!(", {}", self.brings) };
        format!("{}: {}{brings}; {}", self.what, self.verdict.spoken(), self.costs)
    }
}

/// A table of short values under short heads, its rows named at the left. `None` is "–".
///
/// One node, which says all of it: `Longest context: on the GPU f16 10K, q8_0 18K`.
pub fn small_table(
    ui: &mut Ui,
    title: &str,
    heads: &[&str],
    rows: &[(&str, Vec<Option<String>>)],
) -> Response {
    const LINE: f32 = 18.0;
    const COLUMN: f32 = 62.0;
    let t = Tokens::of(ui);
    let wanted = vec2(ui.available_width(), LINE * (rows.len() + 1) as f32);
    let (rect, response) = ui.allocate_exact_size(wanted, Sense::hover());
    let right = |column: usize| rect.right() - COLUMN * (heads.len() - 1 - column) as f32;
    let painter = ui.painter();
    let y = |line: usize| rect.top() + LINE * (line as f32 + 0.5);
    paint::text(painter, pos2(rect.left(), y(0)), Align2::LEFT_CENTER, title, Text::Cell, t.text_2);
    for (column, head) in heads.iter().enumerate() {
        let at = pos2(right(column), y(0));
        paint::text(painter, at, Align2::RIGHT_CENTER, head, Text::Small, t.text_3);
    }
    for (line, (name, values)) in rows.iter().enumerate() {
        let at = pos2(rect.left(), y(line + 1));
        paint::text(painter, at, Align2::LEFT_CENTER, name, Text::Small, t.text_3);
        for (column, value) in values.iter().enumerate().take(heads.len()) {
            let at = pos2(right(column), y(line + 1));
            let (words, ink) = value.as_deref().map_or(("–", t.text_3), |value| (value, t.text));
            paint::text(painter, at, Align2::RIGHT_CENTER, words, Text::Cell, ink);
        }
    }
    response.widget_info(|| {
        let row = |(name, values): &(&str, Vec<Option<String>>)| {
            let values = heads
                .iter()
                .zip(values)
                .map(|(head, value)| format!("{head} {}", value.as_deref().unwrap_or(tr!("none"))));
            format!("{name} {}", values.collect::<Vec<_>>().join(", "))
        };
        let rows: Vec<String> = rows.iter().map(row).collect();
        WidgetInfo::labeled(Role::Label, true, format!("{title}: {}", rows.join("; ")))
    });
    response
}
