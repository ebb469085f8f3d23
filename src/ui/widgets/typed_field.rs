//! A field for a value that is typed: taken with Enter or when it is left, given up with Esc. What is wrong with it
//! stands under it, and the last good value stays.

use eframe::egui::{Align2, Id, Key, Label, Margin, Response, Stroke, StrokeKind, TextEdit, Ui, vec2};

use super::paint;
use crate::ui::theme::{Text, Tokens, radius, size, space};

/// What the field is.
#[derive(Clone, Copy, Debug)]
pub struct TypedField<'a> {
    /// What it is known by; also what a shortcut gives the focus to.
    pub id: Id,
    /// What a screen reader says.
    pub name: &'a str,
    /// The present value.
    pub present: &'a str,
    /// What stands in it while it is empty.
    pub hint: &'a str,
    /// Unit at its right end; may be empty.
    pub unit: &'a str,
    /// Its width.
    pub width: f32,
}

/// What is being typed into it.
#[derive(Clone, Debug, Default)]
struct Typed {
    text: String,
    error: Option<String>,
}

impl TypedField<'_> {
    /// Draws the field; answers with what was typed once it is taken and `parse` could read it.
    pub fn show<T>(&self, ui: &mut Ui, parse: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        let typed: Option<Typed> = ui.data(|data| data.get_temp(self.id));
        let mut text = typed.as_ref().map_or_else(|| self.present.to_owned(), |typed| typed.text.clone());
        let mut taken = None;
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            ui.set_width(self.width);
            let response = self.edit(ui, &mut text);
            let error = typed.as_ref().and_then(|typed| typed.error.clone());
            if response.changed() {
                let typed = Typed { text: text.clone(), error: error.clone() };
                ui.data_mut(|data| data.insert_temp(self.id, typed));
            }
            let is_typed = typed.is_some() || response.changed();
            if response.lost_focus() && ui.input(|input| input.key_pressed(Key::Escape)) {
                ui.data_mut(|data| data.remove::<Typed>(self.id));
            } else if response.lost_focus() && is_typed {
                match parse(&text) {
                    Ok(value) => {
                        taken = Some(value);
                        ui.data_mut(|data| data.remove::<Typed>(self.id));
                    }
                    Err(error) => {
                        let typed = Typed { text: text.clone(), error: Some(error) };
                        ui.data_mut(|data| data.insert_temp(self.id, typed));
                        ui.ctx().request_repaint();
                    }
                }
            }
            if let Some(error) = error {
                let t = Tokens::of(ui);
                let stroke = Stroke::new(1.5, t.error);
                ui.painter().rect_stroke(response.rect, radius::CONTROL, stroke, StrokeKind::Inside);
                ui.add(Label::new(Text::Small.rich(error).color(t.error)).wrap());
            }
        });
        taken
    }

    fn edit(&self, ui: &mut Ui, text: &mut String) -> Response {
        let t = Tokens::of(ui);
        let unit_width = match self.unit {
            "" => 0.0,
            unit => paint::galley(ui.painter(), unit, Text::Small, t.text_3).size().x + 6.0,
        };
        let edit = TextEdit::singleline(text)
            .id(self.id)
            .hint_text(Text::Body.rich(self.hint).color(t.text_3))
            .text_color(t.text)
            .align(Align2::LEFT_CENTER)
            .char_limit(40)
            .margin(Margin { left: 7, right: (space::S + unit_width) as i8, top: 0, bottom: 0 });
        let response = ui.add_sized(vec2(self.width, size::CONTROL), edit);
        let response = response.accessible_name(self.name);
        if !self.unit.is_empty() {
            let at = response.rect.right_center() - vec2(space::S, 0.0);
            paint::text(ui.painter(), at, Align2::RIGHT_CENTER, self.unit, Text::Small, t.text_3);
        }
        response
    }
}
