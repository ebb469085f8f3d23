//! From a model, a quantization and a machine to memory, placement, speed and quality: pure functions.
//!
//! [`Estimator::plan`] is the one way in. It knows no file, no clock and no screen; the same input gives
//! the same numbers.

pub mod alternatives;
mod asked;
pub mod beside;
pub mod breakdown;
mod cache;
pub mod calibration;
pub mod command;
mod compute;
pub mod cost;
pub mod deploy;
pub mod divided;
pub mod engine;
mod estimator;
mod fit;
pub mod format_group;
mod graph;
pub mod here;
pub mod host_pace;
pub mod layers;
mod layout;
mod limit;
mod load;
pub mod measured;
pub mod neighbours;
mod outcome;
pub mod pace;
mod place;
pub mod plan;
pub mod power_limit;
mod profile;
pub mod prompt;
pub mod quality;
pub mod ranking;
mod rates;
pub mod rig;
pub mod rules;
pub mod scenario;
pub mod several;
pub mod situation;
pub mod size_class;
mod solve;
pub mod speculative;
mod speed;
mod step;
mod sums;
mod tariff;
pub mod together;
mod verdict;
pub mod ways;
pub mod work;
pub mod workload;

pub use alternatives::{Alternatives, Candidate};
pub use asked::{Asked, Case};
pub use breakdown::{Term, Work};
pub use estimator::Estimator;
pub use layers::{LayerPlace, Place};
pub use layout::mix_context;
pub use outcome::backend;
pub use plan::{Brief, FitClass, Plan, Range, Unsupported};
pub use rig::Rig;
pub use scenario::Scenario;
pub use verdict::CACHE_QUALITY;
pub use ways::Ways;
