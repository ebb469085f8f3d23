//! The figures of the header and of the ladder, each with its formula and inputs.

use crate::estimate::plan::Evidence;
use crate::estimate::{Brief, FitClass, Plan, Scenario, Unsupported};
use crate::language::{fixed, inside, tr};
use crate::quant::Level;
use crate::units::{gib_text, rate_text, seconds_text, tokens_text};

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
    let mut why = vec![tr!("Sum over all devices and RAM, as {engine} allocates it:", engine)];
    for (name, size) in named(&all) {
        let of_what = match growth.filter(|_| name == "KV cache") {
            Some(growth) if pool.is_none() => tr!(
                " for {context} tokens, {per_token} a token ({scenario})",
                context = tokens_text(u64::from(subject.scenario.context)),
                per_token = per_token_text(growth.per_token),
                scenario = cache_types(subject.scenario)
            ),
            Some(_) => tr!(", all that is left: {pool} tokens", pool = tokens_text(pool.unwrap_or_default())),
            None => String::new(),
        };
        why.push(format!("{name} {}{of_what}", precise(size)));
    }
    why.push(tensors(subject, plan));
    Figure {
        number: Some(gib_text(plan.memory.total())),
        unit: "GiB",
        caption: if pool.is_some() { tr!("memory taken") } else { tr!("memory needed") }.to_owned(),
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
        return tr!(
            "Weights are the {level} file as it is loaded; the rest comes on top.",
            level = plan.level
        );
    }
    let tied =
        if subject.model.tied_embeddings { tr!("the output is the embedding once more, ") } else { "" };
    tr!(
        "The {level} file holds {tensors} tensors: {shares}; {tied}the rest comes on top.",
        level = plan.level,
        tensors = known::thousands(tensors),
        shares = shares.join(", "),
        tied
    )
}

fn speed(subject: &Subject<'_>, plan: &Plan, curve: &Curve) -> Figure {
    let caption = "tokens/s".to_owned();
    let range = match (plan.speed.decode, no_speed_reason(plan)) {
        (Some(range), None) => range,
        (_, reason) => {
            let why = tr!("No decode speed: {reason}.", reason = reason.unwrap_or_default());
            return Figure { number: None, unit: "", caption, why };
        }
    };
    let scenario = subject.scenario;
    let (low, high) = (rate_text(range.p10), rate_text(range.p90));
    let caption = match scenario.concurrency {
        0 | 1 if plan.speed.evidence == Evidence::MeasuredHere => {
            tr!("{low}–{high}, measured here", low, high)
        }
        0 | 1 => tr!("{low}–{high}, estimated", low, high),
        requests => tr!("{low}–{high}, {requests} at once", low, high, requests),
    };
    let mut why = timing::lines(subject, plan.level);
    why.push(tr!(
        "Cache {depth} tokens deep, {scenario}",
        depth = tokens_text(u64::from(scenario.depth)),
        scenario = cache_types(scenario)
    ));
    if let Some(full) = curve.present.filter(|full| full.decode != range) {
        let context = tokens_text(u64::from(full.context));
        why.push(tr!(
            "With {context} tokens of context in use: {decode} tok/s",
            context,
            decode = rate_text(full.decode.p50)
        ));
    }
    why.push(bound::sentence(&plan.speed));
    why.push(tr!(
        "8 of 10 such cases lie between {low} and {high}: {evidence}",
        low,
        high,
        evidence = plan.speed.evidence.words()
    ));
    why.extend(bound::own(&plan.speed).map(|own| tr!("The sum of the parts was {own}", own)));
    Figure { number: Some(rate_text(range.p50)), unit: "tok/s", caption, why: why.join("\n") }
}

fn context(subject: &Subject<'_>, plan: &Plan, growth: Option<CacheGrowth>) -> Figure {
    let trained = subject.model.context_max;
    let without_gpu = subject.rig.devices.is_empty();
    let (place, short) = match (plan.fit.max_context_on_gpu, without_gpu) {
        (true, _) => (tr!("on the GPU"), tr!("on GPU")),
        (false, true) => (tr!("in RAM"), tr!("in RAM")),
        (false, false) => (tr!("with the help of RAM"), tr!("with RAM")),
    };
    let Some(longest) = plan.fit.max_context else {
        return Figure {
            number: None,
            unit: "",
            caption: tr!("longest context").to_owned(),
            why: tr!("Not even 256 tokens fit: the weights alone are too big.").to_owned(),
        };
    };
    let whole = trained == Some(longest);
    let mut why = vec![if whole {
        tr!("All that it was trained for runs {place}.", place)
    } else {
        tr!("The longest context that runs {place}, in steps of 256 tokens.", place)
    }];
    if let Some(growth) = growth {
        why.push(tr!("Context = (free memory − weights − state − buffers) ÷ cache per token").to_owned());
        let per_token = per_token_text(growth.per_token);
        why.push(tr!(
            "Cache per token {per_token} ({scenario})",
            per_token,
            scenario = cache_types(subject.scenario)
        ));
    }
    why.push(tr!("Free: {free}", free = precise(LoadLine::of(subject.rig).free)));
    if let Some(trained) = trained {
        why.push(tr!("Trained for {trained} tokens", trained = tokens_text(u64::from(trained))));
    }
    let text = tokens_text(u64::from(longest));
    let (number, unit) = match text.strip_suffix(['K', 'M']) {
        Some(number) if text.ends_with('K') => (number.to_owned(), "K"),
        Some(number) => (number.to_owned(), "M"),
        None => (text, ""),
    };
    let caption = if trained == Some(longest) {
        tr!("longest context").to_owned()
    } else {
        tr!("longest {short}", short)
    };
    Figure { number: Some(number), unit, caption, why: why.join("\n") }
}

/// Time to the first token of a new conversation that begins with [`FIRST_PROMPT`] tokens.
pub(super) fn first_token(subject: &Subject<'_>, plan: &Plan) -> Figure {
    let prompt = tokens_text(u64::from(FIRST_PROMPT));
    let caption = tr!("to the first token at {prompt}", prompt);
    let scenario = Scenario { prompt_tokens: FIRST_PROMPT, depth: 0, ..subject.scenario.clone() };
    let answer = subject.estimator.plan(subject.model, plan.level, &scenario, subject.rig);
    let (ttft, speed) = match &answer {
        Ok(answer) if plan.fit.class != FitClass::TooBig => (answer.speed.ttft, Some(&answer.speed)),
        _ => (None, None),
    };
    let Some(ttft) = ttft else {
        let stated = answer.as_ref().ok().and_then(known::stated_no_prompt_speed);
        let reason = no_speed_reason(plan).or_else(|| stated.map(str::to_owned));
        let why = tr!(
            "No time to the first token: {reason}.",
            reason = reason.unwrap_or_else(|| tr!("no prompt speed").into())
        );
        return Figure { number: None, unit: "", caption, why };
    };
    let mut why = vec![
        tr!("A new conversation that begins with {prompt} tokens, the model loaded.", prompt),
        tr!("Time = tokens of the prompt ÷ prompt speed + time of one token").to_owned(),
    ];
    if let Some(prefill) = speed.and_then(|speed| speed.prefill) {
        why.push(tr!(
            "Prompt speed {rate} tokens/s ({low} to {high})",
            rate = rate_text(prefill.p50),
            low = rate_text(prefill.p10),
            high = rate_text(prefill.p90)
        ));
    }
    if let Some(speed) = speed {
        why.push(tr!(
            "Limited by {prompt_bound}: {prompt_evidence}",
            prompt_bound = speed.prompt_bound.words(),
            prompt_evidence = speed.prompt_evidence.words()
        ));
    }
    why.push(tr!(
        "8 of 10 such cases lie between {low} and {high} s",
        low = seconds_text(ttft.p10),
        high = seconds_text(ttft.p90)
    ));
    Figure { number: Some(seconds_text(ttft.p50)), unit: "s", caption, why: why.join("\n") }
}

/// A rung in words: what a screen reader says and what its tooltip begins with.
pub(super) fn rung(level: Level, brief: &Result<Brief, Unsupported>) -> String {
    let brief = match brief {
        Ok(brief) => brief,
        Err(unsupported) => return tr!("{level}: n/a, {reason}", level, reason = unsupported.reason),
    };
    let speed = match brief.decode.filter(|_| brief.class != FitClass::TooBig) {
        Some(rate) => {
            tr!(
                "{rate} tok/s ({low} to {high})",
                rate = rate_text(rate.p50),
                low = rate_text(rate.p10),
                high = rate_text(rate.p90)
            )
        }
        None => tr!("no speed").to_owned(),
    };
    let quality = kept::of_rung(&brief.quality);
    tr!(
        "{level}: {class}, {need} needed, {gb} GB to download, {speed}, {quality}",
        level,
        class = inside(brief.class.word()),
        need = brief.need,
        gb = rounded_gb(brief.file_bytes.gb()),
        speed,
        quality
    )
}

fn rounded_gb(gb: f64) -> String {
    if gb < 99.95 { fixed(gb, 1) } else { format!("{gb:.0}") }
}
