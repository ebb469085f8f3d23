//! The verdict in words, and what a reader should know beside the numbers.

use crate::language::{localized, tr};
use crate::model::Model;
use crate::units::{Bytes, small_text, tokens_text};

use super::beside;
use super::plan::FitClass;
use super::quality;
use super::rig::{ASSUMED_RAM_GBS, Rig};
use super::rules;
use super::scenario::{Engine, Scenario};

/// What a verdict's sentence speaks of.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    /// Class.
    pub class: FitClass,
    /// To spare on the tightest device; negative: missing.
    pub margin_bytes: i64,
    /// GPUs.
    pub devices: usize,
    /// One pool for processor and GPU.
    pub unified: bool,
    /// Needed in main memory.
    pub host_need: Bytes,
    /// Free there.
    pub host_free: Bytes,
    /// Needed on all devices.
    pub device_need: Bytes,
    /// Free there.
    pub device_free: Bytes,
    /// Routed experts that wait in main memory although their block is on a device.
    pub experts_on_host: Bytes,
    /// Whole blocks in main memory.
    pub host_blocks: usize,
    /// All blocks.
    pub blocks: usize,
}

/// One sentence for a person: what happens, and the figure that decides it.
pub fn sentence(model: &Model, facts: &Facts) -> String {
    let gpus = match (facts.unified, facts.devices) {
        (true, _) => tr!("in the shared memory"),
        (false, 1) => tr!("on the GPU"),
        (false, _) => tr!("on the GPUs"),
    };
    let margin = Bytes(facts.margin_bytes.unsigned_abs());
    match facts.class {
        FitClass::Fits => tr!("Runs fully {gpus} with {margin} to spare.", gpus, margin),
        FitClass::Tight => {
            tr!("Runs fully {gpus}, but only {margin} is to spare.", gpus, margin = small_text(margin))
        }
        FitClass::Offload if facts.host_blocks == 0 => {
            tr!(
                "{experts_on_host} of its experts wait in RAM; everything else runs {gpus}.",
                experts_on_host = facts.experts_on_host,
                gpus
            )
        }
        FitClass::Offload if facts.experts_on_host == Bytes::ZERO && !model.is_moe() => {
            tr!(
                "{host_blocks} of {blocks} layers run from RAM; the rest is {gpus}.",
                host_blocks = facts.host_blocks,
                blocks = facts.blocks,
                gpus
            )
        }
        FitClass::Offload => tr!(
            "{host_blocks} of {blocks} layers and the experts of the others run from RAM; the rest is {gpus}.",
            host_blocks = facts.host_blocks,
            blocks = facts.blocks,
            gpus
        ),
        FitClass::Cpu => {
            let because = match facts.devices {
                0 => tr!("Runs on the processor"),
                _ => tr!("Runs on the processor alone"),
            };
            tr!("{because} with {margin} of RAM to spare.", because, margin)
        }
        FitClass::Disk => tr!(
            "{host_free} does not fit in memory and would be read from disk for every token.",
            host_free = facts.host_need - facts.host_free
        ),
        FitClass::TooBig => {
            if facts.device_need > facts.device_free && facts.host_need <= facts.host_free {
                tr!("Too big as placed: {margin} more than is free {gpus}.", margin, gpus)
            } else {
                tr!(
                    "Too big: needs {device_need} and {device_free} is free.",
                    device_need = facts.host_need + facts.device_need,
                    device_free =
                        if facts.unified { facts.host_free } else { facts.host_free + facts.device_free }
                )
            }
        }
    }
}

/// How the warning of a quantized cache begins, for those who say it elsewhere.
pub fn cache_quality() -> &'static str {
    tr!("cache quality: ")
}

/// Adds what the scenario and the machine leave open.
pub fn warn(model: &Model, scenario: &Scenario, rig: &Rig, warnings: &mut Vec<String>) {
    if let Some(trained) = model.context_max.filter(|trained| scenario.context > *trained) {
        warnings.push(tr!(
            "context {context} is beyond the {trained} that the model was trained for",
            context = tokens_text(u64::from(scenario.context)),
            trained = tokens_text(u64::from(trained))
        ));
    }
    if scenario.depth > scenario.context {
        warnings.push(tr!("depth {depth} does not fit the context of {context}: the speed is that of a cache which holds it", depth = tokens_text(u64::from(scenario.depth)), context = tokens_text(u64::from(scenario.context))));
    }
    let devices = scenario.placement.devices.as_ref().map_or(rig.devices.len(), Vec::len);
    let shares = scenario.placement.tensor_split.as_ref().map(Vec::len);
    if let Some(shares) = shares.filter(|shares| *shares != devices && !rig.devices.is_empty()) {
        warnings.push(tr!(
            "tensor_split has {shares} shares for {devices} devices: a device without one gets nothing, a \
             share too many does not count",
            shares,
            devices
        ));
    }
    let missing = scenario.placement.devices.iter().flatten().filter(|place| **place >= rig.devices.len());
    if missing.count() > 0 && !rig.devices.is_empty() {
        warnings.push(tr!(
            "placement.devices names devices that are not there: the machine has {devices}, counted from 0",
            devices = rig.devices.len()
        ));
    }
    if rig.host.sockets > 1 {
        warnings.push(format!(
            "RAM counts with the bandwidth of one of {} sockets; pages spread over all of them (numactl \
             --interleave=all) may nearly double it",
            rig.host.sockets
        ));
    }
    if scenario.engine == Engine::Ollama {
        warnings.push(
            tr!(
                "memory and speed are those of llama.cpp, which Ollama runs on; 1 GiB of each card stays free"
            )
            .to_owned(),
        );
    }
    if scenario.mtp {
        warnings.push(if model.mtp_layers == 0 {
            tr!("this model has no MTP layers").to_owned()
        } else {
            tr!("MTP layers and their own context are counted; what guessing ahead gains is not in the speed")
                .to_owned()
        });
    }
    if let Some(draft) = &scenario.draft {
        warnings.push(if scenario.engine.is_ggml() {
            tr!("draft: the memory of {model} at {level} is counted; what guessing ahead gains is not in the speed", model = draft.model, level = draft.level)
        } else {
            tr!("draft: {model} is not counted with this engine", model = draft.model)
        });
    }
    if scenario.projector {
        warnings.push(match beside::vision_params(model) {
            Some(_) => {
                tr!("the projector is counted as a 16-bit file with its usual workspace: a rough figure")
                    .to_owned()
            }
            None => tr!("no projector is counted: the model has none, or its size is not known").to_owned(),
        });
    }
    if let Some(loss) = quality::cache_loss(model, scenario) {
        warnings.push(format!("{}{}", cache_quality(), loss.statement));
    }
    if rig.host.bandwidth_is_assumed {
        warnings.push(tr!(
            "RAM bandwidth is assumed: two channels of DDR5-5600 ({bandwidth} GB/s)",
            bandwidth = localized(ASSUMED_RAM_GBS.to_string())
        ));
    }
    warnings.extend(rig.unused.iter().map(|gpu| tr!("not used: {gpu}", gpu)));
    // They speak of llama.cpp's graphs.
    let is_rough =
        |rule: &&rules::RoughRule| scenario.engine.is_ggml() && rule.architectures.contains(&model.arch);
    let rough = rules::memory().rough.iter().filter(is_rough);
    warnings.extend(rough.map(|rule| rule.warning.clone()));
}
