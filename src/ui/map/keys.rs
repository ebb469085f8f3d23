//! The map by keyboard.

use eframe::egui::{EventFilter, Id, Key, Modifiers, Ui};

use super::field::{Field, Window};
use super::{Memo, pointer};
use crate::app::map::MapAction;
use crate::app::{Action, State};
use crate::ui::Actions;

/// How much a key zooms.
const STEP: f64 = 1.4;

/// Takes the map's keys while it has the focus, or while nothing has.
///
/// Call before the plot's widget is made: egui takes Enter and Space on a focused widget for a click.
pub(super) fn handle(
    ui: &Ui,
    state: &State,
    id: Id,
    selected: Option<usize>,
    field: &Field<'_>,
    memo: &mut Memo,
    actions: &mut Actions,
) {
    let focused = ui.memory(eframe::egui::Memory::focused);
    if focused.is_some_and(|focused| focused != id) || crate::ui::keys::is_covered(ui) {
        return;
    }
    if focused == Some(id) {
        let filter = EventFilter { horizontal_arrows: true, vertical_arrows: true, ..Default::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
    }
    let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    let map = field.map;

    let mut target = selected;
    let mut moved = false;
    let mut go = |to: Option<usize>, happened: bool| {
        if happened && to.is_some() {
            (target, moved) = (to, true);
        }
    };
    go(map.beside(selected, true), pressed(Key::ArrowRight));
    go(map.beside(selected, false), pressed(Key::ArrowLeft));
    go(map.above(selected, true), pressed(Key::ArrowUp));
    go(map.above(selected, false), pressed(Key::ArrowDown));
    go(map.by_x.first().copied(), pressed(Key::Home));
    go(map.by_x.last().copied(), pressed(Key::End));
    if let Some(place) = target.filter(|_| moved) {
        let point = &map.points[place];
        let places = [0, 1].map(|axis| point.at[axis].map_or(0.0, |value| map.axes[axis].place(value)));
        memo.window.reveal(places);
        actions.push(pointer::select(field, place, state));
    }

    let centre = selected.filter(|place| field.shows(field.at(&map.points[*place])));
    let around = field.places(centre.map_or(field.inner.center(), |place| field.at(&map.points[place])));
    if pressed(Key::Plus) || pressed(Key::Equals) {
        memo.window.zoom(STEP, around);
    }
    if pressed(Key::Minus) {
        memo.window.zoom(1.0 / STEP, around);
    }
    if pressed(Key::Num0) {
        memo.window = Window::default();
    }
    if selected.is_some() && pressed(Key::Enter) {
        actions.push(Action::ShowDetailPage(true));
    }
    // Without the focus these belong to whoever takes it first.
    if focused == Some(id) {
        if let Some(place) = selected
            && pressed(Key::Space)
        {
            actions.push(Action::Map(MapAction::Toggle(map.points[place].model)));
        }
        if pressed(Key::Delete) || pressed(Key::Backspace) {
            actions.push(Action::Map(MapAction::Unpick));
        }
    }
}
