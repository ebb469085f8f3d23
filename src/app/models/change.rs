//! What is done with own models when a person asks for it.

use std::path::PathBuf;
use std::sync::Arc;

use super::added::{self, Added};
use super::bring::{self, Opening};
use super::entry::Entry;
use super::message::Message;
use super::paste::Pasted;
use super::{Fetching, MOST_OWN, Models, Part};
use crate::app::settings::Settings;
use crate::files::kept::{Kept, Library};
use crate::hub::Cancel;
use crate::language::{of_system, tr};

impl Models {
    /// Opens what stands at these paths.
    pub(super) fn open(&mut self, mut paths: Vec<PathBuf>) {
        if paths.len() > bring::MOST {
            self.fault(tr!(
                "Only the first {most} of {paths} files were opened",
                most = bring::MOST,
                paths = paths.len()
            ));
            paths.truncate(bring::MOST);
        }
        let Some(first) = paths.first().cloned() else { return };
        let (number, cancel) = (self.number(), Cancel::default());
        match bring::open(&self.beside, number, paths, &cancel) {
            0 => self.fault(tr!("Nothing was opened: the system started no thread for it").to_owned()),
            threads => self.opening.push(Opening { path: first, number, threads, cancel }),
        }
    }

    pub(super) fn paste(&mut self, text: &str) {
        match Pasted::of(text) {
            Pasted::Paths(paths) => self.open(paths),
            Pasted::Hub(text) => {
                // To ask is the next key: a slip must not reach the network.
                self.hub.text = text;
                self.part = Some(Part::Hub);
            }
            Pasted::Other => self.fault(
                tr!("What was pasted is neither a path nor a repository of the hub, which is owner/name or a link")
                    .to_owned(),
            ),
        }
    }

    /// Adds a model, in place of one with the same id, and shows it.
    pub(super) fn keep(&mut self, entry: Entry) {
        self.wanted = Some(entry.id().to_owned());
        let is_full = self.own.len() >= MOST_OWN;
        match self.own.iter_mut().find(|known| known.id() == entry.id()) {
            Some(known) => *known = Arc::new(known.joined(entry)),
            None if is_full => {
                self.fault(tr!("{most} models are kept already: remove some first", most = MOST_OWN));
                return;
            }
            None => self.own.push(Arc::new(entry)),
        }
        self.changed();
    }

    pub(super) fn remove(&mut self, id: &str) {
        let Some(place) = self.own.iter().position(|entry| entry.id() == id) else { return };
        self.removed = Some(self.own.remove(place));
        self.place = Some(place);
        if self.edit.as_ref().is_some_and(|edit| edit.id == id) {
            self.edit = None;
        }
        self.changed();
    }

    pub(super) fn restore(&mut self) {
        let (Some(entry), Some(place)) = (self.removed.take(), self.place.take()) else { return };
        if self.get(entry.id()).is_none() {
            self.own.insert(place.min(self.own.len()), entry);
            self.changed();
        }
    }

    pub(super) fn apply_edit(&mut self) {
        let Some(edit) = &mut self.edit else { return };
        let Some(entry) = self.own.iter_mut().find(|entry| entry.id() == edit.id) else {
            self.edit = None;
            return;
        };
        match edit.fields.record(entry.record()) {
            Ok(record) => {
                let kept = Kept { record, ..entry.kept.clone() };
                *entry = Arc::new(Entry { kept, ..Entry::clone(entry) });
                self.edit = None;
                self.changed();
            }
            Err(fault) => edit.fault = Some(fault),
        }
    }

    pub(super) fn export(&mut self, path: PathBuf) {
        let library = Library::of(self.own.iter().map(|entry| entry.kept.clone()).collect());
        self.exported = None;
        self.beside.spawn("export models", move |report| {
            let written = library.export().map_err(|error| error.to_string()).and_then(|text| {
                crate::app::files::write(&path, &text).map_err(|error| {
                    tr!(
                        "{path} could not be written: {error}",
                        path = path.display(),
                        error = of_system(&error)
                    )
                })
            });
            report.send(Message::Exported(written.map(|()| path)));
        });
    }

    pub(super) fn fetch(&mut self, settings: &Settings) {
        let address = self.address.trim().to_owned();
        if address.is_empty() {
            return;
        }
        if let Some(before) = self.fetching.take() {
            before.cancel.cancel();
        }
        let (number, cancel) = (self.number(), Cancel::default());
        self.fetching = Some(Fetching { number, cancel: cancel.clone() });
        let hub = self.hub.maker(&settings.hub_base, false);
        self.beside.spawn("fetch catalog", move |report| {
            let name = address.trim_end_matches('/').rsplit('/').next().unwrap_or(&address);
            let added = hub()
                .fetch(&address, added::MOST_BYTES, &cancel)
                .map_err(|error| error.to_string())
                .and_then(|bytes| Added::of(&bytes, name, &address));
            report.send(Message::Fetched(number, Box::new(added)));
        });
    }

    pub(super) fn look(&mut self, settings: &Settings) {
        if let Some(look) = self.on_disk.look(settings.folders.clone()) {
            let started = self
                .beside
                .spawn("look for models", move |report| report.send(Message::Looked(Box::new(look()))));
            self.on_disk.looking = started;
        }
    }
}
