//! Own measurements on disk: beside the settings, in small files of our own. They never leave this computer.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::app::files;
use crate::estimate::measured::Measurement;
use crate::language::{of_system, tr};
use crate::machine::Machine;
use crate::machine::bandwidth::ReadBandwidth;

/// The file of speeds.
const SPEEDS: &str = "measurements.json";
/// The file of the memory's bandwidth.
const MEMORY: &str = "memory_bandwidth.json";
/// Form of both files.
const VERSION: u32 = 1;
/// Longest file that is read, bytes: a row has some 700.
const FILE_MAX: u64 = 16 << 20;
/// Most rows that are kept.
pub const ROWS_MAX: usize = 10_000;

/// What is kept of speeds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Speeds {
    /// The rows, oldest first.
    pub rows: Vec<Measurement>,
    /// Where llama-bench is, as a person has said.
    pub llama_bench: Option<PathBuf>,
}

/// The file of speeds.
#[derive(Serialize, Deserialize)]
struct SpeedsFile {
    version: u32,
    #[serde(default)]
    llama_bench: Option<PathBuf>,
    measurements: Vec<Measurement>,
}

/// The file of the memory's bandwidth.
#[derive(Serialize, Deserialize)]
struct MemoryFile {
    version: u32,
    read: ReadBandwidth,
}

/// What is read of a file, and what is to be said of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Loaded<T> {
    /// Its contents; what stands for a missing or damaged file otherwise.
    pub value: T,
    /// It was damaged, or cannot be read.
    pub notice: Option<String>,
}

/// The speeds kept in `folder`. A damaged file is kept aside under another name.
pub fn load_speeds(folder: &Path) -> Loaded<Speeds> {
    let path = folder.join(SPEEDS);
    load(&path, What::Speeds, |text| {
        let file: SpeedsFile = serde_json::from_str(text).ok()?;
        let mut rows = file.measurements;
        rows.truncate(ROWS_MAX);
        (file.version == VERSION && rows.iter().all(is_sound))
            .then_some(Speeds { rows, llama_bench: file.llama_bench })
    })
}

/// Keeps the speeds in `folder`.
///
/// # Errors
/// The file cannot be written.
pub fn save_speeds(folder: &Path, speeds: &Speeds) -> io::Result<()> {
    let path = folder.join(SPEEDS);
    if speeds.rows.is_empty() && speeds.llama_bench.is_none() {
        return remove(&path);
    }
    let file = SpeedsFile {
        version: VERSION,
        llama_bench: speeds.llama_bench.clone(),
        measurements: speeds.rows.clone(),
    };
    files::write(&path, &serde_json::to_string_pretty(&file)?)
}

/// The bandwidth of the memory that is kept in `folder`.
pub fn load_memory(folder: &Path) -> Loaded<Option<ReadBandwidth>> {
    let path = folder.join(MEMORY);
    load(&path, What::Bandwidth, |text| {
        let file: MemoryFile = serde_json::from_str(text).ok()?;
        (file.version == VERSION && file.read.is_sound()).then_some(Some(file.read))
    })
}

/// Keeps the bandwidth of the memory in `folder`; answers with the file.
///
/// # Errors
/// The file cannot be written.
pub fn save_memory(folder: &Path, read: &ReadBandwidth) -> io::Result<PathBuf> {
    let path = folder.join(MEMORY);
    let file = MemoryFile { version: VERSION, read: read.clone() };
    files::write(&path, &serde_json::to_string_pretty(&file)?)?;
    Ok(path)
}

/// Forgets the bandwidth of the memory; answers whether there was one.
///
/// # Errors
/// The file cannot be removed.
pub fn forget_memory(folder: &Path) -> io::Result<bool> {
    match fs::remove_file(folder.join(MEMORY)) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// The kept measurements that speak for `machine`, for the text forms.
pub fn for_machine(folder: &Path, machine: &Machine) -> Vec<Measurement> {
    let rows = load_speeds(folder).value.rows;
    rows.into_iter().filter(|row| row.speaks_for(machine)).collect()
}

/// The bandwidth that the probe of this computer is told of: the kept one, if any.
pub fn kept_memory() -> Option<ReadBandwidth> {
    load_memory(&files::folder()?).value
}

fn is_sound(row: &Measurement) -> bool {
    row.tokens_per_second.is_finite() && row.tokens_per_second > 0.0
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// What a file holds.
#[derive(Clone, Copy)]
enum What {
    Speeds,
    Bandwidth,
}

impl What {
    fn not_read(self, error: &io::Error, path: &Path) -> String {
        let (error, path) = (of_system(error), path.display());
        match self {
            Self::Speeds => tr!("Your measurements could not be read ({error}): {path}", error, path),
            Self::Bandwidth => {
                tr!("The measured memory bandwidth could not be read ({error}): {path}", error, path)
            }
        }
    }

    fn damaged(self, kept: &Path) -> String {
        let name = kept.file_name().unwrap_or_default().display();
        let folder = kept.parent().unwrap_or(kept).display();
        match self {
            Self::Speeds => tr!(
                "Your measurements were damaged and are not used; the file is {name} in {folder}",
                name,
                folder
            ),
            Self::Bandwidth => tr!(
                "The measured memory bandwidth was damaged and is not used; the file is {name} in {folder}",
                name,
                folder
            ),
        }
    }

    fn not_kept_aside(self, error: &io::Error, path: &Path) -> String {
        let (error, path) = (of_system(error), path.display());
        match self {
            Self::Speeds => tr!(
                "Your measurements were damaged and could not be kept aside ({error}): {path}",
                error,
                path
            ),
            Self::Bandwidth => tr!(
                "The measured memory bandwidth was damaged and could not be kept aside ({error}): {path}",
                error,
                path
            ),
        }
    }
}

fn load<T: Default>(path: &Path, what: What, parse: impl FnOnce(&str) -> Option<T>) -> Loaded<T> {
    let value = match files::read(path, FILE_MAX) {
        Ok(text) => parse(&text),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Loaded { value: T::default(), notice: None };
        }
        Err(error) if error.kind() == ErrorKind::InvalidData => None,
        Err(error) => {
            return Loaded { value: T::default(), notice: Some(what.not_read(&error, path)) };
        }
    };
    if let Some(value) = value {
        return Loaded { value, notice: None };
    }
    let notice = match files::keep_aside(path, |to| fs::rename(path, to)) {
        Ok(kept) => what.damaged(&kept),
        Err(error) => what.not_kept_aside(&error, path),
    };
    Loaded { value: T::default(), notice: Some(notice) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::testing::{with_rtx_4090, without_gpu};
    use crate::estimate::measured::{Place, Test};
    use crate::estimate::scenario::{BackendChoice, Engine};
    use crate::units::{Bytes, GIB};

    fn row(model: Option<&str>, gpu: &str) -> Measurement {
        Measurement {
            model: model.map(str::to_owned),
            n_gen: 128,
            place: Place { gpus: vec![gpu.to_owned()], cpu: None },
            backend: Some(BackendChoice::Cuda),
            ..Measurement::new("Qwen3-8B-Q4_K_M.gguf", Engine::LlamaCpp, Test::Decode, 97.25)
        }
    }

    fn read() -> ReadBandwidth {
        ReadBandwidth {
            gbs: 61.4,
            best_gbs: 63.0,
            date: "2026-11-26T07:43:16Z".to_owned(),
            threads: 8,
            pinned: true,
            buffer: Bytes(GIB),
            repetitions: 15,
            on_battery: None,
            load: None,
            cpu: Some("A processor".to_owned()),
            memory_total: Bytes(64 * GIB),
        }
    }

    #[test]
    fn speeds_survive_a_round_trip() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(load_speeds(folder.path()), Loaded { value: Speeds::default(), notice: None });
        let speeds = Speeds {
            rows: vec![row(Some("Qwen/Qwen3-8B"), "NVIDIA GeForce RTX 4090"), row(None, "RTX 3060")],
            llama_bench: Some(PathBuf::from("/opt/llama.cpp/llama-bench")),
        };
        save_speeds(folder.path(), &speeds).unwrap();
        assert_eq!(load_speeds(folder.path()), Loaded { value: speeds, notice: None });
        save_speeds(folder.path(), &Speeds::default()).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "nothing kept, no file");
    }

    #[test]
    fn only_matched_rows_of_this_machine_are_used() {
        let folder = tempfile::tempdir().unwrap();
        let here = row(Some("Qwen/Qwen3-8B"), "NVIDIA GeForce RTX 4090");
        let rows = vec![here.clone(), row(None, "RTX 4090"), row(Some("Qwen/Qwen3-8B"), "RTX 3060")];
        save_speeds(folder.path(), &Speeds { rows, llama_bench: None }).unwrap();
        assert_eq!(for_machine(folder.path(), &with_rtx_4090(22.0)), [here]);
        assert!(for_machine(folder.path(), &without_gpu()).is_empty());
    }

    #[test]
    fn damaged_files_are_kept_aside() {
        let folder = tempfile::tempdir().unwrap();
        for text in ["{", "[]", r#"{"version":2,"measurements":[]}"#, r#"{"version":1,"measurements":[{}]}"#]
        {
            fs::write(folder.path().join(SPEEDS), text).unwrap();
            let loaded = load_speeds(folder.path());
            assert_eq!(loaded.value, Speeds::default());
            assert!(loaded.notice.unwrap().contains("measurements.json.damaged-"), "{text}");
            assert!(!folder.path().join(SPEEDS).exists());
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 4);
        fs::write(folder.path().join(MEMORY), r#"{"version":1,"read":{"gbs":-1}}"#).unwrap();
        let notice = load_memory(folder.path()).notice.unwrap();
        assert!(notice.contains("bandwidth was damaged"), "{notice}");
    }

    #[test]
    fn the_memory_s_bandwidth_is_kept_and_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!forget_memory(folder.path()).unwrap());
        let path = save_memory(folder.path(), &read()).unwrap();
        assert!(path.ends_with(MEMORY));
        assert_eq!(load_memory(folder.path()).value, Some(read()));
        assert!(forget_memory(folder.path()).unwrap());
        assert_eq!(load_memory(folder.path()), Loaded { value: None, notice: None });
    }
}
