//! Small files of this program's own: read with a bound, written whole, kept aside when they are damaged.

use crate::language::tr;
use std::fs;

use std::io::{self, ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use etcetera::base_strategy::{BaseStrategy as _, choose_native_strategy};

/// How many damaged files of one name are kept.
const KEPT_MAX: u32 = 1000;

/// Name of the program for the desktop, and of its folder.
pub const APP_ID: &str = "plimsoll";

/// The folder where this program keeps what it remembers, the window's settings among it; `None` where the system has
/// none.
pub fn folder() -> Option<PathBuf> {
    let own = choose_native_strategy().ok()?.data_dir().join(APP_ID);
    Some(if cfg!(windows) { own.join("data") } else { own })
}

/// The file's text.
///
/// # Errors
/// It cannot be read; as [`ErrorKind::InvalidData`], it is no text or longer than `longest` bytes.
pub fn read(path: &Path, longest: u64) -> io::Result<String> {
    let bytes = read_bytes(path, longest)?;
    String::from_utf8(bytes).map_err(|_| ErrorKind::InvalidData.into())
}

/// The file's bytes.
///
/// # Errors
/// It cannot be read, or is no usual file; as [`ErrorKind::InvalidData`], it is longer than `longest` bytes.
pub fn read_bytes(path: &Path, longest: u64) -> io::Result<Vec<u8>> {
    let file = fs::File::open(path)?;
    // A device or a pipe may give bytes without end, or none and never end.
    if !file.metadata()?.is_file() {
        return Err(io::Error::new(ErrorKind::InvalidInput, tr!("it is no usual file")));
    }
    let mut bytes = Vec::new();
    file.take(longest + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > longest {
        return Err(io::Error::new(ErrorKind::InvalidData, tr!("it has more than {longest} bytes", longest)));
    }
    Ok(bytes)
}

/// Writes a file as a whole: whoever reads it sees the old text or the new.
///
/// # Errors
/// The folder cannot be made or the file not written.
pub fn write(path: &Path, text: &str) -> io::Result<()> {
    write_bytes(path, text.as_bytes())
}

/// The same with bytes.
///
/// # Errors
/// The folder cannot be made or the file not written.
pub fn write_bytes(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".new-{}", std::process::id()));
    let new = path.with_file_name(name);
    let written = fs::File::create(&new)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&new, path));
    if written.is_err() {
        fs::remove_file(&new).ok();
    }
    written
}

/// Puts a damaged file aside under the first free name, which is answered.
///
/// # Errors
/// `put` fails, or a thousand are kept already.
pub fn keep_aside(path: &Path, put: impl FnOnce(&Path) -> io::Result<()>) -> io::Result<PathBuf> {
    let file = path.file_name().unwrap_or_default().to_string_lossy();
    let mut names = (1..=KEPT_MAX).map(|n| path.with_file_name(format!("{file}.damaged-{n}")));
    let free = names
        .find(|name| !name.exists())
        .ok_or_else(|| io::Error::other(tr!("too many damaged files are kept there already")))?;
    put(&free)?;
    Ok(free)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_written_whole_and_read_with_a_bound() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new folder/some.json");
        write(&path, "first").unwrap();
        write(&path, "second").unwrap();
        assert_eq!(read(&path, 6).unwrap(), "second");
        assert_eq!(read(&path, 5).unwrap_err().kind(), ErrorKind::InvalidData);
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "nothing is left beside it");
        assert_eq!(read(folder.path(), 5).unwrap_err().kind(), ErrorKind::InvalidInput);
        fs::write(&path, [0xFF, 0xFE]).unwrap();
        assert_eq!(read(&path, 5).unwrap_err().kind(), ErrorKind::InvalidData);
    }

    #[cfg(unix)]
    #[test]
    fn what_gives_bytes_without_end_is_no_file() {
        assert_eq!(read(Path::new("/dev/zero"), 5).unwrap_err().kind(), ErrorKind::InvalidInput);
    }
}
