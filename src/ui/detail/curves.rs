//! The curves: speed and memory over context, speed over requests, quality over memory; their values and pictures.

use eframe::egui::{Align, Button, Layout, Rect, Ui};

use super::cards::{note, unavailable};
use super::{Pick, cards};
use crate::app::detail::{CurveKind, Detail, MemoryCurve, QualityCurve, RequestsCurve};
use crate::language::{fixed, inside, tr};
use crate::ui::picture;
use crate::ui::theme::{Text, Tokens, space};
use crate::ui::verdict;
use crate::ui::widgets::{
    AreaPart, Axis, Chart, ChartArea, ChartDot, ChartLine, Ink, Limit, card, card_frame, legend, tab_header,
};
use crate::units::{gib_text, quality_text, rate_text, tokens_text};

/// Height of a chart with its ticks, in a narrow card and in a wide one.
const HEIGHT: [f32; 2] = [160.0, 220.0];
/// Width from which a card is wide.
const WIDE: f32 = 500.0;

/// One card with a switch between all curves.
pub fn switched(ui: &mut Ui, detail: &Detail) -> Option<Pick> {
    let kind = detail.curve_kind;
    let shown = card_frame(ui, |ui| {
        let other = tab_header(ui, tr!("Curve"), &CurveKind::all(), kind, |_| {});
        ui.add_space(space::XS);
        ui.label(Text::Small.rich(about(kind)).color(Tokens::of(ui).text_3));
        (other.map(Pick::Curve), body(ui, detail, kind))
    });
    let (other, chosen) = shown.inner;
    other.or_else(|| chosen.and_then(|chosen| chosen.pick(ui, kind, shown.response.rect)))
}

/// A card of one curve.
pub(super) fn one(ui: &mut Ui, detail: &Detail, kind: CurveKind) -> Option<Pick> {
    let note = match kind {
        CurveKind::Speed => tr!("with the context full"),
        CurveKind::Memory => tr!("all devices and RAM"),
        CurveKind::Requests => tr!("each with a context of its own"),
        CurveKind::Quality => tr!("a point a level"),
    };
    let shown = card(ui, kind.title(), note, |ui| body(ui, detail, kind));
    shown.inner.and_then(|chosen| chosen.pick(ui, kind, shown.response.rect))
}

/// What the curve is, where only a word stands over it.
fn about(kind: CurveKind) -> &'static str {
    match kind {
        CurveKind::Speed => tr!("Tokens/s over context, with the context full"),
        CurveKind::Memory => tr!("GiB over context, all devices and RAM"),
        CurveKind::Requests => tr!("Tokens/s over requests at once, each with a context of its own"),
        CurveKind::Quality => tr!("Quality kept, % over memory, GiB; a point a level"),
    }
}

/// What was chosen under a curve.
enum Chosen {
    Values,
    Picture,
    Measurements,
}

impl Chosen {
    fn pick(&self, ui: &Ui, kind: CurveKind, rect: Rect) -> Option<Pick> {
        match self {
            Self::Values => Some(Pick::CopyCurve(kind)),
            Self::Measurements => Some(Pick::Measurements),
            Self::Picture => {
                picture::request(ui.ctx(), Some(rect.intersect(ui.clip_rect())), kind.file_name());
                None
            }
        }
    }
}

fn body(ui: &mut Ui, detail: &Detail, kind: CurveKind) -> Option<Chosen> {
    let height = HEIGHT[usize::from(ui.available_width() >= WIDE)];
    let is_drawn = match kind {
        CurveKind::Speed => cards::speed_curve(ui, detail, height),
        CurveKind::Memory => detail.curves.memory.as_ref().is_some_and(|curve| memory(ui, curve, height)),
        CurveKind::Requests => {
            detail.curves.requests.as_ref().is_some_and(|curve| requests(ui, curve, height))
        }
        CurveKind::Quality => detail.curves.quality.as_ref().is_some_and(|curve| quality(ui, curve, height)),
    };
    buttons(ui, kind, is_drawn)
}

fn buttons(ui: &mut Ui, kind: CurveKind, is_drawn: bool) -> Option<Chosen> {
    let t = Tokens::of(ui);
    let mut chosen = None;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        let button = |ui: &mut Ui, words: &str, tip: &str| {
            let text = Text::Body.rich(words).color(t.text_2);
            ui.add(Button::new(text)).on_hover_text(tip).clicked()
        };
        if kind == CurveKind::Speed
            && button(ui, tr!("Your measurements…"), tr!("Bring or take measurements on this machine"))
        {
            chosen = Some(Chosen::Measurements);
        }
        if is_drawn {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if button(ui, tr!("Save PNG…"), tr!("Save this card as a picture")) {
                    chosen = Some(Chosen::Picture);
                }
                if button(ui, tr!("Copy values"), tr!("Copy the values of this curve for a spreadsheet")) {
                    chosen = Some(Chosen::Values);
                }
            });
        }
    });
    chosen
}

fn notes(ui: &mut Ui, notes: &[String]) {
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        for words in notes {
            note(ui, words);
        }
    });
}

/// A line that stands far over all values is left out: it would flatten them.
const FAR: f64 = 3.0;

fn memory(ui: &mut Ui, curve: &MemoryCurve, height: f32) -> bool {
    let (&[first, ..], &[.., last]) = (curve.points.as_slice(), curve.points.as_slice()) else {
        unavailable(ui, tr!("there is one context only"));
        return false;
    };
    let most = curve.points.iter().map(|point| point.total().gib()).fold(0.0, f64::max);
    let free = curve.line.free.gib();
    let with_ram = curve.line.with_ram.map(crate::units::Bytes::gib);
    let top =
        [Some(free), with_ram].into_iter().flatten().filter(|line| *line <= FAR * most).fold(most, f64::max);
    let x = Axis::doublings(first.context, last.context, tokens_text);
    let y = Axis::rising(top * 1.04);
    let edge = |of: fn(&crate::app::detail::MemoryPoint) -> f64| -> Vec<[f64; 2]> {
        curve.points.iter().map(|point| [f64::from(point.context), of(point)]).collect()
    };
    let weights = edge(|point| point.weights.gib());
    let cache = edge(|point| (point.weights + point.cache).gib());
    let all = edge(|point| point.total().gib());
    let areas = [
        ChartArea { name: tr!("Weights"), part: AreaPart::Weights, points: &weights },
        ChartArea { name: tr!("KV cache"), part: AreaPart::Cache, points: &cache },
        ChartArea { name: tr!("Compute and overhead"), part: AreaPart::Rest, points: &all },
    ];
    let line_words = format!("{} {}", curve.line.free, curve.line.name);
    let both_words = curve.line.with_ram.map(|both| tr!("{both} with RAM", both));
    let mut limits = vec![Limit::Across(free, &line_words)];
    if let (Some(both), Some(words)) = (with_ram, &both_words) {
        limits.push(Limit::AcrossDashed(both, words));
    }
    if let Some(context) = curve.breaks {
        limits.push(Limit::Down(f64::from(context), tr!("over the line")));
    }
    let stops: Vec<f64> = curve.points.iter().map(|point| f64::from(point.context)).collect();
    let words = |stop: usize| {
        let point = &curve.points[stop];
        tr!(
            "{context} tokens: {total} GiB; weights {weights}, cache {cache}, rest {rest}; {class}",
            context = tokens_text(u64::from(point.context)),
            total = gib_text(point.total()),
            weights = gib_text(point.weights),
            cache = gib_text(point.cache),
            rest = gib_text(point.rest),
            class = inside(point.class.word())
        )
    };
    let spoken = tr!(
        "Memory over context: {from} at {shortest}, {to} at {longest}; {line}{enough}",
        from = first.total(),
        shortest = tokens_text(u64::from(first.context)),
        to = last.total(),
        longest = tokens_text(u64::from(last.context)),
        line = line_words,
        enough = curve.breaks.map_or(String::new(), |context| tr!(
            ", enough up to {context}",
            context = tokens_text(u64::from(context))
        ))
    );
    legend(ui, &areas);
    let here = curve.present.map(|point| [f64::from(point.context), point.total().gib()]);
    Chart {
        name: "memory over context",
        height,
        x: &x,
        y: &y,
        areas: &areas,
        lines: &[],
        dots: &[],
        limits: &limits,
        here,
        stops: &stops,
        words: &words,
        spoken: &spoken,
    }
    .show(ui);
    notes(ui, &curve.notes);
    true
}

fn requests(ui: &mut Ui, curve: &RequestsCurve, height: f32) -> bool {
    let (&[first, ..], &[.., last]) = (curve.points.as_slice(), curve.points.as_slice()) else {
        unavailable(ui, curve.missing.as_deref().unwrap_or(tr!("there is one number only")));
        return false;
    };
    let x = Axis::doublings(first.requests, last.requests, |number| number.to_string());
    let most = curve.points.iter().map(|point| point.total.p90.max(point.total.p50)).fold(0.0, f64::max);
    let y = Axis::rising(most);
    let line = |of: fn(&crate::app::detail::RequestsPoint) -> f64| -> Vec<[f64; 2]> {
        curve.points.iter().map(|point| [f64::from(point.requests), of(point)]).collect()
    };
    let (all, each) = (line(|point| point.total.p50), line(crate::app::detail::RequestsPoint::each));
    let band: Vec<[f64; 2]> = curve.points.iter().map(|point| [point.total.p10, point.total.p90]).collect();
    let lines = [
        ChartLine { name: tr!("all"), points: &all, band: &band, ink: Ink::Main },
        ChartLine { name: tr!("each"), points: &each, band: &[], ink: Ink::Dashed },
    ];
    let full = curve.cache_full.map(|full| (f64::from(full), tr!("cache full at {full}", full)));
    let limits: Vec<Limit<'_>> = full.iter().map(|(at, words)| Limit::Down(*at, words)).collect();
    let stops: Vec<f64> = curve.points.iter().map(|point| f64::from(point.requests)).collect();
    let words = |stop: usize| {
        let point = &curve.points[stop];
        tr!(
            "{requests} at once: {total} tok/s all together, {low} to {high}; {each} each",
            requests = point.requests,
            total = rate_text(point.total.p50),
            low = rate_text(point.total.p10),
            high = rate_text(point.total.p90),
            each = rate_text(point.each())
        )
    };
    let spoken = tr!(
        "Speed over requests at once: {from} tokens per second with {fewest}, {to} with {most}, {each} each{full}",
        from = rate_text(first.total.p50),
        fewest = first.requests,
        to = rate_text(last.total.p50),
        most = last.requests,
        each = rate_text(last.each()),
        full = full.as_ref().map_or(String::new(), |(_, words)| format!("; {words}"))
    );
    Chart {
        name: "speed over requests",
        height,
        x: &x,
        y: &y,
        areas: &[],
        lines: &lines,
        dots: &[],
        limits: &limits,
        here: curve.present.map(|point| [f64::from(point.requests), point.total.p50]),
        stops: &stops,
        words: &words,
        spoken: &spoken,
    }
    .show(ui);
    notes(ui, &curve.notes);
    true
}

fn quality(ui: &mut Ui, curve: &QualityCurve, height: f32) -> bool {
    let points = &curve.points;
    let (Some(first), Some(last)) = (points.first(), points.last()) else {
        unavailable(ui, tr!("no level has figures"));
        return false;
    };
    let lowest = points.iter().map(|point| point.kept[0]).fold(f64::INFINITY, f64::min);
    let (from, to) = (first.need.gib() * 0.92, last.need.gib() * 1.05);
    let x = Axis::logarithmic(from, to);
    let y = Axis::between((lowest - 1.0).max(0.0), 100.6);
    let names: Vec<String> = points.iter().map(|point| point.level.short_name()).collect();
    let dots: Vec<ChartDot<'_>> = points
        .iter()
        .zip(&names)
        .map(|(point, name)| ChartDot {
            at: [point.need.gib(), point.kept[1]],
            range: [point.kept[0], point.kept[2]],
            name: if point.front { name } else { "" },
            verdict: verdict(point.class),
            chosen: point.chosen,
        })
        .collect();
    let front: Vec<[f64; 2]> =
        points.iter().filter(|point| point.front).map(|point| [point.need.gib(), point.kept[1]]).collect();
    let lines = [ChartLine { name: "", points: &front, band: &[], ink: Ink::Faint }];
    let line_words = format!("{} {}", curve.line.free, curve.line.name);
    let free = curve.line.free.gib();
    let limits: Vec<Limit<'_>> =
        (free > from && free < to).then(|| Limit::DownPlain(free, &line_words)).into_iter().collect();
    let stops: Vec<f64> = points.iter().map(|point| point.need.gib()).collect();
    let words = |stop: usize| {
        let point = &points[stop];
        tr!(
            "{level}: {need} GiB, quality {quality} % ({low} to {high}), {class}{more}",
            level = point.level,
            need = gib_text(point.need),
            quality = quality_text(point.kept[1], point.named),
            low = fixed(point.kept[0], 1),
            high = fixed(point.kept[2], 1),
            class = inside(point.class.word()),
            more = if point.front { "" } else { tr!("; a smaller level keeps at least as much") }
        )
    };
    let on_front = points.iter().filter(|point| point.front).map(|point| point.level.to_string());
    let spoken = tr!(
        "Quality kept over memory: nothing smaller keeps as much as {on_front}",
        on_front = on_front.collect::<Vec<_>>().join(", ")
    );
    Chart {
        name: "quality over memory",
        height: height + 20.0,
        x: &x,
        y: &y,
        areas: &[],
        lines: &lines,
        dots: &dots,
        limits: &limits,
        here: None,
        stops: &stops,
        words: &words,
        spoken: &spoken,
    }
    .show(ui);
    notes(ui, &curve.notes);
    true
}
