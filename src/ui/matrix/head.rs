//! The column heads: bit width over a rule, the level in two lines below it.

use eframe::egui::{Align2, CornerRadius, Rect, Sense, Stroke, Ui, pos2, vec2};

use super::geometry::{BEFORE_TILES, Columns, NAME_INDENT};
use super::{Drawn, View};
use crate::language::{fixed, tr};
use crate::quant::Level;
use crate::ui::theme::{Text, Tokens, size};

/// From the top of the head to the middle of each line of text, and to the rule.
const WIDTHS: f32 = 5.0;
const RULE: f32 = 13.0;
const FIRST: f32 = 23.0;
const SECOND: f32 = 36.0;

pub(super) fn paint(ui: &mut Ui, rect: Rect, view: &View<'_>, columns: &Columns, drawn: &Drawn) {
    let t = Tokens::of(ui);
    let painter = ui.painter_at(rect.expand2(vec2(0.0, 8.0)));
    let names_end = rect.left() + columns.name;
    let text =
        |at, anchor, text: &str, style: Text, color| painter.text(at, anchor, text, style.font(), color);

    let middle = pos2(rect.left() + NAME_INDENT, rect.top() + f32::midpoint(FIRST, SECOND));
    text(middle, Align2::LEFT_CENTER, tr!("Model"), Text::Label, t.text_2);
    if columns.tunes {
        let at = pos2(names_end - BEFORE_TILES, middle.y);
        text(at, Align2::RIGHT_CENTER, tr!("tunes"), Text::Small, t.text_3);
    }
    painter.hline(rect.x_range(), rect.bottom() - 0.5, Stroke::new(size::LINE, t.line));

    let clip = Rect::from_min_max(pos2(names_end - 2.0, rect.top() - 8.0), rect.right_bottom());
    let painter = ui.painter_at(clip);
    let text =
        |at, anchor, text: &str, style: Text, color| painter.text(at, anchor, text, style.font(), color);
    let left = |column: usize| names_end + columns.left(column) - drawn.shift;
    let levels = view.grid.levels();

    let mut from = 0;
    while from < levels.len() {
        let width = levels[from].bit_group();
        let until = levels[from..]
            .iter()
            .position(|level| level.bit_group() != width)
            .map_or(levels.len(), |n| from + n);
        let span = left(from)..=left(until - 1) + columns.tile();
        let center = f32::midpoint(*span.start(), *span.end());
        let caption = bit_width(width);
        text(pos2(center, rect.top() + WIDTHS), Align2::CENTER_CENTER, &caption, Text::Small, t.text_3);
        painter.hline(span, rect.top() + RULE + 0.5, Stroke::new(size::LINE, t.line_strong));
        from = until;
    }

    for (column, level) in levels.iter().enumerate() {
        let tile = Rect::from_min_max(
            pos2(left(column), rect.top() + RULE + 2.0),
            pos2(left(column) + columns.tile(), rect.bottom()),
        );
        let selected = drawn.selected == Some(column);
        if selected || drawn.hovered == Some(column) {
            let color = if selected { t.tile.column_selected } else { t.tile.column_hover };
            let corner = CornerRadius { nw: 4, ne: 4, sw: 0, se: 0 };
            painter.rect_filled(tile.expand2(vec2(1.0, 0.0)), corner, color);
        }
        let color = if selected { t.text } else { t.text_2 };
        let (first, second) = lines(*level);
        let x = tile.center().x;
        if second.is_empty() {
            text(pos2(x, middle.y), Align2::CENTER_CENTER, &first, Text::Label, color);
        } else {
            text(pos2(x, rect.top() + FIRST), Align2::CENTER_CENTER, &first, Text::Label, color);
            text(pos2(x, rect.top() + SECOND), Align2::CENTER_CENTER, &second, Text::Small, color);
        }
        if clip.intersects(tile) {
            let target = tile.intersect(clip);
            ui.interact(target, ui.scope_id().with(("matrix head", column)), Sense::hover())
                .on_hover_text(explanation(*level));
        }
    }
}

fn bit_width(bits: u8) -> String {
    if bits == 0 { tr!("native").to_owned() } else { tr!("{bits} bit", bits) }
}

fn lines(level: Level) -> (std::borrow::Cow<'static, str>, std::borrow::Cow<'static, str>) {
    match level {
        // "native" stands above it already.
        Level::Native => (tr!("as").into(), tr!("is").into()),
        level => level.short_lines(),
    }
}

fn explanation(level: Level) -> String {
    match level {
        Level::Native => tr!("As published: only what a model was released in, such as MXFP4").to_owned(),
        level => tr!(
            "{level}: {nominal_bits} bits per weight in Llama 3.1 8B; other models differ by their widths and experts",
            level,
            nominal_bits = fixed(level.nominal_bits(), 2)
        ),
    }
}
