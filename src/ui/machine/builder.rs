//! The builder: a search over all devices, a chip a card with its slot, memory, processor, price.

use eframe::egui::accesskit::Role;
use eframe::egui::{
    Align2, Button, CursorIcon, Id, Label, Popup, PopupCloseBehavior, Rect, Response, Sense, Stroke,
    StrokeKind, Ui, WidgetInfo, pos2, vec2,
};

use super::field;
use crate::app::machine_page::{Target, builder};
use crate::app::rigs::{NamedRig, RigChoice, RigEdit, short_name};
use crate::app::{MachineAction, State};
use crate::language::{fixed, localized, tr};
use crate::machine::overrides::HostField;
use crate::machine::table::Record;
use crate::machine::{Gpu, Machine, Pcie, Pool};
use crate::ui::line;
use crate::ui::theme::{Text, Tokens, radius, size, space};
use crate::ui::widgets::{caption, combo, search_field};
use crate::units::thousands;

/// Width of a field's name.
const NAME: f32 = 60.0;
/// Height of a card that was found, and of one that is in the rig.
const FOUND: f32 = 26.0;
const CHIP: f32 = 30.0;

pub(super) fn show(ui: &mut Ui, state: &State, asked: &mut Vec<MachineAction>) {
    let t = Tokens::of(ui);
    let rig = state.rig_kept();
    caption(ui, tr!("Build"), "");
    if rig.is_some() {
        labelled(ui, tr!("Name"), |ui| {
            let width = ui.available_width();
            field::show(ui, state, &Target::Name, tr!("Name of the rig"), "", [width, size::CONTROL], asked);
        });
    } else {
        let words = match state.choice() {
            RigChoice::Opened => tr!("Adding a card makes a rig of the recorded machine."),
            _ => tr!("Adding a card makes a rig of this machine and that card."),
        };
        ui.add(Label::new(Text::Small.rich(words).color(t.text_3)).wrap());
    }
    search(ui, state, asked);
    let Some(machine) = &state.machine else { return };
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = space::XS;
        for (place, gpu) in machine.gpus.iter().enumerate() {
            chip(ui, place, gpu, rig.is_some(), asked);
        }
    });
    if let Some(rig) = rig {
        parts(ui, state, rig, machine, asked);
    }
}

fn labelled(ui: &mut Ui, name: &str, control: impl FnOnce(&mut Ui)) {
    let t = Tokens::of(ui);
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        let (rect, _) = ui.allocate_exact_size(vec2(NAME, size::CONTROL), Sense::hover());
        line(ui.painter(), rect.left_center(), Align2::LEFT_CENTER, NAME, Text::Cell, t.text_2, name);
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = space::XS;
            control(ui);
        });
    });
}

/// As one types, the cards that the words lead to; a click adds one.
fn search(ui: &mut Ui, state: &State, asked: &mut Vec<MachineAction>) {
    let search = &state.machine_page.search;
    let mut text = search.text.clone();
    let id = Id::unique("search cards");
    let hint = tr!("Add a card");
    let response = search_field(ui, id, tr!("Search cards"), &mut text, hint, &search.count_text());
    if response.changed() {
        asked.push(MachineAction::Find(text));
    }
    if response.lost_focus()
        && ui.input(|input| input.key_pressed(eframe::egui::Key::Enter))
        && let Some(first) = search.found.first()
    {
        asked.push(MachineAction::Add(first.id.clone()));
    }
    if search.text.trim().is_empty() {
        return;
    }
    let t = Tokens::of(ui);
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        ui.label(Text::Small.rich(search.count_text()).color(t.text_3));
        for record in &search.found {
            if found(ui, record).clicked() {
                asked.push(MachineAction::Add(record.id.clone()));
            }
        }
        if search.found.is_empty() {
            let words = tr!("No device of that name is known.");
            ui.add(Label::new(Text::Small.rich(words).color(t.text_2)).wrap());
        }
    });
}

fn found(ui: &mut Ui, record: &Record) -> Response {
    let t = Tokens::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), FOUND), Sense::click());
    let facts = builder::facts(record);
    let name = short_name(&record.name);
    if response.hovered() || response.has_focus() {
        ui.painter().rect_filled(rect, radius::CONTROL, t.hover);
    }
    let lifted = response.hovered() || response.has_focus();
    let weak = if lifted { t.text_2 } else { t.text_3 };
    let right = pos2(rect.right() - 8.0, rect.center().y);
    let name_room = rect.width() * 0.56;
    let at = pos2(rect.left() + 8.0, rect.center().y);
    let drawn = line(ui.painter(), at, Align2::LEFT_CENTER, name_room, Text::Cell, t.text, name);
    let room = right.x - drawn.right() - 6.0;
    line(ui.painter(), right, Align2::RIGHT_CENTER, room, Text::Small, weak, &facts);
    let spoken = tr!("Add {name}: {facts}", name = record.name, facts);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &spoken));
    response.on_hover_cursor(CursorIcon::PointingHand).on_hover_text(spoken)
}

/// A card of the machine: its name, its slot, and a cross where it can be taken out.
fn chip(ui: &mut Ui, place: usize, gpu: &Gpu, can_change: bool, asked: &mut Vec<MachineAction>) {
    let t = Tokens::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), CHIP), Sense::hover());
    let name = short_name(&gpu.name.value);
    ui.painter().rect(rect, radius::CONTROL, t.card, Stroke::new(size::LINE, t.line), StrokeKind::Inside);
    let y = rect.center().y;
    let mut right = rect.right() - 8.0;
    if can_change {
        let target = Rect::from_center_size(pos2(rect.right() - 14.0, y), vec2(22.0, 22.0));
        if cross(ui, target, &tr!("Remove {name}, card {place}", name, place = place + 1)).clicked() {
            asked.push(MachineAction::Change(RigEdit::RemoveGpu(place)));
        }
        right = target.left() - 2.0;
    }
    let mut left_of_slot = right;
    if gpu.pool == Pool::Discrete {
        left_of_slot = slot(ui, place, gpu, name, pos2(right, y), can_change, asked).left();
    }
    let room = left_of_slot - rect.left() - 16.0;
    let at = pos2(rect.left() + 10.0, y);
    line(ui.painter(), at, Align2::LEFT_CENTER, room, Text::Label, t.text, name);
    response.widget_info(|| {
        WidgetInfo::labeled(Role::Label, true, tr!("Card {place}: {name}", place = place + 1, name))
    });
}

pub(super) fn cross(ui: &mut Ui, target: Rect, spoken: &str) -> Response {
    let t = Tokens::of(ui);
    let response = ui.interact(target, ui.scope_id().with(spoken), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, spoken));
    let color = if response.hovered() || response.has_focus() { t.text } else { t.text_3 };
    let (center, stroke) = (target.center(), Stroke::new(1.5, color));
    ui.painter().line_segment([center - vec2(3.5, 3.5), center + vec2(3.5, 3.5)], stroke);
    ui.painter().line_segment([center + vec2(-3.5, 3.5), center + vec2(3.5, -3.5)], stroke);
    response.on_hover_text(spoken)
}

/// The slot of a card: a list of those that there are.
fn slot(
    ui: &mut Ui,
    place: usize,
    gpu: &Gpu,
    name: &str,
    right: eframe::egui::Pos2,
    can_change: bool,
    asked: &mut Vec<MachineAction>,
) -> Rect {
    let t = Tokens::of(ui);
    let present = gpu.pcie.as_ref().map(|known| known.value);
    let words = present.map_or_else(|| tr!("slot n/a").to_owned(), builder::slot_text);
    if !can_change {
        return line(ui.painter(), right, Align2::RIGHT_CENTER, 90.0, Text::Small, t.text_3, &words);
    }
    let width = ui.painter().layout_no_wrap(words.clone(), Text::Small.font(), t.text_2).size().x + 10.0;
    let target = Rect::from_min_max(pos2(right.x - width, right.y - 10.0), pos2(right.x, right.y + 10.0));
    let spoken = tr!("Slot of {name}, card {place}: {words}", name, place = place + 1, words);
    let response = ui.interact(target, ui.scope_id().with(("slot", place)), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &spoken));
    let lifted = response.hovered() || response.has_focus();
    if lifted {
        ui.painter().rect_filled(target, radius::TILE, t.hover);
    }
    let ink = if lifted { t.text } else { t.text_2 };
    line(ui.painter(), target.center(), Align2::CENTER_CENTER, width, Text::Small, ink, &words);
    Popup::menu(&response)
        .id(Id::unique(("slots", place)))
        .close_behavior(PopupCloseBehavior::CloseOnClick)
        .accessible_name(tr!("Slots for {name}", name))
        .show(|ui| slots(ui, place, present, asked));
    response.on_hover_text(tr!("PCIe lanes and generation of its slot"));
    target
}

fn slots(ui: &mut Ui, place: usize, present: Option<Pcie>, asked: &mut Vec<MachineAction>) {
    ui.spacing_mut().item_spacing.y = 0.0;
    let mut choose = |ui: &mut Ui, words: &str, is_present: bool, slot: Option<Pcie>| {
        if ui.add(Button::selectable(is_present, Text::Body.rich(words))).clicked() {
            asked.push(MachineAction::Change(RigEdit::Link(place, slot)));
            ui.close();
        }
    };
    choose(ui, tr!("as the card was built"), false, None);
    for slot in builder::slots() {
        choose(ui, &builder::slot_text(slot), present == Some(slot), Some(slot));
    }
}

/// Memory, processor, price.
fn parts(ui: &mut Ui, state: &State, rig: &NamedRig, machine: &Machine, asked: &mut Vec<MachineAction>) {
    memory(ui, state, rig, machine, asked);
    labelled(ui, "CPU", |ui| {
        let width = ui.available_width();
        field::show(
            ui,
            state,
            &Target::Cpu,
            tr!("Processor"),
            tr!("any, such as Ryzen 7 5700X"),
            [width, size::CONTROL],
            asked,
        );
        if let Some(cpu) = &rig.machine.cpu {
            let words = match builder::platform(cpu) {
                Some(platform) => tr!(
                    "{name}, {theoretical_gbs} GB/s at most",
                    name = platform.name,
                    theoretical_gbs = format!("{:.0}", platform.theoretical_gbs)
                ),
                None => tr!("its platform is not known: what memory it has must be said").to_owned(),
            };
            note(ui, &words);
        }
    });
    labelled(ui, tr!("Price"), |ui| {
        let width = ui.available_width();
        let page = &state.machine_page;
        let hint = page.price.as_ref().map_or_else(|| tr!("n/a").to_owned(), |price| thousands(price.usd));
        field::show(ui, state, &Target::Price, tr!("Price"), &hint, [width, size::CONTROL], asked);
        let words = match (&page.price, &page.launch_price) {
            (Some(price), Some(launch)) if price.given => {
                tr!("Your price. {source}.", source = launch.source)
            }
            (Some(price), _) if price.given => tr!("Your price.").to_owned(),
            (Some(price), _) => tr!("{source}; say yours.", source = price.source),
            (None, _) => tr!("No price is known of all that is added; say yours.").to_owned(),
        };
        note(ui, &words);
    });
}

fn note(ui: &mut Ui, words: &str) {
    let t = Tokens::of(ui);
    ui.add(Label::new(Text::Small.rich(words).color(t.text_3)).wrap());
}

fn memory(ui: &mut Ui, state: &State, rig: &NamedRig, machine: &Machine, asked: &mut Vec<MachineAction>) {
    let spec = &rig.machine;
    labelled(ui, "RAM", |ui| {
        let width = ui.available_width();
        field::show(ui, state, &Target::RamSize, tr!("Size of the RAM"), "", [width, size::CONTROL], asked);
        sizes(ui, spec.ram_gib, asked);
    });
    let kinds: Vec<String> = builder::MEMORY.iter().map(|(kind, speed)| format!("{kind}-{speed}")).collect();
    let present = spec.ram_type.as_ref().zip(spec.ram_mts);
    let known = present.and_then(|(kind, speed)| {
        builder::MEMORY.iter().position(|(known, at)| known == kind && *at == speed)
    });
    let other = match (&spec.ram_type, spec.ram_mts) {
        (Some(kind), Some(speed)) => format!("{kind}-{speed}"),
        (Some(kind), None) => tr!("{kind}, as read", kind),
        _ => tr!("by the processor").to_owned(),
    };
    let mut options: Vec<(Option<usize>, &str)> =
        kinds.iter().enumerate().map(|(place, kind)| (Some(place), kind.as_str())).collect();
    if known.is_none() {
        options.insert(0, (None, other.as_str()));
    }
    labelled(ui, tr!("Type"), |ui| {
        let picked = combo(ui, tr!("Type of RAM"), &options, known).flatten();
        if let Some((kind, speed)) = picked.and_then(|place| builder::MEMORY.get(place)) {
            asked.push(MachineAction::Change(RigEdit::Ram(kind.clone(), Some(*speed))));
        }
    });
    let by_platform = spec.cpu.as_deref().and_then(builder::platform).and_then(|platform| platform.channels);
    let usual = match by_platform {
        Some(count) => tr!("{count}, by the processor", count),
        None => tr!("not said").to_owned(),
    };
    let counts: Vec<String> = builder::CHANNELS.iter().map(ToString::to_string).collect();
    let mut options: Vec<(Option<u32>, &str)> = vec![(None, usual.as_str())];
    options
        .extend(builder::CHANNELS.iter().zip(&counts).map(|(count, words)| (Some(*count), words.as_str())));
    labelled(ui, tr!("Channels"), |ui| {
        if let Some(count) = combo(ui, tr!("Channels of RAM"), &options, spec.ram_channels) {
            asked.push(MachineAction::Change(RigEdit::Channels(count)));
        }
        let bandwidth = machine.ram.as_ref().and_then(|ram| ram.bandwidth_gbs.as_ref());
        note(
            ui,
            &match bandwidth {
                Some(known) => format!("{} GB/s", fixed(known.value, 1)),
                None => tr!(
                    "{bandwidth} GB/s assumed",
                    bandwidth = localized(crate::estimate::rig::ASSUMED_RAM_GBS.to_string())
                ),
            },
        );
    });
}

/// Usual sizes of memory, the next smaller and the next larger.
fn sizes(ui: &mut Ui, present: Option<f64>, asked: &mut Vec<MachineAction>) {
    let present = present.unwrap_or_default();
    let below = builder::SIZES.iter().rev().find(|gib| f64::from(**gib) < present - 0.5);
    let above = builder::SIZES.iter().find(|gib| f64::from(**gib) > present + 0.5);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::XS;
        for gib in [below, above].into_iter().flatten() {
            let words = Text::Small.rich(format!("{gib} GiB"));
            if ui.add(Button::new(words)).accessible_name(tr!("{gib} GiB of RAM", gib)).clicked() {
                asked.push(MachineAction::Change(RigEdit::Host(HostField::RamGib, Some(f64::from(*gib)))));
            }
        }
    });
}
