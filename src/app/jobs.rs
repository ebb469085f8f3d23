//! What runs beside the window: the machine is read, the estimator's tables are made.

use std::fmt;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use crate::machine::Machine;

/// Messages that may wait for the window: a probe sends a handful, one a part.
const WAITING: usize = 16;

/// Called when a message has been sent, so that a sleeping window looks.
pub type Wake = Arc<dyn Fn() + Send + Sync>;
/// Starts reading a machine and returns at once; what is known so far is handed over as often as it grows.
pub type Probe = Box<dyn FnOnce(MachineSender)>;
/// Makes the estimator's tables; drops what it is given once those of the present level are made.
pub type WarmUp = Box<dyn FnOnce(Ready) + Send>;

/// What a job has to say.
#[derive(Debug)]
pub enum Message {
    /// What is known of the machine so far.
    Machine(Box<Machine>),
    /// Nothing more will be known of it.
    MachineDone,
    /// The estimator's tables for the present level are made.
    Warm,
}

/// The probe's end of the channel; dropped when all is known.
pub struct MachineSender(Report);

impl MachineSender {
    /// Hands over what is known.
    pub fn send(&self, machine: Machine) {
        self.0.send(Message::Machine(Box::new(machine)));
    }
}

impl Drop for MachineSender {
    fn drop(&mut self) {
        self.0.send(Message::MachineDone);
    }
}

impl fmt::Debug for MachineSender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MachineSender").finish_non_exhaustive()
    }
}

struct Report {
    sender: SyncSender<Message>,
    wake: Wake,
}

impl Report {
    fn send(&self, message: Message) {
        // The window is gone when this fails, and nobody waits for the answer.
        self.sender.send(message).ok();
        (self.wake)();
    }
}

/// The warm-up's end of the channel; dropped when the tables of the present level are made, or never will be.
pub struct Ready(Report);

impl Drop for Ready {
    fn drop(&mut self) {
        self.0.send(Message::Warm);
    }
}

impl fmt::Debug for Ready {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ready").finish_non_exhaustive()
    }
}

/// The jobs of one window.
#[derive(Debug)]
pub struct Jobs(Receiver<Message>);

impl Jobs {
    /// Starts both jobs. Where no thread can be started for the tables, they are made when they are needed.
    pub fn background(probe: Probe, warm_up: WarmUp, wake: &Wake) -> Self {
        let (sender, receiver) = sync_channel(WAITING);
        let report = |sender| Report { sender, wake: Arc::clone(wake) };
        let ready = Ready(report(sender.clone()));
        let run = move || warm_up(ready);
        thread::Builder::new().name("warm-up".to_owned()).spawn(run).ok();
        probe(MachineSender(report(sender)));
        Self(receiver)
    }

    /// Jobs that never report: a window that is still looking for its machine.
    pub fn never() -> Self {
        Self(sync_channel(WAITING).1)
    }

    /// Jobs that are done already: the machine is known and the tables are made when they are needed.
    pub fn done(machine: Machine) -> Self {
        let (sender, receiver) = sync_channel(WAITING);
        for message in [Message::Machine(Box::new(machine)), Message::MachineDone, Message::Warm] {
            sender.try_send(message).ok();
        }
        Self(receiver)
    }

    /// The next message; never waits.
    pub fn poll(&self) -> Option<Message> {
        self.0.try_recv().ok()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::app::testing::without_gpu;

    /// All messages of two jobs, sorted by kind.
    fn messages(probe: Probe, warm_up: WarmUp) -> ([usize; 3], usize) {
        let woken = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&woken);
        let wake: Wake = Arc::new(move || {
            count.fetch_add(1, Ordering::SeqCst);
        });
        let jobs = Jobs::background(probe, warm_up, &wake);
        let mut seen = [0; 3];
        while let Ok(message) = jobs.0.recv() {
            seen[match message {
                Message::Machine(_) => 0,
                Message::MachineDone => 1,
                Message::Warm => 2,
            }] += 1;
        }
        drop(jobs);
        (seen, woken.load(Ordering::SeqCst))
    }

    #[test]
    fn both_jobs_report_and_wake() {
        let probe: Probe = Box::new(|sender| {
            sender.send(without_gpu());
            sender.send(without_gpu());
        });
        let (seen, woken) = messages(probe, Box::new(drop));
        assert_eq!(seen, [2, 1, 1]);
        assert!(woken >= 3, "{woken}");
    }

    #[test]
    fn jobs_that_die_do_not_keep_the_window_waiting() {
        let (seen, _) = messages(Box::new(drop), Box::new(|_| panic!("on purpose")));
        assert_eq!(seen, [0, 1, 1]);
    }
}
