//! What a file is made of: a bar of its formats, with a line of words.

use eframe::egui::accesskit::Role;
use eframe::egui::{CornerRadius, Label, Rect, Response, Sense, Ui, WidgetInfo, pos2, vec2};

use super::paint;
use crate::ui::theme::{Text, Tokens};

/// Height of a bar.
const BAR: f32 = 14.0;
/// Between two parts.
const GAP: f32 = 1.0;
/// Narrowest part that is drawn.
const NARROWEST: f32 = 2.0;

/// A bar of what something is made of.
#[derive(Clone, Debug)]
pub struct Mixture<'a> {
    /// What it is: "this file".
    pub name: &'a str,
    /// Share of the width that the bar takes, so that bars below each other have one scale.
    pub length: f32,
    /// Share of each part, and what it is, on hover; most first.
    pub parts: &'a [(f32, &'a str)],
    /// All parts in a line.
    pub words: &'a str,
}

impl Mixture<'_> {
    /// Draws the name, the bar and the line of words.
    pub fn show(&self, ui: &mut Ui) -> Response {
        let t = Tokens::of(ui);
        let response = ui
            .vertical(|ui| {
                ui.spacing_mut().item_spacing.y = 3.0;
                ui.label(Text::Small.rich(self.name).color(t.text_3));
                self.bar(ui);
                ui.add(Label::new(Text::Small.rich(self.words).color(t.text_2)).wrap());
            })
            .response;
        response.widget_info(|| {
            WidgetInfo::labeled(Role::GraphicsDocument, true, format!("{}: {}", self.name, self.words))
        });
        response
    }

    fn bar(&self, ui: &mut Ui) {
        let t = Tokens::of(ui);
        let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), BAR), Sense::hover());
        let rect = rect.with_max_x(rect.left() + rect.width() * self.length.clamp(0.0, 1.0));
        let rect = paint::snap(ui, rect);
        ui.painter().rect_filled(rect, CornerRadius::same(3), t.line);
        let mut left = rect.left();
        for (place, (share, words)) in self.parts.iter().enumerate() {
            let width = (share * rect.width()).max(NARROWEST);
            let right = (left + width).min(rect.right());
            if right <= left {
                return;
            }
            let part = Rect::from_min_max(pos2(left, rect.top()), pos2(right - GAP, rect.bottom()));
            // Neighbours are told apart by their tone; which format it is stands below.
            let tone = [t.part.weights, t.part.kv_cache, t.part.compute, t.part.overhead];
            ui.painter().rect_filled(part, CornerRadius::same(2), tone[place % tone.len()]);
            let hover = Rect::from_min_max(part.min, pos2(right, rect.bottom()));
            ui.interact(hover, ui.scope_id().with((self.name, place)), Sense::hover()).on_hover_text(*words);
            left = right;
        }
    }
}
