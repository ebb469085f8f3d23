//! What a lower power limit of a card costs in speed and saves in energy, and which limit is worth setting.
//!
//! Form and evidence: cost model §6.2 and `assets/power_limit.json`. Nothing is ever set.

mod evidence;
#[cfg(test)]
mod tests;

pub use evidence::{Command, Draw, Finding, Form, Kind, Point, PowerLimits, Sweep, evidence};

use crate::language::{fixed, tr};
use crate::machine::Vendor;
use crate::machine::table::{self, Record, Table};

use super::plan::{FitClass, Plan, Range};
use super::rig::{Device, Rig};
use super::scenario::Scenario;

/// Watts between two limits.
const STEP_W: f64 = 5.0;
/// A request may take this share longer under the limit that is advised.
pub const MOST_SLOWER: f64 = 0.03;
/// Savings below this share are not worth a command.
const WORTH: f64 = 0.01;

/// What follows from the limit of a card.
#[derive(Clone, Debug, PartialEq)]
pub struct Advice {
    /// The card's name.
    pub gpu: String,
    /// Equal cards that take part; each gets the limit.
    pub cards: u32,
    /// Power that a card is built for, W.
    pub rated_w: f64,
    /// Its limit now, W.
    pub now_w: Option<f64>,
    /// Lowest and highest limit that it takes, W; `None`: it does not say.
    pub allowed_w: Option<(f64, f64)>,
    /// The evidence ends here, W.
    pub evidence_ends_w: f64,
    /// Rates and energy at limits that it takes and for which there is evidence, the lowest first.
    pub points: Vec<LimitPoint>,
    /// Which of `points` is advised; `None`: leaving it at its rated power is best.
    pub advised: Option<usize>,
    /// Why, in a sentence.
    pub reason: String,
    /// What sets it, and what that needs; `None`: there is none for this card.
    pub command: Option<(String, &'static str)>,
    /// Share of its rated power that a card draws while it decodes without a lower limit.
    pub draw_share: Range,
    /// Whether this was measured on this kind of card.
    pub draw_is_measured: bool,
}

/// What a limit gives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LimitPoint {
    /// The limit of one card, W.
    pub watts: f64,
    /// Decode rate, tokens/s.
    pub decode: Range,
    /// Prompt rate, tokens/s.
    pub prefill: Option<Range>,
    /// Energy of the card for a written token, J; `None` with several cards: what those draw that wait is not known.
    pub token_joules: Option<Range>,
    /// Time of a request as it is set up, as a multiple of that at the rated power.
    pub slower: f64,
    /// Energy of the card for a request, as a multiple of that at the rated power.
    pub energy: f64,
}

impl Advice {
    /// The point of the limit that is advised, or of the rated power.
    pub fn point(&self) -> Option<&LimitPoint> {
        self.advised.map_or(self.points.last(), |place| self.points.get(place))
    }

    /// Sweeps of this kind of card.
    pub fn sweeps(&self) -> impl Iterator<Item = &'static Sweep> + '_ {
        evidence().sweeps.iter().filter(|sweep| sweep.gpu == self.gpu)
    }

    /// What others found on this kind of card.
    pub fn findings(&self) -> impl Iterator<Item = &'static Finding> + '_ {
        evidence().findings.iter().filter(|finding| finding.gpu == self.gpu)
    }
}

/// The limit that is worth setting for `plan`, which was made for `scenario` on `rig`: of the limits that the cards
/// take and that there is evidence for, the one with the least energy for a request that takes at most
/// [`MOST_SLOWER`] longer.
///
/// # Errors
/// Why nothing can be said, as a sentence.
pub fn advise(plan: &Plan, scenario: &Scenario, rig: &Rig) -> Result<Advice, String> {
    let (device, cards) = device(plan, rig)?;
    let record = device
        .table_name
        .and_then(|name| Table::embedded().records().iter().find(|record| record.name == name));
    if record.is_some_and(|record| record.kind == table::Kind::Laptop) {
        return Err(tr!("The limit of a laptop's GPU is set by its maker.").to_owned());
    }
    let rated_w = rated(device, record).ok_or_else(|| {
        tr!("The power that the {short_name} is built for is not known.", short_name = device.short_name())
    })?;
    let decode = plan.speed.decode.ok_or(tr!("No speed is known here."))?;
    let form = &evidence().form;
    let ends = rated_w * form.least();
    let (low, high) = device.power_range_watts.unwrap_or((0.0, rated_w));
    let (low, high) = (low.max(ends), high.min(rated_w));
    if low >= high {
        return Err(tr!(
            "The limit of the {short_name} cannot be lowered.",
            short_name = device.short_name()
        ));
    }
    let (draw_share, draw_is_measured) = draw_share(device);
    let at = |watts: f64| Rates { watts, rated_w, decode, prefill: plan.speed.prefill, draw_share };
    let whole = at(high);
    let points: Vec<LimitPoint> =
        limits(low, high).map(|watts| at(watts).point(&whole, scenario, cards)).collect();
    let advised = choose(&points);
    Ok(Advice {
        gpu: device.known_as().to_owned(),
        cards,
        rated_w,
        now_w: device.power_watts,
        allowed_w: device.power_range_watts,
        evidence_ends_w: ends,
        reason: reason(advised.map(|place| &points[place]), high),
        command: advised.and_then(|place| command(device, rig, points[place].watts)),
        points,
        advised,
        draw_share,
        draw_is_measured,
    })
}

/// The kind of card that the plan runs on and how many take part, where it runs on cards alone.
fn device<'a>(plan: &Plan, rig: &'a Rig) -> Result<(&'a Device, u32), String> {
    if rig.devices.is_empty() {
        return Err(tr!("There is no card here.").to_owned());
    }
    if plan.fit.class > FitClass::Tight {
        return Err(tr!("Part of the model is not on the card: how its limit tells then was not measured.")
            .to_owned());
    }
    let used: Vec<&Device> = match &plan.placement.devices {
        Some(places) => places.iter().filter_map(|place| rig.devices.get(*place)).collect(),
        None => rig.devices.iter().collect(),
    };
    let first = *used.first().ok_or(tr!("There is no card here."))?;
    if first.unified {
        return Err(tr!("It shares power with the processor: it has no limit of its own.").to_owned());
    }
    if used.iter().any(|device| device.known_as() != first.known_as()) {
        return Err(
            tr!("Different cards take part: how their limits play together was not measured.").to_owned()
        );
    }
    Ok((first, used.len() as u32))
}

/// Power that a card is built for, W: by the hardware table, else the limit that is known of it.
fn rated(device: &Device, record: Option<&Record>) -> Option<f64> {
    record.and_then(|record| record.tdp_watts).or(device.power_watts).filter(|watts| *watts > 0.0)
}

/// Limits from `low` to `high`, both included, in round steps.
fn limits(low: f64, high: f64) -> impl Iterator<Item = f64> {
    let first = (low / STEP_W).ceil() * STEP_W;
    let count = ((high - first) / STEP_W).ceil().max(0.0) as u32;
    (0..count).map(move |step| first + f64::from(step) * STEP_W).chain([high])
}

/// Share of its rated power that a card draws while it decodes, and whether it was measured on this kind: the
/// middle of what was measured, with the extremes for a range.
fn draw_share(device: &Device) -> (Range, bool) {
    let draws = &evidence().draws;
    let mut shares: Vec<f64> = draws.iter().map(Draw::share).collect();
    shares.sort_by(f64::total_cmp);
    let own = draws.iter().find(|draw| draw.gpu == device.known_as());
    let middle = own.map_or_else(|| shares[shares.len() / 2], Draw::share);
    let (low, high) = (shares[0], shares[shares.len() - 1]);
    (Range { p10: low, p50: middle, p90: high }, own.is_some())
}

/// A card at a limit.
struct Rates {
    watts: f64,
    rated_w: f64,
    decode: Range,
    prefill: Option<Range>,
    draw_share: Range,
}

impl Rates {
    fn share(&self) -> f64 {
        self.watts / self.rated_w
    }

    fn decode(&self) -> Range {
        scaled(self.decode, evidence().form.decode(self.share()))
    }

    fn prefill(&self) -> Option<Range> {
        self.prefill.map(|rate| scaled(rate, evidence().form.prompt(self.share())))
    }

    /// What the card draws while it decodes, W.
    fn drawn(&self, share: f64) -> f64 {
        (share * self.rated_w).min(evidence().form.held_share * self.watts)
    }

    /// Seconds and joules of reading and writing so many tokens; a card that reads draws what it may.
    fn request(&self, read: f64, written: f64) -> (f64, f64) {
        let reading = self.prefill().map_or(0.0, |rate| read / rate.p50);
        let writing = written / self.decode().p50;
        let joules =
            reading * evidence().form.held_share * self.watts + writing * self.drawn(self.draw_share.p50);
        (reading + writing, joules)
    }

    fn point(&self, whole: &Self, scenario: &Scenario, cards: u32) -> LimitPoint {
        let (read, written) = (f64::from(scenario.prompt_tokens), f64::from(scenario.output_tokens.max(1)));
        let ((seconds, joules), (whole_seconds, whole_joules)) =
            (self.request(read, written), whole.request(read, written));
        let decode = self.decode();
        let token_joules = (cards == 1).then(|| Range {
            p10: self.drawn(self.draw_share.p10) / decode.p90,
            p50: self.drawn(self.draw_share.p50) / decode.p50,
            p90: self.drawn(self.draw_share.p90) / decode.p10,
        });
        LimitPoint {
            watts: self.watts,
            decode,
            prefill: self.prefill(),
            token_joules,
            slower: seconds / whole_seconds,
            energy: joules / whole_joules,
        }
    }
}

fn scaled(range: Range, factor: f64) -> Range {
    Range { p10: range.p10 * factor, p50: range.p50 * factor, p90: range.p90 * factor }
}

/// The least energy among those that are hardly slower; `None` where that saves nothing worth it.
fn choose(points: &[LimitPoint]) -> Option<usize> {
    let near = points.iter().enumerate().filter(|(_, point)| point.slower <= 1.0 + MOST_SLOWER);
    let (place, best) = near.min_by(|a, b| a.1.energy.total_cmp(&b.1.energy))?;
    (best.energy <= 1.0 - WORTH).then_some(place)
}

fn reason(advised: Option<&LimitPoint>, high: f64) -> String {
    let percent = |share: f64| format!("{:.0} %", share * 100.0);
    match advised {
        Some(point) => tr!(
            "{watts} W in place of {high}: a request as set up needs {energy} less energy of the card and takes {slower} % longer.",
            watts = format!("{:.0}", point.watts),
            high = format!("{high:.0}"),
            energy = percent(1.0 - point.energy),
            slower = fixed((point.slower - 1.0) * 100.0, 1)
        ),
        None => tr!(
            "Leave it at {high} W: no limit saves more than {least} without a request taking more than {slower} longer.",
            high = format!("{high:.0}"),
            least = percent(WORTH),
            slower = percent(MOST_SLOWER)
        ),
    }
}

/// What sets the limit of the rig's cards of this kind; the number is that of the first.
fn command(device: &Device, rig: &Rig, watts: f64) -> Option<(String, &'static str)> {
    let known = evidence().commands.iter().find(|command| command.vendor == device.vendor)?;
    if device.vendor == Vendor::Amd && rig.os != crate::machine::Os::Linux {
        return None;
    }
    let lines: Vec<String> = rig
        .devices
        .iter()
        .enumerate()
        .filter(|(_, other)| other.known_as() == device.known_as())
        .map(|(place, _)| known.text(place, watts as u32))
        .collect();
    Some((lines.join("\n"), known.needs.as_str()))
}
