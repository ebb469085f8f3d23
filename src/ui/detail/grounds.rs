//! What the figures rest on, and what the model is: rows of words.

use eframe::egui::{Align, Button, Id, Label, Layout, Rect, Ui, UiBuilder, Vec2, pos2, vec2};

use crate::app::detail::{Detail, Known, Tune};
use crate::language::tr;
use crate::model::ModelId;
use crate::ui::theme::{Text, Tokens, space};
use crate::ui::widgets::{card, not_available};

/// From a row's name to its statement.
const COLUMN: f32 = 104.0;
/// Height of a fine-tune's row.
const TUNE_ROW: f32 = 20.0;
/// Fine-tunes that are shown before one asks for all.
const FOLDED: usize = 5;

/// "How it is known": each figure with its statement, its basis, and what else should be known.
pub(super) fn known(ui: &mut Ui, detail: &Detail) {
    card(ui, tr!("How it is known"), "", |ui| {
        ui.spacing_mut().item_spacing.y = space::S;
        let t = Tokens::of(ui);
        for known in &detail.known {
            row(ui, known.name, |ui| {
                let basis = Label::new(Text::Small.rich(&known.basis).color(t.text_3));
                if known.statement == tr!("n/a") {
                    not_available(ui, &known.basis);
                } else if has_room_for_both(ui, known) {
                    // As high as its text: nothing in here is a control.
                    ui.spacing_mut().interact_size.y = 0.0;
                    ui.horizontal(|ui| {
                        ui.label(Text::Cell.rich(&known.statement).color(t.text));
                        ui.with_layout(Layout::right_to_left(Align::Center), |ui| ui.add(basis));
                    });
                    return;
                } else {
                    ui.add(Label::new(Text::Cell.rich(&known.statement).color(t.text)).wrap());
                }
                if !known.basis.is_empty() {
                    ui.add(basis.wrap());
                }
            });
        }
        if !detail.warnings.is_empty() {
            row(ui, tr!("Note"), |ui| {
                for warning in &detail.warnings {
                    ui.add(Label::new(Text::Cell.rich(warning).color(t.text_2)).wrap());
                }
            });
        }
    });
}

/// Whether statement and basis have room beside each other.
fn has_room_for_both(ui: &Ui, known: &Known) -> bool {
    let width = |text: &str, style: Text| {
        ui.painter().layout_no_wrap(text.to_owned(), style.font(), Tokens::of(ui).text).size().x
    };
    let both = width(&known.statement, Text::Cell) + width(&known.basis, Text::Small);
    !known.basis.is_empty() && both + space::XL <= ui.available_width()
}

/// What the publisher says of the model, with a link to its page.
pub(super) fn facts(ui: &mut Ui, detail: &Detail) {
    card(ui, tr!("The model"), "", |ui| {
        ui.spacing_mut().item_spacing.y = 6.0;
        let t = Tokens::of(ui);
        for fact in &detail.facts {
            row(ui, fact.name, |ui| match &fact.value {
                Some(value) => {
                    ui.add(Label::new(Text::Cell.rich(value).color(t.text)).wrap());
                }
                None => {
                    not_available(ui, tr!("The publisher does not state it"));
                }
            });
        }
        match &detail.own {
            // A path is no page.
            Some(own) => {
                if let Some(page) = &own.page {
                    row(ui, tr!("Page"), |ui| link(ui, page));
                }
            }
            None => row(ui, tr!("Page"), |ui| link(ui, &detail.repository)),
        }
    });
}

fn link(ui: &mut Ui, repository: &str) {
    let url = format!("https://huggingface.co/{repository}");
    ui.hyperlink_to(Text::Cell.rich(repository), &url).on_hover_text(tr!("Opens {url} in the browser", url));
}

/// Models of the same shapes: they need the same memory and run at the same speed. Answers with the one
/// that was chosen.
pub(super) fn tunes(ui: &mut Ui, detail: &Detail) -> Option<ModelId> {
    let tunes = &detail.tunes;
    let base = tunes.first()?;
    let unfolded_id = Id::unique("all fine-tunes").with(&base.repository);
    let unfolded = ui.data(|data| data.get_temp::<bool>(unfolded_id)).unwrap_or_default();
    let shown = if unfolded || tunes.len() <= FOLDED + 1 { tunes.len() } else { FOLDED };
    let note = tr!("{tunes} with the same shapes", tunes = tunes.len());
    card(ui, tr!("Fine-tunes and variants"), &note, |ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        let picked = tunes[..shown].iter().filter_map(|tune| tune_row(ui, tune)).last();
        let more = tunes.len() - shown;
        if more > 0 && ui.button(tr!("Show {more} more", more)).clicked() {
            ui.data_mut(|data| data.insert_temp(unfolded_id, true));
        }
        picked
    })
    .inner
}

/// A name: the selected one plain, one with a record of its own to be clicked, else a link to its page.
fn tune_row(ui: &mut Ui, tune: &Tune) -> Option<ModelId> {
    let t = Tokens::of(ui);
    ui.spacing_mut().button_padding = Vec2::ZERO;
    ui.spacing_mut().interact_size.y = TUNE_ROW;
    let row = vec2(ui.available_width(), TUNE_ROW);
    match tune.id {
        _ if tune.selected => {
            let name = Label::new(Text::Label.rich(&tune.name).color(t.text)).truncate();
            ui.allocate_ui_with_layout(row, Layout::left_to_right(Align::Center), |ui| ui.add(name));
            None
        }
        None => {
            let centred = Layout::left_to_right(Align::Center);
            ui.allocate_ui_with_layout(row, centred, |ui| link(ui, &tune.repository));
            None
        }
        Some(id) => {
            let name = Text::Cell.rich(&tune.name).color(t.text_2);
            let response = ui.add(Button::new(name).frame(false).truncate());
            let response = response.on_hover_text(tr!("Shows {repository}", repository = tune.repository));
            response.clicked().then_some(id)
        }
    }
}

/// A name in the first column, `body` in the second.
fn row(ui: &mut Ui, name: &str, body: impl FnOnce(&mut Ui)) {
    let t = Tokens::of(ui);
    let room = ui.available_rect_before_wrap();
    let second = Rect::from_min_max(pos2(room.left() + COLUMN, room.top()), room.max);
    let first = Rect::from_min_max(room.min, pos2(second.left(), room.bottom()));
    ui.scope_builder(UiBuilder::new().max_rect(room), |ui| {
        ui.scope_builder(UiBuilder::new().max_rect(first), |ui| {
            ui.label(Text::Cell.rich(name).color(t.text_3));
        });
        ui.scope_builder(UiBuilder::new().max_rect(second), |ui| {
            ui.spacing_mut().item_spacing.y = 1.0;
            body(ui);
        });
    });
}
