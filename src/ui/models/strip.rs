//! What is being opened, and what could not be, in lines above the rows.

use eframe::egui::{Align, Button, Frame, Label, Layout, Margin, Stroke, Ui};

use crate::app::models::ModelsAction;
use crate::app::{Action, State};
use crate::ui::Actions;
use crate::ui::theme::{Text, Tokens, radius, size, space};

/// Faults that are shown, each on a line.
const SHOWN: usize = 4;

/// Draws what is under way, and what went wrong, with what can be done about it.
pub(in crate::ui) fn strip(ui: &mut Ui, state: &State, actions: &mut Actions) {
    let models = &state.models;
    if let [first, others @ ..] = models.opening.as_slice() {
        let name = first.path.file_name().unwrap_or(first.path.as_os_str()).to_string_lossy();
        let words = match others.len() {
            0 => format!("Opening {name}…"),
            more => format!("Opening {name} and {more} more…"),
        };
        bar(ui, |ui| {
            if button(ui, "Cancel").clicked() {
                actions.push(Action::Models(ModelsAction::CancelOpening));
            }
            words_at_left(ui, &words, &first.path.display().to_string());
        });
        ui.add_space(space::S);
    }
    if models.faults.is_empty() {
        return;
    }
    bar(ui, |ui| {
        if button(ui, "Dismiss").clicked() {
            actions.push(Action::Models(ModelsAction::CloseFaults));
        }
        ui.with_layout(Layout::top_down(Align::Min), |ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            ui.add_space(4.0);
            let t = Tokens::of(ui);
            for fault in models.faults.iter().take(SHOWN) {
                ui.add(Label::new(Text::Body.rich(fault).color(t.text_2)).wrap());
            }
            if let Some(more) = models.faults.len().checked_sub(SHOWN).filter(|more| *more > 0) {
                let all = models.faults.join("\n");
                let words = Text::Small.rich(format!("and {more} more")).color(t.text_3);
                ui.add(Label::new(words)).on_hover_text(all);
            }
            ui.add_space(4.0);
        });
    });
    ui.add_space(space::S);
}

fn bar(ui: &mut Ui, contents: impl FnOnce(&mut Ui)) {
    let t = Tokens::of(ui);
    Frame::new()
        .fill(t.card)
        .stroke(Stroke::new(size::LINE, t.line))
        .corner_radius(radius::CONTROL)
        .inner_margin(Margin { left: 12, right: 4, top: 2, bottom: 2 })
        .show(ui, |ui| {
            let row = Layout::right_to_left(Align::Min);
            ui.allocate_ui_with_layout([ui.available_width(), size::CONTROL].into(), row, |ui| {
                ui.spacing_mut().item_spacing.x = space::S;
                contents(ui);
            });
        });
}

fn words_at_left(ui: &mut Ui, words: &str, all: &str) {
    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
        let text = Text::Body.rich(words).color(Tokens::of(ui).text_2);
        ui.add(Label::new(text).truncate()).on_hover_text(all);
    });
}

fn button(ui: &mut Ui, label: &str) -> eframe::egui::Response {
    let text = Text::Button.rich(label).color(Tokens::of(ui).text);
    ui.add(Button::new(text).frame_when_inactive(false))
}
