//! Files that start a service on several machines with engines that exist: compose files and Kubernetes manifests.
//! They are written, never run.
//!
//! Every option in them is one of `assets/engines.json`, and the numbers are those of the plan.

mod arguments;
mod containers;
mod llama;
mod ray;
mod rpc;
mod sglang;
#[cfg(test)]
mod tests;
pub mod yaml;

use serde::{Deserialize, Serialize};

use crate::language::tr;
use crate::model::Model;
use crate::quant::Level;

use super::command::{Ask, Program};
use super::scenario::Engine;
use super::several::{Layout, Offer};

/// Engines and what shares requests among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stack {
    /// llama-server on each machine behind one that shares the requests.
    LlamaServers,
    /// One llama-server that uses the GPUs of other machines.
    LlamaRpc,
    /// vLLM, started and shared among by Ray Serve.
    VllmRay,
    /// `SGLang`.
    Sglang,
}

impl Stack {
    /// Name on the screen.
    pub const fn title(self) -> &'static str {
        match self {
            Self::LlamaServers => "llama-server behind nginx",
            Self::LlamaRpc => "llama.cpp RPC",
            Self::VllmRay => "vLLM with Ray Serve",
            Self::Sglang => "SGLang",
        }
    }

    /// The stack that runs a layout of an engine; `None`: there is none.
    pub const fn of(engine: Engine, layout: Layout) -> Option<Self> {
        match (engine, layout) {
            (Engine::LlamaCpp, Layout::Replica) => Some(Self::LlamaServers),
            (Engine::LlamaCpp, Layout::Series) => Some(Self::LlamaRpc),
            (Engine::Vllm, _) => Some(Self::VllmRay),
            (Engine::Sglang, _) => Some(Self::Sglang),
            _ => None,
        }
    }

    const fn program(self) -> Program {
        match self {
            Self::LlamaServers => Program::LlamaCpp,
            Self::LlamaRpc => Program::LlamaCppRpc,
            Self::VllmRay => Program::Vllm,
            Self::Sglang => Program::Sglang,
        }
    }
}

/// What reads the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// Docker Compose, on each machine.
    Compose,
    /// A Kubernetes cluster.
    Kubernetes,
}

impl Form {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Compose, Self::Kubernetes];

    /// Name on the screen.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Compose => "Compose",
            Self::Kubernetes => "Kubernetes",
        }
    }
}

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// For `docker compose`.
    Compose,
    /// For `kubectl apply`.
    Kubernetes,
    /// For `serve deploy`.
    RayServe,
    /// For nginx.
    Nginx,
    /// For `docker build`.
    Dockerfile,
}

/// A file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// What it holds.
    pub text: String,
}

/// Files, and what is done with them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deployment {
    /// What runs.
    pub stack: Stack,
    /// What reads the files.
    pub form: Form,
    /// The files.
    pub files: Vec<File>,
    /// What a person types, in order.
    pub steps: Vec<String>,
    /// What the files cannot say.
    pub notes: Vec<String>,
}

/// What a deployment is made from.
#[derive(Clone, Copy, Debug)]
struct Subject<'a> {
    model: &'a Model,
    level: Level,
    offer: &'a Offer,
    /// The line that starts the engine on one group.
    ask: Ask<'a>,
}

impl Subject<'_> {
    /// A name for services and labels: "qwen3-14b".
    fn name(&self) -> String {
        let name: String = self
            .model
            .display_name
            .to_ascii_lowercase()
            .chars()
            .map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' })
            .collect();
        // Names in Kubernetes begin with a letter and have at most 63; some of them are for what is added.
        let short: String = name.trim_matches('-').chars().take(40).collect();
        let short = short.trim_end_matches('-');
        if short.starts_with(|letter: char| letter.is_ascii_alphabetic()) {
            short.to_owned()
        } else {
            format!("m{short}")
        }
    }

    /// Cards of one machine that its containers get: llama.cpp names those that it uses, others use all that they see.
    fn cards(&self) -> u32 {
        let group = &self.offer.group;
        let used = group.plan.placement.devices.as_ref().filter(|_| !group.scenario.engine.is_ggml());
        let all = used.map_or(group.rig.devices.len(), Vec::len);
        all as u32 / group.machines.max(1)
    }

    /// What stands above each file: what it is for, and that numbers are estimates.
    fn remarks(&self, what: &str) -> Vec<String> {
        let offer = self.offer;
        vec![
            format!("{} {}: {what}", self.model.display_name, self.level),
            format!(
                "Planned by Plimsoll for {} of {} with {} requests at once each; the figures are estimates",
                count(offer.replicas, "replica"),
                count(offer.group.machines, "machine"),
                offer.group.slots
            ),
        ]
    }
}

/// Remarks as lines that every reader here passes over.
fn comments(remarks: &[String]) -> String {
    remarks.iter().fold(String::new(), |text, remark| text + "# " + remark + "\n")
}

/// "1 machine", "3 machines".
fn count(number: u32, word: &str) -> String {
    if number == 1 { format!("1 {word}") } else { format!("{number} {word}s") }
}

/// The files for an offer, or why there are none.
///
/// # Errors
/// In a sentence: what is not possible.
pub fn deployment(model: &Model, level: Level, offer: &Offer, form: Form) -> Result<Deployment, String> {
    let group = &offer.group;
    let engine = group.scenario.engine;
    let stack = Stack::of(engine, group.layout).ok_or_else(|| {
        tr!(
            "For {engine} there are no files here: it shares no requests among machines.",
            engine = engine.title()
        )
    })?;
    let ask = Ask {
        model,
        level,
        scenario: &group.scenario,
        rig: &group.rig,
        plan: &group.plan,
        machines: group.machines,
    };
    let subject = Subject { model, level, offer, ask };
    containers::check(&subject, form)?;
    let mut deployment = match stack {
        Stack::LlamaServers => llama::files(&subject, form),
        Stack::LlamaRpc => rpc::files(&subject, form),
        Stack::VllmRay => ray::files(&subject, form),
        Stack::Sglang => sglang::files(&subject, form),
    }?;
    deployment.notes.extend(group.notes.iter().map(|note| sentence(note)));
    Ok(deployment)
}

/// With a capital letter and a stop.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    let rest = letters.as_str();
    format!("{first}{rest}{}", if rest.ends_with('.') { "" } else { "." })
}
