//! Configurations, and the estimate of what they describe.
#![no_main]

use libfuzzer_sys::fuzz_target;
use plimsoll::estimate::scenario::Scenario;
use plimsoll::estimate::rig::{Host, Rig};
use plimsoll::estimate::Estimator;
use plimsoll::machine::Os;
use plimsoll::files::config;
use plimsoll::quant::{FileType, Level};

fn rig() -> Rig {
    Rig { devices: Vec::new(), host: Host::default(), os: Os::Linux, unused: Vec::new(), own: None }
}

fuzz_target!(|bytes: &[u8]| {
    let Ok(value) = config::parse(bytes) else { return };
    let _ = config::quantized(&value);
    let Ok(described) = config::describe(&value, "fuzz") else { return };
    let _ = Estimator::default().plan(
        &described.model,
        Level::Gguf(FileType::Q4KM),
        &Scenario::default(),
        &rig(),
    );
});
