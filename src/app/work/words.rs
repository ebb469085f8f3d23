//! Durations, times of day and money as people write them.

use super::chosen::DAY_MIN;
use super::field::clock;
use crate::estimate::cost::Money;
use crate::estimate::workload::Kind;
use crate::units::thousands;

const MINUTE: f64 = 60.0;
const HOUR: f64 = 3600.0;
const DAY: f64 = 86_400.0;
const YEAR: f64 = 365.0 * DAY;

/// "0.4 s", "42 s", "12 min", "8 h 30 min", "3.2 days", "4.1 years".
pub fn duration(seconds: f64) -> String {
    match seconds {
        s if !s.is_finite() => "without end".to_owned(),
        s if s < 0.095 => format!("{:.0} ms", (s * 1000.0).max(1.0)),
        s if s < 9.95 => format!("{s:.1} s"),
        s if s < 99.5 => format!("{s:.0} s"),
        s if s < 99.5 * MINUTE => format!("{:.0} min", s / MINUTE),
        s if s < 2.0 * DAY => {
            let minutes = (s / MINUTE).round();
            // Ten minutes are exact enough for a day.
            let minutes = if s > 10.0 * HOUR { (minutes / 10.0).round() * 10.0 } else { minutes };
            let (hours, rest) = ((minutes / 60.0).floor(), minutes % 60.0);
            if rest == 0.0 { format!("{hours:.0} h") } else { format!("{hours:.0} h {rest:.0} min") }
        }
        s if s < 99.5 * DAY => format!("{:.1} days", s / DAY),
        s if s < YEAR => format!("{:.0} days", s / DAY),
        s if s < 100.0 * YEAR => format!("{:.1} years", s / YEAR),
        s => format!("{} years", thousands(s / YEAR)),
    }
}

/// A number of seconds with its unit apart, for a large figure: ("8.5", "h").
pub fn figure_of_seconds(seconds: f64) -> (String, &'static str) {
    let number = |value: f64| if value < 99.5 { format!("{value:.1}") } else { thousands(value) };
    match seconds {
        s if !s.is_finite() => ("n/a".to_owned(), ""),
        s if s < 0.995 => (format!("{s:.2}"), "s"),
        s if s < 99.5 => (number(s), "s"),
        s if s < 99.5 * MINUTE => (number(s / MINUTE), "min"),
        s if s < 72.0 * HOUR => (number(s / HOUR), "h"),
        s if s < YEAR => (number(s / DAY), "days"),
        s => (number(s / YEAR), "years"),
    }
}

/// Seconds in one of the units of [`figure_of_seconds`].
pub fn in_unit(seconds: f64, unit: &str) -> String {
    let each = match unit {
        "min" => MINUTE,
        "h" => HOUR,
        "days" => DAY,
        "years" => YEAR,
        _ => 1.0,
    };
    match seconds / each {
        v if !v.is_finite() => "without end".to_owned(),
        v if v < 0.995 => format!("{v:.2}"),
        v if v < 99.5 => format!("{v:.1}"),
        v => thousands(v),
    }
}

/// The time of day after so many seconds, and which day: "today 23:10", "tomorrow 04:30", "in 3 days, 07:30".
pub fn day_and_time(start: u32, seconds: f64) -> (String, String) {
    let minutes = f64::from(start) + (seconds / MINUTE).round();
    if !minutes.is_finite() || minutes > 1e9 {
        return ("never".to_owned(), String::new());
    }
    let minutes = minutes as u64;
    let (day, time) = (minutes / u64::from(DAY_MIN), (minutes % u64::from(DAY_MIN)) as u32);
    let day = match day {
        0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        days => format!("in {} days", thousands(days as f64)),
    };
    (day, clock(time))
}

/// The same for a column: "23:10", "+1 d 04:30".
pub fn short_time(start: u32, seconds: f64) -> String {
    let minutes = f64::from(start) + (seconds / MINUTE).round();
    if !minutes.is_finite() || minutes > 1e8 {
        return "never".to_owned();
    }
    let minutes = minutes as u64;
    let (day, time) = (minutes / u64::from(DAY_MIN), (minutes % u64::from(DAY_MIN)) as u32);
    if day == 0 { clock(time) } else { format!("+{} d {}", thousands(day as f64), clock(time)) }
}

/// An amount without its currency: "0.36", "3.42", "1,204", "0.0004".
pub fn amount(value: f64) -> String {
    match value {
        v if !v.is_finite() => "n/a".to_owned(),
        v if v.abs() >= 999.5 => thousands(v),
        v if v.abs() >= 0.095 => format!("{v:.2}"),
        v if v.abs() >= 0.000_95 => format!("{v:.4}"),
        0.0 => "0".to_owned(),
        v if v.abs() < 0.000_001 => "<0.000001".to_owned(),
        v => format!("{v:.6}"),
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
    /// What it is called: "a job", "1,000 replies".
    pub name: &'static str,
    /// The same in short: "a job", "a 1,000".
    pub short: &'static str,
}

impl Lot {
    /// That of a kind of work.
    pub fn of(kind: Kind) -> Self {
        let thousand = |name| Self { units: 1000.0, name, short: "a 1,000" };
        match kind {
            Kind::Batch => Self { units: 1.0, name: "a job", short: "a job" },
            Kind::Agent => Self { units: 1.0, name: "a run", short: "a run" },
            Kind::Chat => thousand("1,000 replies"),
            Kind::Users => thousand("1,000 requests"),
            Kind::Completion => thousand("1,000 completions"),
        }
    }

    /// Money for one unit, for all of them.
    pub fn price(&self, unit: Money) -> Money {
        Money { amount: unit.amount.times(self.units), ..unit }
    }
}

/// A count: "75", "2.5 million", "33 billion"; "5,000" below a million.
pub fn count(value: f64) -> String {
    let scaled = |value: f64| if value < 9.95 { format!("{value:.1}") } else { format!("{value:.0}") };
    match value {
        v if !v.is_finite() => "without end".to_owned(),
        v if v < 9.95 && v.fract() > 0.0 => format!("{v:.1}"),
        v if v < 999_500.0 => thousands(v),
        v if v < 999.5e6 => format!("{} million", scaled(v / 1e6)),
        v if v < 999.5e9 => format!("{} billion", scaled(v / 1e9)),
        v => format!("{} trillion", scaled(v / 1e12)),
    }
}

/// Energy: "0.4 Wh", "1.9 kWh".
pub fn energy(kwh: f64) -> (String, &'static str) {
    match kwh {
        k if k >= 99.5 => (thousands(k), "kWh"),
        k if k >= 0.0995 => (format!("{k:.1}"), "kWh"),
        k if k >= 0.000_995 => (format!("{:.1}", k * 1000.0), "Wh"),
        k => (format!("{:.3}", k * 1000.0), "Wh"),
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
        assert_eq!(figure_of_seconds(30_600.0), ("8.5".to_owned(), "h"));
        assert_eq!(figure_of_seconds(0.25), ("0.25".to_owned(), "s"));
        assert_eq!([18_000.0, f64::INFINITY].map(|seconds| in_unit(seconds, "h")), ["5.0", "without end"]);
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
