//! A person's own models beside the catalog: opened from files, read from the hub, kept, changed, removed; what other
//! programs keep on the disks; catalogs by others.
//!
//! Everything that reads or writes is done on threads and comes back as a message. Nothing asks the network unless a
//! person asks for it.

mod action;
mod added;
mod bring;
mod edit;
mod entry;
mod hub;
mod installed;
mod message;
mod paste;
mod receive;
mod store;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::Receiver;

use crate::app::beside::Beside;
use crate::app::installed::Verdict;
use crate::app::jobs::Wake;
use crate::app::settings::Settings;
use crate::files::installed::Environment;
use crate::files::kept::{Kept, Library};
use crate::hub::{Cancel, Repository};
use crate::model::Catalog;
use crate::quant::Level;

pub use action::{ModelsAction, Part};
pub use added::Added;
pub use bring::Opening;
pub use edit::{Edit, Fields};
pub use entry::{Entry, ModelFile};
pub use hub::{Asking, HubDesk, Listed, Ways};
pub use installed::OnDisk;
use message::Message;
use paste::Pasted;
pub use receive::{Contents, Polled};
use store::{Keep, Keeper};

/// Most models that are kept.
const MOST_OWN: usize = 2000;

/// What own models are made from.
#[derive(Clone, Debug, Default)]
pub struct Setup {
    /// Where they are kept; nowhere without it.
    pub folder: Option<PathBuf>,
    /// Where programs keep models; nothing is looked for without it.
    pub environment: Option<Environment>,
    /// How the hub is reached; by the environment where nothing is given.
    pub hub: Option<Ways>,
}

/// Own models, as the window knows them.
#[derive(Debug)]
pub struct Models {
    /// A person's own, in the order in which they were added.
    pub own: Vec<Arc<Entry>>,
    /// Catalogs by others.
    pub added: Vec<Arc<Added>>,
    /// What is being opened.
    pub opening: Vec<Opening>,
    /// What could not be opened, and why; until it was read.
    pub faults: Vec<String>,
    /// The part of the place where models are listed that is open.
    pub part: Option<Part>,
    /// What was removed last.
    pub removed: Option<Arc<Entry>>,
    /// What is being changed.
    pub edit: Option<Edit>,
    /// Where the records were written last, or why they were not.
    pub exported: Option<Result<PathBuf, String>>,
    /// An address from which records are fetched.
    pub address: String,
    /// Records are being fetched.
    pub fetching: Option<Fetching>,
    /// The hub.
    pub hub: HubDesk,
    /// What other programs keep.
    pub on_disk: OnDisk,
    /// What the machine makes of own models, while they are listed.
    verdicts: BTreeMap<(String, Option<Level>), Verdict>,
    /// Nothing was kept before, or it was read.
    loaded: bool,
    place: Option<usize>,
    folder: Option<PathBuf>,
    next: u64,
    /// Number of the newest question for a catalog.
    catalogs: u64,
    /// To be shown once the catalog has it.
    wanted: Option<String>,
    keeper: Keeper,
    beside: Beside<Message>,
    inbox: Receiver<Message>,
}

/// Records that are being fetched.
#[derive(Debug)]
pub struct Fetching {
    number: u64,
    cancel: Cancel,
}

impl Models {
    /// Those that are kept, which are read in the background.
    pub fn background(setup: Setup, wake: Wake) -> Self {
        let (beside, inbox) = Beside::background(wake);
        Self::start(setup, beside, inbox)
    }

    /// The same, but what is asked is done before the call returns; for tests.
    pub fn inline(setup: Setup) -> Self {
        let (beside, inbox) = Beside::inline();
        Self::start(setup, beside, inbox)
    }

    fn start(setup: Setup, beside: Beside<Message>, inbox: Receiver<Message>) -> Self {
        let folder = setup.folder.clone();
        let cache = folder.as_ref().map(|folder| folder.join("hub"));
        let usual = || Ways::new(move || crate::hub::Options::of_environment(cache.clone()));
        let mut models = Self {
            own: Vec::new(),
            added: Vec::new(),
            opening: Vec::new(),
            faults: Vec::new(),
            part: None,
            removed: None,
            edit: None,
            exported: None,
            address: String::new(),
            fetching: None,
            hub: HubDesk::new(setup.hub.unwrap_or_else(usual)),
            on_disk: OnDisk::new(setup.environment),
            verdicts: BTreeMap::new(),
            loaded: folder.is_none(),
            place: None,
            folder,
            next: 0,
            catalogs: 0,
            wanted: None,
            keeper: Keeper::default(),
            beside,
            inbox,
        };
        if let Some(folder) = models.folder.clone() {
            models.loaded = !models.beside.spawn("own models", move |report| {
                let (loaded, token) = store::load(&folder);
                report.send(Message::Loaded(Box::new(loaded), token));
            });
        }
        models
    }

    /// The model of this id.
    pub fn get(&self, id: &str) -> Option<&Arc<Entry>> {
        self.own.iter().find(|entry| entry.id() == id)
    }

    /// The model that was read of a repository.
    pub fn of_repository(&self, id: &str) -> Option<&Entry> {
        self.own.iter().find(|entry| entry.kept.repository.as_deref() == Some(id)).map(AsRef::as_ref)
    }

    /// What the machine makes of a model at a level, where that is in view.
    pub fn verdict(&self, id: &str, level: Option<Level>) -> Option<&Verdict> {
        self.verdicts.get(&(id.to_owned(), level))
    }

    /// Makes a change.
    pub fn apply(&mut self, action: ModelsAction, settings: &mut Settings) {
        match action {
            ModelsAction::Show(part) => {
                self.part = part;
                if part == Some(Part::Installed) && !self.on_disk.was_looked_for() {
                    self.look(settings);
                }
                if part.is_none() {
                    self.edit = None;
                    self.on_disk.shelf = None;
                }
            }
            ModelsAction::Open(paths) => self.open(paths),
            ModelsAction::Paste(text) => self.paste(&text),
            ModelsAction::CancelOpening => {
                for opening in self.opening.drain(..) {
                    opening.cancel.cancel();
                }
            }
            ModelsAction::CloseFaults => self.faults.clear(),
            ModelsAction::NoDialog => {
                self.fault("The system shows no file dialog: drop the file on the window".to_owned());
            }
            ModelsAction::Go(id) => {
                self.part = None;
                self.wanted = Some(id);
            }
            ModelsAction::Remove(id) => self.remove(&id),
            ModelsAction::Restore => self.restore(),
            ModelsAction::Edit(id) => {
                self.edit = id.and_then(|id| self.get(&id).cloned()).map(|entry| Edit {
                    id: entry.id().to_owned(),
                    fields: Fields::of(entry.record()),
                    fault: None,
                });
            }
            ModelsAction::Typed(fields) => {
                if let Some(edit) = &mut self.edit {
                    edit.fields = *fields;
                    edit.fault = None;
                }
            }
            ModelsAction::Apply => self.apply_edit(),
            ModelsAction::Export(path) => self.export(path),
            ModelsAction::RemoveCatalog(place) => {
                if place < self.added.len() {
                    self.added.remove(place);
                    self.changed();
                }
            }
            ModelsAction::Address(text) => self.address = text,
            ModelsAction::Fetch => self.fetch(settings),
            ModelsAction::Look => self.look(settings),
            ModelsAction::AddFolder(folder) => {
                if !settings.folders.contains(&folder) {
                    settings.folders.push(folder);
                }
                self.look(settings);
            }
            ModelsAction::RemoveFolder(folder) => {
                settings.folders.retain(|known| *known != folder);
                self.look(settings);
            }
            ModelsAction::HubText(text) => self.hub.text = text,
            ModelsAction::AskHub => {
                let number = self.number();
                self.hub.ask(&self.beside, number, &settings.hub_base);
            }
            ModelsAction::ListHub(text) => {
                if let Ok(repository) = Repository::parse(&text) {
                    let number = self.number();
                    self.hub.list(&self.beside, number, &settings.hub_base, repository);
                }
            }
            ModelsAction::ReadHub(file) => {
                let number = self.number();
                self.hub.read(&self.beside, number, &settings.hub_base, file);
            }
            ModelsAction::CancelHub => self.hub.cancel(),
            ModelsAction::HubBase(base) => settings.hub_base = base,
            ModelsAction::HubToken(token) => {
                self.hub.token = Some(token.trim().to_owned()).filter(|token| store::is_token(token));
                self.save();
            }
        }
    }

    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    fn fault(&mut self, fault: String) {
        self.faults.retain(|known| *known != fault);
        self.faults.push(fault);
    }

    /// Opens what stands at these paths.
    fn open(&mut self, mut paths: Vec<PathBuf>) {
        if paths.len() > bring::MOST {
            self.fault(format!("Only the first {} of {} files were opened", bring::MOST, paths.len()));
            paths.truncate(bring::MOST);
        }
        let Some(first) = paths.first().cloned() else { return };
        let (number, cancel) = (self.number(), Cancel::default());
        match bring::open(&self.beside, number, paths, &cancel) {
            0 => self.fault("Nothing was opened: the system started no thread for it".to_owned()),
            threads => self.opening.push(Opening { path: first, number, threads, cancel }),
        }
    }

    fn paste(&mut self, text: &str) {
        match Pasted::of(text) {
            Pasted::Paths(paths) => self.open(paths),
            Pasted::Hub(text) => {
                // To ask is the next key: a slip must not reach the network.
                self.hub.text = text;
                self.part = Some(Part::Hub);
            }
            Pasted::Other => self.fault(
                "What was pasted is neither a path nor a repository of the hub, which is owner/name or a link"
                    .to_owned(),
            ),
        }
    }

    /// Adds a model, in place of one with the same id, and shows it.
    fn keep(&mut self, entry: Entry) {
        self.wanted = Some(entry.id().to_owned());
        let is_full = self.own.len() >= MOST_OWN;
        match self.own.iter_mut().find(|known| known.id() == entry.id()) {
            Some(known) => *known = Arc::new(known.joined(entry)),
            None if is_full => {
                self.fault(format!("{MOST_OWN} models are kept already: remove some first"));
                return;
            }
            None => self.own.push(Arc::new(entry)),
        }
        self.changed();
    }

    fn remove(&mut self, id: &str) {
        let Some(place) = self.own.iter().position(|entry| entry.id() == id) else { return };
        self.removed = Some(self.own.remove(place));
        self.place = Some(place);
        if self.edit.as_ref().is_some_and(|edit| edit.id == id) {
            self.edit = None;
        }
        self.changed();
    }

    fn restore(&mut self) {
        let (Some(entry), Some(place)) = (self.removed.take(), self.place.take()) else { return };
        if self.get(entry.id()).is_none() {
            self.own.insert(place.min(self.own.len()), entry);
            self.changed();
        }
    }

    fn apply_edit(&mut self) {
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

    fn export(&mut self, path: PathBuf) {
        let library = Library::of(self.own.iter().map(|entry| entry.kept.clone()).collect());
        self.exported = None;
        self.beside.spawn("export models", move |report| {
            let written = library.export().map_err(|error| error.to_string()).and_then(|text| {
                crate::app::files::write(&path, &text)
                    .map_err(|error| format!("{} could not be written: {error}", path.display()))
            });
            report.send(Message::Exported(written.map(|()| path)));
        });
    }

    fn fetch(&mut self, settings: &Settings) {
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

    fn look(&mut self, settings: &Settings) {
        if let Some(look) = self.on_disk.look(settings.folders.clone()) {
            let started = self
                .beside
                .spawn("look for models", move |report| report.send(Message::Looked(Box::new(look()))));
            self.on_disk.looking = started;
        }
    }

    /// What is kept is another than before: it is written, and a catalog of it is made.
    fn changed(&mut self) {
        self.save();
        self.make_catalog();
    }

    fn save(&self) {
        // Before what was kept is read, it must not be written over.
        let Some(folder) = self.folder.as_ref().filter(|_| self.loaded) else { return };
        let keep = Keep {
            own: self.own.iter().map(|entry| entry.kept.clone()).collect(),
            added: self.added.clone(),
            token: self.hub.token.clone(),
        };
        self.keeper.save(&self.beside, folder, keep);
    }

    /// Makes the catalog that holds all of it.
    fn make_catalog(&mut self) {
        self.catalogs += 1;
        let number = self.catalogs;
        let (own, added) = (self.own.clone(), self.added.clone());
        self.beside.spawn("catalog", move |report| {
            if let Some(catalog) = catalog_of(&own, &added) {
                report.send(Message::Catalog(number, Arc::new(catalog)));
            }
        });
    }
}

/// The catalog of this program with what others added, and a person's own models behind it; `None` where there are more
/// than can be counted.
fn catalog_of(own: &[Arc<Entry>], added: &[Arc<Added>]) -> Option<Catalog> {
    let own = own.iter().map(|entry| entry.record().clone());
    let embedded = Catalog::embedded();
    let catalog = if added.is_empty() {
        embedded.with_own(own)
    } else {
        let records = added.iter().flat_map(|added| added.records.iter().cloned());
        embedded.updated(records).and_then(|catalog| catalog.with_own(own))
    };
    // Searched for the first time here, not while somebody types.
    let catalog = catalog.ok()?;
    catalog.search("a");
    Some(catalog)
}

impl Drop for Models {
    fn drop(&mut self) {
        // The window is gone: nobody would see what still runs.
        self.hub.cancel();
        for opening in &self.opening {
            opening.cancel.cancel();
        }
        if let Some(fetching) = &self.fetching {
            fetching.cancel.cancel();
        }
        self.keeper.finish();
    }
}
