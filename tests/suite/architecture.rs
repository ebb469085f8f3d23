//! The arrows between the rooms: `ui → app → estimate → machine, model, quant → units, letters, language`.

use std::fs;
use std::path::{Path, PathBuf};

/// A room and the rooms that it may name. `cli` stands beside `app`; nobody names `cli` or `main`.
const ARROWS: &[(&str, &[&str])] = &[
    ("language", &[]),
    ("units", &["language"]),
    ("letters", &[]),
    ("quant", &["language", "units"]),
    ("model", &["language", "units", "letters"]),
    ("machine", &["language", "units", "letters"]),
    ("files", &["model", "quant", "language", "units"]),
    ("hub", &["files", "model", "quant", "language", "units"]),
    ("estimate", &["machine", "model", "quant", "language", "units"]),
    ("app", &["hub", "estimate", "files", "machine", "model", "quant", "language", "units"]),
    ("ui", &["app", "hub", "estimate", "files", "machine", "model", "quant", "language", "units"]),
    ("cli", &["hub", "app", "estimate", "files", "machine", "model", "quant", "language", "units", "ui"]),
];

/// Lines that name a crate of the window, below the rooms that may.
const WINDOW_CRATES: &[&str] = &["egui", "eframe", "epaint"];

fn sources(room: &str) -> Vec<PathBuf> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    let single = src.join(format!("{room}.rs"));
    if single.is_file() {
        files.push(single);
    }
    collect(&src.join(room), &mut files);
    assert!(!files.is_empty(), "room {room} has no source");
    files
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// Code without comments, which may speak of any room.
fn code(file: &Path) -> String {
    let text = fs::read_to_string(file).unwrap();
    text.lines().map(|line| line.split("//").next().unwrap_or("")).collect::<Vec<_>>().join("\n")
}

/// Rooms that code names: `crate::room`, or `room` inside `crate::{…}`, over lines.
fn named_rooms(code: &str) -> Vec<&str> {
    let mut rooms = Vec::new();
    for part in code.split("crate::").skip(1) {
        let mut depth = 0_i32;
        let mut start = true;
        for (at, c) in part.char_indices() {
            match c {
                '{' => {
                    depth += 1;
                    start = depth == 1;
                }
                '}' => {
                    depth -= 1;
                    start = false;
                }
                ',' => start = depth == 1,
                c if c.is_whitespace() => {}
                _ if start => {
                    let rest = &part[at..];
                    let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
                    rooms.push(&rest[..end]);
                    start = false;
                }
                _ => {}
            }
            if depth <= 0 && !start {
                break;
            }
        }
    }
    rooms
}

#[test]
fn rooms_name_only_rooms_below_them() {
    let rooms: Vec<&str> = ARROWS.iter().map(|(room, _)| *room).collect();
    let mut wrong = Vec::new();
    for (room, allowed) in ARROWS {
        for file in sources(room) {
            for named in named_rooms(&code(&file)) {
                if named != *room && rooms.contains(&named) && !allowed.contains(&named) {
                    wrong.push(format!("{}: {room} names {named}", file.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn only_the_window_names_egui() {
    let mut wrong = Vec::new();
    for (room, _) in ARROWS.iter().filter(|(room, _)| *room != "ui") {
        for file in sources(room) {
            for (number, line) in code(&file).lines().enumerate() {
                if WINDOW_CRATES.iter().any(|name| line.contains(&format!("{name}::"))) {
                    wrong.push(format!("{}:{}: {}", file.display(), number + 1, line.trim()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn colours_are_named_in_the_theme_alone() {
    let mut wrong = Vec::new();
    for file in sources("ui") {
        if file.components().any(|part| part.as_os_str().to_string_lossy().starts_with("theme")) {
            continue;
        }
        for (number, line) in code(&file).lines().enumerate() {
            let names_colour =
                ["Color32::from_", "Color32::WHITE", "Color32::BLACK", "Color32::RED", "FontId::new"]
                    .iter()
                    .any(|name| line.contains(name));
            if names_colour {
                wrong.push(format!("{}:{}: {}", file.display(), number + 1, line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_check_sees_what_it_should() {
    assert_eq!(named_rooms("use crate::{app, ui::theme};"), ["app", "ui"]);
    assert_eq!(
        named_rooms("use crate::{\n    app::{State, jobs},\n    ui,\n};\nuse std::fs;"),
        ["app", "ui"]
    );
    assert_eq!(named_rooms("let x = crate::quant::Level::Native;"), ["quant"]);
    assert!(named_rooms("use std::fs;").is_empty());
}
