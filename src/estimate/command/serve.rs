//! vLLM, `SGLang` and TensorRT-LLM: servers that load checkpoints onto cards.

use crate::estimate::plan::Serving;
use crate::estimate::scenario::CacheType;
use crate::language::tr;
use crate::machine::Vendor;

use super::{Ask, Builder};

/// Port that Ray's head listens on in its documentation.
const RAY_PORT: u32 = 6379;

pub(super) fn vllm(ask: &Ask<'_>, builder: &mut Builder, notes: &mut Vec<String>) {
    let serving = ask.plan.serving.as_ref();
    vllm_command(ask, builder, notes);
    parallel(serving, builder, ["--tensor-parallel-size", "--pipeline-parallel-size"]);
    if let Some(devices) = ask.device_numbers() {
        builder.flag("--device-ids", devices);
    }
    vllm_rest(ask, builder);
}

fn vllm_command(ask: &Ask<'_>, builder: &mut Builder, notes: &mut Vec<String>) {
    let checkpoint = ask.checkpoint(notes);
    builder.command("vllm", "vllm serve");
    builder.word(&checkpoint);
    builder.next_line();
    builder.flag("--max-model-len", ask.context_each());
    builder.flag("--max-num-seqs", ask.slots());
    builder.next_line();
    builder.flag("--max-num-batched-tokens", step(ask));
    if let Some(fraction) = fraction(ask) {
        builder.flag("--gpu-memory-utilization", fraction);
    }
    ask.note_long_context(tr!("vLLM refuses it unless VLLM_ALLOW_LONG_MAX_MODEL_LEN=1 is set"), notes);
    note_cache(ask, notes);
}

fn vllm_rest(ask: &Ask<'_>, builder: &mut Builder) {
    if ask.scenario.cache_k == CacheType::Fp8 {
        builder.flag("--kv-cache-dtype", "fp8");
    }
    if ask.uses_mtp() {
        builder.flag("--spec-method", "mtp");
        builder.flag("--spec-tokens", ask.model.mtp_layers);
    }
}

/// vLLM on several machines like this one.
pub(super) fn vllm_with_ray(ask: &Ask<'_>, builder: &mut Builder, notes: &mut Vec<String>) {
    builder.plain("# on the machine that leads");
    builder.command("ray", "ray start");
    builder.switch("--head");
    builder.flag("--port", RAY_PORT);
    builder.plain("# on each of the others");
    builder.command("ray", "ray start");
    builder.flag("--address", format!("MACHINE0:{RAY_PORT}"));
    builder.plain("# on the machine that leads");
    vllm_command(ask, builder, notes);
    parallel(ask.plan.serving.as_ref(), builder, ["--tensor-parallel-size", "--pipeline-parallel-size"]);
    builder.flag("--distributed-executor-backend", "ray");
    vllm_rest(ask, builder);
    notes.push(tr!(
        "Planned for {machines} machines like this one; put the address of the leading one for MACHINE0",
        machines = ask.machines
    ));
}

pub(super) fn sglang(ask: &Ask<'_>, builder: &mut Builder, notes: &mut Vec<String>) {
    let checkpoint = ask.checkpoint(notes);
    builder.begin("sglang");
    visible_devices(ask, builder);
    builder.word("python3");
    builder.flag("-m", "sglang.launch_server");
    builder.flag("--model-path", checkpoint);
    builder.next_line();
    builder.flag("--context-length", ask.context_each());
    builder.flag("--max-running-requests", ask.slots());
    builder.next_line();
    builder.flag("--chunked-prefill-size", step(ask));
    if let Some(fraction) = fraction(ask) {
        builder.flag("--mem-fraction-static", fraction);
    }
    parallel(ask.plan.serving.as_ref(), builder, ["--tp-size", "--pp-size"]);
    if ask.scenario.cache_k == CacheType::Fp8 {
        builder.flag("--kv-cache-dtype", "fp8_e4m3");
    }
    if ask.uses_mtp() {
        builder.flag("--speculative-algorithm", "NEXTN");
    }
    ask.note_long_context(
        tr!("SGLang refuses it unless SGLANG_ALLOW_OVERWRITE_LONGER_CONTEXT_LEN=1 is set"),
        notes,
    );
    note_cache(ask, notes);
}

pub(super) fn tensorrt(ask: &Ask<'_>, builder: &mut Builder, notes: &mut Vec<String>) {
    let checkpoint = ask.checkpoint(notes);
    let fp8 = ask.scenario.cache_k == CacheType::Fp8;
    if fp8 {
        // The file takes the place of what the options say of the cache.
        let mut file = vec![("kv_cache_config:", String::new()), ("  dtype:", "fp8".to_owned())];
        file.extend(fraction(ask).map(|fraction| ("  free_gpu_memory_fraction:", fraction.to_string())));
        builder.file("tensorrt-llm", "cache.yml", &file);
    }
    builder.begin("tensorrt-llm");
    visible_devices(ask, builder);
    builder.word("trtllm-serve");
    builder.word(&checkpoint);
    builder.next_line();
    builder.flag("--max_seq_len", ask.context_each());
    builder.flag("--max_batch_size", ask.slots());
    builder.next_line();
    builder.flag("--max_num_tokens", step(ask));
    if let Some(fraction) = fraction(ask) {
        builder.flag("--free_gpu_memory_fraction", fraction);
    }
    parallel(ask.plan.serving.as_ref(), builder, ["--tp_size", "--pp_size"]);
    if fp8 {
        builder.flag("--config", "cache.yml");
    }
    if ask.uses_mtp() {
        notes.push(
            tr!("MTP is set in a configuration file of TensorRT-LLM, which is not written here").to_owned(),
        );
    }
    note_cache(ask, notes);
}

/// How the cards share the layers, where there are several.
fn parallel(serving: Option<&Serving>, builder: &mut Builder, [tensor, pipeline]: [&str; 2]) {
    let Some(serving) = serving else { return };
    if serving.tensor > 1 {
        builder.flag(tensor, serving.tensor);
    }
    if serving.pipeline > 1 {
        builder.flag(pipeline, serving.pipeline);
    }
}

fn visible_devices(ask: &Ask<'_>, builder: &mut Builder) {
    if let Some(devices) = ask.device_numbers() {
        let amd = ask.rig.devices.first().is_some_and(|device| device.vendor == Vendor::Amd);
        builder.variable(if amd { "HIP_VISIBLE_DEVICES" } else { "CUDA_VISIBLE_DEVICES" }, devices);
    }
}

fn step(ask: &Ask<'_>) -> u32 {
    ask.plan.serving.as_ref().map_or(ask.scenario.batch, |serving| serving.prompt_step)
}

fn fraction(ask: &Ask<'_>) -> Option<f64> {
    ask.plan.serving.as_ref().and_then(|serving| serving.memory_fraction)
}

/// Says what the cache holds: the engine makes it as large as it can.
fn note_cache(ask: &Ask<'_>, notes: &mut Vec<String>) {
    if let Some(tokens) = ask.plan.serving.as_ref().and_then(|serving| serving.cache_tokens) {
        notes.push(tr!(
            "Its cache takes all that is left and holds about {tokens} tokens",
            tokens = crate::units::tokens_text(tokens)
        ));
    }
}
