//! What a byte and a layer cost on each device of a rig: looked up once for a scenario, not for each cell.

use crate::machine::Vendor;
use crate::quant::{FileType, Level};

use super::compute;
use super::outcome::backend;
use super::place;
use super::plan::{Evidence, Range};
use super::rig::{Device, Host, Rig};
use super::rules::{self, FormatRule, Spread};
use super::scenario::{BackendChoice, Engine, Scenario};

/// Half-width of an 80 % interval in standard deviations.
const Z80: f64 = 1.281_551_565_5;

/// Groups of weight formats that are read at the same rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormatGroup {
    /// `Q4_K` to `Q6_K` and mixes of them.
    KQuants,
    /// `Q8_0`.
    Q8_0,
    /// `Q4_0` and its kin.
    Legacy,
    /// 16 bits and more.
    Float,
    /// `MXFP4`.
    Mxfp4,
    /// Three bits and fewer.
    LowBit,
}

impl FormatGroup {
    const ALL: [Self; 6] = [Self::KQuants, Self::Q8_0, Self::Legacy, Self::Float, Self::Mxfp4, Self::LowBit];

    /// The group of most of a file's weights.
    pub fn of(level: Level) -> Self {
        match level {
            Level::Gguf(FileType::Q8_0) => Self::Q8_0,
            Level::Gguf(FileType::F32 | FileType::F16 | FileType::Bf16) => Self::Float,
            Level::Gguf(
                FileType::Q4_0 | FileType::Q4_1 | FileType::Q5_0 | FileType::Q5_1 | FileType::Iq4Nl,
            ) => Self::Legacy,
            Level::Gguf(FileType::Mxfp4Moe) | Level::Native | Level::Mxfp4 => Self::Mxfp4,
            Level::Gguf(_) if level.bit_group() <= 3 => Self::LowBit,
            _ => Self::KQuants,
        }
    }

    fn factor(self, rule: &FormatRule) -> f64 {
        match self {
            Self::KQuants => rule.k_quants,
            Self::Q8_0 => rule.q8_0,
            Self::Legacy => rule.q4_0,
            Self::Float => rule.f16,
            Self::Mxfp4 => rule.mxfp4,
            Self::LowBit => rule.low_bit,
        }
    }
}

/// One device.
#[derive(Clone, Copy, Debug)]
pub struct DeviceRates {
    /// Seconds a byte of weights, by format group.
    weights: [f64; FormatGroup::ALL.len()],
    /// Seconds a byte of cache.
    pub cache: f64,
    /// Seconds a layer.
    pub layer: f64,
    /// Factor on the bytes of MoE models.
    pub moe_bytes: f64,
    /// Whether its architecture has coefficients of its own.
    pub known_architecture: bool,
    /// Bytes that may be used, and with room to spare left.
    pub room: [u64; 2],
    /// Bytes that the process takes before any buffer.
    pub context: u64,
}

impl DeviceRates {
    /// Seconds a byte of weights of a model.
    pub fn weights(&self, group: FormatGroup, moe: bool) -> f64 {
        self.weights[group as usize] * if moe { self.moe_bytes } else { 1.0 }
    }

    /// Whether no byte and no layer costs more than on `other`.
    pub fn costs_no_more_than(&self, other: &Self) -> bool {
        self.weights.iter().zip(&other.weights).all(|(a, b)| a <= b)
            && self.moe_bytes <= other.moe_bytes
            && self.cache <= other.cache
            && self.layer <= other.layer
    }

    fn is_same_as(&self, other: &Self) -> bool {
        self.costs_no_more_than(other)
            && other.costs_no_more_than(self)
            && self.room == other.room
            && self.context == other.context
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
    /// Factor on the time of a layer of MoE models.
    pub moe_layer: f64,
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
    /// Place among `orders` of a device that no other beats in anything: what fits on it alone is placed.
    pub dominant: Option<usize>,
    intervals: [(f64, f64); Evidence::COUNT],
}

impl Rates {
    /// Rates for `scenario` on `rig`.
    pub fn new(scenario: &Scenario, rig: &Rig) -> Self {
        let rules = rules::speed();
        let backend = backend(scenario, rig);
        let mut unknown = None;
        let found: Vec<DeviceRates> = rig
            .devices
            .iter()
            .map_while(|device| match device_rates(device, backend) {
                Ok(rates) => Some(rates),
                Err(reason) => {
                    unknown = Some(reason);
                    None
                }
            })
            .collect();
        let devices = if unknown.is_some() {
            // Placed by memory alone.
            rig.devices.iter().map(|device| alike(device, backend)).collect()
        } else {
            found
        };
        let orders = orders(&devices);
        let all = devices.len();
        // Main memory is slower than any card, so each helps; the fastest alone has no boundary to cross.
        let partial_orders =
            (0..orders.len()).filter(|&order| order == 0 || orders[order].len() == all).collect();
        let dominant = (0..orders.len()).find(|&order| match orders[order].as_slice() {
            &[one] => devices.iter().all(|other| devices[one].costs_no_more_than(other)),
            _ => false,
        });
        Self {
            experts_stay: scenario.engine == Engine::Ollama,
            backend,
            devices,
            host: host_rates(&rig.host),
            token: rules.t0_us * 1e-6,
            moe_layer: rules.moe_layer,
            boundary: rules.device_boundary_us * 1e-6,
            requests: f64::from(scenario.concurrency.max(1)),
            unknown,
            orders,
            partial_orders,
            dominant,
            intervals: Evidence::ALL.map(|evidence| factors(spread(evidence))),
        }
    }

    /// The interval around a rate.
    pub fn range(&self, middle: f64, evidence: Evidence) -> Range {
        let (low, high) = self.intervals[evidence as usize];
        Range { p10: middle * low, p50: middle, p90: middle * high }
    }
}

/// The interval around a rate, for a spread that is not one of decode.
pub fn range(middle: f64, spread: Spread) -> Range {
    let (low, high) = factors(spread);
    Range { p10: middle * low, p50: middle, p90: middle * high }
}

fn factors(spread: Spread) -> (f64, f64) {
    ((-Z80 * spread.below).exp(), (Z80 * spread.above).exp())
}

fn spread(evidence: Evidence) -> Spread {
    let intervals = &rules::speed().intervals;
    match evidence {
        Evidence::SameArchitecture => intervals.same_architecture,
        Evidence::Vendor | Evidence::None => intervals.vendor,
        Evidence::Hybrid => intervals.hybrid,
        Evidence::CpuOnly => intervals.cpu_only,
        Evidence::Disk => intervals.disk,
    }
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

fn device_rates(device: &Device, backend: BackendChoice) -> Result<DeviceRates, String> {
    let bandwidth = device
        .bandwidth_gbs
        .ok_or_else(|| format!("the memory bandwidth of {} is not known", device.name))?;
    let rules = rules::speed();
    let base = rules
        .backends
        .iter()
        .find(|rule| rule.vendor == device.vendor && rule.backend == backend)
        .ok_or_else(|| format!("no measurements of this backend on {} are known", device.name))?;
    let own = rules.architectures.iter().find(|rule| {
        rule.vendor == device.vendor
            && rule.backend == backend
            && Some(&rule.architecture) == device.architecture.as_ref()
            && (!rule.unified || device.unified)
    });
    let (eta, layer_us) = own.map_or((base.eta, base.layer_us), |rule| (rule.eta, rule.layer_us));
    let byte = 1.0 / (bandwidth * 1e9);
    Ok(DeviceRates {
        weights: FormatGroup::ALL.map(|group| byte / (eta * format_factor(device.vendor, group))),
        cache: byte / base.cache_of_bandwidth.unwrap_or(eta * base.cache),
        layer: layer_us * 1e-6,
        moe_bytes: base.moe_bytes,
        known_architecture: own.is_some(),
        ..alike(device, backend)
    })
}

/// A device of which only the memory is known.
fn alike(device: &Device, backend: BackendChoice) -> DeviceRates {
    const BYTE: f64 = 1e-11;
    DeviceRates {
        weights: [BYTE; FormatGroup::ALL.len()],
        cache: BYTE,
        layer: 0.0,
        moe_bytes: 1.0,
        known_architecture: false,
        room: [device.free.0, (device.free - place::spare(device.capacity)).0],
        context: compute::device_context(device, backend).0,
    }
}

fn format_factor(vendor: Vendor, group: FormatGroup) -> f64 {
    rules::speed().formats.iter().find(|rule| rule.vendor == vendor).map_or(1.0, |rule| group.factor(rule))
}

/// Most devices whose every line-up is tried.
const ALL_LINE_UPS: usize = 3;

/// Line-ups of the devices: each alone, then several, fewest first and fastest first.
///
/// Up to three devices every subset in every order; of more, the fastest ones, and all of them in the rig's
/// order. Line-ups that differ only by exchanging equal cards are one.
fn orders(devices: &[DeviceRates]) -> Vec<Vec<usize>> {
    let mut by_speed: Vec<usize> = (0..devices.len()).collect();
    by_speed.sort_by(|&a, &b| devices[a].weights[0].total_cmp(&devices[b].weights[0]));
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
                && known.iter().zip(&order).all(|(&a, &b)| a == b || devices[a].is_same_as(&devices[b]))
        };
        if !distinct.iter().any(is_same) {
            distinct.push(order);
        }
    }
    distinct
}
