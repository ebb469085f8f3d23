//! A chip that can be taken away, and the star of a favourite.

use eframe::egui::accesskit::Role;
use eframe::egui::{
    Align2, CursorIcon, Painter, Pos2, Rect, Response, Sense, Shape, Stroke, StrokeKind, Ui, WidgetInfo,
    pos2, vec2,
};

use super::paint;
use crate::language::tr;
use crate::ui::theme::{Text, Tokens, radius, size, space};

/// Height of a chip.
const HEIGHT: f32 = 24.0;

/// Words with a cross; a click takes them away, and so do Enter, Delete and Backspace. Answers whether it was.
pub fn removable_chip(ui: &mut Ui, words: &str) -> bool {
    const CROSS: f32 = 18.0;
    let t = Tokens::of(ui);
    let text = paint::galley(ui.painter(), words, Text::Cell, t.text);
    let wanted = vec2((text.size().x + space::S + CROSS + 2.0).min(ui.available_width()), HEIGHT);
    let (rect, response) = ui.allocate_exact_size(wanted, Sense::click());
    if ui.is_rect_visible(rect) {
        let rect = paint::snap(ui, rect);
        let lifted = response.hovered() || response.has_focus();
        let fill = if lifted { t.hover } else { t.card };
        let painter = ui.painter();
        painter.rect(rect, radius::CONTROL, fill, Stroke::new(size::LINE, t.line_strong), StrokeKind::Inside);
        let at = pos2(rect.left() + space::S, rect.center().y);
        paint::text_within(painter, at, rect.width() - space::S - CROSS, words, Text::Cell, t.text);
        let center = pos2(rect.right() - CROSS / 2.0 - 1.0, rect.center().y);
        let stroke = Stroke::new(1.3, if lifted { t.text } else { t.text_2 });
        for (from, to) in [(vec2(-3.0, -3.0), vec2(3.0, 3.0)), (vec2(-3.0, 3.0), vec2(3.0, -3.0))] {
            painter.line_segment([center + from, center + to], stroke);
        }
        paint::focus_ring(ui, &response, rect, radius::CONTROL);
    }
    response
        .widget_info(|| WidgetInfo::labeled(Role::Button, true, tr!("Remove the filter: {words}", words)));
    let by_key = response.has_focus()
        && ui.input(|input| {
            use eframe::egui::Key::{Backspace, Delete};
            input.key_pressed(Delete) || input.key_pressed(Backspace)
        });
    let clicked = response.clicked();
    response.on_hover_cursor(CursorIcon::PointingHand).on_hover_text(tr!("Click takes it away"));
    clicked || by_key
}

/// Paints a star of five points, filled or only its edge.
pub fn paint_star(painter: &Painter, center: Pos2, filled: bool, stroke: Stroke) {
    const POINTS: usize = 10;
    let corner = |place: usize| {
        let radius = if place.is_multiple_of(2) { 6.0 } else { 2.6 };
        let angle = std::f32::consts::PI * (place as f32 / 5.0 - 0.5);
        center + radius * vec2(angle.cos(), angle.sin())
    };
    let corners: Vec<Pos2> = (0..POINTS).map(corner).collect();
    if filled {
        // A star is not convex: a triangle to each point, and the middle.
        for tip in (0..POINTS).step_by(2) {
            let triangle = vec![corners[(tip + POINTS - 1) % POINTS], corners[tip], corners[tip + 1]];
            painter.add(Shape::convex_polygon(triangle, stroke.color, Stroke::NONE));
        }
        let middle = corners.iter().skip(1).step_by(2).copied().collect();
        painter.add(Shape::convex_polygon(middle, stroke.color, Stroke::new(0.5, stroke.color)));
    }
    painter.add(Shape::closed_line(corners, stroke));
}

/// The star of a model, 20 by 20: filled where it is a favourite. `name` is the model's. Answers whether it was
/// clicked.
pub fn favourite_star(ui: &mut Ui, name: &str, on: bool) -> bool {
    let (rect, response) = ui.allocate_exact_size(vec2(20.0, 20.0), Sense::click());
    star_in(ui, rect, &response, name, on)
}

/// The same in a place that was made for it.
pub fn star_in(ui: &Ui, rect: Rect, response: &Response, name: &str, on: bool) -> bool {
    let t = Tokens::of(ui);
    let color = if on || response.hovered() || response.has_focus() { t.text } else { t.text_2 };
    paint_star(ui.painter(), rect.center(), on, Stroke::new(1.2, color));
    paint::focus_ring(ui, response, rect, radius::BAR);
    response.widget_info(|| {
        let verb = if on { tr!("No longer a favourite") } else { tr!("Make a favourite") };
        WidgetInfo::selected(Role::Button, true, on, format!("{verb}: {name}"))
    });
    let words = if on { tr!("Favourite (F)") } else { tr!("Make it a favourite (F)") };
    let clicked = response.clicked();
    response.clone().on_hover_cursor(CursorIcon::PointingHand).on_hover_text(words);
    clicked
}

/// A text button without a frame, small enough for a caption's line. Answers whether it was clicked.
pub fn small_button(ui: &mut Ui, words: &str, enabled: bool) -> Response {
    let t = Tokens::of(ui);
    let text = paint::galley(ui.painter(), words, Text::Cell, t.text);
    let sense = if enabled { Sense::click() } else { Sense::hover() };
    let (rect, response) = ui.allocate_exact_size(vec2(text.size().x + space::S, HEIGHT - 4.0), sense);
    if ui.is_rect_visible(rect) {
        let color = match () {
            () if !enabled => t.text_3,
            () if response.hovered() || response.has_focus() => t.text,
            () => t.text_2,
        };
        if enabled && response.hovered() {
            ui.painter().rect_filled(rect, radius::BAR, t.hover);
        }
        paint::text(ui.painter(), rect.center(), Align2::CENTER_CENTER, words, Text::Cell, color);
        paint::focus_ring(ui, &response, rect, radius::BAR);
    }
    response.widget_info(|| WidgetInfo::labeled(Role::Button, enabled, words));
    response
}
