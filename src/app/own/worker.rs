//! Threads that read, run and write, and what they send.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use crate::app::jobs::Wake;
use crate::estimate::here::Here;
use crate::estimate::measured::Measurement;
use crate::language::{of_system, tr};
use crate::machine::Machine;
use crate::model::ModelId;

use super::Job;
use super::import::{Import, LoadedRows, Rows, matched};
use super::kept::Matched;
use super::run::ollama::Installed;
use super::store::{self, Speeds};

/// Messages that may wait for the window.
const WAITING: usize = 64;

/// What a thread has to say.
#[derive(Debug)]
pub(super) enum Message {
    /// What was kept.
    Loaded(LoadedRows),
    /// What an import gave.
    Imported(Box<Import>, Rows),
    /// Share of a run.
    Progress(f32),
    /// The end of a run.
    Measured(Result<Vec<(Measurement, Matched)>, String>),
    /// Where llama-bench is.
    Bench(Option<PathBuf>),
    /// Size of the file that was chosen.
    FileSize(PathBuf, Option<u64>),
    /// What Ollama has.
    Installed(Result<Vec<Installed>, String>),
    /// Models that a row may be about.
    Candidates(u64, Vec<ModelId>),
    /// The file was written, or why not.
    Saved(Option<String>),
    /// What own measurements say of other speeds here, as it was asked for by number.
    Corrections(u64, Option<Arc<Here>>),
    /// Share of a measurement of the memory.
    MemoryProgress(f32),
    /// Its end: the machine with it, and what speaks against it.
    Memory(Result<(Box<Machine>, Option<String>), String>),
}

impl Message {
    const fn is_share(&self) -> bool {
        matches!(self, Self::Progress(_) | Self::MemoryProgress(_))
    }
}

/// Starts threads.
pub(super) struct Worker {
    sender: SyncSender<Message>,
    wake: Wake,
    inline: bool,
    /// Number of the newest version that is to be written.
    newest: Arc<AtomicU64>,
    /// Number of the version that is written; held while one is.
    written: Arc<Mutex<u64>>,
}

impl fmt::Debug for Worker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker").field("inline", &self.inline).finish_non_exhaustive()
    }
}

impl Worker {
    pub fn background(wake: Wake) -> (Self, Receiver<Message>) {
        Self::new(wake, false)
    }

    pub fn inline() -> (Self, Receiver<Message>) {
        Self::new(Arc::new(|| {}), true)
    }

    fn new(wake: Wake, inline: bool) -> (Self, Receiver<Message>) {
        let (sender, inbox) = sync_channel(WAITING);
        let (newest, written) = (Arc::default(), Arc::default());
        (Self { sender, wake, inline, newest, written }, inbox)
    }

    /// Does a job beside the window, or at once.
    pub fn spawn(&self, name: &str, job: impl FnOnce() -> Message + Send + 'static) {
        let report = self.report();
        let run = move || report(job());
        if self.inline {
            run();
        } else {
            thread::Builder::new().name(name.to_owned()).spawn(run).ok();
        }
    }

    /// Does a job that reports more than once; always beside the window.
    pub fn beside(&self, name: &str, job: impl FnOnce(&(dyn Fn(Message) + Sync)) + Send + 'static) {
        let report = self.report();
        thread::Builder::new().name(name.to_owned()).spawn(move || job(&report)).ok();
    }

    /// Runs a measurement.
    pub fn measure(&self, job: Job, cancel: Arc<AtomicBool>) {
        self.beside("measure", move |report| {
            let rows = job.run(&cancel, |share| report(Message::Progress(share)));
            report(Message::Measured(rows.map(matched).map_err(|error| error.to_string())));
        });
    }

    /// Writes the speeds, unless a newer version is already.
    pub fn save(&self, folder: PathBuf, speeds: Speeds) {
        let version = self.newest.fetch_add(1, Ordering::SeqCst) + 1;
        let (newest, written) = (Arc::clone(&self.newest), Arc::clone(&self.written));
        self.spawn("keep measurements", move || {
            let mut last = written.lock().unwrap_or_else(PoisonError::into_inner);
            if newest.load(Ordering::SeqCst) > version {
                return Message::Saved(None);
            }
            let error = write(&folder, &speeds);
            *last = version;
            Message::Saved(error)
        });
    }

    /// Waits until what was asked to be written is: the program ends after this.
    pub fn finish(&self) {
        for _ in 0..200 {
            let newest = self.newest.load(Ordering::SeqCst);
            if *self.written.lock().unwrap_or_else(PoisonError::into_inner) >= newest {
                return;
            }
            thread::sleep(std::time::Duration::from_millis(10));
        }
    }

    fn report(&self) -> impl Fn(Message) + Send + Sync + use<> {
        let (sender, wake, inline) = (self.sender.clone(), Arc::clone(&self.wake), self.inline);
        move |message: Message| {
            // A share that does not fit is followed by another; all else waits for its place. Where that is
            // done at once, nobody would make one. The window is gone when sending fails.
            if let Err(TrySendError::Full(message)) = sender.try_send(message)
                && !inline
                && !message.is_share()
            {
                sender.send(message).ok();
            }
            wake();
        }
    }
}

fn write(folder: &Path, speeds: &Speeds) -> Option<String> {
    let error = store::save_speeds(folder, speeds).err()?;
    Some(tr!(
        "Your measurements could not be kept ({error}): {folder}",
        error = of_system(&error),
        folder = folder.display()
    ))
}
