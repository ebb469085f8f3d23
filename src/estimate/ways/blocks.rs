//! What the blocks of a model take, whatever the placement: bounds that spare answers which would be no.

use crate::model::Model;
use crate::units::Bytes;

use super::super::estimator::Estimator;
use super::super::rig::Rig;
use super::Aim;
use super::change::Question;

/// CUDA's padding is far less than the rest: so much of what the blocks take is taken anywhere.
const UNPADDED: f64 = 0.99;

/// What all blocks take together; zero where only the engine knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Blocks {
    /// Weights.
    weights: Bytes,
    /// Caches and states.
    caches: Bytes,
}

impl Blocks {
    /// The blocks of `model` as `question` asks for them.
    pub fn new(estimator: &Estimator, model: &Model, question: &Question) -> Self {
        let layers = estimator.layers(model, question.level, &question.scenario, &question.rig);
        let mut blocks = Self::default();
        for layer in layers.iter().flatten() {
            blocks.weights += layer.dense + layer.experts;
            blocks.caches += layer.kv + layer.state;
        }
        blocks
    }

    /// Memory that must be added at least for `aim`.
    pub fn lack(&self, aim: Aim, rig: &Rig) -> Bytes {
        (self.weights + self.caches).scaled(UNPADDED) - have(aim, rig)
    }

    /// Whether `aim` is out of reach whatever the caches.
    pub fn are_too_heavy(&self, aim: Aim, rig: &Rig) -> bool {
        self.weights.scaled(UNPADDED) > have(aim, rig)
    }
}

fn have(aim: Aim, rig: &Rig) -> Bytes {
    let unified = rig.devices.iter().any(|device| device.unified);
    match aim {
        Aim::Memory if unified => rig.device_free().max(rig.host.free),
        Aim::Memory => rig.device_free() + rig.host.free,
        Aim::Spare | Aim::OnGpu => rig.device_free(),
    }
}
