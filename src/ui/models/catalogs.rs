//! Catalogs by others: brought as files, fetched from an address, each record checked before it is taken.

use eframe::egui::{Button, Id, Key, TextEdit, Ui};

use super::Desk;
use super::parts::{beside, name, note, quiet, sentence};
use crate::app::models::ModelsAction;
use crate::language::tr;
use crate::ui::dialogs::Ask;
use crate::ui::theme::{Text, Tokens, space};
use crate::ui::widgets::{card, rule};

/// Refused records that are told one by one.
const REASONS: usize = 8;

pub(super) fn show(ui: &mut Ui, desk: &Desk<'_>, asked: &mut Vec<ModelsAction>) {
    let models = &desk.state.models;
    card(ui, tr!("Add or update"), tr!("each record is checked before it is taken"), |ui| {
        ui.spacing_mut().item_spacing.y = space::S;
        sentence(
            ui,
            tr!(
                "A file of records, one a line, as this program exports them. A record of a model that the catalog has takes its \
             place; its numbers must agree with each other."
            ),
        );
        if ui.button(tr!("Open a file…")).clicked() {
            desk.dialogs.open(ui.ctx(), Ask::Models);
        }
        ui.horizontal(|ui| {
            let mut text = models.address.clone();
            let width = (ui.available_width() - 90.0).max(120.0);
            let field = TextEdit::singleline(&mut text)
                .id(Id::unique("catalog address"))
                .desired_width(width)
                .char_limit(1000)
                .hint_text(Text::Body.rich("https://…").color(Tokens::of(ui).text_3));
            let response = ui.add(field).accessible_name(tr!("Address of a catalog"));
            if text != models.address {
                asked.push(ModelsAction::Address(text));
            }
            let enter = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
            let can = !models.address.trim().is_empty() && models.fetching.is_none();
            if ui.add_enabled(can, Button::new(tr!("Fetch"))).clicked() || (enter && can) {
                asked.push(ModelsAction::Fetch);
            }
        });
        if models.fetching.is_some() {
            beside(ui, tr!("Fetching…"));
        }
    });
    if models.added.is_empty() {
        return;
    }
    card(ui, tr!("Added"), "", |ui| {
        ui.spacing_mut().item_spacing.y = space::XS;
        for (place, added) in models.added.iter().enumerate() {
            ui.horizontal(|ui| {
                if quiet(ui, tr!("Remove"), &tr!("Remove the catalog {name}", name = added.name)) {
                    asked.push(ModelsAction::RemoveCatalog(place));
                }
                name(ui, &added.name).on_hover_text(&added.source);
                beside(ui, &records(added.records.len(), added.refused));
            });
            note(ui, &added.source);
            for reason in added.reasons.iter().take(REASONS) {
                note(ui, &tr!("Refused: {reason}", reason));
            }
            if let Some(more) = added.reasons.len().checked_sub(REASONS).filter(|more| *more > 0) {
                note(ui, &tr!("and {more} more", more)).on_hover_text(added.reasons.join("\n"));
            }
            rule(ui);
        }
    });
}

fn records(taken: usize, refused: usize) -> String {
    let taken = if taken == 1 { tr!("1 record").to_owned() } else { tr!("{taken} records", taken) };
    match refused {
        0 => taken,
        refused => tr!("{taken}, {refused} refused", taken, refused),
    }
}
