//! Machines side by side: which, what the comparison says, and its table.

use eframe::egui::accesskit::Role;
use eframe::egui::{
    Align, Align2, Button, Id, Label, Layout, Popup, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2,
};

use super::chart;
use crate::app::compare::{self, CompareAction, Comparison, Gain, LETTERS, Line, LineValue, MOST};
use crate::app::rigs::RigChoice;
use crate::app::{Action, MachineAction, State};
use crate::language::tr;
use crate::ui::theme::{Text, Tokens, size, space};
use crate::ui::widgets::{card_frame, combo, rule};
use crate::ui::{Actions, line};
use crate::units::tokens_text;

/// Below this width the chart stands under the table.
const BESIDE: f32 = 880.0;
/// Width of the table beside the chart.
const TABLE: f32 = 430.0;
/// Height of a line of the table.
const ROW: f32 = 23.0;
/// Height of a chip.
const CHIP: f32 = 22.0;
/// Chips of a group that are shown before one asks for more.
const CHIPS: usize = 16;

pub(super) fn show(ui: &mut Ui, state: &State, actions: &mut Actions, asked: &mut Vec<MachineAction>) {
    let t = Tokens::of(ui);
    let top = ui.cursor().top();
    heading(ui, state, asked);
    jump(ui, state, top);
    let Some(found) = state.compare.shown() else {
        ui.add(Label::new(Text::Body.rich(nothing(state)).color(t.text_2)).wrap());
        return;
    };
    let sentence = compare::sentence(found, &state.compare.names);
    ui.add(Label::new(Text::Strong.rich(sentence).color(t.text)).wrap());
    let width = ui.available_width();
    if width < BESIDE {
        table(ui, state, found, actions);
        chart::show(ui, state, found, actions, asked);
        return;
    }
    let (left, top) = (ui.cursor().left(), ui.cursor().top());
    let mut bottom = top;
    let mut column = |ui: &mut Ui, from: f32, width: f32, draw: &mut dyn FnMut(&mut Ui)| {
        let room = eframe::egui::Rect::from_min_size(pos2(from, top), vec2(width, f32::INFINITY));
        let builder = UiBuilder::new().max_rect(room).layout(Layout::top_down(Align::Min));
        let drawn = ui.scope_builder(builder, |ui| {
            ui.set_max_width(width);
            draw(ui);
        });
        bottom = bottom.max(drawn.response.rect.bottom());
    };
    column(ui, left, TABLE, &mut |ui| table(ui, state, found, actions));
    let from = left + TABLE + space::M;
    column(ui, from, width - TABLE - space::M, &mut |ui| chart::show(ui, state, found, actions, asked));
    ui.advance_cursor_after_rect(eframe::egui::Rect::from_min_max(
        pos2(left, top),
        pos2(left + width, bottom),
    ));
}

/// Scrolls to the comparison when another page has led to it.
fn jump(ui: &Ui, state: &State, top: f32) {
    let seen = Id::unique("jumps to the comparison");
    let last = ui.data(|data| data.get_temp::<u64>(seen)).unwrap_or(0);
    if last != state.machine_page.jumps {
        ui.data_mut(|data| data.insert_temp(seen, state.machine_page.jumps));
        let place = eframe::egui::Rect::from_min_max(
            pos2(ui.min_rect().left(), top),
            pos2(ui.min_rect().right(), top + 1.0),
        );
        ui.scroll_to_rect_animation(place, Some(Align::Min), eframe::egui::style::ScrollAnimation::none());
    }
}

fn nothing(state: &State) -> &'static str {
    if state.settings.compare.rigs.len() < 2 {
        tr!("Add a card to this machine, or mark another rig with the ring B, to see what it would bring.")
    } else if state.compare.is_waiting() {
        tr!("Computing…")
    } else {
        tr!("Nothing could be computed.")
    }
}

fn heading(ui: &mut Ui, state: &State, asked: &mut Vec<MachineAction>) {
    let t = Tokens::of(ui);
    let choices = state.choices();
    let titles: Vec<&str> = choices.iter().map(|choice| state.title_of(choice)).collect();
    let options: Vec<(Option<usize>, &str)> =
        titles.iter().enumerate().map(|(place, title)| (Some(place), *title)).collect();
    let compared = &state.settings.compare.rigs;
    let place_of = |choice: &RigChoice| choices.iter().position(|known| known == choice);
    ui.add_space(space::XS);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(space::S, space::XS);
        ui.label(Text::Heading.rich(tr!("Compare")).color(t.text));
        for (place, choice) in compared.iter().enumerate() {
            if place == 1 {
                ui.label(Text::Body.rich(tr!("with")).color(t.text_2));
            }
            let name = tr!("Rig {place}", place = LETTERS.get(place).copied().unwrap_or_default());
            if let Some(picked) = pick(ui, &name, &options, place_of(choice)) {
                asked.push(MachineAction::Compare(CompareAction::Put(place, choices[picked].clone())));
            }
            if place > 1
                && small_button(
                    ui,
                    tr!("Less"),
                    &tr!("Compare without {choice}", choice = state.title_of(choice)),
                )
            {
                asked.push(MachineAction::Compare(CompareAction::TakeOut(place)));
            }
        }
        let others: Vec<(Option<usize>, &str)> = std::iter::once((None, tr!("Add a rig")))
            .chain(
                options
                    .iter()
                    .copied()
                    .filter(|(place, _)| place.is_none_or(|place| !compared.contains(&choices[place]))),
            )
            .collect();
        if compared.len() < MOST
            && others.len() > 1
            && let Some(picked) = pick(ui, tr!("Add a rig to compare"), &others, None)
        {
            asked.push(MachineAction::Compare(CompareAction::Put(compared.len(), choices[picked].clone())));
        }
        let settings = &state.settings;
        let words = tr!(
            "{context} context, {name} cache, best level of each model",
            context = tokens_text(u64::from(settings.context)),
            name = settings.cache.name()
        );
        ui.add(Label::new(Text::Small.rich(words).color(t.text_3)).extend());
    });
}

fn pick(ui: &mut Ui, name: &str, options: &[(Option<usize>, &str)], present: Option<usize>) -> Option<usize> {
    ui.allocate_ui_with_layout(vec2(148.0, size::CONTROL), Layout::left_to_right(Align::Center), |ui| {
        combo(ui, name, options, present).flatten()
    })
    .inner
}

fn small_button(ui: &mut Ui, words: &str, spoken: &str) -> bool {
    let button = Button::new(Text::Small.rich(words)).frame_when_inactive(false);
    ui.add(button).accessible_name(spoken).on_hover_text(spoken).clicked()
}

/// The table, and the models that become possible.
fn table(ui: &mut Ui, state: &State, found: &Comparison, actions: &mut Actions) {
    let t = Tokens::of(ui);
    let lines = compare::lines(&state.catalog, found, &state.compare.prices);
    card_frame(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        ui.add_space(space::S);
        let columns = Columns::of(ui, found.rigs.len());
        head(ui, state, &columns);
        rule(ui);
        ui.add_space(space::XS);
        for line in &lines {
            row(ui, line, &columns, actions);
        }
        if mixes(state) {
            ui.add_space(space::XS);
            let words = tr!("Rigs are counted without other programs, a computer that was read as it is.");
            ui.add(Label::new(Text::Small.rich(words).color(t.text_3)).wrap());
        }
        let names = state.compare.names.iter().skip(1);
        for (gain, name) in found.gains.iter().zip(names) {
            let several = found.gains.len() > 1;
            chips(ui, state, gain, if several { Some(name) } else { None }, actions);
        }
        if found.gains.iter().all(|gain| gain.count() == 0) {
            ui.add_space(space::S);
            ui.label(Text::Small.rich(tr!("No model becomes possible.")).color(t.text_3));
        }
    });
}

/// Whether a rig stands beside a computer that was read, whose memory others may hold.
fn mixes(state: &State) -> bool {
    let is_kept = |choice: &RigChoice| matches!(choice, RigChoice::Kept(_));
    let compared = &state.settings.compare.rigs;
    compared.iter().any(is_kept) && !compared.iter().all(is_kept)
}

/// Where the columns of the table end.
struct Columns {
    name: f32,
    each: f32,
    /// Width of the difference; 0 where there is none.
    change: f32,
}

impl Columns {
    fn of(ui: &Ui, rigs: usize) -> Self {
        let width = ui.available_width();
        let change = if rigs == 2 { 66.0 } else { 0.0 };
        let name = 136.0;
        Self { name, each: (width - name - change) / rigs.max(1) as f32, change }
    }

    fn right(&self, left: f32, place: usize) -> f32 {
        left + self.name + self.each * (place + 1) as f32
    }
}

fn head(ui: &mut Ui, state: &State, columns: &Columns) {
    let t = Tokens::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 26.0), Sense::hover());
    let y = rect.center().y;
    let several = columns.change == 0.0;
    for (place, name) in state.compare.names.iter().enumerate() {
        let at = pos2(columns.right(rect.left(), place), y);
        let words = if several {
            format!("{} {name}", LETTERS.get(place).copied().unwrap_or_default())
        } else {
            name.clone()
        };
        line(ui.painter(), at, Align2::RIGHT_CENTER, columns.each - 8.0, Text::Label, t.text_2, &words);
    }
    if !several {
        line(
            ui.painter(),
            pos2(rect.right(), y),
            Align2::RIGHT_CENTER,
            columns.change,
            Text::Label,
            t.text_2,
            tr!("change"),
        );
    }
    let names = state.compare.names.join(", ");
    response.widget_info(|| WidgetInfo::labeled(Role::Heading, true, tr!("Compared: {names}", names)));
    response.on_hover_text(names);
}

fn row(ui: &mut Ui, shown: &Line, columns: &Columns, actions: &mut Actions) {
    let t = Tokens::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
    let y = rect.center().y;
    line(
        ui.painter(),
        pos2(rect.left(), y),
        Align2::LEFT_CENTER,
        columns.name,
        Text::Cell,
        t.text_2,
        shown.name,
    );
    for (place, value) in shown.values.iter().enumerate() {
        self::value(ui, shown, value, place, columns, rect, actions);
    }
    line(
        ui.painter(),
        pos2(rect.right(), y),
        Align2::RIGHT_CENTER,
        columns.change,
        Text::Cell,
        t.text_2,
        &shown.change,
    );
    let values: Vec<&str> =
        shown.values.iter().map(|value| value.text.as_deref().unwrap_or(tr!("n/a"))).collect();
    response.widget_info(|| {
        WidgetInfo::labeled(Role::Row, true, format!("{}: {}", shown.name, values.join(", ")))
    });
}

fn value(
    ui: &mut Ui,
    shown: &Line,
    value: &LineValue,
    place: usize,
    columns: &Columns,
    rect: eframe::egui::Rect,
    actions: &mut Actions,
) {
    let t = Tokens::of(ui);
    let at = pos2(columns.right(rect.left(), place), rect.center().y);
    let (words, ink) = match &value.text {
        Some(text) => (text.as_str(), t.text),
        None if value.why.is_empty() => return,
        None => (tr!("n/a"), t.text_3),
    };
    let style = if place == 0 { Text::Cell } else { Text::Label };
    let target = eframe::egui::Rect::from_min_max(
        pos2(at.x - columns.each + 4.0, rect.top()),
        pos2(at.x, rect.bottom()),
    );
    let id = Id::unique(("compared", shown.name, place));
    let sense = if value.model.is_some() { Sense::click() } else { Sense::hover() };
    let response = ui.interact(target, id, sense);
    let lifted = value.model.is_some() && (response.hovered() || response.has_focus());
    let ink = if lifted { t.accent } else { ink };
    line(ui.painter(), at, Align2::RIGHT_CENTER, columns.each - 8.0, style, ink, words);
    if let Some(model) = value.model {
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, tr!("Select {words}", words)));
        if response.clicked() {
            select(model, actions);
        }
    }
    if !value.why.is_empty() {
        response.on_hover_text(&value.why);
    }
}

/// Selects a model everywhere, and leads to it.
pub(super) fn select(model: crate::model::ModelId, actions: &mut Actions) {
    actions.push(Action::Select(model));
    actions.push(Action::SetPage(crate::app::Page::Models));
}

/// The models that become possible, a chip each.
fn chips(ui: &mut Ui, state: &State, gain: &Gain, name: Option<&String>, actions: &mut Actions) {
    let on = name.map(|name| format!(": {name}")).unwrap_or_default();
    group(ui, state, &tr!("New on the GPU{on}", on), &gain.on_gpu, actions);
    group(ui, state, &tr!("New at reading speed{on}", on), &gain.at_speed, actions);
}

fn group(
    ui: &mut Ui,
    state: &State,
    title: &str,
    models: &[(crate::model::ModelId, crate::quant::Level)],
    actions: &mut Actions,
) {
    if models.is_empty() {
        return;
    }
    let t = Tokens::of(ui);
    ui.add_space(space::S);
    rule(ui);
    ui.add_space(space::S);
    ui.label(Text::Label.rich(format!("{title} ({})", models.len())).color(t.text_2));
    ui.add_space(space::XS);
    let all = ui.scope_id().with((tr!("all"), title));
    let shows_all = ui.data(|data| data.get_temp::<bool>(all)).unwrap_or(false);
    let count = if shows_all { models.len() } else { CHIPS };
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing = vec2(6.0, 6.0);
        ui.spacing_mut().button_padding = vec2(8.0, 2.0);
        ui.spacing_mut().interact_size.y = CHIP;
        ui.horizontal_wrapped(|ui| {
            for (model, level) in models.iter().take(count) {
                let name = &state.catalog.bases()[state.catalog.base_of(*model)].name;
                let chip = Button::new(Text::Cell.rich(name).color(t.text));
                let hint = tr!("{name} at {level}. A click selects it", name, level);
                if ui.add(chip).on_hover_text(hint).clicked() {
                    actions.push(Action::SelectCell(*model, *level));
                    actions.push(Action::SetPage(crate::app::Page::Models));
                }
            }
            if models.len() > count {
                let words = tr!("{count} more", count = models.len() - count);
                let more = Button::new(Text::Cell.rich(words).color(t.text_2));
                if ui.add(more.frame_when_inactive(false)).clicked() {
                    ui.data_mut(|data| data.insert_temp(all, true));
                }
            }
        });
    });
}

/// Opens a list under a button.
pub(super) fn under<R>(response: &eframe::egui::Response, name: &str, contents: impl FnOnce(&mut Ui) -> R) {
    Popup::menu(response)
        .close_behavior(eframe::egui::PopupCloseBehavior::CloseOnClickOutside)
        .accessible_name(name)
        .show(contents);
}
