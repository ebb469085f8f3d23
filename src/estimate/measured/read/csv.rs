//! llama-bench's CSV.

use csv::ReaderBuilder;

use super::fields::{Fields, Scalar};
use super::{Format, Rows, llama_bench};
use crate::language::tr;

/// Reads the rows below a header of llama-bench's, in whatever order its columns stand.
pub(super) fn read(text: &str, rows: &mut Rows) {
    let mut line = 1;
    let mut rest = text;
    // A driver's messages may stand before it.
    loop {
        let first = rest.lines().next().unwrap_or("");
        if is_header(first) {
            break;
        }
        let Some(end) = rest.find('\n') else { return };
        rest = &rest[end + 1..];
        line += 1;
    }
    let mut reader = ReaderBuilder::new().flexible(true).has_headers(false).from_reader(rest.as_bytes());
    let mut names: Vec<String> = Vec::new();
    let mut record = csv::StringRecord::new();
    loop {
        let at = line + reader.position().line() as usize - 1;
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => {
                rows.add(Format::LlamaBenchCsv, at, Err(tr!("it is no CSV: {error}", error)));
                return;
            }
        }
        // Several runs in one file repeat the header.
        if names.is_empty() || record.iter().any(|field| field == "avg_ts") {
            names = record.iter().map(|name| name.trim().to_owned()).collect();
            rows.format = Some(Format::LlamaBenchCsv);
        } else if record.len() != names.len() {
            // "build:" and messages of drivers are one field.
            if record.len() > 1 {
                let reason = tr!(
                    "{record} fields where the header has {names}",
                    record = record.len(),
                    names = names.len()
                );
                rows.add(Format::LlamaBenchCsv, at, Err(reason));
            }
        } else {
            let mut fields = Fields::default();
            for (name, value) in names.iter().zip(&record) {
                fields.set(name, Scalar::Text(value.to_owned()));
            }
            rows.add(Format::LlamaBenchCsv, at, llama_bench::row(&fields));
        }
    }
}

fn is_header(line: &str) -> bool {
    line.starts_with("build_commit,") && line.split(',').any(|name| name.trim() == "avg_ts")
}
