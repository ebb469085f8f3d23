//! Speed over context: a line with its range, the load line where it leaves the GPU, and where you are.

use eframe::egui::accesskit::Role;
use eframe::egui::{
    Align2, Color32, CornerRadius, Rect, Response, Sense, Stroke, Ui, UiBuilder, WidgetInfo, pos2, vec2,
};
use egui_plot::{FilledArea, Line, Plot, PlotBounds, PlotPoint, PlotPoints, PlotTransform};

use super::chart::{self, axis::nice_top};
use super::{Verdict, curve_marks, paint};
use crate::language::{fixed, tr};
use crate::ui::theme::{Text, Tokens, radius};
use crate::units::tokens_text;

/// Speed at one context.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CurvePoint {
    /// Tokens of context, above 0.
    pub context: u32,
    /// Lower end of the range, tokens a second.
    pub low: f64,
    /// The estimate.
    pub mid: f64,
    /// Upper end.
    pub high: f64,
}

/// A measured speed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CurveMark<'a> {
    /// Tokens in the cache. Where the curve begins later, it stands at its beginning.
    pub depth: f64,
    /// Tokens a second.
    pub speed: f64,
    /// A person's own: its diamond is filled.
    pub own: bool,
    /// What it has in common with others: one of them is labelled with it.
    pub series: &'a str,
}

/// Speed over context, on a logarithmic axis.
#[derive(Clone, Copy, Debug)]
pub struct SpeedCurve<'a> {
    /// Sets this plot apart from others in the same place.
    pub id_salt: &'a str,
    /// Rising in context; at least two to be drawn.
    pub points: &'a [CurvePoint],
    /// What was measured, each series together.
    pub marks: &'a [CurveMark<'a>],
    /// Longest context that stays on the GPU: the load line stands there, when it is inside the range.
    pub longest_on_gpu: Option<u32>,
    /// Present context.
    pub present: u32,
    /// Height with ticks.
    pub height: f32,
}

/// Room for the y axis' numbers and for the x axis' ticks.
const LEFT: f32 = 24.0;
const BELOW: f32 = 15.0;

impl SpeedCurve<'_> {
    /// Draws the curve. Hovering tells the estimate and its range at the pointer.
    pub fn show(&self, ui: &mut Ui) -> Response {
        let wanted = vec2(ui.available_width(), self.height);
        let (rect, response) = ui.allocate_exact_size(wanted, Sense::click());
        let rect = paint::snap(ui, rect);
        let stops: Vec<f64> = self.points.iter().map(|point| f64::from(point.context)).collect();
        let chosen = chart::stop_by_keys(ui, &response, &stops, Some(f64::from(self.present)));
        let by_keys = chosen.and_then(|place| self.points.get(place)).copied();
        let spoken = match by_keys {
            Some(point) => format!("{}. {}", words_at(&point), self.sentence()),
            None => self.sentence(),
        };
        response.widget_info(|| WidgetInfo::labeled(Role::GraphicsDocument, true, &spoken));
        let (&[first, ..], &[.., last]) = (self.points, self.points) else { return response };
        if last.context <= first.context || !ui.is_rect_visible(rect) {
            return response;
        }
        let field = Rect::from_min_max(rect.min + vec2(LEFT, 6.0), pos2(rect.right(), rect.bottom() - BELOW));
        let band = self.points.iter().map(|p| p.high.max(p.mid)).fold(0.0, f64::max);
        // One that is far off is cut, so that it does not flatten the rest.
        let marks = self.marks.iter().map(|mark| mark.speed.min(1.5 * band));
        let (top, step) = nice_top(marks.fold(band, f64::max));
        let bounds = PlotBounds::from_min_max([log2(first.context), 0.0], [log2(last.context), top]);
        let transform = PlotTransform::new(field, bounds, false);
        self.ground(ui, field, step, &transform);
        self.plot(ui, field, bounds);
        self.over_plot(ui, field, bounds, &transform);
        axes(ui, field, bounds, step, &transform);
        curve_marks::draw(ui, self, field, &transform);
        match response.hover_pos() {
            Some(pointer) if field.expand(curve_marks::RADIUS).contains(pointer) => {
                self.hover(ui, response, field, &transform)
            }
            _ => {
                if let Some(point) = by_keys {
                    paint::focus_ring(ui, &response, rect, radius::SEGMENT);
                    let at = Self::crosshair(ui, point.context, point.mid, field, &transform);
                    chart::tip(ui, &response, pos2(at + 8.0, field.top()), &words_at(&point));
                }
                response
            }
        }
    }

    /// The tinted zone past the load line and the grid, on whole pixels: a plot's own lines would blur.
    fn ground(&self, ui: &Ui, field: Rect, step: f64, transform: &PlotTransform) {
        let t = Tokens::of(ui);
        if let Some(context) = self.spills_from() {
            let x = transform.position_from_point_x(log2(context)).max(field.left());
            let zone = Rect::from_min_max(pos2(x, field.top()), field.max);
            ui.painter().rect_filled(paint::snap(ui, zone), CornerRadius::ZERO, t.spill_zone);
        }
        let mut y = 0.0;
        while y <= transform.bounds().max()[1] + step / 2.0 {
            let at = pos2(field.left(), transform.position_from_point_y(y));
            let line = Rect::from_min_size(at, vec2(field.width(), 1.0));
            let color = t.line.gamma_multiply(0.7);
            ui.painter().rect_filled(paint::snap(ui, line), CornerRadius::ZERO, color);
            y += step;
        }
    }

    fn plot(&self, ui: &mut Ui, field: Rect, bounds: PlotBounds) {
        let t = Tokens::of(ui);
        let xs: Vec<f64> = self.points.iter().map(|p| log2(p.context)).collect();
        let lows: Vec<f64> = self.points.iter().map(|p| p.low.min(p.mid)).collect();
        let highs: Vec<f64> = self.points.iter().map(|p| p.high.max(p.mid)).collect();
        let line: Vec<[f64; 2]> = self.points.iter().map(|p| [log2(p.context), p.mid]).collect();
        let mut inner = ui.new_child(UiBuilder::new().max_rect(field));
        Plot::new(self.id_salt)
            .width(field.width())
            .height(field.height())
            .allow_scroll(false)
            .allow_zoom(false)
            .allow_drag(false)
            .allow_boxed_zoom(false)
            .allow_axis_zoom_drag(false)
            .allow_double_click_reset(false)
            .show_axes(false)
            .show_grid(false)
            .show_background(false)
            .show_x(false)
            .show_y(false)
            .show_crosshair(false)
            .set_margin_fraction(vec2(0.0, 0.0))
            .sense(Sense::hover())
            .show(&mut inner, |plot| {
                // Bounds are remembered by id: without this the next model inherits the last one's axes.
                plot.set_plot_bounds(bounds);
                plot.add(FilledArea::new("", &xs, &lows, &highs).fill_color(t.band).allow_hover(false));
                plot.line(
                    Line::new("", PlotPoints::from(line))
                        .stroke(Stroke::new(2.0, t.accent))
                        .allow_hover(false),
                );
            });
    }

    /// The context past which it spills, when that lies inside the range.
    fn spills_from(&self) -> Option<u32> {
        let last = self.points.last()?;
        self.longest_on_gpu.filter(|context| *context < last.context)
    }

    /// Load line, its words, and the disc of the present context.
    fn over_plot(&self, ui: &Ui, field: Rect, bounds: PlotBounds, transform: &PlotTransform) {
        let t = Tokens::of(ui);
        let painter = ui.painter();
        let x = |context: u32| transform.position_from_point(&PlotPoint::new(log2(context), 0.0)).x;
        if let Some(context) = self.spills_from() {
            let inside = log2(context) >= bounds.min()[0];
            let line = if inside { x(context) } else { field.left() };
            if inside {
                paint::load_line(ui, painter, line, field.top() - 5.0, field.bottom());
            }
            let words = paint::galley(painter, tr!("spills to RAM"), Text::Small, Verdict::Offload.text(t));
            if line + 8.0 + words.size().x <= field.right() {
                let at = Align2::LEFT_CENTER.anchor_size(pos2(line + 8.0, field.top() + 8.0), words.size());
                painter.galley(at.min, words, t.text);
            }
        }
        if let Some(here) = self.at(self.present) {
            let at = transform.position_from_point(&PlotPoint::new(log2(self.present), here.mid));
            disc(ui, at, t.text, t.card);
        }
    }

    fn hover(&self, ui: &Ui, response: Response, field: Rect, transform: &PlotTransform) -> Response {
        let Some(pointer) = response.hover_pos() else { return response };
        if let Some(mark) = curve_marks::at(self, pointer, field, transform) {
            return response.on_hover_text_at_pointer(curve_marks::words(mark));
        }
        let context = transform.value_from_position(pointer).x.exp2().round() as u32;
        let Some(there) = self.at(context) else { return response };
        Self::crosshair(ui, context, there.mid, field, transform);
        response.on_hover_text_at_pointer(words_at(&there))
    }

    /// A line down the field at a context, and a disc on the curve. Answers where the line stands.
    fn crosshair(ui: &Ui, context: u32, speed: f64, field: Rect, transform: &PlotTransform) -> f32 {
        let t = Tokens::of(ui);
        let at = transform.position_from_point(&PlotPoint::new(log2(context), speed));
        let x = paint::snap_x(ui, at.x) + 0.5;
        ui.painter().vline(x, field.y_range(), Stroke::new(1.0, t.line_strong));
        disc(ui, at, t.accent, t.card);
        x
    }

    /// The curve at `context`, between its points by the logarithm; none outside them.
    pub(super) fn at(&self, context: u32) -> Option<CurvePoint> {
        let next = self.points.iter().position(|p| p.context >= context)?;
        let b = self.points[next];
        if b.context == context {
            return Some(b);
        }
        let a = self.points[next.checked_sub(1)?];
        let share = (log2(context) - log2(a.context)) / (log2(b.context) - log2(a.context));
        let mix = |a: f64, b: f64| a + (b - a) * share;
        Some(CurvePoint {
            context,
            low: mix(a.low, b.low),
            mid: mix(a.mid, b.mid),
            high: mix(a.high, b.high),
        })
    }

    /// "Speed over context: 34 tokens per second at 2K, 18 at 16K, 6 at 32K; spills to RAM past 11K".
    fn sentence(&self) -> String {
        let (&[first, ..], &[.., last]) = (self.points, self.points) else {
            return tr!("Speed over context: not available").to_owned();
        };
        let at = |p: CurvePoint| {
            tr!("{value} at {context}", value = number(p.mid), context = rough_tokens(p.context))
        };
        let mut parts = vec![tr!(
            "{mid} tokens per second at {context}",
            mid = number(first.mid),
            context = rough_tokens(first.context)
        )];
        let here = self.at(self.present);
        parts.extend(here.filter(|p| p.context != first.context && p.context != last.context).map(at));
        parts.push(at(last));
        let spill = self
            .spills_from()
            .map(|context| tr!("; spills to RAM past {context}", context = rough_tokens(context)));
        let marks = match self.marks.len() {
            0 => String::new(),
            1 => tr!("; 1 measurement beside it").to_owned(),
            n => tr!("; {n} measurements beside it", n),
        };
        tr!(
            "Speed over context: {parts}{spill}{marks}",
            parts = parts.join(", "),
            spill = spill.unwrap_or_default(),
            marks
        )
    }
}

/// What stands at a point, in words.
fn words_at(point: &CurvePoint) -> String {
    tr!(
        "{context} tokens: {mid} tok/s ({low} to {high})",
        context = rough_tokens(point.context),
        mid = number(point.mid),
        low = number(point.low),
        high = number(point.high)
    )
}

/// A disc 10 wide with a gap in the colour of the ground around it.
fn disc(ui: &Ui, at: eframe::egui::Pos2, color: Color32, ground: Color32) {
    ui.painter().circle_filled(at, 6.5, ground);
    ui.painter().circle_filled(at, 5.0, color);
}

/// Numbers left of the field, ticks at powers of two below it, each only where there is room.
fn axes(ui: &Ui, field: Rect, bounds: PlotBounds, step: f64, transform: &PlotTransform) {
    let t = Tokens::of(ui);
    let painter = ui.painter();
    let ([left, _], [right, top]) = (bounds.min(), bounds.max());
    let mut y = 0.0;
    while y <= top + step / 2.0 {
        let at = transform.position_from_point(&PlotPoint::new(left, y));
        let words = if step < 1.0 { fixed(y, 1) } else { format!("{y:.0}") };
        let at = pos2(field.left() - 6.0, at.y);
        paint::text(painter, at, Align2::RIGHT_CENTER, &words, Text::Small, t.text_2);
        y += step;
    }
    let mut free_from = f32::NEG_INFINITY;
    for power in left.ceil() as u32..=right.floor() as u32 {
        let x = transform.position_from_point(&PlotPoint::new(f64::from(power), 0.0)).x;
        let words = paint::galley(painter, &tokens_text(1 << power), Text::Small, t.text_2);
        let half = words.size().x / 2.0;
        // The last tick stays inside the card; the first may stand under the axis numbers.
        let center = x.min(field.right() - half);
        if center - half < free_from {
            continue;
        }
        free_from = center + half + 10.0;
        let at = Align2::CENTER_CENTER.anchor_size(pos2(center, field.bottom() + 12.0), words.size());
        painter.galley(at.min, words, t.text_2);
    }
}

pub(super) fn log2(context: u32) -> f64 {
    f64::from(context.max(1)).log2()
}

/// Tokens to the nearest K above 2K.
pub(super) fn rough_tokens(context: u32) -> String {
    let context = if context > 2048 { (context + 512) / 1024 * 1024 } else { context };
    tokens_text(u64::from(context))
}

pub(super) fn number(speed: f64) -> String {
    match speed {
        s if s < 1.0 => fixed(s, 2),
        s if s < 9.95 => fixed(s, 1),
        s => format!("{s:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(points: &[CurvePoint]) -> SpeedCurve<'_> {
        SpeedCurve {
            id_salt: "t",
            points,
            marks: &[],
            longest_on_gpu: Some(11_264),
            present: 16_384,
            height: 160.0,
        }
    }

    const POINTS: [CurvePoint; 3] = [
        CurvePoint { context: 2048, low: 31.0, mid: 34.0, high: 36.0 },
        CurvePoint { context: 8192, low: 28.0, mid: 30.0, high: 32.0 },
        CurvePoint { context: 32_768, low: 5.0, mid: 6.0, high: 7.0 },
    ];

    #[test]
    fn the_sentence_tells_both_ends_here_and_the_line() {
        assert_eq!(
            curve(&POINTS).sentence(),
            "Speed over context: 34 tokens per second at 2K, 18 at 16K, 6.0 at 32K; \
             spills to RAM past 11K"
        );
        assert_eq!(curve(&[]).sentence(), "Speed over context: not available");
    }

    #[test]
    fn between_points_the_logarithm_counts() {
        let c = curve(&POINTS);
        assert_eq!(c.at(16_384).map(|p| p.mid), Some(18.0));
        assert_eq!(c.at(2048).map(|p| p.mid), Some(34.0));
        assert_eq!(c.at(1024), None);
        assert_eq!(c.at(65_536), None);
    }
}
