//! Remembered settings.
#![no_main]

use libfuzzer_sys::fuzz_target;
use plimsoll::app::Settings;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = Settings::from_json(text);
    }
});
