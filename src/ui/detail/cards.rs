//! The painted cards: memory, ladder, speed over context, command.

use eframe::egui::{Label, Response, Ui};

use crate::app::detail::{Cached, Detail, MemoryBar, Mixing, Rung, Store};
use crate::estimate::{Brief, FitClass};
use crate::language::{self, mark, tr};
use crate::quant::Level;
use crate::quant::quality::Retained;
use crate::ui::theme::{Text, Tokens, space};
use crate::ui::verdict;
use crate::ui::widgets::{
    CurveMark, CurvePoint, DeviceMemory, Kept, Ladder, LadderRow, LayerStrip, SpeedCurve, StripColumn,
    StripKept, StripRule, StripStore, StripWeight, card, memory_bars,
};

/// What each device takes, and which layers it holds.
pub(super) fn memory_and_strip(ui: &mut Ui, detail: &Detail) {
    if !detail.memory.is_empty() {
        memory(ui, detail);
    }
    if !detail.strip.columns.is_empty() {
        strip(ui, detail);
    }
}

fn memory(ui: &mut Ui, detail: &Detail) {
    card(ui, tr!("Memory"), tr!("line = free before the model loads"), |ui| {
        let bars: Vec<DeviceMemory<'_>> = detail.memory.iter().map(device).collect();
        memory_bars(ui, &bars);
        if let Some(aside) = &detail.memory_aside {
            note(ui, &aside.text).on_hover_text(&aside.why);
        }
    });
}

/// Which device holds which layer.
fn strip(ui: &mut Ui, detail: &Detail) {
    let strip = &detail.strip;
    let rules: Vec<StripRule<'_>> = strip
        .runs
        .iter()
        .map(|run| StripRule { name: &run.name, short: &run.short, first: run.first, last: run.last })
        .collect();
    let columns: Vec<StripColumn<'_>> = strip
        .columns
        .iter()
        .map(|column| StripColumn {
            store: store(column.place),
            attention: column.mixing.map(|mixing| match mixing {
                Mixing::Full => StripWeight::Full,
                Mixing::Light => StripWeight::Light,
            }),
            feed_forward: column.feed_forward.map(store),
            kept: match column.kept {
                Cached::Cache => StripKept::Cache,
                Cached::Window => StripKept::Window,
                Cached::State => StripKept::State,
                Cached::Nothing => StripKept::Nothing,
            },
            words: &column.words,
        })
        .collect();
    card(ui, tr!("Where it goes"), &strip.note, |ui| {
        LayerStrip {
            rules: &rules,
            columns: &columns,
            feed_forward: strip.feed_forward,
            light: strip.light,
            spoken: &strip.spoken,
        }
        .show(ui);
        ui.scope(|ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            for line in &strip.beside {
                note(ui, &line.text).on_hover_text(&line.why);
            }
        });
    });
}

const fn store(store: Store) -> StripStore {
    match store {
        Store::Gpu => StripStore::Gpu,
        Store::Ram => StripStore::Ram,
        Store::Disk => StripStore::Disk,
    }
}

fn device(bar: &MemoryBar) -> DeviceMemory<'_> {
    let parts = &bar.parts;
    DeviceMemory {
        name: &bar.name,
        parts: [parts.weights, parts.kv + parts.recurrent, parts.compute, parts.overhead],
        free: bar.free,
        total: bar.capacity,
        others: &bar.others,
        why: &bar.why,
    }
}

/// Answers with the level that was chosen.
pub(in crate::ui) fn ladder(ui: &mut Ui, detail: &Detail) -> Option<Level> {
    let names = |level: Level| [level.to_string(), level.short_name()];
    let answered: Vec<(&Rung, &Brief, [String; 2])> = detail
        .ladder
        .iter()
        .filter_map(|rung| Some((rung, rung.brief.as_ref().ok()?, names(rung.level))))
        .collect();
    if answered.is_empty() {
        let reason = detail.ladder.iter().find_map(|rung| rung.brief.as_ref().err());
        card(ui, tr!("Quantization ladder"), "", |ui| {
            unavailable(ui, reason.map_or("", |unsupported| &unsupported.reason));
        });
        return None;
    }
    let rows: Vec<LadderRow<'_>> =
        answered.iter().map(|(rung, brief, names)| row(rung, brief, names)).collect();
    let ladder = Ladder {
        rows: &rows,
        selected: answered.iter().position(|(rung, ..)| rung.level == detail.level),
        line: detail.load_line.free,
        line_name: detail.load_line.name,
        second_line: detail.load_line.with_ram.map(|both| (both, tr!("with RAM"))),
    };
    let picked = ladder.show(ui)?;
    Some(answered[picked].0.level)
}

fn row<'a>(rung: &'a Rung, brief: &Brief, [name, short]: &'a [String; 2]) -> LadderRow<'a> {
    LadderRow {
        name,
        short,
        need: brief.need,
        speed: brief.decode.filter(|_| brief.class != FitClass::TooBig).map(|range| range.p50),
        kept: kept(&brief.quality),
        verdict: verdict(brief.class),
        best: rung.best,
        file: rung.file,
        why: &rung.why,
    }
}

fn kept(quality: &Retained) -> Kept {
    Kept {
        low: quality.low * 100.0,
        centre: quality.centre * 100.0,
        high: quality.high * 100.0,
        named: quality.mid.is_some(),
    }
}

/// What a count of measurements in their ranges means.
const HELD: &str = mark!(
    "Each is held against the range of its own depth and quantization. The formulas were fitted to \
    published measurements, these among them; of those that a fit had not seen, ranges hold 8 of 10."
);

/// Speed over context. Answers whether there is a curve.
pub(super) fn speed_curve(ui: &mut Ui, detail: &Detail, height: f32) -> bool {
    let curve = &detail.curve;
    if let Some(reason) = &curve.missing {
        unavailable(ui, reason);
        return false;
    }
    let points: Vec<CurvePoint> = curve
        .points
        .iter()
        .map(|point| CurvePoint {
            context: point.context,
            low: point.decode.p10,
            mid: point.decode.p50,
            high: point.decode.p90,
        })
        .collect();
    let evidence = detail.evidence.as_ref();
    let marks = evidence.map_or(&[][..], |evidence| &evidence.marks);
    let marks: Vec<CurveMark<'_>> = marks
        .iter()
        .map(|mark| CurveMark { depth: mark.depth, speed: mark.rate, own: mark.is_own, series: &mark.series })
        .collect();
    SpeedCurve {
        id_salt: "speed over context",
        points: &points,
        marks: &marks,
        longest_on_gpu: curve.leaves_gpu,
        present: curve.present.map_or(0, |point| point.context),
        height,
    }
    .show(ui);
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        if let Some(evidence) = evidence {
            self::note(ui, &evidence.note).on_hover_text(language::text(HELD));
        }
        for note in &curve.notes {
            self::note(ui, note);
        }
    });
    true
}

/// A small line at the end of a card.
pub(super) fn note(ui: &mut Ui, text: &str) -> Response {
    ui.add(Label::new(Text::Small.rich(text).color(Tokens::of(ui).text_3)).wrap())
}

/// tr!("n/a") and why, where a figure would be.
pub(super) fn unavailable(ui: &mut Ui, reason: &str) {
    let t = Tokens::of(ui);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        ui.label(Text::Body.rich(tr!("n/a")).color(t.text_3));
        ui.label(Text::Body.rich(reason).color(t.text_2));
    });
}
