//! The measurements that are kept, those first that wait for a person to say which model they are about.

use eframe::egui::{Align, Button, Id, Label, Layout, TextEdit, Ui, vec2};

use super::words;
use crate::app::State;
use crate::app::own::{Kept, Matched, OwnAction};
use crate::language::tr;
use crate::model::ModelId;
use crate::ui::theme::{Text, Tokens, size, space};
use crate::ui::widgets::{card, combo, rule};

/// Rows that are shown before one asks for more.
const SHOWN: usize = 40;

pub(super) fn show(ui: &mut Ui, state: &State, own: &mut Vec<OwnAction>) {
    let rows = &state.own.rows;
    let note = match (rows.len(), state.own.for_machine().len()) {
        (0, _) => String::new(),
        (all, used) => tr!("{used} of {all} speak for this machine", used, all),
    };
    card(ui, tr!("Kept"), &note, |ui| {
        ui.spacing_mut().item_spacing.y = space::S;
        if rows.is_empty() {
            let words =
                tr!("Nothing yet. What was measured on this machine counts more than what others measured.");
            ui.add(Label::new(Text::Body.rich(words).color(Tokens::of(ui).text_2)).wrap());
            return;
        }
        let shown = Id::unique("own measurements that are shown");
        let count = ui.data(|data| data.get_temp::<usize>(shown)).unwrap_or(SHOWN);
        let is_open = |kept: &&Kept| matches!(kept.matched, Matched::Among(_));
        let (open, sure): (Vec<&Kept>, Vec<&Kept>) = rows.iter().rev().partition(is_open);
        let mut all = open.into_iter().chain(sure).peekable();
        // What is chosen for one row is chosen for all that are written alike: it is asked once.
        let mut asked: Vec<&str> = Vec::new();
        for kept in all.by_ref().take(count) {
            row(ui, state, kept, own);
            if let Matched::Among(candidates) = &kept.matched {
                let written = kept.row.written.as_str();
                if written.is_empty() || !asked.contains(&written) {
                    choose(ui, state, kept, candidates, own);
                    asked.push(written);
                }
            }
            rule(ui);
        }
        ui.horizontal(|ui| {
            if all.peek().is_some() && ui.button(tr!("Show more")).clicked() {
                ui.data_mut(|data| data.insert_temp(shown, count + SHOWN));
            }
            remove_all(ui, rows.len(), own);
        });
    });
}

/// Asks once more before all are gone.
fn remove_all(ui: &mut Ui, count: usize, own: &mut Vec<OwnAction>) {
    let asked = Id::unique("remove all own measurements");
    if !ui.data(|data| data.get_temp::<bool>(asked)).unwrap_or(false) {
        if ui.button(tr!("Remove all…")).clicked() {
            ui.data_mut(|data| data.insert_temp(asked, true));
        }
        return;
    }
    let t = Tokens::of(ui);
    ui.label(Text::Body.rich(tr!("Remove all {count}? They cannot be brought back.", count)).color(t.text));
    let remove = ui.button(tr!("Remove all")).clicked();
    let keep = ui.button(tr!("Keep them")).clicked();
    if remove {
        own.push(OwnAction::RemoveAll);
    }
    if remove || keep {
        ui.data_mut(|data| data.insert_temp(asked, false));
    }
}

fn row(ui: &mut Ui, state: &State, kept: &Kept, own: &mut Vec<OwnAction>) {
    let t = Tokens::of(ui);
    let name = name(state, kept);
    let wanted = vec2(ui.available_width(), size::CONTROL);
    ui.allocate_ui_with_layout(wanted, Layout::right_to_left(Align::Center), |ui| {
        let remove = Button::new(Text::Body.rich(tr!("Remove")).color(t.text_2)).frame_when_inactive(false);
        let spoken = tr!("Remove {name}, {test}", name, test = kept.row.test_text());
        if ui.add(remove).accessible_name(spoken).clicked() {
            own.push(OwnAction::Remove(kept.id));
        }
        ui.label(Text::Strong.rich(words::speed(&kept.row)).color(t.text));
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            // llama.cpp's description holds it already.
            let level = kept.row.level.filter(|_| matches!(kept.matched, Matched::Sure(_)));
            let level = level.map_or_else(String::new, |level| format!("  {level}"));
            let title = format!("{name}{level}");
            ui.add(Label::new(Text::Button.rich(title).color(t.text)).truncate());
            ui.add(Label::new(Text::Body.rich(words::test(&kept.row)).color(t.text_2)).truncate());
        });
    });
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        ui.add(Label::new(Text::Small.rich(words::conditions(&kept.row)).color(t.text_3)).wrap());
        if let Some(machine) = &state.found
            && !kept.row.place.is(machine, kept.row.on_processor())
        {
            let words = tr!("Taken on another machine: it is kept, but not used here");
            ui.add(Label::new(Text::Small.rich(words).color(t.text_2)).wrap());
        }
    });
}

/// The model's name, as the catalog writes it where it is known.
fn name(state: &State, kept: &Kept) -> String {
    match kept.matched {
        Matched::Sure(id) => state.catalog.bases()[state.catalog.base_of(id)].name.clone(),
        Matched::Among(_) if kept.row.written.is_empty() => tr!("Model not named").to_owned(),
        Matched::Among(_) => kept.row.written.clone(),
    }
}

/// Lets a person say which model it is: of those that come into question, or of those that words find.
fn choose(ui: &mut Ui, state: &State, kept: &Kept, candidates: &[ModelId], own: &mut Vec<OwnAction>) {
    let t = Tokens::of(ui);
    ui.horizontal(|ui| {
        ui.label(Text::Label.rich(tr!("Not matched. Which model?")).color(t.text_2));
        let field = Id::unique(("own measurement", kept.id));
        let mut words = ui.data(|data| data.get_temp::<String>(field)).unwrap_or_default();
        let edit = TextEdit::singleline(&mut words)
            .id(field)
            .desired_width(150.0)
            .char_limit(100)
            .hint_text(Text::Body.rich(tr!("Search")).color(t.text_3));
        if ui.add(edit).accessible_name(tr!("Search the model of {kept}", kept = name(state, kept))).changed()
        {
            ui.data_mut(|data| data.insert_temp(field, words.clone()));
            own.push(OwnAction::Find(kept.id, words));
        }
        let names: Vec<&str> = candidates.iter().map(|&id| state.catalog.get(id).id.as_str()).collect();
        let none = if names.is_empty() { tr!("none found") } else { tr!("choose") };
        let first = (None, none);
        let options: Vec<(Option<ModelId>, &str)> = std::iter::once(first)
            .chain(candidates.iter().zip(names).map(|(&id, name)| (Some(id), name)))
            .collect();
        ui.push_id(kept.id, |ui| {
            ui.set_max_width(300.0);
            if let Some(Some(model)) = combo(ui, tr!("Model of this measurement"), &options, None) {
                own.push(OwnAction::Choose(kept.id, model));
            }
        });
    });
}
