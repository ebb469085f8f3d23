//! The speeds of chosen models on each machine.

use eframe::egui::{Align, Button, Id, Label, Layout, ScrollArea, Ui, vec2};

use super::compare::{select, under};
use crate::app::best::READING_SPEED;
use crate::app::compare::{CompareAction, Comparison, LETTERS, SpeedRow};
use crate::app::{MachineAction, State};
use crate::language::{fixed, tr};
use crate::ui::theme::{Text, Tokens, size, space};
use crate::ui::widgets::{Dumbbell, DumbbellAxis, DumbbellEnd, Verdict, card_frame, check, search_field};
use crate::ui::{Actions, verdict};

pub(super) fn show(
    ui: &mut Ui,
    state: &State,
    found: &Comparison,
    actions: &mut Actions,
    asked: &mut Vec<MachineAction>,
) {
    card_frame(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        ui.add_space(space::S);
        title(ui, state, found, asked);
        if found.speeds.is_empty() {
            let words = tr!("No speed differs. Choose models to see theirs.");
            ui.add(Label::new(Text::Body.rich(words).color(Tokens::of(ui).text_2)).wrap());
            return;
        }
        let speeds = found
            .speeds
            .iter()
            .flat_map(|row| &row.ends)
            .filter_map(|end| end.decode)
            .map(|decode| decode.p50);
        let axis = DumbbellAxis::of(speeds, READING_SPEED);
        axis.head(ui, READING_SPEED, if found.rigs.len() > 2 { tr!("best") } else { tr!("faster") });
        for row in &found.speeds {
            self::row(ui, state, found, row, axis, actions);
        }
        axis.show(ui);
    });
}

fn title(ui: &mut Ui, state: &State, found: &Comparison, asked: &mut Vec<MachineAction>) {
    let t = Tokens::of(ui);
    let row = vec2(ui.available_width(), size::CONTROL);
    ui.allocate_ui_with_layout(row, Layout::right_to_left(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        choose(ui, state, found, asked);
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            ui.label(Text::Label.rich(tr!("Tokens/s, the same file")).color(t.text_2));
            let words = if found.automatic { tr!("models that change most") } else { tr!("chosen models") };
            ui.label(Text::Small.rich(words).color(t.text_3));
        });
    });
}

/// The list of models that are shown, to be changed.
fn choose(ui: &mut Ui, state: &State, found: &Comparison, asked: &mut Vec<MachineAction>) {
    let button =
        ui.add(Button::new(Text::Button.rich(tr!("Models…")))).on_hover_text(tr!("Which models are shown"));
    under(&button, tr!("Models that are shown"), |ui| {
        ui.set_width(260.0);
        ui.spacing_mut().item_spacing.y = space::XS;
        let mut text = state.compare.search.clone();
        let id = Id::unique("search models to compare");
        if search_field(ui, id, tr!("Search models to compare"), &mut text, tr!("Add a model"), "").changed()
        {
            asked.push(MachineAction::Compare(CompareAction::Find(text)));
        }
        let is_shown = |model| found.speeds.iter().any(|row| row.model == model);
        let mut line = |ui: &mut Ui, model| {
            let name = &state.catalog.bases()[state.catalog.base_of(model)].name;
            if let Some(on) = check(ui, name, is_shown(model)) {
                asked.push(MachineAction::Compare(CompareAction::Show(model, on)));
            }
        };
        let hits = state.compare.hits.iter().filter(|model| !is_shown(**model));
        ScrollArea::vertical().max_height(420.0).show(ui, |ui| {
            for model in hits {
                line(ui, *model);
            }
            crate::ui::widgets::rule(ui);
            for row in &found.speeds {
                line(ui, row.model);
            }
        });
        if !found.automatic && ui.button(tr!("Those that change most")).clicked() {
            asked.push(MachineAction::Compare(CompareAction::Automatic));
        }
    });
}

fn row(
    ui: &mut Ui,
    state: &State,
    found: &Comparison,
    row: &SpeedRow,
    axis: DumbbellAxis,
    actions: &mut Actions,
) {
    let ends: Vec<DumbbellEnd<'_>> = row
        .ends
        .iter()
        .enumerate()
        .map(|(place, end)| DumbbellEnd {
            letter: LETTERS.get(place).copied().unwrap_or_default(),
            machine: state.compare.names.get(place).map_or("", String::as_str),
            verdict: end.class.map(verdict),
            speed: end.decode.map(|decode| decode.p50),
        })
        .collect();
    let name = &state.catalog.bases()[state.catalog.base_of(row.model)].name;
    let level = row.level.to_string();
    let factor = factor(row, found.rigs.len());
    let shown = Dumbbell { name, note: &level, ends: &ends, factor: &factor };
    let response = shown.show(ui, axis, READING_SPEED);
    let lines = ends.iter().zip(&row.ends).map(|(end, of)| {
        let what = end.verdict.map_or(tr!("no estimate"), Verdict::word);
        match of.decode {
            Some(decode) => tr!(
                "{machine}: {what}, {speed} tok/s ({low} to {high}, estimated)",
                machine = end.machine,
                what,
                speed = fixed(decode.p50, 1),
                low = fixed(decode.p10, 1),
                high = fixed(decode.p90, 1)
            ),
            None => format!("{}: {what}", end.machine),
        }
    });
    let hint = tr!(
        "{name} {level}\n{lines}\nA click selects it",
        name,
        level,
        lines = lines.collect::<Vec<_>>().join("\n")
    );
    if response.on_hover_text(hint).clicked() {
        select(row.model, actions);
    }
}

/// "5.1×", "new", "gone": the second of two, or the best of several, against the first.
fn factor(row: &SpeedRow, machines: usize) -> String {
    let best = (1..machines).filter_map(|place| row.factor(place)).fold(f64::NAN, f64::max);
    let has = |place: usize| row.ends.get(place).is_some_and(|end| end.decode.is_some());
    match (has(0), (1..machines).any(has)) {
        (false, true) => tr!("new").to_owned(),
        (true, false) => tr!("gone").to_owned(),
        _ if best.is_nan() => String::new(),
        _ if best >= 9.95 => format!("{best:.0}×"),
        _ => format!("{}×", fixed(best, 1)),
    }
}
