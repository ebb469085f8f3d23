//! Past this machine: how many like it bear the service that is asked for, and the files that start it there.

use eframe::egui::{Align, Button, Id, Label, Layout, ScrollArea, Ui, vec2};

use super::{Asked, field, note, sentence, waiting};
use crate::app::State;
use crate::app::fleet::{ENGINES, Field, FleetAction};
use crate::estimate::deploy::{Deployment, Form};
use crate::estimate::scenario::Engine;
use crate::estimate::several::{Answer, Layout as Shared, Offer};
use crate::language::{fixed, tr, tr_n};
use crate::ui::dialogs::{Ask, Dialogs};
use crate::ui::theme::{Text, Tokens, size, space};
use crate::ui::widgets::{card, copy_button, segmented, segmented_within, tabs};

/// Height of a file's text.
const FILE: f32 = 260.0;

pub(super) fn show(ui: &mut Ui, state: &State, dialogs: &Dialogs, asked: &mut Asked) {
    card(ui, tr!("Past this machine"), tr!("machines like this one, estimated"), |ui| {
        ui.spacing_mut().item_spacing.y = space::S;
        let fields =
            [Field::Arrivals, Field::TokensIn, Field::TokensOut, Field::Wait, Field::Rate, Field::Network];
        field::row(ui, state, &fields, asked);
        if ui
            .button(tr!("As the page's many users"))
            .on_hover_text(tr!("Takes requests, lengths and wait from Many users"))
            .clicked()
        {
            asked.push(FleetAction::AsUsers);
        }
        let options = ENGINES.map(|engine: Engine| (engine, engine.title()));
        let picked = segmented(
            ui,
            tr!("Engine of the service"),
            &options,
            state.settings.fleet.engine,
            size::TOOL_ROW,
        );
        asked.extend(picked.map(FleetAction::SetEngine));
        let Some(found) = &state.fleet.service.found else {
            waiting(ui, state);
            return;
        };
        let name = &state.catalog.get(found.model).display_name;
        sentence(ui, format!("{name} {}: {}", found.level, alone(&found.answer)));
        offers(ui, state, &found.answer, asked);
        for (layout, why) in &found.answer.refused {
            note(ui, tr!("Machines {layout}: {why}", layout = layout.words(), why));
        }
        if !found.answer.offers.is_empty() {
            files(ui, state, dialogs, asked);
        }
    });
}

/// What this machine alone does, in a sentence.
fn alone(answer: &Answer) -> String {
    match &answer.alone {
        Err(why) => tr!("this machine cannot serve it. {why}", why),
        Ok(offer) => {
            let busy = 100.0 * offer.queue.utilization();
            match (offer.meets, offer.wait_s) {
                (true, Some(wait)) => tr!(
                    "this machine alone is enough: busy {busy} % of the time, 95 of 100 requests have their first \
                     token within {wait} s.",
                    busy = format!("{busy:.0}"),
                    wait = fixed(wait, 1)
                ),
                (_, Some(wait)) => tr!(
                    "this machine alone is busy {busy} % of the time; 95 of 100 requests have their first token \
                     within {wait} s, with {rate_each} tokens a second each.",
                    busy = format!("{busy:.0}"),
                    wait = fixed(wait, 1),
                    rate_each = format!("{:.0}", offer.group.rate_each())
                ),
                (_, None) => tr!(
                    "this machine alone would have to work {busy} times as fast: its line grows without end.",
                    busy = fixed(busy / 100.0, 1)
                ),
            }
        }
    }
}

/// What an offer is called.
fn title(offer: &Offer) -> String {
    match (offer.group.layout, offer.replicas) {
        (Shared::Replica, replicas) => tr!("{replicas} × the whole model", replicas),
        (layout, 1) => {
            tr!("{machines} machines, {layout}", machines = offer.group.machines, layout = short(layout))
        }
        (layout, replicas) => tr!(
            "{replicas} × {machines} machines, {layout}",
            replicas,
            machines = offer.group.machines,
            layout = short(layout)
        ),
    }
}

fn short(layout: Shared) -> &'static str {
    match layout {
        Shared::Replica => tr!("whole model"),
        Shared::Tensor => tr!("layers shared"),
        Shared::Pipeline => tr!("a pipeline"),
        Shared::Series => tr!("in a row"),
    }
}

fn offers(ui: &mut Ui, state: &State, answer: &Answer, asked: &mut Asked) {
    let t = Tokens::of(ui);
    if answer.offers.is_empty() {
        sentence(ui, tr!("No number of machines like this one meets it."));
        return;
    }
    let titles: Vec<String> = answer.offers.iter().map(title).collect();
    let options: Vec<(usize, &str)> = titles.iter().map(String::as_str).enumerate().collect();
    let limit = vec2(ui.available_width(), size::TOOL_ROW);
    let picked = segmented_within(ui, tr!("How machines share it"), &options, state.fleet.chosen, limit);
    asked.extend(picked.map(FleetAction::Choose));
    let Some(offer) = answer.offers.get(state.fleet.chosen) else { return };
    let machines = offer.machines();
    let words = tr!(
        "{machines} in all. Each replica answers {slots} at once, is busy {utilization} % of the time and does {capacity} \
         requests a second; 95 of 100 requests have their first token within {wait_s} s, each answer comes with {rate_each} \
         tokens a second.",
        machines = tr_n!(machines, "{machines} machine", "{machines} machines", machines),
        slots = offer.group.slots,
        utilization = format!("{:.0}", 100.0 * offer.queue.utilization()),
        capacity = fixed(offer.queue.capacity, 2),
        wait_s = fixed(offer.wait_s.unwrap_or(f64::INFINITY), 1),
        rate_each = format!("{:.0}", offer.group.rate_each())
    );
    ui.add(Label::new(Text::Body.rich(words).color(t.text)).wrap());
    note(
        ui,
        tr!(
            "Arrivals at random, one line for each replica with as many places as it answers at once (M/M/c); requests \
         shared evenly."
        ),
    );
}

fn files(ui: &mut Ui, state: &State, dialogs: &Dialogs, asked: &mut Asked) {
    let t = Tokens::of(ui);
    ui.horizontal(|ui| {
        ui.label(Text::Label.rich(tr!("Files")).color(t.text_2));
        let options = Form::ALL.map(|form| (form, form.title()));
        let picked = segmented(ui, tr!("Files for"), &options, state.settings.fleet.form, size::TOOL_ROW);
        asked.extend(picked.map(FleetAction::SetForm));
    });
    match &state.fleet.files {
        Some(Ok(deployment)) => written(ui, state, deployment, dialogs, asked),
        Some(Err(why)) => sentence(ui, why.clone()),
        None => {}
    }
}

fn written(ui: &mut Ui, state: &State, deployment: &Deployment, dialogs: &Dialogs, asked: &mut Asked) {
    let t = Tokens::of(ui);
    let names: Vec<(usize, &str)> =
        deployment.files.iter().map(|file| file.name.as_str()).enumerate().collect();
    let shown = state.fleet.file.min(deployment.files.len().saturating_sub(1));
    let Some(file) = deployment.files.get(shown) else { return };
    let row = vec2(ui.available_width(), size::CONTROL);
    ui.allocate_ui_with_layout(row, Layout::right_to_left(Align::Center), |ui| {
        if ui.add(Button::new(Text::Button.rich(tr!("Save all…")))).clicked() {
            dialogs.open(ui.ctx(), Ask::Deployment);
        }
        copy_button(ui, Id::unique("copy the deployment's file"), &file.text);
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            let picked = tabs(ui, tr!("File"), &names, shown, size::CONTROL);
            asked.extend(picked.map(FleetAction::ShowFile));
        });
    });
    ScrollArea::both().id_salt(("deployment", &file.name)).max_height(FILE).auto_shrink([false, true]).show(
        ui,
        |ui| {
            ui.add(Label::new(Text::Mono.rich(&file.text).color(t.text_2)).extend());
        },
    );
    for (place, step) in deployment.steps.iter().enumerate() {
        note(ui, format!("{}. {step}", place + 1));
    }
    for words in &deployment.notes {
        note(ui, words.clone());
    }
    note(
        ui,
        tr!(
            "The files are written, not run. Every option is one of the engines' own, with its meaning beside it."
        ),
    );
}
