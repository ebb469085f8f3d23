//! vLLM, which Ray Serve starts on machines that have joined, and shares requests among.

use super::arguments::{self, Argument, key};
use super::containers;
use super::yaml::Node;
use super::{Deployment, File, Form, Kind, Stack, Subject};
use crate::estimate::command::Program;
use crate::language::tr;

/// Port that Ray's head listens on in its documentation.
const RAY_PORT: u32 = 6379;
/// Port that Ray Serve listens on in its documentation.
const PORT: u32 = 8000;
/// The image's own folder for what comes from the hub.
const CACHE: &str = "/home/ray/.cache/huggingface";

pub(super) fn files(subject: &Subject<'_>, form: Form) -> Result<Deployment, String> {
    let image = containers::image(subject, "ray")?;
    let serve = serve(subject);
    let machines = subject.offer.machines();
    let mut notes = vec![
        tr!("Ray Serve's image may hold an older vLLM than the one that the options were read from.")
            .to_owned(),
    ];
    let words = arguments::of(subject, Program::Vllm, "vllm serve");
    let model = arguments::model(&words).unwrap_or_default();
    if let Some(folder) = model.strip_prefix(arguments::MODELS) {
        notes.push(tr!(
            "A checkpoint of this quantization must be there on each machine as {place}.",
            place = format!("{}{folder}", containers::FOLDER)
        ));
    }
    if subject.ask.scenario.mtp {
        notes.push(tr!("Guessing ahead is left out: Ray's image may not know the option.").to_owned());
    }
    let (files, steps) = match form {
        Form::Compose => (compose(subject, image, &serve), steps(machines)),
        Form::Kubernetes => (
            vec![kubernetes(subject, image, &serve)],
            vec![tr!(
                "with KubeRay's operator in the cluster: {command}",
                command = "kubectl apply -f rayservice.yaml"
            )],
        ),
    };
    Ok(Deployment { stack: Stack::VllmRay, form, files, steps, notes })
}

/// What starts it with Compose.
fn steps(machines: u32) -> Vec<String> {
    let others = (machines > 1).then(|| {
        let command = "docker compose -f worker.compose.yaml up -d";
        tr!("on the {others} others: {command}", others = machines - 1, command)
    });
    let first = |command: &str| tr!("on the first machine: {command}", command);
    std::iter::once(first("docker compose -f head.compose.yaml up -d"))
        .chain(others)
        .chain([first("docker compose -f head.compose.yaml exec ray serve deploy /serve.yaml")])
        .collect()
}

/// What Ray Serve serves.
fn serve(subject: &Subject<'_>) -> Node {
    let words = arguments::of(subject, Program::Vllm, "vllm serve");
    let model = arguments::model(&words).unwrap_or_default();
    let loading = Node::Map(vec![key("model_id", subject.name().into()), key("model_source", model.into())]);
    let replicas = subject.offer.replicas;
    let scaling = Node::Map(vec![key("min_replicas", replicas.into()), key("max_replicas", replicas.into())]);
    let config = Node::Map(vec![
        key("model_loading_config", loading),
        key("engine_kwargs", engine(&words)),
        key("deployment_config", Node::Map(vec![key("autoscaling_config", scaling)])),
    ]);
    let application = Node::Map(vec![
        key("name", subject.name().into()),
        key("route_prefix", "/".into()),
        key("import_path", Node::from("ray.serve.llm:build_openai_app")),
        key("args", Node::Map(vec![key("llm_configs", Node::List(vec![config]))])),
    ]);
    let http = Node::Map(vec![key("host", "0.0.0.0".into()), key("port", PORT.into())]);
    Node::Map(vec![
        key("proxy_location", "EveryNode".into()),
        key("http_options", http),
        key("applications", Node::List(vec![application])),
    ])
}

/// vLLM's options as Python names them. What starts the workers is Ray's to say.
fn engine(words: &[Argument]) -> Node {
    let mut entries = Vec::new();
    for argument in words {
        let (Some(option), [flag, values @ ..]) = (argument.option, argument.words.as_slice()) else {
            continue;
        };
        let others = ["--device-ids", "--distributed-executor-backend", "--spec-method", "--spec-tokens"];
        if others.contains(&flag.as_str()) {
            continue;
        }
        let name = flag.trim_start_matches('-').replace('-', "_");
        let value = match values.first() {
            None => Node::Truth(true),
            Some(value) => match (value.parse::<u64>(), value.parse::<f64>()) {
                (Ok(number), _) => Node::Number(number),
                (_, Ok(number)) => Node::Decimal(number),
                _ => value.as_str().into(),
            },
        };
        entries.push((name, value.said(option.means.clone())));
    }
    Node::Map(entries)
}

fn start(words: &[Argument]) -> Node {
    let mut all = vec![Argument { words: vec!["ray".to_owned(), "start".to_owned()], option: None }];
    all.extend_from_slice(words);
    arguments::list(&all)
}

fn own(flag: &str, value: Option<String>) -> Argument {
    Argument::own("ray", flag, value)
}

fn compose(subject: &Subject<'_>, image: &str, serve: &Node) -> Vec<File> {
    let gpus = own("--num-gpus", Some(subject.cards().to_string()));
    let service = |command: Node, more: Option<String>| {
        let volumes = match (containers::volumes(CACHE), more) {
            (Node::List(mut all), Some(more)) => {
                all.push(more.into());
                Node::List(all)
            }
            (volumes, _) => volumes,
        };
        let service = Node::map([
            ("image", image.into()),
            ("restart", "unless-stopped".into()),
            ("network_mode", Node::from("host").said("Ray uses many ports")),
            ("ipc", Node::from("host").said("Cards of one machine talk through shared memory")),
            ("volumes", volumes),
            ("command", command),
        ]);
        Node::map([("services", Node::map([("ray", containers::with_gpus(service, subject))]))])
    };
    let head = start(&[
        own("--head", None),
        own("--port", Some(RAY_PORT.to_string())),
        gpus.clone(),
        own("--block", None),
    ]);
    let worker = start(&[own("--address", Some(format!("MACHINE1:{RAY_PORT}"))), gpus, own("--block", None)]);
    let file = |name: &str, kind, node: &Node, what: &str| File {
        name: name.to_owned(),
        kind,
        text: node.document(&subject.remarks(what)),
    };
    let mut files = vec![
        file(
            "head.compose.yaml",
            Kind::Compose,
            &service(head, Some("./serve.yaml:/serve.yaml:ro".to_owned())),
            "on the first machine",
        ),
        file("serve.yaml", Kind::RayServe, serve, "what Ray Serve serves"),
    ];
    if subject.offer.machines() > 1 {
        files.push(file(
            "worker.compose.yaml",
            Kind::Compose,
            &service(worker, None),
            "on each of the others; put the first one's address",
        ));
    }
    files
}

fn kubernetes(subject: &Subject<'_>, image: &str, serve: &Node) -> File {
    let (mounts, volumes) = containers::mounts(CACHE);
    let mut worker =
        Node::map([("name", "ray-worker".into()), ("image", image.into()), ("volumeMounts", mounts)]);
    if let Some(resources) = containers::resources(subject) {
        worker = worker.with("resources", resources);
    }
    let template = |container: Node, volumes: Option<Node>| {
        let pod = Node::map([("containers", Node::List(vec![container]))]);
        Node::map([(
            "spec",
            match volumes {
                Some(volumes) => pod.with("volumes", volumes),
                None => pod,
            },
        )])
    };
    let head = Node::map([
        ("name", "ray-head".into()),
        ("image", image.into()),
        ("ports", Node::List(vec![Node::map([("name", "serve".into()), ("containerPort", PORT.into())])])),
    ]);
    let gpuless = Node::map([("num-gpus", Node::Text("0".to_owned()))]);
    let machines = subject.offer.machines();
    let group = Node::map([
        ("groupName", "gpus".into()),
        ("replicas", machines.into()),
        ("minReplicas", machines.into()),
        ("maxReplicas", machines.into()),
        ("rayStartParams", Node::map([("num-gpus", Node::Text(subject.cards().to_string()))])),
        ("template", template(worker, Some(volumes))),
    ]);
    let cluster = Node::map([
        ("headGroupSpec", Node::map([("rayStartParams", gpuless), ("template", template(head, None))])),
        ("workerGroupSpecs", Node::List(vec![group])),
    ]);
    let spec =
        Node::map([("serveConfigV2", Node::Block(serve.document(&[]))), ("rayClusterConfig", cluster)]);
    let node = Node::map([
        ("apiVersion", "ray.io/v1".into()),
        ("kind", "RayService".into()),
        ("metadata", Node::map([("name", subject.name().into())])),
        ("spec", spec),
    ]);
    File {
        name: "rayservice.yaml".to_owned(),
        kind: Kind::Kubernetes,
        text: node.document(&subject.remarks("a head and a worker a machine")),
    }
}
