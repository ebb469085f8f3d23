//! One change of what is asked or of the machine, and how it is made.

use crate::machine::{Os, Pool, reserve};
use crate::quant::Level;
use crate::units::Bytes;

use super::super::engine;
use super::super::rig::{Device, Rig};
use super::super::scenario::{CacheType, Engine, PlacementRequest, Scenario};

/// What an estimate is asked for, model aside.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// Quantization.
    pub level: Level,
    /// What is asked.
    pub scenario: Scenario,
    /// On which machine.
    pub rig: Rig,
}

/// One change.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Programs that hold memory of the GPUs are closed; where a GPU shares the computer's, those that hold
    /// that.
    CloseOthers,
    /// A placement that was asked for is given up: it is chosen.
    FreePlacement,
    /// Routed experts of the first blocks, so many, go to main memory instead of where they were asked to
    /// be.
    ExpertsToRam(u32),
    /// Another program, with the level and the cache that it has in place of the present ones.
    Engine(Engine),
    /// Another type of cached keys and values, with flash attention.
    Cache(CacheType),
    /// Another quantization.
    Level(Level),
    /// A cache for another number of tokens.
    Context(u32),
    /// Another number of requests at once.
    Requests(u32),
    /// Cards that are added.
    Cards(Cards),
    /// Main memory of this size altogether, as fast as the present.
    Ram(Bytes),
}

/// Equal cards.
#[derive(Clone, Debug, PartialEq)]
pub struct Cards {
    /// One of them.
    pub device: Box<Device>,
    /// How many.
    pub count: u32,
    /// It is one that the machine has already.
    pub same: bool,
    /// Price of one at its launch, US dollars, with the month (`2020-09`); `None`: not known.
    pub launch_price: Option<(f64, String)>,
}

impl Change {
    /// Whether it needs hardware that is not there.
    pub const fn costs_money(&self) -> bool {
        matches!(self, Self::Cards(_) | Self::Ram(_))
    }

    /// Whether it changes the machine and not what is asked of it.
    pub const fn is_of_machine(&self) -> bool {
        matches!(self, Self::CloseOthers | Self::Cards(_) | Self::Ram(_))
    }

    /// Makes the change to a machine; other changes leave it as it is.
    pub fn make_to(&self, rig: &mut Rig) {
        match self {
            Self::CloseOthers => close_others(rig),
            Self::Cards(cards) => {
                rig.devices.extend((0..cards.count).map(|_| Device::clone(&cards.device)));
            }
            Self::Ram(total) => {
                let more = *total - rig.host.capacity;
                rig.host.capacity += more;
                rig.host.free += more;
            }
            Self::FreePlacement
            | Self::ExpertsToRam(_)
            | Self::Engine(_)
            | Self::Cache(_)
            | Self::Level(_)
            | Self::Context(_)
            | Self::Requests(_) => {}
        }
    }
}

/// What other programs hold becomes free; of a pool no more for the GPU than its limit.
fn close_others(rig: &mut Rig) {
    let host = &mut rig.host;
    for device in &mut rig.devices {
        if device.unified {
            let held = host.used_by_others.take().unwrap_or_default();
            host.free = (host.free + held).min(host.capacity - host.reserved);
            device.free = device.limit.unwrap_or(device.capacity).min(host.free);
            device.used_by_others = None;
        } else {
            let held = device.used_by_others.take().unwrap_or_default();
            device.free = (device.free + held).min(device.capacity - device.reserved);
        }
    }
}

impl Question {
    /// The question with a change made.
    #[must_use]
    pub fn with(mut self, change: &Change) -> Self {
        match change {
            Change::FreePlacement => self.scenario.placement = PlacementRequest::default(),
            Change::ExpertsToRam(blocks) => self.scenario.placement.cpu_moe_layers = Some(*blocks),
            Change::Engine(program) => {
                self.scenario.engine = *program;
                self.level = engine::counterpart(*program, self.level);
                for cache in [&mut self.scenario.cache_k, &mut self.scenario.cache_v] {
                    *cache = engine::nearest_cache(*program, *cache);
                }
            }
            Change::Cache(cache) => {
                (self.scenario.cache_k, self.scenario.cache_v) = (*cache, *cache);
                self.scenario.flash_attention = true;
            }
            Change::Level(level) => self.level = *level,
            Change::Context(context) => self.set_context(*context),
            Change::Requests(requests) => {
                self.scenario.depth = self.depth_at(self.scenario.context, *requests);
                (self.scenario.concurrency, self.scenario.parallel) = (*requests, *requests);
            }
            Change::CloseOthers | Change::Cards(_) | Change::Ram(_) => change.make_to(&mut self.rig),
        }
        self
    }

    /// Asks for another context.
    fn set_context(&mut self, context: u32) {
        self.scenario.depth = self.depth_at(context, self.scenario.concurrency);
        self.scenario.context = context;
    }

    /// Depth of each of `requests` in a cache for `context` tokens. A cache that the requests fill together
    /// is filled again; another holds no more than it did.
    pub fn depth_at(&self, context: u32, requests: u32) -> u32 {
        let each = |context: u32, requests: u32| context / requests.max(1);
        let scenario = &self.scenario;
        let is_full = scenario.depth == each(scenario.context, scenario.concurrency);
        let each = each(context, requests);
        if is_full { each } else { scenario.depth.min(each) }
    }
}

impl Cards {
    /// Further cards like `device`, which draw no desktop.
    pub fn like(device: &Device, count: u32, os: Os) -> Self {
        let free = reserve::device_free(device.capacity, os, device.vendor, Pool::Discrete, true).value;
        let device = Device {
            used_by_others: None,
            reserved: device.capacity - free,
            free,
            free_is_known: false,
            ..device.clone()
        };
        Self { device: Box::new(device), count, same: true, launch_price: None }
    }
}
