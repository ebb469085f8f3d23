//! Shortcuts that work wherever the focus is.

use eframe::egui::{Id, Key, KeyboardShortcut, Modifiers, Ui};

use super::Actions;
use crate::app::{Action, Page, State, View};

/// Search.
const FIND: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::F);
/// Takes back a change of what is asked.
pub(super) const UNDO: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::Z);
/// Makes it again.
const REDO: [KeyboardShortcut; 2] = [
    KeyboardShortcut::new(Modifiers::COMMAND.plus(Modifiers::SHIFT), Key::Z),
    KeyboardShortcut::new(Modifiers::COMMAND, Key::Y),
];
/// The table.
const TABLE: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::Num1);
/// The matrix.
const MATRIX: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::Num2);
/// The map.
const MAP: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::Num3);
/// The machine.
const MACHINE: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::Num4);
/// Work and money.
const WORK: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::Num5);

/// Open a model.
const OPEN: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::O);

/// The search field, for giving it the focus.
pub(super) fn search_id() -> Id {
    Id::unique("search")
}

/// How a shortcut is written on this system.
pub(super) fn find_text(ui: &Ui) -> String {
    ui.ctx().format_shortcut(&FIND)
}

/// How the shortcut that opens a model is written on this system.
pub(super) fn open_text(ui: &Ui) -> String {
    ui.ctx().format_shortcut(&OPEN)
}

/// Whether a model is to be opened.
pub(super) fn opens(ui: &Ui) -> bool {
    ui.input_mut(|input| input.consume_shortcut(&OPEN))
}

/// Takes the shortcuts out of this frame's input. `overlay`: the detail lies over the centre.
pub(super) fn handle(ui: &Ui, state: &State, overlay: bool, actions: &mut Actions) {
    let pressed = |shortcut: &KeyboardShortcut| ui.input_mut(|input| input.consume_shortcut(shortcut));
    if pressed(&FIND) {
        if !state.settings.page.shows_models() {
            actions.push(Action::SetPage(Page::Models));
        }
        ui.memory_mut(|memory| memory.request_focus(search_id()));
    }
    // A text field undoes its own text.
    if !ui.ctx().text_edit_focused() {
        // Shift before none: the shorter shortcut would take both.
        if REDO.iter().any(pressed) {
            actions.push(Action::Redo);
        } else if pressed(&UNDO) {
            actions.push(Action::Undo);
        }
    }
    if pressed(&TABLE) {
        actions.push(Action::SetView(View::Table));
    }
    if pressed(&MATRIX) {
        actions.push(Action::SetView(View::Matrix));
    }
    if pressed(&MAP) {
        actions.push(Action::SetPage(Page::Map));
    }
    if pressed(&MACHINE) {
        actions.push(Action::SetPage(Page::Machine));
    }
    if pressed(&WORK) {
        actions.push(Action::SetPage(Page::Work));
    }
    escape(ui, state, overlay, actions);
}

/// Whether something lies over the page that takes the keys: a list, or a dialog.
pub(super) fn is_covered(ui: &Ui) -> bool {
    eframe::egui::Popup::is_any_open(ui.ctx()) || ui.memory(|memory| memory.top_modal_layer().is_some())
}

/// Esc closes what is open, from the top: a popup (which sees to it itself), the detail over the page, the
/// search, the detail on the whole page.
fn escape(ui: &Ui, state: &State, overlay: bool, actions: &mut Actions) {
    let popup = state.own.open || state.models.part.is_some() || eframe::egui::Popup::is_any_open(ui.ctx());
    if popup || !ui.input(|input| input.key_pressed(Key::Escape)) {
        return;
    }
    // A field of another page gives up what was typed by itself.
    if !state.settings.page.shows_models() {
        return;
    }
    // Esc has already taken the focus from the field.
    let searching = ui.memory(|memory| memory.had_focus_last_frame(search_id()));
    if overlay {
        actions.push(Action::ShowDetail(false));
    } else if searching && !state.search.is_empty() {
        actions.push(Action::Search(String::new()));
    } else if state.detail_page {
        actions.push(Action::ShowDetailPage(false));
    }
}
