//! Models in files: heads written by the reference package, damaged and hostile ones, folders of programs.

mod catalog;
mod checkpoints;
mod configs;
mod hostile;
mod installed;
mod kept;
mod random;
mod reference;
mod splits;
pub mod writer;

use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// The folder of the heads that `make.py` wrote.
pub fn heads() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/headers")
}

/// Writes a file that begins with `head` and has `length` bytes, without taking room on the disk for the rest.
pub fn sparse(path: &Path, head: &[u8], length: u64) {
    fs::write(path, head).unwrap();
    File::options().write(true).open(path).unwrap().set_len(length).unwrap();
}

/// Writes a file as long as the real one of this name, of which only the head is there.
pub fn model(folder: &Path, name: &str) -> PathBuf {
    let lengths = fs::read_to_string(heads().join("files.json")).unwrap();
    let lengths: serde_json::Value = serde_json::from_str(&lengths).unwrap();
    let path = folder.join(name);
    sparse(&path, &fs::read(heads().join(name)).unwrap(), lengths[name]["length"].as_u64().unwrap());
    path
}
