//! The models that are on this computer, with what the machine makes of each.

mod look;

use std::path::PathBuf;
use std::time::Duration;

use serde::Serialize;

use crate::estimate::scenario::Engine;
use crate::estimate::{Estimator, FitClass, Rig, Scenario, engine};
use crate::files::installed::{Environment, Program};
use crate::language::tr;
use crate::model::{Catalog, Model, ModelId};
use crate::quant::Level;
use crate::units::Bytes;

pub use look::{Read, Reads, read};

/// How long is waited for the places of all programs together.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Models on this computer.
#[derive(Clone, Debug, Serialize)]
pub struct Shelf {
    /// The models, by program and name.
    pub models: Vec<Entry>,
    /// Bytes of all of them; a file that several share counts once.
    pub bytes: Bytes,
    /// The same by program.
    pub by_program: Vec<(Program, Bytes)>,
    /// Bytes that would be free if of each model that is there more than once one copy stayed.
    pub duplicate_bytes: Bytes,
    /// The same by model, most first: all quantizations of one together.
    pub by_model: Vec<ModelUse>,
    /// What could not be read.
    pub problems: Vec<String>,
}

/// What one model takes on the disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ModelUse {
    /// Its name.
    pub name: String,
    /// Bytes of all its files.
    pub bytes: Bytes,
    /// How many times it is there, in whatever quantizations.
    pub files: usize,
}

/// One model on this computer.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    /// Who put it there.
    pub program: Program,
    /// What that program calls it.
    pub name: String,
    /// Its file, the first of its parts, or its folder.
    pub path: PathBuf,
    /// Bytes of all its files.
    pub bytes: Bytes,
    /// A vision projector lies beside it.
    pub projector: bool,
    /// What it is, where it can be read.
    #[serde(flatten)]
    pub told: Told,
    /// Places among the models of the others that are the same file once more.
    pub same_as: Vec<usize>,
}

/// What is known of a model, or why nothing is.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Told {
    /// It was read.
    Model {
        /// Id in the catalog, where it was recognized.
        model: Option<String>,
        /// Name of that model's base, where it was recognized.
        #[serde(skip)]
        base: Option<String>,
        /// Its own name for itself.
        title: String,
        /// Its quantization.
        quant: Level,
        /// Parameters of the text model.
        params: u64,
        /// The verdict.
        verdict: Verdict,
    },
    /// It was not.
    Unreadable {
        /// What is wrong with it.
        error: String,
    },
}

/// What the machine makes of it.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Verdict {
    /// It was placed.
    Known {
        /// Class.
        class: FitClass,
        /// Memory that it needs, all together.
        need: Bytes,
        /// Tokens each second, where that is known.
        decode_tps: Option<f64>,
    },
    /// Nothing can be said.
    NotKnown {
        /// Why.
        reason: String,
    },
}

impl Reads {
    /// Makes the files known to who estimates.
    pub fn adopt(&self, estimator: &Estimator) {
        for file in self.models.iter().filter_map(|read| read.file.as_ref().ok()) {
            estimator.adopt(&file.model, file.tables());
        }
    }

    /// Forgets them again.
    pub fn forget(&self, estimator: &Estimator) {
        for file in self.models.iter().filter_map(|read| read.file.as_ref().ok()) {
            estimator.forget(&file.model.id);
        }
    }

    /// Records of the catalog that are here.
    pub fn known(&self) -> impl Iterator<Item = ModelId> {
        self.models.iter().filter_map(|read| read.file.as_ref().ok()?.known)
    }

    /// What the machine makes of each; the files are adopted.
    pub fn judged(&self, estimator: &Estimator, scenario: &Scenario, rig: Option<&Rig>) -> Shelf {
        let models: Vec<Entry> =
            self.models.iter().map(|read| entry(read, estimator, scenario, rig)).collect();
        Shelf {
            by_model: by_model(&models),
            models,
            bytes: self.disk.total,
            by_program: self.disk.by_program.iter().map(|(program, bytes)| (*program, *bytes)).collect(),
            duplicate_bytes: self.duplicate_bytes,
            problems: self.problems.clone(),
        }
    }
}

/// What is on the disks, judged.
pub fn look(environment: &Environment, added: &[PathBuf], scenario: &Scenario, rig: &Rig) -> Shelf {
    let reads = read(environment, added, PATIENCE);
    let estimator = Estimator::default();
    reads.adopt(&estimator);
    reads.judged(&estimator, scenario, Some(rig))
}

/// What each model takes in all its quantizations, most first.
fn by_model(entries: &[Entry]) -> Vec<ModelUse> {
    let mut uses: Vec<ModelUse> = Vec::new();
    for entry in entries {
        let name = match &entry.told {
            Told::Model { base: Some(base), .. } => base.clone(),
            Told::Model { title, .. } if !title.is_empty() => title.clone(),
            _ => entry.name.clone(),
        };
        match uses.iter_mut().find(|known| known.name == name) {
            Some(known) => {
                known.bytes += entry.bytes;
                known.files += 1;
            }
            None => uses.push(ModelUse { name, bytes: entry.bytes, files: 1 }),
        }
    }
    uses.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.name.cmp(&b.name)));
    uses
}

fn entry(read: &Read, estimator: &Estimator, scenario: &Scenario, rig: Option<&Rig>) -> Entry {
    let Read { found, file, same_as } = read;
    let catalog = Catalog::embedded();
    let told = match file {
        Ok(file) => Told::Model {
            model: file.known.map(|id| catalog.get(id).id.clone()),
            base: file.known.map(|id| catalog.bases()[catalog.base_of(id)].name.clone()),
            title: file.model.display_name.clone(),
            quant: file.level,
            params: file.model.params_text,
            verdict: verdict(&file.model, file.level, estimator, scenario, rig),
        },
        Err(error) => Told::Unreadable { error: error.clone() },
    };
    Entry {
        program: found.program,
        name: found.name.clone(),
        path: found.path.clone(),
        bytes: found.bytes(),
        projector: found.projector.is_some(),
        told,
        same_as: same_as.clone(),
    }
}

/// What the machine makes of a model at a level, in an engine that reads that.
pub fn verdict(
    model: &Model,
    level: Level,
    estimator: &Estimator,
    scenario: &Scenario,
    rig: Option<&Rig>,
) -> Verdict {
    let Some(rig) = rig else {
        return Verdict::NotKnown { reason: tr!("this machine is being read").to_owned() };
    };
    if let Some(reason) = model.not_generating() {
        return Verdict::NotKnown { reason: reason.to_owned() };
    }
    let scenario = for_level(scenario, level);
    match estimator.brief(model, level, &scenario, rig) {
        Ok(brief) => Verdict::Known {
            class: brief.class,
            need: brief.need,
            decode_tps: brief.decode.map(|range| (range.p50 * 100.0).round() / 100.0),
        },
        Err(unsupported) => Verdict::NotKnown { reason: unsupported.to_string() },
    }
}

/// The scenario in an engine that reads `level`: the asked one where it does.
pub fn for_level(scenario: &Scenario, level: Level) -> Scenario {
    let reads = |of: &Engine| engine::reads(*of, level);
    let others = || Engine::ALL.into_iter().find(reads);
    let engine = Some(scenario.engine).filter(reads).or_else(others).unwrap_or(scenario.engine);
    let cache = |asked| engine::nearest_cache(engine, asked);
    let (cache_k, cache_v) = (cache(scenario.cache_k), cache(scenario.cache_v));
    Scenario { cache_k, cache_v, engine, ..scenario.clone() }
}

/// The shelf as people read it on a terminal.
pub fn text(shelf: &Shelf) -> String {
    use std::fmt::Write as _;

    let mut out = String::new();
    let cells: Vec<[String; 4]> = shelf.models.iter().map(cells).collect();
    let widths: [usize; 4] =
        std::array::from_fn(|at| cells.iter().map(|row| row[at].chars().count()).max().unwrap_or(0));
    for (entry, [verdict, level, size, program]) in shelf.models.iter().zip(&cells) {
        let mut line = format!(
            "{verdict:<0$}  {level:<1$}  {size:>2$}  {program:<3$}  {name}",
            widths[0],
            widths[1],
            widths[2],
            widths[3],
            name = entry.name
        );
        let why = match &entry.told {
            Told::Unreadable { error } => Some(error),
            Told::Model { verdict: Verdict::NotKnown { reason }, .. } => Some(reason),
            Told::Model { .. } => None,
        };
        if let Some(why) = why {
            let _ = write!(line, "  ({why})");
        }
        if let Some(&other) = entry.same_as.first() {
            let _ = write!(line, "  (the same file as {})", shelf.models[other].name);
        }
        let _ = writeln!(out, "{}", line.trim_end());
    }
    if shelf.models.is_empty() {
        out.push_str("No model was found. --folder names further places.\n");
    }
    let programs: Vec<String> = shelf
        .by_program
        .iter()
        .map(|(program, bytes)| format!("{} {:.1} GB", program.title(), bytes.gb()))
        .collect();
    let _ = write!(out, "\n{} models, {:.1} GB on the disk", shelf.models.len(), shelf.bytes.gb());
    if !programs.is_empty() {
        let _ = write!(out, ": {}", programs.join(", "));
    }
    out.push('\n');
    if shelf.duplicate_bytes > Bytes::ZERO {
        let _ = writeln!(out, "{:.1} GB of it is there more than once.", shelf.duplicate_bytes.gb());
    }
    for problem in &shelf.problems {
        let _ = writeln!(out, "{problem}");
    }
    out
}

fn cells(entry: &Entry) -> [String; 4] {
    let (verdict, level) = match &entry.told {
        Told::Model { verdict: Verdict::Known { class, .. }, quant, .. } => (class.word(), quant.to_string()),
        Told::Model { quant, .. } => ("n/a", quant.to_string()),
        Told::Unreadable { .. } => ("n/a", String::new()),
    };
    [verdict.to_owned(), level, format!("{:.2} GB", entry.bytes.gb()), entry.program.title().to_owned()]
}
