//! The command that runs a plan.

use crate::model::Model;
use crate::quant::Level;

use super::plan::Plan;
use super::scenario::{BackendChoice, CacheType, Engine, Scenario};

/// The command line that reproduces `plan`: every option that its numbers rest on is written out.
///
/// The file stands under its usual name; where it can be downloaded is not known here. Lines after the
/// first are indented by two spaces and joined by a backslash.
pub fn launch(model: &Model, level: Level, scenario: &Scenario, plan: &Plan) -> String {
    let file = format!("{}-{level}.gguf", model.display_name.replace(' ', "-"));
    let lines = match scenario.engine {
        Engine::Ollama => ollama(model, &file, scenario, plan),
        _ => server(&file, scenario, plan),
    };
    lines.join(" \\\n  ")
}

fn server(file: &str, scenario: &Scenario, plan: &Plan) -> Vec<String> {
    let placement = &plan.placement;
    let mut lines = vec![format!("llama-server -m {file}")];
    lines.push(format!(
        "-c {} -np {} -ngl {}",
        scenario.context,
        scenario.parallel.max(1),
        placement.gpu_layers
    ));
    let mut placed = Vec::new();
    if placement.cpu_moe_layers > 0 {
        placed.push(format!("--n-cpu-moe {}", placement.cpu_moe_layers));
    }
    if let Some(split) = &placement.tensor_split {
        let shares: Vec<String> = split.iter().map(f64::to_string).collect();
        placed.push(format!("-ts {}", shares.join(",")));
    }
    if !placed.is_empty() {
        lines.push(placed.join(" "));
    }
    let mut rest = vec![format!("-fa {}", if scenario.flash_attention { "on" } else { "off" })];
    if (scenario.cache_k, scenario.cache_v) != (CacheType::F16, CacheType::F16) {
        rest.push(format!("-ctk {} -ctv {}", scenario.cache_k.name(), scenario.cache_v.name()));
    }
    if scenario.ubatch != 512 {
        rest.push(format!("-ub {}", scenario.ubatch));
    }
    if scenario.batch != 2048 {
        rest.push(format!("-b {}", scenario.batch));
    }
    if scenario.parallel > 1 {
        rest.push(if scenario.unified_kv { "-kvu".to_owned() } else { "-no-kvu".to_owned() });
    }
    if scenario.swa_full {
        rest.push("--swa-full".to_owned());
    }
    if scenario.backend == BackendChoice::Cpu {
        // Without layers a GPU would still compute long prompts.
        rest.push("-dev none".to_owned());
    }
    lines.push(rest.join(" "));
    lines
}

/// Ollama runs a file through a Modelfile; it has no option for experts in RAM or for a split.
fn ollama(model: &Model, file: &str, scenario: &Scenario, plan: &Plan) -> Vec<String> {
    let name = model.display_name.to_lowercase().replace(' ', "-");
    vec![
        format!(
            "printf 'FROM ./{file}\\nPARAMETER num_ctx {}\\nPARAMETER num_gpu {}\\n' > Modelfile &&",
            scenario.context, plan.placement.gpu_layers
        ),
        format!("ollama create {name} -f Modelfile &&"),
        format!("ollama run {name}"),
    ]
}
