//! The measurements nearest to the answer: a person's own, which can be removed, and published ones with their source.

use eframe::egui::{Align, Button, Id, Label, Layout, Ui, vec2};

use super::Pick;
use crate::app::detail::Detail;
use crate::app::evidence::{Evidence, Row};
use crate::language::{tr, tr_n};
use crate::ui::theme::{Text, Tokens, space};
use crate::ui::widgets::card;

/// Rows of decoding, and of prompts, that are shown before one asks for all.
const FOLDED: [usize; 2] = [3, 1];
/// Height of a row's first line.
const LINE: f32 = 20.0;
/// Height of its last.
const SMALL_LINE: f32 = 15.0;

/// Draws them. Answers with the own measurement that is to be removed.
pub(super) fn measured(ui: &mut Ui, detail: &Detail) -> Option<Pick> {
    let evidence = detail.evidence.as_ref()?;
    if evidence.own.is_empty() && evidence.decode.is_empty() && evidence.prompt.is_empty() {
        return None;
    }
    let note = detail.plan.as_ref().map_or("", |plan| plan.speed.evidence.words());
    card(ui, tr!("Measured nearest to it"), note, |ui| {
        ui.spacing_mut().item_spacing.y = space::S;
        let mut removed = None;
        if !evidence.own.is_empty() {
            caption(ui, tr!("Measured here"));
            for own in &evidence.own {
                removed = removed.or(row(ui, own));
            }
        }
        if evidence.own_elsewhere > 0 {
            let n = evidence.own_elsewhere;
            let words = tr_n!(
                n,
                "{n} measurement of other models on this computer count as well",
                "{n} measurements of other models on this computer count as well",
                n
            );
            super::cards::note(ui, &words);
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
    for (place, (name, rows)) in
        [(tr!("Published"), &evidence.decode), (tr!("Published, prompts"), &evidence.prompt)]
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
    if more > 0 && ui.button(tr!("Show {more} more", more)).clicked() {
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
        ui.spacing_mut().interact_size.y = 0.0;
        let wanted = vec2(ui.available_width(), LINE);
        ui.allocate_ui_with_layout(wanted, Layout::right_to_left(Align::Center), |ui| {
            if let Some(id) = row.own {
                let button =
                    Button::new(Text::Small.rich(tr!("Remove")).color(t.text_2)).frame_when_inactive(false);
                let spoken = tr!("Remove {row}, {conditions}", row = row.title, conditions = row.conditions);
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
        ui.add(Label::new(Text::Small.rich(&row.conditions).color(t.text_3)).wrap());
        if row.predicted.is_some() || !row.source.is_empty() {
            let wanted = vec2(ui.available_width(), SMALL_LINE);
            ui.allocate_ui_with_layout(wanted, Layout::right_to_left(Align::Center), |ui| {
                source(ui, row);
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    let predicted = row.predicted.as_deref().unwrap_or_default();
                    ui.add(Label::new(Text::Small.rich(predicted).color(t.text_2)).truncate());
                });
            });
        }
    });
    removed
}

fn source(ui: &mut Ui, row: &Row) {
    if row.source.is_empty() {
        return;
    }
    let t = Tokens::of(ui);
    let Some((address, name)) = address(row.source) else {
        ui.add(Label::new(Text::Small.rich(row.source).color(t.text_3)).truncate());
        return;
    };
    ui.hyperlink_to(Text::Small.rich(name), address)
        .on_hover_text(tr!("Opens {source} in the browser", source = row.source));
}

/// The address of a source, without what is said of the place in it, and its name without the page:
/// "github.com/owner/repository". `None`: it has none.
fn address(source: &str) -> Option<(&str, &str)> {
    let address = source.split_whitespace().next()?;
    let place = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"))?;
    let end = place.match_indices('/').nth(2).map_or(place.len(), |(end, _)| end);
    Some((address, place[..end].trim_end_matches('/')))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimate::calibration::measurements;

    #[test]
    fn a_source_opens_its_page() {
        let of = address;
        assert_eq!(
            of("https://github.com/owner/name/blob/HEAD/a.md#L3"),
            Some(("https://github.com/owner/name/blob/HEAD/a.md#L3", "github.com/owner/name"))
        );
        assert_eq!(of("https://a.example (row 3; b.json)"), Some(("https://a.example", "a.example")));
        assert_eq!(of("a log (address not kept)"), None);
        let open = measurements().iter().filter(|row| address(row.source()).is_some()).count();
        assert!(open * 10 > measurements().len() * 9, "{open}");
        assert!(
            measurements().iter().filter_map(|row| address(row.source())).all(|(_, name)| name.len() < 80)
        );
    }
}
