//! The map by role and label: pointer, keyboard, what a screen reader hears, and its pictures.

use eframe::egui::accesskit::Role;
use eframe::egui::{
    Event, Key, Modifiers, MouseWheelSource, MouseWheelUnit, PointerButton, Pos2, Rect, TouchPhase, Vec2,
    pos2, vec2,
};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use egui_kittest::{Harness, SnapshotResults};
use plimsoll::app::map::{Chosen, Lens, MapAction, Quantity};
use plimsoll::app::{Action, Page, ThemeChoice};
use plimsoll::machine::Machine;
use plimsoll::ui::PlimsollApp;

use crate::machines::{with_rtx_4090, without_gpu};
use crate::soft_renderer::SoftRenderer;

const LARGE: Vec2 = vec2(1440.0, 900.0);
const SMALL: Vec2 = vec2(1000.0, 640.0);

type Window = Harness<'static, PlimsollApp>;

fn window_of(size: Vec2, machine: Machine) -> Window {
    let mut window = Harness::builder()
        .with_size(size)
        .with_max_steps(64)
        // Two clicks in as many steps are a double click.
        .with_step_dt(0.05)
        .build_eframe(|cc| PlimsollApp::on_machine(&cc.egui_ctx, None, machine));
    window.run();
    press(&mut window, Modifiers::COMMAND, Key::Num3);
    window
}

fn window() -> Window {
    window_of(LARGE, with_rtx_4090())
}

fn press(window: &mut Window, modifiers: Modifiers, key: Key) {
    window.key_press_modifiers(modifiers, key);
    window.run();
}

fn act(window: &mut Window, action: MapAction) {
    window.state_mut().apply(Action::Map(action));
    window.run();
}

/// Spoken points that are in view, from left to right.
fn points(window: &Window) -> Vec<String> {
    window.query_all_by_role(Role::ListBoxOption).filter_map(|point| point.accesskit_node().label()).collect()
}

fn point<'a>(window: &'a Window, beginning: &str) -> egui_kittest::Node<'a> {
    let starts = |label: Option<String>| label.is_some_and(|label| label.starts_with(beginning));
    let mut found = window.get_all_by_role(Role::ListBoxOption);
    found
        .find(|point| starts(point.accesskit_node().label()))
        .unwrap_or_else(|| panic!("{beginning} is not in view"))
}

fn selected(window: &Window) -> String {
    let state = window.state().state();
    let base = state.catalog.base_of(state.selected.expect("something is selected"));
    state.catalog.bases()[base].name.clone()
}

fn picked(window: &Window) -> usize {
    window.state().state().map.picked.as_ref().map_or(0, std::collections::BTreeSet::len)
}

/// The plot.
fn plot(window: &Window) -> Rect {
    window.get_by_role(Role::ListBox).rect()
}

/// A drag with a button and modifiers held, step by step.
fn drag(window: &mut Window, way: &[Pos2], button: PointerButton, modifiers: Modifiers) {
    let press = |pos: Pos2, pressed: bool| Event::PointerButton { pos, button, pressed, modifiers };
    window.event(Event::ModifiersChanged(modifiers));
    window.event(Event::PointerMoved(way[0]));
    window.step();
    window.event(press(way[0], true));
    window.step();
    for pos in way {
        window.event(Event::PointerMoved(*pos));
        window.step();
    }
    window.event(press(way[way.len() - 1], false));
    window.step();
    window.event(Event::ModifiersChanged(Modifiers::NONE));
    window.run();
}

#[test]
fn every_model_is_a_point_with_a_sentence() {
    let window = window();
    let spoken = points(&window);
    assert!(spoken.len() > 400, "{}", spoken.len());
    let qwen = point(&window, "Qwen3 30B A3B, Q4_K_M: ").accesskit_node().label().unwrap();
    assert!(qwen.contains(": fits, needs ") && qwen.contains(" tokens per second"), "{qwen}");
    let plot = window.get_by_role(Role::ListBox);
    assert!(plot.accesskit_node().label().unwrap().contains("tokens per second over memory needed"));
    window.get_by_label_contains("run wholly on the GPU at Q4_K_M");
    window.get_by_label_contains("No model that runs here is both larger in memory and faster than: ");
}

#[test]
fn the_page_is_between_models_and_machine() {
    let mut window = window();
    let words: Vec<&str> = Page::all().into_iter().map(|(_, word)| word).collect();
    assert_eq!(words[..3], ["Models", "Map", "Machine"]);
    for (key, page) in [(Key::Num1, Page::Models), (Key::Num3, Page::Map), (Key::Num4, Page::Machine)] {
        press(&mut window, Modifiers::COMMAND, key);
        assert_eq!(window.state().state().settings.page, page);
    }
    window.get_by_role_and_label(Role::RadioButton, "Map").click();
    window.run();
    assert_eq!(window.state().state().settings.page, Page::Map);
}

#[test]
fn a_click_selects_and_a_double_click_opens() {
    let mut window = window();
    let at = point(&window, "Qwen3-Next 80B A3B,").rect().center();
    drag(&mut window, &[at], PointerButton::Primary, Modifiers::NONE);
    assert_eq!(selected(&window), "Qwen3-Next 80B A3B");
    assert!(!window.state().state().detail_page);
    for _ in 0..2 {
        window.drag_at(at);
        window.step();
        window.drop_at(at);
        window.step();
    }
    window.step();
    assert!(window.state().state().detail_page);
    assert!(window.query_all_by_label_contains("Map").count() > 1, "the page and the way back to it");
    press(&mut window, Modifiers::NONE, Key::Escape);
    assert!(!window.state().state().detail_page);
}

#[test]
fn a_screen_reader_selects_by_the_point() {
    let mut window = window();
    point(&window, "gpt-oss 20B,").click_accesskit();
    window.run();
    assert_eq!(selected(&window), "gpt-oss 20B");
    assert_eq!(
        window.get_by_role(Role::ListBox).accesskit_node().value().as_deref().map(|v| &v[..11]),
        Some("gpt-oss 20B")
    );
}

#[test]
fn arrows_walk_in_the_order_of_x_and_enter_opens() {
    let mut window = window();
    window.get_by_role(Role::ListBox).focus();
    window.run();
    press(&mut window, Modifiers::NONE, Key::Home);
    let spoken = points(&window);
    assert!(spoken[0].starts_with(&selected(&window)), "{} is not {}", selected(&window), spoken[0]);
    press(&mut window, Modifiers::NONE, Key::ArrowRight);
    assert!(spoken[1].starts_with(&selected(&window)));
    press(&mut window, Modifiers::NONE, Key::ArrowLeft);
    assert!(spoken[0].starts_with(&selected(&window)));
    press(&mut window, Modifiers::NONE, Key::End);
    assert!(spoken[spoken.len() - 1].starts_with(&selected(&window)));
    press(&mut window, Modifiers::NONE, Key::Enter);
    assert!(window.state().state().detail_page);
}

#[test]
fn a_box_picks_and_shift_adds_and_the_table_shows_it() {
    let mut window = window();
    let area = plot(&window);
    let middle = area.left() + 0.35 * area.width();
    let corner = |x: f32, y: f32| pos2(x, area.top() + y * area.height());
    drag(
        &mut window,
        &[corner(middle, 0.1), corner(middle + 40.0, 0.8)],
        PointerButton::Primary,
        Modifiers::NONE,
    );
    let first = picked(&window);
    assert!((1..400).contains(&first), "{first}");
    drag(
        &mut window,
        &[corner(middle + 40.0, 0.1), corner(middle + 80.0, 0.8)],
        PointerButton::Primary,
        Modifiers::SHIFT,
    );
    let both = picked(&window);
    assert!(both > first, "{both}");
    assert!(points(&window).len() > 400, "the others stay in sight");
    let chip = format!("Remove the filter: {both} picked on the map");
    window.get_by_label(&chip);
    window.get_by_role_and_label(Role::Button, "Show in table").click();
    window.run();
    assert_eq!(window.state().state().settings.page, Page::Models);
    assert_eq!(window.state().state().rows.len(), both);
    window.get_by_label(&chip).click();
    window.run();
    assert!(window.state().state().rows.len() > 400);
    assert!(window.query_by_label_contains("picked on the map").is_none());
}

#[test]
fn a_lasso_picks_what_it_goes_around() {
    let mut window = window();
    let at = point(&window, "Qwen3 30B A3B,").rect().center();
    let way =
        [(-9.0, -9.0), (9.0, -9.0), (9.0, 9.0), (-9.0, 9.0), (-9.0, -4.0)].map(|(x, y)| at + vec2(x, y));
    drag(&mut window, &way, PointerButton::Primary, Modifiers::COMMAND);
    let state = window.state().state();
    let model = state.catalog.find("Qwen/Qwen3-30B-A3B").unwrap();
    let base = state.catalog.bases()[state.catalog.base_of(model)].id;
    assert!(state.map.picked.as_ref().unwrap().contains(&base));
    assert!(picked(&window) < 40);
}

#[test]
fn space_picks_by_keyboard_and_delete_removes() {
    let mut window = window();
    window.get_by_role(Role::ListBox).focus();
    window.run();
    press(&mut window, Modifiers::NONE, Key::Home);
    press(&mut window, Modifiers::NONE, Key::Space);
    press(&mut window, Modifiers::NONE, Key::ArrowRight);
    press(&mut window, Modifiers::NONE, Key::Space);
    assert_eq!(picked(&window), 2);
    press(&mut window, Modifiers::NONE, Key::Space);
    assert_eq!(picked(&window), 1);
    press(&mut window, Modifiers::NONE, Key::Delete);
    assert_eq!(picked(&window), 0);
}

#[test]
fn the_wheel_zooms_a_drag_moves_and_all_comes_back() {
    let mut window = window();
    let all = points(&window).len();
    let centre = plot(&window).center();
    window.event(Event::PointerMoved(centre));
    window.step();
    let wheel = Event::MouseWheel {
        unit: MouseWheelUnit::Point,
        delta: vec2(0.0, 260.0),
        phase: TouchPhase::Move,
        source: MouseWheelSource::Unknown,
        modifiers: Modifiers::NONE,
    };
    window.event(wheel);
    window.run();
    let zoomed = points(&window);
    assert!(zoomed.len() < all, "{} of {all}", zoomed.len());
    drag(&mut window, &[centre, centre - vec2(120.0, 0.0)], PointerButton::Secondary, Modifiers::NONE);
    assert_ne!(points(&window), zoomed);
    assert_eq!(picked(&window), 0);
    window.get_by_role_and_label(Role::Button, "Show all").click();
    window.run();
    assert_eq!(points(&window).len(), all);
}

#[test]
fn keys_zoom_too() {
    let mut window = window();
    let all = points(&window).len();
    window.get_by_role(Role::ListBox).focus();
    window.run();
    for _ in 0..4 {
        press(&mut window, Modifiers::NONE, Key::Plus);
    }
    assert!(points(&window).len() < all);
    press(&mut window, Modifiers::NONE, Key::End);
    assert!(
        points(&window).iter().any(|point| point.starts_with(&selected(&window))),
        "it is brought into view"
    );
    press(&mut window, Modifiers::NONE, Key::Num0);
    assert_eq!(points(&window).len(), all);
}

#[test]
fn axes_level_and_colour_are_chosen_in_lists() {
    let mut window = window();
    let choose = |window: &mut Window, list: &str, option: &str| {
        window.get_by_role_and_label(Role::ComboBox, list).click();
        window.run();
        let mut options = window.get_all_by_label(option);
        options.next_back().unwrap().click();
        drop(options);
        window.run();
    };
    choose(&mut window, "Horizontal axis", "Total parameters");
    assert_eq!(window.state().state().settings.map.x, Quantity::Total);
    choose(&mut window, "Colour", "Active parameters");
    assert_eq!(window.state().state().settings.map.lens, Lens::Active);
    let sentence = "models change class when sized by active parameters instead of total parameters";
    assert!(window.query_all_by_label_contains(sentence).next().is_some());
    assert!(points(&window)[0].contains("small by active parameters"), "{}", points(&window)[0]);
    window.get_by_role_and_label(Role::RadioButton, "Best").click();
    window.run();
    assert!(window.state().state().settings.map.best);
    window.get_by_label_contains("each at its best level");
    window.get_by_role_and_label(Role::Button, "Swap axes").click();
    window.run();
    assert_eq!(window.state().state().settings.map.y, Quantity::Total);
}

#[test]
fn at_its_best_a_click_brings_the_level_too() {
    let mut window = window();
    act(&mut window, MapAction::AtBest(true));
    point(&window, "Qwen3 4B,").click_accesskit();
    window.run();
    let state = window.state().state();
    let base = state.catalog.base_of(state.selected.unwrap());
    let place = state.map.map.point_of(base).unwrap();
    assert_eq!(state.map.map.points[place].level, state.level());
}

#[test]
fn filters_count_here_and_nothing_has_a_way_back() {
    let mut window = window();
    window.state_mut().apply(Action::Search("qwen3".to_owned()));
    window.run();
    window.get_by_label_contains("Search and filters apply here too and leave ");
    window.state_mut().apply(Action::Search("no model is called so".to_owned()));
    window.run();
    window.get_by_label("No model matches");
    window.get_by_role_and_label(Role::Button, "Clear filters").click();
    window.run();
    assert!(points(&window).len() > 400);
}

#[test]
fn without_a_gpu_ram_is_the_limit() {
    let window = window_of(SMALL, without_gpu());
    let spoken = points(&window);
    assert!(
        spoken.iter().any(|point| point.contains(": CPU, "))
            && !spoken.iter().any(|point| point.contains(": fits, "))
    );
    window.get_by_label_contains("run from RAM");
}

#[test]
fn a_small_window_opens_the_detail_over_the_map() {
    let mut window = window_of(SMALL, with_rtx_4090());
    window.get_by_role_and_label(Role::Button, "Details  ›").click();
    window.run();
    assert!(window.state().state().detail_open);
}

#[test]
fn the_map_asks_for_no_frames() {
    let mut window = window();
    window.step();
    let delay = window.output().viewport_output.values().map(|output| output.repaint_delay).min();
    assert!(delay.is_none_or(|delay| delay.as_secs() > 3600), "{delay:?}");
}

/// The same pixels as in `tests/snapshots`.
#[test]
fn pictures() {
    let mut results = SnapshotResults::new();
    let mut draw = |size: Vec2,
                    machine: Machine,
                    chosen: Chosen,
                    theme: ThemeChoice,
                    prepare: &dyn Fn(&mut Window),
                    name: &str| {
        let mut window = Harness::builder()
            .with_size(size)
            .with_max_steps(16)
            .renderer(SoftRenderer::default())
            .build_eframe(|cc| PlimsollApp::on_machine(&cc.egui_ctx, None, machine));
        let app = window.state_mut();
        app.apply(Action::SetPage(Page::Map));
        app.apply(Action::SetTheme(theme));
        let find = |name: &str| app.state().catalog.find(name).unwrap();
        let model = find("Qwen/Qwen3-30B-A3B");
        app.apply(Action::Select(model));
        app.apply(Action::Map(MapAction::SetX(chosen.x)));
        app.apply(Action::Map(MapAction::SetY(chosen.y)));
        app.apply(Action::Map(MapAction::SetLens(chosen.lens)));
        app.apply(Action::Map(MapAction::AtBest(chosen.best)));
        window.run();
        prepare(&mut window);
        window.snapshot(name);
        results.extend_harness(&mut window);
    };
    let usual = Chosen::default();
    let nothing = |_: &mut Window| {};
    draw(LARGE, with_rtx_4090(), usual, ThemeChoice::Dark, &nothing, "map_dark");
    draw(LARGE, with_rtx_4090(), usual, ThemeChoice::Light, &nothing, "map_light");
    let lens = Chosen { x: Quantity::Total, lens: Lens::Active, ..usual };
    draw(SMALL, with_rtx_4090(), lens, ThemeChoice::Dark, &nothing, "map_lens_small_dark");
    let best = Chosen { y: Quantity::Kept, best: true, ..usual };
    let hover = |window: &mut Window| {
        let at = point(window, "Qwen3 30B A3B,").rect().center();
        window.event(Event::PointerMoved(at));
        window.run();
    };
    draw(LARGE, without_gpu(), best, ThemeChoice::Light, &hover, "map_best_light");
}
