//! The machines that can be looked at, which of them are compared, and what can be done with one.

use eframe::egui::accesskit::Role;
use eframe::egui::{Align2, Rect, Response, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use crate::app::compare::{CompareAction, LETTERS, MOST};
use crate::app::rigs::{NamedRig, RigChoice, parts_of};
use crate::app::{Action, MachineAction, State};
use crate::language::tr;
use crate::ui::dialogs::{Ask, Dialogs};
use crate::ui::theme::{Text, Tokens, radius, size, space};
use crate::ui::{Actions, line};

/// Height of a machine.
const ROW: f32 = 46.0;
/// How far a row stands out of the column's padding.
const OUT: f32 = 8.0;
/// Diameter of a ring and its distance from the next.
const RING: f32 = 11.0;
const RINGS: f32 = 16.0;
/// Diameter of one with a letter in it.
const LETTERED: f32 = 15.0;

pub(super) fn show(
    ui: &mut Ui,
    state: &State,
    dialogs: &Dialogs,
    actions: &mut Actions,
    asked: &mut Vec<MachineAction>,
) {
    let t = Tokens::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 16.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Heading, true, tr!("Rigs")));
    line(ui.painter(), rect.left_center(), Align2::LEFT_CENTER, 100.0, Text::Label, t.text_2, tr!("Rigs"));
    for (place, letter) in ["A", "B"].into_iter().enumerate() {
        let at = pos2(ring_x(rect.right(), place), rect.center().y);
        line(ui.painter(), at, Align2::CENTER_CENTER, RINGS, Text::Small, t.text_3, letter);
    }
    let chosen = state.choice();
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        for choice in state.choices() {
            row(ui, state, &choice, choice == chosen, actions, asked);
        }
    });
    ui.add_space(space::XS);
    buttons(ui, state, dialogs, actions, asked);
}

fn ring_x(right: f32, place: usize) -> f32 {
    right - RINGS * (1 - place) as f32 - RING / 2.0 - 1.0
}

/// What a machine consists of.
fn parts(state: &State, choice: &RigChoice) -> String {
    match choice {
        RigChoice::This => state.found.as_ref().map_or_else(|| tr!("being read").to_owned(), parts_of),
        RigChoice::Opened => {
            let machine = state.machine_page.opened.as_ref().map(|opened| &opened.machine);
            machine.map(|machine| tr!("recorded: {machine}", machine = parts_of(machine))).unwrap_or_default()
        }
        RigChoice::Kept(name) => state.settings.rigs.get(name).map(NamedRig::parts_text).unwrap_or_default(),
    }
}

fn row(
    ui: &mut Ui,
    state: &State,
    choice: &RigChoice,
    selected: bool,
    actions: &mut Actions,
    asked: &mut Vec<MachineAction>,
) {
    let t = Tokens::of(ui);
    let title = state.title_of(choice);
    let parts = parts(state, choice);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
    let ground = Rect::from_min_max(
        pos2(rect.left() - OUT, rect.top() + 1.0),
        pos2(rect.right() + OUT, rect.bottom() - 1.0),
    );
    let painter = ui.painter();
    if selected || response.hovered() {
        painter.rect_filled(ground, radius::CONTROL, if selected { t.accent_bg } else { t.hover });
    }
    if response.has_focus() {
        painter.rect_stroke(ground, radius::CONTROL, Stroke::new(1.5, t.accent), StrokeKind::Inside);
    }
    let room = rect.width() - 2.0 * RINGS - 12.0;
    let weak = if selected || response.hovered() { t.text_2 } else { t.text_3 };
    let at = pos2(rect.left(), rect.top() + 15.0);
    line(painter, at, Align2::LEFT_CENTER, room, Text::Button, t.text, title);
    let at = pos2(rect.left(), rect.top() + 32.0);
    line(painter, at, Align2::LEFT_CENTER, rect.width(), Text::Small, weak, &parts);
    response
        .widget_info(|| WidgetInfo::selected(Role::RadioButton, true, selected, format!("{title}: {parts}")));
    if response.clicked() && !selected {
        actions.push(Action::ChooseRig(choice.clone()));
    }
    let compared = state.settings.compare.rigs.iter().position(|known| known == choice);
    let is_first = compared == Some(0);
    let first = ring(ui, rect, 0, is_first, "A", &tr!("Compare others with {title}", title));
    if first.clicked() && !is_first {
        asked.push(MachineAction::Compare(CompareAction::Put(0, choice.clone())));
    }
    let is_other = compared.is_some_and(|place| place > 0);
    let letter =
        compared.filter(|place| *place > 0).and_then(|place| LETTERS.get(place)).copied().unwrap_or("B");
    let second = ring(ui, rect, 1, is_other, letter, &tr!("Compare {title}", title));
    if second.clicked() {
        asked.push(MachineAction::Compare(match compared {
            Some(place) if place > 0 => CompareAction::TakeOut(place),
            // It cannot be held against itself: another must be the first.
            Some(_) => CompareAction::Put(1, choice.clone()),
            None => CompareAction::Put(state.settings.compare.rigs.len().min(MOST - 1), choice.clone()),
        }));
    }
    response.on_hover_text(parts);
}

/// A ring that is filled where the machine is compared.
fn ring(ui: &mut Ui, row: Rect, place: usize, on: bool, letter: &str, spoken: &str) -> Response {
    let t = Tokens::of(ui);
    let center = pos2(ring_x(row.right(), place), row.top() + 15.0);
    let target = Rect::from_center_size(center, vec2(RINGS, 22.0));
    let response = ui.interact(target, ui.scope_id().with((spoken, place)), Sense::click());
    let painter = ui.painter();
    let edge = if response.hovered() || response.has_focus() { t.text } else { t.line_strong };
    if on {
        let is_named = ["A", "B"].contains(&letter);
        painter.circle_filled(center, if is_named { RING / 2.0 } else { LETTERED / 2.0 }, t.accent);
        if !is_named {
            line(painter, center, Align2::CENTER_CENTER, RINGS, Text::SmallStrong, t.panel, letter);
        }
    } else {
        painter.circle_stroke(center, RING / 2.0 - 0.5, Stroke::new(size::LINE, edge));
    }
    if response.has_focus() {
        painter.circle_stroke(center, RING / 2.0 + 2.0, Stroke::new(1.5, t.accent));
    }
    response.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, on, spoken));
    response.on_hover_text(spoken)
}

fn buttons(
    ui: &mut Ui,
    state: &State,
    dialogs: &Dialogs,
    actions: &mut Actions,
    asked: &mut Vec<MachineAction>,
) {
    let half = (ui.available_width() - space::S) / 2.0;
    let button = |ui: &mut Ui, words: &str, hint: &str| {
        ui.add_sized(vec2(half, size::CONTROL), eframe::egui::Button::new(Text::Button.rich(words)))
            .on_hover_text(hint)
    };
    ui.horizontal(|ui| {
        if button(ui, tr!("New rig"), tr!("A machine to be built from nothing")).clicked() {
            asked.push(MachineAction::New);
        }
        if button(
            ui,
            tr!("Import…"),
            tr!("A rig, or a machine that was recorded with \"plimsoll machine --record\""),
        )
        .clicked()
        {
            dialogs.open(ui.ctx(), Ask::Rig);
        }
    });
    ui.horizontal(|ui| {
        if button(ui, tr!("Duplicate"), tr!("A copy of this machine, to be changed")).clicked() {
            asked.push(MachineAction::Duplicate);
        }
        if button(ui, tr!("Export…"), tr!("Writes this machine as a rig")).clicked() {
            dialogs.open(ui.ctx(), Ask::ExportRig);
        }
    });
    if let RigChoice::Kept(name) = state.choice() {
        let undo = ui.ctx().format_shortcut(&crate::ui::keys::UNDO);
        if button(ui, tr!("Delete"), &tr!("{undo} brings it back", undo)).clicked() {
            actions.push(Action::RemoveRig(name));
        }
    }
}
