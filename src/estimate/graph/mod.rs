//! llama.cpp's graph buffers: the graph of a model is laid out as its scheduler and allocator do it.
//!
//! The shape of a graph depends on the model and on a few switches; the sizes of its tensors on the batch
//! and the context. So the order of allocations is worked out once for a model. Laid out with the sizes of a
//! scenario, it gives the buffers not for its context alone but for a stretch of contexts around it, so that
//! another context mostly costs a look-up ([`curve`]).

mod attention;
mod blocks;
mod buffers;
mod curve;
mod feed_forward;
mod pattern;
mod pool;
mod recurrent;
mod schedule;
mod size;
mod tape;
#[cfg(test)]
mod tests;
mod trace;
mod traits;

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::model::Model;
use crate::model::inventory::{self, Tensor};

use super::cache::{CELL_STEP, Cells};
use super::rules;
use super::scenario::{CacheType, OutputRows, Scenario};
use blocks::{Spread, Variant};
use buffers::Family;
pub use buffers::{Buffers, Lent, WeightKind, is_routed_expert};
use pattern::Inventory;
use schedule::Schedule;
use size::{Amounts, Line, Unit};

/// Copies that a pipeline keeps of what goes from one device to another.
const PIPELINE_COPIES: usize = 4;
/// Several devices are worked out for the first, one between, and the last.
const DEVICES: u8 = 3;
/// Switches of [`Variant`]: flash attention, rotated keys, rotated values.
const VARIANTS: usize = 8;
/// Families of scenarios that a model remembers: those that differ in the context alone are one.
const FAMILIES: usize = 4;

/// What only a device has: with flash attention, caches of another type than f16 are turned into f16 layer by
/// layer.
const CONVERTED: [Unit; 4] = [Unit::KeyCell, Unit::ValueCell, Unit::WindowKeyCell, Unit::WindowValueCell];

/// The graph of a model; the same for all scenarios.
#[derive(Debug)]
pub struct GraphShape {
    model: Arc<Model>,
    /// Window of the layers that have one, tokens.
    window: Option<u32>,
    schedules: [OnceLock<Arc<Schedules>>; VARIANTS],
    /// The last asked first.
    families: Mutex<Vec<Arc<Family>>>,
}

/// Schedules of a graph by how it is spread, worked out where they are asked for.
#[derive(Debug)]
struct Schedules {
    model: Arc<Model>,
    variant: Variant,
    inventory: Inventory,
    /// Elements of the largest weights by kind.
    elements: Lent,
    by_spread: [OnceLock<Schedule>; WAYS],
}

/// How a graph is spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// The processor alone.
    Processor,
    /// One device.
    Single,
    /// Several devices that hold everything.
    Pipeline,
    /// Several devices that do not.
    Several,
    /// One device that holds all but routed experts.
    ExpertsOnHost,
    /// One device that holds the last blocks.
    BlocksOnHost,
}

/// Number of [`Way`]s.
const WAYS: usize = 6;

impl Schedules {
    fn of(&self, way: Way) -> &Schedule {
        self.by_spread[way as usize].get_or_init(|| {
            let (spread, devices, copies) = match way {
                Way::Processor => (Spread::Processor, 0, 1),
                Way::Single => (Spread::Devices(1), 1, 1),
                Way::Pipeline => (Spread::Devices(DEVICES), DEVICES, PIPELINE_COPIES),
                Way::Several => (Spread::Devices(DEVICES), DEVICES, 1),
                Way::ExpertsOnHost => (Spread::ExpertsOnHost, 1, 1),
                Way::BlocksOnHost => (Spread::BlocksOnHost, 1, 1),
            };
            let tape = blocks::tape(&self.model, &self.inventory, self.variant, spread);
            Schedule::new(tape, devices.into(), copies)
        })
    }
}

impl GraphShape {
    /// The graph of `model`.
    pub fn new(model: &Model) -> Self {
        let has_window =
            (0..model.n_layer).any(|l| super::cache::row(model, l).is_some_and(|r| r.window.is_some()));
        let attention = &model.attention;
        Self {
            model: Arc::new(model.clone()),
            window: attention.sliding_window.or(attention.chunk_size).filter(|_| has_window),
            schedules: Default::default(),
            families: Mutex::default(),
        }
    }

    fn schedules(&self, variant: Variant) -> Arc<Schedules> {
        let index = usize::from(variant.flash)
            + 2 * usize::from(variant.rotated_keys)
            + 4 * usize::from(variant.rotated_values);
        Arc::clone(self.schedules[index % VARIANTS].get_or_init(|| {
            let tensors = inventory::inventory(&self.model).tensors;
            let largest = |all: Lent, t: &Tensor| all.max(Lent::one(t.suffix, t.elements()));
            Arc::new(Schedules {
                model: Arc::clone(&self.model),
                variant,
                elements: tensors.iter().filter(|t| t.block.is_some()).fold(Lent::default(), largest),
                inventory: Inventory::new(&self.model, &tensors),
                by_spread: Default::default(),
            })
        }))
    }

    /// Prepares what buffers of `scenario` need whatever the machine.
    pub fn warm(&self, scenario: &Scenario) {
        self.schedules(Variant::of(scenario));
    }

    /// Buffers for `scenario` by how the model is spread; each is worked out when it is asked for.
    pub fn buffers(&self, scenario: &Scenario, cells: &Cells) -> Buffers {
        let schedules = self.schedules(Variant::of(scenario));
        let (device, step) = self.line(scenario, cells);
        Buffers::new(self.family(&schedules, &device), step)
    }

    /// The family of scenarios that are sized so.
    fn family(&self, schedules: &Arc<Schedules>, device: &Line) -> Arc<Family> {
        let mut families = self.families.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = families.iter().position(|family| family.is_of(schedules, device)) {
            families[..=place].rotate_right(1);
        } else {
            families.truncate(FAMILIES - 1);
            families.insert(0, Arc::new(Family::new(Arc::clone(schedules), device)));
        }
        Arc::clone(&families[0])
    }

    /// What a device's buffers are sized by over all contexts, as long as these set neither the batch nor the
    /// window anew; and the steps of this scenario's context.
    fn line(&self, scenario: &Scenario, cells: &Cells) -> (Line, u32) {
        let all = cells.full * cells.streams;
        let ubatch = u64::from(scenario.physical_batch()).min(all).max(1);
        let window = self.window.map_or(0, |window| cells.window(window));
        let amounts = |full: u64, window: u64| self.amounts(scenario, cells.streams, ubatch, full, window);
        let step = u32::try_from(cells.full / CELL_STEP).unwrap_or(u32::MAX);
        if ubatch == all {
            // A shorter context would make the batch smaller.
            let fixed = amounts(cells.full, window);
            return (Line::through(fixed, fixed), step);
        }
        let window_follows = self.window.is_some() && window == cells.full;
        let at = |full: u64| amounts(full, if window_follows { full } else { window });
        (Line::through(at(0), at(CELL_STEP)), step)
    }

    /// What a device's buffers are sized by with `full` and `window` cells in each of `streams` caches.
    fn amounts(&self, scenario: &Scenario, streams: u64, ubatch: u64, full: u64, window: u64) -> Amounts {
        let slots = u64::from(scenario.parallel.max(1));
        let outputs = match scenario.output_rows {
            OutputRows::Server => slots,
            OutputRows::Bench => u64::from(scenario.batch),
        };
        let mut amounts = Amounts::default();
        amounts.set(Unit::Token, ubatch);
        amounts.set(Unit::Output, outputs.min(ubatch));
        // Encoders have no cache: tokens see those of the batch.
        let is_encoder = rules::memory().no_cache.has(&self.model.arch);
        let (seen, seen_in_window) = if is_encoder { (ubatch, ubatch) } else { (full, window) };
        amounts.set(Unit::Pair, ubatch * seen);
        amounts.set(Unit::WindowPair, ubatch * seen_in_window);
        amounts.set(Unit::Cell, full * streams);
        amounts.set(Unit::Sequence, slots);
        amounts.set(Unit::Fixed, 1);
        let turned = |format: CacheType, cells: u64| {
            let is_turned = scenario.flash_attention && format != CacheType::F16;
            if is_turned { cells * streams } else { 0 }
        };
        for (format, [full_stored, window_stored, full_turned, window_turned]) in [
            (
                scenario.cache_k,
                [Unit::StoredKeys, Unit::WindowStoredKeys, Unit::KeyCell, Unit::WindowKeyCell],
            ),
            (
                scenario.cache_v,
                [Unit::StoredValues, Unit::WindowStoredValues, Unit::ValueCell, Unit::WindowValueCell],
            ),
        ] {
            let row_of_32 = format.ggml().map_or(32, |ggml| ggml.row_bytes(32).0);
            amounts.set(full_stored, full * streams * row_of_32);
            amounts.set(window_stored, window * streams * row_of_32);
            amounts.set(full_turned, turned(format, full));
            amounts.set(window_turned, turned(format, window));
        }
        amounts
    }
}
