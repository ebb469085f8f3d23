//! A value of a device: its name, the value, its source; where it can be set, a pencil and a field.

use eframe::egui::accesskit::Role;
use eframe::egui::{
    Align, Align2, Button, CursorIcon, Id, Layout, Painter, Pos2, Rect, Response, Sense, Shape, Stroke,
    StrokeKind, Ui, WidgetInfo, pos2, vec2,
};

use super::field;
use crate::app::machine_page::{Fact, Target};
use crate::app::{MachineAction, State};
use crate::language::tr;
use crate::ui::line;
use crate::ui::theme::{Text, Tokens, radius, size, space};

/// Height of a line.
const ROW: f32 = 21.0;
/// Width of the names.
const NAME: f32 = 78.0;
/// Width of a field.
const FIELD: f32 = 104.0;
/// Room for the pencil behind a value.
const PENCIL: f32 = 16.0;

/// Draws the line; `of` is the device's name.
pub(super) fn show(ui: &mut Ui, state: &State, of: &str, fact: &Fact, asked: &mut Vec<MachineAction>) {
    let editing = state.machine_page.editing.as_ref();
    let typed =
        fact.target.as_ref().filter(|target| editing.is_some_and(|editing| editing.target == **target));
    match (typed, &fact.target) {
        (Some(target), _) => typing(ui, state, of, fact, target, asked),
        (None, Some(target)) => settable(ui, of, fact, target, asked),
        (None, None) => fixed(ui, of, fact),
    }
}

fn name(ui: &Ui, rect: Rect, fact: &Fact) {
    let t = Tokens::of(ui);
    let at = pos2(rect.left(), rect.top() + ROW / 2.0);
    line(ui.painter(), at, Align2::LEFT_CENTER, NAME - 4.0, Text::Cell, t.text_3, fact.name);
}

/// The value and how it is known; answers with where the value ends.
fn value(ui: &Ui, rect: Rect, fact: &Fact, right: f32) -> Rect {
    let t = Tokens::of(ui);
    let (words, ink) = match &fact.value {
        Some(value) => (value.as_str(), t.text),
        None => (tr!("n/a"), t.text_3),
    };
    let at = pos2(rect.left() + NAME, rect.center().y);
    let room = right - at.x;
    let drawn = line(ui.painter(), at, Align2::LEFT_CENTER, room, Text::Body, ink, words);
    let room = right - drawn.right() - PENCIL - space::S;
    if room > 24.0 {
        let at = pos2(right, rect.center().y);
        line(ui.painter(), at, Align2::RIGHT_CENTER, room, Text::Small, t.text_3, &fact.source);
    }
    drawn
}

fn fixed(ui: &mut Ui, of: &str, fact: &Fact) {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
    if ui.is_rect_visible(rect) {
        name(ui, rect, fact);
        value(ui, rect, fact, rect.right());
    }
    speak(&response, of, fact, Role::Label);
    explain(response, fact);
}

/// "Power limit of NVIDIA GeForce RTX 3060: 150 W, was 170 W; NVML".
fn sentence(of: &str, fact: &Fact) -> String {
    let value = fact.value.as_deref().unwrap_or(tr!("n/a"));
    let was = fact.was.as_ref().map(|was| tr!(", set by hand, was {was}", was)).unwrap_or_default();
    tr!("{name} of {of}: {value}{was}; {source}", name = fact.name, of, value, was, source = fact.source)
}

fn speak(response: &Response, of: &str, fact: &Fact, role: Role) {
    response.widget_info(|| WidgetInfo::labeled(role, true, sentence(of, fact)));
}

fn explain(response: Response, fact: &Fact) {
    let value = fact.value.as_deref().unwrap_or(tr!("n/a"));
    let click = if fact.target.is_some() { tr!("\nClick to set another value") } else { "" };
    response.on_hover_text(tr!(
        "{name}: {value}\nKnown from: {source}{click}",
        name = fact.name,
        value,
        source = fact.source,
        click
    ));
}

fn settable(ui: &mut Ui, of: &str, fact: &Fact, target: &Target, asked: &mut Vec<MachineAction>) {
    let t = Tokens::of(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
    name(ui, rect, fact);
    let right = if fact.was.is_some() {
        rect.right() - reset(ui, of, fact, target, rect, asked)
    } else {
        rect.right()
    };
    let place = Rect::from_min_max(pos2(rect.left() + NAME - 6.0, rect.top()), pos2(right, rect.bottom()));
    let id = Id::unique(("edit", format!("{target:?}")));
    let response = ui.interact(place, id, Sense::click()).on_hover_cursor(CursorIcon::Text);
    speak(&response, of, fact, Role::Button);
    if response.clicked() {
        asked.push(MachineAction::Edit(target.clone()));
        ui.memory_mut(|memory| memory.request_focus(field::id(target)));
    }
    let lifted = response.hovered() || response.has_focus();
    if fact.was.is_some() {
        let boxed =
            Rect::from_min_size(place.min + vec2(0.0, 1.0), vec2(FIELD.min(place.width()), ROW - 2.0));
        let stroke = Stroke::new(size::LINE, t.accent);
        ui.painter().rect(boxed, radius::TILE, t.accent_bg, stroke, StrokeKind::Inside);
        let words = fact.value.as_deref().unwrap_or(tr!("n/a"));
        let at = pos2(rect.left() + NAME, rect.center().y);
        line(ui.painter(), at, Align2::LEFT_CENTER, boxed.width() - 12.0, Text::Body, t.text, words);
        if lifted {
            pencil(ui.painter(), pos2(boxed.right() - 10.0, rect.center().y), t);
        }
    } else {
        let drawn = value(ui, rect, fact, rect.right());
        if lifted {
            pencil(ui.painter(), pos2(drawn.right() + 11.0, rect.center().y), t);
        }
    }
    if response.has_focus() {
        let ring = Stroke::new(1.5, t.accent);
        ui.painter().rect_stroke(place, radius::TILE, ring, StrokeKind::Inside);
    }
    explain(response, fact);
}

/// What it was and the way back, at the right end; answers with their width.
fn reset(
    ui: &mut Ui,
    of: &str,
    fact: &Fact,
    target: &Target,
    rect: Rect,
    asked: &mut Vec<MachineAction>,
) -> f32 {
    let t = Tokens::of(ui);
    let was = tr!("was {was}", was = fact.was.as_deref().unwrap_or_default());
    let place = Rect::from_min_max(pos2(rect.left() + NAME + FIELD, rect.top()), rect.max);
    let builder = eframe::egui::UiBuilder::new().max_rect(place).layout(Layout::right_to_left(Align::Center));
    let mut row = ui.new_child(builder);
    row.spacing_mut().item_spacing.x = 6.0;
    row.spacing_mut().button_padding = vec2(2.0, 0.0);
    row.spacing_mut().interact_size.y = ROW - 4.0;
    let button = Button::new(Text::SmallMedium.rich(tr!("Reset")).color(t.accent)).frame_when_inactive(false);
    let spoken = tr!("Reset {name} of {of}", name = fact.name, of);
    if row.add(button).accessible_name(spoken).on_hover_text(tr!("Back to what was read")).clicked() {
        asked.push(MachineAction::Reset(target.clone()));
    }
    let left = row.min_rect().left() - 6.0;
    let room = left - place.left() - 4.0;
    line(ui.painter(), pos2(left, rect.center().y), Align2::RIGHT_CENTER, room, Text::Small, t.text_3, &was);
    rect.right() - place.left()
}

fn typing(
    ui: &mut Ui,
    state: &State,
    of: &str,
    fact: &Fact,
    target: &Target,
    asked: &mut Vec<MachineAction>,
) {
    let wanted = vec2(ui.available_width(), ROW);
    let words = tr!("{name} of {of}", name = fact.name, of);
    ui.allocate_ui_with_layout(wanted, Layout::left_to_right(Align::Min), |ui| {
        ui.spacing_mut().item_spacing = vec2(0.0, 2.0);
        let (rect, _) = ui.allocate_exact_size(vec2(NAME - 6.0, ROW), Sense::hover());
        name(ui, rect, fact);
        ui.vertical(|ui| {
            let width = (FIELD + 46.0).min(ui.available_width());
            field::show(ui, state, target, &words, tr!("as read"), [width, ROW], asked);
        });
    });
}

/// A pencil, 11 points long, its tip at the lower left.
fn pencil(painter: &Painter, center: Pos2, t: &Tokens) {
    let stroke = Stroke::new(1.2, t.text_2);
    let at = |x: f32, y: f32| center + vec2(x, y);
    let body = vec![at(-4.5, 4.5), at(-3.8, 1.6), at(2.4, -4.6), at(4.6, -2.4), at(-1.6, 3.8)];
    painter.add(Shape::closed_line(body, stroke));
    painter.line_segment([at(0.6, -2.8), at(2.8, -0.6)], stroke);
}
