//! A file's tensors block by block.

use std::collections::BTreeMap;

use crate::quant::StoredTensor;

/// Tensors of one block, or of none, by name.
#[derive(Debug, Default)]
pub struct Named<'a>(BTreeMap<&'a str, &'a StoredTensor>);

impl<'a> Named<'a> {
    /// The tensor of this name.
    pub fn get(&self, name: &str) -> Option<&'a StoredTensor> {
        self.0.get(name).copied()
    }

    /// Whether there is one of this name.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Whether there is one whose name begins so.
    pub fn begins(&self, start: &str) -> bool {
        self.0.range(start..).next().is_some_and(|(name, _)| name.starts_with(start))
    }

    /// Elements of a row.
    pub fn columns(&self, name: &str) -> Option<u64> {
        self.get(name).map(|tensor| tensor.dims[0])
    }

    /// Rows.
    pub fn rows(&self, name: &str) -> Option<u64> {
        self.get(name).map(|tensor| tensor.dims[1])
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = (&'a str, &'a StoredTensor)> {
        self.0.iter().map(|(&name, &tensor)| (name, tensor))
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// All tensors of a file.
#[derive(Debug, Default)]
pub struct Blocks<'a> {
    /// Those that belong to no block.
    pub outside: Named<'a>,
    numbered: Vec<Named<'a>>,
    nothing: Named<'a>,
}

impl<'a> Blocks<'a> {
    /// Sorts a table into blocks.
    pub fn of(tensors: &'a [StoredTensor]) -> Self {
        let mut all = Self::default();
        for tensor in tensors {
            let named = match tensor.block {
                None => &mut all.outside,
                // The reader lets no block number through that would be large.
                Some(block) => {
                    let block = block as usize;
                    if all.numbered.len() <= block {
                        all.numbered.resize_with(block + 1, Named::default);
                    }
                    &mut all.numbered[block]
                }
            };
            named.0.insert(&tensor.suffix, tensor);
        }
        all
    }

    /// Number of the last block that has tensors, plus one.
    pub fn count(&self) -> u32 {
        self.numbered.len() as u32
    }

    /// The tensors of a block; none beyond the last.
    pub fn block(&self, block: u32) -> &Named<'a> {
        self.numbered.get(block as usize).unwrap_or(&self.nothing)
    }

    /// Whether some block is so.
    pub fn any(&self, is: impl Fn(&Named<'a>) -> bool) -> bool {
        self.numbered.iter().any(is)
    }

    /// The first block that is so.
    pub fn first(&self, is: impl Fn(&Named<'a>) -> bool) -> Option<&Named<'a>> {
        self.numbered.iter().find(|block| !block.is_empty() && is(block))
    }
}
