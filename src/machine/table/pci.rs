//! PCI ids of devices.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::language::tr;

/// A PCI id: vendor, device, and for some devices the revision that tells models apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PciId {
    /// Vendor: 0x10de is NVIDIA, 0x1002 AMD, 0x8086 Intel.
    pub vendor: u16,
    /// Device.
    pub device: u16,
    /// Revision. In the table: only this revision.
    pub revision: Option<u8>,
}

impl PciId {
    /// Whether this id of the table covers the device `found`. One without revision covers all revisions.
    pub(super) fn covers(self, found: Self) -> bool {
        self.vendor == found.vendor
            && self.device == found.device
            && (self.revision.is_none() || self.revision == found.revision)
    }
}

/// A text that is not a PCI id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", tr!("{text} is no PCI id; one looks like 1002:744c or 1002:744c:revC8", text = format!("{:?}", .0)))]
pub struct NoPciId(String);

impl FromStr for PciId {
    type Err = NoPciId;

    fn from_str(text: &str) -> Result<Self, NoPciId> {
        let parse = || {
            let mut parts = text.split(':');
            let vendor = u16::from_str_radix(parts.next()?, 16).ok()?;
            let device = u16::from_str_radix(parts.next()?, 16).ok()?;
            let revision = match parts.next() {
                Some(part) => Some(u8::from_str_radix(part.strip_prefix("rev")?, 16).ok()?),
                None => None,
            };
            parts.next().is_none().then_some(Self { vendor, device, revision })
        };
        parse().ok_or_else(|| NoPciId(text.to_owned()))
    }
}

impl TryFrom<String> for PciId {
    type Error = NoPciId;
    fn try_from(text: String) -> Result<Self, NoPciId> {
        text.parse()
    }
}

impl From<PciId> for String {
    fn from(id: PciId) -> Self {
        match id.revision {
            Some(revision) => format!("{id}:rev{revision:02X}"),
            None => id.to_string(),
        }
    }
}

/// Vendor and device as `lspci` shows them: "1002:744c".
impl fmt::Display for PciId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04x}:{:04x}", self.vendor, self.device)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_back() {
        for text in ["10de:2684", "1002:744c:revC8", "1002:15d8:rev06"] {
            assert_eq!(String::from(text.parse::<PciId>().unwrap()), text);
        }
        for text in ["", "10de", "10de:", "10de:2684:C8", "10de:2684:revC8:1", "zz:1"] {
            assert!(text.parse::<PciId>().is_err(), "{text}");
        }
    }

    #[test]
    fn revision_of_the_table_must_agree() {
        let found: PciId = "1002:744c:revC8".parse().unwrap();
        let covers = |table: &str| table.parse::<PciId>().unwrap().covers(found);
        assert!(covers("1002:744c:revC8"));
        assert!(covers("1002:744c"));
        assert!(!covers("1002:744c:revCC"));
        assert!(!covers("1002:744d"));
    }
}
