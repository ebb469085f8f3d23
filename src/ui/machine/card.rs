//! The card of a device.

use eframe::egui::accesskit::Role;
use eframe::egui::{Align, Align2, Label, Layout, Sense, Ui, WidgetInfo, pos2, vec2};

use super::{fact, measure};
use crate::app::machine_page::cards::{Held, Memory, two_decimals};
use crate::app::machine_page::{Card, Subject};
use crate::app::{MachineAction, State};
use crate::language::tr;
use crate::ui::theme::{Text, Tokens, space};
use crate::ui::widgets::{card_frame, held_bar, rule};
use crate::ui::{Actions, line};

/// Height of a line of holders.
const HOLDER: f32 = 18.0;

pub(super) fn show(
    ui: &mut Ui,
    state: &State,
    card: &Card,
    actions: &mut Actions,
    asked: &mut Vec<MachineAction>,
) {
    let t = Tokens::of(ui);
    card_frame(ui, |ui| {
        ui.spacing_mut().item_spacing.y = space::XS;
        ui.add_space(10.0);
        header(ui, card);
        if let Some(memory) = &card.memory {
            self::memory(ui, memory);
            rule(ui);
        }
        ui.scope(|ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            for value in &card.facts {
                fact::show(ui, state, &card.title, value, asked);
            }
        });
        for note in &card.notes {
            ui.add(Label::new(Text::Small.rich(note).color(t.text_2)).wrap());
        }
        if card.subject == Subject::Ram {
            measure::show(ui, state, actions);
        }
    });
}

/// What it is and how that is known, and its name below.
fn header(ui: &mut Ui, card: &Card) {
    let t = Tokens::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 36.0), Sense::hover());
    let painter = ui.painter();
    let y = rect.top() + 7.0;
    let half = rect.width() * 0.62;
    let kind =
        line(painter, pos2(rect.left(), y), Align2::LEFT_CENTER, half, Text::Small, t.text_2, &card.kind);
    let room = rect.right() - kind.right() - space::M;
    line(painter, pos2(rect.right(), y), Align2::RIGHT_CENTER, room, Text::Small, t.text_3, &card.source);
    let at = pos2(rect.left(), rect.top() + 26.0);
    line(painter, at, Align2::LEFT_CENTER, rect.width(), Text::Title, t.text, &card.title);
    response
        .widget_info(|| WidgetInfo::labeled(Role::Heading, true, format!("{}: {}", card.kind, card.title)));
    response.on_hover_text(tr!(
        "{card}\n{kind}\nKnown from: {source}",
        card = card.title,
        kind = card.kind,
        source = card.source
    ));
}

fn memory(ui: &mut Ui, memory: &Memory) {
    let t = Tokens::of(ui);
    let (free, rest) = memory.words();
    let words = ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 5.0;
        ui.spacing_mut().interact_size.y = 0.0;
        ui.label(Text::Strong.rich(free).color(t.text));
        ui.label(Text::Body.rich(rest).color(t.text_2));
    });
    words.response.on_hover_text(tr!("Known from: {free_source}", free_source = memory.free_source));
    let pieces: Vec<_> = memory.held.iter().filter_map(|held| held.size).collect();
    held_bar(ui, memory.free, memory.total, &pieces, &memory.sentence());
    if memory.held.is_empty() {
        return;
    }
    ui.label(Text::Small.rich(tr!("Used by others")).color(t.text_3));
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        for held in &memory.held {
            holder(ui, held);
        }
    });
}

fn holder(ui: &mut Ui, held: &Held) {
    let t = Tokens::of(ui);
    let row = vec2(ui.available_width(), HOLDER);
    ui.allocate_ui_with_layout(row, Layout::right_to_left(Align::Center), |ui| {
        ui.spacing_mut().interact_size.y = 0.0;
        match held.size {
            Some(size) => ui.label(Text::Cell.rich(two_decimals(size)).color(t.text)),
            None => ui
                .label(Text::Cell.rich(tr!("n/a")).color(t.text_3))
                .on_hover_text(tr!("The driver does not say how much")),
        };
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            ui.add(Label::new(Text::Cell.rich(&held.name).color(t.text)).truncate());
        });
    });
}
