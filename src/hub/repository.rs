//! A repository as a model with all its quantizations.

use std::path::Path;
use std::sync::Arc;

use super::answer::Listing;
use super::heads::{Progress, Rung};
use super::name::Repository;
use super::{Cancel, Hub, HubError};
use crate::files::error::short;
use crate::files::gguf::Purpose;
use crate::files::{config, open, record};
use crate::language::tr;
use crate::model::catalog::Catalog;
use crate::model::{Model, ModelId};
use crate::quant::{Level, TensorTable};

/// A model on the hub.
#[derive(Clone, Debug)]
pub struct RemoteModel {
    /// Its record; the id is the repository.
    pub model: Model,
    /// Its quantizations, smallest first: level, file, and the tensors that the file really has.
    pub rungs: Vec<(Level, String, Arc<TensorTable>)>,
    /// The level of the checkpoint in the repository, where it holds one.
    pub checkpoint: Option<Level>,
    /// The record of the catalog that it is, where it was recognized.
    pub known: Option<ModelId>,
    /// What a reader should know.
    pub notes: Vec<String>,
    /// Files that could not be read.
    pub problems: Vec<HubError>,
}

impl RemoteModel {
    /// The files by level, for [`crate::estimate::Estimator::adopt`]; of several at one level the first.
    pub fn tables(&self) -> Vec<(Level, Arc<TensorTable>)> {
        let mut tables: Vec<(Level, Arc<TensorTable>)> = Vec::new();
        for (level, _, table) in &self.rungs {
            if !tables.iter().any(|(known, _)| known == level) {
                tables.push((*level, Arc::clone(table)));
            }
        }
        tables
    }
}

impl Hub {
    /// The model in a repository: its GGUF files by their heads, or its configuration.
    ///
    /// # Errors
    /// The repository is not there, holds no model, or the hub cannot be reached. Single files that cannot be read
    /// are no error, unless all are.
    pub fn model(
        &self,
        repository: &Repository,
        progress: &(dyn Fn(Progress) + Sync),
        cancel: &Cancel,
    ) -> Result<RemoteModel, HubError> {
        let listing = self.files(repository, cancel)?;
        self.model_of(repository, &listing, progress, cancel)
    }

    /// The same where the repository's files are known already.
    ///
    /// # Errors
    /// As [`Self::model`].
    pub fn model_of(
        &self,
        repository: &Repository,
        listing: &Listing,
        progress: &(dyn Fn(Progress) + Sync),
        cancel: &Cancel,
    ) -> Result<RemoteModel, HubError> {
        let wanted = listing.named(repository.file.as_deref());
        let (rungs, mut problems) = self.rungs(repository, &wanted, progress, cancel)?;
        let mut rungs: Vec<Rung> =
            rungs.into_iter().filter(|rung| rung.gguf.purpose() == Purpose::Model).collect();
        rungs.sort_by(|a, b| (a.bytes, &a.file).cmp(&(b.bytes, &b.file)));
        let has_config = listing.files.iter().any(|file| file.name == "config.json");
        if let Some(first) = rungs.first() {
            let mut remote = of_files(listing, first)?;
            remote.rungs = rungs.into_iter().map(rung).collect();
            remote.problems = problems;
            return Ok(remote);
        }
        if let Some(problem) = problems.pop() {
            return Err(problem);
        }
        if has_config {
            return self.of_config(repository, listing, cancel);
        }
        Err(HubError::NotFound(tr!(
            "a model in {repository} (it holds neither GGUF files nor a config.json)",
            repository = listing.id
        )))
    }

    fn of_config(
        &self,
        repository: &Repository,
        listing: &Listing,
        cancel: &Cancel,
    ) -> Result<RemoteModel, HubError> {
        let value = self.config(repository, cancel)?;
        let wrong = |fault| HubError::File { file: "config.json".to_owned(), fault };
        let described = config::describe(&value, &listing.id).map_err(wrong)?;
        let quantized = config::quantized(&value).map_err(wrong)?;
        let mut notes = described.notes;
        notes.extend(quantized.as_ref().and_then(|quantized| quantized.note.clone()));
        let level = quantized.map_or(Level::Native, |quantized| quantized.level);
        let mut remote = recognized(described.model, listing, notes);
        remote.checkpoint = Some(level);
        Ok(remote)
    }
}

fn of_files(listing: &Listing, first: &Rung) -> Result<RemoteModel, HubError> {
    let wrong = |fault| HubError::File { file: first.file.clone(), fault };
    let local = open::local(&first.gguf, Path::new(&first.file)).map_err(|error| wrong(error.fault))?;
    let mut model = local.model;
    model.id.clone_from(&listing.id);
    if let Some(known) = local.known {
        return Ok(RemoteModel {
            model,
            rungs: Vec::new(),
            checkpoint: None,
            known: Some(known),
            notes: local.notes,
            problems: Vec::new(),
        });
    }
    Ok(recognized(model, listing, local.notes))
}

fn recognized(mut model: Model, listing: &Listing, notes: Vec<String>) -> RemoteModel {
    let catalog = Catalog::embedded();
    model.display_name = short(listing.id.rsplit('/').next().unwrap_or(&listing.id));
    model.family.clone_from(&model.display_name);
    model.provider = short(listing.id.split('/').next().unwrap_or_default());
    if model.license.is_none() {
        model.license.clone_from(&listing.license);
    }
    let known = record::recognize(catalog, &model, std::slice::from_ref(&listing.id));
    if let Some(id) = known {
        record::adopt(&mut model, catalog.get(id));
    }
    RemoteModel { model, rungs: Vec::new(), checkpoint: None, known, notes, problems: Vec::new() }
}

fn rung(rung: Rung) -> (Level, String, Arc<TensorTable>) {
    let table = rung.gguf.table;
    (Level::Gguf(table.file_type()), rung.file, Arc::new(table))
}
