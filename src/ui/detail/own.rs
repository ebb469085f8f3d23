//! A person's own model: where it is, what its file is really made of, what was inferred.

use eframe::egui::{Label, Ui};

use super::cards::note;
use crate::app::detail::{Detail, Made, Mixture as Parts, OwnModel};
use crate::ui::theme::{Text, Tokens, space};
use crate::ui::widgets::{Mixture, card};

/// Draws the card, where the model is a person's own.
pub(super) fn own(ui: &mut Ui, detail: &Detail) {
    let Some(own) = &detail.own else { return };
    let title = if own.made.is_some() { "What the file is made of" } else { "Where it comes from" };
    let size = own.made.as_ref().map(|made| format!("{:.2} bits per weight", made.bits));
    card(ui, title, &size.unwrap_or_default(), |ui| {
        ui.spacing_mut().item_spacing.y = space::S;
        if let Some(made) = &own.made {
            self::made(ui, made);
        }
        if let Some(words) = &own.not_made {
            text(ui, words);
        }
        origin(ui, own);
    });
}

fn made(ui: &mut Ui, made: &Made) {
    text(ui, &format!("{}.", made.verdict));
    let longest = made.usual.as_ref().map_or(made.is.bytes, |usual| usual.bytes.max(made.is.bytes));
    let bar = |ui: &mut Ui, name: &str, parts: &Parts| {
        let length = (parts.bytes.0 as f64 / longest.0.max(1) as f64) as f32;
        let shares: Vec<(f32, &str)> =
            parts.parts.iter().map(|part| (part.share, part.words.as_str())).collect();
        Mixture { name, length, parts: &shares, words: &parts.spoken }.show(ui);
    };
    bar(ui, &format!("This file, {:.2} GB", made.bytes.gb()), &made.is);
    if let Some(usual) = &made.usual {
        bar(ui, &format!("The usual {}, {:.2} GB", made.usual_name, usual.bytes.gb()), usual);
    }
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        for difference in &made.differences {
            note(ui, difference);
        }
    });
}

fn origin(ui: &mut Ui, own: &OwnModel) {
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        if let Some(known) = own.known {
            note(ui, &format!("By its shapes and names it is {known} of the catalog"));
        }
        for words in &own.notes {
            note(ui, words);
        }
        note(ui, &own.place);
    });
}

fn text(ui: &mut Ui, words: &str) {
    let t = Tokens::of(ui);
    ui.add(Label::new(Text::Body.rich(words).color(t.text_2)).wrap());
}
