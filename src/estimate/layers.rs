//! Where each layer lies: what the strip of a detail draws.

use crate::model::Model;
use crate::model::record::Mixer;
use crate::units::Bytes;

use super::outcome::Outcome;

/// Where a part of a model is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// On the GPU of this index in the rig.
    Device(usize),
    /// In main memory.
    Ram,
    /// In main memory as far as it goes; the rest is read from disk for every token.
    Disk,
}

/// One block of a model as it is placed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LayerPlace {
    /// How it mixes tokens.
    pub mixer: Mixer,
    /// Where everything but its routed experts is, its cache and state too.
    pub place: Place,
    /// Where its routed experts are; the same as `place` where it has none.
    pub experts_place: Place,
    /// Weights other than routed experts.
    pub dense: Bytes,
    /// Routed experts.
    pub experts: Bytes,
    /// Key–value cache.
    pub kv: Bytes,
    /// Recurrent state of all slots.
    pub state: Bytes,
}

/// The blocks of `outcome`, first to last.
pub(super) fn layers(model: &Model, outcome: &Outcome<'_>) -> Vec<LayerPlace> {
    let (load, split) = (&outcome.load, &outcome.split);
    let host = if outcome.streamed > 0.0 { Place::Disk } else { Place::Ram };
    let blocks = load.layout.blocks.iter().enumerate();
    let layers = blocks.map(|(index, block)| {
        let device = split.device_of(index);
        let place = device.map_or(host, Place::Device);
        let has_experts = block.experts_host > Bytes::ZERO;
        let experts_place = if has_experts && index < split.cpu_moe { host } else { place };
        let cache = load.kv[index];
        LayerPlace {
            mixer: model.mixer(index as u32),
            place,
            experts_place,
            dense: if device.is_some() { block.dense_device } else { block.dense_host },
            experts: if matches!(experts_place, Place::Device(_)) {
                block.experts_device
            } else {
                block.experts_host
            },
            kv: if device.is_some() { cache.device } else { cache.host },
            state: load.state[index],
        }
    });
    layers.collect()
}
