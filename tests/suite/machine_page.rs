//! The Machine page by role and label: devices, values that are set, rigs, comparison.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::SyncSender;
use std::time::Duration;

use eframe::egui::accesskit::{Role, Toggled};
use eframe::egui::{self, Key, Modifiers, Vec2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use plimsoll::app::machine_page::live::Reading;
use plimsoll::app::machine_page::{Desk, Live};
use plimsoll::app::rigs::RigChoice;
use plimsoll::app::{Action, MachineAction, MachinePage, Page, State, ThemeChoice};
use plimsoll::machine::parts::Program;
use plimsoll::machine::probe::findings::{Findings, Nvidia};
use plimsoll::machine::probe::{recorded, recording};
use plimsoll::machine::{Known, Machine};
use plimsoll::ui::PlimsollApp;
use plimsoll::units::Bytes;

use crate::machines::without_gpu;
use crate::soft_renderer::SoftRenderer;

const LARGE: Vec2 = vec2(1440.0, 900.0);
const SMALL: Vec2 = vec2(1000.0, 640.0);

type Window = Harness<'static, PlimsollApp>;

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/machines").join(name)
}

/// A desktop with an RTX 3060, and programs that hold some of its memory.
fn desktop() -> Machine {
    let mut machine = recording::read(&file("rtx-3060-desktop.json")).unwrap();
    let program = |name: &str, mib: u64, processes: u32| Program {
        name: name.to_owned(),
        memory: Some(Bytes::from_mib(mib)),
        processes,
    };
    machine.gpus[0].programs = vec![program("firefox", 420, 1), program("gnome-shell", 287, 1)];
    let ram = machine.ram.as_mut().unwrap();
    ram.programs = vec![program("firefox", 5243, 41), program("code", 2929, 9)];
    machine
}

fn window_with(size: Vec2, page: impl FnOnce() -> MachinePage + 'static, machine: Machine) -> Window {
    let mut window = Harness::builder()
        .with_size(size)
        .with_max_steps(16)
        .renderer(SoftRenderer::default())
        .build_eframe(move |cc| PlimsollApp::with_page(&cc.egui_ctx, machine, page()));
    window.state_mut().apply(Action::SetPage(Page::Machine));
    window.run();
    window
}

fn window() -> Window {
    window_with(LARGE, MachinePage::still, desktop())
}

fn state(window: &Window) -> &State {
    window.state().state()
}

fn click(window: &mut Window, role: Role, label: &str) {
    // As a screen reader does: what is meant may stand below the fold.
    window.get_by_role_and_label(role, label).click_accesskit();
    window.run();
}

fn press(window: &mut Window, modifiers: Modifiers, key: Key) {
    window.key_press_modifiers(modifiers, key);
    window.run();
}

/// The whole label that begins so.
fn label(window: &Window, begins: &str) -> String {
    let all = window.query_all_by(move |node| node.label().is_some_and(|label| label.starts_with(begins)));
    let labels: Vec<String> = all.filter_map(|node| node.accesskit_node().label()).collect();
    labels.into_iter().next().unwrap_or_else(|| panic!("nothing begins with {begins:?}"))
}

fn says(window: &Window, words: &str) -> bool {
    window.query_all_by_label_contains(words).next().is_some()
}

/// Opens a value's field and types into it.
fn type_value(window: &mut Window, fact: &str, text: &str) {
    let whole = label(window, &format!("{fact} of "));
    click(window, Role::Button, &whole);
    let name = whole.split(": ").next().unwrap().to_owned();
    window.get_by_role_and_label(Role::TextInput, &name).type_text(text);
    window.run();
}

/// Types into a field that is always there.
fn fill(window: &mut Window, field: &str, text: &str) {
    window.get_by_role_and_label(Role::TextInput, field).focus();
    window.run();
    window.get_by_role_and_label(Role::TextInput, field).type_text(text);
    window.run();
    press(window, Modifiers::NONE, Key::Enter);
}

fn pick(window: &mut Window, combo: &str, option: &str) {
    click(window, Role::ComboBox, combo);
    click(window, Role::Button, option);
}

fn add(window: &mut Window, words: &str) {
    window.get_by_role_and_label(Role::TextInput, "Search cards").focus();
    window.run();
    window.get_by_role_and_label(Role::TextInput, "Search cards").type_text(words);
    window.run();
    press(window, Modifiers::NONE, Key::Enter);
}

#[test]
fn devices_are_cards_and_each_value_has_its_source() {
    let mut window = window();
    window.get_by_role_and_label(Role::Heading, "GPU 0, Ampere, CUDA: NVIDIA GeForce RTX 3060");
    window.get_by_role_and_label(Role::Heading, "Processor: AMD Ryzen 7 5800X 8-Core Processor");
    let memory = label(&window, "11.1 of 12 GiB free for a model");
    assert!(memory.contains("firefox 0.41, gnome-shell 0.28, others 0."), "{memory}");
    for words in ["firefox, 41 processes", "code, 9 processes", "Used by others"] {
        assert!(says(&window, words), "{words}");
    }
    for fact in
        ["Memory", "Free", "Bandwidth", "FP16", "INT8", "Power limit", "Link", "Usable", "Cores", "Threads"]
    {
        let whole = label(&window, &format!("{fact} of "));
        let (_, source) = whole.split_once("; ").unwrap();
        assert!(!source.is_empty(), "{whole}");
        window.get_by_role_and_label(Role::Button, &whole);
    }
    assert!(label(&window, "Link of ").contains(": n/a; not reported"), "unknown is never 0");
    assert!(says(
        &window,
        "11.1 GiB on the GPU and 51.4 GiB in RAM are free for a model. Closing firefox would"
    ));
    click(&mut window, Role::RadioButton, "Models");
    assert_eq!(state(&window).settings.page, Page::Models);
    press(&mut window, Modifiers::COMMAND, Key::Num4);
    assert_eq!(state(&window).settings.page, Page::Machine);
}

#[test]
fn a_value_is_set_in_its_field_and_reset() {
    let mut window = window();
    type_value(&mut window, "Power limit", "much");
    window.get_by_label("a number in W");
    press(&mut window, Modifiers::NONE, Key::Enter);
    window.get_by_label("a number in W");
    press(&mut window, Modifiers::NONE, Key::Escape);
    assert!(label(&window, "Power limit of ").contains(": 170 W; "), "Esc leaves it as it was");
    type_value(&mut window, "Power limit", "150");
    press(&mut window, Modifiers::NONE, Key::Enter);
    assert!(label(&window, "Power limit of ").contains(": 150 W, set by hand, was 170 W; "));
    assert!(label(&window, "Memory of ").contains("12.0 GiB; NVML"));
    type_value(&mut window, "Link", "3.0 x4");
    press(&mut window, Modifiers::NONE, Key::Enter);
    assert!(label(&window, "Link of ").contains(": PCIe 3.0 ×4, set by hand, was n/a; "));
    type_value(&mut window, "Free", "13");
    window.get_by_label("at most 12 GiB: there is no more");
    press(&mut window, Modifiers::NONE, Key::Escape);
    click(&mut window, Role::Button, "Reset Power limit of NVIDIA GeForce RTX 3060");
    assert!(label(&window, "Power limit of ").contains(": 170 W; "));
    click(&mut window, Role::Button, "Reset all");
    assert!(label(&window, "Link of ").contains(": n/a; "));
    assert!(window.query_by_role_and_label(Role::Button, "Reset all").is_none());
    press(&mut window, Modifiers::COMMAND, Key::Z);
    assert!(label(&window, "Link of ").contains("set by hand"), "even that is taken back");
}

#[test]
fn a_report_is_copied() {
    let mut window = window();
    window.get_by_role_and_label(Role::Button, "Copy report").click_accesskit();
    window.step();
    let copied = window.output().platform_output.commands.iter().find_map(|command| match command {
        egui::OutputCommand::CopyText(text) => Some(text.clone()),
        _ => None,
    });
    let text = copied.expect("something is copied");
    assert!(text.contains("NVIDIA GeForce RTX 3060") && text.contains("360 GB/s"), "{text}");
    window.get_by_role_and_label(Role::Button, "Save report…");
    assert!(window.query_by_role_and_label(Role::Button, "Look again").is_none(), "it is not this computer");
}

/// A window whose values change.
fn live_window() -> (Window, SyncSender<Reading>) {
    let (live, feed) = Live::fed();
    (window_with(LARGE, move || MachinePage::new(live, Desk::inline(None)), desktop()), feed)
}

#[test]
fn values_are_live_while_the_page_is_in_view() {
    let (mut window, feed) = live_window();
    let send = |second: u64, free: f64, watts: f64| {
        let mut machine = desktop();
        machine.gpus[0].memory_free = Some(Known::new(Bytes::from_gib(free), "NVML"));
        machine.gpus[0].power_now = Some(Known::new(watts, "NVML"));
        feed.send(Reading { machine: Box::new(machine), at: Duration::from_secs(second) }).unwrap();
    };
    assert!(!says(&window, "in the last 60 seconds"));
    for second in 1..4 {
        send(second, 10.0 - second as f64, 30.0 + second as f64);
        window.run();
    }
    window.get_by_label("VRAM used in the last 60 seconds: 5.0 GiB now");
    window.get_by_label("GPU power in the last 60 seconds: 33 W now");
    assert!(label(&window, "7.0 of 12 GiB free for a model").contains("firefox"));
    click(&mut window, Role::RadioButton, "Models");
    window.get_by_label("VRAM: 7.0 of 12 GiB free");
    send(5, 2.0, 99.0);
    window.run();
    window.get_by_label("VRAM: 7.0 of 12 GiB free");
}

#[test]
fn a_driver_that_hangs_is_said_and_the_rest_is_there() {
    let findings = recording::read_findings(&file("rtx-3060-desktop.json")).unwrap();
    let reason = "no answer within 10 s".to_owned();
    let machine = recorded(&Findings { nvidia: Some(Nvidia::Failed { reason: reason.clone() }), ..findings });
    let mut window = window_with(LARGE, MachinePage::still, machine);
    window.get_by_label("Could not be read: NVIDIA driver");
    window.get_by_label(&reason);
    label(&window, "Processor: ");
    // It can be said by hand what the driver does not.
    add(&mut window, "3060 12");
    assert_eq!(state(&window).rig.as_ref().unwrap().devices.len(), 1);
}

#[test]
fn a_sleeping_page_asks_for_no_frames() {
    let mut window = window();
    window.step();
    let delay = window.output().viewport_output.values().map(|output| output.repaint_delay).min();
    assert!(delay.is_none_or(|delay| delay.as_secs() > 3600), "{delay:?}");
}

#[test]
fn a_card_is_added_as_one_types() {
    let mut window = window();
    window.get_by_role_and_label(Role::TextInput, "Search cards").focus();
    window.run();
    window.get_by_role_and_label(Role::TextInput, "Search cards").type_text("3090");
    window.run();
    window.get_by_label("2 of 489");
    window.get_by_role_and_label(Role::Button, "Add NVIDIA GeForce RTX 3090 Ti: 24 GiB, 1,008 GB/s");
    click(&mut window, Role::Button, "Add NVIDIA GeForce RTX 3090: 24 GiB, 936 GB/s");
    assert_eq!(state(&window).choice(), RigChoice::Kept("+ 1× RTX 3090".to_owned()));
    window.get_by_label("Card 1: RTX 3060 12 GB");
    window.get_by_label("Card 2: RTX 3090");
    assert!(says(&window, "+ 1× RTX 3090 puts "));
    // The list in the top bar, and every page, follow.
    pick(&mut window, "Rig", "This machine");
    assert_eq!(state(&window).rig.as_ref().unwrap().devices.len(), 1);
    pick(&mut window, "Rig", "+ 1× RTX 3090");
    click(&mut window, Role::RadioButton, "Models");
    assert_eq!(state(&window).rig.as_ref().unwrap().devices.len(), 2);
    window.get_by_label("GPU 1: 24.0 of 24 GiB free");
    press(&mut window, Modifiers::COMMAND, Key::Z);
    assert_eq!(state(&window).choice(), RigChoice::This, "the choice is one step");
    press(&mut window, Modifiers::COMMAND, Key::Z);
    press(&mut window, Modifiers::COMMAND, Key::Z);
    assert!(state(&window).settings.rigs.list().is_empty(), "and so is the card");
}

#[test]
fn a_rig_is_built_from_nothing() {
    let mut window = window();
    click(&mut window, Role::Button, "New rig");
    add(&mut window, "rtx 3090");
    add(&mut window, "rtx 3060 12");
    fill(&mut window, "Name of the rig", "Attic");
    fill(&mut window, "Size of the RAM", "96");
    click(&mut window, Role::Button, "128 GiB of RAM");
    pick(&mut window, "Type of RAM", "DDR4-3200");
    pick(&mut window, "Channels of RAM", "4");
    assert!(says(&window, "102.4 GB/s"));
    fill(&mut window, "Processor", "Ryzen 7 5700X");
    assert!(says(&window, "AMD Ryzen 3000/5000 (AM4)"));
    let slot = label(&window, "Slot of RTX 3060 12 GB, card 2: ");
    click(&mut window, Role::Button, &slot);
    click(&mut window, Role::Button, "×4, gen 3");
    window.get_by_role_and_label(Role::Button, "Slot of RTX 3060 12 GB, card 2: ×4, gen 3");
    fill(&mut window, "Price", "cheap");
    window.get_by_label("a number in USD");
    assert_eq!(state(&window).rig_kept().unwrap().price_usd, None);
    fill(&mut window, "Price", "1150");
    assert!(says(&window, "Your price. RTX 3090 1,499 USD at launch (2020-09)"));
    let rig = state(&window).rig_kept().unwrap();
    assert_eq!((rig.name.as_str(), rig.price_usd, rig.machine.ram_gib), ("Attic", Some(1150.0), Some(128.0)));
    window.get_by_role_and_label(Role::RadioButton, "Attic: RTX 3090, RTX 3060 12 GB, 128 GiB DDR4");
    click(&mut window, Role::Button, "Remove RTX 3090, card 1");
    assert!(window.query_by_label("Card 2: RTX 3060 12 GB").is_none());
    click(&mut window, Role::Button, "Duplicate");
    fill(&mut window, "Name of the rig", "Attic");
    window.get_by_label("another rig has this name");
    press(&mut window, Modifiers::NONE, Key::Escape);
    click(&mut window, Role::Button, "Delete");
    assert_eq!(state(&window).settings.rigs.list().len(), 1);
    press(&mut window, Modifiers::COMMAND, Key::Z);
    assert_eq!(state(&window).settings.rigs.list().len(), 2);
}

/// A file that was dropped on the window.
#[derive(Debug)]
struct Dropped(PathBuf);

impl egui::DroppedFile for Dropped {
    fn path(&self) -> &Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        fs::read(&self.0).map_err(|error| error.to_string())
    }
}

#[test]
fn files_are_dropped_on_the_page() {
    let folder = tempfile::tempdir().unwrap();
    let rig = folder.path().join("attic.json");
    fs::write(&rig, r#"{"plimsoll_rig":1,"name":"Attic","machine":{"gpus":[{"name":"RTX 4090"}]}}"#).unwrap();
    let mut window = window();
    let drop = |window: &mut Window, path: PathBuf| {
        window.input_mut().dropped_files.push(std::sync::Arc::new(Dropped(path)));
        window.run();
    };
    drop(&mut window, rig);
    assert_eq!(state(&window).choice(), RigChoice::Kept("Attic".to_owned()));
    assert!(says(&window, "Assumed: ram_gib is not given"));
    drop(&mut window, file("38-h100-mig-linux.json"));
    assert_eq!(state(&window).choice(), RigChoice::Opened);
    assert!(says(&window, "MIG"));
    click(&mut window, Role::Button, "Close");
    assert_eq!(state(&window).choice(), RigChoice::This);
    let bad = folder.path().join("bad.json");
    fs::write(&bad, "[1]").unwrap();
    drop(&mut window, bad);
    assert!(says(&window, "bad cannot be used: it is neither a rig nor a recorded machine"));
}

#[test]
fn rings_choose_what_is_compared() {
    let mut window = window();
    add(&mut window, "3090");
    click(&mut window, Role::Button, "New rig");
    add(&mut window, "4090");
    fill(&mut window, "Name of the rig", "Server");
    click(&mut window, Role::CheckBox, "Compare Server");
    let names = |window: &Window| state(window).compare.names.clone();
    assert_eq!(names(&window), ["This machine", "+ 1× RTX 3090", "Server"]);
    window.get_by_role_and_label(Role::Heading, "Compared: This machine, + 1× RTX 3090, Server");
    let ring = window.get_by_role_and_label(Role::CheckBox, "Compare Server");
    assert_eq!(ring.accesskit_node().toggled(), Some(Toggled::True));
    click(&mut window, Role::CheckBox, "Compare others with Server");
    assert_eq!(names(&window), ["Server", "+ 1× RTX 3090", "This machine"]);
    click(&mut window, Role::Button, "Compare without This machine");
    assert_eq!(names(&window), ["Server", "+ 1× RTX 3090"]);
    pick(&mut window, "Rig A", "This machine");
    assert_eq!(names(&window), ["This machine", "+ 1× RTX 3090"]);
    pick(&mut window, "Add a rig to compare", "Server");
    assert_eq!(names(&window).len(), 3);
    assert!(label(&window, "Models wholly on GPU: ").matches(" of ").count() == 3);
}

#[test]
fn what_becomes_possible_is_a_chip_and_a_click_selects_it() {
    let mut window = window();
    add(&mut window, "3090");
    assert!(says(&window, "New on the GPU ("));
    assert!(label(&window, "GPU power limits, W: ").ends_with("170, 520"));
    assert!(label(&window, "Price, USD: ").ends_with("0, 1,499"));
    let gain = &state(&window).compare.found.as_ref().unwrap().gains[0];
    let (model, level) = gain.on_gpu[0];
    let catalog = std::sync::Arc::clone(&state(&window).catalog);
    let name = catalog.bases()[catalog.base_of(model)].name.clone();
    click(&mut window, Role::Button, &name);
    assert_eq!(state(&window).settings.page, Page::Models);
    assert_eq!((state(&window).selected, state(&window).level()), (Some(model), level));
}

#[test]
fn speeds_are_shown_of_chosen_models() {
    let mut window = window();
    add(&mut window, "3090");
    let shown = |window: &Window| state(window).compare.found.as_ref().unwrap().speeds.len();
    assert_eq!(shown(&window), 8);
    click(&mut window, Role::Button, "Models…");
    window.get_by_role_and_label(Role::TextInput, "Search models to compare").focus();
    window.run();
    window.get_by_role_and_label(Role::TextInput, "Search models to compare").type_text("falcon");
    window.run();
    let hit = state(&window).compare.hits[0];
    let catalog = std::sync::Arc::clone(&state(&window).catalog);
    let name = catalog.bases()[catalog.base_of(hit)].name.clone();
    click(&mut window, Role::CheckBox, &name);
    assert_eq!(shown(&window), 9);
    click(&mut window, Role::CheckBox, &name);
    assert_eq!(shown(&window), 8);
    click(&mut window, Role::Button, "Those that change most");
    press(&mut window, Modifiers::NONE, Key::Escape);
    let row = state(&window).compare.found.as_ref().unwrap().speeds[0].clone();
    let name = catalog.bases()[catalog.base_of(row.model)].name.clone();
    let whole = label(&window, &format!("{name} {}: This machine ", row.level));
    assert!(whole.contains("; + 1× RTX 3090 "), "{whole}");
    click(&mut window, Role::Button, &whole);
    assert_eq!(state(&window).selected, Some(row.model));
}

#[test]
fn one_more_card_is_one_click_from_a_model_that_does_not_fit() {
    let mut window = window();
    let model = state(&window).catalog.find("meta-llama/Llama-3.3-70B-Instruct").unwrap();
    window.state_mut().apply(Action::SetPage(Page::Models));
    window.state_mut().apply(Action::Select(model));
    window.run();
    let whole = label(&window, "What would one more ");
    click(&mut window, Role::Button, &whole);
    assert_eq!(state(&window).settings.page, Page::Machine);
    assert_eq!(state(&window).compare.names.len(), 2);
    assert!(says(&window, "more models wholly on the GPU"));
    press(&mut window, Modifiers::COMMAND, Key::Z);
    assert!(state(&window).settings.rigs.list().is_empty());
}

#[test]
fn everything_that_can_be_used_has_a_name() {
    for machine in [desktop(), without_gpu()] {
        let mut window = window_with(LARGE, MachinePage::still, machine);
        add(&mut window, "3090");
        let used =
            [Role::Button, Role::CheckBox, Role::RadioButton, Role::ComboBox, Role::TextInput, Role::Meter];
        for role in used {
            for node in window.query_all_by_role(role) {
                let label = node.accesskit_node().label().unwrap_or_default();
                assert!(!label.trim().is_empty(), "a {role:?} at {:?} has no name", node.rect());
            }
        }
    }
}

#[test]
fn a_rig_is_reached_by_keyboard() {
    let mut window = window();
    add(&mut window, "3090");
    let mut seen = Vec::new();
    for _ in 0..60 {
        press(&mut window, Modifiers::NONE, Key::Tab);
        let focused = window.root().children_recursive().find(egui_kittest::Node::is_focused);
        seen.extend(focused.and_then(|node| node.accesskit_node().label()));
    }
    for label in [
        "Machine",
        "Rig",
        "This machine: ",
        "Compare This machine",
        "New rig",
        "Name of the rig",
        "Search cards",
        "Slot of ",
        "Type of RAM",
        "Price",
        "Power limit of ",
    ] {
        assert!(seen.iter().any(|seen| seen.starts_with(label)), "{label} is not reached: {seen:?}");
    }
}

/// The same pixels as in `tests/snapshots`.
#[test]
fn the_page_looks_as_it_did() {
    let (mut window, feed) = live_window();
    type_value(&mut window, "Power limit", "150");
    press(&mut window, Modifiers::NONE, Key::Enter);
    add(&mut window, "3090");
    click(&mut window, Role::RadioButton, "This machine: RTX 3060, 63 GiB RAM");
    for second in 0..60_u64 {
        let mut machine = desktop();
        let wave = (second as f64 / 7.0).sin();
        machine.gpus[0].memory_free = Some(Known::new(Bytes::from_gib(11.1 + 0.1 * wave), "NVML"));
        machine.gpus[0].power_now = Some(Known::new(31.0 + 6.0 * wave, "NVML"));
        feed.send(Reading { machine: Box::new(machine), at: Duration::from_secs(second) }).unwrap();
        window.step();
    }
    let themes = [(ThemeChoice::Light, "light"), (ThemeChoice::Dark, "dark")];
    for (theme, shade) in themes {
        window.state_mut().apply(Action::SetTheme(theme));
        window.run();
        window.snapshot(format!("machine_{shade}"));
    }
    let rig = state(&window).settings.rigs.list()[0].name.clone();
    window.state_mut().apply(Action::ChooseRig(RigChoice::Kept(rig)));
    window.set_size(SMALL);
    window.run();
    window.snapshot("machine_small_dark");
    // The comparison, as the question after one more card leads to it.
    window.set_size(LARGE);
    let card = plimsoll::estimate::ways::one_more(state(&window).rig.as_ref().unwrap()).unwrap();
    window.state_mut().apply(Action::Machine(MachineAction::WhatBuys(card)));
    window.run();
    window.snapshot("machine_compare_dark");
    window.state_mut().apply(Action::SetTheme(ThemeChoice::Light));
    window.set_size(vec2(960.0, 600.0));
    window.run();
    window.snapshot("machine_zoom_light");
}
