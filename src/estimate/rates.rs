//! What a byte and a layer cost on each device of a rig: looked up once for a scenario, not for each cell.

use crate::model::Model;

use super::calibration::{DECODE, coefficients};
use super::compute;
use super::outcome::backend;
use super::pace::{DevicePace, FormatGroup, Pace};
use super::place;
use super::plan::{Evidence, Range};
use super::profile::Profile;
use super::rig::{Host, Rig};
use super::rules;
use super::scenario::{BackendChoice, Engine, Scenario};

/// One device.
#[derive(Clone, Debug, PartialEq)]
pub struct DeviceRates {
    /// What a step costs on it; `None`: nobody knows, and all devices count alike.
    pace: Option<DevicePace>,
    /// Bytes that may be used, and with room to spare left.
    pub room: [u64; 2],
    /// Bytes that the process takes before any buffer.
    pub context: u64,
}

impl DeviceRates {
    /// What a step of `model` costs on it.
    pub fn pace(&self, model: &Model, profile: &Profile) -> Pace {
        const BYTE: f64 = 1e-11;
        self.pace
            .as_ref()
            .map_or(Pace { byte: [BYTE; FormatGroup::ALL.len()], cache: BYTE, ..Pace::default() }, |pace| {
                pace.of(model, profile.family, profile.is_recurrent)
            })
    }

    /// The strongest evidence that there is for `model` on it.
    pub fn evidence(&self, profile: &Profile) -> Evidence {
        self.pace.as_ref().map_or(Evidence::Vendor, |pace| pace.evidence(profile.family))
    }
}

/// Processor and main memory: seconds a byte, a layer.
#[derive(Clone, Copy, Debug)]
pub struct HostRates {
    /// A byte of dense layers beside a GPU.
    pub dense: f64,
    /// A byte of experts beside a GPU.
    pub experts: f64,
    /// A layer beside a GPU.
    pub hop: f64,
    /// A byte on the processor alone.
    pub alone: f64,
    /// A layer on the processor alone.
    pub alone_layer: f64,
    /// A byte read from disk.
    pub disk: f64,
}

/// What everything costs on one rig in one scenario.
#[derive(Clone, Debug)]
pub struct Rates {
    /// Backend of the devices.
    pub backend: BackendChoice,
    /// Devices, in the rig's order. Where the rate of one is not known, all cost the same.
    pub devices: Vec<DeviceRates>,
    /// Processor and main memory.
    pub host: HostRates,
    /// Seconds a token whatever the model.
    pub token: f64,
    /// Seconds a boundary between two devices.
    pub boundary: f64,
    /// Requests that decode at once.
    pub requests: f64,
    /// Why no speed can be said of the devices.
    pub unknown: Option<String>,
    /// Ways to line up devices: those worth a try, fewest devices first.
    pub orders: Vec<Vec<usize>>,
    /// Of them, those that are worth a try where part of a model stays in main memory.
    pub partial_orders: Vec<usize>,
    /// Experts cannot be in main memory while the rest of their layer is on a device.
    pub experts_stay: bool,
    /// Half-widths of intervals by evidence, as differences of logarithms.
    spreads: [f64; Evidence::COUNT],
}

impl Rates {
    /// Rates for `scenario` on `rig`.
    pub fn new(scenario: &Scenario, rig: &Rig) -> Self {
        let rules = rules::speed();
        let backend = backend(scenario, rig);
        let mut unknown = None;
        let mut devices: Vec<DeviceRates> = rig
            .devices
            .iter()
            .map(|device| {
                let pace = DevicePace::new(device, backend, scenario.engine, scenario.flash_attention);
                DeviceRates {
                    pace: pace.map_err(|reason| unknown = unknown.take().or(Some(reason.reason))).ok(),
                    room: [device.free.0, (device.free - place::spare(device.capacity)).0],
                    context: compute::device_context(device, backend).0,
                }
            })
            .collect();
        if unknown.is_some() {
            // Placed by memory alone.
            for device in &mut devices {
                device.pace = None;
            }
        }
        let orders = orders(&devices);
        let all = devices.len();
        // Main memory is slower than any card, so each helps; the fastest alone has no boundary to cross.
        let partial_orders =
            (0..orders.len()).filter(|&order| order == 0 || orders[order].len() == all).collect();
        let spreads = spreads(devices.first().and_then(|device| device.pace.as_ref()));
        Self {
            experts_stay: scenario.engine == Engine::Ollama,
            backend,
            devices,
            host: host_rates(&rig.host),
            token: DECODE.fixed_s,
            boundary: rules.device_boundary_us * 1e-6,
            requests: f64::from(scenario.concurrency.max(1)),
            unknown,
            orders,
            partial_orders,
            spreads,
        }
    }

    /// The interval around a rate that rests on `evidence`; `widening`: how much wider it is for this model.
    pub fn range(&self, middle: f64, evidence: Evidence, widening: f64) -> Range {
        let widening = if evidence.is_fitted() { widening } else { 1.0 };
        range(middle, self.spreads[evidence as usize] * widening)
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

fn spreads(pace: Option<&DevicePace>) -> [f64; Evidence::COUNT] {
    let all = coefficients();
    let priors = &rules::speed().intervals;
    let cell = |evidence: Evidence| pace.map_or(1.0, |pace| pace.widening(evidence));
    Evidence::ALL.map(|evidence| match evidence {
        Evidence::Hybrid => priors.hybrid,
        Evidence::CpuOnly => priors.cpu_only,
        Evidence::Disk => priors.disk,
        Evidence::None => 0.0,
        fitted => all.spread("decode", "evidence", fitted.name()).unwrap_or(priors.unknown) * cell(fitted),
    })
}

fn host_rates(host: &Host) -> HostRates {
    let rules = rules::speed();
    let byte = 1.0 / (host.bandwidth_gbs * 1e9);
    let experts = &rules.offload.eta_experts;
    let eta_experts = experts
        .iter()
        .find(|rule| host.bandwidth_gbs <= rule.up_to_gbs)
        .or(experts.last())
        .map_or(rules.offload.eta_dense, |rule| rule.eta);
    HostRates {
        dense: byte / rules.offload.eta_dense,
        experts: byte / eta_experts,
        hop: rules.offload.hop_us * 1e-6,
        alone: byte / rules.cpu.eta,
        alone_layer: rules.cpu.layer_us * 1e-6,
        disk: 1.0 / (rules.disk.gbs * 1e9),
    }
}

/// Most devices whose every line-up is tried.
const ALL_LINE_UPS: usize = 3;

/// Line-ups of the devices: each alone, then several, fewest first and fastest first.
///
/// Up to three devices every subset in every order; of more, the fastest ones, and all of them in the rig's
/// order. Line-ups that differ only by exchanging equal cards are one.
fn orders(devices: &[DeviceRates]) -> Vec<Vec<usize>> {
    let mut by_speed: Vec<usize> = (0..devices.len()).collect();
    let byte = |device: usize| devices[device].pace.as_ref().map_or(0.0, DevicePace::byte);
    by_speed.sort_by(|&a, &b| byte(a).total_cmp(&byte(b)));
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
                && known.iter().zip(&order).all(|(&a, &b)| a == b || devices[a] == devices[b])
        };
        if !distinct.iter().any(is_same) {
            distinct.push(order);
        }
    }
    distinct
}
