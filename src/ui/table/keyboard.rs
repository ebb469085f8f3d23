//! Keys of the table, and scrolling after them.

use eframe::egui::{EventFilter, Id, Key, Modifiers, Rect, Ui};

use crate::app::{Action, State, Step};
use crate::ui::theme::size;
use crate::ui::{Actions, keys};

/// Moves the selection while the table, or nothing at all, has the focus.
pub(super) fn handle(ui: &Ui, state: &State, id: Id, area: Rect, actions: &mut Actions) {
    let focused = ui.memory(eframe::egui::Memory::focused);
    if focused.is_some_and(|focused| focused != id) || keys::is_covered(ui) {
        return;
    }
    if focused == Some(id) {
        // Arrows move the selection here, not the focus.
        let filter = EventFilter { horizontal_arrows: true, vertical_arrows: true, ..Default::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
    }
    let page = (((area.height() - size::HEADER) / size::ROW) as usize).saturating_sub(1).max(1);
    let keys = [
        (Key::ArrowUp, Step::Up),
        (Key::ArrowDown, Step::Down),
        (Key::PageUp, Step::PageUp(page)),
        (Key::PageDown, Step::PageDown(page)),
        (Key::Home, Step::First),
        (Key::End, Step::Last),
    ];
    ui.input_mut(|input| {
        for (key, step) in keys {
            for _ in 0..input.count_and_consume_key(Modifiers::NONE, key) {
                actions.push(Action::Move(step));
            }
        }
        if input.consume_key(Modifiers::NONE, Key::Enter) {
            actions.push(Action::ShowDetailPage(true));
        }
        let unfold = input.consume_key(Modifiers::NONE, Key::ArrowRight);
        let fold = input.consume_key(Modifiers::NONE, Key::ArrowLeft);
        if let Some(cursor) = state.cursor
            && unfold != fold
        {
            actions.push(Action::Unfold(state.catalog.bases()[cursor.base].id, unfold));
        }
    });
}

/// The row to scroll to: the selected one, after the keyboard has moved it.
pub(super) fn row_to_show(ui: &Ui, state: &State) -> Option<usize> {
    let id = Id::unique("moves that the table has followed");
    let followed = ui.data(|data| data.get_temp::<u64>(id)).unwrap_or(0);
    if followed == state.moves {
        return None;
    }
    ui.data_mut(|data| data.insert_temp(id, state.moves));
    state.cursor_index()
}
