//! The detail on the whole page, ways out, undo and redo: by role and label, by pointer and keyboard.

use std::path::Path;

use eframe::egui::accesskit::Role;
use eframe::egui::{self, Key, Modifiers, Vec2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use plimsoll::app::{Action, Settings, State, ThemeChoice, View};
use plimsoll::estimate::FitClass;
use plimsoll::machine::Machine;
use plimsoll::machine::probe::recording;
use plimsoll::ui::PlimsollApp;

use crate::machines::with_rtx_4090;
use crate::soft_renderer::SoftRenderer;

const LARGE: Vec2 = vec2(1440.0, 900.0);
const SMALL: Vec2 = vec2(1000.0, 640.0);

type Window = Harness<'static, PlimsollApp>;

/// A machine of `tests/machines`.
fn recorded(name: &str) -> Machine {
    let path = format!("{}/tests/machines/{name}.json", env!("CARGO_MANIFEST_DIR"));
    recording::read(Path::new(&path)).unwrap()
}

fn window_on(size: Vec2, machine: Machine, model: &str, level: &str) -> Window {
    window_in_steps(0.25, size, machine, model, level)
}

/// A window whose frames are so many seconds apart.
fn window_in_steps(step: f32, size: Vec2, machine: Machine, model: &str, level: &str) -> Window {
    let mut window = Harness::builder()
        .with_size(size)
        .with_step_dt(step)
        .with_max_steps(16)
        .renderer(SoftRenderer::default())
        .build_eframe(move |cc| PlimsollApp::on_machine(&cc.egui_ctx, None, machine));
    window.run();
    let id = state(&window).catalog.find(model).unwrap();
    window.state_mut().apply(Action::SelectCell(id, level.parse().unwrap()));
    window.run();
    window
}

/// A model that spills over a card of 12 GiB.
fn spilling() -> Window {
    window_on(LARGE, recorded("rtx-3060-desktop"), "Qwen/Qwen3-14B", "Q5_K_M")
}

fn state(window: &Window) -> &State {
    window.state().state()
}

fn settings(window: &Window) -> &Settings {
    &state(window).settings
}

fn class(window: &Window) -> FitClass {
    state(window).detail.as_ref().unwrap().class().unwrap()
}

fn click(window: &mut Window, role: Role, label: &str) {
    window.get_by_role_and_label(role, label).click();
    window.run();
}

fn press(window: &mut Window, modifiers: Modifiers, key: Key) {
    window.key_press_modifiers(modifiers, key);
    window.run();
}

/// The button of the way whose words begin so.
fn way(window: &Window, begins: &str) -> String {
    let is_it = |label: &String| label.starts_with(&format!("{begins}: "));
    window
        .query_all_by_role(Role::Button)
        .filter_map(|button| button.accesskit_node().label())
        .find(is_it)
        .unwrap_or_else(|| panic!("no way {begins}"))
}

fn choose(window: &mut Window, begins: &str) {
    let label = way(window, begins);
    click(window, Role::Button, &label);
}

fn is_page(window: &Window) -> bool {
    window.query_by_role_and_label(Role::Button, "‹  Table").is_some()
        || window.query_by_role_and_label(Role::Button, "‹  Matrix").is_some()
}

#[test]
fn enter_opens_the_page_and_escape_or_the_link_leads_back() {
    let mut window = spilling();
    assert!(!is_page(&window));
    press(&mut window, Modifiers::NONE, Key::Enter);
    assert!(is_page(&window));
    for heading in
        ["Memory", "Where it goes", "To keep it on the GPU", "Quantization ladder", "How it is known"]
    {
        window.get_by_role_and_label(Role::Heading, heading);
    }
    window.get_by_label("best level here: Q4_K_S");
    window.get_by_role_and_label(Role::Slider, "Context length");
    assert!(window.query_by_role(Role::Table).is_none(), "the page has the list's place");
    press(&mut window, Modifiers::NONE, Key::Escape);
    assert!(!is_page(&window));
    press(&mut window, Modifiers::NONE, Key::Enter);
    click(&mut window, Role::Button, "‹  Table");
    assert!(!is_page(&window));
    window.get_by_role(Role::Table);
}

#[test]
fn the_page_opens_from_the_matrix_too() {
    let mut window = spilling();
    press(&mut window, Modifiers::COMMAND, Key::Num2);
    press(&mut window, Modifiers::NONE, Key::Enter);
    window.get_by_role_and_label(Role::Button, "‹  Matrix");
    press(&mut window, Modifiers::COMMAND, Key::Num1);
    assert!(!is_page(&window), "the list is another page");
    assert_eq!(settings(&window).view, View::Table);
}

#[test]
fn a_double_click_opens_the_page_of_its_row() {
    let mut window = window_in_steps(0.02, LARGE, recorded("rtx-3060-desktop"), "Qwen/Qwen3-14B", "Q5_K_M");
    let row = window.query_all_by_role(Role::Row).nth(4).unwrap();
    let (label, at) = (row.accesskit_node().label().unwrap(), row.rect().center());
    for _ in 0..2 {
        window.drag_at(at);
        window.step();
        window.drop_at(at);
        window.step();
    }
    window.step();
    assert!(is_page(&window));
    let name = &state(&window).detail.as_ref().unwrap().name;
    assert!(label.starts_with(name.as_str()), "{label} / {name}");
}

#[test]
fn a_search_leads_back_to_the_list() {
    let mut window = spilling();
    press(&mut window, Modifiers::NONE, Key::Enter);
    press(&mut window, Modifiers::COMMAND, Key::F);
    window.get_by_role_and_label(Role::TextInput, "Search models").type_text("gemma");
    window.run();
    assert!(!is_page(&window));
    assert!(window.query_all_by_role(Role::Row).next().is_some());
}

#[test]
fn two_columns_become_one_where_the_page_is_narrow() {
    let sides = |window: &Window| {
        let left = |heading| window.get_by_role_and_label(Role::Heading, heading).rect().left();
        (left("Memory"), left("Quantization ladder"))
    };
    let mut window = spilling();
    press(&mut window, Modifiers::NONE, Key::Enter);
    let (memory, ladder) = sides(&window);
    assert!(ladder > memory + 400.0);
    let mut small = window_on(SMALL, recorded("rtx-3060-desktop"), "Qwen/Qwen3-14B", "Q5_K_M");
    press(&mut small, Modifiers::NONE, Key::Enter);
    let (memory, ladder) = sides(&small);
    assert_eq!(memory, ladder);
    let caption = |window: &Window| window.get_by_label_contains("memory needed").rect();
    assert!(caption(&window).left() > 800.0, "figures stand at the right end");
    assert!(caption(&small).left() < 300.0, "or under the sentence");
    // Enlarged, a large window is as narrow.
    window.ctx.set_zoom_factor(1.5);
    window.set_size(LARGE / 1.5);
    window.run();
    let (memory, ladder) = sides(&window);
    assert_eq!(memory, ladder);
}

#[test]
fn the_page_scrolls_by_keys() {
    let mut window = window_on(SMALL, recorded("rtx-3060-desktop"), "Qwen/Qwen3-14B", "Q5_K_M");
    press(&mut window, Modifiers::NONE, Key::Enter);
    let top = |window: &Window| window.get_by_role_and_label(Role::Heading, "Memory").rect().top();
    let first = top(&window);
    press(&mut window, Modifiers::NONE, Key::ArrowDown);
    assert!(top(&window) < first - 20.0);
    press(&mut window, Modifiers::NONE, Key::PageDown);
    assert!(top(&window) < first - 400.0);
    press(&mut window, Modifiers::NONE, Key::End);
    let page = window.get_by_role_and_label(Role::Link, "Qwen/Qwen3-14B").rect();
    assert!(page.bottom() < SMALL.y, "the last card is on the screen");
    press(&mut window, Modifiers::NONE, Key::Home);
    assert_eq!(top(&window), first);
}

#[test]
fn what_gets_the_focus_comes_into_view() {
    let mut window = window_on(SMALL, recorded("rtx-3060-desktop"), "Qwen/Qwen3-14B", "Q5_K_M");
    press(&mut window, Modifiers::NONE, Key::Enter);
    let copy = |window: &Window| window.get_by_role_and_label(Role::Button, "Copy").rect();
    assert!(copy(&window).top() > SMALL.y);
    window.get_by_role_and_label(Role::Button, "Copy").focus();
    window.run();
    window.run();
    assert!(copy(&window).bottom() < SMALL.y && copy(&window).top() > 52.0, "{:?}", copy(&window));
    // It may be scrolled away again.
    let at = copy(&window).center();
    window.hover_at(at);
    window.event(egui::Event::MouseWheel {
        unit: egui::MouseWheelUnit::Point,
        delta: vec2(0.0, 400.0),
        phase: egui::TouchPhase::Move,
        source: egui::MouseWheelSource::Unknown,
        modifiers: Modifiers::NONE,
    });
    window.run();
    assert!(copy(&window).top() > at.y + 100.0);
}

#[test]
fn a_way_is_made_by_a_click_and_taken_back() {
    let mut window = spilling();
    assert_eq!(class(&window), FitClass::Offload);
    assert!(way(&window, "q8_0 cache").contains(": tight, 23 tok/s, "), "{}", way(&window, "q8_0 cache"));
    choose(&mut window, "q8_0 cache");
    assert_eq!(settings(&window).cache.name(), "q8_0");
    assert_eq!(class(&window), FitClass::Tight);
    press(&mut window, Modifiers::COMMAND, Key::Z);
    assert_eq!(settings(&window).cache.name(), "f16");
    assert_eq!(class(&window), FitClass::Offload);
    press(&mut window, Modifiers::COMMAND.plus(Modifiers::SHIFT), Key::Z);
    assert_eq!(settings(&window).cache.name(), "q8_0");
    press(&mut window, Modifiers::COMMAND, Key::Z);
    press(&mut window, Modifiers::COMMAND, Key::Y);
    assert_eq!(settings(&window).cache.name(), "q8_0");
}

#[test]
fn ways_are_reached_by_keyboard() {
    let mut window = spilling();
    let label = way(&window, "Q4_K_M");
    window.get_by_role_and_label(Role::Button, &label).focus();
    window.run();
    press(&mut window, Modifiers::NONE, Key::Enter);
    assert_eq!(settings(&window).level.to_string(), "Q4_K_M");
    assert!(!is_page(&window), "the key was the button's");
}

#[test]
fn a_way_says_its_figures_before_and_after() {
    let window = spilling();
    let ways = &state(&window).detail.as_ref().unwrap().ways;
    assert_eq!(ways.title, "To keep it on the GPU");
    let level = ways.rows.iter().find(|way| way.what == "Q4_K_M").unwrap();
    for part in
        ["Tight: ", "instead of 12.6 GiB", "Decode 25 tok/s (", "Quality kept 99.3 %", "now 99.7 %", "Ctrl+Z"]
    {
        assert!(level.why.contains(part), "{part} is not in {}", level.why);
    }
    assert_eq!(level.costs, "−0.4 % quality");
    let cache = ways.rows.iter().find(|way| way.what == "q8_0 cache").unwrap();
    assert_eq!(cache.costs, "usually safe");
    assert!(cache.why.contains("not measured on this model"), "{}", cache.why);
    let card = ways.rows.iter().find(|way| way.what == "A second RTX 3060").unwrap();
    assert_eq!(card.costs, "329 USD at launch");
    let others = ways.rows.iter().find(|way| way.what == "Close other programs").unwrap();
    assert_eq!(others.costs, "they hold 0.9 GiB");
    assert!(
        card.why.contains("Price at launch in 2021-01: 329 USD each; today's is not known"),
        "{}",
        card.why
    );
}

#[test]
fn a_supposed_card_is_said_and_can_be_given_back() {
    let mut window = spilling();
    choose(&mut window, "A second RTX 3060");
    assert_eq!(class(&window), FitClass::Fits);
    window.get_by_label("What if: RTX 3060 added");
    assert_eq!(state(&window).rig.as_ref().unwrap().devices.len(), 2);
    window.get_by_label_contains("GPU 1: ");
    click(&mut window, Role::RadioButton, "Machine");
    window.get_by_label_contains("All figures count with it");
    click(&mut window, Role::RadioButton, "Models");
    click(&mut window, Role::Button, "Reset");
    assert!(window.query_by_label_contains("What if").is_none());
    assert_eq!(class(&window), FitClass::Offload);
    press(&mut window, Modifiers::COMMAND, Key::Z);
    window.get_by_label("What if: RTX 3060 added");
    press(&mut window, Modifiers::COMMAND, Key::Z);
    assert!(window.query_by_label_contains("What if").is_none());
}

#[test]
fn a_drag_of_the_slider_is_one_step() {
    let mut window = spilling();
    let before = settings(&window).context;
    let rail = window.get_by_role_and_label(Role::Slider, "Context length").rect();
    window.drag_at(rail.center());
    window.run();
    for step in 1..=4 {
        window.hover_at(rail.center() + vec2(15.0 * step as f32, 0.0));
        window.run();
    }
    let dragged = settings(&window).context;
    assert!(dragged > before);
    window.drop_at(rail.center() + vec2(60.0, 0.0));
    window.run();
    press(&mut window, Modifiers::COMMAND, Key::Z);
    assert_eq!(settings(&window).context, before);
    press(&mut window, Modifiers::COMMAND, Key::Y);
    assert_eq!(settings(&window).context, dragged);
}

#[test]
fn a_text_field_undoes_its_own_text() {
    let mut window = spilling();
    choose(&mut window, "q8_0 cache");
    press(&mut window, Modifiers::COMMAND, Key::F);
    window.get_by_role_and_label(Role::TextInput, "Search models").type_text("qwen");
    window.run();
    press(&mut window, Modifiers::COMMAND, Key::Z);
    assert_eq!(settings(&window).cache.name(), "q8_0");
}

#[test]
fn the_strip_speaks_as_ranges_and_is_walked_layer_by_layer() {
    let mut window = window_on(LARGE, recorded("rtx-4060-8gb-desktop"), "Qwen/Qwen3-30B-A3B", "Q4_K_M");
    press(&mut window, Modifiers::NONE, Key::Enter);
    let strip =
        window.get_by_label_contains("Where it goes: layers 0 to 47 on RTX 4060; experts of layers 0 to ");
    strip.focus();
    window.run();
    press(&mut window, Modifiers::NONE, Key::ArrowRight);
    let said = |window: &Window| {
        let strip = window.get_by(|node| {
            node.role() == Role::GraphicsDocument
                && node.label().is_some_and(|label| label.starts_with("Layer "))
        });
        strip.accesskit_node().label().unwrap()
    };
    let label = said(&window);
    assert!(label.starts_with("Layer 0: full attention, Attention and shared weights "), "{label}");
    assert!(label.contains(" on RTX 4060, Experts ") && label.contains(" in RAM, KV cache "), "{label}");
    press(&mut window, Modifiers::NONE, Key::End);
    let label = said(&window);
    assert!(label.starts_with("Layer 47: ") && !label.contains("in RAM"), "{label}");
    press(&mut window, Modifiers::NONE, Key::ArrowLeft);
    assert!(said(&window).starts_with("Layer 46: "));
}

#[test]
fn a_layer_says_what_it_is_under_the_pointer() {
    let mut window = window_on(LARGE, recorded("rtx-4060-8gb-desktop"), "Qwen/Qwen3-30B-A3B", "Q4_K_M");
    press(&mut window, Modifiers::NONE, Key::Enter);
    let strip = window.get_by_label_contains("Where it goes: layers").rect();
    window.hover_at(strip.right_top() + vec2(-6.0, 45.0));
    // The tooltip waits a moment.
    for _ in 0..6 {
        window.step();
    }
    assert!(window.query_all_by_label_contains("Layer 47: full attention").next().is_some());
}

#[test]
fn the_placement_stands_beside_its_alternatives() {
    let window = window_on(LARGE, recorded("rtx-4060-8gb-desktop"), "Qwen/Qwen3-30B-A3B", "Q4_K_M");
    window.get_by_label_contains("experts leave first");
    window.get_by_label_contains("Next best: ");
    window.get_by_label_contains("llama.cpp by itself (--fit): ");
}

#[test]
fn the_longest_context_stands_by_type_of_cache() {
    let window = spilling();
    let table = window.get_by_label_contains("Longest context: on the GPU f16 10K, q8_0 18K, q4_0 34K");
    let label = table.value().unwrap();
    assert!(label.ends_with("; with RAM f16 40K, q8_0 40K, q4_0 40K"), "{label}");
    let window = window_on(LARGE, recorded("rtx-3060-desktop"), "deepseek-ai/DeepSeek-V3", "Q8_0");
    window.get_by_label_contains("not even 256 tokens fit");
}

#[test]
fn what_fits_has_no_way_that_helps_but_its_contexts() {
    let window = window_on(LARGE, with_rtx_4090(), "Qwen/Qwen3-4B", "Q2_K");
    let ways = &state(&window).detail.as_ref().unwrap().ways;
    assert!(ways.rows.is_empty(), "{:?}", ways.rows);
    window.get_by_role_and_label(Role::Heading, "Longest context");
    assert!(window.query_by_label_contains("To make it").is_none());
}

/// The same pixels as in `tests/snapshots`; after a change that is meant, `UPDATE_SNAPSHOTS=1 cargo test`.
#[test]
fn the_page_looks_as_it_did() {
    let machine = recorded("rtx-3090-rtx-3060-desktop");
    let mut window = window_on(LARGE, machine, "Qwen/Qwen3.5-122B-A10B", "IQ4_XS");
    window.state_mut().apply(Action::ShowDetailPage(true));
    for (theme, name) in [(ThemeChoice::Dark, "page_dark"), (ThemeChoice::Light, "page_light")] {
        window.state_mut().apply(Action::SetTheme(theme));
        window.run();
        window.snapshot(name);
    }
}
