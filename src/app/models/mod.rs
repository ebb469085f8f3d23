//! A person's own models beside the catalog: opened from files, read from the hub, kept, changed, removed; what other
//! programs keep on the disks; catalogs by others.
//!
//! Everything that reads or writes is done on threads and comes back as a message. Nothing asks the network unless a
//! person asks for it.

mod action;
mod added;
mod bring;
mod change;
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
use crate::hub::{Cancel, Repository};
use crate::language::tr;
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
    /// The catalog is not of all that there is.
    stale: bool,
    /// One is being made.
    making: bool,
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
            stale: false,
            making: false,
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
                self.fault(
                    tr!("The system shows no file dialog: drop the file on the window, or paste its path")
                        .to_owned(),
                );
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

    /// What is kept is another than before: it is written, and a catalog of it is made with the next poll.
    fn changed(&mut self) {
        self.save();
        self.stale = true;
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

    /// Makes the catalog that holds all of it, one at a time.
    fn make_catalog(&mut self) {
        let contents = Contents { own: self.own.clone(), added: self.added.clone() };
        self.stale = false;
        self.making = self.beside.spawn("catalog", move |report| {
            let made = catalog_of(&contents).map(|catalog| Box::new((Arc::new(catalog), contents)));
            report.send(Message::Catalog(made));
        });
    }
}

/// The catalog of this program with what others added, and a person's own models behind it; `None` where there are more
/// than can be counted.
fn catalog_of(Contents { own, added }: &Contents) -> Option<Catalog> {
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
