//! A person's own model: where it is, what its file is really made of, what was inferred.

use eframe::egui::{Label, Ui};

use super::cards::note;
use crate::app::detail::{Detail, Made, Mixture as Parts, OwnModel};
use crate::language::{fixed, tr};
use crate::ui::theme::{Text, Tokens, space};
use crate::ui::widgets::{Mixture, card};

/// Draws the card, where the model is a person's own.
pub(super) fn own(ui: &mut Ui, detail: &Detail) {
    let Some(own) = &detail.own else { return };
    let title = if own.made.is_some() { tr!("What the file is made of") } else { tr!("Where it comes from") };
    let size = own.made.as_ref().map(|made| tr!("{bits} bits per weight", bits = fixed(made.bits, 2)));
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
    bar(ui, &tr!("This file, {gb} GB", gb = fixed(made.bytes.gb(), 2)), &made.is);
    if let Some(usual) = &made.usual {
        bar(
            ui,
            &tr!(
                "The usual {usual_name}, {gb} GB",
                usual_name = made.usual_name,
                gb = fixed(usual.bytes.gb(), 2)
            ),
            usual,
        );
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
            note(ui, &tr!("By its shapes and names it is {known} of the catalog", known));
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
