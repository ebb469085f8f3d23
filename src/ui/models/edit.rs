//! Changing a kept model.

use eframe::egui::{Id, Label, Response, ScrollArea, TextEdit, Ui};

use crate::app::models::{Edit, Fields, ModelsAction};
use crate::language::tr;
use crate::ui::theme::{Text, Tokens, space};
use crate::ui::widgets::{card_frame, labelled};

/// Lines of the record that are seen at once.
const LINES: usize = 12;
/// Longest record that is typed, letters.
const LONGEST: usize = 256 << 10;

/// Draws the fields of a model that is being changed.
pub(super) fn show(ui: &mut Ui, edit: &Edit, asked: &mut Vec<ModelsAction>) {
    let mut fields: Fields = edit.fields.clone();
    card_frame(ui, |ui| {
        ui.spacing_mut().item_spacing.y = space::S;
        ui.add_space(space::S);
        ui.columns(3, |columns| {
            field(&mut columns[0], tr!("Name"), &mut fields.name, 120);
            field(&mut columns[1], tr!("Trained context, tokens"), &mut fields.context, 20);
            field(&mut columns[2], tr!("Licence"), &mut fields.license, 80);
        });
        labelled(ui, tr!("All numbers, as a record of the catalog has them"), |ui| {
            ScrollArea::vertical().id_salt("record").max_height(220.0).show(ui, |ui| {
                let text = TextEdit::multiline(&mut fields.record)
                    .id(Id::unique("record of an own model"))
                    .code_editor()
                    .desired_rows(LINES)
                    .desired_width(f32::INFINITY)
                    .char_limit(LONGEST);
                ui.add(text).accessible_name(tr!("Record"));
            });
        });
        if let Some(fault) = &edit.fault {
            let words = Text::Body.rich(fault).color(Tokens::of(ui).error);
            ui.add(Label::new(words).wrap());
        }
        ui.horizontal(|ui| {
            if ui.button(tr!("Apply")).clicked() {
                asked.push(ModelsAction::Apply);
            }
            if ui.button(tr!("Cancel")).clicked() {
                asked.push(ModelsAction::Edit(None));
            }
        });
    });
    if fields != edit.fields {
        asked.insert(0, ModelsAction::Typed(Box::new(fields)));
    }
}

fn field(ui: &mut Ui, name: &str, text: &mut String, limit: usize) -> Response {
    labelled(ui, name, |ui| {
        let field = TextEdit::singleline(text)
            .id(Id::unique(("field of an own model", name)))
            .desired_width(f32::INFINITY)
            .char_limit(limit);
        ui.add(field).accessible_name(name)
    })
}
