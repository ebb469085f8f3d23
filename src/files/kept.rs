//! The models that a person keeps: small records, never the files themselves.
//!
//! One JSON object a line. A line with only a record is also a line of a catalog, so what is exported here can be
//! added by others, and a catalog by others can be added here.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::error::{self, Fault, FileError, short};
use super::input;
use crate::language::{fixed, mark, of_json, of_system, tr};
use crate::model::{Model, inventory};
use crate::quant::Level;

/// Largest file of records that is read, bytes; the embedded catalog has half a million.
const MOST_BYTES: u64 = 32 << 20;
/// Most records of a file.
const MOST_RECORDS: usize = 20_000;
/// Longest record, bytes; reading one takes some ten times as much for a moment.
const LONGEST_RECORD: usize = 256 << 10;
/// How far the dimensions' parameters may be from the stated ones, as a share.
const TOLERANCE: f64 = 0.01;
/// Longest text of a field.
const LONGEST_TEXT: usize = 2000;

/// A model that is kept.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    /// Its record.
    pub record: Model,
    /// Where its file was; it stays there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<PathBuf>,
    /// The quantization that the file is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
    /// The repository of the hub that it is of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repository: Option<String>,
}

impl Kept {
    /// A record without a file.
    pub const fn bare(record: Model) -> Self {
        Self { record, path: None, level: None, repository: None }
    }
}

/// Why a record was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Line, from 1.
    pub line: usize,
    /// Name of the model, where it has one.
    pub id: Option<String>,
    /// What is wrong.
    pub reason: String,
}

/// Records that were read, and those that were not.
#[derive(Clone, Debug, Default)]
pub struct Records {
    /// The sound ones.
    pub kept: Vec<Kept>,
    /// The others.
    pub refused: Vec<Refused>,
}

/// A line: a kept model, or a bare record of a catalog.
#[derive(Deserialize)]
#[serde(untagged)]
enum Line {
    Kept(Box<Kept>),
    Record(Box<Model>),
}

/// Reads records, one a line, or a list of them. Each is checked before it is taken: its numbers are plausible,
/// they add up, and its dimensions give its parameters. One that fails says why and spoils no other.
///
/// # Errors
/// The text is longer than any catalog, or no UTF-8.
pub fn parse(bytes: &[u8]) -> Result<Records, Fault> {
    if bytes.len() as u64 > MOST_BYTES {
        let problem =
            tr!("has more than {most} bytes, which no {what} has", most = MOST_BYTES, what = tr!("catalog"));
        return Err(Fault::invalid("", problem));
    }
    let text = std::str::from_utf8(bytes)
        .map_err(|error| Fault::invalid(error::byte(error.valid_up_to()), tr!("is no UTF-8 text")))?;
    let text = text.trim_start_matches('\u{feff}');
    let mut records = Records::default();
    let mut seen = BTreeSet::new();
    let lines = text.lines().enumerate().map(|(number, line)| (number + 1, line.trim()));
    for (line, text) in lines.filter(|(_, text)| !text.is_empty()).take(MOST_RECORDS + 1) {
        if records.kept.len() + records.refused.len() == MOST_RECORDS {
            let reason = tr!("more than {most} records; the rest is not read", most = MOST_RECORDS);
            records.refused.push(Refused { line, id: None, reason });
            break;
        }
        match read_line(text) {
            Ok(kept) if !seen.insert(kept.record.id.clone()) => {
                let reason = tr!("stands twice; the first is taken").to_owned();
                records.refused.push(Refused { line, id: Some(short(&kept.record.id)), reason });
            }
            Ok(kept) => records.kept.push(kept),
            Err((id, reason)) => records.refused.push(Refused { line, id, reason }),
        }
    }
    Ok(records)
}

fn read_line(text: &str) -> Result<Kept, (Option<String>, String)> {
    if text.len() > LONGEST_RECORD {
        let reason = tr!(
            "has {bytes} bytes; no record has more than {most}",
            bytes = text.len(),
            most = LONGEST_RECORD
        );
        return Err((None, reason));
    }
    let kept = match serde_json::from_str::<Line>(text) {
        Ok(Line::Kept(kept)) => *kept,
        Ok(Line::Record(record)) => Kept::bare(*record),
        Err(_) => {
            // Either of the two says what is wrong with it as such; most files are catalogs.
            let is_kept = text.contains("\"record\"");
            let error = if is_kept {
                serde_json::from_str::<Kept>(text).err()
            } else {
                serde_json::from_str::<Model>(text).err()
            };
            let reason = error.map_or_else(|| tr!("is no record").to_owned(), |error| of_json(&error));
            return Err((None, short_reason(&reason)));
        }
    };
    match verify(&kept.record) {
        Ok(()) => Ok(kept),
        Err(reason) => Err((Some(short(&kept.record.id)), reason)),
    }
}

fn short_reason(reason: &str) -> String {
    reason.chars().take(300).collect()
}

/// Whether a record's numbers agree with each other.
///
/// # Errors
/// The first that does not, in a sentence.
pub fn verify(model: &Model) -> Result<(), String> {
    let texts =
        [&model.id, &model.display_name, &model.family, &model.provider, &model.arch, &model.native_dtype];
    if model.id.trim().is_empty() || model.arch.trim().is_empty() {
        return Err(tr!("has no id or no architecture").to_owned());
    }
    if texts.into_iter().chain(&model.aliases).any(|text| text.len() > LONGEST_TEXT) {
        return Err(tr!("a text has more than {most} bytes", most = LONGEST_TEXT));
    }
    model.check()?;
    let (stated, sum) = (model.params_text, model.params_breakdown.sum());
    if stated != sum {
        return Err(tr!("params_text is {stated}, and its parts add up to {sum}", stated, sum));
    }
    if model.params_active > stated || model.params_text > model.params_total {
        return Err(tr!("more parameters are active than there are").to_owned());
    }
    let counted = inventory::count(model).0.sum();
    let off = counted.abs_diff(stated) as f64 / stated.max(1) as f64;
    if off > TOLERANCE {
        return Err(tr!(
            "its dimensions give {counted} parameters, and it states {stated}: {off} % apart",
            counted,
            stated,
            off = fixed(off * 100.0, 1)
        ));
    }
    Ok(())
}

/// The models that are kept in one file.
#[derive(Clone, Debug, Default)]
pub struct Library {
    kept: Vec<Kept>,
}

impl Library {
    /// A library of these, which were verified before.
    pub const fn of(kept: Vec<Kept>) -> Self {
        Self { kept }
    }

    /// Reads a library; one that is not there yet is empty. What is refused is told.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn load(path: &Path) -> Result<(Self, Vec<Refused>), FileError> {
        if !path.exists() {
            return Ok((Self::default(), Vec::new()));
        }
        let bytes = input::read_small(path, MOST_BYTES, mark!("library"))?;
        let records = parse(&bytes).map_err(|fault| fault.of(path))?;
        Ok((Self { kept: records.kept }, records.refused))
    }

    /// Writes the library: into a file beside it first, which then takes its place, so that nothing is lost when
    /// the disk is full.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), FileError> {
        let fault = |error: std::io::Error| {
            Fault::unreadable(tr!("cannot be written: {why}", why = of_system(&error))).of(path)
        };
        let beside = path.with_extension("new");
        let write = || -> std::io::Result<()> {
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            let mut file = fs::File::create(&beside)?;
            for kept in &self.kept {
                serde_json::to_writer(&mut file, kept)?;
                file.write_all(b"\n")?;
            }
            file.sync_all()?;
            fs::rename(&beside, path)
        };
        write().map_err(fault)
    }

    /// The models, in the order in which they were added.
    pub fn models(&self) -> &[Kept] {
        &self.kept
    }

    /// Adds a model, in place of one with the same id.
    ///
    /// # Errors
    /// Its numbers do not agree with each other.
    pub fn add(&mut self, kept: Kept) -> Result<(), String> {
        verify(&kept.record)?;
        match self.kept.iter_mut().find(|known| known.record.id == kept.record.id) {
            Some(known) => *known = kept,
            None => self.kept.push(kept),
        }
        Ok(())
    }

    /// Adds all sound records of a catalog's text; answers with how many, and with what was refused.
    ///
    /// # Errors
    /// As [`parse`].
    pub fn add_all(&mut self, bytes: &[u8]) -> Result<(usize, Vec<Refused>), Fault> {
        let Records { kept, mut refused } = parse(bytes)?;
        let mut added = 0;
        for kept in kept {
            let id = kept.record.id.clone();
            match self.add(kept) {
                Ok(()) => added += 1,
                Err(reason) => refused.push(Refused { line: 0, id: Some(short(&id)), reason }),
            }
        }
        Ok((added, refused))
    }

    /// Changes a model; one that would no longer be sound stays as it was.
    ///
    /// # Errors
    /// There is none of this id, or the change would make it contradict itself.
    pub fn edit(&mut self, id: &str, change: impl FnOnce(&mut Kept)) -> Result<(), String> {
        let place = self.kept.iter().position(|kept| kept.record.id == id);
        let place = place.ok_or_else(|| tr!("no model {id} is kept", id = format!("{:?}", short(id))))?;
        let mut changed = self.kept[place].clone();
        change(&mut changed);
        verify(&changed.record)?;
        let taken = |(other, kept): (usize, &Kept)| other != place && kept.record.id == changed.record.id;
        if self.kept.iter().enumerate().any(taken) {
            return Err(tr!("another model is called {id}", id = format!("{:?}", short(&changed.record.id))));
        }
        self.kept[place] = changed;
        Ok(())
    }

    /// Removes a model; its file stays where it is. Answers whether there was one.
    pub fn remove(&mut self, id: &str) -> bool {
        let before = self.kept.len();
        self.kept.retain(|kept| kept.record.id != id);
        self.kept.len() < before
    }

    /// The records as a catalog's text, without paths of this computer: a model of a file is called after its name.
    ///
    /// # Errors
    /// A record that no text can be made of; none that was read is one.
    pub fn export(&self) -> Result<String, serde_json::Error> {
        let mut text = String::new();
        let mut taken = BTreeSet::new();
        for kept in &self.kept {
            let mut record = kept.record.clone();
            if kept.path.as_ref().is_some_and(|path| path.to_string_lossy() == record.id) {
                let plain = format!("local/{}", record.display_name.replace(['/', '\\'], "-"));
                let names =
                    std::iter::once(plain.clone()).chain((2..).map(|number| format!("{plain} ({number})")));
                record.id = names.into_iter().find(|name| !taken.contains(name)).unwrap_or(plain);
            }
            taken.insert(record.id.clone());
            text.push_str(&serde_json::to_string(&record)?);
            text.push('\n');
        }
        Ok(text)
    }
}
