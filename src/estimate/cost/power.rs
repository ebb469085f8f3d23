//! What a computer takes from the wall while it works: measured where it was, else the card's power limit and the
//! rest of a desktop. `assets/wall_power.json`.

use std::sync::LazyLock;

use serde::Deserialize;

use super::super::Rig;
use super::super::plan::Range;
use crate::language::{date, localized, mark, text, tr};
use crate::machine::table::{Record, Table};
use crate::units::thousands;

const ASSET: &str = include_str!("../../../assets/wall_power.json");

#[derive(Debug, Deserialize)]
struct Asset {
    short_source: String,
    retrieved: String,
    measured: Vec<Measured>,
    idle: Vec<Idle>,
    model: Model,
}

#[derive(Debug, Deserialize)]
struct Measured {
    gpu: String,
    computer: String,
    peak_watts: f64,
}

#[derive(Debug, Deserialize)]
struct Idle {
    gpu: String,
    watts: f64,
}

#[derive(Debug, Deserialize)]
struct Model {
    rest_watts: f64,
    share_of_limit: [f64; 3],
    processor_watts: [f64; 3],
}

fn asset() -> &'static Asset {
    static PARSED: LazyLock<Asset> = LazyLock::new(|| {
        #[expect(clippy::expect_used, reason = "embedded data; a test reads it")]
        let parsed = serde_json::from_str(ASSET).expect("wall_power.json is well formed");
        parsed
    });
    &PARSED
}

/// Power of the whole computer at the wall, watts.
#[derive(Clone, Debug, PartialEq)]
pub struct Wall {
    /// While it works: the peak where it was measured, so rather too much.
    pub load: Range,
    /// While it waits; `None`: not known.
    pub idle: Option<f64>,
    /// How that is known.
    pub idle_source: String,
    /// Whether this card was measured in some computer.
    pub is_measured: bool,
    /// How it is known.
    pub source: String,
}

impl Wall {
    /// What somebody has measured or wants to count with.
    pub fn given(load: f64, idle: Option<f64>) -> Self {
        let source = tr!("as you say").to_owned();
        Self { load: Range::exactly(load), idle, idle_source: source.clone(), is_measured: false, source }
    }
}

/// How the idle power of a desktop is known that was not measured itself.
const DESKTOP_IDLE: &str = mark!("as a desktop with an RTX 2080 Ti (ai-benchmarks)");
/// A limit this near to the card's own is the card's own.
const SAME_LIMIT: f64 = 0.98;

fn record(name: &str) -> Option<&'static Record> {
    Table::embedded().records().iter().find(|record| record.name == name)
}

fn range(values: &[f64]) -> Option<Range> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let (first, last) = (sorted.first()?, sorted.last()?);
    Some(Range { p10: *first, p50: sorted[sorted.len() / 2], p90: *last })
}

/// Power at the wall of a machine that runs a model on the devices of `rig`.
///
/// # Errors
/// It is not known, and why.
pub fn wall(rig: &Rig) -> Result<Wall, String> {
    let known = asset();
    let Some(first) = rig.devices.first() else {
        let [p10, p50, p90] = known.model.processor_watts;
        return Ok(Wall {
            load: Range { p10, p50, p90 },
            idle: Some(known.model.rest_watts),
            idle_source: text(DESKTOP_IDLE).to_owned(),
            is_measured: false,
            source: tr!(
                "assumed for a desktop's processor, {low} to {high} W",
                low = thousands(p10),
                high = thousands(p90)
            ),
        });
    };
    let of_table = first.table_name.and_then(record);
    let idle_of =
        |record: &Record| known.idle.iter().find(|idle| idle.gpu == record.id).map(|idle| idle.watts);
    let (idle, idle_source) = match of_table.and_then(idle_of) {
        Some(watts) => {
            (Some(watts), tr!("measured at the wall ({short_source})", short_source = known.short_source))
        }
        None if first.unified => (None, tr!("not known: counted as nothing").to_owned()),
        None => (Some(known.model.rest_watts), text(DESKTOP_IDLE).to_owned()),
    };
    let is_full = match (first.power_watts, of_table.and_then(|record| record.tdp_watts)) {
        (Some(limit), Some(own)) => limit >= own * SAME_LIMIT,
        _ => true,
    };
    if let [_] = rig.devices.as_slice()
        && is_full
        && let Some(record) = of_table
    {
        let rows: Vec<&Measured> = known.measured.iter().filter(|row| row.gpu == record.id).collect();
        let watts: Vec<f64> = rows.iter().map(|row| row.peak_watts).collect();
        if let Some(load) = range(&watts) {
            let computer = rows.first().map_or("", |row| row.computer.as_str());
            let source = tr!(
                "measured at the wall, {computer}: peaks of {low} to {high} W ({short_source}, {retrieved})",
                computer,
                low = thousands(load.p10),
                high = thousands(load.p90),
                short_source = known.short_source,
                retrieved = date(&known.retrieved)
            );
            return Ok(Wall { load, idle, idle_source, is_measured: true, source });
        }
    }
    if first.unified {
        return Err(tr!(
            "what a computer with {short_name} takes from the wall was not measured; type what yours takes",
            short_name = first.short_name()
        ));
    }
    let mut limits = 0.0;
    for device in &rig.devices {
        let tdp = || device.table_name.and_then(record).and_then(|record| record.tdp_watts);
        match device.power_watts.or_else(tdp) {
            Some(watts) => limits += watts,
            None => {
                return Err(tr!(
                    "the power limit of {short_name} is not known",
                    short_name = device.short_name()
                ));
            }
        }
    }
    let at = |share: f64| limits.mul_add(share, known.model.rest_watts);
    let [low, middle, high] = known.model.share_of_limit;
    Ok(Wall {
        load: Range { p10: at(low), p50: at(middle), p90: at(high) },
        idle,
        idle_source,
        is_measured: false,
        source: tr!(
            "not measured: {rest_watts} W for the rest of a desktop and {low} to {high} times the limit of {limits} W",
            rest_watts = thousands(known.model.rest_watts),
            low = localized(low.to_string()),
            high = localized(high.to_string()),
            limits = thousands(limits)
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimate::rig::{Device, Host};
    use crate::machine::{Os, Vendor};

    fn rig(names: &[&str]) -> Rig {
        let device = |name: &&str| {
            let record = record(name).unwrap();
            Device {
                name: record.name.clone(),
                table_name: Some(record.name.as_str()),
                vendor: Vendor::Nvidia,
                power_watts: record.tdp_watts,
                unified: record.unified_memory,
                ..Device::default()
            }
        };
        let devices = names.iter().map(device).collect();
        Rig { devices, host: Host::default(), os: Os::Linux, unused: Vec::new(), own: None }
    }

    #[test]
    fn what_was_measured_counts() {
        let name = &Table::embedded().by_id("nvidia-geforce-rtx-3060-12-gb").unwrap().name;
        let found = wall(&rig(&[name])).unwrap();
        assert_eq!(found.load, Range { p10: 214.0, p50: 224.0, p90: 229.3 });
        assert!(found.is_measured && found.source.contains("2025-12-18"));
    }

    #[test]
    fn a_lowered_limit_and_other_cards_follow_the_model() {
        let name = &Table::embedded().by_id("nvidia-geforce-rtx-3060-12-gb").unwrap().name;
        let mut capped = rig(&[name]);
        capped.devices[0].power_watts = Some(120.0);
        let found = wall(&capped).unwrap();
        assert!(!found.is_measured);
        assert!((found.load.p50 - (47.7 + 0.97 * 120.0)).abs() < 1e-9);
        let name = &Table::embedded().by_id("nvidia-geforce-rtx-3090").unwrap().name;
        let two = wall(&rig(&[name, name])).unwrap();
        assert!((two.load.p50 - (47.7 + 0.97 * 700.0)).abs() < 1e-9);
    }

    #[test]
    fn the_model_is_the_one_of_the_measured_desktops() {
        let known = asset();
        let mut shares: Vec<f64> = known
            .measured
            .iter()
            .filter(|row| row.computer.contains("desktop"))
            .map(|row| {
                let tdp = Table::embedded().by_id(&row.gpu).unwrap().tdp_watts.unwrap();
                (row.peak_watts - known.model.rest_watts) / tdp
            })
            .collect();
        shares.sort_by(f64::total_cmp);
        let quantile = |share: f64| {
            let at = share * (shares.len() - 1) as f64;
            let below = at.floor() as usize;
            shares[below] + (shares[below + 1] - shares[below]) * at.fract()
        };
        for (share, stated) in [0.1, 0.5, 0.9].into_iter().zip(known.model.share_of_limit) {
            assert!(
                (quantile(share) - stated).abs() < 0.006,
                "{share}: {} against {stated}",
                quantile(share)
            );
        }
    }

    #[test]
    fn a_mac_that_was_not_measured_is_said_so() {
        let name = &Table::embedded().by_id("apple-m1-8-core-gpu").unwrap().name;
        assert!(wall(&rig(&[name])).unwrap_err().contains("type what yours takes"));
        let name = &Table::embedded().by_id("apple-m4-10-core-gpu").unwrap().name;
        assert_eq!(wall(&rig(&[name])).map(|found| (found.load.p50, found.idle)), Ok((30.1, Some(6.0))));
    }
}
