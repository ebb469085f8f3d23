//! What leaves the window as text or as a picture: made and written beside it.

mod picture;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::Receiver;

use super::beside::{self, Beside};
use super::detail::CurveKind;
use super::files;
use super::jobs::Wake;
use super::report::{DetailReport, Form, MatrixReport, Report, Sheet, csv, markdown};
use crate::language::{self, tr};

pub use picture::Picture;

/// Longest path that can be typed, letters.
const PATH_MAX: usize = 4096;

/// What can be exported as text.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// The table or the matrix, as it is filtered and ordered.
    Models,
    /// The selected model.
    Detail,
    /// What is pinned, side by side.
    Compare,
    /// The values of one of the detail's curves.
    Curve(CurveKind),
    /// A table of some page's own.
    Sheet {
        /// What its file is called.
        name: &'static str,
        /// The table.
        sheet: Box<Sheet>,
    },
}

/// A file that is asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum Order {
    /// A text.
    Text(What, Form),
    /// A picture, and what its file is called.
    Picture(Arc<Picture>, String),
}

impl Order {
    /// What its file is called, where nobody says another name.
    pub fn file_name(&self) -> String {
        let name = |what: &What| match what {
            What::Models => "models",
            What::Detail => "model",
            What::Compare => "compared",
            What::Curve(kind) => kind.file_name(),
            What::Sheet { name, .. } => name,
        };
        match self {
            Self::Text(what, form) => format!("{}.{}", name(what), form.ending()),
            Self::Picture(_, name) => format!("{name}.png"),
        }
    }
}

/// Something with exports.
#[derive(Clone, Debug, PartialEq)]
pub enum ExportAction {
    /// Put it on the clipboard.
    Copy(What, Form),
    /// Put the values of a curve on the clipboard, as spreadsheets take them.
    CopyValues(CurveKind),
    /// Write it to this file.
    Save(Order, PathBuf),
    /// The system shows no dialog: ask for the path in the window.
    NoDialog(Order),
    /// What stands in the field for the path.
    Type(String),
    /// Write to what stands there.
    Write,
    /// Give it up.
    Cancel,
}

/// A text that is still to be made.
#[derive(Debug)]
pub enum Document {
    /// A list of models.
    List(Box<Report>),
    /// The matrix.
    Matrix(Box<MatrixReport>),
    /// A detail.
    Detail(Box<DetailReport>),
    /// A table.
    Sheet(Sheet),
    /// A table's values for a spreadsheet.
    Values(Sheet),
}

impl Document {
    /// The text.
    ///
    /// # Errors
    /// None that is known: all of it can be written as JSON.
    pub fn text(&self, form: Form) -> Result<String, String> {
        Ok(match (self, form) {
            (Self::List(report), Form::Csv) => csv(report),
            (Self::List(report), Form::Markdown) => markdown(report),
            (Self::List(report), Form::Json) => {
                let json = serde_json::to_string_pretty(report).map_err(|error| error.to_string())?;
                format!("{json}\n")
            }
            (Self::Matrix(matrix), form) => matrix.sheet().text(form),
            (Self::Detail(detail), form) => detail.text(form),
            (Self::Sheet(sheet), form) => sheet.text(form),
            (Self::Values(sheet), _) => sheet.tab_separated(),
        })
    }
}

/// Makes a document, beside the window.
pub type Making = Box<dyn FnOnce() -> Document + Send>;

/// A path that is asked for in the window.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// What is to be written.
    pub order: Order,
    /// What stands in the field.
    pub path: String,
}

/// What came of it.
#[derive(Debug)]
enum Message {
    /// A text for the clipboard, and what it is.
    Copied(String),
    /// What there is to say.
    Said(String),
}

impl beside::Message for Message {
    fn may_be_lost(&self) -> bool {
        false
    }
}

/// Exports of one window.
#[derive(Debug)]
pub struct Export {
    /// A text for the clipboard, and how many there have been: the window copies each once.
    pub copied: (u64, Arc<str>),
    /// A path that is asked for.
    pub place: Option<Place>,
    beside: Beside<Message>,
    inbox: Receiver<Message>,
}

impl Export {
    /// Made and written on threads.
    pub fn background(wake: Wake) -> Self {
        Self::with(Beside::background(wake))
    }

    /// At once; for tests.
    pub fn inline() -> Self {
        Self::with(Beside::inline())
    }

    fn with((beside, inbox): (Beside<Message>, Receiver<Message>)) -> Self {
        Self { copied: (0, "".into()), place: None, beside, inbox }
    }

    pub(in crate::app) fn copy(&self, making: Making, form: Form) {
        self.beside.spawn("export", move |report| {
            report.send(match text(making, form) {
                Ok(text) => Message::Copied(text),
                Err(why) => Message::Said(tr!("Nothing was copied: {why}", why)),
            });
        });
    }

    pub(in crate::app) fn save(&self, making: Making, form: Form, path: PathBuf) {
        self.write(path, move || text(making, form).map(String::into_bytes));
    }

    pub(in crate::app) fn save_picture(&self, picture: Arc<Picture>, path: PathBuf) {
        self.write(path, move || picture.png().map_err(|error| error.to_string()));
    }

    fn write(&self, path: PathBuf, bytes: impl FnOnce() -> Result<Vec<u8>, String> + Send + 'static) {
        self.beside.spawn("export", move |report| {
            let written =
                bytes().and_then(|bytes| files::write_bytes(&path, &bytes).map_err(|e| e.to_string()));
            report.send(Message::Said(match written {
                Ok(()) => tr!("Written: {path}", path = path.display()),
                Err(why) => tr!("It could not be written ({why}): {path}", why, path = path.display()),
            }));
        });
    }

    /// Takes what has come; answers with what there is to say.
    pub(in crate::app) fn poll(&mut self) -> Option<String> {
        let mut said = None;
        for message in self.inbox.try_iter() {
            match message {
                Message::Copied(text) => {
                    said = Some(tr!("Copied: {lines}", lines = lines(&text)));
                    self.copied = (self.copied.0 + 1, text.into());
                }
                Message::Said(text) => said = Some(text),
            }
        }
        said
    }

    /// Asks for a path in the window, beginning with a file of the usual name in the person's own folder.
    pub(in crate::app) fn ask(&mut self, order: Order, home: Option<&Path>) {
        let name = order.file_name();
        let path = home.map_or_else(|| PathBuf::from(&name), |home| home.join(&name));
        self.place = Some(Place { order, path: path.to_string_lossy().into_owned() });
    }

    pub(in crate::app) fn typed(&mut self, text: &str) {
        if let Some(place) = &mut self.place {
            place.path = text.chars().filter(|letter| !letter.is_control()).take(PATH_MAX).collect();
        }
    }
}

/// Makes a document's text: in the window's language for people, in English for programs.
fn text(making: Making, form: Form) -> Result<String, String> {
    match form {
        Form::Markdown => making().text(form),
        Form::Csv | Form::Json => language::in_english(|| making().text(form)),
    }
}

/// How long a text is, in words.
fn lines(text: &str) -> String {
    match text.lines().count() {
        1 => tr!("1 line").to_owned(),
        count => tr!("{count} lines", count),
    }
}
