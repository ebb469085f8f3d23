//! What other programs keep on this computer's disks, with sizes and verdicts.

use eframe::egui::{Id, Ui};

use super::Desk;
use super::parts::{Told, beside, line, name, note, quiet, sentence, size_text};
use crate::app::installed::{Entry, Shelf, Told as InFile, Verdict};
use crate::app::models::ModelsAction;
use crate::language::{text, tr};
use crate::ui::dialogs::Ask;
use crate::ui::theme::space;
use crate::ui::widgets::{card, rule};
use crate::units::Bytes;

/// Rows that are shown before one asks for more.
const SHOWN: usize = 50;
/// Problems that are told one by one.
const PROBLEMS: usize = 6;
/// Models in the list of what takes most.
const LARGEST: usize = 8;

pub(super) fn show(ui: &mut Ui, desk: &Desk<'_>, asked: &mut Vec<ModelsAction>) {
    places(ui, desk, asked);
    let on_disk = &desk.state.models.on_disk;
    let Some(shelf) = &on_disk.shelf else {
        if !on_disk.looking {
            sentence(ui, tr!("Nothing was looked for yet."));
        }
        return;
    };
    if shelf.models.is_empty() {
        sentence(ui, tr!("No model was found. A folder of your own can be added above."));
        return;
    }
    list(ui, shelf, asked);
    by_model(ui, shelf);
}

/// Where is looked, and what could not be.
fn places(ui: &mut Ui, desk: &Desk<'_>, asked: &mut Vec<ModelsAction>) {
    let state = desk.state;
    let on_disk = &state.models.on_disk;
    card(ui, tr!("Where"), tr!("only names, sizes and the beginnings of files are read"), |ui| {
        ui.spacing_mut().item_spacing.y = space::S;
        sentence(
            ui,
            tr!(
                "Ollama, LM Studio, the Hugging Face and llama.cpp caches, Jan and GPT4All, where they usually are or their \
             settings say."
            ),
        );
        for folder in &state.settings.folders {
            ui.horizontal(|ui| {
                let path = folder.display().to_string();
                if quiet(ui, tr!("Remove"), &tr!("Remove the folder {path}", path)) {
                    asked.push(ModelsAction::RemoveFolder(folder.clone()));
                }
                beside(ui, &path);
            });
        }
        ui.horizontal(|ui| {
            if ui.button(tr!("Add a folder…")).clicked() {
                desk.dialogs.open(ui.ctx(), Ask::WatchedFolder);
            }
            let can_look = on_disk.can_look() && !on_disk.looking;
            if ui.add_enabled(can_look, eframe::egui::Button::new(tr!("Look again"))).clicked() {
                asked.push(ModelsAction::Look);
            }
            if on_disk.looking {
                beside(ui, tr!("Looking…"));
            }
        });
        let problems = on_disk.shelf.as_ref().map_or(&[][..], |shelf| &shelf.problems);
        for problem in problems.iter().take(PROBLEMS) {
            note(ui, problem);
        }
        if let Some(more) = problems.len().checked_sub(PROBLEMS).filter(|more| *more > 0) {
            note(ui, &tr!("and {more} more", more)).on_hover_text(problems.join("\n"));
        }
    });
}

fn list(ui: &mut Ui, shelf: &Shelf, asked: &mut Vec<ModelsAction>) {
    let programs: Vec<String> = shelf
        .by_program
        .iter()
        .map(|(program, bytes)| format!("{} {}", text(program.title()), size_text(*bytes)))
        .collect();
    let files = if shelf.models.len() == 1 {
        tr!("1 model").to_owned()
    } else {
        tr!("{models} models", models = shelf.models.len())
    };
    let title = tr!("{files}, {bytes} on the disk", files, bytes = size_text(shelf.bytes));
    card(ui, &title, "", |ui| {
        ui.spacing_mut().item_spacing.y = space::XS;
        note(ui, &programs.join(", "));
        if shelf.duplicate_bytes > Bytes::ZERO {
            let words = tr!(
                "{duplicate_bytes} of it is there more than once; the lines say where",
                duplicate_bytes = size_text(shelf.duplicate_bytes)
            );
            sentence(ui, &words);
        }
        let shown = Id::unique("installed models that are shown");
        let count = ui.data(|data| data.get_temp::<usize>(shown)).unwrap_or(SHOWN);
        for entry in shelf.models.iter().take(count) {
            row(ui, shelf, entry, asked);
            rule(ui);
        }
        if shelf.models.len() > count && ui.button(tr!("Show more")).clicked() {
            ui.data_mut(|data| data.insert_temp(shown, count + SHOWN));
        }
    });
}

fn row(ui: &mut Ui, shelf: &Shelf, entry: &Entry, asked: &mut Vec<ModelsAction>) {
    let (told, quant, why) = match &entry.told {
        InFile::Model { verdict, quant, .. } => {
            let why = match verdict {
                Verdict::NotKnown { reason } => Some(reason),
                Verdict::Known { .. } => None,
            };
            (Told::of(Some(verdict)), Some(quant.to_string()), why)
        }
        InFile::Unreadable { error } => (Told::NotAvailable, None, Some(error)),
    };
    let is_readable = !matches!(entry.told, InFile::Unreadable { .. });
    line(
        ui,
        told,
        |ui| {
            name(ui, &entry.name).on_hover_text(entry.path.display().to_string());
            beside(ui, &quant.unwrap_or_default());
        },
        |ui| {
            if is_readable && quiet(ui, tr!("Open"), &tr!("Open {name}", name = entry.name)) {
                asked.push(ModelsAction::Open(vec![entry.path.clone()]));
                asked.push(ModelsAction::Show(None));
            }
            beside(ui, &size_text(entry.bytes));
            beside(ui, text(entry.program.title()));
        },
    );
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        if let Some(why) = why {
            note(ui, &format!("{}: {why}", entry.path.display()));
        }
        if let Some(other) = entry.same_as.first().and_then(|&place| shelf.models.get(place)) {
            let words = tr!(
                "The same file as {name} of {program}",
                name = other.name,
                program = text(other.program.title())
            );
            note(ui, &words).on_hover_text(other.path.display().to_string());
        }
    });
}

/// What takes most of the disk, all quantizations of a model together.
fn by_model(ui: &mut Ui, shelf: &Shelf) {
    if shelf.by_model.len() == shelf.models.len() && shelf.models.len() < 3 {
        return;
    }
    card(ui, tr!("By model"), tr!("all its files together"), |ui| {
        ui.spacing_mut().item_spacing.y = space::XS;
        for of in shelf.by_model.iter().take(LARGEST) {
            ui.horizontal(|ui| {
                let files = if of.files == 1 {
                    tr!("1 file").to_owned()
                } else {
                    tr!("{files} files", files = of.files)
                };
                name(ui, &of.name);
                beside(ui, &format!("{}, {files}", size_text(of.bytes)));
            });
        }
        if let Some(more) = shelf.by_model.len().checked_sub(LARGEST).filter(|more| *more > 0) {
            let bytes: Bytes = shelf.by_model[LARGEST..].iter().map(|of| of.bytes).sum();
            note(ui, &tr!("and {more} more, {bytes} together", more, bytes = size_text(bytes)));
        }
    });
}
