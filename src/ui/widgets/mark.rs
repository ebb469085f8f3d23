//! The mark: a ring crossed by one line that stands out on both sides, filled below the line.
//!
//! Painted on whole pixels at the small sizes: the line is two filled pixels, never a blurred stroke.

use eframe::egui::accesskit::Role;
use eframe::egui::{
    CornerRadius, IconData, Painter, Rect, Response, Sense, Shape, Stroke, Ui, Vec2, WidgetInfo, pos2, vec2,
};

use super::paint;
use crate::ui::theme::{DARK, Tokens};

/// Opacity of the hull in the water.
const BELOW: f32 = 0.34;

/// The mark, `side` points wide and high.
pub fn mark(ui: &mut Ui, side: f32) -> Response {
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(side), Sense::hover());
    let rect = paint::snap(ui, rect);
    paint_mark(ui.painter(), rect, Tokens::of(ui));
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, "Plimsoll"));
    response
}

fn paint_mark(painter: &Painter, rect: Rect, t: &Tokens) {
    let side = rect.width();
    let (stroke, radius) = drawing(side);
    let center = rect.center();
    let below = (0..=32).map(|i| {
        let angle = std::f32::consts::PI * i as f32 / 32.0;
        center + radius * vec2(angle.cos(), angle.sin())
    });
    painter.add(Shape::convex_polygon(below.collect(), t.accent.gamma_multiply(BELOW), Stroke::NONE));
    painter.circle_stroke(center, radius, Stroke::new(stroke, t.accent));
    // An odd stroke on an even box has no middle row: it stands half a pixel below the centre.
    let top = (center.y - stroke / 2.0 + 0.01).round();
    let line = Rect::from_min_size(pos2(rect.left(), top), vec2(side, stroke));
    painter.rect_filled(line, CornerRadius::ZERO, t.accent);
}

/// The mark as the window's icon, 64 pixels, drawn with 4 × 4 samples a pixel.
pub fn icon() -> IconData {
    const SIDE: usize = 64;
    const SAMPLES: usize = 4;
    let (stroke, radius) = drawing(SIDE as f32);
    let opacity = |x: f32, y: f32| {
        let (x, y) = (x - SIDE as f32 / 2.0, y - SIDE as f32 / 2.0);
        let from_center = x.hypot(y);
        let on_ring = (from_center - radius).abs() <= stroke / 2.0;
        match () {
            () if on_ring || y.abs() <= stroke / 2.0 => 1.0,
            () if y > 0.0 && from_center < radius => BELOW,
            () => 0.0,
        }
    };
    let mut rgba = Vec::with_capacity(SIDE * SIDE * 4);
    for pixel in 0..SIDE * SIDE {
        let (x, y) = (pixel % SIDE, pixel / SIDE);
        let mut sum = 0.0;
        for sample in 0..SAMPLES * SAMPLES {
            let shift = |step: usize| (step as f32 + 0.5) / SAMPLES as f32;
            sum += opacity(x as f32 + shift(sample % SAMPLES), y as f32 + shift(sample / SAMPLES));
        }
        let alpha = (sum / (SAMPLES * SAMPLES) as f32 * 255.0).round() as u8;
        rgba.extend([DARK.accent.r(), DARK.accent.g(), DARK.accent.b(), alpha]);
    }
    IconData { rgba, width: SIDE as u32, height: SIDE as u32 }
}

/// Stroke and radius: three drawings, so that small marks keep whole pixels.
fn drawing(side: f32) -> (f32, f32) {
    match side {
        s if s < 28.0 => (2.0, (s * 0.35).floor()),
        s if s < 48.0 => (3.0, s * 11.5 / 32.0),
        s => (s * 9.0 / 128.0, s * 45.0 / 128.0),
    }
}

#[cfg(test)]
mod tests {
    use super::{drawing, icon};

    #[test]
    fn the_designed_sizes() {
        assert_eq!(drawing(16.0), (2.0, 5.0));
        assert_eq!(drawing(20.0), (2.0, 7.0));
        assert_eq!(drawing(32.0), (3.0, 11.5));
        assert_eq!(drawing(128.0), (9.0, 45.0));
    }

    #[test]
    fn the_icon_is_open_above_the_line_and_filled_below() {
        let icon = icon();
        let alpha = |x: usize, y: usize| icon.rgba[(y * 64 + x) * 4 + 3];
        assert_eq!(icon.rgba.len(), 64 * 64 * 4);
        assert_eq!(alpha(0, 0), 0);
        assert_eq!(alpha(32, 20), 0);
        assert_eq!(alpha(0, 32), 255);
        assert_eq!(alpha(32, 44), 87);
    }
}
