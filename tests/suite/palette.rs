//! The command palette and the list of shortcuts: by keyboard alone, and by pointer.

use eframe::egui::accesskit::{Role, Toggled};
use eframe::egui::{Event, Key, Modifiers, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use plimsoll::app::{Action, Page, ThemeChoice, View};
use plimsoll::estimate::scenario::Engine;
use plimsoll::ui::PlimsollApp;

use crate::machines::with_rtx_4090;
use crate::soft_renderer::SoftRenderer;

type Window = Harness<'static, PlimsollApp>;

fn window(width: f32, height: f32) -> Window {
    let mut window = Harness::builder()
        .with_size(vec2(width, height))
        .with_max_steps(16)
        .renderer(SoftRenderer::default())
        .build_eframe(|cc| PlimsollApp::on_machine(&cc.egui_ctx, None, with_rtx_4090()));
    window.run();
    window
}

fn press(window: &mut Window, modifiers: Modifiers, key: Key) {
    window.key_press_modifiers(modifiers, key);
    window.run();
}

fn open(window: &mut Window) {
    press(window, Modifiers::COMMAND, Key::K);
}

fn type_in(window: &mut Window, text: &str) {
    window.event(Event::Text(text.to_owned()));
    window.run();
}

/// What is listed, top to bottom, and which of it is chosen.
fn listed(window: &Window) -> Vec<(String, bool)> {
    let options = window.query_all_by_role(Role::ListBoxOption);
    options
        .filter_map(|option| {
            let node = option.accesskit_node();
            Some((node.label()?, node.toggled() == Some(Toggled::True)))
        })
        .collect()
}

#[test]
fn everything_is_a_few_letters_away() {
    let mut window = window(1440.0, 900.0);
    open(&mut window);
    assert!(window.get_by_label("Find a command").is_focused());
    let all = listed(&window);
    assert_eq!(all.iter().filter(|(_, chosen)| *chosen).count(), 1);
    assert_eq!(all[0].0, "Models, Page, now");

    type_in(&mut window, "vllm");
    assert_eq!(listed(&window)[0], ("vLLM, Engine".to_owned(), true));
    press(&mut window, Modifiers::NONE, Key::Enter);
    assert_eq!(window.state().state().settings.engine, Engine::Vllm);
    assert!(listed(&window).is_empty(), "it closes with what it runs");

    open(&mut window);
    type_in(&mut window, "undo");
    press(&mut window, Modifiers::NONE, Key::Enter);
    assert_eq!(window.state().state().settings.engine, Engine::LlamaCpp);
}

#[test]
fn arrows_choose_and_the_table_below_stays() {
    let mut window = window(1440.0, 900.0);
    let before = window.state().state().selected;
    open(&mut window);
    press(&mut window, Modifiers::NONE, Key::ArrowDown);
    press(&mut window, Modifiers::NONE, Key::ArrowDown);
    assert!(listed(&window)[2].1, "{:?}", listed(&window));
    press(&mut window, Modifiers::NONE, Key::ArrowUp);
    assert!(listed(&window)[1].1);
    assert_eq!(window.state().state().selected, before);
    press(&mut window, Modifiers::NONE, Key::Escape);
    assert!(listed(&window).is_empty());
    assert!(window.state().state().palette.is_none());
}

#[test]
fn a_model_is_found_from_every_page() {
    let mut window = window(1440.0, 900.0);
    window.state_mut().apply(Action::SetPage(Page::Machine));
    window.run();
    open(&mut window);
    type_in(&mut window, "gpt-oss 20b");
    let (first, _) = listed(&window).remove(0);
    assert_eq!(first, "gpt-oss 20B, Model, OpenAI");
    window.get_by_label(&first).click();
    window.run();
    let state = window.state().state();
    assert_eq!(state.settings.page, Page::Models);
    assert_eq!(state.catalog.get(state.selected.unwrap()).id, "openai/gpt-oss-20b");
}

#[test]
fn words_that_find_nothing_are_answered() {
    let mut window = window(1440.0, 900.0);
    open(&mut window);
    type_in(&mut window, "xyzzy");
    window.get_by_label_contains("Nothing is called so");
    press(&mut window, Modifiers::NONE, Key::Enter);
    assert!(window.state().state().palette.is_some(), "there is nothing to run");
}

#[test]
fn shortcuts_are_listed() {
    let mut window = window(1440.0, 900.0);
    press(&mut window, Modifiers::SHIFT, Key::Questionmark);
    window.get_by_label("Keyboard shortcuts");
    window.get_by_label("Take back the last change of what is asked");
    press(&mut window, Modifiers::NONE, Key::Escape);
    assert!(window.query_by_label("Keyboard shortcuts").is_none());
    press(&mut window, Modifiers::SHIFT, Key::Questionmark);
    window.get_by_label("Keyboard shortcuts");
}

#[test]
fn a_question_mark_in_a_field_is_a_letter() {
    let mut window = window(1440.0, 900.0);
    press(&mut window, Modifiers::COMMAND, Key::F);
    press(&mut window, Modifiers::SHIFT, Key::Questionmark);
    assert!(window.query_by_label("Keyboard shortcuts").is_none());
}

/// The same pixels as in `tests/snapshots`.
#[test]
fn the_palette_looks_as_it_did() {
    let mut window = window(1440.0, 900.0);
    window.state_mut().apply(Action::SetTheme(ThemeChoice::Dark));
    open(&mut window);
    type_in(&mut window, "q4");
    window.snapshot("palette_dark");
}

/// The same pixels as in `tests/snapshots`.
#[test]
fn the_list_of_shortcuts_looks_as_it_did() {
    let mut window = window(1000.0, 640.0);
    window.state_mut().apply(Action::SetTheme(ThemeChoice::Light));
    window.state_mut().apply(Action::SetView(View::Matrix));
    press(&mut window, Modifiers::SHIFT, Key::Questionmark);
    window.snapshot("shortcuts_small_light");
}
