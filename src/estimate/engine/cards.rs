//! The cards that an engine works on together, and each card's part of a model.

use std::ops::Range;

use crate::estimate::engine::weights::Weights;
use crate::estimate::rig::Rig;
use crate::model::Model;
use crate::units::Bytes;

/// Cards that work together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cards {
    /// Their places in the rig.
    pub devices: Vec<usize>,
    /// Cards that share each layer.
    pub tensor: u32,
    /// Stages, each with its own layers.
    pub pipeline: u32,
}

impl Cards {
    /// The ways to use equal cards of a rig, the fewest first: of the kind with the most memory together.
    /// Each layer is shared where its heads can be divided, else each card gets its own layers.
    pub fn ways(model: &Model, rig: &Rig) -> Vec<Self> {
        let equal = equal_cards(rig);
        (1..=equal.len())
            .map(|count| {
                let devices = equal[..count].to_vec();
                let count = count as u32;
                if divides(model, count) {
                    Self { devices, tensor: count, pipeline: 1 }
                } else {
                    Self { devices, tensor: 1, pipeline: count }
                }
            })
            .collect()
    }

    /// Layers of stage `stage` of a model with `blocks` layers: as even as they go, the first ones longer.
    pub fn layers(&self, stage: u32, blocks: u32) -> Range<u32> {
        let (each, rest) = (blocks / self.pipeline, blocks % self.pipeline);
        let start = stage * each + stage.min(rest);
        start..start + each + u32::from(stage < rest)
    }

    /// Weights of one card of stage `stage`. A tied output matrix is a second copy where the stages part it
    /// from the embedding.
    pub fn weights(&self, weights: &Weights, stage: u32) -> Bytes {
        let blocks = weights.blocks.len() as u32;
        let layers = self.layers(stage, blocks);
        let mut sum: Bytes = weights.blocks[layers.start as usize..layers.end as usize].iter().copied().sum();
        let last = stage + 1 == self.pipeline;
        if stage == 0 {
            sum += weights.embedding + weights.tower;
        }
        if last {
            sum += weights.output;
        }
        if last && self.pipeline > 1 {
            sum += weights.tied_copy;
        }
        Bytes(sum.0.div_ceil(u64::from(self.tensor)))
    }

    /// Places in the rig with the stage of each.
    pub fn staged(&self) -> impl Iterator<Item = (usize, u32)> + '_ {
        let tensor = self.tensor as usize;
        self.devices.iter().enumerate().map(move |(place, &device)| (device, (place / tensor) as u32))
    }
}

/// Places of the equal cards that have the most memory together.
fn equal_cards(rig: &Rig) -> Vec<usize> {
    let like = |a: usize, b: usize| {
        let (a, b) = (&rig.devices[a], &rig.devices[b]);
        // The same card may report a few MiB more or less.
        let (low, high) = (a.capacity.min(b.capacity), a.capacity.max(b.capacity));
        a.name == b.name && (high - low).gib() < 0.02 * high.gib()
    };
    let mut kinds: Vec<Vec<usize>> = Vec::new();
    for place in 0..rig.devices.len() {
        match kinds.iter_mut().find(|kind| like(kind[0], place)) {
            Some(kind) => kind.push(place),
            None => kinds.push(vec![place]),
        }
    }
    let free = |kind: &[usize]| kind.iter().map(|place| rig.devices[*place].free).sum::<Bytes>();
    // The first of equals, in the rig's order.
    kinds.into_iter().rev().max_by_key(|kind| free(kind)).unwrap_or_default()
}

/// Whether the heads of each layer can be divided among `cards`.
fn divides(model: &Model, cards: u32) -> bool {
    let heads = model.n_head.max();
    heads > 0 && heads.is_multiple_of(cards)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimate::scenario::Engine;
    use crate::model::Catalog;

    fn model(name: &str) -> &'static Model {
        let catalog = Catalog::embedded();
        catalog.get(catalog.find(name).unwrap())
    }

    fn cards(count: usize, tensor: u32, pipeline: u32) -> Cards {
        Cards { devices: (0..count).collect(), tensor, pipeline }
    }

    #[test]
    fn stages_share_the_layers() {
        let three = cards(3, 1, 3);
        let layers: Vec<Range<u32>> = (0..3).map(|stage| three.layers(stage, 32)).collect();
        assert_eq!(layers, [0..11, 11..22, 22..32]);
        assert_eq!(three.staged().collect::<Vec<_>>(), [(0, 0), (1, 1), (2, 2)]);
        assert_eq!(cards(4, 2, 2).staged().map(|(_, stage)| stage).collect::<Vec<_>>(), [0, 0, 1, 1]);
    }

    #[test]
    fn all_cards_together_hold_the_model() {
        let model = model("meta-llama/Llama-3.1-8B-Instruct");
        let weights = Weights::new(model, "NATIVE".parse().unwrap(), Engine::Vllm, false);
        for cards in [cards(1, 1, 1), cards(2, 2, 1), cards(3, 1, 3), cards(4, 2, 2)] {
            let sum: Bytes = cards.staged().map(|(_, stage)| cards.weights(&weights, stage)).sum();
            let total = weights.total();
            assert!(sum >= total && sum.0 - total.0 < 8, "{cards:?}: {sum} of {total}");
        }
    }
}
