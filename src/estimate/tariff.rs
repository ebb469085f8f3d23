//! What everything costs for a model on a rig: looked up once for a model, and kept with it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use smallvec::SmallVec;

use crate::model::Model;
use crate::units::Bytes;

use super::calibration::{DEEP, Flag, Traits, coefficients};
use super::host_pace::{Alone, Beside, CPU_NAME, HYBRID_NAME, HostAlone, HostBeside};
use super::outcome::backend;
use super::pace::{self, DevicePace, Pace, Together};
use super::plan::Evidence;
use super::profile::Profile;
use super::rates::unknown;
use super::rig::{Device, Host, Rig};
use super::rules;
use super::scenario::{BackendChoice, Engine, Scenario};
use super::together::{BATCH_NAME, Effects};

/// What costs follow from, whatever the model: nothing of it changes while memory fills or a context grows.
#[derive(Clone, Debug, PartialEq)]
struct Terms {
    devices: Vec<Device>,
    host: Host,
    backend: BackendChoice,
    engine: Engine,
    flash_attention: bool,
    deep: bool,
    /// How the cache is quantized.
    cache: Option<Flag>,
    /// Several requests run at once.
    several: bool,
}

impl Terms {
    fn new(scenario: &Scenario, rig: &Rig) -> Self {
        let device = |device: &Device| Device {
            capacity: Bytes::ZERO,
            used_by_others: None,
            reserved: Bytes::ZERO,
            free: Bytes::ZERO,
            ..device.clone()
        };
        Self {
            devices: rig.devices.iter().map(device).collect(),
            host: Host {
                capacity: Bytes::ZERO,
                used_by_others: None,
                reserved: Bytes::ZERO,
                free: Bytes::ZERO,
                ..rig.host.clone()
            },
            backend: backend(scenario, rig),
            engine: scenario.engine,
            flash_attention: scenario.flash_attention,
            deep: scenario.depth >= DEEP,
            cache: pace::cache_flag((scenario.cache_k, scenario.cache_v))
                .filter(|_| scenario.engine.is_ggml()),
            several: scenario.concurrency > 1,
        }
    }
}

/// Costs on one rig in scenarios of one kind, before a model is known.
#[derive(Debug)]
pub struct Tariff {
    terms: Terms,
    devices: Vec<OnDevice>,
    alone: HostAlone,
    /// Why no speed can be said of the devices.
    pub unknown: Option<String>,
}

#[derive(Debug)]
struct OnDevice {
    /// `None`: nobody knows, and all devices count alike.
    pace: Option<DevicePace>,
    beside: HostBeside,
}

impl Tariff {
    fn new(terms: Terms) -> Self {
        let mut unknown = None;
        let mut devices: Vec<OnDevice> = terms
            .devices
            .iter()
            .map(|device| {
                let pace =
                    DevicePace::new(device, terms.backend, terms.engine, terms.flash_attention, terms.cache);
                OnDevice {
                    pace: pace.map_err(|reason| unknown = unknown.take().or(Some(reason.reason))).ok(),
                    beside: HostBeside::new(&terms.host, device, terms.backend),
                }
            })
            .collect();
        if unknown.is_some() {
            // Placed by memory alone.
            for device in &mut devices {
                device.pace = None;
            }
        }
        Self { devices, alone: HostAlone::new(&terms.host, terms.flash_attention), unknown, terms }
    }

    /// Seconds that a byte of weights counts on `device` before a model is known.
    pub fn byte(&self, device: usize) -> f64 {
        self.devices.get(device).and_then(|device| device.pace.as_ref()).map_or(0.0, DevicePace::byte)
    }

    /// Whether two devices cost the same.
    pub fn is_same(&self, a: usize, b: usize) -> bool {
        self.terms.devices[a] == self.terms.devices[b]
    }

    /// Costs for `model`, those that its profile keeps if they are there.
    pub fn of(self: &Arc<Self>, model: &Model, profile: &Profile) -> Arc<Costs> {
        profile.costs.get(self, || Costs::new(self, model, profile))
    }
}

/// Tariffs that were asked for of late.
#[derive(Debug, Default)]
pub struct Tariffs(Mutex<VecDeque<Arc<Tariff>>>);

impl Tariffs {
    /// As many as are kept: a person compares a few rigs.
    const KEPT: usize = 8;

    /// The tariff of `scenario` on `rig`.
    pub fn get(&self, scenario: &Scenario, rig: &Rig) -> Arc<Tariff> {
        let terms = Terms::new(scenario, rig);
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = kept.iter().find(|tariff| tariff.terms == terms) {
            return Arc::clone(known);
        }
        let made = Arc::new(Tariff::new(terms));
        kept.truncate(Self::KEPT - 1);
        kept.push_front(Arc::clone(&made));
        made
    }
}

/// Costs of one model that were asked for of late.
#[derive(Debug, Default)]
pub struct CostsKept(Mutex<SmallVec<[Arc<Costs>; 2]>>);

impl CostsKept {
    const KEPT: usize = 3;

    fn get(&self, tariff: &Arc<Tariff>, work_out: impl FnOnce() -> Costs) -> Arc<Costs> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = kept.iter().find(|costs| Arc::ptr_eq(&costs.tariff, tariff)) {
            return Arc::clone(known);
        }
        let made = Arc::new(work_out());
        if kept.len() == Self::KEPT {
            kept.remove(0);
        }
        kept.push(Arc::clone(&made));
        made
    }
}

/// What everything costs for one model.
#[derive(Debug)]
pub struct Costs {
    tariff: Arc<Tariff>,
    /// On each device.
    pub devices: SmallVec<[DeviceCosts; 2]>,
    /// On the processor alone.
    pub alone: Alone,
    /// What a speed on the processor alone rests on.
    pub alone_basis: Basis,
    /// Why the model does not decode, where it does not.
    pub no_decode: Option<&'static str>,
}

/// What everything costs for one model on one device, and in main memory beside it.
#[derive(Debug)]
pub struct DeviceCosts {
    /// On the device, one request.
    pub pace: Pace,
    /// What several at once change; `None`: one runs.
    pub together: Option<Together>,
    /// Of a server: for several requests on one card, and on several that share each layer.
    pub server: Option<Box<Server>>,
    /// What a speed with everything there rests on.
    pub basis: Basis,
    /// In main memory beside it.
    pub beside: Beside,
    /// What a speed with a part there rests on.
    pub beside_basis: Basis,
}

/// What a server's steps cost.
#[derive(Debug)]
pub struct Server {
    /// Effects of several requests, on one card and on several.
    pub effects: [Effects; 2],
    /// What their speed rests on.
    pub basis: Basis,
}

/// What a speed rests on, and how sure it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Basis {
    /// The evidence.
    pub evidence: Evidence,
    /// Half of the interval that holds 80 % of all, as a difference of logarithms.
    pub width: f64,
}

impl Basis {
    /// The weaker of two: what a whole rests on whose parts rest on each.
    pub fn weaker(self, other: Self) -> Self {
        Self { evidence: self.evidence.max(other.evidence), width: self.width.max(other.width) }
    }
}

impl Costs {
    fn new(tariff: &Arc<Tariff>, model: &Model, profile: &Profile) -> Self {
        let (family, terms) = (profile.family, &tariff.terms);
        let of = |name: &'static str, evidence: Evidence, cell: &str| {
            let traits = Traits {
                cell,
                is_moe: model.is_moe(),
                is_deep: terms.deep,
                active: model.params_active,
                in_ram: false,
            };
            coefficients().half_width(name, evidence.name(), &traits).unwrap_or_else(unknown)
        };
        // Which socket's memory a page is in nobody knows beforehand.
        let sockets = if terms.host.sockets > 1 { rules::speed().sockets.half_width } else { 0.0 };
        let costs_of = |device: &OnDevice| {
            let beside = device.beside.evidence(family);
            let mut costs = DeviceCosts {
                pace: Pace::unknown(),
                together: None,
                server: None,
                basis: Basis { evidence: Evidence::Vendor, width: unknown() },
                beside: device.beside.of(family),
                beside_basis: Basis {
                    evidence: Evidence::Hybrid,
                    width: of(HYBRID_NAME, beside, &device.beside.cell).max(sockets),
                },
            };
            let Some(pace) = &device.pace else { return costs };
            let evidence = pace.evidence(family);
            costs.pace = pace.of(model, family, profile.is_recurrent);
            // Hardly any quantized cache was measured deep.
            let rough =
                if terms.deep && terms.cache.is_some() { rules::speed().intervals.cache } else { 1.0 };
            costs.basis = Basis { evidence, width: of("decode", evidence, &pace.cell()) * rough };
            let together = || {
                let evidence = pace.evidence_together(family);
                Basis { evidence, width: of(BATCH_NAME, evidence, &pace.cell_together()) }
            };
            if !terms.engine.is_ggml() {
                let effects = [false, true].map(|several| pace.effects(model, family, several));
                costs.server = Some(Box::new(Server { effects, basis: together() }));
            } else if terms.several {
                costs.together = Some(pace.together(model, family));
                costs.basis = together();
            }
            costs
        };
        let devices: SmallVec<[DeviceCosts; 2]> = tariff.devices.iter().map(costs_of).collect();
        let alone = tariff.alone.evidence(family);
        Self {
            alone: tariff.alone.of(model, family),
            alone_basis: Basis { evidence: Evidence::CpuOnly, width: of(CPU_NAME, alone, "||").max(sockets) },
            no_decode: model.not_generating(),
            devices,
            tariff: Arc::clone(tariff),
        }
    }

    /// Why no speed can be said of the devices.
    pub fn unknown(&self) -> Option<&str> {
        self.tariff.unknown.as_deref()
    }
}
