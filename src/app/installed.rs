//! The models that are on this computer, with what the machine makes of each.

use std::path::PathBuf;

use serde::Serialize;

use crate::estimate::{Estimator, FitClass, Rig, Scenario};
use crate::files::installed::{self, DiskUse, Environment, Installed, Program, Scan};
use crate::files::{self, LocalModel};
use crate::model::Catalog;
use crate::quant::Level;
use crate::units::Bytes;

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
    /// What could not be read.
    pub problems: Vec<String>,
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

/// Looks through the places of this computer's programs and through `added` folders. Reads heads only, but may
/// take seconds on a slow disk: never on the thread that draws.
pub fn look(environment: &Environment, added: &[PathBuf], scenario: &Scenario, rig: &Rig) -> Shelf {
    let Scan { models, problems } = installed::scan(&installed::places(environment, added));
    let DiskUse { total, by_program } = installed::disk_use(&models);
    let groups = installed::duplicates(&models);
    let estimator = Estimator::default();
    let entries: Vec<Entry> = models
        .iter()
        .enumerate()
        .map(|(place, found)| {
            let group = groups.iter().find(|group| group.contains(&place));
            let others = group.map(|group| group.iter().copied().filter(|other| *other != place).collect());
            entry(found, others.unwrap_or_default(), &estimator, scenario, rig)
        })
        .collect();
    let duplicate_bytes =
        groups.iter().flat_map(|group| group.iter().skip(1)).map(|&place| models[place].files[0].1).sum();
    Shelf {
        models: entries,
        bytes: total,
        by_program: by_program.into_iter().collect(),
        duplicate_bytes,
        problems: problems.iter().map(ToString::to_string).collect(),
    }
}

fn entry(
    found: &Installed,
    same_as: Vec<usize>,
    estimator: &Estimator,
    scenario: &Scenario,
    rig: &Rig,
) -> Entry {
    let told = match files::open(&found.path) {
        Ok(file) => {
            let verdict = verdict(&file, estimator, scenario, rig);
            Told::Model {
                model: file.known.map(|id| Catalog::embedded().get(id).id.clone()),
                title: file.model.display_name.clone(),
                quant: file.level,
                params: file.model.params_text,
                verdict,
            }
        }
        Err(error) => Told::Unreadable { error: error.fault.to_string() },
    };
    Entry {
        program: found.program,
        name: found.name.clone(),
        path: found.path.clone(),
        bytes: found.bytes(),
        projector: found.projector.is_some(),
        told,
        same_as,
    }
}

fn verdict(file: &LocalModel, estimator: &Estimator, scenario: &Scenario, rig: &Rig) -> Verdict {
    estimator.adopt(&file.model, file.tables());
    let brief = estimator.brief(&file.model, file.level, scenario, rig);
    estimator.forget(&file.model.id);
    match brief {
        Ok(brief) => Verdict::Known {
            class: brief.class,
            need: brief.need,
            decode_tps: brief.decode.map(|range| (range.p50 * 100.0).round() / 100.0),
        },
        Err(unsupported) => Verdict::NotKnown { reason: unsupported.to_string() },
    }
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
