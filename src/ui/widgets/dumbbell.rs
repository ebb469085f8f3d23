//! Speeds of the same thing on several machines: dots on a logarithmic axis, joined by a line.

use eframe::egui::accesskit::Role;
use eframe::egui::{
    Align2, Color32, CornerRadius, Pos2, Rect, Response, Sense, Stroke, Ui, WidgetInfo, pos2, vec2,
};

use super::{Verdict, paint};
use crate::language::{fixed, tr};
use crate::ui::theme::{Text, Tokens, size};
use crate::units::whole_rate_text;

/// A machine's end of a row.
#[derive(Clone, Copy, Debug)]
pub struct DumbbellEnd<'a> {
    /// The machine's letter: told apart by it where there are more than two.
    pub letter: &'a str,
    /// The machine's name, for a screen reader.
    pub machine: &'a str,
    /// Verdict there; `None`: there is no estimate.
    pub verdict: Option<Verdict>,
    /// Tokens a second; `None`: it does not run there.
    pub speed: Option<f64>,
}

/// A row.
#[derive(Clone, Copy, Debug)]
pub struct Dumbbell<'a> {
    /// What is measured: "Qwen3 14B".
    pub name: &'a str,
    /// Its form: "`Q5_K_S`".
    pub note: &'a str,
    /// One a machine; the first is what the others are held against.
    pub ends: &'a [DumbbellEnd<'a>],
    /// In the last column: "5.1×", "new".
    pub factor: &'a str,
}

/// The axis of all rows: from a round number to a round number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DumbbellAxis {
    low: f64,
    high: f64,
}

/// Height of a row.
const ROW: f32 = 40.0;
/// Height of the axis' numbers.
const TICKS: f32 = 18.0;
/// Width of the factor's column.
const FACTOR: f32 = 56.0;
/// Gap between the axis and its neighbours: the numbers of the ends stand in it.
const GAP: f32 = 22.0;

impl DumbbellAxis {
    /// An axis for these speeds, in which reading speed is always to be seen.
    pub fn of(speeds: impl Iterator<Item = f64>, reading: f64) -> Self {
        let (mut low, mut high) = (reading, reading);
        for speed in speeds.filter(|speed| speed.is_finite() && *speed > 0.0) {
            (low, high) = (low.min(speed), high.max(speed));
        }
        // Slower than one token in ten seconds is no speed.
        Self { low: round_down(low.max(0.1)), high: round_up(high * 1.05) }
    }

    fn share(self, speed: f64) -> f32 {
        let (low, high) = (self.low.log10(), self.high.log10());
        ((speed.max(self.low).log10() - low) / (high - low).max(f64::EPSILON)).clamp(0.0, 1.0) as f32
    }

    /// Round numbers in it.
    fn ticks(self) -> Vec<f64> {
        let mut ticks = Vec::new();
        for power in -2..=6 {
            ticks.extend([1.0, 2.0, 5.0].map(|digit| digit * 10f64.powi(power)));
        }
        ticks.retain(|tick| (self.low..=self.high * 1.000_1).contains(&(tick * 1.000_01)));
        ticks
    }

    /// Where names end and the axis begins and ends.
    fn columns(rect: Rect) -> (f32, f32) {
        let names = (rect.width() * 0.34).clamp(110.0, 240.0);
        (rect.left() + names + GAP, rect.right() - FACTOR - GAP)
    }

    /// The axis under the rows: numbers, and the words of the reading line. 18 high.
    pub fn show(self, ui: &mut Ui) {
        let t = Tokens::of(ui);
        let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), TICKS), Sense::hover());
        let (left, right) = Self::columns(rect);
        let mut free_from = f32::NEG_INFINITY;
        for tick in self.ticks() {
            let x = left + (right - left) * self.share(tick);
            let words = if tick < 1.0 { fixed(tick, 1) } else { format!("{tick:.0}") };
            let galley = paint::galley(ui.painter(), &words, Text::Small, t.text_2);
            let half = galley.size().x / 2.0;
            if x - half >= free_from {
                free_from = x + half + 8.0;
                let at = Align2::CENTER_CENTER.anchor_size(pos2(x, rect.center().y), galley.size());
                ui.painter().galley(at.min, galley, t.text_2);
            }
        }
    }

    /// The words over the rows: where reading speed is. 16 high.
    pub fn head(self, ui: &mut Ui, reading: f64, factor: &str) {
        let t = Tokens::of(ui);
        let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 16.0), Sense::hover());
        let (left, right) = Self::columns(rect);
        let x = left + (right - left) * self.share(reading);
        let y = rect.center().y;
        paint::text(
            ui.painter(),
            pos2(x, y),
            Align2::CENTER_CENTER,
            tr!("reading speed"),
            Text::Small,
            t.text_2,
        );
        paint::text(ui.painter(), pos2(rect.right(), y), Align2::RIGHT_CENTER, factor, Text::Label, t.text_2);
    }
}

impl Dumbbell<'_> {
    /// Draws a row, 40 high; a button by all of its words.
    pub fn show(&self, ui: &mut Ui, axis: DumbbellAxis, reading: f64) -> Response {
        let t = Tokens::of(ui);
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
        response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), self.sentence()));
        if !ui.is_rect_visible(rect) {
            return response;
        }
        let y = rect.center().y;
        let (left, right) = DumbbellAxis::columns(rect);
        let x = |speed: f64| left + (right - left) * axis.share(speed);
        let painter = ui.painter();
        for tick in axis.ticks() {
            let at = paint::snap_x(ui, x(tick)) + 0.5;
            painter.vline(at, rect.y_range(), Stroke::new(size::LINE, t.line.gamma_multiply(0.7)));
        }
        paint::dashed_line(ui, painter, x(reading), rect.top(), rect.bottom(), t.text_2);
        let note = paint::galley(painter, self.note, Text::Small, t.text_3);
        let names_end = left - GAP - 10.0;
        let name_room = names_end - note.size().x - 8.0 - rect.left();
        let lifted = response.hovered() || response.has_focus();
        let ink = if lifted { t.accent } else { t.text };
        paint::text_within(painter, pos2(rect.left(), y), name_room, self.name, Text::Cell, ink);
        let at = Align2::RIGHT_CENTER.anchor_size(pos2(names_end, y), note.size());
        painter.galley(at.min, note, t.text_3);
        paint::text(
            painter,
            pos2(rect.right(), y),
            Align2::RIGHT_CENTER,
            self.factor,
            Text::BestCell,
            t.text,
        );
        self.ends(ui, y, left, &x);
        response
    }

    fn ends(&self, ui: &Ui, y: f32, left: f32, x: &dyn Fn(f64) -> f32) {
        let t = Tokens::of(ui);
        let painter = ui.painter();
        let speeds = || self.ends.iter().filter_map(|end| end.speed);
        let (low, high) = (speeds().fold(f64::INFINITY, f64::min), speeds().fold(0.0, f64::max));
        if low < high {
            painter.hline(x(low)..=x(high), y, Stroke::new(1.5, t.line_strong));
        }
        // On its own ground: a line may run behind it.
        let number = |at: Pos2, anchor: Align2, speed: f64, style: Text, ink: Color32| {
            let galley = paint::galley(painter, &whole_rate_text(speed), style, ink);
            let rect = anchor.anchor_size(at, galley.size());
            painter.rect_filled(rect.expand2(vec2(1.0, -1.0)), CornerRadius::ZERO, t.card);
            painter.galley(rect.min, galley, ink);
        };
        let several = self.ends.len() > 2;
        let with_verdict = |end: &DumbbellEnd<'_>| end.verdict.unwrap_or(Verdict::TooBig);
        // Where it does not run, at the start of the axis, beside each other.
        for (place, end) in self.ends.iter().filter(|end| end.speed.is_none()).enumerate() {
            let verdict = with_verdict(end);
            let at = pos2(left - 12.0 + 26.0 * place as f32, y);
            verdict.paint(painter, at, verdict.text(t));
            let words = if several { end.letter } else { verdict.spoken() };
            let at = at + vec2(9.0, 0.0);
            paint::text(painter, at, Align2::LEFT_CENTER, words, Text::Small, t.text_3);
        }
        for (place, end) in self.ends.iter().enumerate() {
            let (verdict, Some(speed)) = (with_verdict(end), end.speed) else { continue };
            let at = pos2(x(speed), y);
            painter.circle_filled(at, 7.5, t.card);
            verdict.paint(painter, at, verdict.text(t));
            if several {
                let above = place % 2 == 0;
                let words = format!("{} {}", end.letter, whole_rate_text(speed));
                let at = at + vec2(0.0, if above { -12.0 } else { 13.0 });
                paint::text(painter, at, Align2::CENTER_CENTER, &words, Text::Small, t.text_2);
            } else if place == 0 {
                let slower =
                    self.ends.get(1).and_then(|other| other.speed).is_none_or(|other| other >= speed);
                let (side, anchor) =
                    if slower { (-9.0, Align2::RIGHT_CENTER) } else { (9.0, Align2::LEFT_CENTER) };
                number(at + vec2(side, 0.0), anchor, speed, Text::Small, t.text_2);
            } else {
                let faster = self.ends[0].speed.is_none_or(|first| first <= speed);
                let (side, anchor) =
                    if faster { (9.0, Align2::LEFT_CENTER) } else { (-9.0, Align2::RIGHT_CENTER) };
                number(at + vec2(side, 0.0), anchor, speed, Text::BestCell, t.text);
            }
        }
    }

    /// "Qwen3 14B `Q5_K_S`: This machine offload, 11 tokens per second; + 3090 fits, 58; 5.1×".
    fn sentence(&self) -> String {
        let ends = self.ends.iter().map(|end| {
            let verdict = end.verdict.map_or(tr!("no estimate"), Verdict::spoken);
            match end.speed {
                Some(speed) => {
                    tr!(
                        "{machine} {verdict}, {speed} tokens per second",
                        machine = end.machine,
                        verdict,
                        speed = whole_rate_text(speed)
                    )
                }
                None => format!("{} {verdict}", end.machine),
            }
        });
        let ends: Vec<String> = ends.collect();
        let factor = if self.factor.is_empty() { String::new() } else { format!("; {}", self.factor) };
        format!("{} {}: {}{factor}", self.name, self.note, ends.join("; "))
    }
}

/// The round number (1, 2 or 5 times a power of ten) that is not above `value`.
fn round_down(value: f64) -> f64 {
    let power = 10f64.powf(value.log10().floor());
    [5.0, 2.0, 1.0]
        .map(|digit| digit * power)
        .into_iter()
        .find(|round| *round <= value * 1.000_001)
        .unwrap_or(power)
}

/// The round number that is not below `value`.
fn round_up(value: f64) -> f64 {
    let power = 10f64.powf(value.log10().floor());
    [1.0, 2.0, 5.0, 10.0]
        .map(|digit| digit * power)
        .into_iter()
        .find(|round| *round >= value * 0.999_999)
        .unwrap_or(power * 10.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_is_round_and_holds_reading_speed() {
        let axis = DumbbellAxis::of([52.0, 159.0].into_iter(), 10.0);
        assert_eq!(axis, DumbbellAxis { low: 10.0, high: 200.0 });
        assert_eq!(axis.ticks(), [10.0, 20.0, 50.0, 100.0, 200.0]);
        let axis = DumbbellAxis::of([1.2, 4.0].into_iter(), 10.0);
        assert_eq!((axis.low, axis.high), (1.0, 20.0));
        assert_eq!(axis.ticks(), [1.0, 2.0, 5.0, 10.0, 20.0]);
        assert_eq!((axis.share(0.0), axis.share(1e9)), (0.0, 1.0));
        let none = DumbbellAxis::of([f64::NAN, 0.0].into_iter(), 10.0);
        assert!(none.low < none.high);
    }

    #[test]
    fn a_row_says_all_ends() {
        let end =
            |machine, verdict, speed| DumbbellEnd { letter: "A", machine, verdict: Some(verdict), speed };
        let ends = [end("This machine", Verdict::TooBig, None), end("Two cards", Verdict::Fits, Some(24.2))];
        let row = Dumbbell { name: "Qwen3 32B", note: "Q4_K_M", ends: &ends, factor: "new" };
        assert_eq!(
            row.sentence(),
            "Qwen3 32B Q4_K_M: This machine too big; Two cards fits, 24 tokens per second; new"
        );
    }
}
