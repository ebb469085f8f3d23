//! Controls of the left column: slider with steps, combo box, check box, search field.

use eframe::egui::accesskit::{Action, ActionData, Role};
use eframe::egui::{
    Align, Align2, ComboBox, CornerRadius, EventFilter, Id, Key, Margin, Modifiers, Rect, Response, Sense,
    Shape, Stroke, StrokeKind, TextEdit, Ui, WidgetInfo, pos2, style::ScrollAnimation, vec2,
};

use super::layout::caption;
use super::paint;
use crate::language::tr;
use crate::ui::theme::{MOTION, Text, Tokens, size};

/// Powers of two from `2^low` to `2^high` and the halves between: 1024, 1536, 2048, 3072 …
pub fn octave_steps(low: u32, high: u32) -> Vec<u32> {
    let mut steps = Vec::new();
    for power in low..high.min(31) {
        steps.push(1 << power);
        if power > 0 {
            steps.push((1 << power) + (1 << (power - 1)));
        }
    }
    steps.push(1 << high.min(31));
    steps
}

/// A slider over `steps` (rising, at least one), spaced by their logarithm, with its name and value above.
///
/// Answers with the step that was chosen by dragging, clicking, arrow keys, Home or End, if it is not
/// `value` already. `value` may lie between steps. `text` says the value: "16K tokens". 39 high.
pub fn log_slider(ui: &mut Ui, name: &str, value: u32, steps: &[u32], text: &str) -> Option<u32> {
    // The thumb's centre stays this far inside the rail, so that it hangs over by less than half.
    const INSET: f32 = 4.0;
    let (&low, &high) = (steps.first()?, steps.last()?);
    let t = Tokens::of(ui);
    let response = ui
        .vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 5.0;
            caption(ui, name, text);
            ui.allocate_response(vec2(ui.available_width(), 18.0), Sense::click_and_drag())
        })
        .inner;
    let log = |value: u32| f64::from(value.max(1)).log2();
    let span = (log(high) - log(low)).max(f64::EPSILON);
    let rect = response.rect;
    let rail = Rect::from_center_size(rect.center(), vec2(rect.width(), size::RAIL));
    let track = rail.shrink2(vec2(INSET, 0.0));

    let mut chosen = value;
    if let Some(pointer) = response.interact_pointer_pos() {
        let share = ((pointer.x - track.left()) / track.width().max(1.0)).clamp(0.0, 1.0);
        chosen = nearest(steps, log(low) + f64::from(share) * span);
        response.request_focus();
    }
    chosen = by_keyboard(ui, &response, chosen, steps);
    let asked = ui.input(|input| {
        input
            .accesskit_action_requests(response.id, Action::SetValue)
            .filter_map(|request| match request.data {
                Some(ActionData::NumericValue(value)) => Some(value),
                _ => None,
            })
            .last()
    });
    if let Some(asked) = asked {
        chosen = nearest(steps, asked.max(1.0).log2());
    }

    if ui.is_rect_visible(rect) {
        let share = ((log(chosen) - log(low)) / span).clamp(0.0, 1.0) as f32;
        let thumb = pos2(track.left() + share * track.width(), rect.center().y);
        let painter = ui.painter();
        let rail = paint::snap(ui, rail);
        painter.rect_filled(rail, CornerRadius::same(2), t.line);
        let trail = Rect::from_min_max(rail.min, pos2(thumb.x, rail.bottom()));
        painter.rect_filled(trail, CornerRadius::same(2), t.accent);
        let (fill, edge) = match () {
            () if response.has_focus() || response.dragged() => (t.hover, Stroke::new(1.5, t.accent)),
            () if response.hovered() => (t.hover, Stroke::new(size::LINE, t.text)),
            () => (t.hover, Stroke::new(size::LINE, t.text_3)),
        };
        painter.circle(thumb, size::THUMB / 2.0 - 0.75, fill, edge);
    }

    response.widget_info(|| WidgetInfo::slider(ui.is_enabled(), f64::from(chosen), name));
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_value(text);
        node.set_min_numeric_value(f64::from(low));
        node.set_max_numeric_value(f64::from(high));
        node.add_action(Action::SetValue);
        if chosen < high {
            node.add_action(Action::Increment);
        }
        if chosen > low {
            node.add_action(Action::Decrement);
        }
    });
    (chosen != value).then_some(chosen)
}

/// The step whose logarithm is nearest to `log2`.
fn nearest(steps: &[u32], log2: f64) -> u32 {
    let distance = |step: u32| (f64::from(step.max(1)).log2() - log2).abs();
    steps.iter().copied().min_by(|a, b| distance(*a).total_cmp(&distance(*b))).unwrap_or_default()
}

/// Arrow keys and a screen reader's "increase" go one step, Home and End to the ends.
fn by_keyboard(ui: &Ui, response: &Response, value: u32, steps: &[u32]) -> u32 {
    let (up, down) = ui.input(|input| {
        (
            input.has_accesskit_action_request(response.id, Action::Increment),
            input.has_accesskit_action_request(response.id, Action::Decrement),
        )
    });
    let mut go = i32::from(up) - i32::from(down);
    let mut end = None;
    if response.has_focus() {
        let filter = EventFilter { horizontal_arrows: true, vertical_arrows: true, ..Default::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
        ui.input_mut(|input| {
            let mut pressed = |key| i32::from(input.consume_key(Modifiers::NONE, key));
            go += pressed(Key::ArrowRight) + pressed(Key::ArrowUp);
            go -= pressed(Key::ArrowLeft) + pressed(Key::ArrowDown);
            if pressed(Key::Home) > 0 {
                end = steps.first();
            }
            if pressed(Key::End) > 0 {
                end = steps.last();
            }
        });
    }
    let next = match go {
        0 => Some(&value),
        1.. => steps.iter().find(|step| **step > value),
        _ => steps.iter().rev().find(|step| **step < value),
    };
    end.or(next).copied().unwrap_or(value)
}

/// A combo box as wide as there is room. Answers with what was chosen, if it is not `current` already.
pub fn combo<T: Copy + PartialEq>(ui: &mut Ui, name: &str, options: &[(T, &str)], current: T) -> Option<T> {
    combo_groups(ui, name, &[options], &[current])
}

/// The same with several groups of options, each with one that is current. The first group's is shown.
pub fn combo_groups<T: Copy + PartialEq>(
    ui: &mut Ui,
    name: &str,
    groups: &[&[(T, &str)]],
    current: &[T],
) -> Option<T> {
    let mut picked = None;
    let shown = groups.first().and_then(|group| group.iter().find(|(option, _)| current.contains(option)));
    let text = shown.map_or("", |(_, text)| *text);
    let t = Tokens::of(ui);
    let width = ui.available_width();
    let response = ComboBox::from_id_salt(name)
        .width(width)
        .truncate()
        .selected_text(Text::Body.rich(text).color(t.text))
        .icon(|ui, rect, _, _| {
            let center = paint::snap(ui, rect).center() + vec2(4.0, 0.0);
            let points = vec![center + vec2(-4.5, -2.5), center + vec2(4.5, -2.5), center + vec2(0.0, 3.0)];
            ui.painter().add(Shape::convex_polygon(points, Tokens::of(ui).text_2, Stroke::NONE));
        })
        .show_ui(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            // The list is measured in the pass in which it opens: there it scrolls to what is chosen.
            let opens = ui.is_sizing_pass();
            // Rows of a list are told apart by their ground; borders are for what stands alone.
            let rows = &mut ui.visuals_mut().widgets;
            for visuals in [&mut rows.inactive, &mut rows.hovered] {
                visuals.bg_stroke = Stroke::NONE;
            }
            for (place, (option, text)) in groups.iter().flat_map(|group| group.iter().enumerate()) {
                let chosen = current.contains(option);
                if place == 0 && *option != groups[0][0].0 {
                    ui.separator();
                }
                let words = Text::Body.rich(*text);
                let words = if chosen { words.color(t.text) } else { words };
                let row = ui.selectable_label(chosen, words);
                if chosen && opens {
                    row.scroll_to_me_animation(Some(Align::Center), ScrollAnimation::none());
                }
                if row.clicked() {
                    // A click of the pointer closes the list anyway, that of a screen reader does not.
                    ui.close();
                    picked = (!chosen).then_some(*option);
                }
            }
        })
        .response;
    response.accessible_name(name);
    picked
}

/// A check box with its words; the whole row is the target. Answers with the new state when clicked.
pub fn check(ui: &mut Ui, label: &str, checked: bool) -> Option<bool> {
    let t = Tokens::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), size::CONTROL), Sense::click());
    if ui.is_rect_visible(rect) {
        let rect = paint::snap(ui, rect);
        let corner = CornerRadius::same(4);
        let y = rect.center().y;
        let square = Rect::from_center_size(pos2(rect.left() + 8.0, y), vec2(16.0, 16.0));
        let on = ui.ctx().animate_bool_with_time(response.id, checked, MOTION);
        let edge = match () {
            () if response.has_focus() => Stroke::new(1.5, t.accent),
            () if response.hovered() => Stroke::new(size::LINE, t.text_2),
            () => Stroke::new(size::LINE, t.line_strong),
        };
        let painter = ui.painter();
        painter.rect(square, corner, t.bg, edge, StrokeKind::Inside);
        if on > 0.0 {
            painter.rect_filled(square, corner, t.accent.gamma_multiply(on));
            let tick = [vec2(-3.6, 0.2), vec2(-1.2, 2.8), vec2(3.8, -2.8)].map(|at| square.center() + at);
            painter.line(tick.to_vec(), Stroke::new(2.0, t.panel.gamma_multiply(on)));
            if response.has_focus() {
                painter.rect_stroke(square.expand(2.0), 6.0, edge, StrokeKind::Inside);
            }
        }
        let color = if checked || response.hovered() { t.text } else { t.text_2 };
        let at = pos2(rect.left() + 24.0, y);
        paint::text_within(painter, at, rect.width() - 24.0, label, Text::Body, color);
    }
    response.widget_info(|| WidgetInfo::selected(Role::CheckBox, ui.is_enabled(), checked, label));
    response.clicked().then_some(!checked)
}

/// A field to search in, as wide as there is room, with its shortcut at the right end while it is empty
/// and a cross that clears it otherwise. The response is the field's: `changed()` says that `text` changed.
///
/// `id` is what a shortcut gives the focus to; `name` is what a screen reader says.
pub fn search_field(
    ui: &mut Ui,
    id: Id,
    name: &str,
    text: &mut String,
    hint: &str,
    shortcut: &str,
) -> Response {
    let t = Tokens::of(ui);
    let mut response = ui.add_sized(
        vec2(ui.available_width(), size::CONTROL),
        TextEdit::singleline(text)
            .id(id)
            .hint_text(Text::Body.rich(hint).color(t.text_3))
            .text_color(t.text)
            .align(Align2::LEFT_CENTER)
            .char_limit(256)
            .margin(Margin { left: 10, right: 26, top: 0, bottom: 0 }),
    );
    let rect = response.rect;
    if text.is_empty() {
        if !response.has_focus() {
            let at = pos2(rect.right() - 10.0, rect.center().y);
            paint::text(ui.painter(), at, Align2::RIGHT_CENTER, shortcut, Text::Small, t.text_3);
        }
    } else {
        let cross = Rect::from_center_size(pos2(rect.right() - 14.0, rect.center().y), vec2(20.0, 20.0));
        let clear = ui.interact(cross, id.with("clear"), Sense::click());
        clear.widget_info(|| WidgetInfo::labeled(Role::Button, true, tr!("Clear search")));
        let color = if clear.hovered() || clear.has_focus() { t.text } else { t.text_3 };
        let stroke = Stroke::new(1.5, color);
        let center = cross.center();
        ui.painter().line_segment([center - vec2(3.5, 3.5), center + vec2(3.5, 3.5)], stroke);
        ui.painter().line_segment([center + vec2(-3.5, 3.5), center + vec2(3.5, -3.5)], stroke);
        if clear.clicked() {
            text.clear();
            response.mark_changed();
            response.request_focus();
        }
    }
    response.accessible_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_powers_and_the_halves_between() {
        assert_eq!(octave_steps(10, 12), [1024, 1536, 2048, 3072, 4096]);
        assert_eq!(octave_steps(0, 2), [1, 2, 3, 4]);
        assert_eq!(octave_steps(10, 20).len(), 21);
        assert_eq!(octave_steps(10, 20).last(), Some(&(1 << 20)));
        assert!(octave_steps(0, 40).is_sorted());
    }

    #[test]
    fn the_nearest_step_is_by_ratio() {
        let steps = octave_steps(10, 20);
        assert_eq!(nearest(&steps, 14.0), 16_384);
        assert_eq!(nearest(&steps, f64::from(20_000).log2()), 16_384);
        assert_eq!(nearest(&steps, f64::from(21_000).log2()), 24_576);
        assert_eq!(nearest(&steps, 2.0), 1024);
        assert_eq!(nearest(&steps, 40.0), 1 << 20);
    }
}
