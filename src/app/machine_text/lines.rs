//! Rows in three columns under headings: what, value, and how it is known.

use std::fmt::{self, Write as _};

use crate::machine::Known;

/// Rows in three columns under headings.
#[derive(Default)]
pub(super) struct Lines(Vec<Entry>);

enum Entry {
    Head(String),
    Plain(String),
    Row([String; 3]),
}

impl Lines {
    pub(super) fn head(&mut self, text: &str) {
        self.0.push(Entry::Head(text.to_owned()));
    }

    pub(super) fn plain(&mut self, text: &str) {
        self.0.push(Entry::Plain(text.to_owned()));
    }

    pub(super) fn row(&mut self, what: &str, value: &str, source: &str) {
        self.0.push(Entry::Row([what.to_owned(), value.to_owned(), source.to_owned()]));
    }

    pub(super) fn known<T>(&mut self, what: &str, known: Option<&Known<T>>, text: impl FnOnce(&T) -> String) {
        match known {
            Some(known) => self.row(what, &text(&known.value), &known.source),
            None => self.row(what, "unknown", ""),
        }
    }
}

impl fmt::Display for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = |column: usize| {
            let cells = self.0.iter().filter_map(|entry| match entry {
                Entry::Row(cells) => Some(cells[column].chars().count()),
                _ => None,
            });
            cells.max().unwrap_or(0)
        };
        let (what_width, value_width) = (width(0), width(1));
        for (i, entry) in self.0.iter().enumerate() {
            match entry {
                Entry::Head(text) => {
                    if i > 0 {
                        f.write_char('\n')?;
                    }
                    writeln!(f, "{text}")?;
                }
                Entry::Plain(text) => writeln!(f, "  {text}")?,
                Entry::Row([what, value, source]) => {
                    let line = format!("  {what:<what_width$}  {value:<value_width$}  {source}");
                    writeln!(f, "{}", line.trim_end())?;
                }
            }
        }
        Ok(())
    }
}
