//! How fast: decode by the fitted form of `assets/speed.json`, prefill by its share of the matrix rate.

use crate::model::Model;

use super::cache::CacheRow;
use super::load::Load;
use super::pace::FormatGroup;
use super::place::Split;
use super::plan::{Bound, Evidence, Range, Speed};
use super::rates;
use super::rig::Rig;
use super::rules;
use super::scenario::Scenario;
use super::step::Stepper;

/// A placed model.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The model.
    pub model: &'a Model,
    /// Format of its weights.
    pub group: FormatGroup,
    /// Cache rows of the blocks.
    pub rows: &'a [Option<CacheRow>],
    /// Its bytes.
    pub load: Load<'a>,
    /// Where they are.
    pub split: &'a Split,
    /// Share of the weights in main memory that does not fit there and is read from disk, 0 to 1.
    pub streamed: f64,
}

/// Speed of a placed model; parts that cannot be said are `None`, with the reason in `warnings`.
pub fn speed(subject: &Subject<'_>, scenario: &Scenario, rig: &Rig, warnings: &mut Vec<String>) -> Speed {
    let rates = subject.load.rates;
    let stepper = Stepper::new(subject.load, subject.group);
    let decode = match unknown(subject) {
        None => {
            let step = stepper.step(subject.split, subject.streamed);
            Some((step, stepper.evidence(subject.split, subject.streamed)))
        }
        Some(reason) => {
            let of = if subject.model.not_generating().is_some() { "decode speed" } else { "speed" };
            warnings.push(format!("no {of}: {reason}"));
            None
        }
    };
    let requests = rates.requests;
    let rate = decode.map(|(step, evidence)| subject.load.range(requests / step.total(), evidence));
    let prefill = prefill(subject, scenario, rig, warnings);
    let latency = rules::speed().prefill.latency_s;
    let prompt = f64::from(scenario.prompt_tokens);
    let step_s = decode.map(|(step, _)| step.total());
    let ttft = prefill.zip(step_s).map(|(prefill, step_s)| Range {
        p10: prompt / prefill.p90 + step_s + latency,
        p50: prompt / prefill.p50 + step_s + latency,
        p90: prompt / prefill.p10 + step_s + latency,
    });
    let output = prefill.zip(rate).map(|(prefill, decode)| {
        let tokens = f64::from(scenario.output_tokens.max(1));
        let at = |prefill: f64, decode: f64| {
            requests * tokens / (requests * prompt / prefill + requests * tokens / decode)
        };
        Range {
            p10: at(prefill.p10, decode.p10),
            p50: at(prefill.p50, decode.p50),
            p90: at(prefill.p90, decode.p90),
        }
    });
    Speed {
        decode: rate,
        output,
        prefill,
        ttft,
        bound: decode.map_or(Bound::Unknown, |(step, _)| step.bound()),
        evidence: decode.map_or(Evidence::None, |(_, evidence)| evidence),
    }
}

/// Decode rate alone, tokens/s of all requests, for tables.
pub fn decode(subject: &Subject<'_>) -> Option<Range> {
    if unknown(subject).is_some() {
        return None;
    }
    let stepper = Stepper::new(subject.load, subject.group);
    let step = stepper.step(subject.split, subject.streamed);
    let rates = subject.load.rates;
    Some(subject.load.range(rates.requests / step.total(), stepper.evidence(subject.split, subject.streamed)))
}

/// Why there is no decode speed.
fn unknown<'a>(subject: &Subject<'a>) -> Option<&'a str> {
    let on_devices = subject.split.first.is_some();
    let device = subject.load.rates.unknown.as_deref().filter(|_| on_devices);
    subject.model.not_generating().or(device)
}

/// Prompt tokens a second for the scenario's prompt on top of its depth.
fn prefill(
    subject: &Subject<'_>,
    scenario: &Scenario,
    rig: &Rig,
    warnings: &mut Vec<String>,
) -> Option<Range> {
    let Subject { model, rows, load, split, .. } = subject;
    if split.first.is_none() {
        warnings.push("no prompt speed: prefill on the processor is not modelled yet".to_owned());
        return None;
    }
    if split.uses_host() {
        warnings.push("no prompt speed: prefill with weights in RAM is not modelled yet".to_owned());
        return None;
    }
    let rule = &rules::speed().prefill;
    let tokens = f64::from(scenario.prompt_tokens.max(1));
    // Devices work one after another on each batch: the time is the mean over devices by their share.
    let mut seconds_per_flop = 0.0;
    let blocks = load.blocks().max(1) as f64;
    for (index, device) in rig.devices.iter().enumerate() {
        let share = (0..load.blocks()).filter(|b| split.device_of(*b) == Some(index)).count() as f64 / blocks;
        if share == 0.0 {
            continue;
        }
        let mfu = rule.mfu.iter().find(|mfu| {
            mfu.vendor == device.vendor
                && mfu.backend == load.rates.backend
                && Some(&mfu.architecture) == device.architecture.as_ref()
        });
        let (Some(mfu), Some(peak)) = (mfu, device.fp16_tflops) else {
            warnings.push(format!("no prompt speed: no measurement of prefill on {} is known", device.name));
            return None;
        };
        seconds_per_flop += share / (mfu.mfu * peak * 1e12);
    }
    let moe = if model.is_moe() { rule.moe } else { 1.0 };
    let short = 1.0 - (-tokens / rule.short_prompt_tokens).exp();
    let matrix = 2.0 * model.params_active.saturating_sub(model.params_breakdown.token_embd) as f64;
    let mean_depth = f64::from(scenario.depth) + tokens / 2.0;
    let attention: f64 = rows
        .iter()
        .flatten()
        .map(|row| {
            let seen = row.window.map_or(mean_depth, |window| mean_depth.min(f64::from(window)));
            4.0 * f64::from(model.n_head.max()) * f64::from(model.head_dim_k) * seen
        })
        .sum();
    let seconds = (matrix / (moe * short) + attention) * seconds_per_flop;
    Some(rates::range(1.0 / seconds, rules::speed().intervals.prefill))
}
