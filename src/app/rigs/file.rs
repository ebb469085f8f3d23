//! A rig as a file: JSON that a person can read, change and send.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{NamedRig, RigSenseless, resolve};
use crate::language::{of_json, of_system, tr};
use crate::machine::spec::{MachineSpec, SpecError};

/// The form that is written; a reader refuses what it does not know.
const VERSION: u32 = 1;
/// Largest file that is read, bytes; ours have less than a thousand.
const MAX_BYTES: u64 = 1 << 20;

/// What stands in a file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    /// Version of the form.
    plimsoll_rig: u32,
    name: String,
    machine: MachineSpec,
    /// What it would cost to have it, US dollars.
    #[serde(default)]
    price_usd: Option<f64>,
}

/// Why a file is no rig.
#[derive(Debug, Error)]
pub enum RigFileError {
    /// The file cannot be read.
    #[error("{}", of_system(.0))]
    Io(#[from] io::Error),
    /// It is too large for a rig.
    #[error("{}", tr!("it is larger than {most} bytes, so no rig", most = MAX_BYTES))]
    TooLarge,
    /// It is not the JSON that this program writes.
    #[error("{}", tr!("it is no rig: {reason}", reason = of_json(.0)))]
    Content(#[from] serde_json::Error),
    /// A later version of this program has written it.
    #[error("{}", newer(*.0))]
    Version(u32),
    /// A number in it makes no sense.
    #[error("{}", tr!("it makes no sense: {reason}", reason = .0))]
    Senseless(#[from] RigSenseless),
    /// It names what is not known.
    #[error("{0}")]
    Unknown(#[from] SpecError),
}

fn newer(form: u32) -> String {
    tr!(
        "it was written by a later version of Plimsoll (form {form}); this one reads form {known}",
        form,
        known = VERSION
    )
}

/// The text of a rig's file.
///
/// # Errors
/// None that is known: the fields are plain values.
pub fn text(rig: &NamedRig) -> Result<String, serde_json::Error> {
    let NamedRig { name, machine, price_usd } = rig.clone();
    let stored = Stored { plimsoll_rig: VERSION, name, machine, price_usd };
    let mut value = serde_json::to_value(&stored)?;
    leave_out_nulls(&mut value);
    Ok(format!("{value:#}\n"))
}

/// A value that is not given is left out, so that a person sees what is said.
pub(in crate::app) fn leave_out_nulls(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Object(map) => {
            map.retain(|_, value| !value.is_null());
            map.values_mut().for_each(leave_out_nulls);
        }
        serde_json::Value::Array(list) => list.iter_mut().for_each(leave_out_nulls),
        _ => {}
    }
}

/// The rig that a text describes.
///
/// # Errors
/// It is no rig, or names what is not known.
pub fn parse(text: &[u8]) -> Result<NamedRig, RigFileError> {
    // The version first: of a later form the rest may look unlike anything.
    #[derive(Deserialize)]
    struct Head {
        plimsoll_rig: u32,
    }
    let head: Head = serde_json::from_slice(text)?;
    if head.plimsoll_rig != VERSION {
        return Err(RigFileError::Version(head.plimsoll_rig));
    }
    let stored: Stored = serde_json::from_slice(text)?;
    let mut rig = NamedRig { name: stored.name, machine: stored.machine, price_usd: stored.price_usd };
    rig.tidy();
    rig.check()?;
    resolve(&rig.machine)?;
    Ok(rig)
}

/// Reads a rig. Not for the thread that draws: a file may lie on a disk that sleeps.
///
/// # Errors
/// The file cannot be read, is no rig, or names what is not known.
pub fn read(path: &Path) -> Result<NamedRig, RigFileError> {
    let mut text = Vec::new();
    File::open(path)?.take(MAX_BYTES + 1).read_to_end(&mut text)?;
    if text.len() as u64 > MAX_BYTES {
        return Err(RigFileError::TooLarge);
    }
    parse(&text)
}

/// Writes a rig. Not for the thread that draws.
///
/// # Errors
/// The file cannot be written.
pub fn write(path: &Path, rig: &NamedRig) -> io::Result<()> {
    File::create(path)?.write_all(text(rig)?.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::spec::GpuSpec;

    fn rig() -> NamedRig {
        let gpus = vec![
            GpuSpec { count: 2, ..GpuSpec::named("RTX 3090") },
            GpuSpec { pcie_lanes: Some(4), ..GpuSpec::named("RTX 3060 12 GB") },
        ];
        let machine = MachineSpec {
            gpus,
            cpu: Some("AMD Ryzen 9 7950X".to_owned()),
            ram_gib: Some(96.0),
            ram_type: Some("DDR5".to_owned()),
            ram_mts: Some(6000),
            ram_channels: Some(2),
            ..MachineSpec::default()
        };
        NamedRig { name: "Attic".to_owned(), machine, price_usd: Some(1450.0) }
    }

    #[test]
    fn a_rig_goes_to_a_file_and_comes_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("attic.json");
        write(&path, &rig()).unwrap();
        assert_eq!(read(&path).unwrap(), rig());
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains("\"name\": \"Attic\"") && !text.contains("null"), "{text}");
    }

    #[test]
    fn what_is_no_rig_says_why() {
        let why = |text: &str| parse(text.as_bytes()).unwrap_err().to_string();
        assert!(why("").starts_with("it is no rig"));
        assert!(why("[]").starts_with("it is no rig"));
        assert!(why(r#"{"name":"x","machine":{}}"#).contains("plimsoll_rig"));
        assert!(why(r#"{"plimsoll_rig":2,"shape":"other"}"#).contains("later version"));
        let with = |machine: &str| why(&format!(r#"{{"plimsoll_rig":1,"name":"x","machine":{machine}}}"#));
        assert!(with(r#"{"ram_gib":-4}"#).contains("ram_gib must be from"));
        assert!(with(r#"{"gpus":[{"name":"RTX 9999"}]}"#).contains("no GPU named"));
        assert!(with(r#"{"wheels":4}"#).contains("wheels"));
        let folder = tempfile::tempdir().unwrap();
        let large = folder.path().join("large.json");
        std::fs::write(&large, " ".repeat(MAX_BYTES as usize + 1)).unwrap();
        assert!(matches!(read(&large), Err(RigFileError::TooLarge)));
        assert!(matches!(read(&folder.path().join("none.json")), Err(RigFileError::Io(_))));
    }
}
