//! Speeds that a person has measured or brought, and the memory's bandwidth measured here: kept beside the
//! settings, read, removed, taken anew.
//!
//! Everything that reads, runs or writes is done on a thread of its own and comes back as a message.

mod action;
mod form;
mod import;
mod kept;
mod memory;
mod receive;
pub mod run;
pub mod store;
mod worker;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::Receiver;

use crate::app::jobs::Wake;
use crate::estimate::here::Here;
use crate::estimate::measured::Measurement;
use crate::estimate::{Estimator, Rig};
use crate::machine::Machine;
use crate::machine::bandwidth::ReadBandwidth;
use crate::model::{Catalog, ModelId};

pub use action::OwnAction;
pub use form::{Form, Job, Outcome, Program, Running};
pub use import::Import;
pub use kept::{Kept, Matched};
pub use memory::{MemoryRun, Reprobe};
pub use receive::Polled;
use worker::{Message, Worker};

/// Own measurements, as the window knows them.
#[derive(Debug)]
pub struct Own {
    /// All that are kept, oldest first.
    pub rows: Vec<Kept>,
    /// The place where they are listed is open.
    pub open: bool,
    /// What the last import gave.
    pub import: Option<Import>,
    /// What "Measure" would run.
    pub form: Form,
    /// What runs.
    pub running: Option<Running>,
    /// How the last run ended.
    pub outcome: Option<Outcome>,
    /// The memory's bandwidth is being measured.
    pub memory_run: Option<MemoryRun>,
    /// Why it could not be, or what speaks against the result.
    pub memory_words: Option<String>,
    /// What must be said: a file was damaged or cannot be written.
    pub notice: Option<String>,
    /// Those that may be used for the present machine.
    here: Vec<Measurement>,
    /// What they say of its other speeds, once that is worked out.
    corrections: Option<Arc<Here>>,
    /// Number of the newest question for that.
    corrections_asked: u64,
    folder: Option<PathBuf>,
    given_bench: Option<PathBuf>,
    reprobe: Option<Reprobe>,
    ollama: SocketAddr,
    next: u64,
    worker: Worker,
    inbox: Receiver<Message>,
}

impl Own {
    /// Those kept in `folder`, which are read in the background. `reprobe` reads this computer anew; without
    /// it the machine is not this computer, and its memory cannot be measured.
    pub fn background(folder: Option<PathBuf>, reprobe: Option<Reprobe>, wake: Wake) -> Self {
        let (worker, inbox) = Worker::background(wake);
        Self::start(folder, reprobe, worker, inbox)
    }

    /// The same, but what is asked is done before the call returns; for tests. Runs of programs are still
    /// beside it.
    pub fn inline(folder: Option<PathBuf>, reprobe: Option<Reprobe>) -> Self {
        let (worker, inbox) = Worker::inline();
        Self::start(folder, reprobe, worker, inbox)
    }

    fn start(
        folder: Option<PathBuf>,
        reprobe: Option<Reprobe>,
        worker: Worker,
        inbox: Receiver<Message>,
    ) -> Self {
        let own = Self {
            rows: Vec::new(),
            open: false,
            import: None,
            form: Form::default(),
            running: None,
            outcome: None,
            memory_run: None,
            memory_words: None,
            notice: None,
            here: Vec::new(),
            corrections: None,
            corrections_asked: 0,
            folder,
            given_bench: None,
            reprobe,
            ollama: run::ollama::address(),
            next: 0,
            worker,
            inbox,
        };
        if let Some(folder) = own.folder.clone() {
            own.worker.spawn("measurements", move || Message::Loaded(import::load(&folder)));
        }
        own
    }

    /// The measurements that speak for `machine`, which was given to [`Own::set_machine`] last: their model
    /// is known, and they were taken on its devices.
    pub fn for_machine(&self) -> &[Measurement] {
        &self.here
    }

    /// What they say of the machine's other speeds; `None`: nothing, or it is not worked out yet.
    pub fn corrections(&self) -> Option<Arc<Here>> {
        self.corrections.clone()
    }

    /// Works that out for the machine whose numbers are `rig`. Answers whether it is known already.
    pub fn ask_corrections(&mut self, rig: Rig) -> bool {
        self.corrections_asked += 1;
        if self.here.is_empty() {
            self.corrections = None;
            return true;
        }
        let (number, own) = (self.corrections_asked, self.here.clone());
        self.worker.spawn("corrections", move || {
            Message::Corrections(number, Here::new(Estimator::embedded(), &own, &rig).map(Arc::new))
        });
        false
    }

    /// The same of any machine, each with its name in the list.
    pub fn rows_of(&self, machine: &Machine) -> Vec<(u64, Measurement)> {
        let those = self.rows.iter().filter(|kept| kept.row.speaks_for(machine));
        those.map(|kept| (kept.id, kept.row.clone())).collect()
    }

    /// Whether the memory can be measured: the machine is this computer.
    pub const fn can_measure_memory(&self) -> bool {
        self.reprobe.is_some()
    }

    /// Another Ollama than the usual one; for tests.
    pub const fn set_ollama(&mut self, at: SocketAddr) {
        self.ollama = at;
    }

    /// The machine that rows are compared with is now this one. Answers whether other rows speak for it.
    pub fn set_machine(&mut self, machine: Option<&Machine>) -> bool {
        let here: Vec<Measurement> = match machine {
            Some(machine) => {
                let rows = self.rows.iter().map(|kept| &kept.row);
                rows.filter(|row| row.speaks_for(machine)).cloned().collect()
            }
            None => Vec::new(),
        };
        let changed = here != self.here;
        self.here = here;
        changed
    }

    /// Makes a change. Answers whether rows have changed.
    pub fn apply(&mut self, action: OwnAction, machine: Option<&Machine>) -> bool {
        match action {
            OwnAction::Show(open) => {
                self.open = open;
                if open {
                    self.look_around();
                }
            }
            OwnAction::ImportText(text) => self.import_text(text),
            OwnAction::ImportFiles(paths) => self.import_files(paths),
            OwnAction::NoDialog => self.import = Some(Import { no_dialog: true, ..Import::default() }),
            OwnAction::CloseImport => self.import = None,
            OwnAction::Choose(id, model) => return self.choose(id, model),
            OwnAction::Find(id, words) => self.find(id, words),
            OwnAction::Remove(id) => {
                self.rows.retain(|kept| kept.id != id);
                self.save();
                return true;
            }
            OwnAction::RemoveAll => {
                self.rows.clear();
                self.save();
                return true;
            }
            OwnAction::UseProgram(program) => {
                self.form.program = program;
                self.outcome = None;
                self.look_around();
            }
            OwnAction::BenchAt(path) => {
                self.given_bench = Some(path.clone());
                self.form.llama_bench = Some(path);
                self.save();
            }
            OwnAction::File(path) => {
                self.form.file_size = None;
                self.form.file = Some(path.clone());
                self.worker.spawn("file size", move || {
                    let size =
                        path.metadata().ok().filter(std::fs::Metadata::is_file).map(|about| about.len());
                    Message::FileSize(path, size)
                });
            }
            OwnAction::OnProcessor(on) => self.form.on_processor = on,
            OwnAction::OllamaModel(place) => self.form.chosen = place,
            OwnAction::AskOllama => self.ask_ollama(),
            OwnAction::Measure => self.measure(),
            OwnAction::Cancel => {
                if let Some(running) = &self.running {
                    running.cancel.store(true, Ordering::Relaxed);
                }
            }
            OwnAction::CloseOutcome => self.outcome = None,
            OwnAction::MeasureMemory => self.measure_memory(machine),
            OwnAction::CancelMemory => {
                if let Some(run) = &self.memory_run {
                    run.cancel();
                }
            }
            OwnAction::ForgetMemory => self.forget_memory(),
        }
        false
    }

    /// Enters the model that a person says, for all rows that are written alike.
    fn choose(&mut self, id: u64, model: ModelId) -> bool {
        let Some(kept) = self.rows.iter().find(|kept| kept.id == id) else { return false };
        // A model of a person's own has no place among those that measurements name.
        let Some(named) = Catalog::embedded().models().get(model.index()) else { return false };
        let name = named.id.clone();
        let (written, params) = (kept.row.written.clone(), kept.row.params);
        for kept in &mut self.rows {
            let alike = kept.id == id || (!written.is_empty() && kept.row.written == written);
            if alike && kept.row.params == params && kept.row.model.is_none() {
                kept.row.model = Some(name.clone());
                kept.matched = Matched::Sure(model);
            }
        }
        self.save();
        true
    }

    fn find(&self, id: u64, words: String) {
        let Some(row) = self.rows.iter().find(|kept| kept.id == id).map(|kept| kept.row.clone()) else {
            return;
        };
        self.worker.spawn("search", move || Message::Candidates(id, import::candidates(&row, &words)));
    }

    fn save(&self) {
        let Some(folder) = self.folder.clone() else { return };
        let rows = self.rows.iter().map(|kept| kept.row.clone()).collect();
        self.worker.save(folder, store::Speeds { rows, llama_bench: self.given_bench.clone() });
    }

    fn import_text(&self, text: String) {
        self.worker.spawn("import", move || {
            let (import, rows) = import::of_text(&text);
            Message::Imported(Box::new(import), rows)
        });
    }

    fn import_files(&self, paths: Vec<PathBuf>) {
        self.worker.spawn("import", move || {
            let (import, rows) = import::of_files(&paths);
            Message::Imported(Box::new(import), rows)
        });
    }

    fn measure_memory(&mut self, machine: Option<&Machine>) {
        let (Some(machine), Some(reprobe), None) = (machine, &self.reprobe, &self.memory_run) else { return };
        self.memory_words = None;
        self.memory_run =
            Some(memory::start(&self.worker, machine.clone(), reprobe.clone(), self.folder.clone()));
    }

    fn forget_memory(&mut self) {
        let Some(reprobe) = self.reprobe.clone() else { return };
        self.memory_words = None;
        let folder = self.folder.clone();
        self.worker.spawn("forget", move || memory::forget(folder.as_deref(), &reprobe));
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        // The window is gone: nobody would see what still runs.
        if let Some(running) = &self.running {
            running.cancel.store(true, Ordering::Relaxed);
        }
        if let Some(run) = &self.memory_run {
            run.cancel();
        }
        self.worker.finish();
    }
}

/// What the measurements kept in `folder` say of the speeds of `machine`, whose numbers are `rig`; for what has no
/// window.
pub fn corrections(folder: Option<&Path>, machine: &Machine, rig: &Rig) -> Option<Arc<Here>> {
    let own = store::for_machine(folder?, machine);
    Here::new(Estimator::embedded(), &own, rig).map(Arc::new)
}

/// The bandwidth that is kept, if any; for what has no window.
pub fn kept_memory() -> Option<ReadBandwidth> {
    store::kept_memory()
}

#[cfg(test)]
mod tests;
