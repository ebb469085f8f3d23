//! A channel of one place in which the latest question displaces the one that waits.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// The place. Both ends hold it; closing it ends who waits.
#[derive(Debug)]
pub(super) struct Mailbox<T> {
    slot: Mutex<Slot<T>>,
    filled: Condvar,
}

#[derive(Debug)]
struct Slot<T> {
    waiting: Option<T>,
    closed: bool,
}

impl<T> Default for Mailbox<T> {
    fn default() -> Self {
        Self { slot: Mutex::new(Slot { waiting: None, closed: false }), filled: Condvar::new() }
    }
}

impl<T> Mailbox<T> {
    fn slot(&self) -> MutexGuard<'_, Slot<T>> {
        // A slot is valid after every statement, so a panic elsewhere does not make it wrong.
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn put(&self, question: T) {
        self.slot().waiting = Some(question);
        self.filled.notify_one();
    }

    pub(super) fn close(&self) {
        self.slot().closed = true;
        self.filled.notify_one();
    }

    /// Whether there is a newer question, or nobody waits for the answer.
    pub(super) fn is_stale(&self) -> bool {
        let slot = self.slot();
        slot.closed || slot.waiting.is_some()
    }

    /// Waits for a question; `None` when there will be no more.
    pub(super) fn wait(&self) -> Option<T> {
        let mut slot = self.slot();
        loop {
            if slot.closed {
                return None;
            }
            if let Some(question) = slot.waiting.take() {
                return Some(question);
            }
            slot = self.filled.wait(slot).unwrap_or_else(PoisonError::into_inner);
        }
    }
}
