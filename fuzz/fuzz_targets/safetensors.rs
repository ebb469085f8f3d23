//! Heads of safetensors files, and indexes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use plimsoll::files::config::checkpoint::{check_head, parse_index};

fuzz_target!(|bytes: &[u8]| {
    let _ = check_head(bytes, bytes.len() as u64);
    let _ = check_head(bytes, 1 << 42);
    let _ = parse_index(bytes);
});
