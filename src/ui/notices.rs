//! Messages above the rows, one line each.

use eframe::egui::{Align, Button, Frame, Label, Layout, Margin, Stroke, Ui};

use super::Actions;
use super::theme::{Text, Tokens, radius, size, space};
use crate::app::{Action, NoticeKind, Page, State};

/// Draws all notices, with what can be done about each at the right.
pub(super) fn show(ui: &mut Ui, state: &State, actions: &mut Actions) {
    // The page of the machine says itself what could not be read.
    let is_here = |kind| kind == NoticeKind::Problems && state.settings.page == Page::Machine;
    for notice in state.notices.iter().filter(|notice| !is_here(notice.kind)) {
        let t = Tokens::of(ui);
        Frame::new()
            .fill(t.card)
            .stroke(Stroke::new(size::LINE, t.line))
            .corner_radius(radius::CONTROL)
            .inner_margin(Margin { left: 12, right: 4, top: 2, bottom: 2 })
            .show(ui, |ui| {
                let row = Layout::right_to_left(Align::Center);
                ui.allocate_ui_with_layout([ui.available_width(), size::CONTROL].into(), row, |ui| {
                    ui.spacing_mut().item_spacing.x = space::XS;
                    if action(ui, "Dismiss").clicked() {
                        actions.push(Action::Dismiss(notice.kind));
                    }
                    if matches!(notice.kind, NoticeKind::Problems | NoticeKind::NoGpu)
                        && state.settings.page != Page::Machine
                        && action(ui, "What was found").clicked()
                    {
                        actions.push(Action::SetPage(Page::Machine));
                    }
                    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                        let text = Text::Body.rich(&notice.text).color(t.text_2);
                        ui.add(Label::new(text).truncate()).on_hover_text(&notice.text);
                    });
                });
            });
        ui.add_space(space::S);
    }
}

fn action(ui: &mut Ui, label: &str) -> eframe::egui::Response {
    let text = Text::Button.rich(label).color(Tokens::of(ui).text);
    ui.add(Button::new(text).frame_when_inactive(false))
}
