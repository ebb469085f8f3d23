//! Where the time of a token goes, in words.

use crate::estimate::{Place, Term, Work};
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
    let mut lines =
        vec!["Time of a token = bytes read ÷ (share reached × bandwidth) + layers × overhead".to_owned()];
    lines.extend(terms.iter().map(|term| line(subject, &names, term)));
    let all: f64 = terms.iter().map(Term::seconds).sum();
    let requests = scenario.concurrency.max(1);
    let rate = rate_text(f64::from(requests) / all);
    lines.push(match requests {
        1 => format!("Together {}: {rate} tok/s", milliseconds(all)),
        n => format!("Together {} for {n} requests at once: {rate} tok/s", milliseconds(all)),
    });
    lines
}

fn line(subject: &Subject<'_>, names: &[String], term: &Term) -> String {
    let time = milliseconds(term.seconds());
    let place = match term.place {
        Place::Device(device) => names.get(device).map_or("GPU", String::as_str),
        Place::Ram => "RAM",
        Place::Disk => "Disk",
    };
    let what = match term.work {
        Work::Weights => "weights",
        Work::Experts => "experts",
        Work::Cache => "cache",
        Work::Layers => {
            return format!("{place}: {:.0} layers × {} = {time}", term.amount, small(term.each_s));
        }
        Work::Hops => {
            return format!("{place}: {:.0} hops × {} = {time}", term.amount, small(term.each_s));
        }
        Work::Attention => {
            return format!("{place}: attention, {:.2} GFLOP = {time}", term.amount / 1e9);
        }
        Work::Boundaries => {
            return format!("Between GPUs: {:.0} × {} = {time}", term.amount, small(term.each_s));
        }
        Work::Token => return format!("Each token: {time}"),
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
            let assumed = if assumed { ", assumed" } else { "" };
            format!("({:.0} % of {peak:.0} GB/s{assumed})", 100.0 * rate / peak)
        }
        None => format!("{rate:.1} GB/s"),
    };
    format!("{place}: {what} {} ÷ {reached} = {time}", bytes(term.amount))
}

fn bytes(bytes: f64) -> String {
    if bytes < 0.0995e9 { format!("{:.1} MB", bytes / 1e6) } else { format!("{:.2} GB", bytes / 1e9) }
}

fn milliseconds(seconds: f64) -> String {
    match seconds * 1e3 {
        ms if ms < 0.995 => format!("{ms:.2} ms"),
        ms if ms < 99.5 => format!("{ms:.1} ms"),
        ms => format!("{ms:.0} ms"),
    }
}

fn small(seconds: f64) -> String {
    format!("{:.0} µs", seconds * 1e6)
}
