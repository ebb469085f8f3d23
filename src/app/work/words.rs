//! Durations, times of day and money as people write them.

use super::chosen::DAY_MIN;
use super::field::clock;
use crate::estimate::cost::Money;
use crate::estimate::workload::Kind;
use crate::language::{fixed, localized, tr};
use crate::units::thousands;

const MINUTE: f64 = 60.0;
const HOUR: f64 = 3600.0;
const DAY: f64 = 86_400.0;
const YEAR: f64 = 365.0 * DAY;

/// "0.4 s", "42 s", "12 min", "8 h 30 min", "3.2 days", "4.1 years".
pub fn duration(seconds: f64) -> String {
    match seconds {
        s if !s.is_finite() => tr!("without end").to_owned(),
        s if s < 0.095 => format!("{:.0} ms", (s * 1000.0).max(1.0)),
        s if s < 9.95 => format!("{} s", fixed(s, 1)),
        s if s < 99.5 => format!("{s:.0} s"),
        s if s < 99.5 * MINUTE => format!("{:.0} min", s / MINUTE),
        s if s < 2.0 * DAY => {
            let minutes = (s / MINUTE).round();
            // Ten minutes are exact enough for a day.
            let minutes = if s > 10.0 * HOUR { (minutes / 10.0).round() * 10.0 } else { minutes };
            let (hours, rest) = ((minutes / 60.0).floor(), minutes % 60.0);
            if rest == 0.0 { format!("{hours:.0} h") } else { format!("{hours:.0} h {rest:.0} min") }
        }
        s if s < 99.5 * DAY => tr!("{days} days", days = fixed(s / DAY, 1)),
        s if s < YEAR => tr!("{days} days", days = format!("{:.0}", s / DAY)),
        s if s < 100.0 * YEAR => tr!("{years} years", years = fixed(s / YEAR, 1)),
        s => tr!("{years} years", years = thousands(s / YEAR)),
    }
}

/// A unit of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// Seconds.
    Seconds,
    /// Minutes.
    Minutes,
    /// Hours.
    Hours,
    /// Days.
    Days,
    /// Years of 365 days.
    Years,
}

impl Span {
    const fn seconds(self) -> f64 {
        match self {
            Self::Seconds => 1.0,
            Self::Minutes => MINUTE,
            Self::Hours => HOUR,
            Self::Days => DAY,
            Self::Years => YEAR,
        }
    }

    /// Behind a number.
    pub fn word(self) -> &'static str {
        match self {
            Self::Seconds => "s",
            Self::Minutes => "min",
            Self::Hours => "h",
            Self::Days => tr!("days"),
            Self::Years => tr!("years"),
        }
    }
}

/// A number of seconds with its unit apart, for a large figure: 8.5 hours; without end there is none.
pub fn figure_of_seconds(seconds: f64) -> (String, Option<Span>) {
    let span = match seconds {
        s if !s.is_finite() => return (tr!("n/a").to_owned(), None),
        s if s < 99.5 => Span::Seconds,
        s if s < 99.5 * MINUTE => Span::Minutes,
        s if s < 72.0 * HOUR => Span::Hours,
        s if s < YEAR => Span::Days,
        _ => Span::Years,
    };
    (in_unit(seconds, span), Some(span))
}

/// Seconds in a unit.
pub fn in_unit(seconds: f64, unit: Span) -> String {
    match seconds / unit.seconds() {
        v if !v.is_finite() => tr!("without end").to_owned(),
        v if v < 0.995 => fixed(v, 2),
        v if v < 99.5 => fixed(v, 1),
        v => thousands(v),
    }
}

/// The time of day after so many seconds, and which day: "today 23:10", "tomorrow 04:30", "in 3 days, 07:30".
pub fn day_and_time(start: u32, seconds: f64) -> (String, String) {
    let minutes = f64::from(start) + (seconds / MINUTE).round();
    if !minutes.is_finite() || minutes > 1e9 {
        return (tr!("never").to_owned(), String::new());
    }
    let minutes = minutes as u64;
    let (day, time) = (minutes / u64::from(DAY_MIN), (minutes % u64::from(DAY_MIN)) as u32);
    let day = match day {
        0 => tr!("today").to_owned(),
        1 => tr!("tomorrow").to_owned(),
        days => tr!("in {days} days", days = thousands(days as f64)),
    };
    (day, clock(time))
}

/// The same for a column: "23:10", "+1 d 04:30".
pub fn short_time(start: u32, seconds: f64) -> String {
    let minutes = f64::from(start) + (seconds / MINUTE).round();
    if !minutes.is_finite() || minutes > 1e8 {
        return tr!("never").to_owned();
    }
    let minutes = minutes as u64;
    let (day, time) = (minutes / u64::from(DAY_MIN), (minutes % u64::from(DAY_MIN)) as u32);
    if day == 0 {
        clock(time)
    } else {
        tr!("+{days} d {time}", days = thousands(day as f64), time = clock(time))
    }
}

/// An amount without its currency: "0.36", "3.42", "1,204", "0.0004".
pub fn amount(value: f64) -> String {
    match value {
        v if !v.is_finite() => tr!("n/a").to_owned(),
        v if v.abs() >= 999.5 => thousands(v),
        v if v.abs() >= 0.095 => fixed(v, 2),
        v if v.abs() >= 0.000_95 => fixed(v, 4),
        0.0 => "0".to_owned(),
        v if v.abs() < 0.000_001 => localized("<0.000001".to_owned()),
        v => fixed(v, 6),
    }
}

/// An amount with its currency: "0.36 USD".
pub fn money(money: Money) -> String {
    format!("{} {}", amount(money.amount.p50), money.currency)
}

/// What money is told for: one unit of a work, or a thousand where one costs next to nothing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lot {
    /// Units in it.
    pub units: f64,
    /// Behind an amount, in short: "a job", "a 1,000".
    pub short: &'static str,
    kind: Kind,
}

impl Lot {
    /// That of a kind of work.
    pub fn of(kind: Kind) -> Self {
        match kind {
            Kind::Batch | Kind::Agent => Self { units: 1.0, short: a_unit(kind), kind },
            Kind::Chat | Kind::Users | Kind::Completion => {
                Self { units: 1000.0, short: tr!("a 1,000"), kind }
            }
        }
    }

    /// "1,000 replies cost", before what they cost.
    pub fn cost(&self) -> &'static str {
        match self.kind {
            Kind::Batch => tr!("It costs"),
            Kind::Agent => tr!("A run costs"),
            Kind::Chat => tr!("1,000 replies cost"),
            Kind::Users => tr!("1,000 requests cost"),
            Kind::Completion => tr!("1,000 completions cost"),
        }
    }

    /// "USD for 1,000 replies".
    pub fn usd(&self) -> &'static str {
        match self.kind {
            Kind::Batch => tr!("USD for a job"),
            Kind::Agent => tr!("USD for a run"),
            Kind::Chat => tr!("USD for 1,000 replies"),
            Kind::Users => tr!("USD for 1,000 requests"),
            Kind::Completion => tr!("USD for 1,000 completions"),
        }
    }

    /// Money for one unit, for all of them.
    pub fn price(&self, unit: Money) -> Money {
        Money { amount: unit.amount.times(self.units), ..unit }
    }
}

/// One unit of a work, behind what it takes: "a job".
pub fn a_unit(kind: Kind) -> &'static str {
    match kind {
        Kind::Chat => tr!("a reply"),
        Kind::Batch => tr!("a job"),
        Kind::Agent => tr!("a run"),
        Kind::Users => tr!("a request"),
        Kind::Completion => tr!("a completion"),
    }
}

/// Several units of a work: "jobs".
pub fn units(kind: Kind) -> &'static str {
    match kind {
        Kind::Chat => tr!("replies"),
        Kind::Batch => tr!("jobs"),
        Kind::Agent => tr!("runs"),
        Kind::Users => tr!("requests"),
        Kind::Completion => tr!("completions"),
    }
}

/// A count: "75", "2.5 million", "33 billion"; "5,000" below a million.
pub fn count(value: f64) -> String {
    let scaled = |value: f64| if value < 9.95 { fixed(value, 1) } else { format!("{value:.0}") };
    match value {
        v if !v.is_finite() => tr!("without end").to_owned(),
        v if v < 9.95 && v.fract() > 0.0 => fixed(v, 1),
        v if v < 999_500.0 => thousands(v),
        v if v < 999.5e6 => tr!("{number} million", number = scaled(v / 1e6)),
        v if v < 999.5e9 => tr!("{number} billion", number = scaled(v / 1e9)),
        v => tr!("{number} trillion", number = scaled(v / 1e12)),
    }
}

/// Energy: "0.4 Wh", "1.9 kWh".
pub fn energy(kwh: f64) -> (String, &'static str) {
    match kwh {
        k if k >= 99.5 => (thousands(k), "kWh"),
        k if k >= 0.0995 => (fixed(k, 1), "kWh"),
        k if k >= 0.000_995 => (fixed(k * 1000.0, 1), "Wh"),
        k => (fixed(k * 1000.0, 3), "Wh"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_as_exact_as_they_are_known() {
        for (seconds, text) in [
            (0.04, "40 ms"),
            (0.4, "0.4 s"),
            (42.0, "42 s"),
            (720.0, "12 min"),
            (30_600.0, "8 h 30 min"),
            (66_000.0, "18 h 20 min"),
            (3.2 * DAY, "3.2 days"),
            (4.1 * YEAR, "4.1 years"),
            (f64::INFINITY, "without end"),
        ] {
            assert_eq!(duration(seconds), text);
        }
        assert_eq!(figure_of_seconds(30_600.0), ("8.5".to_owned(), Some(Span::Hours)));
        assert_eq!(figure_of_seconds(0.25), ("0.25".to_owned(), Some(Span::Seconds)));
        assert_eq!(
            [18_000.0, f64::INFINITY].map(|seconds| in_unit(seconds, Span::Hours)),
            ["5.0", "without end"]
        );
    }

    #[test]
    fn times_cross_midnight() {
        let at = |seconds| day_and_time(20 * 60, seconds);
        assert_eq!(at(30_600.0), ("tomorrow".to_owned(), "04:30".to_owned()));
        assert_eq!(at(3600.0), ("today".to_owned(), "21:00".to_owned()));
        assert_eq!(at(3.0 * DAY), ("in 3 days".to_owned(), "20:00".to_owned()));
        assert_eq!(at(f64::INFINITY).0, "never");
        assert_eq!(short_time(20 * 60, 30_600.0), "+1 d 04:30");
    }

    #[test]
    fn amounts_show_what_counts() {
        for (value, text) in [
            (0.36, "0.36"),
            (3.419, "3.42"),
            (1204.4, "1,204"),
            (0.0123, "0.0123"),
            (0.0, "0"),
            (0.000_2, "0.000200"),
        ] {
            assert_eq!(amount(value), text);
        }
        assert_eq!(
            [75.0, 5000.0, 2.5e9, 33.3e6, 7.0].map(count),
            ["75", "5,000", "2.5 billion", "33 million", "7"]
        );
    }
}
