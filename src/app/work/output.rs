//! The answer as data and as text: `plimsoll work`.

use serde::Serialize;

use super::answer::machine;
use super::models::in_time;
use super::page::{Found, Table};
use super::question::{Question, Solved};
use crate::estimate::FitClass;
use crate::estimate::cost::{BreakEven, Money};
use crate::estimate::plan::Range;
use crate::estimate::workload::{Of, Tokens, Workload};

/// Everything that the page says. Times are seconds, energy kilowatt-hours, power watts; money has its currency.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WorkAnswer {
    /// The machine.
    pub machine: String,
    /// The work.
    pub work: Workload,
    /// Tokens of one unit of it.
    pub tokens: Tokens,
    /// What a unit is.
    pub unit: &'static str,
    /// The model; null: none is known to do it.
    pub model: Option<String>,
    /// Its quantization.
    pub quant: Option<String>,
    /// Why there is no answer.
    pub problem: Option<String>,
    /// How long it takes.
    pub time: Option<TimeAnswer>,
    /// What it costs.
    pub cost: Option<CostAnswer>,
    /// What the page says, in sentences.
    pub sentences: Vec<String>,
    /// Models for the work.
    pub models: Vec<ModelAnswer>,
    /// The tables of the page.
    pub tables: Vec<TableAnswer>,
    /// How it was worked out, what was assumed, where prices come from and of when they are.
    pub notes: Vec<String>,
}

/// How long a unit takes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TimeAnswer {
    /// How the model lies.
    pub fit: FitClass,
    /// Requests at once.
    pub at_once: u32,
    /// How many are best.
    pub best_at_once: u32,
    /// The most that fit where one fits.
    pub most_at_once: u32,
    /// Tokens that each has room for.
    pub context: u32,
    /// Seconds that the machine works for a unit.
    pub busy_s: Range,
    /// Seconds to the first token; null at an end that never comes.
    pub first_token_s: Range,
    /// Tokens a second of one answer.
    pub answer_tps: Range,
    /// Tokens a second that are written for all together.
    pub decode_tps: Range,
    /// Tokens a second that are read.
    pub prompt_tps: Range,
    /// Whether it is done in time, or fast enough for people.
    pub in_time: bool,
    /// A batch, over the requests at once.
    pub over_requests: Vec<PointAnswer>,
    /// Seconds of an agent if nothing were kept.
    pub without_cache_s: Option<Range>,
    /// Tokens that an agent's run reads.
    pub reads: Option<f64>,
    /// Many users.
    pub users: Option<UsersOutput>,
}

/// A batch with so many requests at once.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PointAnswer {
    /// Requests at once.
    pub at_once: u32,
    /// How the model lies.
    pub fit: FitClass,
    /// Seconds for all items.
    pub seconds: Range,
}

/// Many users.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct UsersOutput {
    /// Requests a minute that can be answered at most.
    pub capacity_per_minute: Range,
    /// Requests a minute up to which 95 of 100 are in time.
    pub most_in_time_per_minute: f64,
    /// Seconds to the first token of 50, 95 and 99 of 100; null: more comes than it can answer.
    pub first_token_s: Option<[f64; 3]>,
    /// Share of the time in which it works; null likewise.
    pub utilization: Option<f64>,
    /// How it was found.
    pub model: &'static str,
    /// Its seed.
    pub seed: u64,
}

/// What a unit costs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CostAnswer {
    /// Watts at the wall.
    pub watts: Range,
    /// How they are known.
    pub watts_source: String,
    /// Energy.
    pub kwh: Range,
    /// Joules for each token.
    pub joules_per_token: Range,
    /// Price of a kilowatt-hour.
    pub per_kwh: Money,
    /// Its date and source.
    pub per_kwh_source: String,
    /// Electricity.
    pub electricity: Money,
    /// By API.
    pub api: Option<Money>,
    /// Prices a million tokens: read, read and kept, written; US dollars.
    pub api_prices: [Option<f64>; 3],
    /// Their date and source.
    pub api_source: String,
    /// On a rented card.
    pub rented: Option<Money>,
    /// At home with a share of the price and of the hours in which the machine waits.
    pub all_in: Option<Money>,
    /// Price of the machine, US dollars, and its source.
    pub price_usd: Option<f64>,
    /// Where that comes from.
    pub price_source: String,
    /// Units after which it has earned its price; null: never, or not known.
    pub even_after: Option<Range>,
    /// Why not.
    pub never_because: Option<String>,
}

/// A model for the work.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ModelAnswer {
    /// Id in the catalog.
    pub model: String,
    /// Quantization.
    pub quant: String,
    /// How it lies.
    pub fit: FitClass,
    /// Requests at once.
    pub at_once: u32,
    /// Seconds of a unit.
    pub busy_s: Range,
    /// Whether it is in time.
    pub in_time: bool,
    /// Electricity.
    pub electricity: Option<Money>,
    /// By API.
    pub api: Option<Money>,
}

/// A table as it is shown.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TableAnswer {
    /// Its title.
    pub title: String,
    /// Heads of the columns after the first.
    pub columns: Vec<String>,
    /// Its rows: name and values.
    pub rows: Vec<Vec<String>>,
}

impl From<&Table> for TableAnswer {
    fn from(table: &Table) -> Self {
        let row = |row: &super::page::Row| {
            let name =
                if row.note.is_empty() { row.name.clone() } else { format!("{} {}", row.name, row.note) };
            std::iter::once(name).chain(row.cells.iter().map(|cell| cell.text.clone())).collect()
        };
        Self {
            title: table.title.clone(),
            columns: table.columns.clone(),
            rows: table.rows.iter().map(row).collect(),
        }
    }
}

/// JSON knows no infinity.
fn finite(range: Range) -> Range {
    let end = |value: f64| if value.is_finite() { value } else { f64::MAX };
    Range { p10: end(range.p10), p50: end(range.p50), p90: end(range.p90) }
}

fn time(question: &Question, solved: &Solved) -> TimeAnswer {
    let answer = &solved.answer;
    let (mut over_requests, mut without, mut reads, mut of_users) = (Vec::new(), None, None, None);
    match &answer.of {
        Of::Batch(batch) => {
            let point = |point: &crate::estimate::workload::Point| PointAnswer {
                at_once: point.requests,
                fit: point.class,
                seconds: point.seconds,
            };
            over_requests = batch.points.iter().map(point).collect();
        }
        Of::Agent(agent) => (without, reads) = (Some(agent.without), Some(agent.reads)),
        Of::Users(found) => {
            of_users = Some(UsersOutput {
                capacity_per_minute: found.capacity,
                most_in_time_per_minute: found.most_in_time,
                first_token_s: found.outcomes[1].map(|outcome| {
                    let waits = outcome.first_token;
                    [waits.p50, waits.p95, waits.p99]
                }),
                utilization: found.outcomes[1].map(|outcome| outcome.utilization),
                model: crate::estimate::workload::users::MODEL,
                seed: crate::estimate::workload::users::SEED,
            });
        }
        Of::Chat(_) | Of::Completion(_) => {}
    }
    TimeAnswer {
        fit: answer.class,
        at_once: answer.requests,
        best_at_once: answer.best,
        most_at_once: answer.most,
        context: answer.room,
        busy_s: finite(answer.busy),
        first_token_s: finite(answer.first_token),
        answer_tps: answer.reading_rate,
        decode_tps: answer.decode,
        prompt_tps: answer.prompt,
        in_time: in_time(question, solved),
        over_requests,
        without_cache_s: without,
        reads,
        users: of_users,
    }
}

fn cost(question: &Question, solved: &Solved) -> Option<CostAnswer> {
    let (bill, effective) = (solved.bill.as_ref()?, &solved.effective);
    let terms = effective.terms.as_ref()?;
    let (even_after, never_because) = match &bill.break_even {
        BreakEven::After { units, .. } => (Some(finite(*units)), None),
        BreakEven::AtOnce => (Some(Range::exactly(0.0)), None),
        other => (None, Some(super::chart::why_not(other, question.chosen.kind))),
    };
    Some(CostAnswer {
        watts: terms.wall.load,
        watts_source: effective.watts.1.clone(),
        kwh: bill.kwh,
        joules_per_token: bill.joules_per_token,
        per_kwh: terms.per_kwh,
        per_kwh_source: effective.per_kwh.1.clone(),
        electricity: bill.electricity,
        api: bill.api,
        api_prices: effective.api,
        api_source: effective.api_source.clone(),
        rented: bill.rented,
        all_in: bill.all_in,
        price_usd: effective.price.0,
        price_source: effective.price.1.clone(),
        even_after,
        never_because,
    })
}

impl WorkAnswer {
    /// Without a model.
    pub(super) fn without(question: &Question, page: &Found) -> Self {
        Self::new(question, page, None, &[])
    }

    pub(super) fn new(question: &Question, page: &Found, solved: Option<&Solved>, found: &[Solved]) -> Self {
        let work = question.chosen.work();
        let id = |solved: &Solved| question.catalog.get(solved.model).id.clone();
        let models = found
            .iter()
            .map(|one| ModelAnswer {
                model: id(one),
                quant: one.level.to_string(),
                fit: one.answer.class,
                at_once: one.answer.requests,
                busy_s: finite(one.answer.busy),
                in_time: in_time(question, one),
                electricity: one.bill.as_ref().map(|bill| bill.electricity),
                api: one.bill.as_ref().and_then(|bill| bill.api),
            })
            .collect();
        Self {
            machine: machine(question),
            tokens: work.tokens(),
            unit: work.kind().unit().0,
            work,
            model: page.model.map(|(model, _)| question.catalog.get(model).id.clone()),
            quant: page.model.map(|(_, level)| level.to_string()),
            problem: page.problem.clone(),
            time: solved.map(|solved| time(question, solved)),
            cost: solved.and_then(|solved| cost(question, solved)),
            sentences: page.text(),
            models,
            tables: page.tables.iter().map(TableAnswer::from).collect(),
            notes: page.notes.clone(),
        }
    }
}

/// The page as text, for a terminal.
pub fn text(page: &Found) -> String {
    let mut lines = vec![page.title.clone()];
    if !page.subtitle.is_empty() {
        lines.push(page.subtitle.clone());
    }
    lines.push(String::new());
    lines.extend(page.problem.clone());
    lines.extend(page.text());
    if !page.figures.is_empty() {
        lines.push(String::new());
    }
    for figure in &page.figures {
        let number = figure.number.as_deref().unwrap_or("n/a");
        let value = format!("{number} {}", figure.unit);
        lines.push(format!("  {:>16}  {}", value.trim_end(), figure.caption));
    }
    for table in &page.tables {
        lines.push(String::new());
        lines.extend(table_lines(table));
    }
    if !page.notes.is_empty() {
        lines.push(String::new());
        lines.extend(page.notes.iter().cloned());
    }
    lines.push(String::new());
    lines.join("\n")
}

fn table_lines(table: &Table) -> Vec<String> {
    let data = TableAnswer::from(table);
    let width = |text: &str| text.chars().count();
    let name = data.rows.iter().filter_map(|row| row.first()).map(|name| width(name));
    let name = name.chain([width(&data.title)]).max().unwrap_or(0);
    let columns: Vec<usize> = data
        .columns
        .iter()
        .enumerate()
        .map(|(at, head)| {
            let cells = data.rows.iter().filter_map(|row| row.get(at + 1)).map(|cell| width(cell));
            cells.chain([width(head)]).max().unwrap_or(0)
        })
        .collect();
    let line = |first: &str, cells: &mut dyn Iterator<Item = &String>| {
        let mut line = format!("{first:<name$}");
        for (cell, width) in cells.zip(&columns) {
            line.push_str("  ");
            line.push_str(&" ".repeat(width.saturating_sub(cell.chars().count())));
            line.push_str(cell);
        }
        line.trim_end().to_owned()
    };
    let mut lines = vec![line(&data.title, &mut data.columns.iter())];
    for row in &data.rows {
        let (first, cells) =
            row.split_first().map_or(("", [].as_slice()), |(first, cells)| (first.as_str(), cells));
        lines.push(line(first, &mut cells.iter()));
    }
    if !table.note.is_empty() {
        lines.push(table.note.clone());
    }
    lines
}
