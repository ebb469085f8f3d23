//! What is best for each use, in a report: the same answers as the window's list.

use std::fmt::Write as _;
use std::sync::Arc;

use serde::Serialize;

use super::On;
use crate::app::best_for::{self, Found, Pick, Question, Terms, Use, choose, method};
use crate::estimate::plan::Range;
use crate::estimate::ranking::{Ground, scale};
use crate::estimate::{Estimator, FitClass, Scenario, engine};
use crate::language::tr;
use crate::model::Catalog;
use crate::quant::Level;
use crate::units::Bytes;

/// What is best, and what had to be reached.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Best {
    /// What had to be reached.
    pub terms: Terms,
    /// What scores are counted on.
    pub scale: String,
    /// How models are compared.
    pub method: String,
    /// One a use.
    pub uses: Vec<BestRow>,
    #[serde(skip)]
    answer: best_for::Answer,
}

/// What is best for a use.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BestRow {
    /// The use.
    #[serde(rename = "use")]
    pub wanted: Use,
    /// Whether it reaches what had to be reached; where nothing does, the fastest is named.
    pub reached: bool,
    /// The model; null: none fits.
    pub best: Option<Named>,
    /// Those that come next.
    pub next: Vec<Named>,
    /// What has to be known about the comparison.
    pub note: Option<&'static str>,
}

/// A model at a level.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Named {
    /// Id in the catalog.
    pub model: String,
    /// Name on the screen.
    pub name: String,
    /// Quantization.
    pub quant: Level,
    /// Context that it was asked with, tokens.
    pub context: u32,
    /// Verdict.
    pub fit: FitClass,
    /// Memory needed, bytes.
    pub memory: Bytes,
    /// Decode rate.
    pub decode_tps: Option<Range>,
    /// The score that the level leaves, 0 to 100.
    pub score: f64,
    /// The model's score before quantization.
    pub score_unquantized: f64,
    /// Half of the range that holds eight of ten estimates; null: published.
    pub score_error: Option<f64>,
    /// What the score rests on.
    pub score_ground: Ground,
    /// The same in words.
    pub evidence: String,
}

impl Named {
    fn of(catalog: &Catalog, pick: &Pick) -> Self {
        Self {
            model: catalog.get(pick.model).id.clone(),
            name: pick.name.clone(),
            quant: pick.level,
            context: pick.context,
            fit: pick.brief.class,
            memory: pick.brief.need,
            decode_tps: pick.brief.decode,
            score: pick.value(),
            score_unquantized: pick.score.value,
            score_error: pick.score.error,
            score_ground: pick.score.ground,
            evidence: pick.evidence.clone(),
        }
    }
}

/// Works out what is best on a machine.
pub(super) fn of(
    catalog: &Arc<Catalog>,
    estimator: &Estimator,
    on: On<'_>,
    scenario: &Scenario,
    terms: Terms,
) -> Option<Best> {
    let question = Question {
        catalog: Arc::clone(catalog),
        scenario: scenario.clone(),
        rig: on.rig.clone(),
        levels: engine::ladder(scenario.engine).to_vec(),
        terms,
    };
    let answer = choose(estimator, &question, &|| false)?;
    let named = |pick: &Pick| Named::of(catalog, pick);
    let uses = answer.found.iter().map(|(wanted, found)| BestRow {
        wanted: *wanted,
        reached: matches!(found, Found::Best { .. }),
        best: found.pick().map(named),
        next: match found {
            Found::Best { next, .. } => next.iter().map(named).collect(),
            Found::None { .. } | Found::NoSpeed => Vec::new(),
        },
        note: wanted.note(),
    });
    let uses = uses.collect();
    Some(Best { terms, scale: scale(), method: method(), uses, answer })
}

/// The section of the readable form.
pub(super) fn text(best: &Best) -> String {
    let names: Vec<String> = best
        .answer
        .found
        .iter()
        .map(|(_, found)| found.pick().map_or(String::new(), |pick| format!("{}  {}", pick.name, pick.level)))
        .collect();
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
    let mut out = tr!("Best for you, {terms}:\n", terms = best.terms.text());
    for ((wanted, found), name) in best.answer.found.iter().zip(&names) {
        let line = found.line(*wanted, &best.answer);
        let _ = writeln!(out, "  {:<12}  {name:<width$}  {line}", wanted.word());
    }
    let _ = writeln!(out, "{}.", best.method);
    out
}
