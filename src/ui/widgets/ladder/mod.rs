//! The quantization ladder: one row a level, one load line through all rows.

mod drawing;

use eframe::egui::accesskit::Role;
use eframe::egui::{
    Align2, EventFilter, Id, Key, Modifiers, Rect, Response, Sense, Ui, WidgetInfo, pos2, vec2,
};

use super::layout::{card_frame, card_header};
use super::{Verdict, paint};
use crate::language::tr;
use crate::ui::theme::{Text, Tokens, radius, size};
use crate::units::{Bytes, gib_text, quality_text, spoken_quality, spoken_rate};

/// One level of the ladder.
#[derive(Clone, Debug)]
pub struct LadderRow<'a> {
    /// The level's name.
    pub name: &'a str,
    /// The same in few letters, as it is painted.
    pub short: &'a str,
    /// Memory it needs.
    pub need: Bytes,
    /// Tokens a second; none where it does not run.
    pub speed: Option<f64>,
    /// What is kept of the quality.
    pub kept: Kept,
    /// What it says of this machine.
    pub verdict: Verdict,
    /// Best level of this model here: outlined.
    pub best: bool,
    /// There is a file of this level: a dot before the bar.
    pub file: bool,
    /// What it is made of, on hover; may be empty.
    pub why: &'a str,
}

/// Quality kept, in percent: an interval, and the estimate within it.
#[derive(Clone, Copy, Debug)]
pub struct Kept {
    /// Lower end.
    pub low: f64,
    /// The estimate.
    pub centre: f64,
    /// Upper end.
    pub high: f64,
    /// The estimate is good enough for a mark and a decimal; below 3 bits it is not.
    pub named: bool,
}

impl Kept {
    /// "99.1", "100", "~90" where only the interval is known.
    pub fn text(self) -> String {
        quality_text(self.centre, self.named)
    }
}

/// The ladder's card.
#[derive(Clone, Debug)]
pub struct Ladder<'a> {
    /// Levels, smallest first.
    pub rows: &'a [LadderRow<'a>],
    /// Place of the level that is chosen everywhere.
    pub selected: Option<usize>,
    /// What there is: the load line.
    pub line: Bytes,
    /// What the line means: "on the GPUs"; shown under the rows where the card is wide.
    pub line_name: &'a str,
    /// GPU and RAM together: a dashed line.
    pub second_line: Option<(Bytes, &'a str)>,
}

/// Card widths from which quality gets a track of its own.
const WIDE: f32 = 500.0;
/// From the left edge to the bars.
const BAR_LEFT: f32 = 62.0;
/// A selected row stands out of the card's padding on both sides.
const OVERHANG: f32 = 8.0;
/// The load line stands at least at this share of the bars; what is longer is broken.
const LINE_AT_LEAST: f64 = 0.35;

/// Where things stand, from the right edge leftwards.
struct Columns {
    bar: f32,
    need: f32,
    speed: f32,
    track: Option<(f32, f32)>,
}

const NARROW: Columns = Columns { bar: 140.0, need: 96.0, speed: 49.0, track: None };
const BROAD: Columns = Columns { bar: 298.0, need: 254.0, speed: 209.0, track: Some((182.0, 42.0)) };

impl Ladder<'_> {
    /// Draws the card; answers with the row that was clicked or reached by arrow keys.
    ///
    /// Each row is a radio button named `Q4_K_M, 23.5 GiB, 21 tokens per second, quality 99.1 %, offload`; the chosen one
    /// (or the first) is the ladder's one focus stop.
    pub fn show(&self, ui: &mut Ui) -> Option<usize> {
        card_frame(ui, |ui| {
            let columns = if ui.available_width() >= WIDE { &BROAD } else { &NARROW };
            self.header(ui, columns);
            self.body(ui, columns)
        })
        .inner
    }

    fn header(&self, ui: &mut Ui, columns: &Columns) {
        let t = Tokens::of(ui);
        let rect = card_header(ui, tr!("Quantization ladder"), "");
        let head = |from_right: f32, text: &str, anchor: Align2| {
            let at = pos2(rect.right() - from_right, rect.top() + 17.0);
            paint::text(ui.painter(), at, anchor, text, Text::Small, t.text_3);
        };
        head(columns.need, "GiB", Align2::RIGHT_CENTER);
        head(columns.speed, "tok/s", Align2::RIGHT_CENTER);
        match columns.track {
            None => head(0.0, tr!("kept %"), Align2::RIGHT_CENTER),
            Some((left, _)) => {
                let words = tr!(
                    "quality kept, {track_from} to 100 %",
                    track_from = format!("{:.0}", self.track_from())
                );
                head(left, &words, Align2::LEFT_CENTER);
            }
        }
    }

    /// Where the quality axis begins: 85 %, or 60 % when something reaches below.
    fn track_from(&self) -> f64 {
        if self.rows.iter().any(|row| row.kept.low < 85.0) { 60.0 } else { 85.0 }
    }

    /// The GiB at the right end of the bars.
    fn scale(&self) -> f64 {
        let most = self.rows.iter().map(|row| row.need).max().unwrap_or_default().gib();
        let line = self.line.gib();
        if line > 0.0 { most.min(line / LINE_AT_LEAST).max(line) } else { most }
    }

    fn body(&self, ui: &mut Ui, columns: &Columns) -> Option<usize> {
        let labelled = columns.track.is_some() && !self.line_name.is_empty();
        let below = if labelled { 18.0 } else { 0.0 };
        let height = size::LADDER_ROW * self.rows.len() as f32;
        let (rect, group) =
            ui.allocate_exact_size(vec2(ui.available_width(), height + below), Sense::hover());
        let rect = paint::snap(ui, rect);
        group.widget_info(|| WidgetInfo::labeled(Role::RadioGroup, true, tr!("Quantization")));
        let row_rect = |place: usize| {
            let top = rect.top() + size::LADDER_ROW * place as f32;
            Rect::from_min_size(pos2(rect.left(), top), vec2(rect.width(), size::LADDER_ROW))
        };

        let mut picked = None;
        let stop = self.selected.unwrap_or(0);
        let ids: Vec<Id> = (0..self.rows.len()).map(|place| group.id.with(place)).collect();
        let mut responses = Vec::with_capacity(self.rows.len());
        for (place, row) in self.rows.iter().enumerate() {
            let sense = if place == stop { Sense::click() } else { Sense::CLICK };
            let response = ui.interact(row_rect(place).expand2(vec2(OVERHANG, 0.0)), ids[place], sense);
            let selected = self.selected == Some(place);
            response.widget_info(|| {
                WidgetInfo::selected(Role::RadioButton, ui.is_enabled(), selected, row.sentence())
            });
            if response.clicked() {
                picked = Some(place);
            }
            let response = if row.why.is_empty() { response } else { response.on_hover_text(row.why) };
            responses.push(response);
        }
        if let Some(next) = responses.get(stop).and_then(|stop_row| self.by_arrows(ui, stop_row, stop)) {
            picked = Some(next);
            ui.memory_mut(|memory| memory.request_focus(ids[next]));
        }

        if ui.is_rect_visible(rect) {
            for (place, (row, response)) in self.rows.iter().zip(&responses).enumerate() {
                Self::ground(ui, row, row_rect(place), self.selected == Some(place), response);
            }
            for (place, row) in self.rows.iter().enumerate() {
                let lifted = self.selected == Some(place) || responses[place].hovered();
                self.row(ui, row, row_rect(place), columns, self.selected == Some(place), lifted);
            }
            self.lines(ui, rect, height, columns, labelled);
            for (place, response) in responses.iter().enumerate() {
                let ring = row_rect(place).expand2(vec2(OVERHANG, 0.0));
                paint::focus_ring(ui, response, ring, radius::CONTROL);
            }
        }
        picked.filter(|place| self.selected != Some(*place))
    }

    /// The row that an arrow key asks for.
    fn by_arrows(&self, ui: &Ui, response: &Response, from: usize) -> Option<usize> {
        if !response.has_focus() {
            return None;
        }
        let filter = EventFilter { vertical_arrows: true, ..EventFilter::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
        let last = self.rows.len().checked_sub(1)?;
        ui.input_mut(|input| {
            let mut pressed = |key| input.consume_key(Modifiers::NONE, key);
            match () {
                () if pressed(Key::ArrowDown) => Some((from + 1).min(last)),
                () if pressed(Key::ArrowUp) => Some(from.saturating_sub(1)),
                () if pressed(Key::Home) => Some(0),
                () if pressed(Key::End) => Some(last),
                () => None,
            }
        })
        .filter(|next| *next != from)
    }
}

impl LadderRow<'_> {
    /// `Q4_K_M, 23.5 GiB, 21 tokens per second, quality 99.1 %, offload`.
    fn sentence(&self) -> String {
        let speed = self.speed.map_or(tr!("speed not available").to_owned(), spoken_rate);
        let best = if self.best { tr!(", best level here") } else { "" };
        let kept = spoken_quality(self.kept.centre, self.kept.named);
        let verdict = self.verdict.spoken();
        let file = if self.file { tr!(", a file that is there") } else { "" };
        format!("{}, {} GiB, {speed}, {kept}, {verdict}{best}{file}", self.name, gib_text(self.need))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &'static str, gib: f64, verdict: Verdict) -> LadderRow<'static> {
        let kept = Kept { low: 98.7, centre: 99.1, high: 99.4, named: true };
        LadderRow {
            name,
            short: name,
            need: Bytes::from_gib(gib),
            speed: Some(21.2),
            kept,
            verdict,
            best: false,
            file: false,
            why: "",
        }
    }

    #[test]
    fn a_row_says_what_it_shows() {
        let mut row = row("Q4_K_M", 23.5, Verdict::Offload);
        assert_eq!(row.sentence(), "Q4_K_M, 23.5 GiB, 21 tokens per second, quality 99.1 %, offload");
        row.speed = None;
        row.best = true;
        row.verdict = Verdict::Cpu;
        row.kept.named = false;
        assert_eq!(
            row.sentence(),
            "Q4_K_M, 23.5 GiB, speed not available, quality about 99 %, CPU, best level here"
        );
    }

    #[test]
    fn the_line_never_stands_in_the_first_third() {
        let rows = [row("Q2_K", 43.3, Verdict::Offload), row("BF16", 229.0, Verdict::TooBig)];
        let ladder = |line: f64| Ladder {
            rows: &rows,
            selected: None,
            line: Bytes::from_gib(line),
            line_name: "",
            second_line: None,
        };
        assert!((ladder(34.7).scale() - 34.7 / LINE_AT_LEAST).abs() < 1e-6);
        assert_eq!(ladder(200.0).scale(), 229.0);
        assert_eq!(ladder(500.0).scale(), 500.0);
        assert_eq!(ladder(0.0).scale(), 229.0);
    }
}
