//! The Export menu, and the path of a file where the system shows no dialog.

use eframe::egui::{
    Align2, Button, Frame, Id, Key, Label, Layout, Margin, Modal, Popup, PopupCloseBehavior, Response,
    TextEdit, Ui, vec2,
};

use super::dialogs::Dialogs;
use super::theme::{Text, Tokens, size, space};
use super::{Actions, keys, picture};
use crate::app::export::{ExportAction, Order, What};
use crate::app::report::Form;
use crate::app::{Action, State};
use crate::language::tr;

/// Width of the menu, and of the field for a path.
const WIDTH: f32 = 300.0;

/// The menu, for opening it by keyboard.
fn menu_id() -> Id {
    Id::unique("export menu")
}

/// The button and its menu. `list`: what the page shows, and how the menu calls it.
pub(super) fn menu(ui: &mut Ui, state: &State, dialogs: &Dialogs, list: (What, &str), actions: &mut Actions) {
    let text = Text::Button.rich(tr!("Export")).color(Tokens::of(ui).text);
    let button = ui.add(Button::new(text).min_size(vec2(0.0, size::CONTROL)));
    let button = button.on_hover_text(tr!("Copy or save what is shown ({ui})", ui = keys::export_text(ui)));
    if keys::exports(ui) {
        Popup::toggle_id(ui.ctx(), menu_id());
        ui.data_mut(|data| data.insert_temp(menu_id(), true));
    }
    items(&button, state, dialogs, list, actions);
}

fn items(
    button: &Response,
    state: &State,
    dialogs: &Dialogs,
    (list, name): (What, &str),
    actions: &mut Actions,
) {
    let popup =
        Popup::menu(button).id(menu_id()).close_behavior(PopupCloseBehavior::CloseOnClick).width(WIDTH);
    popup.show(|ui| {
        ui.set_min_width(WIDTH);
        // By keyboard the first item has the focus, so that arrows and Enter go on from there.
        let mut first = ui.data_mut(|data| data.remove_temp::<bool>(menu_id())).unwrap_or_default();
        section(ui, name);
        document(ui, state, dialogs, &list, Some(keys::copy_text(ui)), &mut first, actions);
        if let Some(detail) = state.detail.as_ref().filter(|_| list != What::Detail) {
            ui.separator();
            section(ui, &format!("{}, {}", detail.name, detail.level));
            document(ui, state, dialogs, &What::Detail, None, &mut first, actions);
        }
        ui.separator();
        if item(ui, tr!("Save the window as PNG…"), None, &mut first) {
            picture::request(ui.ctx(), None, "plimsoll");
        }
    });
}

fn section(ui: &mut Ui, name: &str) {
    ui.add(Label::new(Text::Label.rich(name).color(Tokens::of(ui).text_2)).truncate());
}

fn document(
    ui: &mut Ui,
    state: &State,
    dialogs: &Dialogs,
    what: &What,
    shortcut: Option<String>,
    first: &mut bool,
    actions: &mut Actions,
) {
    let is_there = state.can_export(what);
    ui.add_enabled_ui(is_there, |ui| {
        if item(ui, tr!("Copy as Markdown"), shortcut, first) {
            actions.push(Action::Export(ExportAction::Copy(what.clone(), Form::Markdown)));
        }
        for form in Form::ALL {
            if item(ui, &tr!("Save as {name}…", name = form.name()), None, first) {
                dialogs.save(ui.ctx(), tr!("Export"), Order::Text(what.clone(), form));
            }
        }
    });
}

fn item(ui: &mut Ui, words: &str, shortcut: Option<String>, first: &mut bool) -> bool {
    let t = Tokens::of(ui);
    let mut button = Button::new(Text::Body.rich(words).color(t.text)).frame_when_inactive(false);
    if let Some(shortcut) = shortcut {
        button = button.shortcut_text(Text::Small.rich(shortcut).color(t.text_2));
    }
    let response = ui.add(button.min_size(vec2(ui.available_width(), 24.0)));
    if std::mem::take(first) {
        response.request_focus();
    }
    response.clicked()
}

/// Copies what is shown, by its shortcut; puts on the clipboard what was made for it since.
pub(super) fn handle(ui: &Ui, state: &State, what: What, actions: &mut Actions) {
    if keys::copies(ui) && state.can_export(&what) {
        actions.push(Action::Export(ExportAction::Copy(what, Form::Markdown)));
    }
    let (number, text) = &state.export.copied;
    let last = Id::unique("last text that was copied");
    if ui.data(|data| data.get_temp::<u64>(last)).unwrap_or_default() < *number {
        ui.data_mut(|data| data.insert_temp(last, *number));
        ui.copy_text(text.to_string());
    }
}

/// Asks for a path over the window, where the system shows no dialog.
pub(super) fn place(ui: &Ui, state: &State, actions: &mut Actions) {
    let Some(place) = &state.export.place else { return };
    let t = Tokens::of(ui);
    let frame = Frame::window(ui.style()).fill(t.panel).inner_margin(space::L as i8);
    let mut asked = Vec::new();
    let response = Modal::new(Id::unique("export path")).frame(frame).show(ui.ctx(), |ui| {
        ui.set_width((2.0 * WIDTH).min(ui.ctx().content_rect().width() - 64.0));
        ui.spacing_mut().item_spacing.y = space::S;
        ui.label(Text::Title.rich(tr!("Save as")).color(t.text));
        let words = tr!("The system shows no file dialog; this is where the file will be.");
        ui.add(Label::new(Text::Body.rich(words).color(t.text_2)).wrap());
        let mut path = place.path.clone();
        let field = TextEdit::singleline(&mut path)
            .id(Id::unique("export path field"))
            .font(Text::Mono.font())
            .text_color(t.text)
            .align(Align2::LEFT_CENTER)
            .margin(Margin { left: 10, right: 10, top: 0, bottom: 0 });
        let field =
            ui.add_sized(vec2(ui.available_width(), size::CONTROL), field).accessible_name(tr!("Path"));
        if field.changed() {
            asked.push(ExportAction::Type(path));
        }
        let entered = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        ui.with_layout(Layout::left_to_right(eframe::egui::Align::Center), |ui| {
            let is_named = !place.path.trim().is_empty();
            if ui.add_enabled(is_named, Button::new(tr!("Save"))).clicked() || (entered && is_named) {
                asked.push(ExportAction::Write);
            }
            if ui.button(tr!("Cancel")).clicked() {
                asked.push(ExportAction::Cancel);
            }
        });
    });
    if response.should_close() && asked.is_empty() {
        asked.push(ExportAction::Cancel);
    }
    actions.extend(asked.into_iter().map(Action::Export));
}
