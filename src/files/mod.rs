//! Models in files: what is on this computer's disks, whoever put it there.
//!
//! Nobody vouches for these files. Whatever they hold, reading them ends soon, takes little memory, and says
//! where and what is wrong.

pub mod config;
pub mod error;
pub mod gguf;
pub mod input;
pub mod installed;
pub mod kept;
pub mod kind;
pub mod open;
pub mod record;

pub use error::{Fault, FaultKind, FileError};
pub use open::{LocalModel, open};
