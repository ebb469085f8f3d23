//! The map: every model as a point, the load line between what fits and what does not, the front of what nothing beats.
//!
//! The plot is one focus stop; each point is spoken as one sentence. Points, front and names are laid out when
//! something changes (`scene`), and painted as one mesh and a few texts.

mod field;
mod head;
mod keys;
mod legend;
mod paint;
mod pointer;
mod scene;
mod speech;
mod tip;
mod words;

use std::sync::{Arc, Mutex, PoisonError};

use eframe::egui::{Id, Rect, Sense, Ui, vec2};

use super::Actions;
use super::theme::space;
use super::widgets::empty_state;
use crate::app::map::Quantity;
use crate::app::{Action, State};
use crate::language::tr;
use field::{Field, Window};
use pointer::Drag;
use scene::Scene;

/// What the map remembers from frame to frame; nothing that anybody else needs.
#[derive(Debug, Default)]
struct Memo {
    scene: Option<Scene>,
    /// The part of the axes that is in view, and of which axes.
    window: Window,
    axes: Option<[Quantity; 2]>,
    drag: Option<Drag>,
    /// The focus came by a click: no frame is needed to say where it is.
    clicked_into: bool,
}

/// Draws the page. `details_button`: the detail has no place of its own.
pub(super) fn show(ui: &mut Ui, state: &State, details_button: bool, actions: &mut Actions) {
    let id = Id::unique("map");
    let memo: Arc<Mutex<Memo>> =
        ui.data_mut(|data| Arc::clone(data.get_temp_mut_or_default::<Arc<Mutex<Memo>>>(id)));
    // One thread draws; a poisoned memo is still only a cache.
    let memo = &mut *memo.lock().unwrap_or_else(PoisonError::into_inner);
    let map = &state.map.map;
    let axes = map.axes.map(|axis| axis.quantity);
    if memo.axes != Some(axes) {
        (memo.axes, memo.window) = (Some(axes), Window::default());
    }

    ui.spacing_mut().item_spacing.y = 0.0;
    head::show(ui, state, details_button, &mut memo.window, actions);
    if map.points.is_empty() {
        nothing(ui, state, actions);
        return;
    }
    ui.add_space(space::S);
    let area = ui.available_rect_before_wrap();
    let legend = legend::Legend::within(state, area.height());
    let plot =
        Rect::from_min_size(area.min, vec2(area.width(), (area.height() - legend.height()).max(120.0)));
    self::plot(ui, state, plot, id, memo, actions);
    let below = Rect::from_min_max(plot.left_bottom(), area.max);
    legend.show(ui, state, below);
    ui.advance_cursor_after_rect(area);
}

fn plot(ui: &mut Ui, state: &State, rect: Rect, id: Id, memo: &mut Memo, actions: &mut Actions) {
    let map = &state.map.map;
    let selected = state.selected.and_then(|model| map.point_of(state.catalog.base_of(model)));
    let field = Field::new(ui, rect, map, memo.window);
    keys::handle(ui, state, id, selected, &field, memo, actions);
    let response = ui.interact(rect, id, Sense::click_and_drag());
    pointer::move_view(ui, &response, &field, &mut memo.window);
    let field = field.with_window(memo.window);
    let scene = scene::fresh(ui, state, &field, selected, &mut memo.scene);
    let hovered = pointer::hovered(&response, &field, scene, memo.drag.is_some());
    pointer::gestures(ui, state, &response, &field, scene, hovered, &mut memo.drag, actions);
    memo.clicked_into = response.has_focus() && (memo.clicked_into || response.clicked());
    let framed = response.has_focus() && !memo.clicked_into;
    let over = paint::Over { selected, hovered, framed, drag: memo.drag.as_ref() };
    paint::all(ui, &field, scene, &over);
    if let Some(hovered) = hovered {
        tip::show(ui, state, &field, scene, id, hovered);
    } else if memo.drag.is_none() {
        paint::crosshair(ui, &field, response.hover_pos(), None);
    }
    speech::describe(ui, state, &response, &field, scene, selected, actions);
}

/// Why there is no point.
fn nothing(ui: &mut Ui, state: &State, actions: &mut Actions) {
    let map = &state.map.map;
    if map.waiting > 0 || (state.rig.is_none() && map.all > 0) {
        let sentence = if state.rig.is_none() {
            tr!("Points appear as soon as its memory and speed are known.")
        } else {
            tr!("Points appear as soon as they are estimated.")
        };
        let title = if state.rig.is_none() {
            tr!("This machine is being read")
        } else {
            tr!("Models are being estimated")
        };
        empty_state(ui, title, sentence, None);
    } else if map.all == 0 {
        let sentence = tr!("Nothing matches this search with the filters on the left.");
        if empty_state(ui, tr!("No model matches"), sentence, Some(tr!("Clear filters"))) {
            actions.push(Action::ClearFilters);
        }
    } else {
        let [x, y] = map.axes.map(|axis| axis.quantity.label());
        let sentence =
            tr!("None of {all} models has a value for both {x} and {y} here.", all = map.all, x, y);
        empty_state(ui, tr!("Nothing to show on these axes"), &sentence, None);
    }
}
