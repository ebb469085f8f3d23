//! What is being opened, and what could not be, in lines above the rows.

use eframe::egui::{Align, Label, Layout, Ui};

use crate::app::models::ModelsAction;
use crate::app::{Action, State};
use crate::language::tr;
use crate::ui::Actions;
use crate::ui::theme::{Text, Tokens, space};
use crate::ui::widgets::{notice_bar, notice_button, notice_words};

/// Faults that are shown, each on a line.
const SHOWN: usize = 4;

/// Draws what is under way, and what went wrong, with what can be done about it.
pub(in crate::ui) fn strip(ui: &mut Ui, state: &State, actions: &mut Actions) {
    let models = &state.models;
    if let [first, others @ ..] = models.opening.as_slice() {
        let name = first.path.file_name().unwrap_or(first.path.as_os_str()).to_string_lossy();
        let words = match others.len() {
            0 => tr!("Opening {name}…", name),
            more => tr!("Opening {name} and {more} more…", name, more),
        };
        notice_bar(ui, Align::Min, |ui| {
            ui.spacing_mut().item_spacing.x = space::S;
            if notice_button(ui, tr!("Cancel")).clicked() {
                actions.push(Action::Models(ModelsAction::CancelOpening));
            }
            notice_words(ui, &words, &first.path.display().to_string());
        });
        ui.add_space(space::S);
    }
    if models.faults.is_empty() {
        return;
    }
    notice_bar(ui, Align::Min, |ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        if notice_button(ui, tr!("Dismiss")).clicked() {
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
                let words = Text::Small.rich(tr!("and {more} more", more)).color(t.text_3);
                ui.add(Label::new(words)).on_hover_text(all);
            }
            ui.add_space(4.0);
        });
    });
    ui.add_space(space::S);
}
