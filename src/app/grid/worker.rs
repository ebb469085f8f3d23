//! The thread that computes the grid.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use super::{Ask, GridRow, Judge, Wake};
use crate::app::mailbox::Mailbox;
use crate::app::quiet;
use crate::model::catalog::ModelId;

/// Results that may wait for the window; it takes them every frame.
const WAITING_BATCHES: usize = 4;
/// Rows between two looks at whether there is a newer question.
const ROWS_BETWEEN_LOOKS: usize = 8;

/// A question.
#[derive(Debug)]
pub(super) struct Work {
    pub ask: Arc<Ask>,
    pub generation: u64,
    pub sequence: u64,
    /// Computed and sent first.
    pub first: Vec<ModelId>,
    pub rest: Vec<ModelId>,
}

impl Work {
    /// The whole answer, on this thread.
    pub fn all(&self, judge: &dyn Judge) -> Batch {
        let models = self.first.iter().chain(&self.rest);
        self.batch(models.map(|&id| (id, GridRow::compute(judge, id, &self.ask))).collect(), true)
    }

    fn batch(&self, rows: Vec<(ModelId, GridRow)>, complete: bool) -> Batch {
        Batch { generation: self.generation, sequence: self.sequence, rows, complete }
    }
}

/// Part of an answer.
#[derive(Debug)]
pub(super) struct Batch {
    pub generation: u64,
    pub sequence: u64,
    pub rows: Vec<(ModelId, GridRow)>,
    /// The last part.
    pub complete: bool,
}

/// The thread's near end. Dropping it ends the thread after the row it works on.
#[derive(Debug)]
pub(super) struct Worker {
    mailbox: Arc<Mailbox<Work>>,
    results: Receiver<Batch>,
}

impl Worker {
    pub fn start(judge: Arc<dyn Judge>, wake: Wake) -> io::Result<Self> {
        let mailbox = Arc::new(Mailbox::default());
        let (sender, results) = sync_channel(WAITING_BATCHES);
        let inbox = Arc::clone(&mailbox);
        thread::Builder::new()
            .name("plimsoll-grid".to_owned())
            .spawn(move || run(&inbox, &sender, judge.as_ref(), &wake))?;
        Ok(Self { mailbox, results })
    }

    pub fn send(&self, work: Work) {
        self.mailbox.put(work);
    }

    pub fn receive(&self) -> Option<Batch> {
        self.results.try_recv().ok()
    }

    pub fn receive_within(&self, time: Duration) -> Option<Batch> {
        self.results.recv_timeout(time).ok()
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.mailbox.close();
    }
}

fn run(inbox: &Mailbox<Work>, results: &SyncSender<Batch>, judge: &dyn Judge, wake: &Wake) {
    // Where the last answer was broken off. A slider that is dragged asks faster than the whole grid is
    // computed; going on from there instead of starting over keeps every row moving.
    let mut resume = 0;
    while let Some(work) = inbox.wait() {
        let send = |rows, complete| {
            let sent = results.send(work.batch(rows, complete)).is_ok();
            wake();
            sent
        };
        let first = work.first.iter().map(|&id| (id, GridRow::compute(judge, id, &work.ask))).collect();
        if !send(first, work.rest.is_empty()) {
            return;
        }
        if work.rest.is_empty() {
            continue;
        }
        let start = resume % work.rest.len();
        let mut rows = Vec::with_capacity(work.rest.len());
        for &id in work.rest[start..].iter().chain(&work.rest[..start]) {
            if rows.len() % ROWS_BETWEEN_LOOKS == 0 && inbox.is_stale() {
                break;
            }
            rows.push((id, GridRow::compute(judge, id, &work.ask)));
        }
        let complete = rows.len() == work.rest.len();
        if complete {
            // The first grid is waited for; those after it are asked for while somebody drags or scrolls.
            quiet::stand_back();
        }
        resume = if complete { 0 } else { start + rows.len() };
        if !send(rows, complete) {
            return;
        }
    }
}
