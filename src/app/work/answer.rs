//! From a question to what the page shows.

use super::chart::{charts, why_not};
use super::field::{assumed_of_words, clock};
use super::models;
use super::page::{Cell, Figure, Found, Row, Table, Words, sentence};
use super::question::{Question, Solved};
use super::words::{Lot, amount, count, day_and_time, duration, energy, figure_of_seconds, in_unit, money};
use super::{changes, output};
use crate::app::latest::Answering;
use crate::estimate::cost::{BreakEven, Home, api};
use crate::estimate::plan::Range;
use crate::estimate::workload::{Detail, Kind, Of, Workload, users};
use crate::units::{rate_text, thousands};

/// Answers, and remembers the models for the work: they do not depend on which of them is looked at.
#[derive(Debug, Default)]
pub struct Answerer {
    kept: Option<(Question, Vec<Solved>)>,
}

impl Answerer {
    pub(super) fn answering(mut self) -> Answering<Question, Found> {
        Box::new(move |question, is_stale| Some(self.solve(question, is_stale)?.0))
    }

    /// Answers, with the numbers that the text form writes; gives up with `None` where there is a newer question.
    pub fn solve(
        &mut self,
        question: &Question,
        is_stale: &dyn Fn() -> bool,
    ) -> Option<(Found, output::WorkAnswer)> {
        let mut key = Question { model: None, level: None, ..question.clone() };
        key.chosen.model = None;
        let is_kept = self.kept.as_ref().is_some_and(|(known, _)| *known == key);
        if !is_kept {
            self.kept = Some((key, models::candidates(question, is_stale)?));
        }
        let (_, found) = self.kept.as_ref()?;
        solve(question, found, is_stale)
    }
}

fn solve(
    question: &Question,
    found: &[Solved],
    is_stale: &dyn Fn() -> bool,
) -> Option<(Found, output::WorkAnswer)> {
    let chosen_model = question.model.or_else(|| found.first().map(|solved| solved.model));
    let Some(id) = chosen_model else {
        let page = Found {
            title: title(question),
            problem: Some("No model of the catalog is known to do this on this machine.".to_owned()),
            ..Found::default()
        };
        let numbers = output::WorkAnswer::without(question, &page);
        return Some((page, numbers));
    };
    let model = question.catalog.get(id);
    let known = found.iter().find(|solved| solved.model == id);
    let level = question
        .level
        .or_else(|| known.map(|solved| solved.level))
        .or_else(|| question.best_level(model))
        .or_else(|| question.levels.first().copied())?;
    let solved = question.solve(id, level, Detail::All);
    let mut page = Found {
        title: title(question),
        model: Some((id, level)),
        model_name: format!("{}, {level}", model.display_name),
        ..Found::default()
    };
    match &solved {
        Ok(solved) => {
            page.at_once = Some([solved.answer.requests, solved.answer.best, solved.answer.most]);
            page.subtitle = subtitle(question, solved);
            page.sentences = sentences(question, solved).iter().map(|text| sentence(text)).collect();
            page.figures = figures(question, solved);
            page.charts = charts(&question.chosen, solved);
            page.tables.push(models::table(question, found, Some(solved)));
            page.tables.push(changes::table(question, solved, is_stale)?);
            page.tables.extend(per_million(solved));
            page.notes = notes(question, solved);
        }
        Err(problem) => {
            page.subtitle = format!("{}, {}", machine(question), page.model_name);
            page.problem = Some(format!("{} {level}: {problem}.", model.display_name));
            page.tables.push(models::table(question, found, None));
        }
    }
    let numbers = output::WorkAnswer::new(question, &page, solved.as_ref().ok(), found);
    Some((page, numbers))
}

/// The machine in a few words.
pub(super) fn machine(question: &Question) -> String {
    let mut names: Vec<(String, usize)> = Vec::new();
    for device in &question.rig.devices {
        let name = device.short_name().to_owned();
        match names.iter_mut().find(|(known, _)| *known == name) {
            Some((_, count)) => *count += 1,
            None => names.push((name, 1)),
        }
    }
    if names.is_empty() {
        return question.rig.host.cpu.clone().unwrap_or_else(|| "the processor".to_owned());
    }
    let each =
        names.into_iter().map(|(name, count)| if count > 1 { format!("{count} × {name}") } else { name });
    each.collect::<Vec<_>>().join(" + ")
}

fn subtitle(question: &Question, solved: &Solved) -> String {
    let model = question.catalog.get(solved.model);
    let at_once = match question.chosen.kind {
        Kind::Completion => String::new(),
        Kind::Users => format!(", {} slots", solved.answer.requests),
        _ => format!(", {} at once", solved.answer.requests),
    };
    format!("{}, {} {}{at_once}", machine(question), model.display_name, solved.level)
}

/// The work in a few words.
fn title(question: &Question) -> String {
    let chosen = &question.chosen;
    match chosen.work() {
        Workload::Batch(batch) => {
            let each = match chosen.pages {
                Some(1.0) => "1 page".to_owned(),
                Some(pages) => format!("{} pages", super::field::plain(pages)),
                None => format!("{} tokens", thousands(f64::from(batch.input))),
            };
            if chosen.items == "pages" && chosen.pages == Some(1.0) {
                return format!("{} pages", thousands(batch.items as f64));
            }
            format!("{} {} of {each}", thousands(batch.items as f64), chosen.items)
        }
        Workload::Chat(chat) => format!("A chat with {} tokens before", thousands(f64::from(chat.history))),
        Workload::Agent(agent) => format!(
            "An agent: {} turns, to {} tokens",
            agent.turns,
            count(Workload::Agent(agent).room() as f64)
        ),
        Workload::Users(users) => format!("{} requests a minute", super::field::plain(users.per_minute)),
        Workload::Completion(completion) => {
            format!("Code completion in {} tokens", thousands(f64::from(completion.context)))
        }
    }
}

fn range_of(range: Range, text: impl Fn(f64) -> String) -> String {
    format!("{} to {}", text(range.p10), text(range.p90))
}

/// When it is done, how it feels, and whether that is enough.
fn about_time(question: &Question, solved: &Solved) -> String {
    let (chosen, answer) = (&question.chosen, &solved.answer);
    match &answer.of {
        Of::Batch(batch) => {
            let (day, time) = day_and_time(chosen.start, batch.seconds.p50);
            let (late_day, late_time) = day_and_time(chosen.start, batch.seconds.p90);
            let deadline = clock(chosen.deadline);
            let until = f64::from(chosen.minutes_until_deadline()) * 60.0;
            let latest = if late_day == day { late_time } else { format!("{late_day} {late_time}") };
            let beginning = if batch.seconds.p90 <= until {
                format!("Yes, by {deadline}:")
            } else if batch.seconds.p50 <= until {
                format!("Probably by {deadline}:")
            } else {
                format!("Not by {deadline}:")
            };
            format!(
                "{beginning} *done {day} at {time}*, {} after the start (at the latest {latest}).",
                duration(batch.seconds.p50)
            )
        }
        Of::Chat(chat) => format!(
            "*{} to the first token*, then {} tokens a second; an answer stands after {}. With nothing kept the \
             first token takes {}.",
            duration(answer.first_token.p50),
            rate_text(answer.reading_rate.p50),
            duration(chat.whole.p50),
            duration(chat.cold.p50)
        ),
        Of::Agent(agent) => format!(
            "*{} for {} turns*, {} of it reading prompts; {} if nothing were kept between turns.",
            duration(agent.seconds.p50),
            agent.turns.len(),
            duration(agent.reading.p50),
            duration(agent.without.p50)
        ),
        Of::Users(users) => match users.outcomes[1] {
            Some(outcome) => format!(
                "{}: *95 of 100 see their first token within {}*, half within {}; the machine is busy {:.0} % of the \
                 time. Up to {} requests a minute are in time.",
                if users.in_time { "Yes" } else { "No" },
                duration(outcome.first_token.p95),
                duration(outcome.first_token.p50),
                outcome.utilization * 100.0,
                short_number(users.most_in_time)
            ),
            None => format!(
                "No: *more comes than it can answer*, {} a minute at most, so the queue grows for as long as that \
                 lasts. Up to {} a minute are in time.",
                short_number(users.capacity.p50),
                short_number(users.most_in_time)
            ),
        },
        Of::Completion(completion) => format!(
            "{}: *a suggestion stands after {}*; in a file that was not read before after {}.",
            if completion.whole.p50 <= chosen.completion.target_s { "Yes" } else { "No" },
            duration(completion.whole.p50),
            duration(completion.cold.p50)
        ),
    }
}

fn short_number(value: f64) -> String {
    if value < 9.95 { format!("{value:.1}") } else { thousands(value) }
}

/// What a unit costs here and by API.
fn about_money(question: &Question, solved: &Solved) -> String {
    let lot = Lot::of(question.chosen.kind);
    let Some(bill) = &solved.bill else {
        let why = solved.effective.wall.as_ref().err().cloned().unwrap_or_default();
        return format!("What it costs here is not known: {why}.");
    };
    let what = match question.chosen.kind {
        Kind::Batch => "It costs".to_owned(),
        Kind::Agent => "A run costs".to_owned(),
        Kind::Chat | Kind::Users | Kind::Completion => format!("{} cost", lot.name),
    };
    let here = format!("{what} *{} of electricity* at home", money(lot.price(bill.electricity)));
    match bill.api {
        Some(api) => {
            let source = &solved.effective.api_source;
            format!("{here}, or *{} by API* ({source}).", money(lot.price(api)))
        }
        None => format!("{here}. By API: n/a, no price of this model is known."),
    }
}

/// When the machine has earned its price.
fn about_break_even(question: &Question, solved: &Solved) -> Option<String> {
    let bill = solved.bill.as_ref()?;
    let kind = question.chosen.kind;
    let (_, units) = kind.unit();
    Some(match &bill.break_even {
        BreakEven::After { units: after, .. } => {
            let tokens = question.chosen.work().tokens().all() * after.p50;
            let price = solved.effective.price.0.map(|price| format!(" for {} USD", amount(price)));
            format!(
                "Bought for this alone{}, the card pays off after *{} such {units}*, {} tokens.",
                price.unwrap_or_default(),
                count(after.p50.ceil()),
                count(tokens)
            )
        }
        BreakEven::AtOnce => "The card costs nothing more: *at home is cheaper* from the start.".to_owned(),
        BreakEven::Never => format!(
            "The card *never pays off*: {}",
            lower(&why_not(&bill.break_even, kind)).trim_start_matches("never: ")
        ),
        BreakEven::NotInLife { .. } => format!(
            "The card *does not pay off*: {}",
            lower(&why_not(&bill.break_even, kind)).trim_start_matches("not in its life: ")
        ),
        BreakEven::Unknown(why) => format!("When the card pays off is n/a: {why}."),
    })
}

fn lower(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_lowercase().collect::<String>());
    format!("{}{}", first.unwrap_or_default(), letters.as_str())
}

fn sentences(question: &Question, solved: &Solved) -> Vec<String> {
    let mut all = vec![about_time(question, solved), about_money(question, solved)];
    all.extend(about_break_even(question, solved));
    all
}

fn figure(number: impl Into<String>, unit: &str, caption: impl Into<String>) -> Figure {
    Figure { number: Some(number.into()), unit: unit.to_owned(), caption: caption.into() }
}

fn seconds_figure(range: Range, caption: &str) -> Figure {
    let (number, unit) = figure_of_seconds(range.p50);
    // Both ends in the unit of the number.
    let end = |seconds: f64| in_unit(seconds, unit);
    figure(number, unit, format!("{caption}, {}", range_of(range, end)))
}

fn figures(question: &Question, solved: &Solved) -> Vec<Figure> {
    let (chosen, answer) = (&question.chosen, &solved.answer);
    let rate = |range: Range, caption: &str| {
        figure(rate_text(range.p50), "tok/s", format!("{caption}, {}", range_of(range, rate_text)))
    };
    let mut all = match &answer.of {
        Of::Batch(batch) => {
            let (day, time) = day_and_time(chosen.start, batch.seconds.p50);
            let per_hour = chosen.batch.items as f64 * 3600.0 / batch.seconds.p50;
            vec![
                figure(time, "", format!("done {day}")),
                seconds_figure(batch.seconds, "in all"),
                figure(short_number(per_hour), "an hour", chosen.items.clone()),
                rate(batch.output_rate, "written"),
            ]
        }
        Of::Chat(chat) => vec![
            seconds_figure(answer.first_token, "first token"),
            rate(answer.reading_rate, "one answer"),
            seconds_figure(chat.whole, "whole answer"),
            seconds_figure(chat.cold, "nothing kept"),
        ],
        Of::Agent(agent) => vec![
            seconds_figure(agent.seconds, "a run"),
            seconds_figure(agent.reading, "reading"),
            seconds_figure(agent.without, "nothing kept"),
            rate(answer.reading_rate, "writing"),
        ],
        Of::Users(users) => {
            let wait =
                |at: usize| users.outcomes[at].map_or(f64::INFINITY, |outcome| outcome.first_token.p95);
            let wait = Range { p10: wait(0), p50: wait(1), p90: wait(2) };
            let busy = users.outcomes[1].map_or(1.0, |outcome| outcome.utilization);
            vec![
                if wait.p50.is_finite() {
                    seconds_figure(wait, "95 of 100")
                } else {
                    Figure { number: None, unit: String::new(), caption: "the queue grows".to_owned() }
                },
                figure(format!("{:.0}", busy * 100.0), "%", "of the time busy"),
                figure(
                    short_number(users.capacity.p50),
                    "a minute",
                    format!("at most, {}", range_of(users.capacity, short_number)),
                ),
                rate(answer.reading_rate, "one answer"),
            ]
        }
        Of::Completion(completion) => vec![
            seconds_figure(completion.whole, "a suggestion"),
            seconds_figure(completion.cold, "in a new file"),
            rate(answer.reading_rate, "writing"),
            seconds_figure(completion.day, "busy a day"),
        ],
    };
    let na = |unit: &str, caption: &str| Figure {
        number: None,
        unit: unit.to_owned(),
        caption: caption.to_owned(),
    };
    let lot = Lot::of(chosen.kind);
    match &solved.bill {
        Some(bill) => {
            let (number, unit) = energy(bill.kwh.p50);
            let joules = bill.joules_per_token.p50;
            all.push(figure(number, unit, format!("{} J a token", amount(joules))));
            let home = lot.price(bill.electricity);
            let of = if lot.units > 1.0 { format!(" {}", lot.short) } else { String::new() };
            let caption = format!("electricity{of}, {}", range_of(home.amount, amount));
            all.push(figure(amount(home.amount.p50), home.currency.code(), caption));
            all.push(match bill.api {
                Some(price) => {
                    let (price, source) = (lot.price(price), &solved.effective.api_source);
                    figure(amount(price.amount.p50), price.currency.code(), format!("API{of}, {source}"))
                }
                None => na("", "API: no price known"),
            });
        }
        None => all.extend([na("", "energy: power not known"), na("", "electricity")]),
    }
    all
}

/// Costs of a million tokens, read and written, here and by API.
fn per_million(solved: &Solved) -> Option<Table> {
    let effective = &solved.effective;
    let terms = effective.terms.as_ref()?;
    let per_kwh = terms.per_kwh.in_usd(terms.exchange)?.amount.p50;
    let net = effective.price.0.map(|price| (price - effective.resale.0.unwrap_or(0.0)).max(0.0));
    let home = |net_price: f64| Home {
        net_price,
        years: terms.years,
        utilization: terms.utilization,
        load_w: terms.wall.load.p50,
        idle_w: terms.wall.idle.unwrap_or(0.0),
        per_kwh,
    };
    let cell = |value: Option<f64>| Cell {
        weak: value.is_none(),
        text: value.map_or_else(|| "n/a".to_owned(), amount),
    };
    let row = |name: &str, rate: f64, api: Option<f64>| Row {
        class: None,
        name: name.to_owned(),
        note: String::new(),
        cells: vec![
            Cell { text: rate_text(rate), weak: false },
            cell(Some(home(0.0).electricity_per_million(rate))),
            cell(net.map(|net| home(net).per_million(rate))),
            cell(api),
        ],
        present: false,
        pick: None,
        more: String::new(),
    };
    let [read, kept, written] = effective.api;
    let mut rows =
        vec![row("Read", solved.answer.prompt.p50, read), row("Written", solved.answer.decode.p50, written)];
    let mut from_cache = row("Read, kept from before", 1.0, kept);
    for free in &mut from_cache.cells[..3] {
        *free = Cell { text: "–".to_owned(), weak: true };
    }
    rows.insert(1, from_cache);
    Some(Table {
        title: "A million tokens, USD".to_owned(),
        columns: ["tok/s", "electricity", "all in", "API"].map(str::to_owned).to_vec(),
        rows,
        note: format!(
            "All in: {} % busy for {} years. API: {}.",
            super::field::plain((terms.utilization * 1000.0).round() / 10.0),
            super::field::plain(terms.years),
            effective.api_source
        ),
    })
}

/// How it was worked out, and what was assumed.
fn notes(question: &Question, solved: &Solved) -> Vec<String> {
    let (chosen, effective) = (&question.chosen, &solved.effective);
    let mut all = Vec::new();
    if let Some(preset) = chosen.preset() {
        all.push(format!("{}: {}.", preset.name, preset.sources.join("; ")));
    }
    let assumed = assumed_of_words(&chosen.words);
    if chosen.kind == Kind::Batch && !assumed.is_empty() {
        all.push(format!("Counted with {assumed}."));
    }
    match &solved.answer.of {
        Of::Users(_) => all.push(format!("{} Seed {:016x}.", users::MODEL, users::SEED)),
        Of::Agent(agent) if agent.from_checkpoints => all.push(
            "This model can take up a kept prompt only at checkpoints, every 8,192 tokens: up to as many are read \
             again each turn; half of that is counted."
                .to_owned(),
        ),
        _ => {}
    }
    all.push(
        "Ranges hold 8 of 10 cases. Times that are added up are taken to err together; power and time apart."
            .to_owned(),
    );
    all.push(format!("Power: {}. Waiting: {}.", effective.watts.1, effective.idle.1));
    all.push(format!("Electricity: {} ({}).", effective.per_kwh.1, chosen.place().source));
    all.push(format!("Price: {}; worth later: {}.", effective.price.1, effective.resale.1));
    all.push(format!("API prices: {}.", api::source().0));
    all
}

/// Sentences as they are said: for tests and the text form.
pub fn plain(words: &[Words]) -> String {
    words.iter().map(|part| part.text.as_str()).collect()
}
