//! What there is to run: the catalog's models and the tensors that they consist of.

pub mod catalog;
pub mod inventory;
pub mod record;

pub use catalog::{Catalog, ModelId};
pub use inventory::{Inventory, Tensor, inventory};
pub use record::Model;
