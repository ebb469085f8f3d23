//! Workloads to begin with: `assets/workloads.json`.

use std::sync::LazyLock;

use serde::Deserialize;

use super::tokens::Assumptions;
use super::{Kind, Workload};
use crate::language;

const ASSET: &str = include_str!("../../../assets/workloads.json");

/// A workload to begin with.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Preset {
    /// Its name in the text form.
    pub id: String,
    /// Its name on the screen.
    pub name: String,
    /// The work.
    #[serde(flatten)]
    pub work: Workload,
    /// What an item of a batch is, one and several.
    #[serde(default)]
    pub item: Option<(String, String)>,
    /// Pages of an item of a batch, where it is counted in pages.
    #[serde(default)]
    pub pages: Option<f64>,
    /// Where its values come from.
    pub sources: Vec<String>,
}

impl Preset {
    /// Its name in the current language.
    pub fn words(&self) -> &str {
        language::text(&self.name)
    }
}

#[derive(Debug, Deserialize)]
struct Asset {
    tokens: Assumptions,
    presets: Vec<Preset>,
}

fn asset() -> &'static Asset {
    static PARSED: LazyLock<Asset> = LazyLock::new(|| {
        #[expect(clippy::expect_used, reason = "embedded data; a test reads it")]
        let parsed = serde_json::from_str(ASSET).expect("workloads.json is well formed");
        parsed
    });
    &PARSED
}

/// All presets.
pub fn presets() -> &'static [Preset] {
    &asset().presets
}

/// The first preset of a kind.
pub fn usual(kind: Kind) -> &'static Preset {
    let all = presets();
    all.iter().find(|preset| preset.work.kind() == kind).unwrap_or(&all[0])
}

/// A preset by its id.
pub fn preset(id: &str) -> Option<&'static Preset> {
    presets().iter().find(|preset| preset.id == id)
}

/// What words, pages and minutes are taken for.
pub fn assumptions() -> &'static Assumptions {
    &asset().tokens
}

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::*;

    #[test]
    fn presets_make_sense_and_say_where_they_come_from() {
        for (kind, _) in Kind::ALL {
            assert_eq!(usual(kind).work.kind(), kind);
        }
        for preset in presets() {
            assert_eq!(check(&preset.work), Ok(()), "{}", preset.id);
            assert!(!preset.sources.is_empty() && preset.sources.iter().all(|source| source.len() > 10));
            assert_eq!(super::preset(&preset.id), Some(preset));
        }
    }
}
