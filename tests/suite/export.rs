//! What leaves the window as text and as pictures, by role and label.

use std::path::{Path, PathBuf};

use eframe::egui::accesskit::Role;
use eframe::egui::{Key, Modifiers, OutputCommand, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use plimsoll::app::export::{ExportAction, Order, Picture, What};
use plimsoll::app::report::Form;
use plimsoll::app::{Action, State, View};
use plimsoll::machine::Machine;
use plimsoll::machine::probe::recording;
use plimsoll::ui::PlimsollApp;
use serde_json::Value;

use crate::soft_renderer::SoftRenderer;
use crate::words::says;

type Window = Harness<'static, PlimsollApp>;

/// A recorded machine: its figures are the same everywhere.
fn machine() -> Machine {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/machines/rtx-3060-desktop.json");
    recording::read(&path).unwrap()
}

fn window() -> Window {
    let mut window = Harness::builder()
        .with_size(vec2(1440.0, 900.0))
        .with_max_steps(16)
        .renderer(SoftRenderer::default())
        .build_eframe(|cc| PlimsollApp::on_machine(&cc.egui_ctx, None, machine()));
    window.run();
    window
}

fn state(window: &Window) -> &State {
    window.state().state()
}

/// What goes to the clipboard in the next frames.
fn copied(window: &mut Window) -> String {
    for _ in 0..4 {
        window.step();
        let commands = &window.output().platform_output.commands;
        let text = commands.iter().find_map(|command| match command {
            OutputCommand::CopyText(text) => Some(text.clone()),
            _ => None,
        });
        if let Some(text) = text {
            return text;
        }
    }
    panic!("nothing was copied")
}

fn saved(window: &mut Window, what: What, form: Form) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("saved");
    window.state_mut().apply(Action::Export(ExportAction::Save(Order::Text(what, form), path.clone())));
    window.run();
    assert!(says(window, "Written: "));
    std::fs::read_to_string(path).unwrap()
}

/// Few rows, so that all of a text can be written down.
fn search(window: &mut Window, words: &str) {
    window.state_mut().apply(Action::Search(words.to_owned()));
    window.run();
}

/// Compares a text with the one that is kept in `tests/data/exports`; `UPDATE_EXPORTS=true` writes it anew.
fn assert_is_kept(name: &str, text: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/exports").join(name);
    if std::env::var_os("UPDATE_EXPORTS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(text, kept, "{name} differs");
}

#[test]
fn each_part_in_each_form_is_as_it_was() {
    let mut window = window();
    search(&mut window, "qwen3 14b");
    let model = state(&window).catalog.find("Qwen/Qwen3-14B").unwrap();
    window.state_mut().apply(Action::Select(model));
    window.run();
    for form in Form::ALL {
        let table = saved(&mut window, What::Models, form);
        assert_is_kept(&format!("table.{}", form.ending()), &table);
        let detail = saved(&mut window, What::Detail, form);
        assert_is_kept(&format!("detail.{}", form.ending()), &detail);
    }
    window.state_mut().apply(Action::SetView(View::Matrix));
    window.run();
    for form in Form::ALL {
        let matrix = saved(&mut window, What::Models, form);
        assert_is_kept(&format!("matrix.{}", form.ending()), &matrix);
    }
    for level in ["Q4_K_M", "Q6_K"] {
        window.state_mut().apply(Action::SelectCell(model, level.parse().unwrap()));
        window.key_press(Key::P);
        window.run();
    }
    window.key_press_modifiers(Modifiers::SHIFT, Key::P);
    window.run();
    for form in Form::ALL {
        let compared = saved(&mut window, What::Compare, form);
        assert_is_kept(&format!("compared.{}", form.ending()), &compared);
    }
}

#[test]
fn what_is_exported_is_what_is_shown() {
    let mut window = window();
    search(&mut window, "qwen3");
    window.state_mut().apply(Action::OnlyFits(true));
    window.run();
    let rows: Vec<String> = state(&window).rows.iter().map(|row| row.name.clone()).collect();
    let json: Value = serde_json::from_str(&saved(&mut window, What::Models, Form::Json)).unwrap();
    let names: Vec<&str> =
        json["models"].as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap()).collect();
    assert_eq!(names, rows);
    assert_eq!(json["scenario"]["context"], 16_384);
    let csv = saved(&mut window, What::Models, Form::Csv);
    assert_eq!(csv.lines().count(), rows.len() + 1);
}

#[test]
fn shortcuts_open_the_menu_and_copy_what_is_shown() {
    let mut window = window();
    search(&mut window, "qwen3 14b");
    window.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::C);
    window.run();
    // Each key is a frame of its own, so the clipboard's is gone: the text is still here.
    let made = |window: &Window| state(window).export.copied.clone();
    let (number, text) = made(&window);
    assert!(text.contains("| Verdict | Model |") && text.contains("Qwen3 14B"), "{text}");
    assert!(says(&window, "Copied: "));
    assert!(window.query_by_label("Save the window as PNG…").is_none());
    window.key_press_modifiers(Modifiers::COMMAND, Key::E);
    window.run();
    window.get_by_role_and_label(Role::Button, "Save the window as PNG…");
    // The first item has the focus.
    window.key_press(Key::Enter);
    window.run();
    assert_eq!(made(&window), (number + 1, text));
}

#[test]
fn values_of_a_curve_go_to_a_spreadsheet() {
    let mut window = window();
    window.get_by_role_and_label(Role::RadioButton, "At once").click_accesskit();
    window.run();
    window.get_by_role_and_label(Role::Button, "Copy values").click_accesskit();
    let text = copied(&mut window);
    assert!(text.starts_with("At once\tAll tok/s low\tAll tok/s\tAll tok/s high\tEach tok/s\n1\t"), "{text}");
}

#[test]
fn without_a_dialog_the_window_asks_for_the_path() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("some.csv");
    let mut window = window();
    let order = Order::Text(What::Detail, Form::Csv);
    window.state_mut().apply(Action::Export(ExportAction::NoDialog(order)));
    window.run();
    let place = state(&window).export.place.clone().unwrap();
    assert!(place.path.ends_with("model.csv"), "{}", place.path);
    window.state_mut().apply(Action::Export(ExportAction::Type(path.to_string_lossy().into_owned())));
    window.run();
    window.get_by_role_and_label(Role::TextInput, "Path");
    window.get_by_role_and_label(Role::Button, "Save").click_accesskit();
    window.run();
    assert!(std::fs::read_to_string(&path).unwrap().starts_with("quant,verdict,"));
    assert!(state(&window).export.place.is_none());
    // A folder that cannot be written is said.
    let order = Order::Text(What::Detail, Form::Csv);
    window.state_mut().apply(Action::Export(ExportAction::Save(order, path.join("below a file"))));
    window.run();
    assert!(says(&window, "It could not be written ("));
}

#[test]
fn a_picture_is_written_as_png() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("some.png");
    let mut window = window();
    let picture = Picture { width: 2, height: 1, rgba: vec![1, 2, 3, 255, 4, 5, 6, 255] };
    let order = Order::Picture(picture.into(), "some".to_owned());
    assert_eq!(order.file_name(), "some.png");
    window.state_mut().apply(Action::Export(ExportAction::Save(order, path.clone())));
    window.run();
    let read = image::open(path).unwrap().to_rgba8();
    assert_eq!((read.width(), read.height(), read.get_pixel(1, 0).0), (2, 1, [4, 5, 6, 255]));
}
