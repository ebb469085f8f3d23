//! Small parts of a computer that are shown as the system says them: memory modules, kinds of cores, caches,
//! disks, programs.

use serde::{Deserialize, Serialize};

use crate::language::tr;
use crate::units::Bytes;

/// A memory module, or a memory chip on the board.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Module {
    /// Its size.
    pub size: Bytes,
    /// "DDR5".
    pub kind: String,
    /// Speed that it runs at, MT/s.
    pub speed_mts: Option<u32>,
    /// Speed that it is sold for, MT/s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rated_mts: Option<u32>,
    /// Width of its data, bits, without those for error correction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width_bits: Option<u32>,
    /// Name of its slot: "`DIMM_A1`".
    pub slot: String,
    /// Name of its bank: "P0 CHANNEL A".
    pub bank: String,
}

/// A kind of cores.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CoreKind {
    /// Fast ones, of which a processor with one kind only has none named so.
    Performance,
    /// Small ones.
    Efficiency,
}

impl CoreKind {
    /// In a word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Performance => tr!("performance"),
            Self::Efficiency => tr!("efficiency"),
        }
    }
}

/// The cores of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CoreGroup {
    /// Their kind.
    pub kind: CoreKind,
    /// How many.
    pub cores: u32,
    /// Hardware threads of them all.
    pub threads: u32,
}

/// The caches of one level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cache {
    /// Level: 2 or 3.
    pub level: u8,
    /// Size of all of them.
    pub total: Bytes,
    /// How many there are.
    pub count: u32,
}

/// What a disk is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Medium {
    /// Flash on PCIe.
    Nvme,
    /// Other flash.
    Ssd,
    /// Turning.
    Hdd,
    /// The system does not say.
    #[default]
    Unknown,
}

impl Medium {
    /// In a word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nvme => "NVMe",
            Self::Ssd => "SSD",
            Self::Hdd => tr!("hard disk"),
            Self::Unknown => tr!("kind not told"),
        }
    }
}

/// A disk that models can be put on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Disk {
    /// Where it is found: "/", "C:\".
    pub mount: String,
    /// What it is made of.
    #[serde(default)]
    pub medium: Medium,
    /// All of it.
    pub total: Bytes,
    /// Free for this user.
    pub available: Bytes,
    /// The user's own files are on it.
    #[serde(default)]
    pub home: bool,
}

/// A program and the memory that it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Program {
    /// Its file's name, without folder and arguments.
    pub name: String,
    /// What it holds; `None`: the driver does not say.
    pub memory: Option<Bytes>,
    /// How many processes of it there are.
    #[serde(default = "one")]
    pub processes: u32,
}

fn one() -> u32 {
    1
}
