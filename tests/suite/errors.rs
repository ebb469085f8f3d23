//! States in which something is wrong, a page at a time, in pictures: what is known is shown, and the rest says why not.

use std::path::PathBuf;

use eframe::egui::Vec2;
use egui_kittest::SnapshotResults;
use plimsoll::app::models::{Models, ModelsAction, Part, Setup, Ways};
use plimsoll::app::own::{Own, OwnAction};
use plimsoll::app::work::WorkAction;
use plimsoll::app::{Action, MachineAction, MachinePage, Page, ThemeChoice, View};
use plimsoll::hub::Options;
use plimsoll::machine::Machine;
use plimsoll::machine::probe::recording;
use plimsoll::ui::PlimsollApp;

use crate::machines::with_rtx_4090;
use crate::window::{self, LARGE, SMALL, Window, desktop};
use crate::words::says;

const DARK: ThemeChoice = ThemeChoice::Dark;
const LIGHT: ThemeChoice = ThemeChoice::Light;

/// Files that a picture names, by the same path on every computer: tests run in the package's folder.
fn data(name: &str) -> PathBuf {
    PathBuf::from(format!("tests/data/{name}"))
}

/// A computer whose driver was updated and does not answer: its card is known by its PCI id.
fn with_old_driver() -> Machine {
    recording::read(&PathBuf::from("tests/machines/36-nvml-version-mismatch-linux.json")).unwrap()
}

/// A card that no table knows: it says how much memory it has, and not how fast that is.
fn with_unknown_bandwidth() -> Machine {
    let mut machine = with_rtx_4090();
    let gpu = &mut machine.gpus[0];
    gpu.name.value = "NVIDIA GPU 10de:ffff".to_owned();
    gpu.notes = vec!["Its speed cannot be said without its bandwidth".to_owned()];
    (gpu.bandwidth_gbs, gpu.fp16_tflops, gpu.compute_units) = (None, None, None);
    (gpu.memory_clock_mhz, gpu.bus_width_bits, gpu.architecture) = (None, None, None);
    machine.name = gpu.name.value.clone();
    machine
}

fn with_models(size: Vec2, setup: Setup) -> Window {
    window::of(size, move |ctx| PlimsollApp::with_models(ctx, desktop(), Models::inline(setup)))
}

/// Draws a window after these changes, in which `words` must stand.
fn picture(
    results: &mut SnapshotResults,
    name: &str,
    window: Window,
    theme: ThemeChoice,
    words: &str,
    do_: Vec<Action>,
) {
    let mut window = window::after(window, theme, do_);
    assert!(says(&window, words), "{name} does not say {words:?}: {:#?}", crate::words::labels(&window));
    window.snapshot(name);
    results.extend(window.take_snapshot_results());
}

#[test]
fn a_machine_of_which_not_all_is_known() {
    let mut results = SnapshotResults::new();
    let machine = || vec![Action::SetPage(Page::Machine)];
    let restart = "the driver was updated and the old one is still loaded; restart the computer";
    picture(
        &mut results,
        "error_machine_light",
        window::on(LARGE, with_old_driver()),
        LIGHT,
        restart,
        machine(),
    );
    let unread = "Could not be read: NVIDIA driver";
    picture(
        &mut results,
        "error_models_dark",
        window::on(SMALL, with_old_driver()),
        DARK,
        unread,
        Vec::new(),
    );
    let small = || window::on(SMALL, with_unknown_bandwidth());
    let matrix = vec![Action::SetView(View::Matrix)];
    picture(
        &mut results,
        "error_matrix_light",
        small(),
        LIGHT,
        "how fast models run here is not known",
        matrix,
    );
    let map = vec![Action::SetPage(Page::Map)];
    picture(&mut results, "error_map_dark", small(), DARK, "22.6 of 24 GiB free", map);
}

#[test]
fn what_was_brought_is_refused() {
    let mut results = SnapshotResults::new();
    let offline = Ways::new(|| Options { offline: true, ..Options::default() });
    let setup = Setup { hub: Some(offline), ..Setup::default() };
    let ask = [
        ModelsAction::Show(Some(Part::Hub)),
        ModelsAction::HubText("Qwen/Qwen3-0.6B-GGUF".to_owned()),
        ModelsAction::AskHub,
    ];
    let off = "he network is switched off";
    let ask = ask.map(Action::Models).to_vec();
    picture(&mut results, "error_hub_dark", with_models(SMALL, setup), DARK, off, ask);
    let page = window::of(SMALL, |ctx| PlimsollApp::with_page(ctx, desktop(), MachinePage::still()));
    let damaged = MachineAction::Import(data("rigs/damaged.json"));
    let rig = vec![Action::SetPage(Page::Machine), Action::Machine(damaged)];
    picture(&mut results, "error_rig_dark", page, DARK, "it is no rig: ", rig);
    let own = window::of(SMALL, |ctx| PlimsollApp::with_own(ctx, desktop(), Own::inline(None, None)));
    let import = [
        OwnAction::Show(true),
        OwnAction::ImportFiles(vec![data("headers/files.json"), data("headers/Qwen3-0.6B-Q8_0.gguf")]),
    ];
    let import = import.map(Action::Own).to_vec();
    picture(&mut results, "error_import_light", own, LIGHT, "this is no benchmark output", import);
}

#[test]
fn a_value_that_makes_no_sense_says_so_and_the_last_answer_stays() {
    let mut results = SnapshotResults::new();
    let typed = [("watts", "much"), ("price", "-5")];
    let typed = typed.map(|(field, text)| Action::Work(WorkAction::Type(field, text.to_owned())));
    let actions = [Action::SetPage(Page::Work)].into_iter().chain(typed).collect();
    let window = window::on(LARGE, desktop());
    picture(&mut results, "error_work_dark", window, DARK, "this is not a number", actions);
}
