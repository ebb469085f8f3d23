//! Opening what is brought: each path for itself, so that one that is damaged, or hangs, keeps no other waiting.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::added::Added;
use super::entry::Entry;
use super::message::{Message, Opened};
use crate::app::beside::{Beside, Report};
use crate::files::kind::{self, Kind};
use crate::hub::Cancel;
use crate::language::tr;

/// Paths that are opened of one bringing.
pub(super) const MOST: usize = 256;
/// Paths that are opened at once: a drive that hangs blocks one of them.
const AT_ONCE: usize = 6;

/// Something that is being opened.
#[derive(Clone, Debug)]
pub struct Opening {
    /// What it is.
    pub path: PathBuf,
    pub(super) number: u64,
    /// Threads that open.
    pub(super) threads: usize,
    pub(super) cancel: Cancel,
}

type Queue = Arc<Mutex<VecDeque<PathBuf>>>;

/// Opens `paths` beside the window; what comes of each is reported as it is known. Answers how many threads do it, each
/// of which says when it has nothing left.
pub(super) fn open(beside: &Beside<Message>, number: u64, paths: Vec<PathBuf>, cancel: &Cancel) -> usize {
    let workers = if beside.is_inline() { 1 } else { AT_ONCE.min(paths.len()) };
    let queue: Queue = Arc::new(Mutex::new(paths.into()));
    let started = (0..workers).filter(|_| {
        let (queue, cancel) = (Arc::clone(&queue), cancel.clone());
        beside.spawn("open models", move |report| {
            while !cancel.is_cancelled()
                && let Some(path) = next(&queue)
            {
                report.send(Message::Opening(number, path.clone()));
                for path in expanded(number, path, report) {
                    if cancel.is_cancelled() {
                        break;
                    }
                    let opened = one(&path);
                    report.send(Message::Opened(number, Box::new(opened)));
                }
            }
            report.send(Message::NothingLeft(number));
        })
    });
    started.count()
}

fn next(queue: &Queue) -> Option<PathBuf> {
    queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
}

/// The models of a folder; any other path is itself.
fn expanded(number: u64, path: PathBuf, report: &Report<Message>) -> Vec<PathBuf> {
    if !path.is_dir() {
        return vec![path];
    }
    match kind::models_in(&path) {
        Ok(mut models) => {
            if models.len() > MOST {
                let left = models.len() - MOST;
                models.truncate(MOST);
                let fault =
                    tr!("{path}: {left} further models in it were not opened", path = path.display(), left);
                report.send(Message::Opened(number, Box::new(Opened::Fault(fault))));
            }
            models
        }
        Err(error) => {
            report.send(Message::Opened(number, Box::new(Opened::Fault(error.to_string()))));
            Vec::new()
        }
    }
}

fn one(path: &Path) -> Opened {
    let opened = kind::kind(path).map_err(|error| error.to_string()).and_then(|kind| match kind {
        Kind::Model => Entry::open(path).map(Box::new).map(Opened::Model).map_err(|error| error.to_string()),
        Kind::Records => Added::read(path).map(Opened::Records),
        Kind::Other => Ok(Opened::Other(path.to_owned())),
    });
    opened.unwrap_or_else(Opened::Fault)
}
