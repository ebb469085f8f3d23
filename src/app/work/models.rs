//! Models for the work on the machine: of each family the best that is in time.

use std::cmp::Ordering;

use super::page::{Cell, Row, Table};
use super::question::{Question, Solved};
use super::words::{Lot, amount, duration, short_time};
use crate::app::best::READING_SPEED;
use crate::estimate::ranking::{explain, scale, score};
use crate::estimate::workload::{Detail, Kind, Of};
use crate::language::tr;
use crate::model::ModelId;
use crate::units::rate_text;

/// Rows, the model that is looked at too.
const ROWS: usize = 9;
/// Models whose work is worked out, at most: on a slow machine everything is late.
const TRIED: usize = 64;

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

/// Base models that are made for the work, from the highest score down; of equals those that more people have.
fn by_score(question: &Question) -> Vec<(ModelId, f64)> {
    let catalog = &question.catalog;
    let (wanted, Some(room)) = (question.wanted(), question.room()) else { return Vec::new() };
    let mut all: Vec<(ModelId, f64)> = catalog
        .bases()
        .iter()
        .filter(|base| wanted.takes(catalog.get(base.id), room))
        .filter_map(|base| Some((base.id, score(catalog.get(base.id), wanted.subject())?.value)))
        .collect();
    let downloads = |id: ModelId| std::cmp::Reverse(catalog.get(id).hf_downloads);
    all.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| downloads(a.0).cmp(&downloads(b.0))));
    all
}

/// The best first: what is in time before what is not, then what is left of the score; what is late by how long it
/// takes.
fn order(question: &Question, a: &Solved, b: &Solved) -> Ordering {
    let late = |solved: &Solved| !in_time(question, solved);
    late(a).cmp(&late(b)).then_with(|| {
        if late(a) {
            a.answer.busy.p50.total_cmp(&b.answer.busy.p50)
        } else {
            b.worth().total_cmp(&a.worth())
        }
    })
}

/// Models for the work, the best of each family, the best first.
///
/// Models are tried from the highest score down. A level takes off some of it, so the search goes on until no model
/// that is left could still come before the last that was found.
pub(super) fn candidates(question: &Question, is_stale: &dyn Fn() -> bool) -> Option<Vec<Solved>> {
    let family = |id: ModelId| question.catalog.get(id).family.as_str();
    let mut found: Vec<Solved> = Vec::new();
    let mut late: Vec<Solved> = Vec::new();
    let mut tried = 0;
    for (id, most) in by_score(question) {
        if is_stale() {
            return None;
        }
        let is_full = found.len() == ROWS && found.last().is_some_and(|last| last.worth() >= most);
        if is_full || tried == TRIED {
            break;
        }
        let known = found.iter().position(|solved| family(solved.model) == family(id));
        if known.is_some_and(|at| found[at].worth() >= most) {
            continue;
        }
        let Some(level) = question.best_level(question.catalog.get(id)) else { continue };
        let Ok(solved) = question.solve(id, level, Detail::Rough) else { continue };
        tried += 1;
        if !in_time(question, &solved) {
            late.push(solved);
        } else if known.is_none_or(|at| found[at].worth() < solved.worth()) {
            if let Some(at) = known {
                found.remove(at);
            }
            found.push(solved);
            found.sort_by(|a, b| order(question, a, b));
            found.truncate(ROWS);
        }
    }
    // Where few are in time: those that are late by least, of families that have none.
    late.sort_by(|a, b| order(question, a, b));
    for solved in late {
        if found.len() < ROWS && found.iter().all(|known| family(known.model) != family(solved.model)) {
            found.push(solved);
        }
    }
    Some(found)
}

/// Heads of the columns of a kind.
pub(super) fn columns(kind: Kind) -> Vec<String> {
    let heads: &[&str] = match kind {
        Kind::Batch => &[tr!("score"), tr!("at once"), tr!("done"), tr!("USD here"), tr!("USD API")],
        Kind::Chat => &[tr!("score"), tr!("first token"), "tok/s", tr!("USD here"), tr!("USD API")],
        Kind::Agent => &[tr!("score"), tr!("a run"), "tok/s", tr!("USD here"), tr!("USD API")],
        Kind::Users => {
            &[tr!("score"), tr!("slots"), tr!("wait of 95 %"), tr!("busy"), tr!("USD here"), tr!("USD API")]
        }
        Kind::Completion => &[tr!("score"), tr!("ready in"), "tok/s", tr!("USD here"), tr!("USD API")],
    };
    heads.iter().map(|head| (*head).to_owned()).collect()
}

fn cell(text: String, weak: bool) -> Cell {
    Cell { text, weak }
}

/// The values of an answer, under [`columns`].
pub(super) fn cells(question: &Question, solved: &Solved) -> Vec<Cell> {
    let (answer, lot) = (&solved.answer, Lot::of(question.chosen.kind));
    let late = !in_time(question, solved);
    let na = || cell(tr!("n/a").to_owned(), true);
    let home = solved.bill.as_ref().and_then(|bill| bill.electricity_usd);
    let api = solved.bill.as_ref().and_then(|bill| bill.api);
    let money = |money: Option<crate::estimate::cost::Money>| {
        money.map_or_else(na, |money| cell(amount(lot.price(money).amount.p50), false))
    };
    let rate = cell(rate_text(answer.reading_rate.p50), answer.reading_rate.p50 < READING_SPEED);
    let mut all = vec![match &solved.score {
        Some(score) => cell(score.text_at(solved.kept), score.ground.is_estimated()),
        None => na(),
    }];
    all.extend(match &answer.of {
        Of::Batch(batch) => {
            let done = short_time(question.chosen.start, batch.seconds.p50);
            let done = if late { tr!("{done}, late", done) } else { done };
            vec![cell(answer.requests.to_string(), false), cell(done, late)]
        }
        Of::Chat(_) => vec![cell(duration(answer.first_token.p50), false), rate],
        Of::Agent(agent) => vec![cell(duration(agent.seconds.p50), false), rate],
        Of::Users(users) => match users.outcomes[1] {
            Some(outcome) => {
                let wait = duration(outcome.first_token.p95);
                let wait = if late { tr!("{wait}, late", wait) } else { wait };
                vec![
                    cell(answer.requests.to_string(), false),
                    cell(wait, late),
                    cell(format!("{:.0} %", outcome.utilization * 100.0), false),
                ]
            }
            None => vec![
                cell(answer.requests.to_string(), false),
                cell(tr!("too many").to_owned(), true),
                cell("100 %".to_owned(), true),
            ],
        },
        Of::Completion(completion) => {
            let whole = duration(completion.whole.p50);
            vec![cell(if late { tr!("{whole}, late", whole) } else { whole }, late), rate]
        }
    });
    all.extend([money(home), money(api)]);
    all
}

/// Where a row's score and price come from.
fn more(question: &Question, solved: &Solved) -> String {
    let model = question.catalog.get(solved.model);
    let score = solved.score.map_or_else(|| tr!("Score: n/a").to_owned(), |score| explain(model, &score));
    tr!("{score}. API: {api_source}", score, api_source = solved.effective.api_source)
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
    rows.sort_by(|a, b| order(question, a, b));
    let rows = rows
        .into_iter()
        .map(|solved| Row {
            class: Some(solved.answer.class),
            name: question.catalog.get(solved.model).display_name.clone(),
            note: solved.level.to_string(),
            cells: cells(question, solved),
            present: present.is_some_and(|present| present.model == solved.model),
            pick: Some((solved.model, solved.level)),
            more: more(question, solved),
        })
        .collect();
    Table {
        title: tr!("Models for this work").to_owned(),
        columns: columns(question.chosen.kind),
        rows,
        note: tr!(
            "Of each family the model with the best answers that is in time, at its best level. Score: {scale}, {subject}, of \
             which the quantization keeps so much; ± where it is estimated. {usd}.",
            scale = scale(),
            subject = question.wanted().subject().word(),
            usd = Lot::of(question.chosen.kind).usd()
        ),
    }
}
