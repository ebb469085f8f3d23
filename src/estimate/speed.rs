//! How fast: decode by the fitted form of `assets/speed.json`, prefill by its share of the matrix rate.

use crate::machine::Vendor;
use crate::model::Model;
use crate::quant::{FileType, Level};
use crate::units::Bytes;

use super::cache::CacheRow;
use super::place::{Load, Split};
use super::plan::{Bound, Evidence, Range, Speed};
use super::rig::{Device, Host, Rig};
use super::rules::{self, FormatRule, Spread};
use super::scenario::{BackendChoice, Scenario};

/// Half-width of an 80 % interval in standard deviations.
const Z80: f64 = 1.281_551_565_5;

/// What a model makes a token cost, whatever the machine.
#[derive(Clone, Copy, Debug)]
pub struct TokenCost<'a> {
    /// The model.
    pub model: &'a Model,
    /// Its quantization.
    pub level: Level,
    /// Cache rows of the blocks.
    pub rows: &'a [Option<CacheRow>],
    /// Recurrent state of the blocks for one sequence.
    pub state: &'a [Bytes],
    /// Share of the weights in main memory that does not fit there and is read from disk, 0 to 1.
    pub streamed: f64,
}

/// Seconds of one decode step by cause.
#[derive(Clone, Copy, Debug, Default)]
struct Step {
    gpu_memory: f64,
    overhead: f64,
    ram: f64,
    /// Of the bytes read, those in main memory.
    host_bytes: f64,
    disk: f64,
}

impl Step {
    fn total(&self) -> f64 {
        self.gpu_memory + self.overhead + self.ram + self.disk
    }

    fn bound(&self) -> Bound {
        if self.disk > self.ram.max(self.gpu_memory).max(self.overhead) {
            Bound::Disk
        } else if self.ram >= self.gpu_memory && self.ram >= self.overhead {
            Bound::Ram
        } else if self.gpu_memory >= self.overhead {
            Bound::GpuMemory
        } else {
            Bound::Overhead
        }
    }
}

/// Efficiency of one device.
#[derive(Clone, Copy, Debug)]
struct Efficiency {
    /// Bytes a second at which weights are read.
    weights: f64,
    /// Bytes a second at which the cache is read.
    cache: f64,
    layer_s: f64,
    moe_bytes: f64,
    known_architecture: bool,
}

/// Speed of a split; parts that cannot be said are `None`, with the reason in `warnings`.
pub fn speed(
    cost: &TokenCost<'_>,
    load: &Load<'_>,
    split: &Split,
    scenario: &Scenario,
    rig: &Rig,
    warnings: &mut Vec<String>,
) -> Speed {
    let decode = if let Some(reason) = cost.model.not_generating() {
        warnings.push(format!("no decode speed: {reason}"));
        None
    } else {
        match step(cost, load, split, scenario, rig) {
            Ok((step, evidence)) => Some((step, evidence)),
            Err(reason) => {
                warnings.push(format!("no speed: {reason}"));
                None
            }
        }
    };
    let requests = f64::from(scenario.concurrency.max(1));
    let rate = decode.map(|(step, evidence)| range(requests / step.total(), spread(evidence)));
    let prefill = prefill(cost, load, split, scenario, rig, warnings);
    let latency = rules::speed().prefill.latency_s;
    let prompt = f64::from(scenario.prompt_tokens);
    let step_s = decode.map(|(step, _)| step.total());
    let ttft = prefill.zip(step_s).map(|(prefill, step_s)| Range {
        p10: prompt / prefill.p90 + step_s + latency,
        p50: prompt / prefill.p50 + step_s + latency,
        p90: prompt / prefill.p10 + step_s + latency,
    });
    let output = prefill.zip(rate).map(|(prefill, decode)| {
        let tokens = f64::from(scenario.output_tokens.max(1));
        let at = |prefill: f64, decode: f64| {
            requests * tokens / (requests * prompt / prefill + requests * tokens / decode)
        };
        Range {
            p10: at(prefill.p10, decode.p10),
            p50: at(prefill.p50, decode.p50),
            p90: at(prefill.p90, decode.p90),
        }
    });
    Speed {
        decode: rate,
        output,
        prefill,
        ttft,
        bound: decode.map_or(Bound::Unknown, |(step, _)| step.bound()),
        evidence: decode.map_or(Evidence::None, |(_, evidence)| evidence),
    }
}

/// Decode rate alone, tokens/s of all requests, for tables.
pub fn decode(
    cost: &TokenCost<'_>,
    load: &Load<'_>,
    split: &Split,
    scenario: &Scenario,
    rig: &Rig,
) -> Option<Range> {
    if cost.model.not_generating().is_some() {
        return None;
    }
    let (step, evidence) = step(cost, load, split, scenario, rig).ok()?;
    Some(range(f64::from(scenario.concurrency.max(1)) / step.total(), spread(evidence)))
}

/// One decode step of all requests together.
fn step(
    cost: &TokenCost<'_>,
    load: &Load<'_>,
    split: &Split,
    scenario: &Scenario,
    rig: &Rig,
) -> Result<(Step, Evidence), String> {
    let requests = f64::from(scenario.concurrency.max(1));
    let experts_read = experts_read(cost.model, requests);
    let mut step = Step::default();
    if split.first.is_none() {
        cpu_step(cost, load, &rig.host, scenario, experts_read, &mut step);
        let evidence = stream(cost, &mut step).unwrap_or(Evidence::CpuOnly);
        return Ok((step, evidence));
    }
    let moe = cost.model.is_moe();
    let rules = rules::speed();
    step.overhead += rules.t0_us * 1e-6;
    let efficiencies = rig
        .devices
        .iter()
        .map(|device| efficiency(device, load.backend, cost.level))
        .collect::<Result<Vec<_>, _>>()?;
    let mut device_used = vec![false; rig.devices.len()];
    for (index, block) in load.layout.blocks.iter().enumerate() {
        let experts = block.experts_host.0 as f64 * experts_read;
        let cache = read_cache(cost, scenario, index) * requests;
        let Some(device) = split.device_of(index) else {
            let host = &rig.host;
            step.ram +=
                (block.dense_host.0 as f64 + cache) / (rules.offload.eta_dense * host.bandwidth_gbs * 1e9);
            step.ram += experts / (eta_experts(host) * host.bandwidth_gbs * 1e9);
            step.host_bytes += block.dense_host.0 as f64 + experts;
            step.overhead += rules.offload.hop_us * 1e-6;
            continue;
        };
        let efficiency = &efficiencies[device];
        device_used[device] = true;
        let bytes_factor = if moe { efficiency.moe_bytes } else { 1.0 };
        let mut bytes = block.dense_host.0 as f64;
        if index < split.cpu_moe && experts > 0.0 {
            step.ram += experts / (eta_experts(&rig.host) * rig.host.bandwidth_gbs * 1e9);
            step.host_bytes += experts;
            step.overhead += rules.offload.hop_us * 1e-6;
        } else {
            bytes += experts;
        }
        step.gpu_memory += bytes * bytes_factor / efficiency.weights + cache / efficiency.cache;
        step.overhead += efficiency.layer_s * if moe { rules.moe_layer } else { 1.0 };
    }
    let output = load.layout.output_read.0 as f64;
    if let Some(device) = split.device_of(load.blocks()) {
        device_used[device] = true;
        let factor = if moe { efficiencies[device].moe_bytes } else { 1.0 };
        step.gpu_memory += output * factor / efficiencies[device].weights;
    }
    let boundaries = device_used.iter().filter(|used| **used).count().saturating_sub(1);
    step.overhead += boundaries as f64 * rules.device_boundary_us * 1e-6;
    let evidence = if let Some(evidence) = stream(cost, &mut step) {
        evidence
    } else if split.uses_host() {
        Evidence::Hybrid
    } else if efficiencies.iter().all(|e| e.known_architecture) {
        Evidence::SameArchitecture
    } else {
        Evidence::Vendor
    };
    Ok((step, evidence))
}

/// Adds the time to read what main memory does not hold.
fn stream(cost: &TokenCost<'_>, step: &mut Step) -> Option<Evidence> {
    (cost.streamed > 0.0).then(|| {
        step.disk = step.host_bytes * cost.streamed / (rules::speed().disk.gbs * 1e9);
        Evidence::Disk
    })
}

fn cpu_step(
    cost: &TokenCost<'_>,
    load: &Load<'_>,
    host: &Host,
    scenario: &Scenario,
    experts_read: f64,
    step: &mut Step,
) {
    let rule = &rules::speed().cpu;
    let requests = f64::from(scenario.concurrency.max(1));
    let mut bytes = load.layout.output_read.0 as f64;
    for (index, block) in load.layout.blocks.iter().enumerate() {
        bytes += block.dense_host.0 as f64
            + block.experts_host.0 as f64 * experts_read
            + read_cache(cost, scenario, index) * requests;
        step.overhead += rule.layer_us * 1e-6;
    }
    step.host_bytes = bytes;
    step.ram = bytes / (rule.eta * host.bandwidth_gbs * 1e9);
}

/// Bytes of cache and state that one request reads in block `index` at the scenario's depth.
fn read_cache(cost: &TokenCost<'_>, scenario: &Scenario, index: usize) -> f64 {
    let state = cost.state.get(index).map_or(0.0, |state| 2.0 * state.0 as f64);
    let Some(Some(row)) = cost.rows.get(index) else { return state };
    let latent = if row.v == 0 { rules::speed().mla_cache.factor } else { 1.0 };
    let loops = f64::from(cost.model.num_loops);
    state + row.read(u64::from(scenario.depth), scenario.cache_k, scenario.cache_v) * latent * loops
}

/// Share of a layer's routed experts that `requests` independent tokens touch.
///
/// `U(B)/E = 1 − (1 − k/E)^B` (expected number of distinct experts).
fn experts_read(model: &Model, requests: f64) -> f64 {
    model.moe.as_ref().map_or(0.0, |moe| {
        let share = f64::from(moe.n_expert_used) / f64::from(moe.n_expert.max(1));
        1.0 - (1.0 - share.min(1.0)).powf(requests)
    })
}

fn eta_experts(host: &Host) -> f64 {
    let rules = &rules::speed().offload.eta_experts;
    rules
        .iter()
        .find(|rule| host.bandwidth_gbs <= rule.up_to_gbs)
        .or(rules.last())
        .map_or(0.45, |rule| rule.eta)
}

fn efficiency(device: &Device, backend: BackendChoice, level: Level) -> Result<Efficiency, String> {
    let bandwidth = device
        .bandwidth_gbs
        .ok_or_else(|| format!("the memory bandwidth of {} is not known", device.name))?;
    let rules = rules::speed();
    let base = rules
        .backends
        .iter()
        .find(|rule| rule.vendor == device.vendor && rule.backend == backend)
        .ok_or_else(|| format!("no measurements of this backend on {} are known", device.name))?;
    let own = rules.architectures.iter().find(|rule| {
        rule.vendor == device.vendor
            && rule.backend == backend
            && Some(&rule.architecture) == device.architecture.as_ref()
            && (!rule.unified || device.unified)
    });
    let (eta, layer_us) = own.map_or((base.eta, base.layer_us), |rule| (rule.eta, rule.layer_us));
    Ok(Efficiency {
        weights: eta * format_factor(device.vendor, level) * bandwidth * 1e9,
        cache: base.cache_of_bandwidth.unwrap_or(eta * base.cache) * bandwidth * 1e9,
        layer_s: layer_us * 1e-6,
        moe_bytes: base.moe_bytes,
        known_architecture: own.is_some(),
    })
}

fn format_factor(vendor: Vendor, level: Level) -> f64 {
    let pick: fn(&FormatRule) -> f64 = match level {
        Level::Gguf(FileType::Q8_0) => |f| f.q8_0,
        Level::Gguf(FileType::F32 | FileType::F16 | FileType::Bf16) => |f| f.f16,
        Level::Gguf(FileType::Q4_0 | FileType::Q4_1 | FileType::Q5_0 | FileType::Q5_1 | FileType::Iq4Nl) => {
            |f| f.q4_0
        }
        Level::Gguf(FileType::Mxfp4Moe) | Level::Native | Level::Mxfp4 => |f| f.mxfp4,
        Level::Gguf(_) if level.bit_group() <= 3 => |f| f.low_bit,
        _ => |f| f.k_quants,
    };
    rules::speed().formats.iter().find(|rule| rule.vendor == vendor).map_or(1.0, pick)
}

/// Prompt tokens a second for the scenario's prompt on top of its depth.
fn prefill(
    cost: &TokenCost<'_>,
    load: &Load<'_>,
    split: &Split,
    scenario: &Scenario,
    rig: &Rig,
    warnings: &mut Vec<String>,
) -> Option<Range> {
    if split.first.is_none() {
        warnings.push("no prompt speed: prefill on the processor is not modelled yet".to_owned());
        return None;
    }
    if split.uses_host() {
        warnings.push("no prompt speed: prefill with weights in RAM is not modelled yet".to_owned());
        return None;
    }
    let rule = &rules::speed().prefill;
    let model = cost.model;
    let tokens = f64::from(scenario.prompt_tokens.max(1));
    // Devices work one after another on each batch: the time is the mean over devices by their share.
    let mut seconds_per_flop = 0.0;
    let blocks = load.blocks().max(1) as f64;
    for (index, device) in rig.devices.iter().enumerate() {
        let share = (0..load.blocks()).filter(|b| split.device_of(*b) == Some(index)).count() as f64 / blocks;
        if share == 0.0 {
            continue;
        }
        let mfu = rule.mfu.iter().find(|mfu| {
            mfu.vendor == device.vendor
                && mfu.backend == load.backend
                && Some(&mfu.architecture) == device.architecture.as_ref()
        });
        let (Some(mfu), Some(peak)) = (mfu, device.fp16_tflops) else {
            warnings.push(format!("no prompt speed: no measurement of prefill on {} is known", device.name));
            return None;
        };
        seconds_per_flop += share / (mfu.mfu * peak * 1e12);
    }
    let moe = if model.is_moe() { rule.moe } else { 1.0 };
    let short = 1.0 - (-tokens / rule.short_prompt_tokens).exp();
    let matrix = 2.0 * model.params_active.saturating_sub(model.params_breakdown.token_embd) as f64;
    let mean_depth = f64::from(scenario.depth) + tokens / 2.0;
    let attention: f64 = cost
        .rows
        .iter()
        .flatten()
        .map(|row| {
            let seen = row.window.map_or(mean_depth, |window| mean_depth.min(f64::from(window)));
            4.0 * f64::from(model.n_head.max()) * f64::from(model.head_dim_k) * seen
        })
        .sum();
    let seconds = (matrix / (moe * short) + attention) * seconds_per_flop;
    Some(range(1.0 / seconds, rules::speed().intervals.prefill))
}

fn spread(evidence: Evidence) -> Spread {
    let intervals = &rules::speed().intervals;
    match evidence {
        Evidence::SameArchitecture => intervals.same_architecture,
        Evidence::Vendor | Evidence::None => intervals.vendor,
        Evidence::Hybrid => intervals.hybrid,
        Evidence::CpuOnly => intervals.cpu_only,
        Evidence::Disk => intervals.disk,
    }
}

fn range(middle: f64, spread: Spread) -> Range {
    Range { p10: middle * (-Z80 * spread.below).exp(), p50: middle, p90: middle * (Z80 * spread.above).exp() }
}
