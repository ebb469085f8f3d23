//! Switches: one of a few, all in view.

use eframe::egui::accesskit::Role;
use eframe::egui::{
    Align, Align2, Color32, CornerRadius, Galley, Id, Layout, Rect, Response, Sense, Stroke, StrokeKind, Ui,
    Vec2, WidgetInfo, pos2, vec2,
};
use std::sync::Arc;

use super::paint;
use crate::ui::theme::{Text, Tokens, radius, size};

/// A row of segments of which one is chosen. Answers with what was clicked, if it is not `current` already.
///
/// Each segment is a radio button by its word. `height` is [`size::PAGE_SWITCH`] or [`size::TOOL_ROW`].
pub fn segmented<T: Copy + PartialEq>(
    ui: &mut Ui,
    name: &str,
    options: &[(T, &str)],
    current: T,
    height: f32,
) -> Option<T> {
    segmented_within(ui, name, options, current, vec2(f32::INFINITY, height))
}

/// The same in rows no wider than `limit.x`, each `limit.y` high.
pub fn segmented_within<T: Copy + PartialEq>(
    ui: &mut Ui,
    name: &str,
    options: &[(T, &str)],
    current: T,
    limit: Vec2,
) -> Option<T> {
    const PADDING: f32 = 11.0;
    const INSET: f32 = 2.0;
    let t = Tokens::of(ui);
    let words = lay_out(ui, options, |option| if option == current { t.text } else { t.text_2 });
    let widths = words.iter().map(|word| (word.size().x + 2.0 * PADDING).round());
    let places = in_rows(widths, limit - Vec2::splat(2.0 * INSET), 0.0);
    let inner = places.iter().fold(Vec2::ZERO, |size, place| size.max(place.max.to_vec2()));
    let (rect, group) = ui.allocate_exact_size(inner + Vec2::splat(2.0 * INSET), Sense::hover());
    let rect = paint::snap(ui, rect);
    group.widget_info(|| WidgetInfo::labeled(Role::RadioGroup, true, name));
    ui.painter().rect(
        rect,
        CornerRadius::same(7),
        t.card,
        Stroke::new(size::LINE, t.line),
        StrokeKind::Inside,
    );

    let mut picked = None;
    for (((option, label), word), place) in options.iter().zip(words).zip(places) {
        let segment = place.translate(rect.min.to_vec2() + Vec2::splat(INSET));
        let response = choice(ui, group.id.with(label), segment, *option == current, label);
        if *option == current {
            ui.painter().rect(
                segment,
                radius::SEGMENT,
                t.accent_bg,
                Stroke::new(size::LINE, t.accent_line),
                StrokeKind::Inside,
            );
        } else if response.hovered() {
            ui.painter().rect_filled(segment, radius::SEGMENT, t.hover);
        }
        center(ui, segment, word);
        paint::focus_ring(ui, &response, segment, radius::SEGMENT);
        if response.clicked() && *option != current {
            picked = Some(*option);
        }
    }
    picked
}

/// Space between two tabs.
const GAP: f32 = 16.0;

/// Words of which the chosen one is underlined in accent, in rows where the width asks for it. Answers as
/// [`segmented`] does.
pub fn tabs<T: Copy + PartialEq>(
    ui: &mut Ui,
    name: &str,
    options: &[(T, &str)],
    current: T,
    height: f32,
) -> Option<T> {
    let limit = vec2(ui.available_width(), height);
    tabs_within(ui, name, options, current, limit)
}

/// The same in rows no wider than `limit.x`, each `limit.y` high.
fn tabs_within<T: Copy + PartialEq>(
    ui: &mut Ui,
    name: &str,
    options: &[(T, &str)],
    current: T,
    limit: Vec2,
) -> Option<T> {
    let t = Tokens::of(ui);
    let words = lay_out(ui, options, |option| if option == current { t.text } else { t.text_3 });
    let places = in_rows(words.iter().map(|word| word.size().x), limit, GAP);
    let size = places.iter().fold(Vec2::ZERO, |size, place| size.max(place.max.to_vec2()));
    let (rect, group) = ui.allocate_exact_size(vec2(size.x, size.y.max(limit.y)), Sense::hover());
    let rect = paint::snap(ui, rect);
    group.widget_info(|| WidgetInfo::labeled(Role::RadioGroup, true, name));

    let mut picked = None;
    for (((option, label), word), place) in options.iter().zip(words).zip(places) {
        let tab = place.translate(rect.min.to_vec2());
        let target = tab.expand2(vec2(GAP / 2.0, 0.0));
        let response = choice(ui, group.id.with(label), target, *option == current, label);
        let word = if response.hovered() && *option != current {
            paint::galley(ui.painter(), label, Text::Label, t.text_2)
        } else {
            word
        };
        if *option == current {
            let underline = Rect::from_min_max(pos2(tab.left(), tab.bottom() - 2.0), tab.max);
            ui.painter().rect_filled(paint::snap(ui, underline), CornerRadius::ZERO, t.accent);
        }
        center(ui, tab, word);
        paint::focus_ring(ui, &response, target.shrink2(vec2(2.0, 2.0)), radius::SEGMENT);
        if response.clicked() && *option != current {
            picked = Some(*option);
        }
    }
    picked
}

/// The first line of a [`card_frame`](super::card_frame) whose title is a row of tabs: tabs at the left,
/// `right` at the right, and a hairline below from edge to edge. Answers as [`segmented`] does.
pub fn tab_header<T: Copy + PartialEq>(
    ui: &mut Ui,
    name: &str,
    options: &[(T, &str)],
    current: T,
    right: impl FnOnce(&mut Ui),
) -> Option<T> {
    const HEIGHT: f32 = 35.0;
    /// Room for what stands at the right.
    const RIGHT: f32 = 76.0;
    let limit = vec2(ui.available_width() - RIGHT, HEIGHT);
    let response = ui.horizontal(|ui| {
        ui.set_min_height(HEIGHT);
        let picked = tabs_within(ui, name, options, current, limit);
        ui.with_layout(Layout::right_to_left(Align::Center), right);
        picked
    });
    let rect = response.response.rect;
    let edge = size::CARD_PADDING - size::LINE;
    let line = Rect::from_min_max(
        pos2(rect.left() - edge, rect.bottom()),
        pos2(rect.right() + edge, rect.bottom() + size::LINE),
    );
    ui.painter().rect_filled(paint::snap(ui, line), CornerRadius::ZERO, Tokens::of(ui).line);
    response.inner
}

/// Places of words of these widths, a gap apart: a word that goes beyond the limit begins a row.
fn in_rows(widths: impl Iterator<Item = f32>, limit: Vec2, gap: f32) -> Vec<Rect> {
    let mut at = pos2(0.0, 0.0);
    widths
        .map(|width| {
            if at.x > 0.0 && at.x + width > limit.x {
                at = pos2(0.0, at.y + limit.y);
            }
            let place = Rect::from_min_size(at, vec2(width, limit.y));
            at.x += width + gap;
            place
        })
        .collect()
}

fn lay_out<T: Copy>(ui: &Ui, options: &[(T, &str)], color: impl Fn(T) -> Color32) -> Vec<Arc<Galley>> {
    options
        .iter()
        .map(|(option, label)| paint::galley(ui.painter(), label, Text::Button, color(*option)))
        .collect()
}

fn choice(ui: &Ui, id: Id, rect: Rect, selected: bool, label: &str) -> Response {
    let response = ui.interact(rect, id, Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::RadioButton, ui.is_enabled(), selected, label));
    response
}

fn center(ui: &Ui, rect: Rect, word: Arc<Galley>) {
    let at = Align2::CENTER_CENTER.anchor_size(rect.center(), word.size());
    ui.painter().galley(at.min, word, Color32::PLACEHOLDER);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_are_too_many_begin_a_row() {
        let rows = |limit| -> Vec<(f32, f32)> {
            let places = in_rows([50.0, 60.0, 40.0].into_iter(), vec2(limit, 30.0), GAP);
            places.iter().map(|place| (place.left(), place.top())).collect()
        };
        assert_eq!(rows(f32::INFINITY), [(0.0, 0.0), (66.0, 0.0), (142.0, 0.0)]);
        assert_eq!(rows(130.0), [(0.0, 0.0), (66.0, 0.0), (0.0, 30.0)]);
        assert_eq!(rows(20.0), [(0.0, 0.0), (0.0, 30.0), (0.0, 60.0)], "never without end");
    }
}
