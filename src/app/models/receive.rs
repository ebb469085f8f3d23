//! What the threads of own models send, and what follows from it.

use std::path::PathBuf;
use std::sync::Arc;

use super::added::{Added, reason};
use super::entry::Entry;
use super::message::{Loaded, Message, Opened};
use super::{Models, Part};
use crate::app::installed;
use crate::estimate::{Estimator, Rig, Scenario};
use crate::hub::Repository;
use crate::language::tr;
use crate::model::Catalog;
use crate::quant::Level;

/// What a catalog holds beside the embedded one.
#[derive(Clone, Debug, Default)]
pub struct Contents {
    /// A person's own models.
    pub own: Vec<Arc<Entry>>,
    /// Catalogs by others.
    pub added: Vec<Arc<Added>>,
}

/// What the window must do after [`Models::poll`].
#[derive(Debug, Default)]
pub struct Polled {
    /// There is another catalog, with this beside the embedded one.
    pub catalog: Option<(Arc<Catalog>, Contents)>,
    /// Other models are installed.
    pub installed: bool,
    /// Files that are no models: perhaps measurements.
    pub others: Vec<PathBuf>,
}

impl Models {
    /// Takes what the threads have sent. Answers with what the window must do of it.
    pub fn poll(&mut self, hub_base: &str, estimator: &Estimator) -> Polled {
        let mut polled = Polled::default();
        loop {
            while let Ok(message) = self.inbox.try_recv() {
                self.take(message, hub_base, estimator, &mut polled);
            }
            if !self.stale || self.making {
                return polled;
            }
            // Where that is done at once, its message is here already.
            self.make_catalog();
        }
    }

    fn take(&mut self, message: Message, hub_base: &str, estimator: &Estimator, polled: &mut Polled) {
        match message {
            Message::Loaded(loaded, token) => {
                self.hub.token = token;
                self.load(*loaded, hub_base);
            }
            Message::Read { id, read } => self.reread(&id, *read),
            Message::Opening(number, path) => {
                if let Some(opening) = self.opening.iter_mut().find(|opening| opening.number == number) {
                    opening.path = path;
                }
            }
            Message::Opened(number, opened) => {
                // What was cancelled is not wanted any more.
                if self.opening.iter().any(|opening| opening.number == number) {
                    self.opened(*opened, polled);
                }
            }
            Message::NothingLeft(number) => {
                self.opening.retain_mut(|opening| {
                    opening.threads -= usize::from(opening.number == number);
                    opening.threads > 0
                });
            }
            Message::Catalog(made) => {
                self.making = false;
                match made {
                    Some(made) => polled.catalog = Some(*made),
                    None => {
                        self.fault(tr!("There are more models than can be listed: remove some").to_owned());
                    }
                }
            }
            Message::Saved(error) => {
                if let Some(error) = error {
                    self.fault(tr!("Your models could not be kept: {error}", error));
                }
            }
            Message::Exported(result) => self.exported = Some(result),
            Message::HubProgress(number, progress) => self.hub.progress(number, progress),
            Message::HubFound(number, found) => self.hub.take_found(number, found),
            Message::HubListed(number, listed) => {
                if let Some(file) = self.hub.take_listed(number, *listed) {
                    let number = self.number();
                    self.hub.read(&self.beside, number, hub_base, Some(file));
                }
            }
            Message::HubRead(number, read) => match *read {
                Ok(remote) => {
                    if self.hub.take_read(number, &remote.problems) {
                        self.keep(Entry::remote(&remote));
                    }
                }
                Err(error) => {
                    self.hub.take_read(number, &[error]);
                }
            },
            Message::Fetched(number, added) => {
                if self.fetching.as_ref().is_some_and(|fetching| fetching.number == number) {
                    self.fetching = None;
                    match *added {
                        Ok(added) => self.add(added),
                        Err(fault) => self.fault(fault),
                    }
                }
            }
            Message::Looked(looked) => {
                self.on_disk.take(*looked, estimator);
                polled.installed = true;
            }
        }
    }

    /// Judges what is listed: what is installed, or own models at the levels of their files.
    pub fn judge(&mut self, estimator: &Estimator, scenario: &Scenario, usual: Level, rig: Option<&Rig>) {
        self.verdicts.clear();
        self.on_disk.shelf = None;
        match self.part {
            Some(Part::Installed) => self.on_disk.judge(estimator, scenario, rig),
            Some(Part::Yours | Part::Hub) => {
                for entry in &self.own {
                    let own = std::iter::once(entry.kept.level);
                    for level in own.chain(entry.files.iter().map(|file| Some(file.level))) {
                        let at = level.unwrap_or(usual);
                        let verdict = installed::verdict(entry.record(), at, estimator, scenario, rig);
                        self.verdicts.insert((entry.id().to_owned(), level), verdict);
                    }
                }
            }
            Some(Part::Catalogs) | None => {}
        }
    }

    /// The model to be shown, once the catalog has it.
    pub fn take_wanted(&mut self, is_there: impl Fn(&str) -> bool) -> Option<String> {
        self.wanted.take_if(|id| is_there(id))
    }

    fn load(&mut self, loaded: Loaded, hub_base: &str) {
        self.loaded = true;
        for refused in &loaded.refused {
            self.fault(tr!(
                "Of the models that are kept one was refused: {refused}",
                refused = reason(refused)
            ));
        }
        if let Some(fault) = loaded.fault {
            self.fault(fault);
        }
        let was_brought = !self.own.is_empty() || !self.added.is_empty();
        // What was brought meanwhile stays behind what was kept.
        let new = std::mem::take(&mut self.own);
        self.own = loaded.own.into_iter().map(Arc::new).collect();
        for entry in new {
            self.own.retain(|known| known.id() != entry.id());
            self.own.push(entry);
        }
        self.added.splice(0..0, loaded.added.into_iter().map(Arc::new));
        if was_brought {
            self.save();
        }
        self.stale |= !self.own.is_empty() || !self.added.is_empty();
        self.read_again(hub_base);
    }

    /// Reads the files of kept models: those of the disks, and of the hub what was kept of its answers.
    fn read_again(&self, hub_base: &str) {
        let unread: Vec<Arc<Entry>> =
            self.own.iter().filter(|entry| entry.missing.is_some()).cloned().collect();
        if unread.is_empty() {
            return;
        }
        let hub = self.hub.maker(hub_base, true);
        self.beside.spawn("read own models", move |report| {
            let hub = hub();
            for entry in unread {
                let read = match (&entry.kept.path, &entry.kept.repository) {
                    (Some(path), _) => Entry::open(path).map_err(|error| error.to_string()),
                    (None, Some(repository)) => again(&hub, repository),
                    (None, None) => continue,
                };
                report.send(Message::Read { id: entry.id().to_owned(), read: Box::new(read) });
            }
        });
    }

    fn reread(&mut self, id: &str, read: Result<Entry, String>) {
        let Some(entry) = self.own.iter_mut().find(|entry| entry.id() == id) else { return };
        *entry = Arc::new(match read {
            Ok(read) => entry.refreshed(read),
            Err(reason) => Entry { missing: Some(reason), ..Entry::clone(entry) },
        });
        self.stale = true;
    }

    fn opened(&mut self, opened: Opened, polled: &mut Polled) {
        match opened {
            Opened::Model(entry) => self.keep(*entry),
            Opened::Records(added) => self.add(added),
            Opened::Other(path) => polled.others.push(path),
            Opened::Fault(fault) => self.fault(fault),
        }
    }

    /// Adds a catalog by others, in place of one from the same source.
    fn add(&mut self, added: Added) {
        let added = Arc::new(added);
        match self.added.iter_mut().find(|known| known.source == added.source) {
            Some(known) => *known = added,
            None => self.added.push(added),
        }
        self.part = Some(Part::Catalogs);
        self.changed();
    }
}

/// What is known of a repository without asking anybody.
fn again(hub: &crate::hub::Hub, repository: &str) -> Result<Entry, String> {
    let repository = Repository::parse(repository).map_err(|error| error.to_string())?;
    let read = hub.model(&repository, &|_| (), &crate::hub::Cancel::default());
    read.map(|remote| Entry::remote(&remote))
        .map_err(|_| tr!("what the hub said of its files is no longer kept; read it again").to_owned())
}
