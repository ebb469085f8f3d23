//! `plimsoll deploy`: how many machines bear a service, and the files that start it there.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::args::{self, OtherMachine};
use crate::app::files;
use crate::app::fleet::ENGINES;
use crate::estimate::deploy::{self, Deployment, Form};
use crate::estimate::scenario::{CacheType, Engine};
use crate::estimate::several::{self, Answer, BadDemand, Demand, Layout, Network, Offer, Service};
use crate::estimate::{Estimator, Rig, Scenario, engine};
use crate::model::Catalog;
use crate::quant::Level;

/// Options of `plimsoll deploy`.
#[derive(Debug, Args)]
pub struct DeployArgs {
    /// Model: a name of the catalog
    #[arg(long, value_name = "NAME")]
    pub model: String,
    /// Quantization
    #[arg(long, value_name = "NAME", default_value = "Q4_K_M", value_parser = args::level)]
    pub quant: Level,
    /// llama.cpp, vllm or sglang
    #[arg(long, value_name = "NAME", default_value = "llama.cpp", value_parser = engine_of)]
    pub engine: Engine,
    /// Type of the cached keys and values, or the nearest that the engine has
    #[arg(long, value_name = "TYPE", default_value = "f16", value_parser = args::cache)]
    pub cache: CacheType,
    /// Requests in a minute [default: 60]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub arrivals: Option<f64>,
    /// Tokens that each brings [default: 1000]
    #[arg(long, value_name = "TOKENS", value_parser = args::tokens)]
    pub tokens_in: Option<u32>,
    /// Tokens of an answer [default: 300]
    #[arg(long, value_name = "TOKENS", value_parser = args::tokens)]
    pub tokens_out: Option<u32>,
    /// Seconds within which 95 of 100 have their first token [default: 5]
    #[arg(long, value_name = "SECONDS", allow_negative_numbers = true)]
    pub wait: Option<f64>,
    /// Tokens a second of each answer [default: 10]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub rate: Option<f64>,
    /// Rate between machines, GB/s [default: 1.25, that is 10 Gbit/s]
    #[arg(long, value_name = "GB/S", allow_negative_numbers = true)]
    pub network: Option<f64>,
    /// How machines share the model: replica, tensor, pipeline or series [default: the fewest machines]
    #[arg(long, value_name = "NAME", value_parser = layout_of)]
    pub layout: Option<Layout>,
    /// compose or kubernetes
    #[arg(long, value_name = "NAME", default_value = "compose", value_parser = form_of)]
    pub form: Form,
    /// Write the files into this folder instead of printing them
    #[arg(long, value_name = "FOLDER")]
    pub out: Option<PathBuf>,
    /// Write JSON
    #[arg(long)]
    pub json: bool,
    /// Another machine than this one.
    #[command(flatten)]
    pub machine: OtherMachine,
}

fn engine_of(text: &str) -> Result<Engine, String> {
    one_of(text, &ENGINES.map(|engine| (engine.name(), engine)))
}

fn layout_of(text: &str) -> Result<Layout, String> {
    let all = [Layout::Replica, Layout::Tensor, Layout::Pipeline, Layout::Series];
    one_of(text, &all.map(|layout| (layout.name(), layout)))
}

fn form_of(text: &str) -> Result<Form, String> {
    one_of(text, &[("compose", Form::Compose), ("kubernetes", Form::Kubernetes)])
}

fn one_of<T: Copy>(text: &str, all: &[(&str, T)]) -> Result<T, String> {
    let found = all.iter().find(|(name, _)| name.eq_ignore_ascii_case(text.trim()));
    found.map(|(_, value)| *value).ok_or_else(|| {
        let names: Vec<&str> = all.iter().map(|(name, _)| *name).collect();
        format!("one of {}", names.join(", "))
    })
}

/// Highest rate between machines that can be given, GB/s.
const MOST_GBS: f64 = crate::app::fleet::field::MOST_GBS;

/// The answer as JSON: rates are tokens a second, sizes of a service machines.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DeployAnswer {
    /// The model's id.
    pub model: String,
    /// Its quantization in this engine.
    pub quant: String,
    /// The engine.
    pub engine: &'static str,
    /// What was asked.
    pub demand: Demand,
    /// This machine alone; null: it cannot serve it.
    pub alone: Option<OfferAnswer>,
    /// Why it cannot.
    pub alone_reason: Option<String>,
    /// What meets it, fewest machines first.
    pub offers: Vec<OfferAnswer>,
    /// Layouts that do not, with the reason.
    pub refused: Vec<Refused>,
    /// The files of the first offer, or of the layout that was asked for; null: there are none.
    pub deployment: Option<Files>,
    /// Why there are none.
    pub deployment_reason: Option<String>,
}

/// Machines that bear it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OfferAnswer {
    /// How machines share the model.
    pub layout: Layout,
    /// All machines.
    pub machines: u32,
    /// Of these in a replica.
    pub machines_each: u32,
    /// Replicas.
    pub replicas: u32,
    /// Requests at once in each.
    pub slots: u32,
    /// Requests a second that a replica does.
    pub requests_per_second_each: f64,
    /// Share of the time that a place is taken.
    pub utilization: f64,
    /// Seconds to the first token for 95 of 100; null: without end.
    pub wait_s: Option<f64>,
    /// Tokens a second of each answer when all places are taken.
    pub rate_each: f64,
    /// Whether the demand is met.
    pub meets: bool,
    /// What a reader should know.
    pub notes: Vec<String>,
}

/// A layout that does not meet the demand.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Refused {
    /// It.
    pub layout: Layout,
    /// Why.
    pub reason: String,
}

/// Files with what is done with them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Files {
    /// What runs.
    pub stack: &'static str,
    /// What reads the files.
    pub form: Form,
    /// Name and text of each.
    pub files: Vec<FileAnswer>,
    /// What a person types.
    pub steps: Vec<String>,
    /// What the files cannot say.
    pub notes: Vec<String>,
}

/// A file.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FileAnswer {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub text: String,
}

impl From<&Offer> for OfferAnswer {
    fn from(offer: &Offer) -> Self {
        Self {
            layout: offer.group.layout,
            machines: offer.machines(),
            machines_each: offer.group.machines,
            replicas: offer.replicas,
            slots: offer.group.slots,
            requests_per_second_each: offer.queue.capacity,
            utilization: offer.queue.utilization(),
            wait_s: offer.wait_s,
            rate_each: offer.group.rate_each(),
            meets: offer.meets,
            notes: offer.group.notes.clone(),
        }
    }
}

impl From<Deployment> for Files {
    fn from(deployment: Deployment) -> Self {
        let files = deployment.files.into_iter();
        Self {
            stack: deployment.stack.title(),
            form: deployment.form,
            files: files.map(|file| FileAnswer { name: file.name, text: file.text }).collect(),
            steps: deployment.steps,
            notes: deployment.notes,
        }
    }
}

/// Answers, and writes the files where a folder is given.
///
/// # Errors
/// An option that cannot be used, or a file that cannot be written: what to tell.
pub fn deploy(args: &DeployArgs, rig: &Rig) -> Result<DeployAnswer, String> {
    let catalog = Catalog::embedded();
    let id = catalog.find(&args.model).map_err(|error| error.to_string())?;
    let model = catalog.get(id);
    let demand = demand(args).map_err(|bad| format!("--{}: {}", option(bad.field), bad.problem))?;
    let gbs = args.network.unwrap_or_else(|| Network::default().gbs);
    if !(gbs.is_finite() && gbs > 0.0 && gbs <= MOST_GBS) {
        return Err(format!("--network: must lie between 0.001 and {MOST_GBS} GB/s"));
    }
    let network = Network { gbs, ..Network::default() };
    let level = several::level_for(args.engine, args.quant);
    let cache = engine::nearest_cache(args.engine, args.cache);
    let base = Scenario { engine: args.engine, cache_k: cache, cache_v: cache, ..Scenario::default() };
    let service = Service {
        estimator: Estimator::embedded(),
        model,
        level,
        base: &base,
        one: rig,
        demand: &demand,
        network: &network,
    };
    let answer = service.answer(&|| false).ok_or("nothing was answered")?;
    let chosen = match args.layout {
        None => answer.offers.first(),
        Some(layout) => answer.offers.iter().find(|offer| offer.group.layout == layout),
    };
    let made = match chosen {
        Some(offer) => deploy::deployment(model, level, offer, args.form).map(Files::from),
        None => Err("Nothing meets it.".to_owned()),
    };
    if let Some(folder) = &args.out {
        write(folder, made.as_ref().map_err(Clone::clone)?)?;
    }
    let Answer { alone, offers, refused } = &answer;
    Ok(DeployAnswer {
        model: model.id.clone(),
        quant: level.to_string(),
        engine: args.engine.name(),
        demand,
        alone: alone.as_ref().ok().map(OfferAnswer::from),
        alone_reason: alone.as_ref().err().cloned(),
        offers: offers.iter().map(OfferAnswer::from).collect(),
        refused: refused
            .iter()
            .map(|(layout, reason)| Refused { layout: *layout, reason: reason.clone() })
            .collect(),
        deployment_reason: made.as_ref().err().cloned(),
        deployment: made.ok(),
    })
}

fn demand(args: &DeployArgs) -> Result<Demand, BadDemand> {
    let usual = Demand::default();
    Demand {
        arrivals_per_minute: args.arrivals.unwrap_or(usual.arrivals_per_minute),
        tokens_in: args.tokens_in.unwrap_or(usual.tokens_in),
        tokens_out: args.tokens_out.unwrap_or(usual.tokens_out),
        wait_s: args.wait.unwrap_or(usual.wait_s),
        rate: args.rate.unwrap_or(usual.rate),
    }
    .checked()
}

/// The option that a field is given by.
fn option(field: &str) -> String {
    match field {
        "arrivals_per_minute" => "arrivals".to_owned(),
        "wait_s" => "wait".to_owned(),
        other => other.replace('_', "-"),
    }
}

fn write(folder: &Path, made: &Files) -> Result<(), String> {
    for file in &made.files {
        let path = folder.join(&file.name);
        files::write(&path, &file.text)
            .map_err(|error| format!("{} cannot be written: {error}", path.display()))?;
    }
    Ok(())
}

/// The answer in lines; `out`: where files were written.
pub fn readable(answer: &DeployAnswer, out: Option<&Path>) -> String {
    let mut text = String::new();
    let demand = &answer.demand;
    writeln!(
        text,
        "{} {} with {}: {} requests a minute, {} tokens in and {} out, first token within {} s for 95 of 100, {} \
         tokens/s each",
        answer.model,
        answer.quant,
        answer.engine,
        demand.arrivals_per_minute,
        demand.tokens_in,
        demand.tokens_out,
        demand.wait_s,
        demand.rate
    )
    .ok();
    if let Some(alone) = &answer.alone {
        writeln!(text, "This machine alone: {}", words(alone)).ok();
    }
    if let Some(why) = &answer.alone_reason {
        writeln!(text, "This machine alone cannot serve it. {why}").ok();
    }
    for offer in &answer.offers {
        let machines = if offer.machines == 1 { "machine" } else { "machines" };
        writeln!(
            text,
            "{} {machines}: {} × {} {}, {}",
            offer.machines,
            offer.replicas,
            offer.machines_each,
            offer.layout.words(),
            words(offer)
        )
        .ok();
        for note in &offer.notes {
            writeln!(text, "    {note}").ok();
        }
    }
    for refused in &answer.refused {
        writeln!(text, "Machines {}: {}", refused.layout.words(), refused.reason).ok();
    }
    if let Some(why) = &answer.deployment_reason {
        writeln!(text, "No files. {why}").ok();
    }
    let Some(made) = &answer.deployment else { return text };
    writeln!(text, "\n{}, {}:", made.stack, made.form.title()).ok();
    for file in &made.files {
        match out {
            Some(folder) => writeln!(text, "  {}", folder.join(&file.name).display()),
            None => writeln!(text, "\n--- {}\n{}", file.name, file.text),
        }
        .ok();
    }
    for (place, step) in made.steps.iter().enumerate() {
        writeln!(text, "{}. {step}", place + 1).ok();
    }
    for note in &made.notes {
        writeln!(text, "{note}").ok();
    }
    writeln!(text, "Written, not run.").ok();
    text
}

fn words(offer: &OfferAnswer) -> String {
    let wait = offer.wait_s.map_or("its line grows without end".to_owned(), |wait| {
        format!("first token within {wait:.1} s for 95 of 100")
    });
    format!(
        "{} at once each, busy {:.0} %, {wait}, {:.1} tokens/s each{}",
        offer.slots,
        100.0 * offer.utilization,
        offer.rate_each,
        if offer.meets { "" } else { "; this does not meet it" }
    )
}
