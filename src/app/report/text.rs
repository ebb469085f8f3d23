//! The report as an aligned table.

use std::fmt::Write as _;

use super::{Report, Row};
use crate::estimate::{FitClass, Scenario};
use crate::language::{self, mark, tr, tr_n};
use crate::units::{Bytes, gib_text, params_text, quality_text, rate_text, tokens_text};

/// Unknown.
pub(super) const NOT_KNOWN: &str = mark!("n/a");

/// Columns of the readable forms, and whether they are aligned to the right.
pub(super) fn columns() -> [(&'static str, bool); 8] {
    [
        (tr!("Verdict"), false),
        (tr!("Model"), false),
        (tr!("Params"), true),
        (tr!("Level"), false),
        ("GiB", true),
        (tr!("Tok/s"), true),
        (tr!("80 % range"), true),
        (tr!("Quality %"), true),
    ]
}

/// The report as people read it on a terminal.
pub fn text(report: &Report) -> String {
    let rows: Vec<[String; 8]> = report.models.iter().map(cells).collect();
    let widths: [usize; 8] = std::array::from_fn(|column| {
        let head = columns()[column].0.chars().count();
        rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0).max(head)
    });
    let mut out = format!("{}\n{}\n\n", report.machine_line, scenario_line(report));
    if let Some(best) = &report.best {
        let _ = writeln!(out, "{}", super::best::text(best));
    }
    push_row(&mut out, &columns().map(|(title, _)| title.to_owned()), &widths, "");
    for (row, cells) in report.models.iter().zip(&rows) {
        push_row(&mut out, cells, &widths, row.why_unknown().unwrap_or_default());
    }
    if report.models.is_empty() && report.cut == 0 {
        out.push_str(tr!("No model matches.\n"));
    }
    let _ = write!(out, "\n{}\n", summary_line(report));
    for warning in &report.warnings {
        let _ = writeln!(out, "{}.", warning.trim_end_matches('.'));
    }
    out
}

fn push_row(out: &mut String, cells: &[String; 8], widths: &[usize; 8], note: &str) {
    let mut line = String::new();
    for ((cell, width), (_, right)) in cells.iter().zip(widths).zip(columns()) {
        let _ = if right { write!(line, "{cell:>width$}  ") } else { write!(line, "{cell:<width$}  ") };
    }
    line.push_str(note);
    out.push_str(line.trim_end());
    out.push('\n');
}

/// The cells of a row in the order of [`columns()`].
pub(super) fn cells(row: &Row) -> [String; 8] {
    let unknown = || language::text(NOT_KNOWN).to_owned();
    let decode = row.speed.as_ref().and_then(|speed| speed.decode_tps);
    [
        row.class().map_or_else(unknown, |class| class.word().to_owned()),
        name(row),
        params_text(row.params_total),
        row.quant.to_string(),
        row.memory.as_ref().map_or_else(unknown, |memory| gib_text(memory.total)),
        decode.map_or_else(unknown, |range| rate_text(range.p50)),
        decode.map_or_else(unknown, |range| format!("{}–{}", rate_text(range.p10), rate_text(range.p90))),
        quality(row),
    ]
}

/// The name with the number of fine-tunes folded under it.
fn name(row: &Row) -> String {
    match row.variants.len() {
        0 => row.name.clone(),
        tunes => format!("{} +{tunes}", row.name),
    }
}

/// Percent kept; below 3 bits per weight only a band is known.
fn quality(row: &Row) -> String {
    let Some(quality) = &row.quality else { return language::text(NOT_KNOWN).to_owned() };
    let kept = quality.retained;
    quality_text(kept.centre * 100.0, kept.mid.is_some())
}

/// "Context 8K, cache f16, 1 request, llama.cpp; best quantization of each model".
pub(super) fn scenario_line(report: &Report) -> String {
    let level = match report.level {
        Some(level) => tr!("all at {level}", level),
        None => tr!("best quantization of each model").to_owned(),
    };
    format!("{}; {level}", scenario_words(&report.scenario))
}

/// "Context 8K, cache f16, 1 request, llama.cpp".
pub fn scenario_words(s: &Scenario) -> String {
    let cache = if s.cache_k == s.cache_v {
        s.cache_k.name().to_owned()
    } else {
        format!("{}/{}", s.cache_k.name(), s.cache_v.name())
    };
    let requests = s.concurrency;
    tr!(
        "Context {context}, cache {cache}, {requests}, {engine}",
        context = tokens_text(u64::from(s.context)),
        cache,
        requests = tr_n!(requests, "{requests} request", "{requests} requests", requests),
        engine = s.engine.name()
    )
}

/// "12 models: 3 fit, 1 tight, …", and what is not listed.
pub(super) fn summary_line(report: &Report) -> String {
    let total = report.counts.total() + report.unknown;
    let mut parts: Vec<String> = FitClass::ALL
        .into_iter()
        .map(|class| (class, report.counts.of(class)))
        .filter(|(_, count)| *count > 0)
        .map(|(class, count)| format!("{} {count}", class.word()))
        .collect();
    if report.unknown > 0 {
        parts.push(format!("{} {}", language::text(NOT_KNOWN), report.unknown));
    }
    let mut line = tr_n!(total, "{total} base model", "{total} base models", total);
    if !parts.is_empty() {
        let _ = write!(line, ": {}", parts.join(", "));
    }
    if report.cut > 0 {
        line.push_str(&tr!("; {cut} not listed because of the limit", cut = report.cut));
    }
    if report.left_out > 0 {
        let left_out = report.left_out;
        line.push_str(&tr!("; {left_out} that generate no text are left out (--all lists them)", left_out));
    }
    line
}

/// Memory in all places, for forms that state bytes.
pub(super) fn memory_total(row: &Row) -> Option<Bytes> {
    row.memory.as_ref().map(|memory| memory.total)
}
