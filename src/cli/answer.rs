//! An answer of `plimsoll estimate`.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::error::QueryError;
use crate::app::answer::{FileAnswer, FitAnswer, MemoryAnswer, QualityAnswer, SpeedAnswer};
use crate::estimate::plan::Placement;
use crate::estimate::scenario::{BackendChoice, Engine};

/// One line of output: an answer, or what is wrong with the query.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Line {
    /// An answer.
    Answer(Box<Answer>),
    /// An error in place of an answer.
    Error(ErrorLine),
}

/// What is said of a model on a machine. All sizes are bytes.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Answer {
    /// As in the query; null where it had none.
    pub id: Value,
    /// Always true.
    #[schemars(extend("const" = true))]
    pub ok: bool,
    /// Id of the model in the catalog.
    pub model: String,
    /// Quantization, in its usual spelling.
    pub quant: String,
    /// Program that runs the model.
    pub engine: Engine,
    /// Its backend, as chosen.
    pub backend: BackendChoice,
    /// The file.
    pub file: FileAnswer,
    /// Memory by device.
    pub memory: MemoryAnswer,
    /// The verdict.
    pub fit: FitAnswer,
    /// Where the layers go.
    pub placement: Placement,
    /// Speed.
    pub speed: SpeedAnswer,
    /// What is kept of the model's quality.
    pub quality: QualityAnswer,
    /// Command line that runs it so.
    pub command: String,
    /// What a reader should know.
    pub warnings: Vec<String>,
}

/// An error in place of an answer.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ErrorLine {
    /// As in the query; null where it had none or could not be read.
    pub id: Value,
    /// Always false.
    #[schemars(extend("const" = false))]
    pub ok: bool,
    /// What is wrong.
    pub error: QueryError,
}

impl Line {
    /// An error in place of an answer.
    pub fn error(id: Value, error: QueryError) -> Self {
        Self::Error(ErrorLine { id, ok: false, error })
    }

    /// Whether the query was answered.
    pub const fn is_ok(&self) -> bool {
        matches!(self, Self::Answer(_))
    }
}
