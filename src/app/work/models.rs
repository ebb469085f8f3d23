//! Models for the work on the machine: one of each family, the largest that is in time.

use super::page::{Cell, Row, Table};
use super::question::{Question, Solved};
use super::words::{amount, duration, short_time};
use crate::app::best::READING_SPEED;
use crate::estimate::workload::{Detail, Kind, Of};
use crate::model::{Model, ModelId};
use crate::units::rate_text;

/// Rows, the model that is looked at too.
const ROWS: usize = 9;
/// Families that are looked at, those with most downloads.
const FAMILIES: usize = 14;
/// Models of a family that are tried, largest first.
const TRIED: usize = 3;
/// A model that is so many months older than the newest is no advice.
const MONTHS: u32 = 24;

/// Months since the year 0 of "2025-07".
fn months(date: &str) -> Option<u32> {
    let (year, month) = date.split_once('-')?;
    Some(year.parse::<u32>().ok()? * 12 + month.get(..2)?.parse::<u32>().ok()?)
}

/// Whether the work is done in time, or fast enough for people.
pub(super) fn in_time(question: &Question, solved: &Solved) -> bool {
    let chosen = &question.chosen;
    match &solved.answer.of {
        Of::Batch(batch) => batch.seconds.p50 <= f64::from(chosen.minutes_until_deadline()) * 60.0,
        Of::Users(users) => users.in_time,
        Of::Completion(completion) => completion.whole.p50 <= chosen.completion.target_s,
        Of::Chat(_) | Of::Agent(_) => solved.answer.reading_rate.p50 >= READING_SPEED,
    }
}

/// Families with their base models, largest first.
fn families(question: &Question) -> Vec<Vec<ModelId>> {
    let catalog = &question.catalog;
    let released = |model: &Model| months(&model.release_date);
    let newest = catalog.models().iter().filter_map(released).max().unwrap_or(0);
    let mut all: Vec<(&str, Vec<ModelId>)> = Vec::new();
    for base in catalog.bases() {
        let model = catalog.get(base.id);
        let is_recent = released(model).is_some_and(|month| month + MONTHS >= newest);
        if !is_recent || model.not_generating().is_some() {
            continue;
        }
        match all.iter_mut().find(|(family, _)| *family == model.family) {
            Some((_, models)) => models.push(base.id),
            None => all.push((&model.family, vec![base.id])),
        }
    }
    for (_, models) in &mut all {
        models.sort_by_key(|id| std::cmp::Reverse((catalog.get(*id).params_total, id.index())));
    }
    // What many people run they can get and get help with.
    let downloads =
        |models: &[ModelId]| -> u64 { models.iter().filter_map(|id| catalog.get(*id).hf_downloads).sum() };
    all.sort_by_key(|(family, models)| (std::cmp::Reverse(downloads(models)), *family));
    all.truncate(FAMILIES);
    all.into_iter().map(|(_, models)| models).collect()
}

/// The largest of a family that is in time; else the quickest of those that were tried.
fn best_of(question: &Question, family: &[ModelId], is_stale: &dyn Fn() -> bool) -> Option<Solved> {
    let mut late: Option<Solved> = None;
    let mut tried = 0;
    for &id in family {
        if tried == TRIED || is_stale() {
            break;
        }
        let Some(level) = question.best_level(question.catalog.get(id)) else { continue };
        let Ok(solved) = question.solve(id, level, Detail::Rough) else { continue };
        tried += 1;
        if in_time(question, &solved) {
            return Some(solved);
        }
        if late.as_ref().is_none_or(|known| solved.answer.busy.p50 < known.answer.busy.p50) {
            late = Some(solved);
        }
    }
    late
}

/// Models for the work, those that are in time first, larger ones first.
pub(super) fn candidates(question: &Question, is_stale: &dyn Fn() -> bool) -> Option<Vec<Solved>> {
    let mut found = Vec::new();
    for family in families(question) {
        if is_stale() {
            return None;
        }
        found.extend(best_of(question, &family, is_stale));
    }
    let size = |solved: &Solved| question.catalog.get(solved.model).params_total;
    found.sort_by_key(|solved| (!in_time(question, solved), std::cmp::Reverse(size(solved))));
    found.truncate(ROWS);
    Some(found)
}

/// Heads of the columns of a kind.
pub(super) fn columns(kind: Kind) -> Vec<String> {
    let heads: &[&str] = match kind {
        Kind::Batch => &["at once", "takes", "done", "USD here", "USD API"],
        Kind::Chat => &["first token", "tok/s", "USD here", "USD API"],
        Kind::Agent => &["a run", "tok/s", "USD here", "USD API"],
        Kind::Users => &["slots", "wait of 95 %", "busy", "USD here", "USD API"],
        Kind::Completion => &["ready in", "tok/s", "USD here", "USD API"],
    };
    heads.iter().map(|head| (*head).to_owned()).collect()
}

fn cell(text: String, weak: bool) -> Cell {
    Cell { text, weak }
}

/// The values of an answer, under [`columns`].
pub(super) fn cells(question: &Question, solved: &Solved) -> Vec<Cell> {
    let answer = &solved.answer;
    let late = !in_time(question, solved);
    let na = || cell("n/a".to_owned(), true);
    let home = solved.bill.as_ref().and_then(|bill| bill.electricity_usd);
    let api = solved.bill.as_ref().and_then(|bill| bill.api);
    let money = |money: Option<crate::estimate::cost::Money>| {
        money.map_or_else(na, |money| cell(amount(money.amount.p50), false))
    };
    let rate = cell(rate_text(answer.reading_rate.p50), answer.reading_rate.p50 < READING_SPEED);
    let mut all = match &answer.of {
        Of::Batch(batch) => {
            let done = short_time(question.chosen.start, batch.seconds.p50);
            let done = if late { format!("{done}, late") } else { done };
            vec![
                cell(answer.requests.to_string(), false),
                cell(duration(batch.seconds.p50), late),
                cell(done, late),
            ]
        }
        Of::Chat(_) => vec![cell(duration(answer.first_token.p50), false), rate],
        Of::Agent(agent) => vec![cell(duration(agent.seconds.p50), false), rate],
        Of::Users(users) => match users.outcomes[1] {
            Some(outcome) => {
                let wait = duration(outcome.first_token.p95);
                let wait = if late { format!("{wait}, late") } else { wait };
                vec![
                    cell(answer.requests.to_string(), false),
                    cell(wait, late),
                    cell(format!("{:.0} %", outcome.utilization * 100.0), false),
                ]
            }
            None => vec![
                cell(answer.requests.to_string(), false),
                cell("too many".to_owned(), true),
                cell("100 %".to_owned(), true),
            ],
        },
        Of::Completion(completion) => {
            let whole = duration(completion.whole.p50);
            vec![cell(if late { format!("{whole}, late") } else { whole }, late), rate]
        }
    };
    all.extend([money(home), money(api)]);
    all
}

/// The table. `present` is the model that is looked at; it has a row whatever it is.
pub(super) fn table(question: &Question, found: &[Solved], present: Option<&Solved>) -> Table {
    let mut rows: Vec<&Solved> = found.iter().collect();
    if let Some(present) = present {
        let is_there = |solved: &&Solved| solved.model == present.model;
        if let Some(place) = rows.iter().position(is_there) {
            rows[place] = present;
        } else {
            rows.truncate(ROWS - 1);
            rows.push(present);
        }
    }
    let size = |solved: &Solved| question.catalog.get(solved.model).params_total;
    rows.sort_by_key(|solved| (!in_time(question, solved), std::cmp::Reverse(size(solved))));
    let rows = rows
        .into_iter()
        .map(|solved| Row {
            class: Some(solved.answer.class),
            name: question.catalog.get(solved.model).display_name.clone(),
            note: solved.level.to_string(),
            cells: cells(question, solved),
            present: present.is_some_and(|present| present.model == solved.model),
            pick: Some((solved.model, solved.level)),
            more: solved.effective.api_source.clone(),
        })
        .collect();
    Table {
        title: "Models for this work".to_owned(),
        columns: columns(question.chosen.kind),
        rows,
        note: "The 14 most downloaded families of the last two years: of each the largest model that is in time, at its best \
               level."
            .to_owned(),
    }
}
