//! How fast: decode by the fitted form of `assets/speed.json`, prefill by its share of the matrix rate.

use crate::language::tr;
use crate::model::Model;
use crate::quant::Level;

use super::calibration::coefficients;
use super::format_group::FormatGroup;
use super::load::Load;
use super::place::Split;
use super::plan::{Bound, Evidence, Range, Speed, Unsupported};
use super::prompt::{self, ProcessorPace, Prompt, PromptBlocks, PromptPace};
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
    let output = output(subject, scenario, prefill, rate);
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
    decode: Option<Range>,
) -> Option<Range> {
    let (prompt, tokens) = (f64::from(scenario.prompt_tokens), f64::from(scenario.output_tokens.max(1)));
    let (prefill, decode) = prefill.zip(decode)?;
    // Each step makes room for as much of new prompts as it makes tokens; llama.cpp reads them in the same batches as
    // one alone.
    let at = |prefill: f64, decode: f64| tokens / (prompt / prefill + tokens / decode);
    if subject.load.rates.requests > 1.0 && !subject.split.uses_host() {
        // The range of several requests is that of what all of them take together, prompts included.
        return Some(rates::range(at(prefill.p50, decode.p50), (decode.p90 / decode.p50).ln()));
    }
    Some(Range {
        p10: at(prefill.p10, decode.p10),
        p50: at(prefill.p50, decode.p50),
        p90: at(prefill.p90, decode.p90),
    })
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
    let (asked, flash) = (Prompt::new(scenario), scenario.flash_attention);
    let pace = |device| {
        PromptPace::new(device, engine, flash, asked.mean_depth(), model, family, level)?
            .measured(device, engine)
    };
    let paces: Vec<PromptPace> = if split.first.is_some() {
        rig.devices.iter().map(pace).collect::<Result<_, _>>().map_err(reason)?
    } else {
        Vec::new()
    };
    let alone = ProcessorPace::new(&rig.host, model, family, level);
    let alone = if split.first.is_some() { alone.ok() } else { Some(alone.map_err(reason)?) };
    let blocks = PromptBlocks::of_layout(model, load.layout, asked);
    let spans: Vec<_> = split.spans().map(|(run, from)| (run.device, from..run.end)).collect();
    let seconds = prompt::seconds(&blocks, &spans, split.cpu_moe, &paces, alone.as_ref())
        .ok_or_else(|| tr!("what of it the processor computes is not known").to_owned())?;
    let bound = prompt::bound(&blocks, &spans, split.cpu_moe, &paces);
    let used = || split.runs.iter().map(|run| &paces[run.device]);
    let evidence = used().map(PromptPace::evidence).max().unwrap_or(Evidence::Vendor);
    let width = if split.first.is_some() {
        // The weakest of the devices that take part.
        used().map(|pace| pace.width(split.uses_host())).fold(0.0, f64::max)
    } else {
        coefficients().spread("prefill_cpu", "evidence", evidence.name()).unwrap_or_else(rates::unknown)
    };
    Ok((rates::range(f64::from(scenario.prompt_tokens.max(1)) / seconds, width), (evidence, bound)))
}
