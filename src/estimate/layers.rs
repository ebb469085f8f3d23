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
    let layers = (0..load.blocks()).map(|index| {
        let device = split.device_of(index);
        let place = device.map_or(host, Place::Device);
        let (dense, experts) = (load.layout.sums.dense(index), load.layout.sums.experts(index));
        let has_experts = experts.1 > Bytes::ZERO;
        let experts_place = if has_experts && index < split.cpu_moe { host } else { place };
        let (kv_device, kv_host, state) = load.context.block(index);
        let on_device = device.is_some();
        LayerPlace {
            mixer: model.mixer(index as u32),
            place,
            experts_place,
            dense: if on_device { dense.0 } else { dense.1 },
            experts: if matches!(experts_place, Place::Device(_)) { experts.0 } else { experts.1 },
            kv: if on_device { kv_device } else { kv_host },
            state,
        }
    });
    layers.collect()
}
