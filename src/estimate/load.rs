//! Everything that decides memory and time of one model in one scenario, whatever its quantization.

use std::sync::Arc;

use crate::model::Model;
use crate::units::Bytes;

use smallvec::SmallVec;

use super::beside::{self, Beside};
use super::cache::{CacheRow, Cells};
use super::compute::{self, Buffers};
use super::format_group::FormatGroup;
use super::layout::Layout;
use super::pace::Pace;
use super::profile::Profile;
use super::rates::Rates;
use super::scenario::{BackendChoice, CacheType, Scenario};
use super::tariff::Costs;
use super::together::VECTOR_REQUESTS;
use super::work::attention_flops;

/// What the caches of all blocks before one take; the difference of two is what the run between them takes.
#[derive(Clone, Copy, Debug, Default)]
pub struct CacheBefore {
    /// Key–value cache on a device, with CUDA's padding.
    pub kv_device: u64,
    /// Key–value cache in main memory.
    pub kv_host: u64,
    /// Recurrent state of all slots.
    pub state: u64,
    /// Bytes of cache and state that all requests together read for a token each.
    pub read: f64,
    /// Multiplications of attention that they take, floating-point operations.
    pub attention: f64,
}

/// Caches and buffers of one model in one scenario.
#[derive(Clone, Debug)]
pub struct Context {
    caches: Vec<CacheBefore>,
    /// Graph buffers.
    pub buffers: Buffers,
    /// Output buffer on the host.
    pub output_buffer: Bytes,
    /// Share of a layer's routed experts that the requests touch together.
    pub experts_read: f64,
    /// Share of the requests that an expert works for that is touched.
    pub requests_of_expert: f64,
    /// Times that a matrix is read again for requests that need it too.
    pub again: f64,
    /// The same of a routed expert that is touched.
    pub again_of_expert: f64,
    /// What everything costs on each device for so many requests.
    pub paces: SmallVec<[Pace; 2]>,
    /// What is loaded beside the model.
    pub beside: Beside,
    /// What everything costs.
    pub costs: Arc<Costs>,
}

impl Context {
    /// Caches for `tokens` of context in place of the scenario's own.
    pub fn new(model: &Model, profile: &Profile, scenario: &Scenario, rates: &Rates, tokens: u32) -> Self {
        let cells = Cells::new(scenario, tokens);
        let costs = rates.tariff.of(model, profile);
        let requests = rates.requests;
        let paces = costs.devices.iter().map(|costs| match &costs.together {
            Some(together) => together.pace(&costs.pace, requests),
            None => costs.pace,
        });
        let mut context = Self {
            caches: Vec::with_capacity(profile.rows.len() + 1),
            buffers: profile.graph.buffers(scenario, &cells),
            output_buffer: compute::output_buffer(model, scenario),
            experts_read: experts_read(model, requests),
            requests_of_expert: requests_of_expert(model, requests),
            again: requests.min(VECTOR_REQUESTS) - 1.0,
            again_of_expert: again_of_expert(model, requests),
            paces: paces.collect(),
            beside: Beside::default(),
            costs,
        };
        context.fill(model, profile, scenario, rates, &cells);
        if scenario.projector {
            context.beside = beside::projector(model);
        }
        if scenario.mtp && model.mtp_layers > 0 {
            // An MTP layer attends as the last full layer does.
            let like = profile.rows.iter().flatten().rfind(|row| row.window.is_none());
            let cuda = rates.backend == BackendChoice::Cuda;
            let layer = like.map(|row| row.bytes(&cells, CacheType::F16, CacheType::F16, cuda));
            context.beside = context.beside + beside::mtp_context(model, layer.unwrap_or(Bytes::ZERO));
        }
        context
    }

    /// Sums up the caches, block by block.
    fn fill(&mut self, model: &Model, profile: &Profile, scenario: &Scenario, rates: &Rates, cells: &Cells) {
        let cuda = rates.backend == BackendChoice::Cuda;
        let slots = u64::from(scenario.parallel.max(1));
        let loops = u64::from(model.num_loops);
        let depth = u64::from(scenario.depth);
        let mut before = CacheBefore::default();
        let mut last: Option<(CacheRow, CacheBefore)> = None;
        self.caches.clear();
        self.caches.push(before);
        for (row, state) in profile.rows.iter().zip(&profile.state) {
            if let Some(mut row) = *row {
                // Without flash attention values are stored transposed, as wide as the widest layer's.
                let read_row = row;
                if !scenario.flash_attention && row.v > 0 {
                    row.v = profile.widest_v;
                }
                // Most layers are like the one before.
                let own = match last {
                    Some((same, own)) if same == row => own,
                    _ => {
                        let bytes =
                            |cuda| (row.bytes(cells, scenario.cache_k, scenario.cache_v, cuda) * loops).0;
                        CacheBefore {
                            kv_device: bytes(cuda),
                            kv_host: bytes(false),
                            state: 0,
                            read: read_row.read(depth, scenario.cache_k, scenario.cache_v)
                                * loops as f64
                                * rates.requests,
                            attention: attention_flops(model, &read_row, depth as f64)
                                * loops as f64
                                * rates.requests,
                        }
                    }
                };
                last = Some((row, own));
                before.kv_device += own.kv_device;
                before.kv_host += own.kv_host;
                before.read += own.read;
                before.attention += own.attention;
            }
            before.state += state.0 * slots;
            before.read += 2.0 * state.0 as f64 * rates.requests;
            self.caches.push(before);
        }
    }

    /// What the blocks before `index` take. MTP layers, which stand last, speculate in a small context of
    /// their own and take nothing here.
    #[inline]
    pub fn before(&self, index: usize) -> CacheBefore {
        self.caches.get(index).or(self.caches.last()).copied().unwrap_or_default()
    }

    /// Key–value cache of block `index` on a device and in main memory, and its recurrent state.
    pub fn block(&self, index: usize) -> (Bytes, Bytes, Bytes) {
        let (from, to) = (self.before(index), self.before(index + 1));
        (Bytes(to.kv_device - from.kv_device), Bytes(to.kv_host - from.kv_host), Bytes(to.state - from.state))
    }
}

/// Share of a layer's routed experts that `requests` independent tokens touch.
///
/// `U(B)/E = 1 − (1 − k/E)^B` (expected number of distinct experts).
pub(super) fn experts_read(model: &Model, requests: f64) -> f64 {
    model.moe.as_ref().map_or(0.0, |moe| {
        let share = f64::from(moe.n_expert_used) / f64::from(moe.n_expert.max(1));
        1.0 - (1.0 - share.min(1.0)).powf(requests)
    })
}

/// Share of `requests` that an expert works for on average, of those that are touched.
pub(super) fn requests_of_expert(model: &Model, requests: f64) -> f64 {
    let read = experts_read(model, requests);
    if read > 0.0 { (experts_read(model, 1.0) / read).min(1.0) } else { 1.0 }
}

/// Times that a routed expert that is touched is read again: what requests would read each alone beyond what they
/// touch together.
fn again_of_expert(model: &Model, requests: f64) -> f64 {
    let (apart, touched) = (requests.min(VECTOR_REQUESTS), experts_read(model, requests));
    let again = apart * experts_read(model, 1.0) - experts_read(model, apart);
    if touched > 0.0 { (again / touched).max(0.0) } else { 0.0 }
}

/// One model at one quantization in one scenario on one rig: all that a placement is judged by.
#[derive(Clone, Copy, Debug)]
pub struct Load<'a> {
    /// Weights.
    pub layout: &'a Layout,
    /// Caches and buffers.
    pub context: &'a Context,
    /// What bytes and layers cost.
    pub rates: &'a Rates,
}

impl Load<'_> {
    /// Seconds that a byte of weights of `group` takes on a device.
    #[inline]
    pub fn weight(&self, device: usize, group: FormatGroup) -> f64 {
        let context = self.context;
        context.paces[device].weight(group, self.layout.bits_per_weight, self.rates.requests, context.again)
    }

    /// The same of routed experts that are touched.
    #[inline]
    pub fn expert_weight(&self, device: usize, group: FormatGroup) -> f64 {
        let context = self.context;
        let requests = self.rates.requests * context.requests_of_expert;
        context.paces[device].weight(group, self.layout.bits_per_weight, requests, context.again_of_expert)
    }

    /// What a step takes on a device whatever it does, s.
    #[inline]
    pub fn step(&self, device: usize) -> f64 {
        self.context.paces[device].step
    }

    /// Whether no item takes longer on device `a` than on `b`.
    #[inline]
    pub fn costs_no_more(&self, a: usize, b: usize, group: FormatGroup) -> bool {
        let (of_a, of_b) = (&self.context.paces[a], &self.context.paces[b]);
        // What a block saves by its weights pays for what its operations cost more.
        let saved = self.layout.sums.least_dense() as f64 * (self.weight(b, group) - self.weight(a, group));
        let lost =
            self.operations() * (of_a.operation - of_b.operation).max(0.0) + (of_a.step - of_b.step).max(0.0);
        saved >= lost && of_a.cache <= of_b.cache && of_a.attention <= of_b.attention
    }

    /// Operations of the graph in a block.
    #[inline]
    pub fn operations(&self) -> f64 {
        self.layout.operations / self.blocks().max(1) as f64
    }

    /// Operations of the routed experts of a block that has any.
    #[inline]
    pub fn expert_operations(&self) -> f64 {
        self.layout.expert_operations / self.layout.sums.all().with_experts.max(1) as f64
    }

    /// Blocks that are loaded.
    #[inline]
    pub fn blocks(&self) -> usize {
        self.layout.sums.blocks()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Catalog;

    /// Worked examples M1 and M2: distinct experts of a layer that a batch touches, `E·(1 − (1 − k/E)^B)`.
    #[test]
    fn a_batch_touches_as_many_experts() {
        let catalog = Catalog::embedded();
        for (id, name, experts, requests, expected, tolerance) in [
            ("M1", "Qwen/Qwen3-30B-A3B", 128.0, 8.0, 51.62, 0.001),
            ("M2", "deepseek-ai/DeepSeek-V3", 256.0, 32.0, 163.3, 0.1),
        ] {
            let model = catalog.get(catalog.find(name).unwrap());
            let found = experts * experts_read(model, requests);
            assert!((found - expected).abs() < tolerance, "{id}: {found}");
        }
    }
}
