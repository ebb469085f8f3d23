//! The detail on the whole page: header, and the cards in two columns where there is room.

use eframe::egui::style::ScrollAnimation;
use eframe::egui::{
    Align, Button, Frame, Key, Label, Layout, Margin, Modifiers, ScrollArea, Ui, UiBuilder, Vec2, vec2,
};

use super::{Pick, cards, curves, follow_focus, grounds, header, launch, measured, nothing, own, ways};
use crate::app::detail::{CurveKind, Detail};
use crate::ui::keys;
use crate::ui::theme::{Text, Tokens, space};
use crate::ui::verdict;
use crate::ui::widgets::{VerdictChip, favourite_star};

/// Width of the content from which the cards stand in two columns, and the figures beside the sentence.
const TWO_COLUMNS: f32 = 900.0;

/// Least width of a card in the row of curves.
const CURVE: f32 = 340.0;

/// What was chosen on the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PagePick {
    /// Back to where it was opened.
    Back,
    /// Something in the detail.
    Pick(Pick),
}

/// Draws the page of a selection, scrolling. `origin`: where the way back leads. Answers with what was
/// chosen.
pub fn page(ui: &mut Ui, detail: Option<&Detail>, probing: bool, origin: &str) -> Option<PagePick> {
    let Some(detail) = detail else {
        let back = Frame::new().inner_margin(space::XL as i8).show(ui, |ui| back_link(ui, origin)).inner;
        nothing(ui, probing);
        return back.then_some(PagePick::Back);
    };
    ScrollArea::vertical()
        // Another model begins at its top.
        .id_salt(("detail page", detail.model))
        .auto_shrink(false)
        .show(ui, |ui| {
            scroll_by_keys(ui);
            let side = space::XL as i8;
            let margin = Margin { left: side, right: side, top: 16, bottom: 16 };
            let pick = Frame::new().inner_margin(margin).show(ui, |ui| contents(ui, detail, origin)).inner;
            follow_focus(ui);
            pick
        })
        .inner
}

/// Arrows, Page and Home/End scroll while nothing has the focus.
fn scroll_by_keys(ui: &Ui) {
    const LINE: f32 = 60.0;
    if ui.memory(|memory| memory.focused().is_some()) || keys::is_covered(ui) {
        return;
    }
    let page = 0.85 * ui.clip_rect().height();
    let keys = [
        (Key::ArrowDown, -LINE),
        (Key::ArrowUp, LINE),
        (Key::PageDown, -page),
        (Key::PageUp, page),
        (Key::End, f32::MIN / 4.0),
        (Key::Home, f32::MAX / 4.0),
    ];
    for (key, delta) in keys {
        if ui.input_mut(|input| input.consume_key(Modifiers::NONE, key)) {
            ui.scroll_with_delta_animation(vec2(0.0, delta), ScrollAnimation::none());
        }
    }
}

fn contents(ui: &mut Ui, detail: &Detail, origin: &str) -> Option<PagePick> {
    ui.spacing_mut().item_spacing = vec2(space::S, space::M);
    let wide = ui.available_width() >= TWO_COLUMNS;
    let above = head(ui, detail, origin, wide);
    let pick = if wide { two_columns(ui, detail) } else { one_column(ui, detail) };
    above.or(pick.map(PagePick::Pick))
}

/// Name and sentence, with the figures at the right end where there is room. Answers with what was chosen
/// of the way back, the pin and the star.
fn head(ui: &mut Ui, detail: &Detail, origin: &str, wide: bool) -> Option<PagePick> {
    let figures_width = header::figures_width(ui, &detail.page_figures);
    let room = ui.available_width();
    let left = room - figures_width - space::XL;
    if !wide || left < 0.45 * room {
        let back = ui.scope(|ui| words(ui, detail, origin)).inner;
        if !detail.page_figures.is_empty() {
            header::figures(ui, &detail.page_figures);
        }
        return back;
    }
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing = Vec2::ZERO;
        let column = Layout::top_down(Align::Min);
        let back = ui.allocate_ui_with_layout(vec2(left, 0.0), column, |ui| {
            ui.set_min_width(left);
            words(ui, detail, origin)
        });
        ui.with_layout(Layout::right_to_left(Align::Min), |ui| {
            ui.spacing_mut().item_spacing.x = space::XL;
            for figure in detail.page_figures.iter().rev() {
                header::one(ui, figure);
            }
        });
        back.inner
    })
    .inner
}

fn words(ui: &mut Ui, detail: &Detail, origin: &str) -> Option<PagePick> {
    let t = Tokens::of(ui);
    ui.spacing_mut().item_spacing = vec2(space::M, 6.0);
    let back = ui
        .horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = vec2(space::M, 2.0);
            let back = back_link(ui, origin).then_some(PagePick::Back);
            ui.label(Text::Heading.rich(&detail.name).color(t.text));
            ui.label(Text::Body.rich(detail.level.to_string()).color(t.text_2));
            let star = favourite_star(ui, &detail.name, detail.favourite);
            if let Some(class) = detail.class() {
                ui.add(VerdictChip::new(verdict(class)));
            }
            if let Some(text) = &detail.best {
                ui.label(Text::Cell.rich(text).color(t.text_2));
            }
            let pin = header::pin(ui, detail.pinned).then_some(PagePick::Pick(Pick::Pin));
            let star = star.then_some(PagePick::Pick(Pick::Favourite));
            back.or(pin).or(star)
        })
        .inner;
    ui.add(Label::new(Text::Body.rich(&detail.sentence).color(t.text_2)).wrap());
    back
}

fn back_link(ui: &mut Ui, origin: &str) -> bool {
    let text = Text::Button.rich(format!("‹  {origin}")).color(Tokens::of(ui).text_2);
    ui.scope(|ui| {
        // Its words stand at the margin; what shows the focus may reach over it.
        ui.spacing_mut().button_padding.x = 0.0;
        ui.add(Button::new(text).frame_when_inactive(false).min_size(vec2(0.0, 24.0)))
    })
    .inner
    .on_hover_text("Esc")
    .clicked()
}

/// What is there and where it goes at the left; levels, speed and the command at the right.
fn two_columns(ui: &mut Ui, detail: &Detail) -> Option<Pick> {
    let width = ((ui.available_width() - space::L) / 2.0).floor();
    let room = ui.available_rect_before_wrap();
    let mut pick = None;
    let mut bottom = room.top();
    for (place, cards) in [left as fn(&mut Ui, &Detail) -> Option<Pick>, right].into_iter().enumerate() {
        let from = room.left() + place as f32 * (width + space::L);
        let rect = room.with_min_x(from).with_max_x(from + width);
        let shown = ui.scope_builder(UiBuilder::new().max_rect(rect), |ui| {
            ui.set_width(width);
            ui.spacing_mut().item_spacing.y = space::M;
            cards(ui, detail)
        });
        pick = pick.or(shown.inner);
        bottom = bottom.max(shown.response.rect.bottom());
    }
    ui.advance_cursor_after_rect(room.with_max_y(bottom));
    if detail.plan.is_err() {
        return pick;
    }
    pick.or(curve_row(ui, detail))
}

/// The curves beside that of speed, as many in a row as there is room for.
fn curve_row(ui: &mut Ui, detail: &Detail) -> Option<Pick> {
    const KINDS: [CurveKind; 3] = [CurveKind::Memory, CurveKind::Requests, CurveKind::Quality];
    let room = ui.available_rect_before_wrap();
    let columns = (((room.width() + space::M) / (CURVE + space::M)) as usize).clamp(1, KINDS.len());
    let width = ((room.width() - (columns - 1) as f32 * space::M) / columns as f32).floor();
    let mut pick = None;
    for row in KINDS.chunks(columns) {
        let top = ui.cursor().top();
        let mut bottom = top;
        for (place, kind) in row.iter().enumerate() {
            let from = room.left() + place as f32 * (width + space::M);
            let rect = room.with_min_x(from).with_max_x(from + width).with_min_y(top);
            let shown = ui.scope_builder(UiBuilder::new().max_rect(rect), |ui| {
                ui.set_width(width);
                curves::one(ui, detail, *kind)
            });
            pick = pick.or(shown.inner);
            bottom = bottom.max(shown.response.rect.bottom());
        }
        ui.advance_cursor_after_rect(room.with_min_y(top).with_max_y(bottom));
    }
    pick
}

fn left(ui: &mut Ui, detail: &Detail) -> Option<Pick> {
    cards::memory_and_strip(ui, detail);
    let mut pick = ways::ways(ui, detail);
    own::own(ui, detail);
    if detail.plan.is_ok() {
        grounds::known(ui, detail);
        pick = pick.or(measured::measured(ui, detail));
    }
    pick.or(grounds::tunes(ui, detail).map(Pick::Model))
}

fn right(ui: &mut Ui, detail: &Detail) -> Option<Pick> {
    let mut pick = cards::ladder(ui, detail).map(Pick::Level);
    if detail.plan.is_ok() {
        pick = pick.or(curves::one(ui, detail, CurveKind::Speed));
        launch::command(ui, detail);
    }
    grounds::facts(ui, detail);
    pick
}

/// The cards in the order of the panel.
fn one_column(ui: &mut Ui, detail: &Detail) -> Option<Pick> {
    super::all_cards(ui, detail)
}
