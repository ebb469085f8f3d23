//! What is remembered of the list, and what can be done with it.

use serde::{Deserialize, Serialize};

use super::{Terms, Use};

/// The list as it was left.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Remembered {
    /// The list is unfolded.
    pub open: bool,
    /// What a model must reach.
    pub terms: Terms,
}

impl Default for Remembered {
    fn default() -> Self {
        Self { open: true, terms: Terms::default() }
    }
}

/// A change of the list.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum BestForAction {
    /// Unfold or fold it.
    Open(bool),
    /// What a model must reach.
    SetTerms(Terms),
    /// Select what is best for a use: model, level, and the context that it was asked with.
    Take(Use),
}
