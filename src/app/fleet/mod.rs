//! Below the Work page's answers: size classes, the power limit of the card, and machines past this one.
//!
//! What takes long is computed on threads; what is typed is judged at once, and the last good value stays.

pub mod field;
pub mod service;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::app::jobs::Wake;
use crate::app::lenses::{Lenses, Years};
use crate::estimate::cost;
use crate::estimate::deploy::{Deployment, Form};
use crate::estimate::power_limit::Advice;
use crate::estimate::scenario::Engine;
use crate::estimate::several::{Demand, Network};
use crate::estimate::size_class::{Lens, Standing, blended_price};
use crate::language::tr;
use crate::model::{Model, ModelId};
use crate::quant::Level;

pub use field::{Field, Typed};
pub use service::Service;

/// Engines that a service past one machine is planned for.
pub const ENGINES: [Engine; 3] = [Engine::LlamaCpp, Engine::Vllm, Engine::Sglang];

/// The list price of a model over an API, USD for a million tokens of which three are read for each written.
pub(in crate::app) fn price(model: &Model) -> Option<f64> {
    cost::api_price(&model.id).map(|price| blended_price(price.input, price.output))
}

/// What is remembered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Kept {
    /// The lens that classes are shown through.
    pub lens: Lens,
    /// What is assumed of the cards of other years.
    pub years: Years,
    /// What a service has to bear.
    pub demand: Demand,
    /// Between its machines.
    pub network: Network,
    /// What it runs.
    pub engine: Engine,
    /// What reads its files.
    pub form: Form,
}

impl Default for Kept {
    fn default() -> Self {
        Self {
            lens: Lens::Total,
            years: Years::default(),
            demand: Demand::default(),
            network: Network::default(),
            engine: Engine::LlamaCpp,
            form: Form::Compose,
        }
    }
}

impl Kept {
    /// Brings what was remembered into bounds.
    pub fn tidy(&mut self) {
        self.years.tidy();
        self.demand = self.demand.checked().unwrap_or_default();
        let usual = Network::default();
        let within = |value: f64, most: f64, usual: f64| {
            if value.is_finite() && value > 0.0 && value <= most { value } else { usual }
        };
        self.network.gbs = within(self.network.gbs, field::MOST_GBS, usual.gbs);
        self.network.latency_us = within(self.network.latency_us, field::MOST_LATENCY_US, usual.latency_us);
        if !ENGINES.contains(&self.engine) {
            self.engine = Engine::LlamaCpp;
        }
    }
}

/// A change.
#[derive(Clone, Debug, PartialEq)]
pub enum FleetAction {
    /// See classes through this lens.
    SetLens(Lens),
    /// Something is typed into a field.
    Type(Field, String),
    /// The field is left: it shows the value that counts.
    Leave(Field),
    /// Bear what the page's many users ask for.
    AsUsers,
    /// What a service runs.
    SetEngine(Engine),
    /// One of the offers.
    Choose(usize),
    /// What reads the files.
    SetForm(Form),
    /// One of the files.
    ShowFile(usize),
    /// Write the files into a folder.
    Save(PathBuf),
    /// The system shows no dialog.
    NoDialog,
}

/// The sections' part of the state.
#[derive(Debug)]
pub struct Fleet {
    /// Classes of the catalog on this machine, and cards of other years.
    pub lenses: Lenses,
    /// The model that the sections are about, with its quantization.
    pub subject: Option<(ModelId, Level)>,
    /// Where it stands.
    pub standing: Option<Standing>,
    /// The advice for the card's power limit, or why there is none.
    pub power: Result<Advice, String>,
    /// Machines past this one.
    pub service: Service,
    /// What is typed.
    pub typed: Typed,
    /// The offer whose files are shown.
    pub chosen: usize,
    /// Its files, or why there are none.
    pub files: Option<Result<Deployment, String>>,
    /// The file that is shown.
    pub file: usize,
}

impl Fleet {
    /// Computed on threads, which call `wake`.
    pub fn background(wake: Wake) -> Self {
        Self::with(Lenses::background(price, std::sync::Arc::clone(&wake)), Service::background(wake))
    }

    /// Computed when it is asked for.
    pub fn inline() -> Self {
        Self::with(Lenses::inline(price), Service::inline())
    }

    fn with(lenses: Lenses, service: Service) -> Self {
        Self {
            lenses,
            subject: None,
            standing: None,
            power: Err(tr!("Choose a model.").to_owned()),
            service,
            typed: Typed::default(),
            chosen: 0,
            files: None,
            file: 0,
        }
    }
}
