//! Verdicts: colour, shape and word, never colour alone.

use eframe::egui::accesskit::Role;
use eframe::egui::{
    Align2, Color32, Painter, Pos2, Rect, Response, Sense, Shape, Stroke, Ui, Vec2, Widget, WidgetInfo, pos2,
    vec2,
};

use super::paint;
use crate::language::tr;
use crate::ui::theme::{Text, Tokens, size};

/// How something sits on a machine, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// Wholly on the GPU.
    Fits,
    /// Wholly on the GPU, with little to spare.
    Tight,
    /// Partly in main memory.
    Offload,
    /// Without a GPU part.
    Cpu,
    /// Only by streaming from disk.
    Disk,
    /// Not at all.
    TooBig,
}

impl Verdict {
    /// All verdicts, best first.
    pub const ALL: [Self; 6] = [Self::Fits, Self::Tight, Self::Offload, Self::Cpu, Self::Disk, Self::TooBig];

    /// The word beside the glyph.
    pub fn word(self) -> &'static str {
        match self {
            Self::Fits => tr!("Fits"),
            Self::Tight => tr!("Tight"),
            Self::Offload => tr!("Offload"),
            Self::Cpu => "CPU",
            Self::Disk => tr!("Disk"),
            Self::TooBig => tr!("Too big"),
        }
    }

    /// The word inside a sentence.
    pub fn spoken(self) -> &'static str {
        match self {
            Self::Fits => tr!("fits"),
            Self::Tight => tr!("tight"),
            Self::Offload => tr!("offload"),
            Self::Cpu => "CPU",
            Self::Disk => tr!("disk"),
            Self::TooBig => tr!("too big"),
        }
    }

    /// Colour of the glyph and the word.
    pub const fn text(self, t: &Tokens) -> Color32 {
        match self {
            Self::Fits => t.fit_text.fits,
            Self::Tight => t.fit_text.tight,
            Self::Offload | Self::Cpu => t.fit_text.offload,
            Self::Disk | Self::TooBig => t.fit_text.no,
        }
    }

    /// Colour of a bar.
    pub const fn fill(self, t: &Tokens) -> Color32 {
        match self {
            Self::Fits => t.fit_fill.fits,
            Self::Tight => t.fit_fill.tight,
            Self::Offload | Self::Cpu => t.fit_fill.offload,
            Self::Disk | Self::TooBig => t.fit_fill.no,
        }
    }

    /// Whether all of it stays left of the load line.
    pub const fn is_within(self) -> bool {
        matches!(self, Self::Fits | Self::Tight)
    }

    /// Whether it does not run from memory: its row recedes.
    pub const fn recedes(self) -> bool {
        matches!(self, Self::Disk | Self::TooBig)
    }

    /// Paints the verdict's shape around `center`, about 11 points wide.
    pub fn paint(self, painter: &Painter, center: Pos2, color: Color32) {
        self.shapes(center, 1.0, color, |shape| {
            painter.add(shape);
        });
    }

    /// The parts of the verdict's shape around `center`; a `scale` of 1 is about 11 points wide.
    pub fn shapes(self, center: Pos2, scale: f32, color: Color32, mut add: impl FnMut(Shape)) {
        let radius = 5.0 * scale;
        let stroke = Stroke::new(1.5 * scale.sqrt(), color);
        match self {
            Self::Fits => add(Shape::circle_filled(center, radius + 0.5, color)),
            Self::Tight => {
                add(Shape::circle_stroke(center, radius, stroke));
                add(Shape::circle_filled(center, 2.2 * scale, color));
            }
            Self::Offload => {
                add(Shape::circle_stroke(center, radius, stroke));
                let left = (0..=16).map(|i| {
                    let angle = std::f32::consts::PI * (0.5 + i as f32 / 16.0);
                    center + radius * vec2(angle.cos(), angle.sin())
                });
                add(Shape::convex_polygon(left.collect(), color, Stroke::NONE));
            }
            Self::Cpu => {
                let square = Rect::from_center_size(center, Vec2::splat(9.0 * scale));
                add(Shape::rect_filled(square, 1.5 * scale, color));
            }
            Self::Disk => {
                let tip = center + scale * vec2(0.0, 5.0);
                let top = center - scale * vec2(0.0, 5.0);
                add(Shape::line_segment([top, tip - scale * vec2(0.0, 0.8)], stroke));
                let barbs = [vec2(-3.8, 1.2), vec2(3.8, 1.2)].map(|barb| center + scale * barb);
                add(Shape::line(vec![barbs[0], tip, barbs[1]], stroke));
            }
            Self::TooBig => {
                let d = radius * std::f32::consts::FRAC_1_SQRT_2;
                add(Shape::circle_stroke(center, radius, stroke));
                add(Shape::line_segment([center + vec2(-d, d), center + vec2(d, -d)], stroke));
            }
        }
    }
}

/// Glyph and word.
#[derive(Clone, Copy, Debug)]
#[must_use = "add it to a Ui"]
pub struct VerdictChip {
    verdict: Verdict,
    lifted: bool,
}

impl VerdictChip {
    /// The chip of a verdict.
    pub const fn new(verdict: Verdict) -> Self {
        Self { verdict, lifted: false }
    }

    /// Whether the chip stands in a hovered or selected row, where grey must be stronger to be read.
    pub const fn lifted(mut self, lifted: bool) -> Self {
        self.lifted = lifted;
        self
    }
}

impl Widget for VerdictChip {
    fn ui(self, ui: &mut Ui) -> Response {
        const GAP: f32 = 6.0;
        let t = Tokens::of(ui);
        let color = if self.lifted && self.verdict.recedes() { t.text_2 } else { self.verdict.text(t) };
        let word = paint::galley(ui.painter(), self.verdict.word(), Text::Label, color);
        let wanted = vec2(size::GLYPH + GAP + word.size().x, word.size().y.max(size::GLYPH));
        let (rect, response) = ui.allocate_exact_size(wanted, Sense::hover());
        if ui.is_rect_visible(rect) {
            let center = pos2(rect.left() + size::GLYPH / 2.0, rect.center().y);
            self.verdict.paint(ui.painter(), center, color);
            let at = Align2::LEFT_CENTER
                .anchor_size(pos2(rect.left() + size::GLYPH + GAP, rect.center().y), word.size());
            ui.painter().galley(at.min, word, color);
        }
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, self.verdict.word()));
        response
    }
}

/// The glyph alone, where the word stands elsewhere in the same row.
pub fn verdict_glyph(ui: &mut Ui, verdict: Verdict) -> Response {
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(size::GLYPH), Sense::hover());
    verdict.paint(ui.painter(), rect.center(), verdict.text(Tokens::of(ui)));
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, verdict.word()));
    response
}
