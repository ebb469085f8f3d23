//! How fast: decode by the fitted form of `assets/speed.json`, prefill by its share of the matrix rate.

use crate::language::tr;
use crate::model::Model;
use crate::quant::Level;

use super::calibration::coefficients;
use super::format_group::FormatGroup;
use super::load::{Load, experts_read};
use super::place::Split;
use super::plan::{Bound, Evidence, Range, Speed, Unsupported};
use super::prompt::{self, ProcessorPace, Prompt, PromptBlocks, PromptPace};
use super::rates;
use super::rig::Rig;
use super::rules;
use super::scenario::Scenario;
use super::step::{Step, Stepper};
use super::work;

/// A placed model.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The model.
    pub model: &'a Model,
    /// Format of its weights.
    pub group: FormatGroup,
    /// Quantization.
    pub level: Level,
    /// The base of its fine-tunes in the catalog; empty: it is not of the catalog.
    pub family: &'a str,
    /// Its bytes.
    pub load: Load<'a>,
    /// Where they are.
    pub split: &'a Split,
    /// Share of the weights in main memory that does not fit there and is read from disk, 0 to 1.
    pub streamed: f64,
}

/// Speed of a placed model; parts that cannot be said are `None`, with the reason in `warnings`.
pub fn speed(subject: &Subject<'_>, scenario: &Scenario, rig: &Rig, warnings: &mut Vec<String>) -> Speed {
    let stepper = Stepper::new(subject.load, subject.group);
    let decode = match unknown(subject) {
        None => {
            let step = stepper.step(subject.split, subject.streamed);
            Some((step, stepper.basis(subject.split, subject.streamed).evidence))
        }
        Some(reason) => {
            warnings.push(if subject.load.context.costs.no_decode.is_some() {
                tr!("no decode speed: {reason}", reason)
            } else {
                tr!("no speed: {reason}", reason)
            });
            None
        }
    };
    let rate = decode.map(|(step, _)| stepper.rate(&step, subject.split, subject.streamed));
    let (prefill, prompt) = prefill(subject, scenario, rig, warnings).unzip();
    let (prompt_evidence, prompt_bound) = prompt.unwrap_or((Evidence::None, Bound::Unknown));
    let latency = rules::speed().prefill.latency_s;
    let prompt = f64::from(scenario.prompt_tokens);
    let step_s = decode.map(|(step, _)| step.total());
    let ttft = prefill.zip(step_s).map(|(prefill, step_s)| Range {
        p10: prompt / prefill.p90 + step_s + latency,
        p50: prompt / prefill.p50 + step_s + latency,
        p90: prompt / prefill.p10 + step_s + latency,
    });
    let output = output(subject, scenario, prefill, decode.map(|(step, _)| step), rate);
    Speed {
        decode: rate,
        output,
        prefill,
        ttft,
        bound: decode.map_or(Bound::Unknown, |(step, _)| step.bound()),
        evidence: decode.map_or(Evidence::None, |(_, evidence)| evidence),
        prompt_evidence,
        prompt_bound,
        ..Speed::UNKNOWN
    }
}

/// Tokens that come out a second of all requests together, their prompts included.
fn output(
    subject: &Subject<'_>,
    scenario: &Scenario,
    prefill: Option<Range>,
    step: Option<Step>,
    decode: Option<Range>,
) -> Option<Range> {
    let (requests, prompt) = (subject.load.rates.requests, f64::from(scenario.prompt_tokens));
    let tokens = f64::from(scenario.output_tokens.max(1));
    if let Some(prompts) = between_steps(subject, prompt) {
        let (step, decode) = step.zip(decode)?;
        // Each step makes room for as much of new prompts as it makes tokens.
        let seconds = step.total() + requests * prompts / tokens;
        return Some(rates::range(requests / seconds, (decode.p90 / decode.p50).ln()));
    }
    let at = |prefill: f64, decode: f64| {
        requests * tokens / (requests * prompt / prefill + requests * tokens / decode)
    };
    let (prefill, decode) = prefill.zip(decode)?;
    Some(Range {
        p10: at(prefill.p10, decode.p10),
        p50: at(prefill.p50, decode.p50),
        p90: at(prefill.p90, decode.p90),
    })
}

/// Seconds that a prompt of `tokens` takes between the steps of other requests; `None`: there are none, or not
/// everything is on devices.
fn between_steps(subject: &Subject<'_>, tokens: f64) -> Option<f64> {
    let Subject { model, load, split, .. } = *subject;
    if split.uses_host() {
        return None;
    }
    let (sums, context, blocks) = (&load.layout.sums, load.context, load.blocks());
    let share = experts_read(model, 1.0);
    let flops = work::flops_of_byte(load.layout.bits_per_weight);
    let attention = work::attention_of(model, tokens / 2.0);
    let mut seconds = 0.0;
    for (run, from) in split.spans() {
        let (start, end) = (from.min(blocks), run.end.min(blocks));
        let (less, more) = (sums.before(start), sums.before(end));
        let pace = &context.paces[run.device];
        let dense = (more.dense_host - less.dense_host) as f64;
        let experts = (more.experts_host - less.experts_host) as f64 * share;
        let output = if run.end > blocks { load.layout.output_read.0 as f64 } else { 0.0 };
        let of_layers = (end - start) as f64 / blocks.max(1) as f64;
        let of_weights = (dense + experts + output) * flops;
        seconds += tokens * (of_weights + attention * of_layers) * pace.prompts?;
    }
    Some(seconds)
}

/// Decode rate alone, tokens/s of all requests, for tables, and what it rests on.
pub fn decode(subject: &Subject<'_>) -> Option<(Range, Evidence)> {
    if unknown(subject).is_some() {
        return None;
    }
    let stepper = Stepper::new(subject.load, subject.group);
    let step = stepper.step(subject.split, subject.streamed);
    let evidence = stepper.basis(subject.split, subject.streamed).evidence;
    Some((stepper.rate(&step, subject.split, subject.streamed), evidence))
}

/// Why there is no decode speed.
fn unknown<'a>(subject: &Subject<'a>) -> Option<&'a str> {
    let on_devices = subject.split.first.is_some();
    let device = subject.load.rates.unknown().filter(|_| on_devices);
    subject.load.context.costs.no_decode.or(device)
}

/// Prompt tokens a second for the scenario's prompt on top of its depth, and what that rests on and
/// is limited by.
fn prefill(
    subject: &Subject<'_>,
    scenario: &Scenario,
    rig: &Rig,
    warnings: &mut Vec<String>,
) -> Option<(Range, (Evidence, Bound))> {
    match prompt_rate(subject, scenario, rig) {
        Ok(rate) => Some(rate),
        Err(reason) => {
            warnings.push(tr!("no prompt speed: {reason}", reason));
            None
        }
    }
}

fn prompt_rate(
    subject: &Subject<'_>,
    scenario: &Scenario,
    rig: &Rig,
) -> Result<(Range, (Evidence, Bound)), String> {
    let Subject { model, load, split, family, level, .. } = *subject;
    let reason = |unsupported: Unsupported| unsupported.reason;
    let engine = (scenario.engine, load.rates.backend);
    let pace = |device| PromptPace::new(device, engine, scenario.flash_attention, model, family, level);
    let paces: Vec<PromptPace> = if split.first.is_some() {
        rig.devices.iter().map(pace).collect::<Result<_, _>>().map_err(reason)?
    } else {
        Vec::new()
    };
    let alone = ProcessorPace::new(&rig.host, model, family, level);
    let alone = if split.first.is_some() { alone.ok() } else { Some(alone.map_err(reason)?) };
    let blocks = PromptBlocks::of_layout(model, load.layout, Prompt::new(scenario));
    let spans: Vec<_> = split.spans().map(|(run, from)| (run.device, from..run.end)).collect();
    let seconds = prompt::seconds(&blocks, &spans, split.cpu_moe, &paces, alone.as_ref())
        .ok_or_else(|| tr!("what of it the processor computes is not known").to_owned())?;
    let bound = prompt::bound(&blocks, &spans, split.cpu_moe, &paces);
    let used = split.runs.iter().map(|run| &paces[run.device]);
    let evidence = used.map(PromptPace::evidence).max().unwrap_or(Evidence::Vendor);
    let form = if split.first.is_some() { "prefill" } else { "prefill_cpu" };
    let width = coefficients().spread(form, "evidence", evidence.name()).unwrap_or_else(rates::unknown);
    let width = if split.first.is_some() && split.uses_host() {
        width.max(rules::speed().intervals.prefill)
    } else {
        width
    };
    Ok((rates::range(f64::from(scenario.prompt_tokens.max(1)) / seconds, width), (evidence, bound)))
}
