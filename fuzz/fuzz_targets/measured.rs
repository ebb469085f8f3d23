//! What a person brings as a benchmark's output: llama-bench, Ollama, vLLM, in every form.
#![no_main]

use libfuzzer_sys::fuzz_target;
use plimsoll::estimate::measured::read;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(reading) = read::read_bytes(bytes) {
        assert!(reading.measurements.len() <= read::ROWS_MAX);
        assert!(reading.measurements.iter().all(|row| row.tokens_per_second > 0.0));
    }
});
