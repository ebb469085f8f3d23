//! Paints the map: zones, grid, load lines, front, markers, names, and what follows the pointer.

use std::f32::consts::FRAC_PI_2;
use std::sync::Arc;

use eframe::egui::emath::GuiRounding as _;
use eframe::egui::epaint::TextShape;
use eframe::egui::{
    Align2, Color32, CornerRadius, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, Ui, pos2, vec2,
};

use super::field::Field;
use super::pointer::Drag;
use super::scene::Scene;
use crate::app::map::{Capacity, Quantity};
use crate::language::tr;
use crate::ui::line;
use crate::ui::theme::{Text, Tokens, radius, size};
use crate::ui::widgets::Verdict;
use crate::units::Bytes;

/// What lies over the points.
#[derive(Clone, Copy, Debug)]
pub(super) struct Over<'a> {
    pub selected: Option<usize>,
    pub hovered: Option<usize>,
    /// The focus is here, by keyboard.
    pub framed: bool,
    pub drag: Option<&'a Drag>,
}

pub(super) fn all(ui: &Ui, field: &Field<'_>, scene: &Scene, over: &Over<'_>) {
    let t = Tokens::of(ui);
    let painter = ui.painter_at(field.outer.expand(2.0));
    zones(ui, field, t);
    grid(ui, &painter, field, t);
    titles(ui, field, t);
    lines(ui, field, t);
    zone_words(ui, field, t);
    lanes(&painter, field, t);

    let inside = ui.painter_at(field.whole().expand(1.0));
    if scene.front.len() > 1 {
        let clip = ui.painter_at(field.inner);
        clip.add(Shape::line(scene.front.clone(), Stroke::new(1.5, t.text_2.gamma_multiply(0.75))));
    }
    scene.markers.paint(&inside);
    names(&inside, field, scene, over.selected, t);
    for (place, color) in [(over.hovered, t.text), (over.selected, t.accent)] {
        let Some(at) = place.map(|place| scene.at[place]).filter(|at| field.shows(*at)) else { continue };
        inside.circle_stroke(at, 5.0 * scene.scale + 4.5, Stroke::new(2.0, color));
    }
    if let Some(hovered) = over.hovered {
        crosshair(ui, field, Some(scene.at[hovered]), Some(hovered));
    }
    if let Some(drag) = over.drag {
        drag.paint(&inside, t);
    }
    if over.framed {
        let ring = Stroke::new(1.5, t.accent);
        ui.painter().rect_stroke(field.whole().expand(3.0), CornerRadius::same(6), ring, StrokeKind::Inside);
    }
}

/// The axis that shows memory, if any.
fn memory_axis(field: &Field<'_>) -> Option<(usize, Capacity)> {
    let axis = field.map.axes.iter().position(|axis| axis.quantity == Quantity::Memory)?;
    Some((axis, field.map.capacity?))
}

/// Where a memory of so many GiB stands, along its axis.
fn edge(field: &Field<'_>, axis: usize, gib: f64) -> f32 {
    let place = field.map.axes[axis].place(gib.max(1e-3));
    if axis == 0 {
        field.x(place).clamp(field.inner.left(), field.inner.right())
    } else {
        field.y(place).clamp(field.inner.top(), field.inner.bottom())
    }
}

/// The part of the field between two places along an axis.
fn between(field: &Field<'_>, axis: usize, from: f32, to: f32) -> Rect {
    let inner = field.inner;
    if axis == 0 {
        Rect::from_x_y_ranges(from..=to, inner.y_range())
    } else {
        Rect::from_x_y_ranges(inner.x_range(), to..=from)
    }
}

fn beginning(field: &Field<'_>, axis: usize) -> f32 {
    if axis == 0 { field.inner.left() } else { field.inner.bottom() }
}

fn zones(ui: &Ui, field: &Field<'_>, t: &Tokens) {
    let ppp = ui.pixels_per_point();
    let fill = |rect: Rect, color: Color32| {
        if rect.is_positive() {
            ui.painter().rect_filled(rect.round_to_pixels(ppp), CornerRadius::ZERO, color);
        }
    };
    let Some((axis, capacity)) = memory_axis(field) else { return };
    let first = edge(field, axis, capacity.first);
    let zone = if capacity.has_gpu { t.fit_zone } else { t.spill_zone };
    fill(between(field, axis, beginning(field, axis), first), zone);
    if let Some(all) = capacity.all {
        fill(between(field, axis, first, edge(field, axis, all)), t.spill_zone);
    }
}

fn grid(ui: &Ui, painter: &Painter, field: &Field<'_>, t: &Tokens) {
    let ppp = ui.pixels_per_point();
    let inner = field.inner;
    let whole = field.whole();
    let shade = |strong: bool| t.line.gamma_multiply(if strong { 0.95 } else { 0.55 });
    let [x, y] = field.map.axes;
    let mut last = f32::NEG_INFINITY;
    for tick in x.ticks(field.window.min[0], field.window.max[0], (inner.width() / 40.0) as usize) {
        let at = field.x(tick.place);
        let rule = Rect::from_min_size(pos2(at, inner.top()), vec2(1.0, inner.height())).round_to_pixels(ppp);
        painter.rect_filled(rule, CornerRadius::ZERO, shade(tick.strong));
        let text = painter.layout_no_wrap(tick.text, Text::Small.font(), t.text_2);
        let rect = Align2::CENTER_TOP.anchor_size(pos2(at, whole.bottom() + 5.0), text.size());
        if rect.left() > last + 6.0 && rect.right() <= field.outer.right() + 1.0 {
            last = rect.right();
            painter.galley(rect.min, text, t.text_2);
        }
    }
    for tick in y.ticks(field.window.min[1], field.window.max[1], (inner.height() / 34.0) as usize) {
        let at = field.y(tick.place);
        let rule = Rect::from_min_size(pos2(inner.left(), at), vec2(inner.width(), 1.0)).round_to_pixels(ppp);
        painter.rect_filled(rule, CornerRadius::ZERO, shade(tick.strong));
        let text = painter.layout_no_wrap(tick.text, Text::Small.font(), t.text_2);
        let rect = Align2::RIGHT_CENTER.anchor_size(pos2(whole.left() - 7.0, at), text.size());
        painter.galley(rect.min, text, t.text_2);
    }
}

/// The names of the axes; the vertical one is turned.
fn titles(ui: &Ui, field: &Field<'_>, t: &Tokens) {
    let [x, y] = field.map.axes.map(|axis| axis.quantity.title());
    let painter = ui.painter();
    let text = painter.layout_no_wrap(x.to_owned(), Text::Label.font(), t.text_2);
    let at = pos2(field.inner.center().x, field.outer.bottom() - 1.0);
    painter.galley(Align2::CENTER_BOTTOM.anchor_size(at, text.size()).min, text, t.text_2);
    let text = painter.layout_no_wrap(y.to_owned(), Text::Label.font(), t.text_2);
    let at = pos2(field.outer.left(), field.inner.center().y + text.size().x / 2.0);
    let at = at.round_to_pixels(ui.pixels_per_point());
    painter.add(TextShape::new(at, text, t.text_2).with_angle(-FRAC_PI_2));
}

/// The load line, and beyond it the end of all memory.
fn lines(ui: &Ui, field: &Field<'_>, t: &Tokens) {
    let Some((axis, capacity)) = memory_axis(field) else { return };
    let painter = ui.painter_at(field.inner);
    let ppp = ui.pixels_per_point();
    let first = edge(field, axis, capacity.first);
    let rect = if axis == 0 {
        Rect::from_min_size(pos2(first, field.inner.top()), vec2(size::LOAD_LINE, field.inner.height()))
    } else {
        Rect::from_min_size(pos2(field.inner.left(), first), vec2(field.inner.width(), size::LOAD_LINE))
    };
    painter.rect_filled(rect.round_to_pixels(ppp), CornerRadius::ZERO, t.text);
    if let Some(all) = capacity.all {
        let at = edge(field, axis, all).round_to_pixels(ppp) + 0.5;
        let ends = if axis == 0 {
            [pos2(at, field.inner.top()), pos2(at, field.inner.bottom())]
        } else {
            [pos2(field.inner.left(), at), pos2(field.inner.right(), at)]
        };
        painter.extend(Shape::dashed_line(&ends, Stroke::new(size::LINE, t.text_2), 5.0, 4.0));
    }
}

/// What the zones are, with the memory at their edge: words, colours and right end.
fn zone_texts(field: &Field<'_>) -> Vec<(usize, f32, [String; 2], Verdict)> {
    let Some((axis, capacity)) = memory_axis(field) else { return Vec::new() };
    let gib = |gib: f64| Bytes::from_gib(gib).to_string();
    let place = if capacity.has_gpu { tr!("runs on the GPU") } else { tr!("runs from RAM") };
    let verdict = if capacity.has_gpu { Verdict::Fits } else { Verdict::Cpu };
    let mut texts = vec![(
        axis,
        edge(field, axis, capacity.first),
        [place.to_owned(), tr!("{first} free", first = gib(capacity.first))],
        verdict,
    )];
    if let Some(all) = capacity.all {
        let words = [tr!("spills to RAM").to_owned(), tr!("{all} in all", all = gib(all))];
        texts.push((axis, edge(field, axis, all), words, Verdict::Offload));
    }
    texts
}

/// Where the words of the zones stand, those that have room.
fn zone_places(ui: &Ui, field: &Field<'_>) -> Vec<(Rect, [String; 2], Verdict)> {
    let mut places = Vec::new();
    let mut from = field.inner.left();
    let mut below = field.inner.bottom();
    for (axis, at, words, verdict) in zone_texts(field) {
        let width = |text: &str, style: Text| {
            ui.painter().layout_no_wrap(text.to_owned(), style.font(), Color32::PLACEHOLDER).size().x
        };
        let wide = width(&words[0], Text::SmallStrong).max(width(&words[1], Text::Small)) + 2.0;
        let extent = vec2(wide, 30.0);
        let rect = if axis == 0 {
            Rect::from_min_size(pos2(at - 7.0 - wide, field.inner.top() + 6.0), extent)
        } else {
            Rect::from_min_size(pos2(field.inner.right() - 6.0 - wide, at + 5.0), extent)
        };
        let fits = if axis == 0 { rect.left() > from + 2.0 } else { rect.bottom() < below };
        if fits && field.inner.contains_rect(rect) {
            places.push((rect, words, verdict));
        }
        (from, below) = (at, at);
    }
    places
}

fn zone_words(ui: &Ui, field: &Field<'_>, t: &Tokens) {
    for (rect, [what, how_much], verdict) in zone_places(ui, field) {
        let painter = ui.painter();
        let right = rect.right_top();
        line(painter, right, Align2::RIGHT_TOP, rect.width(), Text::SmallStrong, verdict.text(t), &what);
        let below = right + vec2(0.0, 15.0);
        line(painter, below, Align2::RIGHT_TOP, rect.width(), Text::Small, t.text_2, &how_much);
    }
}

/// What no name may cover: the words of the zones and the load lines.
pub(super) fn obstacles(ui: &Ui, field: &Field<'_>) -> Vec<Rect> {
    let mut obstacles: Vec<Rect> = zone_places(ui, field).into_iter().map(|(rect, ..)| rect).collect();
    if let Some((axis, capacity)) = memory_axis(field) {
        let line = |at: f32| between(field, axis, at - 1.0, at + 3.0);
        obstacles.extend(std::iter::once(capacity.first).chain(capacity.all).map(|gib| {
            let at = edge(field, axis, gib);
            if axis == 0 { line(at) } else { between(field, axis, at + 3.0, at - 1.0) }
        }));
    }
    obstacles.extend(field.floor.map(|floor| floor.with_max_x(floor.left() + 112.0)));
    obstacles
}

/// The lanes of models that have no value on an axis.
fn lanes(painter: &Painter, field: &Field<'_>, t: &Tokens) {
    if let Some(floor) = field.floor {
        painter.hline(floor.x_range(), floor.top() + 0.5, Stroke::new(size::LINE, t.line_strong));
        let at = floor.left_center() + vec2(6.0, 0.0);
        line(painter, at, Align2::LEFT_CENTER, 120.0, Text::Small, t.text_3, tr!("runs nowhere here"));
    }
    if let Some(wall) = field.wall {
        painter.vline(wall.right() - 0.5, wall.y_range(), Stroke::new(size::LINE, t.line_strong));
    }
}

fn names(painter: &Painter, field: &Field<'_>, scene: &Scene, selected: Option<usize>, t: &Tokens) {
    for label in &scene.labels {
        let point = &field.map.points[label.point];
        let is_selected = selected == Some(label.point);
        if let Some([from, to]) = label.place.leader {
            painter.line_segment([from.into(), to.into()], Stroke::new(1.0, t.text_3));
        }
        let color = match point.class {
            _ if is_selected || point.on_front => t.text,
            Some(class) if !class.runs() => t.text_3,
            _ => t.text_2,
        };
        painter.galley(label.place.area.min.into(), Arc::clone(&label.galley), color);
    }
}

/// Lines from a place to both axes with the values there. `point`: of a point, whose own values are said.
pub(super) fn crosshair(ui: &Ui, field: &Field<'_>, at: Option<Pos2>, point: Option<usize>) {
    let Some(at) = at.filter(|at| field.inner.contains(*at) || point.is_some()) else { return };
    let t = Tokens::of(ui);
    let painter = ui.painter_at(field.outer.expand(2.0));
    let ppp = ui.pixels_per_point();
    let color = if point.is_some() { t.text_2 } else { t.line_strong };
    let whole = field.whole();
    let (x, y) = (at.x.round_to_pixels(ppp) + 0.5, at.y.round_to_pixels(ppp) + 0.5);
    let places = field.places(at);
    let value = |axis: usize| match point {
        Some(point) => field.map.points[point].at[axis],
        None => Some(field.map.axes[axis].value(places[axis])),
    };
    let stroke = Stroke::new(size::LINE, color.gamma_multiply(0.8));
    let tag = |value: f64, axis: usize| {
        let text = field.map.axes[axis].quantity.text(value);
        painter.layout_no_wrap(text, Text::SmallMedium.font(), t.text)
    };
    if let Some(value) = value(0) {
        painter.extend(Shape::dashed_line(&[pos2(x, at.y), pos2(x, whole.bottom())], stroke, 3.0, 3.0));
        let text = tag(value, 0);
        let mut rect = Align2::CENTER_TOP
            .anchor_size(pos2(x, whole.bottom() + 2.0), text.size())
            .expand2(vec2(5.0, 2.0));
        rect = rect.translate(vec2((field.outer.right() - rect.right()).min(0.0), 2.0));
        boxed(&painter, rect, text, t);
    }
    if let Some(value) = value(1) {
        painter.extend(Shape::dashed_line(&[pos2(at.x, y), pos2(whole.left(), y)], stroke, 3.0, 3.0));
        let text = tag(value, 1);
        let rect = Align2::RIGHT_CENTER
            .anchor_size(pos2(whole.left() - 6.0, y), text.size())
            .expand2(vec2(4.0, 2.0));
        let rect = rect.translate(vec2((field.outer.left() - rect.left()).max(0.0), 0.0));
        boxed(&painter, rect, text, t);
    }
}

fn boxed(painter: &Painter, rect: Rect, text: Arc<eframe::egui::Galley>, t: &Tokens) {
    painter.rect(rect, radius::BAR, t.card, Stroke::new(size::LINE, t.line_strong), StrokeKind::Inside);
    let at = Align2::CENTER_CENTER.anchor_size(rect.center(), text.size());
    painter.galley(at.min, text, t.text);
}
