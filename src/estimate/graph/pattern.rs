//! Which blocks of a model show all that its graph can need.

use std::collections::BTreeMap;

use crate::model::Model;
use crate::model::inventory::Tensor;

/// Tensors of one block by name.
pub(super) type Names = BTreeMap<&'static str, [u64; 3]>;

/// The names of each block's tensors, and of those outside.
#[derive(Debug)]
pub(super) struct Inventory {
    /// What blocks hold, each once: models have few kinds of blocks, and many blocks.
    kinds: Vec<Names>,
    /// The kind of each block.
    blocks: Vec<usize>,
    outside: Names,
}

impl Inventory {
    pub(super) fn new(model: &Model, tensors: &[Tensor]) -> Self {
        let mut named = vec![Names::new(); model.n_layer as usize];
        let mut outside = Names::new();
        for tensor in tensors {
            match tensor.block {
                None => {
                    outside.insert(tensor.suffix, tensor.dims);
                }
                Some(block) => {
                    if let Some(names) = named.get_mut(block as usize) {
                        names.insert(tensor.suffix, tensor.dims);
                    }
                }
            }
        }
        let mut kinds = Vec::new();
        let blocks = named.into_iter().map(|names| kind_among(&mut kinds, names)).collect();
        Self { kinds, blocks, outside }
    }

    /// Tensors of block `block`.
    pub(super) fn block(&self, block: u32) -> &Names {
        &self.kinds[self.blocks[block as usize]]
    }

    /// Tensors that belong to no block.
    pub(super) fn outside(&self) -> &Names {
        &self.outside
    }
}

/// The place of `kind` among those that are known, which it joins where it is new. Most are like the last.
fn kind_among<T: PartialEq>(known: &mut Vec<T>, kind: T) -> usize {
    known.iter().rposition(|known| *known == kind).unwrap_or_else(|| {
        known.push(kind);
        known.len() - 1
    })
}

/// A model's blocks without what repeats.
///
/// Block after block a graph's tensors come to lie in the same places, or in two places by turns. So an even
/// number of repetitions of a pattern of blocks changes nothing and is left out; the first block stays.
pub(super) fn representative(model: &Model, inventory: &Inventory) -> Vec<u32> {
    let owned = model.layers_with_own_cache();
    let kind =
        |block: u32| (model.mixer(block), model.ffn(block), block < owned, inventory.blocks[block as usize]);
    let mut distinct = Vec::new();
    let kinds: Vec<usize> = (0..model.n_layer).map(|block| kind_among(&mut distinct, kind(block))).collect();
    let mut chosen: Vec<u32> = (0..model.n_layer).collect();
    while let Some((from, to)) = repetition(&chosen, |a, b| kinds[a as usize] == kinds[b as usize]) {
        chosen.drain(from..to);
    }
    chosen
}

/// Longest pattern of blocks that is looked for.
const LONGEST_PATTERN: usize = 8;

/// The longest stretch that is an even number of repetitions of what follows it.
fn repetition(blocks: &[u32], same: impl Fn(u32, u32) -> bool) -> Option<(usize, usize)> {
    let mut best = None;
    let mut longest = 0;
    for period in 1..=LONGEST_PATTERN {
        let mut start = 0;
        while start + period < blocks.len() {
            let run =
                (start..blocks.len() - period).take_while(|&i| same(blocks[i], blocks[i + period])).count();
            // One pattern stays in front, where the first of a kind still finds its place, and one behind.
            let spare = run.saturating_sub(2 * period);
            let even = spare - spare % (2 * period);
            if even > longest {
                longest = even;
                best = Some((start + period, start + period + even));
            }
            start += run.max(1);
        }
    }
    best
}
