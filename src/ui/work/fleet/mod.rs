//! Below the answers: the catalog through size classes, cards of other years, the power limit of the card, and
//! machines past this one.

mod classes;
mod field;
mod past;
mod power;
mod years;

use eframe::egui::{Label, Ui};

use crate::app::fleet::FleetAction;
use crate::app::{Action, State};
use crate::language::tr;
use crate::ui::Actions;
use crate::ui::dialogs::Dialogs;
use crate::ui::theme::{Text, Tokens, space};

/// From this width on two cards stand side by side.
const TWO_COLUMNS: f32 = 860.0;

/// Draws all sections.
pub(in crate::ui) fn show(ui: &mut Ui, state: &State, dialogs: &Dialogs, actions: &mut Actions) {
    let mut asked = Vec::new();
    ui.spacing_mut().item_spacing.y = space::M;
    classes::show(ui, state, &mut asked);
    if ui.available_width() >= TWO_COLUMNS {
        ui.columns(2, |columns| {
            classes::largest(&mut columns[0], state);
            years::show(&mut columns[1], state, &mut asked);
        });
    } else {
        classes::largest(ui, state);
        years::show(ui, state, &mut asked);
    }
    power::show(ui, state);
    past::show(ui, state, dialogs, &mut asked);
    actions.extend(asked.into_iter().map(Action::Fleet));
}

/// A sentence in a card.
fn sentence(ui: &mut Ui, words: impl Into<String>) {
    let t = Tokens::of(ui);
    ui.add(Label::new(Text::Body.rich(words.into()).color(t.text_2)).wrap());
}

/// A note in a card.
fn note(ui: &mut Ui, words: impl Into<String>) {
    let t = Tokens::of(ui);
    ui.add(Label::new(Text::Small.rich(words.into()).color(t.text_3)).wrap());
}

/// What stands in a card while its answer is computed, or nobody can say.
fn waiting(ui: &mut Ui, state: &State) {
    let words = if state.rig.is_none() {
        tr!("This computer is still being read.")
    } else {
        tr!("Working it out…")
    };
    note(ui, words);
}

/// What sections ask for.
type Asked = Vec<FleetAction>;
