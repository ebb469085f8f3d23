//! The matrix for a screen reader: one focus stop, a node for each visible cell, one sentence each.
//!
//! Nothing here is computed while no screen reader listens.

use eframe::egui::accesskit::{Action, Rect as NodeRect, Role};
use eframe::egui::{Rect, Response, Sense, Ui, UiBuilder};

use super::canvas::Canvas;
use super::geometry::Slot;
use super::{Cursor, Gesture, keys, words};
use crate::language::tr;

pub(super) fn describe(
    ui: &mut Ui,
    canvas: &Canvas<'_>,
    response: &Response,
    slots: &[Slot],
    cursor: Option<Cursor>,
    out: &mut Vec<Gesture>,
) {
    let view = canvas.view;
    let lines = view.outline.lines().len();
    let spoken = cursor.and_then(|cursor| sentence(canvas, cursor));
    let listens = ui.accesskit_node_builder(response.id, |node| {
        node.set_role(Role::Grid);
        node.set_label(tr!("Models by quantization"));
        node.set_row_count(lines);
        node.set_column_count(canvas.columns.count());
        node.set_bounds(bounds(response.rect));
        node.add_action(Action::Focus);
        node.add_action(Action::Click);
        if let Some(spoken) = &spoken {
            node.set_value(spoken.clone());
        }
    });
    if listens.is_none() {
        return;
    }

    let active = cursor.and_then(|cursor| cursor.column.map(|column| (cursor.line, column)));
    let mut active_node = None;
    ui.scope_builder(UiBuilder::new().accessibility_parent(response.id), |ui| {
        for slot in slots {
            for column in 0..canvas.columns.count() {
                let cursor = Cursor { line: slot.index, column: Some(column) };
                let Some(sentence) = sentence(canvas, cursor) else { continue };
                let rect = canvas.tile(ui, slot, column).intersect(canvas.port);
                if !rect.is_positive() || rect.left() < canvas.names_end() {
                    continue;
                }
                let id = response.id.with(("cell", slot.index, column));
                // Registers the cell under the grid; it senses nothing that the grid would miss.
                ui.interact(rect, id, Sense::hover());
                let is_active = active == Some((slot.index, column));
                ui.accesskit_node_builder(id, |node| {
                    node.set_role(Role::GridCell);
                    node.set_label(sentence);
                    node.set_bounds(bounds(rect));
                    node.set_row_index(slot.index);
                    node.set_column_index(column);
                    node.set_selected(is_active);
                    node.add_action(Action::Click);
                });
                if is_active {
                    active_node = Some(id);
                }
                if ui.input(|input| input.has_accesskit_action_request(id, Action::Click)) {
                    out.extend(keys::select(view, cursor));
                }
            }
        }
    });
    if let Some(id) = active_node {
        ui.accesskit_node_builder(response.id, |node| node.set_active_descendant(id.accesskit_id()));
    }
}

/// What is said of a place; `None` for titles, and while there is no estimate.
fn sentence(canvas: &Canvas<'_>, cursor: Cursor) -> Option<String> {
    let view = canvas.view;
    let line = view.outline.lines().get(cursor.line)?;
    let row = view.grid.row(line.model(view.catalog)?)?;
    let column = cursor.column?;
    Some(words::spoken(line.name(view.catalog), *view.grid.levels().get(column)?, row, column))
}

fn bounds(rect: Rect) -> NodeRect {
    NodeRect {
        x0: f64::from(rect.left()),
        y0: f64::from(rect.top()),
        x1: f64::from(rect.right()),
        y1: f64::from(rect.bottom()),
    }
}
