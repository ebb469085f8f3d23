//! A value over another, with its range, what was measured, and the point that is meant.

use eframe::egui::accesskit::Role;
use eframe::egui::{
    Align2, CornerRadius, Mesh, Pos2, Rect, Response, Sense, Shape, Stroke, Ui, WidgetInfo, pos2, vec2,
};

use super::paint;
use crate::ui::theme::{Text, Tokens};

/// A point of the line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RangePoint {
    /// Across.
    pub x: f64,
    /// Lower end of the range.
    pub low: f64,
    /// The estimate.
    pub mid: f64,
    /// Upper end.
    pub high: f64,
}

/// A line with its range over a linear axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RangeChart<'a> {
    /// What it shows.
    pub title: &'a str,
    /// Unit of what goes across.
    pub unit: &'a str,
    /// Rising in `x`; at least two to be drawn.
    pub points: &'a [RangePoint],
    /// What was measured.
    pub marks: &'a [(f64, f64)],
    /// Across: where the disc stands, and its words.
    pub here: Option<(f64, &'a str)>,
    /// Below this there is no evidence.
    pub from: Option<f64>,
    /// Height with ticks.
    pub height: f32,
}

const LEFT: f32 = 30.0;
const BELOW: f32 = 30.0;

impl RangeChart<'_> {
    /// Draws it over the available width.
    pub fn show(&self, ui: &mut Ui) -> Response {
        let (rect, response) =
            ui.allocate_exact_size(vec2(ui.available_width(), self.height), Sense::hover());
        let rect = paint::snap(ui, rect);
        response.widget_info(|| WidgetInfo::labeled(Role::GraphicsDocument, true, self.sentence()));
        let (&[first, ..], &[.., last]) = (self.points, self.points) else { return response };
        if last.x <= first.x || !ui.is_rect_visible(rect) {
            return response;
        }
        let field =
            Rect::from_min_max(rect.min + vec2(LEFT, 16.0), pos2(rect.right() - 6.0, rect.bottom() - BELOW));
        let low = self.marks.iter().map(|(x, _)| *x).fold(first.x, f64::min);
        let plane = Plane { field, x: (low, last.x), top: self.top() };
        self.ground(ui, &plane);
        self.line(ui, &plane);
        self.over(ui, &plane);
        match response.hover_pos() {
            Some(pointer) if field.contains(pointer) => {
                let x = plane.value(pointer.x);
                match self.at(x) {
                    Some(point) => response.on_hover_text_at_pointer(format!(
                        "{x:.0} {}: {} ({} to {})",
                        self.unit,
                        short(point.mid),
                        short(point.low),
                        short(point.high)
                    )),
                    None => response,
                }
            }
            _ => response,
        }
    }

    /// A round number above all.
    fn top(&self) -> f64 {
        let most = self.points.iter().map(|point| point.high.max(point.mid));
        let most = most.chain(self.marks.iter().map(|(_, y)| *y)).fold(0.0_f64, f64::max);
        let step = step(most);
        (most / step).ceil().max(1.0) * step
    }

    fn ground(&self, ui: &Ui, plane: &Plane) {
        let t = Tokens::of(ui);
        let painter = ui.painter();
        let field = plane.field;
        let step = step(plane.top);
        let mut y = 0.0;
        while y <= plane.top + step / 2.0 {
            let at = plane.at(plane.x.0, y);
            let line = Rect::from_min_size(pos2(field.left(), at.y), vec2(field.width(), 1.0));
            painter.rect_filled(paint::snap(ui, line), CornerRadius::ZERO, t.line.gamma_multiply(0.7));
            let at = pos2(field.left() - 6.0, at.y);
            paint::text(painter, at, Align2::RIGHT_CENTER, &short(y), Text::Small, t.text_2);
            y += step;
        }
        if let Some(from) = self.from.filter(|from| *from > plane.x.0) {
            let right = plane.at(from, 0.0).x.min(field.right());
            let zone = Rect::from_min_max(field.min, pos2(right, field.bottom()));
            painter.rect_filled(paint::snap(ui, zone), CornerRadius::ZERO, t.line.gamma_multiply(0.45));
            paint::dashed_line(ui, painter, right, field.top(), field.bottom(), t.line_strong);
            let at = pos2(right - 4.0, field.bottom() - 4.0);
            paint::text(painter, at, Align2::RIGHT_BOTTOM, "no form", Text::Small, t.text_3);
        }
        let across = step_of(plane.x.1 - plane.x.0);
        let mut x = (plane.x.0 / across).ceil() * across;
        while x <= plane.x.1 + 1e-9 {
            let at = pos2(plane.at(x, 0.0).x, field.bottom() + 4.0);
            paint::text(painter, at, Align2::CENTER_TOP, &short(x), Text::Small, t.text_2);
            x += across;
        }
        let at = pos2(field.center().x, field.bottom() + 17.0);
        paint::text(painter, at, Align2::CENTER_TOP, self.unit, Text::Small, t.text_3);
    }

    fn line(&self, ui: &Ui, plane: &Plane) {
        let t = Tokens::of(ui);
        let mut band = Mesh::default();
        for point in self.points {
            band.colored_vertex(plane.at(point.x, point.high), t.band);
            band.colored_vertex(plane.at(point.x, point.low), t.band);
        }
        for first in (0..(2 * self.points.len()).saturating_sub(2) as u32).step_by(2) {
            band.add_triangle(first, first + 1, first + 2);
            band.add_triangle(first + 1, first + 2, first + 3);
        }
        ui.painter().add(Shape::mesh(band));
        let line: Vec<Pos2> = self.points.iter().map(|point| plane.at(point.x, point.mid)).collect();
        ui.painter().line(line, Stroke::new(2.0, t.accent));
    }

    fn over(&self, ui: &Ui, plane: &Plane) {
        let t = Tokens::of(ui);
        let painter = ui.painter();
        for (x, y) in self.marks {
            let at = plane.at(*x, *y);
            let diamond = [vec2(0.0, -4.5), vec2(4.5, 0.0), vec2(0.0, 4.5), vec2(-4.5, 0.0)];
            let points = diamond.map(|offset| at + offset).to_vec();
            painter.add(Shape::convex_polygon(points, t.card, Stroke::new(1.5, t.text_2)));
        }
        if let Some((x, words)) = self.here
            && let Some(point) = self.at(x)
        {
            let at = plane.at(x, point.mid);
            paint::dashed_line(ui, painter, at.x, at.y, plane.field.bottom(), t.text_3);
            painter.circle_filled(at, 6.5, t.card);
            painter.circle_filled(at, 5.0, t.text);
            let anchor = if at.x > plane.field.center().x { Align2::RIGHT_BOTTOM } else { Align2::LEFT_BOTTOM };
            paint::text(painter, at - vec2(0.0, 9.0), anchor, words, Text::SmallStrong, t.text);
        }
    }

    /// The line at `x`, between its points.
    fn at(&self, x: f64) -> Option<RangePoint> {
        let next = self.points.iter().position(|point| point.x >= x)?;
        let b = self.points[next];
        let Some(a) = next.checked_sub(1).map(|before| self.points[before]) else {
            return (b.x == x).then_some(b);
        };
        let share = (x - a.x) / (b.x - a.x);
        let between = |a: f64, b: f64| a + (b - a) * share;
        Some(RangePoint {
            x,
            low: between(a.low, b.low),
            mid: between(a.mid, b.mid),
            high: between(a.high, b.high),
        })
    }

    fn sentence(&self) -> String {
        let (Some(first), Some(last)) = (self.points.first(), self.points.last()) else {
            return format!("{}: nothing is known", self.title);
        };
        let end = |point: &RangePoint| format!("{} at {:.0} {}", short(point.mid), point.x, self.unit);
        let here = self.here.and_then(|(x, words)| Some(format!("; {words}: {}", end(&self.at(x)?))));
        let marks = match self.marks.len() {
            0 => String::new(),
            count => format!("; {count} measured"),
        };
        format!("{}: {} to {}{}{marks}", self.title, end(first), end(last), here.unwrap_or_default())
    }
}

/// Where values lie.
struct Plane {
    field: Rect,
    x: (f64, f64),
    top: f64,
}

impl Plane {
    fn at(&self, x: f64, y: f64) -> Pos2 {
        let across = ((x - self.x.0) / (self.x.1 - self.x.0).max(1e-9)) as f32;
        let up = (y / self.top.max(1e-9)).clamp(0.0, 1.0) as f32;
        pos2(self.field.left() + self.field.width() * across, self.field.bottom() - self.field.height() * up)
    }

    fn value(&self, x: f32) -> f64 {
        let share = f64::from((x - self.field.left()) / self.field.width().max(1.0));
        self.x.0 + (self.x.1 - self.x.0) * share
    }
}

/// A round step, of which about five make `range`.
fn step(range: f64) -> f64 {
    step_of(range.max(1e-9))
}

fn step_of(range: f64) -> f64 {
    let rough = range / 4.0;
    let power = 10_f64.powf(rough.log10().floor());
    let first = rough / power;
    power * if first <= 1.0 { 1.0 } else if first <= 2.0 { 2.0 } else if first <= 5.0 { 5.0 } else { 10.0 }
}

/// A number in as few digits as it needs.
fn short(value: f64) -> String {
    match value.abs() {
        size if size == 0.0 || size >= 10.0 => format!("{value:.0}"),
        size if size >= 1.0 => format!("{value:.1}").trim_end_matches(".0").to_owned(),
        _ => format!("{value:.2}").trim_end_matches('0').to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_round() {
        assert_eq!([3.0, 70.0, 150.0, 0.9].map(step_of), [1.0, 20.0, 50.0, 0.5]);
        assert_eq!([0.0, 0.25, 0.5, 3.0, 3.5, 12.3, 250.0].map(short), ["0", "0.25", "0.5", "3", "3.5", "12", "250"]);
    }

    #[test]
    fn a_chart_says_its_ends_and_the_point_that_is_meant() {
        let point = |x, mid| RangePoint { x, low: mid * 0.9, mid, high: mid * 1.1 };
        let points = [point(200.0, 40.0), point(300.0, 44.0)];
        let chart = RangeChart {
            title: "Tokens/s",
            unit: "W",
            points: &points,
            marks: &[(250.0, 41.0)],
            here: Some((250.0, "advised")),
            from: None,
            height: 120.0,
        };
        assert_eq!(chart.sentence(), "Tokens/s: 40 at 200 W to 44 at 300 W; advised: 42 at 250 W; 1 measured");
    }
}
