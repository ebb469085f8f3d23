//! Lines over an axis: ranges as bands, named points, lines across, the load line, names at the ends.

use eframe::egui::accesskit::Role;
use eframe::egui::{
    Align2, Color32, CornerRadius, Mesh, Pos2, Rect, Response, Sense, Shape, Stroke, Ui, WidgetInfo, pos2,
    vec2,
};

use super::{Verdict, paint};
use crate::language::{fixed, localized, tr};
use crate::ui::theme::{Text, Tokens};

/// How a line is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrendStyle {
    /// What the chart is about.
    Main,
    /// What it is compared with.
    Other,
    /// What is beside the point.
    Dashed,
}

/// A point of a line: x; the lower end of the range, the estimate, the upper end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TrendPoint {
    /// To the right.
    pub x: f64,
    /// Lower end of the range.
    pub low: f64,
    /// The estimate.
    pub mid: f64,
    /// Upper end.
    pub high: f64,
}

/// A line.
#[derive(Clone, Debug, PartialEq)]
pub struct TrendLine<'a> {
    /// Its name, at its end; empty: none.
    pub name: &'a str,
    /// More, under the name.
    pub note: &'a str,
    /// How it is drawn.
    pub style: TrendStyle,
    /// Points, rising in x.
    pub points: Vec<TrendPoint>,
}

/// A named point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TrendMark<'a> {
    /// Where.
    pub at: [f64; 2],
    /// Its name.
    pub text: &'a str,
    /// It is what counts.
    pub strong: bool,
}

/// A chart.
#[derive(Clone, Debug)]
pub struct Trend<'a> {
    /// Ends of the x axis.
    pub x: [f64; 2],
    /// Each step of the x axis doubles.
    pub doubling: bool,
    /// What the x axis shows.
    pub x_name: &'a str,
    /// Upper end of the y axis, which begins at zero.
    pub top: f64,
    /// Lines.
    pub lines: Vec<TrendLine<'a>>,
    /// Named points.
    pub marks: Vec<TrendMark<'a>>,
    /// Dashed lines across, with their names.
    pub across: Vec<(f64, &'a str)>,
    /// Where the load line stands, with its name.
    pub load_line: Option<(f64, &'a str)>,
    /// A line drops from strong points.
    pub drops: bool,
    /// How a y value is written.
    pub number: fn(f64) -> String,
    /// What a screen reader says.
    pub spoken: &'a str,
    /// Height, with ticks and names.
    pub height: f32,
}

/// Room above the field, and below it for ticks and the axis' name.
const ABOVE: f32 = 10.0;
const BELOW: f32 = 38.0;
/// Between a number and the field.
const GAP: f32 = 8.0;
/// Widest room for names at the ends of lines.
const NAMES_MAX: f32 = 118.0;

struct Field<'a> {
    rect: Rect,
    chart: &'a Trend<'a>,
}

impl Field<'_> {
    fn x(&self, x: f64) -> f32 {
        let scale = |x: f64| if self.chart.doubling { x.max(1e-9).log2() } else { x };
        let [from, to] = self.chart.x.map(scale);
        let share = (scale(x) - from) / (to - from).max(1e-12);
        self.rect.left() + share.clamp(-0.01, 1.01) as f32 * self.rect.width()
    }

    fn y(&self, y: f64) -> f32 {
        // What is far off is cut at the upper edge.
        let share = (y / self.chart.top.max(1e-12)).clamp(0.0, 1.03);
        self.rect.bottom() - share as f32 * self.rect.height()
    }

    fn at(&self, x: f64, y: f64) -> Pos2 {
        pos2(self.x(x), self.y(y))
    }

    fn value_at(&self, x: f32) -> f64 {
        let share = f64::from((x - self.rect.left()) / self.rect.width().max(1.0));
        if self.chart.doubling {
            let [from, to] = self.chart.x.map(|x| x.max(1e-9).log2());
            share.mul_add(to - from, from).exp2()
        } else {
            let [from, to] = self.chart.x;
            share.mul_add(to - from, from)
        }
    }
}

impl Trend<'_> {
    /// Draws the chart, as wide as there is room. Hovering tells the values at the pointer.
    pub fn show(&self, ui: &mut Ui) -> Response {
        let wanted = vec2(ui.available_width(), self.height);
        let (rect, response) = ui.allocate_exact_size(wanted, Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::GraphicsDocument, true, self.spoken));
        let has_height = self.top.is_finite() && self.top > 0.0;
        if !(has_height && ui.is_rect_visible(rect)) {
            return response;
        }
        let rect = paint::snap(ui, rect);
        let (top, step) = super::chart::axis::nice_top(self.top);
        let scaled = Self { top, ..self.clone() };
        let t = Tokens::of(ui);
        let numbers = self.ticks(top, step);
        let width = |text: &str| paint::galley(ui.painter(), text, Text::Small, t.text_2).size().x;
        let left = numbers.iter().map(|(_, text)| width(text)).fold(0.0, f32::max) + GAP;
        let names = self.lines.iter().map(|line| width(line.name).max(width(line.note))).fold(0.0, f32::max);
        let right = if names > 0.0 { names.min(NAMES_MAX) + GAP } else { 4.0 };
        let field = Field {
            rect: Rect::from_min_max(
                rect.min + vec2(left, ABOVE),
                pos2(rect.right() - right, rect.bottom() - BELOW),
            ),
            chart: &scaled,
        };
        if field.rect.width() < 40.0 {
            return response;
        }
        ground(ui, &field, &numbers);
        x_axis(ui, &field);
        for line in &self.lines {
            draw_line(ui, &field, line);
        }
        over(ui, &field);
        names_at_ends(ui, &field, rect.right());
        match response.hover_pos() {
            Some(pointer) if field.rect.contains(pointer) => hover(ui, response, &field, pointer),
            _ => response,
        }
    }

    fn ticks(&self, top: f64, step: f64) -> Vec<(f64, String)> {
        let count = (top / step).round() as u32;
        (0..=count).map(|at| f64::from(at) * step).map(|y| (y, (self.number)(y))).collect()
    }
}

fn ground(ui: &Ui, field: &Field<'_>, numbers: &[(f64, String)]) {
    let t = Tokens::of(ui);
    let rect = field.rect;
    if let Some((at, _)) = field.chart.load_line {
        let zone = Rect::from_min_max(pos2(field.x(at), rect.top()), rect.max);
        ui.painter().rect_filled(paint::snap(ui, zone), CornerRadius::ZERO, t.spill_zone);
    }
    for (y, text) in numbers {
        let at = field.y(*y);
        let line = Rect::from_min_size(pos2(rect.left(), at), vec2(rect.width(), 1.0));
        let color = t.line.gamma_multiply(0.7);
        ui.painter().rect_filled(paint::snap(ui, line), CornerRadius::ZERO, color);
        let anchor = pos2(rect.left() - GAP, at);
        paint::text(ui.painter(), anchor, Align2::RIGHT_CENTER, text, Text::Small, t.text_2);
    }
}

fn x_axis(ui: &Ui, field: &Field<'_>) {
    let t = Tokens::of(ui);
    let [from, to] = field.chart.x;
    let mut ticks: Vec<f64> = Vec::new();
    if field.chart.doubling {
        let mut at = from.max(1.0);
        while at <= to * 1.000_001 && ticks.len() < 40 {
            ticks.push(at);
            at *= 2.0;
        }
    } else {
        let (end, step) = super::chart::axis::nice_top(to);
        let count = (end / step).round() as u32;
        ticks.extend(
            (0..=count).map(|at| f64::from(at) * step).filter(|at| *at >= from && *at <= to * 1.000_001),
        );
    }
    let mut free_from = f32::NEG_INFINITY;
    for at in ticks {
        let words = paint::galley(ui.painter(), &axis_number(at), Text::Small, t.text_2);
        let half = words.size().x / 2.0;
        let x = field.x(at);
        if x - half < free_from {
            continue;
        }
        free_from = x + half + 10.0;
        let place = Align2::CENTER_CENTER.anchor_size(pos2(x, field.rect.bottom() + 12.0), words.size());
        ui.painter().galley(place.min, words, t.text_2);
    }
    let at = pos2(field.rect.center().x, field.rect.bottom() + 29.0);
    paint::text(ui.painter(), at, Align2::CENTER_CENTER, field.chart.x_name, Text::Small, t.text_2);
}

/// "160", "2.5", "40K", "2M".
fn axis_number(value: f64) -> String {
    let short = |value: f64| {
        let text = format!("{value:.1}");
        localized(text.strip_suffix(".0").map_or(text.clone(), str::to_owned))
    };
    match value {
        v if v >= 1e9 => format!("{}G", short(v / 1e9)),
        v if v >= 1e6 => format!("{}M", short(v / 1e6)),
        v if v >= 1e4 => format!("{}K", short(v / 1e3)),
        v if v > 0.0 && v < 0.095 => fixed(v, 3),
        v => short(v),
    }
}

fn ink(style: TrendStyle, t: &Tokens) -> Color32 {
    match style {
        TrendStyle::Main => t.accent,
        TrendStyle::Other => t.text_2,
        TrendStyle::Dashed => t.text_3,
    }
}

fn draw_line(ui: &Ui, field: &Field<'_>, line: &TrendLine<'_>) {
    let t = Tokens::of(ui);
    let painter = ui.painter().with_clip_rect(field.rect.expand2(vec2(1.0, 0.5)));
    let has_range = line.points.iter().any(|point| point.high > point.low);
    if has_range && line.style == TrendStyle::Main {
        let mut band = Mesh::default();
        for point in &line.points {
            band.colored_vertex(field.at(point.x, point.high), t.band);
            band.colored_vertex(field.at(point.x, point.low), t.band);
        }
        for at in 0..line.points.len().saturating_sub(1) as u32 {
            band.add_triangle(2 * at, 2 * at + 1, 2 * at + 2);
            band.add_triangle(2 * at + 1, 2 * at + 2, 2 * at + 3);
        }
        painter.add(Shape::mesh(band));
    }
    let points: Vec<Pos2> = line.points.iter().map(|point| field.at(point.x, point.mid)).collect();
    let color = ink(line.style, t);
    if line.style == TrendStyle::Dashed {
        painter.extend(Shape::dashed_line(&points, Stroke::new(1.5, color), 4.0, 3.0));
    } else {
        painter.add(Shape::line(points, Stroke::new(2.0, color)));
    }
}

fn over(ui: &Ui, field: &Field<'_>) {
    let t = Tokens::of(ui);
    let (painter, rect) = (ui.painter(), field.rect);
    let mut taken: Vec<f32> = Vec::new();
    for (y, name) in &field.chart.across {
        let at = field.y(*y);
        let ends = [pos2(rect.left(), at), pos2(rect.right(), at)];
        painter.extend(Shape::dashed_line(&ends, Stroke::new(1.0, t.text_3), 4.0, 3.0));
        // Above the line, or below it where another name is too near.
        let above = taken.iter().all(|other| (other - (at - 8.0)).abs() > 13.0) && at - 14.0 > rect.top();
        let place = if above { at - 8.0 } else { at + 8.0 };
        taken.push(place);
        let at = pos2(rect.right() - 6.0, place);
        on_ground(ui, at, Align2::RIGHT_CENTER, name, Text::Small, t.text_2);
    }
    if let Some((at, name)) = field.chart.load_line {
        let x = field.x(at);
        paint::load_line(ui, painter, x, rect.top() - 5.0, rect.bottom());
        on_ground(ui, pos2(x - 6.0, rect.top() + 8.0), Align2::RIGHT_CENTER, name, Text::SmallMedium, t.text);
        let words = paint::galley(painter, tr!("spills to RAM"), Text::Small, Verdict::Offload.text(t));
        if x + 8.0 + words.size().x <= rect.right() {
            let place = Align2::LEFT_CENTER.anchor_size(pos2(x + 8.0, rect.top() + 8.0), words.size());
            painter.galley(place.min, words, t.text);
        }
    }
    for mark in &field.chart.marks {
        let [x, y] = mark.at;
        let at = field.at(x, y);
        if field.chart.drops && mark.strong {
            let color = t.text_3;
            paint::dashed_line(ui, painter, at.x, at.y, rect.bottom(), color);
        }
        painter.circle_filled(at, 6.0, t.card);
        painter.circle_filled(at, 4.5, if mark.strong { t.text } else { t.accent });
        let style = if mark.strong { Text::SmallStrong } else { Text::Small };
        let size = paint::galley(painter, mark.text, style, t.text).size();
        let (place, anchor) = if field.chart.drops {
            (pos2(at.x + 8.0, at.y + 14.0), Align2::LEFT_CENTER)
        } else if at.x + 10.0 + size.x <= rect.right() && at.x - size.x / 2.0 < rect.left() {
            (pos2(at.x + 10.0, at.y - 8.0), Align2::LEFT_CENTER)
        } else {
            (pos2(at.x, at.y - 14.0), Align2::CENTER_CENTER)
        };
        let most = rect.right() - size.x * if anchor == Align2::LEFT_CENTER { 1.0 } else { 0.5 };
        on_ground(ui, pos2(place.x.min(most), place.y), anchor, mark.text, style, t.text);
    }
}

/// Text with a little of the card's ground under it, so that lines do not cross it.
fn on_ground(ui: &Ui, at: Pos2, anchor: Align2, words: &str, style: Text, color: Color32) {
    let t = Tokens::of(ui);
    let galley = paint::galley(ui.painter(), words, style, color);
    let rect = anchor.anchor_size(at, galley.size());
    let ground = t.card.gamma_multiply(0.75);
    ui.painter().rect_filled(rect.expand2(vec2(2.0, 0.0)), CornerRadius::same(2), ground);
    ui.painter().galley(rect.min, galley, color);
}

fn names_at_ends(ui: &Ui, field: &Field<'_>, right: f32) {
    let t = Tokens::of(ui);
    let mut ends: Vec<(f32, &TrendLine<'_>)> = field
        .chart
        .lines
        .iter()
        .filter(|line| !line.name.is_empty())
        .filter_map(|line| Some((field.y(line.points.last()?.mid), line)))
        .collect();
    ends.sort_by(|a, b| a.0.total_cmp(&b.0));
    // Names that would lie over each other move down.
    let mut free_from = field.rect.top();
    for (wanted, line) in ends {
        let height = if line.note.is_empty() { 14.0 } else { 28.0 };
        let y = wanted.max(free_from).min(field.rect.bottom() - height / 2.0);
        free_from = y + height;
        let left = field.rect.right() + GAP;
        let room = right - left;
        let color = if line.style == TrendStyle::Main { t.text } else { t.text_2 };
        let at = pos2(left, y);
        paint::text_within(ui.painter(), at, room, line.name, Text::SmallMedium, color);
        if !line.note.is_empty() {
            paint::text_within(ui.painter(), at + vec2(0.0, 13.0), room, line.note, Text::Small, t.text_3);
        }
    }
}

/// A line between two of its points.
fn between(points: &[TrendPoint], x: f64) -> Option<TrendPoint> {
    let next = points.iter().position(|point| point.x >= x)?;
    let b = points[next];
    let Some(a) = next.checked_sub(1).map(|before| points[before]) else { return Some(b) };
    let share = (x - a.x) / (b.x - a.x).max(1e-12);
    let mix = |a: f64, b: f64| a + (b - a) * share;
    Some(TrendPoint { x, low: mix(a.low, b.low), mid: mix(a.mid, b.mid), high: mix(a.high, b.high) })
}

fn hover(ui: &Ui, response: Response, field: &Field<'_>, pointer: Pos2) -> Response {
    let t = Tokens::of(ui);
    let x = field.value_at(pointer.x);
    let x = if field.chart.doubling { x.round().max(1.0) } else { x };
    let number = field.chart.number;
    let mut words = vec![format!("{} {}", axis_number(x), field.chart.x_name)];
    ui.painter().vline(
        paint::snap_x(ui, field.x(x)) + 0.5,
        field.rect.y_range(),
        Stroke::new(1.0, t.line_strong),
    );
    for line in &field.chart.lines {
        let Some(there) = between(&line.points, x) else { continue };
        let name = if line.name.is_empty() { String::new() } else { format!("{}: ", line.name) };
        let range = if there.high > there.low {
            tr!(" ({low} to {high})", low = number(there.low), high = number(there.high))
        } else {
            String::new()
        };
        words.push(format!("{name}{}{range}", number(there.mid)));
    }
    response.on_hover_text_at_pointer(words.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axis_numbers_are_short() {
        for (value, text) in
            [(0.0, "0"), (2.5, "2.5"), (160.0, "160"), (40_000.0, "40K"), (2e6, "2M"), (0.05, "0.050")]
        {
            assert_eq!(axis_number(value), text);
        }
    }

    #[test]
    fn between_points_it_is_straight() {
        let point = |x: f64, mid: f64| TrendPoint { x, low: mid - 1.0, mid, high: mid + 1.0 };
        let points = [point(0.0, 10.0), point(10.0, 20.0)];
        assert_eq!(between(&points, 5.0), Some(point(5.0, 15.0)));
        assert_eq!(between(&points, 0.0), Some(point(0.0, 10.0)));
        assert_eq!(between(&points, 11.0), None);
    }
}
