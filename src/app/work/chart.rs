//! The curves of the page, as points.

use super::chosen::Chosen;
use super::field::clock;
use super::question::Solved;
use super::words::{Lot, a_unit, amount, count, duration, units};
use crate::estimate::cost::BreakEven;
use crate::estimate::workload::{Kind, Of};
use crate::estimate::{FitClass, plan::Range};
use crate::language::{fixed, tr};

/// An axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// What it shows, under it.
    pub name: String,
    /// Its end; it begins at `from`.
    pub to: f64,
    /// Its beginning.
    pub from: f64,
    /// Each step doubles.
    pub doubling: bool,
}

/// How a line is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// What the page is about.
    Main,
    /// What it is compared with.
    Other,
    /// What is beside the point.
    Dashed,
}

/// A line with its range.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// What it is, at its end; empty: the chart's title says it.
    pub name: String,
    /// More about it, under the name.
    pub note: String,
    /// How it is drawn.
    pub style: Style,
    /// Points: x, and y with its range.
    pub points: Vec<(f64, Range)>,
}

/// A point that is named.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// Where.
    pub x: f64,
    /// Where.
    pub y: f64,
    /// What it is.
    pub text: String,
    /// It is the present setting, or the answer.
    pub strong: bool,
}

/// A chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// What it shows.
    pub title: String,
    /// To the right.
    pub x: Axis,
    /// Upwards, from zero.
    pub y: Axis,
    /// Lines.
    pub series: Vec<Series>,
    /// Named points.
    pub marks: Vec<Mark>,
    /// Dashed lines across, with their names.
    pub across: Vec<(f64, String)>,
    /// Where the load line stands, with its name.
    pub load_line: Option<(f64, String)>,
    /// A line drops from the last mark.
    pub drops: bool,
    /// Why there is nothing to draw, or what the lines do not show.
    pub sentence: String,
}

impl Chart {
    /// The chart as a screen reader says it.
    pub fn spoken(&self) -> String {
        let mut parts: Vec<String> = Vec::new();
        for series in &self.series {
            if let (Some((from, first)), Some((to, last))) = (series.points.first(), series.points.last()) {
                let name = if series.name.is_empty() { String::new() } else { format!("{}: ", series.name) };
                parts.push(tr!(
                    "{name}{first} at {from}, {last} at {to}",
                    name,
                    first = amount(first.p50),
                    from = count(*from),
                    last = amount(last.p50),
                    to = count(*to)
                ));
            }
        }
        parts.extend(self.marks.iter().filter(|mark| mark.strong).map(|mark| mark.text.clone()));
        parts.extend(self.load_line.iter().map(|(_, words)| words.clone()));
        if !self.sentence.is_empty() {
            parts.push(self.sentence.clone());
        }
        format!("{}: {}", self.title, parts.join("; "))
    }
}

fn axis(name: impl Into<String>, from: f64, to: f64, doubling: bool) -> Axis {
    Axis { name: name.into(), from, to, doubling }
}

/// All curves of an answer: of time first, then of money.
pub fn charts(chosen: &Chosen, solved: &Solved) -> Vec<Chart> {
    let mut all: Vec<Chart> = of_time(chosen, solved).into_iter().collect();
    all.extend(break_even(chosen, solved));
    all
}

fn of_time(chosen: &Chosen, solved: &Solved) -> Option<Chart> {
    match &solved.answer.of {
        Of::Batch(_) => finish(chosen, solved),
        Of::Users(_) => wait(chosen, solved),
        Of::Agent(_) => growth(solved),
        Of::Chat(_) | Of::Completion(_) => None,
    }
}

/// Hours or minutes, by how long the longest is.
fn scale(longest: f64) -> (f64, &'static str, &'static str) {
    match longest {
        s if s > 96.0 * 3600.0 => (86_400.0, tr!("Days"), "d"),
        s if s > 5400.0 => (3600.0, tr!("Hours"), "h"),
        s if s > 90.0 => (60.0, tr!("Minutes"), "min"),
        _ => (1.0, tr!("Seconds"), "s"),
    }
}

/// Time to finish over the requests at once.
fn finish(chosen: &Chosen, solved: &Solved) -> Option<Chart> {
    let Of::Batch(batch) = &solved.answer.of else { return None };
    // The line ends where the cache is full: past it another form of the estimate would join.
    let end = solved.answer.most.min(32);
    let shown: Vec<_> = batch.points.iter().filter(|point| point.requests <= end).collect();
    let longest = shown.iter().map(|point| point.seconds.p90).fold(0.0, f64::max);
    let (unit, title, short) = scale(longest);
    let points = shown.iter().map(|point| (f64::from(point.requests), point.seconds.times(1.0 / unit)));
    let points: Vec<(f64, Range)> = points.collect();
    let at = |requests: u32| points.iter().find(|(x, _)| *x == f64::from(requests)).map(|(_, y)| y.p50);
    let label = |value: f64| format!("{} {short}", fixed(value, 1));
    let mut marks: Vec<Mark> = [1, 4]
        .into_iter()
        .filter(|requests| *requests != solved.answer.requests)
        .filter_map(|requests| {
            let y = at(requests)?;
            Some(Mark { x: f64::from(requests), y, text: label(y), strong: false })
        })
        .collect();
    let present = batch.seconds.p50 / unit;
    if solved.answer.requests <= 32 {
        let x = f64::from(solved.answer.requests);
        marks.push(Mark { x, y: present, text: label(present), strong: true });
    }
    let mut across = Vec::new();
    let until = f64::from(chosen.minutes_until_deadline()) * 60.0 / unit;
    let top = longest / unit * 1.05;
    if until < top {
        across.push((until, clock(chosen.deadline)));
    }
    let reading = batch.reading.p50 / unit;
    if reading > top * 0.04 {
        across.push((reading, tr!("reading alone takes {reading}", reading = label(reading))));
    }
    let on_gpu = solved.answer.class <= FitClass::Tight || shown.first()?.class <= FitClass::Tight;
    let load_line = (solved.answer.most < 32 && on_gpu)
        .then(|| (f64::from(solved.answer.most), tr!("cache full at {most}", most = solved.answer.most)));
    Some(Chart {
        title: tr!("{title} to finish, by requests at once", title),
        x: axis(tr!("requests at once"), 1.0, 32.0, true),
        y: axis("", 0.0, top, false),
        series: vec![Series { name: String::new(), note: String::new(), style: Style::Main, points }],
        marks,
        across,
        load_line,
        drops: false,
        sentence: String::new(),
    })
}

/// The wait over the load.
fn wait(chosen: &Chosen, solved: &Solved) -> Option<Chart> {
    let Of::Users(users) = &solved.answer.of else { return None };
    let mut points: Vec<(f64, Range)> = Vec::new();
    let target = chosen.users.target_s;
    // Past some waits the axis would show nothing else.
    let shown = (target * 4.0).max(users.curve.first()?.wait[1]? * 4.0);
    for point in &users.curve {
        let [Some(fast), Some(usual), slow] = point.wait else { break };
        let slow = slow.unwrap_or(f64::INFINITY).min(shown * 4.0);
        points.push((point.per_minute, Range { p10: fast, p50: usual, p90: slow.max(usual) }));
        if usual > shown {
            break;
        }
    }
    let to = points.last()?.0;
    let most = points.iter().map(|(_, wait)| wait.p50).fold(target * 1.2, f64::max).min(shown);
    let mut marks = Vec::new();
    if let Some(outcome) = users.outcomes[1]
        && outcome.first_token.p95 <= most
        && chosen.users.per_minute <= to
    {
        let text = tr!(
            "{p95} at {per_minute} a minute",
            p95 = duration(outcome.first_token.p95),
            per_minute = count(chosen.users.per_minute)
        );
        marks.push(Mark { x: chosen.users.per_minute, y: outcome.first_token.p95, text, strong: true });
    }
    Some(Chart {
        title: tr!("Seconds to the first token for 95 of 100").to_owned(),
        x: axis(tr!("requests a minute"), 0.0, to, false),
        y: axis("", 0.0, most, false),
        series: vec![Series { name: String::new(), note: String::new(), style: Style::Main, points }],
        marks,
        across: vec![(target, tr!("wanted: {target}", target = duration(target)))],
        load_line: None,
        drops: false,
        sentence: String::new(),
    })
}

/// Seconds of each turn of an agent, with and without what was kept.
fn growth(solved: &Solved) -> Option<Chart> {
    let Of::Agent(agent) = &solved.answer.of else { return None };
    let longest = agent.turns.iter().map(|turn| turn.without.p90).fold(0.0, f64::max);
    let (unit, title, _) = scale(longest);
    let line = |name: &str, style: Style, of: fn(&crate::estimate::workload::Turn) -> Range| Series {
        name: name.to_owned(),
        note: String::new(),
        style,
        points: (1..)
            .zip(&agent.turns)
            .map(|(at, turn)| (f64::from(at), of(turn).times(1.0 / unit)))
            .collect(),
    };
    let last = agent.turns.last()?;
    Some(Chart {
        title: tr!(
            "{title} a turn; the prompt grows to {prompt} tokens",
            title,
            prompt = count(f64::from(last.prompt))
        ),
        x: axis(tr!("turn"), 1.0, (agent.turns.len() as f64).max(2.0), false),
        y: axis("", 0.0, longest / unit * 1.05, false),
        series: vec![
            line(tr!("kept"), Style::Main, |turn| turn.seconds),
            line(tr!("read anew"), Style::Other, |turn| turn.without),
        ],
        marks: Vec::new(),
        across: Vec::new(),
        load_line: None,
        drops: false,
        sentence: String::new(),
    })
}

/// Money over units of work: straight lines.
fn break_even(chosen: &Chosen, solved: &Solved) -> Option<Chart> {
    let bill = solved.bill.as_ref()?;
    let kind: Kind = chosen.kind;
    let (lot, units) = (Lot::of(kind), units(kind));
    let mut chart = Chart {
        title: tr!("Money spent after so many {units}, USD", units),
        x: axis(units, 0.0, 1.0, false),
        y: axis("", 0.0, 1.0, false),
        series: Vec::new(),
        marks: Vec::new(),
        across: Vec::new(),
        load_line: None,
        drops: true,
        sentence: String::new(),
    };
    let Some(home) = bill.electricity_usd else {
        chart.sentence =
            tr!("Say what 1 {currency} is in USD to compare.", currency = bill.electricity.currency);
        return Some(chart);
    };
    let effective = &solved.effective;
    let net = effective.price.0.map(|price| (price - effective.resale.0.unwrap_or(0.0)).max(0.0));
    let crossing = match &bill.break_even {
        BreakEven::After { units, .. } => Some(units.p50),
        _ => None,
    };
    let home_unit = home.amount.p50;
    let api_unit = bill.api.map(|api| api.amount.p50);
    // Twice as far as the lines cross; without a crossing, until the API has cost the machine.
    let to = crossing.map(|units| units * 2.1).or_else(|| {
        let dear = api_unit.into_iter().chain([home_unit]).fold(0.0, f64::max);
        net.filter(|net| *net > 0.0 && dear > 0.0).map(|net| net / dear)
    });
    let to = to.filter(|to| to.is_finite() && *to > 0.0).unwrap_or(100.0).max(1.0);
    let line = |name: &str, style: Style, fixed: f64, each: f64| Series {
        name: name.to_owned(),
        note: format!("{} {}", amount(each * lot.units), lot.short),
        style,
        points: [0.0, to].map(|x| (x, Range::exactly(each.mul_add(x, fixed)))).to_vec(),
    };
    if let Some(each) = api_unit {
        chart.series.push(line("API", Style::Other, 0.0, each));
    }
    chart.series.push(line(tr!("at home"), Style::Main, net.unwrap_or(0.0), home_unit));
    if let Some(rented) = bill.rented {
        chart.series.push(line("rented", Style::Dashed, 0.0, rented.amount.p50));
    }
    chart.x.to = to;
    let tops = chart.series.iter().filter_map(|series| Some(series.points.last()?.1.p50));
    chart.y.to = tops.fold(0.0, f64::max).max(1e-6) * 1.05;
    if let (Some(x), Some(net)) = (crossing, net) {
        let text = tr!("even after {needed} {units}", needed = count(x.ceil()), units);
        chart.marks.push(Mark { x, y: home_unit.mul_add(x, net), text, strong: true });
    } else {
        chart.sentence = why_not(&bill.break_even, kind);
    }
    Some(chart)
}

/// Why the lines do not cross.
pub(super) fn why_not(found: &BreakEven, kind: Kind) -> String {
    let units = units(kind);
    match found {
        BreakEven::After { .. } => String::new(),
        BreakEven::AtOnce => {
            tr!("Nothing has to be paid back: at home is cheaper from the start.").to_owned()
        }
        BreakEven::Never => {
            tr!(
                "Never: the electricity of {a_unit} costs as much as the API, or more.",
                a_unit = a_unit(kind)
            )
        }
        BreakEven::NotInLife { units: needed, most } => tr!(
            "Not in its life: it would take {needed} {units}, and working day and night it does {most}.",
            needed = count(*needed),
            units,
            most = count(*most)
        ),
        BreakEven::Unknown(why) => {
            let mut letters = why.chars();
            let first = letters.next().map(|letter| letter.to_uppercase().collect::<String>());
            format!("{}{}.", first.unwrap_or_default(), letters.as_str())
        }
    }
}
