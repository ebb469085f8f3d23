//! A person's own models: opened, changed, removed, written out.

use eframe::egui::Ui;

use super::parts::{Told, beside, line, name, note, quiet, sentence, size_text};
use super::{Desk, edit};
use crate::app::installed::Verdict;
use crate::app::models::{Entry, ModelsAction, Part};
use crate::ui::dialogs::Ask;
use crate::ui::theme::space;
use crate::ui::widgets::{card, rule};
use crate::units::{Bytes, params_text};

pub(super) fn show(ui: &mut Ui, desk: &Desk<'_>, asked: &mut Vec<ModelsAction>) {
    open(ui, desk);
    let models = &desk.state.models;
    let count = match models.own.len() {
        0 => String::new(),
        1 => "1 model".to_owned(),
        n => format!("{n} models"),
    };
    card(ui, "Your models", &count, |ui| {
        ui.spacing_mut().item_spacing.y = space::S;
        if models.own.is_empty() {
            sentence(ui, "Nothing yet. What you open is kept as a small record; the file stays where it is.");
        }
        for entry in models.own.iter().rev() {
            row(ui, desk, entry, asked);
            if let Some(being) = models.edit.as_ref().filter(|edit| edit.id == entry.id()) {
                edit::show(ui, being, asked);
            }
            rule(ui);
        }
        end(ui, desk, asked);
    });
}

fn open(ui: &mut Ui, desk: &Desk<'_>) {
    card(ui, "Open", "or drop it on the window, or paste its path", |ui| {
        sentence(
            ui,
            "A GGUF file, a folder with a config.json or safetensors, or a file of records. Only the beginning is read.",
        );
        ui.horizontal(|ui| {
            if ui.button("Open files…").clicked() {
                desk.dialogs.open(ui.ctx(), Ask::Models);
            }
            if ui.button("Open a folder…").clicked() {
                desk.dialogs.open(ui.ctx(), Ask::ModelFolder);
            }
        });
    });
}

fn row(ui: &mut Ui, desk: &Desk<'_>, entry: &Entry, asked: &mut Vec<ModelsAction>) {
    let record = entry.record();
    let level = entry.kept.level;
    let verdict = desk.state.models.verdict(entry.id(), level);
    let shown = &record.display_name;
    line(
        ui,
        Told::of(verdict),
        |ui| {
            name(ui, shown).on_hover_text(entry.place());
            let mut words = vec![params_text(record.params_total)];
            words.extend(level.map(|level| level.to_string()));
            let bytes: Bytes = entry.files.iter().map(crate::app::models::ModelFile::bytes).sum();
            match entry.files.len() {
                0 => {}
                1 => words.push(size_text(bytes)),
                n => words.push(format!("{n} files, {}", size_text(bytes))),
            }
            beside(ui, &words.join("  "));
        },
        |ui| {
            if quiet(ui, "Remove", &format!("Remove {shown}")) {
                asked.push(ModelsAction::Remove(entry.id().to_owned()));
            }
            if quiet(ui, "Edit", &format!("Edit {shown}")) {
                asked.push(ModelsAction::Edit(Some(entry.id().to_owned())));
            }
            if let Some(repository) = entry.kept.repository.as_ref().filter(|_| entry.missing.is_some())
                && quiet(ui, "Ask the hub", &format!("Ask the hub for {shown}"))
            {
                asked.push(ModelsAction::HubText(repository.clone()));
                asked.push(ModelsAction::Show(Some(Part::Hub)));
            }
            if quiet(ui, "Show", &format!("Show {shown}")) {
                asked.push(ModelsAction::Go(entry.id().to_owned()));
            }
        },
    );
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        let known = entry.known_name().map(|known| format!("; the same as {known} of the catalog"));
        note(ui, &format!("{}{}", entry.place(), known.unwrap_or_default()));
        if let Some(Verdict::NotKnown { reason }) = verdict {
            note(ui, &format!("n/a: {reason}"));
        }
        if let Some(missing) = &entry.missing {
            note(
                ui,
                &format!(
                    "Its file cannot be read now, so its size follows the rules of the format: {missing}"
                ),
            );
        }
    });
}

fn end(ui: &mut Ui, desk: &Desk<'_>, asked: &mut Vec<ModelsAction>) {
    let models = &desk.state.models;
    ui.horizontal(|ui| {
        if !models.own.is_empty()
            && ui.button("Export…").on_hover_text("Writes the records to a file").clicked()
        {
            desk.dialogs.open(ui.ctx(), Ask::Export);
        }
        if let Some(removed) = &models.removed {
            let words = format!("{} was removed from the list", removed.record().display_name);
            beside(ui, &words);
            if ui.button("Undo").clicked() {
                asked.push(ModelsAction::Restore);
            }
        }
    });
    match &models.exported {
        Some(Ok(path)) => {
            note(ui, &format!("Written to {}", path.display()));
        }
        Some(Err(reason)) => {
            sentence(ui, reason);
        }
        None => {}
    }
}
