//! What the terms mean: told to the kit, and listed on F1.

use eframe::egui::{
    Align, Button, Context, Frame, Id, Key, Label, Layout, Modal, Modifiers, ScrollArea, Ui, vec2,
};

use super::Actions;
use super::theme::{Text, Tokens, size, space};
use super::widgets::{Explanation, Explanations, empty_state, search_field, set_explanations};
use crate::app::glossary::{Term, find, of_label};
use crate::app::{Action, State};
use crate::language::tr;

/// Size of the list of terms in a large window.
const WIDTH: f32 = 620.0;
const HEIGHT: f32 = 640.0;

/// The explanation of a term, for the kit.
pub(super) fn explanation(term: Term) -> Explanation {
    Explanation { title: term.title(), also: term.also(), text: term.text() }
}

/// Tells the kit what words on the screen mean.
pub(super) fn install(ctx: &Context) {
    set_explanations(ctx, Explanations(|words| of_label(words).map(explanation)));
}

/// Opens the list of terms on F1, which a term that has the focus has taken for itself, and draws it over the page
/// where it is open.
pub(super) fn show(ui: &Ui, state: &State, actions: &mut Actions) {
    if ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::F1)) {
        actions.push(Action::ShowGlossary(!state.glossary_open));
    }
    if !state.glossary_open {
        return;
    }
    let window = ui.ctx().content_rect().size();
    let room = vec2(WIDTH.min(window.x - 64.0), HEIGHT.min(window.y - 96.0));
    let frame = Frame::window(ui.style()).fill(Tokens::of(ui).panel).inner_margin(space::L as i8);
    let modal = Modal::new(Id::unique("terms")).frame(frame).show(ui.ctx(), |ui| {
        ui.set_width(room.x);
        ui.set_height(room.y);
        contents(ui)
    });
    if modal.inner || modal.should_close() {
        actions.push(Action::ShowGlossary(false));
    }
}

/// Answers whether it is to be closed.
fn contents(ui: &mut Ui) -> bool {
    let t = Tokens::of(ui);
    let mut close = false;
    ui.spacing_mut().item_spacing.y = space::S;
    let row = vec2(ui.available_width(), size::CONTROL);
    ui.allocate_ui_with_layout(row, Layout::right_to_left(Align::Center), |ui| {
        close = ui.add(Button::new(tr!("Close"))).on_hover_text("Esc").clicked();
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            ui.label(Text::Heading.rich(tr!("What is this?")).color(t.text));
        });
    });
    let id = Id::unique("search terms");
    let mut text: String = ui.data(|data| data.get_temp(id)).unwrap_or_default();
    if search_field(ui, id, tr!("Search terms"), &mut text, tr!("KV cache, offload, MoE …"), "").changed() {
        ui.data_mut(|data| data.insert_temp(id, text.clone()));
    }
    let terms = find(&text);
    if terms.is_empty() {
        if empty_state(
            ui,
            tr!("No term matches"),
            tr!("Another word, or part of one, may find it."),
            Some(tr!("All terms")),
        ) {
            ui.data_mut(|data| data.insert_temp(id, String::new()));
        }
        return close;
    }
    ScrollArea::vertical().id_salt("terms").auto_shrink(false).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        for term in terms {
            ui.add(Label::new(Text::Strong.rich(term.title()).color(t.text)));
            ui.add(Label::new(Text::Body.rich(term.text()).color(t.text_2)).wrap());
            if !term.also().is_empty() {
                let also = tr!("Also: {also}", also = term.also());
                ui.add(Label::new(Text::Small.rich(also).color(t.text_3)).wrap());
            }
            ui.add_space(space::M);
        }
    });
    close
}
