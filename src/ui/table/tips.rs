//! What a figure of the table is made of, shown while the pointer rests on it.

use eframe::egui::Ui;

use crate::app::{Column, Row, State};
use crate::estimate::{Brief, FitClass};
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
    ui.label(Text::Body.rich(text).color(Tokens::of(ui).text_2));
}

/// The model's own facts.
pub(super) fn name(ui: &mut Ui, state: &State, row: &Row) {
    let t = Tokens::of(ui);
    let model = state.catalog.get(row.model);
    ui.label(Text::Strong.rich(&row.name).color(t.text));
    let mut facts = vec![match row.active {
        Some(active) => {
            format!("{} parameters, {} for a token", params_text(row.params), params_text(active))
        }
        None => format!("{} parameters", params_text(row.params)),
    }];
    if let Some(context) = row.context_max {
        facts.push(format!("trained for {} tokens", tokens_text(u64::from(context))));
    }
    facts.push(format!("released {}", row.released));
    ui.label(Text::Body.rich(facts.join(", ")).color(t.text_2));
    ui.label(Text::Small.rich(&model.id).color(t.text_3));
    if let Some(matched) = &row.matched {
        ui.label(Text::Small.rich(format!("The search found {matched}")).color(t.text_2));
    }
}

fn verdict(row: &Row, brief: &Brief) -> String {
    let margin = Bytes(brief.margin_bytes.unsigned_abs());
    let text = match brief.class {
        FitClass::Fits => format!("runs wholly on the GPU with {margin} to spare"),
        FitClass::Tight => format!("runs wholly on the GPU with only {margin} to spare"),
        FitClass::Offload => {
            format!("{:.0} % of the weights are on the GPU, the rest in RAM", brief.gpu_share * 100.0)
        }
        FitClass::Cpu => format!("runs from RAM on the processor with {margin} to spare"),
        FitClass::Disk => "does not fit in memory and is streamed from disk".to_owned(),
        FitClass::TooBig => format!("does not fit: {margin} are missing"),
    };
    format!("{} {text}", row.name)
}

fn memory(state: &State, brief: &Brief) -> String {
    let need = brief.need;
    let file = format!("The file has {:.1} GB", brief.file_bytes.gb());
    match &state.rig {
        Some(rig) if rig.devices.is_empty() => {
            format!("{need} needed, of {} available RAM. {file}", rig.host.free)
        }
        Some(rig) => format!(
            "{need} needed: {} on the GPU, of {} free, and {} in RAM, of {} available. {file}",
            brief.on_gpu,
            rig.device_free(),
            need - brief.on_gpu,
            rig.host.free
        ),
        None => format!("{need} needed. {file}"),
    }
}

fn speed(state: &State, brief: &Brief) -> String {
    let Some(rate) = brief.decode else {
        let reason = if brief.class.runs() {
            "No speed is known for this machine"
        } else {
            "No speed: it does not fit"
        };
        return reason.to_owned();
    };
    let [low, middle, high] = [rate.p10, rate.p50, rate.p90].map(whole_rate_text);
    let text = format!("{middle} tokens/s, estimated; four runs in five are between {low} and {high}");
    match state.scenario.concurrency {
        0 | 1 => text,
        requests => {
            let each = whole_rate_text(rate.p50 / f64::from(requests));
            format!("{text}. Together: each of {requests} requests gets {each}")
        }
    }
}

fn quality(brief: &Brief) -> String {
    let quality = &brief.quality;
    format!(
        "{}\nBasis: {}\nQuality is the share of the benchmark score above chance",
        quality.sentence(),
        quality.ground.text()
    )
}
