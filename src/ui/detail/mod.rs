//! Everything about the selected model and level: in one scroll at the right, or on the whole page.

mod cards;
mod curves;
mod grounds;
mod header;
mod launch;
mod measured;
mod own;
mod page;
mod ways;

use eframe::egui::style::ScrollAnimation;
use eframe::egui::{Frame, Id, Margin, ScrollArea, Ui, vec2};

pub(super) use cards::ladder;
pub use curves::switched as curves_card;
pub use page::{PagePick, page};

use crate::app::detail::{CurveKind, Detail};
use crate::language::tr;
use crate::model::ModelId;
use crate::quant::Level;
use crate::ui::theme::space;
use crate::ui::widgets::empty_state;

/// What was chosen in the panel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pick {
    /// Another level.
    Level(Level),
    /// A star, or no longer.
    Favourite,
    /// A fine-tune or variant of the model.
    Model(ModelId),
    /// The way out at this place of the detail's list.
    Way(usize),
    /// What one more card would bring.
    OneMore,
    /// Own measurements.
    Measurements,
    /// Another curve.
    Curve(CurveKind),
    /// The values of a curve are to be copied.
    CopyCurve(CurveKind),
    /// It is to be pinned, or no longer.
    Pin,
    /// An own measurement is to be removed.
    RemoveOwn(u64),
}

/// Draws the panel: the selection, or what to do while there is none. `probing`: the machine is not known
/// yet, so nothing can be said of any model. Answers with what was chosen.
pub fn show(ui: &mut Ui, detail: Option<&Detail>, probing: bool) -> Option<Pick> {
    if let Some(detail) = detail {
        return panel(ui, detail);
    }
    nothing(ui, probing);
    None
}

/// What to do while there is no selection.
fn nothing(ui: &mut Ui, probing: bool) {
    let (title, sentence) = if probing {
        (tr!("Looking at this computer"), tr!("Figures follow as soon as its memory is known."))
    } else {
        (tr!("No model is selected"), tr!("Click a row of the list, or press the down arrow."))
    };
    empty_state(ui, title, sentence, None);
}

/// Draws the panel of a selection, scrolling; answers with what was chosen in it.
fn panel(ui: &mut Ui, detail: &Detail) -> Option<Pick> {
    ScrollArea::vertical()
        // Another model begins at its top; another level stays where the ladder is.
        .id_salt(detail.model)
        .auto_shrink(false)
        .show(ui, |ui| {
            let margin = Margin { left: 16, right: 16, top: 18, bottom: 16 };
            let pick = Frame::new().inner_margin(margin).show(ui, |ui| body(ui, detail)).inner;
            follow_focus(ui);
            pick
        })
        .inner
}

/// Scrolls to what has got the focus: the Tab key leads past the edge of what is seen.
pub(super) fn follow_focus(ui: &Ui) {
    let followed = Id::unique("focus that the detail has followed");
    let focused = ui.memory(eframe::egui::Memory::focused);
    if ui.data(|data| data.get_temp::<Option<Id>>(followed)).flatten() == focused {
        return;
    }
    ui.data_mut(|data| data.insert_temp(followed, focused));
    let place = focused.and_then(|id| ui.ctx().read_response(id));
    if let Some(place) = place.filter(|place| ui.min_rect().contains_rect(place.rect)) {
        let wanted = place.rect.expand2(vec2(0.0, space::L));
        ui.scroll_to_rect_animation(wanted, None, ScrollAnimation::none());
    }
}

fn body(ui: &mut Ui, detail: &Detail) -> Option<Pick> {
    ui.spacing_mut().item_spacing.y = space::M;
    let pick = header::show(ui, detail);
    pick.or(all_cards(ui, detail))
}

/// All cards, one under the other.
fn all_cards(ui: &mut Ui, detail: &Detail) -> Option<Pick> {
    cards::memory_and_strip(ui, detail);
    let mut pick = ways::ways(ui, detail);
    own::own(ui, detail);
    pick = pick.or(cards::ladder(ui, detail).map(Pick::Level));
    if detail.plan.is_ok() {
        pick = pick.or(curves::switched(ui, detail));
        launch::command(ui, detail);
        grounds::known(ui, detail);
        pick = pick.or(measured::measured(ui, detail));
    }
    grounds::facts(ui, detail);
    pick.or(grounds::tunes(ui, detail).map(Pick::Model))
}
