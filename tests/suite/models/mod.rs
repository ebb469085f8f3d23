//! A person's own models in the window: brought, shown, kept, changed, removed; by role and label.

mod bring;
mod hub;
mod installed;
mod keep;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use eframe::egui::accesskit::Role;
use eframe::egui::{Vec2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use plimsoll::app::State;
use plimsoll::app::models::{Models, Setup};
use plimsoll::ui::PlimsollApp;

use crate::machines::with_rtx_4090;
use crate::own::dropped;
use crate::soft_renderer::SoftRenderer;
use crate::words::{labels, paste, says};

const LARGE: Vec2 = vec2(1440.0, 900.0);

type Window = Harness<'static, PlimsollApp>;

fn window_of(size: Vec2, models: impl FnOnce() -> Models + 'static) -> Window {
    let mut window = Harness::builder()
        .with_size(size)
        .with_max_steps(16)
        .renderer(SoftRenderer::default())
        .build_eframe(move |cc| PlimsollApp::with_models(&cc.egui_ctx, with_rtx_4090(), models()));
    window.run();
    window
}

/// A window that keeps models in `folder`, where jobs are done at once.
fn window(folder: &Path) -> Window {
    let setup = Setup { folder: Some(folder.to_owned()), ..Setup::default() };
    window_of(LARGE, || Models::inline(setup))
}

fn state(window: &Window) -> &State {
    window.state().state()
}

fn click(window: &mut Window, role: Role, label: &str) {
    // As a screen reader does: what is meant may stand below the fold.
    window.get_by_role_and_label(role, label).click_accesskit();
    window.run();
}

fn drop_files(window: &mut Window, paths: &[&Path]) {
    for path in paths {
        window.input_mut().dropped_files.push(dropped(path));
    }
    window.run();
}

/// Waits for threads, as a window does that is woken by them.
fn wait(window: &mut Window, until: impl Fn(&Window) -> bool) {
    let deadline = Instant::now() + Duration::from_mins(1);
    while !until(window) {
        assert!(Instant::now() < deadline, "it never came");
        std::thread::sleep(Duration::from_millis(5));
        window.step();
    }
    window.run();
}

/// The wake of a window that looks by itself.
fn no_wake() -> Arc<dyn Fn() + Send + Sync> {
    Arc::new(|| {})
}

/// The selected model's id.
fn selected(window: &Window) -> String {
    let state = state(window);
    state.catalog.get(state.selected.unwrap()).id.clone()
}
