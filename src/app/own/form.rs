//! What "Measure" runs: which program, on which model, and how it goes.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::estimate::measured::Measurement;
use crate::machine::Machine;

use super::worker::Message;
use super::{Own, run};

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
    pub(super) cancel: Arc<AtomicBool>,
}

/// How a measurement ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// So many rows are new.
    Measured(usize),
    /// Why there are none.
    Failed(String),
}

impl Own {
    /// Finds what can be run.
    pub(super) fn look_around(&mut self) {
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

    pub(super) fn ask_ollama(&mut self) {
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

    pub(super) fn measure(&mut self) {
        let Some(job) = self.job().filter(|_| self.running.is_none()) else { return };
        let cancel = Arc::new(AtomicBool::new(false));
        self.running = Some(Running { command: job.text(), share: 0.0, cancel: Arc::clone(&cancel) });
        self.outcome = None;
        self.worker.measure(job, cancel);
    }
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

    pub(super) fn run(
        &self,
        cancel: &AtomicBool,
        progress: impl Fn(f32),
    ) -> Result<Vec<Measurement>, run::RunError> {
        match self {
            Self::LlamaBench(bench) => bench.run(run::llama_bench::LIMITS, cancel, progress),
            Self::Ollama(ollama) => ollama.run(cancel, progress),
        }
    }
}
