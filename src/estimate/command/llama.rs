//! llama.cpp's server, alone and with servers on other machines; and LM Studio, which runs the same engine.

use crate::estimate::beside::vision_params;
use crate::estimate::outcome::backend;
use crate::estimate::scenario::{BackendChoice, CacheType};
use crate::language::{fixed, tr};
use crate::quant::Level;

use super::builder::quoted;
use super::{Ask, Builder};

/// Port of `ggml-rpc-server` in its documentation.
const RPC_PORT: u32 = 50_052;

pub(super) fn server(ask: &Ask<'_>, builder: &mut Builder, notes: &mut Vec<String>) {
    builder.command("llama.cpp", "llama-server");
    builder.flag("-m", ask.gguf());
    context(ask, builder);
    placement(ask, builder, notes);
    rest(ask, builder);
    beside(ask, builder);
    note_file(ask, notes);
}

/// A draft model and a vision projector, on the first device that takes part.
fn beside(ask: &Ask<'_>, builder: &mut Builder) {
    if let Some(draft) = &ask.scenario.draft {
        let name = draft.model.rsplit('/').next().unwrap_or(&draft.model);
        builder.next_line();
        builder.flag("-md", quoted(&format!("{name}-{}.gguf", draft.level)));
        if ask.plan.placement.gpu_layers == 0 {
            builder.flag("-ngld", 0);
        } else {
            let first = ask.plan.placement.devices.as_ref().and_then(|devices| devices.first().copied());
            let prefix = device_prefix(backend(ask.scenario, ask.rig));
            builder.flag("-ngld", 999);
            builder.flag("-devd", format!("{prefix}{}", first.unwrap_or(0)));
        }
        builder.flag("--spec-draft-n-max", draft.tokens);
    }
    if ask.scenario.projector && vision_params(ask.model).is_some() {
        builder.next_line();
        builder.flag("--mmproj", quoted(&ask.file().replace(".gguf", "-mmproj.gguf")));
    }
}

/// Slots, context and what of the model is where.
fn context(ask: &Ask<'_>, builder: &mut Builder) {
    let (scenario, slots) = (ask.scenario, ask.slots());
    builder.next_line();
    builder.flag("-c", scenario.context);
    builder.flag("-np", slots);
    if slots > 1 {
        builder.switch(if scenario.unified_kv { "-kvu" } else { "-no-kvu" });
    }
}

/// How many layers and experts are on GPUs, and how these share them.
fn layers(ask: &Ask<'_>, builder: &mut Builder) {
    let placement = &ask.plan.placement;
    builder.flag("-ngl", placement.gpu_layers);
    if placement.cpu_moe_layers > 0 {
        builder.flag("--n-cpu-moe", placement.cpu_moe_layers);
    }
    if let Some(split) = &placement.tensor_split {
        let shares: Vec<String> = split.iter().map(f64::to_string).collect();
        builder.flag("-ts", shares.join(","));
    }
}

fn placement(ask: &Ask<'_>, builder: &mut Builder, notes: &mut Vec<String>) {
    layers(ask, builder);
    if ask.scenario.backend == BackendChoice::Cpu {
        // Without layers a GPU would still compute long prompts.
        builder.flag("-dev", "none");
    } else if let Some(devices) = &ask.plan.placement.devices {
        let prefix = device_prefix(backend(ask.scenario, ask.rig));
        let names: Vec<String> = devices.iter().map(|device| format!("{prefix}{device}")).collect();
        builder.flag("-dev", names.join(","));
        notes.push(tr!("Numbers of the GPUs are those of llama-server --list-devices").to_owned());
    }
}

/// What llama.cpp names the devices of a backend.
const fn device_prefix(backend: BackendChoice) -> &'static str {
    match backend {
        BackendChoice::Rocm => "ROCm",
        BackendChoice::Vulkan => "Vulkan",
        BackendChoice::Metal => "MTL",
        BackendChoice::Sycl => "SYCL",
        BackendChoice::Auto | BackendChoice::Cuda | BackendChoice::Cpu => "CUDA",
    }
}

fn rest(ask: &Ask<'_>, builder: &mut Builder) {
    let scenario = ask.scenario;
    builder.next_line();
    builder.flag("-fa", if scenario.flash_attention { "on" } else { "off" });
    if (scenario.cache_k, scenario.cache_v) != (CacheType::F16, CacheType::F16) {
        builder.flag("-ctk", scenario.cache_k.name());
        builder.flag("-ctv", scenario.cache_v.name());
    }
    builder.flag("-b", scenario.batch);
    builder.flag("-ub", scenario.ubatch);
    if scenario.swa_full {
        builder.switch("--swa-full");
    }
    if ask.uses_mtp() {
        builder.flag("--spec-type", "draft-mtp");
    }
    if ask.model.not_generating().is_some() {
        builder.switch("--embedding");
    }
    builder.flag("--fit", "off");
}

fn note_file(ask: &Ask<'_>, notes: &mut Vec<String>) {
    if ask.local_file().is_some() {
        return;
    }
    notes.push(if ask.level == Level::Native {
        tr!("The file is what llama.cpp's converter writes, under its usual name").to_owned()
    } else {
        tr!("The file stands under its usual name: put the path of yours").to_owned()
    });
}

/// The same on several machines: a server on each of the others, whose devices come first.
pub(super) fn rpc(ask: &Ask<'_>, builder: &mut Builder, notes: &mut Vec<String>) {
    let others = ask.machines.saturating_sub(1).max(1);
    builder.plain(if others == 1 { "# on the other machine" } else { "# on each of the other machines" });
    builder.command("llama.cpp-rpc", "ggml-rpc-server");
    builder.flag("-H", "0.0.0.0");
    builder.flag("-p", RPC_PORT);
    builder.switch("-c");
    builder.plain("# on this machine");
    builder.command("llama.cpp", "llama-server");
    builder.flag("-m", ask.gguf());
    let servers: Vec<String> = (1..=others).map(|number| format!("MACHINE{number}:{RPC_PORT}")).collect();
    builder.flag("--rpc", servers.join(","));
    context(ask, builder);
    layers(ask, builder);
    rest(ask, builder);
    let machines = ask.machines;
    notes.push(tr!(
        "Planned for {machines} machines like this one; put their addresses for MACHINE1 …",
        machines
    ));
    notes.push(tr!("Both programs need a build with GGML_RPC; the traffic is not protected").to_owned());
    note_file(ask, notes);
}

/// LM Studio: `lms` takes a share of the layers and a context; the rest is set in the app.
pub(super) fn lm_studio(ask: &Ask<'_>, builder: &mut Builder, notes: &mut Vec<String>) {
    let (scenario, placement) = (ask.scenario, &ask.plan.placement);
    builder.command("lm-studio", "lms import");
    builder.word(&ask.gguf());
    builder.command("lm-studio", "lms load");
    builder.word(&super::quoted(&ask.name().to_lowercase()));
    builder.flag("--context-length", scenario.context);
    builder.flag("--gpu", offload(placement.gpu_layers, ask.model.n_layer));
    builder.command("lm-studio", "lms server start");
    let mut in_app = Vec::new();
    if placement.cpu_moe_layers > 0 {
        in_app.push(tr!(
            "experts of {cpu_moe_layers} layers in RAM",
            cpu_moe_layers = placement.cpu_moe_layers
        ));
    }
    if placement.tensor_split.is_some() || placement.devices.is_some() {
        in_app.push(tr!("how the GPUs share the layers").to_owned());
    }
    if (scenario.cache_k, scenario.cache_v) != (CacheType::F16, CacheType::F16) {
        in_app.push(tr!(
            "a cache of {keys} and {values}",
            keys = scenario.cache_k.name(),
            values = scenario.cache_v.name()
        ));
    }
    if !scenario.flash_attention {
        in_app.push(tr!("flash attention off").to_owned());
    }
    if ask.slots() > 1 {
        in_app.push(tr!("{slots} requests at once", slots = ask.slots()));
    }
    if scenario.ubatch != 512 {
        in_app.push(tr!("a batch of {ubatch}", ubatch = scenario.ubatch));
    }
    if scenario.swa_full || ask.uses_mtp() {
        in_app.push(tr!("what llama.cpp's line has besides").to_owned());
    }
    if !in_app.is_empty() {
        notes
            .push(tr!("lms has no option for this; set it in the app: {in_app}", in_app = in_app.join(", ")));
    }
    notes.push(tr!("lms ls prints the name under which the model is loaded").to_owned());
}

/// LM Studio's share of layers on the GPU; llama.cpp counts the output layer too.
fn offload(gpu_layers: u32, blocks: u32) -> String {
    match gpu_layers {
        0 => "off".to_owned(),
        layers if layers > blocks => "max".to_owned(),
        layers => fixed(f64::from(layers) / f64::from(blocks.max(1)), 2),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_of_layers() {
        assert_eq!(offload(0, 40), "off");
        assert_eq!(offload(41, 40), "max");
        assert_eq!(offload(20, 40), "0.50");
    }
}
