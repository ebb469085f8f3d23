//! Filters by ranges of figures: from, to, or both.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use crate::app::machine_page::field::number_text;
use crate::app::typed;
use crate::estimate::Brief;
use crate::language::tr;
use crate::model::Model;

/// A figure that models are filtered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Span {
    /// Parameters, billions.
    Params,
    /// Memory needed, GiB.
    Memory,
    /// Decode rate of each request, tokens/s.
    Speed,
    /// Release, months since year 0.
    Released,
}

impl Span {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Params, Self::Memory, Self::Speed, Self::Released];

    /// What it is called.
    pub fn title(self) -> &'static str {
        match self {
            Self::Params => tr!("Parameters"),
            Self::Memory => tr!("Memory needed"),
            Self::Speed => tr!("Tokens/s"),
            Self::Released => tr!("Released"),
        }
    }

    /// Unit behind a field; may be empty.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Params => "B",
            Self::Memory => "GiB",
            Self::Speed => "tok/s",
            Self::Released => "",
        }
    }

    /// What stands in a field while it is empty: an example of each end.
    pub fn hints(self) -> [&'static str; 2] {
        match self {
            Self::Params => [tr!("from"), tr!("to")],
            Self::Memory | Self::Speed => [tr!("at least"), tr!("at most")],
            Self::Released => [tr!("from 2025-01"), tr!("to 2026-08")],
        }
    }

    /// Values that make sense.
    const fn limits(self) -> RangeInclusive<f64> {
        match self {
            Self::Params => 0.0..=100_000.0,
            Self::Memory | Self::Speed => 0.0..=1_000_000.0,
            Self::Released => 24_000.0..=25_211.0,
        }
    }

    /// Reads what was typed into a field; an empty one is no bound.
    ///
    /// # Errors
    /// What it should be.
    pub fn parse(self, text: &str) -> Result<Option<f64>, String> {
        if text.trim().is_empty() {
            return Ok(None);
        }
        let limits = self.limits();
        match self {
            Self::Params => typed::billions(text, &limits),
            Self::Memory | Self::Speed => typed::number(text, self.unit(), &limits),
            Self::Released => typed::month(text)
                .and_then(|month| months(&month).ok_or_else(|| tr!("a month, such as 2025-07").to_owned())),
        }
        .map(Some)
    }

    /// A value as it stands in a field and in a chip.
    pub fn text(self, value: f64) -> String {
        match self {
            Self::Released => format!("{}-{:02}", (value / 12.0).floor(), value.rem_euclid(12.0) + 1.0),
            _ => number_text(value),
        }
    }
}

/// Months since year 0 of "2025-07".
fn months(text: &str) -> Option<f64> {
    let (year, month) = text.split_once('-')?;
    let (year, month): (f64, f64) = (year.parse().ok()?, month.get(..2)?.parse().ok()?);
    (1.0..=12.0).contains(&month).then_some(year * 12.0 + month - 1.0)
}

/// A range; an end that is missing is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Bounds {
    /// At least.
    pub least: Option<f64>,
    /// At most.
    pub most: Option<f64>,
}

impl Bounds {
    /// Whether nothing is asked.
    pub const fn is_open(&self) -> bool {
        self.least.is_none() && self.most.is_none()
    }

    /// Whether a value lies in it; one that is not known does only where nothing is asked.
    pub fn holds(&self, value: Option<f64>) -> bool {
        let Some(value) = value else { return self.is_open() };
        self.least.is_none_or(|least| value >= least) && self.most.is_none_or(|most| value <= most)
    }
}

/// The ranges of all figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Ranges {
    params: Bounds,
    memory: Bounds,
    speed: Bounds,
    released: Bounds,
}

impl Ranges {
    /// The range of a figure.
    pub const fn of(&self, span: Span) -> Bounds {
        match span {
            Span::Params => self.params,
            Span::Memory => self.memory,
            Span::Speed => self.speed,
            Span::Released => self.released,
        }
    }

    /// Sets the range of a figure; ends that stand the wrong way round change places.
    pub fn set(&mut self, span: Span, bounds: Bounds) {
        let place = match span {
            Span::Params => &mut self.params,
            Span::Memory => &mut self.memory,
            Span::Speed => &mut self.speed,
            Span::Released => &mut self.released,
        };
        *place = match (bounds.least, bounds.most) {
            (Some(least), Some(most)) if least > most => Bounds { least: Some(most), most: Some(least) },
            _ => bounds,
        };
    }

    /// Whether nothing is asked.
    pub fn is_open(&self) -> bool {
        Span::ALL.into_iter().all(|span| self.of(span).is_open())
    }

    /// Whether something is asked of memory or speed, which depend on the machine.
    pub const fn ask_figures(&self) -> bool {
        !self.memory.is_open() || !self.speed.is_open()
    }

    /// Brings what was stored into sensible values.
    pub fn tidy(&mut self) {
        for span in Span::ALL {
            let limits = span.limits();
            let tame = |end: Option<f64>| end.filter(|value| value.is_finite() && limits.contains(value));
            let Bounds { least, most } = self.of(span);
            self.set(span, Bounds { least: tame(least), most: tame(most) });
        }
    }

    /// Whether a model's own facts lie in them.
    pub fn hold_model(&self, model: &Model) -> bool {
        self.params.holds(Some(model.params_total as f64 / 1e9))
            && self.released.holds(months(&model.release_date))
    }

    /// Whether its figures on a machine do; each of `requests` has its share of the speed.
    pub fn hold_figures(&self, brief: Option<&Brief>, requests: f64) -> bool {
        let speed = brief.and_then(|brief| brief.decode).map(|rate| rate.p50 / requests);
        self.memory.holds(brief.map(|brief| brief.need.gib())) && self.speed.holds(speed)
    }

    /// What is asked of a figure, as a chip says it: "8–32 B", "at most 12 GiB"; `None`: nothing.
    pub fn words(&self, span: Span) -> Option<String> {
        let unit = match span.unit() {
            "" => String::new(),
            unit => format!(" {unit}"),
        };
        let text = |value| span.text(value);
        let title = span.title();
        Some(match (self.of(span).least, self.of(span).most) {
            (None, None) => return None,
            (Some(least), None) if span == Span::Released => {
                tr!("{title} from {least}", title, least = text(least))
            }
            (None, Some(most)) if span == Span::Released => {
                tr!("{title} until {most}", title, most = text(most))
            }
            (Some(least), None) => tr!("{title} at least {least}{unit}", title, least = text(least), unit),
            (None, Some(most)) => tr!("{title} at most {most}{unit}", title, most = text(most), unit),
            (Some(least), Some(most)) => format!("{title} {}–{}{unit}", text(least), text(most)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::grid::testing::brief;
    use crate::estimate::FitClass;
    use crate::model::Catalog;

    fn ranges(span: Span, least: Option<f64>, most: Option<f64>) -> Ranges {
        let mut ranges = Ranges::default();
        ranges.set(span, Bounds { least, most });
        ranges
    }

    #[test]
    fn what_is_typed_is_read_and_written() {
        for (span, text, value) in [
            (Span::Params, "8B", 8.0),
            (Span::Memory, "12 GiB", 12.0),
            (Span::Speed, "7.5", 7.5),
            (Span::Released, "2025-07", 24_306.0),
        ] {
            assert_eq!(span.parse(text), Ok(Some(value)), "{text}");
            assert_eq!(span.parse(&span.text(value)), Ok(Some(value)), "{text}");
        }
        assert_eq!(Span::Memory.parse(" "), Ok(None));
        assert!(Span::Released.parse("soon").unwrap_err().contains("2025-07"));
        assert!(Span::Speed.parse("-3").unwrap_err().contains("from 0"));
    }

    #[test]
    fn a_range_holds_its_ends_and_not_what_is_unknown() {
        let bounds = Bounds { least: Some(8.0), most: Some(12.0) };
        assert!(bounds.holds(Some(8.0)) && bounds.holds(Some(12.0)));
        assert!(!bounds.holds(Some(12.1)) && !bounds.holds(None));
        assert!(Bounds::default().holds(None));
        let turned = ranges(Span::Params, Some(30.0), Some(7.0)).of(Span::Params);
        assert_eq!(turned, Bounds { least: Some(7.0), most: Some(30.0) });
    }

    #[test]
    fn models_and_figures_are_held_against_them() {
        let catalog = Catalog::embedded();
        let model = catalog.get(catalog.find("Qwen/Qwen3-14B").unwrap());
        assert!(ranges(Span::Params, Some(10.0), Some(20.0)).hold_model(model));
        assert!(!ranges(Span::Params, Some(20.0), None).hold_model(model));
        assert!(ranges(Span::Released, Span::Released.parse("2025-01").unwrap(), None).hold_model(model));
        assert!(!ranges(Span::Released, Span::Released.parse("2026-01").unwrap(), None).hold_model(model));
        let brief = brief(FitClass::Fits, 40.0, 0.99);
        let fast = ranges(Span::Speed, Some(15.0), None);
        assert!(fast.hold_figures(Some(&brief), 2.0) && !fast.hold_figures(Some(&brief), 4.0));
        assert!(!fast.hold_figures(None, 1.0) && Ranges::default().hold_figures(None, 1.0));
        assert!(!ranges(Span::Memory, None, Some(9.0)).hold_figures(Some(&brief), 1.0));
    }

    #[test]
    fn chips_say_what_is_asked() {
        let words = |span, least, most| ranges(span, least, most).words(span);
        assert_eq!(words(Span::Params, Some(7.0), Some(32.0)).as_deref(), Some("Parameters 7–32 B"));
        assert_eq!(words(Span::Memory, None, Some(12.0)).as_deref(), Some("Memory needed at most 12 GiB"));
        assert_eq!(words(Span::Released, Some(24_300.0), None).as_deref(), Some("Released from 2025-01"));
        assert_eq!(words(Span::Speed, None, None), None);
    }

    #[test]
    fn stored_values_are_tamed() {
        let mut wild: Ranges = serde_json::from_str(
            r#"{"params": {"least": -5, "most": 1e300}, "speed": {"least": 20, "most": 4}}"#,
        )
        .unwrap();
        wild.tidy();
        assert!(wild.of(Span::Params).is_open());
        assert_eq!(wild.of(Span::Speed), Bounds { least: Some(4.0), most: Some(20.0) });
    }
}
