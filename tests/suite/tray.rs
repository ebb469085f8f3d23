//! What is pinned and held side by side, by role and label.

use eframe::egui::accesskit::Role;
use eframe::egui::{Key, Modifiers, Vec2, vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use egui_kittest::{Harness, SnapshotResults};
use plimsoll::app::rigs::{NamedRig, RigChoice};
use plimsoll::app::{Action, Settings, State, ThemeChoice, View};
use plimsoll::machine::spec::{GpuSpec, MachineSpec};
use plimsoll::ui::PlimsollApp;

use crate::machines::with_rtx_4090;
use crate::soft_renderer::SoftRenderer;
use crate::words::{labels, says};

const LARGE: Vec2 = vec2(1440.0, 900.0);
const SMALL: Vec2 = vec2(1000.0, 640.0);

type Window = Harness<'static, PlimsollApp>;

fn window_of(size: Vec2) -> Window {
    let mut window = Harness::builder()
        .with_size(size)
        .with_max_steps(16)
        .renderer(SoftRenderer::default())
        .build_eframe(|cc| PlimsollApp::on_machine(&cc.egui_ctx, None, with_rtx_4090()));
    window.run();
    window
}

fn state(window: &Window) -> &State {
    window.state().state()
}

fn press(window: &mut Window, modifiers: Modifiers, key: Key) {
    window.key_press_modifiers(modifiers, key);
    window.run();
}

fn click(window: &mut Window, role: Role, label: &str) {
    window.get_by_role_and_label(role, label).click_accesskit();
    window.run();
}

fn choose(window: &mut Window, model: &str, level: &str) {
    let app = window.state_mut();
    let model = app.state().catalog.find(model).unwrap();
    app.apply(Action::SelectCell(model, level.parse().unwrap()));
    window.run();
}

fn pinned(window: &Window) -> Vec<String> {
    let pins = state(window).settings.tray.list().iter();
    pins.map(|pin| format!("{} {}", pin.model.split('/').next_back().unwrap_or_default(), pin.level))
        .collect()
}

/// Pins three: two levels of a model here, and another on a rig.
fn pin_three(window: &mut Window) {
    choose(window, "Qwen/Qwen3-14B", "Q4_K_M");
    press(window, Modifiers::NONE, Key::P);
    choose(window, "Qwen/Qwen3-14B", "Q8_0");
    press(window, Modifiers::NONE, Key::P);
    let gpus = vec![GpuSpec { count: 2, ..GpuSpec::named("RTX 3060 12 GB") }];
    let machine = MachineSpec { gpus, ram_gib: Some(64.0), ..MachineSpec::default() };
    let rig = NamedRig { name: "Attic".to_owned(), machine, price_usd: None };
    window.state_mut().apply(Action::KeepRig(rig));
    choose(window, "Qwen/Qwen3-32B", "Q4_K_M");
    press(window, Modifiers::NONE, Key::P);
}

#[test]
fn keys_pin_what_is_selected_in_table_and_matrix() {
    let mut window = window_of(LARGE);
    assert!(window.query_by_label("Pinned").is_none());
    for view in [View::Table, View::Matrix] {
        window.state_mut().apply(Action::SetView(view));
        window.run();
        press(&mut window, Modifiers::NONE, Key::P);
        assert_eq!(pinned(&window).len(), 1);
        press(&mut window, Modifiers::NONE, Key::P);
        assert_eq!(pinned(&window).len(), 0, "the same again takes it out");
    }
    // Who types a name types letters.
    window.get_by_role_and_label(Role::TextInput, "Search models").focus();
    window.run();
    press(&mut window, Modifiers::NONE, Key::P);
    assert_eq!(pinned(&window).len(), 0);
}

#[test]
fn the_detail_has_a_pin_and_the_tray_a_way_out() {
    let mut window = window_of(LARGE);
    click(&mut window, Role::Button, "Pin");
    assert_eq!(pinned(&window).len(), 1);
    click(&mut window, Role::Button, "Unpin A");
    assert_eq!(pinned(&window).len(), 0);
    for level in ["Q3_K_M", "Q4_K_M", "Q5_K_M", "Q6_K"] {
        choose(&mut window, "Qwen/Qwen3-14B", level);
        press(&mut window, Modifiers::NONE, Key::P);
    }
    choose(&mut window, "Qwen/Qwen3-14B", "Q8_0");
    press(&mut window, Modifiers::NONE, Key::P);
    assert_eq!(pinned(&window).len(), 4);
    assert!(says(&window, "4 are pinned already; take one out of the tray first"));
    click(&mut window, Role::Button, "Clear");
    assert_eq!(pinned(&window).len(), 0);
}

#[test]
fn what_is_pinned_is_held_side_by_side() {
    let mut window = window_of(LARGE);
    pin_three(&mut window);
    click(&mut window, Role::Button, "Compare");
    assert!(says(&window, "Side by side"));
    let rows: Vec<String> =
        window.query_all_by_role(Role::Row).filter_map(|row| row.accesskit_node().label()).collect();
    let row = |name: &str| {
        rows.iter().find(|row| row.starts_with(name)).unwrap_or_else(|| panic!("{name}: {rows:?}"))
    };
    assert!(row("Verdict: ").starts_with("Verdict: A Fits, B "), "{}", row("Verdict: "));
    assert!(row("Tokens/s: ").contains("(×0."), "{}", row("Tokens/s: "));
    assert!(row("Quality kept").contains("points, best)"), "{}", row("Quality kept"));
    assert!(row("File, GB: ").contains("A 9.0 (best)"), "{}", row("File, GB: "));
    assert!(says(&window, "tok/s over context: A "));
    assert!(says(&window, "GiB over context: A "));
    // A ladder for each.
    assert_eq!(labels(&window).iter().filter(|label| *label == "Quantization ladder").count(), 3);
    press(&mut window, Modifiers::NONE, Key::Escape);
    assert!(!says(&window, "Side by side"));
    press(&mut window, Modifiers::SHIFT, Key::P);
    assert!(says(&window, "Side by side"));
}

#[test]
fn chips_are_moved_and_taken_out_by_keys_and_lead_to_what_they_name() {
    let mut window = window_of(LARGE);
    pin_three(&mut window);
    let focus = |window: &mut Window, chip: &str| {
        window
            .get_by(|node| {
                node.role() == Role::Button && node.label().is_some_and(|label| label.starts_with(chip))
            })
            .focus();
        window.run();
    };
    focus(&mut window, "A  ");
    press(&mut window, Modifiers::COMMAND, Key::ArrowRight);
    assert_eq!(pinned(&window), ["Qwen3-14B Q8_0", "Qwen3-14B Q4_K_M", "Qwen3-32B Q4_K_M"]);
    focus(&mut window, "B  ");
    press(&mut window, Modifiers::NONE, Key::Delete);
    assert_eq!(pinned(&window), ["Qwen3-14B Q8_0", "Qwen3-32B Q4_K_M"]);
    assert!(matches!(state(&window).choice(), RigChoice::Kept(_)));
    focus(&mut window, "A  ");
    press(&mut window, Modifiers::NONE, Key::Enter);
    assert_eq!(state(&window).choice(), RigChoice::This);
    assert_eq!(state(&window).level().to_string(), "Q8_0");
    let kept = Settings::from_json(&state(&window).settings.to_json().unwrap()).unwrap();
    assert_eq!(kept.tray, state(&window).settings.tray, "it is remembered");
    window.state_mut().apply(Action::RemoveRig("Attic".to_owned()));
    window.run();
    assert_eq!(pinned(&window), ["Qwen3-14B Q8_0"], "what is on a rig goes with it");
}

/// The same pixels as in `tests/snapshots`; after a change that is meant, `UPDATE_SNAPSHOTS=1 cargo test`.
#[test]
fn side_by_side_looks_as_it_did() {
    let mut results = SnapshotResults::new();
    for (theme, size, name) in [
        (ThemeChoice::Dark, LARGE, "tray_dark"),
        (ThemeChoice::Light, LARGE, "tray_light"),
        (ThemeChoice::Dark, SMALL, "tray_dark_small"),
    ] {
        let mut window = window_of(size);
        window.state_mut().apply(Action::SetTheme(theme));
        pin_three(&mut window);
        press(&mut window, Modifiers::SHIFT, Key::P);
        window.snapshot(name);
        results.extend_harness(&mut window);
    }
}
