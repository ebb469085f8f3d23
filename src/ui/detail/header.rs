//! Name, level, verdict; the answer in a sentence; the large figures.

use eframe::egui::{Align, Button, Label, Layout, Ui, Vec2, vec2};

use super::Pick;
use crate::app::detail::{Detail, Figure};
use crate::language::tr;
use crate::ui::theme::{Text, Tokens, space};
use crate::ui::verdict;
use crate::ui::widgets::{VerdictChip, favourite_star, figure};

/// Draws it; answers with what was clicked: the pin, or the star.
pub(super) fn show(ui: &mut Ui, detail: &Detail) -> Option<Pick> {
    let pick = ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = space::S;
        let pick = title(ui, detail);
        let t = Tokens::of(ui);
        ui.add(Label::new(Text::Body.rich(&detail.sentence).color(t.text_2)).wrap());
        pick
    });
    if !detail.figures.is_empty() {
        figures(ui, &detail.figures);
    }
    pick.inner
}

/// The button that pins what is shown, or takes it out of the tray.
pub(super) fn pin(ui: &mut Ui, pinned: bool) -> bool {
    let t = Tokens::of(ui);
    let (words, tip) = if pinned {
        (tr!("Pinned"), tr!("Take it out of the tray (P)"))
    } else {
        (tr!("Pin"), tr!("Pin it, to hold it side by side with others (P)"))
    };
    let button =
        Button::selectable(pinned, Text::Label.rich(words).color(t.text_2)).min_size(vec2(0.0, 22.0));
    ui.add(button).on_hover_text(tip).clicked()
}

/// The name with the level beside it and the verdict at the right end; a long name gets lines of its own.
fn title(ui: &mut Ui, detail: &Detail) -> Option<Pick> {
    let t = Tokens::of(ui);
    let level = detail.level.to_string();
    let name = Text::Heading.rich(&detail.name).color(t.text);
    let wide = text_width(ui, &detail.name, Text::Heading)
        + text_width(ui, &level, Text::Body)
        + detail.class().map_or(0.0, |class| text_width(ui, class.word(), Text::Label) + 18.0)
        + text_width(ui, tr!("Pinned"), Text::Label)
        + 40.0
        + 4.0 * space::M;
    let beside = |ui: &mut Ui| {
        ui.label(Text::Body.rich(&level).color(t.text_2));
        let star = favourite_star(ui, &detail.name, detail.favourite).then_some(Pick::Favourite);
        let pin = ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = space::M;
            let pin = pin(ui, detail.pinned).then_some(Pick::Pin);
            if let Some(class) = detail.class() {
                ui.add(VerdictChip::new(verdict(class)));
            }
            pin
        });
        star.or(pin.inner)
    };
    if wide <= ui.available_width() {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = space::M;
            ui.add(Label::new(name).extend());
            beside(ui)
        })
        .inner
    } else {
        ui.add(Label::new(name).wrap());
        ui.horizontal(beside).inner
    }
}

/// In one row over the whole width where they fit, else in rows of two.
pub(super) fn figures(ui: &mut Ui, figures: &[Figure]) {
    let room = ui.available_width();
    let widths: Vec<f32> = figures.iter().map(|figure| width(ui, figure)).collect();
    let gaps = figures.len().saturating_sub(1).max(1) as f32;
    let gap = ((room - widths.iter().sum::<f32>()) / gaps).floor();
    if gap >= space::S {
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = gap.min(2.0 * space::XL);
            for figure in figures {
                one(ui, figure);
            }
        });
        return;
    }
    for row in figures.chunks(2) {
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing = Vec2::ZERO;
            for figure in row {
                let column = vec2(room / 2.0, 42.0);
                ui.allocate_ui_with_layout(column, Layout::left_to_right(Align::Min), |ui| {
                    ui.set_min_width(column.x);
                    one(ui, figure);
                });
            }
        });
    }
}

pub(super) fn one(ui: &mut Ui, shown: &Figure) {
    let response = figure(ui, shown.number.as_deref(), shown.unit, &shown.caption);
    response.on_hover_text(&shown.why);
}

/// Width of figures in one row.
pub(super) fn figures_width(ui: &Ui, figures: &[Figure]) -> f32 {
    let gaps = figures.len().saturating_sub(1) as f32 * space::XL;
    figures.iter().map(|figure| width(ui, figure)).sum::<f32>() + gaps
}

/// As wide as [`figure`] draws it.
fn width(ui: &Ui, figure: &Figure) -> f32 {
    let number = text_width(ui, figure.number.as_deref().unwrap_or(tr!("n/a")), Text::Figure);
    let unit = match figure.unit {
        "" => 0.0,
        unit => 5.0 + text_width(ui, unit, Text::Body),
    };
    (number + unit).max(text_width(ui, &figure.caption, Text::Small)).ceil()
}

fn text_width(ui: &Ui, text: &str, style: Text) -> f32 {
    let color = Tokens::of(ui).text;
    ui.painter().layout_no_wrap(text.to_owned(), style.font(), color).size().x
}
