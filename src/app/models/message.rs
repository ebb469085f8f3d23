//! What the threads of own models say.

use std::path::PathBuf;
use std::sync::Arc;

use super::added::Added;
use super::entry::Entry;
use super::installed::Looked;
use super::receive::Contents;
use crate::app::beside;
use crate::files::kept::Refused;
use crate::hub::{Found, HubError, Listing, Progress, RemoteModel, Repository};
use crate::model::Catalog;

/// What a thread has to say.
#[derive(Debug)]
pub(super) enum Message {
    /// What was kept, what of it was refused or cannot be read, and the hub's token.
    Loaded(Box<Loaded>, Option<String>),
    /// Files of a kept model were read again.
    Read { id: String, read: Box<Result<Entry, String>> },
    /// Something that was brought is being opened.
    Opening(u64, PathBuf),
    /// It was opened, or not.
    Opened(u64, Box<Opened>),
    /// One of its threads has nothing left to open.
    NothingLeft(u64),
    /// A catalog of all models, and what it holds beside the embedded one; `None` where there are more than can be
    /// counted.
    Catalog(Option<Box<(Arc<Catalog>, Contents)>>),
    /// The list of kept models was written, or why not.
    Saved(Option<String>),
    /// Records were written to a file, or why not.
    Exported(Result<PathBuf, String>),
    /// How far the hub has been read.
    HubProgress(u64, Progress),
    /// What a search found.
    HubFound(u64, Result<Vec<Found>, HubError>),
    /// The files of a repository.
    HubListed(u64, Box<Result<(Repository, Listing), HubError>>),
    /// A repository's model.
    HubRead(u64, Box<Result<RemoteModel, HubError>>),
    /// Records from an address.
    Fetched(u64, Box<Result<Added, String>>),
    /// What is on this computer's disks.
    Looked(Box<Looked>),
}

impl beside::Message for Message {
    fn may_be_lost(&self) -> bool {
        matches!(self, Self::HubProgress(..))
    }
}

/// What was kept.
#[derive(Debug, Default)]
pub(super) struct Loaded {
    pub own: Vec<Entry>,
    pub added: Vec<Added>,
    pub refused: Vec<Refused>,
    pub fault: Option<String>,
}

/// What came of something that was brought.
#[derive(Debug)]
pub(super) enum Opened {
    /// A model.
    Model(Box<Entry>),
    /// Records by others.
    Records(Added),
    /// Neither: perhaps somebody's measurements.
    Other(PathBuf),
    /// Nothing.
    Fault(String),
}
