//! The Work page's further sections by role and label: size classes, cards of other years, the power limit, machines
//! past this one; fields, files, pictures.

use eframe::egui::accesskit::Role;
use eframe::egui::{Vec2, vec2};
use egui_kittest::SnapshotResults;
use egui_kittest::kittest::Queryable as _;
use plimsoll::app::{Action, FleetAction, Page, State, ThemeChoice};
use plimsoll::estimate::deploy::Form;
use plimsoll::estimate::scenario::Engine;
use plimsoll::estimate::size_class::Lens;
use plimsoll::machine::Machine;

use crate::machines::without_gpu;
use crate::window::{self, Window, click, desktop, type_into};
use crate::words::{labels, says};

/// High enough that all sections are in view.
const TALL: Vec2 = vec2(1440.0, 2900.0);

fn window_on(size: Vec2, machine: Machine) -> Window {
    let mut window = window::on(size, machine);
    window.state_mut().apply(Action::SetPage(Page::Work));
    window.run();
    window
}

fn state(window: &Window) -> &State {
    window.state().state()
}

fn act(window: &mut Window, action: FleetAction) {
    window.state_mut().apply(Action::Fleet(action));
    window.run();
}

fn label(window: &Window, start: &str) -> String {
    labels(window).into_iter().find(|label| label.starts_with(start)).unwrap_or_else(|| panic!("{start}"))
}

#[test]
fn classes_are_said_and_follow_the_lens() {
    let mut window = window_on(TALL, desktop());
    let total = label(&window, "Small, below 15 B: ");
    assert!(
        total.contains("models run here at reading speed") && label(&window, "Large, from 70 B: ") != total
    );
    click(&mut window, Role::RadioButton, "Active parameters");
    assert_eq!(state(&window).settings.fleet.lens, Lens::Active);
    // Mixtures of experts are small by what they use, and do not fit for that.
    let count =
        |words: &str| words.split(" of ").nth(1).and_then(|rest| rest.split(' ').next()?.parse::<u32>().ok());
    assert!(count(&label(&window, "Small, below 15 B: ")) > count(&total));
    let largest = label(&window, "Largest model at reading speed: ");
    assert!(largest.contains("Q4_K_M: ") && largest.contains("tok/s"), "{largest}");
}

#[test]
fn other_years_follow_price_and_memory() {
    let mut window = window_on(TALL, desktop());
    let before = label(&window, "Largest model at reading speed on cards of other years: ");
    assert!(before.contains("2020: RTX 3080, 699 USD at launch (2020-09), 10 GiB"), "{before}");
    type_into(&mut window, "Launch price, USD", "1700");
    let after = label(&window, "Largest model at reading speed on cards of other years: ");
    assert!(after.contains("2024: n/a") || after.contains("2024: "), "{after}");
    assert!(after.contains("2020: RTX 3090, 1,499 USD"), "{after}");
    type_into(&mut window, "Launch price, USD", "-5");
    assert!(says(&window, "Must lie between 1 and 100,000."));
    assert_eq!(state(&window).settings.fleet.years.price_usd, 1700.0, "the last good value stays");
    type_into(&mut window, "With RAM, GiB", "64");
    assert!(says(&window, "in a computer with 64 GiB of RAM at 89.6 GB/s"));
}

#[test]
fn the_power_limit_is_advised_with_its_command_and_evidence() {
    let window = window_on(TALL, desktop());
    let advice = state(&window).fleet.power.as_ref().unwrap();
    assert!(says(&window, &advice.reason), "{}", advice.reason);
    if let Some((command, _)) = &advice.command {
        assert!(command.starts_with("nvidia-smi -i 0 -pl ") && says(&window, command));
        assert!(says(&window, "Shown, never run."));
    }
    assert!(says(&window, "below it nothing is predicted"));
    assert!(says(&window, "https://llmgarage.ai/power-limit-tokens-per-second-benchmark"));
    label(&window, "Tokens/s written, over the limit in W: ");
}

#[test]
fn a_service_that_is_too_much_gets_machines_and_files() {
    let mut window = window_on(TALL, desktop());
    type_into(&mut window, "Requests, a minute", "300");
    let found = state(&window).fleet.service.found.as_ref().unwrap();
    let offer = &found.answer.offers[0];
    assert!(offer.machines() > 1, "{offer:?}");
    assert!(says(&window, &format!("{} machines in all.", offer.machines())));
    assert!(labels(&window).iter().any(|label| label.contains("ghcr.io/ggml-org/llama.cpp:server-cuda")));
    click(&mut window, Role::RadioButton, "Kubernetes");
    assert_eq!(state(&window).settings.fleet.form, Form::Kubernetes);
    assert!(labels(&window).iter().any(|label| label.contains("apiVersion: apps/v1")));
    click(&mut window, Role::RadioButton, "vLLM");
    assert_eq!(state(&window).settings.fleet.engine, Engine::Vllm);
    for wrong in ["", "nan", "0", "-1", "1e99"] {
        type_into(&mut window, "Requests, a minute", if wrong.is_empty() { " " } else { wrong });
        assert_eq!(state(&window).settings.fleet.demand.arrivals_per_minute, 300.0, "{wrong}");
        assert!(state(&window).fleet.typed.error.is_some(), "{wrong}");
    }
}

#[test]
fn files_are_saved_into_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = window_on(TALL, desktop());
    type_into(&mut window, "Requests, a minute", "300");
    act(&mut window, FleetAction::Save(folder.path().to_owned()));
    let Some(Ok(deployment)) = &state(&window).fleet.files else { panic!("files") };
    for file in &deployment.files {
        assert_eq!(std::fs::read_to_string(folder.path().join(&file.name)).unwrap(), file.text);
    }
    let count = deployment.files.len();
    assert!(says(&window, &format!("{count} files were written")));
}

#[test]
fn many_users_are_taken_over() {
    let mut window = window_on(TALL, desktop());
    click(&mut window, Role::Button, "As the page's many users");
    let (users, demand) = (state(&window).settings.work.users, state(&window).settings.fleet.demand);
    assert_eq!(demand.arrivals_per_minute, users.per_minute);
    assert_eq!((demand.tokens_in, demand.tokens_out), (users.input + users.shared, users.output));
    assert_eq!(demand.wait_s, users.target_s);
}

#[test]
fn without_a_card_sections_say_so() {
    let window = window_on(TALL, without_gpu());
    assert!(says(&window, "There is no card here."));
    label(&window, "Small, below 15 B: ");
}

#[test]
fn pictures() {
    let mut results = SnapshotResults::new();
    for (theme, name) in [(ThemeChoice::Dark, "dark"), (ThemeChoice::Light, "light")] {
        let mut window = window_on(TALL, desktop());
        window.state_mut().apply(Action::SetTheme(theme));
        act(&mut window, FleetAction::SetLens(Lens::Total));
        type_into(&mut window, "Requests, a minute", "300");
        window.get_by_role_and_label(Role::RadioButton, "Total parameters").focus();
        window.run();
        window.snapshot(format!("fleet_{name}"));
        results.extend(window.take_snapshot_results());
    }
    let mut narrow = window_on(vec2(1000.0, 3400.0), desktop());
    narrow.state_mut().apply(Action::SetTheme(ThemeChoice::Dark));
    narrow.run();
    narrow.snapshot("fleet_narrow");
    results.extend(narrow.take_snapshot_results());
}
