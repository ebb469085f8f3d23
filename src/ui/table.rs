//! The table: one row a model at the chosen quantization.

mod columns;
mod header;
mod keyboard;
mod row;
mod tips;

use eframe::egui::emath::GuiRounding as _;
use eframe::egui::{
    Align, Button, CornerRadius, Id, Label, Layout, Rect, Sense, Stroke, StrokeKind, TextFormat, Ui,
    UiBuilder, WidgetInfo, accesskit::Role, pos2, text::LayoutJob,
};
use egui_extras::{Column as TableColumn, TableBuilder};

use super::Actions;
use super::theme::{Text, Tokens, size};
use super::widgets::empty_state;
use crate::app::models::{ModelsAction, Part};
use crate::app::rows::answer::{self, Wording};
use crate::app::{Action, State};
use crate::hub::Repository;
use crate::language::tr;
use columns::Columns;

/// Height of the sentence above the table.
const SENTENCE: f32 = 38.0;

/// The table as the one stop of the Tab key that all its rows share.
fn table_id() -> Id {
    Id::unique("models")
}

/// The answer in words and the rows, in all of the room that is left; says where the rows are.
/// `details_button`: the detail has no place of its own.
pub(super) fn show(ui: &mut Ui, state: &State, details_button: bool, actions: &mut Actions) -> Rect {
    ui.spacing_mut().item_spacing.y = 0.0;
    sentence(ui, state, details_button, actions);
    if state.rows.is_empty() {
        nothing_to_show(ui, state, actions);
        return Rect::NOTHING;
    }
    rows(ui, state, actions)
}

/// In place of models where none is left: why, and a way on.
pub(super) fn nothing_to_show(ui: &mut Ui, state: &State, actions: &mut Actions) {
    if is_of_hub(&state.search) {
        let sentence =
            tr!("The catalog does not have it. The hub can be asked for its files; nothing is sent before.");
        if empty_state(ui, tr!("No model matches"), sentence, Some(tr!("To the hub"))) {
            actions.push(Action::Models(ModelsAction::HubText(state.search.trim().to_owned())));
            actions.push(Action::Models(ModelsAction::Show(Some(Part::Hub))));
        }
        return;
    }
    let (title, sentence) = nothing(state);
    if empty_state(ui, title, sentence, Some(tr!("Clear filters"))) {
        actions.push(Action::ClearFilters);
    }
}

/// Why there are no rows, and what follows from it.
fn nothing(state: &State) -> (&'static str, &'static str) {
    let filters = &state.settings.filters;
    if filters.favourites && state.settings.habits.favourites.is_empty() {
        (tr!("No favourites yet"), tr!("F, or the star in a row, makes the model a favourite."))
    } else if state.is_filtered() {
        (tr!("No model matches"), tr!("Nothing matches this search with the filters on the left."))
    } else {
        (tr!("No model matches"), tr!("The catalog is empty."))
    }
}

/// Whether what is searched for is a repository's name or a link to one.
fn is_of_hub(search: &str) -> bool {
    let search = search.trim();
    !search.contains(char::is_whitespace) && Repository::parse(search).is_ok()
}

fn rows(ui: &mut Ui, state: &State, actions: &mut Actions) -> Rect {
    let t = Tokens::of(ui);
    let area = ui.available_rect_before_wrap().round_to_pixels(ui.pixels_per_point());
    let columns = Columns::for_width(area.width());
    let focus = ui.interact(area, table_id(), Sense::focusable_noninteractive());
    let about = tr!("{rows} models", rows = state.rows.len());
    focus.widget_info(|| WidgetInfo::labeled(Role::Table, true, &about));
    keyboard::handle(ui, state, focus.id, area, actions);

    let show = keyboard::row_to_show(ui, state);
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        let mut builder = TableBuilder::new(ui)
            .id_salt("models table")
            // Rows are clicked, but only the table as a whole takes the focus.
            .sense(Sense::CLICK)
            .cell_layout(Layout::left_to_right(Align::Center))
            .auto_shrink(false)
            .animate_scrolling(false)
            .column(TableColumn::remainder().clip(true));
        if let Some(place) = show {
            builder = builder.scroll_to_row(place, None);
        }
        builder
            .header(size::HEADER, |mut head| {
                head.set_hovered(false);
                head.col(|ui| header::show(ui, state, &columns, actions));
            })
            .body(|body| {
                body.rows(size::ROW, state.rows.len(), |mut table_row| {
                    let row = &state.rows[table_row.index()];
                    table_row.set_hovered(false);
                    table_row.col(|ui| row::show(ui, state, row, &columns, actions));
                    let response = table_row.response();
                    row::describe(&response, state, row);
                    if response.clicked() {
                        response.ctx.memory_mut(|memory| memory.request_focus(table_id()));
                        actions.push(Action::SelectRow(row.key));
                    }
                    if response.double_clicked() {
                        actions.push(Action::ShowDetailPage(true));
                    }
                });
            });
    });
    if focus.has_focus() {
        let ring = Stroke::new(1.5, t.accent);
        ui.painter().rect_stroke(area.expand(2.0), CornerRadius::same(6), ring, StrokeKind::Inside);
    }
    area.with_min_y(area.top() + size::HEADER)
}

fn sentence(ui: &mut Ui, state: &State, details_button: bool, actions: &mut Actions) {
    let t = Tokens::of(ui);
    let area = ui.available_rect_before_wrap();
    let rect = Rect::from_min_max(area.min, pos2(area.right(), area.top() + SENTENCE));
    let builder = UiBuilder::new().max_rect(rect).layout(Layout::right_to_left(Align::Center));
    ui.scope_builder(builder, |ui| {
        if details_button {
            let label = Text::Button.rich(tr!("Details  ›")).color(t.text);
            if ui.add_enabled(state.selected.is_some(), Button::new(label)).clicked() {
                actions.push(Action::ShowDetail(true));
            }
        }
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            let room = ui.available_width();
            let [full, no_level, short] = [Wording::Full(state.level()), Wording::NoLevel, Wording::Short]
                .map(|wording| Answer::of(state, wording));
            let said = format!("{}{}", full.0, full.1);
            let shown = [full, no_level].into_iter().find(|answer| answer.width(ui) <= room);
            ui.add(Label::new(shown.unwrap_or(short).job(t)).truncate()).on_hover_text(said);
        });
    });
    ui.advance_cursor_after_rect(rect);
}

/// The answer in words: its beginning, which is set bold, and the rest.
struct Answer(String, String);

impl Answer {
    fn of(state: &State, wording: Wording) -> Self {
        let (strong, plain) = if state.rig.is_none() {
            let why = if state.probing {
                tr!(": this machine is being read")
            } else {
                tr!(": this machine could not be read: describe it on its page")
            };
            (tr!("{rows} models", rows = state.rows.len()), why.to_owned())
        } else {
            answer::sentence(&state.counts, state.subjects, state.has_gpu(), wording)
        };
        Self(strong, plain)
    }

    fn job(&self, t: &Tokens) -> LayoutJob {
        let mut job = LayoutJob::default();
        job.append(&self.0, 0.0, TextFormat::simple(Text::Strong.font(), t.text));
        job.append(&self.1, 0.0, TextFormat::simple(Text::Body.font(), t.text_2));
        job
    }

    fn width(&self, ui: &Ui) -> f32 {
        ui.painter().layout_job(self.job(Tokens::of(ui))).size().x
    }
}
