//! A command in a card: each flag explained, broken at backslashes, with a button that copies it.

mod wrap;

use eframe::egui::accesskit::Role;
use eframe::egui::{
    Align2, CornerRadius, EventFilter, Id, Key, Label, Modifiers, Rect, Response, Sense, Ui, WidgetInfo,
    pos2, vec2,
};

use super::paint;
use crate::language::{self, mark, tr};
use crate::ui::theme::{Text, Tokens};

use wrap::{Piece, wrapped};

/// One word of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommandWord<'a> {
    /// A flag with its value, or a plain word.
    pub text: &'a str,
    /// What the flag does; `None`: it is no flag.
    pub means: Option<&'a str>,
}

/// One line of a command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommandLine<'a> {
    /// Its words, a space apart.
    pub words: Vec<CommandWord<'a>>,
    /// It goes on the line before and is indented.
    pub is_continuation: bool,
    /// It ends in a backslash.
    pub goes_on: bool,
    /// It may be broken between words, with a backslash.
    pub breaks: bool,
}

/// Height of a line.
const LINE: f32 = 18.0;
/// What stands there while no flag is chosen.
const HINT: &str = mark!("Hover a flag for its meaning, or press the arrow keys");

/// Shows a command in mono, broken so that no line is cut, and below it what one of its flags does: that
/// under the pointer, or, while the command has the focus, the one that the arrow keys chose. `spoken` is
/// the whole command.
pub fn command_text(ui: &mut Ui, id: Id, lines: &[CommandLine<'_>], spoken: &str) -> Response {
    let t = Tokens::of(ui);
    let width = ui.available_width();
    let sample = paint::galley(ui.painter(), "0000000000", Text::Mono, t.text_2).size().x / 10.0;
    let columns = (width / sample.max(1.0)) as usize;
    let rows = wrapped(lines, columns);
    let (rect, _) = ui.allocate_exact_size(vec2(width, LINE * rows.len().max(1) as f32), Sense::hover());
    let flags: Vec<CommandWord<'_>> =
        lines.iter().flat_map(|line| &line.words).copied().filter(|word| word.means.is_some()).collect();
    let response = ui.interact(rect, id, Sense::click());
    let chosen = chosen_by_keys(ui, &response, flags.len());
    response.widget_info(|| WidgetInfo::labeled(Role::Code, true, spoken));
    let place = |row: usize, piece: &Piece| {
        let at = pos2(rect.left() + sample * piece.column as f32, rect.top() + LINE * row as f32);
        Rect::from_min_size(at, vec2(sample * piece.text.chars().count() as f32, LINE))
    };
    let hovered = hovered_flag(ui, id, &rows, &flags, place);
    let shown = hovered.or(chosen);
    for (row, pieces) in rows.iter().enumerate() {
        for piece in pieces {
            paint_piece(ui, place(row, piece), piece, shown.is_some() && piece.flag == shown);
        }
    }
    paint::focus_ring(ui, &response, rect.expand(3.0), CornerRadius::same(4));
    if let Some(flag) = chosen.and_then(|chosen| flags.get(chosen)) {
        let means = format!("{}: {}", flag.text, flag.means.unwrap_or_default());
        ui.accesskit_node_builder(response.id, |node| node.set_description(means));
    }
    meaning(ui, &flags, shown);
    response
}

/// The flag that the arrow keys chose, while the command has the focus.
fn chosen_by_keys(ui: &Ui, response: &Response, flags: usize) -> Option<usize> {
    if !response.has_focus() || flags == 0 {
        return None;
    }
    let filter = EventFilter { horizontal_arrows: true, ..Default::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
    let known: Option<usize> = ui.data(|data| data.get_temp(response.id));
    let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    let at = known.map(|known| known.min(flags - 1));
    let next = if pressed(Key::ArrowRight) {
        Some(at.map_or(0, |at| (at + 1).min(flags - 1)))
    } else if pressed(Key::ArrowLeft) {
        Some(at.map_or(flags - 1, |at| at.saturating_sub(1)))
    } else if pressed(Key::Home) {
        Some(0)
    } else if pressed(Key::End) {
        Some(flags - 1)
    } else {
        at
    };
    if let Some(next) = next {
        ui.data_mut(|data| data.insert_temp(response.id, next));
    }
    next
}

/// Makes each flag a thing that can be pointed at, with its meaning; answers with the one under the pointer.
fn hovered_flag(
    ui: &Ui,
    id: Id,
    rows: &[Vec<Piece>],
    flags: &[CommandWord<'_>],
    place: impl Fn(usize, &Piece) -> Rect,
) -> Option<usize> {
    let mut hovered = None;
    let mut said = vec![false; flags.len()];
    for (row, pieces) in rows.iter().enumerate() {
        for (nth, piece) in pieces.iter().enumerate() {
            let Some((flag, word)) = piece.flag.and_then(|flag| Some((flag, flags.get(flag)?))) else {
                continue;
            };
            let means = word.means.unwrap_or_default();
            let response = ui.interact(place(row, piece), id.with(("flag", row, nth)), Sense::hover());
            // A flag that is folded over two lines is spoken once.
            if !std::mem::replace(&mut said[flag], true) {
                response.widget_info(|| WidgetInfo::labeled(Role::Label, true, word.text));
                ui.accesskit_node_builder(response.id, |node| node.set_description(means));
            }
            if response.hovered() {
                hovered = Some(flag);
            }
        }
    }
    hovered
}

fn paint_piece(ui: &Ui, rect: Rect, piece: &Piece, is_shown: bool) {
    let t = Tokens::of(ui);
    if is_shown {
        ui.painter().rect_filled(rect.expand2(vec2(2.0, -1.0)), CornerRadius::same(3), t.hover);
    }
    let color = if is_shown { t.text } else { t.text_2 };
    paint::text(ui.painter(), rect.left_center(), Align2::LEFT_CENTER, &piece.text, Text::Mono, color);
}

/// What the flag does. As high for each flag as for the longest meaning, so that nothing below moves under the
/// pointer.
fn meaning(ui: &mut Ui, flags: &[CommandWord<'_>], shown: Option<usize>) {
    if flags.is_empty() {
        return;
    }
    let t = Tokens::of(ui);
    let width = ui.available_width();
    let says = |flag: &CommandWord<'_>| format!("{}: {}", flag.text, flag.means.unwrap_or_default());
    let height = |text| ui.painter().layout(text, Text::Small.font(), t.text_2, width).size().y;
    let most =
        flags.iter().map(|flag| height(says(flag))).fold(height(language::text(HINT).to_owned()), f32::max);
    let (text, color) = match shown.and_then(|shown| flags.get(shown)) {
        Some(flag) => (says(flag), t.text_2),
        None => (language::text(HINT).to_owned(), t.text_3),
    };
    ui.scope(|ui| {
        ui.set_min_height(most);
        ui.add(Label::new(Text::Small.rich(text).color(color)).wrap());
    });
}

/// Seconds for which the button says that it has copied.
const CONFIRMED: f64 = 1.5;

/// A button that copies `text` and says so for a moment. Answers whether it was clicked.
pub fn copy_button(ui: &mut Ui, id: Id, text: &str) -> bool {
    let now = ui.input(|input| input.time);
    let copied = ui.data(|data| data.get_temp::<f64>(id)).filter(|at| now - at < CONFIRMED);
    let label = if copied.is_some() { tr!("Copied") } else { tr!("Copy") };
    let response = ui.add(eframe::egui::Button::new(label).min_size(vec2(52.0, 24.0)));
    let clicked = response.clicked();
    if clicked {
        ui.copy_text(text.to_owned());
        ui.data_mut(|data| data.insert_temp(id, now));
    }
    if clicked || copied.is_some() {
        ui.ctx().request_repaint_after_secs(CONFIRMED as f32);
    }
    clicked
}
