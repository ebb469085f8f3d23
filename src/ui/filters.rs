//! What leaves models out: the controls in the left column, the chips above the rows.

use eframe::egui::{Button, Id, Popup, PopupCloseBehavior, Ui, vec2};

use super::Actions;
use super::theme::{Text, Tokens, space};
use super::widgets::{TypedField, caption, check, removable_chip, small_button};
use crate::app::best::READING_SPEED;
use crate::app::chips::chips;
use crate::app::habits::HabitsAction;
use crate::app::rows::ranges::{Bounds, Ranges, Span};
use crate::app::{Action, Filters, State};
use crate::language::tr;

/// Width of a field of a range.
const FIELD: f32 = 116.0;

/// The controls.
pub(super) fn controls(ui: &mut Ui, state: &State, actions: &mut Actions) {
    let filters = &state.settings.filters;
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        let no_gpu = state.rig.is_some() && !state.has_gpu();
        let fits = if no_gpu { tr!("Only what fits in RAM") } else { tr!("Only what fits on the GPU") };
        actions.extend(check(ui, fits, filters.only_fits).map(Action::OnlyFits));
        let reading = tr!("At reading speed ({speed} tok/s)", speed = READING_SPEED);
        actions.extend(check(ui, &reading, filters.reading_speed).map(Action::ReadingSpeed));
        for (tag, word) in Filters::tags() {
            let chosen = check(ui, word, filters.tags.contains(&tag));
            actions.extend(chosen.map(|on| Action::WithTag(tag, on)));
        }
        let only = |on| Action::Habits(HabitsAction::OnlyFavourites(on));
        let favourites = ui.scope(|ui| check(ui, tr!("Favourites"), filters.favourites));
        actions.extend(favourites.inner.map(only));
        favourites
            .response
            .on_hover_text(tr!("Models with a star; F gives the selected one a star, or takes it away"));
        let here = ui.scope(|ui| check(ui, tr!("On this computer"), filters.installed));
        actions.extend(here.inner.map(Action::OnThisComputer));
        here.response.on_hover_text(tr!("Models that a program keeps on these disks, and your own"));
        let others = tr!("Also embedding and diffusion");
        let chosen = ui.scope(|ui| check(ui, others, filters.not_generating));
        actions.extend(chosen.inner.map(Action::NotGenerating));
        chosen.response.on_hover_text(tr!(
            "Models that do not generate text token by token (embedding, reranking, diffusion): they are \
             listed without figures"
        ));
        ui.add_space(space::XS);
        ranges(ui, &filters.ranges, actions);
    });
}

/// A button that leads to the ranges.
fn ranges(ui: &mut Ui, ranges: &Ranges, actions: &mut Actions) {
    let asked = Span::ALL.into_iter().filter(|span| !ranges.of(*span).is_open()).count();
    let words = if asked == 0 { tr!("Ranges…").to_owned() } else { tr!("Ranges ({asked})…", asked) };
    let hint = tr!("Parameters, memory, tokens/s and release between two values");
    let button = ui.add(Button::new(Text::Button.rich(words).color(Tokens::of(ui).text))).on_hover_text(hint);
    Popup::menu(&button)
        .accessible_name(tr!("Ranges"))
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
        .show(|ui| {
            ui.set_width(2.0 * FIELD + space::S);
            ui.spacing_mut().item_spacing = vec2(space::S, space::XS);
            for span in Span::ALL {
                caption(ui, span.title(), "");
                ui.horizontal_top(|ui| range(ui, span, ranges.of(span), actions));
                ui.add_space(space::XS);
            }
            if ui.add_enabled(!ranges.is_open(), Button::new(tr!("No ranges"))).clicked() {
                actions.extend(Span::ALL.map(|span| Action::SetRange(span, Bounds::default())));
            }
        });
}

/// From and to of one figure.
fn range(ui: &mut Ui, span: Span, bounds: Bounds, actions: &mut Actions) {
    let title = span.title();
    let [from, to] = span.hints();
    for (is_least, hint, value) in [(true, from, bounds.least), (false, to, bounds.most)] {
        let end = if is_least { tr!("at least") } else { tr!("at most") };
        let present = value.map(|value| span.text(value)).unwrap_or_default();
        let field = TypedField {
            id: Id::unique(("range", title, is_least)),
            name: &format!("{title}, {end}"),
            present: &present,
            hint,
            unit: span.unit(),
            width: FIELD,
        };
        if let Some(value) = field.show(ui, |text| span.parse(text)) {
            let bounds =
                if is_least { Bounds { least: value, ..bounds } } else { Bounds { most: value, ..bounds } };
            actions.push(Action::SetRange(span, bounds));
        }
    }
}

/// The chips above the rows; nothing where nothing is left out.
pub(super) fn chips_row(ui: &mut Ui, state: &State, actions: &mut Actions) {
    let chips = chips(state);
    if chips.is_empty() {
        return;
    }
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing = vec2(6.0, 4.0);
        ui.add_space(2.0);
        ui.horizontal_wrapped(|ui| {
            for chip in chips {
                if removable_chip(ui, &chip.words) {
                    actions.push(chip.remove);
                }
            }
            if small_button(ui, tr!("Clear all"), true).clicked() {
                actions.push(Action::ClearFilters);
            }
        });
    });
}
