//! The hub, asked only when a person asks: names, file lists, configurations, and heads of GGUF files by ranges.
//!
//! Nothing here runs by itself. A request can be stopped at any time, ends by itself, and takes no more than it
//! needs: of a GGUF file the few million bytes before its data.

mod answer;
mod cache;
mod client;
mod error;
mod heads;
mod name;
mod repository;

pub use answer::{Found, ListedModel, Listing, RemoteFile};
pub use client::{Hub, Limits, Options};
pub use error::HubError;
pub use heads::{Progress, Rung};
pub use name::Repository;
pub use repository::RemoteModel;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Tells a request to stop; clones tell the same one.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Stops what was given this.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it was told to stop.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    pub(self) fn check(&self) -> Result<(), HubError> {
        if self.is_cancelled() { Err(HubError::Cancelled) } else { Ok(()) }
    }
}
