//! What a point says when the pointer rests on it.

use eframe::egui::{Align, Id, Label, Layout, Rect, Sense, Ui, vec2};

use super::field::Field;
use super::scene::Scene;
use crate::app::State;
use crate::app::map::Point;
use crate::language::{self, inside, mark, tr};
use crate::ui::theme::{Text, Tokens, space};
use crate::ui::verdict;
use crate::ui::widgets::VerdictChip;

const KEYS: &str = mark!("Click selects, double click opens");

pub(super) fn show(ui: &Ui, state: &State, field: &Field<'_>, scene: &Scene, map: Id, place: usize) {
    let point = &field.map.points[place];
    // A widget of its own for each point: the delay begins anew on the next one.
    let rect = Rect::from_center_size(scene.at[place], vec2(24.0, 24.0));
    let response = ui.interact(rect, map.with(("tip", point.base)), Sense::hover());
    response.on_hover_ui(|ui| contents(ui, state, field, point));
}

fn contents(ui: &mut Ui, state: &State, field: &Field<'_>, point: &Point) {
    let t = Tokens::of(ui);
    ui.spacing_mut().item_spacing.y = 5.0;
    ui.set_width(ui.spacing().tooltip_width - 2.0 * f32::from(ui.spacing().menu_margin.left));
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        ui.scope(|ui| {
            ui.set_max_width(ui.available_width() - 136.0);
            let name = &state.catalog.bases()[point.base].name;
            ui.add(Label::new(Text::Strong.rich(name).color(t.text)).truncate());
        });
        ui.label(Text::Body.rich(point.level.to_string()).color(t.text_2));
        if let Some(class) = point.class {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.add(VerdictChip::new(verdict(class)));
            });
        }
    });
    let values: Vec<String> = field
        .map
        .axes
        .iter()
        .zip(point.at)
        .map(|(axis, value)| match value {
            Some(value) => format!("{}: {}", axis.quantity.label(), axis.quantity.text(value)),
            None => tr!("Runs nowhere here").to_owned(),
        })
        .collect();
    for value in values {
        ui.label(Text::Body.rich(value).color(t.text));
    }
    let model = state.catalog.get(point.model);
    for source in field.map.axes.iter().filter_map(|axis| axis.quantity.source(model)) {
        ui.label(Text::Small.rich(source).color(t.text_2));
    }
    if let Some(size) = point.size {
        let text =
            tr!("{size} by {measure}", size = size.word(), measure = state.settings.map.lens.measure());
        ui.label(Text::Body.rich(text).color(t.text_2));
    }
    if point.on_front {
        let text = tr!("On the front: {front} this one", front = inside(&field.map.front_words()));
        ui.label(Text::Body.rich(text).color(t.text_2));
    }
    ui.label(Text::Small.rich(language::text(KEYS)).color(t.text_3));
}
