//! What the width of an interval depends on beside the evidence.

use std::fmt::Write as _;

/// Parameters of a token below which a model is small.
const SMALL: u64 = 2_000_000_000;
/// Parameters of a token from which it is large.
const LARGE: u64 = 10_000_000_000;

/// What a rate is about, as far as rates like it are met more or less well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Traits<'a> {
    /// Vendor, backend and engine.
    pub cell: &'a str,
    /// Experts are routed.
    pub is_moe: bool,
    /// The cache is deep: [`super::DEEP`].
    pub is_deep: bool,
    /// Parameters that a token uses.
    pub active: u64,
    /// Of a prompt: some weights lie in main memory.
    pub in_ram: bool,
}

impl Traits<'_> {
    /// The size of the model in words.
    pub const fn size(&self) -> &'static str {
        match self.active {
            ..SMALL => "under 2 B",
            SMALL..LARGE => "2 to 10 B",
            LARGE.. => "10 B and more",
        }
    }

    /// Hands over each trait's name and its value where the rate rests on `evidence`.
    pub fn each(&self, evidence: &str, mut of: impl FnMut(&'static str, &str)) {
        let values = [
            ("cell", self.cell),
            ("experts", if self.is_moe { "routed" } else { "none" }),
            ("depth", if self.is_deep { "deep" } else { "shallow" }),
            ("size", self.size()),
            ("placement", if self.in_ram { "in RAM" } else { "on device" }),
        ];
        let mut key = String::with_capacity(64);
        for (name, value) in values {
            key.clear();
            // Writing to a string cannot fail.
            let _ = write!(key, "{value}|{evidence}");
            of(name, &key);
        }
    }
}
