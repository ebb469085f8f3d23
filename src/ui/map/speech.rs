//! The map for a screen reader: one focus stop, a node for each point in view, one sentence each.
//!
//! Nothing here is computed while no screen reader listens.

use eframe::egui::accesskit::{Action as NodeAction, Rect as NodeRect, Role};
use eframe::egui::{Rect, Response, Sense, Ui, UiBuilder, Vec2};

use super::field::Field;
use super::scene::Scene;
use super::{pointer, words};
use crate::app::State;
use crate::ui::Actions;

pub(super) fn describe(
    ui: &mut Ui,
    state: &State,
    response: &Response,
    field: &Field<'_>,
    scene: &Scene,
    selected: Option<usize>,
    actions: &mut Actions,
) {
    let map = field.map;
    let listens = ui.accesskit_node_builder(response.id, |node| {
        node.set_role(Role::ListBox);
        node.set_label(words::described(map));
        node.set_bounds(bounds(response.rect));
        node.add_action(NodeAction::Focus);
        node.add_action(NodeAction::Click);
        if let Some(selected) = selected {
            node.set_value(words::spoken(state, map, &map.points[selected]));
        }
    });
    if listens.is_none() {
        return;
    }
    let mut active = None;
    ui.scope_builder(UiBuilder::new().accessibility_parent(response.id), |ui| {
        for place in map.by_x.iter().copied().filter(|place| field.shows(scene.at[*place])) {
            let point = &map.points[place];
            let id = response.id.with(("point", point.base));
            let rect = Rect::from_center_size(scene.at[place], Vec2::splat(10.0));
            // Registers the point under the plot; it senses nothing that the plot would miss.
            ui.interact(rect, id, Sense::hover());
            let is_selected = selected == Some(place);
            ui.accesskit_node_builder(id, |node| {
                node.set_role(Role::ListBoxOption);
                node.set_label(words::spoken(state, map, point));
                node.set_bounds(bounds(rect));
                node.set_selected(is_selected);
                node.add_action(NodeAction::Click);
            });
            if is_selected {
                active = Some(id);
            }
            if ui.input(|input| input.has_accesskit_action_request(id, NodeAction::Click)) {
                actions.push(pointer::select(field, place, state));
            }
        }
    });
    if let Some(id) = active {
        ui.accesskit_node_builder(response.id, |node| node.set_active_descendant(id.accesskit_id()));
    }
}

fn bounds(rect: Rect) -> NodeRect {
    NodeRect {
        x0: f64::from(rect.left()),
        y0: f64::from(rect.top()),
        x1: f64::from(rect.right()),
        y1: f64::from(rect.bottom()),
    }
}
