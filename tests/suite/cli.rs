//! The text forms: queries and answers line by line, the report, and the binary as a shell sees it.

mod binary;
mod errors;
mod extremes;
mod files;
mod forms;
mod queries;

use std::cell::Cell;

use plimsoll::cli::session::{Outcome, Session};
use plimsoll::machine::Machine;
use plimsoll::machine::spec::{GpuSpec, MachineSpec};
use serde_json::Value;

/// A machine with one card, for tests that need any.
const MACHINE: &str = r#"{"gpus":[{"name":"RTX 4090"}],"cpu":"AMD Ryzen 9 7950X","ram_gib":64,"os":"linux"}"#;

fn described(gpu: &str, ram_gib: f64) -> MachineSpec {
    let gpu = GpuSpec::named(gpu);
    MachineSpec {
        gpus: vec![gpu],
        cpu: Some("AMD Ryzen 9 7950X".to_owned()),
        ram_gib: Some(ram_gib),
        ..MachineSpec::default()
    }
}

/// Stands for the computer that answers.
fn this_machine() -> Machine {
    described("RTX 3060", 32.0).resolve().unwrap().machine
}

fn must_not_probe() -> Machine {
    panic!("this machine was probed although no query asks for it")
}

/// Answers a stream of lines.
fn stream(input: &[u8]) -> (Vec<u8>, Outcome) {
    let mut output = Vec::new();
    let outcome = Session::new(&must_not_probe).stream(input, &mut output).unwrap();
    (output, outcome)
}

/// Answers lines of text as JSON.
fn answers(input: &str) -> Vec<Value> {
    let (output, _) = stream(input.as_bytes());
    String::from_utf8(output).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Answers one query about [`MACHINE`]; `fields` are JSON members without braces.
fn answer(fields: &str) -> Value {
    let comma = if fields.is_empty() { "" } else { "," };
    answers(&format!("{{\"machine\":{MACHINE}{comma}{fields}}}\n")).remove(0)
}

/// The code and message of an answer that must be an error.
fn error(fields: &str) -> (String, String) {
    parts(&answer(fields))
}

fn parts(answer: &Value) -> (String, String) {
    assert_eq!(answer["ok"], Value::Bool(false), "{answer}");
    let text = |name: &str| answer["error"][name].as_str().unwrap().to_owned();
    (text("code"), text("message"))
}

/// Counts how often this machine is read.
struct Probes(Cell<u32>);

impl Probes {
    fn read(&self) -> Machine {
        self.0.set(self.0.get() + 1);
        this_machine()
    }
}
