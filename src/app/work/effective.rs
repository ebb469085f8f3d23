//! The values that count: those that were typed, else what is known, else what is usual; each with its source.

use super::chosen::Chosen;
use crate::app::rigs::price::launch_words;
use crate::estimate::Rig;
use crate::estimate::cost::{ApiPrice, Currency, Exchange, Money, Terms, Wall, api_price, wall};
use crate::estimate::workload::Kind;
use crate::language::{date, tr};
use crate::machine::table::{Record, Table};
use crate::model::Model;

/// What a card is worth at the end where nothing is said, as a share of its price.
const RESALE: f64 = 0.3;

fn yours() -> String {
    tr!("as you say").to_owned()
}

/// A value that may be unknown, and where it comes from or why it is not.
type Known = (Option<f64>, String);

/// What counts.
#[derive(Clone, Debug, PartialEq)]
pub struct Effective {
    /// A kilowatt-hour, in the currency of the place.
    pub per_kwh: (f64, String),
    /// Watts at the wall while it works.
    pub watts: Known,
    /// Watts while it waits.
    pub idle: Known,
    /// Price of the machine, US dollars.
    pub price: Known,
    /// What it is worth at the end.
    pub resale: Known,
    /// Share of the time in which it works.
    pub utilization: (f64, String),
    /// API prices, US dollars a million tokens: read, read and kept, written.
    pub api: [Option<f64>; 3],
    /// Their date and source.
    pub api_source: String,
    /// Power with its range.
    pub wall: Result<Wall, String>,
    /// All of it, for a bill; `None`: the power is not known.
    pub terms: Option<Terms>,
}

/// Share of the time in which a machine works, by what it does (cost model, §6.3).
fn usual_utilization(kind: Kind) -> (f64, &'static str) {
    match kind {
        Kind::Chat | Kind::Agent | Kind::Completion => (0.05, tr!("assumed for one person")),
        Kind::Users => (0.2, tr!("assumed for a team")),
        Kind::Batch => (0.9, tr!("assumed for batches one after another")),
    }
}

fn record(name: &str) -> Option<&'static Record> {
    Table::embedded().records().iter().find(|record| record.name == name)
}

/// Price of the cards at launch, and whose.
fn launch_price(rig: &Rig) -> Known {
    if rig.devices.is_empty() {
        return (None, tr!("there is no card; type the price of the machine").to_owned());
    }
    let mut usd = 0.0;
    let mut names: Vec<String> = Vec::new();
    for device in &rig.devices {
        let record = device.table_name.and_then(record);
        let Some((record, price)) = record.and_then(|record| Some((record, record.launch_price_usd?))) else {
            return (
                None,
                tr!("no launch price of {short_name} is known; type one", short_name = device.short_name()),
            );
        };
        usd += price;
        let text = launch_words(record, price);
        if !names.contains(&text) {
            names.push(text);
        }
    }
    (Some(usd), names.join(", "))
}

fn or_yours(typed: Option<f64>, known: Known) -> Known {
    match typed {
        Some(value) => (Some(value), yours()),
        None => known,
    }
}

impl Effective {
    /// What counts for `model` on `rig`; `None`: no model is chosen.
    pub fn new(chosen: &Chosen, rig: &Rig, model: Option<&Model>) -> Self {
        let place = chosen.place();
        let per_kwh = match chosen.per_kwh {
            Some(price) => (price, yours()),
            None => (place.per_kwh, format!("{}, {}", place.short_source, date(&place.period))),
        };
        let found = wall(rig);
        let idle = or_yours(
            chosen.idle,
            match &found {
                Ok(Wall { idle, idle_source, .. }) => (*idle, idle_source.clone()),
                Err(_) => (None, tr!("not known: counted as nothing").to_owned()),
            },
        );
        let found = match chosen.watts {
            Some(watts) => Ok(Wall::given(watts, idle.0)),
            None => found.map(|found| Wall { idle: idle.0, ..found }),
        };
        let watts = match &found {
            Ok(wall) => (Some(wall.load.p50), wall.source.clone()),
            Err(why) => (None, why.clone()),
        };
        let price = or_yours(chosen.price, launch_price(rig));
        let usual_resale = price.0.map(|price| (price * RESALE).round());
        let resale = or_yours(chosen.resale, (usual_resale, tr!("assumed: 30 % of the price").to_owned()));
        let (usual, why) = usual_utilization(chosen.kind);
        let utilization = match chosen.utilization {
            Some(share) => (share, yours()),
            None => (usual, why.to_owned()),
        };
        let listed = model.and_then(|model| api_price(&model.id));
        let [input, kept, output] = chosen.api;
        let api = [
            input.or(listed.map(|price| price.input)),
            kept.or(listed.and_then(|price| price.cached)),
            output.or(listed.map(|price| price.output)),
        ];
        let api_source = match listed {
            _ if chosen.api.iter().any(Option::is_some) => yours(),
            Some(price) => price.dated(),
            None => tr!("no price of this model is known: type one").to_owned(),
        };
        let terms = found.as_ref().ok().map(|wall| Terms {
            wall: wall.clone(),
            per_kwh: Money::exactly(per_kwh.0, place.currency),
            exchange: chosen
                .exchange
                .filter(|_| place.currency != Currency::Usd)
                .map(|usd| Exchange { of: place.currency, usd }),
            price_usd: price.0,
            resale_usd: resale.0.unwrap_or(0.0),
            years: chosen.years,
            utilization: utilization.0,
            rented_usd: chosen.rented,
            api: api[0].zip(api[2]).map(|(input, output)| ApiPrice {
                model: model.map(|model| model.id.clone()).unwrap_or_default(),
                listed_as: listed.map(|price| price.listed_as.clone()).unwrap_or_default(),
                input,
                output,
                cached: api[1],
                as_of: listed.map(|price| price.as_of.clone()).unwrap_or_default(),
                maybe_delisted: listed.is_some_and(|price| price.maybe_delisted),
            }),
        });
        Self { per_kwh, watts, idle, price, resale, utilization, api, api_source, wall: found, terms }
    }
}
