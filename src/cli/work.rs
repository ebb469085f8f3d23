//! `plimsoll work`: what the Work page says, as text or JSON.

use std::sync::Arc;

use clap::Args;

use super::args::OtherMachine;
use crate::app::Settings;
use crate::app::work::answer::Answerer;
use crate::app::work::output::WorkAnswer;
use crate::app::work::{Chosen, Found, Question, field};
use crate::estimate::cost::electricity;
use crate::estimate::scenario::CacheType;
use crate::estimate::workload::{Kind, check, presets};
use crate::estimate::{Rig, engine};
use crate::model::Catalog;
use crate::quant::Level;

/// Options of `plimsoll work`.
#[derive(Debug, Default, Args)]
pub struct WorkArgs {
    /// A batch in your words: 5000 contracts of 12 pages
    #[arg(value_name = "WORDS")]
    pub words: Vec<String>,
    /// Work to begin with; --list names them
    #[arg(long, value_name = "NAME", conflicts_with = "words")]
    pub preset: Option<String>,
    /// Another value: items=200, output=300, watts=250, start=20:00; may be given several times
    #[arg(long = "set", value_name = "NAME=VALUE")]
    pub set: Vec<String>,
    /// Model, by its name in the catalog [default: the best for the work]
    #[arg(long, value_name = "NAME")]
    pub model: Option<String>,
    /// Quantization [default: the best of the model]
    #[arg(long, value_name = "NAME", value_parser = super::args::level)]
    pub quant: Option<Level>,
    /// Requests at once [default: the best]
    #[arg(long, value_name = "N")]
    pub at_once: Option<String>,
    /// Type of the cached keys and values.
    #[arg(long, value_name = "TYPE", value_parser = super::args::cache)]
    #[arg(help = "Type of the cached keys and values: f16, q8_0, q4_0 … [default: f16]")]
    pub cache: Option<CacheType>,
    /// Where electricity is paid for: us, de, fr …; --list names them [default: us]
    #[arg(long, value_name = "PLACE")]
    pub electricity: Option<String>,
    /// List presets, places and values with their sources
    #[arg(long)]
    pub list: bool,
    /// Write JSON
    #[arg(long)]
    pub json: bool,
    /// Another machine than this one.
    #[command(flatten)]
    pub machine: OtherMachine,
}

/// Presets, places and values.
pub fn list() -> String {
    let mut lines = vec!["Presets".to_owned()];
    for preset in presets::presets() {
        lines.push(format!("  {:<12} {}", preset.id, preset.name));
        let values = check::bounds(preset.work.kind())
            .iter()
            .filter_map(|known| Some(format!("{}={}", known.field, preset.work.value(known.field)?)));
        lines.push(format!("  {:<12} {}", "", values.collect::<Vec<_>>().join(" ")));
        lines.extend(preset.sources.iter().map(|source| format!("  {:<12} {source}", "")));
    }
    lines.push(String::new());
    lines.push("Electricity".to_owned());
    for place in electricity::places() {
        lines.push(format!(
            "  {:<6} {} {} a kWh  {}, {} ({})",
            place.id, place.per_kwh, place.currency, place.place, place.period, place.source
        ));
    }
    lines.push(String::new());
    lines.push(format!("Other values: start deadline {}", field::other_keys().collect::<Vec<_>>().join(" ")));
    lines.push(String::new());
    lines.join("\n")
}

/// Answers what the options ask on `rig`.
///
/// # Errors
/// What is wrong with an option.
pub fn answer(args: &WorkArgs, rig: Rig) -> Result<(Found, WorkAnswer), String> {
    let chosen = chosen(args)?;
    let catalog = Arc::clone(Catalog::embedded_shared());
    let model = match &args.model {
        Some(name) => Some(catalog.find(name).map_err(|error| error.to_string())?),
        None => None,
    };
    let mut settings = Settings::default();
    settings.cache = args.cache.unwrap_or(settings.cache);
    let scenario = settings.scenario();
    let levels = engine::ladder(scenario.engine).to_vec();
    let question = Question { catalog, scenario, rig, chosen, model, level: args.quant, levels };
    // Nothing displaces the question, so there is always an answer.
    Answerer::default().solve(&question, &|| false).ok_or_else(|| "there is no answer".to_owned())
}

fn chosen(args: &WorkArgs) -> Result<Chosen, String> {
    let mut chosen = Chosen::default();
    if let Some(id) = &args.preset {
        let known =
            || presets::presets().iter().map(|preset| preset.id.as_str()).collect::<Vec<_>>().join(", ");
        let preset = presets::preset(id).ok_or_else(|| format!("--preset {id}: there are {}", known()))?;
        chosen.take(preset);
    }
    let words = args.words.join(" ");
    if !words.trim().is_empty() {
        chosen.kind = Kind::Batch;
        field::set(&mut chosen, "words", &words).map_err(|error| format!("{words:?}: {error}"))?;
    }
    if let Some(id) = &args.electricity {
        let place = electricity::place(id).ok_or_else(|| {
            format!("--electricity {id}: no price is known; see --list, or --set per_kwh=0.30")
        })?;
        chosen.place.clone_from(&place.id);
    }
    for pair in &args.set {
        let (key, value) =
            pair.split_once('=').ok_or_else(|| format!("--set {pair}: write it as NAME=VALUE"))?;
        let key = key.trim();
        let known = field::key(chosen.kind, key)
            .ok_or_else(|| format!("--set {pair}: there is no value {key:?} here; see --list"))?;
        field::set(&mut chosen, known, value).map_err(|error| format!("--set {pair}: {error}"))?;
    }
    if let Some(requests) = &args.at_once {
        field::set(&mut chosen, "at_once", requests)
            .map_err(|error| format!("--at-once {requests}: {error}"))?;
    }
    Ok(chosen)
}
