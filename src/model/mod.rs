//! What there is to run: the catalog's models and the tensors that they consist of.

pub mod record;

pub use record::Model;
