//! Reads this computer again and again, for values that change: what is free, who holds it.

use std::io;
use std::sync::mpsc::{self, RecvTimeoutError, SyncSender};
use std::thread;
use std::time::Duration;

use super::super::Machine;
use super::super::bandwidth::ReadBandwidth;
use super::part::{Part, Probe};
use super::{assemble, beginning, gather, probes};

/// Goes on while it lives.
#[derive(Debug)]
pub struct Watch {
    /// Nothing is sent: that it is gone is the sign.
    _alive: SyncSender<()>,
}

/// Reads this computer every `every`, for as long as the answer lives, and calls `on_update` from a thread of its
/// own with all that is known then. `measured` is asked each time for the bandwidth of its memory, which may be
/// measured meanwhile. For a page that is in view: a watch that is dropped costs nothing.
///
/// A part that did not answer once is not asked again, so that a driver that hangs collects no threads.
///
/// # Errors
/// The system starts no more threads.
pub fn watch(
    every: Duration,
    measured: impl Fn() -> Option<ReadBandwidth> + Send + 'static,
    on_update: impl Fn(Machine) + Send + 'static,
) -> io::Result<Watch> {
    watch_these(probes, every, measured, on_update)
}

fn watch_these(
    probes: impl Fn() -> Vec<Box<dyn Probe>> + Send + 'static,
    every: Duration,
    measured: impl Fn() -> Option<ReadBandwidth> + Send + 'static,
    on_update: impl Fn(Machine) + Send + 'static,
) -> io::Result<Watch> {
    let (alive, is_gone) = mpsc::sync_channel::<()>(0);
    let run = move || {
        let mut silent: Vec<Part> = Vec::new();
        while is_gone.recv_timeout(every) == Err(RecvTimeoutError::Timeout) {
            let mut asked = probes();
            asked.retain(|probe| !silent.contains(&probe.part()));
            let mut found = gather(beginning(measured()), asked, |_| {});
            for part in &silent {
                found.findings.fail(*part, "did not answer before and is not asked again".to_owned());
            }
            silent.extend(found.silent);
            on_update(assemble::assemble(&found.findings));
        }
    };
    thread::Builder::new().name("probe watch".to_owned()).spawn(run)?;
    Ok(Watch { _alive: alive })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::super::findings::System;
    use super::super::part::Answer;
    use super::*;
    use crate::units::Bytes;

    /// Counts how often it is asked; a driver that hangs never answers.
    struct Counted {
        part: Part,
        asked: Arc<AtomicU32>,
    }

    impl Probe for Counted {
        fn part(&self) -> Part {
            self.part
        }

        fn patience(&self) -> Duration {
            Duration::from_millis(if self.part == Part::Nvidia { 1 } else { 3_600_000 })
        }

        fn read(self: Box<Self>) -> Result<Answer, String> {
            let before = self.asked.fetch_add(1, Ordering::SeqCst);
            if self.part == Part::Nvidia {
                loop {
                    thread::park();
                }
            }
            let memory_total = Bytes::from_gib(f64::from(before + 1));
            Ok(Answer::System(Box::new(System { memory_total, ..System::default() })))
        }
    }

    #[test]
    fn what_changes_is_read_again_and_what_hangs_is_not() {
        let (nvidia, system) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
        let counts = (Arc::clone(&nvidia), Arc::clone(&system));
        let probes = move || -> Vec<Box<dyn Probe>> {
            vec![
                Box::new(Counted { part: Part::Nvidia, asked: Arc::clone(&counts.0) }),
                Box::new(Counted { part: Part::System, asked: Arc::clone(&counts.1) }),
            ]
        };
        let (sender, updates) = mpsc::sync_channel(0);
        let watch = watch_these(
            probes,
            Duration::ZERO,
            || None,
            move |machine| {
                sender.send(machine).ok();
            },
        )
        .unwrap();
        let totals: Vec<f64> =
            updates.iter().take(3).map(|machine: Machine| machine.ram.unwrap().total.value.gib()).collect();
        assert_eq!(totals, [1.0, 2.0, 3.0]);
        let last = updates.recv().unwrap();
        assert_eq!(last.problems.len(), 1, "{:?}", last.problems);
        assert!(last.problems[0].reason.contains("not asked again"), "{:?}", last.problems);
        assert_eq!(nvidia.load(Ordering::SeqCst), 1);
        drop(watch);
        // It ends: the channel closes.
        assert!(updates.iter().count() < 5);
    }
}
