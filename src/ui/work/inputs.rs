//! The left column: what is to be done, with which model, and what it is paid with.

use eframe::egui::accesskit::Role;
use eframe::egui::{Align2, Label, Sense, Stroke, StrokeKind, Ui, WidgetInfo, vec2};

use super::field;
use crate::app::{State, WorkAction};
use crate::estimate::cost::electricity;
use crate::estimate::workload::{Kind, presets};
use crate::language::{self, tr};
use crate::model::ModelId;
use crate::quant::Level;
use crate::ui::line;
use crate::ui::theme::{Text, Tokens, radius, size};
use crate::ui::widgets::{caption, combo, labelled, log_slider, rule};

/// Steps of the slider of requests at once.
const STEPS: [u32; 14] = [1, 2, 3, 4, 6, 8, 10, 12, 16, 20, 24, 32, 48, 64];

pub(super) fn show(ui: &mut Ui, state: &State, asked: &mut Vec<WorkAction>) {
    kinds(ui, state, asked);
    preset(ui, state, asked);
    let chosen = &state.settings.work;
    if chosen.kind == Kind::Batch {
        caption(ui, tr!("In your words"), "");
        field::wide(ui, &state.work.words, tr!("5000 contracts of 12 pages"), asked);
    }
    for value in &state.work.fields {
        field::beside(ui, value, asked);
    }
    ui.add_space(4.0);
    rule(ui);
    ui.add_space(2.0);
    model(ui, state, asked);
    at_once(ui, state, asked);
    if chosen.kind == Kind::Batch {
        for time in &state.work.times {
            field::beside(ui, time, asked);
        }
    }
    ui.add_space(4.0);
    rule(ui);
    ui.add_space(2.0);
    costs(ui, state, asked);
}

/// Kinds of work as a list.
fn kinds(ui: &mut Ui, state: &State, asked: &mut Vec<WorkAction>) {
    const ROW: f32 = 26.0;
    let t = Tokens::of(ui);
    caption(ui, tr!("What to do"), "");
    let gap = std::mem::take(&mut ui.spacing_mut().item_spacing.y);
    for (kind, words) in Kind::ALL {
        let words = language::text(words);
        let selected = state.settings.work.kind == kind;
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
        let ground = rect.expand2(vec2(8.0, -1.0));
        if selected || response.hovered() {
            ui.painter().rect_filled(ground, radius::CONTROL, if selected { t.accent_bg } else { t.hover });
        }
        if response.has_focus() {
            let stroke = Stroke::new(1.5, t.accent);
            ui.painter().rect_stroke(ground, radius::CONTROL, stroke, StrokeKind::Inside);
        }
        let (style, color) = if selected { (Text::Button, t.text) } else { (Text::Body, t.text_2) };
        line(ui.painter(), rect.left_center(), Align2::LEFT_CENTER, rect.width(), style, color, words);
        response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, selected, words));
        if response.clicked() && !selected {
            asked.push(WorkAction::Kind(kind));
        }
    }
    ui.spacing_mut().item_spacing.y = gap;
    ui.add_space(4.0);
}

/// Presets of the kind, where there are several.
fn preset(ui: &mut Ui, state: &State, asked: &mut Vec<WorkAction>) {
    let chosen = &state.settings.work;
    let of_kind = presets::presets().iter().filter(|preset| preset.work.kind() == chosen.kind);
    let mut options: Vec<(Option<&'static str>, &str)> =
        of_kind.map(|preset| (Some(preset.id.as_str()), preset.words())).collect();
    let present = chosen.preset().map(|preset| preset.id.as_str());
    if present.is_none() {
        options.insert(0, (None, tr!("Your own values")));
    }
    if options.len() < 2 {
        return;
    }
    if let Some(Some(id)) =
        labelled(ui, tr!("Begin with"), |ui| combo(ui, tr!("Begin with"), &options, present))
    {
        asked.push(WorkAction::Preset(id));
    }
}

/// The model: the best, the one that is looked at elsewhere, or one of those in the table.
fn model(ui: &mut Ui, state: &State, asked: &mut Vec<WorkAction>) {
    let found = state.work.found.as_ref();
    let present = state.settings.work.model.as_ref();
    let present = present.and_then(|(id, level)| Some((state.catalog.exact(id)?, *level)));
    let name = |(id, level): (ModelId, Level)| format!("{}, {level}", state.catalog.get(id).display_name);
    let best = match (present, found) {
        (None, Some(found)) if found.model.is_some() => {
            tr!("{model_name} (best)", model_name = found.model_name)
        }
        _ => tr!("The best for this").to_owned(),
    };
    let mut names: Vec<(Option<(ModelId, Level)>, String)> = vec![(None, best)];
    let add = |choice: (ModelId, Level), names: &mut Vec<(Option<(ModelId, Level)>, String)>| {
        if !names.iter().any(|(known, _)| *known == Some(choice)) {
            names.push((Some(choice), name(choice)));
        }
    };
    if let Some(present) = present {
        add(present, &mut names);
    }
    let selected = state.selected.filter(|id| state.catalog.get(*id).not_generating().is_none());
    if let Some(selected) = selected {
        add((selected, state.level()), &mut names);
    }
    let rows = found.into_iter().filter_map(|found| found.tables.first()).flat_map(|table| &table.rows);
    for pick in rows.filter_map(|row| row.pick) {
        add(pick, &mut names);
    }
    let options: Vec<(Option<(ModelId, Level)>, &str)> =
        names.iter().map(|(choice, name)| (*choice, name.as_str())).collect();
    if let Some(choice) = labelled(ui, tr!("Model"), |ui| combo(ui, tr!("Model"), &options, present)) {
        asked.push(WorkAction::Model(choice.map(|(id, level)| (state.catalog.get(id).id.clone(), level))));
    }
}

/// Requests at once: a slider, and the way back to the best.
fn at_once(ui: &mut Ui, state: &State, asked: &mut Vec<WorkAction>) {
    let chosen = &state.settings.work;
    if chosen.kind == Kind::Completion {
        return;
    }
    let found = state.work.found.as_ref().and_then(|found| found.at_once);
    let [present, best, most] = found.unwrap_or([1, 1, 1]);
    let shown = chosen.at_once.unwrap_or(present);
    let words = match (chosen.kind, chosen.at_once) {
        (Kind::Users, None) => tr!("{shown} slots (best)", shown),
        (Kind::Users, _) => tr!("{shown} slots", shown),
        (_, None) => tr!("{shown} at once (best)", shown),
        (_, Some(1)) => tr!("1 request").to_owned(),
        (_, Some(_)) => tr!("{shown} requests", shown),
    };
    if let Some(requests) = log_slider(ui, tr!("At once"), shown, &STEPS, &words) {
        asked.push(WorkAction::AtOnce(Some(requests)));
    }
    let t = Tokens::of(ui);
    let fits = match most {
        64 => tr!("64 or more fit").to_owned(),
        most => tr!("{most} fit", most),
    };
    if chosen.at_once.is_some() {
        let words = tr!("Best: {best}", best);
        let button =
            eframe::egui::Button::new(Text::Small.rich(words)).min_size(vec2(0.0, size::CONTROL - 6.0));
        ui.horizontal(|ui| {
            if ui.add(button).on_hover_text(tr!("As many as are best for this work")).clicked() {
                asked.push(WorkAction::AtOnce(None));
            }
            ui.label(Text::Small.rich(fits).color(t.text_3));
        });
    } else {
        ui.label(Text::Small.rich(fits).color(t.text_3));
    }
}

/// Electricity, card and API, each with its source.
fn costs(ui: &mut Ui, state: &State, asked: &mut Vec<WorkAction>) {
    let chosen = &state.settings.work;
    let options: Vec<(&'static str, &str)> =
        electricity::places().iter().map(|place| (place.id.as_str(), place.place.as_str())).collect();
    let place = chosen.place();
    if let Some(id) =
        labelled(ui, tr!("Electricity"), |ui| combo(ui, tr!("Electricity"), &options, place.id.as_str()))
    {
        asked.push(WorkAction::Place(id));
    }
    let t = Tokens::of(ui);
    if state.work.costs.is_empty() {
        let words = tr!("Prices are shown once the machine is read.");
        ui.add(Label::new(Text::Small.rich(words).color(t.text_3)).wrap());
    }
    for value in &state.work.costs {
        field::beside(ui, value, asked);
    }
}
