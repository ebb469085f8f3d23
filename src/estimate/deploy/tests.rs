use super::*;
use crate::estimate::several::{Demand, Network, Service, level_for};
use crate::estimate::{Estimator, Rig, Scenario};
use crate::machine::spec::{GpuSpec, MachineSpec};
use crate::model::Catalog;

fn made(gpu: &str, model: &str, level: &str, engine: Engine, form: Form) -> Result<Deployment, String> {
    let spec = MachineSpec { gpus: vec![GpuSpec::named(gpu)], ram_gib: Some(64.0), ..MachineSpec::default() };
    let rig = Rig::from(&spec.resolve().unwrap().machine);
    let catalog = Catalog::embedded();
    let model = catalog.get(catalog.find(model).unwrap());
    let level = level_for(engine, level.parse().unwrap());
    let base = Scenario { engine, ..Scenario::default() };
    let demand = Demand { arrivals_per_minute: 300.0, wait_s: 20.0, ..Demand::default() };
    let service = Service {
        estimator: Estimator::embedded(),
        model,
        level,
        base: &base,
        one: &rig,
        demand: &demand,
        network: &Network::default(),
    };
    let answer = service.answer(&|| false).unwrap();
    deployment(model, level, &answer.offers[0], form)
}

#[test]
fn numbers_in_files_are_those_of_the_plan() {
    let made = made("RTX 4090", "Qwen/Qwen3-8B", "Q4_K_M", Engine::LlamaCpp, Form::Compose).unwrap();
    let server = &made.files[0];
    assert_eq!(server.name, "server.compose.yaml");
    for words in ["/models/Qwen3-8B-Q4_K_M.gguf", "ghcr.io/ggml-org/llama.cpp:server-cuda", "\"0.0.0.0\""] {
        assert!(server.text.contains(words), "{words} in {}", server.text);
    }
    let balancer = made.files.iter().find(|file| file.kind == Kind::Nginx).unwrap();
    assert!(
        balancer.text.contains("server MACHINE1:8080;") && balancer.text.contains("server MACHINE2:8080;")
    );
}

#[test]
fn what_containers_cannot_do_is_said() {
    let refused = |gpu: &str, form| made(gpu, "Qwen/Qwen3-4B", "Q4_K_M", Engine::LlamaCpp, form).unwrap_err();
    assert_eq!(refused("Apple M3 Max (40-core GPU)", Form::Compose), "Containers cannot use an Apple GPU.");
    assert!(refused("Arc B580", Form::Kubernetes).contains("Intel"));
    let vllm = made("Radeon RX 7900 XTX", "Qwen/Qwen3-4B", "NATIVE", Engine::Vllm, Form::Compose);
    assert!(vllm.unwrap_err().starts_with("No image of ray"));
}

#[test]
fn names_are_what_kubernetes_takes() {
    let made = made("RTX 4090", "Qwen/Qwen3-8B", "Q4_K_M", Engine::LlamaCpp, Form::Kubernetes).unwrap();
    assert!(made.files[0].text.contains("  name: qwen3-8b\n"));
}
