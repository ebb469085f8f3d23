//! Models that a person brings: dropped, opened, pasted, asked of the hub; listed, changed, removed. What is on this
//! computer's disks already.

mod catalogs;
mod edit;
mod hub;
mod installed;
mod parts;
mod strip;
mod yours;

pub(super) use strip::strip;

use std::path::PathBuf;

use eframe::egui::{
    Align, Align2, Button, CornerRadius, Event, Frame, Id, LayerId, Layout, Modal, Order, ScrollArea, Ui,
    vec2,
};

use super::Actions;
use super::dialogs::Dialogs;
use super::theme::{Text, Tokens, size, space};
use super::widgets::segmented;
use crate::app::models::{ModelsAction, Part};
use crate::app::own::OwnAction;
use crate::app::{Action, State};
use crate::language::tr;

/// Width where the window leaves it.
const WIDTH: f32 = 860.0;
/// What the window keeps around.
const MARGIN: f32 = 32.0;
/// Longest pasted text that may be a name or paths, bytes; more is somebody's measurements.
const PASTED_NAME: usize = 4096;

/// What a part of the place is drawn with.
struct Desk<'a> {
    state: &'a State,
    dialogs: &'a Dialogs,
}

/// Shows the place over the window while it is open.
pub(super) fn show(ui: &Ui, state: &State, dialogs: &Dialogs, actions: &mut Actions) {
    let Some(part) = state.models.part else { return };
    let ctx = ui.ctx();
    let room = ctx.content_rect().size() - vec2(2.0 * MARGIN, 2.0 * MARGIN);
    let t = Tokens::of(ui);
    let frame = Frame::window(ui.style()).fill(t.panel).inner_margin(space::L as i8);
    let mut asked = Vec::new();
    let desk = Desk { state, dialogs };
    let response = Modal::new(Id::unique("own models")).frame(frame).show(ctx, |ui| {
        ui.set_width(WIDTH.min(room.x) - 2.0 * space::L);
        header(ui, part, &mut asked);
        ui.add_space(space::S);
        let height = room.y - 2.0 * space::L - size::CONTROL - space::L;
        let scroll =
            ScrollArea::vertical().id_salt(part as u8).max_height(height).min_scrolled_height(height);
        scroll.auto_shrink([false, true]).show(ui, |ui| {
            ui.set_width(ui.available_width() - space::S);
            ui.spacing_mut().item_spacing.y = space::M;
            faults(ui, state, &mut asked);
            match part {
                Part::Yours => yours::show(ui, &desk, &mut asked),
                Part::Installed => installed::show(ui, &desk, &mut asked),
                Part::Hub => hub::show(ui, &desk, &mut asked),
                Part::Catalogs => catalogs::show(ui, &desk, &mut asked),
            }
            super::detail::follow_focus(ui);
        });
    });
    if response.should_close() {
        asked.push(ModelsAction::Show(None));
    }
    actions.extend(asked.into_iter().map(Action::Models));
}

/// What could not be opened, where the place lies over the page that says so too.
fn faults(ui: &mut Ui, state: &State, asked: &mut Vec<ModelsAction>) {
    if !state.models.faults.is_empty() || !state.models.opening.is_empty() {
        let mut actions = Vec::new();
        strip(ui, state, &mut actions);
        asked.extend(actions.into_iter().filter_map(|action| match action {
            Action::Models(action) => Some(action),
            _ => None,
        }));
    }
}

fn header(ui: &mut Ui, part: Part, asked: &mut Vec<ModelsAction>) {
    let t = Tokens::of(ui);
    let row = vec2(ui.available_width(), size::CONTROL);
    ui.allocate_ui_with_layout(row, Layout::right_to_left(Align::Center), |ui| {
        let close = Button::new(Text::Button.rich(tr!("Close")).color(t.text)).frame_when_inactive(false);
        if ui.add(close).on_hover_text("Esc").clicked() {
            asked.push(ModelsAction::Show(None));
        }
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = space::L;
            ui.label(Text::Title.rich(tr!("Models")).color(t.text));
            let chosen = segmented(ui, tr!("Models of"), &Part::all(), part, size::CONTROL);
            asked.extend(chosen.map(|part| ModelsAction::Show(Some(part))));
        });
    });
}

/// Takes what is dropped on the window, wherever that is, and shows where it would go while it is held over it.
pub(super) fn drop(ui: &Ui, state: &State, actions: &mut Actions) {
    let (dropped, hovers) =
        ui.input(|input| (input.raw.dropped_files.clone(), !input.raw.hovered_files.is_empty()));
    let paths: Vec<PathBuf> = dropped.into_iter().map(|file| file.path().to_owned()).collect();
    if state.own.open {
        // What lies over the page takes it: a model to measure, or measurements.
        let is_model = |path: &PathBuf| path.extension().is_some_and(|end| end.eq_ignore_ascii_case("gguf"));
        let (models, texts): (Vec<_>, Vec<_>) = paths.into_iter().partition(is_model);
        actions.extend(models.into_iter().next().map(|model| Action::Own(OwnAction::File(model))));
        if !texts.is_empty() {
            actions.push(Action::Own(OwnAction::ImportFiles(texts)));
        }
    } else if !paths.is_empty() {
        actions.push(Action::Models(ModelsAction::Open(paths)));
    } else if hovers {
        target(ui);
    }
}

/// Says over the whole window that what is held over it may be let go.
fn target(ui: &Ui) {
    let t = Tokens::of(ui);
    let rect = ui.ctx().content_rect();
    let painter = ui.ctx().layer_painter(LayerId::new(Order::Foreground, Id::unique("drop target")));
    painter.rect_filled(rect, CornerRadius::ZERO, t.bg.gamma_multiply(0.85));
    let inner = rect.shrink(space::L);
    let stroke = eframe::egui::Stroke::new(2.0, t.accent);
    painter.rect_stroke(inner, CornerRadius::same(8), stroke, eframe::egui::StrokeKind::Inside);
    let words = tr!("Drop a model, a folder with one, a catalog or measurements");
    painter.text(inner.center(), Align2::CENTER_CENTER, words, Text::Title.font(), t.text);
}

/// Takes text that is pasted on the page, while no field has the focus and nothing lies over it that takes it.
pub(super) fn paste(ui: &Ui, state: &State, actions: &mut Actions) {
    if state.own.open || ui.ctx().text_edit_focused() {
        return;
    }
    let pasted = ui.input(|input| {
        input.events.iter().find_map(|event| match event {
            Event::Paste(text) => Some(text.clone()),
            _ => None,
        })
    });
    let Some(text) = pasted else { return };
    let begins_like_a_path = text.starts_with(['/', '"', '\'', '~', '\\']) || text.starts_with("file:");
    let is_long = text.len() > PASTED_NAME || text.trim().contains('\n');
    if is_long && !begins_like_a_path {
        actions.push(Action::Own(OwnAction::Show(true)));
        actions.push(Action::Own(OwnAction::ImportText(text)));
    } else {
        actions.push(Action::Models(ModelsAction::Paste(text)));
    }
}
