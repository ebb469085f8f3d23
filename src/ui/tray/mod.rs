//! What is pinned: a strip at the foot of the page, and all of it side by side.

mod charts;
mod page;
mod table;

use eframe::egui::accesskit::Role;
use eframe::egui::{Align, Button, Key, Layout, Modifiers, Response, Ui, WidgetInfo, vec2};

use super::Actions;
use super::theme::{Text, Tokens, size, space};
use crate::app::tray::{LETTERS, TrayAction};
use crate::app::{Action, State};
use crate::language::tr;

pub(super) use page::show as page;

/// Height of the strip.
pub(super) const STRIP: f32 = 44.0;

/// Draws the strip: a chip for each that is pinned, and the way to the comparison.
pub(super) fn strip(ui: &mut Ui, state: &State, actions: &mut Actions) {
    let t = Tokens::of(ui);
    let mut asked = Vec::new();
    ui.horizontal_centered(|ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        ui.label(Text::Label.rich(tr!("Pinned")).color(t.text_2));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let words = if state.tray.open { tr!("Back") } else { tr!("Compare") };
            let compare =
                Button::new(Text::Button.rich(words).color(t.text)).min_size(vec2(0.0, size::CONTROL));
            if ui.add(compare).on_hover_text("Shift+P").clicked() {
                asked.push(TrayAction::Open(!state.tray.open));
            }
            let clear = Button::new(Text::Body.rich(tr!("Clear")).color(t.text_2)).frame_when_inactive(false);
            if ui.add(clear).clicked() {
                asked.push(TrayAction::Clear);
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let count = state.settings.tray.list().len().max(1);
                let gaps = (count - 1) as f32 * space::S;
                let width = ((ui.available_width() - gaps) / count as f32).floor();
                for place in 0..state.settings.tray.list().len() {
                    chip(ui, state, place, width.min(280.0), &mut asked);
                }
            });
        });
    });
    actions.extend(asked.into_iter().map(Action::Tray));
}

/// One that is pinned. Enter goes to it; Ctrl+arrows move it, Delete takes it out.
fn chip(ui: &mut Ui, state: &State, place: usize, width: f32, asked: &mut Vec<TrayAction>) {
    let t = Tokens::of(ui);
    let Some(pin) = state.settings.tray.list().get(place) else { return };
    let machine = state.title_of(&pin.rig);
    let name = state.pin_name(pin);
    let letter = LETTERS.get(place).copied().unwrap_or_default();
    let words = format!("{letter}  {name}, {}, {machine}", pin.level);
    ui.allocate_ui_with_layout(vec2(width, size::CONTROL), Layout::right_to_left(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        let cross = Button::new(Text::Body.rich("×").color(t.text_2)).frame_when_inactive(false);
        let cross = ui.add(cross).on_hover_text(tr!("Take it out of the tray"));
        cross.widget_info(|| WidgetInfo::labeled(Role::Button, true, tr!("Unpin {letter}", letter)));
        if cross.clicked() {
            asked.push(TrayAction::Remove(place));
        }
        let text = Text::Body.rich(&words).color(t.text);
        let button = Button::new(text).truncate().min_size(vec2(ui.available_width(), size::CONTROL));
        let tip = tr!("{words}\nEnter goes to it, Ctrl and arrows move it, Delete takes it out", words);
        let chip = ui.add(button).on_hover_text(tip);
        if chip.clicked() {
            asked.push(TrayAction::Go(place));
        }
        keys(ui, &chip, place, asked);
    });
}

/// Keys of a chip that has the focus.
fn keys(ui: &Ui, chip: &Response, place: usize, asked: &mut Vec<TrayAction>) {
    if !chip.has_focus() {
        return;
    }
    let pressed = |modifiers, key| ui.input_mut(|input| input.consume_key(modifiers, key));
    if pressed(Modifiers::COMMAND, Key::ArrowLeft) {
        asked.push(TrayAction::Shift(place, false));
    } else if pressed(Modifiers::COMMAND, Key::ArrowRight) {
        asked.push(TrayAction::Shift(place, true));
    } else if pressed(Modifiers::NONE, Key::Delete) || pressed(Modifiers::NONE, Key::Backspace) {
        asked.push(TrayAction::Remove(place));
    }
}
