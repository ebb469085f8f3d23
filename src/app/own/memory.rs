//! Measuring this computer's memory beside the window.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::language::{of_system, tr};
use crate::machine::Machine;
use crate::machine::bandwidth::{self, ReadBandwidth, Setup};

use super::store;
use super::worker::{Message, Worker};

/// Reads this computer anew, with the bandwidth that is given.
#[derive(Clone)]
pub struct Reprobe(Arc<dyn Fn(Option<ReadBandwidth>) -> Machine + Send + Sync>);

impl Reprobe {
    /// By this function, which may take its time.
    pub fn new(read: impl Fn(Option<ReadBandwidth>) -> Machine + Send + Sync + 'static) -> Self {
        Self(Arc::new(read))
    }

    fn read(&self, measured: Option<ReadBandwidth>) -> Machine {
        (self.0)(measured)
    }
}

impl fmt::Debug for Reprobe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reprobe").finish_non_exhaustive()
    }
}

/// A measurement of the memory that is under way.
#[derive(Clone)]
pub struct MemoryRun {
    /// Share that is done.
    pub share: f32,
    cancel: Arc<AtomicBool>,
}

impl MemoryRun {
    /// Ends it.
    pub fn cancel(&self) {
        self.cancel.store(true, Ordering::Relaxed);
    }
}

impl fmt::Debug for MemoryRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryRun").field("share", &self.share).finish_non_exhaustive()
    }
}

/// Starts measuring.
pub(super) fn start(
    worker: &Worker,
    machine: Machine,
    reprobe: Reprobe,
    folder: Option<PathBuf>,
) -> MemoryRun {
    let cancel = Arc::new(AtomicBool::new(false));
    let run = MemoryRun { share: 0.0, cancel: Arc::clone(&cancel) };
    worker.beside("measure memory", move |report| {
        let measured = Setup::of(&machine).and_then(|setup| {
            bandwidth::measure(&setup, &cancel, |share| report(Message::MemoryProgress(share)))
        });
        let result = measured.map_err(|error| error.to_string()).map(|read| {
            let doubts = read.doubts(theoretical(&machine));
            let kept = folder.map(|folder| store::save_memory(&folder, &read));
            let unkept = kept.and_then(Result::err).map(|error| {
                tr!("it could not be kept for the next start: {error}", error = of_system(&error))
            });
            let words: Vec<String> = doubts.into_iter().chain(unkept).map(|words| sentence(&words)).collect();
            (Box::new(reprobe.read(Some(read))), (!words.is_empty()).then(|| words.join(" ")))
        });
        report(Message::Memory(result));
    });
    run
}

/// With a capital and a full stop.
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).chain(['.']).collect()
}

/// What the machine's memory should have, where something else than a measurement says it.
fn theoretical(machine: &Machine) -> Option<&crate::machine::Known<f64>> {
    let ram = machine.ram.as_ref()?;
    ram.bandwidth_gbs.as_ref().filter(|known| ram.measured_gbs.as_ref() != Some(*known))
}

/// Forgets what was measured, and reads the computer without it.
pub(super) fn forget(folder: Option<&Path>, reprobe: &Reprobe) -> Message {
    let forgotten = folder.map_or(Ok(true), store::forget_memory);
    Message::Memory(match forgotten {
        Ok(_) => Ok((Box::new(reprobe.read(None)), None)),
        Err(error) => Err(tr!("it cannot be forgotten: {error}", error = of_system(&error))),
    })
}
