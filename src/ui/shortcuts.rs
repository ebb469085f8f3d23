//! All shortcuts, as a sheet over the window.

use eframe::egui::{Button, Frame, Grid, Id, Modal, ScrollArea, Ui, vec2};

use super::theme::{Text, Tokens, size, space};
use super::{Actions, keys};
use crate::app::{Action, State};
use crate::language::{self, mark, tr};

/// What the window keeps around.
const MARGIN: f32 = 32.0;
/// Width where the window leaves it.
const WIDTH: f32 = 560.0;

/// Keys of the table.
const TABLE: &[(&str, &str)] = &[
    ("↑ ↓", mark!("Another row; Page up and down by the screen, Home and End to the ends")),
    ("→ ←", mark!("Show or hide the fine-tunes of a model")),
    (mark!("Enter"), mark!("Everything about the model, on the whole page")),
];

/// Keys of the matrix.
const MATRIX: &[(&str, &str)] = &[
    ("↑ ↓ ← →", mark!("Another cell; Home and End in the row, Page up and down by rows")),
    ("B", mark!("The best quantization of the row")),
    (mark!("1 to 5"), mark!("What the cells show")),
    (mark!("Space"), mark!("Show or hide the fine-tunes of a model")),
    (mark!("Enter"), mark!("Everything about the model, on the whole page")),
];

/// Keys that every control has.
const CONTROLS: &[(&str, &str)] = &[
    (mark!("Tab"), mark!("The next control; with Shift the one before")),
    (mark!("Space"), mark!("Press it, open it, switch it")),
    ("← →", mark!("Move a slider, choose in a switch")),
    ("Esc", mark!("Close what is open, from the top")),
];

/// Shows the sheet while it is asked for.
pub(super) fn show(ui: &Ui, state: &State, actions: &mut Actions) {
    if !state.shortcuts {
        return;
    }
    let ctx = ui.ctx();
    let room = ctx.content_rect().size() - vec2(2.0 * MARGIN, 2.0 * MARGIN);
    let t = Tokens::of(ui);
    let frame = Frame::window(ui.style()).fill(t.panel).inner_margin(space::L as i8);
    let everywhere = keys::everywhere(ui);
    let everywhere: Vec<(&str, &str)> =
        everywhere.iter().map(|(keys, meaning)| (keys.as_str(), *meaning)).collect();
    let response = Modal::new(Id::unique("shortcuts")).frame(frame).show(ctx, |ui| {
        ui.set_width(WIDTH.min(room.x) - 2.0 * space::L);
        ui.horizontal(|ui| {
            ui.label(Text::Title.rich(tr!("Keyboard shortcuts")).color(t.text));
            let close = Button::new(Text::Button.rich(tr!("Close")).color(t.text)).frame_when_inactive(false);
            if ui.add(close).on_hover_text("Esc").clicked() {
                actions.push(Action::ShowShortcuts(false));
            }
        });
        let height = room.y - 2.0 * space::L - size::CONTROL;
        ScrollArea::vertical().max_height(height).auto_shrink([false, true]).show(ui, |ui| {
            let groups: [(&str, &[(&str, &str)]); 4] = [
                (tr!("Everywhere"), &everywhere),
                (tr!("Table"), TABLE),
                (tr!("Matrix"), MATRIX),
                (tr!("Controls"), CONTROLS),
            ];
            for (title, rows) in groups {
                ui.add_space(space::M);
                ui.label(Text::Label.rich(title).color(t.text));
                ui.add_space(space::XS);
                group(ui, title, rows);
            }
        });
    });
    if response.should_close() {
        actions.push(Action::ShowShortcuts(false));
    }
}

fn group(ui: &mut Ui, title: &str, rows: &[(&str, &str)]) {
    const KEYS: f32 = 130.0;
    let t = Tokens::of(ui);
    Grid::new(title).num_columns(2).spacing(vec2(space::M, space::XS)).show(ui, |ui| {
        for (keys, meaning) in rows {
            ui.scope(|ui| {
                ui.set_min_width(KEYS);
                ui.label(Text::Body.rich(language::text(keys)).color(t.text));
            });
            ui.label(Text::Body.rich(language::text(meaning)).color(t.text_2));
            ui.end_row();
        }
    });
}
