//! Plimsoll shows what a computer can carry: which open-weight language models fit it, at which
//! quantization and context, how fast they answer, and what is lost by squeezing them.
//!
//! The rooms depend on each other in one direction only:
//!
//! ```text
//! ui  →  app  →  estimate  →  machine, model, quant  →  units, letters, language
//! cli →  app, estimate, …
//! hub →  files  →  model, quant  →  units, letters, language
//! ```

pub mod app;
pub mod cli;
pub mod estimate;
pub mod files;
pub mod hub;
pub mod language;
pub mod letters;
pub mod machine;
pub mod model;
pub mod quant;
#[cfg(feature = "window")]
pub mod ui;
pub mod units;
