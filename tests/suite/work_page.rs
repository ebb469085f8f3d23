//! The Work page by role and label: kinds, words, fields, tables, pictures.

use eframe::egui::accesskit::Role;
use eframe::egui::{Key, Modifiers, Vec2};
use egui_kittest::SnapshotResults;
use plimsoll::app::{Action, Page, State, ThemeChoice, WorkAction};
use plimsoll::estimate::workload::Kind;
use plimsoll::machine::Machine;

use crate::machines::without_gpu;
use crate::window::{self, LARGE, SMALL, Window, click, desktop, type_into};
use crate::words::{labels, says};

fn window_on(size: Vec2, machine: Machine) -> Window {
    let mut window = window::on(size, machine);
    window.state_mut().apply(Action::SetPage(Page::Work));
    window.run();
    window
}

fn window() -> Window {
    window_on(LARGE, desktop())
}

fn state(window: &Window) -> &State {
    window.state().state()
}

fn act(window: &mut Window, action: WorkAction) {
    window.state_mut().apply(Action::Work(action));
    window.run();
}

fn sentences(window: &Window) -> Vec<String> {
    state(window).work.found.as_ref().unwrap().text()
}

#[test]
fn a_new_user_asks_for_tonight() {
    let mut window = window();
    type_into(&mut window, "In your words", "5000 contracts of 12 pages");
    let found = state(&window).work.found.as_ref().unwrap();
    assert_eq!(found.title, "5,000 contracts of 12 pages");
    assert!(found.model.is_some(), "a model is named");
    let said = sentences(&window);
    println!("{}\n{}", found.subtitle, said.join("\n"));
    assert!(said[0].contains("done tomorrow at") || said[0].contains("done today at"), "{}", said[0]);
    assert!(said[0].contains("08:00") && said[1].contains("electricity"));
    for sentence in &said {
        assert!(says(&window, sentence), "{sentence}");
    }
    assert!(says(&window, "Models for this work") && says(&window, "What changes it"));
    assert!(labels(&window).iter().any(|label| label.starts_with("Hours to finish, by requests at once: ")));
    // Date and source of prices and of power.
    for source in ["EIA, April 2026", "ai-benchmarks, 2025-12-18", "at launch (2021-01)"] {
        assert!(says(&window, source), "{source}");
    }
}

#[test]
fn every_kind_has_a_page() {
    let mut window = window();
    for (kind, words) in Kind::ALL {
        if state(&window).settings.work.kind != kind {
            click(&mut window, Role::RadioButton, words);
        }
        assert_eq!(state(&window).settings.work.kind, kind);
        let found = state(&window).work.found.as_ref().unwrap();
        assert!(found.problem.is_none() && found.sentences.len() >= 2, "{words}");
        for sentence in sentences(&window) {
            assert!(says(&window, &sentence), "{sentence}");
        }
    }
}

#[test]
fn nonsense_gets_a_message_and_the_answer_stays() {
    let mut window = window();
    let before = sentences(&window);
    for (nonsense, message) in [
        ("0", "at least 1"),
        ("-5", "it cannot be negative"),
        ("NaN", "this is not a number"),
        ("1e999", "this is not a number"),
    ] {
        type_into(&mut window, "Items, contracts", nonsense);
        assert!(says(&window, message), "{nonsense}: {message}");
        assert_eq!(sentences(&window), before);
    }
    window.key_press(Key::Escape);
    window.run();
    assert_eq!(state(&window).settings.work.batch.items, 5000);
    type_into(&mut window, "In your words", "some contracts");
    assert!(says(&window, "write it like: 5000 contracts of 12 pages"));
    assert_eq!(sentences(&window), before);
}

#[test]
fn a_row_chooses_the_model_everywhere() {
    let mut window = window();
    let found = state(&window).work.found.clone().unwrap();
    let table = &found.tables[0];
    let row = table.rows.iter().find(|row| !row.present).expect("there is a choice");
    click(&mut window, Role::RadioButton, &row.spoken(&table.columns));
    let (model, level) = row.pick.unwrap();
    let after = state(&window).work.found.as_ref().unwrap();
    assert_eq!(after.model, Some((model, level)));
    assert_eq!((state(&window).selected, state(&window).level()), (Some(model), level));
    assert!(after.tables[0].rows.iter().any(|row| row.present && row.pick == Some((model, level))));
}

#[test]
fn the_keyboard_leads_there_and_settings_stay() {
    let mut window = window();
    window.state_mut().apply(Action::SetPage(Page::Models));
    window.run();
    window.key_press_modifiers(Modifiers::COMMAND, Key::Num5);
    window.run();
    assert_eq!(state(&window).settings.page, Page::Work);
    type_into(&mut window, "Answer, tokens", "200");
    act(&mut window, WorkAction::Place("de"));
    let text = state(&window).settings.to_json().unwrap();
    let kept = plimsoll::app::Settings::from_json(&text).unwrap();
    assert_eq!((kept.work.batch.output, kept.work.place.as_str()), (200, "de"));
    assert!(says(&window, "Say what 1 EUR is in USD to compare."));
    type_into(&mut window, "1 EUR is, USD", "1.1");
    assert!(!says(&window, "Say what 1 EUR is in USD to compare."));
}

#[test]
fn without_a_gpu_there_is_an_answer_too() {
    let window = window_on(LARGE, without_gpu());
    let found = state(&window).work.found.as_ref().unwrap();
    assert!(!found.tables.is_empty());
    println!("{}\n{}", found.subtitle, found.text().join("\n"));
    assert!(says(&window, "assumed for a desktop's processor"));
}

#[test]
fn pictures() {
    let mut results = SnapshotResults::new();
    for (name, theme, size, zoom, kind) in [
        ("work_dark", ThemeChoice::Dark, LARGE, 1.0, Kind::Batch),
        ("work_light", ThemeChoice::Light, LARGE, 1.0, Kind::Batch),
        ("work_agent_dark", ThemeChoice::Dark, LARGE, 1.0, Kind::Agent),
        ("work_users_light", ThemeChoice::Light, LARGE, 1.0, Kind::Users),
        ("work_small_dark", ThemeChoice::Dark, SMALL, 1.0, Kind::Batch),
        ("work_zoom_light", ThemeChoice::Light, LARGE, 1.5, Kind::Batch),
    ] {
        let mut window = window_on(size, desktop());
        window.ctx.set_zoom_factor(zoom);
        window.state_mut().apply(Action::SetTheme(theme));
        act(&mut window, WorkAction::Kind(kind));
        window.run();
        window.snapshot(name);
        results.extend(window.take_snapshot_results());
    }
}
