//! Heads of GGUF files, and everything that is made of them: a record, and an estimate.
#![no_main]

use std::io::Cursor;
use std::path::Path;

use libfuzzer_sys::fuzz_target;
use plimsoll::estimate::scenario::Scenario;
use plimsoll::estimate::rig::{Host, Rig};
use plimsoll::estimate::Estimator;
use plimsoll::machine::Os;
use plimsoll::files::gguf::{Gguf, Header};
use plimsoll::files::open;
use plimsoll::quant::mix::MixContext;

fn rig() -> Rig {
    Rig { devices: Vec::new(), host: Host::default(), os: Os::Linux, unused: Vec::new(), own: None }
}

fuzz_target!(|bytes: &[u8]| {
    // The data lies behind the head; a large file has it all.
    let Ok(header) = Header::read(Cursor::new(bytes), 1 << 42) else { return };
    let Ok(file) = open::local(&Gguf::of(header, Vec::new()), Path::new("fuzz.gguf")) else { return };
    if let Some(table) = &file.table {
        let context = MixContext {
            arch: &file.model.arch,
            n_layer: file.model.n_layer,
            gqa: 1,
            n_expert: 0,
            tied: file.model.tied_embeddings,
            imatrix: false,
        };
        let _ = table.differences(&context);
    }
    let estimator = Estimator::default();
    estimator.adopt(&file.model, file.tables());
    let _ = estimator.plan(&file.model, file.level, &Scenario::default(), &rig());
});
