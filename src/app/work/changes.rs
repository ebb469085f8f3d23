//! What changes the answer: one setting at a time.

use super::chart::why_not;
use super::chosen::Chosen;
use super::models::{cells, columns};
use super::page::{Cell, Row, Table};
use super::question::{Question, Solved};
use super::words::{Lot, amount, count, units};
use crate::estimate::cost::{BreakEven, Currency, electricity};
use crate::estimate::scenario::{CacheType, Engine};
use crate::estimate::workload::{Detail, Kind, REQUESTS_MAX};
use crate::language::tr;

/// Numbers of requests that are always shown.
const AT_ONCE: [u32; 3] = [1, 4, 16];
/// Shares of the time that are always shown.
const BUSY: [f64; 3] = [0.05, 0.2, 0.9];
/// Places whose electricity is always shown: cheap, dear.
const PLACES: [&str; 3] = ["us-nd", "us-hi", "de"];

/// One setting that is another.
struct Change {
    name: String,
    chosen: Chosen,
    cache: Option<CacheType>,
}

fn at_once_words(kind: Kind, requests: u32) -> String {
    match (kind, requests) {
        (Kind::Users, 1) => tr!("1 slot").to_owned(),
        (Kind::Users, _) => tr!("{requests} slots", requests),
        _ => tr!("{requests} at once", requests),
    }
}

fn changes(question: &Question, solved: &Solved) -> Vec<Change> {
    let chosen = &question.chosen;
    let kind = chosen.kind;
    let with = |name: String, change: &dyn Fn(&mut Chosen)| {
        let mut other = chosen.clone();
        change(&mut other);
        Change { name, chosen: other, cache: None }
    };
    // What changes money alone changes no time: as many at once as now.
    let priced = |name: String, change: &dyn Fn(&mut Chosen)| {
        with(name, &|other| {
            if kind != Kind::Completion {
                other.at_once = Some(solved.answer.requests);
            }
            change(other);
        })
    };
    let mut all = Vec::new();
    if kind != Kind::Completion {
        for requests in AT_ONCE.into_iter().filter(|requests| *requests != solved.answer.requests) {
            let name = at_once_words(kind, requests);
            all.push(with(name, &|other| other.at_once = Some(requests)));
        }
    }
    if question.scenario.engine == Engine::LlamaCpp && question.scenario.cache_k == CacheType::F16 {
        let mut half = with(tr!("Cache in 8 bits").to_owned(), &|_| ());
        half.cache = Some(CacheType::Q8_0);
        all.push(half);
    }
    all.push(with(tr!("Answers twice as long").to_owned(), &|other| {
        let mut work = other.work();
        let key = if kind == Kind::Chat { "reply" } else { "output" };
        // An answer that is too long stays as it is, and then nothing changes.
        if let Some(tokens) = work.value(key)
            && work.set(key, tokens * 2.0).is_ok()
        {
            other.set_work(&work);
        }
    }));
    for share in BUSY.into_iter().filter(|share| (solved.effective.utilization.0 - share).abs() > 1e-9) {
        all.push(priced(
            tr!("Busy {share} % of the time", share = format!("{:.0}", share * 100.0)),
            &|other| {
                other.utilization = Some(share);
            },
        ));
    }
    for place in PLACES.into_iter().filter(|place| *place != chosen.place).filter_map(electricity::place) {
        // A place with another currency can be compared only where its rate is known.
        if place.currency != Currency::Usd
            && (place.currency != chosen.currency() || chosen.exchange.is_none())
        {
            continue;
        }
        let (name, _) = place.place.split_once(" (").unwrap_or((&place.place, ""));
        let name = format!("{name}, {} {}/kWh", amount(place.per_kwh), place.currency);
        all.push(priced(name, &|other| {
            other.place.clone_from(&place.id);
            other.per_kwh = None;
        }));
    }
    if solved.effective.price.0.is_some_and(|price| price > 0.0) {
        all.push(priced(tr!("Card already owned").to_owned(), &|other| {
            (other.price, other.resale) = (Some(0.0), Some(0.0));
        }));
    }
    all
}

/// "75", "at once", "never".
fn even(found: &BreakEven) -> Cell {
    let weak = |text: &str| Cell { text: text.to_owned(), weak: true };
    match found {
        BreakEven::After { units, .. } => Cell { text: count(units.p50.ceil()), weak: false },
        BreakEven::AtOnce => Cell { text: tr!("at once").to_owned(), weak: false },
        BreakEven::Never => weak(tr!("never")),
        BreakEven::NotInLife { .. } => weak(tr!("not in its life")),
        BreakEven::Unknown(_) => weak(tr!("n/a")),
    }
}

/// Columns that the names of the rows say already, or that no setting moves: the score is the first.
const fn named_columns(kind: Kind) -> usize {
    match kind {
        Kind::Batch | Kind::Users => 2,
        Kind::Chat | Kind::Agent | Kind::Completion => 1,
    }
}

/// Columns of the table: those of the models that a setting moves, without the API price, which none moves.
fn heads(kind: Kind) -> Vec<String> {
    let mut all = columns(kind);
    all.pop();
    all.drain(..named_columns(kind));
    all.extend([tr!("USD all in").to_owned(), tr!("even after").to_owned()]);
    all
}

fn row(question: &Question, name: String, solved: &Solved, present: bool) -> Row {
    let kind = question.chosen.kind;
    let mut all = cells(question, solved);
    all.pop();
    all.drain(..named_columns(kind));
    let bill = solved.bill.as_ref();
    let lot = Lot::of(kind);
    let all_in = bill.and_then(|bill| bill.all_in).map(|money| amount(lot.price(money).amount.p50));
    all.push(Cell { weak: all_in.is_none(), text: all_in.unwrap_or_else(|| tr!("n/a").to_owned()) });
    let why = bill.map_or_else(String::new, |bill| why_not(&bill.break_even, kind));
    all.push(bill.map_or(Cell { text: tr!("n/a").to_owned(), weak: true }, |bill| even(&bill.break_even)));
    Row { class: None, name, note: String::new(), cells: all, present, pick: None, more: why }
}

/// The table: the present setting first.
pub(super) fn table(question: &Question, solved: &Solved, is_stale: &dyn Fn() -> bool) -> Option<Table> {
    let kind = question.chosen.kind;
    let as_set = if kind == Kind::Completion {
        tr!("As set").to_owned()
    } else {
        tr!("{requests}, as set", requests = at_once_words(kind, solved.answer.requests))
    };
    let mut rows = vec![row(question, as_set, solved, true)];
    for change in changes(question, solved) {
        if is_stale() {
            return None;
        }
        let mut other = Question { chosen: change.chosen, ..question.clone() };
        if let Some(cache) = change.cache {
            (other.scenario.cache_k, other.scenario.cache_v) = (cache, cache);
        }
        match other.solve(solved.model, solved.level, Detail::Rough) {
            Ok(found) => {
                let name = match change.cache {
                    Some(_) if kind == Kind::Batch => {
                        tr!(
                            "{name}, {requests} at once",
                            name = change.name,
                            requests = found.answer.requests
                        )
                    }
                    _ => change.name,
                };
                rows.push(row(&other, name, &found, false));
            }
            Err(problem) => {
                let count = heads(kind).len();
                let mut cells = vec![Cell { text: "–".to_owned(), weak: true }; count];
                if let Some(first) = cells.first_mut() {
                    tr!("does not fit").clone_into(&mut first.text);
                }
                let more = problem.to_string();
                let name = change.name;
                rows.push(Row {
                    class: None,
                    name,
                    note: String::new(),
                    cells,
                    present: false,
                    pick: None,
                    more,
                });
            }
        }
    }
    Some(Table {
        title: tr!("What changes it").to_owned(),
        columns: heads(kind),
        rows,
        note: tr!(
            "{usd}; all in: with a share of the price and of the hours in which it waits. Even after so many \
             {units}. Requests at once: at most {most}.",
            usd = Lot::of(kind).usd(),
            units = units(kind),
            most = REQUESTS_MAX
        ),
    })
}
