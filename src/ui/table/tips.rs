//! What a figure of the table is made of, shown while the pointer rests on it.

use eframe::egui::Ui;

use crate::app::{Column, Row, State};
use crate::estimate::{Brief, FitClass};
use crate::language::{fixed, tr};
use crate::ui::theme::{Text, Tokens};
use crate::units::{Bytes, params_text, tokens_text, whole_rate_text};

/// The figure of `column` in words.
pub(super) fn show(ui: &mut Ui, state: &State, row: &Row, column: Column, brief: &Brief) {
    let text = match column {
        Column::Memory => memory(state, brief),
        Column::Speed => speed(state, brief),
        Column::Quality => quality(brief),
        _ => verdict(row, brief),
    };
    let t = Tokens::of(ui);
    ui.label(Text::Body.rich(text).color(t.text_2));
    if column == Column::Speed && brief.decode.is_some() {
        for line in state.nearby(row.model, state.level()).iter().flat_map(|lines| lines.iter()) {
            ui.label(Text::Small.rich(line).color(t.text_2));
        }
    }
}

/// The model's own facts.
pub(super) fn name(ui: &mut Ui, state: &State, row: &Row) {
    let t = Tokens::of(ui);
    let model = state.catalog.get(row.model);
    ui.label(Text::Strong.rich(&row.name).color(t.text));
    let mut facts = vec![match row.active {
        Some(active) => {
            tr!(
                "{params} parameters, {active} for a token",
                params = params_text(row.params),
                active = params_text(active)
            )
        }
        None => tr!("{params} parameters", params = params_text(row.params)),
    }];
    if let Some(context) = row.context_max {
        facts.push(tr!("trained for {context} tokens", context = tokens_text(u64::from(context))));
    }
    facts.push(tr!("released {released}", released = row.released));
    ui.label(Text::Body.rich(facts.join(", ")).color(t.text_2));
    ui.label(Text::Small.rich(&model.id).color(t.text_3));
    if let Some(matched) = &row.matched {
        ui.label(Text::Small.rich(tr!("The search found {matched}", matched)).color(t.text_2));
    }
}

fn verdict(row: &Row, brief: &Brief) -> String {
    let margin = Bytes(brief.margin_bytes.unsigned_abs());
    let text = match brief.class {
        FitClass::Fits => tr!("runs wholly on the GPU with {margin} to spare", margin),
        FitClass::Tight => tr!("runs wholly on the GPU with only {margin} to spare", margin),
        FitClass::Offload => {
            tr!(
                "{gpu_share} % of the weights are on the GPU, the rest in RAM",
                gpu_share = format!("{:.0}", brief.gpu_share * 100.0)
            )
        }
        FitClass::Cpu => tr!("runs from RAM on the processor with {margin} to spare", margin),
        FitClass::Disk => tr!("does not fit in memory and is streamed from disk").to_owned(),
        FitClass::TooBig => tr!("does not fit: {margin} are missing", margin),
    };
    format!("{} {text}", row.name)
}

fn memory(state: &State, brief: &Brief) -> String {
    let need = brief.need;
    let file = tr!("The file has {gb} GB", gb = fixed(brief.file_bytes.gb(), 1));
    match &state.rig {
        Some(rig) if rig.devices.is_empty() => {
            tr!("{need} needed, of {free} available RAM. {file}", need, free = rig.host.free, file)
        }
        Some(rig) => tr!(
            "{need} needed: {on_gpu} on the GPU, of {device_free} free, and {in_ram} in RAM, of {free} available. {file}",
            need,
            on_gpu = brief.on_gpu,
            device_free = rig.device_free(),
            in_ram = need - brief.on_gpu,
            free = rig.host.free,
            file
        ),
        None => tr!("{need} needed. {file}", need, file),
    }
}

fn speed(state: &State, brief: &Brief) -> String {
    let Some(rate) = brief.decode else {
        let reason = if brief.class.runs() {
            tr!("No speed is known for this machine")
        } else {
            tr!("No speed: it does not fit")
        };
        return reason.to_owned();
    };
    let [low, middle, high] = [rate.p10, rate.p50, rate.p90].map(whole_rate_text);
    let text = tr!(
        "{middle} tokens/s, estimated; four runs in five are between {low} and {high}",
        middle,
        low,
        high
    );
    match state.scenario.concurrency {
        0 | 1 => text,
        requests => {
            let each = whole_rate_text(rate.p50 / f64::from(requests));
            tr!("{text}. Together: each of {requests} requests gets {each}", text, requests, each)
        }
    }
}

fn quality(brief: &Brief) -> String {
    let quality = &brief.quality;
    tr!(
        "{sentence}\nBasis: {ground}\nQuality is the share of the benchmark score above chance",
        sentence = quality.sentence(),
        ground = quality.ground.text()
    )
}
