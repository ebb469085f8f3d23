//! Files of a deployment: read as YAML, held against the schemas of Compose, Kubernetes and `KubeRay`, and every
//! option of theirs looked up in the table of options. Nothing is run.

use std::collections::BTreeSet;

use plimsoll::estimate::command::options;
use plimsoll::estimate::deploy::{Deployment, Form, Kind, Stack, deployment};
use plimsoll::estimate::scenario::{CacheType, Engine};
use plimsoll::estimate::several::{Answer, Demand, Layout, Network, Service, level_for};
use plimsoll::estimate::{Estimator, Rig, Scenario, engine};
use plimsoll::machine::spec::{GpuSpec, MachineSpec};
use plimsoll::model::{Catalog, Model};
use serde_json::{Value, json};

use crate::schema;

fn rig(gpu: &str, count: u32) -> Rig {
    let gpus = vec![GpuSpec { count, ..GpuSpec::named(gpu) }];
    let spec = MachineSpec { gpus, ram_gib: Some(128.0), ..MachineSpec::default() };
    Rig::from(&spec.resolve().unwrap().machine)
}

fn model(name: &str) -> &'static Model {
    let catalog = Catalog::embedded();
    catalog.get(catalog.find(name).unwrap())
}

/// Deployments of many kinds: engines, layouts, cards, caches, forms.
fn all() -> Vec<(String, Deployment)> {
    let cases = [
        ("Qwen/Qwen3-8B", "Q4_K_M", "RTX 4090", 1),
        ("Qwen/Qwen3-8B", "Q8_0", "RTX 3060 12 GB", 2),
        ("Qwen/Qwen3-32B", "Q4_K_M", "RTX 3060 12 GB", 1),
        ("meta-llama/Llama-3.3-70B-Instruct", "FP8", "RTX 4090", 2),
        ("openai/gpt-oss-20b", "NATIVE", "RTX 4090", 1),
        ("Qwen/Qwen3-8B", "Q4_K_M", "Radeon RX 7900 XTX", 1),
        ("Qwen/Qwen3-8B", "Q4_K_M", "Arc B580", 1),
    ];
    let mut made = Vec::new();
    for (name, level, gpu, count) in cases {
        let one = rig(gpu, count);
        for engine in [Engine::LlamaCpp, Engine::Vllm, Engine::Sglang] {
            let cache = engine::nearest_cache(engine, CacheType::Q8_0);
            for cache in BTreeSet::from([cache.name(), "f16"]) {
                let types = engine::cache_types(engine);
                let cache = *types.iter().find(|known| known.name() == cache).unwrap();
                let base = Scenario { engine, cache_k: cache, cache_v: cache, ..Scenario::default() };
                let level = level_for(engine, level.parse().unwrap());
                for answer in answers(model(name), level, &base, &one) {
                    for offer in &answer.offers {
                        for form in Form::ALL {
                            let what = format!(
                                "{name} {level} on {count} {gpu} with {} {:?} {form:?}",
                                engine.name(),
                                offer.group.layout
                            );
                            if let Ok(files) = deployment(model(name), level, offer, form) {
                                made.push((what, files));
                            }
                        }
                    }
                }
            }
        }
    }
    made
}

fn answers(model: &Model, level: plimsoll::quant::Level, base: &Scenario, one: &Rig) -> Vec<Answer> {
    let demands = [
        Demand { arrivals_per_minute: 1.0, wait_s: 60.0, rate: 1.0, ..Demand::default() },
        Demand { arrivals_per_minute: 240.0, wait_s: 30.0, rate: 4.0, ..Demand::default() },
    ];
    demands
        .iter()
        .map(|demand| {
            let network = Network::default();
            let estimator = Estimator::embedded();
            let service = Service { estimator, model, level, base, one, demand, network: &network };
            service.answer(&|| false).unwrap()
        })
        .collect()
}

/// The schema of a file of this kind, by what it says of itself.
fn schema_of(document: &Value, kind: Kind) -> Option<Value> {
    let read = |text: &str| -> Value { serde_json::from_str(text).unwrap() };
    let kubernetes = || read(include_str!("../data/schemas/kubernetes.json"));
    match kind {
        Kind::Compose => Some(read(include_str!("../data/schemas/compose.json"))),
        Kind::Kubernetes => Some(match document["kind"].as_str().unwrap() {
            "RayService" => read(include_str!("../data/schemas/rayservice.json")),
            kind @ ("Deployment" | "StatefulSet") => {
                with_root(kubernetes(), &format!("io.k8s.api.apps.v1.{kind}"))
            }
            "Service" => with_root(kubernetes(), "io.k8s.api.core.v1.Service"),
            kind => panic!("no schema for {kind}"),
        }),
        Kind::RayServe | Kind::Nginx | Kind::Dockerfile => None,
    }
}

fn with_root(mut schema: Value, definition: &str) -> Value {
    schema["$ref"] = json!(format!("#/$defs/{definition}"));
    schema
}

fn check(schema: &Value, document: &Value, what: &str) {
    let errors = schema::errors(schema, document);
    assert!(errors.is_empty(), "{what}: {errors:#?}\n{document:#}");
}

fn documents(text: &str, what: &str) -> Vec<Value> {
    serde_saphyr::from_multiple(text).unwrap_or_else(|error| panic!("{what}: {error}\n{text}"))
}

#[test]
fn every_file_is_what_its_reader_takes() {
    let (mut kinds, mut stacks) = (BTreeSet::new(), BTreeSet::new());
    let mut checked = 0;
    for (what, deployment) in all() {
        stacks.insert((deployment.stack.title(), deployment.form.title()));
        for file in &deployment.files {
            if matches!(file.kind, Kind::Nginx | Kind::Dockerfile) {
                continue;
            }
            let what = format!("{what}: {}", file.name);
            for document in documents(&file.text, &what) {
                if let Some(schema) = schema_of(&document, file.kind) {
                    check(&schema, &document, &what);
                    checked += 1;
                }
                kinds.insert(document["kind"].as_str().unwrap_or("compose or serve").to_owned());
                for pod in pods(&document) {
                    let schema = include_str!("../data/schemas/kubernetes.json");
                    let schema = with_root(
                        serde_json::from_str(schema).unwrap(),
                        "io.k8s.api.core.v1.PodTemplateSpec",
                    );
                    check(&schema, &pod, &what);
                }
            }
        }
    }
    assert!(checked > 50, "{checked}");
    assert_eq!(stacks.len(), 8, "{stacks:?}");
    let expected = ["Deployment", "RayService", "Service", "StatefulSet", "compose or serve"];
    assert!(kinds.iter().eq(expected.iter()), "{kinds:?}");
}

/// Pods of a `RayService`, which its own schema leaves to Kubernetes.
fn pods(document: &Value) -> Vec<Value> {
    if document["kind"] != "RayService" {
        return Vec::new();
    }
    let cluster = &document["spec"]["rayClusterConfig"];
    let mut all = vec![cluster["headGroupSpec"]["template"].clone()];
    all.extend(cluster["workerGroupSpecs"].as_array().unwrap().iter().map(|group| group["template"].clone()));
    all
}

#[test]
fn a_wrong_file_is_told_from_a_right_one() {
    let is_valid = |schema: &Value, document: &Value| schema::errors(schema, document).is_empty();
    let compose: Value = serde_json::from_str(include_str!("../data/schemas/compose.json")).unwrap();
    assert!(is_valid(&compose, &json!({"services": {"a": {"image": "b"}}})));
    assert!(!is_valid(&compose, &json!({"services": {"a": {"imago": "b"}}})));
    let kubernetes: Value = serde_json::from_str(include_str!("../data/schemas/kubernetes.json")).unwrap();
    let service = with_root(kubernetes, "io.k8s.api.core.v1.Service");
    let right = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a"}, "spec": {"ports": [{"port": 80}]}});
    assert!(is_valid(&service, &right));
    let mut wrong = right;
    wrong["spec"]["prots"] = json!([]);
    assert!(!is_valid(&service, &wrong));
    let ray: Value = serde_json::from_str(include_str!("../data/schemas/rayservice.json")).unwrap();
    assert!(!is_valid(
        &ray,
        &json!({"apiVersion": "ray.io/v1", "kind": "RayService", "metadata": {"name": "a"}, "spec": {}})
    ));
}

/// Options that programs are given in a file, and those of the tables that they may be of.
fn options_in(file: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut take = |list: &Value| {
        let words = list.as_array().into_iter().flatten().filter_map(Value::as_str);
        found.extend(words.filter(|word| word.starts_with('-')).map(str::to_owned));
    };
    for service in file["services"].as_object().into_iter().flat_map(|all| all.values()) {
        take(&service["command"]);
    }
    let pod = &file["spec"]["template"]["spec"]["containers"];
    for container in pod.as_array().into_iter().flatten() {
        take(&container["args"]);
    }
    found
}

const fn tables(stack: Stack) -> &'static [&'static str] {
    match stack {
        Stack::LlamaServers => &["llama.cpp"],
        Stack::LlamaRpc => &["llama.cpp", "llama.cpp-rpc"],
        Stack::VllmRay => &["ray"],
        Stack::Sglang => &["sglang"],
    }
}

#[test]
fn every_option_is_in_the_table_and_every_one_of_a_deployment_is_used() {
    let mut used: BTreeSet<(String, String)> = BTreeSet::new();
    for (what, deployment) in all() {
        for file in &deployment.files {
            match file.kind {
                Kind::Compose | Kind::Kubernetes => {
                    for document in documents(&file.text, &what) {
                        for flag in options_in(&document) {
                            let table = tables(deployment.stack).iter().find(|table| {
                                options::of(table).is_some_and(|of| of.options.iter().any(|o| o.flag == flag))
                                    || options::of_deployment(table, &flag).is_some()
                            });
                            let table = table.unwrap_or_else(|| panic!("{flag} of {what} is in no table"));
                            used.insert(((*table).to_owned(), flag));
                        }
                        if document["kind"] == "RayService" {
                            let serve = document["spec"]["serveConfigV2"].as_str().unwrap();
                            serve_keys(&documents(serve, &what)[0], &mut used, &what);
                        }
                    }
                }
                Kind::RayServe => serve_keys(&documents(&file.text, &what)[0], &mut used, &what),
                Kind::Nginx => {
                    for line in file.text.lines().map(str::trim) {
                        let word = line.split([' ', ';']).next().unwrap_or_default();
                        if !word.is_empty() && !["#", "}"].contains(&word) {
                            assert!(options::of_deployment("nginx", word).is_some(), "{word} in {what}");
                            used.insert(("nginx".to_owned(), word.to_owned()));
                        }
                    }
                }
                Kind::Dockerfile => {
                    let cmake = file.text.split("cmake -").skip(1).collect::<Vec<_>>().join(" -");
                    for word in format!("-{cmake}").split_whitespace() {
                        if options::of_deployment("llama.cpp-build", word).is_some() {
                            used.insert(("llama.cpp-build".to_owned(), word.to_owned()));
                        }
                    }
                }
            }
        }
    }
    for table in &options::options().deployments {
        for option in &table.options {
            let is_used = used.contains(&(table.program.clone(), option.flag.clone()));
            assert!(is_used, "{} {} is never used", table.program, option.flag);
        }
    }
}

/// Keys of Ray Serve's file: its own, and below `engine_kwargs` options of vLLM with underscores.
fn serve_keys(node: &Value, used: &mut BTreeSet<(String, String)>, what: &str) {
    match node {
        Value::Object(entries) => {
            for (key, value) in entries {
                assert!(options::of_deployment("ray-serve", key).is_some(), "{key} in {what}");
                used.insert(("ray-serve".to_owned(), key.clone()));
                if key == "engine_kwargs" {
                    for name in value.as_object().unwrap().keys() {
                        let flag = format!("--{}", name.replace('_', "-"));
                        let vllm = options::of("vllm").unwrap();
                        assert!(vllm.options.iter().any(|option| option.flag == flag), "{flag} in {what}");
                    }
                } else {
                    serve_keys(value, used, what);
                }
            }
        }
        Value::Array(nodes) => nodes.iter().for_each(|node| serve_keys(node, used, what)),
        _ => {}
    }
}

#[test]
fn layouts_reach_the_files() {
    let one = rig("RTX 4090", 2);
    let base = Scenario { engine: Engine::Vllm, ..Scenario::default() };
    let model = model("meta-llama/Llama-3.3-70B-Instruct");
    let level = level_for(Engine::Vllm, "FP8".parse().unwrap());
    let answer = &answers(model, level, &base, &one)[0];
    let of = |layout| answer.offers.iter().find(|offer| offer.group.layout == layout).unwrap();
    let kwargs = |layout| {
        let made = deployment(model, level, of(layout), Form::Compose).unwrap();
        let serve = made.files.iter().find(|file| file.kind == Kind::RayServe).unwrap();
        let read: Value = documents(&serve.text, "serve")[0].clone();
        read["applications"][0]["args"]["llm_configs"][0]["engine_kwargs"].clone()
    };
    let tensor = kwargs(Layout::Tensor);
    assert_eq!(tensor["tensor_parallel_size"], json!(2 * of(Layout::Tensor).group.machines));
    let pipeline = kwargs(Layout::Pipeline);
    assert_eq!(pipeline["tensor_parallel_size"], json!(2));
    assert_eq!(pipeline["pipeline_parallel_size"], json!(of(Layout::Pipeline).group.machines));
}
