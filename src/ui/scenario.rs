//! The left column: what is asked, which models are listed, what this machine can do with them.

use eframe::egui::{Align, Button, Layout, Popup, ScrollArea, Ui, vec2};

use super::dialogs::{Ask, Dialogs};
use super::theme::{Text, Tokens, size, space};
use super::widgets::{
    caption, combo, count_bar, labelled, log_slider, octave_steps, rule, search_field, small_button,
};
use super::{Actions, filters, keys, verdict};
use crate::app::best::Counts;
use crate::app::models::{ModelsAction, Part};
use crate::app::settings::{CONCURRENCY_MAX, CONTEXT_MAX, CONTEXT_MIN};
use crate::app::{Action, Page, Settings, State, View};
use crate::estimate::scenario::{CacheType, Engine};
use crate::estimate::{FitClass, engine};
use crate::language::tr;
use crate::quant::Level;
use crate::units::tokens_text;

/// Height of the scenario's heading.
const RESET: f32 = 20.0;

/// Draws the column, scrolling where the window is low.
pub(super) fn show(ui: &mut Ui, state: &State, dialogs: &Dialogs, actions: &mut Actions) {
    ScrollArea::vertical().id_salt("scenario").auto_shrink(false).show(ui, |ui| {
        eframe::egui::Frame::new().inner_margin(space::L as i8).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = space::M;
            search(ui, state, actions);
            bring(ui, state, dialogs, actions);
            reset(ui, state, actions);
            asked(ui, &state.settings, state, actions);
            rule(ui);
            filters::controls(ui, state, actions);
            rule(ui);
            counts(ui, state);
        });
    });
}

fn search(ui: &mut Ui, state: &State, actions: &mut Actions) {
    labelled(ui, tr!("Search"), |ui| {
        let mut text = state.search.clone();
        let shortcut = keys::find_text(ui);
        let id = keys::search_id();
        if search_field(ui, id, tr!("Search models"), &mut text, tr!("Name or family"), &shortcut).changed() {
            actions.push(Action::Search(text));
        }
    });
}

/// What the catalog does not have.
fn bring(ui: &mut Ui, state: &State, dialogs: &Dialogs, actions: &mut Actions) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        let hint = tr!("{ui}: a GGUF file, a config.json, a checkpoint, records", ui = keys::open_text(ui));
        if ui.button(tr!("Open…")).on_hover_text(hint).clicked() {
            dialogs.open(ui.ctx(), Ask::Models);
        }
        let hint = tr!("Your models, those on this computer, the hub, catalogs by others");
        if ui.button(tr!("Models…")).on_hover_text(hint).clicked() {
            actions.push(Action::Models(ModelsAction::Show(Some(Part::default()))));
        }
        recent(ui, state, actions);
    });
}

/// What is asked of each model, and the way back to what the program starts with.
fn reset(ui: &mut Ui, state: &State, actions: &mut Actions) {
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        let row = vec2(ui.available_width(), RESET);
        ui.allocate_ui_with_layout(row, Layout::right_to_left(Align::Center), |ui| {
            let hint =
                tr!("The usual context, cache, requests, engine and quantization; Ctrl+Z takes it back");
            let button = small_button(ui, tr!("Reset"), !state.is_usual_scenario());
            let button = button.on_hover_text(hint).accessible_name(tr!("Reset the scenario"));
            if button.clicked() {
                actions.push(Action::ResetScenario);
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.label(Text::Strong.rich(tr!("Scenario")).color(Tokens::of(ui).text));
            });
        });
    });
}

/// Models that were looked at, behind a button.
fn recent(ui: &mut Ui, state: &State, actions: &mut Actions) {
    let recent = state.recent();
    let button = ui.add_enabled(!recent.is_empty(), Button::new(tr!("Recent…")));
    let button = button.on_hover_text(tr!("Models that you looked at last"));
    Popup::menu(&button).accessible_name(tr!("Recent models")).show(|ui| {
        for id in recent {
            let base = &state.catalog.bases()[state.catalog.base_of(id)];
            let variant = base.variants.iter().find(|variant| variant.id == Some(id));
            let name = variant.map_or(&base.name, |variant| &variant.name);
            if ui.button(name).clicked() {
                actions.push(Action::Select(id));
            }
        }
    });
}

fn asked(ui: &mut Ui, settings: &Settings, state: &State, actions: &mut Actions) {
    context(ui, settings, state, actions);
    labelled(ui, tr!("Quantization"), |ui| {
        let levels = engine::levels(settings.engine);
        let names: Vec<(Level, String)> = levels.iter().map(|level| (*level, level.to_string())).collect();
        let options: Vec<(Level, &str)> = names.iter().map(|(level, name)| (*level, name.as_str())).collect();
        actions.extend(combo(ui, tr!("Quantization"), &options, settings.level).map(Action::SetLevel));
    });
    labelled(ui, tr!("KV cache"), |ui| {
        let types = engine::cache_types(settings.engine);
        let options: Vec<(CacheType, &str)> = types.iter().map(|cache| (*cache, cache.name())).collect();
        actions.extend(combo(ui, tr!("KV cache"), &options, settings.cache).map(Action::SetCache));
    });
    let steps = octave_steps(0, CONCURRENCY_MAX.ilog2());
    let text = match settings.concurrency {
        1 => tr!("1 request").to_owned(),
        n => tr!("{n} requests", n),
    };
    let at_once = ui.scope(|ui| log_slider(ui, tr!("At once"), settings.concurrency, &steps, &text));
    actions.extend(at_once.inner.map(Action::SetConcurrency));
    at_once.response.on_hover_text(tr!(
        "Requests answered at the same time. They share the context; tokens/s is the sum of all"
    ));
    labelled(ui, tr!("Engine"), |ui| {
        let options = Engine::ALL.map(|engine| (engine, engine.title()));
        actions.extend(combo(ui, tr!("Engine"), &options, settings.engine).map(Action::SetEngine));
    });
}

fn context(ui: &mut Ui, settings: &Settings, state: &State, actions: &mut Actions) {
    let steps = octave_steps(CONTEXT_MIN.ilog2(), CONTEXT_MAX.ilog2());
    let text = tr!("{context} tokens", context = tokens_text(u64::from(settings.context)));
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = space::XS;
        let chosen = log_slider(ui, tr!("Context length"), settings.context, &steps, &text);
        actions.extend(chosen.map(Action::SetContext));
        if let Some(trained) = beyond_training(state) {
            let t = Tokens::of(ui);
            let note =
                tr!("Beyond the {trained} that this model was trained for", trained = tokens_text(trained));
            ui.label(Text::Small.rich(note).color(t.text_2));
        }
    });
}

/// The selected model's trained context, where the scenario asks for more.
fn beyond_training(state: &State) -> Option<u64> {
    let trained = state.catalog.get(state.selected?).context_max?;
    (state.settings.context > trained).then_some(u64::from(trained))
}

fn counts(ui: &mut Ui, state: &State) {
    let (title, counts) = match state.settings.view {
        _ if state.settings.page == Page::Map => (tr!("On this machine"), &state.map.map.counts),
        View::Table => (tr!("On this machine"), &state.counts),
        View::Matrix => (tr!("Best cell of each model"), &state.matrix.summary.best),
    };
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        caption(ui, title, "");
        ui.add_space(space::XS);
        let classes = || shown(counts, state.has_gpu());
        let most = classes().map(|class| counts.of(class)).max().unwrap_or(0);
        for class in classes() {
            count_bar(ui, verdict(class), counts.of(class), most);
        }
    });
    ui.add_space(size::LINE);
}

/// The classes that this machine can have, and others that occur.
fn shown(counts: &Counts, has_gpu: bool) -> impl Iterator<Item = FitClass> {
    FitClass::ALL.into_iter().filter(move |class| {
        let usual = match class {
            FitClass::Fits | FitClass::Tight | FitClass::Offload => has_gpu,
            FitClass::Cpu => !has_gpu,
            FitClass::Disk => false,
            FitClass::TooBig => true,
        };
        usual || counts.of(*class) > 0
    })
}
