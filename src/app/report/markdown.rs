//! The report as a Markdown table.

use std::fmt::Write as _;

use super::Report;
use super::text::{cells, columns, scenario_line, summary_line};

/// The report as Markdown: two lines, a table, a summary.
pub fn markdown(report: &Report) -> String {
    let mut out = format!("{}  \n{}\n\n", escaped(&report.machine_line), escaped(&scenario_line(report)));
    let rows: Vec<[String; 8]> = report.models.iter().map(cells).collect();
    out.push_str(&table(columns().into_iter(), rows.iter().map(|row| row.iter().map(String::as_str))));
    let _ = write!(out, "\n{}\n", escaped(&summary_line(report)));
    for warning in &report.warnings {
        let _ = write!(out, "\n{}.\n", escaped(warning.trim_end_matches('.')));
    }
    out
}

/// A table: columns with their titles, and whether they are aligned to the right; then rows.
pub(super) fn table<'c>(
    columns: impl Iterator<Item = (&'c str, bool)> + Clone,
    rows: impl Iterator<Item = impl Iterator<Item = &'c str>>,
) -> String {
    let mut out = String::new();
    push_row(&mut out, columns.clone().map(|(title, _)| escaped(title)));
    push_row(&mut out, columns.map(|(_, right)| if right { "---:" } else { "---" }.to_owned()));
    for row in rows {
        push_row(&mut out, row.map(escaped));
    }
    out
}

fn push_row(out: &mut String, cells: impl Iterator<Item = String>) {
    out.push('|');
    for cell in cells {
        let _ = write!(out, " {cell} |");
    }
    out.push('\n');
}

/// Text that Markdown shows as it is. Names hold underscores, and a pipe would end the cell.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | '|' | '*' | '_' | '`' | '[' | ']' | '<' | '>' | '~' | '#' => {
                out.push('\\');
                out.push(c);
            }
            '\n' | '\r' => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_markdown_would_read_is_escaped() {
        assert_eq!(escaped("Q4_K_M | <b> a*b"), "Q4\\_K\\_M \\| \\<b\\> a\\*b");
        assert_eq!(escaped("two\nlines"), "two lines");
        assert_eq!(escaped("Qwen3 4B"), "Qwen3 4B");
    }
}
