//! From a question to what the page shows.

use super::chart::charts;
use super::field::{assumed_of_words, clock};
use super::models;
use super::page::{Cell, Figure, Found, Row, Table, Words, sentence};
use super::question::{Question, Solved};
use super::words::{
    Lot, Span, a_unit, amount, count, day_and_time, duration, energy, figure_of_seconds, in_unit, money,
    units,
};
use super::{changes, output};
use crate::app::latest::Answering;
use crate::estimate::cost::{BreakEven, Home, api};
use crate::estimate::plan::Range;
use crate::estimate::workload::{Detail, Kind, Of, Workload, users};
use crate::language::{Language, current, fixed, text, tr};
use crate::units::{rate_text, thousands};

/// Answers, and remembers the models for the work: they do not depend on which of them is looked at.
#[derive(Debug, Default)]
pub struct Answerer {
    /// With the language that their sources are said in.
    kept: Option<(Language, Question, Vec<Solved>)>,
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
        let language = current();
        let is_kept = self.kept.as_ref().is_some_and(|(of, known, _)| *of == language && *known == key);
        if !is_kept {
            self.kept = Some((language, key, models::candidates(question, is_stale)?));
        }
        let (.., found) = self.kept.as_ref()?;
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
            problem: Some(tr!("No model of the catalog is known to do this on this machine.").to_owned()),
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
        return question.rig.host.cpu.clone().unwrap_or_else(|| tr!("the processor").to_owned());
    }
    let each =
        names.into_iter().map(|(name, count)| if count > 1 { format!("{count} × {name}") } else { name });
    each.collect::<Vec<_>>().join(" + ")
}

fn subtitle(question: &Question, solved: &Solved) -> String {
    let model = question.catalog.get(solved.model);
    let at_once = match question.chosen.kind {
        Kind::Completion => String::new(),
        Kind::Users => tr!(", {requests} slots", requests = solved.answer.requests),
        _ => tr!(", {requests} at once", requests = solved.answer.requests),
    };
    format!("{}, {} {}{at_once}", machine(question), model.display_name, solved.level)
}

/// The work in a few words.
fn title(question: &Question) -> String {
    let chosen = &question.chosen;
    match chosen.work() {
        Workload::Batch(batch) => {
            let each = match chosen.pages {
                Some(1.0) => tr!("1 page").to_owned(),
                Some(pages) => tr!("{pages} pages", pages = super::field::plain(pages)),
                None => tr!("{input} tokens", input = thousands(f64::from(batch.input))),
            };
            if chosen.items == "pages" && chosen.pages == Some(1.0) {
                return tr!("{items} pages", items = thousands(batch.items as f64));
            }
            tr!(
                "{number} {items} of {each}",
                number = thousands(batch.items as f64),
                items = chosen.items_words(),
                each
            )
        }
        Workload::Chat(chat) => {
            tr!("A chat with {history} tokens before", history = thousands(f64::from(chat.history)))
        }
        Workload::Agent(agent) => tr!(
            "An agent: {turns} turns, to {room} tokens",
            turns = agent.turns,
            room = count(Workload::Agent(agent).room() as f64)
        ),
        Workload::Users(users) => {
            tr!("{per_minute} requests a minute", per_minute = super::field::plain(users.per_minute))
        }
        Workload::Completion(completion) => {
            tr!("Code completion in {context} tokens", context = thousands(f64::from(completion.context)))
        }
    }
}

fn range_of(range: Range, text: impl Fn(f64) -> String) -> String {
    tr!("{from} to {to}", from = text(range.p10), to = text(range.p90))
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
                tr!("Yes, by {deadline}:", deadline)
            } else if batch.seconds.p50 <= until {
                tr!("Probably by {deadline}:", deadline)
            } else {
                tr!("Not by {deadline}:", deadline)
            };
            tr!(
                "{beginning} *done {day} at {time}*, {duration} after the start (at the latest {latest}).",
                beginning,
                day,
                time,
                duration = duration(batch.seconds.p50),
                latest
            )
        }
        Of::Chat(chat) => tr!(
            "*{first_token} to the first token*, then {reading_rate} tokens a second; an answer stands after {whole}. With nothing kept the \
             first token takes {cold}.",
            first_token = duration(answer.first_token.p50),
            reading_rate = rate_text(answer.reading_rate.p50),
            whole = duration(chat.whole.p50),
            cold = duration(chat.cold.p50)
        ),
        Of::Agent(agent) => tr!(
            "*{seconds} for {turns} turns*, {reading} of it reading prompts; {without} if nothing were kept between turns.",
            seconds = duration(agent.seconds.p50),
            turns = agent.turns.len(),
            reading = duration(agent.reading.p50),
            without = duration(agent.without.p50)
        ),
        Of::Users(users) => match users.outcomes[1] {
            Some(outcome) => tr!(
                "{yes_or_no}: *95 of 100 see their first token within {p95}*, half within {first_token}; the machine is busy {utilization} % of the \
                 time. Up to {most_in_time} requests a minute are in time.",
                yes_or_no = if users.in_time { tr!("Yes") } else { tr!("No") },
                p95 = duration(outcome.first_token.p95),
                first_token = duration(outcome.first_token.p50),
                utilization = format!("{:.0}", outcome.utilization * 100.0),
                most_in_time = short_number(users.most_in_time)
            ),
            None => tr!(
                "No: *more comes than it can answer*, {capacity} a minute at most, so the queue grows for as long as that \
                 lasts. Up to {most_in_time} a minute are in time.",
                capacity = short_number(users.capacity.p50),
                most_in_time = short_number(users.most_in_time)
            ),
        },
        Of::Completion(completion) => tr!(
            "{yes_or_no}: *a suggestion stands after {whole}*; in a file that was not read before after {cold}.",
            yes_or_no =
                if completion.whole.p50 <= chosen.completion.target_s { tr!("Yes") } else { tr!("No") },
            whole = duration(completion.whole.p50),
            cold = duration(completion.cold.p50)
        ),
    }
}

fn short_number(value: f64) -> String {
    if value < 9.95 { fixed(value, 1) } else { thousands(value) }
}

/// What a unit costs here and by API.
fn about_money(question: &Question, solved: &Solved) -> String {
    let lot = Lot::of(question.chosen.kind);
    let Some(bill) = &solved.bill else {
        let why = solved.effective.wall.as_ref().err().cloned().unwrap_or_default();
        return tr!("What it costs here is not known: {why}.", why);
    };
    let electricity = money(lot.price(bill.electricity));
    let here = tr!("{what} *{electricity} of electricity* at home", what = lot.cost(), electricity);
    match bill.api {
        Some(api) => {
            let source = &solved.effective.api_source;
            tr!("{here}, or *{api} by API* ({source}).", here, api = money(lot.price(api)), source)
        }
        None => tr!("{here}. By API: n/a, no price of this model is known.", here),
    }
}

/// When the machine has earned its price.
fn about_break_even(question: &Question, solved: &Solved) -> Option<String> {
    let bill = solved.bill.as_ref()?;
    let kind = question.chosen.kind;
    let units = units(kind);
    Some(match &bill.break_even {
        BreakEven::After { units: after, .. } => {
            let tokens = question.chosen.work().tokens().all() * after.p50;
            let price = solved.effective.price.0.map(|price| tr!(" for {price} USD", price = amount(price)));
            tr!(
                "Bought for this alone{price}, the card pays off after *{needed} such {units}*, {tokens} tokens.",
                price = price.unwrap_or_default(),
                needed = count(after.p50.ceil()),
                units,
                tokens = count(tokens)
            )
        }
        BreakEven::AtOnce => {
            tr!("The card costs nothing more: *at home is cheaper* from the start.").to_owned()
        }
        BreakEven::Never => tr!(
            "The card *never pays off*: the electricity of {a_unit} costs as much as the API, or more.",
            a_unit = a_unit(kind)
        ),
        BreakEven::NotInLife { units: needed, most } => tr!(
            "The card *does not pay off*: it would take {needed} {units}, and working day and night it does {most}.",
            needed = count(*needed),
            units,
            most = count(*most)
        ),
        BreakEven::Unknown(why) => tr!("When the card pays off is n/a: {why}.", why),
    })
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
    let end = |seconds: f64| in_unit(seconds, unit.unwrap_or(Span::Seconds));
    figure(number, unit.map_or("", Span::word), format!("{caption}, {}", range_of(range, end)))
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
                figure(time, "", tr!("done {day}", day)),
                seconds_figure(batch.seconds, tr!("in all")),
                figure(short_number(per_hour), tr!("an hour"), chosen.items_words()),
                rate(batch.output_rate, tr!("written")),
            ]
        }
        Of::Chat(chat) => vec![
            seconds_figure(answer.first_token, tr!("first token")),
            rate(answer.reading_rate, tr!("one answer")),
            seconds_figure(chat.whole, tr!("whole answer")),
            seconds_figure(chat.cold, tr!("nothing kept")),
        ],
        Of::Agent(agent) => vec![
            seconds_figure(agent.seconds, tr!("a run")),
            seconds_figure(agent.reading, tr!("reading")),
            seconds_figure(agent.without, tr!("nothing kept")),
            rate(answer.reading_rate, tr!("writing")),
        ],
        Of::Users(users) => {
            let wait =
                |at: usize| users.outcomes[at].map_or(f64::INFINITY, |outcome| outcome.first_token.p95);
            let wait = Range { p10: wait(0), p50: wait(1), p90: wait(2) };
            let busy = users.outcomes[1].map_or(1.0, |outcome| outcome.utilization);
            vec![
                if wait.p50.is_finite() {
                    seconds_figure(wait, tr!("95 of 100"))
                } else {
                    Figure { number: None, unit: String::new(), caption: tr!("the queue grows").to_owned() }
                },
                figure(format!("{:.0}", busy * 100.0), "%", tr!("of the time busy")),
                figure(
                    short_number(users.capacity.p50),
                    tr!("a minute"),
                    tr!("at most, {short_number}", short_number = range_of(users.capacity, short_number)),
                ),
                rate(answer.reading_rate, tr!("one answer")),
            ]
        }
        Of::Completion(completion) => vec![
            seconds_figure(completion.whole, tr!("a suggestion")),
            seconds_figure(completion.cold, tr!("in a new file")),
            rate(answer.reading_rate, tr!("writing")),
            seconds_figure(completion.day, tr!("busy a day")),
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
            all.push(figure(number, unit, tr!("{joules} J a token", joules = amount(joules))));
            let home = lot.price(bill.electricity);
            let of = if lot.units > 1.0 { format!(" {}", lot.short) } else { String::new() };
            let caption = tr!("electricity{of}, {amount}", of, amount = range_of(home.amount, amount));
            all.push(figure(amount(home.amount.p50), home.currency.code(), caption));
            all.push(match bill.api {
                Some(price) => {
                    let (price, source) = (lot.price(price), &solved.effective.api_source);
                    figure(
                        amount(price.amount.p50),
                        price.currency.code(),
                        tr!("API{of}, {source}", of, source),
                    )
                }
                None => na("", tr!("API: no price known")),
            });
        }
        None => all.extend([na("", tr!("energy: power not known")), na("", tr!("electricity"))]),
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
        text: value.map_or_else(|| tr!("n/a").to_owned(), amount),
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
    let mut rows = vec![
        row(tr!("Read"), solved.answer.prompt.p50, read),
        row(tr!("Written"), solved.answer.decode.p50, written),
    ];
    let mut from_cache = row(tr!("Read, kept from before"), 1.0, kept);
    for free in &mut from_cache.cells[..3] {
        *free = Cell { text: "–".to_owned(), weak: true };
    }
    rows.insert(1, from_cache);
    Some(Table {
        title: tr!("A million tokens, USD").to_owned(),
        columns: ["tok/s", tr!("electricity"), tr!("all in"), tr!("API")].map(str::to_owned).to_vec(),
        rows,
        note: tr!(
            "All in: {busy} % busy for {years} years. API: {api_source}.",
            busy = super::field::plain((terms.utilization * 1000.0).round() / 10.0),
            years = super::field::plain(terms.years),
            api_source = effective.api_source
        ),
    })
}

/// How it was worked out, and what was assumed.
fn notes(question: &Question, solved: &Solved) -> Vec<String> {
    let (chosen, effective) = (&question.chosen, &solved.effective);
    let mut all = Vec::new();
    if let Some(preset) = chosen.preset() {
        all.push(format!("{}: {}.", preset.words(), preset.sources.join("; ")));
    }
    let assumed = assumed_of_words(&chosen.words);
    if chosen.kind == Kind::Batch && !assumed.is_empty() {
        all.push(tr!("Counted with {assumed}.", assumed));
    }
    match &solved.answer.of {
        Of::Users(_) => all.push(tr!("{model} Seed {seed}.", model = text(users::MODEL), seed = format!("{:016x}", users::SEED))),
        Of::Agent(agent) if agent.from_checkpoints => all.push(
            tr!("This model can take up a kept prompt only at checkpoints, every 8,192 tokens: up to as many are read \
             again each turn; half of that is counted.")
                .to_owned(),
        ),
        _ => {}
    }
    all.push(
        tr!("Ranges hold 8 of 10 cases. Times that are added up are taken to err together; power and time apart.")
            .to_owned(),
    );
    all.push(tr!("Power: {watts}. Waiting: {idle}.", watts = effective.watts.1, idle = effective.idle.1));
    all.push(tr!(
        "Electricity: {per_kwh} ({source}).",
        per_kwh = effective.per_kwh.1,
        source = chosen.place().source
    ));
    all.push(tr!(
        "Price: {price}; worth later: {resale}.",
        price = effective.price.1,
        resale = effective.resale.1
    ));
    all.push(tr!("API prices: {source}.", source = api::source().0));
    all
}

/// Sentences as they are said: for tests and the text form.
pub fn plain(words: &[Words]) -> String {
    words.iter().map(|part| part.text.as_str()).collect()
}
