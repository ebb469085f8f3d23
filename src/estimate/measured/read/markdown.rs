//! llama-bench's table, with the lines of drivers before it and the build after it.

use super::fields::{Fields, Scalar};
use super::{Format, Rows, cut, llama_bench};
use crate::estimate::measured::Measurement;
use crate::language::tr;

/// Columns that llama-bench writes shorter than its fields.
const SHORT: [(&str, &str); 14] = [
    ("model", "model_type"),
    ("backend", "backends"),
    ("ngl", "n_gpu_layers"),
    ("ncmoe", "n_cpu_moe"),
    ("threads", "n_threads"),
    ("sm", "split_mode"),
    ("mg", "main_gpu"),
    ("nkvo", "no_kv_offload"),
    ("fa", "flash_attn"),
    ("dev", "devices"),
    ("ts", "tensor_split"),
    ("ot", "tensor_buft_overrides"),
    ("mmap", "use_mmap"),
    ("embd", "embeddings"),
];

/// Reads every table of llama-bench's in the text.
pub(super) fn read(text: &str, rows: &mut Rows) {
    let mut devices: Vec<String> = Vec::new();
    let mut table: Option<Table> = None;
    // A build that stands before its table.
    let mut waiting: Option<String> = None;
    for (number, line) in text.lines().enumerate() {
        let line_number = number + 1;
        // Quoted, as in a message.
        let line = line.trim_start_matches(|c: char| c.is_whitespace() || c == '>').trim_end();
        if let Some(build) = build(line) {
            match &table {
                Some(table) => table.set_build(rows, &build),
                None => waiting = Some(build),
            }
        } else if let Some(name) = device(line) {
            // Lines of another run: its own devices follow.
            if table.take().is_some() {
                devices.clear();
            }
            if devices.len() < 64 {
                devices.push(name);
            }
        } else if let Some(cells) = cells(line) {
            if let Some(names) = header(&cells) {
                table = Some(Table { names, first: rows.measurements.len(), build: waiting.take() });
                rows.format = Some(Format::LlamaBenchTable);
            } else if let Some(table) = &table
                && !is_rule(&cells)
            {
                rows.add(Format::LlamaBenchTable, line_number, table.row(&cells, &devices));
            }
        }
    }
    // A table of which nothing at all was read may be anybody's.
    if rows.measurements.is_empty() && rows.faults.is_empty() {
        rows.format = None;
    }
}

struct Table {
    /// Names of its columns, as fields.
    names: Vec<String>,
    /// Rows that were there before it.
    first: usize,
    /// The build that stood before it.
    build: Option<String>,
}

impl Table {
    fn row(&self, cells: &[&str], devices: &[String]) -> Result<Measurement, String> {
        if cells.len() != self.names.len() {
            return Err(tr!(
                "{cells} cells where the header has {names}",
                cells = cells.len(),
                names = self.names.len()
            ));
        }
        let mut fields = Fields::default();
        for (name, cell) in self.names.iter().zip(cells) {
            fields.set(name, Scalar::Text((*cell).to_owned()));
        }
        let mut row = llama_bench::table_row(&fields)?;
        if row.place.gpus.is_empty() && !row.on_processor() {
            row.place.gpus = devices.to_vec();
        }
        row.build.clone_from(&self.build);
        Ok(row)
    }

    fn set_build(&self, rows: &mut Rows, build: &str) {
        for row in rows.measurements.iter_mut().skip(self.first) {
            row.build.get_or_insert_with(|| build.to_owned());
        }
    }
}

/// The cells of a line of a table.
fn cells(line: &str) -> Option<Vec<&str>> {
    const CELLS_MAX: usize = 128;
    let inner = line.strip_prefix('|')?;
    let inner = inner.strip_suffix('|').unwrap_or(inner);
    Some(inner.split('|').take(CELLS_MAX).map(plain).collect())
}

/// A cell without what Markdown decorates it with.
fn plain(cell: &str) -> &str {
    cell.trim().trim_matches(['*', '`']).trim()
}

/// The columns' names as fields, of a header of llama-bench's.
fn header(cells: &[&str]) -> Option<Vec<String>> {
    let names: Vec<String> = cells.iter().map(|cell| cell.to_ascii_lowercase()).collect();
    let has = |wanted: &str| names.iter().any(|name| name == wanted);
    if !(has("model") && has("test") && has("t/s")) {
        return None;
    }
    let long = |name: String| {
        let known = SHORT.iter().find(|(short, _)| *short == name);
        known.map_or(name, |(_, field)| (*field).to_owned())
    };
    Some(names.into_iter().map(long).collect())
}

fn is_rule(cells: &[&str]) -> bool {
    cells.iter().all(|cell| !cell.is_empty() && cell.chars().all(|c| matches!(c, '-' | ':' | ' ')))
}

/// "build: 8cf427ff (5163)".
fn build(line: &str) -> Option<String> {
    let words = line.trim_matches(['*', '`']).strip_prefix("build: ")?;
    Some(cut(words)).filter(|build| !build.is_empty())
}

/// A device that a backend of llama.cpp lists when it starts.
fn device(line: &str) -> Option<String> {
    // "Device 0: NVIDIA GeForce RTX 3090, compute capability 8.6, VMM: yes"
    if let Some(rest) = line.strip_prefix("Device ") {
        let (number, words) = rest.split_once(": ")?;
        let name = words.split(", ").next()?;
        return is_number(number).then(|| cut(name));
    }
    // "ggml_vulkan: 0 = AMD Radeon RX 580 Series (RADV POLARIS10) (radv) | uma: 0 | fp16: 0 | …"
    if let Some(rest) = line.strip_prefix("ggml_vulkan: ") {
        let (number, words) = rest.split_once(" = ")?;
        let name = words.split(" | ").next()?;
        return is_number(number).then(|| cut(name));
    }
    // "ggml_metal_init: GPU name:   Apple M1 Max"
    let words = line.strip_prefix("ggml_metal")?;
    let (_, name) = words.split_once("GPU name:")?;
    Some(cut(name)).filter(|name| !name.is_empty())
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
