//! "What is this?": words with a dotted line under them, which are explained on hover, and by keyboard with Enter.
//!
//! The kit knows no terms. Who does tells it once ([`set_explanations`]); from then on captions, titles of cards and
//! names of figures that are terms are explained wherever they stand, without a call of their own.

use eframe::egui::accesskit::Role;
use eframe::egui::{
    Context, CursorIcon, Id, Key, Modifiers, Popup, PopupCloseBehavior, Rect, Sense, Shape, Stroke, Ui,
    WidgetInfo, pos2,
};

use crate::language::tr;
use crate::ui::theme::{Text, Tokens, radius};

/// Width of an explanation.
const WIDTH: f32 = 320.0;

/// What a term means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// Its name.
    pub title: &'static str,
    /// Other words for it; may be empty.
    pub also: &'static str,
    /// What it means.
    pub text: &'static str,
}

/// Finds the explanation of words that stand on the screen.
#[derive(Clone, Copy, Debug)]
pub struct Explanations(pub fn(&str) -> Option<Explanation>);

fn place() -> Id {
    Id::unique("explanations of terms")
}

/// Tells the kit where terms are explained.
pub fn set_explanations(ctx: &Context, explanations: Explanations) {
    ctx.data_mut(|data| data.insert_temp(place(), explanations));
}

/// The explanation of `words`, where they are a term.
pub fn explanation(ui: &Ui, words: &str) -> Option<Explanation> {
    let known: Explanations = ui.data(|data| data.get_temp(place()))?;
    (known.0)(words)
}

/// Explains `words`, which were drawn in `rect`, where they are a term: draws the line under them.
pub fn explain(ui: &Ui, words: &str, rect: Rect) {
    if let Some(explanation) = explanation(ui, words) {
        explain_as(ui, &explanation, rect);
    }
}

/// Explains what was drawn in `rect`.
pub fn explain_as(ui: &Ui, explanation: &Explanation, rect: Rect) {
    let t = Tokens::of(ui);
    let id = ui.scope_id().with(("what is this", explanation.title));
    let response = ui.interact(rect.expand(2.0), id, Sense::click());
    response.widget_info(|| {
        let label = tr!("What is {explanation}?", explanation = explanation.title);
        WidgetInfo::labeled(Role::Button, true, label)
    });
    let lifted = response.hovered() || response.has_focus();
    let y = rect.bottom() + 0.5;
    let line = Stroke::new(1.0, if lifted { t.text_2 } else { t.line_strong });
    let dots = Shape::dashed_line(&[pos2(rect.left(), y), pos2(rect.right(), y)], line, 1.5, 2.5);
    ui.painter().extend(dots);
    if response.has_focus() {
        let ring = Stroke::new(1.5, t.accent);
        ui.painter().rect_stroke(rect.expand(3.0), radius::BAR, ring, eframe::egui::StrokeKind::Inside);
    }
    // F1 explains what has the focus; elsewhere it lists all terms.
    let asked = response.has_focus() && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::F1));
    if asked {
        Popup::open_id(ui.ctx(), Popup::default_response_id(&response));
    }
    Popup::menu(&response)
        .accessible_name(explanation.title)
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
        .show(|ui| words(ui, explanation));
    response.on_hover_cursor(CursorIcon::Help).on_hover_ui(|ui| words(ui, explanation));
}

/// The explanation itself.
pub fn words(ui: &mut Ui, explanation: &Explanation) {
    let t = Tokens::of(ui);
    ui.set_max_width(WIDTH);
    ui.spacing_mut().item_spacing.y = 4.0;
    ui.label(Text::Strong.rich(explanation.title).color(t.text));
    ui.label(Text::Body.rich(explanation.text).color(t.text_2));
    if !explanation.also.is_empty() {
        ui.label(Text::Small.rich(tr!("Also: {also}", also = explanation.also)).color(t.text_3));
    }
}
