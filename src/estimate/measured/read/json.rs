//! JSON: a list of objects, one object, or one a line, with whatever was printed around them.

use serde_json::Deserializer;

use super::fields::Fields;
use super::{Format, Rows, llama_bench, ollama, vllm};
use crate::language::{json_text, tr};

/// Reads every object that begins a line or an element of a list.
pub(super) fn read(text: &str, rows: &mut Rows) {
    let Some(mut at) = start(text) else { return };
    let mut lines = Lines::new(text);
    loop {
        at = skip(text, at);
        if at >= text.len() {
            return;
        }
        if !text[at..].starts_with('{') {
            // A closed list, a message of a driver between two objects.
            match next_object(text, at) {
                Some(next) => at = next,
                None => return,
            }
            continue;
        }
        let line = lines.of(at);
        let mut values = Deserializer::from_str(&text[at..]).into_iter::<Fields>();
        match values.next() {
            Some(Ok(fields)) => {
                at += values.byte_offset();
                object(&fields, line, rows);
            }
            Some(Err(error)) => {
                // Only where it is known to be a benchmark's, or begins as one: any text may hold a brace.
                let next = next_object(text, at + 1);
                let piece = &text[at..next.unwrap_or(text.len())];
                if rows.format.is_some() || piece.contains("\"build_commit\"") {
                    let format = rows.format.unwrap_or(Format::LlamaBenchJson);
                    let reason =
                        if error.is_eof() { tr!("it ends in the middle") } else { tr!("it is no JSON") };
                    let inner = error.to_string();
                    let inner = json_text(inner.split(" at line ").next().unwrap_or(&inner));
                    rows.add(format, line, Err(format!("{reason}: {inner}")));
                }
                match next {
                    Some(next) => at = next,
                    None => return,
                }
            }
            None => return,
        }
    }
}

fn object(fields: &Fields, line: usize, rows: &mut Rows) {
    if llama_bench::is_row(fields) {
        rows.add(Format::LlamaBenchJson, line, llama_bench::row(fields));
    } else if ollama::is_answer(fields) {
        for row in ollama::answer(fields) {
            rows.add(Format::OllamaJson, line, row);
        }
    } else if let Some(result) = vllm::result(fields) {
        for row in result {
            rows.add(Format::VllmServe, line, row);
        }
    } else if rows.format.is_some() && !ollama::is_part(fields) {
        let reason = tr!("an object that is no result of a benchmark").to_owned();
        rows.fault(line, reason);
    }
}

/// The first line that begins with an object or a list.
fn start(text: &str) -> Option<usize> {
    line_starts(text, 0).find(|&at| text[at..].trim_start().starts_with(['{', '[']))
}

/// The next line after `from` that begins with an object.
fn next_object(text: &str, from: usize) -> Option<usize> {
    let rest = text.get(from..)?;
    let from = from + rest.find('\n')? + 1;
    let line =
        line_starts(text, from).find(|&at| text[at..].trim_start_matches([' ', '\t']).starts_with('{'))?;
    Some(line + text[line..].find('{')?)
}

fn line_starts(text: &str, from: usize) -> impl Iterator<Item = usize> {
    let breaks = text[from..].match_indices('\n').map(move |(at, _)| from + at + 1);
    std::iter::once(from).chain(breaks)
}

/// Past white space, commas and the brackets of a list.
fn skip(text: &str, from: usize) -> usize {
    let rest = &text[from..];
    text.len() - rest.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, ',' | '[' | ']')).len()
}

/// Line numbers of rising places, counted once.
struct Lines<'a> {
    text: &'a str,
    at: usize,
    line: usize,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, at: 0, line: 1 }
    }

    fn of(&mut self, place: usize) -> usize {
        self.line += self.text[self.at..place].bytes().filter(|&byte| byte == b'\n').count();
        self.at = place;
        self.line
    }
}
