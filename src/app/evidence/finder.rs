//! Finds evidence beside the window.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use crate::app::jobs::Wake;
use crate::app::mailbox::Mailbox;
use crate::app::quiet;
use crate::estimate::Estimator;

use super::{Ask, Evidence};

/// Answers that may wait for the window.
const WAITING: usize = 2;

/// Answers the newest question; one that is displaced is never answered.
#[derive(Debug, Default)]
pub struct Finder {
    worker: Option<Worker>,
    /// Number of the newest question.
    newest: u64,
    /// An answer that was found at once.
    found: Option<Evidence>,
}

#[derive(Debug)]
struct Worker {
    mailbox: Arc<Mailbox<(u64, Ask)>>,
    answers: Receiver<(u64, Evidence)>,
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.mailbox.close();
    }
}

impl Finder {
    /// Finds on a thread of its own; where none can be started, at once.
    pub fn background(wake: Wake) -> Self {
        let mailbox = Arc::new(Mailbox::default());
        let (sender, answers) = sync_channel(WAITING);
        let inbox = Arc::clone(&mailbox);
        let started =
            thread::Builder::new().name("evidence".to_owned()).spawn(move || run(&inbox, &sender, &wake));
        let worker = started.ok().map(|_| Worker { mailbox, answers });
        Self { worker, ..Self::default() }
    }

    /// Finds at once; for tests.
    pub fn inline() -> Self {
        Self::default()
    }

    /// Asks. Earlier questions are forgotten.
    pub fn ask(&mut self, ask: Ask) {
        self.forget();
        match &self.worker {
            Some(worker) => worker.mailbox.put((self.newest, ask)),
            None => self.found = Some(find(&ask)),
        }
    }

    /// Nothing is asked any more.
    pub fn forget(&mut self) {
        self.newest += 1;
        self.found = None;
    }

    /// The answer to the newest question, once.
    pub fn poll(&mut self) -> Option<Evidence> {
        if let Some(worker) = &self.worker {
            while let Ok((number, evidence)) = worker.answers.try_recv() {
                if number == self.newest {
                    self.found = Some(evidence);
                }
            }
        }
        self.found.take()
    }
}

fn find(ask: &Ask) -> Evidence {
    Evidence::find(Estimator::embedded(), ask)
}

fn run(inbox: &Mailbox<(u64, Ask)>, answers: &SyncSender<(u64, Evidence)>, wake: &Wake) {
    quiet::stand_back();
    while let Some((number, ask)) = inbox.wait() {
        let evidence = find(&ask);
        if inbox.is_stale() {
            continue;
        }
        if answers.send((number, evidence)).is_err() {
            return;
        }
        wake();
    }
}
