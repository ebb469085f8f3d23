//! What runs beside the window: one thread reads the machine, one makes the estimator's tables.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::thread;

use crate::machine::Machine;

/// Called when a message has been sent, so that a sleeping window looks.
pub type Wake = Arc<dyn Fn() + Send + Sync>;
/// Reads a machine.
pub type Probe = Box<dyn FnOnce() -> Machine + Send>;
/// Work whose only result is that later work is faster.
pub type WarmUp = Box<dyn FnOnce() + Send>;

/// What a job has to say.
#[derive(Debug)]
pub enum Message {
    /// The machine.
    Machine(Box<Machine>),
    /// The estimator's tables for the present level are made.
    Warm,
}

/// The jobs of one window; each sends one message.
#[derive(Debug)]
pub struct Jobs {
    receiver: Receiver<Message>,
    running: usize,
}

impl Jobs {
    /// Starts both jobs, each on a thread of its own. Where none can be started, the job is done at once.
    pub fn background(probe: Probe, warm_up: WarmUp, wake: &Wake) -> Self {
        let (sender, receiver) = sync_channel(2);
        let (to_machine, to_warm) = (sender.clone(), sender);
        start("plimsoll-probe", wake, move || Message::Machine(Box::new(probe())), to_machine);
        start(
            "plimsoll-warm-up",
            wake,
            move || {
                warm_up();
                Message::Warm
            },
            to_warm,
        );
        Self { receiver, running: 2 }
    }

    /// Jobs that are done already: the machine is known and nothing needs to be warm.
    pub fn done(machine: Machine) -> Self {
        let (sender, receiver) = sync_channel(2);
        sender.try_send(Message::Machine(Box::new(machine))).ok();
        sender.try_send(Message::Warm).ok();
        Self { receiver, running: 2 }
    }

    /// The next message; never waits.
    pub fn poll(&mut self) -> Option<Message> {
        if self.running == 0 {
            return None;
        }
        match self.receiver.try_recv() {
            Ok(message) => {
                self.running -= 1;
                Some(message)
            }
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => {
                self.running = 0;
                None
            }
        }
    }

    /// Whether a message may still come.
    pub const fn is_running(&self) -> bool {
        self.running > 0
    }
}

fn start(
    name: &str,
    wake: &Wake,
    job: impl FnOnce() -> Message + Send + 'static,
    sender: SyncSender<Message>,
) {
    // The job is handed over through a slot, so that it is still here when no thread could be started.
    let slot = Arc::new(std::sync::Mutex::new(Some(job)));
    let run = {
        let (slot, wake) = (Arc::clone(&slot), Arc::clone(wake));
        move || {
            let job = slot.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
            if let Some(job) = job {
                // The window is gone when this fails, and nobody waits for the answer.
                sender.send(job()).ok();
                wake();
            }
        }
    };
    let here = run.clone();
    if thread::Builder::new().name(name.to_owned()).spawn(run).is_err() {
        here();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::app::testing::without_gpu;

    #[test]
    fn both_jobs_report_and_wake() {
        let woken = Arc::new(AtomicUsize::new(0));
        let wake: Wake = {
            let woken = Arc::clone(&woken);
            Arc::new(move || {
                woken.fetch_add(1, Ordering::SeqCst);
            })
        };
        let mut jobs = Jobs::background(Box::new(without_gpu), Box::new(|| ()), &wake);
        let (mut machine, mut warm) = (0, 0);
        while jobs.is_running() {
            match jobs.poll() {
                Some(Message::Machine(_)) => machine += 1,
                Some(Message::Warm) => warm += 1,
                None => thread::yield_now(),
            }
        }
        assert_eq!((machine, warm), (1, 1));
    }

    #[test]
    fn a_job_that_dies_does_not_keep_the_window_waiting() {
        let wake: Wake = Arc::new(|| ());
        let mut jobs = Jobs::background(Box::new(without_gpu), Box::new(|| panic!("on purpose")), &wake);
        while jobs.is_running() {
            jobs.poll();
            thread::yield_now();
        }
    }
}
