//! Where the time of a token goes, in words.

use crate::estimate::{Place, Term, Work};
use crate::language::{fixed, tr};
use crate::quant::Level;
use crate::units::rate_text;

use super::Subject;
use super::memory;

/// The terms of a decode step, a line each, and their sum; empty where nothing is known of them.
pub(super) fn lines(subject: &Subject<'_>, level: Level) -> Vec<String> {
    let Subject { estimator, model, scenario, rig } = *subject;
    let Ok(terms) = estimator.breakdown(model, level, scenario, rig) else { return Vec::new() };
    if terms.is_empty() {
        return Vec::new();
    }
    let names = memory::names(rig);
    let mut lines = vec![
        tr!("Time of a token = bytes read ÷ (share reached × bandwidth) + layers × overhead").to_owned(),
    ];
    lines.extend(terms.iter().map(|term| line(subject, &names, term)));
    let all: f64 = terms.iter().map(Term::seconds).sum();
    let requests = scenario.concurrency.max(1);
    let rate = rate_text(f64::from(requests) / all);
    lines.push(match requests {
        1 => tr!("Together {all}: {rate} tok/s", all = milliseconds(all), rate),
        n => tr!("Together {all} for {n} requests at once: {rate} tok/s", all = milliseconds(all), n, rate),
    });
    lines
}

fn line(subject: &Subject<'_>, names: &[String], term: &Term) -> String {
    let time = milliseconds(term.seconds());
    let place = match term.place {
        Place::Device(device) => names.get(device).map_or("GPU", String::as_str),
        Place::Ram => "RAM",
        Place::Disk => tr!("Disk"),
    };
    let what = match term.work {
        Work::Weights => tr!("weights"),
        Work::Experts => tr!("experts"),
        Work::Cache => tr!("cache"),
        Work::Layers => {
            return tr!(
                "{place}: {amount} layers × {each_s} = {time}",
                place,
                amount = format!("{:.0}", term.amount),
                each_s = small(term.each_s),
                time
            );
        }
        Work::Hops => {
            return tr!(
                "{place}: {amount} hops × {each_s} = {time}",
                place,
                amount = format!("{:.0}", term.amount),
                each_s = small(term.each_s),
                time
            );
        }
        Work::Attention => {
            return tr!(
                "{place}: attention, {amount} GFLOP = {time}",
                place,
                amount = fixed(term.amount / 1e9, 2),
                time
            );
        }
        Work::Boundaries => {
            return tr!(
                "Between GPUs: {amount} × {each_s} = {time}",
                amount = format!("{:.0}", term.amount),
                each_s = small(term.each_s),
                time
            );
        }
        Work::Token => return tr!("Each token: {time}", time),
    };
    let rate = term.rate().unwrap_or_default() / 1e9;
    let bandwidth = match term.place {
        Place::Device(device) => subject.rig.devices.get(device).and_then(|device| device.bandwidth_gbs),
        Place::Ram => Some(subject.rig.host.bandwidth_gbs),
        Place::Disk => None,
    };
    let assumed = term.place == Place::Ram && subject.rig.host.bandwidth_is_assumed;
    let reached = match bandwidth {
        Some(peak) => {
            let assumed = if assumed { tr!(", assumed") } else { "" };
            tr!(
                "({percent} % of {peak} GB/s{assumed})",
                percent = format!("{:.0}", 100.0 * rate / peak),
                peak = format!("{peak:.0}"),
                assumed
            )
        }
        None => format!("{} GB/s", fixed(rate, 1)),
    };
    format!("{place}: {what} {} ÷ {reached} = {time}", bytes(term.amount))
}

fn bytes(bytes: f64) -> String {
    if bytes < 0.0995e9 {
        format!("{} MB", fixed(bytes / 1e6, 1))
    } else {
        format!("{} GB", fixed(bytes / 1e9, 2))
    }
}

fn milliseconds(seconds: f64) -> String {
    match seconds * 1e3 {
        ms if ms < 0.995 => format!("{} ms", fixed(ms, 2)),
        ms if ms < 99.5 => format!("{} ms", fixed(ms, 1)),
        ms => format!("{ms:.0} ms"),
    }
}

fn small(seconds: f64) -> String {
    format!("{:.0} µs", seconds * 1e6)
}
