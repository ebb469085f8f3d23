//! Cards of the hardware table that could be added to a machine.

use std::cmp::Ordering;
use std::sync::LazyLock;

use crate::machine::table::{Hints, Kind, Record, Table};
use crate::machine::{Os, Pool, reserve};
use crate::units::{Bytes, GIB};

use super::super::rig::{Device, Rig};
use super::super::{pace, prompt, together};
use super::change::Cards;

/// Cards that came out this many years before the newest of the table are still offered.
const YEARS: u32 = 6;
/// A card with less memory is no addition.
const LEAST_MEMORY: Bytes = Bytes(6 * GIB);

/// Of the cards of one size those count that cost at most this much more at their launch than the cheapest.
const DEARER: f64 = 1.25;

/// For each maker and size of memory one card, by size: of the cheapest at their launch the fastest, or where
/// no price is known the newest.
static OFFERS: LazyLock<Vec<&'static Record>> = LazyLock::new(|| {
    let offered = |record: &&Record| {
        matches!(record.kind, Kind::Desktop | Kind::Workstation)
            && !record.unified_memory
            && record.memory_bandwidth_gbs.is_some()
            && record.own_memory().is_some_and(|memory| memory >= LEAST_MEMORY)
    };
    let all = || Table::embedded().records().iter().filter(offered);
    let newest = all().filter_map(year).max().unwrap_or_default();
    let recent: Vec<&Record> =
        all().filter(|record| year(record).is_some_and(|year| year + YEARS >= newest)).collect();
    let mut offers: Vec<&Record> =
        recent.iter().copied().filter(|record| is_offer(record, &recent)).collect();
    offers.sort_by_key(|record| (record.own_memory(), record.vendor as u8));
    offers
});

/// Whether `record` is the one to offer of those of its maker and size among `all`.
fn is_offer(record: &Record, all: &[&'static Record]) -> bool {
    let alike: Vec<&Record> = all
        .iter()
        .copied()
        .filter(|other| other.vendor == record.vendor && other.own_memory() == record.own_memory())
        .collect();
    let cheapest = alike.iter().map(|other| price(other)).fold(f64::INFINITY, f64::min);
    let speed = |record: &Record| record.memory_bandwidth_gbs.unwrap_or_default();
    let affordable = alike.into_iter().filter(|other| price(other) <= cheapest * DEARER);
    let best = affordable.max_by(|a, b| {
        let by_speed = if cheapest.is_finite() { speed(a).total_cmp(&speed(b)) } else { Ordering::Equal };
        by_speed.then_with(|| a.release.cmp(&b.release)).then_with(|| b.id.cmp(&a.id))
    });
    best.is_some_and(|best| best.id == record.id)
}

/// Price at launch; endless where it is not known.
fn price(record: &Record) -> f64 {
    record.launch_price_usd.unwrap_or(f64::INFINITY)
}

fn year(record: &Record) -> Option<u32> {
    record.release.as_deref()?.get(..4)?.parse().ok()
}

/// Cards of the table that `rig` could take, one a size of memory, small to large: of the maker whose cards
/// it has, as one engine runs on one kind of GPU; without a card the cheapest of any maker.
pub fn offers(rig: &Rig) -> Vec<&'static Record> {
    if !has_slots(rig) {
        return Vec::new();
    }
    let maker = rig.devices.first().map(|device| device.vendor);
    let mut offers: Vec<&Record> =
        OFFERS.iter().copied().filter(|record| maker.is_none_or(|maker| record.vendor == maker)).collect();
    if maker.is_none() {
        offers
            .sort_by(|a, b| a.own_memory().cmp(&b.own_memory()).then_with(|| price(a).total_cmp(&price(b))));
        offers.dedup_by_key(|record| record.own_memory());
    }
    offers
}

/// Whether cards can be added: not to a laptop, nor to a chip that shares its memory with the processor.
pub fn has_slots(rig: &Rig) -> bool {
    let is_fixed = |device: &Device| {
        let hints = Hints { vram_gib: Some(device.capacity.gib()), ..Hints::default() };
        let found = || Table::embedded().candidates(&device.name, &hints);
        device.unified || found().first().is_some_and(|record| record.kind == Kind::Laptop)
    };
    rig.os != Os::Macos && !rig.devices.iter().any(is_fixed)
}

/// `count` of a card of the table.
pub fn cards(record: &Record, count: u32, os: Os) -> Option<Cards> {
    let capacity = record.own_memory()?;
    let free = reserve::device_free(capacity, os, record.vendor, Pool::Discrete, true).value;
    let device = Device {
        name: record.name.clone(),
        table_name: None,
        vendor: record.vendor,
        architecture: Some(record.architecture.clone()),
        compute_units: record.sm_or_cu,
        capacity,
        used_by_others: None,
        reserved: capacity - free,
        free,
        free_is_known: false,
        bandwidth_gbs: record.memory_bandwidth_gbs,
        fp16_tflops: pace::table_tflops(record),
        prompt_tflops: prompt::table_tflops(record),
        link_gbs: prompt::record_link_gbs(record),
        peer_gbs: together::record_peer_gbs(record),
        peer_latency_us: None,
        stacked_memory: pace::is_stacked(record),
        unified: false,
        limit: None,
        power_watts: record.tdp_watts,
        power_range_watts: None,
    };
    Some(Cards { device: Box::new(device), count, same: false, launch_price: launch_price(record) })
}

/// Price at launch of a card that a machine has, with its month, where the table knows one.
pub fn launch_price_of(device: &Device) -> Option<(f64, String)> {
    let hints = Hints { vram_gib: Some(device.capacity.gib()), ..Hints::default() };
    launch_price(Table::embedded().candidates(&device.name, &hints).first()?)
}

fn launch_price(record: &Record) -> Option<(f64, String)> {
    Some((record.launch_price_usd?, record.release.clone().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimate::rig::Host;
    use crate::machine::Vendor;

    fn names(vendor: Vendor) -> Vec<&'static str> {
        let rig = Rig {
            devices: vec![Device { vendor, ..Device::default() }],
            host: Host::default(),
            os: Os::Linux,
            unused: Vec::new(),
            own: None,
        };
        offers(&rig).iter().map(|record| record.name.as_str()).collect()
    }

    #[test]
    fn one_card_a_size_and_no_antiques() {
        let nvidia = names(Vendor::Nvidia);
        assert!(nvidia.contains(&"NVIDIA GeForce RTX 3060 12 GB"), "a little dearer, and faster: {nvidia:?}");
        assert!(nvidia.contains(&"NVIDIA GeForce RTX 5090"), "{nvidia:?}");
        assert!(!nvidia.iter().any(|name| name.contains("GTX")), "{nvidia:?}");
        for vendor in [Vendor::Nvidia, Vendor::Amd, Vendor::Intel] {
            let sizes: Vec<Bytes> =
                OFFERS.iter().filter(|r| r.vendor == vendor).filter_map(|r| r.own_memory()).collect();
            assert!(sizes.len() > 4, "{vendor:?}");
            assert!(sizes.windows(2).all(|pair| pair[0] < pair[1]), "{vendor:?}: {sizes:?}");
        }
        assert!(names(Vendor::Amd).iter().all(|name| name.starts_with("AMD")));
        assert!(names(Vendor::Apple).is_empty());
    }

    #[test]
    fn laptops_and_shared_memory_take_no_card() {
        let rig = |name: &str, unified| Rig {
            devices: vec![Device {
                name: name.to_owned(),
                vendor: Vendor::Nvidia,
                capacity: Bytes::from_gib(8.0),
                unified,
                ..Device::default()
            }],
            host: Host::default(),
            os: Os::Linux,
            unused: Vec::new(),
            own: None,
        };
        assert!(!has_slots(&rig("NVIDIA GeForce RTX 4070 Laptop GPU", false)));
        assert!(!has_slots(&rig("NVIDIA GB10", true)));
        assert!(has_slots(&rig("NVIDIA GeForce RTX 4060", false)));
    }

    #[test]
    fn a_known_card_has_its_price() {
        let device = Device {
            name: "NVIDIA GeForce RTX 3090".to_owned(),
            capacity: Bytes::from_gib(24.0),
            ..Device::default()
        };
        assert_eq!(launch_price_of(&device), Some((1499.0, "2020-09".to_owned())));
    }
}
