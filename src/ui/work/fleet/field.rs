//! A field with its caption before it and its unit in it; what is wrong stands under it.

use eframe::egui::{Align2, Id, Label, Margin, Stroke, StrokeKind, TextEdit, Ui, vec2};

use super::Asked;
use crate::app::State;
use crate::app::fleet::{Field, FleetAction};
use crate::ui::theme::{Text, Tokens, radius};

const WIDTH: f32 = 124.0;
const HEIGHT: f32 = 26.0;

/// Draws a field, caption above.
pub(super) fn show(ui: &mut Ui, state: &State, field: Field, asked: &mut Asked) {
    let t = Tokens::of(ui);
    ui.vertical(|ui| {
        ui.set_width(WIDTH);
        ui.spacing_mut().item_spacing.y = 3.0;
        ui.label(Text::Small.rich(field.caption()).color(t.text_2));
        let mut text = state.fleet.typed.text(field, &state.settings.fleet);
        let unit = field.unit();
        let room = ui.painter().layout_no_wrap(unit.to_owned(), Text::Small.font(), t.text_3).size().x + 6.0;
        let edit = TextEdit::singleline(&mut text)
            .id(Id::unique(("work section", field)))
            .text_color(t.text)
            .align(Align2::RIGHT_CENTER)
            .char_limit(24)
            .margin(Margin { left: 7, right: (8.0 + room) as i8, top: 0, bottom: 0 });
        let name = format!("{}, {unit}", field.caption());
        let response = ui
            .scope(|ui| {
                ui.spacing_mut().interact_size.y = HEIGHT;
                ui.add_sized(vec2(WIDTH, HEIGHT), edit)
            })
            .inner
            .accessible_name(&name);
        let at = response.rect.right_center() - vec2(8.0, 0.0);
        crate::ui::line(ui.painter(), at, Align2::RIGHT_CENTER, WIDTH, Text::Small, t.text_3, unit);
        if response.changed() {
            asked.push(FleetAction::Type(field, text));
        } else if response.lost_focus() {
            asked.push(FleetAction::Leave(field));
        }
        if let Some(error) = state.fleet.typed.error_of(field) {
            let stroke = Stroke::new(1.5, t.error);
            ui.painter().rect_stroke(response.rect, radius::CONTROL, stroke, StrokeKind::Inside);
            ui.add(Label::new(Text::Small.rich(error).color(t.error)).wrap());
        }
    });
}

/// Fields in a row, which breaks where there is no room.
pub(super) fn row(ui: &mut Ui, state: &State, fields: &[Field], asked: &mut Asked) {
    const GAP: f32 = 12.0;
    let in_a_row = ((ui.available_width() + GAP) / (WIDTH + GAP)).max(1.0) as usize;
    for fields in fields.chunks(in_a_row) {
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = GAP;
            for field in fields {
                show(ui, state, *field, asked);
            }
        });
    }
}
