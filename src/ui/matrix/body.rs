//! The rows: scrolling, pointer and keyboard, and the order in which things are painted.

use eframe::egui::scroll_area::ScrollAreaOutput;
use eframe::egui::{Id, PointerButton, Rect, Response, ScrollArea, Sense, Ui, UiBuilder, pos2, vec2};

use super::canvas::{Canvas, Hit, Target};
use super::geometry::{Columns, ROW, Slot, TILE_GAP, TITLE_ROW, slots, total_height};
use super::{Cursor, Drawn, Gesture, Memo, SCROLL_BAR, View, keys, paint, speech, tip};
use crate::app::grid::LineKind;

/// Draws the rows in `rect`, whose right margin of [`SCROLL_BAR`] is the scroll bar's.
pub(super) fn show(
    ui: &mut Ui,
    rect: Rect,
    view: &View<'_>,
    columns: &Columns,
    id: Id,
    memo: &mut Memo,
    out: &mut Vec<Gesture>,
) -> Drawn {
    let page = (rect.height() / ROW - 2.0).max(1.0) as usize;
    keys::handle(ui, view, id, page, out);

    // The scroll bar's margin is scrolled past, or the last column would end under it.
    let content =
        vec2(columns.name + columns.width() + TILE_GAP + SCROLL_BAR, total_height(view.outline.lines()));
    let scrolls = content.x > rect.width() + 0.5;
    let shown = ui.scope_builder(UiBuilder::new().max_rect(rect), |ui| {
        ui.spacing_mut().scroll.fade.strength = 0.0;
        ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
        let area = ScrollArea::new([scrolls, true]).id_salt("matrix rows").auto_shrink(false);
        area.show_viewport(ui, |ui, viewport| {
            let (whole, _) = ui.allocate_exact_size(content, Sense::hover());
            let top = super::snapped(ui, whole.min).y;
            let port = Rect::from_min_size(rect.min, vec2(rect.width() - SCROLL_BAR, viewport.height()));
            let canvas = Canvas { view, columns, port, top, shift: viewport.left().max(0.0) };
            rows(ui, &canvas, id, memo, out)
        })
    });
    let ScrollAreaOutput { inner: drawn, state, .. } = shown.inner;
    let hidden_below = content.y - rect.height() - state.clamped_offset().y;
    paint::fade(ui, rect, hidden_below);
    drawn
}

fn rows(ui: &mut Ui, canvas: &Canvas<'_>, id: Id, memo: &mut Memo, out: &mut Vec<Gesture>) -> Drawn {
    let view = canvas.view;
    let (top, bottom) = (canvas.port.top() - canvas.top, canvas.port.bottom() - canvas.top);
    let visible: Vec<Slot> = slots(view.outline.lines())
        .skip_while(|slot| slot.bottom() < top)
        .take_while(|slot| slot.top < bottom)
        .collect();
    let title = sticky_title(canvas, top);

    let response = ui.interact(canvas.port, id, Sense::click());
    let pointer = response.hover_pos().filter(|pos| title.is_none_or(|title| !title.rect.contains(*pos)));
    let hit = pointer.and_then(|pos| canvas.hit(&visible, pos));
    let cursor = view.cursor();
    pointer_gestures(ui, canvas, &response, hit, out);
    memo.clicked_into =
        response.has_focus() && (memo.clicked_into || response.clicked_by(PointerButton::Primary));
    follow(ui, canvas, memo, cursor);

    let scene = paint::Scene {
        canvas,
        slots: &visible,
        cursor,
        hit,
        framed: response.has_focus() && !memo.clicked_into,
    };
    paint::all(ui, &scene, &mut memo.texts);
    if let Some(title) = title {
        paint::title(ui, canvas, title.rect, title.text, &mut memo.texts);
    }
    if let Some(hit) = hit {
        tip::show(ui, canvas, id, &hit);
    }
    speech::describe(ui, canvas, &response, &visible, cursor, out);
    Drawn {
        shift: canvas.shift,
        hovered: hit.and_then(|hit| hit.column()),
        selected: cursor.and_then(|cursor| cursor.column),
        visible: (
            visible.first().map_or(0, |slot| slot.index),
            visible.last().map_or(0, |slot| slot.index + 1),
        ),
    }
}

fn pointer_gestures(
    ui: &Ui,
    canvas: &Canvas<'_>,
    response: &Response,
    hit: Option<Hit>,
    out: &mut Vec<Gesture>,
) {
    // A screen reader clicks without a pointer: on the grid itself that means its selection.
    let Some(hit) = hit else {
        if response.clicked() && response.interact_pointer_pos().is_none() {
            out.push(Gesture::Open);
        }
        return;
    };
    let is_link = hit.target == Target::Tunes;
    if is_link {
        ui.set_cursor_icon(eframe::egui::CursorIcon::PointingHand);
    }
    if response.double_clicked() && !is_link {
        out.push(Gesture::Open);
    } else if response.clicked() {
        match (hit.target, hit.slot.line.kind) {
            (Target::Tunes, LineKind::Base(base)) => {
                out.push(Gesture::Fold(canvas.view.catalog.bases()[base].id));
            }
            (Target::Nothing, _) => {}
            _ => out.extend(keys::select(canvas.view, hit.cursor())),
        }
    }
    if response.clicked() {
        response.request_focus();
    }
}

/// Scrolls to the selection when it has moved off the screen; not when the screen was scrolled off it.
fn follow(ui: &Ui, canvas: &Canvas<'_>, memo: &mut Memo, cursor: Option<Cursor>) {
    let was_away = memo.pass + 1 < ui.cumulative_pass_nr();
    let moved = cursor != memo.cursor;
    memo.cursor = cursor;
    if !(moved || was_away) {
        return;
    }
    let Some(cursor) = cursor else { return };
    let Some(slot) = slots(canvas.view.outline.lines()).nth(cursor.line) else { return };
    let mut wanted = canvas.row(&slot);
    if let Some(column) = cursor.column {
        let left = canvas.column_left(column);
        // The name column covers what is scrolled under it.
        wanted.min.x = left - canvas.columns.name - 4.0;
        wanted.max.x = left + canvas.columns.tile() + 4.0;
    }
    // Clear of a sticky title above and of the fade below.
    wanted.min.y -= TITLE_ROW + 4.0;
    wanted.max.y += paint::FADE + 4.0;
    let is_seen = canvas.port.top() <= wanted.top() && wanted.bottom() <= canvas.port.bottom();
    let is_seen_across =
        wanted.left() >= canvas.port.left() - canvas.columns.name && wanted.right() <= canvas.port.right();
    if !(is_seen && is_seen_across) {
        let align = was_away.then_some(eframe::egui::Align::Center);
        ui.scroll_to_rect_animation(wanted, align, eframe::egui::style::ScrollAnimation::none());
    }
}

/// The title of the group at the top, which stays until the next one pushes it out.
#[derive(Clone, Copy)]
struct StickyTitle {
    text: &'static str,
    rect: Rect,
}

fn sticky_title(canvas: &Canvas<'_>, top: f32) -> Option<StickyTitle> {
    let mut current = None;
    let mut next = None;
    for slot in slots(canvas.view.outline.lines()) {
        if let LineKind::Title(text) = slot.line.kind {
            if slot.top > top {
                next = Some(slot.top);
                break;
            }
            current = Some(text);
        }
    }
    let pushed = next.map_or(0.0, |next| (next - top - TITLE_ROW).min(0.0));
    let min = pos2(canvas.port.left(), canvas.port.top() + pushed);
    current.map(|text| StickyTitle {
        text,
        rect: Rect::from_min_size(min, vec2(canvas.port.width(), TITLE_ROW)),
    })
}
