//! The centre: heading, sentences, figures, curves, tables, how it was worked out.

use eframe::egui::text::{LayoutJob, TextFormat};
use eframe::egui::{Align, Label, Layout, Ui, UiBuilder, pos2, vec2};

use super::table;
use crate::app::work::Found;
use crate::app::work::chart::{Chart as Curve, Style};
use crate::app::work::page::Words;
use crate::app::{State, WorkAction};
use crate::language::{fixed, localized, tr};
use crate::ui::Actions;
use crate::ui::theme::{Text, Tokens, space};
use crate::ui::widgets::{Trend, TrendLine, TrendMark, TrendPoint, TrendStyle, card, figure};

/// Narrowest page with two columns.
const TWO_COLUMNS: f32 = 860.0;
/// Height of a curve in its card.
const CURVE: f32 = 300.0;
/// Narrowest figure.
const FIGURE: f32 = 128.0;

pub(super) fn show(
    ui: &mut Ui,
    state: &State,
    found: &Found,
    actions: &mut Actions,
    asked: &mut Vec<WorkAction>,
) {
    heading(ui, state, found);
    let t = Tokens::of(ui);
    if let Some(problem) = &found.problem {
        ui.add(Label::new(Text::Title.rich(problem).color(t.text)).wrap());
    }
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 4.0;
        for words in &found.sentences {
            sentence(ui, words);
        }
    });
    figures(ui, found);
    let columns = if ui.available_width() >= TWO_COLUMNS { 2 } else { 1 };
    in_columns(ui, columns, found.charts.len(), |ui, at| curve(ui, &found.charts[at]));
    in_columns(ui, columns, found.tables.len(), |ui, at| {
        table::show(ui, state, &found.tables[at], actions, asked);
    });
    if !found.notes.is_empty() {
        card(ui, tr!("How it was worked out"), "", |ui| {
            ui.spacing_mut().item_spacing.y = 3.0;
            for note in &found.notes {
                ui.add(Label::new(Text::Small.rich(note).color(t.text_2)).wrap());
            }
        });
    }
}

fn heading(ui: &mut Ui, state: &State, found: &Found) {
    let t = Tokens::of(ui);
    let row = vec2(ui.available_width(), 26.0);
    ui.allocate_ui_with_layout(row, Layout::right_to_left(Align::Center), |ui| {
        let is_wide = ui.available_width() >= TWO_COLUMNS;
        if is_wide {
            ui.label(Text::Small.rich(&found.subtitle).color(t.text_2));
        }
        if state.work.is_waiting() {
            ui.label(Text::Small.rich(tr!("Working it out…")).color(t.text_3));
        }
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            ui.add(Label::new(Text::Heading.rich(&found.title).color(t.text)).truncate());
        });
    });
    if ui.available_width() < TWO_COLUMNS {
        ui.add(Label::new(Text::Small.rich(&found.subtitle).color(t.text_2)).wrap());
    }
}

fn sentence(ui: &mut Ui, words: &[Words]) {
    let t = Tokens::of(ui);
    let mut job = LayoutJob::default();
    for part in words {
        let (style, color) = if part.strong { (Text::Title, t.text) } else { (Text::Lead, t.text_2) };
        job.append(&part.text, 0.0, TextFormat::simple(style.font(), color));
    }
    ui.add(Label::new(job).wrap());
}

/// Figures in equal columns, in as many rows as they need.
fn figures(ui: &mut Ui, found: &Found) {
    if found.figures.is_empty() {
        return;
    }
    let width = ui.available_width();
    let most = ((width + space::M) / (FIGURE + space::M)).floor().max(1.0) as usize;
    let columns = most.min(found.figures.len());
    let each = (width - space::M * (columns - 1) as f32) / columns as f32;
    for row in found.figures.chunks(columns) {
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = space::M;
            for one in row {
                ui.allocate_ui_with_layout(vec2(each, 58.0), Layout::top_down(Align::Min), |ui| {
                    ui.set_width(each);
                    ui.spacing_mut().item_spacing.y = 0.0;
                    figure(ui, one.number.as_deref(), &one.unit, "");
                    ui.add_space(-14.0);
                    let t = Tokens::of(ui);
                    ui.add(Label::new(Text::Small.rich(&one.caption).color(t.text_3)).wrap());
                });
            }
        });
    }
}

/// Blocks in columns: each in the shorter one.
fn in_columns(ui: &mut Ui, columns: usize, count: usize, mut block: impl FnMut(&mut Ui, usize)) {
    if count == 0 {
        return;
    }
    let columns = columns.min(count);
    let width = ui.available_width();
    let each = (width - space::M * (columns - 1) as f32) / columns as f32;
    let (left, top) = (ui.cursor().left(), ui.cursor().top());
    let mut bottoms = vec![top; columns];
    for at in 0..count {
        let column = (0..columns)
            .fold(0, |best, other| if bottoms[other] + 1.0 < bottoms[best] { other } else { best });
        let place = pos2(left + (each + space::M) * column as f32, bottoms[column]);
        let room = eframe::egui::Rect::from_min_size(place, vec2(each, f32::INFINITY));
        let builder = UiBuilder::new().max_rect(room).layout(Layout::top_down(Align::Min));
        let drawn = ui.scope_builder(builder, |ui| {
            ui.set_max_width(each);
            block(ui, at);
        });
        bottoms[column] = drawn.response.rect.bottom() + space::M;
    }
    let bottom = bottoms.into_iter().fold(top, f32::max) - space::M;
    ui.advance_cursor_after_rect(eframe::egui::Rect::from_min_max(
        pos2(left, top),
        pos2(left + width, bottom),
    ));
}

fn number(value: f64) -> String {
    match value {
        v if v >= 9.95 || v == 0.0 => crate::units::thousands(v),
        v if v >= 0.995 => {
            let text = format!("{v:.1}");
            localized(text.strip_suffix(".0").map_or(text.clone(), str::to_owned))
        }
        v => fixed(v, 2),
    }
}

fn curve(ui: &mut Ui, curve: &Curve) {
    let t = Tokens::of(ui);
    card(ui, &curve.title, "", |ui| {
        if curve.series.is_empty() {
            ui.add_space(space::S);
            ui.add(Label::new(Text::Body.rich(&curve.sentence).color(t.text_2)).wrap());
            return;
        }
        let spoken = curve.spoken();
        let lines = curve.series.iter().map(|series| TrendLine {
            name: &series.name,
            note: &series.note,
            style: match series.style {
                Style::Main => TrendStyle::Main,
                Style::Other => TrendStyle::Other,
                Style::Dashed => TrendStyle::Dashed,
            },
            points: series
                .points
                .iter()
                .map(|(x, y)| TrendPoint { x: *x, low: y.p10, mid: y.p50, high: y.p90 })
                .collect(),
        });
        let marks = curve.marks.iter();
        let sentence = if curve.sentence.is_empty() { 0.0 } else { 34.0 };
        Trend {
            x: [curve.x.from, curve.x.to],
            doubling: curve.x.doubling,
            x_name: &curve.x.name,
            top: curve.y.to,
            lines: lines.collect(),
            marks: marks
                .map(|mark| TrendMark { at: [mark.x, mark.y], text: &mark.text, strong: mark.strong })
                .collect(),
            across: curve.across.iter().map(|(y, name)| (*y, name.as_str())).collect(),
            load_line: curve.load_line.as_ref().map(|(x, name)| (*x, name.as_str())),
            drops: curve.drops,
            number,
            spoken: &spoken,
            height: CURVE - sentence,
        }
        .show(ui);
        if !curve.sentence.is_empty() {
            ui.add(Label::new(Text::Body.rich(&curve.sentence).color(t.text_2)).wrap());
        }
    });
}
