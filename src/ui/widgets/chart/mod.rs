//! A chart: areas, lines and points over two axes, limits across and down, a crosshair that tells values.
//!
//! The crosshair follows the pointer, or the arrow keys while the chart has the focus.

pub(in crate::ui::widgets) mod axis;
mod labels;
mod paint;

use eframe::egui::accesskit::Role;
use eframe::egui::{
    EventFilter, Key, Modifiers, Pos2, Rect, Response, Sense, Tooltip, Ui, WidgetInfo, pos2, vec2,
};

use super::Verdict;
use super::paint as draw;
use crate::ui::theme::{Text, Tokens, radius};

pub use axis::Axis;

/// How a line is drawn. Each differs from the others without its colour too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// Wide and whole.
    Main,
    /// Dashed.
    Dashed,
    /// Thin and whole.
    Thin,
    /// Dotted.
    Dotted,
    /// Weak, where the points on it matter.
    Faint,
}

impl Ink {
    /// Those that lines beside each other take, in the order in which they do.
    pub const BESIDE: [Self; 4] = [Self::Main, Self::Dashed, Self::Thin, Self::Dotted];
}

/// A line.
#[derive(Clone, Copy, Debug)]
pub struct ChartLine<'a> {
    /// Its name, at its right end; may be empty.
    pub name: &'a str,
    /// Points, rising in x.
    pub points: &'a [[f64; 2]],
    /// Lower and upper ends of an estimate's range at the same places; may be empty.
    pub band: &'a [[f64; 2]],
    /// How it is drawn.
    pub ink: Ink,
}

impl ChartLine<'_> {
    /// Its height at a place: that of a point, or between two; `None` where it is not.
    pub fn height_at(&self, x: f64) -> Option<f64> {
        height_at(self.points, x)
    }
}

/// What an area is part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AreaPart {
    /// Weights.
    Weights,
    /// KV cache.
    Cache,
    /// All else.
    Rest,
}

/// An area on top of the one before it.
#[derive(Clone, Copy, Debug)]
pub struct ChartArea<'a> {
    /// Its name.
    pub name: &'a str,
    /// What it is part of.
    pub part: AreaPart,
    /// Its upper edge, rising in x; at the same places as that of the one before it.
    pub points: &'a [[f64; 2]],
}

/// A point.
#[derive(Clone, Copy, Debug)]
pub struct ChartDot<'a> {
    /// Where it stands.
    pub at: [f64; 2],
    /// Lower and upper end of its range in y.
    pub range: [f64; 2],
    /// Its name, beside it; where it is empty the point is small.
    pub name: &'a str,
    /// Its shape.
    pub verdict: Verdict,
    /// It is chosen.
    pub chosen: bool,
}

/// A line that says what there is.
#[derive(Clone, Copy, Debug)]
pub enum Limit<'a> {
    /// At this height.
    Across(f64, &'a str),
    /// The same for what is less strict: thin and dashed.
    AcrossDashed(f64, &'a str),
    /// At this place along the chart; what lies beyond is tinted.
    Down(f64, &'a str),
    /// The same, but nothing beyond is tinted.
    DownPlain(f64, &'a str),
}

/// A chart.
pub struct Chart<'a> {
    /// What it shows; apart from others in the same place.
    pub name: &'a str,
    /// Height with ticks.
    pub height: f32,
    /// Along.
    pub x: &'a Axis,
    /// Up.
    pub y: &'a Axis,
    /// Areas, from the bottom.
    pub areas: &'a [ChartArea<'a>],
    /// Lines.
    pub lines: &'a [ChartLine<'a>],
    /// Points.
    pub dots: &'a [ChartDot<'a>],
    /// What there is.
    pub limits: &'a [Limit<'a>],
    /// What is chosen, on the first line.
    pub here: Option<[f64; 2]>,
    /// Places of the crosshair, rising.
    pub stops: &'a [f64],
    /// What stands at such a place, in words.
    pub words: &'a dyn Fn(usize) -> String,
    /// All of it in a sentence.
    pub spoken: &'a str,
}

impl std::fmt::Debug for Chart<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Chart").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Room for the x axis' ticks.
const BELOW: f32 = 15.0;
/// Room over the field, for limits and names that stand at its top.
const ABOVE: f32 = 8.0;
/// From the axis' numbers to the field.
const GAP: f32 = 6.0;

/// Where a chart's values stand.
struct Frame<'a> {
    field: Rect,
    x: &'a Axis,
    y: &'a Axis,
}

impl Frame<'_> {
    fn at(&self, [x, y]: [f64; 2]) -> Pos2 {
        pos2(self.along(x), self.up(y))
    }

    fn along(&self, x: f64) -> f32 {
        self.field.left() + self.field.width() * self.x.share(x).clamp(-0.2, 1.2) as f32
    }

    fn up(&self, y: f64) -> f32 {
        self.field.bottom() - self.field.height() * self.y.share(y).clamp(-0.2, 1.2) as f32
    }
}

impl Chart<'_> {
    /// Draws it as wide as there is room. The response is the whole of it.
    pub fn show(&self, ui: &mut Ui) -> Response {
        let wanted = vec2(ui.available_width(), self.height);
        let (rect, response) = ui.allocate_exact_size(wanted, Sense::click());
        let rect = draw::snap(ui, rect);
        let stop = stop_by_keys(ui, &response, self.stops, self.here.map(|[x, _]| x));
        let spoken = match stop {
            Some(stop) => format!("{}. {}", (self.words)(stop), self.spoken),
            None => self.spoken.to_owned(),
        };
        response.widget_info(|| WidgetInfo::labeled(Role::GraphicsDocument, true, &spoken));
        if !ui.is_rect_visible(rect) {
            return response;
        }
        let frame = Frame { field: self.field(ui, rect), x: self.x, y: self.y };
        paint::ground(ui, self, &frame);
        paint::marks(ui, self, &frame);
        paint::axes(ui, &frame);
        paint::limits(ui, self, &frame);
        labels::lines(ui, self, &frame);
        labels::dots(ui, self, &frame);
        draw::focus_ring(ui, &response, rect, radius::SEGMENT);
        let pointed = response.hover_pos().filter(|at| frame.field.expand(4.0).contains(*at));
        let pointed = pointed.and_then(|at| self.nearest(&frame, at));
        if let Some(stop) = pointed.or(stop) {
            self.crosshair(ui, &response, &frame, stop, pointed.is_some());
        }
        response
    }

    fn field(&self, ui: &Ui, rect: Rect) -> Rect {
        let t = Tokens::of(ui);
        let width = |words: &str| draw::galley(ui.painter(), words, Text::Small, t.text_2).size().x;
        let left = self.y.ticks.iter().map(|(_, words)| width(words)).fold(18.0, f32::max) + GAP;
        let names = self.lines.iter().map(|line| line.name).filter(|name| !name.is_empty());
        let right = names.map(|name| width(name) + 6.0).fold(0.0, f32::max).min(0.3 * rect.width());
        Rect::from_min_max(
            rect.min + vec2(left.ceil(), ABOVE),
            pos2(rect.right() - right.ceil(), rect.bottom() - BELOW),
        )
    }

    fn nearest(&self, frame: &Frame<'_>, pointer: Pos2) -> Option<usize> {
        let far = |stop: &f64| (frame.along(*stop) - pointer.x).abs();
        let places = self.stops.iter().enumerate();
        places.min_by(|a, b| far(a.1).total_cmp(&far(b.1))).map(|(place, _)| place)
    }

    /// A line down the chart at a stop, with what stands there beside it.
    fn crosshair(&self, ui: &Ui, response: &Response, frame: &Frame<'_>, stop: usize, by_pointer: bool) {
        let Some(&x) = self.stops.get(stop) else { return };
        let t = Tokens::of(ui);
        let at = frame.along(x);
        let field = frame.field;
        draw::dashed_line(ui, ui.painter(), at, field.top(), field.bottom(), t.text_2);
        for line in self.lines {
            if let Some(y) = line.height_at(x) {
                ui.painter().circle_filled(frame.at([x, y]), 3.5, t.text);
            }
        }
        let words = (self.words)(stop);
        if by_pointer {
            // The tooltip follows the pointer.
            response.clone().on_hover_ui_at_pointer(|ui| {
                ui.label(Text::Cell.rich(words).color(t.text));
            });
        } else {
            tip(ui, response, pos2(at + 8.0, field.top()), &words);
        }
    }
}

/// The place of the crosshair that the arrow keys have led to, while a chart has the focus.
pub(in crate::ui::widgets) fn stop_by_keys(
    ui: &Ui,
    response: &Response,
    stops: &[f64],
    here: Option<f64>,
) -> Option<usize> {
    let last = stops.len().checked_sub(1)?;
    if response.clicked() {
        response.request_focus();
    }
    if !response.has_focus() {
        return None;
    }
    let filter = EventFilter { horizontal_arrows: true, ..EventFilter::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
    let key = response.id.with("stop");
    let start = here.and_then(|here| stops.iter().position(|stop| *stop >= here)).unwrap_or(0);
    let mut stop = ui.data(|data| data.get_temp::<usize>(key)).unwrap_or(start).min(last);
    ui.input_mut(|input| {
        let mut pressed = |key| input.count_and_consume_key(Modifiers::NONE, key);
        let (left, right) = (pressed(Key::ArrowLeft), pressed(Key::ArrowRight));
        if pressed(Key::Home) > 0 {
            stop = 0;
        }
        if pressed(Key::End) > 0 {
            stop = last;
        }
        stop = stop.saturating_sub(left).saturating_add(right).min(last);
    });
    ui.data_mut(|data| data.insert_temp(key, stop));
    Some(stop)
}

/// What stands at the crosshair, where no pointer has led to it.
pub(in crate::ui::widgets) fn tip(ui: &Ui, response: &Response, at: Pos2, words: &str) {
    Tooltip::always_open(ui.ctx().clone(), response.layer_id, response.id, at).show(|ui| {
        ui.label(Text::Cell.rich(words).color(Tokens::of(ui).text));
    });
}

/// Names of areas with their colours, from the bottom, in a line.
pub fn legend(ui: &mut Ui, areas: &[ChartArea<'_>]) {
    let t = Tokens::of(ui);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        for area in areas {
            let (square, _) = ui.allocate_exact_size(vec2(9.0, 9.0), Sense::hover());
            ui.painter().rect_filled(square, radius::BAR, paint::part_color(t, area.part));
            ui.label(Text::Small.rich(area.name).color(t.text_2));
            ui.add_space(6.0);
        }
    });
}

fn height_at(points: &[[f64; 2]], x: f64) -> Option<f64> {
    let after = points.iter().position(|point| point[0] >= x)?;
    let [right, high] = points[after];
    let Some([left, low]) = after.checked_sub(1).map(|before| points[before]) else {
        return (right <= x).then_some(high);
    };
    let share = if right > left { (x - left) / (right - left) } else { 1.0 };
    Some(low + share * (high - low))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heights_between_points() {
        let points = [[1.0, 10.0], [3.0, 30.0]];
        assert_eq!(height_at(&points, 1.0), Some(10.0));
        assert_eq!(height_at(&points, 2.0), Some(20.0));
        assert_eq!(height_at(&points, 3.0), Some(30.0));
        assert_eq!(
            (height_at(&points, 0.5), height_at(&points, 4.0), height_at(&[], 1.0)),
            (None, None, None)
        );
    }
}
