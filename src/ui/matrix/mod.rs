//! The matrix: models down, quantization levels across.
//!
//! A tile's area carries the verdict, its number the chosen figure, and the load line runs down through
//! the rows as a staircase: left of it is safe. The best cell of a row is solid. The whole grid is one
//! focus stop; each cell is spoken as one sentence.

mod body;
mod canvas;
mod geometry;
mod head;
mod keys;
mod legend;
mod levels;
mod paint;
mod speech;
mod texts;
mod tip;
mod words;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use eframe::egui::text::{LayoutJob, TextFormat};
use eframe::egui::{Align, Button, Id, Label, Layout, Pos2, Rect, Ui, UiBuilder, Vec2, pos2, vec2};

use crate::app::grid::{Figure, Grid, Grouping, LineKind, Outline, Summary};
use crate::language::tr;
use crate::model::catalog::{Catalog, ModelId};
use crate::quant::Level;
use crate::ui::theme::{Text, Tokens, space};
use geometry::Columns;
use texts::Texts;

/// Height of the sentence above the grid.
const SENTENCE: f32 = 38.0;
/// Height of the column heads.
const HEAD: f32 = 46.0;
/// Height of the legend.
const LEGEND: f32 = 34.0;
/// Margin of the page around the matrix. The scroll bar stands in it, and the legend reaches into it at the
/// sides and below.
const MARGIN: f32 = space::M;
/// Room for the scroll bar in the margin.
const SCROLL_BAR: f32 = MARGIN - 1.0;

/// What the matrix shows.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// Names.
    pub catalog: &'a Catalog,
    /// Estimates.
    pub grid: &'a Grid,
    /// Lines.
    pub outline: &'a Outline,
    /// What they amount to.
    pub summary: &'a Summary,
    /// Base models whose fine-tunes are unfolded.
    pub unfolded: &'a BTreeSet<ModelId>,
    /// Selected model.
    pub selected: Option<ModelId>,
    /// Selected level.
    pub level: Level,
    /// Levels that may have a column.
    pub known_levels: &'a [Level],
    /// The figure in the cells.
    pub figure: Figure,
    /// A button that opens the detail is wanted: it has no place of its own beside the matrix.
    pub details_button: bool,
    /// The measurements nearest to a cell that the pointer rests on.
    pub nearby: Nearby<'a>,
}

/// Asks for the measurements nearest to a cell, a line each.
#[derive(Clone, Copy)]
pub struct Nearby<'a>(pub &'a dyn Fn(ModelId, Level) -> Option<Arc<[String]>>);

impl std::fmt::Debug for Nearby<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Nearby")
    }
}

/// What was done in the matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gesture {
    /// A cell was chosen.
    Select(ModelId, Level),
    /// The detail of the selection is wanted on the whole page.
    Open,
    /// The detail of the selection is wanted beside the matrix.
    Beside,
    /// Another figure.
    Figure(Figure),
    /// Another grouping.
    Group(Grouping),
    /// A column for a level, or none.
    Level(Level, bool),
    /// Columns for the usual levels.
    UsualLevels,
    /// Columns for all levels that the engine reads.
    AllLevels,
    /// Fine-tunes of a base model are to be shown or hidden.
    Fold(ModelId),
    /// These lines are on the screen, first and one past the last: they are to be estimated first.
    Visible(usize, usize),
}

/// What the matrix remembers from frame to frame; nothing that anybody else needs.
#[derive(Debug, Default)]
struct Memo {
    texts: Texts,
    /// Pass in which it was drawn last.
    pass: u64,
    /// Lines that were reported as visible.
    visible: Option<(usize, usize)>,
    /// Selection of the last frame, to follow it when it moves off the screen.
    cursor: Option<Cursor>,
    /// The focus came by a click: no frame is needed to say where it is.
    clicked_into: bool,
}

/// A place in the grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cursor {
    line: usize,
    column: Option<usize>,
}

impl View<'_> {
    /// Where the selection is. A fine-tune that is folded is found at its base.
    fn cursor(&self) -> Option<Cursor> {
        let selected = self.selected?;
        let lines = self.outline.lines();
        let own = |kind: LineKind| match kind {
            LineKind::Title(_) => false,
            LineKind::Base(base) => self.catalog.bases()[base].id == selected,
            LineKind::Variant(base, variant) => {
                self.catalog.bases()[base].variants.get(variant).is_some_and(|v| v.id == Some(selected))
            }
        };
        let base = LineKind::Base(self.catalog.base_of(selected));
        let line = lines
            .iter()
            .position(|line| own(line.kind))
            .or_else(|| lines.iter().position(|line| line.kind == base))?;
        let column = self.grid.levels().iter().position(|&level| level == self.level);
        Some(Cursor { line, column })
    }
}

/// The right part of the tool row: grouping, and the figure in the cells.
pub fn tools(ui: &mut Ui, grouping: Grouping, figure: Figure, out: &mut Vec<Gesture>) {
    use crate::ui::theme::size::TOOL_ROW;
    use crate::ui::widgets::{combo, segmented};

    ui.scope(|ui| {
        ui.set_max_width(148.0);
        let options = Grouping::ALL.map(|grouping| (grouping, grouping.label()));
        out.extend(combo(ui, tr!("Grouping"), &options, grouping).map(Gesture::Group));
    });
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        let options = Figure::ALL.map(|figure| (figure, figure.label()));
        out.extend(segmented(ui, tr!("Cells show"), &options, figure, TOOL_ROW).map(Gesture::Figure));
        ui.add_space(space::XS);
        if ui.available_width() > 70.0 {
            ui.label(Text::Label.rich(tr!("Cells show")).color(Tokens::of(ui).text_2));
        }
    });
}

/// The matrix, in all of the room that is left of a page with the usual margin.
pub fn show(ui: &mut Ui, view: &View<'_>, out: &mut Vec<Gesture>) {
    let id = Id::unique("matrix");
    let memo: Arc<Mutex<Memo>> =
        ui.data_mut(|data| Arc::clone(data.get_temp_mut_or_default::<Arc<Mutex<Memo>>>(id)));
    // One thread draws; a poisoned memo is still only a cache.
    let memo = &mut *memo.lock().unwrap_or_else(PoisonError::into_inner);
    memo.texts.refresh(ui, view.catalog);

    let area = ui.available_rect_before_wrap();
    let part =
        |top: f32, height: f32| Rect::from_min_size(pos2(area.left(), top), vec2(area.width(), height));
    let sentence_rect = part(area.top(), SENTENCE);
    let head_rect = part(sentence_rect.bottom(), HEAD);
    let legend_rect = part(area.bottom() + MARGIN - LEGEND, LEGEND);
    let body_rect =
        Rect::from_min_max(head_rect.left_bottom(), legend_rect.right_top() + vec2(SCROLL_BAR, 0.0));
    let columns = Columns::new(area.width(), view.grid.levels());

    sentence(ui, sentence_rect, view, out);
    levels::menu(ui, head_rect, view, &columns, out);
    let drawn = body::show(ui, body_rect, view, &columns, id, memo, out);
    head::paint(ui, head_rect, view, &columns, &drawn);
    legend::paint(ui, legend_rect, view);
    ui.advance_cursor_after_rect(area);

    let pass = ui.cumulative_pass_nr();
    if memo.visible != Some(drawn.visible) || memo.pass + 1 < pass {
        memo.visible = Some(drawn.visible);
        out.push(Gesture::Visible(drawn.visible.0, drawn.visible.1));
    }
    memo.pass = pass;
}

/// The answer in words, and the way to the detail where it has no place of its own.
fn sentence(ui: &mut Ui, rect: Rect, view: &View<'_>, out: &mut Vec<Gesture>) {
    let t = Tokens::of(ui);
    let row = UiBuilder::new().max_rect(rect).layout(Layout::left_to_right(Align::Center));
    ui.scope_builder(row, |ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        let room = rect.width() - if view.details_button { 104.0 } else { 0.0 };
        let job = |short| {
            let (strong, plain) = view.summary.sentence(short);
            let mut job = LayoutJob::default();
            job.append(&strong, 0.0, TextFormat::simple(Text::Strong.font(), t.text));
            job.append(&plain, 0.0, TextFormat::simple(Text::Body.font(), t.text_2));
            job
        };
        let whole = job(false);
        let said = whole.text.clone();
        let fits = ui.painter().layout_job(whole.clone()).size().x <= room;
        // As a job, which is cut with an ellipsis; what is laid out already is not.
        let shown = if fits { whole } else { job(true) };
        ui.scope(|ui| {
            ui.set_max_width(room);
            ui.add(Label::new(shown).truncate()).on_hover_text(said);
        });
        if view.details_button {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let label = Text::Button.rich(tr!("Details  ›")).color(t.text);
                if ui.add_enabled(view.selected.is_some(), Button::new(label)).clicked() {
                    out.push(Gesture::Beside);
                }
            });
        }
    });
}

/// What was drawn, for the parts drawn around it.
#[derive(Clone, Copy, Debug)]
struct Drawn {
    /// How far the columns are scrolled to the left.
    shift: f32,
    /// Column under the pointer.
    hovered: Option<usize>,
    /// Selected column.
    selected: Option<usize>,
    /// First visible line, and one past the last.
    visible: (usize, usize),
}

/// `pos` on a whole pixel, so that tiles have sharp edges.
fn snapped(ui: &Ui, pos: Pos2) -> Pos2 {
    use eframe::egui::emath::GuiRounding as _;
    pos.round_to_pixels(ui.pixels_per_point())
}

/// A rectangle with its edges on whole pixels.
fn snapped_rect(ui: &Ui, min: Pos2, size: Vec2) -> Rect {
    Rect::from_min_max(snapped(ui, min), snapped(ui, min + size))
}
