//! A memory as it is: free up to the load line, and beyond it a hatched piece for each holder.

use eframe::egui::accesskit::Role;
use eframe::egui::{CornerRadius, Rect, Response, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use super::paint;
use crate::ui::theme::{Tokens, radius, size};
use crate::units::Bytes;

/// Height of the bar, and how far the load line stands out of it on both sides.
const BAR: f32 = 18.0;
const OUT: f32 = 4.0;

/// A bar over the available width: `free` of `total`, and who holds the rest at its far end, the largest
/// nearest to the load line. `sentence` is what a screen reader says. 26 high.
pub fn held_bar(ui: &mut Ui, free: Bytes, total: Bytes, pieces: &[Bytes], sentence: &str) -> Response {
    let t = Tokens::of(ui);
    let wanted = vec2(ui.available_width(), BAR + 2.0 * OUT);
    let (rect, response) = ui.allocate_exact_size(wanted, Sense::hover());
    if ui.is_rect_visible(rect) && total > Bytes::ZERO {
        let bar = paint::snap(ui, rect.shrink2(vec2(0.0, OUT)));
        let painter = ui.painter();
        painter.rect(bar, radius::BAR, t.bg, Stroke::new(size::LINE, t.line_strong), StrokeKind::Inside);
        let inside = bar.shrink(size::LINE);
        let at =
            |size: Bytes| inside.left() + inside.width() * (size.gib() / total.gib()).clamp(0.0, 1.0) as f32;
        let mut from = free;
        for piece in pieces {
            let to = from + *piece;
            let (left, right) = (at(from), at(to));
            let end = to >= total || right >= inside.right() - 0.5;
            let round = if end { CornerRadius { nw: 0, sw: 0, ne: 2, se: 2 } } else { CornerRadius::ZERO };
            let part = Rect::from_min_max(pos2(left, inside.top()), pos2(right, inside.bottom()));
            paint::hatch(painter, part, round, t);
            if !end && right - left > 2.0 {
                let line = Rect::from_min_size(pos2(right, inside.top()), vec2(size::LINE, inside.height()));
                painter.rect_filled(paint::snap(ui, line), CornerRadius::ZERO, t.line_strong);
            }
            from = to;
        }
        paint::load_line(ui, painter, at(free) - size::LOAD_LINE / 2.0, rect.top(), rect.bottom());
    }
    response.widget_info(|| WidgetInfo::labeled(Role::Meter, true, sentence));
    response
}
