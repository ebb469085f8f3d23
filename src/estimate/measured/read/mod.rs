//! Benchmark output as text: which format it is, and its rows, each good one read and each bad one named.
//!
//! Nothing here trusts the text: its length, its rows and every field are bounded before anything is kept.

mod csv;
mod fields;
mod json;
mod llama_bench;
mod markdown;
mod ollama;
mod vllm;

use thiserror::Error;

use super::Measurement;
use crate::language::tr;

pub use ollama::model_of_command;

/// Longest text that is read, bytes. vLLM's detailed results, the longest, have some megabytes.
pub const TEXT_MAX: usize = 32 << 20;
/// Most rows that are kept of one text.
pub const ROWS_MAX: usize = 5000;
/// Most rows whose faults are told one by one.
const FAULTS_MAX: usize = 200;
/// Longest text of a field that is kept, characters.
const FIELD_MAX: usize = 200;

/// Who printed the text, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// llama-bench's JSON, or one object a line.
    LlamaBenchJson,
    /// llama-bench's CSV.
    LlamaBenchCsv,
    /// llama-bench's table.
    LlamaBenchTable,
    /// What `ollama run --verbose` prints after an answer.
    OllamaVerbose,
    /// Answers of Ollama's own interface.
    OllamaJson,
    /// Results of vLLM's benchmark of a server.
    VllmServe,
}

impl Format {
    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Self::LlamaBenchJson => tr!("llama-bench, JSON"),
            Self::LlamaBenchCsv => tr!("llama-bench, CSV"),
            Self::LlamaBenchTable => tr!("llama-bench, table"),
            Self::OllamaVerbose => "ollama run --verbose",
            Self::OllamaJson => "Ollama, JSON",
            Self::VllmServe => "vLLM, JSON",
        }
    }
}

/// What a text holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// Format of the first row that was understood.
    pub format: Format,
    /// The rows that could be read, in their order.
    pub measurements: Vec<Measurement>,
    /// The others.
    pub faults: Vec<Fault>,
    /// Faults beyond those that are listed.
    pub more_faults: usize,
}

/// A row that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{}", tr!("line {line}: {reason}", line, reason))]
pub struct Fault {
    /// Line where it begins, counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub reason: String,
}

/// Why nothing at all was read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ReadError {
    /// Longer than any benchmark's output.
    #[error("{}", tr!("{bytes} bytes long; at most {most} are read", bytes = .0, most = TEXT_MAX))]
    TooLong(usize),
    /// Not text.
    #[error("{}", tr!("this is no text but binary data"))]
    Binary,
    /// None of the formats.
    #[error(
        "{}",
        tr!(
            "this is no benchmark output that can be read: llama-bench (table, CSV, JSON, JSONL), ollama run \
             --verbose, vllm bench serve"
        )
    )]
    Unknown,
    /// llama-bench's SQL.
    #[error("{}", tr!("llama-bench's SQL is not read: run it again with -o json, or use its table"))]
    Sql,
}

/// Reads a benchmark's output, whoever printed it. Lines around it, a shell's prompt or a driver's
/// messages, are passed over.
///
/// # Errors
/// There is no row in it, neither good nor bad.
pub fn read(text: &str) -> Result<Reading, ReadError> {
    if text.len() > TEXT_MAX {
        return Err(ReadError::TooLong(text.len()));
    }
    if text.contains('\0') {
        return Err(ReadError::Binary);
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut rows = Rows::default();
    // The first that finds rows is right: none finds any in another's output.
    let readers: [fn(&str, &mut Rows); 4] = [csv::read, json::read, markdown::read, ollama::read];
    for reader in readers {
        reader(text, &mut rows);
        if let Some(format) = rows.format {
            return Ok(Reading {
                format,
                measurements: rows.measurements,
                faults: rows.faults,
                more_faults: rows.more_faults,
            });
        }
        rows = Rows::default();
    }
    let is_sql = text.contains("INSERT INTO") && text.contains("avg_ts");
    Err(if is_sql { ReadError::Sql } else { ReadError::Unknown })
}

/// Reads bytes of a file.
///
/// # Errors
/// As [`read`], and for what is no text.
pub fn read_bytes(bytes: &[u8]) -> Result<Reading, ReadError> {
    if bytes.len() > TEXT_MAX {
        return Err(ReadError::TooLong(bytes.len()));
    }
    let text = match bytes {
        // PowerShell's `>` writes UTF-16.
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    };
    read(&text)
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

/// The rows found so far.
#[derive(Debug, Default)]
struct Rows {
    format: Option<Format>,
    measurements: Vec<Measurement>,
    faults: Vec<Fault>,
    more_faults: usize,
}

impl Rows {
    /// Takes a row; `line`: where it begins.
    fn add(&mut self, format: Format, line: usize, row: Result<Measurement, String>) {
        self.format.get_or_insert(format);
        match row.and_then(checked) {
            Ok(_) if self.measurements.len() >= ROWS_MAX => {
                self.fault(line, tr!("only the first {rows} rows are read", rows = ROWS_MAX));
            }
            Ok(measurement) => self.measurements.push(measurement),
            Err(reason) => self.fault(line, reason),
        }
    }

    fn fault(&mut self, line: usize, reason: String) {
        if self.faults.len() < FAULTS_MAX {
            self.faults.push(Fault { line, reason });
        } else {
            self.more_faults += 1;
        }
    }
}

/// What can be no measurement, whoever says so.
fn checked(row: Measurement) -> Result<Measurement, String> {
    /// Faster than anything that computes: tokens/s.
    const FASTEST: f64 = 1e8;
    /// More than any cache holds.
    const TOKENS_MAX: u32 = 1 << 28;
    let speed = row.tokens_per_second;
    if !speed.is_finite() || speed <= 0.0 {
        return Err(tr!("a speed is a number above 0, not {speed}", speed));
    }
    if speed > FASTEST {
        return Err(tr!("{speed} tokens/s is faster than any computer", speed = format!("{speed:.0}")));
    }
    if [row.n_prompt, row.n_gen, row.depth].iter().any(|tokens| *tokens > TOKENS_MAX) {
        return Err(tr!("more tokens than any cache holds").to_owned());
    }
    let deviation = row.deviation.filter(|deviation| deviation.is_finite() && *deviation >= 0.0);
    Ok(Measurement { deviation, ..row })
}

/// A field's text, cut to what is kept.
fn cut(text: &str) -> String {
    text.trim().chars().filter(|c| !c.is_control()).take(FIELD_MAX).collect()
}

/// A field's text as it is shown in a reason.
fn shown(text: &str) -> String {
    let mut short: String = text.trim().chars().filter(|c| !c.is_control()).take(40).collect();
    if text.trim().chars().count() > 40 {
        short.push('…');
    }
    format!("\"{short}\"")
}
