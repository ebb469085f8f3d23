//! Hints for a first start: a line that stays until it is dismissed, and never comes back.

use eframe::egui::{Align, Ui};

use super::Actions;
use super::theme::space;
use super::widgets::{notice_bar, notice_button, notice_words};
use crate::app::habits::HabitsAction;
use crate::app::{Action, State};
use crate::language::tr;

/// Draws the hint about what is in view, where there is one.
pub(super) fn show(ui: &mut Ui, state: &State, actions: &mut Actions) {
    let Some(hint) = state.hint() else { return };
    notice_bar(ui, Align::Center, |ui| {
        if notice_button(ui, tr!("Got it")).clicked() {
            actions.push(Action::Habits(HabitsAction::Read(hint)));
        }
        notice_words(ui, hint.text(), hint.text());
    });
    ui.add_space(space::S);
}
