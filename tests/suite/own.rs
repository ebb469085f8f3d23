//! Own measurements in the window: brought, listed, matched, removed; by role and label.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use eframe::egui::accesskit::Role;
use eframe::egui::{self, Key, Modifiers, Vec2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use plimsoll::app::own::{Own, Reprobe};
use plimsoll::machine::{Known, Machine};
use plimsoll::ui::PlimsollApp;

use crate::machines::with_rtx_4090;
use crate::soft_renderer::SoftRenderer;
use crate::words::{labels, paste, says};

const LARGE: Vec2 = vec2(1440.0, 900.0);
const SMALL: Vec2 = vec2(1000.0, 640.0);

type Window = Harness<'static, PlimsollApp>;

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/benchmarks").join(name)
}

fn text(name: &str) -> String {
    fs::read_to_string(file(name)).unwrap()
}

/// The machine of `llama-bench-2025-04.json`.
fn with_rtx_4080() -> Machine {
    let mut machine = with_rtx_4090();
    machine.gpus[0].name = Known::new("NVIDIA GeForce RTX 4080".to_owned(), "recorded");
    machine
}

fn window_with(size: Vec2, own: impl FnOnce() -> Own + 'static) -> Window {
    let mut window = Harness::builder()
        .with_size(size)
        .with_max_steps(16)
        .renderer(SoftRenderer::default())
        .build_eframe(move |cc| PlimsollApp::with_own(&cc.egui_ctx, with_rtx_4080(), own()));
    window.run();
    window
}

/// A window that keeps what is measured in `folder`.
fn window(folder: &Path) -> Window {
    let folder = folder.to_owned();
    window_with(LARGE, move || Own::inline(Some(folder), None))
}

fn click(window: &mut Window, role: Role, label: &str) {
    // As a screen reader does: what is meant may stand below the fold.
    window.get_by_role_and_label(role, label).click_accesskit();
    window.run();
}

fn open(window: &mut Window) {
    click(window, Role::Button, "Your measurements…");
}

#[test]
fn text_is_pasted_listed_and_removed() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = window(folder.path());
    open(&mut window);
    window.get_by_label(
        "Nothing yet. What was measured on this machine counts more than what others measured.",
    );
    paste(&mut window, &text("llama-bench-2025-04.json"));
    window.get_by_label("2 measurements read");
    window.get_by_label("Pasted text (llama-bench, JSON)");
    window.get_by_label("119 ± 1.04 tok/s");
    window.get_by_label("128 tokens generated");
    assert!(says(&window, "NVIDIA GeForce RTX 4080, llama.cpp CUDA, build 8cf427ff (5163), 2025-04-24"));
    assert_eq!(window.state().state().own.for_machine().len(), 2);
    click(&mut window, Role::Button, "Remove Qwen2.5 7B, tg128");
    assert!(!says(&window, "119 ± 1.04"));
    click(&mut window, Role::Button, "Remove all…");
    assert_eq!(window.state().state().own.rows.len(), 1, "it is asked once more");
    click(&mut window, Role::Button, "Keep them");
    click(&mut window, Role::Button, "Remove all…");
    click(&mut window, Role::Button, "Remove all");
    assert!(window.state().state().own.rows.is_empty());
    assert!(fs::read_dir(folder.path()).unwrap().next().is_none(), "nothing stays on disk");
}

#[test]
fn a_dropped_file_opens_the_place_and_bad_lines_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let bad = folder.path().join("bench.md");
    fs::write(&bad, text("table-2025-12-depth.md").replace("389.88", "fast")).unwrap();
    let mut window = window(folder.path());
    for path in [bad, file("vllm-serve.json")] {
        window.input_mut().dropped_files.push(dropped(&path));
    }
    window.run();
    window.get_by_label("5 measurements read");
    window.get_by_label("bench.md, line 5: t/s is \"fast ± 1.57\", not a number");
    assert!(says(&window, "Taken on another machine: it is kept, but not used here"));
    click(&mut window, Role::Button, "Dismiss");
    assert!(!says(&window, "bench.md, line 5"));
    window.key_press_modifiers(Modifiers::NONE, Key::Escape);
    window.run();
    assert!(!says(&window, "Taken on another machine"));
    assert!(!window.state().state().own.open);
}

/// A file as the window system hands it over.
#[derive(Debug)]
pub struct Dropped(PathBuf);

impl egui::DroppedFile for Dropped {
    fn path(&self) -> &Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        panic!("files are read beside the window, by their path")
    }
}

pub fn dropped(path: &Path) -> Arc<Dropped> {
    Arc::new(Dropped(path.to_owned()))
}

#[test]
fn what_is_no_benchmark_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = window(folder.path());
    open(&mut window);
    paste(&mut window, "a letter to a friend");
    window.get_by_label("Nothing could be read");
    assert!(says(&window, "Pasted text: this is no benchmark output that can be read"));
}

#[test]
fn an_unmatched_row_asks_for_its_model() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = window(folder.path());
    open(&mut window);
    paste(&mut window, &text("ollama-verbose.txt"));
    assert!(says(&window, "Not matched. Which model?"));
    assert!(window.state().state().own.for_machine().is_empty());
    let field = "Search the model of mistral";
    window.get_all_by_role_and_label(Role::TextInput, field).next().unwrap().focus();
    window.run();
    window.get_all_by_role_and_label(Role::TextInput, field).next().unwrap().type_text("mistral 7b v0.3");
    window.run();
    window
        .get_all_by_role_and_label(Role::ComboBox, "Model of this measurement")
        .next()
        .unwrap()
        .click_accesskit();
    window.run();
    let option = labels(&window).into_iter().find(|label| label.starts_with("mistralai/")).unwrap();
    window.get_all_by_label(&option).next().unwrap().click_accesskit();
    window.run();
    assert!(!says(&window, "Not matched"));
    assert_eq!(window.state().state().own.for_machine().len(), 4);
}

#[test]
fn what_will_run_is_said_before() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = window(folder.path());
    open(&mut window);
    let button = window.get_by_role_and_label(Role::Button, "Measure");
    assert!(button.accesskit_node().is_disabled());
    let model = folder.path().join("Qwen3-8B-Q4_K_M.gguf");
    fs::write(&model, [0; 16]).unwrap();
    let bench = folder.path().join("llama-bench");
    fs::write(&bench, "").unwrap();
    window.input_mut().dropped_files.push(dropped(&model));
    window.run();
    window
        .state_mut()
        .apply(plimsoll::app::Action::Own(plimsoll::app::own::OwnAction::BenchAt(bench.clone())));
    window.run();
    let command = format!("{} -m {} -p 512 -n 128 -r 3 -o json", bench.display(), model.display());
    window.get_by_label(&command);
    assert!(says(&window, "Less than a minute. The computer is busy meanwhile"));
    assert!(!window.get_by_role_and_label(Role::Button, "Measure").accesskit_node().is_disabled());
    click(&mut window, Role::CheckBox, "On the processor alone");
    assert!(says(&window, "-r 3 -ngl 0 -o json"));
}

#[test]
fn the_memory_is_measured_from_the_machine_s_list() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().to_owned();
    let mut window =
        window_with(LARGE, move || Own::inline(Some(at), Some(Reprobe::new(|_| with_rtx_4080()))));
    click(&mut window, Role::RadioButton, "Machine");
    window.get_by_role_and_label(Role::Button, "Measure memory");
    assert!(window.query_by_role_and_label(Role::Button, "Forget it").is_none(), "nothing was measured");
    click(&mut window, Role::Button, "Speeds of models…");
    assert!(window.state().state().own.open);
    // A recorded machine is not this computer.
    let mut recorded = self::window(folder.path());
    click(&mut recorded, Role::RadioButton, "Machine");
    assert!(recorded.query_by_role_and_label(Role::Button, "Measure memory").is_none());
}

#[test]
fn keys_do_not_reach_what_it_lies_over() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = window(folder.path());
    let before = window.state().state().selected;
    window.state_mut().apply(plimsoll::app::Action::Own(plimsoll::app::own::OwnAction::Show(true)));
    window.run();
    for key in [Key::ArrowDown, Key::Enter] {
        window.key_press_modifiers(Modifiers::NONE, key);
        window.run();
    }
    assert_eq!(window.state().state().selected, before);
    assert!(!window.state().state().detail_page);
    window.key_press_modifiers(Modifiers::NONE, Key::Escape);
    window.run();
    window.key_press_modifiers(Modifiers::NONE, Key::ArrowDown);
    window.run();
    assert_ne!(window.state().state().selected, before);
}

#[test]
fn it_fits_a_small_window() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().to_owned();
    let mut window = window_with(SMALL, move || Own::inline(Some(at), None));
    window.state_mut().apply(plimsoll::app::Action::Own(plimsoll::app::own::OwnAction::Show(true)));
    window.run();
    paste(&mut window, &text("table-2025-12-depth.md"));
    let close = window.get_by_role_and_label(Role::Button, "Close").rect();
    assert!(close.right() < SMALL.x && close.top() > 0.0, "{close:?}");
    let heading = window.get_by_role_and_label(Role::Heading, "Bring").rect();
    assert!(heading.left() > 0.0 && heading.right() < SMALL.x, "{heading:?}");
}
