//! What is painted of the points, made when something changes: all markers, the front's line, names with their
//! places.

use std::collections::HashMap;
use std::sync::Arc;

use eframe::egui::epaint::tessellator::Tessellator;
use eframe::egui::{Color32, Galley, Mesh, Painter, Pos2, Rect, Shape, Stroke, Ui, pos2};

use super::field::{Field, Window};
use super::paint;
use crate::app::State;
use crate::app::map::labels::{self, Area, Name, Placed};
use crate::app::map::{Lens, Point, SizeClass, quantity};
use crate::estimate::FitClass;
use crate::ui::stamp::Stamp;
use crate::ui::theme::{Text, Tokens};
use crate::ui::verdict;

/// Where the scene was made for: another one, and it is made anew.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Key {
    revision: u64,
    catalog: u64,
    outer: Rect,
    window: Window,
    selected: Option<usize>,
}

/// A name on the map.
#[derive(Clone, Debug)]
pub(super) struct Label {
    pub place: Placed,
    /// The point, in the map's order.
    pub point: usize,
    pub galley: Arc<Galley>,
}

/// What is painted of the points.
#[derive(Debug)]
pub(super) struct Scene {
    key: Key,
    stamp: Stamp,
    /// Where each point lies, in the map's order.
    pub at: Vec<Pos2>,
    /// Points in view, in the map's order.
    pub shown: Vec<usize>,
    /// Markers.
    pub markers: Markers,
    /// Corners of the front.
    pub front: Vec<Pos2>,
    /// Names.
    pub labels: Vec<Label>,
    /// Laid-out names by position in the catalog's bases and style.
    names: HashMap<(usize, Text), Arc<Galley>>,
    /// Scale of a marker: smaller where there are many.
    pub scale: f32,
}

/// The scene of this frame: that of the last one where nothing has changed.
pub(super) fn fresh<'a>(
    ui: &Ui,
    state: &State,
    field: &Field<'_>,
    selected: Option<usize>,
    kept: &'a mut Option<Scene>,
) -> &'a Scene {
    let key = Key {
        revision: state.map.revision,
        catalog: state.catalog.number(),
        outer: field.outer,
        window: field.window,
        selected,
    };
    let stamp = Stamp::of(ui);
    let before = kept.take();
    let lasts = before.as_ref().is_some_and(|scene| scene.stamp.lasts_until(&stamp));
    let scene = match before {
        Some(scene) if lasts && scene.key == key => Scene { stamp, ..scene },
        before => {
            let same_names = before.filter(|scene| lasts && scene.key.catalog == key.catalog);
            let names = same_names.map(|scene| scene.names).unwrap_or_default();
            Scene::new(ui, state, field, key, stamp, names)
        }
    };
    kept.insert(scene)
}

impl Scene {
    fn new(
        ui: &Ui,
        state: &State,
        field: &Field<'_>,
        key: Key,
        stamp: Stamp,
        names: HashMap<(usize, Text), Arc<Galley>>,
    ) -> Self {
        let points = &field.map.points;
        let at: Vec<Pos2> = points.iter().map(|point| field.at(point)).collect();
        let shown: Vec<usize> = (0..points.len()).filter(|place| field.shows(at[*place])).collect();
        let scale = match shown.len() {
            0..=60 => 1.0,
            61..=180 => 0.88,
            _ => 0.78,
        };
        let mut scene = Self {
            key,
            stamp,
            at,
            shown,
            markers: Markers::default(),
            front: Vec::new(),
            labels: Vec::new(),
            names,
            scale,
        };
        scene.markers = scene.mark(ui, state, points);
        scene.front = front_line(field, &scene.at);
        scene.labels = scene.place_names(ui, state, field);
        scene
    }

    /// All markers, the most downloaded on top.
    fn mark(&self, ui: &Ui, state: &State, points: &[Point]) -> Markers {
        let t = Tokens::of(ui);
        let mut shapes = Vec::with_capacity(3 * self.shown.len());
        let some_picked = state.map.picked.is_some();
        let by_lens = state.settings.map.lens != Lens::Verdict;
        // What runs lies over what does not, what is picked over what is not.
        let mut order: Vec<usize> = self.shown.iter().rev().copied().collect();
        order.sort_by_key(|place| (points[*place].picked, points[*place].class.is_some_and(FitClass::runs)));
        for place in order {
            let (point, at) = (&points[place], self.at[place]);
            let scale = self.scale * if by_lens { size_scale(point.size) } else { 1.0 };
            let faded = some_picked && !point.picked;
            let color = color(point, by_lens, t);
            let color = if faded { color.gamma_multiply(0.28) } else { color };
            if !faded {
                shapes.push(Shape::circle_filled(at, 5.0 * scale + 1.6, t.bg));
            }
            let mut add = |shape| match shape {
                // On the ground that was just painted a ring is a disc on a disc: far fewer triangles.
                Shape::Circle(ring) if !faded && ring.stroke.width > 0.0 => {
                    let outer = ring.radius + ring.stroke.width;
                    shapes.push(Shape::circle_filled(at, outer, ring.stroke.color));
                    shapes.push(Shape::circle_filled(at, ring.radius, t.bg));
                }
                shape => shapes.push(shape),
            };
            match point.class {
                Some(class) => verdict(class).shapes(at, scale, color, add),
                None => add(Shape::circle_stroke(at, 3.5 * scale, Stroke::new(1.5, color))),
            }
        }
        Markers::of(ui, shapes)
    }

    fn place_names(&mut self, ui: &Ui, state: &State, field: &Field<'_>) -> Vec<Label> {
        let points = &field.map.points;
        let selected = self.key.selected;
        let some_picked = state.map.picked.is_some();
        let at: Vec<[f32; 2]> = self.shown.iter().map(|place| self.at[*place].into()).collect();
        let mut order: Vec<usize> = (0..self.shown.len()).collect();
        // In each group the most downloaded come first already.
        order.sort_by_key(|shown| {
            let place = self.shown[*shown];
            let point = &points[place];
            let runs = point.class.is_none_or(FitClass::runs);
            (Some(place) != selected, !point.on_front, !runs)
        });
        order.retain(|shown| {
            !some_picked || points[self.shown[*shown]].picked || Some(self.shown[*shown]) == selected
        });
        let area = field.inner.area();
        let most = (area / ROOM_OF_A_NAME).clamp(8.0, 60.0) as usize;
        // Names far down the list find no room where those before them found none.
        order.truncate(4 * most);
        let on_front = field.map.front.len();
        let names: Vec<Name> = order
            .iter()
            .enumerate()
            .map(|(rank, shown)| {
                let place = self.shown[*shown];
                let size = self.name(ui, state, points, place).size();
                Name {
                    point: *shown,
                    size: size.into(),
                    // The front, what is selected, and what most people use.
                    may_move: rank < on_front + MOST_USED,
                    must_be: Some(place) == selected,
                }
            })
            .collect();
        let radius = 5.0 * self.scale + 1.0;
        let within = area_of(field.whole().shrink(2.0));
        let obstacles: Vec<Area> = paint::obstacles(ui, field).into_iter().map(area_of).collect();
        let placed = labels::place(within, &at, radius, &obstacles, &names, most);
        placed
            .into_iter()
            .map(|place| {
                let point = self.shown[place.point];
                Label { galley: self.name(ui, state, points, point), point, place }
            })
            .collect()
    }

    fn name(&mut self, ui: &Ui, state: &State, points: &[Point], place: usize) -> Arc<Galley> {
        let point = &points[place];
        let style = match point {
            _ if self.key.selected == Some(place) => Text::SmallStrong,
            point if point.on_front => Text::SmallMedium,
            _ => Text::Small,
        };
        let lay_out = || {
            let name = state.catalog.bases()[point.base].name.clone();
            ui.painter().layout_no_wrap(name, style.font(), Color32::PLACEHOLDER)
        };
        Arc::clone(self.names.entry((point.base, style)).or_insert_with(lay_out))
    }
}

/// Markers as they are painted.
#[derive(Debug)]
pub(super) enum Markers {
    /// Discs that lie in the font atlas ready to be copied, two triangles each; egui places them in each frame.
    Shapes(Vec<Shape>),
    /// Where pixels are so small that discs are not in the atlas: triangles, made here and not in each frame.
    Mesh(Arc<Mesh>),
}

impl Default for Markers {
    fn default() -> Self {
        Self::Shapes(Vec::new())
    }
}

impl Markers {
    /// Pixels for a point up to which egui has discs of a marker's size.
    const DISCS_UP_TO: f32 = 1.05;

    fn of(ui: &Ui, shapes: Vec<Shape>) -> Self {
        if ui.pixels_per_point() <= Self::DISCS_UP_TO {
            return Self::Shapes(shapes);
        }
        let options = ui.ctx().tessellation_options(|options| *options);
        let mut tessellator = Tessellator::new(ui.pixels_per_point(), options, [1, 1], Vec::new());
        let mut mesh = Mesh::default();
        for shape in shapes {
            tessellator.tessellate_shape(shape, &mut mesh);
        }
        Self::Mesh(Arc::new(mesh))
    }

    pub fn paint(&self, painter: &Painter) {
        match self {
            Self::Shapes(shapes) => painter.extend(shapes.iter().cloned()),
            Self::Mesh(mesh) => {
                painter.add(Shape::Mesh(Arc::clone(mesh)));
            }
        }
    }
}

/// Most downloaded models whose names may be moved to where there is room for them.
const MOST_USED: usize = 14;
/// Screen that a name gets at least, square points: about 24 names on a small window, 40 on a large one.
const ROOM_OF_A_NAME: f32 = 10_000.0;

/// Larger classes are drawn larger: the class is not said by its colour alone.
pub(super) const fn size_scale(size: Option<SizeClass>) -> f32 {
    match size {
        Some(SizeClass::Small) => 0.8,
        Some(SizeClass::Medium) | None => 1.05,
        Some(SizeClass::Large) => 1.35,
    }
}

fn color(point: &Point, by_lens: bool, t: &Tokens) -> Color32 {
    match (by_lens, point.size, point.class) {
        (true, Some(size), _) => t.size_class[size as usize],
        (false, _, Some(class)) => verdict(class).text(t),
        _ => t.text_3,
    }
}

/// The line around what the front beats, corner by corner.
fn front_line(field: &Field<'_>, at: &[Pos2]) -> Vec<Pos2> {
    let [x, y] = field.map.axes.map(|axis| axis.quantity);
    let [better_x, _] = quantity::better(x, y);
    let mut line: Vec<Pos2> = Vec::new();
    for place in &field.map.front {
        let next = at[*place];
        if let Some(last) = line.last().copied() {
            line.push(match better_x {
                quantity::Better::More => pos2(last.x, next.y),
                quantity::Better::Less => pos2(next.x, last.y),
            });
        }
        line.push(next);
    }
    line
}

fn area_of(rect: Rect) -> Area {
    Area { min: rect.min.into(), max: rect.max.into() }
}
