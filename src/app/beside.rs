//! Work beside the window: threads, and the channel by which they report.

use std::fmt;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread;

use super::jobs::Wake;

/// Messages that may wait for the window.
const WAITING: usize = 64;
/// The same where work is done before the call returns, so that nobody makes room meanwhile.
const WAITING_INLINE: usize = 4096;

/// What a thread has to say.
pub trait Message: Send + 'static {
    /// Whether another one follows that says more, so that this one may be lost where there is no room.
    fn may_be_lost(&self) -> bool;
}

/// Starts threads that report to one window.
pub struct Beside<M> {
    sender: SyncSender<M>,
    wake: Wake,
    inline: bool,
}

impl<M> fmt::Debug for Beside<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Beside").field("inline", &self.inline).finish_non_exhaustive()
    }
}

impl<M: Message> Beside<M> {
    /// Work is done on threads; `wake` is called when one has reported.
    pub fn background(wake: Wake) -> (Self, Receiver<M>) {
        let (sender, inbox) = sync_channel(WAITING);
        (Self { sender, wake, inline: false }, inbox)
    }

    /// Work is done before [`Self::spawn`] returns; for tests and text forms.
    pub fn inline() -> (Self, Receiver<M>) {
        let (sender, inbox) = sync_channel(WAITING_INLINE);
        (Self { sender, wake: Arc::new(|| {}), inline: true }, inbox)
    }

    /// Whether work is done before [`Self::spawn`] returns.
    pub const fn is_inline(&self) -> bool {
        self.inline
    }

    /// Does a job that reports as often as it wants. Answers whether it is being done: the system may have no
    /// thread for it.
    pub fn spawn(&self, name: &str, job: impl FnOnce(&Report<M>) + Send + 'static) -> bool {
        let report =
            Report { sender: self.sender.clone(), wake: Arc::clone(&self.wake), inline: self.inline };
        if self.inline {
            job(&report);
            return true;
        }
        thread::Builder::new().name(name.to_owned()).spawn(move || job(&report)).is_ok()
    }
}

/// A thread's end of the channel.
pub struct Report<M> {
    sender: SyncSender<M>,
    wake: Wake,
    inline: bool,
}

impl<M: Message> Report<M> {
    /// Says something to the window. It is gone when that fails, and nobody waits for the answer.
    pub fn send(&self, message: M) {
        if let Err(TrySendError::Full(message)) = self.sender.try_send(message)
            && !self.inline
            && !message.may_be_lost()
        {
            self.sender.send(message).ok();
        }
        (self.wake)();
    }
}

impl<M> fmt::Debug for Report<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Report").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq)]
    struct Said(u32);

    impl Message for Said {
        fn may_be_lost(&self) -> bool {
            self.0 < 1000
        }
    }

    #[test]
    fn what_matters_arrives_however_much_is_said() {
        let (beside, inbox) = Beside::background(Arc::new(|| {}));
        beside.spawn("test", |report| {
            (0..1000).for_each(|n| report.send(Said(n)));
            (1000..2000).for_each(|n| report.send(Said(n)));
        });
        drop(beside);
        let said: Vec<u32> = inbox.iter().map(|said| said.0).collect();
        assert!((1000..2000).all(|n| said.contains(&n)) && said.is_sorted());
    }

    #[test]
    fn inline_the_answer_is_there_at_once() {
        let (beside, inbox) = Beside::inline();
        assert!(beside.spawn("test", |report| report.send(Said(7))));
        assert_eq!(inbox.try_recv(), Ok(Said(7)));
    }
}
