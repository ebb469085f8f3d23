//! Windows of tests, and what a person does in them.

use std::collections::BTreeMap;
use std::path::Path;

use eframe::Storage;
use eframe::egui::accesskit::Role;
use eframe::egui::{Context, Key, Modifiers, Vec2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use plimsoll::app::{Action, ThemeChoice};
use plimsoll::machine::Machine;
use plimsoll::machine::probe::recording;
use plimsoll::ui::PlimsollApp;

use crate::soft_renderer::SoftRenderer;

/// The size that pages are designed for.
pub const LARGE: Vec2 = vec2(1440.0, 900.0);
/// The smallest that they must stand.
pub const SMALL: Vec2 = vec2(1000.0, 640.0);

/// The program's window.
pub type Window = Harness<'static, PlimsollApp>;

/// A window of this size on `machine`, drawn on the processor.
pub fn on(size: Vec2, machine: Machine) -> Window {
    stored(size, machine, Memory::default())
}

/// The same with what was kept.
pub fn stored(size: Vec2, machine: Machine, storage: Memory) -> Window {
    let mut window = of(size, move |ctx| PlimsollApp::on_machine(ctx, Some(&storage), machine));
    window.run();
    window
}

/// A window of this size around what `app` makes, drawn on the processor; nothing was drawn yet.
pub fn of(size: Vec2, app: impl FnOnce(&Context) -> PlimsollApp + 'static) -> Window {
    Harness::builder()
        .with_size(size)
        .with_max_steps(16)
        .renderer(SoftRenderer::default())
        .build_eframe(move |cc| app(&cc.egui_ctx))
}

/// The window in `theme` after these changes.
pub fn after(mut window: Window, theme: ThemeChoice, changes: Vec<Action>) -> Window {
    window.state_mut().apply(Action::SetTheme(theme));
    for change in changes {
        window.state_mut().apply(change);
        window.run_steps(2);
    }
    window.run_steps(4);
    window
}

/// A recorded desktop with an RTX 3060 and 64 GiB.
pub fn desktop() -> Machine {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/machines/rtx-3060-desktop.json");
    recording::read(&file).unwrap()
}

/// Clicks as a screen reader does.
pub fn click(window: &mut Window, role: Role, label: &str) {
    window.get_by_role_and_label(role, label).click_accesskit();
    window.run();
}

/// Types into a field, in place of what stands there.
pub fn type_into(window: &mut Window, label: &str, text: &str) {
    window.get_by_role_and_label(Role::TextInput, label).focus();
    window.run();
    window.key_press_modifiers(Modifiers::COMMAND, Key::A);
    window.run();
    window.get_by_role_and_label(Role::TextInput, label).type_text(text);
    window.run();
}

/// Storage that forgets when it is dropped.
#[derive(Clone, Debug, Default)]
pub struct Memory(pub BTreeMap<String, String>);

impl Storage for Memory {
    fn get_string(&self, key: &str) -> Option<String> {
        self.0.get(key).cloned()
    }

    fn set_string(&mut self, key: &str, value: String) {
        self.0.insert(key.to_owned(), value);
    }

    fn remove_string(&mut self, key: &str) {
        self.0.remove(key);
    }

    fn flush(&mut self) {}
}
