//! Where the detail stands: beside the page, over it, or on all of it.

use eframe::egui::{
    Align, Area, Button, Frame, Id, Layout, Order, Panel, PanelState, Rect, Stroke, Ui, pos2, vec2,
};

use super::theme::{Text, Tokens, size, space};
use super::{Actions, detail};
use crate::app::export::ExportAction;
use crate::app::habits::HabitsAction;
use crate::app::own::OwnAction;
use crate::app::tray::TrayAction;
use crate::app::{Action, MachineAction, Page, State, View};
use crate::language::tr;

/// Width that the detail leaves to the page where it can.
const PAGE_MIN: f32 = 480.0;

/// Where the way back leads from what has the whole page.
pub(super) fn origin(state: &State) -> &'static str {
    match state.settings.view {
        _ if state.settings.page == Page::Map => tr!("Map"),
        View::Table => tr!("Table"),
        View::Matrix => tr!("Matrix"),
    }
}

pub(super) fn detail_panel(ui: &mut Ui, state: &State, actions: &mut Actions) {
    let pick = detail::show(ui, state.detail.as_ref(), state.probing);
    actions.extend(pick.map(|pick| picked(pick, state)));
}

/// The detail on the whole page, with the way back to where it was opened.
pub(super) fn detail_page(ui: &mut Ui, state: &State, actions: &mut Actions) {
    match detail::page(ui, state.detail.as_ref(), state.probing, origin(state)) {
        Some(detail::PagePick::Back) => actions.push(Action::ShowDetailPage(false)),
        Some(detail::PagePick::Pick(pick)) => actions.push(picked(pick, state)),
        None => {}
    }
}

fn picked(pick: detail::Pick, state: &State) -> Action {
    match pick {
        detail::Pick::Level(level) => Action::SetLevel(level),
        detail::Pick::Model(model) => Action::Select(model),
        detail::Pick::Favourite => Action::Habits(HabitsAction::Favourite(None)),
        detail::Pick::OneMore => {
            let card = state.detail.as_ref().and_then(|detail| detail.ways.one_more.clone());
            card.map_or(Action::SetPage(Page::Machine), |card| Action::Machine(MachineAction::WhatBuys(card)))
        }
        detail::Pick::Curve(kind) => Action::SetCurve(kind),
        detail::Pick::CopyCurve(kind) => Action::Export(ExportAction::CopyValues(kind)),
        detail::Pick::Pin => Action::Tray(TrayAction::Toggle),
        detail::Pick::Measurements => Action::Own(OwnAction::Show(true)),
        detail::Pick::RemoveOwn(id) => Action::Own(OwnAction::Remove(id)),
        detail::Pick::Way(place) => {
            let way = state.detail.as_ref().and_then(|detail| detail.ways.rows.get(place));
            Action::Try(way.map(|way| way.changes.clone()).unwrap_or_default())
        }
    }
}

/// The panel of the detail, as wide as it was made. Where the page leaves less room it is only drawn
/// narrower, under another id: a window that was small or enlarged for a while does not shrink it for good.
pub(super) fn detail_beside(ui: &mut Ui, frame: Frame, contents: impl FnOnce(&mut Ui)) {
    const NAME: &str = "detail";
    let room = ui.available_width() - 2.0 * space::M - PAGE_MIN;
    let room = room.clamp(size::RIGHT_MIN, size::RIGHT_MAX);
    let chosen = PanelState::load(ui.ctx(), ui.scope_id().with(NAME));
    if chosen.map_or(size::RIGHT, |panel| panel.size().x) > room {
        Panel::right("squeezed detail").exact_size(room).resizable(false).frame(frame).show(ui, contents);
    } else {
        Panel::right(NAME)
            .default_size(size::RIGHT)
            .size_range(size::RIGHT_MIN..=room)
            .frame(frame)
            .show(ui, contents);
    }
}

/// The detail over the right end of the page, in a window that has no room beside it.
pub(super) fn detail_overlay(ui: &mut Ui, state: &State, actions: &mut Actions) {
    let t = Tokens::of(ui);
    let window = ui.ctx().content_rect();
    let rect =
        Rect::from_min_max(pos2(window.right() - size::RIGHT, window.top() + size::TOP_BAR), window.max);
    Area::new(Id::unique("detail overlay")).order(Order::Middle).fixed_pos(rect.min).constrain(false).show(
        ui.ctx(),
        |ui| {
            ui.set_min_size(rect.size());
            ui.set_max_size(rect.size());
            Frame::new().fill(t.panel).show(ui, |ui| {
                ui.set_min_size(rect.size());
                ui.painter().vline(rect.left() + 0.5, rect.y_range(), Stroke::new(size::LINE, t.line_strong));
                ui.spacing_mut().item_spacing.y = 0.0;
                let row = vec2(rect.width() - space::M, size::CONTROL + space::S);
                ui.allocate_ui_with_layout(row, Layout::right_to_left(Align::Center), |ui| {
                    let close = Text::Button.rich(tr!("Close")).color(t.text);
                    let button = Button::new(close).frame_when_inactive(false);
                    if ui.add(button).on_hover_text("Esc").clicked() {
                        actions.push(Action::ShowDetail(false));
                    }
                });
                detail_panel(ui, state, actions);
            });
        },
    );
}
