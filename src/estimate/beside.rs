//! What is loaded beside a model: a vision projector, a draft model, the context of MTP layers.

use crate::language::tr;
use crate::model::inventory::{self, Tensor};
use crate::model::record::Tag;
use crate::model::{Catalog, Model};
use crate::units::Bytes;

use super::load::{Context, Load};
use super::place::{Graph, Run};
use super::plan::{Parts, Unsupported};
use super::rates::Rates;
use super::rules;
use super::scenario::{CacheType, DraftRequest, Scenario};
use super::{Estimator, profile::LayoutKey};

/// Memory beside the model's own, on the first device that takes part (in main memory without one) and in
/// main memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Beside {
    /// On the first device.
    pub device: Parts,
    /// In main memory.
    pub host: Parts,
}

impl std::ops::Add for Beside {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { device: self.device + other.device, host: self.host + other.host }
    }
}

/// Parameters of the vision part of `model`, encoder and projector; `None`: it has none, or its size is not
/// known.
pub fn vision_params(model: &Model) -> Option<u64> {
    if !model.tags.contains(&Tag::Vision) {
        return None;
    }
    let mtp: u64 = inventory::inventory(model).tensors.iter().filter(|t| t.mtp).map(Tensor::elements).sum();
    let rest = model.params_total.saturating_sub(model.params_text);
    // The catalog counts MTP layers into the total where the checkpoint holds them.
    let vision = if rest > mtp { rest - mtp } else { rest };
    (vision > 0).then_some(vision)
}

/// A vision projector (an `mmproj` file in 16 bits) with its workspace; nothing for a model without one.
pub fn projector(model: &Model) -> Beside {
    let rule = &rules::memory().projector;
    let Some(params) = vision_params(model) else { return Beside::default() };
    let file = Bytes(params.saturating_mul(rule.bytes_per_param));
    let workspace = file.scaled(rule.total_of_file - 1.0);
    let device = Parts { weights: file, compute: workspace, ..Parts::default() };
    Beside { device, host: Parts::default() }
}

/// The draft model of `request`: its weights, its own cache for the same context in 16 bits, and its own graph
/// buffers.
///
/// # Errors
/// Where the catalog does not know it or llama.cpp does not run it so.
pub fn draft(
    estimator: &Estimator,
    request: &DraftRequest,
    scenario: &Scenario,
    rates: &Rates,
) -> Result<Beside, Unsupported> {
    let catalog = Catalog::embedded();
    let unknown =
        |_| Unsupported { reason: tr!("the draft model {model} is not known", model = request.model) };
    let model = catalog.get(catalog.find(&request.model).map_err(unknown)?);
    let scenario = Scenario {
        cache_k: CacheType::F16,
        cache_v: CacheType::F16,
        mtp: false,
        projector: false,
        draft: None,
        ..scenario.clone()
    };
    let key = LayoutKey { level: request.level, imatrix: scenario.imatrix, mtp: false };
    let profile = estimator.profile(model);
    let layout = profile.layout(model, key)?;
    let context = Context::new(model, &profile, &scenario, rates, scenario.context);
    let load = Load { layout, context: &context, rates };
    let blocks = load.blocks();
    if rates.devices.is_empty() {
        return Ok(Beside { device: Parts::default(), host: load.on_host(blocks, blocks, Graph::Processor) });
    }
    let graph = load.graph(0, 0, 1);
    let whole = Run { device: 0, end: blocks + 1 };
    let device = Parts { compute: load.graph_buffer(0, graph), ..load.held(whole, 0, 0) };
    Ok(Beside { device, host: load.on_host(0, 0, graph) })
}

/// The context that MTP layers speculate in: one layer's cache for each, for the same tokens, in 16 bits. It
/// is counted as overhead, since it is no part of the model's own cache.
pub fn mtp_context(model: &Model, kv_of_a_layer: Bytes) -> Beside {
    let overhead = kv_of_a_layer * u64::from(model.mtp_layers);
    Beside { device: Parts { overhead, ..Parts::default() }, host: Parts::default() }
}
