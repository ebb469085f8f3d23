//! A line above a page: words at the left, what can be done about it at the right.

use eframe::egui::{Align, Button, Frame, Label, Layout, Margin, Response, Stroke, Ui};

use crate::ui::theme::{Text, Tokens, radius, size};

/// The frame of a line; `contents` go from right to left, `align` says where across it.
pub fn notice_bar(ui: &mut Ui, align: Align, contents: impl FnOnce(&mut Ui)) {
    let t = Tokens::of(ui);
    Frame::new()
        .fill(t.card)
        .stroke(Stroke::new(size::LINE, t.line))
        .corner_radius(radius::CONTROL)
        .inner_margin(Margin { left: 12, right: 4, top: 2, bottom: 2 })
        .show(ui, |ui| {
            let row = Layout::right_to_left(align);
            ui.allocate_ui_with_layout([ui.available_width(), size::CONTROL].into(), row, contents);
        });
}

/// Its words, cut where room ends; `all` of them on hover.
pub fn notice_words(ui: &mut Ui, words: &str, all: &str) {
    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
        let text = Text::Body.rich(words).color(Tokens::of(ui).text_2);
        ui.add(Label::new(text).truncate()).on_hover_text(all);
    });
}

/// What can be done.
pub fn notice_button(ui: &mut Ui, label: &str) -> Response {
    let text = Text::Button.rich(label).color(Tokens::of(ui).text);
    ui.add(Button::new(text).frame_when_inactive(false))
}
