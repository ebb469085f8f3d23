//! What a cell says when the pointer rests on it.

use eframe::egui::{Align, Id, Layout, Sense, Ui};

use super::canvas::{Canvas, Hit, Target};
use super::words;
use crate::app::grid::{Cell, LineKind};
use crate::language::{self, mark, tr_n};
use crate::ui::theme::{Text, Tokens, space};
use crate::ui::verdict;
use crate::ui::widgets::VerdictChip;

const KEYS: &str = mark!("Click selects, double click opens, B goes to the best");

pub(super) fn show(ui: &Ui, canvas: &Canvas<'_>, grid: Id, hit: &Hit) {
    let catalog = canvas.view.catalog;
    let name = hit.slot.line.name(catalog);
    match hit.target {
        Target::Cell(column) => {
            // A widget of its own for each cell: the delay begins anew on the next one.
            let rect = canvas.tile(ui, &hit.slot, column).intersect(canvas.port);
            let id = grid.with((hit.slot.index, column));
            ui.interact(rect, id, Sense::hover()).on_hover_ui(|ui| cell(ui, canvas, hit, column));
        }
        Target::Name => {
            let rect = canvas.row(&hit.slot).intersect(canvas.port).with_max_x(canvas.names_end());
            let record = hit.slot.line.model(catalog).map(|id| catalog.get(id).id.as_str());
            let response = ui.interact(rect, grid.with((hit.slot.index, "name")), Sense::hover());
            response.on_hover_ui(|ui| {
                let t = Tokens::of(ui);
                ui.label(Text::Strong.rich(name).color(t.text));
                ui.label(Text::Small.rich(record.unwrap_or_default()).color(t.text_2));
            });
        }
        Target::Tunes => {
            let (Some(rect), LineKind::Base(base)) = (canvas.tunes(&hit.slot), hit.slot.line.kind) else {
                return;
            };
            let entry = &catalog.bases()[base];
            let count = entry.variants.len();
            let words = if canvas.view.unfolded.contains(&entry.id) {
                tr_n!(
                    count,
                    "Fold {count} fine-tune or variant of the same shapes (Space)",
                    "Fold {count} fine-tunes and variants of the same shapes (Space)",
                    count
                )
            } else {
                tr_n!(
                    count,
                    "Unfold {count} fine-tune or variant of the same shapes (Space)",
                    "Unfold {count} fine-tunes and variants of the same shapes (Space)",
                    count
                )
            };
            ui.interact(rect, grid.with((hit.slot.index, "tunes")), Sense::hover()).on_hover_text(words);
        }
        Target::Nothing => {}
    }
}

fn cell(ui: &mut Ui, canvas: &Canvas<'_>, hit: &Hit, column: usize) {
    let view = canvas.view;
    let t = Tokens::of(ui);
    let Some(model) = hit.slot.line.model(view.catalog) else { return };
    let Some(row) = view.grid.row(model) else { return };
    let (Some(cell), Some(level)) = (row.cells.get(column), view.grid.levels().get(column)) else { return };
    ui.spacing_mut().item_spacing.y = 5.0;
    ui.set_width(ui.spacing().tooltip_width - 2.0 * f32::from(ui.spacing().menu_margin.left));
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        let chip = 76.0;
        ui.scope(|ui| {
            ui.set_max_width(ui.available_width() - chip);
            ui.horizontal(|ui| {
                ui.set_max_width(ui.available_width() - 60.0);
                let name = Text::Strong.rich(hit.slot.line.name(view.catalog)).color(t.text);
                ui.add(eframe::egui::Label::new(name).truncate());
                ui.label(Text::Body.rich(level.to_string()).color(t.text_2));
            });
        });
        if let Some(brief) = cell.brief() {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.add(VerdictChip::new(verdict(brief.class)));
            });
        }
    });
    if let Some(reason) = words::reason(row, column, view.grid.has_gpu()) {
        ui.label(Text::Body.rich(reason).color(t.text));
    }
    ui.label(Text::Body.rich(words::sentence(cell)).color(t.text_2));
    if cell.brief().is_some_and(|brief| brief.decode.is_some()) {
        for line in (view.nearby.0)(model, *level).iter().flat_map(|lines| lines.iter()) {
            ui.label(Text::Small.rich(line).color(t.text_2));
        }
    }
    if matches!(cell, Cell::Known(..)) {
        ui.label(Text::Small.rich(language::text(KEYS)).color(t.text_3));
    }
}
