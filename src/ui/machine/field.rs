//! A field for a value that is typed: taken with Enter or when it is left, given up with Esc; what is wrong with
//! it stands under it.

use eframe::egui::text::{CCursor, CCursorRange};
use eframe::egui::{Align2, Id, Key, Label, Margin, Stroke, StrokeKind, TextEdit, Ui, vec2};

use crate::app::machine_page::Target;
use crate::app::{MachineAction, State};
use crate::ui::theme::{Text, Tokens, radius};

/// Where it is kept which field has the focus.
const TYPED: &str = "machine value that is typed";

/// The field of a value, for giving it the focus.
pub(super) fn id(target: &Target) -> Id {
    Id::unique(("machine value", format!("{target:?}")))
}

/// Draws the field of `target`, `width` by `height`, with what stands in it now; `name` is what a screen reader
/// says, `hint` stands in it while it is empty.
pub(super) fn show(
    ui: &mut Ui,
    state: &State,
    target: &Target,
    name: &str,
    hint: &str,
    [width, height]: [f32; 2],
    asked: &mut Vec<MachineAction>,
) {
    let t = Tokens::of(ui);
    let editing = state.machine_page.editing.as_ref().filter(|editing| editing.target == *target);
    let mut text = editing.map_or_else(|| state.present(target), |editing| editing.text.clone());
    let id = id(target);
    let unit = target.unit();
    let unit_width = if unit.is_empty() {
        0.0
    } else {
        ui.painter().layout_no_wrap(unit.to_owned(), Text::Small.font(), t.text_3).size().x + 6.0
    };
    let edit = TextEdit::singleline(&mut text)
        .id(id)
        .hint_text(Text::Body.rich(hint).color(t.text_3))
        .text_color(t.text)
        .align(Align2::LEFT_CENTER)
        .char_limit(120)
        .margin(Margin { left: 7, right: (8.0 + unit_width) as i8, top: 0, bottom: 0 });
    let response = ui
        .scope(|ui| {
            ui.spacing_mut().interact_size.y = height;
            ui.add_sized(vec2(width, height), edit)
        })
        .inner
        .accessible_name(name);
    if !unit.is_empty() {
        let at = response.rect.right_center() - vec2(8.0, 0.0);
        crate::ui::line(ui.painter(), at, Align2::RIGHT_CENTER, width, Text::Small, t.text_3, unit);
    }
    if begins(ui, id, response.has_focus()) {
        // What is typed replaces what stands there.
        if let Some(mut cursor) = TextEdit::load_state(ui.ctx(), id) {
            let all = CCursorRange::two(CCursor::new(0), CCursor::new(text.chars().count()));
            cursor.cursor.set_char_range(Some(all));
            cursor.store(ui.ctx(), id);
        }
    }
    let left = response.lost_focus();
    if response.changed() {
        asked.push(MachineAction::Type(target.clone(), text));
    }
    let is_wrong = editing.is_some_and(|editing| editing.error.is_some());
    if left && is_wrong && ui.input(|input| input.key_pressed(Key::Enter)) {
        // It stays, and what is typed next replaces it.
        ui.memory_mut(|memory| memory.request_focus(id));
        ui.data_mut(|data| data.remove::<Id>(Id::unique(TYPED)));
    } else if left
        && !ui.input(|input| input.key_pressed(Key::Escape))
        && (editing.is_some() || response.changed())
    {
        asked.push(MachineAction::Commit);
    }
    if let Some(error) = editing.and_then(|editing| editing.error.as_deref()) {
        let stroke = Stroke::new(1.5, t.error);
        ui.painter().rect_stroke(response.rect, radius::CONTROL, stroke, StrokeKind::Inside);
        // The reason is said where the eye is.
        ui.add(Label::new(Text::Small.rich(error).color(t.error)).wrap());
    }
}

/// Whether the field has just got the focus, which it may have been given before it was there.
fn begins(ui: &Ui, id: Id, has_focus: bool) -> bool {
    let last = Id::unique(TYPED);
    let before = ui.data(|data| data.get_temp::<Id>(last));
    if has_focus && before != Some(id) {
        ui.data_mut(|data| data.insert_temp(last, id));
        return true;
    }
    if !has_focus && before == Some(id) {
        ui.data_mut(|data| data.remove::<Id>(last));
    }
    false
}
