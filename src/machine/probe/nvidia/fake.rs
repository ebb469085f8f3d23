//! Drivers that are broken, hang or are old, played by a library that stands for NVIDIA's.
#![cfg(target_os = "linux")]

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use super::super::findings::{Findings, System};
use super::super::{gather, recorded};
use super::*;

/// A library that behaves as `behaviour` says, in a folder of its own.
fn library(behaviour: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("libnvidia-ml.so.1");
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/fake_nvml.rs");
    let status = Command::new(option_env!("RUSTC").unwrap_or("rustc"))
        .args(["--edition", "2024", "--crate-type", "cdylib", "-C", "panic=abort", "-A", "warnings"])
        .args(["--cfg", behaviour, source, "-o"])
        .arg(&path)
        .status()
        .unwrap();
    assert!(status.success());
    (folder, path)
}

/// What the driver says that this library is of.
fn asked(library: Option<PathBuf>) -> Nvidia {
    let reader = Reader { root: PathBuf::from("/nowhere"), library };
    reader.ask(&Bus::default())
}

fn refusal(behaviour: &str) -> String {
    let (_folder, path) = library(behaviour);
    match asked(Some(path)) {
        Nvidia::Failed { reason } => reason,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_driver_that_was_updated_under_way() {
    let reason = refusal("mismatch");
    assert!(reason.contains("restart the computer"), "{reason}");
}

#[test]
fn a_driver_that_answers_with_an_error() {
    let reason = refusal("broken");
    assert!(reason.contains("the driver answers with an error"), "{reason}");
}

#[test]
fn a_library_that_is_no_library() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("libnvidia-ml.so.1");
    std::fs::write(&path, "This is no library.").unwrap();
    let Nvidia::Failed { reason } = asked(Some(path)) else { panic!("it was loaded") };
    assert!(reason.contains("cannot be loaded; install the driver anew"), "{reason}");
    assert_eq!(asked(Some(folder.path().join("missing.so"))), Nvidia::NoDriver);
}

#[test]
fn an_old_library_says_what_it_can() {
    let (_folder, path) = library("old");
    let nvidia = asked(Some(path));
    let Nvidia::Devices(devices) = &nvidia else { panic!("{nvidia:?}") };
    assert_eq!(devices.len(), 2);
    assert_eq!(devices[0].name.as_deref(), Some("NVIDIA GeForce RTX 4090"));
    assert_eq!((devices[0].memory, devices[0].pcie), (None, None));
    let machine = recorded(&Findings { nvidia: Some(nvidia), ..Findings::default() });
    assert_eq!(machine.gpus.len(), 2);
    let memory = machine.gpus[0].memory_total.as_ref().unwrap();
    assert_eq!((memory.value, memory.source.as_str()), (Bytes::from_gib(24.0), "hardware table"));
    assert!(
        machine.gpus[0].notes[0].contains("does not say how much memory is free"),
        "{:?}",
        machine.gpus[0].notes
    );
}

#[test]
fn one_lost_card_does_not_hide_the_other() {
    let (_folder, path) = library("lost");
    let Nvidia::Devices(devices) = asked(Some(path)) else { panic!("no devices") };
    assert_eq!(devices.len(), 1);
}

/// The reader with less patience than a person has.
struct Impatient(Reader);

impl Probe for Impatient {
    fn part(&self) -> Part {
        self.0.part()
    }

    fn patience(&self) -> Duration {
        Duration::from_millis(20)
    }

    fn read(self: Box<Self>) -> Result<Answer, String> {
        Box::new(self.0).read()
    }
}

#[test]
fn a_driver_that_hangs_leaves_a_usable_machine() {
    // The thread inside it stays until this process ends; what is loaded outlives its file.
    let (_folder, path) = library("hanging");
    let hanging = Impatient(Reader { root: PathBuf::from("/nowhere"), library: Some(path) });
    let mut findings = gather(Findings::default(), vec![Box::new(hanging)], |_| {}).findings;
    findings.system = Some(System { memory_total: Bytes::from_gib(64.0), ..System::default() });
    let machine = recorded(&findings);
    assert_eq!(machine.ram.unwrap().total.value, Bytes::from_gib(64.0));
    assert_eq!(machine.problems[0].part, "NVIDIA driver");
    assert!(machine.problems[0].reason.contains("no answer within"), "{:?}", machine.problems);
}
