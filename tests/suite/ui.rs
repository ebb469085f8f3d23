//! The window by role and label: what a person does with pointer and keyboard, and what a screen reader
//! hears.

use eframe::Storage;
use eframe::egui::accesskit::{Role, Toggled};
use eframe::egui::{Key, Modifiers, Theme, Vec2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use plimsoll::app::{Action, Column, Page, ThemeChoice, View};
use plimsoll::estimate::FitClass;
use plimsoll::machine::{Machine, Problem};
use plimsoll::ui::{PlimsollApp, SETTINGS_KEY};

use crate::machines::{with_rtx_4090, without_gpu};
use crate::soft_renderer::SoftRenderer;
use crate::window::Memory;

const LARGE: Vec2 = vec2(1440.0, 900.0);
const SMALL: Vec2 = vec2(1000.0, 640.0);

type Window = Harness<'static, PlimsollApp>;

fn window_of(size: Vec2, machine: Machine, storage: Option<Memory>) -> Window {
    let mut window = Harness::builder().with_size(size).with_max_steps(16).build_eframe(move |cc| {
        let storage = storage.as_ref().map(|storage| storage as &dyn Storage);
        PlimsollApp::on_machine(&cc.egui_ctx, storage, machine)
    });
    window.run();
    window
}

fn window() -> Window {
    window_of(LARGE, with_rtx_4090(), None)
}

fn names(window: &Window) -> Vec<String> {
    window.state().state().rows.iter().map(|row| row.name.clone()).collect()
}

/// Spoken rows that are on the screen, top to bottom.
fn spoken(window: &Window) -> Vec<String> {
    window.query_all_by_role(Role::Row).filter_map(|row| row.accesskit_node().label()).collect()
}

fn selected(window: &Window) -> &str {
    let state = window.state().state();
    &state.catalog.get(state.selected.expect("something is selected")).id
}

fn click(window: &mut Window, role: Role, label: &str) {
    window.get_by_role_and_label(role, label).click();
    window.run();
}

fn press(window: &mut Window, modifiers: Modifiers, key: Key) {
    window.key_press_modifiers(modifiers, key);
    window.run();
}

#[test]
fn the_window_opens_with_rows_and_a_detail() {
    let window = window();
    let rows = spoken(&window);
    assert!(rows.len() > 15, "{} rows", rows.len());
    let first = &rows[0];
    assert!(first.contains(": fits, ") && first.contains("tokens per second"), "{first}");
    assert!(first.starts_with(&names(&window)[0]));
    assert!(window.state().state().detail.is_some());
    window.get_by_label_contains("run wholly on the GPU at Q4_K_M");
}

#[test]
fn the_detail_gets_its_width_back() {
    let mut window = window();
    let left = |window: &Window| window.get_by_label_contains("memory needed").rect().left();
    let before = left(&window);
    window.set_size(vec2(1110.0, LARGE.y));
    window.run();
    assert!(1110.0 - left(&window) < LARGE.x - before, "the page needs the room");
    window.set_size(LARGE);
    window.run();
    assert_eq!(left(&window), before);
}

#[test]
fn typing_searches() {
    let mut window = window();
    press(&mut window, Modifiers::COMMAND, Key::F);
    window.get_by_role_and_label(Role::TextInput, "Search models").type_text("qwen3 30b");
    window.run();
    assert!(names(&window).contains(&"Qwen3 30B A3B".to_owned()), "{:?}", names(&window));
    assert!(spoken(&window).len() < 10);
    press(&mut window, Modifiers::NONE, Key::Escape);
    assert!(names(&window).len() > 300, "Esc clears the search");
}

#[test]
fn a_search_without_a_match_offers_the_way_back() {
    let mut window = window();
    window.get_by_role_and_label(Role::TextInput, "Search models").focus();
    window.run();
    window.get_by_role_and_label(Role::TextInput, "Search models").type_text("zzz");
    window.run();
    window.get_by_label("No model matches");
    click(&mut window, Role::Button, "Clear filters");
    assert!(spoken(&window).len() > 15);
    assert_eq!(window.state().state().search, "");
}

#[test]
fn the_machine_says_who_holds_its_memory() {
    let mut window = window();
    press(&mut window, Modifiers::COMMAND, Key::Num4);
    window.get_by_label("22.6 of 24 GiB free for a model; held: other programs 1.00, driver and system 0.40");
    for words in ["Used by others", "other programs", "1.00", "driver and system", "0.40"] {
        assert!(window.query_all_by_label(words).next().is_some(), "{words} is not listed");
    }
}

#[test]
fn heads_sort_and_turn_round() {
    let mut window = window();
    click(&mut window, Role::Button, "Sort by Tokens/s");
    let speeds = |window: &Window| -> Vec<f64> {
        window.state().state().rows.iter().filter_map(|row| row.outcome.speed()).collect()
    };
    assert!(speeds(&window).is_sorted_by(|a, b| a >= b));
    click(&mut window, Role::Button, "Sort by Tokens/s, sorted from large to small");
    assert!(speeds(&window).is_sorted());
    for column in [Column::Model, Column::Params, Column::Memory, Column::Quality, Column::Fit] {
        click(&mut window, Role::Button, &format!("Sort by {}", column.title()));
        assert_eq!(window.state().state().settings.sort.column, column);
    }
}

#[test]
fn rows_stay_under_the_pointer_until_it_leaves() {
    let mut window = window();
    let before = names(&window);
    let row = window.query_all_by_role(Role::Row).nth(5).unwrap().rect();
    window.hover_at(row.center());
    window.run();
    assert!(window.state().state().is_order_held());
    window.state_mut().apply(Action::SetContext(1 << 18));
    window.run();
    assert_eq!(names(&window), before);
    window.hover_at(vec2(100.0, 860.0).to_pos2());
    window.run();
    assert!(!window.state().state().is_order_held());
    assert_ne!(names(&window), before);
}

#[test]
fn a_click_selects_and_the_keyboard_goes_on_from_there() {
    let mut window = window();
    let row = window.query_all_by_role(Role::Row).nth(3).unwrap();
    let label = row.accesskit_node().label().unwrap();
    row.click();
    window.run();
    let state = window.state().state();
    assert_eq!(state.cursor_index(), Some(3));
    assert!(label.starts_with(&state.rows[3].name));
    press(&mut window, Modifiers::NONE, Key::ArrowDown);
    press(&mut window, Modifiers::NONE, Key::ArrowDown);
    press(&mut window, Modifiers::NONE, Key::ArrowUp);
    assert_eq!(window.state().state().cursor_index(), Some(4));
    press(&mut window, Modifiers::NONE, Key::End);
    let last = names(&window).pop().unwrap();
    assert!(spoken(&window).iter().any(|row| row.starts_with(&last)), "the selected row is on the screen");
    press(&mut window, Modifiers::NONE, Key::PageUp);
    let up = window.state().state().cursor_index().unwrap();
    assert!(up < names(&window).len() - 10);
    press(&mut window, Modifiers::NONE, Key::Home);
    assert_eq!(window.state().state().cursor_index(), Some(0));
    let selected = window
        .query_all_by_role(Role::Row)
        .filter(|row| row.accesskit_node().toggled() == Some(Toggled::True))
        .count();
    assert_eq!(selected, 1, "one row says that it is selected");
}

#[test]
fn arrows_unfold_the_variants() {
    let mut window = window();
    let place = window.state().state().rows.iter().position(|row| row.variants > 1).unwrap();
    let row = window.state().state().rows[place].clone();
    window.state_mut().apply(Action::SelectRow(row.key));
    window.run();
    let before = names(&window).len();
    press(&mut window, Modifiers::NONE, Key::ArrowRight);
    assert_eq!(names(&window).len(), before + row.variants);
    press(&mut window, Modifiers::NONE, Key::ArrowLeft);
    assert_eq!(names(&window).len(), before);
}

#[test]
fn arrows_in_the_search_field_are_the_fields() {
    let mut window = window();
    press(&mut window, Modifiers::COMMAND, Key::F);
    press(&mut window, Modifiers::NONE, Key::ArrowDown);
    assert_eq!(window.state().state().cursor_index(), Some(0));
}

#[test]
fn the_slider_changes_verdicts() {
    let mut window = window();
    let fits = |window: &Window| window.state().state().counts.of(FitClass::Fits);
    let before = fits(&window);
    window.get_by_role_and_label(Role::Slider, "Context length").focus();
    window.run();
    press(&mut window, Modifiers::NONE, Key::End);
    assert_eq!(window.state().state().settings.context, 1 << 20);
    assert!(fits(&window) < before);
    window.get_by_label_contains("Beyond the ");
}

#[test]
fn combos_change_the_scenario() {
    let mut window = window();
    for (combo, option) in [("Quantization", "Q8_0"), ("KV cache", "q8_0")] {
        click(&mut window, Role::ComboBox, combo);
        window.get_by_role_and_label(Role::Button, option).click_accesskit();
        window.run();
    }
    let settings = &window.state().state().settings;
    assert_eq!(settings.level.to_string(), "Q8_0");
    assert_eq!(settings.cache.name(), "q8_0");
    window.get_by_label_contains("at Q8_0");
}

#[test]
fn check_boxes_filter() {
    let mut window = window();
    let all = names(&window).len();
    click(&mut window, Role::CheckBox, "Only what fits on the GPU");
    let fitting = names(&window).len();
    assert!(fitting < all);
    assert!(window.state().state().rows.iter().all(|row| row.outcome.class() <= Some(FitClass::Tight)));
    click(&mut window, Role::CheckBox, "Code");
    assert!(names(&window).len() < fitting);
    click(&mut window, Role::CheckBox, "Code");
    click(&mut window, Role::CheckBox, "Only what fits on the GPU");
    click(&mut window, Role::CheckBox, "Also embedding and diffusion");
    assert!(names(&window).len() > all);
    window.state_mut().apply(Action::Search("bge-m3".to_owned()));
    window.run();
    assert!(spoken(&window)[0].contains("n/a, embedding"), "{:?}", spoken(&window));
}

#[test]
fn the_theme_is_chosen() {
    let mut window = window();
    click(&mut window, Role::ComboBox, "Theme");
    window.get_by_label("Light").click();
    window.run();
    assert_eq!(window.ctx.theme(), Theme::Light);
    click(&mut window, Role::ComboBox, "Theme");
    window.get_by_label("Dark").click();
    window.run();
    assert_eq!(window.ctx.theme(), Theme::Dark);
    assert_eq!(window.state().state().settings.theme, ThemeChoice::Dark);
}

#[test]
fn shortcuts_and_the_switch_change_the_view() {
    let mut window = window();
    press(&mut window, Modifiers::COMMAND, Key::Num2);
    assert_eq!(window.state().state().settings.view, View::Matrix);
    window.get_by_label_contains("run wholly on the GPU at some level");
    press(&mut window, Modifiers::COMMAND, Key::Num1);
    assert_eq!(window.state().state().settings.view, View::Table);
    click(&mut window, Role::RadioButton, "Matrix");
    assert_eq!(window.state().state().settings.view, View::Matrix);
    assert!(window.state().state().matrix.summary.best.total() > 300);
}

#[test]
fn the_matrix_follows_the_filters() {
    let mut window = window();
    press(&mut window, Modifiers::COMMAND, Key::Num2);
    let lines = |window: &Window| window.state().state().matrix.outline.bases().len();
    let all = lines(&window);
    click(&mut window, Role::CheckBox, "Only what fits on the GPU");
    let fitting = lines(&window);
    assert!(fitting > 0 && fitting < all);
    window.state_mut().apply(Action::Search("gemma".to_owned()));
    window.run();
    assert!(lines(&window) > 0 && lines(&window) < fitting);
}

#[test]
fn the_matrix_has_the_columns_that_are_chosen() {
    let mut window = window();
    press(&mut window, Modifiers::COMMAND, Key::Num2);
    let columns = |window: &Window| window.state().state().matrix.grid.levels().to_vec();
    let usual = columns(&window);
    click(&mut window, Role::Button, &format!("{} levels…", usual.len()));
    click(&mut window, Role::Button, "All");
    let all = columns(&window);
    assert!(all.len() > usual.len() && usual.iter().all(|level| all.contains(level)), "{all:?}");
    click(&mut window, Role::CheckBox, "IQ1_S");
    assert_eq!(columns(&window), all[1..], "{:?}", all[0]);
    assert_eq!(window.state().state().settings.columns.len(), all.len() - 1);
    // The list stays open, and goes back in one click.
    click(&mut window, Role::Button, "Usual");
    assert_eq!(columns(&window), usual);
    assert!(window.state().state().settings.columns.is_empty());
    // One level alone is a matrix too; without any the usual ones are back.
    for level in &usual {
        window.state_mut().apply(Action::SetColumns(vec![*level]));
        window.run();
        assert_eq!(columns(&window), [*level]);
    }
    window.state_mut().apply(Action::SetColumns(Vec::new()));
    window.run();
    assert_eq!(columns(&window), usual);
}

#[test]
fn tab_reaches_everything_in_order() {
    let mut window = window();
    let mut seen = Vec::new();
    for _ in 0..90 {
        press(&mut window, Modifiers::NONE, Key::Tab);
        let focused = window.root().children_recursive().find(egui_kittest::Node::is_focused);
        seen.extend(focused.and_then(|node| node.accesskit_node().label()));
    }
    let at = |label: &str| {
        let found = seen.iter().position(|seen| seen.starts_with(label));
        found.unwrap_or_else(|| panic!("{label} is not reached: {seen:?}"))
    };
    let order = [
        at("Models"),
        at("Theme"),
        at("Search models"),
        at("Context length"),
        at("Quantization"),
        at("KV cache"),
        at("At once"),
        at("Engine"),
        at("Only what fits"),
        at("Table"),
        at("Sort by Fit"),
    ];
    at("Rig");
    assert!(seen.iter().any(|label| label.ends_with(" models")), "the table: {seen:?}");
    assert!(order.is_sorted(), "{seen:?}");
}

#[test]
fn settings_are_remembered() {
    let mut first = window();
    press(&mut first, Modifiers::COMMAND, Key::Num2);
    click(&mut first, Role::CheckBox, "Vision");
    first.state_mut().apply(Action::SetContext(65_536));
    first.state_mut().apply(Action::SetTheme(ThemeChoice::Light));
    first.state_mut().apply(Action::Sort(Column::Params));
    first.run();
    let mut storage = Memory::default();
    eframe::App::save(first.state_mut(), &mut storage);

    let second = window_of(LARGE, with_rtx_4090(), Some(storage));
    assert_eq!(second.state().state().settings, first.state().state().settings);
    assert_eq!(selected(&second), selected(&first));
    // The remembered model is scrolled to, wherever it stands.
    let mut third = window();
    press(&mut third, Modifiers::NONE, Key::End);
    let mut storage = Memory::default();
    eframe::App::save(third.state_mut(), &mut storage);
    let fourth = window_of(LARGE, with_rtx_4090(), Some(storage));
    let last = names(&fourth).pop().unwrap();
    assert!(spoken(&fourth).iter().any(|row| row.starts_with(&last)));
    assert_eq!(second.ctx.theme(), Theme::Light);
}

#[test]
fn damaged_settings_are_said_and_replaced() {
    let mut storage = Memory::default();
    storage.set_string(SETTINGS_KEY, "{\"context\": \"long\"}".to_owned());
    let mut window = window_of(LARGE, with_rtx_4090(), Some(storage));
    window.get_by_label_contains("The saved settings cannot be used");
    assert_eq!(window.state().state().settings.context, 16_384);
    click(&mut window, Role::Button, "Dismiss");
    assert!(window.query_by_label_contains("The saved settings").is_none());
}

#[test]
fn no_gpu_is_a_normal_state() {
    let mut window = window_of(LARGE, without_gpu(), None);
    window.get_by_label_contains("No GPU that can hold a model was found");
    window.get_by_label_contains("run from RAM at Q4_K_M");
    assert!(window.query_by_label_contains("VRAM").is_none());
    assert!(spoken(&window)[0].contains(": cpu, "), "{}", spoken(&window)[0]);
    click(&mut window, Role::CheckBox, "Only what fits in RAM");
    assert!(spoken(&window).len() > 15);
    press(&mut window, Modifiers::COMMAND, Key::Num2);
    assert!(window.state().state().matrix.summary.best.total() > 300);
}

#[test]
fn what_was_found_and_what_was_not_is_listed() {
    let mut machine = with_rtx_4090();
    let reason = "the driver and its library have different versions: restart the computer";
    machine.problems.push(Problem { part: "NVIDIA driver".to_owned(), reason: reason.to_owned() });
    let mut window = window_of(LARGE, machine, None);
    window.get_by_label_contains("Could not be read: NVIDIA driver");
    click(&mut window, Role::Button, "What was found");
    assert_eq!(window.state().state().settings.page, Page::Machine);
    window.get_by_label(reason);
    window.get_by_label("Bandwidth of NVIDIA GeForce RTX 4090: 1,008 GB/s; recorded");
    assert!(window.query_all_by_label_contains("; recorded").count() > 5, "each value has its source");
    click(&mut window, Role::RadioButton, "Models");
    assert!(window.query_by_label(reason).is_none());
}

#[test]
fn a_narrow_window_has_the_detail_behind_a_button() {
    let mut window = window_of(SMALL, with_rtx_4090(), None);
    assert!(window.query_by_label("Quantization ladder").is_none());
    click(&mut window, Role::Button, "Details  ›");
    window.get_by_label("Quantization ladder");
    press(&mut window, Modifiers::NONE, Key::Escape);
    assert!(window.query_by_label("Quantization ladder").is_none());
    click(&mut window, Role::Button, "Details  ›");
    click(&mut window, Role::Button, "Close");
    assert!(window.query_by_label("Quantization ladder").is_none());
}

/// The same pixels as in `tests/snapshots`; after a change that is meant, `UPDATE_SNAPSHOTS=1 cargo test`.
#[test]
fn the_window_looks_as_it_did() {
    let mut window = Harness::builder()
        .with_size(LARGE)
        .with_max_steps(16)
        .renderer(SoftRenderer::default())
        .build_eframe(|cc| PlimsollApp::on_machine(&cc.egui_ctx, None, with_rtx_4090()));
    let themes = [(ThemeChoice::Dark, "dark"), (ThemeChoice::Light, "light")];
    for (view, name) in [(View::Table, "list"), (View::Matrix, "matrix")] {
        for (theme, shade) in themes {
            window.state_mut().apply(Action::SetView(view));
            window.state_mut().apply(Action::SetTheme(theme));
            window.run();
            window.snapshot(format!("{name}_{shade}"));
        }
    }
}

#[test]
fn a_sleeping_window_asks_for_no_frames() {
    let mut window = window();
    for view in [View::Table, View::Matrix] {
        window.state_mut().apply(Action::SetView(view));
        window.run();
        window.step();
        let delay = window.output().viewport_output.values().map(|output| output.repaint_delay).min();
        assert!(delay.is_none_or(|delay| delay.as_secs() > 3600), "{view:?}: {delay:?}");
    }
}
