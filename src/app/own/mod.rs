//! Speeds that a person has measured or brought, and the memory's bandwidth measured here: kept beside the
//! settings, read, removed, taken anew.
//!
//! Everything that reads, runs or writes is done on a thread of its own and comes back as a message.

mod action;
mod import;
mod kept;
mod memory;
pub mod run;
pub mod store;
mod worker;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Receiver;

use crate::app::jobs::Wake;
use crate::estimate::measured::Measurement;
use crate::machine::Machine;
use crate::machine::bandwidth::ReadBandwidth;
use crate::model::ModelId;

pub use action::OwnAction;
pub use import::Import;
pub use kept::{Kept, Matched};
pub use memory::{MemoryRun, Reprobe};
use worker::{Message, Worker};

/// Program that "Measure" runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Program {
    /// llama-bench, on a GGUF file.
    #[default]
    LlamaBench,
    /// Ollama, on a model that it has.
    Ollama,
}

/// What "Measure" would run, as far as it is chosen.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Form {
    /// The program.
    pub program: Program,
    /// Where llama-bench is: as given, else as found; `None` while it is looked for or not found.
    pub llama_bench: Option<PathBuf>,
    /// The GGUF file.
    pub file: Option<PathBuf>,
    /// Its size, bytes.
    pub file_size: Option<u64>,
    /// Without the GPU.
    pub on_processor: bool,
    /// Models that Ollama has; `None` while it is asked.
    pub installed: Option<Result<Vec<run::ollama::Installed>, String>>,
    /// Place of the chosen one.
    pub chosen: usize,
}

/// A measurement under way.
#[derive(Clone, Debug)]
pub struct Running {
    /// What runs, exactly.
    pub command: String,
    /// Share that is done.
    pub share: f32,
    cancel: Arc<AtomicBool>,
}

/// How a measurement ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// So many rows are new.
    Measured(usize),
    /// Why there are none.
    Failed(String),
}

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

    /// Takes what the threads have sent. Answers with what the window must do of it.
    pub fn poll(&mut self, machine: Option<&Machine>) -> Polled {
        let mut polled = Polled::default();
        while let Ok(message) = self.inbox.try_recv() {
            match message {
                Message::Loaded(loaded) => {
                    self.given_bench = loaded.llama_bench;
                    self.notice = loaded.notice.or(self.notice.take());
                    // What was brought meanwhile stays behind what was kept.
                    let new = std::mem::take(&mut self.rows);
                    for kept in loaded.rows {
                        self.push(kept.row, kept.matched);
                    }
                    for kept in new {
                        self.push(kept.row, kept.matched);
                    }
                    polled.rows = true;
                }
                Message::Imported(import, rows) => {
                    let added = self.add(rows, machine);
                    self.import = Some(Import { added, ..*import });
                    polled.rows = true;
                }
                Message::Progress(share) => {
                    if let Some(running) = &mut self.running {
                        running.share = share;
                    }
                }
                Message::Measured(result) => {
                    self.running = None;
                    self.outcome = Some(match result {
                        Ok(rows) => {
                            polled.rows = true;
                            Outcome::Measured(self.add(rows, machine))
                        }
                        Err(reason) => Outcome::Failed(reason),
                    });
                }
                Message::Bench(found) => self.form.llama_bench = found,
                Message::FileSize(path, size) if self.form.file.as_ref() == Some(&path) => {
                    self.form.file_size = size;
                }
                Message::FileSize(..) => {}
                Message::Installed(models) => {
                    self.form.installed = Some(models);
                    self.form.chosen = 0;
                }
                Message::Candidates(id, candidates) => {
                    if let Some(kept) = self.rows.iter_mut().find(|kept| kept.id == id) {
                        kept.matched = Matched::Among(candidates);
                    }
                }
                Message::Saved(error) => self.notice = error.or(self.notice.take()),
                Message::MemoryProgress(share) => {
                    if let Some(run) = &mut self.memory_run {
                        run.share = share;
                    }
                }
                Message::Memory(result) => {
                    self.memory_run = None;
                    match result {
                        Ok((machine, words)) => {
                            self.memory_words = words;
                            polled.machine = Some(machine);
                        }
                        Err(reason) => self.memory_words = Some(reason),
                    }
                }
            }
        }
        polled
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
            OwnAction::NoDialog => {
                let fault =
                    "the system showed no file dialog: drop the file on the window, or paste its text";
                self.import = Some(Import { faults: vec![fault.to_owned()], ..Import::default() });
            }
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

    /// Adds rows that are not there yet; answers how many.
    fn add(&mut self, rows: Vec<(Measurement, Matched)>, machine: Option<&Machine>) -> usize {
        let mut added = 0;
        for (mut row, matched) in rows {
            if let Some(machine) = machine {
                row.place.complete(machine, !row.on_processor());
            }
            let is_known = self.rows.iter().any(|kept| kept.row.is_same(&row));
            if !is_known && self.rows.len() < store::ROWS_MAX {
                self.push(row, matched);
                added += 1;
            }
        }
        if added > 0 {
            self.save();
        }
        added
    }

    fn push(&mut self, row: Measurement, matched: Matched) {
        self.rows.push(Kept { id: self.next, row, matched });
        self.next += 1;
    }

    /// Enters the model that a person says, for all rows that are written alike.
    fn choose(&mut self, id: u64, model: ModelId) -> bool {
        let Some(kept) = self.rows.iter().find(|kept| kept.id == id) else { return false };
        let name = crate::model::Catalog::embedded().get(model).id.clone();
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

    /// Finds what can be run.
    fn look_around(&mut self) {
        match self.form.program {
            Program::LlamaBench if self.form.llama_bench.is_none() => {
                let given = self.given_bench.clone().filter(|path| !path.as_os_str().is_empty());
                self.worker.spawn("find llama-bench", move || {
                    Message::Bench(given.filter(|path| path.is_file()).or_else(run::llama_bench::find))
                });
            }
            Program::Ollama if self.form.installed.is_none() => self.ask_ollama(),
            _ => {}
        }
    }

    fn ask_ollama(&mut self) {
        self.form.installed = None;
        let at = self.ollama;
        self.worker.spawn("ask ollama", move || {
            Message::Installed(run::ollama::installed(at).map_err(|error| error.to_string()))
        });
    }

    /// What "Measure" would run; `None` while something is missing.
    pub fn job(&self) -> Option<Job> {
        match self.form.program {
            Program::LlamaBench => Some(Job::LlamaBench(run::llama_bench::LlamaBench {
                program: self.form.llama_bench.clone()?,
                model: self.form.file.clone()?,
                on_processor: self.form.on_processor,
            })),
            Program::Ollama => {
                let models = self.form.installed.as_ref()?.as_ref().ok()?;
                let model = models.get(self.form.chosen)?.clone();
                Some(Job::Ollama(run::ollama::Ollama { at: self.ollama, model }))
            }
        }
    }

    /// About how long it takes, in words.
    pub fn expected_time(&self, machine: Option<&Machine>) -> Option<String> {
        let bytes = match self.job()? {
            Job::LlamaBench(_) => self.form.file_size?,
            Job::Ollama(ollama) => ollama.model.size,
        };
        let on_gpu = !(self.form.program == Program::LlamaBench && self.form.on_processor);
        Some(run::time_text(bytes, on_gpu, machine?))
    }

    fn measure(&mut self) {
        let Some(job) = self.job().filter(|_| self.running.is_none()) else { return };
        let cancel = Arc::new(AtomicBool::new(false));
        self.running = Some(Running { command: job.text(), share: 0.0, cancel: Arc::clone(&cancel) });
        self.outcome = None;
        self.worker.measure(job, cancel);
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

/// What the window must do after [`Own::poll`].
#[derive(Debug, Default)]
pub struct Polled {
    /// Rows have changed.
    pub rows: bool,
    /// The machine was read anew.
    pub machine: Option<Box<Machine>>,
}

/// What is run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Job {
    /// llama-bench.
    LlamaBench(run::llama_bench::LlamaBench),
    /// Ollama.
    Ollama(run::ollama::Ollama),
}

impl Job {
    /// What runs, exactly.
    pub fn text(&self) -> String {
        match self {
            Self::LlamaBench(bench) => bench.text(),
            Self::Ollama(ollama) => ollama.text(),
        }
    }

    fn run(&self, cancel: &AtomicBool, progress: impl Fn(f32)) -> Result<Vec<Measurement>, run::RunError> {
        match self {
            Self::LlamaBench(bench) => bench.run(run::llama_bench::LIMITS, cancel, progress),
            Self::Ollama(ollama) => ollama.run(cancel, progress),
        }
    }
}

/// The bandwidth that is kept, if any; for what has no window.
pub fn kept_memory() -> Option<ReadBandwidth> {
    store::kept_memory()
}

#[cfg(test)]
mod tests;
