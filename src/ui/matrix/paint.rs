//! The rows as they look.

use eframe::egui::{
    Align2, Color32, CornerRadius, Direction, Painter, Rect, Shape, Stroke, StrokeKind, Ui, pos2, vec2,
};

use super::Cursor;
use super::canvas::{Canvas, Hit, Target};
use super::geometry::{GROUP_GAP, Slot};
use super::texts::{Name, Texts};
use crate::app::grid::{Cell, FigureText, GridRow, LineKind};
use crate::estimate::FitClass;
use crate::ui::theme::{Text, Tokens, radius, size};
use crate::ui::verdict;
use crate::ui::widgets::{Tile, tile};

/// Height of the fade at the end.
pub(super) const FADE: f32 = 14.0;

/// What is painted.
#[derive(Clone, Copy)]
pub(super) struct Scene<'a> {
    pub canvas: &'a Canvas<'a>,
    pub slots: &'a [Slot],
    pub cursor: Option<Cursor>,
    pub hit: Option<Hit>,
    /// The frame of what has the focus.
    pub framed: bool,
}

impl Scene<'_> {
    fn is_lifted(&self, slot: &Slot) -> bool {
        self.cursor.is_some_and(|cursor| cursor.line == slot.index)
            || self.hit.is_some_and(|hit| hit.slot.index == slot.index)
    }

    fn row(&self, slot: &Slot) -> Option<&GridRow> {
        self.canvas.view.grid.row(slot.line.model(self.canvas.view.catalog)?)
    }
}

/// Everything in the rows, back to front.
pub(super) fn all(ui: &Ui, scene: &Scene<'_>, texts: &mut Texts) {
    let t = Tokens::of(ui);
    let rows = ui.painter_at(scene.canvas.port);
    let cells = scene.canvas.tiles_painter(ui);
    bands(&rows, &cells, scene, t);
    tiles(ui, &cells, scene, t, texts);
    load_line(ui, &cells, scene, t);
    rings(ui, &cells, scene, t);
    names(ui, &rows, scene, t, texts);
    if scene.framed {
        let edge = Stroke::new(size::LINE, t.accent);
        rows.rect_stroke(scene.canvas.port, CornerRadius::same(4), edge, StrokeKind::Inside);
    }
}

/// Hovered and selected row and column, and the hairlines between groups.
fn bands(rows: &Painter, cells: &Painter, scene: &Scene<'_>, t: &Tokens) {
    let canvas = scene.canvas;
    let column = |column: usize, color: Color32| {
        let left = canvas.column_left(column) - 1.0;
        let width = canvas.columns.tile() + 2.0;
        let band = Rect::from_x_y_ranges(left..=left + width, canvas.port.y_range());
        cells.rect_filled(band, CornerRadius::ZERO, color);
    };
    for slot in scene.slots.iter().filter(|slot| slot.opens_group) {
        let y = (canvas.row(slot).top() - GROUP_GAP / 2.0).round() + 0.5;
        rows.hline(canvas.port.x_range(), y, Stroke::new(size::LINE, t.line));
    }
    let hovered = scene.hit.and_then(|hit| hit.column());
    let selected = scene.cursor.and_then(|cursor| cursor.column);
    if let Some(selected) = selected {
        column(selected, t.tile.column_selected);
    }
    if let Some(hovered) = hovered.filter(|hovered| Some(*hovered) != selected) {
        column(hovered, t.tile.column_hover);
    }
    for slot in scene.slots {
        let selected = scene.cursor.is_some_and(|cursor| cursor.line == slot.index);
        let hovered = scene.hit.is_some_and(|hit| hit.slot.index == slot.index);
        if selected || hovered {
            let color = if selected { t.accent_bg } else { t.tile.row_hover };
            rows.rect_filled(canvas.row(slot), radius::CONTROL, color);
        }
    }
}

/// Tiles and the numbers in them.
fn tiles(ui: &Ui, painter: &Painter, scene: &Scene<'_>, t: &Tokens, texts: &mut Texts) {
    let canvas = scene.canvas;
    let figure = canvas.view.figure;
    let has_gpu = canvas.view.grid.has_gpu();
    let across = painter.clip_rect().x_range();
    let mut shapes = Vec::with_capacity(scene.slots.len() * canvas.columns.count() * 2);
    let mut numbers = Vec::with_capacity(scene.slots.len() * canvas.columns.count());
    for slot in scene.slots {
        let Some(row) = scene.row(slot) else { continue };
        for (column, cell) in row.cells.iter().enumerate() {
            let rect = canvas.tile(ui, slot, column);
            if !rect.x_range().intersects(across) {
                continue;
            }
            let Some(look) = look(row, column, has_gpu) else {
                shapes.push(tile::absent(rect, t));
                continue;
            };
            let text = FigureText::of(figure, cell);
            look.shapes(rect, t, text != FigureText::Empty, &mut shapes);
            if text != FigureText::Empty {
                let galley = texts.figure(ui, text, look.style());
                let lifted =
                    scene.is_lifted(slot) || scene.hit.is_some_and(|hit| hit.column() == Some(column));
                let at = Align2::CENTER_CENTER.anchor_size(rect.center(), galley.size()).min;
                numbers.push(Shape::galley(at, galley, look.ink(t, lifted)));
            }
        }
    }
    painter.extend(shapes);
    painter.extend(numbers);
}

/// How a cell looks; `None` without an estimate.
pub(super) fn look(row: &GridRow, column: usize, has_gpu: bool) -> Option<Tile> {
    let brief = row.cells.get(column).and_then(Cell::brief)?;
    let share = match brief.class {
        // Without a GPU nothing is left out of it: the whole tile is what the machine carries.
        FitClass::Cpu if !has_gpu => 1.0,
        _ => brief.gpu_share,
    };
    Some(Tile { verdict: verdict(brief.class), share, best: row.best.column() == Some(column) })
}

/// The staircase: a stroke in each row, joined to its neighbour's in the same family.
fn load_line(ui: &Ui, painter: &Painter, scene: &Scene<'_>, t: &Tokens) {
    let canvas = scene.canvas;
    // The strokes are two points wide and stand in the middle of their gap, on whole pixels.
    let left = |edge: usize| super::snapped(ui, pos2(canvas.edge(edge) - size::LOAD_LINE / 2.0 + 0.1, 0.0)).x;
    let mut above: Option<(usize, f32)> = None;
    for slot in scene.slots {
        let edge = scene.row(slot).and_then(|row| row.edge);
        let Some(x) = edge.map(left) else {
            above = None;
            continue;
        };
        let row = canvas.row(slot);
        if let Some((family, other)) = above
            && family == slot.line.family
            && other != x
        {
            let (from, to) = (other.min(x), other.max(x) + size::LOAD_LINE);
            let joint = Rect::from_min_max(pos2(from, row.top()), pos2(to, row.top() + size::LINE));
            painter.rect_filled(joint, CornerRadius::ZERO, t.text_3);
        }
        let stroke = Rect::from_min_max(pos2(x, row.top()), pos2(x + size::LOAD_LINE, row.bottom()));
        painter.rect_filled(stroke, CornerRadius::ZERO, t.text);
        above = Some((slot.line.family, x));
    }
}

/// Rings of the selected and the hovered cell.
fn rings(ui: &Ui, painter: &Painter, scene: &Scene<'_>, t: &Tokens) {
    let slot = |line: usize| scene.slots.iter().find(|slot| slot.index == line);
    let selected = scene.cursor.and_then(|cursor| Some((slot(cursor.line)?, cursor.column?)));
    if let Some((slot, column)) = selected {
        painter.add(tile::selected_ring(scene.canvas.tile(ui, slot, column), t));
    }
    if let Some(hit) = scene.hit
        && let Some(column) = hit.column()
        && selected.is_none_or(|(slot, chosen)| (slot.index, chosen) != (hit.slot.index, column))
    {
        painter.add(tile::hovered_ring(scene.canvas.tile(ui, &hit.slot, column).expand(1.0), t));
    }
}

/// Names, titles, and numbers of fine-tunes.
fn names(ui: &Ui, painter: &Painter, scene: &Scene<'_>, t: &Tokens, texts: &mut Texts) {
    let canvas = scene.canvas;
    let catalog = canvas.view.catalog;
    for slot in scene.slots {
        let lifted = scene.is_lifted(slot);
        if let LineKind::Title(text) = slot.line.kind {
            title(ui, canvas, canvas.row(slot), text, texts);
            continue;
        }
        let selected = scene.cursor.is_some_and(|cursor| cursor.line == slot.index);
        let runs = scene.row(slot).is_none_or(|row| row.reach.is_some_and(FitClass::runs));
        let (style, color) = match slot.line.kind {
            LineKind::Variant(..) => (Text::Label, t.text_2),
            _ if selected => (Text::Button, t.text),
            _ if runs => (Text::Body, t.text),
            _ => (Text::Body, t.text_2),
        };
        let (at, width) = canvas.name(slot);
        let galley = texts.name(ui, Name::of(slot.line.kind), slot.line.name(catalog), style, width);
        let min = Align2::LEFT_CENTER.anchor_size(at, galley.size()).min;
        painter.galley(min, galley, color);

        if let Some(rect) = canvas.tunes(slot)
            && let LineKind::Base(base) = slot.line.kind
        {
            let entry = &catalog.bases()[base];
            let open = canvas.view.unfolded.contains(&entry.id);
            let sign = if open { "−" } else { "+" };
            let text = format!("{sign}{}", entry.variants.len());
            let galley =
                texts.name(ui, Name::Tunes(entry.variants.len(), open), &text, Text::Small, rect.width());
            let hovered =
                scene.hit.is_some_and(|hit| hit.slot.index == slot.index && hit.target == Target::Tunes);
            let color = if hovered {
                t.text
            } else if lifted || open {
                t.text_2
            } else {
                t.text_3
            };
            let min = Align2::RIGHT_CENTER.anchor_size(rect.right_center(), galley.size()).min;
            painter.galley(min, galley, color);
        }
    }
}

/// A group's title, on its own ground: it may stand over rows.
pub(super) fn title(ui: &Ui, canvas: &Canvas<'_>, rect: Rect, text: &'static str, texts: &mut Texts) {
    let t = Tokens::of(ui);
    let painter = ui.painter_at(canvas.port);
    painter.rect_filled(rect, CornerRadius::ZERO, t.bg);
    let galley = texts.name(ui, Name::Title(text), text, Text::Label, canvas.port.width());
    let at = rect.left_center() + vec2(super::geometry::NAME_INDENT, 0.0);
    let min = Align2::LEFT_CENTER.anchor_size(at, galley.size()).min;
    painter.galley(min, galley, t.text_2);
}

/// The rows fade out at the end while there are more below.
pub(super) fn fade(ui: &Ui, rect: Rect, hidden_below: f32) {
    if hidden_below > 0.5 {
        let t = Tokens::of(ui);
        let end = Rect::from_min_max(
            pos2(rect.left(), rect.bottom() - FADE),
            rect.max - vec2(super::SCROLL_BAR, 0.0),
        );
        let strength = (hidden_below / FADE).min(1.0);
        let ground = t.bg.gamma_multiply(strength);
        ui.painter().add(Shape::gradient_rect(end, Direction::BottomUp, [ground, Color32::TRANSPARENT]));
    }
}
