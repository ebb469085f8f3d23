//! From places on the axes to the screen and back.

use eframe::egui::emath::GuiRounding as _;
use eframe::egui::{Pos2, Rect, Ui, Vec2, pos2, vec2};

use crate::app::map::{Map, Point};

/// The part of the axes that is in view: 0 to 1 is all of an axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Window {
    pub min: [f64; 2],
    pub max: [f64; 2],
}

impl Default for Window {
    fn default() -> Self {
        Self { min: [0.0; 2], max: [1.0; 2] }
    }
}

impl Window {
    /// The smallest part of an axis that is shown: models lie no closer.
    const LEAST: f64 = 0.01;

    /// Whether less than all is in view.
    pub fn is_zoomed(&self) -> bool {
        *self != Self::default()
    }

    /// Shows more (`factor` below 1) or less around a place that stays where it is.
    pub fn zoom(&mut self, factor: f64, around: [f64; 2]) {
        for (axis, still) in around.into_iter().enumerate() {
            let width = ((self.max[axis] - self.min[axis]) / factor).clamp(Self::LEAST, 1.0);
            let share = (still - self.min[axis]) / (self.max[axis] - self.min[axis]);
            let low = (still - share * width).clamp(0.0, 1.0 - width);
            (self.min[axis], self.max[axis]) = (low, low + width);
        }
    }

    /// Shows another part of the same size, as far as the axes go.
    pub fn pan(&mut self, by: [f64; 2]) {
        for (axis, by) in by.into_iter().enumerate() {
            let width = self.max[axis] - self.min[axis];
            let low = (self.min[axis] + by).clamp(0.0, 1.0 - width);
            (self.min[axis], self.max[axis]) = (low, low + width);
        }
    }

    /// Moves so that a place is in view, with a margin.
    pub fn reveal(&mut self, place: [f64; 2]) {
        for (axis, place) in place.into_iter().enumerate() {
            let width = self.max[axis] - self.min[axis];
            let margin = 0.08 * width;
            let (low, high) = (place - width + margin, place - margin);
            let low = self.min[axis].clamp(low.min(high), high.max(low)).clamp(0.0, 1.0 - width);
            (self.min[axis], self.max[axis]) = (low, low + width);
        }
    }
}

/// Room for the numbers of the vertical axis and its title.
const LEFT: f32 = 58.0;
/// Room for the numbers of the horizontal axis and its title.
const BELOW: f32 = 40.0;
/// Room above, so that the highest number is whole.
const ABOVE: f32 = 6.0;
/// Breadth of the lane of models without a value on an axis.
const LANE: f32 = 22.0;

/// Where the axes stand on the screen in this frame.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field<'a> {
    pub map: &'a Map,
    pub window: Window,
    /// All of the plot, with axes.
    pub outer: Rect,
    /// Where points lie.
    pub inner: Rect,
    /// Where models lie that have no value on the vertical axis; below `inner`.
    pub floor: Option<Rect>,
    /// Where models lie that have none on the horizontal axis; left of `inner`.
    pub wall: Option<Rect>,
}

impl<'a> Field<'a> {
    pub fn new(ui: &Ui, outer: Rect, map: &'a Map, window: Window) -> Self {
        let outer = outer.round_to_pixels(ui.pixels_per_point());
        let lacks = |axis: usize| map.points.iter().any(|point| point.at[axis].is_none());
        let mut inner = Rect::from_min_max(outer.min + vec2(LEFT, ABOVE), outer.max - vec2(1.0, BELOW));
        let lane = Vec2::splat(LANE);
        let floor = lacks(1).then(|| Rect::from_min_max(inner.max - vec2(inner.width(), lane.y), inner.max));
        inner.max.y -= if floor.is_some() { LANE } else { 0.0 };
        let wall =
            lacks(0).then(|| Rect::from_min_max(inner.min, pos2(inner.left() + lane.x, inner.bottom())));
        inner.min.x += if wall.is_some() { LANE } else { 0.0 };
        Self { map, window, outer, inner, floor, wall }
    }

    pub fn with_window(self, window: Window) -> Self {
        Self { window, ..self }
    }

    /// The field with its lanes.
    pub fn whole(&self) -> Rect {
        let mut whole = self.inner;
        for lane in [self.floor, self.wall].into_iter().flatten() {
            whole = whole.union(lane);
        }
        whole
    }

    /// Where a place on the horizontal axis is.
    pub fn x(&self, place: f64) -> f32 {
        let share = (place - self.window.min[0]) / (self.window.max[0] - self.window.min[0]);
        self.inner.left() + share as f32 * self.inner.width()
    }

    /// Where a place on the vertical axis is.
    pub fn y(&self, place: f64) -> f32 {
        let share = (place - self.window.min[1]) / (self.window.max[1] - self.window.min[1]);
        self.inner.bottom() - share as f32 * self.inner.height()
    }

    /// The places that lie at `at`.
    pub fn places(&self, at: Pos2) -> [f64; 2] {
        let share = [
            f64::from((at.x - self.inner.left()) / self.inner.width()),
            f64::from((self.inner.bottom() - at.y) / self.inner.height()),
        ];
        std::array::from_fn(|axis| {
            self.window.min[axis] + share[axis] * (self.window.max[axis] - self.window.min[axis])
        })
    }

    /// A way on the screen as a way along the axes.
    pub fn along(&self, by: Vec2) -> [f64; 2] {
        let share = [f64::from(by.x / self.inner.width()), f64::from(-by.y / self.inner.height())];
        std::array::from_fn(|axis| share[axis] * (self.window.max[axis] - self.window.min[axis]))
    }

    /// Where a point lies; it may be out of view.
    pub fn at(&self, point: &Point) -> Pos2 {
        let [x, y] = point.at;
        pos2(
            x.map_or_else(
                || self.wall.unwrap_or(self.inner).center().x,
                |x| self.x(self.map.axes[0].place(x)),
            ),
            y.map_or_else(
                || self.floor.unwrap_or(self.inner).center().y,
                |y| self.y(self.map.axes[1].place(y)),
            ),
        )
    }

    /// Whether a point there is in view.
    pub fn shows(&self, at: Pos2) -> bool {
        self.whole().expand(0.5).contains(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zooming_keeps_what_is_under_the_pointer() {
        let mut window = Window::default();
        window.zoom(4.0, [0.3, 0.8]);
        let share = |window: &Window, axis: usize, at: f64| {
            (at - window.min[axis]) / (window.max[axis] - window.min[axis])
        };
        assert!((share(&window, 0, 0.3) - 0.3).abs() < 1e-9 && (share(&window, 1, 0.8) - 0.8).abs() < 1e-9);
        assert!((window.max[0] - window.min[0] - 0.25).abs() < 1e-9);
        window.zoom(0.01, [0.3, 0.8]);
        assert!(!window.is_zoomed(), "out again, and no further than all: {window:?}");
    }

    #[test]
    fn the_view_stays_on_the_axes() {
        let mut window = Window::default();
        window.zoom(1e9, [0.5, 0.5]);
        assert!(window.max[0] - window.min[0] >= Window::LEAST * 0.999);
        window.pan([-9.0, 9.0]);
        assert!(window.min[0] == 0.0 && (window.max[1] - 1.0).abs() < 1e-9, "{window:?}");
    }

    #[test]
    fn a_place_is_brought_into_view() {
        let mut window = Window::default();
        window.zoom(5.0, [0.0, 0.0]);
        window.reveal([0.9, 0.1]);
        assert!(window.min[0] < 0.9 && 0.9 < window.max[0] && window.min[1] == 0.0, "{window:?}");
        let before = window;
        window.reveal([0.9, 0.1]);
        let moved = (0..2).map(|i| (window.min[i] - before.min[i]).abs()).fold(0.0, f64::max);
        assert!(moved < 1e-9, "{before:?} {window:?}");
    }
}
