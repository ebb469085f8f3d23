//! The hardware table: 489 GPUs and systems on a chip, and processor platforms with their memory.
//!
//! A device is found by its exact name (see [`Table::find`]) or by its PCI id ([`Table::by_pci`]); names
//! and ids are not unique, so both are narrowed by what else is known ([`Hints`]).

mod cpu;
mod find;
mod name;
mod pattern;
mod pci;
mod record;
mod search;

use std::collections::HashMap;
use std::sync::LazyLock;

pub use cpu::{CpuPlatform, CpuPlatforms, RamOption};
pub use find::{Hints, Match, UnknownGpu};
pub use pci::{NoPciId, PciId};
pub use record::{BandwidthByRam, CpuCores, Kind, PcieSlot, Record};

use crate::letters::Letters;
use name::Spelling;

/// GPUs and systems on a chip, one JSON object a line.
const GPUS: &str = include_str!("../../../assets/gpus.jsonl");

/// GPUs and systems on a chip by name and PCI id.
#[derive(Debug)]
pub struct Table {
    records: Vec<Record>,
    /// Each record's own name as an unknown one is compared with it.
    own_names: Vec<OwnName>,
    /// Records by the one spelling of each of their names, in the order of the table.
    by_name: HashMap<String, Vec<usize>>,
}

/// A record's own name, ready to be compared.
#[derive(Debug)]
struct OwnName {
    spelling: Spelling,
    key: String,
    letters: Letters,
}

impl OwnName {
    fn of(name: &str) -> Self {
        let spelling = Spelling::of(name);
        let key = spelling.key();
        let letters = Letters::of(&key);
        Self { spelling, key, letters }
    }
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "the embedded table is read by the tests")]
    Table::parse(GPUS).expect("embedded hardware table")
});

impl Table {
    /// The table that the program carries; read on first use.
    pub fn embedded() -> &'static Self {
        &TABLE
    }

    /// Reads a table, one record a line.
    fn parse(lines: &str) -> serde_json::Result<Self> {
        let records: Vec<Record> = lines
            .lines()
            .filter(|line| !line.is_empty())
            .map(serde_json::from_str)
            .collect::<Result<_, _>>()?;
        let own_names = records.iter().map(|record| OwnName::of(&record.name)).collect();
        let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
        for (index, record) in records.iter().enumerate() {
            for name in std::iter::once(&record.name).chain(&record.aliases) {
                let namesakes = by_name.entry(Spelling::of(name).key()).or_default();
                if !namesakes.contains(&index) {
                    namesakes.push(index);
                }
            }
        }
        Ok(Self { records, own_names, by_name })
    }

    /// All records.
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// The record with this identity, as in [`super::Gpu::table_id`].
    pub fn by_id(&self, id: &str) -> Option<&Record> {
        self.records.iter().find(|record| record.id == id)
    }
}
