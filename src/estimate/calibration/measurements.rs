//! Published measurements, each with its source (`assets/measurements.csv`).

use std::sync::LazyLock;

use serde::Deserialize;

/// What was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
pub enum Test {
    /// Tokens generated a second, of all requests together.
    #[serde(rename = "tg")]
    Decode,
    /// Prompt tokens a second.
    #[serde(rename = "pp")]
    Prefill,
}

/// How it was measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// By the engine.
    #[default]
    #[serde(rename = "")]
    Engine,
    /// By a client, with a server in between.
    Served,
    /// Output tokens over wall time, prompts included.
    Derived,
}

/// One measurement. An empty text and a missing number are not stated.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Measurement {
    /// Its number.
    pub id: String,
    /// Day or month, ISO 8601.
    pub date: String,
    /// Line of its address in `assets/measurement_sources.txt`, from 0.
    source: usize,
    /// Device, as the hardware table names it.
    pub gpu: String,
    /// How many of them.
    pub gpus: u32,
    /// Specified bandwidth of one, GB/s.
    pub gbs: Option<f64>,
    /// Processor.
    pub cpu: String,
    /// Its threads that worked.
    pub threads: Option<u32>,
    /// Bandwidth of main memory, GB/s.
    pub ram_gbs: Option<f64>,
    /// Backend.
    pub backend: String,
    /// Engine.
    pub engine: String,
    /// Model, an id of the catalog.
    pub model: String,
    /// Model as the source names it.
    pub label: String,
    /// Quantization as the source names it.
    pub quant: String,
    /// The level that stands for it.
    pub level: String,
    /// Size of the file, GiB.
    pub file_gib: Option<f64>,
    /// What was measured.
    pub test: Test,
    /// Prompt tokens.
    pub prompt: Option<u32>,
    /// Generated tokens.
    pub output: Option<u32>,
    /// Tokens in the cache before.
    pub depth: Option<u32>,
    /// Requests at once.
    pub requests: Option<u32>,
    /// Physical batch.
    pub ubatch: Option<u32>,
    /// Type of the cache.
    pub cache: String,
    /// `on`, `off`.
    pub flash: String,
    /// Empty: all on devices; `cpu`; `n-cpu-moe=N`, `partial …`.
    pub placement: String,
    /// Tokens a second.
    pub tokens_per_s: f64,
    /// How it was measured.
    pub kind: Kind,
    /// Why the fit leaves it out; empty: it does not.
    pub skip: String,
}

impl Measurement {
    /// Where it was published.
    pub fn source(&self) -> &'static str {
        sources().get(self.source).copied().unwrap_or_default()
    }

    /// Everything is on one device, one request runs.
    pub fn is_plain(&self) -> bool {
        self.gpus == 1 && self.placement.is_empty() && self.requests.unwrap_or(1) == 1
    }
}

fn sources() -> &'static [&'static str] {
    static SOURCES: LazyLock<Vec<&str>> =
        LazyLock::new(|| include_str!("../../../assets/measurement_sources.txt").lines().collect());
    &SOURCES
}

/// All measurements.
#[expect(clippy::expect_used, reason = "the asset is part of the program; a test parses it")]
pub fn measurements() -> &'static [Measurement] {
    static ALL: LazyLock<Vec<Measurement>> = LazyLock::new(|| {
        let text = include_str!("../../../assets/measurements.csv");
        csv::Reader::from_reader(text.as_bytes())
            .deserialize()
            .collect::<Result<_, _>>()
            .expect("embedded measurements are valid")
    });
    &ALL
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::table::Table;
    use crate::model::Catalog;
    use crate::quant::Level;

    #[test]
    fn every_measurement_names_what_is_known() {
        let catalog = Catalog::embedded();
        let table = Table::embedded();
        assert!(measurements().len() > 4800);
        for row in measurements() {
            let source = row.source();
            assert!(source.starts_with("http") || source.ends_with("(address not kept)"), "{source}");
            assert!(row.tokens_per_s > 0.0, "{}", row.id);
            assert!(
                row.gpu.is_empty() || table.records().iter().any(|known| known.name == row.gpu),
                "{}",
                row.gpu
            );
            if row.model.is_empty() {
                assert!(!row.skip.is_empty(), "{}", row.id);
            } else {
                assert!(catalog.find(&row.model).is_ok(), "{}", row.model);
                assert!(row.level.parse::<Level>().is_ok(), "{}", row.level);
            }
        }
    }
}
