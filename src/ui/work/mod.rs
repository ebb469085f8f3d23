//! The Work page: inputs at the left; sentences, figures, curves and tables in the centre.

mod field;
mod fleet;
mod inputs;
mod results;
mod table;

use eframe::egui::{CentralPanel, Frame, Margin, Panel, ScrollArea, Ui};

use super::Actions;
use super::dialogs::Dialogs;
use super::theme::{Tokens, size, space};
use super::widgets::empty_state;
use crate::app::{Action, State};
use crate::language::tr;

/// Draws the page below the top bar.
pub(super) fn page(ui: &mut Ui, state: &State, dialogs: &Dialogs, actions: &mut Actions) {
    let t = Tokens::of(ui);
    let mut asked = Vec::new();
    Panel::left("work").exact_size(size::LEFT).resizable(false).frame(Frame::new()).show(ui, |ui| {
        ScrollArea::vertical().id_salt("work inputs").auto_shrink(false).show(ui, |ui| {
            Frame::new().inner_margin(Margin::symmetric(space::L as i8, space::M as i8)).show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = 6.0;
                inputs::show(ui, state, &mut asked);
                super::detail::follow_focus(ui);
            });
        });
    });
    CentralPanel::default().frame(Frame::new().fill(t.bg)).show(ui, |ui| {
        ScrollArea::vertical().id_salt("work results").auto_shrink(false).show(ui, |ui| {
            let margin = Margin { left: 24, right: 24, top: 12, bottom: 24 };
            Frame::new().inner_margin(margin).show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = space::M;
                super::notices::show(ui, state, actions);
                centre(ui, state, actions, &mut asked);
                fleet::show(ui, state, dialogs, actions);
                super::detail::follow_focus(ui);
            });
        });
    });
    actions.extend(asked.into_iter().map(Action::Work));
}

fn centre(ui: &mut Ui, state: &State, actions: &mut Actions, asked: &mut Vec<crate::app::WorkAction>) {
    let Some(found) = &state.work.found else {
        let (title, sentence) = if state.machine.is_none() && state.probing {
            (tr!("Looking at this computer"), tr!("What it can do is worked out as soon as it is read."))
        } else if state.machine.is_none() {
            (
                tr!("This computer could not be read"),
                tr!("Build a rig on the Machine page to see what it would do."),
            )
        } else {
            (tr!("Working it out"), tr!("All models are asked how long this takes on this machine."))
        };
        empty_state(ui, title, sentence, None);
        return;
    };
    results::show(ui, state, found, actions, asked);
}
