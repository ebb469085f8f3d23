//! The command palette: one field, and what it finds.

use eframe::egui::{
    Align2, Area, Frame, Id, Key, Modal, Modifiers, Response, ScrollArea, Sense, TextEdit, Ui, WidgetInfo,
    accesskit::Role, pos2, vec2,
};

use super::dialogs::{Ask, Dialogs};
use super::theme::{Text, Tokens, radius, size, space};
use super::{Actions, line};
use crate::app::palette::{Does, Entry, Palette, TEXT_MAX};
use crate::app::{Action, Page, PaletteAction, State, Step};
use crate::language::tr;

/// Width where the window leaves it.
const WIDTH: f32 = 620.0;
/// How far below the window's edge it hangs.
const TOP: f32 = 72.0;
/// Rows that are seen at once where the window is high enough.
const ROWS: usize = 12;

/// Shows it over the window while it is open.
pub(super) fn show(ui: &Ui, state: &State, dialogs: &Dialogs, actions: &mut Actions) {
    let Some(palette) = &state.palette else { return };
    let ctx = ui.ctx();
    let id = Id::unique("command palette");
    let room = ctx.content_rect().size();
    let keys = keys(ui, palette);
    let t = Tokens::of(ui);
    let frame = Frame::window(ui.style()).fill(t.panel).inner_margin(space::S as i8);
    let area: Area = Modal::default_area(id).anchor(Align2::CENTER_TOP, vec2(0.0, TOP.min(room.y / 8.0)));
    let mut picked = keys.run.then_some(palette.chosen);
    let response = Modal::new(id).area(area).frame(frame).show(ctx, |ui| {
        ui.set_width(WIDTH.min(room.x - 2.0 * space::XL) - 2.0 * space::S);
        ui.spacing_mut().item_spacing.y = space::XS;
        field(ui, palette, actions);
        if palette.entries.is_empty() {
            let words =
                tr!("Nothing is called so. Models, pages, engines, quantizations and filters can be found.");
            ui.label(Text::Body.rich(words).color(t.text_2));
        }
        let height = (room.y - TOP - 3.0 * size::CONTROL - space::XL).min(ROWS as f32 * size::ROW);
        ScrollArea::vertical().max_height(height).auto_shrink([false, true]).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            let follow = has_moved(ui, palette);
            for (place, entry) in palette.entries.iter().enumerate() {
                let response = row(ui, entry, place == palette.chosen);
                if follow && place == palette.chosen {
                    response.scroll_to_me(None);
                }
                if response.clicked() {
                    picked = Some(place);
                }
            }
        });
    });
    actions.extend(keys.moves.into_iter().map(|step| Action::Palette(PaletteAction::Move(step))));
    if let Some(entry) = picked.and_then(|place| palette.entries.get(place)) {
        // Closed first: what it does may open something over the window.
        actions.push(Action::Palette(PaletteAction::Show(false)));
        match &entry.does {
            Does::Act(action) => actions.push(action.clone()),
            Does::Show(model) => actions.extend([
                Action::SetPage(Page::Models),
                Action::Select(*model),
                Action::ShowDetail(true),
            ]),
            Does::OpenModels => dialogs.open(ctx, Ask::Models),
            Does::Copy(text) => ctx.copy_text(text.clone()),
        }
    } else if response.should_close() {
        actions.push(Action::Palette(PaletteAction::Show(false)));
    }
}

/// What the keyboard asks for.
struct Keys {
    moves: Vec<Step>,
    run: bool,
}

/// Takes the palette's keys before the field sees them.
fn keys(ui: &Ui, palette: &Palette) -> Keys {
    const STEPS: [(Key, Step); 4] = [
        (Key::ArrowUp, Step::Up),
        (Key::ArrowDown, Step::Down),
        (Key::PageUp, Step::PageUp(ROWS)),
        (Key::PageDown, Step::PageDown(ROWS)),
    ];
    ui.input_mut(|input| {
        let mut moves = Vec::new();
        for (key, step) in STEPS {
            moves.extend((0..input.count_and_consume_key(Modifiers::NONE, key)).map(|_| step));
        }
        // What is moved to in this frame is not chosen yet.
        let run =
            moves.is_empty() && palette.current().is_some() && input.consume_key(Modifiers::NONE, Key::Enter);
        Keys { moves, run }
    })
}

/// The field: it has the focus while the palette is open.
fn field(ui: &mut Ui, palette: &Palette, actions: &mut Actions) {
    let t = Tokens::of(ui);
    let mut text = palette.text.clone();
    let field = TextEdit::singleline(&mut text)
        .id(Id::unique("command palette field"))
        .hint_text(Text::Body.rich(tr!("A model, a page, an engine, a setting")).color(t.text_3))
        .text_color(t.text)
        .char_limit(TEXT_MAX)
        .align(Align2::LEFT_CENTER);
    let response = ui
        .add_sized(vec2(ui.available_width(), size::TOOL_ROW), field)
        .accessible_name(tr!("Find a command"));
    if !response.has_focus() {
        response.request_focus();
    }
    if text != palette.text {
        actions.push(Action::Palette(PaletteAction::Type(text)));
    }
}

/// Whether the choice was moved since the last frame.
fn has_moved(ui: &Ui, palette: &Palette) -> bool {
    let id = Id::unique("moves that the palette has followed");
    let followed = ui.data(|data| data.get_temp::<u64>(id)).unwrap_or(0);
    ui.data_mut(|data| data.insert_temp(id, palette.moves));
    followed != palette.moves
}

fn row(ui: &mut Ui, entry: &Entry, is_chosen: bool) -> Response {
    let t = Tokens::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), size::ROW), Sense::click());
    let spoken = format!("{}, {}", entry.title, entry.note);
    response.widget_info(|| WidgetInfo::selected(Role::ListBoxOption, true, is_chosen, &spoken));
    if !ui.is_rect_visible(rect) {
        return response;
    }
    let painter = ui.painter();
    if is_chosen {
        painter.rect_filled(rect, radius::CONTROL, t.accent_bg);
    } else if response.hovered() {
        painter.rect_filled(rect, radius::CONTROL, t.hover);
    }
    let weak = if is_chosen || response.hovered() { t.text_2 } else { t.text_3 };
    let note = line(
        painter,
        pos2(rect.right() - space::S, rect.center().y),
        Align2::RIGHT_CENTER,
        rect.width() / 2.0,
        Text::Small,
        weak,
        &entry.note,
    );
    let left = rect.left() + space::S;
    let at = pos2(left, rect.center().y);
    line(painter, at, Align2::LEFT_CENTER, note.left() - space::M - left, Text::Body, t.text, &entry.title);
    response
}
