//! The filter that the map makes, where it can be removed: on each page that lists models.

use eframe::egui::{Align, Button, Frame, Label, Layout, Margin, Stroke, Ui};

use crate::app::map::MapAction;
use crate::app::{Action, State};
use crate::ui::Actions;
use crate::ui::theme::{Text, Tokens, radius, size, space};

/// "12 picked on the map" with the way back; nothing where nobody picked.
pub fn chip(ui: &mut Ui, state: &State, actions: &mut Actions) {
    let Some(picked) = &state.map.picked else { return };
    let t = Tokens::of(ui);
    ui.add_space(space::S);
    Frame::new()
        .fill(t.accent_bg)
        .stroke(Stroke::new(size::LINE, t.accent_line))
        .corner_radius(radius::CONTROL)
        .inner_margin(Margin { left: 10, right: 2, top: 0, bottom: 0 })
        .show(ui, |ui| {
            ui.set_height(size::CONTROL - 2.0 * size::LINE);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let remove =
                    Button::new(Text::Button.rich("Remove").color(t.text)).frame_when_inactive(false);
                if ui.add(remove).on_hover_text("List all models again").clicked() {
                    actions.push(Action::Map(MapAction::Unpick));
                }
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    let words = format!("{} picked on the map", picked.len());
                    ui.add(Label::new(Text::Button.rich(words).color(t.text)).truncate());
                });
            });
        });
}
