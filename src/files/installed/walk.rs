//! Models in folders: GGUF files with their parts and projectors, and checkpoints.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Installed, Program, Scan};
use crate::files::error::Fault;
use crate::files::gguf;
use crate::files::open::is_first_part;
use crate::language::tr;
use crate::units::Bytes;

/// Deepest folder below the one that is scanned.
const DEEPEST: usize = 8;
/// Most entries of one scan.
const MOST_ENTRIES: usize = 200_000;

/// A folder's files, and the folders in it.
#[derive(Default)]
struct Listing {
    files: Vec<PathBuf>,
    folders: Vec<PathBuf>,
}

/// Looks through `root`.
pub fn scan(program: Program, root: &Path, scan: &mut Scan) {
    let mut left = MOST_ENTRIES;
    let mut open = vec![(root.to_owned(), 0)];
    while let Some((folder, depth)) = open.pop() {
        let listing = match list(&folder, &mut left) {
            Ok(listing) => listing,
            Err(fault) => {
                scan.problems.push(fault.of(&folder));
                continue;
            }
        };
        models_of(program, root, &folder, &listing, scan);
        if depth < DEEPEST {
            // The hub's cache keeps each file once in `blobs`, and names them in `snapshots`.
            let inner = listing.folders.into_iter().filter(|folder| !folder.ends_with("blobs"));
            open.extend(inner.map(|folder| (folder, depth + 1)));
        }
        if left == 0 {
            let problem =
                tr!("holds more than {most} entries; the rest is not looked at", most = MOST_ENTRIES);
            scan.problems.push(Fault::unsupported(problem).of(root));
            return;
        }
    }
}

fn list(folder: &Path, left: &mut usize) -> Result<Listing, Fault> {
    let mut listing = Listing::default();
    for entry in fs::read_dir(folder)? {
        if *left == 0 {
            break;
        }
        *left -= 1;
        // An entry that is gone by now, or may not be looked at, is none.
        let Ok(entry) = entry else { continue };
        let Ok(kind) = entry.file_type() else { continue };
        if kind.is_dir() {
            listing.folders.push(entry.path());
        } else if kind.is_file() || (kind.is_symlink() && entry.path().is_file()) {
            listing.files.push(entry.path());
        }
    }
    listing.files.sort();
    listing.folders.sort();
    Ok(listing)
}

fn models_of(program: Program, root: &Path, folder: &Path, listing: &Listing, scan: &mut Scan) {
    let named =
        |path: &&PathBuf, end: &str| path.extension().is_some_and(|own| own.eq_ignore_ascii_case(end));
    let name =
        |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let is_projector = |path: &Path| name(path).to_ascii_lowercase().contains("mmproj");
    let (projectors, ggufs): (Vec<&PathBuf>, Vec<&PathBuf>) =
        listing.files.iter().filter(|path| named(path, "gguf")).partition(|path| is_projector(path));
    for path in ggufs.into_iter().filter(|path| is_first_part(&name(path))) {
        let parts = parts_of(path);
        let mut files: Vec<(PathBuf, Bytes)> = parts.iter().filter_map(|part| sized(part)).collect();
        if files.len() < parts.len() {
            let missing = parts.len() - files.len();
            let problem = tr!("{missing} of its {parts} parts are not there", missing, parts = parts.len());
            scan.problems.push(Fault::invalid("", problem).of(path));
        }
        // Where there are several the person chooses; the first is counted.
        let projector = projectors.first().map(|path| (*path).clone());
        files.extend(projector.as_deref().and_then(sized));
        let name = name_of(program, root, path);
        scan.models.push(Installed {
            program,
            name,
            path: path.clone(),
            files,
            projector,
            digest: digest(path),
        });
    }
    let weights: Vec<(PathBuf, Bytes)> = listing
        .files
        .iter()
        .filter(|path| named(path, "safetensors"))
        .filter_map(|path| sized(path))
        .collect();
    if !weights.is_empty() && listing.files.iter().any(|path| path.ends_with("config.json")) {
        scan.models.push(Installed {
            program,
            name: name_of(program, root, folder),
            path: folder.to_owned(),
            files: weights,
            projector: None,
            digest: None,
        });
    }
}

/// All parts of a model, of which `first` is the first.
fn parts_of(first: &Path) -> Vec<PathBuf> {
    let stem = first.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let count = stem.rsplit_once("-of-").and_then(|(_, count)| count.parse::<u32>().ok());
    let parts =
        count.filter(|count| (2..=1000).contains(count)).and_then(|count| gguf::parts(first, count).ok());
    parts.unwrap_or_else(|| vec![first.to_owned()])
}

fn sized(path: &Path) -> Option<(PathBuf, Bytes)> {
    Some((path.to_owned(), Bytes(fs::metadata(path).ok()?.len())))
}

/// The hub's cache names a file's blob by its digest.
fn digest(path: &Path) -> Option<String> {
    let target = fs::read_link(path).ok()?;
    let name = target.file_name()?.to_str()?;
    let is_digest = name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_digest.then(|| name.to_ascii_lowercase())
}

/// What a person knows the model by: the path below the program's folder, or the repository.
fn name_of(program: Program, root: &Path, path: &Path) -> String {
    let below = path.strip_prefix(root).unwrap_or(path);
    let parts: Vec<String> = below.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    let stem =
        |name: &str| name.strip_suffix(".gguf").or(name.strip_suffix(".GGUF")).unwrap_or(name).to_owned();
    if program == Program::HuggingFace
        && let [repository, snapshots, _, rest @ ..] = parts.as_slice()
        && snapshots == "snapshots"
        && let Some(repository) = repository.strip_prefix("models--")
    {
        let repository = repository.replacen("--", "/", 1);
        let file = rest.join("/");
        return if file.is_empty() { repository } else { format!("{repository}/{}", stem(&file)) };
    }
    if parts.is_empty() {
        return root.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    }
    stem(&parts.join("/"))
}
