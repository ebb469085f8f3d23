//! The hub, asked when a person asks: for names, for a repository's files, for their heads.

use std::fmt;
use std::sync::Arc;

use super::message::Message;
use crate::app::beside::Beside;
use crate::hub::{Cancel, Found, Hub, HubError, ListedModel, Listing, Options, Progress, Repository};
use crate::language::tr;

/// Gives the hub's options by the environment; it may read files, so it is asked on a thread.
#[derive(Clone)]
pub struct Ways(Arc<dyn Fn() -> Options + Send + Sync>);

impl Ways {
    /// The options that this gives.
    pub fn new(options: impl Fn() -> Options + Send + Sync + 'static) -> Self {
        Self(Arc::new(options))
    }
}

impl fmt::Debug for Ways {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ways").finish_non_exhaustive()
    }
}

/// What is asked of the hub, and what it has answered.
#[derive(Debug)]
pub struct HubDesk {
    /// What is typed.
    pub text: String,
    /// What is being asked.
    pub asking: Option<Asking>,
    /// What the last search found, and by which words.
    pub found: Option<(String, Vec<Found>)>,
    /// The repository that is looked at.
    pub listed: Option<Listed>,
    /// Why there was no answer, or only a part of one.
    pub problems: Vec<String>,
    /// A person's own token, where one was given.
    pub token: Option<String>,
    ways: Ways,
}

/// A question that is under way.
#[derive(Debug)]
pub struct Asking {
    /// In words.
    pub what: String,
    /// How far it is, once that is known.
    pub progress: Option<Progress>,
    number: u64,
    cancel: Cancel,
}

/// A repository with its files.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Its name.
    pub repository: Repository,
    /// Its files.
    pub listing: Listing,
    /// The GGUF models among them.
    pub models: Vec<ListedModel>,
}

impl HubDesk {
    pub(super) const fn new(ways: Ways) -> Self {
        Self {
            text: String::new(),
            asking: None,
            found: None,
            listed: None,
            problems: Vec::new(),
            token: None,
            ways,
        }
    }

    /// What makes the hub, on a thread. `base`: another address; empty: the usual.
    pub(super) fn maker(&self, base: &str, offline: bool) -> impl FnOnce() -> Hub + Send + use<> {
        let (ways, token, base) = (self.ways.clone(), self.token.clone(), base.trim().to_owned());
        move || {
            let mut options = (ways.0)();
            if !base.is_empty() {
                options.base = base;
            }
            options.token = token.or(options.token);
            options.offline |= offline;
            Hub::new(options)
        }
    }

    /// Asks what is typed: the files of a repository that is named, else names that match.
    pub(super) fn ask(&mut self, beside: &Beside<Message>, number: u64, base: &str) {
        let text = self.text.trim().to_owned();
        if text.is_empty() {
            return;
        }
        if let Ok(repository) = Repository::parse(&text) {
            self.list(beside, number, base, repository);
            return;
        }
        let cancel = self.begin(number, tr!("Searching {text}", text));
        self.found = None;
        let hub = self.maker(base, false);
        self.spawn(beside, move |report| {
            report.send(Message::HubFound(number, hub().search(&text, &cancel)));
        });
    }

    /// Asks for a repository's files.
    pub(super) fn list(&mut self, beside: &Beside<Message>, number: u64, base: &str, repository: Repository) {
        let cancel = self.begin(number, tr!("Asking for the files of {id}", id = repository.id));
        let hub = self.maker(base, false);
        self.spawn(beside, move |report| {
            let listing = hub().files(&repository, &cancel);
            let listed = listing.map(|listing| (repository, listing));
            report.send(Message::HubListed(number, Box::new(listed)));
        });
    }

    /// Reads heads of the repository that is looked at.
    pub(super) fn read(&mut self, beside: &Beside<Message>, number: u64, base: &str, file: Option<String>) {
        let Some(Listed { repository, listing, .. }) = self.listed.clone() else { return };
        let what = file.as_deref().unwrap_or(&repository.id);
        let cancel = self.begin(number, tr!("Reading {what}", what));
        let hub = self.maker(base, false);
        let repository = Repository { file: file.or_else(|| repository.file.clone()), ..repository };
        self.spawn(beside, move |report| {
            let progress = |progress| report.send(Message::HubProgress(number, progress));
            let read = hub().model_of(&repository, &listing, &progress, &cancel);
            report.send(Message::HubRead(number, Box::new(read)));
        });
    }

    /// Begins a question in place of what is being asked.
    fn begin(&mut self, number: u64, what: String) -> Cancel {
        self.cancel();
        self.problems.clear();
        let cancel = Cancel::default();
        self.asking = Some(Asking { what, progress: None, number, cancel: cancel.clone() });
        cancel
    }

    /// Does a question's work.
    pub(super) fn spawn(
        &mut self,
        beside: &Beside<Message>,
        job: impl FnOnce(&crate::app::beside::Report<Message>) + Send + 'static,
    ) {
        if !beside.spawn("hub", job) {
            self.asking = None;
            self.problems
                .push(tr!("The system started no thread for it; close something and try again").to_owned());
        }
    }

    /// Stops what is being asked.
    pub(super) fn cancel(&mut self) {
        if let Some(asking) = self.asking.take() {
            asking.cancel.cancel();
        }
    }

    /// How far the question of this number is.
    pub(super) fn progress(&mut self, number: u64, progress: Progress) {
        if let Some(asking) = self.asking.as_mut().filter(|asking| asking.number == number) {
            // Several threads report, and not in order.
            let before = asking.progress.map_or(0, |known| known.bytes);
            if progress.bytes >= before {
                asking.progress = Some(progress);
            }
        }
    }

    /// Whether an answer is that to the last question, which is no longer asked then.
    fn ends(&mut self, number: u64) -> bool {
        let is_it = self.asking.as_ref().is_some_and(|asking| asking.number == number);
        if is_it {
            self.asking = None;
        }
        is_it
    }

    /// Takes what a search found.
    pub(super) fn take_found(&mut self, number: u64, found: Result<Vec<Found>, HubError>) {
        if !self.ends(number) {
            return;
        }
        match found {
            Ok(found) => self.found = Some((self.text.trim().to_owned(), found)),
            Err(error) => self.problems.push(capital(&error.to_string())),
        }
    }

    /// Takes a repository's files. Answers with the file to read at once, where the text named one.
    pub(super) fn take_listed(
        &mut self,
        number: u64,
        listed: Result<(Repository, Listing), HubError>,
    ) -> Option<String> {
        if !self.ends(number) {
            return None;
        }
        match listed {
            Ok((repository, listing)) => {
                let models = listing.models();
                let wanted = repository.file.clone();
                self.listed =
                    Some(Listed { repository: Repository { file: None, ..repository }, listing, models });
                wanted
            }
            Err(error) => {
                self.problems.push(capital(&error.to_string()));
                None
            }
        }
    }

    /// Takes what came of reading: whether it is wanted still.
    pub(super) fn take_read(&mut self, number: u64, problems: &[HubError]) -> bool {
        let wanted = self.ends(number);
        if wanted {
            self.problems = problems.iter().map(|problem| capital(&problem.to_string())).collect();
        }
        wanted
    }
}

/// A sentence's first letter, but not that of a name.
fn capital(text: &str) -> String {
    let first_word = text.split([' ', ':', ',']).next().unwrap_or_default();
    if first_word.contains(['.', '/', '_', '"']) {
        return text.to_owned();
    }
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
