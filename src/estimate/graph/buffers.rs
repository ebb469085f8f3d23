//! Graph buffers of one model in one scenario.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use smallvec::SmallVec;

use crate::quant::GgmlType;
use crate::units::Bytes;

use super::curve::{Curve, Piece};
use super::size::{Line, Unit};
use super::{CONVERTED, DEVICES, Schedules, WAYS, Way};

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

/// What a weight of a block is to a device that borrows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WeightKind {
    /// Attention and other mixers, norms.
    Mixer,
    /// Gate and up of a feed-forward network.
    Up,
    /// Down.
    Down,
    /// Gate and up of routed experts.
    ExpertUp,
    /// Their down.
    ExpertDown,
}

impl WeightKind {
    /// By the name it has in its block.
    pub fn of(suffix: &str) -> Self {
        if !suffix.starts_with("ffn_") {
            return Self::Mixer;
        }
        match (is_routed_expert(suffix), suffix.starts_with("ffn_down")) {
            (true, true) => Self::ExpertDown,
            (true, false) => Self::ExpertUp,
            (false, true) => Self::Down,
            (false, false) => Self::Up,
        }
    }

    /// Whether it is of routed experts.
    pub const fn is_routed(self) -> bool {
        matches!(self, Self::ExpertUp | Self::ExpertDown)
    }
}

impl Lent {
    /// One weight by the name it has in its block.
    pub fn one(suffix: &str, bytes: u64) -> Self {
        let mut one = Self::default();
        one.take(WeightKind::of(suffix), bytes);
        one
    }

    /// Takes a weight in, where it is larger than others of its kind.
    pub fn take(&mut self, kind: WeightKind, bytes: u64) {
        let largest = match kind {
            WeightKind::Mixer => &mut self.mixer,
            WeightKind::Up => &mut self.up,
            WeightKind::Down => &mut self.down,
            WeightKind::ExpertUp => &mut self.expert_up,
            WeightKind::ExpertDown => &mut self.expert_down,
        };
        *largest = bytes.max(*largest);
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

/// What a graph's buffers are sized by whatever the context, and their sizes over all contexts.
#[derive(Debug)]
pub(super) struct Family {
    schedules: Arc<Schedules>,
    /// What the processor's buffers are sized by.
    host: Line,
    /// What a device's are sized by.
    device: Line,
    curves: [Curve; SLOTS],
    /// What was asked of late, by steps of context: a context that does not change is asked again and again.
    recent: Mutex<SmallVec<[Recent; 2]>>,
}

/// The buffers of one context, each worked out when it is first asked for.
type Pieces = [OnceLock<Arc<Piece>>; SLOTS];

/// Steps of a context, and its buffers.
type Recent = (u32, Arc<Pieces>);

/// Contexts whose buffers are at hand.
const RECENT: usize = 4;

impl Family {
    pub(super) fn new(schedules: Arc<Schedules>, device: &Line) -> Self {
        let mut host = *device;
        for unit in CONVERTED {
            host.set(unit, 0);
        }
        Self {
            schedules,
            host,
            device: *device,
            curves: std::array::from_fn(|_| Curve::default()),
            recent: Mutex::default(),
        }
    }

    fn pieces(&self, step: u32) -> Arc<Pieces> {
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, known)) = recent.iter().find(|(of, _)| *of == step) {
            return Arc::clone(known);
        }
        let pieces = Arc::new([const { OnceLock::new() }; SLOTS]);
        if recent.len() == RECENT {
            recent.remove(0);
        }
        recent.push((step, Arc::clone(&pieces)));
        pieces
    }

    /// Whether it is the family of a graph that is sized so.
    pub(super) fn is_of(&self, schedules: &Arc<Schedules>, device: &Line) -> bool {
        Arc::ptr_eq(&self.schedules, schedules) && self.device == *device
    }

    /// The size of the buffer `slot` around `step`.
    fn piece(&self, slot: Slot, step: u32) -> Arc<Piece> {
        self.curves[slot.index()].piece(step, || {
            let schedule = self.schedules.of(slot.way);
            let program = match slot.program {
                0 => Some(&schedule.host),
                device => schedule.devices.get(device - 1),
            };
            let Some(program) = program else { return Piece::point(step, 0) };
            match slot.mix {
                _ if slot.program == 0 => program.piece(&self.host, step),
                None => program.piece(&self.device, step),
                Some(mix) => program.piece(&self.with_weights(mix), step),
            }
        })
    }

    /// The amounts of a device with weights of one of [`MIXES`].
    fn with_weights(&self, mix: usize) -> Line {
        let format = FORMATS[mix / RAISED.len() % FORMATS.len()];
        let raised = RAISED[mix % RAISED.len()];
        let mut line = self.device;
        for unit in LENT {
            let elements = self.schedules.elements.of(unit);
            let mut bytes = elements.div_ceil(format.block()) * format.block_bytes();
            if matches!(unit, Unit::LentDown | Unit::LentExpertDown) {
                bytes = bytes / 100 * raised;
            }
            line.set(unit, bytes);
        }
        line
    }
}

/// One buffer of a graph.
#[derive(Clone, Copy, Debug)]
struct Slot {
    way: Way,
    /// The host's, or one more than the device's place.
    program: usize,
    /// Of a buffer that is lent weights, which of [`MIXES`] they are near.
    mix: Option<usize>,
}

/// Buffers of one way to spread a graph: the host's and the devices'.
const PROGRAMS: usize = 1 + DEVICES as usize;
/// All buffers of a graph: of each way, and with each of [`MIXES`] for the two that are lent weights.
const SLOTS: usize = WAYS * PROGRAMS + 2 * MIXES;

impl Slot {
    const fn host(way: Way) -> Self {
        Self { way, program: 0, mix: None }
    }

    const fn device(way: Way, place: usize) -> Self {
        Self { way, program: 1 + place, mix: None }
    }

    fn index(self) -> usize {
        match self.mix {
            None => self.way as usize * PROGRAMS + self.program % PROGRAMS,
            Some(mix) => {
                let blocks = usize::from(self.way == Way::BlocksOnHost);
                WAYS * PROGRAMS + blocks * MIXES + mix % MIXES
            }
        }
    }
}

/// Graph buffers of one model in one scenario by how the model is spread, each worked out when it is first
/// asked for.
#[derive(Clone, Debug)]
pub struct Buffers {
    family: Arc<Family>,
    /// Steps of context.
    step: u32,
    pieces: Arc<Pieces>,
}

impl Buffers {
    pub(super) fn new(family: Arc<Family>, step: u32) -> Self {
        Self { pieces: family.pieces(step), family, step }
    }

    fn bytes(&self, slot: Slot, lent: &Lent) -> Bytes {
        let piece = self.pieces[slot.index()].get_or_init(|| self.family.piece(slot, self.step));
        Bytes(piece.bytes(self.step, lent))
    }

    fn fixed(&self, slot: Slot) -> Bytes {
        self.bytes(slot, &Lent::default())
    }

    /// One device that holds all layers but those that are `lent`; of several devices the first computes
    /// with what is lent.
    pub fn single(&self, lent: Lent) -> Bytes {
        if lent.is_nothing() {
            return self.fixed(Slot::device(Way::Single, 0));
        }
        let way = if lent.blocks { Way::BlocksOnHost } else { Way::ExpertsOnHost };
        self.bytes(Slot { mix: Some(self.mix(lent)), ..Slot::device(way, 0) }, &lent)
    }

    /// Which of [`MIXES`] is near what is lent.
    fn mix(&self, lent: Lent) -> usize {
        let elements = &self.family.schedules.elements;
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

    /// Device `index` of `count` with pipeline parallelism: four copies of inputs and masks.
    pub fn pipeline(&self, index: usize, count: usize) -> Bytes {
        self.fixed(Slot::device(Way::Pipeline, place_of(index, count)))
    }

    /// Device `index` of `count` where a part lies in main memory, so that batches are not pipelined.
    pub fn several(&self, index: usize, count: usize, lent: Lent) -> Bytes {
        if index == 0 {
            return self.single(lent);
        }
        self.fixed(Slot::device(Way::Several, place_of(index, count)))
    }

    /// The host's buffer beside devices that hold all layers but those that are `lent`.
    pub fn host(&self, lent: Lent) -> Bytes {
        let way = if lent.is_nothing() {
            Way::Single
        } else if lent.blocks {
            Way::BlocksOnHost
        } else {
            Way::ExpertsOnHost
        };
        self.fixed(Slot::host(way))
    }

    /// The host's buffer beside several devices with pipeline parallelism.
    pub fn host_pipeline(&self) -> Bytes {
        self.fixed(Slot::host(Way::Pipeline))
    }

    /// The processor alone: the same graph in one buffer.
    pub fn processor(&self) -> Bytes {
        self.fixed(Slot::host(Way::Processor))
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
