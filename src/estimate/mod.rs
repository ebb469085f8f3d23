//! From a model, a quantization and a machine to memory, placement, speed and quality: pure functions.
//!
//! [`Estimator::plan`] is the one way in. It knows no file, no clock and no screen; the same input gives
//! the same numbers.

pub mod scenario;
pub mod rig;
pub mod plan;

pub use plan::{Brief, FitClass, Plan, Range, Unsupported};
pub use rig::Rig;
pub use scenario::Scenario;
