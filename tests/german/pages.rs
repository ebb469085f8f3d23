//! Each page by role and label, in pictures, and without an English word.

use std::path::PathBuf;
use std::sync::RwLock;

use eframe::App as _;
use eframe::egui::Vec2;
use eframe::egui::accesskit::Role;
use egui_kittest::kittest::Queryable as _;
use egui_kittest::{Harness, SnapshotResults};
use plimsoll::app::models::{Models, ModelsAction, Setup};
use plimsoll::app::{Action, LanguageChoice, Page, View};
use plimsoll::machine::Machine;
use plimsoll::machine::probe::recording;
use plimsoll::ui::{PlimsollApp, SETTINGS_KEY};

use crate::soft_renderer::SoftRenderer;
use crate::window::{self, LARGE, Memory, SMALL, Window, desktop};
use crate::words;

/// Held by who changes the language; the others share it, and it is German.
static LANGUAGE: RwLock<()> = RwLock::new(());

fn german(size: Vec2) -> Window {
    let settings = (SETTINGS_KEY.to_owned(), r#"{"language": "german"}"#.to_owned());
    window::stored(size, desktop(), Memory([settings].into()))
}

/// All pages, with what leads to them.
fn pages() -> [(&'static str, Vec<Action>); 6] {
    [
        ("models", vec![Action::SetPage(Page::Models)]),
        ("matrix", vec![Action::SetView(View::Matrix)]),
        ("detail", vec![Action::ShowDetailPage(true)]),
        ("map", vec![Action::SetPage(Page::Map)]),
        ("work", vec![Action::SetPage(Page::Work)]),
        ("machine", vec![Action::SetPage(Page::Machine)]),
    ]
}

fn on(size: Vec2, actions: Vec<Action>) -> Window {
    let mut window = german(size);
    for action in actions {
        window.state_mut().apply(action);
        window.run_steps(2);
    }
    window.run_steps(4);
    window
}

#[test]
fn every_page_in_pictures() {
    let _shared = LANGUAGE.read();
    let mut results = SnapshotResults::new();
    for (name, actions) in pages() {
        for (suffix, size) in [("", LARGE), ("_small", SMALL)] {
            let mut window = on(size, actions.clone());
            window.snapshot(format!("german_{name}{suffix}"));
            results.extend(window.take_snapshot_results());
        }
    }
}

#[test]
fn what_is_pressed_has_german_names() {
    let _shared = LANGUAGE.read();
    let mut window = german(LARGE);
    for page in ["Modelle", "Karte", "Rechner", "Arbeit"] {
        window::click(&mut window, Role::RadioButton, page);
    }
    window::click(&mut window, Role::RadioButton, "Modelle");
    for (role, label) in [
        (Role::ComboBox, "Design"),
        (Role::ComboBox, "KV-Cache"),
        (Role::ComboBox, "Quantisierung"),
        (Role::Button, "Datei…"),
        (Role::TextInput, "Modelle suchen"),
    ] {
        assert!(window.query_by_role_and_label(role, label).is_some(), "{role:?} {label}");
    }
    assert!(words::says(&window, "ganz auf der GPU"));
}

/// Words that no German sentence has, and most English ones.
const ENGLISH: [&str; 24] = [
    "the", "of", "and", "with", "is", "are", "to", "at", "on", "not", "this", "that", "for", "from", "by",
    "all", "each", "which", "no", "more", "than", "it", "its", "or",
];

/// What stays as it is: what a shell or another program reads, and sources as they are cited.
const LEFT: [&str; 8] = [
    "# Planned by Plimsoll",
    " --",
    "-hf ",
    "-fa ",
    "/srv/models/",
    "OpenRouter",
    "words): assumed",
    "words) and instructions",
];

/// What is said in English.
fn english(window: &Window) -> Vec<String> {
    let is_english = |label: &String| {
        let is_left = LEFT.iter().any(|part| label.contains(part));
        let mut words =
            label.split_whitespace().map(|word| word.trim_matches(|c: char| c.is_ascii_punctuation()));
        !is_left && words.any(|word| ENGLISH.contains(&word))
    };
    words::labels(window).into_iter().filter(is_english).collect()
}

#[test]
fn no_english_sentence_remains() {
    let _shared = LANGUAGE.read();
    let mut wrong = Vec::new();
    for (name, actions) in pages() {
        let window = on(LARGE, actions);
        wrong.extend(english(&window).into_iter().map(|label| format!("{name}: {label}")));
    }
    wrong.sort();
    wrong.dedup();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A window in German whose files are read at once.
fn with_models(machine: Machine) -> Window {
    let mut window = Harness::builder()
        .with_size(LARGE)
        .with_max_steps(16)
        .renderer(SoftRenderer::default())
        .build_eframe(|cc| PlimsollApp::with_models(&cc.egui_ctx, machine, Models::inline(Setup::default())));
    window.state_mut().apply(Action::SetLanguage(LanguageChoice::German));
    window.run();
    window
}

#[test]
fn what_is_wrong_is_said_in_german() {
    // A window with models of its own begins in the language of the system.
    let _alone = LANGUAGE.write();
    let data = |name: &str| PathBuf::from(format!("tests/{name}"));
    let mut window = with_models(desktop());
    let brought = ["data/headers/Qwen3-0.6B-Q8_0.gguf", "data/rigs/damaged.json", "nowhere.gguf"].map(data);
    let apply = |window: &mut Window, action| {
        window.state_mut().apply(action);
        window.run_steps(4);
    };
    apply(&mut window, Action::Models(ModelsAction::Open(brought.to_vec())));
    assert!(words::says(&window, "der Download ist unvollständig"), "{:#?}", words::labels(&window));
    assert_eq!(english(&window), [""; 0]);
    let machine = recording::read(&data("machines/36-nvml-version-mismatch-linux.json")).unwrap();
    let settings = (SETTINGS_KEY.to_owned(), r#"{"language": "german"}"#.to_owned());
    let mut window = window::stored(LARGE, machine, Memory([settings].into()));
    apply(&mut window, Action::SetPage(Page::Machine));
    for said in ["Nicht auszulesen: NVIDIA-Treiber", "der Treiber wurde aktualisiert"] {
        assert!(words::says(&window, said), "{said}: {:#?}", words::labels(&window));
    }
    assert_eq!(english(&window), [""; 0]);
    window.snapshot("german_error_machine");
    let mut results = SnapshotResults::new();
    results.extend(window.take_snapshot_results());
}

#[test]
fn numbers_have_a_comma() {
    let _shared = LANGUAGE.read();
    let window = on(LARGE, Vec::new());
    let labels = words::labels(&window);
    // "10,5 GiB": no version of a model is followed by a unit.
    let with = |sign: char| {
        let has = |label: &&String| {
            let mut numbers = label.split(" GiB").filter_map(|before| before.rsplit(' ').next());
            label.contains(" GiB") && numbers.any(|number| number.trim_matches(sign).contains(sign))
        };
        labels.iter().filter(has).cloned().collect::<Vec<_>>()
    };
    assert!(!with(',').is_empty(), "{labels:#?}");
    assert!(with('.').is_empty(), "{:#?}", with('.'));
}

#[test]
fn another_language_is_shown_at_once_and_kept() {
    let _alone = LANGUAGE.write();
    let mut window = german(LARGE);
    for (choice, table, detail) in [
        (LanguageChoice::English, "wholly on the GPU", "Where it goes"),
        (LanguageChoice::German, "ganz auf der GPU", "Wo es liegt"),
    ] {
        window.state_mut().apply(Action::SetLanguage(choice));
        window.run();
        let labels = words::labels(&window);
        for words in [table, detail] {
            assert!(labels.iter().any(|label| label.contains(words)), "{words}: {labels:#?}");
        }
        let mut kept = Memory::default();
        window.state_mut().save(&mut kept);
        assert!(kept.0[SETTINGS_KEY].contains(&format!("\"language\":\"{choice:?}\"").to_lowercase()));
    }
}
