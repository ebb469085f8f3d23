//! vLLM's benchmarks as JSON: `vllm bench serve`, and `benchmark_serving.py` before it.
//!
//! `vllm bench latency` and `throughput` write neither a model nor lengths, so their numbers say nothing
//! alone.

use super::cut;
use super::fields::Fields;
use crate::estimate::measured::{Measurement, Test, who};
use crate::estimate::scenario::Engine;
use crate::language::tr;

type Row = Result<Measurement, String>;

/// The rows of a result; `None`: it is none of vLLM's.
pub(super) fn result(fields: &Fields) -> Option<Vec<Row>> {
    if fields.has("output_throughput") {
        return Some(served(fields).unwrap_or_else(|reason| vec![Err(reason)]));
    }
    let of = |names: &[&str]| names.iter().all(|name| fields.has(name));
    let reason = if of(&["avg_latency", "latencies"]) {
        tr!("vllm bench latency writes neither the model nor how many tokens were timed")
    } else if of(&["elapsed_time", "tokens_per_second"]) {
        tr!("vllm bench throughput counts prompts and answers together and writes no model")
    } else {
        return None;
    };
    Some(vec![Err(tr!("{reason}: use the result of vllm bench serve --save-result", reason))])
}

fn served(fields: &Fields) -> Result<Vec<Row>, String> {
    let written = fields.text("model_id").or_else(|| fields.text("tokenizer_id")).unwrap_or("");
    let completed = fields.needed("completed")?;
    if completed < 1.0 {
        return Err(tr!("no request was answered").to_owned());
    }
    let mean = |name: &str| -> Result<u32, String> {
        let mean = (fields.needed(name)? / completed).round();
        let whole = (0.0..=f64::from(u32::MAX)).contains(&mean).then_some(mean as u32);
        whole.ok_or_else(|| tr!("{name} is no count", name))
    };
    let (n_prompt, n_gen) = (mean("total_input_tokens")?, mean("total_output_tokens")?);
    let requests = requests(fields, completed, n_gen)?;
    let row = |test, speed| {
        let mut row = Measurement::new(&cut(written), engine(fields), test, speed);
        row.level = who::level_of_name(written);
        (row.n_prompt, row.n_gen, row.requests) = (n_prompt, n_gen, requests);
        row.date = fields.text("date").map(date);
        row
    };
    let mut rows = vec![Ok(row(Test::Served, fields.needed("output_throughput")?))];
    if let Some(milliseconds) = fields.number("mean_tpot_ms")?.filter(|ms| *ms > 0.0) {
        let mut decode = row(Test::Decode, 1e3 / milliseconds);
        // Tokens were generated behind their prompt.
        (decode.depth, decode.n_prompt) = (n_prompt, 0);
        decode.deviation =
            fields.number("std_tpot_ms")?.map(|deviation| 1e3 / milliseconds * (deviation / milliseconds));
        rows.push(Ok(decode));
    }
    Ok(rows)
}

/// Requests at once: as limited, else as many as were under way on average (Little's law).
fn requests(fields: &Fields, completed: f64, n_gen: u32) -> Result<u32, String> {
    if let Some(limit) = fields.count("max_concurrency")? {
        return Ok(limit.clamp(1, completed.min(f64::from(u32::MAX)) as u32));
    }
    let duration = fields.needed("duration")?;
    let first = fields.number("mean_ttft_ms")?.unwrap_or(0.0);
    let each = fields.number("mean_tpot_ms")?.unwrap_or(0.0);
    let seconds = (first + each * f64::from(n_gen.saturating_sub(1))) / 1e3;
    let mean = completed * seconds / duration;
    Ok(if mean.is_finite() { mean.round().clamp(1.0, completed.min(1e6)) as u32 } else { 1 })
}

fn engine(fields: &Fields) -> Engine {
    match fields.text("backend").unwrap_or("") {
        "tensorrt-llm" => Engine::TensorRtLlm,
        name if name.starts_with("sglang") => Engine::Sglang,
        _ => Engine::Vllm,
    }
}

/// "20250522-174506" as 2025-05-22T17:45:06, any other as it is.
fn date(text: &str) -> String {
    let digits = |part: &str, length: usize| part.len() == length && part.bytes().all(|b| b.is_ascii_digit());
    match text.split_once('-') {
        Some((day, time)) if digits(day, 8) && digits(time, 6) => format!(
            "{}-{}-{}T{}:{}:{}",
            &day[..4],
            &day[4..6],
            &day[6..],
            &time[..2],
            &time[2..4],
            &time[4..]
        ),
        _ => cut(text),
    }
}
