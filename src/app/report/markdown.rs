//! The report as a Markdown table.

use std::fmt::Write as _;

use super::Report;
use super::text::{COLUMNS, cells, scenario_line, summary_line};

/// The report as Markdown: two lines, a table, a summary.
pub fn markdown(report: &Report) -> String {
    let mut out = format!("{}  \n{}\n\n", escaped(&report.machine_line), escaped(&scenario_line(report)));
    push_row(&mut out, COLUMNS.map(|(title, _)| title.to_owned()).iter());
    push_row(&mut out, COLUMNS.map(|(_, right)| if right { "---:" } else { "---" }.to_owned()).iter());
    for row in &report.models {
        push_row(&mut out, cells(row).map(|cell| escaped(&cell)).iter());
    }
    let _ = write!(out, "\n{}\n", escaped(&summary_line(report)));
    for warning in &report.warnings {
        let _ = write!(out, "\n{}.\n", escaped(warning.trim_end_matches('.')));
    }
    out
}

fn push_row<'c>(out: &mut String, cells: impl Iterator<Item = &'c String>) {
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
