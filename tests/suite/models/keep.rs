//! Models that are kept: over a restart, changed, removed and brought back, written out; catalogs by others.

use std::fs;

use eframe::egui::accesskit::Role;
use egui_kittest::kittest::Queryable as _;
use plimsoll::app::Action;
use plimsoll::app::models::{ModelsAction, Part};
use plimsoll::model::Catalog;

use super::*;
use crate::files::model;

fn act(window: &mut Window, action: ModelsAction) {
    window.state_mut().apply(Action::Models(action));
    window.run();
}

#[test]
fn models_are_kept_and_read_again() {
    let (home, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let path = model(folder.path(), "Qwen3-0.6B-Q8_0.gguf");
    let mut first = window(home.path());
    drop_files(&mut first, &[&path]);
    drop(first);
    let text = fs::read_to_string(home.path().join("models.jsonl")).unwrap();
    assert_eq!(text.lines().count(), 1);
    assert!(text.len() < 4000, "a small record, {} bytes", text.len());
    let second = window(home.path());
    let entry = &state(&second).models.own[0];
    assert_eq!((entry.files.len(), entry.missing.as_deref()), (1, None), "its tensors are known again");
    assert!(state(&second).catalog.exact(&path.to_string_lossy()).is_some());
    drop(second);
    fs::remove_file(&path).unwrap();
    let mut third = window(home.path());
    let entry = std::sync::Arc::clone(&state(&third).models.own[0]);
    assert!(entry.files.is_empty() && entry.missing.is_some());
    act(&mut third, ModelsAction::Show(Some(Part::Yours)));
    assert!(says(&third, "Its file cannot be read now, so its size follows the rules of the format"));
}

#[test]
fn a_model_is_removed_brought_back_and_changed() {
    let (home, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let path = model(folder.path(), "Qwen3-0.6B-Q8_0.gguf");
    let mut window = window(home.path());
    drop_files(&mut window, &[&path]);
    click(&mut window, Role::Button, "Models…");
    click(&mut window, Role::Button, "Remove Qwen3-0.6B-Q8_0");
    assert!(state(&window).models.own.is_empty() && path.exists(), "the file stays");
    assert_eq!(state(&window).catalog.own().len(), 0);
    assert!(state(&window).selected.is_some(), "another model is selected");
    assert!(!home.path().join("models.jsonl").exists());
    click(&mut window, Role::Button, "Undo");
    assert_eq!(state(&window).catalog.own().len(), 1);
    click(&mut window, Role::Button, "Edit Qwen3-0.6B-Q8_0");
    let name = window.get_by_role_and_label(Role::TextInput, "Name");
    name.focus();
    window.run();
    window.get_by_role_and_label(Role::TextInput, "Name").type_text(" of mine");
    window.run();
    click(&mut window, Role::Button, "Apply");
    let id = state(&window).catalog.own().next().unwrap();
    let shown = &state(&window).catalog.bases()[state(&window).catalog.base_of(id)].name;
    assert!(shown.contains("of mine"), "{shown}");
    let entry = std::sync::Arc::clone(&state(&window).models.own[0]);
    assert!(entry.file("Q8_0".parse().unwrap()).is_some(), "its tensors stay known");
    // Numbers that do not agree are refused, with the reason, and nothing is lost.
    click(&mut window, Role::Button, &format!("Edit {shown}", shown = entry.record().display_name));
    let mut fields = state(&window).models.edit.as_ref().unwrap().fields.clone();
    fields.record = fields.record.replace("\"n_layer\": 28", "\"n_layer\": 29");
    act(&mut window, ModelsAction::Typed(Box::new(fields)));
    click(&mut window, Role::Button, "Apply");
    assert!(says(&window, "The numbers do not agree"), "{:?}", state(&window).models.edit);
    assert_eq!(state(&window).models.own[0].record().n_layer, 28);
    click(&mut window, Role::Button, "Cancel");
    assert!(state(&window).models.edit.is_none());
}

#[test]
fn what_is_exported_is_a_catalog_that_others_can_add() {
    let (home, other, folder) =
        (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let path = model(folder.path(), "Qwen3-0.6B-Q8_0.gguf");
    let file = folder.path().join("mine.jsonl");
    let mut first = window(home.path());
    drop_files(&mut first, &[&path]);
    act(&mut first, ModelsAction::Show(Some(Part::Yours)));
    act(&mut first, ModelsAction::Export(file.clone()));
    assert!(says(&first, &format!("Written to {}", file.display())));
    let text = fs::read_to_string(&file).unwrap();
    assert!(!text.contains(&*folder.path().to_string_lossy()), "no path of this computer");
    let broken = text.replacen("\"n_layer\":28", "\"n_layer\":29", 1).replacen("mine", "x", 1);
    assert_ne!(broken, text);
    let broken = broken.replacen("\"id\":\"", "\"id\":\"broken", 1);
    fs::write(&file, format!("{text}{broken}{{\"arch\": 1, \"params_breakdown\": 2}}\n")).unwrap();

    let mut second = window(other.path());
    drop_files(&mut second, &[&file]);
    assert_eq!(state(&second).models.part, Some(Part::Catalogs));
    assert!(says(&second, "1 record, 2 refused"));
    assert!(says(&second, "Refused: line 2, broken"), "{:?}", labels(&second));
    let reasons: Vec<String> = labels(&second).into_iter().filter(|l| l.starts_with("Refused")).collect();
    assert!(reasons[0].contains("layers.mixer has 28 letters; 1 or 29 may be"), "{reasons:?}");
    assert!(says(&second, "Refused: line 3: "));
    assert!(state(&second).catalog.exact("local/Qwen3-0.6B-Q8_0").is_some());
    drop(second);
    let mut third = window(other.path());
    assert_eq!(state(&third).models.added.len(), 1, "it is kept");
    assert!(state(&third).catalog.exact("local/Qwen3-0.6B-Q8_0").is_some());
    act(&mut third, ModelsAction::Show(Some(Part::Catalogs)));
    click(&mut third, Role::Button, "Remove the catalog mine.jsonl");
    assert_eq!(state(&third).catalog.models().len(), Catalog::embedded().models().len());
    assert!(!other.path().join("catalogs.json").exists());
}

#[test]
fn a_catalog_of_which_nothing_is_sound_changes_nothing() {
    let (home, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut record = Catalog::embedded().models()[0].clone();
    record.params_text += 1;
    let file = folder.path().join("update.jsonl");
    fs::write(&file, serde_json::to_string(&record).unwrap()).unwrap();
    let mut window = window(home.path());
    drop_files(&mut window, &[&file]);
    assert!(state(&window).models.added.is_empty());
    assert!(says(&window, "update.jsonl: line 1, "), "{:?}", state(&window).models.faults);
    assert!(says(&window, "its parts add up to"));
}

#[test]
fn what_is_damaged_on_disk_is_kept_aside() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("models.jsonl"), "{\"record\": 1}\n").unwrap();
    fs::write(home.path().join("catalogs.json"), "[{").unwrap();
    let mut window = window(home.path());
    assert!(says(&window, "Of the models that are kept one was refused: line 1: "));
    assert!(says(&window, "catalogs.json"));
    act(&mut window, ModelsAction::HubToken("hf_abc".to_owned()));
    for name in ["models.jsonl.damaged-1", "catalogs.json.damaged-1"] {
        assert!(home.path().join(name).exists(), "{name}");
    }
    assert_eq!(fs::read_to_string(home.path().join("hub_token")).unwrap(), "hf_abc");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(home.path().join("hub_token")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
