//! A machine that is recorded in a file: what the parts of the probe said, as JSON that may be shown to anybody.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use thiserror::Error;

use super::super::Machine;
use super::findings::{Findings, Nvidia, Program};
use super::recorded;
use crate::language::{of_json, of_system, tr};

/// Largest file that is read, bytes; a recording has a few thousand.
const MAX_BYTES: u64 = 1 << 20;

/// Why a recording cannot be used.
#[derive(Debug, Error)]
pub enum RecordingError {
    /// The file cannot be read.
    #[error("{}", of_system(.0))]
    Io(#[from] io::Error),
    /// It is too large for a recording.
    #[error("{}", tr!("larger than {most} bytes, so no recorded machine", most = MAX_BYTES))]
    TooLarge,
    /// It is not a JSON object.
    #[error("{}", tr!("no recorded machine: it holds no JSON object"))]
    NoObject,
    /// It is JSON, but not a recording.
    #[error("{}", tr!("no recorded machine: {reason}", reason = of_json(.0)))]
    Content(#[from] serde_json::Error),
}

/// The machine that the file at `path` describes.
///
/// # Errors
/// The file cannot be read, or is no recording.
pub fn read(path: &Path) -> Result<Machine, RecordingError> {
    Ok(recorded(&read_findings(path)?))
}

/// What the parts of the probe found on the machine that the file at `path` describes.
///
/// # Errors
/// As [`read`].
pub fn read_findings(path: &Path) -> Result<Findings, RecordingError> {
    let mut text = Vec::new();
    File::open(path)?.take(MAX_BYTES + 1).read_to_end(&mut text)?;
    if text.len() as u64 > MAX_BYTES {
        return Err(RecordingError::TooLarge);
    }
    // A list would pass for a recording too: serde takes it for the fields in their order.
    if text.trim_ascii_start().first() != Some(&b'{') {
        return Err(RecordingError::NoObject);
    }
    Ok(serde_json::from_slice(&text)?)
}

/// Writes a recording to `path`.
///
/// # Errors
/// The file cannot be written.
pub fn write(path: &Path, findings: &Findings, private: &Private) -> io::Result<()> {
    File::create(path)?.write_all(text(findings, private)?.as_bytes())
}

/// The text of a recording, with all that is [`Private`] taken out.
///
/// # Errors
/// None that is known: the fields are plain values.
pub fn text(findings: &Findings, private: &Private) -> io::Result<String> {
    let mut shown = private.without(findings);
    shown.recorded_by = Some(format!("plimsoll {}", env!("CARGO_PKG_VERSION")));
    let mut text = serde_json::to_string_pretty(&shown)?;
    text.push('\n');
    Ok(text)
}

/// Words that are taken out of a recording: names of people and of this computer.
///
/// Serial numbers need no taking out, for [`Findings`] has no place for them. Free text has: names of programs,
/// places of disks, what drivers answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Private {
    words: Vec<String>,
}

/// Names that say nothing of whose a computer is.
const NOBODY: [&str; 10] =
    ["root", "user", "users", "admin", "administrator", "home", "localhost", "default", "public", "system"];
/// A shorter name cannot be told from part of a word.
const SHORTEST_NAME: usize = 2;

impl Private {
    /// The names of this computer and of who runs this.
    pub fn of_this() -> Self {
        let user = ["USER", "USERNAME", "LOGNAME", "SUDO_USER", "HOSTNAME", "COMPUTERNAME", "USERDOMAIN"];
        let user = user.iter().filter_map(|name| std::env::var(name).ok());
        let home = std::env::home_dir();
        let home = home.as_deref().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
        Self::of(user.chain(home).chain(sysinfo::System::host_name().ok()))
    }

    /// These names.
    pub fn of(names: impl IntoIterator<Item = String>) -> Self {
        let is_private = |name: &String| {
            name.chars().count() >= SHORTEST_NAME && !NOBODY.contains(&name.to_lowercase().as_str())
        };
        let mut words: Vec<String> = Vec::new();
        for name in names {
            // Of "build.example.org" also "build".
            let short = name.split('.').next().unwrap_or_default().to_owned();
            words.extend([name, short].into_iter().filter(is_private));
        }
        // Long ones first: they may hold short ones.
        words.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        words.dedup();
        Self { words }
    }

    /// The same findings without the names.
    fn without(&self, findings: &Findings) -> Findings {
        let mut shown = findings.clone();
        let programs = |programs: &mut Vec<Program>| {
            for program in programs {
                self.take_out(&mut program.name);
            }
        };
        for problem in &mut shown.problems {
            self.take_out(&mut problem.reason);
        }
        for disk in shown.disks.iter_mut().flatten() {
            self.take_out(&mut disk.mount);
        }
        shown.programs.iter_mut().for_each(programs);
        for device in shown.bus.iter_mut().flat_map(|bus| &mut bus.devices) {
            programs(&mut device.programs);
        }
        for used in shown.adapter_use.iter_mut().flatten() {
            programs(&mut used.programs);
        }
        match &mut shown.nvidia {
            Some(Nvidia::Failed { reason }) => self.take_out(reason),
            Some(Nvidia::Devices(devices)) => {
                for device in devices {
                    programs(&mut device.programs);
                }
            }
            _ => {}
        }
        if let Some(reason) = shown.system.as_mut().and_then(|system| system.modules_refused.as_mut()) {
            self.take_out(reason);
        }
        shown
    }

    /// Puts "(name)" in place of each of the names that stands alone.
    fn take_out(&self, text: &mut String) {
        for word in &self.words {
            let mut clean = String::with_capacity(text.len());
            let mut rest = text.as_str();
            while let Some(start) = rest.find(word.as_str()) {
                let (before, after) = (&rest[..start], &rest[start + word.len()..]);
                let stands_alone =
                    !before.ends_with(char::is_alphanumeric) && !after.starts_with(char::is_alphanumeric);
                clean.push_str(before);
                clean.push_str(if stands_alone { "(name)" } else { word });
                rest = after;
            }
            clean.push_str(rest);
            *text = clean;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::findings::{Disk, Medium, NvidiaDevice, System};
    use super::super::tree::Tree;
    use super::super::{bus, modules, programs};
    use super::*;
    use crate::machine::Problem;
    use crate::units::Bytes;

    /// What a computer with secrets everywhere says.
    fn findings() -> Findings {
        let tree = Tree::new(&[
            (
                "run/udev/data/+dmi:id",
                "E:ID_SERIAL=SECRET-1\nE:MEMORY_DEVICE_0_SIZE=17179869184\nE:MEMORY_DEVICE_0_TYPE=DDR5\n\
                 E:MEMORY_DEVICE_0_SERIAL_NUMBER=SECRET-2\nE:MEMORY_DEVICE_0_ASSET_TAG=SECRET-3\n\
                 E:MEMORY_DEVICE_0_LOCATOR=DIMM 0\n",
            ),
            ("sys/bus/pci/devices/0000:03:00.0/class", "0x030000"),
            ("sys/bus/pci/devices/0000:03:00.0/vendor", "0x1002"),
            ("sys/bus/pci/devices/0000:03:00.0/device", "0x744c"),
            ("sys/bus/pci/devices/0000:03:00.0/unique_id", "SECRET-4"),
            ("sys/bus/pci/devices/0000:03:00.0/serial_number", "SECRET-5"),
            ("etc/hostname", "tower\n"),
        ]);
        let program = |command: &str| Program {
            name: programs::file_name(command),
            memory: Some(Bytes(1 << 30)),
            processes: 1,
        };
        Findings {
            system: Some(System { modules: modules::read(tree.path()).unwrap(), ..System::default() }),
            bus: Some(bus::read(tree.path())),
            nvidia: Some(Nvidia::Devices(vec![NvidiaDevice {
                programs: vec![program("/home/alice/bin/llama-server --api-key SECRET-6")],
                ..NvidiaDevice::default()
            }])),
            programs: Some(vec![program("C:\\Users\\alice\\notes.exe SECRET-7"), program("alice-backup")]),
            disks: Some(vec![Disk {
                mount: "/media/alice/disk of tower".to_owned(),
                medium: Medium::Ssd,
                total: Bytes(1 << 40),
                available: Bytes(1 << 39),
                home: false,
            }]),
            problems: vec![Problem {
                part: "Disks".to_owned(),
                reason: "/home/alice/.cache on tower.example.org is not readable; malice is".to_owned(),
            }],
            ..Findings::default()
        }
    }

    #[test]
    fn a_recording_names_nobody_and_has_no_serial_number() {
        let private = Private::of(["alice".to_owned(), "tower.example.org".to_owned(), "root".to_owned()]);
        let text = text(&findings(), &private).unwrap();
        for secret in ["SECRET", "alice/", "alice-", "\"alice", "tower", "/home/alice"] {
            assert!(!text.contains(secret), "{secret} is in {text}");
        }
        for kept in [
            "llama-server",
            "notes.exe",
            "(name)-backup",
            "/media/(name)/disk of (name)",
            "malice",
            "1002:744c",
        ] {
            assert!(text.contains(kept), "{kept} is not in {text}");
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("machine.json");
        write(&path, &findings(), &Private::default()).unwrap();
        let again = read_findings(&path).unwrap();
        assert_eq!(again.recorded_by.as_deref(), Some(concat!("plimsoll ", env!("CARGO_PKG_VERSION"))));
        assert_eq!(Findings { recorded_by: None, ..again }, findings());
    }

    #[test]
    fn the_names_of_this_computer_are_found() {
        // Where this runs as root in a container only the host's name may be there; there is one always.
        let host = sysinfo::System::host_name().unwrap_or_default();
        assert!(
            host.len() < SHORTEST_NAME
                || Private::of_this().words.contains(&host)
                || NOBODY.contains(&host.as_str())
        );
        assert_eq!(Private::of(["root".to_owned(), "x".to_owned(), String::new()]), Private::default());
    }
}
