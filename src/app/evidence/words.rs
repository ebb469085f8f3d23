//! Measurements in words.

use crate::estimate::Range;
use crate::estimate::calibration::{Kind, Measurement, Test};
use crate::estimate::measured;
use crate::estimate::neighbours::{Neighbour, engine_of};
use crate::language::{self, fixed, tr};
use crate::model::{Catalog, ModelId};
use crate::units::{rate_text, tokens_text};

use super::{Evidence, Row, count, is_held};

/// A published measurement.
pub(super) fn published(catalog: &Catalog, neighbour: &Neighbour, range: Option<Range>) -> Row {
    let published = neighbour.published;
    let row = published.row;
    let device = match (row.gpu.as_str(), row.gpus) {
        ("", _) => row.cpu.clone(),
        (gpu, 1) => short(gpu).to_owned(),
        (gpu, count) => format!("{count} × {}", short(gpu)),
    };
    Row {
        title: format!("{device}, {} {}", model(catalog, published.model), row.quant),
        rate: rate(row.tokens_per_s),
        conditions: conditions(row, published.count),
        predicted: range.map(predicted),
        is_held: range.map(|range| is_held(range, row.tokens_per_s)),
        nearness: neighbour.nearness.words(),
        source: row.source(),
        own: None,
    }
}

/// An own measurement.
pub(super) fn own(catalog: &Catalog, id: u64, row: &measured::Measurement, range: Option<Range>) -> Row {
    let known = row.model.as_deref().and_then(|name| catalog.exact(name));
    let name = known.map_or_else(|| row.written.clone(), |id| model(catalog, id));
    let level = row.level.map_or_else(String::new, |level| format!(" {level}"));
    let mut parts = vec![row.test_text(), row.engine.title().to_owned()];
    parts.extend(row.date.as_deref().map(|date| language::date(date.split('T').next().unwrap_or(date))));
    Row {
        title: format!("{name}{level}"),
        rate: rate(row.tokens_per_second),
        conditions: parts.join(", "),
        predicted: range.map(predicted),
        is_held: range.map(|range| is_held(range, row.tokens_per_second)),
        nearness: tr!("this computer, this model"),
        source: "",
        own: Some(id),
    }
}

/// The rate of one request, which is what a measurement counts.
pub(super) fn each(range: Range, row: &measured::Measurement) -> Range {
    let requests = if row.test == measured::Test::Decode { f64::from(row.requests.max(1)) } else { 1.0 };
    Range { p10: range.p10 / requests, p50: range.p50 / requests, p90: range.p90 / requests }
}

/// What a mark has in common with others: engine and quantization.
pub(super) fn series(row: &Measurement) -> String {
    format!("{} {}", engine(&row.engine), row.quant)
}

/// What the marks are, and how many of them the range holds.
pub(super) fn note(evidence: &Evidence, (held, all): (usize, usize)) -> String {
    if all > 0 {
        return match all - held {
            0 if all == 1 => tr!("◇ measured with this model on this device; the range holds it").to_owned(),
            0 => tr!("◇ measured with this model on this device; the range holds all {all}", all),
            _ => tr!("◇ measured with this model on this device; the range holds {held} of {all}", held, all),
        };
    }
    let (held, all) = evidence.decode.iter().filter_map(|row| row.is_held).fold((0, 0), count);
    match all {
        0 if evidence.decode.is_empty() => tr!("No published measurement is near this").to_owned(),
        0 => tr!("Not measured with this model on this device").to_owned(),
        _ => tr!(
            "Not measured with this model on this device; of the {all} nearest measurements the ranges hold {held}",
            all,
            held
        ),
    }
}

fn predicted(range: Range) -> String {
    tr!(
        "predicted {rate} ({low}–{high})",
        rate = rate_text(range.p50),
        low = rate_text(range.p10),
        high = rate_text(range.p90)
    )
}

/// Three digits: a measurement is more exact than an estimate.
fn rate(tokens_per_second: f64) -> String {
    match tokens_per_second {
        ..10.0 => format!("{} tok/s", fixed(tokens_per_second, 2)),
        ..100.0 => format!("{} tok/s", fixed(tokens_per_second, 1)),
        _ => format!("{tokens_per_second:.0} tok/s"),
    }
}

fn model(catalog: &Catalog, id: ModelId) -> String {
    let base = &catalog.bases()[catalog.base_of(id)];
    if base.id == id { base.name.clone() } else { catalog.get(id).display_name.clone() }
}

/// Without its maker.
fn short(gpu: &str) -> &str {
    ["NVIDIA ", "AMD ", "Intel ", "GeForce "]
        .iter()
        .fold(gpu, |name, maker| name.strip_prefix(maker).unwrap_or(name))
}

fn engine(name: &str) -> &str {
    engine_of(name).map_or(name, |engine| engine.title())
}

/// How it was taken: "at 4K tokens, llama.cpp CUDA, 2025-10-24, the middle of 5".
fn conditions(row: &Measurement, count: u32) -> String {
    let mut parts = Vec::new();
    let depth = row.depth.unwrap_or(0);
    let after = || tokens_text(u64::from(depth));
    match row.test {
        Test::Decode if depth > 0 => parts.push(tr!("after {after} tokens", after = after())),
        Test::Decode => parts.push(tr!("empty cache").to_owned()),
        Test::Prefill => {
            let prompt = row.prompt.map_or_else(
                || tr!("a prompt").to_owned(),
                |tokens| tr!("prompt of {tokens}", tokens = tokens_text(u64::from(tokens))),
            );
            parts.push(if depth > 0 {
                tr!("{prompt} after {after}", prompt, after = after())
            } else {
                prompt
            });
        }
    }
    if let Some(requests @ 2..) = row.requests {
        parts.push(tr!("{requests} requests", requests));
    }
    match row.placement.as_str() {
        "" | "cpu" => {}
        "partial (experts on CPU)" => parts.push(tr!("experts in RAM").to_owned()),
        placement => parts.extend(
            (placement.strip_prefix("n-cpu-moe=").map(|n| tr!("experts of {n} layers in RAM", n)))
                .or_else(|| placement.strip_prefix("partial ngl=").map(|n| tr!("{n} layers on the GPU", n))),
        ),
    }
    let backend = match row.backend.as_str() {
        "cuda" => " CUDA",
        "rocm" => " ROCm",
        "vulkan" => " Vulkan",
        "sycl" => " SYCL",
        _ => "",
    };
    parts.push(format!("{}{backend}", engine(&row.engine)));
    if !matches!(row.cache.as_str(), "" | "f16" | "bf16") {
        parts.push(tr!("{cache} cache", cache = row.cache));
    }
    if row.flash == "off" {
        parts.push(tr!("no flash attention").to_owned());
    }
    match row.kind {
        Kind::Engine => {}
        Kind::Served => parts.push(tr!("through a server").to_owned()),
        Kind::Derived => parts.push(tr!("prompts included").to_owned()),
    }
    if !row.date.is_empty() {
        parts.push(language::date(&row.date));
    }
    if count > 1 {
        parts.push(tr!("middle of {count}", count));
    }
    parts.join(", ")
}
