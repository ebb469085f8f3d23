//! Graph buffers of one model in one scenario.

use std::sync::{Arc, OnceLock};

use crate::quant::GgmlType;
use crate::units::Bytes;

use super::envelope::Envelope;
use super::size::{Amounts, Unit};
use super::{DEVICES, Schedules, Way};

/// Tensors that llama.cpp's `--n-cpu-moe` keeps in RAM.
pub fn is_routed_expert(suffix: &str) -> bool {
    suffix.starts_with("ffn_") && (suffix.contains("_exps") || suffix.contains("_chexps"))
}

/// The largest weights that a device computes with although they lie in main memory: it borrows one at a
/// time for a prompt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lent {
    /// Whole blocks are in main memory, with their caches.
    pub blocks: bool,
    /// Matrix of attention or of a recurrent mixer, bytes.
    pub mixer: u64,
    /// Gate or up matrix of a dense network, bytes.
    pub up: u64,
    /// Down matrix of a dense network, bytes.
    pub down: u64,
    /// Gate or up tensor of routed experts, bytes.
    pub expert_up: u64,
    /// Down tensor of routed experts, bytes.
    pub expert_down: u64,
}

impl Lent {
    /// One weight by the name it has in its block.
    pub fn one(suffix: &str, bytes: u64) -> Self {
        let mut one = Self::default();
        let is_down = suffix.starts_with("ffn_down");
        let kind = match (is_routed_expert(suffix), suffix.starts_with("ffn_")) {
            (true, _) if is_down => &mut one.expert_down,
            (true, _) => &mut one.expert_up,
            (false, true) if is_down => &mut one.down,
            (false, true) => &mut one.up,
            (false, false) => &mut one.mixer,
        };
        *kind = bytes;
        one
    }

    /// Whether everything lies on the devices.
    pub fn is_nothing(&self) -> bool {
        !self.blocks && self.expert_up == 0 && self.expert_down == 0
    }

    /// The larger of each.
    pub fn max(self, other: Self) -> Self {
        Self {
            blocks: self.blocks || other.blocks,
            mixer: self.mixer.max(other.mixer),
            up: self.up.max(other.up),
            down: self.down.max(other.down),
            expert_up: self.expert_up.max(other.expert_up),
            expert_down: self.expert_down.max(other.expert_down),
        }
    }

    /// The routed experts alone.
    pub fn experts(self) -> Self {
        Self { expert_up: self.expert_up, expert_down: self.expert_down, ..Self::default() }
    }

    /// Bytes of one kind.
    pub(super) fn of(&self, unit: Unit) -> u64 {
        match unit {
            Unit::LentMixer => self.mixer,
            Unit::LentUp => self.up,
            Unit::LentDown => self.down,
            Unit::LentExpertUp => self.expert_up,
            Unit::LentExpertDown => self.expert_down,
            _ => 0,
        }
    }
}

/// Kinds of weights that can be lent.
pub const LENT: [Unit; 5] =
    [Unit::LentMixer, Unit::LentUp, Unit::LentDown, Unit::LentExpertUp, Unit::LentExpertDown];

/// Where a tensor finds its place depends on the sizes of others, so a graph is laid out with weights of
/// these formats: the one nearest to what is lent counts.
const FORMATS: [GgmlType; 4] = [GgmlType::Q2K, GgmlType::Q4K, GgmlType::Q8_0, GgmlType::F16];

/// Bits of a down tensor relative to those of gate and up, in percent: mixes keep some at more.
const RAISED: [u64; 3] = [100, 150, 190];

/// [`FORMATS`] with each of [`RAISED`].
const MIXES: usize = RAISED.len() * FORMATS.len();

/// Graph buffers by how a model is spread, each worked out when it is first asked for.
#[derive(Clone, Debug)]
pub struct Buffers {
    schedules: Arc<Schedules>,
    /// What the processor's buffers are sized by.
    host: Amounts,
    /// What a device's are sized by.
    device: Amounts,
    processor: OnceLock<u64>,
    single: [OnceLock<u64>; 2],
    pipeline: [OnceLock<u64>; 1 + DEVICES as usize],
    several: [OnceLock<u64>; 1 + DEVICES as usize],
    experts: [OnceLock<Envelope>; MIXES],
    experts_host: OnceLock<u64>,
    blocks: [OnceLock<Envelope>; MIXES],
    blocks_host: OnceLock<u64>,
}

impl Buffers {
    pub(super) fn new(schedules: Arc<Schedules>, host: Amounts, converted: [(Unit, u64); 4]) -> Self {
        let mut device = host;
        for (unit, amount) in converted {
            device.set(unit, amount);
        }
        Self {
            schedules,
            host,
            device,
            processor: OnceLock::new(),
            single: Default::default(),
            pipeline: Default::default(),
            several: Default::default(),
            experts: Default::default(),
            experts_host: OnceLock::new(),
            blocks: Default::default(),
            blocks_host: OnceLock::new(),
        }
    }

    fn host_of(&self, way: Way, memo: &OnceLock<u64>) -> Bytes {
        Bytes(*memo.get_or_init(|| self.schedules.of(way).host.peak(&self.host)))
    }

    fn device_of(&self, way: Way, index: usize, memo: &OnceLock<u64>) -> Bytes {
        Bytes(*memo.get_or_init(|| {
            self.schedules.of(way).devices.get(index).map_or(0, |program| program.peak(&self.device))
        }))
    }

    /// One device that holds all layers but those that are `lent`; of several devices the first computes
    /// with what is lent.
    pub fn single(&self, lent: Lent) -> Bytes {
        if lent.is_nothing() {
            return self.device_of(Way::Single, 0, &self.single[0]);
        }
        let (way, memo) =
            if lent.blocks { (Way::BlocksOnHost, &self.blocks) } else { (Way::ExpertsOnHost, &self.experts) };
        let mix = self.mix(lent);
        let envelope = memo[mix % MIXES].get_or_init(|| {
            let device = self.schedules.of(way).devices.first();
            device.map_or_else(Envelope::default, |program| program.envelope(&self.with_weights(mix)))
        });
        Bytes(envelope.bytes(&lent))
    }

    /// Which of [`MIXES`] is near what is lent.
    fn mix(&self, lent: Lent) -> usize {
        let elements = &self.schedules.elements;
        // Bits of a weight; those of the largest kind speak for all.
        let bits = |bytes: u64, elements: u64| {
            if elements == 0 { 0.0 } else { 8.0 * bytes as f64 / elements as f64 }
        };
        let (up, down) = if lent.expert_up > 0 {
            (bits(lent.expert_up, elements.expert_up), bits(lent.expert_down, elements.expert_down))
        } else if lent.up > 0 {
            (bits(lent.up, elements.up), bits(lent.down, elements.down))
        } else {
            let mixer = bits(lent.mixer, elements.mixer);
            (mixer, mixer)
        };
        let format = FORMATS.iter().position(|format| up < 1.4 * format.bits_per_weight());
        let raised = usize::from(down > 1.05 * up) + usize::from(down > 1.7 * up);
        RAISED.len() * format.unwrap_or(FORMATS.len() - 1) + raised
    }

    /// The amounts of a device with weights of one of [`MIXES`].
    fn with_weights(&self, mix: usize) -> Amounts {
        let format = FORMATS[mix / RAISED.len() % FORMATS.len()];
        let raised = RAISED[mix % RAISED.len()];
        let mut amounts = self.device;
        for unit in LENT {
            let elements = self.schedules.elements.of(unit);
            let mut bytes = elements.div_ceil(format.block()) * format.block_bytes();
            if matches!(unit, Unit::LentDown | Unit::LentExpertDown) {
                bytes = bytes / 100 * raised;
            }
            amounts.set(unit, bytes);
        }
        amounts
    }

    /// Device `index` of `count` with pipeline parallelism: four copies of inputs and masks.
    pub fn pipeline(&self, index: usize, count: usize) -> Bytes {
        let place = place_of(index, count);
        self.device_of(Way::Pipeline, place, &self.pipeline[1 + place])
    }

    /// Device `index` of `count` where a part lies in main memory, so that batches are not pipelined.
    pub fn several(&self, index: usize, count: usize, lent: Lent) -> Bytes {
        if index == 0 {
            return self.single(lent);
        }
        let place = place_of(index, count);
        self.device_of(Way::Several, place, &self.several[1 + place])
    }

    /// The host's buffer beside devices that hold all layers but those that are `lent`.
    pub fn host(&self, lent: Lent) -> Bytes {
        if lent.is_nothing() {
            self.host_of(Way::Single, &self.single[1])
        } else if lent.blocks {
            self.host_of(Way::BlocksOnHost, &self.blocks_host)
        } else {
            self.host_of(Way::ExpertsOnHost, &self.experts_host)
        }
    }

    /// The host's buffer beside several devices with pipeline parallelism.
    pub fn host_pipeline(&self) -> Bytes {
        self.host_of(Way::Pipeline, &self.pipeline[0])
    }

    /// The processor alone: the same graph in one buffer.
    pub fn processor(&self) -> Bytes {
        self.host_of(Way::Processor, &self.processor)
    }
}

/// Of the first, a middle and the last device, the one that stands for `index` of `count`.
fn place_of(index: usize, count: usize) -> usize {
    if index == 0 {
        0
    } else if index + 1 < count {
        1
    } else {
        2
    }
}
