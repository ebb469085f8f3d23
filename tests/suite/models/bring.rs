//! Ways in: a drop, a path that is pasted, a folder; what is damaged says so and hides nothing.

use std::fs;
use std::path::Path;

use eframe::egui::accesskit::Role;
use egui_kittest::kittest::Queryable as _;
use plimsoll::app::models::{Models, ModelsAction, Part, Setup};
use plimsoll::app::{Action, View};

use super::*;
use crate::files::{heads, model};

#[test]
fn a_dropped_file_is_a_row_a_line_of_the_matrix_and_a_detail() {
    let (home, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let path = model(folder.path(), "Qwen3-0.6B-Q8_0.gguf");
    let mut window = window(home.path());
    drop_files(&mut window, &[&path]);
    assert_eq!(selected(&window), path.to_string_lossy());
    assert_eq!(state(&window).settings.level.to_string(), "Q8_0", "the level that the file is in");
    let words = spoken(&window, "Qwen3-0.6B-Q8_0, yours");
    window.get_by_role_and_label(Role::Row, &words);
    // The same figures as the catalog's model, which it is.
    let state = state(&window);
    let of = |name: &str| {
        let id = state.catalog.exact(name).unwrap();
        let row = state.rows.iter().find(|row| row.model == id).unwrap();
        let brief = row.outcome.brief().unwrap();
        (brief.class, brief.need, brief.decode, brief.quality)
    };
    assert_eq!(of(&path.to_string_lossy()), of("Qwen/Qwen3-0.6B"));
    let detail = state.detail.as_ref().unwrap();
    let own = detail.own.as_ref().unwrap();
    assert_eq!(own.known, Some("Qwen3 0.6B"));
    let made = own.made.as_ref().unwrap();
    assert_eq!(made.usual, None, "the reference mix");
    assert_eq!(made.verdict, "Exactly the mix that llama-quantize makes as Q8_0");
    assert_eq!(made.bytes.0, fs::metadata(&path).unwrap().len());
    assert!(says(&window, "This file, 0.63 GB: Q8_0 100 %, F32 under 0.1 %"), "{:?}", labels(&window));
    assert!(says(&window, "By its shapes and names it is Qwen3 0.6B of the catalog"));
    assert!(says(&window, "read from the file, 310 tensors"));
    window.state_mut().apply(Action::SetView(View::Matrix));
    window.run();
    let lines: Vec<String> = super::state(&window).matrix.outline.lines()[..3]
        .iter()
        .map(|line| line.name(&super::state(&window).catalog).to_owned())
        .collect();
    assert_eq!(lines, ["Your models", "Qwen3-0.6B-Q8_0", "Catalog"]);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "the file stays where it is, alone");
}

/// The whole of a row's words, by how they begin.
fn spoken(window: &Window, begins: &str) -> String {
    let rows = window.query_all_by_role(Role::Row).filter_map(|row| row.accesskit_node().label());
    rows.into_iter().find(|label| label.starts_with(begins)).unwrap_or_else(|| panic!("{begins} is no row"))
}

#[test]
fn a_mix_of_ones_own_is_told_from_the_usual_one() {
    let (home, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let path = folder.path().join("mine.gguf");
    let mut head = crate::files::writer::Head::sound();
    head.u32("general.file_type", 15);
    crate::files::sparse(&path, &head.bytes(), head.length());
    let mut window = window(home.path());
    drop_files(&mut window, &[&path]);
    let made = state(&window).detail.as_ref().unwrap().own.as_ref().unwrap().made.clone().unwrap();
    assert!(made.verdict.starts_with("Not the usual Q4_K_M: "), "{}", made.verdict);
    assert!(made.usual.is_some() && !made.differences.is_empty());
    assert!(made.differences[0].contains(" in place of "), "{:?}", made.differences);
    assert!(says(&window, "The usual Q4_K_M, 0.00 GB: "));
    let whole: f32 = made.is.parts.iter().map(|part| part.share).sum();
    assert!((whole - 1.0).abs() < 1e-3, "{whole}");
}

#[test]
fn what_cannot_be_computed_is_not_available_with_the_reason() {
    let (home, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let path = folder.path().join("reader.gguf");
    let mut head = crate::files::writer::Head::sound();
    head.u32("llama.pooling_type", 1);
    crate::files::sparse(&path, &head.bytes(), head.length());
    let mut window = window(home.path());
    window.state_mut().apply(Action::NotGenerating(true));
    drop_files(&mut window, &[&path]);
    let words = spoken(&window, "reader, yours");
    assert_eq!(words, "reader, yours: n/a, embedding and reranking models read text and do not generate any");
    window.state_mut().apply(Action::Models(ModelsAction::Show(Some(Part::Yours))));
    window.run();
    assert!(says(&window, "n/a: embedding and reranking models"), "{:?}", labels(&window));
}

#[test]
fn what_is_damaged_says_so_and_hides_no_good_one() {
    let (home, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let good = model(folder.path(), "Qwen3-0.6B-Q8_0.gguf");
    let torn = folder.path().join("torn.gguf");
    fs::write(&torn, fs::read(heads().join("Qwen3-0.6B-Q8_0.gguf")).unwrap()).unwrap();
    let config = folder.path().join("config.json");
    fs::write(&config, "{\"model_type\": \"llama\",").unwrap();
    let weights = tempfile::tempdir().unwrap();
    let weights = weights.path().join("model.safetensors");
    let mut window = window(home.path());
    drop_files(&mut window, &[&torn, &good, &config, &weights]);
    assert_eq!(state(&window).models.own.len(), 1);
    assert_eq!(selected(&window), good.to_string_lossy());
    for (file, problem) in [
        (&torn, "the download is not complete"),
        (&config, "line 1, column"),
        (&weights, "No such file or directory"),
    ] {
        let words = labels(&window).into_iter().find(|label| label.contains(&*file.to_string_lossy()));
        let words = words.unwrap_or_else(|| panic!("{} is not named", file.display()));
        assert!(words.contains(problem) || cfg!(windows), "{words}");
    }
    click(&mut window, Role::Button, "Dismiss");
    assert!(!says(&window, "torn.gguf"));
}

#[test]
fn a_path_that_is_pasted_is_opened_and_a_benchmark_is_brought() {
    let (home, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    model(folder.path(), "Qwen3-0.6B-Q8_0.gguf");
    model(folder.path(), "Qwen2.5-7B-Instruct-Q8_0.gguf");
    let mut window = window(home.path());
    paste(&mut window, &folder.path().to_string_lossy());
    let names: Vec<&str> =
        state(&window).models.own.iter().map(|entry| entry.record().display_name.as_str()).collect();
    assert_eq!(names, ["Qwen2.5-7B-Instruct-Q8_0", "Qwen3-0.6B-Q8_0"], "every model of a folder");
    paste(&mut window, "some words");
    assert!(says(&window, "neither a path nor a repository of the hub"));
    let table = crate::files::heads().join("../benchmarks/table-2025-12-depth.md");
    paste(&mut window, &fs::read_to_string(table).unwrap());
    assert!(state(&window).own.open, "many lines are measurements");
    assert!(says(&window, "measurements read"));
}

#[test]
fn measurements_that_are_dropped_go_where_they_belong() {
    let home = tempfile::tempdir().unwrap();
    let bench = heads().join("../benchmarks/llama-bench-2025-04.json");
    let mut window = window(home.path());
    drop_files(&mut window, &[&bench]);
    assert!(state(&window).own.open && says(&window, "2 measurements read"));
    assert!(state(&window).models.own.is_empty() && state(&window).models.faults.is_empty());
}

#[test]
fn a_checkpoint_is_opened_by_any_of_its_files() {
    let home = tempfile::tempdir().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let line = include_str!("../../data/configs/configs.jsonl")
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .find(|line| line["catalog"] == "Qwen/Qwen3-4B")
        .unwrap();
    let checkpoint = folder.path().join("Qwen3-4B");
    fs::create_dir(&checkpoint).unwrap();
    fs::write(checkpoint.join("config.json"), line["config"].to_string()).unwrap();
    let mut window = window(home.path());
    drop_files(&mut window, &[&checkpoint]);
    let entry = std::sync::Arc::clone(&state(&window).models.own[0]);
    assert_eq!(entry.record().display_name, "Qwen3-4B");
    assert_eq!(entry.known_name(), Some("Qwen3 4B"));
    assert_eq!(entry.record().params_text, 4_022_468_096);
    // The same by its configuration: it is not a second one.
    drop_files(&mut window, &[&checkpoint.join("config.json")]);
    assert_eq!(state(&window).models.own.len(), 1);
}

#[test]
fn what_hangs_can_be_cancelled() {
    let (home, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let path = model(folder.path(), "Qwen3-0.6B-Q8_0.gguf");
    let setup = Setup { folder: Some(home.path().to_owned()), ..Setup::default() };
    let mut window = window_of(LARGE, || Models::background(setup, no_wake()));
    // Nothing is taken from the threads before the button is pressed: the window is not woken.
    window.state_mut().apply(Action::Models(ModelsAction::Open(vec![path.clone()])));
    if !state(&window).models.opening.is_empty() {
        window.state_mut().apply(Action::Models(ModelsAction::CancelOpening));
        std::thread::sleep(std::time::Duration::from_millis(50));
        window.run();
        assert!(state(&window).models.own.is_empty(), "what was cancelled does not come after all");
    }
    window.state_mut().apply(Action::Models(ModelsAction::Open(vec![path])));
    wait(&mut window, |window| !state(window).models.own.is_empty());
    wait(&mut window, |window| says(window, "This file, 0.63 GB"));
    wait(&mut window, |window| state(window).models.opening.is_empty());
}

#[test]
fn files_of_the_command_line_are_opened() {
    use clap::Parser as _;
    use plimsoll::cli::args::Cli;

    let cli = Cli::try_parse_from(["plimsoll", "a.gguf", "--recorded", "m.json", "./folder"]).unwrap();
    assert_eq!(cli.files, [Path::new("a.gguf"), Path::new("./folder")]);
    assert!(cli.command.is_none());
    let slip = Cli::try_parse_from(["plimsoll", "estimat"]).unwrap_err().to_string();
    assert!(slip.contains("did you mean estimate?"), "{slip}");
    assert!(Cli::try_parse_from(["plimsoll", "report"]).unwrap().command.is_some());
}
