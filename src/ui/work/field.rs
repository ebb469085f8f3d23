//! A value that is typed: its words, the field with the unit inside, its source or what is wrong under it.

use eframe::egui::text::{CCursor, CCursorRange};
use eframe::egui::{Align, Align2, Id, Key, Label, Layout, Margin, Stroke, StrokeKind, TextEdit, Ui, vec2};

use crate::app::WorkAction;
use crate::app::work::Field;
use crate::ui::line;
use crate::ui::theme::{Text, Tokens, radius};

/// Height of a field.
const HEIGHT: f32 = 26.0;
/// Width of a field beside its words.
const WIDTH: f32 = 122.0;

/// A field beside its words.
pub(super) fn beside(ui: &mut Ui, field: &Field, asked: &mut Vec<WorkAction>) {
    let t = Tokens::of(ui);
    let row = vec2(ui.available_width(), HEIGHT);
    ui.allocate_ui_with_layout(row, Layout::left_to_right(Align::Center), |ui| {
        let words = ui.available_width() - WIDTH;
        let (rect, _) = ui.allocate_exact_size(vec2(words, HEIGHT), eframe::egui::Sense::hover());
        line(
            ui.painter(),
            rect.left_center(),
            Align2::LEFT_CENTER,
            words,
            Text::Label,
            t.text_2,
            field.label,
        );
        ui.spacing_mut().item_spacing.x = 0.0;
        edit(ui, field, ui.available_width(), Align2::RIGHT_CENTER, "", asked);
    });
    under(ui, field);
}

/// A field as wide as there is room, under its words.
pub(super) fn wide(ui: &mut Ui, field: &Field, hint: &str, asked: &mut Vec<WorkAction>) {
    edit(ui, field, ui.available_width(), Align2::LEFT_CENTER, hint, asked);
    under(ui, field);
}

/// What is wrong with it, or where its value comes from.
fn under(ui: &mut Ui, field: &Field) {
    let t = Tokens::of(ui);
    let (words, color) = match &field.error {
        Some(error) => (error.as_str(), t.error),
        None => (field.source.as_str(), t.text_3),
    };
    if !words.is_empty() {
        ui.add(Label::new(Text::Small.rich(words).color(color)).wrap());
    }
}

fn edit(ui: &mut Ui, field: &Field, width: f32, align: Align2, hint: &str, asked: &mut Vec<WorkAction>) {
    let t = Tokens::of(ui);
    let id = Id::unique(("work value", field.key));
    let mut text = field.text.clone();
    let unit_width = if field.unit.is_empty() {
        0.0
    } else {
        ui.painter().layout_no_wrap(field.unit.clone(), Text::Small.font(), t.text_3).size().x + 6.0
    };
    let edit = TextEdit::singleline(&mut text)
        .id(id)
        .hint_text(Text::Body.rich(hint).color(t.text_3))
        .text_color(t.text)
        .align(align)
        .char_limit(200)
        .margin(Margin { left: 7, right: (8.0 + unit_width) as i8, top: 0, bottom: 0 });
    let response = ui
        .scope(|ui| {
            ui.spacing_mut().interact_size.y = HEIGHT;
            ui.add_sized(vec2(width, HEIGHT), edit)
        })
        .inner
        .accessible_name(if field.unit.is_empty() {
            field.label.to_owned()
        } else {
            format!("{}, {}", field.label, field.unit)
        });
    if !field.unit.is_empty() {
        let at = response.rect.right_center() - vec2(8.0, 0.0);
        line(ui.painter(), at, Align2::RIGHT_CENTER, width, Text::Small, t.text_3, &field.unit);
    }
    if response.gained_focus() {
        // What is typed replaces what stands there.
        if let Some(mut state) = TextEdit::load_state(ui.ctx(), id) {
            let all = CCursorRange::two(CCursor::new(0), CCursor::new(text.chars().count()));
            state.cursor.set_char_range(Some(all));
            state.store(ui.ctx(), id);
        }
    }
    if response.changed() {
        asked.push(WorkAction::Type(field.key, text));
    } else if response.lost_focus()
        && (field.error.is_none() || ui.input(|input| input.key_pressed(Key::Escape)))
    {
        // What is wrong stays with its reason until it is put right or given up.
        asked.push(WorkAction::Leave(field.key));
    }
    if field.error.is_some() {
        let stroke = Stroke::new(1.5, t.error);
        ui.painter().rect_stroke(response.rect, radius::CONTROL, stroke, StrokeKind::Inside);
    }
}
