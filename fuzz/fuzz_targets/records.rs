//! Catalogs by others: what is taken must be what an estimate can be made of.
#![no_main]

use libfuzzer_sys::fuzz_target;
use plimsoll::estimate::scenario::Scenario;
use plimsoll::estimate::rig::{Host, Rig};
use plimsoll::estimate::Estimator;
use plimsoll::machine::Os;
use plimsoll::files::kept;
use plimsoll::quant::{FileType, Level};

fn rig() -> Rig {
    Rig { devices: Vec::new(), host: Host::default(), os: Os::Linux, unused: Vec::new(), own: None }
}

fuzz_target!(|bytes: &[u8]| {
    let Ok(records) = kept::parse(bytes) else { return };
    for kept in records.kept.iter().take(4) {
        let _ = Estimator::default().plan(
            &kept.record,
            Level::Gguf(FileType::Q4KM),
            &Scenario::default(),
            &rig(),
        );
    }
});
