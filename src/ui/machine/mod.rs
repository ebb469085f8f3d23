//! The Machine page: rigs and builder at the left, the devices and the comparison in the centre.

mod builder;
mod card;
mod chart;
mod compare;
mod fact;
mod field;
mod heading;
mod list;
mod measure;

use eframe::egui::{
    Align, CentralPanel, Frame, Key, Label, Layout, Margin, Panel, ScrollArea, Ui, UiBuilder, pos2, vec2,
};

use super::Actions;
use super::dialogs::Dialogs;
use super::theme::{Text, Tokens, size, space};
use super::widgets::{card_frame, empty_state, rule};
use crate::app::machine_page::cards::Cards;
use crate::app::machine_page::{Card, Subject};
use crate::app::{Action, MachineAction, State};
use crate::language::tr;

/// Narrowest card.
const CARD_MIN: f32 = 300.0;
/// Cards beside each other, at most.
const MOST_COLUMNS: usize = 3;

/// Draws the page below the top bar.
pub(super) fn page(ui: &mut Ui, state: &State, dialogs: &Dialogs, actions: &mut Actions) {
    let t = Tokens::of(ui);
    let mut asked = Vec::new();
    // Wherever the focus is: a value that is wrong is given up.
    if state.machine_page.editing.is_some() && ui.input(|input| input.key_pressed(Key::Escape)) {
        asked.push(MachineAction::Cancel);
    }
    Panel::left("rigs").exact_size(size::LEFT).resizable(false).frame(Frame::new()).show(ui, |ui| {
        ScrollArea::vertical().id_salt("rigs").auto_shrink(false).show(ui, |ui| {
            Frame::new().inner_margin(Margin::symmetric(space::L as i8, space::M as i8)).show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = space::S;
                list::show(ui, state, dialogs, actions, &mut asked);
                rule(ui);
                builder::show(ui, state, &mut asked);
                super::detail::follow_focus(ui);
            });
        });
    });
    CentralPanel::default().frame(Frame::new().fill(t.bg)).show(ui, |ui| {
        ScrollArea::vertical().id_salt("machine").auto_shrink(false).show(ui, |ui| {
            let margin = Margin { left: 24, right: 24, top: 12, bottom: 24 };
            Frame::new().inner_margin(margin).show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = space::M;
                super::notices::show(ui, state, actions);
                centre(ui, state, dialogs, actions, &mut asked);
                super::detail::follow_focus(ui);
            });
        });
    });
    actions.extend(asked.into_iter().map(Action::Machine));
}

fn centre(
    ui: &mut Ui,
    state: &State,
    dialogs: &Dialogs,
    actions: &mut Actions,
    asked: &mut Vec<MachineAction>,
) {
    if state.machine.is_none() {
        let (title, sentence) = if state.probing {
            (tr!("Looking at this computer"), tr!("Its devices are shown as soon as they are read."))
        } else {
            (
                tr!("This computer could not be read"),
                tr!("The system started no more threads. A rig can still be built."),
            )
        };
        empty_state(ui, title, sentence, None);
        return;
    }
    heading::show(ui, state, dialogs, asked);
    problems(ui, state);
    cards(ui, state, actions, asked);
    compare::show(ui, state, actions, asked);
}

/// Parts that could not be read, with the reason; and what had to be assumed of a rig.
fn problems(ui: &mut Ui, state: &State) {
    let t = Tokens::of(ui);
    let Cards { problems, assumed, .. } = &state.machine_page.cards;
    if problems.is_empty() && assumed.is_empty() {
        return;
    }
    card_frame(ui, |ui| {
        ui.add_space(space::S);
        ui.spacing_mut().item_spacing.y = space::XS;
        for problem in problems {
            ui.label(Text::Button.rich(tr!("Could not be read: {part}", part = problem.part)).color(t.text));
            ui.add(Label::new(Text::Body.rich(&problem.reason).color(t.text_2)).wrap());
        }
        for words in assumed {
            ui.add(Label::new(Text::Body.rich(tr!("Assumed: {words}", words)).color(t.text_2)).wrap());
        }
    });
}

/// A block of the page.
#[derive(Clone, Copy)]
enum Block<'a> {
    Device(&'a Card),
    History,
}

/// The cards in columns: each in the shortest so far.
fn cards(ui: &mut Ui, state: &State, actions: &mut Actions, asked: &mut Vec<MachineAction>) {
    let width = ui.available_width();
    let columns = ((width + space::M) / (CARD_MIN + space::M)).floor().max(1.0) as usize;
    let columns = columns.min(MOST_COLUMNS);
    let each = (width - space::M * (columns - 1) as f32) / columns as f32;
    let devices = state.machine_page.cards.cards.iter();
    let mut blocks: Vec<Block<'_>> =
        devices.clone().filter(|card| card.subject != Subject::Disks).map(Block::Device).collect();
    if !state.machine_page.live.history.is_empty() {
        blocks.push(Block::History);
    }
    blocks.extend(devices.filter(|card| card.subject == Subject::Disks).map(Block::Device));
    let top = ui.cursor().top();
    let left = ui.cursor().left();
    let mut bottoms = vec![top; columns];
    for block in blocks {
        let column =
            (0..columns).fold(0, |best, at| if bottoms[at] + 1.0 < bottoms[best] { at } else { best });
        let at = pos2(left + (each + space::M) * column as f32, bottoms[column]);
        let room = eframe::egui::Rect::from_min_size(at, vec2(each, f32::INFINITY));
        let builder = UiBuilder::new().max_rect(room).layout(Layout::top_down(Align::Min));
        let drawn = ui.scope_builder(builder, |ui| {
            ui.set_max_width(each);
            match block {
                Block::Device(card) => card::show(ui, state, card, actions, asked),
                Block::History => heading::history(ui, state),
            }
        });
        bottoms[column] = drawn.response.rect.bottom() + space::M;
    }
    let bottom = bottoms.into_iter().fold(top, f32::max) - space::M;
    ui.advance_cursor_after_rect(eframe::egui::Rect::from_min_max(
        pos2(left, top),
        pos2(left + width, bottom),
    ));
}
