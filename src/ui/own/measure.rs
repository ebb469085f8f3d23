//! The card that takes a measurement: which program, which model, what will run, and how it goes.

use eframe::egui::{Align, Button, Label, Layout, ProgressBar, Ui, vec2};

use crate::app::State;
use crate::app::own::run::ollama::Installed;
use crate::app::own::{Form, Outcome, OwnAction, Program, Running};
use crate::language::{fixed, tr};
use crate::ui::dialogs::{Ask, Dialogs};
use crate::ui::theme::{Text, Tokens, size, space};
use crate::ui::widgets::{card, check, combo, labelled, segmented};

const PROGRAMS: [(Program, &str); 2] = [(Program::LlamaBench, "llama-bench"), (Program::Ollama, "Ollama")];
/// Width of a field's name.
const NAME: f32 = 84.0;

pub(super) fn show(ui: &mut Ui, state: &State, dialogs: &Dialogs, own: &mut Vec<OwnAction>) {
    card(ui, tr!("Measure"), tr!("with a program that is installed here"), |ui| {
        ui.spacing_mut().item_spacing.y = space::S;
        if let Some(running) = &state.own.running {
            run(ui, running, own);
            return;
        }
        let form = &state.own.form;
        let program = segmented(ui, tr!("Program"), &PROGRAMS, form.program, size::TOOL_ROW);
        own.extend(program.map(OwnAction::UseProgram));
        match form.program {
            Program::LlamaBench => llama_bench(ui, state, form, dialogs, own),
            Program::Ollama => ollama(ui, form, own),
        }
        what_runs(ui, state, own);
        if let Some(outcome) = &state.own.outcome {
            ended(ui, outcome, own);
        }
    });
}

fn llama_bench(ui: &mut Ui, state: &State, form: &Form, dialogs: &Dialogs, own: &mut Vec<OwnAction>) {
    let path = |path: &std::path::PathBuf| path.display().to_string();
    let found = form.llama_bench.as_ref().map(path);
    if field(
        ui,
        "llama-bench",
        found.as_deref(),
        tr!("not on the PATH: part of llama.cpp"),
        tr!("Choose program…"),
    ) {
        dialogs.open(ui.ctx(), Ask::LlamaBench);
    }
    let model = form.file.as_ref().map(path);
    if field(
        ui,
        tr!("Model file"),
        model.as_deref(),
        tr!("a GGUF file; of a split one the first"),
        tr!("Choose model…"),
    ) {
        dialogs.open(ui.ctx(), Ask::Model);
    }
    if state.has_gpu() {
        own.extend(check(ui, tr!("On the processor alone"), form.on_processor).map(OwnAction::OnProcessor));
    }
}

/// A field's name, its value or a hint, and the button that fills it. Answers whether that was clicked.
fn field(ui: &mut Ui, name: &str, value: Option<&str>, hint: &str, button: &str) -> bool {
    let t = Tokens::of(ui);
    let row = vec2(ui.available_width(), size::CONTROL);
    ui.allocate_ui_with_layout(row, Layout::right_to_left(Align::Center), |ui| {
        let clicked = ui.button(button).clicked();
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            ui.allocate_ui_with_layout(
                vec2(NAME, size::CONTROL),
                Layout::left_to_right(Align::Center),
                |ui| {
                    ui.set_min_width(NAME);
                    ui.label(Text::Label.rich(name).color(t.text_2));
                },
            );
            let words = match value {
                Some(value) => Text::Mono.rich(value).color(t.text),
                None => Text::Body.rich(hint).color(t.text_3),
            };
            let label = ui.add(Label::new(words).truncate());
            if let Some(value) = value {
                label.on_hover_text(value);
            }
        });
        clicked
    })
    .inner
}

fn ollama(ui: &mut Ui, form: &Form, own: &mut Vec<OwnAction>) {
    let t = Tokens::of(ui);
    let again = match &form.installed {
        None => {
            ui.label(Text::Body.rich(tr!("Asking Ollama which models it has…")).color(t.text_2));
            false
        }
        Some(Err(reason)) => {
            ui.add(Label::new(Text::Body.rich(reason).color(t.text)).wrap());
            true
        }
        Some(Ok(models)) if models.is_empty() => {
            ui.label(Text::Body.rich(tr!("Ollama has no model: ollama pull gets one")).color(t.text_2));
            true
        }
        Some(Ok(models)) => {
            let names: Vec<String> = models.iter().map(in_words).collect();
            let options: Vec<(usize, &str)> = names.iter().map(String::as_str).enumerate().collect();
            ui.scope(|ui| {
                ui.set_max_width(420.0);
                let picked =
                    labelled(ui, tr!("Model"), |ui| combo(ui, tr!("Ollama model"), &options, form.chosen));
                own.extend(picked.map(OwnAction::OllamaModel));
            });
            false
        }
    };
    if again && ui.button(tr!("Ask again")).clicked() {
        own.push(OwnAction::AskOllama);
    }
}

fn in_words(model: &Installed) -> String {
    let details = &model.details;
    let parts = [&details.parameter_size, &details.quantization_level];
    let known: Vec<&str> = parts.into_iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
    let size = format!("{} GB", fixed(model.size as f64 / 1e9, 1));
    let about: Vec<&str> = known.into_iter().chain([size.as_str()]).collect();
    format!("{} ({})", model.name, about.join(", "))
}

/// What a click on "Measure" does, exactly, before it does it.
fn what_runs(ui: &mut Ui, state: &State, own: &mut Vec<OwnAction>) {
    let t = Tokens::of(ui);
    let job = state.own.job();
    if let Some(job) = &job {
        ui.label(Text::Label.rich(tr!("This will run")).color(t.text_2));
        ui.add(Label::new(Text::Mono.rich(job.text()).color(t.text)).wrap().selectable(true));
        let time = state.own.expected_time(state.found.as_ref());
        let time = time.map_or_else(|| tr!("Some minutes").to_owned(), |time| capital(&time));
        let words = tr!("{time}. The computer is busy meanwhile; close what else needs it.", time);
        ui.add(Label::new(Text::Small.rich(words).color(t.text_3)).wrap());
    }
    let button = Button::new(Text::Button.rich(tr!("Measure")).color(t.text));
    if ui.add_enabled(job.is_some(), button).clicked() {
        own.push(OwnAction::Measure);
    }
}

fn run(ui: &mut Ui, running: &Running, own: &mut Vec<OwnAction>) {
    let t = Tokens::of(ui);
    ui.label(Text::Label.rich(tr!("Running")).color(t.text_2));
    ui.add(Label::new(Text::Mono.rich(&running.command).color(t.text)).wrap());
    ui.horizontal(|ui| {
        progress(ui, tr!("Measuring"), running.share);
        if ui.button(tr!("Cancel")).clicked() {
            own.push(OwnAction::Cancel);
        }
    });
}

/// A bar of what is done.
pub(in crate::ui) fn progress(ui: &mut Ui, name: &str, share: f32) {
    let t = Tokens::of(ui);
    let bar = ProgressBar::new(share).desired_width(200.0).desired_height(size::RAIL * 2.0).fill(t.accent);
    ui.add(bar).accessible_name(name);
}

fn ended(ui: &mut Ui, outcome: &Outcome, own: &mut Vec<OwnAction>) {
    let t = Tokens::of(ui);
    let words = match outcome {
        Outcome::Measured(0) => tr!("Measured; the same numbers were there already").to_owned(),
        Outcome::Measured(1) => tr!("1 measurement taken").to_owned(),
        Outcome::Measured(n) => tr!("{n} measurements taken", n),
        Outcome::Failed(reason) => tr!("Nothing was measured: {reason}", reason),
    };
    ui.horizontal_wrapped(|ui| {
        ui.add(Label::new(Text::Body.rich(words).color(t.text)).wrap());
        if ui
            .add(Button::new(Text::Body.rich(tr!("Dismiss")).color(t.text_2)).frame_when_inactive(false))
            .clicked()
        {
            own.push(OwnAction::CloseOutcome);
        }
    });
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
