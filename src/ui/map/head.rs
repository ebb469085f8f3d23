//! The head of the page: the answer in words, the axes, the level, the colour.

use eframe::egui::text::{LayoutJob, TextFormat};
use eframe::egui::{Align, Button, Label, Layout, Shape, Stroke, Ui, vec2};

use super::field::Window;
use super::words;
use crate::app::map::{Lens, MapAction, Quantity};
use crate::app::{Action, Page, State};
use crate::language::tr;
use crate::ui::Actions;
use crate::ui::theme::{Text, Tokens, size, space};
use crate::ui::widgets::{combo, labelled, segmented};

/// Width of a list.
const LIST: f32 = 166.0;
/// A narrower one would show no word; the lists take another row instead.
const LIST_MIN: f32 = 96.0;
/// Room for the switch of levels, the button between the axes and the gaps.
const LEVELS: f32 = 236.0;

pub(super) fn show(
    ui: &mut Ui,
    state: &State,
    details_button: bool,
    window: &mut Window,
    actions: &mut Actions,
) {
    title(ui, state, details_button, window, actions);
    sentence(ui, state);
    ui.add_space(space::S);
    tools(ui, state, actions);
}

fn title(ui: &mut Ui, state: &State, details_button: bool, window: &mut Window, actions: &mut Actions) {
    let t = Tokens::of(ui);
    let button = |ui: &mut Ui, words: &str, enabled: bool, hint: &str| {
        let button = Button::new(Text::Button.rich(words).color(t.text));
        ui.add_enabled(enabled, button).on_hover_text(hint).clicked()
    };
    let row = vec2(ui.available_width(), size::TOOL_ROW);
    ui.allocate_ui_with_layout(row, Layout::right_to_left(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        if details_button
            && button(ui, tr!("Details  ›"), state.selected.is_some(), tr!("The selected model"))
        {
            actions.push(Action::ShowDetail(true));
        }
        if state.map.picked.is_some()
            && button(ui, tr!("Show in table"), true, tr!("The picked models on the Models page"))
        {
            actions.push(Action::SetPage(Page::Models));
        }
        if window.is_zoomed() && button(ui, tr!("Show all"), true, tr!("The whole map (0)")) {
            *window = Window::default();
        }
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            ui.add(Label::new(Text::Heading.rich(tr!("What this machine can run")).color(t.text)).truncate());
        });
    });
}

/// The answer in words, and what it leaves out.
fn sentence(ui: &mut Ui, state: &State) {
    let t = Tokens::of(ui);
    let answers = words::answers(state);
    let said = answers[0].concat();
    let job = |[strong, plain]: &[String; 2]| {
        let mut job = LayoutJob::default();
        job.append(strong, 0.0, TextFormat::simple(Text::Strong.font(), t.text));
        job.append(plain, 0.0, TextFormat::simple(Text::Body.font(), t.text_2));
        job
    };
    let room = ui.available_width();
    let fits = |answer: &&[String; 2]| ui.painter().layout_job(job(answer)).size().x <= room;
    let shown = answers.iter().find(fits).unwrap_or(&answers[answers.len() - 1]);
    ui.add(Label::new(job(shown)).truncate()).on_hover_text(said);
    if let Some(note) = words::left_out(state) {
        ui.add(Label::new(Text::Small.rich(&note).color(t.text_2)).truncate()).on_hover_text(note);
    }
}

fn tools(ui: &mut Ui, state: &State, actions: &mut Actions) {
    let chosen = state.settings.map;
    let width = ui.available_width();
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        let list = LIST.min((width - LEVELS) / 3.0).max(LIST_MIN);
        let quantities = Quantity::ALL.map(|quantity| (quantity, quantity.label()));
        let picked =
            list_of(ui, tr!("Up"), list, |ui| combo(ui, tr!("Vertical axis"), &quantities, chosen.y));
        actions.extend(picked.map(|quantity| Action::Map(MapAction::SetY(quantity))));
        if swap(ui) {
            actions.push(Action::Map(MapAction::Swap));
        }
        let picked =
            list_of(ui, tr!("Across"), list, |ui| combo(ui, tr!("Horizontal axis"), &quantities, chosen.x));
        actions.extend(picked.map(|quantity| Action::Map(MapAction::SetX(quantity))));
        ui.add_space(space::S);
        let lenses = Lens::ALL.map(|lens| (lens, lens.label()));
        let picked = list_of(ui, tr!("Colour"), list, |ui| combo(ui, tr!("Colour"), &lenses, chosen.lens));
        actions.extend(picked.map(|lens| Action::Map(MapAction::SetLens(lens))));
        ui.add_space(space::S);
        let level = state.level().to_string();
        let levels = [(false, level.as_str()), (true, tr!("Best"))];
        let room = (LEVELS - 24.0 - 8.0 * space::S).min(width);
        let picked = list_of(ui, tr!("Level"), room, |ui| {
            segmented(ui, tr!("Level of each model"), &levels, chosen.best, size::CONTROL)
        });
        actions.extend(picked.map(|best| Action::Map(MapAction::AtBest(best))));
    });
}

/// A list under its caption, so wide.
fn list_of<R>(ui: &mut Ui, caption: &str, width: f32, add: impl FnOnce(&mut Ui) -> R) -> R {
    let room = vec2(width, size::CONTROL + 18.0);
    ui.allocate_ui_with_layout(room, Layout::top_down(Align::Min), |ui| {
        ui.set_width(width);
        labelled(ui, caption, add)
    })
    .inner
}

/// The button that makes the axes change places.
fn swap(ui: &mut Ui) -> bool {
    let response = ui
        .allocate_ui_with_layout(vec2(24.0, size::CONTROL + 18.0), Layout::bottom_up(Align::Center), |ui| {
            ui.add_sized([24.0, size::CONTROL], Button::new("").frame_when_inactive(false))
        })
        .inner;
    let t = Tokens::of(ui);
    let color = if response.hovered() || response.has_focus() { t.text } else { t.text_2 };
    let stroke = Stroke::new(1.5, color);
    let at = response.rect.center();
    for (y, way) in [(-3.0, 1.0), (3.0, -1.0)] {
        let (tail, tip) = (at + vec2(-6.0 * way, y), at + vec2(6.0 * way, y));
        ui.painter().line_segment([tail, tip], stroke);
        let barb = tip - vec2(3.0 * way, y.signum() * -3.0);
        ui.painter().add(Shape::line(vec![barb, tip], stroke));
    }
    response.widget_info(|| {
        eframe::egui::WidgetInfo::labeled(eframe::egui::accesskit::Role::Button, true, tr!("Swap axes"))
    });
    response.on_hover_text(tr!("The axes change places")).clicked()
}
