//! A person's own models: opened, changed, removed, written out.

use eframe::egui::Ui;

use super::parts::{Told, beside, line, name, note, quiet, sentence, size_text};
use super::{Desk, edit};
use crate::app::installed::Verdict;
use crate::app::models::{Entry, ModelsAction, Part};
use crate::language::tr;
use crate::ui::dialogs::Ask;
use crate::ui::theme::space;
use crate::ui::widgets::{card, rule};
use crate::units::{Bytes, params_text};

pub(super) fn show(ui: &mut Ui, desk: &Desk<'_>, asked: &mut Vec<ModelsAction>) {
    open(ui, desk);
    let models = &desk.state.models;
    let count = match models.own.len() {
        0 => String::new(),
        1 => tr!("1 model").to_owned(),
        n => tr!("{n} models", n),
    };
    card(ui, tr!("Your models"), &count, |ui| {
        ui.spacing_mut().item_spacing.y = space::S;
        if models.own.is_empty() {
            sentence(
                ui,
                tr!("Nothing yet. What you open is kept as a small record; the file stays where it is."),
            );
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
    card(ui, tr!("Open"), tr!("or drop it on the window, or paste its path"), |ui| {
        sentence(
            ui,
            tr!(
                "A GGUF file, a folder with a config.json or safetensors, or a file of records. Only the beginning is read."
            ),
        );
        ui.horizontal(|ui| {
            if ui.button(tr!("Open files…")).clicked() {
                desk.dialogs.open(ui.ctx(), Ask::Models);
            }
            if ui.button(tr!("Open a folder…")).clicked() {
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
                n => words.push(tr!("{n} files, {bytes}", n, bytes = size_text(bytes))),
            }
            beside(ui, &words.join("  "));
        },
        |ui| {
            if quiet(ui, tr!("Remove"), &tr!("Remove {shown}", shown)) {
                asked.push(ModelsAction::Remove(entry.id().to_owned()));
            }
            if quiet(ui, tr!("Edit"), &tr!("Edit {shown}", shown)) {
                asked.push(ModelsAction::Edit(Some(entry.id().to_owned())));
            }
            if let Some(repository) = entry.kept.repository.as_ref().filter(|_| entry.missing.is_some())
                && quiet(ui, tr!("Ask the hub"), &tr!("Ask the hub for {shown}", shown))
            {
                asked.push(ModelsAction::HubText(repository.clone()));
                asked.push(ModelsAction::Show(Some(Part::Hub)));
            }
            if quiet(ui, tr!("Show"), &tr!("Show {shown}", shown)) {
                asked.push(ModelsAction::Go(entry.id().to_owned()));
            }
        },
    );
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        let known = entry.known_name().map(|known| tr!("; the same as {known} of the catalog", known));
        note(ui, &format!("{}{}", entry.place(), known.unwrap_or_default()));
        if let Some(Verdict::NotKnown { reason }) = verdict {
            note(ui, &tr!("n/a: {reason}", reason));
        }
        if let Some(missing) = &entry.missing {
            note(
                ui,
                &tr!(
                    "Its file cannot be read now, so its size follows the rules of the format: {missing}",
                    missing
                ),
            );
        }
    });
}

fn end(ui: &mut Ui, desk: &Desk<'_>, asked: &mut Vec<ModelsAction>) {
    let models = &desk.state.models;
    ui.horizontal(|ui| {
        if !models.own.is_empty()
            && ui.button(tr!("Export…")).on_hover_text(tr!("Writes the records to a file")).clicked()
        {
            desk.dialogs.open(ui.ctx(), Ask::Export);
        }
        if let Some(removed) = &models.removed {
            let words =
                tr!("{display_name} was removed from the list", display_name = removed.record().display_name);
            beside(ui, &words);
            if ui.button(tr!("Undo")).clicked() {
                asked.push(ModelsAction::Restore);
            }
        }
    });
    match &models.exported {
        Some(Ok(path)) => {
            note(ui, &tr!("Written to {path}", path = path.display()));
        }
        Some(Err(reason)) => {
            sentence(ui, reason);
        }
        None => {}
    }
}
