//! Ways out in words: rows of the card "To make it fit", and the longest context by type of cache.

use crate::estimate::scenario::CacheType;
use crate::estimate::ways::{Cards, Change, Goal, Way, held};
use crate::estimate::{Brief, FitClass, Range, Scenario, Ways, quality};
use crate::language::{fixed, tr};
use crate::quant::Level;
use crate::quant::quality::cache::CacheLoss;
use crate::units::{Bytes, gib_text, rate_text, thousands, tokens_text};

use super::Subject;
use super::memory::precise;

/// The card of ways out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WaysOut {
    /// "To keep it on the GPU", "To make it fit", "To make it faster".
    pub title: &'static str,
    /// The ways, what costs least first; may be empty.
    pub rows: Vec<WayOut>,
    /// Longest contexts.
    pub contexts: Contexts,
    /// One more card, for a model that is not wholly on the GPUs and a machine that takes one.
    pub one_more: Option<Cards>,
}

/// One way out, in words.
#[derive(Clone, Debug, PartialEq)]
pub struct WayOut {
    /// Verdict once the change is made.
    pub class: FitClass,
    /// What is changed: `q8_0 cache`.
    pub what: String,
    /// What it brings: "29 tok/s, 0.4 GiB to spare".
    pub brings: String,
    /// What it costs: "−0.5 % quality".
    pub costs: String,
    /// All of it, with the figures before and after.
    pub why: String,
    /// The changes, to be made by a click.
    pub changes: Vec<Change>,
}

/// The longest context by type of cache.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contexts {
    /// Types of cache: `f16`, `q8_0`.
    pub types: Vec<&'static str>,
    /// Where the model is, and the longest context with each type; `None`: not even 256 tokens. Empty where
    /// nothing fits at all.
    pub rows: Vec<(&'static str, Vec<Option<String>>)>,
    /// What the figures are.
    pub why: String,
}

pub(super) fn ways(subject: &Subject<'_>, level: Level) -> WaysOut {
    let Subject { estimator, model, scenario, rig } = *subject;
    let Ok(ways) = Ways::find(estimator, model, level, scenario, rig) else { return WaysOut::default() };
    WaysOut {
        title: match ways.goal {
            Goal::OnGpu if rig.devices.len() > 1 => tr!("To keep it on the GPUs"),
            Goal::OnGpu => tr!("To keep it on the GPU"),
            Goal::Fit => tr!("To make it fit"),
            Goal::Faster => tr!("To make it faster"),
        },
        rows: ways.ways.iter().map(|way| row(subject, &ways, way)).collect(),
        contexts: contexts(subject, &ways),
        one_more: (ways.present.class > FitClass::Tight).then(|| one_more(subject, &ways)).flatten(),
    }
}

/// The single card of a way out where there is one, else one like the largest that is there.
fn one_more(subject: &Subject<'_>, ways: &Ways) -> Option<Cards> {
    let single = ways.ways.iter().flat_map(|way| &way.changes).find_map(|change| match change {
        Change::Cards(cards) if cards.count == 1 => Some(cards.clone()),
        _ => None,
    });
    single.or_else(|| crate::estimate::ways::one_more(subject.rig))
}

fn row(subject: &Subject<'_>, ways: &Ways, way: &Way) -> WayOut {
    let what: Vec<String> = way.changes.iter().map(|change| what(subject, change)).collect();
    let costs: Vec<String> = way.changes.iter().map(|change| costs(subject, ways, way, change)).collect();
    WayOut {
        class: way.after.class,
        what: what.join(tr!(" and ")),
        brings: brings(ways, way),
        costs: costs.join(", "),
        why: why(subject, ways, way),
        changes: way.changes.clone(),
    }
}

fn what(subject: &Subject<'_>, change: &Change) -> String {
    match change {
        Change::CloseOthers => tr!("Close other programs").to_owned(),
        Change::FreePlacement => tr!("Placement by memory").to_owned(),
        Change::ExpertsToRam(blocks) => tr!("Experts of {blocks} layers to RAM", blocks),
        Change::Engine(engine) => engine.title().to_owned(),
        Change::Cache(kind) => tr!("{name} cache", name = kind.name()),
        Change::Level(level) => level.to_string(),
        Change::Context(context) => tr!("{context} context", context = tokens_text(u64::from(*context))),
        Change::Requests(1) => tr!("1 request at once").to_owned(),
        Change::Requests(requests) => tr!("{requests} requests at once", requests),
        Change::Cards(cards) => added(subject, cards),
        Change::Ram(total) => tr!("{total} of RAM", total = whole_gib(*total)),
    }
}

/// "A second RTX 3090", "2 × RTX PRO 6000 added".
fn added(subject: &Subject<'_>, cards: &Cards) -> String {
    let name = cards.device.short_name();
    let there = subject.rig.devices.iter().filter(|device| device.name == cards.device.name).count();
    match (cards.same, cards.count, there) {
        (true, 1, 1) => tr!("A second {name}", name),
        (_, 1, _) => tr!("{name} added", name),
        (_, count, _) => tr!("{count} × {name} added", count, name),
    }
}

fn whole_gib(size: Bytes) -> String {
    format!("{:.0} GiB", size.gib())
}

fn rate(range: Option<Range>) -> Option<String> {
    range.map(|range| format!("{} tok/s", rate_text(range.p50)))
}

/// Speed, and what it does for memory.
fn brings(ways: &Ways, way: &Way) -> String {
    let (before, after) = (&ways.present, &way.after);
    let mut parts: Vec<String> = rate(after.decode).into_iter().collect();
    let in_ram = |brief: &Brief| brief.need - brief.on_gpu;
    let less_in_ram = in_ram(before) - in_ram(after);
    let spare = Bytes(after.margin_bytes.max(0).unsigned_abs());
    if way.missing > Bytes::ZERO {
        parts.push(tr!("{missing} still missing", missing = rounded(way.missing)));
    } else if after.class <= FitClass::Tight {
        parts.push(tr!("{spare} to spare", spare = small(spare)));
    } else if before.class.runs() && less_in_ram.gib() >= 0.1 {
        parts.push(tr!("{less_in_ram} less in RAM", less_in_ram = rounded(less_in_ram)));
    }
    parts.join(", ")
}

/// A size for a row that says how much, not whether it fits: no decimals from 10 GiB.
fn rounded(size: Bytes) -> String {
    if size.gib() < 9.95 { size.to_string() } else { whole_gib(size) }
}

/// A size for a row: MiB below a tenth of a GiB.
fn small(size: Bytes) -> String {
    if size.gib() < 0.095 { precise(size) } else { size.to_string() }
}

fn costs(subject: &Subject<'_>, ways: &Ways, way: &Way, change: &Change) -> String {
    match change {
        Change::CloseOthers => {
            tr!("they hold {rig}", rig = small(held(subject.rig)))
        }
        Change::FreePlacement => tr!("the asked placement").to_owned(),
        Change::ExpertsToRam(_) => tr!("slower than the GPU").to_owned(),
        Change::Engine(_) => {
            tr!("instead of {engine}", engine = subject.scenario.engine.title())
        }
        Change::Cache(kind) => loss(subject, *kind).map_or_else(String::new, |loss| in_short(&loss, *kind)),
        Change::Level(_) => {
            let lost = 100.0 * way.quality_lost(&ways.present);
            let rough = way.after.quality.mid.is_none();
            match lost {
                lost if lost < 0.05 => tr!("no quality lost").to_owned(),
                lost if rough || lost >= 9.95 => tr!("about −{lost} % quality", lost = format!("{lost:.0}")),
                lost => tr!("−{lost} % quality", lost = fixed(lost, 1)),
            }
        }
        Change::Context(_) => {
            tr!("instead of {context}", context = tokens_text(u64::from(subject.scenario.context)))
        }
        Change::Requests(_) => tr!("instead of {concurrency}", concurrency = subject.scenario.concurrency),
        Change::Cards(cards) => match &cards.launch_price {
            Some((price, _)) => {
                tr!("{count} USD at launch", count = thousands(price * f64::from(cards.count)))
            }
            None => tr!("price n/a").to_owned(),
        },
        Change::Ram(total) => {
            tr!("{capacity} more, price n/a", capacity = whole_gib(*total - subject.rig.host.capacity))
        }
    }
}

/// What is known of the loss by a type of cache.
fn loss(subject: &Subject<'_>, kind: CacheType) -> Option<CacheLoss> {
    let scenario = Scenario { cache_k: kind, cache_v: kind, ..subject.scenario.clone() };
    quality::cache_loss(subject.model, &scenario)
}

/// The judgement alone: "usually safe" of `q8_0: usually safe, check Gemma 4`.
fn in_short(loss: &CacheLoss, kind: CacheType) -> String {
    let words = loss.statement.trim_start_matches(kind.name()).trim_start_matches([':', ' ']);
    words.split(',').next().unwrap_or(words).to_owned()
}

fn why(subject: &Subject<'_>, ways: &Ways, way: &Way) -> String {
    let (before, after) = (&ways.present, &way.after);
    let mut lines = vec![tr!(
        "{class}: {need} needed instead of {before}",
        class = after.class.word(),
        need = after.need,
        before = before.need
    )];
    lines.push(match (after.decode, before.decode) {
        (Some(after), Some(before)) => tr!(
            "Decode {rate} tok/s ({low} to {high}) instead of {before}",
            rate = rate_text(after.p50),
            low = rate_text(after.p10),
            high = rate_text(after.p90),
            before = rate_text(before.p50)
        ),
        (Some(after), None) => tr!(
            "Decode {rate} tok/s ({low} to {high})",
            rate = rate_text(after.p50),
            low = rate_text(after.p10),
            high = rate_text(after.p90)
        ),
        (None, _) => tr!("No decode speed is known").to_owned(),
    });
    for change in &way.changes {
        lines.extend(reasons(subject, ways, way, change));
    }
    if way.missing > Bytes::ZERO {
        lines.push(tr!("It only helps: {missing} of memory are still missing", missing = way.missing));
    }
    lines.push(if way.changes.iter().any(Change::is_of_machine) {
        tr!("Click to see this computer so; Reset at the top or Ctrl+Z takes it back").to_owned()
    } else {
        tr!("Click to try it; Ctrl+Z takes it back").to_owned()
    });
    lines.join("\n")
}

fn reasons(subject: &Subject<'_>, ways: &Ways, way: &Way, change: &Change) -> Vec<String> {
    match change {
        Change::Level(_) => vec![kept(ways, way)],
        Change::Cache(kind) => {
            loss(subject, *kind).into_iter().flat_map(|loss| [loss.statement, loss.basis]).collect()
        }
        Change::Cards(cards) => {
            let mut lines = vec![tr!(
                "{capacity} each, of which {free} are free without a desktop",
                capacity = cards.device.capacity,
                free = cards.device.free
            )];
            lines.push(match &cards.launch_price {
                Some((price, month)) => tr!(
                    "Price at launch in {month}: {price} USD each; today's is not known",
                    month,
                    price = thousands(*price)
                ),
                None => tr!("Its price is not known").to_owned(),
            });
            lines
        }
        Change::Ram(_) => {
            vec![tr!(
                "Counted as fast as the present {bandwidth_gbs} GB/s",
                bandwidth_gbs = format!("{:.0}", subject.rig.host.bandwidth_gbs)
            )]
        }
        Change::CloseOthers => {
            let each = subject.rig.devices.iter().filter_map(|device| {
                let held = device.used_by_others.filter(|held| *held > Bytes::ZERO)?;
                Some(tr!(
                    "Held by other programs on {short_name}: {held}",
                    short_name = device.short_name(),
                    held = precise(held)
                ))
            });
            each.collect()
        }
        Change::Engine(_) => {
            vec![tr!("It keeps in RAM what the GPU does not hold").to_owned(), kept(ways, way)]
        }
        Change::Context(_) | Change::Requests(_) | Change::ExpertsToRam(_) | Change::FreePlacement => {
            Vec::new()
        }
    }
}

/// Quality before and after.
fn kept(ways: &Ways, way: &Way) -> String {
    let (before, after) = (&ways.present.quality, &way.after.quality);
    tr!(
        "Quality kept {after} % ({band}), {basis}; now {before} %",
        after = after.text(),
        band = after.band_text(),
        basis = after.basis().text(),
        before = before.text()
    )
}

fn contexts(subject: &Subject<'_>, ways: &Ways) -> Contexts {
    let tokens = |context: Option<u32>| context.map(|context| tokens_text(u64::from(context)));
    let all = &ways.contexts;
    let with_ram: Vec<Option<String>> = all.iter().map(|longest| tokens(longest.with_ram)).collect();
    let on_gpu: Vec<Option<String>> = all.iter().map(|longest| tokens(longest.on_gpu)).collect();
    let rows = if with_ram.iter().all(Option::is_none) {
        Vec::new()
    } else if subject.rig.devices.is_empty() {
        vec![(tr!("in RAM"), with_ram)]
    } else if on_gpu == with_ram {
        vec![(tr!("on the GPU"), on_gpu)]
    } else {
        vec![(tr!("on the GPU"), on_gpu), (tr!("with RAM"), with_ram)]
    };
    let limit = match subject.model.context_max {
        Some(trained) => {
            tr!(
                "No longer than the {trained} that it was trained for.",
                trained = tokens_text(u64::from(trained))
            )
        }
        None => tr!("Its trained context is not stated.").to_owned(),
    };
    let free = gib_text(subject.rig.device_free());
    let free = if subject.rig.devices.is_empty() {
        tr!("{free} free in RAM", free = subject.rig.host.free)
    } else {
        tr!("{free} GiB free on the GPUs, {ram} in RAM", free, ram = subject.rig.host.free)
    };
    Contexts {
        types: all.iter().map(|longest| longest.cache.name()).collect(),
        rows,
        why: tr!(
            "The longest context whose memory fits, in steps of 256 tokens, by the type of the cached keys and \
             values.\n(Free memory − weights − state − buffers) ÷ cache per token; {free}.\n{limit}",
            free,
            limit
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_and_sizes_are_short() {
        assert_eq!(thousands(1499.0), "1,499");
        assert_eq!(whole_gib(Bytes::from_gib(96.0)), "96 GiB");
        assert_eq!(small(Bytes::from_mib(51)), "51.0 MiB");
        assert_eq!(small(Bytes::from_gib(1.26)), "1.3 GiB");
    }

    #[test]
    fn a_cache_is_judged_in_a_few_words() {
        let loss = |statement: &str| CacheLoss { statement: statement.to_owned(), basis: String::new() };
        let usual = loss("q8_0: usually safe, check Gemma 4, which loses clearly by it");
        assert_eq!(in_short(&usual, CacheType::Q8_0), "usually safe");
        let own = loss("q8_0 loses clearly on this model");
        assert_eq!(in_short(&own, CacheType::Q8_0), "loses clearly on this model");
    }
}
