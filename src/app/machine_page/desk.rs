//! What reads and writes files, and reads this computer again: on a thread each, or at once in tests.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread;

use crate::app::files;
use crate::app::jobs::Wake;
use crate::app::rigs::{NamedRig, file};
use crate::language::{of_system, tr};
use crate::machine::Machine;
use crate::machine::probe::recording;

/// Messages that may wait for the window.
const WAITING: usize = 16;

/// What this computer can be asked for; none of it for a recorded one.
#[derive(Clone)]
pub struct This {
    /// Reads it.
    pub look: Arc<dyn Fn() -> Machine + Send + Sync>,
    /// Reads it, and writes what was read as a recording.
    pub record: Arc<dyn Fn() -> io::Result<String> + Send + Sync>,
}

impl fmt::Debug for This {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("This").finish_non_exhaustive()
    }
}

/// What came of it.
#[derive(Debug)]
pub enum Message {
    /// A file was read.
    Imported(Box<Imported>),
    /// This computer was read.
    Looked(Box<Machine>),
    /// What there is to say: a file was written, or something failed.
    Said(String),
}

/// What a file holds.
#[derive(Debug)]
pub enum Imported {
    /// A rig.
    Rig(NamedRig),
    /// A recorded machine, with the name of its file.
    Recorded(String, Box<Machine>),
}

/// Starts what was asked for, and receives what came of it.
pub struct Desk {
    sender: SyncSender<Message>,
    inbox: Receiver<Message>,
    wake: Wake,
    inline: bool,
    this: Option<This>,
}

impl fmt::Debug for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Desk").field("inline", &self.inline).finish_non_exhaustive()
    }
}

impl Desk {
    /// On threads.
    pub fn background(this: Option<This>, wake: Wake) -> Self {
        Self::new(this, wake, false)
    }

    /// At once; for tests.
    pub fn inline(this: Option<This>) -> Self {
        Self::new(this, Arc::new(|| {}), true)
    }

    fn new(this: Option<This>, wake: Wake, inline: bool) -> Self {
        let (sender, inbox) = sync_channel(WAITING);
        Self { sender, inbox, wake, inline, this }
    }

    /// Whether this computer can be read again.
    pub const fn can_look(&self) -> bool {
        self.this.is_some()
    }

    /// Reads this computer.
    pub(in crate::app) fn look(&self) {
        let Some(This { look, .. }) = self.this.clone() else { return };
        self.spawn("look again", move || Message::Looked(Box::new(look())));
    }

    /// Reads a file.
    pub(in crate::app) fn import(&self, path: PathBuf) {
        self.spawn("import", move || match read(&path) {
            Ok(imported) => Message::Imported(Box::new(imported)),
            Err(why) => Message::Said(tr!("{path} cannot be used: {why}", path = name(&path), why)),
        });
    }

    /// Writes a rig.
    pub(in crate::app) fn export(&self, path: PathBuf, rig: NamedRig) {
        let text = move || file::text(&rig).map_err(io::Error::from);
        self.write(path, tr!("The rig"), text);
    }

    /// Writes a report: of this computer, to a file that ends in ".json", a recording; else these lines.
    pub(in crate::app) fn report(&self, path: PathBuf, is_this: bool, lines: String) {
        let wants_json = path.extension().is_some_and(|end| end.eq_ignore_ascii_case("json"));
        match self.this.clone().filter(|_| wants_json && is_this) {
            Some(This { record, .. }) => self.write(path, tr!("The recording"), move || record()),
            None => self.write(path, tr!("The report"), move || Ok(lines)),
        }
    }

    /// Writes files into a folder.
    pub(in crate::app) fn all(&self, folder: PathBuf, all: Vec<(String, String)>) {
        self.spawn("save", move || {
            let mut written = all.iter().map(|(name, text)| files::write(&folder.join(name), text));
            Message::Said(match written.try_for_each(|done| done) {
                Ok(()) => {
                    tr!("{all} files were written: {folder}", all = all.len(), folder = folder.display())
                }
                Err(error) => tr!(
                    "The files could not be written ({error}): {folder}",
                    error = of_system(&error),
                    folder = folder.display()
                ),
            })
        });
    }

    fn write(
        &self,
        path: PathBuf,
        what: &'static str,
        text: impl FnOnce() -> io::Result<String> + Send + 'static,
    ) {
        self.spawn("save", move || {
            Message::Said(match text().and_then(|text| files::write(&path, &text)) {
                Ok(()) => tr!("{what} was written: {path}", what, path = path.display()),
                Err(error) => {
                    tr!(
                        "{what} could not be written ({error}): {path}",
                        what,
                        error = of_system(&error),
                        path = path.display()
                    )
                }
            })
        });
    }

    fn spawn(&self, thread: &str, job: impl FnOnce() -> Message + Send + 'static) {
        let (sender, wake) = (self.sender.clone(), Arc::clone(&self.wake));
        if self.inline {
            match sender.try_send(job()) {
                Ok(()) | Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {}
            }
            return;
        }
        let run = move || {
            // The window is gone when this fails.
            sender.send(job()).ok();
            wake();
        };
        thread::Builder::new().name(thread.to_owned()).spawn(run).ok();
    }

    /// The next message; never waits.
    pub(in crate::app) fn poll(&self) -> Option<Message> {
        self.inbox.try_recv().ok()
    }
}

/// A rig, or else a recorded machine.
fn read(path: &Path) -> Result<Imported, String> {
    let why = match file::read(path) {
        Ok(rig) => return Ok(Imported::Rig(rig)),
        Err(why) => why,
    };
    // A file that says that it is a rig is judged as one.
    if !matches!(why, file::RigFileError::Content(_)) || says_rig(path) {
        return Err(why.to_string());
    }
    match recording::read(path) {
        Ok(machine) => Ok(Imported::Recorded(name(path), Box::new(machine))),
        Err(_) => Err(tr!("it is neither a rig nor a recorded machine").to_owned()),
    }
}

fn says_rig(path: &Path) -> bool {
    files::read(path, 1 << 20).is_ok_and(|text| text.contains("\"plimsoll_rig\""))
}

/// The file's name without its ending.
fn name(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(desk: &Desk) -> String {
        match desk.poll() {
            Some(Message::Said(text)) => text,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_file_is_a_rig_or_a_recording_or_says_why_not() {
        let folder = tempfile::tempdir().unwrap();
        let desk = Desk::inline(None);
        let rig = NamedRig { name: "Attic".to_owned(), ..NamedRig::default() };
        let path = folder.path().join("attic.json");
        desk.export(path.clone(), rig.clone());
        assert!(said(&desk).contains("was written"));
        desk.import(path.clone());
        assert!(
            matches!(desk.poll(), Some(Message::Imported(found)) if matches!(&*found, Imported::Rig(read) if *read == rig))
        );

        let recorded = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/machines/rtx-3060-desktop.json");
        desk.import(recorded);
        let Some(Message::Imported(found)) = desk.poll() else { panic!("it is a recording") };
        assert!(
            matches!(&*found, Imported::Recorded(name, machine) if name == "rtx-3060-desktop" && machine.gpus.len() == 1)
        );

        std::fs::write(&path, r#"{"plimsoll_rig":1,"name":"x","machine":{"wheels":4}}"#).unwrap();
        desk.import(path.clone());
        assert!(said(&desk).contains("wheels"));
        std::fs::write(&path, "[]").unwrap();
        desk.import(path);
        assert_eq!(said(&desk), "attic cannot be used: it is neither a rig nor a recorded machine");
        desk.import(folder.path().join("none.json"));
        assert!(said(&desk).starts_with("none cannot be used"));
    }

    #[test]
    fn a_report_is_lines_or_a_recording_of_this_computer() {
        let folder = tempfile::tempdir().unwrap();
        let this = This {
            look: Arc::new(crate::app::testing::without_gpu),
            record: Arc::new(|| Ok("{\"recorded\": true}".to_owned())),
        };
        let desk = Desk::inline(Some(this));
        let (text, json) = (folder.path().join("a.txt"), folder.path().join("a.json"));
        desk.report(text.clone(), true, "lines".to_owned());
        desk.report(json.clone(), true, "lines".to_owned());
        assert_eq!(std::fs::read_to_string(&text).unwrap(), "lines");
        assert_eq!(std::fs::read_to_string(&json).unwrap(), "{\"recorded\": true}");
        desk.report(json.clone(), false, "of a rig".to_owned());
        assert_eq!(std::fs::read_to_string(&json).unwrap(), "of a rig");
        assert!(said(&desk).starts_with("The report was written"));
        desk.look();
        while let Some(message) = desk.poll() {
            if matches!(message, Message::Looked(_)) {
                return;
            }
        }
        panic!("it was not looked at again");
    }
}
