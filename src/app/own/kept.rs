//! A measurement that is kept.

use crate::estimate::measured::Measurement;
use crate::model::ModelId;

/// A row of the list.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    /// Names it while the window is open.
    pub id: u64,
    /// The measurement.
    pub row: Measurement,
    /// The model it is about.
    pub matched: Matched,
}

/// The model that a row is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Matched {
    /// This one.
    Sure(ModelId),
    /// A person must say; these come into question.
    Among(Vec<ModelId>),
}
