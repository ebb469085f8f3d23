//! Own measurements: brought as files, pasted or dropped, taken with a program that is installed, listed and
//! removed.

mod list;
mod measure;
mod words;

pub(super) use measure::progress;

use eframe::egui::{
    Align, Button, Event, Frame, Id, Label, Layout, Modal, ScrollArea, Ui, ViewportCommand, vec2,
};

use super::Actions;
use super::dialogs::{Ask, Dialogs};
use super::theme::{Text, Tokens, size, space};
use super::widgets::card;
use crate::app::own::{Import, OwnAction};
use crate::app::{Action, State};
use crate::language::tr;

/// Width where the window leaves it.
const WIDTH: f32 = 820.0;
/// What the window keeps around.
const MARGIN: f32 = 32.0;

/// Shows it over the window while it is open.
pub(super) fn show(ui: &Ui, state: &State, dialogs: &Dialogs, actions: &mut Actions) {
    if !state.own.open {
        return;
    }
    let ctx = ui.ctx();
    let room = ctx.content_rect().size() - vec2(2.0 * MARGIN, 2.0 * MARGIN);
    let t = Tokens::of(ui);
    let frame = Frame::window(ui.style()).fill(t.panel).inner_margin(space::L as i8);
    let mut own = Vec::new();
    let response = Modal::new(Id::unique("own measurements")).frame(frame).show(ctx, |ui| {
        ui.set_width(WIDTH.min(room.x) - 2.0 * space::L);
        header(ui, &mut own);
        ui.add_space(space::XS);
        let height = room.y - 2.0 * space::L - size::CONTROL - space::M;
        // It grows with what is in it, up to the window: a dialog knows no room of its own.
        let scroll = ScrollArea::vertical().max_height(height).min_scrolled_height(height);
        scroll.auto_shrink([false, true]).show(ui, |ui| {
            ui.set_width(ui.available_width() - space::S);
            ui.spacing_mut().item_spacing.y = space::M;
            bring(ui, state, dialogs, &mut own);
            measure::show(ui, state, dialogs, &mut own);
            list::show(ui, state, &mut own);
            super::detail::follow_focus(ui);
        });
    });
    paste(ui, &mut own);
    if response.should_close() {
        own.push(OwnAction::Show(false));
    }
    actions.extend(own.into_iter().map(Action::Own));
}

fn header(ui: &mut Ui, own: &mut Vec<OwnAction>) {
    let t = Tokens::of(ui);
    let row = vec2(ui.available_width(), size::CONTROL);
    ui.allocate_ui_with_layout(row, Layout::right_to_left(Align::Center), |ui| {
        let close = Button::new(Text::Button.rich(tr!("Close")).color(t.text)).frame_when_inactive(false);
        if ui.add(close).on_hover_text("Esc").clicked() {
            own.push(OwnAction::Show(false));
        }
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            ui.label(Text::Title.rich(tr!("Your measurements")).color(t.text));
            let words = tr!("kept on this computer, sent nowhere");
            ui.label(Text::Small.rich(words).color(t.text_3));
        });
    });
}

/// Text that is pasted while no field has the focus.
fn paste(ui: &Ui, own: &mut Vec<OwnAction>) {
    if ui.ctx().text_edit_focused() {
        return;
    }
    ui.input(|input| {
        for event in &input.events {
            if let Event::Paste(text) = event {
                own.push(OwnAction::ImportText(text.clone()));
            }
        }
    });
}

/// Files and text of benchmarks that ran elsewhere.
fn bring(ui: &mut Ui, state: &State, dialogs: &Dialogs, own: &mut Vec<OwnAction>) {
    card(ui, tr!("Bring"), tr!("a file may also be dropped on the window"), |ui| {
        let t = Tokens::of(ui);
        let words = tr!(
            "Output of llama-bench (table, CSV, JSON or JSONL), ollama run --verbose, or vllm bench serve \
            --save-result."
        );
        ui.add(Label::new(Text::Body.rich(words).color(t.text_2)).wrap());
        ui.horizontal(|ui| {
            if ui.button(tr!("Open…")).clicked() {
                dialogs.open(ui.ctx(), Ask::Measurements);
            }
            if ui.button(tr!("Paste")).on_hover_text(tr!("Reads the text on the clipboard")).clicked() {
                ui.ctx().send_viewport_cmd(ViewportCommand::RequestPaste);
            }
        });
        if let Some(import) = &state.own.import {
            imported(ui, import, own);
        }
    });
}

fn imported(ui: &mut Ui, import: &Import, own: &mut Vec<OwnAction>) {
    let t = Tokens::of(ui);
    ui.horizontal_wrapped(|ui| {
        ui.label(Text::Button.rich(words::of_import(import)).color(t.text));
        if ui
            .add(Button::new(Text::Body.rich(tr!("Dismiss")).color(t.text_2)).frame_when_inactive(false))
            .clicked()
        {
            own.push(OwnAction::CloseImport);
        }
    });
    if !import.sources.is_empty() {
        ui.add(Label::new(Text::Small.rich(import.sources.join(", ")).color(t.text_3)).wrap());
    }
    if import.faults.is_empty() {
        return;
    }
    ui.label(Text::Label.rich(tr!("Not read")).color(t.text_2));
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        for fault in &import.faults {
            ui.add(Label::new(Text::Cell.rich(fault).color(t.text)).wrap());
        }
        if import.more_faults > 0 {
            ui.label(
                Text::Small
                    .rich(tr!("and {more_faults} more", more_faults = import.more_faults))
                    .color(t.text_3),
            );
        }
    });
}
