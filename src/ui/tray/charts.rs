//! Speed and memory over context of all that is pinned, over each other.

use eframe::egui::{Button, InnerResponse, Rect, Ui, UiBuilder};

use crate::app::tray::Pinned;
use crate::language::{fixed, tr};
use crate::ui::picture;
use crate::ui::theme::{Text, Tokens, space};
use crate::ui::widgets::{Axis, Chart, ChartLine, Ink, Limit, card, not_available};
use crate::units::{rate_text, tokens_text};

/// Height of a chart with its ticks.
const HEIGHT: f32 = 220.0;
/// Width from which the charts stand beside each other.
const BESIDE: f32 = 700.0;

/// A line of the chart: letter, points, and the context past which it leaves the GPU.
struct Series<'a> {
    letter: &'a str,
    points: Vec<[f64; 2]>,
    leaves: Option<u32>,
}

/// Draws both charts.
pub(super) fn show(ui: &mut Ui, pins: &[Pinned]) {
    let room = ui.available_rect_before_wrap();
    if room.width() < BESIDE {
        speed(ui, pins);
        memory(ui, pins);
        return;
    }
    let width = ((room.width() - space::M) / 2.0).floor();
    let mut bottom = room.top();
    for (place, draw) in [speed as fn(&mut Ui, &[Pinned]), memory].into_iter().enumerate() {
        let left = room.left() + place as f32 * (width + space::M);
        let rect = room.with_min_x(left).with_max_x(left + width);
        let shown = ui.scope_builder(UiBuilder::new().max_rect(rect), |ui| {
            ui.set_width(width);
            draw(ui, pins);
        });
        bottom = bottom.max(shown.response.rect.bottom());
    }
    ui.advance_cursor_after_rect(Rect::from_min_max(room.min, room.max).with_max_y(bottom));
}

fn speed(ui: &mut Ui, pins: &[Pinned]) {
    let series: Vec<Series<'_>> = pins
        .iter()
        .map(|pinned| Series {
            letter: pinned.letter,
            points: pinned
                .detail
                .curve
                .points
                .iter()
                .map(|point| [f64::from(point.context), point.decode.p50])
                .collect(),
            leaves: pinned.detail.curve.leaves_gpu,
        })
        .collect();
    let shown = card(ui, tr!("Speed over context, tokens/s"), tr!("with the context full"), |ui| {
        chart(ui, "speed of pins", &series, "tok/s", rate_text)
    });
    picture_of(ui, &shown, "compared-speed");
}

fn memory(ui: &mut Ui, pins: &[Pinned]) {
    let series: Vec<Series<'_>> = pins
        .iter()
        .map(|pinned| Series {
            letter: pinned.letter,
            points: pinned
                .detail
                .curves
                .memory
                .iter()
                .flat_map(|curve| &curve.points)
                .map(|point| [f64::from(point.context), point.total().gib()])
                .collect(),
            leaves: pinned.detail.curves.memory.as_ref().and_then(|curve| curve.breaks),
        })
        .collect();
    let shown = card(ui, tr!("Memory over context, GiB"), tr!("all devices and RAM"), |ui| {
        chart(ui, "memory of pins", &series, "GiB", |gib| fixed(gib, 1))
    });
    picture_of(ui, &shown, "compared-memory");
}

/// Asks for a picture of the card, where its button was clicked.
fn picture_of(ui: &Ui, card: &InnerResponse<bool>, name: &'static str) {
    if card.inner {
        picture::request(ui.ctx(), Some(card.response.rect.intersect(ui.clip_rect())), name);
    }
}

/// Draws the lines over each other; answers whether the picture was asked for.
fn chart(ui: &mut Ui, name: &str, series: &[Series<'_>], unit: &str, words: fn(f64) -> String) -> bool {
    let drawn: Vec<&Series<'_>> = series.iter().filter(|series| series.points.len() > 1).collect();
    let all = || drawn.iter().flat_map(|series| &series.points);
    let first = all().map(|point| point[0]).fold(f64::INFINITY, f64::min);
    let last = all().map(|point| point[0]).fold(0.0, f64::max);
    if drawn.is_empty() || last <= first {
        not_available(ui, tr!("none of them runs"));
        return false;
    }
    let x = Axis::doublings(first as u32, last as u32, tokens_text);
    let y = Axis::rising(all().map(|point| point[1]).fold(0.0, f64::max));
    let inks = |letter: &str| {
        let place = crate::app::tray::LETTERS.iter().position(|known| *known == letter).unwrap_or_default();
        Ink::BESIDE[place % Ink::BESIDE.len()]
    };
    let lines: Vec<ChartLine<'_>> = drawn
        .iter()
        .map(|series| ChartLine {
            name: series.letter,
            points: &series.points,
            band: &[],
            ink: inks(series.letter),
        })
        .collect();
    let edges: Vec<(f64, String)> = drawn
        .iter()
        .filter_map(|series| {
            Some((f64::from(series.leaves?), tr!("{letter} leaves the GPU", letter = series.letter)))
        })
        .collect();
    let limits: Vec<Limit<'_>> = edges.iter().map(|(at, words)| Limit::DownPlain(*at, words)).collect();
    let mut stops: Vec<f64> = all().map(|point| point[0]).collect();
    stops.sort_by(f64::total_cmp);
    stops.dedup();
    let at = |stop: usize| {
        let x = stops[stop];
        let values = lines.iter().map(|line| match line.height_at(x) {
            Some(value) => format!("{} {}", line.name, words(value)),
            None => tr!("{line} n/a", line = line.name),
        });
        tr!(
            "{x} tokens: {values} {unit}",
            x = tokens_text(x as u64),
            values = values.collect::<Vec<_>>().join(", "),
            unit
        )
    };
    let ends = drawn.iter().filter_map(|series| {
        let ([first, .., last], letter) = (series.points.as_slice(), series.letter) else { return None };
        let ends = [first, last].map(|point| {
            tr!("{value} at {context}", value = words(point[1]), context = tokens_text(point[0] as u64))
        });
        Some(format!("{letter} {}", ends.join(", ")))
    });
    let spoken = tr!("{unit} over context: {ends}", unit, ends = ends.collect::<Vec<_>>().join("; "));
    Chart {
        name,
        height: HEIGHT,
        x: &x,
        y: &y,
        areas: &[],
        lines: &lines,
        dots: &[],
        limits: &limits,
        here: None,
        stops: &stops,
        words: &at,
        spoken: &spoken,
    }
    .show(ui);
    let text = Text::Body.rich(tr!("Save PNG…")).color(Tokens::of(ui).text_2);
    ui.add(Button::new(text)).on_hover_text(tr!("Save this card as a picture")).clicked()
}
