//! A table of anything, and the forms in which it leaves the program.

use serde_json::{Map, Value, json};

use super::csv;
use super::markdown::{self, escaped};
use super::text::NOT_KNOWN;
use crate::app::answer::significant;
use crate::language;

/// A form in which a table leaves the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Comma-separated values (RFC 4180): sizes in bytes, unknown is empty.
    Csv,
    /// JSON, for programs.
    Json,
    /// A Markdown table, for people.
    Markdown,
}

impl Form {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Csv, Self::Json, Self::Markdown];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Csv => "CSV",
            Self::Json => "JSON",
            Self::Markdown => "Markdown",
        }
    }

    /// How files of it end.
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Markdown => "md",
        }
    }
}

/// What stands in one place of a table.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// It is not known.
    Unknown,
    /// Words.
    Words(String),
    /// A number, and how people read it.
    Number(f64, String),
}

impl Cell {
    /// A number that may not be known, with six digits that are the same on every platform.
    pub fn number(value: Option<f64>, shown: impl FnOnce(f64) -> String) -> Self {
        let known = value.filter(|value| value.is_finite());
        known.map_or(Self::Unknown, |value| Self::Number(significant(value, 6), shown(value)))
    }

    fn raw(&self) -> String {
        match self {
            Self::Unknown => String::new(),
            Self::Words(words) => words.clone(),
            Self::Number(value, _) => value.to_string(),
        }
    }

    fn shown(&self) -> &str {
        match self {
            Self::Unknown => language::text(NOT_KNOWN),
            Self::Words(words) => words,
            Self::Number(_, shown) => shown,
        }
    }

    fn json(&self) -> Value {
        match self {
            Self::Unknown => Value::Null,
            Self::Words(words) => json!(words),
            Self::Number(value, _) => json!(value),
        }
    }
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetColumn {
    /// Its name for programs, with its unit.
    pub key: String,
    /// Its name for people.
    pub title: String,
    /// Numbers are aligned to the right.
    pub right: bool,
}

impl SheetColumn {
    /// A column of words.
    pub fn words(key: &str, title: &str) -> Self {
        Self { key: key.to_owned(), title: title.to_owned(), right: false }
    }

    /// A column of numbers.
    pub fn numbers(key: &str, title: &str) -> Self {
        Self { key: key.to_owned(), title: title.to_owned(), right: true }
    }
}

/// A table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sheet {
    /// What it is of: lines over the table, for people.
    pub head: Vec<String>,
    /// Columns.
    pub columns: Vec<SheetColumn>,
    /// Rows, each with a cell a column.
    pub rows: Vec<Vec<Cell>>,
    /// Lines under it, for people.
    pub foot: Vec<String>,
}

impl Sheet {
    /// The table in this form.
    pub fn text(&self, form: Form) -> String {
        match form {
            Form::Csv => {
                let keys: Vec<&str> = self.columns.iter().map(|column| column.key.as_str()).collect();
                csv::lines(&keys, self.rows.iter().map(|row| row.iter().map(Cell::raw).collect()))
            }
            Form::Json => format!("{:#}\n", self.json()),
            Form::Markdown => self.markdown(),
        }
    }

    /// The table as spreadsheets take it from the clipboard.
    pub fn tab_separated(&self) -> String {
        let clean = |text: &str| text.replace(['\t', '\n', '\r'], " ");
        let mut out = self.columns.iter().map(|column| clean(&column.title)).collect::<Vec<_>>().join("\t");
        out.push('\n');
        for row in &self.rows {
            out.push_str(&row.iter().map(|cell| clean(&cell.raw())).collect::<Vec<_>>().join("\t"));
            out.push('\n');
        }
        out
    }

    /// A list of objects, a row each.
    pub fn json(&self) -> Value {
        let object = |row: &Vec<Cell>| {
            let members =
                self.columns.iter().zip(row).map(|(column, cell)| (column.key.clone(), cell.json()));
            Value::Object(members.collect::<Map<_, _>>())
        };
        self.rows.iter().map(object).collect()
    }

    fn markdown(&self) -> String {
        let mut out = String::new();
        for line in &self.head {
            out.push_str(&escaped(line));
            out.push_str("\n\n");
        }
        let heads = self.columns.iter().map(|column| (column.title.as_str(), column.right));
        out.push_str(&markdown::table(heads, self.rows.iter().map(|row| row.iter().map(Cell::shown))));
        for line in &self.foot {
            out.push('\n');
            out.push_str(&escaped(line));
            out.push('\n');
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet() -> Sheet {
        Sheet {
            head: vec!["Two_levels".to_owned()],
            columns: vec![SheetColumn::words("quant", "Level"), SheetColumn::numbers("need_gib", "GiB")],
            rows: vec![
                vec![Cell::Words("Q4_K_M, small".to_owned()), Cell::Number(8.4375, "8.4".to_owned())],
                vec![Cell::Words("Q8_0".to_owned()), Cell::number(None, |_| String::new())],
            ],
            foot: vec!["Done".to_owned()],
        }
    }

    #[test]
    fn each_form_holds_what_it_is_for() {
        assert_eq!(sheet().text(Form::Csv), "quant,need_gib\r\n\"Q4_K_M, small\",8.4375\r\nQ8_0,\r\n");
        assert_eq!(
            sheet().text(Form::Markdown),
            "Two\\_levels\n\n| Level | GiB |\n| --- | ---: |\n| Q4\\_K\\_M, small | 8.4 |\n| Q8\\_0 | n/a |\n\nDone\n"
        );
        let json: Value = serde_json::from_str(&sheet().text(Form::Json)).unwrap();
        assert_eq!(
            json,
            json!([{"quant": "Q4_K_M, small", "need_gib": 8.4375}, {"quant": "Q8_0", "need_gib": null}])
        );
        assert_eq!(sheet().tab_separated(), "Level\tGiB\nQ4_K_M, small\t8.4375\nQ8_0\t\n");
        assert_eq!(Cell::number(Some(f64::NAN), |_| String::new()), Cell::Unknown);
    }
}
