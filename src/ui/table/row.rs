//! One row: verdict, name, parameters, memory, speed, quality.

use eframe::egui::{
    Align2, Color32, CornerRadius, Pos2, Rect, Response, Sense, Shape, Stroke, Ui, UiBuilder, WidgetInfo,
    accesskit::Role, pos2, vec2,
};

use super::columns::Columns;
use super::tips;
use crate::app::habits::HabitsAction;
use crate::app::rows::{against_line, beyond_base};
use crate::app::{Action, Column, Outcome, Row, State};
use crate::estimate::Brief;
use crate::language::{fixed, inside, tr};
use crate::ui::theme::{Text, Tokens, space};
use crate::ui::widgets::{VerdictChip, memory_cell, star_in};
use crate::ui::{Actions, line, verdict};
use crate::units::{gib_text, params_text, spoken_rate, tokens_text, whole_rate_text};

/// How far a variant's name is indented.
const INDENT: f32 = 12.0;

/// What a row is drawn with.
struct Look<'a> {
    state: &'a State,
    row: &'a Row,
    /// Hovered or selected: the ground is not the page's.
    lifted: bool,
    /// Names and numbers.
    text: Color32,
    /// Notes.
    weak: Color32,
}

/// Draws a row into the whole of `ui`.
pub(super) fn show(ui: &mut Ui, state: &State, row: &Row, columns: &Columns, actions: &mut Actions) {
    let t = Tokens::of(ui);
    let rect = ui.max_rect();
    let selected = state.cursor == Some(row.key);
    let hovered = ui.rect_contains_pointer(rect);
    if selected || hovered {
        let ground = if selected { t.accent_bg } else { t.hover };
        ui.painter().rect_filled(rect, CornerRadius::same(4), ground);
    }
    let recedes = row.outcome.class().is_none_or(|class| verdict(class).recedes());
    let look = Look {
        state,
        row,
        lifted: selected || hovered,
        text: if recedes || row.key.variant.is_some() { t.text_2 } else { t.text },
        weak: if selected || hovered { t.text_2 } else { t.text_3 },
    };
    for (column, cell) in columns.within(rect) {
        look.cell(ui, columns, column, cell, actions);
    }
}

/// Says a row in one sentence.
pub(super) fn describe(response: &Response, state: &State, row: &Row) {
    let selected = state.cursor == Some(row.key);
    response.widget_info(|| WidgetInfo::selected(Role::Row, true, selected, spoken(row)));
}

fn spoken(row: &Row) -> String {
    let name = match row.mark {
        Some(mark) => format!("{}, {}", row.name, mark.word()),
        None => row.name.clone(),
    };
    match &row.outcome {
        Outcome::Pending => name,
        Outcome::NotAvailable(reason) => tr!("{name}: n/a, {reason}", name, reason),
        Outcome::Known(brief) => {
            let word = inside(brief.class.word());
            let speed = brief.decode.map_or(tr!("speed n/a").to_owned(), |rate| spoken_rate(rate.p50));
            format!("{name}: {word}, {}, {speed}, {}", brief.need, brief.quality.spoken())
        }
    }
}

impl Look<'_> {
    fn cell(&self, ui: &mut Ui, columns: &Columns, column: Column, cell: Rect, actions: &mut Actions) {
        match column {
            Column::Model => self.name(ui, cell, actions),
            Column::Params => self.number(ui, cell, &params_text(self.row.params)),
            Column::Released => self.number(ui, cell, &self.row.released),
            Column::Downloads => match self.row.downloads {
                Some(downloads) => self.number(ui, cell, &count_text(downloads)),
                None => self.missing(ui, cell, tr!("the hub gave no number")),
            },
            Column::Fit | Column::Memory | Column::Speed | Column::Quality => match &self.row.outcome {
                Outcome::Pending => {}
                Outcome::NotAvailable(reason) => {
                    let cell = if column == Column::Speed { columns.speed_number(cell) } else { cell };
                    self.not_available(ui, column, cell, reason);
                }
                Outcome::Known(brief) => self.figure(ui, columns, column, cell, brief),
            },
        }
    }

    fn figure(&self, ui: &mut Ui, columns: &Columns, column: Column, cell: Rect, brief: &Brief) {
        match column {
            Column::Fit => {
                let chip = VerdictChip::new(verdict(brief.class)).lifted(self.lifted);
                within(ui, cell, |ui| ui.add(chip));
            }
            Column::Memory => {
                let share = share(brief, self.state);
                within(ui, cell, |ui| memory_cell(ui, &gib_text(brief.need), share, verdict(brief.class)));
            }
            Column::Speed => self.speed(ui, columns, cell, brief),
            _ => self.number(ui, cell, &brief.quality.text()),
        }
        let id = ui.scope_id().with(column.title());
        ui.interact(cell, id, Sense::hover())
            .on_hover_ui(|ui| tips::show(ui, self.state, self.row, column, brief));
    }

    fn speed(&self, ui: &Ui, columns: &Columns, cell: Rect, brief: &Brief) {
        let number = columns.speed_number(cell);
        let Some(rate) = brief.decode else {
            number_in(ui, number, self.weak, tr!("n/a"));
            return;
        };
        self.number(ui, number, &whole_rate_text(rate.p50));
        if columns.speed_range {
            let range = format!("{}–{}", whole_rate_text(rate.p10), whole_rate_text(rate.p90));
            let at = pos2(number.right() + space::S, cell.center().y);
            let room = cell.right() - at.x;
            line(ui.painter(), at, Align2::LEFT_CENTER, room, Text::Small, self.weak, &range);
        }
    }

    fn not_available(&self, ui: &Ui, column: Column, cell: Rect, reason: &str) {
        match column {
            Column::Fit | Column::Memory => {
                let at = cell.left_center();
                line(ui.painter(), at, Align2::LEFT_CENTER, cell.width(), Text::Body, self.weak, tr!("n/a"));
            }
            _ => number_in(ui, cell, self.weak, tr!("n/a")),
        }
        ui.interact(cell, ui.scope_id().with(column.title()), Sense::hover()).on_hover_text(reason);
    }

    fn missing(&self, ui: &Ui, cell: Rect, reason: &str) {
        number_in(ui, cell, self.weak, tr!("n/a"));
        ui.interact(cell, ui.scope_id().with((reason, tr!("missing"))), Sense::hover()).on_hover_text(reason);
    }

    fn number(&self, ui: &Ui, cell: Rect, text: &str) {
        number_in(ui, cell, self.text, text);
    }

    /// The name, with a mark where the context is longer than the model was trained for, what a search
    /// found, and the number of variants, which unfolds them.
    fn name(&self, ui: &mut Ui, cell: Rect, actions: &mut Actions) {
        let row = self.row;
        let mut cell = cell;
        if row.key.variant.is_some() {
            cell.min.x += INDENT;
        }
        if row.variants > 0 {
            let fold = self.fold(ui, cell, actions);
            cell.max.x = fold.left() - space::XS;
        }
        cell.max.x = self.star(ui, cell, actions);
        let trained = row.context_max.filter(|trained| self.state.settings.context > *trained);
        let mark = if trained.is_some() { 18.0 } else { 0.0 };
        let style = if self.state.cursor == Some(row.key) { Text::Button } else { Text::Body };
        let room = cell.width() - mark;
        let name =
            line(ui.painter(), cell.left_center(), Align2::LEFT_CENTER, room, style, self.text, &row.name);
        let mut right = name.right();
        if let Some(trained) = trained {
            right += mark;
            beyond_training(ui, pos2(name.right() + 11.0, cell.center().y), trained);
        }
        if let Some(mark) = row.mark {
            let at = pos2(right + space::S, cell.center().y);
            let room = cell.right() - at.x;
            if room > 40.0 {
                let word = mark.word();
                right =
                    line(ui.painter(), at, Align2::LEFT_CENTER, room, Text::Small, self.weak, word).right();
            }
        }
        if let Some(matched) = &row.matched {
            let at = pos2(right + space::S, cell.center().y);
            let room = cell.right() - at.x;
            let words = beyond_base(&row.name, matched);
            if room > 24.0 {
                line(ui.painter(), at, Align2::LEFT_CENTER, room, Text::Small, self.weak, words);
            }
        }
        let tip = ui.interact(cell, ui.scope_id().with("name"), Sense::hover());
        tip.on_hover_ui(|ui| tips::name(ui, self.state, row));
    }

    /// The star of a favourite, and of the row under the pointer; answers with where the name ends.
    fn star(&self, ui: &mut Ui, cell: Rect, actions: &mut Actions) -> f32 {
        let (state, row) = (self.state, self.row);
        let on = state.is_favourite(row.model);
        if !on && !self.lifted {
            return cell.right();
        }
        let center = pos2(cell.right() - 10.0, cell.center().y);
        let rect = Rect::from_center_size(center, vec2(20.0, 20.0));
        // Not a stop of its own: F gives the selected row its star.
        let response = ui.interact(rect, ui.scope_id().with("star"), Sense::CLICK);
        if star_in(ui, rect, &response, &row.name, on) {
            actions.push(Action::Habits(HabitsAction::Favourite(Some(row.model))));
        }
        rect.left() - space::XS
    }

    fn fold(&self, ui: &mut Ui, cell: Rect, actions: &mut Actions) -> Rect {
        let row = self.row;
        let t = Tokens::of(ui);
        let sign = if row.unfolded { "−" } else { "+" };
        let text = format!("{sign}{}", row.variants);
        let target =
            Rect::from_min_max(pos2(cell.right() - 34.0, cell.top() + 4.0), cell.max - vec2(0.0, 4.0));
        // Not a stop of its own: the arrow keys fold and unfold the selected row.
        let response = ui.interact(target, ui.scope_id().with("fold"), Sense::CLICK);
        let color = if response.hovered() { t.text } else { self.weak };
        if response.hovered() {
            ui.painter().rect_filled(target, CornerRadius::same(4), t.line);
        }
        let at = pos2(target.right() - space::XS, target.center().y);
        line(ui.painter(), at, Align2::RIGHT_CENTER, target.width(), Text::Small, color, &text);
        response.widget_info(|| {
            let (variants, name) = (row.variants, &row.name);
            let label = if row.unfolded {
                tr!("Fold the {variants} variants of {name}", variants, name)
            } else {
                tr!("Show the {variants} variants of {name}", variants, name)
            };
            WidgetInfo::labeled(Role::Button, true, label)
        });
        if response.clicked() {
            actions.push(Action::Unfold(row.model, !row.unfolded));
        }
        response.on_hover_text(tr!("Fine-tunes and variants of the same shapes"));
        target
    }
}

/// A number at the right end of its cell.
fn number_in(ui: &Ui, cell: Rect, color: Color32, text: &str) {
    let room = cell.width() + 8.0;
    line(ui.painter(), cell.right_center(), Align2::RIGHT_CENTER, room, Text::Body, color, text);
}

/// A small triangle with a stroke in it: the context is longer than the model was trained for.
fn beyond_training(ui: &Ui, center: Pos2, trained: u32) {
    // Not a verdict, so none of their colours.
    let stroke = Stroke::new(1.2, Tokens::of(ui).text_2);
    let corners = vec![center + vec2(0.0, -5.0), center + vec2(5.5, 4.5), center + vec2(-5.5, 4.5)];
    ui.painter().add(Shape::closed_line(corners, stroke));
    ui.painter().line_segment([center + vec2(0.0, -1.5), center + vec2(0.0, 2.5)], stroke);
    let target = Rect::from_center_size(center, vec2(14.0, 16.0));
    let trained = tokens_text(u64::from(trained));
    ui.interact(target, ui.scope_id().with("beyond training"), Sense::hover())
        .on_hover_text(tr!("Trained for {trained} tokens: answers get worse beyond", trained));
}

/// The need as a share of what is free: of the GPUs for what lies on them, of the RAM without any.
fn share(brief: &Brief, state: &State) -> f32 {
    let Some(rig) = &state.rig else { return f32::NAN };
    let has_gpu = !rig.devices.is_empty();
    let free = if has_gpu { rig.device_free() } else { rig.host.free };
    (against_line(brief, has_gpu).gib() / free.gib()) as f32
}

/// A widget of the kit in a cell.
fn within(ui: &mut Ui, cell: Rect, add: impl FnOnce(&mut Ui) -> Response) {
    let layout = eframe::egui::Layout::left_to_right(eframe::egui::Align::Center);
    ui.scope_builder(UiBuilder::new().max_rect(cell).layout(layout), add);
}

/// A count in short form: 950, 12K, 3.4M.
fn count_text(count: u64) -> String {
    match count {
        n if n >= 999_500 => format!("{}M", fixed(n as f64 / 1e6, 1)),
        n if n >= 1000 => format!("{:.0}K", n as f64 / 1e3),
        n => n.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_texts() {
        assert_eq!(count_text(950), "950");
        assert_eq!(count_text(12_345), "12K");
        assert_eq!(count_text(999_600), "1.0M");
        assert_eq!(count_text(3_420_000), "3.4M");
    }
}
