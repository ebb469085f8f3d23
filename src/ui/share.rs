//! Share codes: the button that copies one, the place that says what it carries, and where another is opened.

use eframe::egui::{
    Align, Align2, Button, Event, Frame, Id, Key, Label, Layout, Margin, Modal, ScrollArea, Stroke,
    StrokeKind, TextEdit, Ui, ViewportCommand, vec2,
};

use super::Actions;
use super::theme::{Text, Tokens, radius, size, space};
use super::widgets::{card, check, copy_button};
use crate::app::share::{ShareAction, Shared};
use crate::app::{Action, State};
use crate::language::tr;

/// Width where the window leaves it.
const WIDTH: f32 = 560.0;
/// What the window keeps around.
const MARGIN: f32 = 32.0;
/// Tallest code that is shown without scrolling.
const CODE_HEIGHT: f32 = 96.0;

/// The button of the top bar: copies the code of what is in view, and opens the place that says what it carries.
pub(super) fn button(ui: &mut Ui, state: &State, actions: &mut Actions) {
    let text = Text::Button.rich(tr!("Share")).color(Tokens::of(ui).text);
    let button = ui.add(Button::new(text).min_size(vec2(0.0, size::CONTROL)));
    if button.on_hover_text(tr!("Copy what is shown here as a short code, or open one")).clicked() {
        if let Ok(code) = state.share_code() {
            ui.copy_text(code);
        }
        actions.push(Action::Share(ShareAction::Show(true)));
    }
}

/// Takes a code that is pasted, wherever the focus is: no field is meant to hold one.
pub(super) fn paste(ui: &Ui, actions: &mut Actions) {
    let is_typing = ui.ctx().text_edit_focused();
    let found = ui.input_mut(|input| {
        let place = input.events.iter().position(|event| {
            let Event::Paste(text) = event else { return false };
            // One that is damaged stays where it was pasted to, if that is a field.
            Shared::in_text(text).is_some_and(|read| read.is_ok() || !is_typing)
        })?;
        Some(input.events.remove(place))
    });
    if let Some(Event::Paste(text)) = found {
        actions.push(Action::Share(ShareAction::Take(text)));
    }
}

/// Shows the place over the window while it is open.
pub(super) fn show(ui: &Ui, state: &State, actions: &mut Actions) {
    if !state.share.open {
        return;
    }
    let ctx = ui.ctx();
    let room = ctx.content_rect().size() - vec2(2.0 * MARGIN, 2.0 * MARGIN);
    let frame = Frame::window(ui.style()).fill(Tokens::of(ui).panel).inner_margin(space::L as i8);
    let mut asked = Vec::new();
    let response = Modal::new(Id::unique("share")).frame(frame).show(ctx, |ui| {
        ui.set_width(WIDTH.min(room.x) - 2.0 * space::L);
        ui.spacing_mut().item_spacing.y = space::M;
        header(ui, &mut asked);
        let height = room.y - size::CONTROL - 3.0 * space::L;
        // It grows with what is in it, up to the window: a dialog knows no room of its own.
        let scroll = ScrollArea::vertical().max_height(height).min_scrolled_height(height);
        scroll.auto_shrink([false, true]).show(ui, |ui| {
            ui.set_width(ui.available_width() - space::S);
            ui.spacing_mut().item_spacing.y = space::M;
            code(ui, state, &mut asked);
            other(ui, state, &mut asked);
            super::detail::follow_focus(ui);
        });
    });
    if response.should_close() {
        asked.push(ShareAction::Show(false));
    }
    actions.extend(asked.into_iter().map(Action::Share));
}

fn header(ui: &mut Ui, asked: &mut Vec<ShareAction>) {
    let t = Tokens::of(ui);
    let row = vec2(ui.available_width(), size::CONTROL);
    ui.allocate_ui_with_layout(row, Layout::right_to_left(Align::Center), |ui| {
        let close = Button::new(Text::Button.rich(tr!("Close")).color(t.text)).frame_when_inactive(false);
        if ui.add(close).on_hover_text("Esc").clicked() {
            asked.push(ShareAction::Show(false));
        }
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            ui.label(Text::Title.rich(tr!("Share")).color(t.text));
        });
    });
}

/// The code of what is in view, and what it carries.
fn code(ui: &mut Ui, state: &State, asked: &mut Vec<ShareAction>) {
    let share = &state.share;
    let t = Tokens::of(ui);
    card(ui, tr!("What is shown here"), tr!("copied; nothing is sent anywhere"), |ui| {
        ui.spacing_mut().item_spacing.y = space::S;
        if let Some(why) = &share.no_code {
            let words = tr!("There is no code: {why}", why);
            ui.add(Label::new(Text::Body.rich(words).color(t.text)).wrap());
        } else {
            let scroll = ScrollArea::vertical().id_salt("code").max_height(CODE_HEIGHT);
            scroll.min_scrolled_height(CODE_HEIGHT).show(ui, |ui| {
                ui.set_width(ui.available_width() - space::S);
                ui.add(Label::new(Text::Mono.rich(&share.code).color(t.text)).wrap());
            });
        }
        ui.scope(|ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            for line in &share.carries {
                ui.add(Label::new(Text::Small.rich(line).color(t.text_2)).wrap());
            }
        });
        ui.horizontal(|ui| {
            if share.no_code.is_none() {
                copy_button(ui, Id::unique("copy share code"), &share.code);
            }
            ui.add_space(space::S);
            let with = check(ui, tr!("With the machine"), !share.without_machine);
            asked.extend(with.map(|with| ShareAction::WithoutMachine(!with)));
        });
    });
}

/// A code of somebody else's.
fn other(ui: &mut Ui, state: &State, asked: &mut Vec<ShareAction>) {
    let share = &state.share;
    let t = Tokens::of(ui);
    card(ui, tr!("Open a code"), tr!("it may also be pasted anywhere in the window"), |ui| {
        ui.spacing_mut().item_spacing.y = space::S;
        let mut typed = share.typed.clone();
        let field = TextEdit::singleline(&mut typed)
            .id(Id::unique("share code"))
            .font(Text::Mono.font())
            .hint_text(Text::Mono.rich(tr!("PLIM1…")).color(t.text_3))
            .text_color(t.text)
            .align(Align2::LEFT_CENTER)
            .margin(Margin { left: 10, right: 10, top: 0, bottom: 0 });
        let field =
            ui.add_sized(vec2(ui.available_width(), size::CONTROL), field).accessible_name(tr!("Share code"));
        let typed_enter = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        if share.fault.is_some() {
            let stroke = Stroke::new(1.5, t.error);
            ui.painter().rect_stroke(field.rect, radius::CONTROL, stroke, StrokeKind::Inside);
        }
        if field.changed() {
            asked.push(ShareAction::Type(typed));
        }
        if let Some(fault) = &share.fault {
            ui.add(Label::new(Text::Cell.rich(fault).color(t.error)).wrap());
        }
        ui.horizontal(|ui| {
            let is_empty = share.typed.trim().is_empty();
            if ui.add_enabled(!is_empty, Button::new(tr!("Open"))).clicked() || (typed_enter && !is_empty) {
                asked.push(ShareAction::Open);
            }
            if ui.button(tr!("Paste")).on_hover_text(tr!("Reads the text on the clipboard")).clicked() {
                ui.ctx().send_viewport_cmd(ViewportCommand::RequestPaste);
            }
        });
    });
}
