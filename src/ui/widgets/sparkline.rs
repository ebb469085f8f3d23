//! A small graph of the last minute.

use eframe::egui::accesskit::Role;
use eframe::egui::{
    Align2, CornerRadius, Mesh, Pos2, Rect, Response, Sense, Shape, Stroke, Ui, WidgetInfo, pos2, vec2,
};

use super::paint;
use crate::language::tr;
use crate::ui::theme::{Text, Tokens};

/// A value over the last `span` seconds, with its name and its present value above. 58 high.
#[derive(Clone, Copy, Debug)]
pub struct Sparkline<'a> {
    /// What it is: "VRAM used".
    pub name: &'a str,
    /// The present value: "0.9 GiB".
    pub value: &'a str,
    /// Seconds before now (0 is now) and value, oldest first.
    pub points: &'a [(f32, f64)],
    /// Seconds that the width stands for.
    pub span: f32,
    /// The largest value that there can be; where the values are far below it, the graph is drawn to them.
    pub most: f64,
}

/// Height of the graph.
const GRAPH: f32 = 38.0;
/// Height of the words above.
const WORDS: f32 = 20.0;

impl Sparkline<'_> {
    /// Draws it over `width`.
    pub fn show(&self, ui: &mut Ui, width: f32) -> Response {
        let t = Tokens::of(ui);
        let (rect, response) = ui.allocate_exact_size(vec2(width, WORDS + GRAPH), Sense::hover());
        if ui.is_rect_visible(rect) {
            let painter = ui.painter();
            let y = rect.top() + WORDS / 2.0 - 2.0;
            let value = paint::text(
                painter,
                pos2(rect.right(), y),
                Align2::RIGHT_CENTER,
                self.value,
                Text::Cell,
                t.text,
            );
            let room = value.left() - rect.left() - 6.0;
            paint::text_within(painter, pos2(rect.left(), y), room, self.name, Text::Small, t.text_3);
            self.graph(ui, Rect::from_min_max(pos2(rect.left(), rect.top() + WORDS), rect.max));
        }
        response.widget_info(|| WidgetInfo::labeled(Role::GraphicsDocument, true, self.sentence()));
        response
    }

    fn graph(&self, ui: &Ui, rect: Rect) {
        let t = Tokens::of(ui);
        let painter = ui.painter();
        let base = Rect::from_min_max(pos2(rect.left(), rect.bottom() - 1.0), rect.max);
        painter.rect_filled(paint::snap(ui, base), CornerRadius::ZERO, t.line);
        let top = self.top();
        let at = |(ago, value): &(f32, f64)| -> Pos2 {
            let x = rect.right() - rect.width() * (ago / self.span.max(f32::EPSILON)).clamp(0.0, 1.0);
            let share = (value / top).clamp(0.0, 1.0) as f32;
            pos2(x, rect.bottom() - 1.0 - (rect.height() - 3.0) * share)
        };
        let line: Vec<Pos2> = self.points.iter().map(at).collect();
        let mut fill = Mesh::default();
        for point in &line {
            fill.colored_vertex(*point, t.line);
            fill.colored_vertex(pos2(point.x, rect.bottom() - 1.0), t.line);
        }
        for first in (0..(2 * line.len()).saturating_sub(2) as u32).step_by(2) {
            fill.add_triangle(first, first + 1, first + 2);
            fill.add_triangle(first + 1, first + 2, first + 3);
        }
        painter.add(Shape::mesh(fill));
        match line.as_slice() {
            [] => {}
            [one] => {
                painter.circle_filled(*one - vec2(1.5, 0.0), 1.5, t.text_3);
            }
            _ => {
                painter.line(line, Stroke::new(1.5, t.text_3));
            }
        }
    }

    /// What the height stands for: all that there can be, or half as much again as there was.
    fn top(&self) -> f64 {
        let highest = self.points.iter().map(|(_, value)| *value).fold(0.0, f64::max);
        let top = if highest > self.most / 3.0 { self.most.max(highest) } else { highest * 1.5 };
        if top > 0.0 { top } else { 1.0 }
    }

    /// "VRAM used in the last 60 seconds: 0.9 GiB now".
    fn sentence(&self) -> String {
        tr!(
            "{name} in the last {span} seconds: {value} now",
            name = self.name,
            span = format!("{:.0}", self.span),
            value = self.value
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_values_fill_the_height_and_large_ones_are_held_against_the_most() {
        let top = |values: &[f64]| {
            let points: Vec<(f32, f64)> = values.iter().map(|value| (0.0, *value)).collect();
            Sparkline { name: "", value: "", points: &points, span: 60.0, most: 12.0 }.top()
        };
        assert_eq!(top(&[0.8, 1.0]), 1.5);
        assert_eq!(top(&[6.0]), 12.0);
        assert_eq!(top(&[14.0]), 14.0);
        assert_eq!(top(&[]), 1.0);
        assert_eq!(top(&[0.0]), 1.0);
    }
}
