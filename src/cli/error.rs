//! What is wrong with a query, in the words of `plimsoll estimate`.

use schemars::JsonSchema;
use serde::Serialize;

/// Kind of error; the names are part of the interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The line is no JSON object.
    BadJson,
    /// A field is missing, unknown, or out of its range.
    BadField,
    /// The catalog has no such model.
    UnknownModel,
    /// The hardware table has no such GPU, and the query does not describe it.
    UnknownGpu,
    /// No quantization has this name.
    UnknownQuant,
    /// The question is understood, but nothing can be said.
    Unsupported,
    /// A named file cannot be read.
    UnreadableFile,
}

/// A query that cannot be answered: what is wrong, and what was probably meant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema, thiserror::Error)]
#[error("{message}")]
pub struct QueryError {
    /// Kind.
    pub code: ErrorCode,
    /// What is wrong and what is allowed, in a sentence.
    pub message: String,
    /// Nearest valid names, best first; empty where there are none.
    pub suggestions: Vec<String>,
}

impl QueryError {
    /// An error without suggestions.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), suggestions: Vec::new() }
    }

    /// The same error with suggestions.
    pub fn suggesting(mut self, suggestions: Vec<String>) -> Self {
        self.suggestions = suggestions;
        self
    }

    /// A field that is missing, unknown, or out of range.
    pub fn field(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::BadField, message)
    }

    /// A question that is understood but has no answer.
    pub fn unsupported(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::Unsupported, message)
    }
}
