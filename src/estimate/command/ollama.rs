//! Ollama: variables of its server, a Modelfile, and the two commands that use it.

use crate::estimate::scenario::CacheType;
use crate::language::tr;
use crate::machine::Vendor;

use super::{Ask, Builder, quoted};

pub(super) fn ollama(ask: &Ask<'_>, builder: &mut Builder, notes: &mut Vec<String>) {
    let (scenario, placement) = (ask.scenario, &ask.plan.placement);
    builder.plain("# in one terminal; stop a server that runs already");
    builder.begin("ollama");
    builder.variable("OLLAMA_FLASH_ATTENTION", u8::from(scenario.flash_attention));
    builder.variable("OLLAMA_NUM_PARALLEL", ask.slots());
    if scenario.cache_k != CacheType::F16 {
        builder.variable("OLLAMA_KV_CACHE_TYPE", scenario.cache_k.name());
    }
    if let Some(devices) = ask.device_numbers() {
        let amd = ask.rig.devices.first().is_some_and(|device| device.vendor == Vendor::Amd);
        builder.variable(if amd { "ROCR_VISIBLE_DEVICES" } else { "CUDA_VISIBLE_DEVICES" }, devices);
    }
    builder.word("ollama serve");
    builder.plain("# in another");
    let mut file = vec![
        ("FROM", format!("./{}", ask.file())),
        ("PARAMETER num_ctx", ask.context_each().to_string()),
        ("PARAMETER num_gpu", placement.gpu_layers.to_string()),
    ];
    if scenario.physical_batch() != 512 {
        file.push(("PARAMETER num_batch", scenario.physical_batch().to_string()));
    }
    if ask.uses_mtp() {
        file.push(("PARAMETER draft_num_predict", "4".to_owned()));
    }
    builder.file("ollama", "Modelfile", &file);
    let name = quoted(&ask.name().to_lowercase());
    builder.command("ollama", &format!("ollama create {name}"));
    builder.flag("-f", "Modelfile");
    builder.command("ollama", &format!("ollama run {name}"));
    if placement.tensor_split.is_some() {
        notes.push(tr!("Ollama divides the layers among the GPUs itself").to_owned());
    }
    if scenario.swa_full {
        notes.push(tr!("Ollama cannot be told to keep the whole context in window layers").to_owned());
    }
    if ask.model.is_moe() && placement.gpu_layers <= ask.model.n_layer {
        notes.push(tr!("Ollama cannot keep experts alone in RAM: whole layers wait there").to_owned());
    }
    notes.push(tr!("The file stands under its usual name: put the path of yours").to_owned());
}
