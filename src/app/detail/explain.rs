//! The figures of the header and of the ladder, each with its formula and inputs.

use crate::estimate::plan::Evidence;
use crate::estimate::{Brief, FitClass, Plan, Scenario, Unsupported};
use crate::quant::Level;
use crate::units::{gib_text, rate_text, tokens_text};

use crate::app::best::FIRST_PROMPT;

use super::known::{CacheGrowth, cache_types, per_token_text};
use super::memory::{named, precise};
use super::{Curve, LoadLine, Subject, bound, kept, known, no_speed_reason, timing};

/// A large number of the header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    /// The number; `None` is n/a, and `why` says the reason.
    pub number: Option<String>,
    /// Its unit.
    pub unit: &'static str,
    /// What it is, with its range.
    pub caption: String,
    /// Formula and inputs, or the reason that there is no number.
    pub why: String,
}

pub(super) fn figures(
    subject: &Subject<'_>,
    plan: &Plan,
    growth: Option<CacheGrowth>,
    curve: &Curve,
) -> Vec<Figure> {
    vec![
        memory(subject, plan, growth),
        speed(subject, plan, curve),
        context(subject, plan, growth),
        kept::figure(subject, plan),
    ]
}

fn memory(subject: &Subject<'_>, plan: &Plan, growth: Option<CacheGrowth>) -> Figure {
    let all = plan.memory.devices.iter().fold(plan.memory.host, |all, parts| all + *parts);
    let engine = subject.scenario.engine.title();
    let pool = plan.serving.as_ref().and_then(|serving| serving.cache_tokens);
    let mut why = vec![format!("Sum over all devices and RAM, as {engine} allocates it:")];
    for (name, size) in named(&all) {
        let of_what = match growth.filter(|_| name == "KV cache") {
            Some(growth) if pool.is_none() => format!(
                " for {} tokens, {} a token ({})",
                tokens_text(u64::from(subject.scenario.context)),
                per_token_text(growth.per_token),
                cache_types(subject.scenario)
            ),
            Some(_) => format!(", all that is left: {} tokens", tokens_text(pool.unwrap_or_default())),
            None => String::new(),
        };
        why.push(format!("{name} {}{of_what}", precise(size)));
    }
    why.push(tensors(subject, plan));
    Figure {
        number: Some(gib_text(plan.memory.total())),
        unit: "GiB",
        caption: if pool.is_some() { "memory taken" } else { "memory needed" }.to_owned(),
        why: why.join("\n"),
    }
}

/// What the weights are summed over.
fn tensors(subject: &Subject<'_>, plan: &Plan) -> String {
    let types = &plan.file.types;
    let tensors: u32 = types.iter().map(|share| share.tensors).sum();
    let mut largest: Vec<_> = types.iter().collect();
    largest.sort_by_key(|share| std::cmp::Reverse(share.bytes));
    let shares: Vec<String> = largest
        .iter()
        .map(|share| format!("{} {} {}", share.tensors, share.format.name(), precise(share.bytes)))
        .collect();
    if shares.is_empty() {
        return format!("Weights are the {} file as it is loaded; the rest comes on top.", plan.level);
    }
    let tied = if subject.model.tied_embeddings { "the output is the embedding once more, " } else { "" };
    format!(
        "The {} file holds {} tensors: {}; {tied}the rest comes on top.",
        plan.level,
        known::thousands(tensors),
        shares.join(", ")
    )
}

fn speed(subject: &Subject<'_>, plan: &Plan, curve: &Curve) -> Figure {
    let caption = "tokens/s".to_owned();
    let range = match (plan.speed.decode, no_speed_reason(plan)) {
        (Some(range), None) => range,
        (_, reason) => {
            let why = format!("No decode speed: {}.", reason.unwrap_or_default());
            return Figure { number: None, unit: "", caption, why };
        }
    };
    let scenario = subject.scenario;
    let (low, high) = (rate_text(range.p10), rate_text(range.p90));
    let caption = match scenario.concurrency {
        0 | 1 if plan.speed.evidence == Evidence::MeasuredHere => format!("{low}–{high}, measured here"),
        0 | 1 => format!("{low}–{high}, estimated"),
        requests => format!("{low}–{high}, {requests} at once"),
    };
    let mut why = timing::lines(subject, plan.level);
    why.push(format!(
        "Cache {} tokens deep, {}",
        tokens_text(u64::from(scenario.depth)),
        cache_types(scenario)
    ));
    if let Some(full) = curve.present.filter(|full| full.decode != range) {
        let context = tokens_text(u64::from(full.context));
        why.push(format!("With {context} tokens of context in use: {} tok/s", rate_text(full.decode.p50)));
    }
    why.push(bound::sentence(&plan.speed));
    why.push(format!("8 of 10 such cases lie between {low} and {high}: {}", plan.speed.evidence.words()));
    why.extend(bound::own(&plan.speed).map(|own| format!("The sum of the parts was {own}")));
    Figure { number: Some(rate_text(range.p50)), unit: "tok/s", caption, why: why.join("\n") }
}

fn context(subject: &Subject<'_>, plan: &Plan, growth: Option<CacheGrowth>) -> Figure {
    let trained = subject.model.context_max;
    let without_gpu = subject.rig.devices.is_empty();
    let (place, short) = match (plan.fit.max_context_on_gpu, without_gpu) {
        (true, _) => ("on the GPU", "on GPU"),
        (false, true) => ("in RAM", "in RAM"),
        (false, false) => ("with the help of RAM", "with RAM"),
    };
    let Some(longest) = plan.fit.max_context else {
        return Figure {
            number: None,
            unit: "",
            caption: "longest context".to_owned(),
            why: "Not even 256 tokens fit: the weights alone are too big.".to_owned(),
        };
    };
    let whole = trained == Some(longest);
    let mut why = vec![if whole {
        format!("All that it was trained for runs {place}.")
    } else {
        format!("The longest context that runs {place}, in steps of 256 tokens.")
    }];
    if let Some(growth) = growth {
        why.push("Context = (free memory − weights − state − buffers) ÷ cache per token".to_owned());
        let per_token = per_token_text(growth.per_token);
        why.push(format!("Cache per token {per_token} ({})", cache_types(subject.scenario)));
    }
    why.push(format!("Free: {}", precise(LoadLine::of(subject.rig).free)));
    if let Some(trained) = trained {
        why.push(format!("Trained for {} tokens", tokens_text(u64::from(trained))));
    }
    let text = tokens_text(u64::from(longest));
    let (number, unit) = match text.strip_suffix(['K', 'M']) {
        Some(number) if text.ends_with('K') => (number.to_owned(), "K"),
        Some(number) => (number.to_owned(), "M"),
        None => (text, ""),
    };
    let caption =
        if trained == Some(longest) { "longest context".to_owned() } else { format!("longest {short}") };
    Figure { number: Some(number), unit, caption, why: why.join("\n") }
}

/// Time to the first token of a new conversation that begins with [`FIRST_PROMPT`] tokens.
pub(super) fn first_token(subject: &Subject<'_>, plan: &Plan) -> Figure {
    let prompt = tokens_text(u64::from(FIRST_PROMPT));
    let caption = format!("to the first token at {prompt}");
    let scenario = Scenario { prompt_tokens: FIRST_PROMPT, depth: 0, ..subject.scenario.clone() };
    let answer = subject.estimator.plan(subject.model, plan.level, &scenario, subject.rig);
    let (ttft, speed) = match &answer {
        Ok(answer) if plan.fit.class != FitClass::TooBig => (answer.speed.ttft, Some(&answer.speed)),
        _ => (None, None),
    };
    let Some(ttft) = ttft else {
        let stated = answer.as_ref().ok().and_then(known::stated_no_prompt_speed);
        let reason = no_speed_reason(plan).or_else(|| stated.map(str::to_owned));
        let why =
            format!("No time to the first token: {}.", reason.unwrap_or_else(|| "no prompt speed".into()));
        return Figure { number: None, unit: "", caption, why };
    };
    let mut why = vec![
        format!("A new conversation that begins with {prompt} tokens, the model loaded."),
        "Time = tokens of the prompt ÷ prompt speed + time of one token".to_owned(),
    ];
    if let Some(prefill) = speed.and_then(|speed| speed.prefill) {
        why.push(format!(
            "Prompt speed {} tokens/s ({} to {})",
            rate_text(prefill.p50),
            rate_text(prefill.p10),
            rate_text(prefill.p90)
        ));
    }
    if let Some(speed) = speed {
        why.push(format!("Limited by {}: {}", speed.prompt_bound.words(), speed.prompt_evidence.words()));
    }
    why.push(format!("8 of 10 such cases lie between {} and {} s", seconds(ttft.p10), seconds(ttft.p90)));
    Figure { number: Some(seconds(ttft.p50)), unit: "s", caption, why: why.join("\n") }
}

/// Seconds with two digits that mean something.
fn seconds(seconds: f64) -> String {
    match seconds {
        s if s < 0.995 => format!("{s:.2}"),
        s if s < 9.95 => format!("{s:.1}"),
        s => format!("{s:.0}"),
    }
}

/// A rung in words: what a screen reader says and what its tooltip begins with.
pub(super) fn rung(level: Level, brief: &Result<Brief, Unsupported>) -> String {
    let brief = match brief {
        Ok(brief) => brief,
        Err(unsupported) => return format!("{level}: n/a, {}", unsupported.reason),
    };
    let speed = match brief.decode.filter(|_| brief.class != FitClass::TooBig) {
        Some(rate) => {
            format!("{} tok/s ({} to {})", rate_text(rate.p50), rate_text(rate.p10), rate_text(rate.p90))
        }
        None => "no speed".to_owned(),
    };
    let quality = kept::of_rung(&brief.quality);
    format!(
        "{level}: {}, {} needed, {} GB to download, {speed}, {quality}",
        brief.class.word().to_lowercase(),
        brief.need,
        rounded_gb(brief.file_bytes.gb()),
    )
}

fn rounded_gb(gb: f64) -> String {
    if gb < 99.95 { format!("{gb:.1}") } else { format!("{gb:.0}") }
}
