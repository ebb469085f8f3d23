//! Ollama's manifests, and names of repositories.
#![no_main]

use libfuzzer_sys::fuzz_target;
use plimsoll::files::installed::ollama;
use plimsoll::hub::Repository;

fuzz_target!(|bytes: &[u8]| {
    let _ = ollama::parse(bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = Repository::parse(text);
    }
});
