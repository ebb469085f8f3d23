//! Lines of a stream, none of them longer than a bound: input comes from anywhere.

use std::io::{self, BufRead};

/// One line of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RawLine {
    /// Its bytes are in the buffer, without the line break.
    Whole,
    /// Longer than the bound; it was skipped.
    TooLong,
    /// There is no further line.
    End,
}

/// Reads the next line into `line`, up to `bound` bytes; a longer one is skipped to its end and never held.
///
/// # Errors
/// Those of the stream.
pub fn next_line(input: &mut impl BufRead, line: &mut Vec<u8>, bound: usize) -> io::Result<RawLine> {
    line.clear();
    let (mut too_long, mut any) = (false, false);
    loop {
        let chunk = match input.fill_buf() {
            Ok(chunk) => chunk,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let end = chunk.iter().position(|byte| *byte == b'\n');
        let piece = &chunk[..end.unwrap_or(chunk.len())];
        let at_end = chunk.is_empty();
        any |= !at_end;
        if line.len() + piece.len() > bound {
            too_long = true;
        } else if !too_long {
            line.extend_from_slice(piece);
        }
        let used = piece.len() + usize::from(end.is_some());
        input.consume(used);
        if end.is_some() || at_end {
            return Ok(match (any, too_long) {
                (false, _) => RawLine::End,
                (true, true) => RawLine::TooLong,
                (true, false) => RawLine::Whole,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::RawLine::{TooLong, Whole};
    use super::*;

    fn lines(text: &str, buffer: usize) -> Vec<(RawLine, String)> {
        let mut input = BufReader::with_capacity(buffer, text.as_bytes());
        let mut line = Vec::new();
        let mut all = Vec::new();
        loop {
            match next_line(&mut input, &mut line, 5).unwrap() {
                RawLine::End => return all,
                kind => all.push((kind, String::from_utf8(line.clone()).unwrap())),
            }
        }
    }

    #[test]
    fn lines_at_the_bound_are_read_and_longer_ones_skipped() {
        for buffer in [1, 2, 3, 7, 100] {
            let found: Vec<RawLine> =
                lines("ab\n\n12345\n123456\nlast", buffer).into_iter().map(|(kind, _)| kind).collect();
            assert_eq!(found, [Whole, Whole, Whole, TooLong, Whole], "buffer of {buffer}");
            let texts: Vec<String> =
                lines("ab\n\n12345\nlast\n", buffer).into_iter().map(|(_, t)| t).collect();
            assert_eq!(texts, ["ab", "", "12345", "last"]);
        }
        assert!(lines("", 8).is_empty());
    }
}
