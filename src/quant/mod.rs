//! Quantization: tensor formats, file types and their mixes, and what squeezing costs in quality.
//!
//! This room knows neither models nor machines: it is asked with tensor names and shapes, and answers with
//! formats, bytes and shares of quality kept.

pub mod ggml;
pub mod level;
pub mod measured;
pub mod mix;
pub mod outside;
pub mod quality;
pub mod table;

pub use ggml::GgmlType;
pub use level::{FileType, Level, UnknownLevel};
pub use table::{StoredTensor, TensorTable};
