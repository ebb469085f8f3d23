//! What the page shows, as words and numbers that drawing takes as they are.

use crate::app::work::chart::Chart;
use crate::estimate::FitClass;
use crate::language::inside;
use crate::model::ModelId;
use crate::quant::Level;

/// Words of a sentence; those that decide are strong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// The text.
    pub text: String,
    /// It decides.
    pub strong: bool,
}

/// A sentence from a text in which `*…*` is strong.
pub fn sentence(text: &str) -> Vec<Words> {
    let parts = text.split('*').enumerate().filter(|(_, part)| !part.is_empty());
    parts.map(|(at, part)| Words { text: part.to_owned(), strong: at % 2 == 1 }).collect()
}

/// A large number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    /// The number; `None`: n/a.
    pub number: Option<String>,
    /// Its unit.
    pub unit: String,
    /// What it is, with range, date or source.
    pub caption: String,
}

/// A cell of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// The text.
    pub text: String,
    /// It is late, or not known.
    pub weak: bool,
}

/// A row of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// How the model lies, where a model is meant.
    pub class: Option<FitClass>,
    /// What the row is about.
    pub name: String,
    /// A short addition to it: the quantization.
    pub note: String,
    /// Its values, under the columns.
    pub cells: Vec<Cell>,
    /// It is the present setting.
    pub present: bool,
    /// What a click chooses.
    pub pick: Option<(ModelId, Level)>,
    /// More, on hover.
    pub more: String,
}

impl Row {
    /// The row as a screen reader says it.
    pub fn spoken(&self, columns: &[String]) -> String {
        let note = if self.note.is_empty() { String::new() } else { format!(" {}", self.note) };
        let class = self.class.map(|class| format!(", {}", inside(class.word()))).unwrap_or_default();
        let cells = columns.iter().zip(&self.cells);
        let cells: Vec<String> = cells.map(|(column, cell)| format!("{column} {}", cell.text)).collect();
        format!("{}{note}{class}: {}", self.name, cells.join(", "))
    }
}

/// A table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// What it is about.
    pub title: String,
    /// Heads of the columns after the first.
    pub columns: Vec<String>,
    /// Its rows.
    pub rows: Vec<Row>,
    /// Under it: what it leaves out, how it was made.
    pub note: String,
}

/// What came of a question.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// The work in a few words.
    pub title: String,
    /// Machine, model, requests at once.
    pub subtitle: String,
    /// The model that it is about.
    pub model: Option<(ModelId, Level)>,
    /// Its name with the level.
    pub model_name: String,
    /// Why there is no answer, or what it leaves open.
    pub problem: Option<String>,
    /// What comes of it.
    pub sentences: Vec<Vec<Words>>,
    /// The same in numbers.
    pub figures: Vec<Figure>,
    /// And as curves.
    pub charts: Vec<Chart>,
    /// Models for the work, other settings, costs a million tokens.
    pub tables: Vec<Table>,
    /// How it was worked out, and what was assumed.
    pub notes: Vec<String>,
    /// Requests at once: of the answer, the best, the most that fit.
    pub at_once: Option<[u32; 3]>,
}

impl Found {
    /// The sentences as plain text.
    pub fn text(&self) -> Vec<String> {
        self.sentences.iter().map(|words| words.iter().map(|part| part.text.as_str()).collect()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_make_words_strong() {
        let words = sentence("Yes: *done at 04:30*, in time.");
        let parts: Vec<(&str, bool)> = words.iter().map(|part| (part.text.as_str(), part.strong)).collect();
        assert_eq!(parts, [("Yes: ", false), ("done at 04:30", true), (", in time.", false)]);
    }
}
