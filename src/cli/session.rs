//! Answers queries: the library call behind `plimsoll estimate`.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::fmt::Display;

use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use serde_json::Value;

use super::answer::{Answer, Line};
use super::error::{ErrorCode, QueryError};
use super::lines::{RawLine, next_line};
use super::query::{self, Draft, MachineChoice, ModelChoice, NamedMachine, Query};
use crate::app::answer::PlanAnswer;
use crate::app::{own, rigs};
use crate::estimate::command::{self, Program};
use crate::estimate::scenario::DraftRequest;
use crate::estimate::{self, Estimator, Rig};
use crate::files::{self, FaultKind, FileError, LocalModel};
use crate::machine::Machine;
use crate::machine::probe::recording;
use crate::machine::spec::{MachineSpec, SpecError};
use crate::model::Model;
use crate::model::catalog::Catalog;
use crate::quant::Level;

/// Longest line that is read.
pub const MAX_LINE: usize = 1 << 20;
const READ_BUFFER: usize = 1 << 16;
/// Quantization of a draft model where the query names none.
const DRAFT_LEVEL: &str = "Q4_K_M";
/// Tokens that a draft model guesses at once where the query says nothing: llama.cpp's default.
const DRAFT_TOKENS: u32 = 3;

/// Answers queries one by one. Everything is read at most once: the catalog and the hardware table when
/// first asked, this machine only for a query that names it.
pub struct Session<'p> {
    catalog: &'static Catalog,
    estimator: &'static Estimator,
    probe: &'p dyn Fn() -> Machine,
    this: OnceCell<Resolved>,
    /// Where own measurements are kept.
    own: Option<PathBuf>,
    unknown: Unknown,
    files: RefCell<Files>,
}

/// A model that was asked for.
enum Chosen {
    Catalog(&'static Model),
    File(Rc<LocalModel>),
}

impl Chosen {
    fn model(&self) -> &Model {
        match self {
            Self::Catalog(model) => model,
            Self::File(file) => &file.model,
        }
    }
}

/// Files that were opened, the last one last: lines of a stream mostly ask of the same ones.
#[derive(Debug, Default)]
struct Files(Vec<(String, Result<Rc<LocalModel>, QueryError>)>);

impl Files {
    /// Most files that are remembered.
    const MOST: usize = 16;

    fn open(&mut self, path: &str, estimator: &Estimator) -> Result<Rc<LocalModel>, QueryError> {
        if let Some((_, opened)) = self.0.iter().find(|(known, _)| known == path) {
            return opened.clone();
        }
        let opened = files::open(Path::new(path)).map(Rc::new).map_err(|error| of_file(&error));
        if self.0.len() == Self::MOST
            && let (_, Ok(oldest)) = self.0.remove(0)
        {
            estimator.forget(&oldest.model.id);
        }
        if let Ok(file) = &opened {
            estimator.adopt(&file.model, file.tables());
        }
        self.0.push((path.to_owned(), opened.clone()));
        opened
    }
}

fn of_file(error: &FileError) -> QueryError {
    let code = match error.fault.kind {
        FaultKind::Unsupported => ErrorCode::Unsupported,
        FaultKind::Unreadable | FaultKind::Truncated | FaultKind::Invalid => ErrorCode::UnreadableFile,
    };
    QueryError::new(code, format!("the model cannot be read: {error}"))
}

/// A machine to plan for, and what was assumed of it.
#[derive(Clone, Debug)]
struct Resolved {
    rig: Rig,
    warnings: Vec<String>,
}

/// Errors of names that are unknown. To find the nearest names costs as much as many answers, and a misspelt
/// name usually stands in every line of a file.
#[derive(Debug, Default)]
struct Unknown(RefCell<BTreeMap<(ErrorCode, String), QueryError>>);

impl Unknown {
    /// Most names that are remembered.
    const MOST: usize = 1024;

    fn check(&self, code: ErrorCode, name: &str) -> Result<(), QueryError> {
        let known = self.0.borrow();
        if known.is_empty() {
            return Ok(());
        }
        known.get(&(code, name.to_owned())).cloned().map_or(Ok(()), Err)
    }

    fn remember(&self, name: &str, error: QueryError) -> QueryError {
        let mut known = self.0.borrow_mut();
        if known.len() < Self::MOST {
            known.insert((error.code, name.to_owned()), error.clone());
        }
        error
    }
}

impl std::fmt::Debug for Session<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("this", &self.this).finish_non_exhaustive()
    }
}

impl<'p> Session<'p> {
    /// A session on the embedded data; `probe` reads this machine, once, when a query asks for it.
    pub fn new(probe: &'p dyn Fn() -> Machine) -> Self {
        Self {
            catalog: Catalog::embedded(),
            estimator: Estimator::embedded(),
            probe,
            this: OnceCell::new(),
            own: None,
            unknown: Unknown::default(),
            files: RefCell::default(),
        }
    }

    /// The same, where speeds of this machine follow the measurements that are kept in `folder`.
    #[must_use]
    pub fn with_own(mut self, folder: Option<PathBuf>) -> Self {
        self.own = folder;
        self
    }

    fn this_one(&self) -> Resolved {
        let machine = (self.probe)();
        let mut resolved = this(&machine);
        resolved.rig.own = own::corrections(self.own.as_deref(), &machine, &resolved.rig);
        resolved
    }

    /// Answers one line of JSON.
    pub fn line(&self, line: &[u8]) -> Line {
        match serde_json::from_slice(line) {
            Ok(value) => self.value(&value),
            Err(error) => Line::error(Value::Null, bad_json(&error)),
        }
    }

    /// Answers one query that is already JSON.
    pub fn value(&self, value: &Value) -> Line {
        let answer = query::parse(value).and_then(|query| self.query(&query));
        match answer {
            Ok(answer) => Line::Answer(Box::new(answer)),
            Err(error) => Line::error(value.get("id").cloned().unwrap_or_default(), error),
        }
    }

    /// Answers one query.
    ///
    /// # Errors
    /// What cannot be answered, with the nearest names where one is unknown.
    pub fn query(&self, query: &Query) -> Result<Answer, QueryError> {
        let chosen = self.model(&query.model)?;
        let model = chosen.model();
        let level = match &chosen {
            // A GGUF is in the quantization that it is in.
            Chosen::File(file) if file.table.is_some() => file.level,
            chosen => match (level(&query.quant)?, chosen) {
                // Of a quantized checkpoint, as published is as quantized.
                (Level::Native, Chosen::File(file)) if !query.engine.is_ggml() => file.level,
                (level, _) => level,
            },
        };
        let described;
        let Resolved { rig, warnings } = match &query.machine {
            MachineChoice::Named(NamedMachine::This) => self.this.get_or_init(|| self.this_one()),
            MachineChoice::Described(spec) => {
                described = self.described(spec)?;
                &described
            }
            MachineChoice::Recorded(recording) => {
                described = this(&recorded(&recording.recorded)?);
                &described
            }
        };
        let mut warnings = warnings.clone();
        if let Chosen::File(file) = &chosen {
            warnings.extend(file.notes.iter().cloned());
        }
        let mut scenario = query.scenario();
        scenario.draft = query.draft.as_ref().map(|draft| self.draft(draft)).transpose()?;
        let plan = self
            .estimator
            .plan(model, level, &scenario, rig)
            .map_err(|unsupported| QueryError::unsupported(unsupported.to_string()))?;
        let ask = command::Ask { model, level, scenario: &scenario, rig, plan: &plan, machines: 1 };
        let launch = command::launch(Program::of(scenario.engine), &ask);
        let PlanAnswer { file, memory, fit, placement, speed, quality } =
            PlanAnswer::of(model, &plan, &scenario, rig);
        warnings.extend(plan.warnings);
        Ok(Answer {
            id: query.id.clone(),
            ok: true,
            model: model.id.clone(),
            quant: level.to_string(),
            engine: query.engine,
            backend: estimate::backend(&scenario, rig),
            file,
            memory,
            fit,
            placement,
            speed,
            quality,
            // One line where it is one command, for scripts; the window breaks it for people.
            command: launch.one_line(),
            warnings,
        })
    }

    fn model(&self, choice: &ModelChoice) -> Result<Chosen, QueryError> {
        match choice {
            ModelChoice::Name(name) => self.named(name).map(Chosen::Catalog),
            ModelChoice::File(file) => {
                self.files.borrow_mut().open(&file.path, self.estimator).map(Chosen::File)
            }
        }
    }

    fn named(&self, name: &str) -> Result<&'static Model, QueryError> {
        self.unknown.check(ErrorCode::UnknownModel, name)?;
        self.catalog.find(name).map(|id| self.catalog.get(id)).map_err(|unknown| {
            let message = unknown.to_string();
            let error = QueryError::new(ErrorCode::UnknownModel, message).suggesting(unknown.suggestions);
            self.unknown.remember(name, error)
        })
    }

    fn described(&self, spec: &MachineSpec) -> Result<Resolved, QueryError> {
        for gpu in spec.gpus.iter().filter(|gpu| gpu.vram_gib.is_none() || gpu.bandwidth_gbs.is_none()) {
            self.unknown.check(ErrorCode::UnknownGpu, &gpu.name)?;
        }
        match rigs::resolve(spec) {
            Ok(rigs::Resolved { rig, warnings, .. }) => Ok(Resolved { rig, warnings }),
            Err(SpecError::UnknownGpu(unknown)) => {
                let name = unknown.name.clone();
                Err(self.unknown.remember(&name, SpecError::UnknownGpu(unknown).into()))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The draft model, once its names are known to be right.
    fn draft(&self, draft: &Draft) -> Result<DraftRequest, QueryError> {
        Ok(DraftRequest {
            model: self.named(&draft.model)?.id.clone(),
            level: level(draft.quant.as_deref().unwrap_or(DRAFT_LEVEL))?,
            tokens: draft.tokens.unwrap_or(DRAFT_TOKENS),
        })
    }

    /// Answers every line of `input` on `output`, in order. Empty lines are skipped.
    ///
    /// # Errors
    /// Where the input cannot be read or the output cannot be written.
    pub fn stream(&self, input: impl Read, output: &mut impl Write) -> Result<Outcome, StreamError> {
        let mut input = BufReader::with_capacity(READ_BUFFER, input);
        let (mut line, mut out) = (Vec::new(), Vec::with_capacity(READ_BUFFER));
        let mut outcome = Outcome { lines: 0, errors: 0 };
        let mut first = true;
        loop {
            // A program at the other end may wait for this answer before it asks again.
            if input.buffer().is_empty() && !out.is_empty() {
                flush(&mut out, output)?;
            }
            let answer = match next_line(&mut input, &mut line, MAX_LINE).map_err(StreamError::Read)? {
                RawLine::End => break,
                RawLine::TooLong => Line::error(Value::Null, too_long()),
                RawLine::Whole => {
                    let text = if first { line.strip_prefix(BOM).unwrap_or(&line) } else { &line };
                    first = false;
                    if text.trim_ascii().is_empty() {
                        continue;
                    }
                    self.line(text)
                }
            };
            outcome.lines += 1;
            outcome.errors += u64::from(!answer.is_ok());
            serde_json::to_writer(&mut out, &answer).map_err(|error| StreamError::Write(error.into()))?;
            out.push(b'\n');
            if out.len() >= READ_BUFFER {
                flush(&mut out, output)?;
            }
        }
        flush(&mut out, output)?;
        Ok(outcome)
    }
}

const BOM: &[u8] = b"\xef\xbb\xbf";

fn flush(out: &mut Vec<u8>, output: &mut impl Write) -> Result<(), StreamError> {
    output.write_all(out).and_then(|()| output.flush()).map_err(StreamError::Write)?;
    out.clear();
    Ok(())
}

/// How many lines were answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Lines of output.
    pub lines: u64,
    /// Of these, errors.
    pub errors: u64,
}

/// Why a stream ended early.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    /// The input.
    #[error("the input cannot be read: {0}")]
    Read(#[source] io::Error),
    /// The output.
    #[error("the answers cannot be written: {0}")]
    Write(#[source] io::Error),
}

/// A machine that was probed as the arithmetic sees it; what could not be read becomes a warning.
fn this(machine: &Machine) -> Resolved {
    let problems = machine.problems.iter().map(|problem| format!("{}: {}", problem.part, problem.reason));
    let no_ram = machine.ram.is_none().then(|| "how much RAM the machine has is not known".to_owned());
    Resolved { rig: Rig::from(machine), warnings: problems.chain(no_ram).collect() }
}

impl From<SpecError> for QueryError {
    fn from(error: SpecError) -> Self {
        let message = error.to_string();
        match error {
            SpecError::UnknownGpu(unknown) => {
                Self::new(ErrorCode::UnknownGpu, message).suggesting(unknown.suggestions)
            }
            SpecError::MemoryUnknown { .. } => Self::field(message),
            SpecError::SharedTwice { .. } => Self::unsupported(message),
        }
    }
}

fn level(name: &str) -> Result<Level, QueryError> {
    name.parse().map_err(|unknown: crate::quant::UnknownLevel| {
        QueryError::new(ErrorCode::UnknownQuant, unknown.to_string()).suggesting(unknown.suggestions)
    })
}

/// A recorded machine.
fn recorded(path: &str) -> Result<Machine, QueryError> {
    recording::read(Path::new(path)).map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &str, why: &dyn Display) -> QueryError {
    let message = format!("the file cannot be read: {why}: {}", query::shortened(path));
    QueryError::new(ErrorCode::UnreadableFile, message)
}

fn bad_json(error: &serde_json::Error) -> QueryError {
    QueryError::new(ErrorCode::BadJson, format!("the line is not JSON: {error}"))
}

fn too_long() -> QueryError {
    QueryError::new(ErrorCode::BadJson, format!("the line is longer than {MAX_LINE} bytes"))
}
