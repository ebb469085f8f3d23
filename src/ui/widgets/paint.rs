//! What several widgets paint: text at a point, on a baseline, rails, dashes, hatches, the focus ring.

use std::sync::Arc;

use eframe::egui::emath::GuiRounding as _;
use eframe::egui::{
    Align, Align2, Color32, CornerRadius, Galley, Painter, Pos2, Rect, Response, Shape, Stroke, StrokeKind,
    Ui, pos2, vec2,
};

use crate::ui::theme::{Text, Tokens, size};

/// One line of text, not wrapped.
pub(super) fn galley(painter: &Painter, text: &str, style: Text, color: Color32) -> Arc<Galley> {
    painter.layout_no_wrap(text.to_owned(), style.font(), color)
}

/// Paints one line of text and says where it stands.
pub(super) fn text(
    painter: &Painter,
    at: Pos2,
    anchor: Align2,
    text: &str,
    style: Text,
    color: Color32,
) -> Rect {
    let galley = galley(painter, text, style, color);
    let rect = anchor.anchor_size(at, galley.size());
    painter.galley(rect.min, galley, color);
    rect
}

/// Paints one line of text no wider than `width`, with an ellipsis where it is cut.
pub(super) fn text_within(
    painter: &Painter,
    left_center: Pos2,
    width: f32,
    text: &str,
    style: Text,
    color: Color32,
) -> Rect {
    let mut job = eframe::egui::text::LayoutJob::simple_singleline(text.to_owned(), style.font(), color);
    job.wrap = eframe::egui::text::TextWrapping::truncate_at_width(width.max(0.0));
    let galley = painter.layout_job(job);
    let rect = Align2::LEFT_CENTER.anchor_size(left_center, galley.size());
    painter.galley(rect.min, galley, color);
    rect
}

/// Distance from a galley's top to its first baseline.
pub(super) fn ascent(galley: &Galley) -> f32 {
    let row = galley.rows.first();
    row.and_then(|row| row.glyphs.first().map(|glyph| row.pos.y + glyph.pos.y)).unwrap_or_default()
}

/// Paints `galley` with its baseline at `y`, from `x` rightwards (`Align::Min`) or leftwards (`Align::Max`).
pub(super) fn on_baseline(painter: &Painter, x: f32, y: f32, align: Align, galley: Arc<Galley>) -> Rect {
    let left = match align {
        Align::Min => x,
        Align::Center => x - galley.size().x / 2.0,
        Align::Max => x - galley.size().x,
    };
    let rect = Rect::from_min_size(pos2(left, y - ascent(&galley)), galley.size());
    painter.galley(rect.min, galley, Color32::PLACEHOLDER);
    rect
}

/// `rect` with its edges on whole pixels.
pub(super) fn snap(ui: &Ui, rect: Rect) -> Rect {
    rect.round_to_pixels(ui.pixels_per_point())
}

/// `x` on a whole pixel.
pub(super) fn snap_x(ui: &Ui, x: f32) -> f32 {
    x.round_to_pixels(ui.pixels_per_point())
}

/// The load line: a bar two points wide whose left edge is at `x`, on whole pixels.
pub(super) fn load_line(ui: &Ui, painter: &Painter, x: f32, top: f32, bottom: f32) {
    let line = Rect::from_min_max(pos2(x, top), pos2(x + size::LOAD_LINE, bottom));
    painter.rect_filled(snap(ui, line), CornerRadius::ZERO, Tokens::of(ui).text);
}

/// A second limit: one point wide, dashed.
pub(super) fn dashed_line(ui: &Ui, painter: &Painter, x: f32, top: f32, bottom: f32, color: Color32) {
    let x = snap_x(ui, x) + 0.5;
    painter.extend(Shape::dashed_line(
        &[pos2(x, top), pos2(x, bottom)],
        Stroke::new(size::LINE, color),
        4.0,
        3.0,
    ));
}

/// Diagonal hatch on `bg`: memory that other programs hold.
pub(super) fn hatch(painter: &Painter, rect: Rect, radius: CornerRadius, t: &Tokens) {
    const PITCH: f32 = 5.0;
    painter.rect_filled(rect, radius, t.bg);
    let inside = painter.with_clip_rect(rect.intersect(painter.clip_rect()));
    let stroke = Stroke::new(1.2, t.line_strong);
    let mut x = rect.left() - rect.height() + PITCH / 2.0;
    while x < rect.right() {
        inside.line_segment([pos2(x, rect.bottom()), pos2(x + rect.height(), rect.top())], stroke);
        x += PITCH;
    }
}

/// A ring around what has the keyboard's focus.
pub(super) fn focus_ring(ui: &Ui, response: &Response, rect: Rect, radius: CornerRadius) {
    if response.has_focus() {
        let stroke = Stroke::new(1.5, Tokens::of(ui).accent);
        ui.painter().rect_stroke(rect, radius, stroke, StrokeKind::Inside);
    }
}

/// The part of `rect` from its left edge to `share` of its width.
pub(super) fn left_part(rect: Rect, share: f32) -> Rect {
    Rect::from_min_size(rect.min, vec2(rect.width() * share.clamp(0.0, 1.0), rect.height()))
}
