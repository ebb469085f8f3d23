//! Quantization: tensor formats, file types and their mixes, and what squeezing costs in quality.
