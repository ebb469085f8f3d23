//! What the strip paints: rules, marks, numbers, legend.

use eframe::egui::{Align2, Color32, CornerRadius, Painter, Pos2, Rect, Stroke, StrokeKind, Ui, pos2, vec2};

use super::{
    ATTENTION, CACHE, FEED_FORWARD, Grid, LEGEND_LINE, LayerStrip, NUMBERS, StripKept, StripRule, StripStore,
    StripWeight,
};
use crate::language::tr;
use crate::ui::theme::{Text, Tokens, size};
use crate::ui::widgets::paint;

/// Share of the colour that a low mark of the first row keeps.
const PALE: f32 = 0.55;
/// Heights of the marks.
const FULL: f32 = 14.0;
const LIGHT: f32 = 6.0;
const FEED: f32 = 26.0;
const KEPT: f32 = 10.0;
const WINDOW: f32 = 6.0;
const STATE: f32 = 3.0;
/// Side of a sample in the legend.
const SAMPLE: f32 = 10.0;

/// One entry of the legend, where it stands below the strip.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry<'a> {
    sample: Sample,
    words: &'a str,
    x: f32,
    pub(super) y: f32,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Sample {
    Store(StripStore),
    Light,
    Kept(StripKept),
}

impl LayerStrip<'_> {
    pub(super) fn paint(&self, ui: &Ui, grid: &Grid) {
        let t = Tokens::of(ui);
        let painter = ui.painter();
        for block in 0..grid.blocks() {
            let top = grid.block_top(block);
            let rows = [(ATTENTION, FULL), (FEED_FORWARD, FEED), (CACHE, KEPT)];
            for (name, (offset, height)) in self.row_names().into_iter().zip(rows) {
                let at = pos2(grid.left - grid.names, top + offset + height / 2.0);
                paint::text(painter, at, Align2::LEFT_CENTER, name, Text::Cell, t.text_2);
            }
            let (first, end) = grid.layers(block);
            self.rules(ui, grid, block, first, end);
            for layer in first..end {
                self.marks(ui, painter, grid, layer, top, t);
            }
            numbers(ui, grid, block, first, end);
        }
    }

    /// A line over each run of layers, with the device's name as far as there is room.
    fn rules(&self, ui: &Ui, grid: &Grid, block: usize, first: usize, end: usize) {
        let t = Tokens::of(ui);
        let painter = ui.painter();
        let top = grid.block_top(block);
        let limit = grid.x(end - first);
        let mut free_from = grid.left;
        let inside = |rule: &&StripRule<'_>| rule.first < end && rule.last >= first;
        for rule in self.rules.iter().filter(inside) {
            let (from, to) = (rule.first.max(first), rule.last.min(end - 1));
            let (left, right) = (grid.x(from - first), grid.x(to + 1 - first) - gap(grid.pitch));
            let line = Rect::from_min_max(pos2(left, top + 15.0), pos2(right.max(left + 2.0), top + 17.0));
            painter.rect_filled(paint::snap(ui, line), CornerRadius::ZERO, t.text_3);
            let layers = if from == to { from.to_string() } else { format!("{from}–{to}") };
            let whole = if from == to { tr!("layer") } else { tr!("layers") };
            let wordings = [
                format!("{}, {whole} {layers}", rule.name),
                format!("{} {layers}", rule.short),
                rule.short.to_owned(),
            ];
            // The long wording stays over its run; the others may begin before it.
            let room_right = if to + 1 == end { limit } else { right };
            for (place, words) in wordings.into_iter().enumerate() {
                let words = paint::galley(painter, &words, Text::Small, t.text_2);
                let start = if place == 0 { left } else { left.min(room_right - words.size().x) };
                let start = start.max(free_from);
                if start + words.size().x <= room_right + 1.0 {
                    let at = Align2::LEFT_CENTER.anchor_size(pos2(start, top + 6.0), words.size());
                    free_from = at.right() + 8.0;
                    painter.galley(at.min, words, t.text_2);
                    break;
                }
            }
        }
    }

    fn marks(&self, ui: &Ui, painter: &Painter, grid: &Grid, layer: usize, top: f32, t: &Tokens) {
        let column = &self.columns[layer];
        let place = layer % grid.per_block;
        let left = paint::snap_x(ui, grid.x(place));
        let right = paint::snap_x(ui, grid.x(place + 1)) - gap(grid.pitch);
        let mark = |bottom: f32, height: f32| {
            let rect = Rect::from_min_max(pos2(left, bottom - height), pos2(right.max(left + 1.0), bottom));
            paint::snap(ui, rect)
        };
        let weights = t.part.weights;
        if let Some(weight) = column.attention {
            let (height, color) = match weight {
                StripWeight::Full => (FULL, weights),
                StripWeight::Light => (LIGHT, weights.gamma_multiply(PALE)),
            };
            fill(painter, mark(top + ATTENTION + FULL, height), column.store, color);
        }
        if let Some(store) = column.feed_forward {
            fill(painter, mark(top + FEED_FORWARD + FEED, FEED), store, weights);
        }
        if let Some((height, color)) = kept(column.kept, t) {
            fill(painter, mark(top + CACHE + KEPT, height), column.store, color);
        }
    }

    /// Entries for what occurs, in as many lines as the width asks for.
    pub(super) fn legend<'a>(&'a self, ui: &Ui, width: f32) -> Vec<Entry<'a>> {
        const GAP: f32 = 10.0;
        let t = Tokens::of(ui);
        let stores = || {
            self.columns.iter().flat_map(|column| {
                let attention = column.attention.map(|_| column.store);
                attention.into_iter().chain(column.feed_forward)
            })
        };
        let has_kept = |kept: StripKept| self.columns.iter().any(|column| column.kept == kept);
        let light = self.columns.iter().any(|column| column.attention == Some(StripWeight::Light));
        let entries = [
            (Sample::Store(StripStore::Gpu), "GPU", stores().any(|store| store == StripStore::Gpu)),
            (Sample::Store(StripStore::Ram), "RAM", stores().any(|store| store == StripStore::Ram)),
            (
                Sample::Store(StripStore::Disk),
                tr!("RAM and disk"),
                stores().any(|store| store == StripStore::Disk),
            ),
            (Sample::Light, self.light, light && !self.light.is_empty()),
            (Sample::Kept(StripKept::Cache), tr!("KV cache"), has_kept(StripKept::Cache)),
            (Sample::Kept(StripKept::Window), tr!("window's cache"), has_kept(StripKept::Window)),
            (Sample::Kept(StripKept::State), tr!("fixed state"), has_kept(StripKept::State)),
        ];
        let (mut x, mut y) = (0.0, 0.0);
        let mut placed = Vec::new();
        for (sample, words, occurs) in entries {
            if !occurs {
                continue;
            }
            let words_width = paint::galley(ui.painter(), words, Text::Small, t.text_2).size().x;
            let whole = SAMPLE + 5.0 + words_width;
            if x > 0.0 && x + whole > width {
                (x, y) = (0.0, y + LEGEND_LINE);
            }
            placed.push(Entry { sample, words, x, y });
            x += whole + GAP;
        }
        placed
    }

    pub(super) fn paint_legend(ui: &Ui, at: Pos2, entries: &[Entry<'_>]) {
        let t = Tokens::of(ui);
        let painter = ui.painter();
        for entry in entries {
            let center = pos2(at.x + entry.x, at.y + entry.y + LEGEND_LINE / 2.0);
            let bottom = center.y + SAMPLE / 2.0;
            let sample = |height: f32| {
                let rect = Rect::from_min_size(pos2(center.x, bottom - height), vec2(SAMPLE, height));
                paint::snap(ui, rect)
            };
            match entry.sample {
                Sample::Store(store) => fill(painter, sample(SAMPLE), store, t.part.weights),
                Sample::Light => {
                    fill(painter, sample(5.0), StripStore::Gpu, t.part.weights.gamma_multiply(PALE));
                }
                Sample::Kept(what) => {
                    if let Some((height, color)) = kept(what, t) {
                        fill(painter, sample(height), StripStore::Gpu, color);
                    }
                }
            }
            let words = pos2(center.x + SAMPLE + 5.0, center.y);
            paint::text(painter, words, Align2::LEFT_CENTER, entry.words, Text::Small, t.text_2);
        }
    }
}

/// Between two columns.
fn gap(pitch: f32) -> f32 {
    if pitch >= 7.0 { 2.0 } else { 1.0 }
}

/// Height and colour of what a layer keeps.
fn kept(kept: StripKept, t: &Tokens) -> Option<(f32, Color32)> {
    match kept {
        StripKept::Cache => Some((KEPT, t.part.kv_cache)),
        StripKept::Window => Some((WINDOW, t.part.kv_cache)),
        StripKept::State => Some((STATE, t.part.kv_cache.gamma_multiply(PALE))),
        StripKept::Nothing => None,
    }
}

/// A mark: solid on a GPU, lines in an outline in main memory, dots for the disk.
fn fill(painter: &Painter, rect: Rect, store: StripStore, color: Color32) {
    let corner = if rect.width() >= 6.0 && rect.height() >= 6.0 { 2 } else { 1 };
    match store {
        StripStore::Gpu => {
            painter.rect_filled(rect, CornerRadius::same(corner), color);
        }
        StripStore::Ram => {
            let stroke = Stroke::new(size::LINE, color);
            painter.rect_stroke(rect, CornerRadius::same(corner), stroke, StrokeKind::Inside);
            let mut y = rect.top() + 3.0;
            while y + 1.0 < rect.bottom() {
                let line = Rect::from_min_max(pos2(rect.left(), y), pos2(rect.right(), y + 1.0));
                painter.rect_filled(line, CornerRadius::ZERO, color);
                y += 3.0;
            }
        }
        StripStore::Disk => {
            const PITCH: f32 = 4.0;
            const DOT: f32 = 2.0;
            let across = ((rect.width() + PITCH - DOT) / PITCH).floor().max(1.0);
            let down = ((rect.height() + PITCH - DOT) / PITCH).floor().max(1.0);
            for column in 0..across as usize {
                for row in 0..down as usize {
                    let at = rect.min + vec2(column as f32, row as f32) * PITCH;
                    let dot = Rect::from_min_size(at, vec2(DOT, DOT)).intersect(rect);
                    painter.rect_filled(dot, CornerRadius::ZERO, color);
                }
            }
        }
    }
}

/// The number of the first layer, of each quarter, and of the last.
fn numbers(ui: &Ui, grid: &Grid, block: usize, first: usize, end: usize) {
    let t = Tokens::of(ui);
    let painter = ui.painter();
    let y = grid.block_top(block) + NUMBERS + 7.0;
    let last = end - 1;
    let last_text = paint::galley(painter, &last.to_string(), Text::Small, t.text_2);
    let last_right = grid.x(end - first) - gap(grid.pitch);
    let last_left = last_right - last_text.size().x;
    let quarter = (end - first).div_ceil(4).max(1);
    let mut free_from = f32::NEG_INFINITY;
    for layer in (first..end).step_by(quarter) {
        let words = paint::galley(painter, &layer.to_string(), Text::Small, t.text_2);
        let left = grid.x(layer - first);
        let is_clear = left >= free_from && left + words.size().x + 8.0 <= last_left;
        if is_clear || layer == first {
            free_from = left + words.size().x + 8.0;
            let at = Align2::LEFT_CENTER.anchor_size(pos2(left, y), words.size());
            painter.galley(at.min, words, t.text_2);
        }
    }
    if last > first && last_left >= free_from {
        let at = Align2::LEFT_CENTER.anchor_size(pos2(last_left, y), last_text.size());
        painter.galley(at.min, last_text, t.text_2);
    }
}
