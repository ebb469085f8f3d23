//! llama.cpp's graph buffers: the graph of a model is laid out as its scheduler and allocator do it.
//!
//! The shape of a graph depends on the model and on a few switches; the sizes of its tensors on the batch
//! and the context. So the order of allocations is worked out once for a model, and a scenario only replays
//! it with its sizes.

mod attention;
mod blocks;
mod buffers;
mod envelope;
mod feed_forward;
mod pattern;
mod pool;
mod recurrent;
mod schedule;
mod size;
mod tape;
mod traits;

use std::sync::{Arc, OnceLock};

use crate::model::Model;
use crate::model::inventory::{self, Tensor};
use crate::quant::GgmlType;

use super::cache::Cells;
use super::rules;
use super::scenario::{CacheType, OutputRows, Scenario};
use blocks::{Spread, Variant};
pub use buffers::{Buffers, Lent, is_routed_expert};
use pattern::Inventory;
use schedule::Schedule;
use size::{Amounts, Unit};

/// Copies that a pipeline keeps of what goes from one device to another.
const PIPELINE_COPIES: usize = 4;
/// Several devices are worked out for the first, one between, and the last.
const DEVICES: u8 = 3;
/// Switches of [`Variant`]: flash attention, rotated keys, rotated values.
const VARIANTS: usize = 8;

/// The graph of a model; the same for all scenarios.
#[derive(Debug)]
pub struct GraphShape {
    model: Box<Model>,
    /// Window of the layers that have one, tokens.
    window: Option<u32>,
    schedules: [OnceLock<Arc<Schedules>>; VARIANTS],
}

/// Schedules of a graph by how it is spread, worked out where they are asked for.
#[derive(Debug)]
struct Schedules {
    model: Model,
    variant: Variant,
    inventory: Inventory,
    /// Elements of the largest weights by kind.
    elements: Lent,
    by_spread: [OnceLock<Schedule>; 6],
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
            model: Box::new(model.clone()),
            window: attention.sliding_window.or(attention.chunk_size).filter(|_| has_window),
            schedules: Default::default(),
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
                model: Model::clone(&self.model),
                variant,
                elements: tensors.iter().filter(|t| t.block.is_some()).fold(Lent::default(), largest),
                inventory: Inventory::new(&self.model, &tensors),
                by_spread: Default::default(),
            })
        }))
    }

    /// Buffers for `scenario` by how the model is spread; each is worked out when it is asked for.
    pub fn buffers(&self, scenario: &Scenario, cells: &Cells) -> Buffers {
        let quantized = |format: CacheType| format.ggml().is_some_and(GgmlType::is_quantized);
        let schedules = self.schedules(Variant {
            flash: scenario.flash_attention,
            rotated_keys: quantized(scenario.cache_k),
            rotated_values: quantized(scenario.cache_v),
        });
        Buffers::new(schedules, self.amounts(scenario, cells), self.converted(scenario, cells))
    }

    fn amounts(&self, scenario: &Scenario, cells: &Cells) -> Amounts {
        let ubatch = u64::from(scenario.physical_batch()).min(cells.full * cells.streams).max(1);
        let slots = u64::from(scenario.parallel.max(1));
        let outputs = match scenario.output_rows {
            OutputRows::Server => slots,
            OutputRows::Bench => u64::from(scenario.batch),
        };
        let window = self.window.map_or(0, |window| cells.window(window));
        let mut amounts = Amounts::default();
        amounts.set(Unit::Token, ubatch);
        amounts.set(Unit::Output, outputs.min(ubatch));
        // Encoders have no cache: tokens see those of the batch.
        let is_encoder = rules::memory().no_cache.has(&self.model.arch);
        let (seen, seen_in_window) = if is_encoder { (ubatch, ubatch) } else { (cells.full, window) };
        amounts.set(Unit::Pair, ubatch * seen);
        amounts.set(Unit::WindowPair, ubatch * seen_in_window);
        amounts.set(Unit::Cell, cells.full * cells.streams);
        amounts.set(Unit::Sequence, slots);
        amounts.set(Unit::Fixed, 1);
        for (format, full, windowed) in [
            (scenario.cache_k, Unit::StoredKeys, Unit::WindowStoredKeys),
            (scenario.cache_v, Unit::StoredValues, Unit::WindowStoredValues),
        ] {
            let row_of_32 = format.ggml().map_or(32, |ggml| ggml.row_bytes(32).0);
            amounts.set(full, cells.full * cells.streams * row_of_32);
            amounts.set(windowed, window * cells.streams * row_of_32);
        }
        amounts
    }

    /// The amounts that only a device has: with flash attention, caches of another type than f16 are turned
    /// into f16 layer by layer.
    fn converted(&self, scenario: &Scenario, cells: &Cells) -> [(Unit, u64); 4] {
        let window = self.window.map_or(0, |window| cells.window(window));
        let turned = |format: CacheType, cells_of_layer: u64| {
            let is_turned = scenario.flash_attention && format != CacheType::F16;
            if is_turned { cells_of_layer * cells.streams } else { 0 }
        };
        [
            (Unit::KeyCell, turned(scenario.cache_k, cells.full)),
            (Unit::ValueCell, turned(scenario.cache_v, cells.full)),
            (Unit::WindowKeyCell, turned(scenario.cache_k, window)),
            (Unit::WindowValueCell, turned(scenario.cache_v, window)),
        ]
    }
}
