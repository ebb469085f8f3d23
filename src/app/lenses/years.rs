//! What the cards of other years run today, for what they cost when they came out.

use serde::{Deserialize, Serialize};

use super::shares::Largest;
use super::{Cells, at_speed, shares};
use crate::app::grid::{Ask, Judge};
use crate::estimate::size_class::{Lens, SizeClass};
use crate::estimate::{FitClass, Rig};
use crate::machine::spec::{GpuSpec, MachineSpec};
use crate::machine::table::{Kind, Record, Table};

/// The years that are looked at; each stands for itself and the year before.
pub const YEARS: [u32; 5] = [2018, 2020, 2022, 2024, 2026];
/// Highest price that can be asked about, USD.
pub const MOST_PRICE_USD: f64 = 100_000.0;
/// Most memory that can be assumed, GiB.
pub const MOST_RAM_GIB: f64 = 4096.0;
/// A card below this share of the price is not what somebody buys for it.
const LEAST_SHARE: f64 = 0.5;

/// What is assumed of the cards of other years.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Years {
    /// Launch price, USD.
    pub price_usd: f64,
    /// Main memory of the computer that each card is put into, GiB; of the speed that is assumed where none is known.
    pub ram_gib: f64,
}

impl Default for Years {
    fn default() -> Self {
        Self { price_usd: 700.0, ram_gib: 32.0 }
    }
}

impl Years {
    /// Brings what was remembered into bounds.
    pub fn tidy(&mut self) {
        let usual = Self::default();
        let within = |value: f64, high: f64, usual: f64| {
            if value.is_finite() && value >= 1.0 && value <= high { value } else { usual }
        };
        self.price_usd = within(self.price_usd, MOST_PRICE_USD, usual.price_usd);
        self.ram_gib = within(self.ram_gib, MOST_RAM_GIB, usual.ram_gib);
    }
}

/// A year.
#[derive(Clone, Debug, PartialEq)]
pub struct Year {
    /// It and the year before.
    pub year: u32,
    /// The card and what it runs; `None`: no card of these years has a known launch price near the one asked about.
    pub card: Option<CardYear>,
}

/// A card of a year.
#[derive(Clone, Debug, PartialEq)]
pub struct CardYear {
    /// Its name in the hardware table.
    pub name: &'static str,
    /// Its launch price, USD.
    pub price_usd: f64,
    /// Year and month in which it came out.
    pub release: &'static str,
    /// Its memory, GiB.
    pub vram_gib: f64,
    /// Models that are wholly on it at some level.
    pub on_gpu: usize,
    /// Models that run at reading speed at some level.
    pub at_speed: usize,
    /// Models that generate text.
    pub models: usize,
    /// The same by class of total parameters: models, and those at reading speed.
    pub classes: [(usize, usize); SizeClass::ALL.len()],
    /// The largest model at reading speed at any level.
    pub largest: Option<Largest>,
    /// The same wholly on the card.
    pub largest_on_gpu: Option<Largest>,
}

/// Cards of all years; `None`: there is a newer question.
pub(super) fn all(
    judge: &dyn Judge,
    ask: &Ask,
    years: &Years,
    is_stale: &dyn Fn() -> bool,
) -> Option<Vec<Year>> {
    let mut found = Vec::with_capacity(YEARS.len());
    for year in YEARS {
        let card = match card(year, years.price_usd).and_then(|record| Some((record, rig(record, years)?))) {
            Some((record, rig)) => Some(runs(judge, &Ask { rig, ..ask.clone() }, record, is_stale)?),
            None => None,
        };
        found.push(Year { year, card });
    }
    Some(found)
}

/// The dearest desktop card that came out in `year` or the year before for at most `price` USD; of equals the one
/// with more memory, then the faster, then the newer.
pub(super) fn card(year: u32, price: f64) -> Option<&'static Record> {
    let of_year = |record: &&Record| {
        let released = record.release.as_deref().and_then(|release| release.get(..4)?.parse::<u32>().ok());
        record.kind == Kind::Desktop
            && record.own_memory().is_some()
            && released.is_some_and(|released| released == year || released + 1 == year)
            && record.launch_price_usd.is_some_and(|usd| usd <= price && usd >= price * LEAST_SHARE)
    };
    let by = |a: f64, b: f64| a.total_cmp(&b);
    let memory = |record: &Record| record.own_memory().map_or(0.0, crate::units::Bytes::gib);
    Table::embedded().records().iter().filter(of_year).max_by(|a, b| {
        by(a.launch_price_usd.unwrap_or(0.0), b.launch_price_usd.unwrap_or(0.0))
            .then(by(memory(a), memory(b)))
            .then(by(a.memory_bandwidth_gbs.unwrap_or(0.0), b.memory_bandwidth_gbs.unwrap_or(0.0)))
            .then_with(|| a.release.cmp(&b.release))
    })
}

/// The card in a computer with the memory that is assumed.
fn rig(record: &Record, years: &Years) -> Option<Rig> {
    let spec = MachineSpec {
        gpus: vec![GpuSpec::named(record.name.clone())],
        ram_gib: Some(years.ram_gib),
        ..MachineSpec::default()
    };
    Some(Rig::from(&spec.resolve().ok()?.machine))
}

fn runs(
    judge: &dyn Judge,
    ask: &Ask,
    record: &'static Record,
    is_stale: &dyn Fn() -> bool,
) -> Option<CardYear> {
    let cells = Cells::new(judge, ask, is_stale)?;
    let by_total = shares::count(&cells, ask, Lens::Total, |_| None);
    let most = |on_gpu: bool| {
        let all = shares::largest(&cells, ask, on_gpu).into_iter().flatten();
        all.max_by(|a, b| a.params.cmp(&b.params).then(a.decode.total_cmp(&b.decode)))
    };
    let some = |good: &dyn Fn(&crate::estimate::Brief) -> bool| {
        let has = |(_, row): &&(_, crate::app::grid::GridRow)| {
            row.cells.iter().filter_map(crate::app::grid::Cell::brief).any(good)
        };
        cells.rows.iter().filter(has).count()
    };
    Some(CardYear {
        name: &record.name,
        price_usd: record.launch_price_usd.unwrap_or_default(),
        release: record.release.as_deref().unwrap_or_default(),
        vram_gib: record.own_memory().map_or(0.0, crate::units::Bytes::gib),
        on_gpu: some(&|brief| brief.class <= FitClass::Tight),
        at_speed: some(&|brief| at_speed(brief, ask.scenario.concurrency)),
        models: cells.rows.len(),
        classes: by_total.classes.each_ref().map(|class| (class.models, class.at_speed)),
        largest: most(false),
        largest_on_gpu: most(true),
    })
}
