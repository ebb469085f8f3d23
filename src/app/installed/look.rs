//! Reading what is on the disks: each place on a thread of its own, with a limit of time.

use std::path::PathBuf;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use crate::files::installed::{self, DiskUse, Environment, Installed, Place, Scan};
use crate::files::{self, LocalModel};
use crate::language::tr;
use crate::units::Bytes;

/// What is on the disks, read but not judged.
#[derive(Clone, Debug, Default)]
pub struct Reads {
    /// The models, by program and name.
    pub models: Vec<Read>,
    /// What they take, all together and by program.
    pub disk: DiskUse,
    /// Bytes that would be free if of each model that is there more than once one copy stayed.
    pub duplicate_bytes: Bytes,
    /// What could not be read.
    pub problems: Vec<String>,
}

/// One model on the disks.
#[derive(Clone, Debug)]
pub struct Read {
    /// Where it was found.
    pub found: Installed,
    /// What it is, or what is wrong with it.
    pub file: Result<LocalModel, String>,
    /// Places among the models of the others that are the same file once more.
    pub same_as: Vec<usize>,
}

/// Looks through the places of this computer's programs and through `added` folders. Reads heads only, but may
/// take seconds on a slow disk: never on the thread that draws. A place that has not answered after `patience`
/// is told and keeps no other waiting.
pub fn read(environment: &Environment, added: &[PathBuf], patience: Duration) -> Reads {
    read_places(installed::candidates(environment, added), patience, look_through)
}

fn read_places(
    places: Vec<Place>,
    patience: Duration,
    look: impl Fn(&Place) -> (Vec<FoundFile>, Vec<String>) + Clone + Send + 'static,
) -> Reads {
    // Room for all: one that answers too late waits for nobody.
    let (sender, answers) = mpsc::sync_channel(places.len());
    let mut waiting: Vec<Place> = Vec::new();
    for place in places {
        let sender = sender.clone();
        let (asked, look) = (place.clone(), look.clone());
        let look = move || sender.send((look(&asked), asked)).is_ok();
        if thread::Builder::new().name("installed models".to_owned()).spawn(look).is_ok() {
            waiting.push(place);
        }
    }
    let until = Instant::now() + patience;
    let (mut all, mut problems) = (Vec::new(), Vec::new());
    while !waiting.is_empty() {
        let left = until.saturating_duration_since(Instant::now());
        let Ok(((models, faults), place)) = answers.recv_timeout(left) else { break };
        waiting.retain(|waiting| *waiting != place);
        all.extend(models);
        problems.extend(faults);
    }
    for Place { folder, .. } in waiting {
        let seconds = patience.as_secs();
        problems.push(tr!(
            "{folder}: did not answer in {seconds} s; the drive may be away",
            folder = folder.display(),
            seconds
        ));
    }
    problems.sort();
    all.sort_by(|(a, _), (b, _)| installed::order(a, b));
    all.dedup_by(|(a, _), (b, _)| installed::is_same(a, b));
    of(all, problems)
}

type FoundFile = (Installed, Result<LocalModel, String>);

fn look_through(place: &Place) -> (Vec<FoundFile>, Vec<String>) {
    let mut scan = Scan::default();
    if place.is_there() {
        installed::scan_place(place, &mut scan);
    }
    let open = |found: Installed| {
        let file = files::open(&found.path).map_err(|error| error.fault.to_string());
        let file = file.map(|mut file| {
            // A person may have opened the same path too.
            file.model.id = format!("installed:{}", file.model.id);
            file
        });
        (found, file)
    };
    let problems = scan.problems.iter().map(ToString::to_string).collect();
    (scan.models.into_iter().map(open).collect(), problems)
}

fn of(all: Vec<FoundFile>, problems: Vec<String>) -> Reads {
    let (found, files): (Vec<Installed>, Vec<_>) = all.into_iter().unzip();
    let groups = installed::duplicates(&found);
    let disk = installed::disk_use(&found);
    let duplicate_bytes =
        groups.iter().flat_map(|group| group.iter().skip(1)).map(|&place| found[place].files[0].1).sum();
    let models = found
        .into_iter()
        .zip(files)
        .enumerate()
        .map(|(place, (found, file))| {
            let group = groups.iter().find(|group| group.contains(&place));
            let others = group.map(|group| group.iter().copied().filter(|other| *other != place).collect());
            Read { found, file, same_as: others.unwrap_or_default() }
        })
        .collect();
    Reads { models, disk, duplicate_bytes, problems }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::installed::Program;

    #[test]
    fn a_place_that_hangs_is_told_and_keeps_no_other_waiting() {
        let place = |folder: &str| Place { program: Program::Folder, folder: PathBuf::from(folder) };
        let look = |place: &Place| {
            if place.folder.ends_with("far") {
                loop {
                    thread::park();
                }
            }
            (Vec::new(), vec![format!("{}: looked at", place.folder.display())])
        };
        let patience = Duration::from_secs(1);
        let reads = read_places(vec![place("/far"), place("/near"), place("/here")], patience, look);
        assert_eq!(
            reads.problems,
            ["/far: did not answer in 1 s; the drive may be away", "/here: looked at", "/near: looked at"]
        );
    }
}
