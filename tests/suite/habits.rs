//! Chips, ranges, favourites, what was looked at, the way back, hints and terms: by role and label.

use std::collections::BTreeMap;

use eframe::egui::accesskit::Role;
use eframe::egui::{Key, Modifiers, Vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use plimsoll::app::habits::{Habits, HabitsAction};
use plimsoll::app::rows::ranges::Span;
use plimsoll::app::{Action, Settings, ThemeChoice, View};
use plimsoll::machine::Machine;
use plimsoll::ui::SETTINGS_KEY;

use crate::machines::with_rtx_4090;
use crate::window::{self, LARGE, Memory, SMALL, Window};

fn window_of(size: Vec2, machine: Machine, settings: &Settings) -> Window {
    let storage = Memory(BTreeMap::from([(SETTINGS_KEY.to_owned(), settings.to_json().unwrap())]));
    window::stored(size, machine, storage)
}

fn window() -> Window {
    window_of(LARGE, with_rtx_4090(), &Settings::default())
}

fn click(window: &mut Window, role: Role, label: &str) {
    window.get_by_role_and_label(role, label).click();
    window.run();
}

fn apply(window: &mut Window, action: Action) {
    window.state_mut().apply(action);
    window.run();
}

fn type_into(window: &mut Window, label: &str, text: &str) {
    window::type_into(window, label, text);
    window.key_press(Key::Enter);
    window.run();
}

fn rows(window: &Window) -> usize {
    window.state().state().rows.len()
}

fn selected(window: &Window) -> &str {
    let state = window.state().state();
    &state.catalog.get(state.selected.unwrap()).id
}

#[test]
fn a_matrix_that_is_remembered_opens_with_its_models() {
    let settings = Settings { view: View::Matrix, ..Settings::default() };
    let mut window = window_of(LARGE, with_rtx_4090(), &settings);
    assert!(window.query_by_label("No model matches").is_none());
    assert!(window.query_by_role_and_label(Role::Grid, "Models by quantization").is_some());
    type_into(&mut window, "Search models", "zzz");
    assert!(window.query_by_label("No model matches").is_some());
}

#[test]
fn a_chip_stands_above_the_rows_and_goes_by_a_click_or_a_key() {
    let mut window = window();
    let all = rows(&window);
    assert!(window.query_by_role_and_label(Role::Button, "Clear all").is_none(), "nothing is left out");
    click(&mut window, Role::CheckBox, "Vision");
    click(&mut window, Role::CheckBox, "Only what fits on the GPU");
    let both = rows(&window);
    assert!(both < all / 2);
    click(&mut window, Role::Button, "Remove the filter: Vision");
    assert!(rows(&window) > both);
    window.get_by_role_and_label(Role::Button, "Remove the filter: Fits on the GPU").focus();
    window.run();
    window.key_press(Key::Delete);
    window.run();
    assert_eq!(rows(&window), all);
    assert!(window.query_by_role_and_label(Role::Button, "Clear all").is_none());
}

#[test]
fn clear_all_brings_every_model_back() {
    let mut window = window();
    let all = rows(&window);
    apply(&mut window, Action::Search("qwen3".to_owned()));
    click(&mut window, Role::CheckBox, "Reasoning");
    window.get_by_role_and_label(Role::Button, "Remove the filter: “qwen3”");
    click(&mut window, Role::Button, "Clear all");
    assert_eq!((rows(&window), window.state().state().search.as_str()), (all, ""));
}

#[test]
fn ranges_are_typed_and_bad_values_are_answered_at_the_field() {
    let mut window = window();
    let all = rows(&window);
    click(&mut window, Role::Button, "Ranges…");
    type_into(&mut window, "Parameters, at least", "7B");
    type_into(&mut window, "Parameters, at most", "16");
    let between = rows(&window);
    assert!(between > 5 && between < all);
    let params: Vec<u64> = window.state().state().rows.iter().map(|row| row.params).collect();
    assert!(params.iter().all(|params| (7_000_000_000..=16_000_000_000).contains(params)));
    type_into(&mut window, "Memory needed, at most", "lots");
    window.get_by_label("a number in GiB");
    assert_eq!(rows(&window), between, "what was asked before stays");
    type_into(&mut window, "Memory needed, at most", "9");
    assert!(window.query_by_label("a number in GiB").is_none());
    type_into(&mut window, "Released, at least", "2025-06");
    type_into(&mut window, "Tokens/s, at least", "30");
    for row in &window.state().state().rows {
        let brief = row.outcome.brief().unwrap();
        assert!(brief.need.gib() <= 9.0 && brief.decode.unwrap().p50 >= 30.0 && *row.released >= *"2025-06");
    }
    for chip in [
        "Parameters 7–16 B",
        "Memory needed at most 9 GiB",
        "Tokens/s at least 30 tok/s",
        "Released from 2025-06",
    ] {
        window.get_by_role_and_label(Role::Button, &format!("Remove the filter: {chip}"));
    }
    click(&mut window, Role::Button, "No ranges");
    assert_eq!(rows(&window), all);
}

#[test]
fn a_range_counts_in_the_matrix_too() {
    let mut window = window();
    apply(&mut window, Action::SetView(View::Matrix));
    let lines = |window: &Window| window.state().state().matrix.outline.bases().len();
    let all = lines(&window);
    let most = Span::Memory.parse("4").unwrap();
    apply(
        &mut window,
        Action::SetRange(Span::Memory, plimsoll::app::rows::ranges::Bounds { least: None, most }),
    );
    assert!(lines(&window) < all && lines(&window) > 0);
    window.get_by_role_and_label(Role::Button, "Remove the filter: Memory needed at most 4 GiB");
}

#[test]
fn a_star_makes_a_favourite_in_row_and_detail_and_by_key() {
    let mut window = window();
    let name = window.state().state().detail.as_ref().unwrap().name.clone();
    let label = |window: &Window, verb: &str| {
        window.query_all_by_role_and_label(Role::Button, &format!("{verb}: {name}")).count()
    };
    // The selected row and the detail.
    assert_eq!(label(&window, "Make a favourite"), 2);
    window.key_press(Key::F);
    window.run();
    assert_eq!(label(&window, "No longer a favourite"), 2);
    click(&mut window, Role::CheckBox, "Favourites");
    assert_eq!(rows(&window), 1);
    window.get_by_role_and_label(Role::Button, "Remove the filter: Favourites");
    let star = format!("No longer a favourite: {name}");
    window.query_all_by_role_and_label(Role::Button, &star).last().unwrap().click();
    window.run();
    assert!(window.state().state().settings.habits.favourites.is_empty());
    window.get_by_label("No favourites yet");
    click(&mut window, Role::Button, "Clear filters");
    assert!(rows(&window) > 300);
}

#[test]
fn f_in_a_field_is_a_letter() {
    let mut window = window();
    window.get_by_role_and_label(Role::TextInput, "Search models").focus();
    window.run();
    window.key_press(Key::F);
    window.run();
    assert!(window.state().state().settings.habits.favourites.is_empty());
}

#[test]
fn what_was_looked_at_is_found_again() {
    let mut window = window();
    let find = |window: &Window, name| window.state().state().catalog.find(name).unwrap();
    for name in ["Qwen/Qwen3-14B", "google/gemma-3-12b-it"] {
        let id = find(&window, name);
        apply(&mut window, Action::Select(id));
    }
    click(&mut window, Role::Button, "Recent…");
    let name = window.state().state().catalog.bases()
        [window.state().state().catalog.base_of(find(&window, "Qwen/Qwen3-14B"))]
    .name
    .clone();
    window.query_all_by_role_and_label(Role::Button, &name).last().unwrap().click();
    window.run();
    assert_eq!(selected(&window), "Qwen/Qwen3-14B");
    let recent = &window.state().state().settings.habits.recent;
    assert_eq!(recent[..2], ["Qwen/Qwen3-14B", "google/gemma-3-12b-it"]);
}

#[test]
fn reset_brings_the_usual_scenario_back_and_can_be_taken_back() {
    let mut window = window();
    assert!(window.get_by_role_and_label(Role::Button, "Reset the scenario").accesskit_node().is_disabled());
    apply(&mut window, Action::SetContext(1 << 17));
    apply(&mut window, Action::SetConcurrency(4));
    click(&mut window, Role::Button, "Reset the scenario");
    let asked = |window: &Window| {
        let settings = &window.state().state().settings;
        (settings.context, settings.concurrency)
    };
    assert_eq!(asked(&window), (1 << 14, 1));
    window.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    window.run();
    assert_eq!(asked(&window), (1 << 17, 4), "one step");
}

#[test]
fn what_is_unfolded_stays_unfolded() {
    let mut window = window();
    let base = window.state().state().catalog.find("Qwen/Qwen3-14B").unwrap();
    apply(&mut window, Action::Unfold(base, true));
    let count = rows(&window);
    let kept = window.state().state().settings.clone();
    let next = window_of(LARGE, with_rtx_4090(), &kept);
    assert_eq!((rows(&next), next.state().state().unfolded.len()), (count, 1));
}

#[test]
fn hints_of_a_first_start_go_for_good() {
    let first = Settings { habits: Habits::first(), ..Settings::default() };
    let mut window = window_of(LARGE, with_rtx_4090(), &first);
    window.get_by_label_contains("Begin with a line below");
    click(&mut window, Role::Button, "Got it");
    assert!(window.query_by_label_contains("Begin with a line below").is_none());
    apply(&mut window, Action::SetView(View::Matrix));
    window.get_by_label_contains("A cell is a model at a quantization");
    click(&mut window, Role::Button, "Got it");
    let kept = window.state().state().settings.clone();
    let next = window_of(LARGE, with_rtx_4090(), &kept);
    assert!(next.query_by_role_and_label(Role::Button, "Got it").is_none());
    assert!(self::window().query_by_role_and_label(Role::Button, "Got it").is_none(), "who was here before");
}

#[test]
fn a_term_is_explained_by_keyboard_where_it_stands() {
    let mut window = window();
    window.get_by_role_and_label(Role::Button, "What is KV cache?").focus();
    window.run();
    window.key_press(Key::Enter);
    window.run();
    window.get_by_label_contains("What the model keeps of every token");
    window.key_press(Key::Escape);
    window.run();
    assert!(window.query_by_label_contains("What the model keeps of every token").is_none());
    // The detail explains its cards.
    assert!(window.query_all_by_role_and_label(Role::Button, "What is Quantization?").count() >= 2);
}

#[test]
fn f1_lists_all_terms_and_finds_one() {
    let mut window = window();
    window.key_press(Key::F1);
    window.run();
    window.get_by_label("What is this?");
    window.get_by_role_and_label(Role::TextInput, "Search terms").focus();
    window.run();
    window.get_by_role_and_label(Role::TextInput, "Search terms").type_text("ttft");
    window.run();
    window.get_by_label("Time to first token");
    assert!(window.query_by_label("Flash attention").is_none());
    window.key_press(Key::Escape);
    window.run();
    window.key_press(Key::Escape);
    window.run();
    assert!(!window.state().state().glossary_open);
}

#[test]
fn they_look_as_they_did_in_a_small_window() {
    let mut settings = Settings { habits: Habits::first(), ..Settings::default() };
    settings.filters.only_fits = true;
    let mut window = window_of(SMALL, with_rtx_4090(), &settings);
    let bounds = plimsoll::app::rows::ranges::Bounds { least: Some(7.0), most: Some(40.0) };
    apply(&mut window, Action::SetRange(Span::Params, bounds));
    apply(&mut window, Action::Habits(HabitsAction::Favourite(None)));
    for (theme, shade) in [(ThemeChoice::Dark, "dark"), (ThemeChoice::Light, "light")] {
        apply(&mut window, Action::SetTheme(theme));
        window.snapshot(format!("habits_small_{shade}"));
    }
    apply(&mut window, Action::ShowGlossary(true));
    window.snapshot("terms_small_light");
}
