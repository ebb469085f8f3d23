//! Which levels the matrix has columns for: the usual ones, all, or those that are ticked.

use eframe::egui::style::StyleModifier;
use eframe::egui::{Button, Popup, PopupCloseBehavior, Rect, ScrollArea, Ui, UiBuilder, pos2, vec2};

use super::geometry::{BEFORE_TILES, Columns, NAME_INDENT};
use super::{Gesture, View};
use crate::language::{tr, tr_n};
use crate::ui::theme::{Text, Tokens, space};
use crate::ui::widgets::check;

/// Height of the button, which stands over the word "Model".
const BUTTON: f32 = 20.0;
/// Width of the list, and its height before it scrolls.
const LIST: [f32; 2] = [180.0, 320.0];

/// The button in the corner of the column heads, and its list.
pub(super) fn menu(ui: &mut Ui, head: Rect, view: &View<'_>, columns: &Columns, out: &mut Vec<Gesture>) {
    // Its words stand over "Model".
    let left = head.left() + NAME_INDENT - ui.spacing().button_padding.x;
    let left_top = pos2(left, head.top() - 6.0);
    let room = Rect::from_min_size(left_top, vec2(columns.name - NAME_INDENT - BEFORE_TILES, BUTTON));
    let t = Tokens::of(ui);
    ui.scope_builder(UiBuilder::new().max_rect(room), |ui| {
        let count = view.grid.levels().len();
        let words = tr_n!(count, "{count} level…", "{count} levels…", count);
        let label = Text::Label.rich(words).color(t.text_2);
        let button = ui.add(Button::new(label).frame_when_inactive(false).min_size(vec2(0.0, BUTTON)));
        let button = button.on_hover_text(tr!("Which quantizations have a column"));
        // Not in the style of menus: what is ticked looks as it does elsewhere.
        let popup = Popup::menu(&button).style(StyleModifier::default()).gap(space::XS);
        popup.close_behavior(PopupCloseBehavior::CloseOnClickOutside).width(LIST[0]).show(|ui| {
            ui.set_min_width(LIST[0]);
            ui.horizontal(|ui| {
                for (name, gesture) in
                    [(tr!("Usual"), Gesture::UsualLevels), (tr!("All"), Gesture::AllLevels)]
                {
                    if ui.button(Text::Button.rich(name).color(t.text)).clicked() {
                        out.push(gesture);
                    }
                }
            });
            ui.separator();
            ScrollArea::vertical().max_height(LIST[1]).show(ui, |ui| {
                ui.set_min_width(LIST[0]);
                for level in view.known_levels {
                    let on = view.grid.levels().contains(level);
                    if let Some(on) = check(ui, &level.to_string(), on) {
                        out.push(Gesture::Level(*level, on));
                    }
                }
            });
        });
    });
}
