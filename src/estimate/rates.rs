//! What placements on one rig are judged by: looked up once for a scenario, not for each cell.

use std::sync::Arc;

use super::compute;
use super::outcome::backend;
use super::place;
use super::plan::Range;
use super::rig::Rig;
use super::rules;
use super::scenario::{BackendChoice, Engine, Scenario};
use super::tariff::Tariff;

/// One device.
#[derive(Clone, Debug, PartialEq)]
pub struct DeviceRates {
    /// Bytes that may be used, and with room to spare left.
    pub room: [u64; 2],
    /// Bytes that the process takes before any buffer.
    pub context: u64,
}

/// What everything costs on one rig in one scenario.
#[derive(Clone, Debug)]
pub struct Rates {
    /// Backend of the devices.
    pub backend: BackendChoice,
    /// Devices, in the rig's order.
    pub devices: Vec<DeviceRates>,
    /// What costs are worked out from.
    pub tariff: Arc<Tariff>,
    /// Seconds that a byte read from disk takes.
    pub disk: f64,
    /// Seconds a boundary between two devices.
    pub boundary: f64,
    /// Requests that decode at once.
    pub requests: f64,
    /// Ways to line up devices: those worth a try, fewest devices first.
    pub orders: Vec<Vec<usize>>,
    /// Of them, those that are worth a try where part of a model stays in main memory.
    pub partial_orders: Vec<usize>,
    /// Experts cannot be in main memory while the rest of their layer is on a device.
    pub experts_stay: bool,
}

impl Rates {
    /// Rates for `scenario` on `rig`, where everything costs as `tariff` says.
    pub fn new(scenario: &Scenario, rig: &Rig, tariff: Arc<Tariff>) -> Self {
        let rules = rules::speed();
        let backend = backend(scenario, rig);
        let devices: Vec<DeviceRates> = rig
            .devices
            .iter()
            .map(|device| DeviceRates {
                room: [device.free.0, (device.free - place::spare(device.capacity)).0],
                context: compute::device_context(device, backend).0,
            })
            .collect();
        let orders = orders(&devices, &tariff);
        let all = devices.len();
        // Main memory is slower than any card, so each helps; the fastest alone has no boundary to cross.
        let partial_orders =
            (0..orders.len()).filter(|&order| order == 0 || orders[order].len() == all).collect();
        Self {
            experts_stay: scenario.engine == Engine::Ollama,
            backend,
            devices,
            tariff,
            disk: 1.0 / (rules.disk.gbs * 1e9),
            boundary: rules.device_boundary_us * 1e-6,
            requests: f64::from(scenario.concurrency.max(1)),
            orders,
            partial_orders,
        }
    }

    /// Why no speed can be said of the devices.
    pub fn unknown(&self) -> Option<&str> {
        self.tariff.unknown.as_deref()
    }
}

/// The interval around a rate of so wide a half, as a difference of logarithms.
pub fn range(middle: f64, spread: f64) -> Range {
    Range { p10: middle * (-spread).exp(), p50: middle, p90: middle * spread.exp() }
}

/// Half of an interval where residuals say nothing.
pub fn unknown() -> f64 {
    rules::speed().intervals.unknown
}

/// Most devices whose every line-up is tried.
const ALL_LINE_UPS: usize = 3;

/// Line-ups of the devices: each alone, then several, fewest first and fastest first.
///
/// Up to three devices every subset in every order; of more, the fastest ones, and all of them in the rig's
/// order. Line-ups that differ only by exchanging equal cards are one.
fn orders(devices: &[DeviceRates], tariff: &Tariff) -> Vec<Vec<usize>> {
    let mut by_speed: Vec<usize> = (0..devices.len()).collect();
    by_speed.sort_by(|&a, &b| tariff.byte(a).total_cmp(&tariff.byte(b)));
    let mut orders: Vec<Vec<usize>> = Vec::new();
    if devices.len() <= ALL_LINE_UPS {
        let mut shorter: Vec<Vec<usize>> = vec![Vec::new()];
        for _ in 0..devices.len() {
            let longer: Vec<Vec<usize>> = shorter
                .iter()
                .flat_map(|order| {
                    let rest = by_speed.iter().filter(|device| !order.contains(device));
                    rest.map(|&device| order.iter().copied().chain([device]).collect())
                })
                .collect();
            orders.extend(longer.iter().cloned());
            shorter = longer;
        }
    } else {
        orders.extend(by_speed.iter().map(|&device| vec![device]));
        orders.extend((2..=by_speed.len()).map(|count| by_speed[..count].to_vec()));
        orders.push((0..devices.len()).collect());
    }
    let mut distinct: Vec<Vec<usize>> = Vec::with_capacity(orders.len());
    for order in orders {
        let is_same = |known: &Vec<usize>| {
            known.len() == order.len()
                && known
                    .iter()
                    .zip(&order)
                    .all(|(&a, &b)| a == b || (devices[a] == devices[b] && tariff.is_same(a, b)))
        };
        if !distinct.iter().any(is_same) {
            distinct.push(order);
        }
    }
    distinct
}
