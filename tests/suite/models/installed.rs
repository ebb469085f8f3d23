//! What other programs keep, in the window: listed with sizes and verdicts, marked in the table, filtered by.

use std::fs;

use eframe::egui::accesskit::Role;
use egui_kittest::kittest::Queryable as _;
use plimsoll::app::models::{ModelsAction, OnDisk, Part};
use plimsoll::app::{Action, rows::Mark};
use plimsoll::files::installed::Environment;

use super::*;
use crate::files::model;

fn window_at(home: &Path) -> Window {
    let environment = Environment { home: Some(home.to_owned()), variables: Vec::new(), system: false };
    let setup = Setup { environment: Some(environment), ..Setup::default() };
    window_of(LARGE, || Models::inline(setup))
}

fn at(home: &Path, folder: &str, name: &str) -> std::path::PathBuf {
    let folder = home.join(folder);
    fs::create_dir_all(&folder).unwrap();
    model(&folder, name)
}

#[test]
fn what_is_installed_is_marked_and_filtered_by() {
    let home = tempfile::tempdir().unwrap();
    at(home.path(), ".lmstudio/models/x/Qwen3", "Qwen3-0.6B-Q8_0.gguf");
    let mut window = window_at(home.path());
    let marked: Vec<String> = state(&window)
        .rows
        .iter()
        .filter(|row| row.mark == Some(Mark::Installed))
        .map(|row| row.name.clone())
        .collect();
    assert_eq!(marked, ["Qwen3 0.6B"]);
    click(&mut window, Role::CheckBox, "On this computer");
    assert_eq!(state(&window).rows.len(), 1);
    assert!(state(&window).is_filtered());
    window.get_by_role_and_label(
        Role::Row,
        &labels(&window).into_iter().find(|l| l.starts_with("Qwen3 0.6B, installed: ")).unwrap(),
    );
}

#[test]
fn the_list_has_sizes_verdicts_duplicates_and_problems() {
    let home = tempfile::tempdir().unwrap();
    let path = at(home.path(), ".lmstudio/models/x/Qwen3", "Qwen3-0.6B-Q8_0.gguf");
    at(home.path(), ".cache/llama.cpp", "DeepSeek-V3-Q8_0.gguf");
    at(home.path(), "jan/models/q", "Qwen3-0.6B-Q8_0.gguf");
    fs::write(home.path().join(".cache/llama.cpp/torn.gguf"), "GGUF").unwrap();
    let mut window = window_at(home.path());
    click(&mut window, Role::Button, "Models…");
    click(&mut window, Role::RadioButton, "On this computer");
    assert!(says(&window, "4 models, "), "{:?}", labels(&window));
    assert!(says(&window, "0.6 GB of it is there more than once"));
    assert!(says(&window, "The same file as "));
    assert!(says(&window, "torn.gguf: has 4 bytes, and no header"));
    let shelf = state(&window).models.on_disk.shelf.as_ref().unwrap();
    assert_eq!(shelf.by_model[0].name, "DeepSeek-V3");
    assert_eq!((shelf.by_model[1].name.as_str(), shelf.by_model[1].files), ("Qwen3 0.6B", 2));
    assert!(says(&window, "1.3 GB, 2 files"));
    // A click opens it as one of one's own.
    let label = labels(&window)
        .into_iter()
        .find(|label| label.starts_with("Open ") && label.contains("Qwen3"))
        .unwrap();
    window.get_all_by_role_and_label(Role::Button, &label).next().unwrap().click_accesskit();
    window.run();
    assert_eq!(state(&window).models.own.len(), 1);
    assert!(state(&window).models.part.is_none());
    assert!(selected(&window).contains("Qwen3-0.6B-Q8_0.gguf"), "{}", path.display());
}

#[test]
fn folders_are_added_looked_through_and_removed() {
    let (home, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    model(folder.path(), "gemma-3-1b-it-Q8_0.gguf");
    let mut window = window_at(home.path());
    let act = |window: &mut Window, action| {
        window.state_mut().apply(Action::Models(action));
        window.run();
    };
    act(&mut window, ModelsAction::Show(Some(Part::Installed)));
    assert!(says(&window, "No model was found"));
    act(&mut window, ModelsAction::AddFolder(folder.path().to_owned()));
    assert!(says(&window, "1 model, "));
    act(&mut window, ModelsAction::AddFolder("/no/such/folder".into()));
    assert!(says(&window, "/no/such/folder: "), "{:?}", labels(&window));
    assert!(says(&window, "1 model, "), "and hides nothing");
    let settings = state(&window).settings.to_json().unwrap();
    assert!(settings.contains("/no/such/folder"), "remembered");
    click(&mut window, Role::Button, &format!("Remove the folder {}", folder.path().display()));
    assert!(says(&window, "No model was found"));
}

#[test]
fn without_an_environment_nothing_is_looked_for() {
    let home = tempfile::tempdir().unwrap();
    let window = window(home.path());
    let on_disk: &OnDisk = &state(&window).models.on_disk;
    assert!(!on_disk.can_look() && !on_disk.was_looked_for() && on_disk.count() == 0);
}
