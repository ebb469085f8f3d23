//! What a chart paints: grid, areas, bands, lines, points, limits.

use eframe::egui::epaint::Mesh;
use eframe::egui::{Align2, Color32, CornerRadius, Painter, Pos2, Rect, Shape, Stroke, Ui, pos2, vec2};

use super::{AreaPart, Chart, Frame, Ink, Limit};
use crate::ui::theme::{Text, Tokens};
use crate::ui::widgets::{Verdict, paint};

/// Tinted ground past a limit, and the grid.
pub(super) fn ground(ui: &Ui, chart: &Chart<'_>, frame: &Frame<'_>) {
    let t = Tokens::of(ui);
    let field = frame.field;
    for limit in chart.limits {
        if let Limit::Down(x, _) = limit {
            let from = frame.along(*x).clamp(field.left(), field.right());
            let zone = field.with_min_x(from);
            ui.painter().rect_filled(paint::snap(ui, zone), CornerRadius::ZERO, t.spill_zone);
        }
    }
    for (value, _) in &frame.y.ticks {
        let line = Rect::from_min_size(pos2(field.left(), frame.up(*value)), vec2(field.width(), 1.0));
        ui.painter().rect_filled(paint::snap(ui, line), CornerRadius::ZERO, t.line.gamma_multiply(0.7));
    }
}

/// Areas, bands, lines, points.
pub(super) fn marks(ui: &Ui, chart: &Chart<'_>, frame: &Frame<'_>) {
    let t = Tokens::of(ui);
    let painter = ui.painter().with_clip_rect(frame.field.expand(6.0).intersect(ui.clip_rect()));
    let mut below: Option<Vec<Pos2>> = None;
    for area in chart.areas {
        let top: Vec<Pos2> = area.points.iter().map(|point| frame.at(*point)).collect();
        let ground = below.unwrap_or_else(|| top.iter().map(|at| pos2(at.x, frame.field.bottom())).collect());
        between(&painter, &ground, &top, part_color(t, area.part));
        below = Some(top);
    }
    for line in chart.lines.iter().filter(|line| line.band.len() == line.points.len()) {
        let edge = |side: usize| -> Vec<Pos2> {
            line.points.iter().zip(line.band).map(|(point, band)| frame.at([point[0], band[side]])).collect()
        };
        between(&painter, &edge(0), &edge(1), t.band);
    }
    for line in chart.lines {
        let points: Vec<Pos2> = line.points.iter().map(|point| frame.at(*point)).collect();
        stroke(&painter, points, line.ink, t);
    }
    for dot in chart.dots {
        let at = frame.at(dot.at);
        let [low, high] = dot.range.map(|y| frame.up(y).clamp(frame.field.top(), frame.field.bottom()));
        painter.line_segment([pos2(at.x, low), pos2(at.x, high)], Stroke::new(1.0, t.text_3));
        if dot.chosen {
            painter.circle_stroke(at, 9.0, Stroke::new(2.0, t.accent));
        }
        if dot.name.is_empty() && !dot.chosen {
            painter.circle_filled(at, 2.5, t.text_3);
        } else {
            painter.circle_filled(at, 6.5, t.card);
            dot.verdict.paint(&painter, at, dot.verdict.text(t));
        }
    }
    if let Some(here) = chart.here.filter(|here| frame.x.holds(here[0])) {
        painter.circle_filled(frame.at(here), 6.5, t.card);
        painter.circle_filled(frame.at(here), 5.0, t.text);
    }
}

/// The colour of a part of memory, as in the memory bar.
pub(super) fn part_color(t: &Tokens, part: AreaPart) -> Color32 {
    match part {
        AreaPart::Weights => t.part.weights,
        AreaPart::Cache => t.part.kv_cache,
        AreaPart::Rest => t.part.compute,
    }
}

fn stroke(painter: &Painter, points: Vec<Pos2>, ink: Ink, t: &Tokens) {
    match ink {
        Ink::Main => {
            painter.add(Shape::line(points, Stroke::new(2.0, t.accent)));
        }
        Ink::Thin => {
            painter.add(Shape::line(points, Stroke::new(1.5, t.text)));
        }
        Ink::Dashed => {
            painter.extend(Shape::dashed_line(&points, Stroke::new(2.0, t.text_2), 7.0, 4.0));
        }
        Ink::Faint => {
            painter.add(Shape::line(points, Stroke::new(1.0, t.text_3)));
        }
        Ink::Dotted => {
            painter.extend(Shape::dashed_line(&points, Stroke::new(2.0, t.text_2), 2.0, 3.0));
        }
    }
}

/// Fills what lies between two lines with as many points.
fn between(painter: &Painter, below: &[Pos2], above: &[Pos2], color: Color32) {
    let mut mesh = Mesh::default();
    for (low, high) in below.iter().zip(above) {
        mesh.colored_vertex(*low, color);
        mesh.colored_vertex(*high, color);
    }
    let pairs = below.len().min(above.len()).saturating_sub(1) as u32;
    for pair in 0..pairs {
        let first = 2 * pair;
        mesh.add_triangle(first, first + 1, first + 2);
        mesh.add_triangle(first + 1, first + 3, first + 2);
    }
    painter.add(Shape::mesh(mesh));
}

/// Numbers left of the field, ticks below it, each only where there is room.
pub(super) fn axes(ui: &Ui, frame: &Frame<'_>) {
    let t = Tokens::of(ui);
    let (painter, field) = (ui.painter(), frame.field);
    for (value, words) in &frame.y.ticks {
        let at = pos2(field.left() - super::GAP, frame.up(*value));
        paint::text(painter, at, Align2::RIGHT_CENTER, words, Text::Small, t.text_2);
    }
    let mut free_from = f32::NEG_INFINITY;
    for (value, words) in &frame.x.ticks {
        let words = paint::galley(painter, words, Text::Small, t.text_2);
        let half = words.size().x / 2.0;
        // The last tick stays inside the chart; the first may stand under the axis' numbers.
        let center = frame.along(*value).min(field.right() - half);
        if center - half < free_from {
            continue;
        }
        free_from = center + half + 10.0;
        let at = Align2::CENTER_CENTER.anchor_size(pos2(center, field.bottom() + 12.0), words.size());
        painter.galley(at.min, words, t.text_2);
    }
}

/// Load lines with their words.
pub(super) fn limits(ui: &Ui, chart: &Chart<'_>, frame: &Frame<'_>) {
    let t = Tokens::of(ui);
    let (painter, field) = (ui.painter(), frame.field);
    let mut row = field.top() + 8.0;
    for limit in chart.limits {
        match *limit {
            Limit::Across(y, words) if frame.y.holds(y) => {
                let line =
                    Rect::from_min_size(pos2(field.left(), frame.up(y) - 1.0), vec2(field.width(), 2.0));
                painter.rect_filled(paint::snap(ui, line), CornerRadius::ZERO, t.text);
                label(
                    painter,
                    pos2(field.left() + 6.0, frame.up(y) - 9.0),
                    Align2::LEFT_CENTER,
                    words,
                    t.text,
                    t,
                );
            }
            Limit::AcrossDashed(y, words) if frame.y.holds(y) => {
                let y = frame.up(y).round() + 0.5;
                let stroke = Stroke::new(1.0, t.text_2);
                let ends = [pos2(field.left(), y), pos2(field.right(), y)];
                painter.extend(Shape::dashed_line(&ends, stroke, 4.0, 3.0));
                label(painter, pos2(field.left() + 6.0, y - 8.0), Align2::LEFT_CENTER, words, t.text_2, t);
            }
            Limit::Down(x, words) | Limit::DownPlain(x, words) => {
                let at = frame.along(x);
                if frame.x.holds(x) {
                    paint::load_line(ui, painter, at, field.top() - 5.0, field.bottom());
                }
                let color =
                    if matches!(limit, Limit::Down(..)) { Verdict::Offload.text(t) } else { t.text_2 };
                let galley = paint::galley(painter, words, Text::Small, color);
                let left = at.max(field.left()) + 8.0;
                // At the left of the line where the right has no room.
                let left =
                    if left + galley.size().x <= field.right() { left } else { at - 6.0 - galley.size().x };
                if left >= field.left() {
                    painter.galley(pos2(left, row - galley.size().y / 2.0), galley, color);
                    row += 14.0;
                }
            }
            Limit::Across(..) | Limit::AcrossDashed(..) => {}
        }
    }
}

/// Words over whatever is there.
pub(super) fn label(painter: &Painter, at: Pos2, anchor: Align2, words: &str, color: Color32, t: &Tokens) {
    let galley = paint::galley(painter, words, Text::Small, color);
    let rect = anchor.anchor_size(at, galley.size());
    painter.rect_filled(rect.expand2(vec2(3.0, 0.0)), CornerRadius::same(3), t.card.gamma_multiply(0.85));
    painter.galley(rect.min, galley, color);
}
