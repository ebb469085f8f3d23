//! llama.cpp's graph buffers: the graph of a model is laid out as its scheduler and allocator do it.
//!
//! The shape of a graph depends on the model and on a few switches; the sizes of its tensors on the batch
//! and the context. So the order of allocations is worked out once for a model, and a scenario only replays
//! it with its sizes.

mod attention;
mod blocks;
mod feed_forward;
mod pool;
mod recurrent;
mod schedule;
mod size;
mod tape;
mod traits;

use std::sync::OnceLock;

use crate::model::{Model, inventory};
use crate::units::Bytes;

use super::cache::Cells;
use super::scenario::{CacheType, OutputRows, Scenario};
use blocks::{Inventory, Variant};
use schedule::Schedule;
use size::{Amounts, Unit};

/// Copies that a pipeline keeps of what goes from one device to another.
const PIPELINE_COPIES: usize = 4;
/// A pipeline is worked out for its first device, one between, and its last.
const PIPELINE_DEVICES: u8 = 3;
/// Switches of [`Variant`]: flash attention, rotated keys, rotated values.
const VARIANTS: usize = 8;

/// The graph of a model; the same for all scenarios.
#[derive(Debug)]
pub struct GraphShape {
    model: Box<Model>,
    /// Window of the layers that have one, tokens.
    window: Option<u32>,
    schedules: [OnceLock<Schedules>; VARIANTS],
}

/// Schedules of a graph by how it is spread.
#[derive(Debug)]
struct Schedules {
    /// The processor alone.
    processor: Schedule,
    /// One device.
    single: Schedule,
    /// Several devices, one after the other.
    pipeline: Schedule,
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

    fn schedules(&self, variant: Variant) -> &Schedules {
        let index = usize::from(variant.flash)
            + 2 * usize::from(variant.rotated_keys)
            + 4 * usize::from(variant.rotated_values);
        self.schedules[index % VARIANTS].get_or_init(|| {
            let inventory = Inventory::new(&self.model, &inventory::inventory(&self.model).tensors);
            let schedule = |devices: u8, copies: usize| {
                let tape = blocks::tape(&self.model, &inventory, variant, devices);
                Schedule::new(tape, usize::from(devices), copies)
            };
            Schedules {
                processor: schedule(0, 1),
                single: schedule(1, 1),
                pipeline: schedule(PIPELINE_DEVICES, PIPELINE_COPIES),
            }
        })
    }

    /// Buffers for `scenario` by how the model is spread.
    pub fn buffers(&self, scenario: &Scenario, cells: &Cells) -> Buffers {
        let quantized = |format: CacheType| format.ggml().is_some_and(|ggml| ggml.is_quantized());
        let flash = scenario.flash_attention;
        let schedules = self.schedules(Variant {
            flash,
            rotated_keys: quantized(scenario.cache_k),
            rotated_values: quantized(scenario.cache_v),
        });
        let mut amounts = self.amounts(scenario, cells);
        let peak = |program: &schedule::Program, amounts: &Amounts| Bytes(program.peak(amounts));
        let processor = peak(&schedules.processor.host, &amounts);
        if flash {
            let wide = |format: CacheType| format != CacheType::F16;
            let window = self.window.map_or(0, |window| cells.window(window));
            for (is_wide, full_unit, window_unit) in [
                (wide(scenario.cache_k), Unit::KeyCell, Unit::WindowKeyCell),
                (wide(scenario.cache_v), Unit::ValueCell, Unit::WindowValueCell),
            ] {
                if is_wide {
                    amounts.set(full_unit, cells.full * cells.streams);
                    amounts.set(window_unit, window * cells.streams);
                }
            }
        }
        let device = |schedule: &Schedule, index: usize| {
            schedule.devices.get(index).map_or(Bytes::ZERO, |program| peak(program, &amounts))
        };
        Buffers {
            processor,
            single: device(&schedules.single, 0),
            host: peak(&schedules.single.host, &amounts),
            pipeline: [0, 1, 2].map(|index| device(&schedules.pipeline, index)),
            host_pipeline: peak(&schedules.pipeline.host, &amounts),
        }
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
        amounts.set(Unit::Pair, ubatch * cells.full);
        amounts.set(Unit::WindowPair, ubatch * window);
        amounts.set(Unit::Cell, cells.full * cells.streams);
        amounts.set(Unit::Sequence, slots);
        amounts.set(Unit::Fixed, 1);
        amounts
    }
}

/// Graph buffers by how a model is spread.
#[derive(Clone, Copy, Debug)]
pub struct Buffers {
    processor: Bytes,
    single: Bytes,
    host: Bytes,
    /// First device, those between, last.
    pipeline: [Bytes; 3],
    host_pipeline: Bytes,
}

impl Buffers {
    /// One device that holds all layers; `borrowed` is the largest tensor that it computes with although
    /// it lies in main memory.
    pub fn single(&self, borrowed: Bytes) -> Bytes {
        if borrowed == Bytes::ZERO { self.single } else { self.single.max(borrowed) }
    }

    /// Device `index` of `count` with pipeline parallelism: four copies of inputs and masks.
    pub fn pipeline(&self, index: usize, count: usize) -> Bytes {
        if index == 0 {
            self.pipeline[0]
        } else if index + 1 == count {
            self.pipeline[2]
        } else {
            self.pipeline[1]
        }
    }

    /// The host's buffer beside one device.
    pub fn host(&self) -> Bytes {
        self.host
    }

    /// The host's buffer beside several devices with pipeline parallelism.
    pub fn host_pipeline(&self) -> Bytes {
        self.host_pipeline
    }

    /// The processor alone: the same graph in one buffer.
    pub fn processor(&self) -> Bytes {
        self.processor
    }
}
