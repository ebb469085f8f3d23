//! What holds other widgets: card, labelled control, figure, empty state, rule.

use eframe::egui::accesskit::Role;
use eframe::egui::{
    Align, Align2, CornerRadius, Frame, InnerResponse, Margin, Rect, Response, Sense, Stroke, Ui, WidgetInfo,
    pos2, vec2,
};

use super::{explain, paint};
use crate::language::tr;
use crate::ui::theme::{Text, Tokens, radius, size, space};

/// A card: title at the left, note at the right, `body` below. As wide as there is room.
pub fn card<R>(ui: &mut Ui, title: &str, note: &str, body: impl FnOnce(&mut Ui) -> R) -> InnerResponse<R> {
    card_frame(ui, |ui| {
        card_header(ui, title, note);
        body(ui)
    })
}

/// A card without a header, for a body that has its own.
pub fn card_frame<R>(ui: &mut Ui, body: impl FnOnce(&mut Ui) -> R) -> InnerResponse<R> {
    let t = Tokens::of(ui);
    let side = (size::CARD_PADDING - size::LINE) as i8;
    Frame::new()
        .fill(t.card)
        .stroke(Stroke::new(size::LINE, t.line))
        .corner_radius(radius::CARD)
        .inner_margin(Margin { left: side, right: side, top: 0, bottom: 9 })
        .show(ui, |ui| {
            ui.set_min_width(ui.available_width());
            body(ui)
        })
}

/// The first line of a card; leaves the cursor where the body begins and says where the line is.
pub(super) fn card_header(ui: &mut Ui, title: &str, note: &str) -> Rect {
    let t = Tokens::of(ui);
    let gap = std::mem::take(&mut ui.spacing_mut().item_spacing.y);
    let wanted = vec2(ui.available_width(), size::CARD_HEADER - size::LINE);
    let (rect, response) = ui.allocate_exact_size(wanted, Sense::hover());
    ui.spacing_mut().item_spacing.y = gap;
    let y = rect.top() + 17.0;
    let at = pos2(rect.left(), y);
    let title_rect = paint::text(ui.painter(), at, Align2::LEFT_CENTER, title, Text::Label, t.text_2);
    let note_size = paint::galley(ui.painter(), note, Text::Small, t.text_3).size();
    // A note that does not fit beside the title is left out rather than cut.
    if title_rect.right() + space::S + note_size.x <= rect.right() {
        let at = pos2(rect.right(), y);
        paint::text(ui.painter(), at, Align2::RIGHT_CENTER, note, Text::Small, t.text_3);
    }
    response.widget_info(|| WidgetInfo::labeled(Role::Heading, true, title));
    explain(ui, title, title_rect);
    rect
}

/// A caption and the control under it.
pub fn labelled<R>(ui: &mut Ui, label: &str, control: impl FnOnce(&mut Ui) -> R) -> R {
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = 4.0;
        caption(ui, label, "");
        control(ui)
    })
    .inner
}

/// A caption, with a value at the right end of its line; 16 high.
pub fn caption(ui: &mut Ui, label: &str, value: &str) -> Response {
    let t = Tokens::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 16.0), Sense::hover());
    let painter = ui.painter();
    let words = paint::text(painter, rect.left_center(), Align2::LEFT_CENTER, label, Text::Label, t.text_2);
    paint::text(painter, rect.right_center(), Align2::RIGHT_CENTER, value, Text::Body, t.text);
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, label));
    explain(ui, label, words);
    response
}

/// A large number with its unit beside it and a caption below, such as "11.8", "GiB", "memory needed";
/// without a number tr!("n/a").
///
/// As wide as its text; put figures in a row with [`space::XL`] between.
pub fn figure(ui: &mut Ui, number: Option<&str>, unit: &str, caption: &str) -> Response {
    const BASELINE: f32 = 23.0;
    let t = Tokens::of(ui);
    let painter = ui.painter();
    let ink = if number.is_some() { t.text } else { t.text_3 };
    let number = number.unwrap_or(tr!("n/a"));
    let number_text = paint::galley(painter, number, Text::Figure, ink);
    let unit_text = paint::galley(painter, unit, Text::Body, t.text_2);
    let caption_text = paint::galley(painter, caption, Text::Small, t.text_3);
    let gap = if unit.is_empty() { 0.0 } else { 5.0 };
    let first_line = number_text.size().x + gap + unit_text.size().x;
    let wanted = vec2(first_line.max(caption_text.size().x).ceil(), 43.0);
    let (rect, response) = ui.allocate_exact_size(wanted, Sense::hover());
    if ui.is_rect_visible(rect) {
        let painter = ui.painter();
        let y = rect.top() + BASELINE;
        let number_rect = paint::on_baseline(painter, rect.left(), y, Align::Min, number_text);
        paint::on_baseline(painter, number_rect.right() + gap, y, Align::Min, unit_text);
        paint::on_baseline(painter, rect.left(), y + 16.0, Align::Min, caption_text);
    }
    response.widget_info(|| {
        let unit = if unit.is_empty() { String::new() } else { format!(" {unit}") };
        WidgetInfo::labeled(Role::Label, true, format!("{caption}: {number}{unit}"))
    });
    response
}

/// A page without content: three grey bars, what is missing, what follows from it, and the way out.
/// Answers whether the button was clicked.
pub fn empty_state(ui: &mut Ui, title: &str, sentence: &str, button: Option<&str>) -> bool {
    let t = Tokens::of(ui);
    let mut clicked = false;
    ui.vertical_centered(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        let block = 33.0 + 22.0 + 20.0 + 26.0 + size::CONTROL;
        ui.add_space(((ui.available_height() - block) / 2.0 * 0.9).max(space::XL));
        let (rect, _) = ui.allocate_exact_size(vec2(56.0, 33.0), Sense::hover());
        for (row, width) in [56.0, 40.0, 26.0].into_iter().enumerate() {
            let y = rect.top() + 3.5 + 13.0 * row as f32;
            let bar = Rect::from_center_size(pos2(rect.center().x, y), vec2(width, 7.0));
            ui.painter().rect_filled(paint::snap(ui, bar), radius::BAR, t.line);
        }
        ui.add_space(22.0);
        ui.label(Text::Title.rich(title).color(t.text));
        ui.add_space(space::S);
        ui.label(Text::Body.rich(sentence).color(t.text_2));
        if let Some(button) = button {
            ui.add_space(space::M);
            clicked = ui.button(button).clicked();
        }
    });
    clicked
}

/// A hairline across the available width.
pub fn rule(ui: &mut Ui) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), size::LINE), Sense::hover());
    ui.painter().rect_filled(paint::snap(ui, rect), CornerRadius::ZERO, Tokens::of(ui).line);
}

/// tr!("n/a"), with the reason on hover: an unknown value is never 0.
pub fn not_available(ui: &mut Ui, reason: &str) -> Response {
    let t = Tokens::of(ui);
    let response = ui.label(Text::Body.rich(tr!("n/a")).color(t.text_3));
    if reason.is_empty() { response } else { response.on_hover_text(reason) }
}
