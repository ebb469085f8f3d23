//! The values of the page as texts: what they are called, what they may be, and what is wrong with what was typed.

use super::chosen::{Chosen, DAY_MIN, WORDS_MAX};
use super::effective::Effective;
use crate::estimate::workload::check::{self, Bounds};
use crate::estimate::workload::{Kind, REQUESTS_MAX, tokens};
use crate::language::{localized, text as in_language, tr};
use crate::units::thousands;

/// A value that can be typed.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Name, as the text form writes it.
    pub key: &'static str,
    /// Words before it.
    pub label: &'static str,
    /// Unit, inside at its end.
    pub unit: String,
    /// What stands in it.
    pub text: String,
    /// What is wrong with it.
    pub error: Option<String>,
    /// Where the value comes from, where it was not typed.
    pub source: String,
}

const fn real(field: &'static str, least: f64, most: f64) -> Bounds {
    Bounds { field, least, most, whole: false }
}

/// Bounds of the values that are not of a workload.
const OTHERS: [Bounds; 15] = [
    real("pages", 0.01, 100_000.0),
    real("page_tokens", 1.0, 100_000.0),
    Bounds { field: "at_once", least: 1.0, most: REQUESTS_MAX as f64, whole: true },
    real("per_kwh", 0.0, 10.0),
    real("exchange", 0.001, 1000.0),
    real("price", 0.0, 10_000_000.0),
    real("resale", 0.0, 10_000_000.0),
    real("years", 0.1, 50.0),
    real("utilization", 0.001, 1.0),
    real("watts", 1.0, 100_000.0),
    real("idle", 0.0, 100_000.0),
    real("rented", 0.0, 10_000.0),
    real("api_in", 0.0, 10_000.0),
    real("api_kept", 0.0, 10_000.0),
    real("api_out", 0.0, 10_000.0),
];

/// What a value that is not of a workload may be.
pub(super) fn bounds(key: &str) -> Option<&'static Bounds> {
    OTHERS.iter().find(|known| known.field == key)
}

/// Names of the values that are not of a workload.
pub fn other_keys() -> impl Iterator<Item = &'static str> {
    OTHERS.iter().map(|known| known.field)
}

/// A value of a kind of work, or of all, by its name.
pub fn key(kind: Kind, name: &str) -> Option<&'static str> {
    let of_kind = check::bounds(kind).iter().map(|known| known.field);
    of_kind.chain(other_keys()).chain(["start", "deadline"]).find(|known| *known == name)
}

/// Values that may be left empty: then what is known or usual counts.
const OPTIONAL: [&str; 12] = [
    "at_once",
    "per_kwh",
    "exchange",
    "price",
    "resale",
    "utilization",
    "watts",
    "idle",
    "rented",
    "api_in",
    "api_kept",
    "api_out",
];

/// A number as it stands in a field.
pub(super) fn plain(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() < 1e12 {
        return thousands(value);
    }
    // Enough digits for any price, and no tail of binary fractions.
    let text = format!("{value:.6}");
    localized(text.trim_end_matches('0').trim_end_matches('.').to_owned())
}

/// Minutes after midnight as a clock shows them: "20:00".
pub fn clock(minutes: u32) -> String {
    format!("{:02}:{:02}", minutes / 60 % 24, minutes % 60)
}

fn read_clock(text: &str) -> Result<u32, String> {
    let (hours, minutes) = text.trim().split_once([':', '.', 'h']).unwrap_or((text.trim(), "0"));
    let part = |text: &str, most: u32| text.trim().parse::<u32>().ok().filter(|value| *value <= most);
    let minutes = if minutes.is_empty() { "0" } else { minutes };
    let (hours, minutes) =
        part(hours, 24).zip(part(minutes, 59)).ok_or_else(|| tr!("a time of day, such as 20:00"))?;
    Ok((hours * 60 + minutes) % DAY_MIN)
}

fn read_number(key: &str, text: &str) -> Result<f64, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err(tr!("a number is needed").to_owned());
    }
    let is_share = ["kept", "utilization"].contains(&key);
    let digits = text.strip_suffix('%').map_or(text, str::trim);
    let value = match digits.strip_prefix(['-', '−']) {
        Some(rest) => tokens::number(rest).map(|value| -value),
        None => tokens::number(digits),
    };
    let value = value.ok_or_else(|| tr!("this is not a number").to_owned())?;
    // Shares are typed in percent, and so are their bounds.
    match key {
        _ if !is_share => Ok(value),
        _ if value > 100.0 => Err(tr!("at most 100 %").to_owned()),
        "utilization" if (0.0..0.1).contains(&value) => Err(tr!("at least 0.1 %").to_owned()),
        _ => Ok(value / 100.0),
    }
}

/// Sets a value from what was typed.
///
/// # Errors
/// What is wrong with it, for the line under the field; nothing has changed.
pub fn set(chosen: &mut Chosen, key: &str, text: &str) -> Result<(), String> {
    match key {
        "start" => return read_clock(text).map(|minutes| chosen.start = minutes),
        "deadline" => return read_clock(text).map(|minutes| chosen.deadline = minutes),
        "words" => return set_words(chosen, text),
        _ => {}
    }
    let value = if text.trim().is_empty() && OPTIONAL.contains(&key) {
        None
    } else {
        let value = read_number(key, text)?;
        if let Some(known) = bounds(key) {
            known.check(value)?;
        }
        Some(value)
    };
    match (key, value) {
        ("pages", pages) => {
            chosen.pages = pages;
            chosen.count_pages();
        }
        ("page_tokens", Some(page)) => {
            chosen.page_tokens = page;
            chosen.count_pages();
        }
        ("at_once", value) => chosen.at_once = value.map(|requests| requests as u32),
        ("per_kwh", value) => chosen.per_kwh = value,
        ("exchange", value) => chosen.exchange = value,
        ("price", value) => chosen.price = value,
        ("resale", value) => chosen.resale = value,
        ("years", Some(years)) => chosen.years = years,
        ("utilization", value) => chosen.utilization = value,
        ("watts", value) => chosen.watts = value,
        ("idle", value) => chosen.idle = value,
        ("rented", value) => chosen.rented = value,
        ("api_in", value) => chosen.api[0] = value,
        ("api_kept", value) => chosen.api[1] = value,
        ("api_out", value) => chosen.api[2] = value,
        (key, Some(value)) => {
            let mut work = chosen.work();
            work.set(key, value)?;
            check::check(&work).map_err(|problem| problem.to_string())?;
            chosen.set_work(&work);
            if key == "input" {
                chosen.pages = None;
            }
        }
        (_, None) => {}
    }
    Ok(())
}

/// The batch in a person's words.
fn set_words(chosen: &mut Chosen, text: &str) -> Result<(), String> {
    let text: String = text.chars().take(WORDS_MAX).collect();
    if text.trim().is_empty() {
        chosen.words = text;
        return Ok(());
    }
    let said = tokens::read(&text).map_err(|why| in_language(why).to_owned())?;
    let mut batch = chosen.batch;
    let bounds = check::bounds(Kind::Batch);
    let checked = |key: &str, value: f64| {
        let known = bounds.iter().find(|known| known.field == key).ok_or_else(String::new)?;
        let name = match key {
            "items" => tr!("items"),
            "input" => tr!("input"),
            _ => tr!("output"),
        };
        known.check(value.round()).map_err(|message| format!("{name}: {message}"))
    };
    if let Some(items) = said.items {
        batch.items = checked("items", items)? as u64;
    }
    if let Some(input) = said.input() {
        batch.input = checked("input", input)? as u32;
    }
    if let Some(output) = said.output() {
        batch.output = checked("output", output)? as u32;
    }
    chosen.batch = batch;
    chosen.words = text;
    if let Some(name) = said.name {
        chosen.items = name;
    }
    match said.length {
        Some((pages, tokens::Unit::Pages)) => {
            chosen.pages = Some(pages);
            chosen.count_pages();
        }
        Some(_) => chosen.pages = None,
        None => {}
    }
    Ok(())
}

/// What was assumed of the text that was typed; empty: nothing.
pub(super) fn assumed_of_words(text: &str) -> String {
    let Ok(said) = tokens::read(text) else { return String::new() };
    let mut all: Vec<String> = Vec::new();
    for (_, unit) in said.length.into_iter().chain(said.answer) {
        let words = unit.assumption();
        if !all.contains(&words) && unit != tokens::Unit::Tokens {
            all.push(words);
        }
    }
    all.join("; ")
}

/// A field without a unit.
pub(super) fn named(key: &'static str, label: &'static str, text: String) -> Field {
    field(key, label, "", text)
}

fn field(key: &'static str, label: &'static str, unit: impl Into<String>, text: String) -> Field {
    Field { key, label, unit: unit.into(), text, error: None, source: String::new() }
}

/// The values of the work itself.
pub(super) fn of_work(chosen: &Chosen) -> Vec<Field> {
    let work = chosen.work();
    let value = |key: &'static str, label, unit: &str| {
        let value = work.value(key).unwrap_or(0.0);
        let value = if key == "kept" { value * 100.0 } else { value };
        field(key, label, unit, plain(value))
    };
    match chosen.kind {
        Kind::Chat => vec![
            value("history", tr!("Before"), tr!("tokens")),
            value("message", tr!("Message"), tr!("tokens")),
            value("reply", tr!("Answer"), tr!("tokens")),
            value("kept", tr!("Kept in cache"), "%"),
        ],
        Kind::Batch => {
            let mut all = vec![value("items", tr!("Items"), &chosen.items_words())];
            match chosen.pages {
                Some(pages) => {
                    all.push(field("pages", tr!("Each has"), tr!("pages"), plain(pages)));
                    all.push(field(
                        "page_tokens",
                        tr!("A page is"),
                        tr!("tokens"),
                        plain(chosen.page_tokens),
                    ));
                }
                None => all.push(value("input", tr!("Each has"), tr!("tokens"))),
            }
            all.push(value("output", tr!("Answer"), tr!("tokens")));
            all.push(value("shared", tr!("Same prompt"), tr!("tokens")));
            all
        }
        Kind::Agent => vec![
            value("turns", tr!("Turns"), tr!("turns")),
            value("first", tr!("First prompt"), tr!("tokens")),
            value("new", tr!("New a turn"), tr!("tokens")),
            value("output", tr!("Answer"), tr!("tokens")),
            value("kept", tr!("Kept in cache"), "%"),
        ],
        Kind::Users => vec![
            value("per_minute", tr!("Requests"), tr!("a minute")),
            value("input", tr!("Prompt"), tr!("tokens")),
            value("shared", tr!("Same prompt"), tr!("tokens")),
            value("output", tr!("Answer"), tr!("tokens")),
            value("target_s", tr!("First token in"), "s"),
        ],
        Kind::Completion => vec![
            value("context", tr!("File around"), tr!("tokens")),
            value("changed", tr!("Changed"), tr!("tokens")),
            value("output", tr!("Suggestion"), tr!("tokens")),
            value("target_s", tr!("Ready in"), "s"),
            value("per_day", tr!("Suggestions"), tr!("a day")),
        ],
    }
}

/// Times, prices and power; `effective`: what counts where nothing was typed.
pub(super) fn of_costs(chosen: &Chosen, effective: &Effective) -> Vec<Field> {
    let known = |value: Option<f64>| value.map(plain).unwrap_or_default();
    let with = |mut field: Field, source: &str| {
        source.clone_into(&mut field.source);
        field
    };
    let code = chosen.currency().code();
    let mut all =
        vec![with(field("per_kwh", "A kWh", code, plain(effective.per_kwh.0)), &effective.per_kwh.1)];
    if chosen.currency() != crate::estimate::cost::Currency::Usd {
        let unit = "USD";
        let label = if code == "EUR" { tr!("1 EUR is") } else { tr!("1 GBP is") };
        let source =
            if chosen.exchange.is_some() { tr!("as you say") } else { tr!("not known: type today's") };
        all.push(with(field("exchange", label, unit, known(chosen.exchange)), source));
    }
    all.extend([
        with(field("watts", tr!("At the wall"), "W", known(effective.watts.0)), &effective.watts.1),
        with(field("idle", tr!("Waiting"), "W", known(effective.idle.0)), &effective.idle.1),
        with(field("price", tr!("Card"), "USD", known(effective.price.0)), &effective.price.1),
        with(field("resale", tr!("Worth later"), "USD", known(effective.resale.0)), &effective.resale.1),
        field("years", tr!("Used for"), tr!("years"), plain(chosen.years)),
        with(
            field(
                "utilization",
                tr!("Busy"),
                "%",
                plain((effective.utilization.0 * 100.0 * 10.0).round() / 10.0),
            ),
            &effective.utilization.1,
        ),
        with(
            field("rented", tr!("Rented"), "USD/h", known(chosen.rented)),
            if chosen.rented.is_some() { tr!("as you say") } else { tr!("no price is known: type one") },
        ),
        with(field("api_in", tr!("API, read"), "USD/M", known(effective.api[0])), &effective.api_source),
        with(field("api_kept", tr!("API, kept"), "USD/M", known(effective.api[1])), &effective.api_source),
        with(field("api_out", tr!("API, written"), "USD/M", known(effective.api[2])), &effective.api_source),
    ]);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nonsense_is_refused_and_changes_nothing() {
        let before = Chosen::default();
        for kind in Kind::ALL.map(|(kind, _)| kind) {
            let mut chosen = Chosen { kind, ..before.clone() };
            let same = chosen.clone();
            let of_work: Vec<&'static str> = of_work(&chosen).into_iter().map(|field| field.key).collect();
            for key in of_work.iter().copied().chain(other_keys()).chain(["start", "deadline"]) {
                for nonsense in ["-1", "NaN", "inf", "1e999", "99999999999999999999", "many", "1,5"] {
                    assert!(set(&mut chosen, key, nonsense).is_err(), "{key} = {nonsense}");
                }
                if !OPTIONAL.contains(&key) && key != "pages" {
                    assert!(set(&mut chosen, key, "").is_err(), "{key} = nothing");
                }
                assert_eq!(chosen, same, "{key}");
            }
        }
    }

    #[test]
    fn words_fill_the_fields() {
        let mut chosen = Chosen::default();
        set(&mut chosen, "words", "800 invoices of 2 pages, answers of 30 words").unwrap();
        assert_eq!((chosen.batch.items, chosen.batch.input, chosen.batch.output), (800, 1040, 40));
        assert_eq!((chosen.items.as_str(), chosen.pages), ("invoices", Some(2.0)));
        set(&mut chosen, "pages", "3").unwrap();
        assert_eq!(chosen.batch.input, 1560);
        set(&mut chosen, "words", "5000 emails of 150 words").unwrap();
        assert_eq!((chosen.batch.items, chosen.batch.input, chosen.pages), (5000, 200, None));
        assert!(assumed_of_words("5000 emails of 150 words").contains("tokens a word"));
        let before = chosen.clone();
        assert!(set(&mut chosen, "words", "some emails").is_err());
        assert!(set(&mut chosen, "words", "0 emails of 2 pages").is_err());
        assert!(set(&mut chosen, "words", "5 books of 900000 pages").is_err());
        assert_eq!(chosen, before);
    }

    #[test]
    fn times_shares_and_empty_fields() {
        let mut chosen = Chosen::default();
        set(&mut chosen, "start", "7:30").unwrap();
        set(&mut chosen, "deadline", "7").unwrap();
        assert_eq!(
            (clock(chosen.start), chosen.minutes_until_deadline()),
            ("07:30".to_owned(), 23 * 60 + 30)
        );
        assert!(set(&mut chosen, "start", "25:00").is_err() && set(&mut chosen, "start", "7:61").is_err());
        set(&mut chosen, "utilization", "5 %").unwrap();
        assert_eq!(chosen.utilization, Some(0.05));
        assert_eq!(set(&mut chosen, "utilization", "101"), Err("at most 100 %".to_owned()));
        set(&mut chosen, "utilization", "").unwrap();
        assert_eq!(chosen.utilization, None);
        set(&mut chosen, "items", "12,000").unwrap();
        assert_eq!(chosen.batch.items, 12_000);
    }
}
