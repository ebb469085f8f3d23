//! Messages above the rows, one line each.

use eframe::egui::{Align, Ui};

use super::Actions;
use super::theme::space;
use super::widgets::{notice_bar, notice_button, notice_words};
use crate::app::{Action, NoticeKind, Page, State};
use crate::language::tr;

/// Draws all notices, with what can be done about each at the right.
pub(super) fn show(ui: &mut Ui, state: &State, actions: &mut Actions) {
    // The page of the machine says itself what could not be read.
    let is_here = |kind| kind == NoticeKind::Problems && state.settings.page == Page::Machine;
    for notice in state.notices.iter().filter(|notice| !is_here(notice.kind)) {
        notice_bar(ui, Align::Center, |ui| {
            ui.spacing_mut().item_spacing.x = space::XS;
            if notice_button(ui, tr!("Dismiss")).clicked() {
                actions.push(Action::Dismiss(notice.kind));
            }
            if matches!(notice.kind, NoticeKind::Problems | NoticeKind::NoGpu)
                && state.settings.page != Page::Machine
                && notice_button(ui, tr!("What was found")).clicked()
            {
                actions.push(Action::SetPage(Page::Machine));
            }
            if notice.kind == NoticeKind::Share
                && state.can_undo()
                && notice_button(ui, tr!("Undo")).clicked()
            {
                actions.extend([Action::Undo, Action::Dismiss(notice.kind)]);
            }
            notice_words(ui, &notice.text, &notice.text);
        });
        ui.add_space(space::S);
    }
}
