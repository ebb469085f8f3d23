//! Reading a buffer as fast as a core can.

use std::hint::black_box;

/// Words that are added up beside each other: enough for four vector registers of 64 bytes, so that no
/// addition waits for the one before.
const LANES: usize = 32;

/// Reads all of `buffer`, `passes` times.
pub(super) fn read(buffer: &[u64], passes: u32) {
    for _ in 0..passes {
        black_box(sum(black_box(buffer)));
    }
}

/// Adds all words up, which the compiler makes vector loads and additions of.
fn sum(buffer: &[u64]) -> u64 {
    let mut lanes = [0_u64; LANES];
    let (blocks, rest) = buffer.as_chunks::<LANES>();
    for block in blocks {
        for (lane, word) in lanes.iter_mut().zip(block) {
            *lane = lane.wrapping_add(*word);
        }
    }
    lanes.iter().chain(rest).fold(0, |sum, word| sum.wrapping_add(*word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_read() {
        for length in [0, 1, LANES - 1, LANES, LANES + 1, 1000] {
            let buffer: Vec<u64> = (1..=length as u64).collect();
            let n = length as u64;
            assert_eq!(sum(&buffer), n * (n + 1) / 2, "{length}");
        }
        assert_eq!(sum(&[u64::MAX, 2]), 1);
    }
}
