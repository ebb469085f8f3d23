//! Shortcuts that work wherever the focus is.

use eframe::egui::{Id, Key, KeyboardShortcut, Modifiers, Ui};

use super::Actions;
use crate::app::habits::HabitsAction;
use crate::app::tray::TrayAction;
use crate::app::{Action, Page, PaletteAction, State, View};
use crate::language::tr;

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

/// The command palette.
const PALETTE: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::K);
/// The Export menu.
const EXPORT: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::E);
/// Copies what is shown, as Markdown.
const COPY: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND.plus(Modifiers::SHIFT), Key::C);

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

/// What works wherever the focus is: keys as they are written on this system, and what they do.
pub(super) fn everywhere(ui: &Ui) -> Vec<(String, &'static str)> {
    let text = |shortcut: &KeyboardShortcut| ui.ctx().format_shortcut(shortcut);
    let redo = REDO.iter().map(text).collect::<Vec<_>>().join(tr!(" or "));
    vec![
        (text(&PALETTE), tr!("Find a model, a page, a setting, and go there")),
        ("?".to_owned(), tr!("This list")),
        ("F1".to_owned(), tr!("What the terms mean; on a term, that one")),
        ("F".to_owned(), tr!("The selected model is a favourite, or no longer")),
        ("P".to_owned(), tr!("Pin the selected model; with Shift, hold the pinned side by side")),
        (text(&FIND), tr!("Search models")),
        (text(&OPEN), tr!("Open a model from a file or a folder")),
        (text(&EXPORT), tr!("Export what is shown")),
        (text(&COPY), tr!("Copy what is shown, as Markdown")),
        (text(&UNDO), tr!("Take back the last change of what is asked")),
        (redo, tr!("Make it again")),
        (text(&TABLE), tr!("Models as a table")),
        (text(&MATRIX), tr!("Models as a matrix of quantizations")),
        (text(&MAP), tr!("Map")),
        (text(&MACHINE), tr!("Machine")),
        (text(&WORK), tr!("Work")),
        (zoom(ui), tr!("Larger, smaller, usual size")),
    ]
}

/// Keys that egui takes for the size of everything.
fn zoom(ui: &Ui) -> String {
    use eframe::egui::gui_zoom::kb_shortcuts::{ZOOM_IN, ZOOM_OUT, ZOOM_RESET};
    [ZOOM_IN, ZOOM_OUT, ZOOM_RESET].map(|keys| ui.ctx().format_shortcut(&keys)).join(", ")
}

/// How the shortcut of the Export menu is written on this system.
pub(super) fn export_text(ui: &Ui) -> String {
    ui.ctx().format_shortcut(&EXPORT)
}

/// How the shortcut that copies what is shown is written on this system.
pub(super) fn copy_text(ui: &Ui) -> String {
    ui.ctx().format_shortcut(&COPY)
}

/// Whether the Export menu is to be opened.
pub(super) fn exports(ui: &Ui) -> bool {
    ui.input_mut(|input| input.consume_shortcut(&EXPORT))
}

/// Whether what is shown is to be copied.
pub(super) fn copies(ui: &Ui) -> bool {
    ui.input_mut(|input| input.consume_shortcut(&COPY))
}

/// P pins what is selected, or no longer; with Shift it opens what is pinned side by side.
fn pins(ui: &Ui, state: &State, actions: &mut Actions) {
    if state.settings.page != Page::Models || ui.ctx().text_edit_focused() || is_covered(ui) {
        return;
    }
    // Shift before none: the key without it would take both.
    if ui.input_mut(|input| input.consume_key(Modifiers::SHIFT, Key::P)) {
        actions.push(Action::Tray(TrayAction::Open(!state.tray.open)));
    } else if ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::P)) {
        actions.push(Action::Tray(TrayAction::Toggle));
    }
}

/// Whether a model is to be opened.
pub(super) fn opens(ui: &Ui) -> bool {
    ui.input_mut(|input| input.consume_shortcut(&OPEN))
}

/// Takes the shortcuts out of this frame's input. `overlay`: the detail lies over the centre.
pub(super) fn handle(ui: &Ui, state: &State, overlay: bool, actions: &mut Actions) {
    let pressed = |shortcut: &KeyboardShortcut| ui.input_mut(|input| input.consume_shortcut(shortcut));
    if pressed(&PALETTE) {
        actions.push(Action::Palette(PaletteAction::Show(state.palette.is_none())));
    }
    // A question mark is a letter where something is typed.
    if !ui.ctx().text_edit_focused()
        && ui.input_mut(|input| {
            input.consume_key(Modifiers::SHIFT, Key::Questionmark)
                || input.consume_key(Modifiers::NONE, Key::Questionmark)
        })
    {
        actions.push(Action::ShowShortcuts(!state.shortcuts));
    }
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
    favourite(ui, state, actions);
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
    pins(ui, state, actions);
    if pressed(&WORK) {
        actions.push(Action::SetPage(Page::Work));
    }
    escape(ui, state, overlay, actions);
}

/// F gives the selected model a star, or takes it away.
fn favourite(ui: &Ui, state: &State, actions: &mut Actions) {
    let elsewhere = state.settings.page != Page::Models || ui.ctx().text_edit_focused() || is_covered(ui);
    if !elsewhere && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::F)) {
        actions.push(Action::Habits(HabitsAction::Favourite(None)));
    }
}

/// Whether something lies over the page that takes the keys: a list, or a dialog.
pub(super) fn is_covered(ui: &Ui) -> bool {
    eframe::egui::Popup::is_any_open(ui.ctx()) || ui.memory(|memory| memory.top_modal_layer().is_some())
}

/// Esc closes what is open, from the top: a popup (which sees to it itself), the detail over the page, the
/// search, the detail on the whole page.
fn escape(ui: &Ui, state: &State, overlay: bool, actions: &mut Actions) {
    let dialog = state.palette.is_some() || state.shortcuts;
    let popup = dialog
        || state.own.open
        || state.share.open
        || state.export.place.is_some()
        || state.models.part.is_some()
        || eframe::egui::Popup::is_any_open(ui.ctx());
    if popup || !ui.input(|input| input.key_pressed(Key::Escape)) {
        return;
    }
    // A field of another page gives up what was typed by itself.
    if !state.settings.page.shows_models() {
        return;
    }
    // Esc has already taken the focus from the field.
    let searching = ui.memory(|memory| memory.had_focus_last_frame(search_id()));
    if state.tray.open {
        actions.push(Action::Tray(TrayAction::Open(false)));
    } else if overlay {
        actions.push(Action::ShowDetail(false));
    } else if searching && !state.search.is_empty() {
        actions.push(Action::Search(String::new()));
    } else if state.detail_page {
        actions.push(Action::ShowDetailPage(false));
    }
}
