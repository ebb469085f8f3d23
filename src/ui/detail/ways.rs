//! The card of ways out.

use eframe::egui::{Button, Label, Ui};

use super::Pick;
use crate::app::detail::{Contexts, Detail};
use crate::language::tr;
use crate::ui::theme::{Text, Tokens, space};
use crate::ui::verdict;
use crate::ui::widgets::{Suggestion, card, rule, small_table};

/// Draws the card; answers with what was chosen in it.
pub(super) fn ways(ui: &mut Ui, detail: &Detail) -> Option<Pick> {
    let ways = &detail.ways;
    if ways.contexts.types.is_empty() {
        return None;
    }
    if ways.rows.is_empty() {
        return card(ui, tr!("Longest context"), tr!("by type of KV cache"), |ui| {
            contexts(ui, "", &ways.contexts);
            one_more(ui, detail)
        })
        .inner;
    }
    let undo = ui.ctx().format_shortcut(&crate::ui::keys::UNDO);
    let note = tr!("cheapest first; click to try, {undo} to undo", undo);
    card(ui, ways.title, &note, |ui| {
        let mut picked = None;
        ui.scope(|ui| {
            ui.spacing_mut().item_spacing.y = space::XS;
            for (place, way) in ways.rows.iter().enumerate() {
                let suggestion = Suggestion {
                    verdict: verdict(way.class),
                    what: &way.what,
                    brings: &way.brings,
                    costs: &way.costs,
                };
                if suggestion.show(ui).on_hover_text(&way.why).clicked() {
                    picked = Some(Pick::Way(place));
                }
            }
        });
        picked = picked.or_else(|| one_more(ui, detail));
        ui.add_space(space::XS);
        rule(ui);
        contexts(ui, tr!("Longest context"), &ways.contexts);
        picked
    })
    .inner
}

/// The question that leads to the comparison of machines.
fn one_more(ui: &mut Ui, detail: &Detail) -> Option<Pick> {
    let card = detail.ways.one_more.as_ref()?;
    let t = Tokens::of(ui);
    let words = tr!("What would one more {short_name} buy me?", short_name = card.device.short_name());
    let button = Button::new(Text::Label.rich(words).color(t.accent)).frame_when_inactive(false);
    let hint = tr!(
        "Puts this machine beside itself with that card: which models become possible, what gets faster, \
                at which power and price"
    );
    ui.add(button).on_hover_text(hint).clicked().then_some(Pick::OneMore)
}

fn contexts(ui: &mut Ui, title: &str, shown: &Contexts) {
    if shown.rows.is_empty() {
        let words = tr!("Longest context: not even 256 tokens fit, the weights alone are too big");
        let label = Label::new(Text::Small.rich(words).color(Tokens::of(ui).text_3)).wrap();
        ui.add(label).on_hover_text(&shown.why);
    } else {
        small_table(ui, title, &shown.types, &shown.rows).on_hover_text(&shown.why);
    }
}
