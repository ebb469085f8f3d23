//! Best for you: for each use one line, the model and level that promise most here and why.

use eframe::egui::accesskit::Role;
use eframe::egui::{
    Align, Align2, Button, CursorIcon, Frame, Id, Label, Layout, Margin, Popup, PopupCloseBehavior, Rect,
    Response, Sense, Shape, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};

use super::theme::{Text, Tokens, radius, size, space};
use super::widgets::{TypedField, caption, check};
use super::{Actions, line, verdict};
use crate::app::best_for::{Answer, BestForAction, Found, Pick, SPEED, Terms, Use, method};
use crate::app::settings::{CONTEXT_MAX, CONTEXT_MIN};
use crate::app::{Action, State, typed};
use crate::language::{noun_inside, tr};
use crate::units::tokens_text;

/// Height of the heading and of a line.
const HEAD: f32 = 26.0;
const ROW: f32 = 23.0;
/// Width of a use's name, and what name and level may have of the rest.
const USE: f32 = 88.0;
const NAME_SHARE: f32 = 0.37;
/// Width of the popup and of a field in it.
const POPUP: f32 = 220.0;

/// Draws the list above the page; nothing where there is no machine to ask about.
pub(super) fn show(ui: &mut Ui, state: &State, actions: &mut Actions) {
    if state.rig.is_none() && !state.probing {
        return;
    }
    let t = Tokens::of(ui);
    let mut asked: Option<BestForAction> = None;
    let margin =
        Margin { left: 10, right: 6, top: 2, bottom: if state.settings.best_for.open { 6 } else { 2 } };
    Frame::new()
        .fill(t.card)
        .stroke(Stroke::new(size::LINE, t.line))
        .corner_radius(radius::CARD)
        .inner_margin(margin)
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            head(ui, state, &mut asked);
            if state.settings.best_for.open {
                rows(ui, state, &mut asked);
            }
        });
    ui.add_space(space::S);
    actions.extend(asked.map(Action::BestFor));
}

fn head(ui: &mut Ui, state: &State, asked: &mut Option<BestForAction>) {
    let t = Tokens::of(ui);
    let remembered = &state.settings.best_for;
    let wanted = vec2(ui.available_width(), HEAD);
    ui.allocate_ui_with_layout(wanted, Layout::right_to_left(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        if remembered.open {
            adjust(ui, remembered.terms, asked);
        }
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            if fold(ui, remembered.open).clicked() {
                *asked = Some(BestForAction::Open(!remembered.open));
            }
            let words = Text::Small.rich(remembered.terms.text()).color(t.text_3);
            ui.add(Label::new(words).truncate()).on_hover_text(method());
        });
    });
}

/// The heading, which folds the list.
fn fold(ui: &mut Ui, open: bool) -> Response {
    let title = tr!("Best for you");
    let t = Tokens::of(ui);
    let text = ui.painter().layout_no_wrap(title.to_owned(), Text::Strong.font(), t.text);
    let (rect, response) = ui.allocate_exact_size(vec2(text.size().x + 20.0, HEAD), Sense::click());
    let center = pos2(rect.left() + 5.0, rect.center().y);
    let corners = if open {
        vec![center + vec2(-4.5, -2.5), center + vec2(4.5, -2.5), center + vec2(0.0, 3.0)]
    } else {
        vec![center + vec2(-2.5, -4.5), center + vec2(3.0, 0.0), center + vec2(-2.5, 4.5)]
    };
    let color = if response.hovered() { t.text } else { t.text_2 };
    ui.painter().add(Shape::convex_polygon(corners, color, Stroke::NONE));
    ui.painter().galley(pos2(rect.left() + 16.0, rect.center().y - text.size().y / 2.0), text, t.text);
    ring(ui, &response, rect);
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, open, title));
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_expanded(open));
    response.on_hover_cursor(CursorIcon::PointingHand).on_hover_text(if open {
        tr!("Fold")
    } else {
        tr!("Unfold")
    })
}

fn rows(ui: &mut Ui, state: &State, asked: &mut Option<BestForAction>) {
    let answer = state.best_for.answer.as_ref();
    for wanted in Use::ALL {
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
        match answer.and_then(|answer| Some((answer, answer.of(wanted)?))) {
            Some((answer, found)) => row(ui, state, wanted, answer, found, rect, &response),
            None => waiting(ui, wanted, rect, &response),
        }
        if response.clicked() {
            *asked = Some(BestForAction::Take(wanted));
        }
        if let Some(found) = answer.and_then(|answer| answer.of(wanted)) {
            let cursor = if found.pick().is_some() { CursorIcon::PointingHand } else { CursorIcon::Default };
            response.on_hover_cursor(cursor).on_hover_ui(|ui| tip(ui, found, wanted));
        }
    }
}

fn row(ui: &Ui, state: &State, wanted: Use, answer: &Answer, found: &Found, rect: Rect, response: &Response) {
    let t = Tokens::of(ui);
    let pick = found.pick();
    let selected = pick.is_some_and(|pick| is_selected(state, pick));
    let lifted = response.hovered() || selected;
    let ground = rect.expand2(vec2(4.0, 0.0));
    if lifted {
        ui.painter().rect_filled(ground, radius::TILE, if selected { t.accent_bg } else { t.hover });
    }
    use_word(ui, wanted, rect);
    let mut left = pos2(rect.left() + USE, rect.center().y);
    let reasons = found.line(wanted, answer);
    if let Some(pick) = pick {
        let verdict = verdict(pick.brief.class);
        verdict.paint(ui.painter(), left + vec2(size::GLYPH / 2.0, 0.0), verdict.text(t));
        left.x += size::GLYPH + 6.0;
        let room = (rect.right() - left.x) * NAME_SHARE;
        let level = pick.level.to_string();
        let level_width = ui.painter().layout_no_wrap(level.clone(), Text::Small.font(), t.text_2).size().x;
        let name = line(
            ui.painter(),
            left,
            Align2::LEFT_CENTER,
            room - level_width - 14.0,
            Text::Button,
            t.text,
            &pick.name,
        );
        let at = pos2(name.right() + 6.0, left.y);
        line(ui.painter(), at, Align2::LEFT_CENTER, level_width + 2.0, Text::Small, t.text_2, &level);
        left.x += room;
    }
    let room = rect.right() - left.x;
    line(ui.painter(), left, Align2::LEFT_CENTER, room, Text::Cell, t.text_2, &reasons);
    ring(ui, response, ground);
    response.widget_info(|| {
        WidgetInfo::selected(Role::Button, pick.is_some(), selected, found.spoken(wanted, answer))
    });
}

/// A line whose answer is being worked out.
fn waiting(ui: &Ui, wanted: Use, rect: Rect, response: &Response) {
    let t = Tokens::of(ui);
    use_word(ui, wanted, rect);
    let at = pos2(rect.left() + USE, rect.center().y);
    line(ui.painter(), at, Align2::LEFT_CENTER, rect.width(), Text::Cell, t.text_3, "…");
    let words = tr!("Best for {purpose}: being worked out", purpose = noun_inside(wanted.word()));
    response.widget_info(|| WidgetInfo::labeled(Role::Button, false, &words));
}

fn use_word(ui: &Ui, wanted: Use, rect: Rect) {
    let t = Tokens::of(ui);
    line(
        ui.painter(),
        rect.left_center(),
        Align2::LEFT_CENTER,
        USE - 6.0,
        Text::Label,
        t.text_2,
        wanted.word(),
    );
}

fn is_selected(state: &State, pick: &Pick) -> bool {
    let settings = &state.settings;
    state.selected == Some(pick.model) && settings.level == pick.level && settings.context == pick.context
}

fn ring(ui: &Ui, response: &Response, rect: Rect) {
    if response.has_focus() {
        let stroke = Stroke::new(1.5, Tokens::of(ui).accent);
        ui.painter().rect_stroke(rect, radius::TILE, stroke, StrokeKind::Inside);
    }
}

/// Where each number comes from.
fn tip(ui: &mut Ui, found: &Found, wanted: Use) {
    let t = Tokens::of(ui);
    ui.set_max_width(380.0);
    if let Some(pick) = found.pick() {
        ui.label(
            Text::Strong.rich(tr!("{name} at {level}", name = pick.name, level = pick.level)).color(t.text),
        );
    }
    for words in found.explanation(wanted) {
        ui.label(Text::Body.rich(words).color(t.text_2));
    }
    ui.label(Text::Small.rich(tr!("Click selects it with this level and context")).color(t.text_3));
}

/// What a model must reach.
fn adjust(ui: &mut Ui, terms: Terms, asked: &mut Option<BestForAction>) {
    let t = Tokens::of(ui);
    let button =
        ui.add(Button::new(Text::Button.rich(tr!("Adjust…")).color(t.text)).frame_when_inactive(false));
    Popup::menu(&button)
        .accessible_name(tr!("What counts as best"))
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
        .show(|ui| {
            ui.set_width(POPUP);
            ui.spacing_mut().item_spacing.y = space::S;
            let mut set = |terms: Terms| *asked = Some(BestForAction::SetTerms(terms));
            caption(ui, tr!("Speed, at least"), "");
            let field = TypedField {
                id: Id::unique("best for you: speed"),
                name: tr!("Speed, at least"),
                present: &crate::app::machine_page::field::number_text(terms.speed),
                hint: "10",
                unit: "tok/s",
                width: POPUP,
            };
            if let Some(speed) = field.show(ui, |text| typed::number(text, "tok/s", &SPEED)) {
                set(Terms { speed, ..terms });
            }
            caption(ui, tr!("A long context has"), "");
            let field = TypedField {
                id: Id::unique("best for you: long context"),
                name: tr!("A long context has"),
                present: &tokens_text(u64::from(terms.long)),
                hint: "64K",
                unit: tr!("tokens"),
                width: POPUP,
            };
            let range = f64::from(CONTEXT_MIN)..=f64::from(CONTEXT_MAX);
            if let Some(long) = field.show(ui, |text| typed::tokens(text, &range)) {
                set(Terms { long, ..terms });
            }
            if let Some(spill) = check(ui, tr!("May spill into RAM"), terms.spill) {
                set(Terms { spill, ..terms });
            }
            if ui.add_enabled(terms != Terms::default(), Button::new(tr!("Usual values"))).clicked() {
                set(Terms::default());
            }
        });
}
