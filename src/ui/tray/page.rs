//! All that is pinned side by side: figures, curves over each other, ladders beside each other.

use eframe::egui::{Align, Button, Frame, Layout, Margin, ScrollArea, Ui, UiBuilder, vec2};

use super::{charts, table};
use crate::app::export::What;
use crate::app::tray::{Pinned, TrayAction};
use crate::app::{Action, State};
use crate::language::tr;
use crate::ui::dialogs::Dialogs;
use crate::ui::theme::{Text, Tokens, space};
use crate::ui::widgets::empty_state;
use crate::ui::{Actions, detail, export, notices};

/// Least width of a ladder.
const LADDER: f32 = 300.0;

/// Draws the comparison into all of the room that is left. `origin`: where the way back leads.
pub(in crate::ui) fn show(
    ui: &mut Ui,
    state: &State,
    dialogs: &Dialogs,
    origin: &str,
    actions: &mut Actions,
) {
    let frame = Frame::new().inner_margin(Margin::symmetric(space::XL as i8, space::L as i8));
    ScrollArea::vertical().id_salt("side by side").auto_shrink(false).show(ui, |ui| {
        frame.show(ui, |ui| {
            ui.spacing_mut().item_spacing = vec2(space::S, space::M);
            head(ui, state, dialogs, origin, actions);
            notices::show(ui, state, actions);
            match state.tray.shown() {
                Some(found) if !found.pins.is_empty() => {
                    table::show(ui, found);
                    charts::show(ui, &found.pins);
                    ladders(ui, &found.pins);
                }
                Some(_) => {
                    let words = tr!("What is pinned is not in this catalog, or its machine is gone.");
                    empty_state(ui, tr!("Nothing to compare"), words, None);
                }
                None => {
                    ui.label(Text::Body.rich(tr!("Computing…")).color(Tokens::of(ui).text_2));
                }
            }
        });
        detail::follow_focus(ui);
    });
}

fn head(ui: &mut Ui, state: &State, dialogs: &Dialogs, origin: &str, actions: &mut Actions) {
    let t = Tokens::of(ui);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::M;
        let back =
            Button::new(Text::Button.rich(format!("‹  {origin}")).color(t.text_2)).frame_when_inactive(false);
        if ui.add(back).on_hover_text("Esc").clicked() {
            actions.push(Action::Tray(TrayAction::Open(false)));
        }
        ui.label(Text::Heading.rich(tr!("Side by side")).color(t.text));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            export::menu(ui, state, dialogs, (What::Compare, tr!("What is pinned, side by side")), actions);
        });
    });
}

/// The levels of each model, each with its own line; as many in a row as there is room for.
fn ladders(ui: &mut Ui, pins: &[Pinned]) {
    let room = ui.available_rect_before_wrap();
    let columns = ((room.width() / LADDER) as usize).clamp(1, pins.len().max(1));
    let width = ((room.width() - (columns - 1) as f32 * space::M) / columns as f32).floor();
    for row in pins.chunks(columns) {
        let top = ui.cursor().top();
        let mut bottom = top;
        for (place, pinned) in row.iter().enumerate() {
            let left = room.left() + place as f32 * (width + space::M);
            let rect = room.with_min_x(left).with_max_x(left + width).with_min_y(top);
            let shown = ui.scope_builder(UiBuilder::new().max_rect(rect).id_salt(pinned.letter), |ui| {
                ui.set_width(width);
                ui.spacing_mut().item_spacing.y = space::XS;
                ui.label(Text::Label.rich(pinned.title()).color(Tokens::of(ui).text));
                detail::ladder(ui, &pinned.detail);
            });
            bottom = bottom.max(shown.response.rect.bottom());
        }
        ui.advance_cursor_after_rect(room.with_min_y(top).with_max_y(bottom));
    }
}
