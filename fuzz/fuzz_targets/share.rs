//! Share codes that strangers paste: as text, and what stands in one whose checksum is right.
#![no_main]

use libfuzzer_sys::fuzz_target;
use plimsoll::app::share::Shared;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = Shared::in_text(text);
        let _ = Shared::of_code(text);
    }
    // Past the checksum, which no fuzzer guesses: what is read comes back as it was.
    if let Ok(shared) = Shared::of_content(bytes)
        && let Ok(code) = shared.code()
    {
        assert_eq!(Shared::of_code(&code).expect("a code of our own is read"), shared);
    }
});
