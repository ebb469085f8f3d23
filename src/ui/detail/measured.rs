//! The measurements nearest to the answer: a person's own, which can be removed, and published ones with their source.

use eframe::egui::{Align, Button, Id, Label, Layout, Ui, vec2};

use super::Pick;
use crate::app::detail::Detail;
use crate::app::evidence::{Evidence, Row};
use crate::ui::theme::{Text, Tokens, space};
use crate::ui::widgets::card;

/// Rows of decoding, and of prompts, that are shown before one asks for all.
const FOLDED: [usize; 2] = [3, 1];
/// Height of a row's first line.
const LINE: f32 = 20.0;

/// Draws them. Answers with the own measurement that is to be removed.
pub(super) fn measured(ui: &mut Ui, detail: &Detail) -> Option<Pick> {
    let evidence = detail.evidence.as_ref()?;
    if evidence.own.is_empty() && evidence.decode.is_empty() && evidence.prompt.is_empty() {
        return None;
    }
    let note = detail.plan.as_ref().map_or("", |plan| plan.speed.evidence.words());
    card(ui, "Measured nearest to it", note, |ui| {
        ui.spacing_mut().item_spacing.y = space::S;
        let mut removed = None;
        if !evidence.own.is_empty() {
            caption(ui, "On this computer");
            for own in &evidence.own {
                removed = removed.or(row(ui, own));
            }
        }
        if evidence.own_elsewhere > 0 {
            let n = evidence.own_elsewhere;
            let what = if n == 1 { "measurement" } else { "measurements" };
            super::cards::note(ui, &format!("{n} {what} of other models on this computer count as well"));
        }
        published(ui, detail, evidence);
        removed
    })
    .inner
}

fn published(ui: &mut Ui, detail: &Detail, evidence: &Evidence) {
    let unfolded_id = Id::unique("all nearest measurements").with(detail.model);
    let unfolded = ui.data(|data| data.get_temp::<bool>(unfolded_id)).unwrap_or_default();
    let mut more = 0;
    for (place, (name, rows)) in [("Published", &evidence.decode), ("Published, prompts", &evidence.prompt)]
        .into_iter()
        .enumerate()
    {
        if rows.is_empty() {
            continue;
        }
        let shown = if unfolded { rows.len() } else { rows.len().min(FOLDED[place]) };
        more += rows.len() - shown;
        caption(ui, name);
        for published in &rows[..shown] {
            row(ui, published);
        }
    }
    if more > 0 && ui.button(format!("Show {more} more")).clicked() {
        ui.data_mut(|data| data.insert_temp(unfolded_id, true));
    }
}

fn caption(ui: &mut Ui, text: &str) {
    ui.label(Text::Label.rich(text).color(Tokens::of(ui).text_2));
}

/// Device, model and rate; below them how it was taken, what is predicted of it, and where it stands.
fn row(ui: &mut Ui, row: &Row) -> Option<Pick> {
    let t = Tokens::of(ui);
    let mut removed = None;
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 1.0;
        let wanted = vec2(ui.available_width(), LINE);
        ui.allocate_ui_with_layout(wanted, Layout::right_to_left(Align::Center), |ui| {
            if let Some(id) = row.own {
                let button = Button::new(Text::Small.rich("Remove").color(t.text_2)).frame_when_inactive(false);
                let spoken = format!("Remove {}, {}", row.title, row.conditions);
                if ui.add(button).accessible_name(spoken).clicked() {
                    removed = Some(Pick::RemoveOwn(id));
                }
            }
            ui.label(Text::Cell.rich(&row.rate).color(t.text));
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.add(Label::new(Text::Cell.rich(&row.title).color(t.text)).truncate())
                    .on_hover_text(row.nearness);
            });
        });
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = vec2(space::S, 0.0);
            ui.spacing_mut().interact_size.y = 0.0;
            let words = match &row.predicted {
                Some(predicted) => format!("{}; {predicted}", row.conditions),
                None => row.conditions.clone(),
            };
            ui.add(Label::new(Text::Small.rich(words).color(t.text_3)));
            source(ui, row);
        });
    });
    removed
}

fn source(ui: &mut Ui, row: &Row) {
    if row.source.is_empty() {
        return;
    }
    let Some(place) = row.source.strip_prefix("https://").or_else(|| row.source.strip_prefix("http://")) else {
        ui.label(Text::Small.rich(row.source).color(Tokens::of(ui).text_3));
        return;
    };
    // Where it is, without the page: "github.com/owner/repository".
    let end = place.match_indices('/').nth(2).map_or(place.len(), |(end, _)| end);
    ui.hyperlink_to(Text::Small.rich(&place[..end]), row.source)
        .on_hover_text(format!("Opens {} in the browser", row.source));
}
