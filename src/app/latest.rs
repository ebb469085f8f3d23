//! A thread that answers the latest of the questions that it is asked.

use std::fmt;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use crate::app::jobs::Wake;
use crate::app::quiet;
use crate::language::{self, Language};

/// Answers a question; gives up with `None` when it is told that there is a newer one.
pub type Answering<Q, A> = Box<dyn FnMut(&Q, &dyn Fn() -> bool) -> Option<A> + Send>;

/// Answers that may wait for the window; it takes them every frame.
const WAITING: usize = 4;

/// One question at a time, the latest, answered beside the window or at once.
pub struct Latest<Q, A> {
    mode: Mode<Q, A>,
    /// The question that was asked last, and the language of its answer's words.
    asked: Option<(Language, Q)>,
    /// It was answered.
    settled: bool,
}

enum Mode<Q, A> {
    Inline { answer: Answering<Q, A>, ready: Option<A> },
    Background { mailbox: Arc<Mailbox<Q>>, answers: Receiver<(u64, A)> },
}

impl<Q, A> fmt::Debug for Latest<Q, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Latest").field("settled", &self.settled).finish_non_exhaustive()
    }
}

/// A place for one question, in which a newer displaces the one that waits.
struct Mailbox<Q> {
    slot: Mutex<Slot<Q>>,
    filled: Condvar,
}

struct Slot<Q> {
    question: Option<Q>,
    /// Counts questions.
    number: u64,
    closed: bool,
}

impl<Q> Mailbox<Q> {
    fn slot(&self) -> MutexGuard<'_, Slot<Q>> {
        // A slot is valid after every statement, so a panic elsewhere does not make it wrong.
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_stale(&self) -> bool {
        let slot = self.slot();
        slot.closed || slot.question.is_some()
    }

    /// Waits for a question; `None` when there will be no more.
    fn wait(&self) -> Option<(u64, Q)> {
        let mut slot = self.slot();
        loop {
            if slot.closed {
                return None;
            }
            if let Some(question) = slot.question.take() {
                return Some((slot.number, question));
            }
            slot = self.filled.wait(slot).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl<Q: Clone + PartialEq + Send + 'static, A: Send + 'static> Latest<Q, A> {
    /// Answers on a thread of this name and calls `wake` when it has. Where no thread can be started there are
    /// no answers.
    pub fn background(name: &str, answer: Answering<Q, A>, wake: Wake) -> Self {
        let slot = Mutex::new(Slot { question: None, number: 0, closed: false });
        let mailbox = Arc::new(Mailbox { slot, filled: Condvar::new() });
        let (sender, answers) = sync_channel(WAITING);
        let inbox = Arc::clone(&mailbox);
        let run = move || work(&inbox, &sender, answer, &wake);
        // Without the thread nothing comes, and what waits for it says so.
        thread::Builder::new().name(name.to_owned()).spawn(run).ok();
        Self { mode: Mode::Background { mailbox, answers }, asked: None, settled: true }
    }

    /// Answers before the call returns; for tests and text output.
    pub fn inline(answer: Answering<Q, A>) -> Self {
        Self { mode: Mode::Inline { answer, ready: None }, asked: None, settled: true }
    }

    /// Asks; the question that was asked last costs nothing. Whether it is another.
    pub fn ask(&mut self, question: Q) -> bool {
        let language = language::current();
        if self.asked.as_ref().is_some_and(|(of, asked)| *of == language && *asked == question) {
            return false;
        }
        self.asked = Some((language, question.clone()));
        self.settled = false;
        match &mut self.mode {
            Mode::Inline { answer, ready } => *ready = answer(&question, &|| false),
            Mode::Background { mailbox, .. } => {
                let mut slot = mailbox.slot();
                slot.number += 1;
                slot.question = Some(question);
                drop(slot);
                mailbox.filled.notify_one();
            }
        }
        true
    }

    /// Whether the question that was asked last waits for its answer.
    pub const fn is_waiting(&self) -> bool {
        !self.settled
    }

    /// The answer to the question that was asked last, once. Never waits.
    pub fn poll(&mut self) -> Option<A> {
        let answer = match &mut self.mode {
            Mode::Inline { ready, .. } => ready.take(),
            Mode::Background { mailbox, answers } => {
                let number = mailbox.slot().number;
                let newest = std::iter::from_fn(|| answers.try_recv().ok()).filter(|(of, _)| *of == number);
                newest.last().map(|(_, answer)| answer)
            }
        };
        self.settled |= answer.is_some();
        answer
    }
}

fn work<Q, A>(inbox: &Mailbox<Q>, answers: &SyncSender<(u64, A)>, mut answer: Answering<Q, A>, wake: &Wake) {
    quiet::stand_back();
    while let Some((number, question)) = inbox.wait() {
        let Some(found) = answer(&question, &|| inbox.is_stale()) else { continue };
        if answers.send((number, found)).is_err() {
            return;
        }
        wake();
    }
}

impl<Q, A> Drop for Latest<Q, A> {
    fn drop(&mut self) {
        if let Mode::Background { mailbox, .. } = &self.mode {
            mailbox.slot().closed = true;
            mailbox.filled.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::sync_channel;

    use super::*;

    #[test]
    fn a_question_is_answered_once_and_at_once() {
        let mut asked = 0;
        let mut latest = Latest::inline(Box::new(move |question: &u32, _| {
            asked += 1;
            Some((*question * 2, asked))
        }));
        latest.ask(21);
        assert!(latest.is_waiting());
        assert_eq!(latest.poll(), Some((42, 1)));
        assert!(!latest.ask(21));
        assert_eq!((latest.poll(), latest.is_waiting()), (None, false));
        assert!(latest.ask(4));
        assert_eq!(latest.poll(), Some((8, 2)));
    }

    #[test]
    fn a_newer_question_displaces_the_one_that_waits() {
        let (woken, wakes) = sync_channel(8);
        let (begun, begins) = sync_channel(8);
        let wake: Wake = Arc::new(move || {
            woken.send(()).ok();
        });
        let answer: Answering<u32, u32> = Box::new(move |question, is_stale| {
            begun.send(*question).ok();
            // The first goes on until it is told that there is another.
            if *question == 1 {
                while !is_stale() {
                    thread::yield_now();
                }
                return None;
            }
            Some(*question)
        });
        let mut latest = Latest::background("test", answer, wake);
        latest.ask(1);
        assert_eq!(begins.recv(), Ok(1));
        latest.ask(2);
        wakes.recv().unwrap();
        assert_eq!(latest.poll(), Some(2));
        assert!(!latest.is_waiting());
        drop(latest);
        assert!(wakes.recv().is_err(), "its thread has ended");
    }
}
