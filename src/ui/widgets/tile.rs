//! A cell of the matrix: a tile whose area carries the verdict, so that a low tint is enough.

use eframe::egui::{Align2, Color32, CornerRadius, Painter, Rect, Shape, Stroke, StrokeKind, pos2, vec2};

use super::{Verdict, paint};
use crate::ui::theme::{Text, Tokens, radius};

/// How a cell looks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tile {
    /// What it says.
    pub verdict: Verdict,
    /// Share of the weights that the GPU carries, 0 to 1; drawn where it spills.
    pub share: f32,
    /// Best cell of its row: solid.
    pub best: bool,
}

impl Tile {
    /// Appends the shapes of the tile in `rect`, which should lie on whole pixels.
    ///
    /// Too big and disk have no tile: their mark is drawn only where `number` is false.
    pub fn shapes(&self, rect: Rect, t: &Tokens, number: bool, out: &mut Vec<Shape>) {
        let fill = |rect: Rect, corner: CornerRadius, color| Shape::rect_filled(rect, corner, color);
        let c = &t.tile;
        match (self.verdict, self.best) {
            (Verdict::Fits, best) => {
                out.push(fill(rect, radius::TILE, if best { c.best_fits } else { c.fits }));
            }
            (Verdict::Tight, false) => {
                out.push(fill(rect, radius::TILE, c.tight));
                let ring = Stroke::new(1.5, c.tight_ring);
                out.push(Shape::rect_stroke(rect, radius::TILE, ring, StrokeKind::Inside));
            }
            (Verdict::Tight, true) => {
                out.push(fill(rect, radius::TILE, c.best_tight));
                let ring = Stroke::new(1.2, c.best_text.gamma_multiply(0.65));
                out.push(Shape::rect_stroke(rect.shrink(2.0), 3.0, ring, StrokeKind::Inside));
            }
            (Verdict::Offload | Verdict::Cpu, best) => {
                let (carried, waiting) =
                    if best { (c.best_spill, c.best_spill_rest) } else { (c.spill, c.spill_rest) };
                out.push(fill(rect, radius::TILE, waiting));
                let width = (rect.width() * self.share.clamp(0.0, 1.0)).round();
                if width >= 1.0 {
                    let part = Rect::from_min_size(rect.min, vec2(width, rect.height()));
                    let left = CornerRadius { ne: 0, se: 0, ..radius::TILE };
                    let corner = if part.right() >= rect.right() { radius::TILE } else { left };
                    out.push(fill(part, corner, carried));
                }
            }
            (Verdict::TooBig, _) if !number => {
                let center = rect.center();
                let slash = [center + vec2(-3.0, 3.5), center + vec2(3.0, -3.5)];
                out.push(Shape::line_segment(slash, Stroke::new(1.2, c.no)));
            }
            (Verdict::Disk, _) if !number => {
                let center = rect.center();
                let (tip, stroke) = (center + vec2(0.0, 4.0), Stroke::new(1.2, c.no));
                out.push(Shape::line_segment([center - vec2(0.0, 4.0), tip], stroke));
                let head = vec![center + vec2(-3.0, 1.0), tip, center + vec2(3.0, 1.0)];
                out.push(Shape::line(head, stroke));
            }
            (Verdict::TooBig | Verdict::Disk, _) => {}
        }
    }

    /// Style of the number in the tile.
    pub const fn style(&self) -> Text {
        if self.best { Text::BestCell } else { Text::Cell }
    }

    /// Colour of the number in the tile; `lifted` where the row or column is hovered or selected.
    pub const fn ink(&self, t: &Tokens, lifted: bool) -> Color32 {
        match (self.verdict, self.best) {
            (Verdict::Fits, true) => t.tile.best_fits_text,
            (Verdict::Tight | Verdict::Offload | Verdict::Cpu, true) => t.tile.best_text,
            (Verdict::Fits | Verdict::Tight, false) => t.text,
            (Verdict::Offload | Verdict::Cpu, false) => t.text_2,
            (Verdict::Disk | Verdict::TooBig, _) => {
                if lifted {
                    t.text_2
                } else {
                    t.text_3
                }
            }
        }
    }

    /// Paints tile and number at once, for a legend or a single cell.
    pub fn paint(&self, painter: &Painter, rect: Rect, t: &Tokens, number: &str) {
        let mut shapes = Vec::with_capacity(2);
        self.shapes(rect, t, !number.is_empty(), &mut shapes);
        painter.extend(shapes);
        if !number.is_empty() {
            let ink = self.ink(t, false);
            paint::text(painter, rect.center(), Align2::CENTER_CENTER, number, self.style(), ink);
        }
    }
}

/// Ring of the selected cell: 2 wide, in the 2 around the tile.
pub fn selected_ring(tile: Rect, t: &Tokens) -> Shape {
    Shape::rect_stroke(tile.expand(2.0), 6.0, Stroke::new(2.0, t.accent), StrokeKind::Inside)
}

/// Ring of the hovered cell.
pub fn hovered_ring(tile: Rect, t: &Tokens) -> Shape {
    Shape::rect_stroke(tile, radius::TILE, Stroke::new(1.0, t.text_2), StrokeKind::Inside)
}

/// A middle dot: a level that a model does not come in.
pub fn absent(rect: Rect, t: &Tokens) -> Shape {
    let dot = Rect::from_center_size(pos2(rect.center().x, rect.center().y), vec2(2.0, 2.0));
    Shape::rect_filled(dot, 1.0, t.text_3.gamma_multiply(0.7))
}
