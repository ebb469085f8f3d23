//! Columns over named places on a logarithmic axis: what stands alone, and what more there is with help.

use eframe::egui::accesskit::Role;
use eframe::egui::{Align2, CornerRadius, Rect, Response, Sense, Shape, Stroke, Ui, WidgetInfo, pos2, vec2};

use super::paint;
use crate::language::tr;
use crate::ui::theme::{Text, Tokens};

/// A column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Column<'a> {
    /// Its name, in one or two lines.
    pub name: [&'a str; 2],
    /// What there is alone; `None`: nothing.
    pub alone: Option<f64>,
    /// What there is with help, no less; `None`: nothing.
    pub helped: Option<f64>,
    /// What is said at the pointer.
    pub words: &'a str,
}

/// Columns side by side.
#[derive(Clone, Copy, Debug)]
pub struct Columns<'a> {
    /// What it shows.
    pub title: &'a str,
    /// The columns.
    pub columns: &'a [Column<'a>],
    /// Dashed lines with their words.
    pub limits: &'a [(f64, &'a str)],
    /// What stands over a column: its value in words.
    pub value: fn(f64) -> String,
    /// Height with names.
    pub height: f32,
}

/// Room for names below and for a value above.
const BELOW: f32 = 34.0;
const ABOVE: f32 = 18.0;
/// Widest column.
const WIDEST: f32 = 34.0;

impl Columns<'_> {
    /// Draws them over the available width.
    pub fn show(&self, ui: &mut Ui) -> Response {
        let (rect, response) =
            ui.allocate_exact_size(vec2(ui.available_width(), self.height), Sense::hover());
        let rect = paint::snap(ui, rect);
        response.widget_info(|| WidgetInfo::labeled(Role::GraphicsDocument, true, self.sentence()));
        if !ui.is_rect_visible(rect) || self.columns.is_empty() {
            return response;
        }
        // Beside the columns, which would stand before the words.
        let limits = self.limits.iter().map(|(_, words)| {
            paint::galley(ui.painter(), words, Text::Small, Tokens::of(ui).text_3).size().x + 8.0
        });
        let left = limits.fold(0.0, f32::max);
        let field =
            Rect::from_min_max(rect.min + vec2(left, ABOVE), pos2(rect.right(), rect.bottom() - BELOW));
        let axis = self.axis();
        self.lines(ui, field, axis);
        let pitch = field.width() / self.columns.len() as f32;
        for (place, column) in self.columns.iter().enumerate() {
            let middle = field.left() + pitch * (place as f32 + 0.5);
            Self::column(ui, field, axis, middle, (pitch * 0.6).min(WIDEST), column, self.value);
            Self::name(ui, pos2(middle, field.bottom() + 4.0), pitch, column);
        }
        match response.hover_pos() {
            Some(pointer) if rect.contains(pointer) => {
                let place = ((pointer.x - field.left()) / pitch).floor().max(0.0) as usize;
                match self.columns.get(place) {
                    Some(column) => response.on_hover_text_at_pointer(column.words),
                    None => response,
                }
            }
            _ => response,
        }
    }

    /// The logarithms of the lowest and highest value, a little apart.
    fn axis(&self) -> (f64, f64) {
        let values = self.columns.iter().flat_map(|column| [column.alone, column.helped]).flatten();
        let all = values.chain(self.limits.iter().map(|(value, _)| *value)).filter(|value| *value > 0.0);
        let (low, high) =
            all.fold((f64::INFINITY, 0.0_f64), |(low, high), value| (low.min(value), high.max(value)));
        if low > high {
            return (0.0, 1.0);
        }
        ((low / 2.0).log10(), (high * 1.15).log10())
    }

    fn lines(&self, ui: &Ui, field: Rect, axis: (f64, f64)) {
        let t = Tokens::of(ui);
        let painter = ui.painter();
        let base = Rect::from_min_size(field.left_bottom(), vec2(field.width(), 1.0));
        painter.rect_filled(paint::snap(ui, base), CornerRadius::ZERO, t.line);
        for (value, words) in self.limits {
            let y = paint::snap_x(ui, height(field, axis, *value)) + 0.5;
            let ends = [pos2(field.left(), y), pos2(field.right(), y)];
            painter.extend(Shape::dashed_line(&ends, Stroke::new(1.0, t.line_strong), 4.0, 3.0));
            let at = pos2(field.left() - 8.0, y);
            paint::text(painter, at, Align2::RIGHT_CENTER, words, Text::Small, t.text_3);
        }
    }

    fn column(
        ui: &Ui,
        field: Rect,
        axis: (f64, f64),
        middle: f32,
        width: f32,
        column: &Column<'_>,
        value: fn(f64) -> String,
    ) {
        let t = Tokens::of(ui);
        let painter = ui.painter();
        let bar = |value: f64| {
            let top = height(field, axis, value);
            paint::snap(
                ui,
                Rect::from_min_max(
                    pos2(middle - width / 2.0, top),
                    pos2(middle + width / 2.0, field.bottom()),
                ),
            )
        };
        if let Some(helped) = column.helped.filter(|helped| Some(*helped) != column.alone) {
            let outline = bar(helped);
            painter.rect_filled(outline, CornerRadius::same(3), t.line);
        }
        if let Some(alone) = column.alone {
            painter.rect_filled(bar(alone), CornerRadius::same(3), t.accent);
        }
        let (words, top) = match column.helped.or(column.alone) {
            Some(most) => (value(most), height(field, axis, most)),
            None => (tr!("n/a").to_owned(), field.bottom()),
        };
        let color = if column.helped.or(column.alone).is_some() { t.text } else { t.text_3 };
        let at = pos2(middle, top - 3.0);
        paint::text(painter, at, Align2::CENTER_BOTTOM, &words, Text::Small, color);
        // The smaller of two stands in its own column.
        if let (Some(alone), Some(helped)) = (column.alone, column.helped)
            && helped > alone
            && bar(alone).height() > 16.0
        {
            let at = pos2(middle, height(field, axis, alone) + 3.0);
            let ink = if t.dark { t.on_light } else { t.on_dark };
            paint::text(painter, at, Align2::CENTER_TOP, &value(alone), Text::Small, ink);
        }
    }

    fn name(ui: &Ui, top: eframe::egui::Pos2, pitch: f32, column: &Column<'_>) {
        let t = Tokens::of(ui);
        for (row, words) in column.name.iter().enumerate() {
            let style = if row == 0 { Text::SmallMedium } else { Text::Small };
            let color = if row == 0 { t.text_2 } else { t.text_3 };
            let at = top + vec2(0.0, 14.0 * row as f32);
            let galley = paint::galley(ui.painter(), words, style, color);
            if galley.size().x <= pitch - 2.0 {
                paint::text(ui.painter(), at, Align2::CENTER_TOP, words, style, color);
            } else {
                let left = pos2(at.x - pitch / 2.0 + 1.0, at.y + galley.size().y / 2.0);
                paint::text_within(ui.painter(), left, pitch - 2.0, words, style, color);
            }
        }
    }

    fn sentence(&self) -> String {
        let columns: Vec<String> = self.columns.iter().map(|column| column.words.to_owned()).collect();
        format!("{}: {}", self.title, columns.join("; "))
    }
}

/// Where a value lies.
fn height(field: Rect, (low, high): (f64, f64), value: f64) -> f32 {
    let share = ((value.max(1e-9).log10() - low) / (high - low).max(1e-9)).clamp(0.0, 1.0);
    field.bottom() - field.height() * share as f32
}
