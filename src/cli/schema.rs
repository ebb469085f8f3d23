//! `plimsoll estimate --schema`: JSON Schema of query and answer, derived from the types that parse and
//! write them.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::answer::Line;
use super::query::Query;

/// A line of input and a line of output of `plimsoll estimate`.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "describes both sides of the stream; no value of it exists")]
struct PlimsollEstimate {
    /// One line of input.
    query: Query,
    /// One line of output.
    answer: Line,
}

/// The schema: an object with the properties `query` and `answer`, each the schema of one line.
pub fn schema() -> Value {
    SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<PlimsollEstimate>().to_value()
}
