//! Pictures that the pages' own tests do not make: states in between, the smallest and a large window, and zoom.

use eframe::egui::{Vec2, vec2};
use egui_kittest::SnapshotResults;
use plimsoll::app::{Action, Page, ThemeChoice, View};
use plimsoll::ui::PlimsollApp;

use crate::machines::without_gpu;
use crate::window::{self, LARGE, SMALL, Window, desktop};

/// A usual screen, filled.
const FULL: Vec2 = vec2(1920.0, 1080.0);

fn still_looking(size: Vec2) -> Window {
    let mut window = window::of(size, |ctx| PlimsollApp::before_machine(ctx, None));
    // The window says that it looks only when that takes long.
    window.run_steps(120);
    window
}

/// Draws a window after these changes.
fn picture(results: &mut SnapshotResults, name: &str, window: Window, theme: ThemeChoice, do_: Vec<Action>) {
    let mut window = window::after(window, theme, do_);
    window.snapshot(name);
    results.extend(window.take_snapshot_results());
}

fn zoomed(size: Vec2, zoom: f32) -> Window {
    let mut window = window::on(size, desktop());
    window.ctx.set_zoom_factor(zoom);
    window.run();
    window
}

const DARK: ThemeChoice = ThemeChoice::Dark;
const LIGHT: ThemeChoice = ThemeChoice::Light;

#[test]
fn before_the_machine_is_known_every_page_says_so() {
    let mut results = SnapshotResults::new();
    for (name, theme, page) in [
        ("looking_models_dark", DARK, Page::Models),
        ("looking_map_light", LIGHT, Page::Map),
        ("looking_machine_dark", DARK, Page::Machine),
        ("looking_work_light", LIGHT, Page::Work),
    ] {
        picture(&mut results, name, still_looking(SMALL), theme, vec![Action::SetPage(page)]);
    }
}

#[test]
fn nothing_to_show() {
    let mut results = SnapshotResults::new();
    let search = || Action::Search("zzz".to_owned());
    let small = || window::on(SMALL, without_gpu());
    picture(&mut results, "empty_models_light", small(), LIGHT, vec![search()]);
    picture(&mut results, "empty_matrix_dark", small(), DARK, vec![Action::SetView(View::Matrix), search()]);
    picture(&mut results, "empty_map_dark", small(), DARK, vec![Action::SetPage(Page::Map), search()]);
}

#[test]
fn small_large_and_enlarged() {
    let mut results = SnapshotResults::new();
    let matrix = || vec![Action::SetView(View::Matrix)];
    let page = || vec![Action::ShowDetailPage(true)];
    let map = || vec![Action::SetPage(Page::Map)];
    let small = || window::on(SMALL, desktop());
    let full = || window::on(FULL, desktop());
    let zoom = || zoomed(LARGE, 1.5);
    picture(&mut results, "list_small_dark", small(), DARK, Vec::new());
    picture(&mut results, "list_full_light", full(), LIGHT, Vec::new());
    picture(&mut results, "list_zoom_dark", zoom(), DARK, Vec::new());
    picture(&mut results, "matrix_small_light", small(), LIGHT, matrix());
    picture(&mut results, "matrix_full_dark", full(), DARK, matrix());
    picture(&mut results, "matrix_zoom_light", zoom(), LIGHT, matrix());
    picture(&mut results, "page_small_light", small(), LIGHT, page());
    picture(&mut results, "page_full_dark", full(), DARK, page());
    picture(&mut results, "page_zoom_light", zoom(), LIGHT, page());
    picture(&mut results, "map_full_light", full(), LIGHT, map());
    picture(&mut results, "map_zoom_dark", zoom(), DARK, map());
    picture(&mut results, "machine_full_light", full(), LIGHT, vec![Action::SetPage(Page::Machine)]);
    picture(&mut results, "work_full_dark", full(), DARK, vec![Action::SetPage(Page::Work)]);
}
