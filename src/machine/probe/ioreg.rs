//! The number of an Apple GPU's cores, in the text of the I/O registry.
//!
//! The chip's name does not tell it, and it decides the bandwidth: an M4 Max has 32 or 40 cores and 410 or
//! 546 GB/s.
#![cfg_attr(not(any(target_os = "macos", test)), expect(dead_code, reason = "the form that macOS gives"))]

/// The cores in what `ioreg -rc AGXAccelerator -d 1` prints: `"gpu-core-count" = 40`.
pub(super) fn cores(text: &str) -> Option<u32> {
    let after = text.split_once("\"gpu-core-count\"")?.1;
    let number = after.trim_start().strip_prefix('=')?.trim_start();
    let end = number.find(|c: char| !c.is_ascii_digit()).unwrap_or(number.len());
    number[..end].parse().ok().filter(|cores| (1..=1024).contains(cores))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_among_other_properties() {
        let text = "+-o AGXAcceleratorG16X  <class AGXAcceleratorG16X, id 0x1000004b5, registered, matched>\n    {\n      \
                    \"model\" = \"Apple M4 Max\"\n      \"gpu-core-count\" = 40\n      \"IOClass\" = \"x\"\n    }\n";
        assert_eq!(cores(text), Some(40));
        for text in [
            "",
            "\"gpu-core-count\"",
            "\"gpu-core-count\" = x",
            "\"gpu-core-count\" = 0",
            "\"gpu-core-count\" = 99999999999",
        ] {
            assert_eq!(cores(text), None, "{text}");
        }
    }
}
